# SPDX-License-Identifier: Apache-2.0
"""The steps at which headroom can be made to die, to stop, or to fail: include/headroom/failpoint.h
as a test sees it. One file for each process, mapped by both: counters that outlive the process, and
what is to happen when."""
import mmap
import os
import re
import struct
from pathlib import Path

TABLE = Path(__file__).resolve().parents[2] / "include/headroom/failpoint.h"
NAMES = [name.lower() for name in re.findall(r"\bPOINT\((\w+), \"", TABLE.read_text())]
KILL, STOP, ERROR = FATES = ("kill", "stop", "error")
CELL = struct.Struct("=4I")  # reached, left, fate, hit
LEFT, FATE = 4, 8


class Points:
    def __init__(self, path):
        self.path = Path(path)
        self.path.write_bytes(bytes(CELL.size * len(NAMES)))
        file = os.open(self.path, os.O_RDWR)
        self.cells = mmap.mmap(file, 0)
        os.close(file)
        self.environment = {"HEADROOM_FAILPOINTS": str(self.path.resolve())}

    def arm(self, name, fate, count=1):
        """At the count-th time from now that the step is come to."""
        at = NAMES.index(name) * CELL.size
        struct.pack_into("=I", self.cells, at + FATE, 1 + FATES.index(fate))
        struct.pack_into("=I", self.cells, at + LEFT, count)

    def disarm(self):
        for at in range(0, len(self.cells), CELL.size):
            struct.pack_into("=I", self.cells, at + LEFT, 0)

    def _cell(self, name):
        return CELL.unpack_from(self.cells, NAMES.index(name) * CELL.size)

    def reached(self, name):
        return self._cell(name)[0]

    def hit(self, name):
        """How often what was armed there has happened."""
        return self._cell(name)[3]


def armed(path, text):
    """"NAME:COUNT[:FATE]", as scenarios write it for one process."""
    points = Points(path)
    name, count, *fate = text.split(":")
    points.arm(name, fate[0] if fate else KILL, int(count))
    return points
