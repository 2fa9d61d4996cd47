# SPDX-License-Identifier: Apache-2.0
"""The table of the README's tour: each of its commands shows each of the figures that stand beside it
(what is printed **bold**), and each row is a test of this group."""
import re
import subprocess
from pathlib import Path

from rig import headroom, scenario

TOP = Path(__file__).resolve().parents[2]
README = (TOP / "README.md").read_text()
ROWS = 17  # worked examples
QUICK = {"PATH": f"{headroom.PROGRAM.parent}:/usr/bin:/bin"}


def table():
    """(what happened, what headroom says, examples) of each row."""
    begin = README.index("| what happened | what headroom says |")
    lines = README[begin : README.index("\n\n", begin)].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [
        (happened, says, re.findall(r"`([a-z0-9_-]+)`", names)) for happened, says, names in rows
    ]


def tour(*names):
    return subprocess.run(
        ["sh", "deploy/tour.sh", *names], cwd=TOP, env=QUICK, capture_output=True, text=True
    )


def show(name):
    done = tour(name)
    assert done.returncode == 0, (name, done.stderr)
    return " ".join(done.stdout.split())


def test_each_command_of_the_table_shows_the_figures_of_its_row():
    rows = table()
    assert len(rows) == ROWS, len(rows)
    for happened, says, names in rows:
        shown = [show(name) for name in names]
        figures = re.findall(r"\*\*(.+?)\*\*", says)
        assert not names or figures, f"{happened}: no figure to be seen"
        for figure in figures:
            assert any(figure in one for one in shown), f"{happened}: {names} do not show {figure}"


def test_of_several_examples_each_shows_its_own():
    by_name = {}
    for _, says, names in table():
        by_name.update(zip(names, says.split(";")))
    for name in ("ready", "half", "nothing", "deal-5k", "deal-25k", "deal-100k", "deal-1m"):
        figure = re.search(r"\*\*(.+?)\*\*", by_name[name])[1]
        head = "score" if name in ("ready", "half", "nothing") else "goes to"
        assert f"{head} {figure}" in show(name), (name, figure)


def test_the_command_that_it_prints_is_the_one_that_it_runs():
    done = tour("exactly")
    make, simulate = (line.removeprefix("$ ") for line in done.stderr.splitlines())
    script = f"cd build && mkdir -p tour && cd tour && ln -sfn ../../deploy deploy && {make} && {simulate}"
    again = subprocess.run(
        ["sh", "-c", script], cwd=TOP, env=QUICK, capture_output=True, text=True
    )
    assert again.returncode == 0 and again.stdout == done.stdout, again.stderr


def test_who_asks_for_what_there_is_not_is_told_what_there_is():
    for names in ((), ("nobody",), ("nps", "seats"), ("--list",)):
        done = tour(*names)
        assert done.returncode == 2 and "licence" in done.stderr, done


def test_a_report_that_cannot_be_made_says_why():
    config = ("--config", TOP / "deploy/tour/reports.yaml")
    for arguments, status, why in (
        (("--report", "sales"), 2, "headroom report --help"),
        (("--report", "lift", "--explain", "a"), 2, "either --explain or --report"),
        (("--report", "lift", "--rules", TOP / "deploy/tour/timing.yaml"), 2, "about one rule set"),
        (("--report", "lift"), 1, "nothing came"),
    ):
        out, said = headroom.command("simulate", *config, *arguments, status=status)
        assert not out and why in said.decode(), (arguments, said)


def test_each_row_is_a_test_of_this_group():
    begin = README.index("<details><summary>Their names, row by row")
    names = re.findall(r"`([a-z]+)\.(\w+)`", README[begin : README.index("</details>", begin)])
    assert len(README[begin:].split("</details>")[0].split("\n- ")) == ROWS + 1
    for group, name in names:
        script = Path(__file__).with_name(f"test_{group}.py").read_text()
        assert f"\ndef test_{name}():" in script, f"{group}.{name} is no test"


scenario.main()
