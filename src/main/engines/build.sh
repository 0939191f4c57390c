#!/usr/bin/env bash
# Builds the engine modules from the sources that sources/Cargo.lock pins. The same tools give the
# same bytes; README.md names them.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "fetching the sources"
cargo vendor --locked --quiet --versioned-dirs --manifest-path sources/Cargo.toml "$work/crates" \
    > /dev/null
quickjs=$work/crates/rquickjs-sys-0.8.1/quickjs
lua=$work/crates/lua-src-547.0.0/lua-5.4.7

cc=(clang-14 --target=wasm32-wasi -std=gnu11 -DNDEBUG
    -mbulk-memory -mmutable-globals -mnontrapping-fptoint -msign-ext
    -ftls-model=local-exec -ffunction-sections -fdata-sections -fno-strict-aliasing -ffile-prefix-map="$work"=. -Ishared)

# compile OUT SOURCE FLAG...
compile() {
    local out=$1 source=$2
    shift 2
    "${cc[@]}" "$@" -c "$source" -o "$out/$(basename "$source" .c).o"
}

# link OUT MODULE STACK-BYTES
link() {
    clang-14 --target=wasm32-wasi -mexec-model=reactor "$1"/*.o -o "$2" \
        -Wl,--gc-sections -Wl,--strip-all -Wl,--stack-first -Wl,-z,stack-size="$3" -Wl,-O2
    chmod 644 "$2"
}

strict=(-Wall -Wextra -Werror)

echo "building quickjs/quickjs.wasm"
mkdir "$work/quickjs"
for change in quickjs/*.patch; do
    patch --quiet --directory="$quickjs" --strip=1 < "$change"
done
quickjs_flags=(-Oz -D_GNU_SOURCE -DEMSCRIPTEN -DFE_DOWNWARD=0 -DFE_UPWARD=0
    -include quickjs/platform.h -Iquickjs -I"$quickjs" -w)
for source in quickjs cutils libregexp libunicode libbf; do
    compile "$work/quickjs" "$quickjs/$source.c" "${quickjs_flags[@]}"
done
for source in engine decision memory; do
    compile "$work/quickjs" "quickjs/$source.c" -O2 "${strict[@]}" -isystem "$quickjs"
done
for source in text nofiles; do
    compile "$work/quickjs" "shared/$source.c" -O2 "${strict[@]}"
done
link "$work/quickjs" quickjs/quickjs.wasm $((512 * 1024))

echo "building lua/lua.wasm"
mkdir "$work/lua"
flags=(-O2 -Ilua/include -Ilua -include lua/platform.h)
# Endless recursion ends here rather than at the end of the memory: with a stack of 320 KB.
sed -i 's/^#define LUAI_MAXSTACK\t\t1000000$/#define LUAI_MAXSTACK 20000/' "$lua/luaconf.h"
grep -q '^#define LUAI_MAXSTACK 20000$' "$lua/luaconf.h"
# Neither files and the operating system nor the loader of precompiled chunks.
for source in lapi lcode lctype ldebug ldo ldump lfunc lgc llex lmem lobject lopcodes lparser lstate \
    lstring ltable ltm lvm lzio lauxlib lbaselib lcorolib lmathlib lstrlib ltablib lutf8lib; do
    compile "$work/lua" "$lua/$source.c" "${flags[@]}" -I"$lua" -w
done
for source in lua/library/*.lua; do
    printf 'static const char chunk_%s[] = {' "$(basename "$source" .lua)"
    od -An -v -tx1 "$source" | sed 's/ \(..\)/0x\1,/g'
    echo '};'
done > "$work/chunks.h"
for source in engine decision json_read library platform regex gzip; do
    compile "$work/lua" "lua/$source.c" "${flags[@]}" "${strict[@]}" -isystem "$lua" -I"$work" \
        -isystem "$quickjs"
done
# The regular expressions of the library "regex".
for source in cutils libregexp libunicode; do
    compile "$work/lua" "$quickjs/$source.c" "${quickjs_flags[@]}"
done
for source in text nofiles; do
    compile "$work/lua" "shared/$source.c" -O2 "${strict[@]}"
done
link "$work/lua" lua/lua.wasm $((512 * 1024))

sha256sum quickjs/quickjs.wasm lua/lua.wasm
