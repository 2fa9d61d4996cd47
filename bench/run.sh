#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Figures, one JSON line on standard output; nothing here passes or fails by its speed.
#
#   sh bench/run.sh drain [--events N]       headroom run beside a bare consumer, on the same topic
#   sh bench/run.sh simulate [--events N]    headroom simulate beside DuckDB, on the same file
#   sh bench/run.sh forecast [--seed N] [--series N]    days to limits on series whose future is known
#   sh bench/run.sh memory [--accounts N]    bytes an account, in memory, Redis and the changelog
#
# Machines are noisy: compare within one run.
set -eu
cd "$(dirname "$0")/.."
duckdb=2.0.0
bench=${1:-}
tool=bench_$bench
case $bench in
drain) sets='build services python' ;;
simulate) sets='build bench' ;;
forecast) sets='build' tool= ;;
memory) sets='build services' ;;
*)
    sed -n '3,10s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
shift
# shellcheck disable=SC2086 # a list of words
sh deploy/packages.sh $sets >&2
cmake --preset release >/dev/null
# shellcheck disable=SC2086 # none where the bench has no program of its own
cmake --build --preset release -j "$(nproc)" --target headroom $tool >&2
HEADROOM_BUILD=$PWD/build/release
HEADROOM_BIN=$HEADROOM_BUILD/src/headroom
export HEADROOM_BUILD HEADROOM_BIN
if [ "$bench" = drain ]; then
    exec tests/lib/with_services build/bench/drain tests/lib/python bench/drain.py "$@"
fi
if [ "$bench" = forecast ] || [ "$bench" = memory ]; then
    exec python3 -B "bench/$bench.py" "$@"
fi
venv=build/bench/python
[ -x $venv/bin/pip ] || python3 -m venv $venv
$venv/bin/pip install --quiet "duckdb==$duckdb" >&2
exec $venv/bin/python -B bench/simulate.py "$@"
