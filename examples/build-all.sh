#!/usr/bin/env bash
# Builds every example that is written in a language of its own from its source.
#
#   build-all.sh                      anew, in place
#   build-all.sh --into DIRECTORY     elsewhere, and says which differ from the modules that are
#                                     committed
#   build-all.sh --check              the same into target/examples, and holds what came out to the
#                                     contract: the Maven profile "examples"
#
# Other bytes are no error: another version of a compiler makes them. What has to be the same is what
# the modules decide.
set -euo pipefail

examples=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
into=
case "$#:${1:-}" in
    0:) ;;
    1:--check) cd "$examples/.." && exec ./mvnw -B -ntp test -Pexamples ;;
    2:--into) into=$(realpath -m -- "$2") ;;
    *)
        sed -n 's/^#   //p' "$0" >&2
        exit 2
        ;;
esac

failed=0
for module in {rust,go,c,assemblyscript,rust-policy}/policy.wasm minimal-wat/minimal.wasm; do
    directory=$examples/${module%/*}
    built=${into:-$examples}/$module
    mkdir -p "${built%/*}"
    arguments=("$built")
    [ "$module" != rust-policy/policy.wasm ] || arguments=("$directory" "$built")
    rm -f -- "${into:+$built}"
    if ! "$directory/build.sh" "${arguments[@]}"; then
        echo "${module%/*}: cannot be built" >&2
        failed=1
    elif [ -n "$into" ] && ! cmp -s "$examples/$module" "$built"; then
        echo "${module%/*}: other bytes than the committed module"
    fi
done
exit "$failed"
