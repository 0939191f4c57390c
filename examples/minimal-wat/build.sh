#!/usr/bin/env bash
# Translates minimal.wat into minimal.wasm.
#
#   build.sh [output]
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
output=$(realpath -m -- "${1:-$here/minimal.wasm}")
if ! command -v wat2wasm >/dev/null; then
    echo "wat2wasm is missing: apt-get install wabt" >&2
    exit 1
fi
wat2wasm "$here/minimal.wat" -o "$output"
printf '%s: %s bytes\n' "$output" "$(wc -c <"$output")"
