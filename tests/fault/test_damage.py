# SPDX-License-Identifier: Apache-2.0
"""Bytes that somebody else has changed. What is wrong in Redis is noticed when it is read, said, and
copied again from the changelog; what is wrong in the changelog refuses its partition and names what
helps, and the other partitions go on."""
import json
import re
import shlex

import rig
from rig import scenario
from rig.kafka import Record

from world import World

METERS = {
    "calls": {"event": "call", "aggregate": "sum", "value": "/n", "limit": "calls", "by": "/part", "groups": 4},
    "users": {"event": "call", "aggregate": "unique", "value": "/user"},
}
ACCOUNTS = [f"acct-{n:02}" for n in range(12)]


class Small(World):
    """Twelve accounts in two homes, and how much each was used."""

    def __init__(self, name):
        rules = {"calls": {"watch": "meter.calls.used", "levels": ["1000%"]}}
        super().__init__(name, homes=2, usage_partitions=2, meters=METERS, rules=rules)
        self.used = dict.fromkeys(ACCOUNTS, 0)
        self.number = 0

    def use(self, *accounts, ids=None, repeated=False):
        """One call of each; of ids that were given before none counts."""
        records = []
        for account in accounts or ACCOUNTS:
            self.number += 1
            event = {
                "specversion": "1.0", "id": ids or str(self.number), "source": "/test", "type": "call",
                "subject": account, "data": {"n": 3, "part": "p", "user": f"u{self.number % 5}"},
            }  # fmt: skip
            self.used[account] += 0 if repeated else 3
            records.append(Record(self.usage, json.dumps(event).encode(), account.encode()))
        self.kafka.produce(records, partitioner="murmur2_random")

    def wait_used(self, *accounts):
        def wrong():
            views = self.views()
            return {
                account: (views.get(account, {}).get("calls.period"), self.used[account])
                for account in accounts or ACCOUNTS
                if views.get(account, {}).get("calls.period") != str(self.used[account])
            }

        try:
            rig.until(lambda: not wrong(), "the counters")
        except AssertionError:
            raise AssertionError(f"(Redis, wanted): {wrong()}")

    def key(self, home, rest):
        return f"{self.name}:{{{home}}}:{rest}"

    def all_of(self, home):
        """The accounts of this home."""
        return [account for account in ACCOUNTS if self.redis.exists(self.key(home, f"a:{account}"))]

    def leave_unwritten(self, home, *used):
        """A batch of this home that is committed, and that Redis does not have: what it counted is not
        in the counters that are expected from here on."""
        for _ in range(8):
            self.use(*used)
            with self.start(failpoint="committed:1") as run:
                run.wait_killed()
            if home in self.unwritten():
                break
        assert home in self.unwritten(), f"home {home} was never left unwritten"
        views = self.views()
        for account in set(used) & set(self.all_of(home)):
            left = int(views[account]["calls.period"])
            assert left < self.used[account], f"{account}: nothing would be lost"
            self.used[account] = left

    def stored(self, home, kind, account=None):
        """A key of the home that begins so and ends with that account."""
        pattern = self.key(home, kind) + f"*{account or ''}"
        found = sorted(self.redis.scan_iter(match=pattern, count=10000))
        assert found, pattern
        return found[0]

    def damage(self, key):
        value = bytearray(self.redis.get(key))
        value[len(value) // 2] ^= 0x20
        self.redis.set(key, bytes(value))


def test_what_is_damaged_in_redis_is_copied_again_from_the_changelog():
    with Small("damaged") as world:
        with world.run() as run:
            world.use()
            world.use("acct-00", ids="seen")
            world.wait_used()
            run.stop()
        account = world.all_of(0)[0]
        kinds = {
            world.stored(0, "a:", account): "checksum of a stored value is wrong",
            world.stored(0, "u:", account): "checksum of a stored value is wrong",
            world.stored(0, "g:", account): "checksum of a stored value is wrong",
            world.stored(0, "s:"): "stored block of ids is not well formed",
            world.key(0, "m"): "marker in Redis is damaged",
        }
        for key, said in kinds.items():
            world.damage(key)
            with world.run() as run:
                world.use()  # and so reads it
                world.use("acct-00", ids="seen", repeated=True)
                world.wait_used()
                run.wait_said(rf"warn partition 0: .*{said}; .*copied again")
                assert not run.said("warn partition 1|is refused"), run._tail()
                assert run.get("/healthz")[0] == 200
                run.stop()
            world.check_redis_is_the_changelog()

        for other in (b"", b"x" * 5000, b"1 2 3"):
            world.redis.set(world.key(0, "m"), other)
            with world.run() as run:
                assert run.said("warn partition 0: the marker in Redis is damaged; .*copied again"), run._tail()
                world.use()
                world.wait_used()
                run.stop()
            world.check_redis_is_the_changelog()


def refused(world, said):
    """A start that refuses home 0 alone, says why and stays unhealthy, while home 1 counts. The command
    that it names."""
    with world.start() as run:
        run.find_port()
        run.wait_status("/healthz", 503, 60)
        told = run.wait_said("partition 0 is refused: (.*)")[1]
        assert re.search(said, told), told
        world.use(*world.all_of(1))
        world.wait_used(*world.all_of(1))
        assert not run.said("partition 1 is refused"), run._tail()
        run.stop()
    return shlex.split(re.search("`headroom (restore [^`]*)`", told)[1])


def test_what_is_damaged_in_the_changelog_refuses_its_partition_and_names_what_helps():
    with Small("log") as world:
        with world.run() as run:
            world.use()
            world.wait_used()
            run.stop()
        account = world.all_of(0)[0]
        others = [other for other in ACCOUNTS if other != account]
        members = world.stored(0, "u:", account).decode().split("}:", 1)[1]
        strangers = [
            (f"a:{account}", b"\x00garbage", r"\(a stored value is not headroom's\)"),
            (members, world.redis.get(world.key(0, f"a:{account}")), "is not what its key says"),
            ("s:7", b"", "is not what its key says"),
        ]
        for key, value, said in strangers:
            # The stranger stands before a batch that Redis does not have, and that does not write
            # what it stands for.
            world.kafka.produce([Record(world.changelog, value, key.encode(), partition=0)])
            world.leave_unwritten(0, *others)
            named = refused(world, f"the changelog is damaged at offset .*{said}.* Redis stands at batch")
            assert named == ["restore", "--partition", "0", "--from-redis"], named
            world.command(*named)
            with world.run() as run:
                world.use()
                world.wait_used()
                run.stop()
            world.check_redis_is_the_changelog()


def test_what_was_damaged_and_written_anew_since_does_no_harm():
    with Small("since") as world:
        with world.run() as run:
            world.use()
            world.wait_used()
            run.stop()
        account = world.all_of(0)[0]
        strangers = {f"a:{account}": b"garbage", "s:0": b"\x01", "h": b"1 no header"}
        world.kafka.produce(
            Record(world.changelog, value, key.encode(), partition=0) for key, value in strangers.items()
        )
        with world.run() as run:
            world.use()
            world.wait_used()
            run.stop()
        _, said = world.command("restore", "--from-changelog")
        assert said.count("the changelog is damaged at offset") == len(strangers), said
        with world.run() as run:
            world.use()
            world.wait_used()
            run.stop()
        world.check_redis_is_the_changelog()


def test_what_is_damaged_in_both_waits_for_a_copy_of_redis():
    with Small("both") as world:
        with world.run() as run:
            world.use()
            world.wait_used()
            run.stop()
        account, other = world.all_of(0)[:2]
        members = world.stored(0, "u:", account).decode().split("}:", 1)[1].encode()
        for value in (b"?", None):
            world.kafka.produce([Record(world.changelog, value, members, partition=0)])
            with world.run() as run:  # nobody reads it, as long as Redis is whole
                world.use(other)
                world.wait_used()
                run.stop()
            copy, _ = world.save_redis()
            world.redis.delete(world.key(0, "m"))
            if value is None:
                # The log is whole record by record, and what they say together is not.
                with world.start() as run:
                    run.find_port()
                    world.use(account)
                    run.wait_said("partition 0: .* not stored; .*copied again", 60)
                    told = run.wait_said("partition 0 is refused: (.*)", 60)[1]
                    assert "what the changelog holds is wrong, too" in told, told
                    run.wait_status("/healthz", 503, 60)
                    world.use(*world.all_of(1))
                    world.wait_used(*world.all_of(1))
                    run.stop()
                named = shlex.split(re.search("`headroom (restore [^`]*)`", told)[1])
            else:
                named = refused(world, "damaged at offset .* Redis holds nothing of this partition")
            assert named == ["restore", "--partition", "0", "--from-redis"], named
            world.kill_redis()
            world.start_redis(copy)
            world.command(*named)
            with world.run() as run:
                world.use()
                world.wait_used()
                run.stop()
            world.check_redis_is_the_changelog()


scenario.main()
