#!/usr/bin/env bash
# What plugins.d/file-import.so and trainflow-runner show to the dynamic linker. Ends with "linkage: P passed, F failed".
set -uo pipefail
cd "$(dirname "$0")/.."
connector=${1:-plugins.d/file-import.so}
runner=.build/trainflow-runner
passed=0
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check WHAT WANTED GOT: passes where both are the same text.
check() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
        echo "  ok      $1"
    else
        failed=$((failed + 1))
        printf '  FAILED  %s\n    wanted: %s\n    got:    %s\n' "$1" "${2:-nothing}" "${3:-nothing}"
    fi
}

for file in "$connector" "$runner"; do
    [ -f "$file" ] || { echo "$file is missing: build first"; echo "linkage: 0 passed, 1 failed"; exit 1; }
done

check "one exported symbol" "tfc_plugin_v0" "$(nm -D --defined-only "$connector" | awk '{ print $NF }')"
check "no RUNPATH, no RPATH" "" "$(readelf -d "$connector" | grep -E 'RUNPATH|RPATH')"
check "no Foundation" "" "$(readelf -d "$connector" | grep NEEDED | grep -i foundation)"
check "no library that the compiler imports by itself" "" \
    "$(readelf -d "$connector" | grep NEEDED | grep -E 'StringProcessing|RegexParser|Concurrency|dispatch')"
check "no regular expressions of Swift's in the host" "" \
    "$(readelf -d .build/stage/bin/trainflow | grep NEEDED | grep -E 'StringProcessing|RegexParser')"
check "libraries are Swift's and the system's, expat and libzip only" "" \
    "$(readelf -d "$connector" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' |
        grep -vxE 'libswift[A-Za-z_]*\.so|lib(m|c)\.so\.6|libexpat\.so\.1|libzip\.so\.4|ld-linux-[a-z0-9-]*\.so\.[0-9]')"
check "bound at load, never unloaded" "NOW NODELETE" \
    "$(readelf -d "$connector" | sed -n 's/.*(FLAGS_1).*Flags: //p')"
check "relocations read-only, stack not executable" "GNU_RELRO RW" \
    "$(readelf -lW "$connector" | awk '$1 == "GNU_RELRO" { relro = $1 } $1 == "GNU_STACK" { stack = $7 } END { print relro, stack }')"

# The note's description, as the host reads it.
manifest() {
    objcopy --dump-section .note.trainflow="$work/note" "$1" "$work/copy" &&
        tail -c +25 "$work/note" | head -c "$(od -An -t u4 -j 4 -N 4 "$work/note" | tr -d ' ')"
}
check "the note holds manifest.json" "$(cat Plugins/FileImport/Manifest/manifest.json)" "$(manifest "$connector")"

strip -o "$work/stripped.so" "$connector"
check "the note survives strip" "$(cat Plugins/FileImport/Manifest/manifest.json)" "$(manifest "$work/stripped.so")"
check "the symbol survives strip" "tfc_plugin_v0" "$(nm -D --defined-only "$work/stripped.so" | awk '{ print $NF }')"
for file in "$connector" "$work/stripped.so"; do
    check "$(basename "$file") reads files in its runner" "read 3 rows, 1 spoiled, 2 of a workbook" "$(Tests/in_runner.py "$file" 2>&1)"
done

check "trainflow-runner needs no Swift library" "" "$(ldd "$runner" | grep -i swift)"
check "trainflow-runner has no RUNPATH" "" "$(readelf -d "$runner" | grep -E 'RUNPATH|RPATH')"

echo "linkage: $passed passed, $failed failed"
[ "$failed" = 0 ]
