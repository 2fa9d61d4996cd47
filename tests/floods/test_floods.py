# SPDX-License-Identifier: Apache-2.0
"""The floods. Every expected figure follows from how the flood was made: a few lines beside it."""
import datetime as dt
import itertools
from collections import Counter

from rig import scenario
from world import FULL, MIB, NOW, Flood, sized

SUM = {"event": "call", "aggregate": "sum", "value": "/n"}
DAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


def calls(*levels, **more):
    return {
        "meters": {"calls": {**SUM, **more}},
        "rules": {"busy": {"watch": "meter.calls.period", "levels": [str(n) for n in levels]}},
    }


def fired(accounts, level, rule="busy", kind="fired"):
    return {(account, rule, str(level), kind): 1 for account in accounts}


def test_one_account_has_half_of_all():
    """Every second event is the whale's; the others share the rest, `each` a head."""
    others, each = sized(2_000, 50_000), sized(25, 50)
    half = others * each
    with Flood("whale", calls(each, half)) as flood:

        def events():
            for n in range(half):
                yield flood.event("whale", '{"n":1}')
                yield flood.event(f"o{n % others}", '{"n":1}')

        flood.pour(events())
        flood.drain()
        flood.check_results(counted=2 * half)
        names = ["whale", *(f"o{n}" for n in range(others))]
        flood.check_triggers({**fired(names, each), **fired(["whale"], half)})
        flood.check_fields(
            (name, {"calls.period": str(half if name == "whale" else each)}) for name in names
        )
        flood.report()


def test_far_more_accounts_than_memory():
    """Each has an event of 1, and when all have had it one of 2: who was evicted meanwhile must come
    back with what it had. A level of 3 is reached by every hundredth, whose first is 2: all others
    would reach it only if an event counted twice."""
    accounts = sized(50_000, 5_000_000)
    memory = sized(4, 64) * MIB

    def first(n):
        return 2 if n % 100 == 0 else 1

    with Flood("accounts", calls(4), account_memory=memory) as flood:

        def events():
            for n in range(accounts):
                yield flood.event(f"a{n}", f'{{"n":{first(n)}}}')
            for n in range(accounts):
                yield flood.event(f"a{n}", '{"n":2}')

        flood.pour(events())
        flood.drain()
        flood.figures["redis_mib"] = flood.redis.info("memory")["used_memory"] // MIB
        flood.check_results(counted=2 * accounts)
        flood.check_triggers(fired((f"a{n}" for n in range(0, accounts, 100)), 4))
        flood.check_fields(
            (f"a{n}", {"calls.period": str(first(n) + 2)}) for n in range(accounts)
        )
        known = flood.figures["accounts_in_memory"]
        assert known < accounts, f"all of {accounts} accounts were in memory"
        flood.report()


