# SPDX-License-Identifier: Apache-2.0
"""The processes of one group, each in a slot of its own, and whoever starts them again: what a service
manager would do. The last slots belong to visitors, which come and go. Nothing here waits; `mind` is
called again and again."""
import signal
import time


class Slot:
    """One instance: up, down until a moment, or asleep until one. visits: of a visitor, how long it
    will be up and away, in turn."""

    def __init__(self, fleet, number):
        self.fleet, self.number = fleet, number
        self.run = None
        self.start_at = self.wake_at = self.leave_at = None
        self.visits = []

    @property
    def id(self):
        return str(self.number)

    @property
    def up(self):
        return self.run is not None and self.wake_at is None

    def start(self):
        self.start_at = None
        self.run = self.fleet.world.start(instance=self.number)
        if self.visits:
            self.leave_at = time.monotonic() + self.visits.pop(0)

    def kill(self, number=signal.SIGKILL):
        """Ends it at once; `again` says when it comes back."""
        self.run.signal(signal.SIGCONT)
        self.run.signal(number)
        self.run.child.wait(60)
        self.run = self.wake_at = self.leave_at = None

    def again(self, seconds):
        self.start_at = time.monotonic() + seconds

    def sleep(self, seconds):
        self.run.signal(signal.SIGSTOP)
        self.wake_at = time.monotonic() + seconds

    def wake(self):
        self.run.signal(signal.SIGCONT)
        self.wake_at = None


class Fleet:
    """`with Fleet(world, 3, 2, story) as fleet:` ends them all."""

    def __init__(self, world, count, visitors, story):
        self.world, self.story = world, story
        self.every = [Slot(self, number) for number in range(count + visitors)]
        self.slots, self.visitors = self.every[:count], self.every[count:]
        self.exits = []  # what ended by itself: (slot, status)

    def __enter__(self):
        for slot in self.slots:
            slot.start()
        return self

    def __exit__(self, *exception):
        for slot in self.every:
            if slot.run is not None:
                slot.kill()

    def visited(self):
        return any(slot.run is not None or slot.start_at is not None for slot in self.visitors)

    def mind(self):
        now = time.monotonic()
        for slot in self.every:
            if slot.leave_at is not None and now >= slot.leave_at:
                self._leave(slot)
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

    def _leave(self, slot):
        """The last time as it should, before that as it happens."""
        number = signal.SIGKILL if slot.visits else signal.SIGTERM
        slot.kill(number)
        self.story.tell(f"process {slot.id} goes by {number.name}")
        if slot.visits:
            slot.again(slot.visits.pop(0))

    def all_up(self):
        """Nobody is to stay away any longer; visitors have gone."""
        for slot in self.visitors:
            slot.visits, slot.start_at = [], None
            if slot.run is not None:
                slot.kill()
        for slot in self.slots:
            if slot.wake_at is not None:
                slot.wake()
            if slot.run is None:
                slot.start()
