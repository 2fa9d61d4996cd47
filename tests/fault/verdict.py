# SPDX-License-Identifier: Apache-2.0
"""What has come of a load that has ended, beside what must have come of it by the oracle: triggers,
counters and dead letters, one by one. Whoever asks decides what a difference means."""
import json
from collections import Counter

import rig
from judge import essence


class Verdict:
    """
    lost, doubled   triggers of the oracle's that are not in the topic, and those in it that are too
                    many: twice, or never meant to be. The key begins with the trigger's id
    counters        (account, field): (the oracle's value, Redis's) where they differ
    """

    def __init__(self, world, load):
        wanted = load.judge.judgement()
        self.counters = self._wrong_counters(world, wanted["counters"])
        self._read_triggers(world, load, wanted["triggers"])
        letters = Counter(letter_of(dict(r.headers)) for r in world.kafka.read(world.dead))
        asked = Counter(tuple(letter) for letter in wanted["dead_letters"])
        self.letters_lost, self.letters_doubled = asked - letters, letters - asked

    def wrong(self):
        """Sentences; none when all is as the oracle has it."""
        differences = (
            ("triggers lost", self.lost),
            ("triggers too many", self.doubled),
            ("accounts and rules whose triggers came in another order", self.disordered),
            ("counters wrong (oracle, Redis)", self.counters),
            ("dead letters lost", self.letters_lost),
            ("dead letters too many", self.letters_doubled),
        )
        return [
            f"{len(those)} {what}, such as {list(those.items())[:3]}"
            for what, those in differences
            if those
        ]

    def _wrong_counters(self, world, wanted):
        """Every field of every account's view that the oracle has a value for; 0 may be left out.
        Views may be written a moment later."""
        assert len(wanted) > 160, f"the oracle knows {len(wanted)} accounts"
        found = []

        def right():
            views = world.views()
            found[:] = [
                ((account, field), (value, its))
                for account, fields in wanted.items()
                for field, value in fields.items()
                for its in [views.get(account, {}).get(field)]
                if its != value and (its or value not in ("0", ""))
            ]
            return not found

        try:
            rig.until(right, "the counters")
        except AssertionError:
            pass
        return dict(found)

    def _read_triggers(self, world, load, wanted):
        """One by one: id, fired or resolved, cause or reason, value. Within an account and a rule also
        their order; but levels of `calls` are crossed by records that come two ways. Of rules that
        the oracle does not judge, the ids."""
        judged = load.judged()
        found = [json.loads(record.value) for record in world.kafka.read(world.triggers)]
        self.triggers = len(found)
        others = Counter((t["id"],) for t in found if t["data"]["rule"] not in judged)
        by_hand = Counter({(id,): count for id, count in load.expected().items()})
        found = [t for t in found if t["data"]["rule"] in judged]
        wanted = [t for t in wanted if t["data"]["rule"] in judged]
        kafka = others + Counter(map(essence, found))
        oracle = by_hand + Counter(map(essence, wanted))
        self.lost, self.doubled = oracle - kafka, kafka - oracle
        orders = [{}, {}]
        for order, triggers in zip(orders, (wanted, found)):
            for t in triggers:
                if t["data"]["rule"] != "calls":
                    order.setdefault((t["subject"], t["data"]["rule"]), []).append(t["id"])
        self.disordered = {
            key: orders[1].get(key) for key, ids in orders[0].items() if orders[1].get(key) != ids
        }


def letter_of(headers):
    """(topic, partition, offset, reason) of a dead letter's original."""
    topic, partition, offset, reason = (
        headers[f"hr-{name}"].decode() for name in ("topic", "partition", "offset", "reason")
    )
    return topic, int(partition), int(offset), reason
