# SPDX-License-Identifier: Apache-2.0
"""Records as they come: broken in every way, too large, without value, key or time; and topics as they
are, with any partition count and any client's hash. Nothing stops, nothing is skipped, and what can
be counted is counted once."""
import json

import rig
from rig import metrics, scenario
from rig.kafka import Record

from company import Company, call, subscribe

LARGE = 12 * 1024 * 1024


def letters(company):
    """Reason: values, of everything in the dead-letter topic."""
    found = {}
    for record in company.kafka.read(f"{company.name}-dead"):
        headers = {name: value for name, value in record.headers}
        found.setdefault(headers["hr-reason"].decode(), []).append((headers, record.value))
    return found


def count(run, result):
    return metrics.total(run.metrics(), "headroom_records_total", result=result)


def test_broken_records_become_dead_letters_and_stop_nothing():
    broken = {
        "bad_json": [
            b"",
            b"{",
            b'{"id":"1","id2":tru}',
            b'{"a":"\xff"}',
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b"\x00\x01\x02",
            b'{"junk":01}',
            b"\xef\xbb\xbf{}",
        ],
        "bad_event": [
            b"[]",
            b"7",
            b"{}",
            json.dumps({"specversion": "1.0", "id": "n", "source": "/t", "type": "call"}).encode(),
        ],
    }
    with Company("broken") as company, company.run() as run:
        events = [
            call("huge", 10**30),
            {**call("exponent", 0), "data": {"n": "1e999999999999"}},
            call("text", "twelve"),
            call("time", 1, time="yesterday"),
            call("old", 1, time="2001-01-01T00:00:00Z"),
            call("new", 1, time="2101-01-01T00:00:00Z"),
            {"id": "s", "type": "subscription.created", "subject": "a", "data": {"plan": 7}},
        ]
        company.send(*[value for values in broken.values() for value in values])
        company.send(*events)
        company.send(subscribe("good"), call("1", 42))
        company.wait_view("a", calls_period="42")
        wanted = {
            **{reason: len(values) for reason, values in broken.items()},
            "overflow": 2,
            "bad_value": 2,
            "bad_time": 1,
            "too_late": 1,
            "in_future": 1,
        }
        found = letters(company)
        assert {reason: len(all) for reason, all in found.items()} == wanted, found.keys()
        originals = sorted(value for _, value in found["bad_json"])
        assert originals == sorted(broken["bad_json"])
        for all in found.values():
            for headers, _ in all:
                assert headers["hr-topic"].decode() == company.usage, headers
                assert int(headers["hr-partition"]) >= 0 and int(headers["hr-offset"]) >= 0
        run.stop()


def test_a_record_too_large_for_the_dead_letters_goes_by_reference():
    with Company("large", make_topics=False) as company:
        wide = company.topic(f"{company.name}-wide", 1, max_message_bytes=LARGE)
        company.tree["sources"].append({"topic": wide})
        company.kafka.create(f"{company.name}-dead", 1, max_message_bytes=100_000)
        company.write()
        company.command("topics", "create")
        with company.run() as run:
            value = b'{"id":"x","junk":"' + b"z" * (10 * 1024 * 1024) + b'"'
            company.kafka.produce(
                [Record(wide, value, b"a"), Record(wide, company.bytes(call("1", 5)), b"a")],
                message_max_bytes=LARGE,
            )
            company.wait_view("a", calls_period="5")
            ((headers, head),) = letters(company)["bad_json"]
            assert int(headers["hr-size"]) >= len(value), headers
            assert value.startswith(head) and 1000 < len(head) < 100_000, len(head)
            run.stop()


def test_a_record_too_large_to_be_forwarded_stops_nothing():
    """The internal topic takes 64 KiB more than the sources; such a name is in a forwarded record
    twice more."""
    with Company("forward") as company, company.run() as run:
        name = "n" * 60_000
        value = company.bytes({**call("1", 5, name), "junk": "z" * 980_000})
        company.kafka.produce(
            [Record(company.usage, value, partition=n) for n in (0, 1)]
            + [Record(company.usage, company.bytes(call("2", 7)), b"a")],
            message_max_bytes=LARGE,
        )
        company.wait_view("a", calls_period="7")
        rig.until(lambda: "too_large" in letters(company), "the one that was not at home")
        (letter,) = letters(company)["too_large"]
        assert letter[1] == value, "it did not stay whole"
        company.wait_view(name, calls_period="5")
        run.stop()


