#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Figures, one JSON line on standard output; nothing here passes or fails by its speed.
#
#   sh bench/run.sh drain [--events N]    headroom run beside a bare consumer, on the same topic
#
# Machines are noisy: compare within one run.
set -eu
cd "$(dirname "$0")/.."
bench=${1:-}
case $bench in
drain) ;;
*)
    sed -n '3,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
shift
sh deploy/packages.sh build services python >&2
cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target headroom "bench_$bench" >&2
HEADROOM_BUILD=$PWD/build/release
HEADROOM_BIN=$HEADROOM_BUILD/src/headroom
export HEADROOM_BUILD HEADROOM_BIN
exec tests/lib/with_services "build/bench/$bench" tests/lib/python "bench/$bench.py" "$@"
