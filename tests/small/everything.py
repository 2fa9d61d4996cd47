# SPDX-License-Identifier: Apache-2.0
"""Every allocation and every system call of a command fails once (every.c), and the command ends in
an error that says so, or goes on and does what it would have done, with nothing left behind."""
import os
import subprocess
from collections import Counter

ALARM = 14  # what ends a child that hangs

class Child:
    """A line of the report."""

    def __init__(self, line):
        number, self.what, ended, left, written, wrote, self.said = line.split("\t", 6)
        self.number, self.left, self.written, self.wrote = map(
            int, (number, left, written, wrote)
        )
        how, code = ended.split(" ")
        self.signal = int(code) if how == "signal" else 0
        self.status = int(code) if how == "exit" else None

    def __str__(self):
        how = f"signal {self.signal}" if self.signal else f"status {self.status}"
        return f"{self.what} (call {self.number}): {how}, {self.left} blocks left, {self.said!r}"


def run(program, library, arguments, folder, step):
    """(children, the parent's own line, the plain run's status and standard output)"""
    environment = dict(os.environ)
    out, report = folder / "out", folder / "report"
    with out.open("wb") as file:
        plain = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.PIPE,
            env=environment,
        )
    wanted = out.read_bytes()
    with out.open("wb") as file:
        done = subprocess.run(
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.PIPE,
            env={
                **environment,
                "LD_PRELOAD": str(library),
                "SMALL_REPORT": str(report),
                "SMALL_STEP": str(step),
            },
        )
    assert done.returncode == plain.returncode, f"ended with {done.returncode}: {done.stderr}"
    assert out.read_bytes() == wanted, "the parent wrote something else"
    lines = report.read_text(errors="replace").splitlines()
    return [Child(line) for line in lines[:-1]], Child(lines[-1]), plain.returncode, wanted


def judge(children, itself, status, wanted):
    """What is wrong, and how many went on."""
    wrong, went_on = [], 0
    for child in children:
        if child.signal:
            wrong.append(f"{child}: it hangs" if child.signal == ALARM else str(child))
        elif child.status == status and not failed(child, wanted):
            went_on += 1
            if child.left > itself.left:
                wrong.append(f"{child}: {child.left - itself.left} blocks were not given back")
        elif child.status not in (1, 2):
            wrong.append(f"{child}: neither an error nor all of its output")
        elif not child.said:
            wrong.append(f"{child}: ended without a word")
    return wrong, went_on


def failed(child, wanted):
    return child.written + child.wrote != len(wanted)


def describe(children):
    counts = Counter(child.what for child in children)
    return ", ".join(f"{count} {what}" for what, count in counts.most_common())
