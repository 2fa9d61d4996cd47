#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Would anybody notice? Breaks the protocol as a tired engineer would, in one place at a time.

Each variant of variants.txt names the machine that must find it out:

    sim             the simulation; the seed that found it is told, and how many that took
    sim at length   the same, where it takes tens of thousands of seeds: only with --all
    test NAME       a program of unit tests
    fault FILE      scenarios over real services (tests/fault): only with --services

A variant that survives is a failure, and so is one whose text is not found any more or that does
not compile. Only the files that a variant changes are compiled again; all else that its program is
linked from is the build's own.

    run [--services] [--all] [TEXT]   those whose name holds TEXT
        --services     those that only real services show, and no others
        --all          these, too, and those that take long
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
# A variant that needs more seeds than this is as good as not found: the simulation wants a fault.
MOST_SEEDS = {"": 6000, "at length": 40_000}
# A variant may wait for what never comes. Seconds of its own where it computes, so that a machine that
# is busy with other things makes no difference.
CPU_S = 600
LONGEST_S = 900
COMPUTES = ["sh", "-c", f'ulimit -t {CPU_S} && exec "$0" "$@"']


class Machine:
    """A program of the build, and how it is made."""

    def __init__(self, target):
        self.target = target
        made = subprocess.run(["ninja", "-C", BUILD, target], capture_output=True, text=True)
        if made.returncode:
            raise SystemExit(f"not ok {target}: {made.stdout[-2000:]}")
        commands = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", target],
            check=True, capture_output=True, text=True).stdout.splitlines()
        self.link = commands[-1]
        self.compilers = commands[:-1]

    def make(self, texts, to):
        """The program, of files with these texts: (path, None), or (None, what the compiler says)."""
        program = to / Path(self.target).name
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
        done = self.shell(re.sub(rf"-o {re.escape(self.target)}(?= )", lambda _: f"-o {program}", link))
        return (None, done.stderr[-2000:]) if done.returncode else (program, None)

    def compiler_of(self, path):
        """The command that compiles it, and the object it makes: for this program, if it has its own."""
        found = [(command, re.search(r"-o (\S+)", command)[1])
            for command in self.compilers if command.endswith(f"-c {TOP / path}")]
        if not found:
            raise ValueError(f"{path} is no part of {self.target}")
        own = [each for each in found if f" {each[1]} " in self.link]
        return (own or found)[0]

    @staticmethod
    def shell(command):
        return subprocess.run(command, shell=True, cwd=BUILD, capture_output=True, text=True)


def find_sim(program, how):
    seeds = str(MOST_SEEDS[how])
    done = subprocess.run([*COMPUTES, program, "--runs", seeds, "--again", "1", "--until-wrong"],
        capture_output=True, text=True, errors="replace")
    if done.returncode == -signal.SIGXCPU:
        raise TimeoutError
    wrong = re.search(r"^seed (\d+): (.*)$", done.stdout, re.M)
    if wrong:
        return f"seed {wrong[1]}: {wrong[2]}"
    return f"it ended with {done.returncode}" if done.returncode else None


def find_test(program):
    done = subprocess.run([*COMPUTES, program], capture_output=True, text=True, errors="replace", cwd=TOP,
        env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    if done.returncode == -signal.SIGXCPU:
        raise TimeoutError
    red = re.search(r"^not ok \d+ - (.*)$", done.stdout, re.M)
    return red[1] if red else f"it ended with {done.returncode}" if done.returncode else None


def find_fault(program, scenarios):
    done = subprocess.run(["tests/fault/run", scenarios], capture_output=True, text=True, errors="replace",
        cwd=TOP, env={**os.environ, "HEADROOM_BIN": str(program)}, timeout=LONGEST_S)
    red = re.search(r"^not ok (\S.*)$", done.stdout, re.M)
    return red[1] if red else None


class Sabotage:
    def __init__(self, keep):
        self.machines, self.lock, self.keep = {}, threading.Lock(), keep

    def machine(self, target):
        with self.lock:
            if target not in self.machines:
                self.machines[target] = Machine(target)
            return self.machines[target]

    def judge(self, variant):
        """(whether it was found out, what to say)"""
        kind, _, name = variant.key.partition(" ")
        target = {"sim": "tests/sim/sim", "fault": "src/headroom"}.get(kind, f"tests/unit/{name}")
        texts, problem = variant.texts()
        if problem:
            return False, problem
        to = WORK / re.sub(r"\W+", "-", variant.name)[:80]
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir(parents=True)
        program, problem = self.machine(target).make(texts, to)
        if problem:
            return False, f"it does not compile: {problem}"
        try:
            found = find_sim(program, name) if kind == "sim" else \
                find_fault(program, name) if kind == "fault" else find_test(program)
        except (TimeoutError, subprocess.TimeoutExpired):
            return False, "it did not come to an end"
        if not self.keep:
            shutil.rmtree(to)
        return found is not None, found or "it SURVIVES"


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--found", action="store_true")
    ask.add_argument("--services", action="store_true")
    ask.add_argument("--all", action="store_true")
    ask.add_argument("--keep", action="store_true")
    ask.add_argument("text", nargs="?", default="")
    asked = ask.parse_args()
    variants = lib.read(Path(__file__).with_name("variants.txt"))
    if asked.found:
        return lib.print_those_not_found(variants)
    queue = [each for each in variants if asked.text in str(each) and
        (asked.all or each.key != "sim at length" and asked.services == each.key.startswith("fault "))]
    sabotage = Sabotage(asked.keep)
    bad = []

    def work(_):
        while True:
            with sabotage.lock:
                if not queue:
                    return
                variant = queue.pop(0)
            began = time.monotonic()
            fine, what = sabotage.judge(variant)
            with sabotage.lock:
                if not fine:
                    bad.append(variant)
                print(f"{'ok' if fine else 'not ok'} {variant}{' -' if fine else ':'} {what[:160]} "
                    f"({time.monotonic() - began:.1f} s)", flush=True)

    count = 1 if asked.services else os.cpu_count() or 1
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, range(count)))  # raises what a worker raised
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
