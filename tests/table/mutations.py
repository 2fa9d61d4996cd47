#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Would the table of crossings notice? Breaks the core in one place at a time and plays the table.

Each mutation of mutations.txt is applied to a copy of the tree, only what plays the table is built,
and at least one case must turn red: it is named. A mutation that survives, or whose text is not found
any more, or that does not compile, is a failure, and so is a sentence of part 5 without a mutation.

    mutations.py [TEXT]     those whose sentence or name holds TEXT; without it all
    mutations.py --found    only prints those whose text is not found (lint asks)
"""
import os
import re
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import mutations as lib  # noqa: E402

TABLE = Path("tests/table")
TOP = Path(__file__).resolve().parents[2]
WORK = TOP / "build" / "mutations"
COPIED = ("CMakeLists.txt", "src", "include", "tests", "bench")
# A mutation may make the core wait for what never comes.
LONGEST_S = 60
MOST_TREES = 4


def sentences_of_part_5():
    """Names of those that cases can show."""
    names, elsewhere = [], set()
    for line in (TOP / TABLE / "sentences.txt").read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line.startswith(" "):
            if line.strip().startswith("elsewhere:"):
                elsewhere.add(names[-1])
        else:
            names.append(line.split(" ", 1)[0])
    return [name for name in names if name not in elsewhere and not name.startswith("time.")]


class Tree:
    """A copy of the tree, and its build."""

    def __init__(self, number):
        self.top = WORK / str(number)
        self.build = self.top / "build"
        self.top.mkdir(parents=True, exist_ok=True)
        for name in COPIED:
            self.copy(TOP / name, self.top / name)

    def copy(self, source, to):
        """Only what differs, so that what was built before is still good."""
        if source.is_dir():
            to.mkdir(exist_ok=True)
            names = {path.name for path in source.iterdir() if path.name != "__pycache__"}
            for path in to.iterdir():
                if path.name not in names:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            for name in names:
                self.copy(source / name, to / name)
        elif not to.exists() or to.read_bytes() != source.read_bytes():
            shutil.copyfile(source, to)

    def make(self):
        """None, or what the compiler says."""
        if not (self.build / "build.ninja").exists():
            subprocess.run(
                ["cmake", "-S", self.top, "-B", self.build, "-G", "Ninja",
                 "-DCMAKE_BUILD_TYPE=Debug", "-DHEADROOM_WERROR=OFF"],
                check=True, capture_output=True)
        done = subprocess.run(["cmake", "--build", self.build, "-j", "1", "--target", "test_table"],
            capture_output=True, text=True)
        return None if done.returncode == 0 else done.stdout[-2000:]

    def play(self):
        """The first red line; None: all is green. Otherwise why it could not be played."""
        try:
            done = subprocess.run([self.build / TABLE / "test_table", "--first-red"], cwd=self.top,
                capture_output=True, text=True, timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            return None, "it did not come to an end"
        red = re.findall(r"^not ok \d+ - (.*)$", done.stdout, re.M)
        if not red and done.returncode != 0:
            return None, f"it ended with {done.returncode}: {done.stdout[-300:]}"
        return (red[0] if red else None), None


def judge(tree, mutation):
    """(whether it is as it must be, what to say)"""
    texts, problem = mutation.texts(tree.top)
    if problem:
        return False, problem
    originals = {path: (tree.top / path).read_text() for path in texts}
    try:
        for path, text in texts.items():
            (tree.top / path).write_text(text)
        problem = tree.make()
        if problem:
            return False, f"it does not compile: {problem}"
        red, problem = tree.play()
    finally:
        for path, text in originals.items():
            (tree.top / path).write_text(text)
    if problem:
        return False, problem
    return red is not None, f"turns red: {red}" if red else "no case turns red"


def main():
    if sys.argv[1:] == ["--found"]:
        return lib.print_those_not_found(lib.read(TOP / TABLE / "mutations.txt"))
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    mutations = lib.read(TOP / TABLE / "mutations.txt")
    queue = [mutation for mutation in mutations if wanted in str(mutation)]
    lock = threading.Lock()
    bad = 0

    def say(fine, name, what):
        nonlocal bad
        bad += not fine
        print(f"{'ok' if fine else 'not ok'} {name}{': ' if not fine else ' - '}{what}", flush=True)

    missing = [name for name in sentences_of_part_5() if name not in {m.key for m in mutations}]
    say(not missing, "every sentence of part 5 has a mutation", " ".join(missing) or "none is missing")

    def work(number):
        tree = Tree(number)
        problem = tree.make()
        red, why = (None, problem) if problem else tree.play()
        if problem or red or why:
            with lock:
                say(False, "the table is green before anything is changed", problem or red or why)
                queue.clear()
            return
        while True:
            with lock:
                if not queue:
                    return
                mutation = queue.pop(0)
            fine, what = judge(tree, mutation)
            with lock:
                say(fine, str(mutation), what)

    count = min(os.cpu_count() or 1, MOST_TREES)
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, range(count)))  # raises what a worker raised
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
