#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A private Redis and a private single-node Kafka, for quick start, tests and benches. Everything
# of theirs (data, logs, process ids, ports) is below one folder; they listen on loopback only, on
# free ports that stay the same for as long as the folder lives.
#
#   services.sh start DIR [--no-kafka|--no-redis]   start what is not running, wait until ready
#   services.sh stop DIR                            end both, orderly
#   services.sh env DIR                             KAFKA_BROKERS, REDIS_URL, … as shell assignments
#   services.sh start-kafka|start-redis DIR         again, on the same port and data
#   services.sh stop-kafka|stop-redis DIR           SIGTERM, and wait
#   services.sh kill-kafka|kill-redis DIR           SIGKILL, and wait
#   services.sh free-port DIR                       a port nobody listens on now
#
# DIR/kafka.pid and DIR/redis.pid hold the process ids, DIR/kafka.log and DIR/redis.log the logs.
# From the environment: KAFKA_HEAP (512m), REDIS_APPENDONLY (no), and KAFKA_CONFIG and REDIS_CONFIG,
# further settings, one `name=value` or `name value` a line. They count when DIR is new.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
lib=$here/../build/broker/lib

die() {
    echo "services.sh: $*" >&2
    exit 1
}

# A port nobody listens on now, below those the system hands out by itself.
free_port() {
    while :; do
        port=$((15000 + $(od -An -N4 -tu4 /dev/urandom) % 17000))
        hex=$(printf ':%04X ' "$port")
        cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q "$hex" || break
    done
    echo "$port"
}

# The id in DIR/NAME.pid, if that process lives and is ours: ids are used again.
# The command line of one that is ending is empty already.
pid_of() {
    pid=$(cat "$dir/$1.pid" 2>/dev/null) || return 1
    tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$dir/" || return 1
    echo "$pid"
}

# Ended, ports and files closed: its last thread is no more, whether or not it was waited for.
gone() {
    state=$(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null) || return 0
    case $state in
    '') return 0 ;;
    Z*) [ "$(find "/proc/$1/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -le 1 ] ;;
    *) return 1 ;;
    esac
}

# end NAME SIGNAL: nothing to do when it is not running. An orderly end that takes 20 s is none.
end() {
    pid=$(pid_of "$1") || return 0
    kill "-$2" "$pid" 2>/dev/null || : # it may have ended meanwhile
    tries=0
    until gone "$pid"; do
        sleep 0.05
        tries=$((tries + 1))
        [ $tries -ne 400 ] || kill -KILL "$pid"
    done
    rm -f "$dir/$1.pid"
}

# Of a process just started: it has not ended. Its command line does not tell: before it has become
# the service it is still this script's, and in between, on a busy machine for a while, it is empty.
# A second one would be started beside it.
lives() {
    ! gone "$(cat "$dir/$1.pid")"
}

# wait_for NAME COMMAND…: until COMMAND succeeds; the process must live meanwhile.
wait_for() {
    name=$1
    shift
    tries=0
    until "$@" >/dev/null 2>&1; do
        lives "$name" || return 1
        tries=$((tries + 1))
        [ $tries -lt 1200 ] || die "$name is not ready after 60 s, see $dir/$name.log"
        sleep 0.05
    done
}

# --- Redis -------------------------------------------------------------------------------------

redis_settings() {
    redis_port=$(free_port)
    {
        echo "port $redis_port"
        echo "bind 127.0.0.1"
        echo "dir $dir/redis"
        echo "save \"\""
        echo "appendonly ${REDIS_APPENDONLY:-no}"
        echo "maxmemory-policy noeviction"
        echo "set-proc-title no"
        echo "${REDIS_CONFIG:-}"
    } >"$dir/redis.conf"
    echo "$redis_port" >"$dir/redis.port"
}

redis_answers() {
    [ "$(redis-cli -p "$(cat "$dir/redis.port")" ping)" = PONG ]
}

launch_redis() {
    mkdir -p "$dir/redis"
    setsid redis-server "$dir/redis.conf" >>"$dir/redis.log" 2>&1 </dev/null &
    echo $! >"$dir/redis.pid"
    wait_for redis redis_answers
}

