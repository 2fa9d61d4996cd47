#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Brings the broker's jars into build/broker/lib, once. What is there is checked against
# jars.sha256 each time, so a jar that is cut short or not the one we know never runs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
lib=$here/../../build/broker/lib

# Exactly the listed jars: nothing else may get onto the class path.
verify() {
    [ "$(find "$1" -type f | wc -l)" -eq "$(wc -l <"$here/jars.sha256")" ] &&
        (cd "$1" && sha256sum --quiet -c "$here/jars.sha256")
}

if [ -d "$lib" ] && verify "$lib"; then
    exit 0
fi
command -v mvn >/dev/null || {
    echo "fetch.sh: Maven is missing; sh deploy/packages.sh services installs it" >&2
    exit 1
}
echo "fetching the broker (45 MB)" >&2
mkdir -p "$(dirname "$lib")"
new=$(mktemp -d "$lib.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 130' INT TERM
# The log holds terminal colours and progress; it is shown only when it matters.
if ! mvn -B -q -Dstyle.color=never -f "$here/pom.xml" \
    dependency:copy-dependencies -DoutputDirectory="$new" >"$new.log" 2>&1; then
    tail -n 30 "$new.log" >&2
    echo "fetch.sh: Maven could not fetch the broker" >&2
    exit 1
fi
rm -f "$new.log"
verify "$new" || {
    echo "fetch.sh: what Maven brought is not what jars.sha256 lists" >&2
    exit 1
}
rm -rf "$lib"
mv -T "$new" "$lib"