def test_more_ids_than_are_remembered():
    """Each event comes twice in a row, and is counted once. When it is long forgotten one in a hundred
    comes a third time: only that counts again."""
    ids, accounts = sized(60_000, 3_000_000), 1_000
    dedup = sized(MIB // 4, 4 * MIB)  # 16 bytes an id, all partitions together
    assert ids * 16 > 3 * dedup
    early = range(0, ids // 3, 100)
    with Flood("ids", calls(10 * ids), dedup=dedup) as flood:

        def one(n):
            return flood.event(f"a{n % accounts}", '{"n":1}', id=f"e{n}")

        def events():
            for n in range(ids):
                yield one(n)
                yield one(n)
            yield from map(one, early)

        flood.pour(events())
        flood.drain()
        flood.check_results(counted=ids + len(early), duplicate=ids)
        again = [0] * accounts
        for n in early:
            again[n % accounts] += 1
        flood.check_fields(
            (f"a{n}", {"calls.period": str(ids // accounts + again[n])}) for n in range(accounts)
        )
        flood.check_triggers({})
        flood.report()


def test_a_hundred_thousand_groups():
    """Accounts with all the groups that one may have, and one with 100,000 values. That which the
    rule names has a place in each; of the others the first 999 have, the rest count under `other`."""
    accounts, groups = sized(10, 100), 1000
    values, each = sized(10_000, 100_000), 3
    tree = {
        "meters": {"calls": {**SUM, "by": "/of", "groups": groups}},
        "rules": {"group": {"watch": "meter.calls[g7].period", "levels": [str(each)]}},
    }
    with Flood("groups", tree) as flood:

        def events():
            for _ in range(each):
                for account, group in itertools.product(range(accounts), range(groups)):
                    yield flood.event(f"a{account}", f'{{"n":1,"of":"g{group}"}}')
                for value in range(values):
                    yield flood.event("wide", f'{{"n":1,"of":"v{value}"}}')

        flood.pour(events())
        flood.drain()
        flood.check_results(counted=flood.sent)
        flood.check_fields(
            [
                *(
                    (f"a{n}", {"calls.period": str(groups * each), "calls[g7].period": str(each)})
                    for n in range(accounts)
                ),
                (
                    "wide",
                    {
                        "calls.period": str(values * each),
                        f"calls[v{groups - 2}].period": str(each),
                        "calls[other].period": str((values - (groups - 1)) * each),
                    },
                ),
            ]
        )
        flood.check_triggers(fired((f"a{n}" for n in range(accounts)), each, rule="group"))
        flood.report()


def test_a_poison_record_first_in_every_partition():
    """What no reader can take, at the head of each of many partitions."""
    partitions, good = sized(16, 64), sized(20_000, 1_000_000)
    accounts = 1_000
    poisons = [
        (b"", "bad_json"),
        (b"\0" * 1000, "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (b'{"a":' * 50_000, "bad_json"),
        (b'{"specversion":"1.0","id":', "bad_json"),
        (b"\xff\xfe{}", "bad_json"),
        (b'"' + b"\\u0041" * 150_000 + b'"', "bad_event"),
        (b"9" * 900_000, "bad_event"),
    ]
    with Flood("poison", calls(good // accounts), partitions=partitions) as flood:

        def events():
            for n in range(partitions):
                record = flood.event("poison", "{}")
                record.partition, record.value = n, poisons[n % len(poisons)][0]
                yield record
            for n in range(good):
                yield flood.event(f"a{n % accounts}", '{"n":1}')

        flood.pour(events())
        flood.drain()
        flood.check_results(counted=good, dead_lettered=partitions)
        flood.check_letters(Counter(poisons[n % len(poisons)][1] for n in range(partitions)))
        names = [f"a{n}" for n in range(accounts)]
        flood.check_triggers(fired(names, good // accounts))
        flood.check_fields((name, {"calls.period": str(good // accounts)}) for name in names)
        flood.report()


def test_more_dead_letters_than_good_records():
    """Ten broken records for a good one."""
    good, accounts = sized(5_000, 200_000), 1_000
    with Flood("letters", calls(good // accounts)) as flood:

        def events():
            for n in range(good):
                for _ in range(5):
                    record = flood.event(f"a{n % accounts}", "{}")
                    record.value = record.value[:-1]
                    yield record
                    yield flood.event(f"a{n % accounts}", '{"n":"many"}')
                yield flood.event(f"a{n % accounts}", '{"n":1}')

        flood.pour(events())
        flood.drain()
        flood.check_results(counted=good, dead_lettered=10 * good)
        flood.check_letters({"bad_json": 5 * good, "bad_value": 5 * good})
        names = [f"a{n}" for n in range(accounts)]
        flood.check_triggers(fired(names, good // accounts))
        flood.check_fields((name, {"calls.period": str(good // accounts)}) for name in names)
        flood.report()


def test_all_periods_end_in_one_second():
    """Usage on the day before a month began. At its first second every account's period ends; one in
    ten had reached a level, which ends with it. What is due at one moment is looked for in pieces."""
    accounts = sized(12_000, 1_000_000)
    first = DAY.replace(day=1)
    before = first - dt.timedelta(hours=12)
    with Flood("month", calls(5), account_memory=sized(4, 256) * MIB) as flood:

        def events():
            for n in range(accounts):
                n_calls = 5 if n % 10 == 0 else 1
                yield flood.event(f"a{n}", f'{{"n":{n_calls}}}', moment=before)

        flood.pour(events())
        flood.drain()
        flood.check_results(counted=accounts)
        names = [f"a{n}" for n in range(0, accounts, 10)]
        flood.check_triggers({**fired(names, 5), **fired(names, 5, kind="resolved")})
        flood.check_fields((f"a{n}", {"calls.period": "0", "open": ""}) for n in range(accounts))
        flood.report()


scenario.SECONDS = 3600 if FULL else 420

scenario.main()
