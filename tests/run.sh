#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs headroom's tests: all usual groups, or those named, or in `release` all of them in their long
# forms (hours).
#
#   sh tests/run.sh [GROUP [OPTION…]]…
#   sh tests/run.sh release
#
# A group is an executable tests/GROUP/run and a line in the table below; options that follow its
# name are given to it. It finds its build folder in HEADROOM_BUILD and the program in HEADROOM_BIN,
# and prints a line a test, `ok NAME` or `not ok NAME: why`; those are counted. A group that dies,
# fails to build or tests nothing counts as one failure more. What a group printed stays in
# build/tests/GROUP.log.
#
# The usual groups run in two lanes side by side: those that mostly wait (for a broker, for a session
# to end), and behind them, with less claim on the cores, those that compute. A group's lines then
# come when it has ended. HEADROOM_LANES=1 runs one after another, as groups that are named do.
#
# The last line is `N passed, N failed`; the exit status is 1 unless all passed.
set -u
cd "$(dirname "$0")/.." || exit 2

# group        preset   package sets                           lane    long form
table='
integration    release  build,unit,services,python,browser     wait
growth         release  build,unit,services,python,schemas     wait
quickstart     release  build,unit,services,python,oracle      wait
floods         release  build,unit,services,python             wait
fault          faults   build,unit,services,python             wait
crash          release  build,unit,services,python             wait    --kills 1000
unit           debug    build,unit                             work
lint           release  build,unit,lint                        work
schemas        debug    build,schemas                          work
mutations      debug    build,unit,oracle                      work
sim            release  build,unit                             work    --seeds 1000000
sabotage       release  build,unit                             work
oracle         release  build,unit,oracle                      work
small          release  build,unit,services,python             work    --all
fuzz           fuzz     build,unit,fuzz                        work
sanitize       asan     build,unit,services,python,browser     work    --kills 15
analyze        release  build,unit,analyze                     named
threads        tsan     build,unit,services,python             named
coverage       coverage build,unit,services,python,browser     named
'

# of GROUP COLUMN: that column of the group's line.
of() {
    echo "$table" | awk -v group="$1" -v column="$2" '$1 == group { print $column }'
}

# in_lane LANE: its groups, in the table's order.
in_lane() {
    echo "$table" | awk -v lane="$1" '$4 == lane { print $1 }'
}

claim= # what goes before a command of the lane that computes
logs=build/tests
mkdir -p $logs

# build PRESET: configures and builds; what the compiler says is shown only when it failed.
build() {
    {
        cmake --preset "$1" ${CI:+-DHEADROOM_WERROR=ON} &&
            $claim cmake --build --preset "$1" -j "$(nproc)"
    } >"$logs/build-$1.log" 2>&1 && return 0
    grep -E -A 12 'FAILED|error|CMake Error' "$logs/build-$1.log" | head -n 60
    return 1
}

# prepare GROUP: installs and builds what it needs, one lane at a time.
prepare() {
    (
        flock 9
        # shellcheck disable=SC2046 # a list of words
        sh deploy/packages.sh $(of "$1" 3 | tr , ' ') || {
            echo "not ok $1: packages could not be installed"
            exit 1
        }
        build "$(of "$1" 2)" || {
            echo "not ok $1: its build failed, see $logs/build-$(of "$1" 2).log"
            exit 1
        }
    ) 9>"$logs/prepare.lock"
}

# run GROUP [OPTION…]: its lines, as they come.
run() {
    prepare "$1" || return 0
    HEADROOM_BUILD=$PWD/build/$(of "$1" 2)
    HEADROOM_BIN=$HEADROOM_BUILD/src/headroom
    export HEADROOM_BUILD HEADROOM_BIN
    group=$1
    shift
    $claim "tests/$group/run" "$@" </dev/null
    echo $? >"$logs/$group.status"
}

# judge GROUP SECONDS: a line more if the group died or tested nothing, and its sum.
judge() {
    log=$logs/$1.log
    ok=$(grep -c '^ok ' "$log")
    bad=$(grep -c '^not ok ' "$log")
    status=$(cat "$logs/$1.status" 2>/dev/null || echo 0)
    rm -f "$logs/$1.status"
    why=
    if [ $((ok + bad)) -eq 0 ]; then
        why='it tested nothing'
    elif [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        why="ended with status $status"
    fi
    if [ "$why" ]; then
        echo "not ok $1: $why"
        bad=$((bad + 1))
    fi
    echo "== $1: $ok passed, $bad failed, $2 s"
    echo "$ok $bad" >>"$logs/sums"
}

# watched GROUP [OPTION…]: to be looked at while it runs.
watched() {
    began=$(date +%s)
    echo "== $1"
    run "$@" 2>&1 | tee "$logs/$1.log"
    judge "$1" $(($(date +%s) - began))
}

# lane GROUP…: one after another; each shows its lines when it has ended.
lane() {
    for each in "$@"; do
        began=$(date +%s)
        run "$each" >"$logs/$each.log" 2>&1
        (
            flock 8
            echo "== $each"
            cat "$logs/$each.log"
            judge "$each" $(($(date +%s) - began))
        ) 8>"$logs/print.lock"
    done
}

# named WORD…: watches each group with the options behind its name.
named() {
    while [ $# -gt 0 ]; do
        [ "$(of "$1" 1)" ] || {
            # shellcheck disable=SC2046 # a list of words
            echo "tests/run.sh: no group named $1; there are:" $(echo "$table" | awk '{ print $1 }') >&2
            exit 2
        }
        words=$1
        shift
        case ${1-} in
        -*)
            while [ $# -gt 0 ] && ! [ "$(of "$1" 1)" ]; do
                words="$words $1"
                shift
            done
            ;;
        esac
        # shellcheck disable=SC2086 # a list of words
        watched $words
    done
}

rm -f "$logs/sums"
if [ $# -eq 0 ] && [ "${HEADROOM_LANES:-2}" -gt 1 ]; then
    # shellcheck disable=SC2046 # a list of words
    (claim='nice -n 5' && lane $(in_lane work)) &
    # shellcheck disable=SC2046 # a list of words
    lane $(in_lane wait)
    wait
elif [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # a list of words
    named $(in_lane wait) $(in_lane work)
elif [ "$*" = release ]; then
    # shellcheck disable=SC2046 # a list of words
    named $(echo "$table" | awk 'NF { $2 = $3 = $4 = ""; print }')
else
    named "$@"
fi

awk '{ passed += $1; failed += $2 }
    END { printf "%d passed, %d failed\n", passed, failed; exit !passed || failed > 0 }' \
    "$logs/sums"
