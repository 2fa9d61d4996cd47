# SPDX-License-Identifier: Apache-2.0
"""Every step of the table of failpoints, each killed, stopped past its session, and ended in its
error. Steps of the cycle, of takeovers, of copies and of changes of rules under one load, in rounds:
all but one of the processes that share the work are hit at a step of their own each. Who is killed
is started again; who is stopped finds on waking that its partitions have gone. Steps of a restore
beside it, in a world at rest.

Three lines of defence: after each round everybody must come back to work and no trigger may have
come twice; at the end the oracle compares everything. A table says how often each step was come to,
and of every cell what it left: an open transaction (o), a home committed and not written (u). A cell
that was not come to is red."""
import os
import signal
import subprocess
import threading
import time

from confluent_kafka import TopicPartition

import rig
from rig import headroom, librdkafka, scenario

from load import Load
from points import ERROR, FATES, KILL, NAMES, STOP, Points
from world import World

PROCESSES = 5
RATE = 500
SESSION = 6  # seconds: the shortest that headroom takes

# Of the steps that are not come to while all is well: what goes wrong before.
NO_MARKER = "no marker"
BEFORE = {
    "aborted": "triggers_produced",
    "store_reconnected": "write_answered",
    "producer_renewed": "committed",
    "home_emptied": NO_MARKER,
    "chunk_copied": NO_MARKER,
    "home_copied": NO_MARKER,
    "clock_checked": "gathered",
    "rules_read": "gathered",
    "offsets_read": "gathered",
    "marker_read": "gathered",
    "header_read": "gathered",
    "home_made": "gathered",
    "homes_taken": "gathered",
    "foreign_taken": "gathered",
    "manifest_published": "gathered",
    "started": "gathered",
}
RULES = ["rules_adopted", "rules_learned", "rules_published"]  # in the owner of home 0
RESTORE = NAMES[NAMES.index("restore_joined") :]
LIVE = [name for name in NAMES if name not in RULES + RESTORE]
COUNT = {"applied": 50, "page_written": 2}  # not at the very first time

# What a kill there must leave behind, or the cell has missed what it is for.
OPEN = ("delivered",)
UNWRITTEN = ("committed", "rules_published")


def rounds():
    """So many steps as there are victims; a change of rules comes first, the owner of home 0 does."""
    left, rules = list(LIVE), list(RULES)
    while left or rules:
        first = [rules.pop(0)] if rules else []
        take = PROCESSES - 1 - len(first)
        yield first + left[:take]
        left = left[take:]


class Crew:
    """The processes, and what has been done to them."""

    def __init__(self, world, load, done):
        self.world, self.load, self.done = world, load, done
        self.points = [Points(world.folder / f"points-{n}") for n in range(PROCESSES)]
        self.runs = [None] * PROCESSES
        self.rules = 0
        self.readers = [world._reader(level) for level in ("read_committed", "read_uncommitted")]
        self.start(range(PROCESSES))

    def start(self, numbers):
        for n in numbers:
            self.runs[n] = self.world.start(instance=n, points=self.points[n])
        for n in numbers:
            self.runs[n].find_port()

    def end(self):
        for run in filter(None, self.runs):
            run.__exit__()
        for reader in self.readers:
            reader.close()

    def homes_of(self, n):
        return [
            int(labels["partition"])
            for name, labels, value in self.runs[n].metrics()
            if name == "headroom_partition_state" and value == 1
        ]

    def wait_shared(self, numbers):
        def shared():
            its = [self.homes_of(n) for n in numbers]
            return all(its) and sum(map(len, its)) == self.world.homes

        rig.until(shared, f"{len(numbers)} processes to share the homes", 60)

    def wait_settled(self):
        """By process: its homes. Who has slept shows for a moment those that it had."""
        before = None
        while True:
            self.wait_shared(range(PROCESSES))
            now = [self.homes_of(n) for n in range(PROCESSES)]
            if now == before:
                return now
            before = now
            time.sleep(0.3)

    def left_behind(self, homes):
        """(open transactions, committed and unwritten) of homes that nobody works on."""
        opened = unwritten = 0
        for home in homes:
            of = TopicPartition(self.world.changelog, home)
            stable, last = (r.get_watermark_offsets(of, timeout=30)[1] for r in self.readers)
            if stable < last:  # the offsets are told only when it has ended
                opened += 1
            else:
                unwritten += self.world.committed(home) > self.world.marker(home)[0]
        return opened, unwritten

    def wait_left_behind(self, name, fate, homes):
        """The broker may say a moment after a commit what it commits. (Who has slept finds only a
        while later that it has lost its homes, so that `homes` may be another's by now.)"""
        if fate == STOP or name not in OPEN + UNWRITTEN:
            return self.left_behind(homes)
        which = 0 if name in OPEN else 1
        found = []

        def seen():
            found[:] = self.left_behind(homes)
            return found[which]

        rig.until(seen, f"what {name} leaves behind", 5)
        return found

    def round(self, names, fate):
        """One victim each, all at once."""
        homes = self.wait_settled()
        victims = sorted(range(PROCESSES), key=lambda n: 0 not in homes[n])[: len(names)]
        hits = []
        for n, name in zip(victims, names):
            hits.append(self.points[n].hit(name))
            self.bring_about(n, name, fate, homes[n])
        due = list(zip(victims, names, hits))

        def all_hit():
            """What one has left is looked at before its session ends and others take its homes."""
            for n, name, hit in [cell for cell in due if self.points[cell[0]].hit(cell[1]) > cell[2]]:
                due.remove((n, name, hit))
                self.done[name, fate] = self.end_of(n, name, fate, homes[n])
            return not due

        rig.until(all_hit, f"{names} to be come to for {fate}", 60)
        if fate == KILL:
            self.start(victims)
        elif fate == STOP:
            self.wait_shared([n for n in range(PROCESSES) if n not in victims])
            for n in victims:
                self.runs[n].go_on()
        twice = [id for id, times in list(self.load.seen.items()) if times > 1]
        assert not twice, f"{fate} {names}: triggers twice, such as {twice[:3]}"

    def end_of(self, n, name, fate, homes):
        """Of the process that is hit: what it has left behind."""
        left = (0, 0)
        if fate != ERROR:
            (self.runs[n].wait_killed if fate == KILL else self.runs[n].wait_stopped)()
            left = self.wait_left_behind(name, fate, homes)
        self.points[n].disarm()
        return left

    def bring_about(self, n, name, fate, homes):
        if name == "internal_deleted":  # once a minute, and soon after a start
            self.runs[n].kill()
        self.points[n].arm(name, fate, COUNT.get(name, 1))
        before = BEFORE.get(name)
        if name == "internal_deleted":
            self.start([n])
        elif name in RULES:
            self.change_rules(n)
        elif before == NO_MARKER:
            for home in homes:
                self.world.redis.delete(f"{self.world.name}:{{{home}}}:m")
        elif before:
            self.points[n].arm(before, ERROR)

    def change_rules(self, n):
        """By a rule that never fires."""
        self.rules += 1
        far = {"watch": "meter.load.used", "levels": [f"{100000 + self.rules}%"]}
        self.world.tree["rules"]["far"] = far
        self.world.config(n)
        self.runs[n].signal(signal.SIGHUP)


