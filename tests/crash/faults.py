# SPDX-License-Identifier: Apache-2.0
"""The faults of a round, drawn from its seed before it begins: kind, victim, moment, and how long
until what was broken comes back. What the seed cannot fix is where the processes stand at that
moment; so a fault waits until its victim is in business, and the evidence is taken when it strikes.

    process   kill -9
    redis     kill -9 and the loss of up to a second of what it had acknowledged
    broker    kill -9
    stop      SIGSTOP beyond the time-outs of session and transaction

One in four of those that hit a process strikes at a moment that knows nothing of it, the others as
soon as the broker says that it has a transaction open."""
import random
import time
from dataclasses import dataclass

SHARES = {"process": 100, "redis": 25, "broker": 15, "stop": 10}
SESSION_S, TRANSACTION_S = 6, 5
AIM_S = 2
ALONE_S = 20  # a process without a home for so long gets its fault all the same


@dataclass
class Fault:
    kind: str
    victim: int  # the slot
    gap_s: float  # before it
    back_s: float  # after it
    aimed: bool
    early: bool  # does not wait until what came before is recovered from
    lost_s: float  # of Redis
    with_process: bool  # a service: the victim is killed in the same moment
    since: float = 0.0  # when its turn came
    at: float = None
    hit: str = None
    homes: tuple = ()
    recovered_s: float = None

    def __str__(self):
        who = "" if self.kind in ("redis", "broker") else f" {self.victim}"
        return f"{self.kind}{who}" + (f" with process {self.victim}" if self.with_process else "")


def shares(kills):
    """How many of each kind; what does not divide goes to the processes."""
    whole = sum(SHARES.values())
    some = {kind: kills * share // whole for kind, share in SHARES.items() if kind != "process"}
    return {"process": kills - sum(some.values()), **some}


def deck(counts, slots, seed):
    dice = random.Random(seed)
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    dice.shuffle(kinds)
    return [_draw(kind, slots, dice) for kind in kinds]


def _draw(kind, slots, dice):
    long = dice.random()
    back_s = {
        # at once, a little later, or when its partitions have gone to others
        "process": 0.0 if long < 0.6 else dice.uniform(0.1, 2) if long < 0.85 else SESSION_S + 2.0,
        "redis": dice.uniform(0, 1.5),
        "broker": dice.uniform(0, 1.5),
        "stop": SESSION_S + dice.uniform(1, 3),
    }[kind]
    return Fault(
        kind=kind,
        victim=dice.randrange(slots),
        gap_s=dice.expovariate(2.0),
        back_s=back_s,
        aimed=dice.random() < 0.75,
        early=dice.random() < 0.06,
        lost_s=dice.random(),
        with_process=kind in ("redis", "broker") and dice.random() < 0.3,
    )


class Hand:
    """Strikes."""

    def __init__(self, world, fleet, witness, story):
        self.world, self.fleet, self.witness, self.story = world, fleet, witness, story
        self.services = world.services

    def can(self, fault):
        """Whether its victim is there, and in business again after what came before."""
        try:
            self.witness.committed()
            owned = self.witness.owned()
        except OSError:
            return False  # the coordinator is not back yet
        if not self.services.all_up:
            return False
        if fault.early:
            return fault.kind in ("redis", "broker") or self.fleet.slots[fault.victim].up
        if fault.kind in ("redis", "broker"):
            return not self.witness.waiting()
        fault.homes = tuple(owned.get(str(fault.victim), ()))
        if not fault.homes and time.monotonic() - fault.since < ALONE_S:
            return False
        busy = {home for other in self.witness.waiting() for home in other.homes}
        return self.fleet.slots[fault.victim].up and not busy & set(fault.homes)

    def strike(self, fault):
        getattr(self, f"_{fault.kind}")(fault)
        self.story.tell(f"{fault}: hit {fault.hit or 'nothing'}, homes {list(fault.homes)}")

    def _process(self, fault):
        slot = self.fleet.slots[fault.victim]
        self._aim(fault)
        slot.kill()
        self._hit_process(fault)
        slot.again(fault.back_s)

    def _stop(self, fault):
        self._aim(fault)
        self.fleet.slots[fault.victim].sleep(fault.back_s)
        self._hit_process(fault)

    def _broker(self, fault):
        past = self._hit_service(fault)
        self.services.break_kafka(fault.back_s)
        self._with_process(fault)
        self._expect(fault, past)

    def _redis(self, fault):
        past = self._hit_service(fault)
        lost = self.services.break_redis(fault.back_s, fault.lost_s)
        self._with_process(fault)
        self._expect(fault, past)
        self.story.tell(f"Redis has lost {lost} bytes")

    def _aim(self, fault):
        """fault.homes as they are now; if aimed, not before the victim has a transaction open."""
        fault.homes = tuple(self.witness.owned().get(str(fault.victim), ()))
        end = time.monotonic() + AIM_S
        while fault.aimed and time.monotonic() < end and not self.witness.in_hand(fault.victim):
            time.sleep(0.001)
        fault.at = time.monotonic()

    def _hit_process(self, fault):
        """The victim is dead or stopped: what it has left behind stays."""
        fault.hit = self.witness.in_hand(fault.victim)
        if not fault.hit and self.witness.unwritten(fault.homes):
            fault.hit = "unwritten compare-and-set"
        committed = self.witness.committed()
        self._expect(fault, {home: committed[home] for home in fault.homes})

    def _hit_service(self, fault):
        """Asked just before, as nothing could be asked afterwards: one more batch may be committed
        until it strikes."""
        fault.homes = tuple(self.witness.homes)
        committed = self.witness.committed()
        if self.witness.unwritten(fault.homes, moving=True):
            fault.hit = "unwritten compare-and-set"
        up = [slot.number for slot in self.fleet.slots if slot.up]
        fault.hit = self.witness.in_hand(*up) or fault.hit
        fault.at = time.monotonic()
        return {home: committed[home] + 1 for home in fault.homes}

    def _with_process(self, fault):
        slot = self.fleet.slots[fault.victim]
        if fault.with_process and slot.up:
            slot.kill()
            slot.again(0.0)

    def _expect(self, fault, past):
        self.witness.expect(fault, past)


def carry_out(deck, hand, patience_s=180):
    """Every fault of the deck; done when the last has been recovered from."""
    next_at = stuck_at = time.monotonic()
    deck = list(deck)
    while deck or hand.witness.waiting() or not hand.services.all_up:
        hand.fleet.mind()
        hand.services.mind()
        now = time.monotonic()
        before = len(deck) + len(hand.witness.waiting())
        if deck and now >= next_at:
            fault = _next(deck, hand, now)
            if fault:
                hand.strike(fault)
                next_at = time.monotonic() + fault.gap_s
        if len(deck) + len(hand.witness.waiting()) != before or not hand.services.all_up:
            stuck_at = now
        waiting = [str(fault) for fault in hand.witness.waiting()]
        assert now - stuck_at < patience_s, f"no progress for {patience_s} s, waiting for {waiting}"
        time.sleep(0.01)


def _next(deck, hand, now):
    """The first that can be: of the next few, so that one victim's rest is not everybody's."""
    for fault in deck[:4]:
        fault.since = fault.since or now
        if hand.can(fault):
            deck.remove(fault)
            return fault
    return None
