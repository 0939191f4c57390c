#!/usr/bin/env bash
# Builds every example that is written in a language of its own from its source.
#
#   build-all.sh            anew, in place
#   build-all.sh --check    elsewhere, and says which differ from the modules that are committed
#
# --check ends with 1 if one cannot be built. Other bytes are no error: other versions of a compiler
# make them. What has to be the same is what the modules decide, and LanguagesTest shows that:
set -euo pipefail

examples=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
languages=(rust go c assemblyscript)
check=no
output=
case ${1:-} in
    '') ;;
    --check) check=yes output=$(realpath -m -- "${2:-$examples/../target/examples}") ;;
    *)
        echo "usage: build-all.sh [--check [DIRECTORY]]" >&2
        exit 2
        ;;
esac

failed=0
for language in "${languages[@]}"; do
    module=$examples/$language/policy.wasm
    built=$module
    if [ "$check" = yes ]; then
        built=$output/$language/policy.wasm
        mkdir -p "$(dirname "$built")"
    fi
    if ! "$examples/$language/build.sh" "$built"; then
        echo "$language: cannot be built" >&2
        failed=1
    elif [ "$check" = yes ] && ! cmp -s "$module" "$built"; then
        echo "$language: other bytes than $module"
    fi
done
exit "$failed"
