#!/usr/bin/env bash
# Builds policy.wasm.
#
#   build.sh [output]
#
# Debian 12: apt-get install clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32 dpkg-dev
# cJSON comes as Debian's source package cjson, from the mirror that apt uses, or from a directory
# with cJSON.c and cJSON.h that CJSON names.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
output=$(realpath -m -- "${1:-$here/policy.wasm}")
work=$here/target
version=1.7.15

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Fetches and unpacks the source package, as any user: with lists of its own, beside apt's.
fetch_cjson() {
    local apt=$work/apt
    mkdir -p "$apt/lists/partial" "$apt/sources.list.d"
    sed -s 's/^Types:.*/Types: deb-src/' /etc/apt/sources.list.d/debian*.sources >"$apt/sources.list.d/source.sources" 2>/dev/null ||
        sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$apt/sources.list.d/source.list" ||
        return 1
    local options=(-q -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt" -o APT::Sandbox::User=
        -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$apt/sources.list.d")
    apt-get "${options[@]}" update >"$work/apt.log" 2>&1 || return 1
    (cd "$work" && apt-get "${options[@]}" source --download-only cjson >>"$work/apt.log" 2>&1) || return 1
    dpkg-source --no-check -x "$work"/cjson_"$version"-*.dsc "$work/cjson" >>"$work/apt.log" 2>&1
}

command -v clang-14 wasm-ld-14 >/dev/null && [ -d /usr/include/wasm32-wasi ] ||
    fail "A tool is missing: apt-get install clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32"

mkdir -p "$work"
cjson=${CJSON:-$work/cjson}
[ -f "$cjson/cJSON.c" ] || fetch_cjson ||
    fail "cJSON could not be fetched (see $work/apt.log): set CJSON to a directory with its source"

# A reactor has no main; the host calls its exports. 128 KiB of stack are plenty.
clang-14 --target=wasm32-wasi -mexec-model=reactor -std=c11 -O2 -flto -Wall -Wextra -Werror \
    -I "$cjson" "$here/policy.c" "$here/abi.c" "$cjson/cJSON.c" -o "$output" \
    -Wl,--strip-all -Wl,-z,stack-size=131072
chmod 644 "$output"
printf '%s: %s bytes\n' "$output" "$(wc -c <"$output")"