start_redis() {
    ! pid_of redis >/dev/null || return 0
    command -v redis-server >/dev/null || die "redis-server is missing: sh deploy/packages.sh services"
    if [ -e "$dir/redis.conf" ]; then
        launch_redis || die "redis ended at once, see $dir/redis.log"
        return 0
    fi
    # Somebody may have taken the port since we looked.
    for _ in 1 2 3; do
        redis_settings
        ! launch_redis || return 0
    done
    rm -f "$dir/redis.conf"
    die "redis does not start, see $dir/redis.log"
}

# --- Kafka -------------------------------------------------------------------------------------

# The internal topics have few partitions: a small node makes them at once.
kafka_settings() {
    kafka_port=$(free_port)
    controller_port=$(free_port)
    cat >"$dir/kafka.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
listeners=PLAINTEXT://127.0.0.1:$kafka_port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=PLAINTEXT://127.0.0.1:$kafka_port
controller.listener.names=CONTROLLER
log.dirs=$dir/kafka
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
${KAFKA_CONFIG:-}
END
    echo "$kafka_port" >"$dir/kafka.port"
}

# Becomes a class of the broker's, so it is called in a subshell. A session of its own: an interrupt
# at the terminal is for the one who waits, not for the broker.
exec_java() {
    exec setsid java -Xmx"${KAFKA_HEAP:-512m}" -XX:+UseSerialGC \
        "-Dlog4j.configuration=file:$here/broker/log4j.properties" -cp "$lib/*" "$@"
}

# Sixteen random bytes as Kafka writes its ids.
random_id() {
    head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '='
}

kafka_started() {
    tail -c "+$((log_size + 1))" "$dir/kafka.log" | grep -q 'Kafka Server started'
}

launch_kafka() {
    touch "$dir/kafka.log"
    log_size=$(stat -c %s "$dir/kafka.log")
    # All that the broker's own formatter would leave behind that a new node needs: it takes a second
    # and a Java machine of its own.
    if [ ! -e "$dir/kafka/meta.properties" ]; then
        mkdir -p "$dir/kafka"
        printf 'version=1\ncluster.id=%s\nnode.id=1\n' "$(random_id)" >"$dir/kafka/meta.properties"
    fi
    exec_java kafka.Kafka "$dir/kafka.properties" >>"$dir/kafka.log" 2>&1 </dev/null &
    echo $! >"$dir/kafka.pid"
    wait_for kafka kafka_started
}

start_kafka() {
    ! pid_of kafka >/dev/null || return 0
    command -v java >/dev/null || die "java is missing: sh deploy/packages.sh services"
    sh "$here/broker/fetch.sh"
    if [ -e "$dir/kafka.properties" ]; then
        launch_kafka || die "kafka ended at once, see $dir/kafka.log"
        return 0
    fi
    for _ in 1 2 3; do
        kafka_settings
        rm -rf "$dir/kafka"
        ! launch_kafka || return 0
    done
    rm -f "$dir/kafka.properties"
    die "kafka does not start, see $dir/kafka.log"
}

# -----------------------------------------------------------------------------------------------

print_env() {
    if [ -e "$dir/kafka.port" ]; then
        echo "KAFKA_BROKERS=127.0.0.1:$(cat "$dir/kafka.port")"
    fi
    if [ -e "$dir/redis.port" ]; then
        echo "REDIS_PORT=$(cat "$dir/redis.port")"
        echo "REDIS_URL=redis://127.0.0.1:$(cat "$dir/redis.port")"
    fi
}

[ $# -ge 2 ] || {
    sed -n '3,19s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
command=$1
[ "$command" != start ] || mkdir -p "$2"
dir=$(cd "$2" && pwd) || exit 1
shift 2
case $command in
start)
    case ${1:-} in
    --no-kafka) start_redis ;;
    --no-redis) start_kafka ;;
    '')
        start_redis
        start_kafka
        ;;
    *) die "unknown option $1" ;;
    esac
    print_env >"$dir/env"
    ;;
stop)
    end kafka TERM
    end redis TERM
    ;;
env) print_env ;;
free-port) free_port ;;
start-kafka) start_kafka ;;
start-redis) start_redis ;;
stop-kafka) end kafka TERM ;;
stop-redis) end redis TERM ;;
kill-kafka) end kafka KILL ;;
kill-redis) end redis KILL ;;
*) die "unknown command $command" ;;
esac
