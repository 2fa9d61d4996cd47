#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tour.sh [NAME]: shows one of the worked examples, by `headroom simulate` alone: no Kafka, no Redis.
# Without a name it lists them. What happened is written by tour/history.py, what it is judged by
# stands in tour/*.yaml.
#
# It takes the headroom that is in PATH, else the one that was built here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
headroom=$(command -v headroom) || headroom=$here/../build/release/src/headroom
[ -x "$headroom" ] || {
    echo "tour.sh: there is no headroom yet; sh deploy/quickstart.sh builds it" >&2
    exit 2
}

line=$(python3 "$here/tour/history.py" --list | awk -v name="${1-}" '$1 == name')
if [ $# -ne 1 ] || [ -z "$line" ]; then
    echo "usage: tour.sh NAME, where NAME is one of" >&2
    python3 "$here/tour/history.py" --list | awk '{ print "  " $1 }' >&2
    exit 2
fi
config=$here/tour/$(echo "$line" | cut -d ' ' -f 2).yaml
asked=$(echo "$line" | cut -d ' ' -f 3)
if [ "$asked" = explain ]; then
    set -- --explain "$1"
else
    set -- --report "$asked"
fi
events=$(mktemp) summary=$(mktemp)
trap 'rm -f "$events" "$summary"' EXIT
trap 'exit 130' INT TERM
name=${line%% *}
python3 "$here/tour/history.py" "$name" >"$events" || exit 1
echo "\$ python3 deploy/tour/history.py $name >$name.ndjson" >&2
echo "\$ headroom simulate --config deploy/tour/$(basename "$config") --until 2026-06-01 $* $name.ndjson" >&2
"$headroom" simulate --config "$config" --until 2026-06-01 --summary "$summary" "$@" "$events"
