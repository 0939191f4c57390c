#!/usr/bin/env bash
# Translates minimal.wat into minimal.wasm.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
if ! command -v wat2wasm >/dev/null; then
    echo "wat2wasm is missing: apt-get install wabt" >&2
    exit 1
fi
wat2wasm "$here/minimal.wat" -o "$here/minimal.wasm"
printf '%s: %s bytes\n' "$here/minimal.wasm" "$(wc -c <"$here/minimal.wasm")"
