#!/usr/bin/env bash
# Builds the guests, with the tools of the examples in the same languages.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd -- "$here/../../../.." && pwd -P)
guests=$root/src/test/resources/guests

clang-14 --target=wasm32-wasi -mexec-model=reactor -std=gnu11 -Os -flto -Wall -Wextra -Werror \
    "$here/c/misdeeds.c" -o "$guests/languages-c.wasm" -Wl,--strip-all -Wl,-z,stack-size=65536

assemblyscript=$root/examples/assemblyscript
[ -d "$assemblyscript/node_modules" ] || (cd "$assemblyscript" && npm ci --no-audit --no-fund >/dev/null)
"$assemblyscript/node_modules/.bin/asc" "$here/assemblyscript/misdeeds.ts" -O3 --runtime incremental \
    --outFile "$guests/languages-assemblyscript.wasm"

(cd "$here/go" && GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -buildvcs=false -trimpath \
    -ldflags='-s -w' -o "$guests/languages-go.wasm" .)
chmod 644 "$guests"/languages-*.wasm
ls -l "$guests"/languages-*.wasm
