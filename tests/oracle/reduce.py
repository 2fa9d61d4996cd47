#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes away from a history on which both sides differ whatever they still differ without.

    reduce.py [--headroom PROGRAM] --seed N --out DIR
    reduce.py [--headroom PROGRAM] --config FILE --input FILE.ndjson --out DIR

Writes DIR/config.json and DIR/records.ndjson and tells the difference that is left, which need not be
the one it began with: look at what the first was."""

import argparse
import json
import os
import sys
import tempfile

import compare
import histories
from settings import load


class History:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.config = os.path.join(folder, "config.json")
        self.records = os.path.join(folder, "records.ndjson")
        self.at_the_end = None  # whether the difference shows only there

    def write(self, config, records):
        with open(self.config, "w", encoding="utf-8") as file:
            json.dump(config, file, indent=1)
        with open(self.records, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in records)

    def differs(self, config, records):
        """The difference, or None; what cannot be played is none."""
        self.write(config, records)
        try:
            found = compare.compare(self.program, self.config, self.records, self.folder)[1]
        except Exception:  # a rule that names what was taken away
            return None
        if not found or found.startswith("exit status"):
            return None
        kind = found.splitlines()[0].endswith("at the end")
        if self.at_the_end is None:
            self.at_the_end = kind
        return found if kind == self.at_the_end else None


def fewer(parts, differ):
    """The parts that are left when chunk after chunk is taken away, as long as it still differs."""
    size = max(1, len(parts) // 2)
    while size:
        place = 0
        while place < len(parts):
            rest = parts[:place] + parts[place + size :]
            if differ(rest):
                parts = rest
            else:
                place += size
        size //= 2
    return parts


def reduce(history, config, records):
    while True:
        before = len(records), len(config["rules"])
        records = fewer(records, lambda rest: history.differs(config, rest))
        rules = config["rules"]
        names = fewer(
            list(rules),
            lambda rest: history.differs({**config, "rules": {n: rules[n] for n in rest}}, records),
        )
        config = {**config, "rules": {name: rules[name] for name in names}}
        for name, rule in list(config["rules"].items()):
            for key in set(rule) - {"watch", "levels", "below"}:
                less = dict(rule)
                del less[key]
                smaller = {**config, "rules": {**config["rules"], name: less}}
                if history.differs(smaller, records):
                    config, rule = smaller, less
        if (len(records), len(config["rules"])) == before:
            return config, records


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--headroom", default=os.environ.get("HEADROOM_BIN", "build/release/src/headroom")
    )
    parser.add_argument("--seed", type=int)
    parser.add_argument("--config")
    parser.add_argument("--input")
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config, records = arguments.config, arguments.input
        if arguments.seed is not None:
            config, records = histories.write([arguments.seed], folder)
        config = load(config)
        with open(records, encoding="utf-8") as file:
            records = [line.rstrip("\n") for line in file if line.strip()]
    os.makedirs(arguments.out, exist_ok=True)
    history = History(arguments.headroom, arguments.out)
    if not history.differs(config, records):
        sys.exit("they do not differ")
    config, records = reduce(history, config, records)
    print(json.dumps(config["rules"], indent=1), *records, sep="\n")
    print(history.differs(config, records))


if __name__ == "__main__":
    main()
