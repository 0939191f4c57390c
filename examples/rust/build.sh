#!/usr/bin/env bash
# Builds policy.wasm, with the script of the larger Rust example.
#
#   build.sh [output]
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
output=$(realpath -m -- "${1:-$here/policy.wasm}")
exec "$here/../rust-policy/build.sh" "$here" "$output"
