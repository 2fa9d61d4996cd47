# SPDX-License-Identifier: Apache-2.0
"""Who says what a fault has hit, and when the group had recovered from it.

Hit: asked at the broker and at Redis, never at the process. A process that is dead or stopped cannot
end what it has begun, so there is time to ask: its transaction is open at the coordinator, or a home
stands at a batch in the committed offsets that Redis does not have and nobody is writing. Where the
broker or Redis is the one to die it is asked just before, of every process.

Recovery: from the fault until every home concerned has a batch in Redis that is newer than those
committed before it, so one that was taken in after the fault, decided, committed and written. A
process' homes are those that the group's coordinator has given it; a service concerns them all. What
other faults do to these homes meanwhile counts in."""
import threading
import time

import redis

import broker

OPEN = {"Ongoing", "PrepareCommit", "PrepareAbort"}
LOOK_S = 0.03  # twice the same marker, so far apart: nobody writes it


class Witness:
    """`with Witness(world, story) as witness:` looks at the markers all the time."""

    def __init__(self, world, story):
        self.world, self.story = world, story
        self.broker = broker.Broker(world.services.brokers, world.name)
        self.internal = f"{world.name}-internal"
        self.homes = range(world.homes)
        self.markers = dict.fromkeys(self.homes, 0)
        self.redis = redis.Redis(port=world.services.redis_port, socket_timeout=2)
        self.pending = []  # [fault, {home: the sequence to be passed}]
        self.lock = threading.Lock()
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exception):
        self.ending.set()
        self.thread.join(30)
        self.broker.close()

    # Hit

    def owned(self):
        """Instance: homes."""
        return self.broker.owned(self.internal)

    def committed(self):
        return self.broker.committed(self.internal, list(self.homes))

    def in_hand(self, *instances):
        """What these have begun and not ended: "open transaction", or None."""
        for instance in instances:
            if self.broker.transaction(f"{self.world.name}-{instance}") in OPEN:
                return "open transaction"
        return None

    def unwritten(self, homes, moving=False):
        """Of these homes, those whose last committed batch Redis does not have. moving: their owner
        lives, one look must do."""
        committed = self.committed()
        first = self.sequences()
        behind = [home for home in homes if first[home] < committed[home]]
        if behind and not moving:
            time.sleep(LOOK_S)
            second = self.sequences()
            behind = [home for home in behind if second[home] == first[home]]
        return behind

    def sequences(self):
        keys = [f"{self.world.name}:{{{home}}}:m" for home in self.homes]
        return [int(text.split(b" ")[1]) if text else 0 for text in self.redis.mget(keys)]

    # Recovery

    def expect(self, fault, past):
        """past: home: the sequence that a marker must pass. Of a process without a home nobody waits
        for anything."""
        with self.lock:
            if past:
                self.pending.append([fault, dict(past)])

    def waiting(self):
        with self.lock:
            return [fault for fault, _ in self.pending]

    def _look_on(self):
        while not self.ending.wait(0.02):
            try:
                now, found = time.monotonic(), self.sequences()
            except redis.RedisError:
                continue
            with self.lock:
                self._settle(now, found)

    def _settle(self, now, found):
        for waiting in list(self.pending):
            fault, past = waiting
            for home in [home for home, sequence in past.items() if found[home] > sequence]:
                del past[home]
            if not past:
                self.pending.remove(waiting)
                fault.recovered_s = now - fault.at
                self.story.tell(f"{fault}: recovered after {fault.recovered_s:.2f} s")