def test_tombstones_are_skipped_and_counted():
    with Company("tombs") as company, company.run() as run:
        company.kafka.produce(
            [
                Record(company.usage, None, b"a"),
                Record(company.usage, None, b"a", headers=[("traceparent", b"00-1")]),
                Record(company.usage, company.bytes(call("1", 7)), b"a"),
            ]
        )
        company.wait_view("a", calls_period="7")
        assert count(run, "ignored") == 2 and count(run, "dead_lettered") == 0
        run.stop()


def test_binary_mode_is_read_like_structured_mode():
    with Company("binary") as company, company.run() as run:
        headers = [
            ("content-type", b"application/json"),
            ("ce_specversion", b"1.0"),
            ("ce_id", b"1"),
            ("ce_source", b"/test"),
            ("ce_type", b"call"),
            ("ce_subject", b"a"),
        ]
        company.kafka.produce([Record(company.usage, b'{"n": "12.5"}', b"a", headers=headers)])
        company.wait_view("a", calls_period="12.5")
        company.send(call("1", "12.5"))  # the same event, structured
        rig.until(lambda: count(run, "duplicate") == 1, "a duplicate")
        run.stop()


def test_topics_are_tapped_as_they_are():
    """48 partitions keyed by librdkafka's own hash, some records without a key, beside 6 partitions
    keyed as Java does it. Every third account is used under an API key that is made its alias."""
    accounts = [f"account-{n:02d}" for n in range(40)]
    with Company("tapped", make_topics=False) as company:
        clicks = company.topic(f"{company.name}-clicks", 48)
        billing = company.topic(f"{company.name}-billing", 6)
        company.tree["sources"] = [{"topic": billing}, {"topic": clicks}]
        company.write()
        company.command("topics", "create", "--partitions", "6")
        with company.run() as run:
            facts = [subscribe(f"s-{name}", name) for name in accounts]
            facts += [
                {
                    "id": f"u-{name}",
                    "type": "account.updated",
                    "subject": name,
                    "data": {"aliases": [f"key-{name}"]},
                }
                for name in accounts[::3]
            ]
            company.kafka.produce(
                [Record(billing, company.bytes(f), f["subject"].encode()) for f in facts],
                partitioner="murmur2_random",
            )
            rig.until(lambda: set(company.views()) == set(accounts), "every account")
            used = [
                call(f"{name}-{n}", 3, f"key-{name}" if at % 3 == 0 and n % 2 else name)
                for n in range(30)
                for at, name in enumerate(accounts)
            ]
            company.kafka.produce(
                Record(clicks, company.bytes(e), e["subject"].encode() if at % 10 else None)
                for at, e in enumerate(used)
            )
            for name in accounts:
                company.wait_view(name, calls_period="90", calls_used="90%")
            fired = sorted(t["subject"] for t in company.triggers())
            assert fired == accounts, fired
            clicked = metrics.total(
                run.metrics(), "headroom_records_total", topic=clicks, result="forwarded"
            )
            assert clicked == len(used), clicked
            run.stop()


def test_a_home_topic_filled_by_another_hash_is_counted_too():
    accounts = [f"account-{n:02d}" for n in range(30)]
    with Company("hashed", partitions=4) as company, company.run() as run:
        company.send(*[subscribe(f"s-{name}", name) for name in accounts])
        company.send(*[call(f"{name}-{n}", 1, name) for n in range(90) for name in accounts])
        for name in accounts:
            company.wait_view(name, calls_period="90")
        assert sorted(t["subject"] for t in company.triggers()) == accounts
        assert count(run, "forwarded") > 1000
        run.stop()


scenario.main()
