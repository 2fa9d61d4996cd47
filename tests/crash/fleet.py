# SPDX-License-Identifier: Apache-2.0
"""The processes of one group, each in a slot of its own, and whoever starts them again: what a service
manager would do. Nothing here waits; `mind` is called again and again."""
import signal
import time

STOPPED_FOR = "a pause past its session"


class Slot:
    """One instance: up, down until a moment, or asleep until one."""

    def __init__(self, fleet, number):
        self.fleet, self.number = fleet, number
        self.run = None
        self.start_at = self.wake_at = None
        self.since = 0.0

    @property
    def id(self):
        return str(self.number)

    @property
    def up(self):
        return self.run is not None and self.wake_at is None

    def start(self):
        self.start_at = None
        self.since = time.monotonic()
        self.run = self.fleet.world.start(instance=self.number)

    def kill(self, number=signal.SIGKILL):
        """Ends it at once; `again` says when it comes back."""
        self.run.signal(signal.SIGCONT)
        self.run.signal(number)
        self.run.child.wait(60)
        self.run = self.wake_at = None

    def again(self, seconds):
        self.start_at = time.monotonic() + seconds

    def sleep(self, seconds):
        self.run.signal(signal.SIGSTOP)
        self.wake_at = time.monotonic() + seconds

    def wake(self):
        self.run.signal(signal.SIGCONT)
        self.wake_at = None


class Fleet:
    """`with Fleet(world, 3, story) as fleet:` ends them all."""

    def __init__(self, world, count, story):
        self.world, self.story = world, story
        self.slots = [Slot(self, number) for number in range(count)]
        self.exits = []  # what ended by itself: (slot, status)

    def __enter__(self):
        for slot in self.slots:
            slot.start()
        return self

    def __exit__(self, *exception):
        for slot in self.slots:
            if slot.run is not None:
                slot.kill()

    def mind(self):
        now = time.monotonic()
        for slot in self.slots:
            if slot.wake_at is not None and now >= slot.wake_at:
                slot.wake()
                self.story.tell(f"process {slot.id} wakes up")
            if slot.run is not None and slot.run.child.poll() is not None:
                status = slot.run.child.returncode
                self.exits.append((slot.number, status))
                self.story.tell(f"process {slot.id} ended with {status}: {slot.run._tail()}")
                slot.run = slot.wake_at = None
                slot.again(1.0)
            if slot.start_at is not None and now >= slot.start_at:
                slot.start()
                self.story.tell(f"process {slot.id} starts, {slot.run.log.name}")

    def all_up(self):
        """Nobody is to stay away any longer."""
        for slot in self.slots:
            if slot.wake_at is not None:
                slot.wake()
            if slot.run is None:
                slot.start()
