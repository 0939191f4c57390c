#!/usr/bin/env bash
# Builds the modules from their text. Needs wat2wasm (Debian: wabt).
set -euo pipefail
cd "$(dirname "$0")"
for wat in *.wat; do
  wat2wasm "$wat" -o "${wat%.wat}.wasm"
done
