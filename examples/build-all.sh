#!/usr/bin/env bash
# Builds every example that is written in a language of its own from its source.
#
#   build-all.sh                      anew, in place
#   build-all.sh --check [DIRECTORY]  elsewhere (target/examples), says which differ from the modules
#                                     that are committed, and runs the contract test on what came out
#
# Other bytes are no error: another version of a compiler makes them. What has to be the same is what
# the modules decide.
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
if [ "$check" = yes ] && [ "$failed" = 0 ]; then
    cd "$examples/.."
    ./mvnw -B -ntp -q test -Dtest=LanguagesTest -Dexamples.directory="$output"
    echo "All of them decide alike."
fi
exit "$failed"
