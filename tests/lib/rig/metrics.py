# SPDX-License-Identifier: Apache-2.0
"""Prometheus' text format, as far as tests look at it."""
import re

SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
RESULTS = ("counted", "duplicate", "dead_lettered", "forwarded", "ignored")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def parse(text):
    """[(name, labels, value)]; a line that is not of the format fails."""
    samples = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            found = SAMPLE.fullmatch(line)
            assert found, f"not a sample: {line}"
            samples.append((found[1], dict(LABEL.findall(found[2] or "")), float(found[3])))
    return samples


def total(samples, name, **labels):
    """The sum over every sample of that name that has these labels."""
    return sum(
        value
        for found, its, value in samples
        if found == name and all(its.get(label) == wanted for label, wanted in labels.items())
    )


def sums_agree(samples):
    """Whether, for each partition of each source, as many were read as became one of RESULTS."""
    sums = {}
    for name, labels, value in samples:
        if name == "headroom_records_total":
            place = sums.setdefault((labels["topic"], labels["partition"]), [0, 0])
            place[labels["result"] in RESULTS] += value
    return all(read == became for read, became in sums.values())
