#!/usr/bin/env bash
# Builds policy.wasm, with Node 20 or newer and the packages of package-lock.json.
#
#   build.sh [output]
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
output=$(realpath -m -- "${1:-$here/policy.wasm}")
command -v npm >/dev/null || {
    echo "npm is missing: apt-get install npm" >&2
    exit 1
}

cd "$here"
[ -d node_modules/json-as ] || npm ci --no-audit --no-fund >/dev/null
# --use abort: without it the module imports env.abort, which this agent offers and others do not.
npx --no-install asc index.ts --outFile "$output" -O3 --runtime incremental \
    --use abort=abort/onAbort --transform json-as/transform
chmod 644 "$output"
printf '%s: %s bytes\n' "$output" "$(wc -c <"$output")"
