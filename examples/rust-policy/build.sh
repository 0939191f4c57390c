#!/usr/bin/env bash
# Builds the module and puts the .wasm next to its source:
#
#   build.sh                         this crate, to policy.wasm
#   build.sh <crate> <name>.wasm     another crate whose library is called <name>
#
# Takes Debian's Rust with its packaged crates (no network), or else a rustup toolchain that has
# the target, with the crates from crates.io. The same toolchain always gives the same bytes:
# the versions are those of Cargo.lock, and no path of this machine gets into the module.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
crate=$(cd -- "${1:-$here}" && pwd -P)
output=${2:-$crate/policy.wasm}
target=wasm32-unknown-unknown
debian_crates=/usr/share/cargo/registry
crates=$crate/target/crates

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Can this rustc build for the target?
has_target() {
    local sysroot
    sysroot=$("$1" --print sysroot 2>/dev/null) && [ -d "$sysroot/lib/rustlib/$target/lib" ]
}

# "name version checksum" of every crate that Cargo.lock takes from a registry.
locked_crates() {
    awk -F'"' '/^name =/ {n = $2} /^version =/ {v = $2} /^checksum =/ {print n, v, $2}' "$crate/Cargo.lock"
}

# Copies the locked crates from Debian's packages; fails if there is one that is not packaged in
# just this version. Debian states no checksum for some crates, cargo wants the one of Cargo.lock.
copy_debian_crates() {
    local name version checksum copy
    mkdir -p "$crates"
    while read -r name version checksum; do
        [ -d "$debian_crates/$name-$version" ] || return 1
        copy=$crates/$name-$version
        [ -d "$copy" ] || cp -RL -- "$debian_crates/$name-$version" "$copy" || return 1
        printf '{"package":"%s","files":{}}' "$checksum" >"$copy/.cargo-checksum.json"
    done < <(locked_crates)
}

# The stack is a part of an instance's memory: 128 KiB instead of 1 MiB are plenty.
flags=(-C link-arg=-zstack-size=131072)
if [ -x /usr/bin/cargo ] && has_target /usr/bin/rustc; then
    cargo=/usr/bin/cargo rustc=/usr/bin/rustc
    # Debian's rustc asks for rust-lld, a link that leads nowhere until lld is installed.
    linker=
    for name in rust-lld wasm-ld wasm-ld-14; do
        if command -v "$name" >/dev/null; then
            linker=$name
            break
        fi
    done
    [ -n "$linker" ] || fail "The linker is missing: apt-get install lld"
    flags+=(-C "linker=$linker" -C linker-flavor=wasm-ld)
elif command -v cargo >/dev/null && has_target rustc; then
    cargo=cargo rustc=rustc
else
    fail "No Rust toolchain here builds for $target. Either of these gives you one:" \
        "  apt-get install rustc cargo libstd-rust-dev-wasm32 librust-serde-json-dev librust-serde-derive-dev lld" \
        "  rustup target add $target"
fi

options=(--release --locked --lib --target "$target" --target-dir "$crate/target" --manifest-path "$crate/Cargo.toml")
if copy_debian_crates; then
    options+=(--offline
        --config 'source.crates-io.replace-with="debian"'
        --config "source.debian.directory=\"$crates\"")
else
    echo "Debian's packages do not have all crates of Cargo.lock: taking them from crates.io." >&2
    echo "(Without a network, on Debian 12: apt-get install librust-serde-json-dev librust-serde-derive-dev)" >&2
fi

# Where the compiler finds sources, and what the module is to say instead. (The last match counts.
# The standard library: the name that Debian's compiler uses when its sources are not installed.)
sysroot=$("$rustc" --print sysroot)
release=$("$rustc" --version | awk '{print $2}')
flags+=("--remap-path-prefix=$crate=/module"
    "--remap-path-prefix=$crates=/crates"
    "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=/crates"
    "--remap-path-prefix=$sysroot/lib/rustlib/src/rust=/usr/src/rustc-$release")

# Joined with the unit separator: this way a flag may contain spaces.
RUSTC=$rustc CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f'; printf '%s' "${flags[*]}") "$cargo" build "${options[@]}"
install -m 644 -- "$crate/target/$target/release/$(basename -- "$output")" "$output"
printf '%s: %s bytes\n' "$output" "$(wc -c <"$output")"
