#!/bin/sh
# Builds the modules that are written as text (Debian's wabt). The puppet has a build of its own.
set -eu
cd "$(dirname "$0")"
for source in *.wat; do
  wat2wasm --enable-multi-memory "$source" -o "${source%.wat}.wasm"
done
