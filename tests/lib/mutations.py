# SPDX-License-Identifier: Apache-2.0
"""Mutations: one thing wrong at a time, in the code of the program. A file of them reads

    KEY: NAME
      "what whoever writes such a thing thinks, if that is worth telling"
      FILE
      - lines that stand there exactly once, as they are
      + what takes their place

with several changes to a file and several files, where it takes that many.
"""
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


class Mutation:
    def __init__(self, key, name, place):
        self.key, self.name, self.place = key, name, place
        self.thought = ""
        self.files = {}  # path: [[old lines, new lines], …]

    def __str__(self):
        return f"{self.key}: {self.name}"

    def take(self, text):
        """One indented line."""
        changes = list(self.files.values())[-1] if self.files else None
        if text.startswith('"'):
            self.thought = (self.thought + " " + text.strip().strip('"')).strip()
        elif text.startswith("-") and changes is not None:
            if not changes or changes[-1][1]:
                changes.append([[], []])
            changes[-1][0].append(text[1:])
        elif text.startswith("+") and changes:
            changes[-1][1].append(text[1:])
        elif text[0] not in "+- ":
            self.files[text.strip()] = []
        else:
            raise ValueError(f"{self.place}: {text}")

    def apply(self, path, text):
        """The text of a file with the mutation, or why there is none."""
        for old, new in self.files[path]:
            before = "\n".join(old) + "\n"
            found = text.count(before)
            if found != 1:
                return None, f"its text stands {found} times in {path}: {old[0].strip()}"
            text = text.replace(before, "".join(line + "\n" for line in new if line.strip()))
        return text, None

    def texts(self, top=TOP):
        """({path: text with the mutation}, None), or (None, why not)."""
        texts = {}
        for path in self.files:
            texts[path], problem = self.apply(path, (top / path).read_text())
            if problem:
                return None, problem
        return texts, None


def read(path):
    mutations = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        if line.startswith("  "):
            mutations[-1].take(line[2:])
        else:
            key, name = line.split(": ", 1)
            mutations.append(Mutation(key, name, f"{path.name}:{number}"))
    return mutations


def print_those_not_found(mutations):
    """Exit status."""
    problems = [(each, each.texts()[1]) for each in mutations]
    lines = [f"{each.place}: {each}: {problem}" for each, problem in problems if problem]
    print(*lines, sep="\n", end="\n" if lines else "")
    return 1 if lines else 0
