#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a clone to triggers: installs what is missing, builds, starts a private Kafka and Redis, plays
# two months of a small company's history and a few live seconds through `headroom run`.
#
#   sh deploy/quickstart.sh [--json] [--events N] [--seed N] [--until TIME]
#   sh deploy/quickstart.sh --stop
#
# Everything it makes is below build/; it asks for nothing and leaves the services up. With --json
# the summary is one line of JSON on standard output. The history ends now, or at TIME (RFC 3339).
# --stop ends what it started.
set -eu
from=$PWD
cd "$(dirname "$0")/.."
top=
[ "$from" = "$PWD" ] || top=$PWD/
dir=$PWD/build/quickstart
program=build/release/src/headroom
events=60000
seed=1
json=
live=3
until=$(date -u +%Y-%m-%dT%H:%M:%SZ)

begun=$(date +%s)

say() {
    printf '==> %3d s  %s\n' $(($(date +%s) - begun)) "$*" >&2
}

die() {
    echo "quickstart.sh: $*" >&2
    exit 1
}

# The id in headroom.pid, if that process is ours.
headroom_pid() {
    pid=$(cat "$dir/headroom.pid" 2>/dev/null) || return 1
    tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$dir/" || return 1
    echo "$pid"
}

# stop [kill]: ends what an earlier run, or this one, has started; the services at once, or orderly.
stop() {
    [ -d "$dir" ] || return 0
    if pid=$(headroom_pid); then
        kill "$pid"
        tries=0
        while headroom_pid >/dev/null; do
            sleep 0.05
            tries=$((tries + 1))
            [ $tries -ne 400 ] || kill -KILL "$pid"
        done
    fi
    if [ "${1:-}" = kill ]; then
        sh deploy/services.sh kill-kafka "$dir"
        sh deploy/services.sh kill-redis "$dir"
    else
        sh deploy/services.sh stop "$dir"
    fi
}

while [ $# -gt 0 ]; do
    case $1 in
    --json) json=--json ;;
    --events | --seed)
        case ${2:-} in '' | *[!0-9]*) die "$1 wants a number" ;; esac
        if [ "$1" = --events ]; then events=$2; else seed=$2; fi
        shift
        ;;
    --until)
        until=${2:-}
        [ -n "$until" ] || die "--until wants a time"
        shift
        ;;
    --stop)
        stop
        exit 0
        ;;
    *)
        sed -n '3,11s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
    shift
done

say "packages"
sh deploy/packages.sh build services python >&2

# From here on something runs: whatever goes wrong, it is ended again.
trap 'wait; stop; say "stopped; the logs are in $dir"' EXIT
trap 'exit 130' INT TERM

say "a private Redis, a private Kafka and the company's history, in the background"
stop kill
rm -rf "$dir"
mkdir -p "$dir"
sh deploy/services.sh start "$dir" >&2 &
services=$!
sh deploy/python.sh deploy/company/generate.py --seed "$seed" --events "$events" --until "$until" \
    --out "$dir/company" 2>"$dir/generate.log" &
history=$!

say "headroom, a release build"
if ! { cmake --preset release -DBUILD_TESTING=OFF &&
    cmake --build --preset release -j "$(nproc)" --target headroom; } >"$dir/build.log" 2>&1; then
    tail -n 30 "$dir/build.log" >&2
    die "the build failed, see $dir/build.log"
fi
wait $history || {
    cat "$dir/generate.log" >&2
    die "the history could not be written"
}
wait $services || die "the services do not start"
eval "$(sh deploy/services.sh env "$dir")"

say "topics, and the history into Kafka"
http=127.0.0.1:$(sh deploy/services.sh free-port "$dir")
live_from=$(sed -n 's/.*"live_from": "\([^"]*\)".*/\1/p' "$dir/company/about.json")
sed -e "s|@BROKERS@|$KAFKA_BROKERS|; s|@REDIS_URL@|$REDIS_URL|; s|@GROUP@|headroom|; s|@PREFIX@|hr|" \
    -e "s|@LIVE_FROM@|$live_from|; s|@HTTP@|$http|" \
    deploy/company/headroom.yaml.in >"$dir/headroom.yaml"
sh deploy/python.sh deploy/company/play.py load --brokers "$KAFKA_BROKERS" \
    --records "$dir/company/records.ndjson"
"$program" topics create --config "$dir/headroom.yaml" >&2

say "headroom run: two months of history"
setsid "$program" run --config "$dir/headroom.yaml" >"$dir/headroom.log" 2>&1 </dev/null &
echo $! >"$dir/headroom.pid"
if ! sh deploy/python.sh deploy/company/play.py watch --brokers "$KAFKA_BROKERS" --http "$http" \
    --pid "$(cat "$dir/headroom.pid")" --about "$dir/company/about.json" $json \
    --generate "--seed $seed --until $until --live $live --rate 150" \
    --program "$top$program" --config "${top}build/quickstart/headroom.yaml"; then
    tail -n 20 "$dir/headroom.log" >&2
    die "headroom run did not get through"
fi

trap - EXIT
say "done; sh ${top}deploy/quickstart.sh --stop ends it"
