# SPDX-License-Identifier: Apache-2.0
"""The faults of a round, drawn from its seed before it begins: kind, victim, moment, and how long
until what was broken comes back. What the seed cannot fix is where the processes stand at that
moment; so a fault waits until its victim is in business, and the evidence is taken when it strikes.

    process   kill -9
    redis     kill -9 and the loss of up to a second of what it had acknowledged
    broker    kill -9
    stop      SIGSTOP beyond the time-outs of session and transaction

These are the kills; one in four of those that hit a process strikes at a moment that knows nothing of
it, the others as soon as the broker says that it has a transaction open. Among them come others:

    cut       a process' connections to the broker or to Redis are reset, and refused for a while
    stall     nothing moves on them any more, and nobody is told
    full      the disk of Redis is full: it refuses what writes
    storm     two processes more that come and go
    reload    a rule more, told to all processes while one of them is killed or another one comes
"""
import random
import signal
import time
from dataclasses import dataclass

SHARES = {"process": 100, "redis": 25, "broker": 15, "stop": 10}
OTHERS = {"cut": 10, "stall": 6, "full": 4, "storm": 3, "reload": 5}
SERVICES = ("redis", "broker")
WAYS = ("cut", "stall")
EVERYBODY = ("redis", "broker", "full", "storm", "reload")
SESSION_S = 6
AIM_S = 2
ALONE_S = 20  # a process without a home for so long gets its fault all the same


@dataclass
class Fault:
    kind: str
    victim: int  # the slot
    gap_s: float  # before the next one
    back_s: float  # until what was broken comes back
    aimed: bool
    early: bool  # does not wait until what came before is recovered from
    lost_s: float  # of Redis
    with_process: bool  # the victim is killed in the same moment
    to_redis: bool  # which way is cut or stalled
    visits: list
    since: float = 0.0  # when its turn came
    at: float = None
    hit: str = None
    homes: tuple = ()
    recovered_s: float = None

    def __str__(self):
        who = f" {self.victim}" if self.kind not in EVERYBODY else ""
        way = f" to {'Redis' if self.to_redis else 'broker'}" if self.kind in WAYS else ""
        return self.kind + who + way + (f" with process {self.victim}" if self.with_process else "")

    @property
    def a_kill(self):
        return self.kind in SHARES


def shares(kills):
    """How many of each kind; what does not divide goes to the processes."""
    whole = sum(SHARES.values())
    some = {kind: kills * share // whole for kind, share in (SHARES | OTHERS).items()}
    some["process"] = kills - sum(some[kind] for kind in SHARES if kind != "process")
    return some


def deck(counts, slots, seed):
    dice = random.Random(seed)
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    dice.shuffle(kinds)
    return [_draw(kind, slots, dice) for kind in kinds]


def _draw(kind, slots, dice):
    long = dice.random()
    back_s = {
        # at once, a little later, or when its partitions have gone to others
        "process": 0.0 if long < 0.6 else dice.uniform(0.1, 2) if long < 0.9 else SESSION_S + 2.0,
        "redis": dice.uniform(0, 1.5),
        "broker": dice.uniform(0, 1.5),
        "stop": SESSION_S + dice.uniform(1, 3),
        "cut": dice.uniform(0, 1),
        "stall": dice.uniform(0.5, 3) if long < 0.7 else SESSION_S + 2.0,
        "full": dice.uniform(1, 3),
        "storm": 0.0,
        "reload": 0.0,
    }[kind]
    return Fault(
        kind=kind,
        victim=dice.randrange(slots),
        gap_s=dice.expovariate(2.0),
        back_s=back_s,
        aimed=dice.random() < 0.75,
        early=kind in SHARES and dice.random() < 0.06,
        lost_s=dice.random(),
        with_process=kind in ("redis", "broker", "reload") and dice.random() < 0.3,
        to_redis=dice.random() < 0.5,
        visits=[round(dice.uniform(0.2, 2.5), 2) for _ in range(5)],
    )


class Hand:
    """Strikes."""

    def __init__(self, world, fleet, load, witness, story):
        self.world, self.fleet, self.load = world, fleet, load
        self.witness, self.story = witness, story
        self.services = world.services

    def can(self, fault):
        """Whether its victim is there, and in business again after what came before."""
        try:
            owned = self.witness.owned()
            self.witness.committed()
            for slot in self.fleet.slots:
                self.witness.in_hand(slot.id)
        except OSError:
            return False  # a coordinator is not back yet
        if not self.services.all_up:
            return False
        if fault.early:
            return fault.kind in SERVICES or self.fleet.slots[fault.victim].up
        if fault.kind in EVERYBODY:
            return not self.witness.waiting() and self._rules_are_in_force()
        fault.homes = tuple(owned.get(str(fault.victim), ()))
        if not fault.homes and time.monotonic() - fault.since < ALONE_S:
            return False
        busy = {home for other in self.witness.waiting() for home in other.homes}
        return self.fleet.slots[fault.victim].up and not busy & set(fault.homes)

    def _rules_are_in_force(self):
        """Rules that came last have fired for everybody: the next ones do not overtake them."""
        last = f"later-{self.world.later}/"
        fired = sum(id.startswith(last) for id in list(self.load.seen))
        return self.world.later == 0 or fired == len(self.load.accounts)

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
        written = self.witness.sequences()
        self._expect(fault, {home: max(past[home], written[home] + 1) for home in past})

    def _redis(self, fault):
        self._hit_service(fault)
        lost = self.services.break_redis(fault.back_s, fault.lost_s)
        self._with_process(fault)
        committed = self.witness.committed()
        self._expect(fault, {home: committed[home] + 1 for home in fault.homes})
        self.story.tell(f"Redis has lost {lost} bytes")

    def _cut(self, fault):
        self._break_way(fault)

    def _stall(self, fault):
        self._break_way(fault)

    def _break_way(self, fault):
        self._aim(fault)
        fault.hit = self.witness.in_hand(fault.victim)
        committed = self.witness.committed()
        self.services.break_way(fault.kind, fault.victim, fault.to_redis, fault.back_s)
        if not fault.hit and self.witness.unwritten(fault.homes):
            fault.hit = "unwritten compare-and-set"
        self._expect(fault, {home: committed[home] + 1 for home in fault.homes})

    def _full(self, fault):
        past = self._hit_service(fault)
        self.services.fill_disk(fault.back_s)
        self._expect(fault, past)

    def _storm(self, fault):
        past = self._hit_service(fault)
        for slot in self.fleet.visitors:
            slot.visits = list(fault.visits)
            slot.again(fault.visits[0] * (slot.number - len(self.fleet.slots)))
        self._expect(fault, past)

    def _reload(self, fault):
        """All processes hear of it while partitions move: one is killed, or a visitor comes."""
        past = self._hit_service(fault)
        name = self.world.add_rule()
        for account in self.load.accounts:
            self.load.expect(self.load.id_of(name, account.name, "1pct"))
        for slot in self.fleet.slots:
            if slot.up and slot.run.said(r"on port \d+"):
                slot.run.signal(signal.SIGHUP)
        self._with_process(fault)
        if not fault.with_process:
            self.fleet.visitors[0].visits = fault.visits[:1]
            self.fleet.visitors[0].again(0.0)
        self._expect(fault, past)

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
    while deck or hand.witness.waiting() or hand.fleet.visited() or not hand.services.all_up:
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