class Restores(threading.Thread):
    """The command, hit at each of its steps, on a world in which nothing else happens."""

    def __init__(self, done):
        super().__init__(daemon=True)
        self.done, self.error, self.reached = done, None, dict.fromkeys(RESTORE, 0)

    def run(self):
        try:
            with World("restores") as world:
                self.restore(world)
        except BaseException as error:  # told by whoever joins
            self.error = error

    def views(self, world):
        """Without the moment at which time was last at work on an account: it is once a day."""
        return {
            account: {name: value for name, value in view.items() if name != "updated"}
            for account, view in world.views().items()
        }

    def restore(self, world):
        with world.run() as run, Load(world, rate=RATE) as load:
            load.wait_held()
            load.finish()
            run.stop()
        before = self.views(world)
        for fate in FATES:
            for name in RESTORE:
                self.cell(world, name, fate)
        world.command("restore", "--from-redis")
        world.check_redis_is_the_changelog()
        with world.run() as run:
            run.stop()
        assert self.views(world) == before, "a restore has changed what accounts show"

    def cell(self, world, name, fate):
        points = Points(world.folder / rig.unique("points"))
        points.arm(name, fate, COUNT.get(name, 1))
        child = subprocess.Popen(
            [headroom.PROGRAM, "restore", "--from-redis", "--config", world.config()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, **points.environment},
        )
        try:
            rig.until(lambda: points.hit(name), f"{name} to be come to for {fate}", 60)
            if fate == STOP:
                time.sleep(SESSION + 1)
                child.send_signal(signal.SIGCONT)
            said = child.communicate(timeout=60)[1].decode()
        finally:
            child.kill()
            child.wait()
        wanted = {KILL: (-9,), ERROR: (1,), STOP: (0, 1)}[fate]
        assert child.returncode in wanted, f"restore, {name} {fate}: {child.returncode}, {said}"
        for step in RESTORE:
            self.reached[step] += points.reached(step)
        self.done[name, fate] = (0, 0)


def table(done, reached):
    wide = max(map(len, NAMES))
    lines = [f"    {'step':{wide}} {'come to':>8}  " + "  ".join(f"{fate:6}" for fate in FATES)]
    for name in NAMES:
        cells = []
        for fate in FATES:
            opened, unwritten = done.get((name, fate), (0, 0))
            hit = "o" * bool(opened) + "u" * bool(unwritten) or "yes"
            cells.append(f"{hit if (name, fate) in done else 'NOT':6}")
        lines.append(f"    {name:{wide}} {reached[name]:8}  " + "  ".join(cells))
    return "\n".join(lines)


def judge_cells(done):
    missed = [cell for cell in ((n, f) for n in NAMES for f in FATES) if cell not in done]
    assert not missed, f"not come to: {missed}"


def test_every_step_killed_stopped_and_failed():
    began, done = time.monotonic(), {}
    restores = Restores(done)
    restores.start()
    with World("points", homes=PROCESSES, usage_partitions=PROCESSES) as world:
        with world.run() as first, Load(world, rate=RATE) as load:
            load.wait_held()
            first.stop()
            crew = Crew(world, load, done)
            try:
                for fate in (ERROR, KILL, STOP):
                    for names in rounds():
                        crew.round(names, fate)
                crew.wait_shared(range(PROCESSES))
                world.check(load, *crew.runs)
                restores.join(120)
                if restores.error:
                    raise restores.error
                judge_cells(done)
            finally:
                crew.end()
                reached = {n: sum(p.reached(n) for p in crew.points) for n in LIVE + RULES}
                print(table(done, {**reached, **restores.reached}))
                print(f"    {len(done)} cells in {time.monotonic() - began:.0f} s")


scenario.main()
