# SPDX-License-Identifier: Apache-2.0
"""Each call that the loop makes of its ports fails once, with each answer that the port may give: in
the simulation, whose oracle judges every run (tests/sim/drill.c)."""
import json
import os
import subprocess

from rig import scenario
from rig.headroom import PROGRAM

SIMULATION = PROGRAM.parents[1] / "tests/sim/sim"
# Of each kind of call one in so many. 1: every one.
STEP = os.environ.get("SMALL_PORTS", "15")


def test_each_call_of_a_port_fails():
    done = subprocess.run(
        [SIMULATION, "--drill", STEP, "--seed", "1", "--runs", "2"], capture_output=True, text=True
    )
    sums = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for its in sums:
        print(
            f"    seed {its['seed']}: {its['calls']} calls of ports,"
            f" {its['runs']} runs with one that failed, {its['wrong']} wrong"
        )
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr
    assert sum(its["runs"] for its in sums) > 300, sums


scenario.main()
