#!/bin/sh
# Builds every module here: wat2wasm (Debian's wabt) for each .wat, generate.py for the rest.
set -eu
cd "$(dirname "$0")"
for source in *.wat; do
  wat2wasm --enable-tail-call --enable-threads --enable-multi-memory --enable-memory64 \
    "$source" -o "${source%.wat}.wasm"
done
python3 generate.py
