#!/usr/bin/env bash
# The web page: types, lints, unit tests, build, sizes, and a browser against the real host. Ends with "page: P passed, F failed".
#   Tests/page.sh           all
#   Tests/page.sh NAME…     only these: types lint unit contract sizes browser
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0
failed=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

# part NAME COMMAND…: in frontend/. Counts the tests that the command says it ran, or itself as one.
part() {
    local name=$1 code=0 good bad
    shift
    [ ${#chosen[@]} = 0 ] || [[ " ${chosen[*]} " = *" $name "* ]] || return 0
    NO_COLOR=1 "$@" >"$output" 2>&1 || code=$?
    # vitest: "Tests  1 failed | 36 passed (37)"; Playwright: "1 failed", "16 passed (50.1s)".
    good=$(sed -nE 's/^ *(Tests .*[^0-9])?([0-9]+) passed.*/\2/p' "$output" | tail -1)
    bad=$(sed -nE 's/^ *(Tests +)?([0-9]+) (failed|did not run|interrupted|flaky).*/\2/p' "$output" | awk '{ s += $1 } END { print s + 0 }')
    if [ "$name" != unit ] && [ "$name" != browser ] || [ -z "$good$bad" ]; then
        good=$((code == 0))
        bad=$((code != 0))
    fi
    [ "$code" = 0 ] || [ "$bad" != 0 ] || bad=1
    passed=$((passed + ${good:-0}))
    failed=$((failed + bad))
    if [ "$code" = 0 ]; then echo "  ✔ $name (${good:-0})"; else echo "  ✘ $name"; cat "$output"; fi
    [ "$name" != sizes ] || [ "$code" != 0 ] || cat "$output"
    sed -nE 's/^.*figure: /    /p' "$output"
}

in_page() { scripts/page shell "$@"; }

# A field that the host calls otherwise breaks the page's types: the document is changed as a changed host would change it.
contract() {
    local folder
    folder=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$folder'" RETURN
    in_page node scripts/contract.ts "$folder"
}

chosen=("$@")
code=0
scripts/page || code=$?
case $code in
    0) ;;
    3) echo "page: 0 passed, 0 failed, absent: Node and its packages can't be had here, and nothing of the page was tried"; exit 0 ;;
    *) echo "page: 0 passed, 1 failed"; exit 1 ;;
esac
part types in_page npx tsc --noEmit
part lint in_page npm run --silent lint
part unit in_page npx vitest run
part contract contract
part sizes in_page node scripts/sizes.ts
part browser in_page npx playwright test
echo "page: $passed passed, $failed failed"
[ "$failed" = 0 ]
