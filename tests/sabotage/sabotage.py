#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Would anybody notice? Breaks the protocol as a tired engineer would, in one place at a time.

The simulation must find out each variant of variants.txt; the seed that did is told, which is how
many that took. A variant that survives is a failure, and so is one whose text is not found any more
or that does not compile. Only the files that a variant changes are compiled again; all else that the
program is linked from is the build's own.

    run [TEXT]         those whose name holds TEXT
        --found        only prints those whose text is not found (lint asks)
        --keep         leaves the programs in the build folder, for tests/sim/shrink
"""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import mutations as lib  # noqa: E402

TOP = lib.TOP
BUILD = Path(os.environ.get("HEADROOM_BUILD", TOP / "build" / "release"))
WORK = BUILD / "sabotage"
TARGET = "tests/sim/sim"
# A variant that needs more seeds than this is as good as not found: the simulation wants a fault.
MOST_SEEDS = 6000
WORLDS = {"sim": [], "operators": ["--operators"]}  # in which seeds it is to be found
# A variant may wait for what never comes. Seconds of its own where it computes, so that a machine that
# is busy with other things makes no difference.
CPU_S = 600
COMPUTES = ["sh", "-c", f'ulimit -t {CPU_S} && exec "$0" "$@"']


class Machine:
    """The program that finds them out, and how it is made."""

    def __init__(self):
        made = subprocess.run(["ninja", "-C", BUILD, TARGET], capture_output=True, text=True)
        if made.returncode:
            raise SystemExit(f"not ok {TARGET}: {made.stdout[-2000:]}")
        commands = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", TARGET],
            check=True, capture_output=True, text=True).stdout.splitlines()
        self.link = commands[-1]
        self.compilers = commands[:-1]

    def make(self, texts, to):
        """The program, of files with these texts: (path, None), or (None, what the compiler says)."""
        program = to / Path(TARGET).name
        link = self.link
        for path, text in texts.items():
            source = to / Path(path).name
            source.write_text(text)
            compiler, made = self.compiler_of(path)
            other = f"{source}.o"
            words = compiler.replace(f"-c {TOP / path}", f"-c {source}").replace(f"-o {made}", f"-o {other}")
            words = re.sub(r" -M[DTF]( \S+\.o(\.d)?)?", "", words)
            done = self.shell(f"{words} -w -iquote {(TOP / path).parent}")
            if done.returncode:
                return None, done.stderr[-2000:]
            # In front of the libraries it is found before the member that it takes the place of.
            link = link.replace(f" {made} ", f" {other} ") if f" {made} " in link else \
                re.sub(r" (\S+\.o) ", lambda first: f" {other} {first[1]} ", link, count=1)
        done = self.shell(re.sub(rf"-o {re.escape(TARGET)}(?= )", lambda _: f"-o {program}", link))
        return (None, done.stderr[-2000:]) if done.returncode else (program, None)

    def compiler_of(self, path):
        """The command that compiles it, and the object it makes: for this program, if it has its own."""
        found = [(command, re.search(r"-o (\S+)", command)[1])
            for command in self.compilers if command.endswith(f"-c {TOP / path}")]
        if not found:
            raise ValueError(f"{path} is no part of {TARGET}")
        own = [each for each in found if f" {each[1]} " in self.link]
        return (own or found)[0]

    @staticmethod
    def shell(command):
        return subprocess.run(command, shell=True, cwd=BUILD, capture_output=True, text=True)


def find(program, worlds):
    """What finds it out, if anything does."""
    done = subprocess.run(
        [*COMPUTES, program, "--runs", str(MOST_SEEDS), "--again", "1", "--until-wrong", *worlds],
        capture_output=True, text=True, errors="replace")
    if done.returncode == -signal.SIGXCPU:
        raise TimeoutError
    wrong = re.search(r"^seed (\d+): (.*)$", done.stdout, re.M)
    if wrong:
        return f"seed {wrong[1]}: {wrong[2]}"
    return f"it ended with {done.returncode}" if done.returncode else None


def judge(machine, variant, keep):
    """(whether it was found out, what to say)"""
    texts, problem = variant.texts()
    if problem:
        return False, problem
    to = WORK / re.sub(r"\W+", "-", variant.name)[:80]
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    program, problem = machine.make(texts, to)
    if problem:
        return False, f"it does not compile: {problem}"
    try:
        found = find(program, WORLDS[variant.key])
    except TimeoutError:
        return False, "it did not come to an end"
    if not keep:
        shutil.rmtree(to)
    return found is not None, found or "it SURVIVES"


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--found", action="store_true")
    ask.add_argument("--keep", action="store_true")
    ask.add_argument("text", nargs="?", default="")
    asked = ask.parse_args()
    variants = lib.read(Path(__file__).with_name("variants.txt"))
    if asked.found:
        return lib.print_those_not_found(variants)
    queue = [each for each in variants if asked.text in str(each)]
    machine, lock = Machine(), threading.Lock()
    bad = []

    def work(_):
        while True:
            with lock:
                if not queue:
                    return
                variant = queue.pop(0)
            began = time.monotonic()
            fine, what = judge(machine, variant, asked.keep)
            with lock:
                if not fine:
                    bad.append(variant)
                print(f"{'ok' if fine else 'not ok'} {variant}{' -' if fine else ':'} {what[:160]} "
                    f"({time.monotonic() - began:.1f} s)", flush=True)

    count = os.cpu_count() or 1
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, range(count)))  # raises what a worker raised
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
