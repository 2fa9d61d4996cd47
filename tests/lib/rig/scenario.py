# SPDX-License-Identifier: Apache-2.0
"""Runs the functions named test_… of a script, in the order in which they stand, a line each.

    from rig import scenario

    def test_a_full_meter_fires_once():
        ...

    scenario.main()
"""
import os
import signal
import sys
import traceback

SECONDS = 420
SAID = 3  # exit status: something failed, and has been printed


class TookTooLong(Exception):
    pass


def _alarm(signum, frame):
    raise TookTooLong(f"took more than {SECONDS} s")


def main():
    """`script.py NAME…` runs those only."""
    script = sys.modules["__main__"]
    group = os.path.basename(script.__file__).removeprefix("test_").removesuffix(".py")
    wanted = sys.argv[1:]
    unknown = [name for name in wanted if not callable(vars(script).get(name))]
    if unknown:
        sys.exit(f"{script.__file__} has no {' or '.join(unknown)}")
    signal.signal(signal.SIGALRM, _alarm)
    failed = False
    for name, function in list(vars(script).items()):
        if not name.startswith("test_") or (wanted and name not in wanted):
            continue
        title = f"{group}.{name.removeprefix('test_')}"
        signal.alarm(SECONDS)
        try:
            function()
            signal.alarm(0)
            print(f"ok {title}")
        except Exception as error:  # whatever it is, the other tests still run
            signal.alarm(0)
            failed = True
            why = str(error).split("\n", 1)[0] or type(error).__name__
            print(f"not ok {title}: {why}")
            print("    " + traceback.format_exc().rstrip().replace("\n", "\n    "))
        sys.stdout.flush()
    sys.exit(SAID if failed else 0)
