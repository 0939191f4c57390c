#!/usr/bin/env bash
# Builds policy.wasm with Go 1.24 or newer; nothing else is needed.
#
#   build.sh [output]
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
output=$(realpath -m -- "${1:-$here/policy.wasm}")
command -v go >/dev/null || {
    echo "Go is missing: https://go.dev/dl, or Debian's golang-go (1.24 or newer)" >&2
    exit 1
}

# -s -w: no tables for debuggers; -trimpath: no paths of this machine, and so the same bytes again.
cd "$here"
GOOS=wasip1 GOARCH=wasm CGO_ENABLED=0 GOFLAGS= \
    go build -buildmode=c-shared -buildvcs=false -trimpath -ldflags='-s -w' -o "$output" .
chmod 644 "$output"
printf '%s: %s bytes\n' "$output" "$(wc -c <"$output")"
