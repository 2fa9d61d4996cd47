#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What headroom must make of a generated history, worked out by tests/oracle, as JSON.

    expected.py --config headroom.yaml --records DIR/records.ndjson [--now TIME] [--triggers FILE]

`--now` is the moment up to which timers act after the last record (default: that record's).
Records of headroom.yaml.in may be judged as well: --live-from fills in what the file leaves open.
The keys are the quick start summary's: events, triggers by rule, resolved and dead_letters by reason.
"""

import argparse
import json
import os
import sys

sys.path.insert(
    0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "oracle")
)

from moments import parse_time  # noqa: E402
from oracle import Oracle, shown  # noqa: E402
from settings import load  # noqa: E402


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", required=True)
    parser.add_argument("--records", required=True)
    parser.add_argument("--now")
    parser.add_argument("--live-from")
    parser.add_argument("--triggers", help="file for the triggers, one a line")
    arguments = parser.parse_args()
    tree = load(arguments.config)
    if arguments.live_from:
        tree.setdefault("start", {})["live_from"] = arguments.live_from
    oracle = Oracle(tree)
    with open(arguments.records, encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            oracle.feed(record["value"], record["timestamp_ms"] * 1000)
    oracle.tick(parse_time(arguments.now) if arguments.now else oracle.clock)
    if arguments.triggers:
        with open(arguments.triggers, "w", encoding="utf-8") as out:
            out.writelines(shown(trigger) + "\n" for trigger in oracle.triggers)
    total = oracle.summary()
    print(
        json.dumps(
            {
                "events": total["read"],
                "counted": total["counted"],
                "duplicate": total["duplicate"],
                "ignored": total["ignored"],
                "triggers": total["fired"],
                "resolved": total["resolved"],
                "dead_letters": total["dead_letters"],
                "shadow": total["shadow"],
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
