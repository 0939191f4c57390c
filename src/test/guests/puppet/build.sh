#!/usr/bin/env bash
# Builds the puppet for the tests, with the script of the Rust example.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd -- "$here/../../../.." && pwd -P)
mkdir -p "$root/src/test/resources/guests"
exec "$root/examples/rust-policy/build.sh" "$here" "$root/src/test/resources/guests/puppet.wasm"
