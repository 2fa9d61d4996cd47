#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# python.sh ARG…: the first Python 3 that has the Kafka and Redis clients. Debian's packages belong to
# /usr/bin/python3, which need not be the first in PATH.
set -eu
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
for python in python3 /usr/bin/python3; do
    if "$python" -c 'import confluent_kafka, redis' 2>/dev/null; then
        exec "$python" "$@"
    fi
done
echo "no Python has the Kafka and Redis clients: sh deploy/packages.sh python" >&2
exit 1
