#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# packages.sh SET…: installs what is missing of these sets of Debian packages, without a question.
#
#   build     compiler, CMake and the libraries
#   services  Redis, and Java and Maven for the broker
#   unit      what unit tests need beside build
#   fuzz      the compiler that has fuzzers, and a second JSON parser
#   lint      formatter and checks
#   analyze   clang-tidy; gcc has its analyzer within
#   schemas   what judges the examples of events beside the decoder
#   oracle    the second implementation in Python, and what it reads configurations with
#   python    clients for the integration tests
#   browser   what opens the pages that headroom writes
#   bench     what benches need to install what they measure beside
#
# Nothing missing: nothing is done, and no rights are needed. Otherwise it needs root or sudo.
# A package's own service (Redis on its usual port) is not started: headroom starts private ones.
set -eu

packages_of() {
    case $1 in
    build)
        echo gcc g++ libc6-dev cmake ninja-build pkg-config librdkafka-dev libhiredis-dev \
            libcjson-dev libsimdjson-dev libyaml-dev libmicrohttpd-dev libxxhash-dev \
            libsodium-dev zlib1g-dev tzdata
        ;;
    services) echo redis-server redis-tools default-jre-headless maven ;;
    unit) echo libcmocka-dev ;;
    fuzz) echo clang-14 libclang-rt-14-dev libjansson-dev ;;
    lint) echo binutils clang-format python3 shellcheck ;;
    analyze) echo clang-tidy-14 python3 ;;
    schemas) echo python3 python3-jsonschema ;;
    oracle) echo python3 python3-yaml tzdata ;;
    python) echo python3 python3-confluent-kafka python3-redis ;;
    browser) echo chromium fonts-dejavu-core ;;
    bench) echo python3 python3-venv ;;
    *)
        echo "packages.sh: no set named $1" >&2
        exit 2
        ;;
    esac
}

missing=
for set in "$@"; do
    wanted=$(packages_of "$set")
    for package in $wanted; do
        case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
        installed) ;;
        *) missing="$missing $package" ;;
        esac
    done
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "packages.sh: missing:$missing; become root or install sudo" >&2
        exit 1
    }
    as_root=sudo
fi

# The policy file is how Debian lets an administrator say which services an installation may start.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap '$as_root rm -f $policy' EXIT
    trap 'exit 130' INT TERM
    printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
    $as_root chmod 755 $policy
fi

echo "installing:$missing" >&2
log=$(mktemp)
# shellcheck disable=SC2086 # a list of words
if ! {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
        $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -q -y --no-install-recommends $missing
} >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    exit 1
fi
rm -f "$log"
