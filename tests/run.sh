#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs headroom's tests: all groups but those that only run when they are named, or those named.
#
#   sh tests/run.sh [GROUP…]
#
# A group is an executable tests/GROUP/run and a line in the table below. It finds its build folder
# in HEADROOM_BUILD and the program in HEADROOM_BIN, and prints a line a test, `ok NAME` or
# `not ok NAME: why`; those are counted. A group that dies, fails to build or tests nothing counts as
# one failure more. What a group printed stays in build/tests/GROUP.log.
#
# The last line is `N passed, N failed`; the exit status is 1 unless all passed.
set -u
cd "$(dirname "$0")/.." || exit 2

# group        preset   package sets                      when named
groups='
unit           debug    build,unit
lint           release  build,unit,lint
fuzz           fuzz     build,unit,fuzz
schemas        debug    build,schemas
mutations      debug    build,unit,oracle
oracle         release  build,unit,oracle
integration    release  build,unit,services,python,browser
growth         release  build,unit,services,python
quickstart     release  build,unit,services,python,oracle
fault          faults   build,unit,services,python
sanitize       asan     build,unit,services,python,browser
coverage       coverage build,unit,services,python,browser named
'

all=$(echo "$groups" | awk 'NF { print $1 }')
for group in "$@"; do
    echo "$all" | grep -qx -e "$group" || {
        # shellcheck disable=SC2086 # a list of words
        echo "tests/run.sh: no group named $group; there are:" $all >&2
        exit 2
    }
done
usual=$(echo "$groups" | awk 'NF && $4 != "named" { print $1 }')
# shellcheck disable=SC2086 # a list of words
[ $# -gt 0 ] || set -- $usual

passed=0
failed=0
logs=build/tests
mkdir -p $logs

fail() {
    echo "not ok $1"
    failed=$((failed + 1))
}

# build PRESET: configures and builds; what the compiler says is shown only when it failed.
build() {
    {
        cmake --preset "$1" ${CI:+-DHEADROOM_WERROR=ON} &&
            cmake --build --preset "$1" -j "$(nproc)"
    } >"$logs/build-$1.log" 2>&1 && return 0
    grep -E -A 12 'FAILED|error|CMake Error' "$logs/build-$1.log" | head -n 60
    return 1
}

for group in "$@"; do
    preset=$(echo "$groups" | awk -v group="$group" '$1 == group { print $2 }')
    sets=$(echo "$groups" | awk -v group="$group" '$1 == group { gsub(",", " ", $3); print $3 }')
    echo "== $group"
    # shellcheck disable=SC2086 # a list of words
    if ! sh deploy/packages.sh $sets; then
        fail "$group: packages could not be installed"
        continue
    fi
    if ! build "$preset"; then
        fail "$group: the $preset build failed, see $logs/build-$preset.log"
        continue
    fi
    HEADROOM_BUILD=$PWD/build/$preset
    HEADROOM_BIN=$HEADROOM_BUILD/src/headroom
    export HEADROOM_BUILD HEADROOM_BIN
    log=$logs/$group.log
    {
        "tests/$group/run" </dev/null
        echo $? >"$log.status"
    } 2>&1 | tee "$log"
    ok=$(grep -c '^ok ' "$log")
    bad=$(grep -c '^not ok ' "$log")
    passed=$((passed + ok))
    failed=$((failed + bad))
    status=$(cat "$log.status")
    rm -f "$log.status"
    if [ $((ok + bad)) -eq 0 ]; then
        fail "$group: it tested nothing"
    elif [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        fail "$group: ended with status $status"
    fi
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
