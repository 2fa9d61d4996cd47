# SPDX-License-Identifier: Apache-2.0
"""The broker port against a real Kafka: what a transaction leaves behind, who is fenced and how it is
told, what a member reads after a rewind or a pause, and what is said when the broker dies."""
import os
import signal
import time

import rig
from rig import scenario, services
from rig.kafka import Kafka, Record
from rig.ports import Shell, until

SESSION_MS = 6000
TRANSACTION_MS = 5000


class Member:
    """A process of the group, as far as its broker port goes."""

    def __init__(self, brokers, group, slot, topics, transaction_ms=TRANSACTION_MS, properties=()):
        self.shell = Shell("broker")
        flat = [word for pair in properties for word in pair]
        self.opened = self.shell.ask(
            "open", brokers, group, slot, SESSION_MS, transaction_ms, len(flat) // 2, *flat, *topics
        )

    def __enter__(self):
        assert self.opened == [b"ok"], self.opened
        return self

    def __exit__(self, *exception):
        self.shell.end()

    def ready(self):
        """Has a producer and an assignment."""
        until(self.shell, "renew", b"ok", 60)
        until(self.shell, "poll", b"assigned", 60, (100,))
        return self

    def ask(self, *words):
        return self.shell.ask(*words)

    def ok(self, *words):
        return self.shell.ok(*words)

    def poll_until(self, *wanted):
        """The first event of these kinds; what else comes is dropped."""
        end = time.monotonic() + 40
        while time.monotonic() < end:
            event = self.ask("poll", 50)
            if event[0].decode() in wanted:
                return event
        raise AssertionError(f"waited for {wanted}")

    def give_up(self):
        """Aborts. A transaction so young that the broker still ends the one before cannot be ended
        by the same producer (a defect of librdkafka's): it takes a new one to abort it."""
        outcome = self.ask("abort")[0]
        assert outcome in (b"aborted", b"unknown"), outcome
        if outcome == b"unknown":
            assert self.ask("begin")[0] == b"retry"
            until(self.shell, "renew", b"ok", 60)

    def records(self, count):
        """So many records, as (topic, partition, offset, value)."""
        found = []
        end = time.monotonic() + 30
        while len(found) < count and time.monotonic() < end:
            event = self.ask("poll", 100)
            if event[0] == b"record":
                found.append((event[1].decode(), int(event[2]), int(event[3]), event[6]))
        assert len(found) == count, f"{len(found)} of {count}"
        return found


class Opened:
    def __init__(self, own=None):
        self.services = own or services.shared()
        self.kafka = Kafka(self.services.brokers)
        self.group = rig.unique("group")
        self.source = self.kafka.create(rig.unique("in"), 2)
        self.out = self.kafka.create(rig.unique("out"), 1)

    def member(self, slot="0", **options):
        return Member(self.services.brokers, self.group, slot, [self.source], **options)

    def values(self):
        return [record.value for record in self.kafka.read(self.out)]

    def transaction(self, member, value, offset, metadata, copies=1, tag=1):
        """All of it but the commit."""
        member.ok("mark")
        member.ok("begin")
        member.ok("produce", tag, copies, self.out, 0, -1, "k", value)
        return ("commit", self.source, 0, offset, metadata)


def test_a_committed_transaction_holds_records_offsets_and_metadata():
    it = Opened()
    with it.member() as member:
        assert member.ok("committed", it.source, 0, 0, it.source, 1, 0) == [b"-1", None] * 2
        assert member.ask("mark")[0] == b"retry", "there is no generation to mark yet"
        member.ready()
        member.ok("mark")
        member.ok("begin")
        member.ok("produce", 2, 3, it.out, 0, 1700000000123000, "key", b"\0\xff", "h", b"\0", "n", None)
        member.ok("produce", 1, 1, it.out, 0, -1, None, None)
        assert member.ask("commit", it.source, 0, 5, "seq 7 nonce ä")[0] == b"done"
        assert (member.ask("produced", 2), member.ask("produced", 1)) == ([b"2"], [b"3"])
        assert member.ok("committed", it.source, 0, 0, it.source, 1, 0) == [
            b"5", "seq 7 nonce ä".encode(), b"-1", None,
        ]
    records = it.kafka.read(it.out)
    assert len(records) == 4
    assert (records[0].key, records[0].value) == (b"key", b"\0\xff")
    assert records[0].headers == [("h", b"\0"), ("n", None)], records[0].headers
    assert records[0].timestamp_ms == 1700000000123
    assert (records[3].key, records[3].value) == (None, None)
    assert abs(records[3].timestamp_ms / 1000 - time.time()) < 60


def test_an_aborted_transaction_leaves_nothing():
    it = Opened()
    with it.member() as member:
        member.ready()
        assert member.ask(*it.transaction(member, "one", 1, "a"))[0] == b"done"
        it.transaction(member, "gone", 2, "b", copies=100)
        member.give_up()
        assert member.ask("abort")[0] == b"aborted", "nothing is open"
        assert member.ok("committed", it.source, 0, 0) == [b"1", b"a"]
        assert member.ask(*it.transaction(member, "two", 3, "c"))[0] == b"done"
        assert member.ok("committed", it.source, 0, 0) == [b"3", b"c"]
    assert it.values() == [b"one", b"two"]


def test_a_record_that_is_not_taken_aborts_the_whole():
    it = Opened()
    small = it.kafka.create(rig.unique("small"), 1, max_message_bytes=1000)
    with it.member() as member:
        member.ready()
        member.ok("mark")
        member.ok("begin")
        member.ok("produce", 0, 1, it.out, 0, -1, "k", "gone")
        member.ok("produce", 0, 1, small, 0, -1, "k", "x" * 5000)
        outcome = member.ask("commit", it.source, 0, 9, "m")
        assert outcome[0] == b"aborted" and small.encode() in outcome[2], outcome
        assert member.ok("committed", it.source, 0, 0) == [b"-1", None]
        assert member.ask(*it.transaction(member, "next", 1, "a"))[0] == b"done"
    assert it.values() == [b"next"]


def test_closing_aborts_what_is_open():
    it = Opened()
    with it.member() as member:
        member.ready()
        it.transaction(member, "gone", 2, "b", copies=10)
        member.ok("close")
        begun = time.monotonic()
    with it.member() as member:
        assert member.ok("committed", it.source, 0, 0) == [b"-1", None]
        member.ready()
        assert member.ask(*it.transaction(member, "one", 1, "a"))[0] == b"done"
    assert time.monotonic() - begun < TRANSACTION_MS / 1000, "somebody waited for the time-out"
    assert it.values() == [b"one"]


def test_a_producer_with_the_same_slot_fences_the_older_one():
    it = Opened()
    with it.member() as older, it.member() as newer:
        older.ready()
        commit = it.transaction(older, "old", 5, "old")
        until(newer.shell, "renew", b"ok", 60)
        outcome = older.ask(*commit)
        assert outcome[0] == b"unknown", outcome
        assert older.ask("begin")[0] == b"retry", "it needs a new producer"
        assert newer.ok("committed", it.source, 0, 0) == [b"-1", None]
    assert it.values() == []


def test_a_member_with_the_same_slot_ends_the_older_one():
    it = Opened()
    with it.member() as older, it.member() as newer:
        older.ready()
        newer.ready()
        event = older.poll_until("failed")
        assert event[1] == b"stop" and b"instance 0" in event[2], event
        assert older.ask("renew")[0] == b"stop", "it would fence its successor"
        assert newer.ask(*it.transaction(newer, "new", 1, "n"))[0] == b"done"


def test_a_transaction_of_an_old_generation_is_fenced():
    it = Opened()
    with it.member(transaction_ms=30000) as first, it.member("1") as second:
        first.ready()
        first.ok("start", it.source, 0, 0, it.source, 1, 0)
        commit = it.transaction(first, "old", 5, "old")
        second.ask("poll", 1)  # joins
        first.poll_until("revoked")
        first.ask("poll", 500)  # gives its partitions up and joins again
        second.poll_until("assigned")
        outcome = first.ask(*commit)
        assert outcome[0] == b"fenced", outcome
        assert first.ok("committed", it.source, 0, 0, it.source, 1, 0) == [b"-1", None] * 2
        # The producer is as good as before, and has the generation that it marks.
        if not first.ok("assignment"):
            first.poll_until("assigned")
        assert first.ask(*it.transaction(first, "new", 6, "new"))[0] == b"done"
        assert len(first.ok("assignment")) + len(second.ok("assignment")) == 4
    assert it.values() == [b"new"]


def test_a_process_stopped_past_its_session_commits_nothing():
    it = Opened()
    with it.member("0", transaction_ms=30000) as stopped, it.member("1") as other:
        stopped.ready()
        commit = it.transaction(stopped, "old", 5, "old")
        os.kill(stopped.shell.process.pid, signal.SIGSTOP)
        until(other.shell, "renew", b"ok", 60)
        other.poll_until("assigned")
        assert len(other.ok("assignment")) == 4, "it has all partitions"
        assert other.ask(*it.transaction(other, "new", 3, "new"))[0] == b"done"
        os.kill(stopped.shell.process.pid, signal.SIGCONT)
        outcome = stopped.ask(*commit)
        assert outcome[0] in (b"fenced", b"unknown"), outcome
        stopped.poll_until("lost", "revoked")
        assert stopped.ask("mark")[0] == b"retry"
        assert other.ok("committed", it.source, 0, 0) == [b"3", b"new"]
    assert it.values() == [b"new"]


def test_a_member_that_starts_nothing_stays_in_the_group():
    it = Opened()
    with it.member() as member:
        member.ready()
        end = time.monotonic() + 2.5 * SESSION_MS / 1000
        while time.monotonic() < end:
            assert member.ask("poll", 100) == [b"nothing"]
        member.ok("mark")
        member.ok("start", it.source, 0, 0)
        assert member.poll_until("end")[1:] == [it.source.encode(), b"0", b"0"]


def test_a_restart_with_the_same_slot_moves_nothing():
    it = Opened()
    with it.member("0") as first, it.member("1") as second:
        first.ready()
        second.ask("poll", 1)
        first.poll_until("revoked")
        first.poll_until("assigned")
        second.poll_until("assigned")
        was = second.ok("assignment")
        begun = time.monotonic()
        second.ok("close")
        with it.member("1") as again:
            again.poll_until("assigned")
            assert time.monotonic() - begun < SESSION_MS / 1000
            assert again.ok("assignment") == was
            assert first.ask("poll", 100) == [b"nothing"], "the others were disturbed"


def test_rewinding_and_pausing_lose_and_repeat_nothing():
    it = Opened()
    for partition in (0, 1):
        it.kafka.produce([Record(it.source, b"%d" % n, partition=partition) for n in range(20000)])
    with it.member() as member:
        member.ready()
        member.ok("start", it.source, 0, 0, it.source, 1, 0)
        member.records(5000)
        # Back, while much of what comes later is fetched already.
        member.ok("start", it.source, 0, 100)
        records = member.records(3000)
        assert [(r[1], r[2]) for r in records] == [(0, 100 + n) for n in range(3000)]
        member.ok("start", it.source, 0, 3100, it.source, 1, 7)
        member.ok("pause", 1, it.source, 0)
        records = member.records(1000)
        assert [(r[1], r[2]) for r in records] == [(1, 7 + n) for n in range(1000)]
        member.ok("pause", 0, it.source, 0)
        # Neither resuming nor pausing twice moves anybody.
        member.ok("pause", 0, it.source, 0, it.source, 1)
        records = member.records(2000)
        member.ok("pause", 1, it.source, 0, it.source, 1)
        member.ok("pause", 1, it.source, 0)
        assert member.ask("poll", 300) == [b"nothing"]
        member.ok("pause", 0, it.source, 0, it.source, 1)
        records += member.records(2000)
        for partition, first in ((0, 3100), (1, 1007)):
            offsets = [r[2] for r in records if r[1] == partition]
            assert offsets == list(range(first, first + len(offsets))), (partition, offsets[:3])


def test_ends_pass_control_records_and_bounds_are_those_of_committed_records():
    it = Opened()
    with it.member() as member, it.member("1") as writer:
        member.ready()
        until(writer.shell, "renew", b"ok", 60)
        producer = it.kafka.producer(transactional_id=rig.unique("t"))
        producer.init_transactions(30)
        for value, commit in ((b"one", True), (b"gone", False)):
            producer.begin_transaction()
            producer.produce(it.source, value, partition=0, timestamp=1000)
            producer.flush(30)
            producer.commit_transaction(30) if commit else producer.abort_transaction(30)
        producer.begin_transaction()
        producer.produce(it.source, b"open", partition=0)
        producer.flush(30)
        # 0: one, 1: its control record, 2: gone, 3: its control record, 4: open.
        assert member.ok("bounds", 1, it.source, 0, 0, it.source, 1, 0) == [b"4", b"0"]
        assert member.ok("bounds", 0, it.source, 0, 0, it.source, 1, 0) == [b"0", b"0"]
        assert member.ok("offset_at", it.source, 0, 0) == [b"0"]
        assert member.ok("offset_at", it.source, 1, 5) == [b"0"], "there is none: the end"
        member.ok("start", it.source, 0, 0)
        assert member.poll_until("record")[1:4] == [it.source.encode(), b"0", b"0"]
        assert member.poll_until("end", "record")[0:] == [b"end", it.source.encode(), b"0", b"4"]
        producer.abort_transaction(30)
        assert member.poll_until("end", "record")[3] == b"6"


def test_an_offset_that_is_gone_refuses_the_partition():
    it = Opened()
    it.kafka.produce([Record(it.source, b"%d" % n, partition=0) for n in range(10)])
    with it.member() as member:
        member.ready()
        member.ok("delete_before", it.source, 0, 4)
        assert member.ok("bounds", 0, it.source, 0, 0) == [b"4"]
        member.ok("start", it.source, 0, 2, it.source, 1, 0)
        event = member.poll_until("failed", "record")
        assert event[:2] == [b"failed", b"refuse"], event
        assert event[3:] == [it.source.encode(), b"0"], event
        assert member.ok("partitions", it.source) == [b"2"]
        assert member.ok("partitions", rig.unique("none")) == [b"0"]


def test_a_changelog_is_read_from_an_offset_to_its_end():
    it = Opened()
    with it.member() as member:
        member.ready()
        for n in range(3):
            assert member.ask(*it.transaction(member, f"v{n}", n, "m", copies=2))[0] == b"done"
            it.transaction(member, "gone", n, "m")
            member.give_up()
        member.ok("reader", it.out, 0, 1)
        seen = []
        while True:
            event = member.ask("read", 5000)
            if event[0] != b"record":
                break
            seen.append(event[6])
        assert seen == [b"v0", b"v1", b"v1", b"v2", b"v2"], seen
        end = member.ok("bounds", 1, it.out, 0, 0)[0]
        assert event == [b"end", it.out.encode(), b"0", end], (event, end)
        member.ok("close_reader")
        member.ok("reader", it.out, 0, 10**6)
        event = member.ask("read", 10000)
        assert event[:2] == [b"failed", b"refuse"], event
        member.ok("close_reader")


def test_whatever_is_said_of_a_commit_that_the_broker_died_in_is_true():
    with services.Services("commit") as own:
        it = Opened(own)
        with it.member() as member:
            said = set()
            committed = b"-1"
            for attempt, delay in enumerate((0.0, 0.004, 0.008, 0.015, 0.03)):
                until(member.shell, "renew", b"ok", 60)
                if not member.ok("assignment"):
                    member.poll_until("assigned")
                mine = f"mine {attempt}"
                commit = it.transaction(member, mine, 100 + attempt, mine, copies=50)
                member.shell.tell(*commit)
                time.sleep(delay)
                own.kill_kafka()
                own.start_kafka()
                outcome = member.shell.answer()[0]
                said.add(outcome)
                until(member.shell, "renew", b"ok", 60)
                until(member.shell, "committed", b"ok", 60, (it.source, 0, 0))
                found = member.ok("committed", it.source, 0, 0)
                visible = it.values().count(mine.encode())
                assert visible in (0, 50), visible
                assert (found[1] == mine.encode()) == (visible == 50), (outcome, found, visible)
                assert outcome != b"done" or visible == 50
                assert outcome not in (b"aborted", b"fenced") or visible == 0
                if visible == 0:
                    assert found[0] == committed, "somebody moved the offsets"
                committed = found[0]
                while member.ask("poll", 200)[0] != b"nothing":
                    pass
            assert said & {b"unknown", b"aborted", b"fenced", b"done"}, said


def test_an_outage_is_told_once_and_passes():
    with services.Services("outage") as own:
        it = Opened(own)
        with it.member() as member:
            member.ready()
            member.ok("start", it.source, 0, 0)
            member.poll_until("end")
            own.kill_kafka()
            told = 0
            end = time.monotonic() + 10
            while time.monotonic() < end:
                event = member.ask("poll", 100)
                if event[0] == b"failed":
                    assert event[1] == b"retry", event
                    told += 1
            assert told == 1, told
            begun = time.monotonic()
            assert member.ask("renew")[0] == b"retry"
            assert member.ask("bounds", 1, it.source, 0, 0)[0] == b"retry"
            assert time.monotonic() - begun < 10
            own.start_kafka()
            until(member.shell, "renew", b"ok", 60)
            it.kafka.produce([Record(it.source, b"after", partition=0)])
            # The session may have ended meanwhile.
            event = member.poll_until("record", "assigned")
            if event[0] == b"assigned":
                member.ok("start", it.source, 0, 0)
                event = member.poll_until("record")
            assert event[6] == b"after"
            assert it.transaction(member, "on", 1, "m") and member.ask(
                "commit", it.source, 0, 1, "m"
            )[0] == b"done"
        warnings = [line for line in member.shell.log().splitlines() if " warn " in line]
        assert len(warnings) < 10, warnings


def test_topics_are_made_and_their_settings_read():
    brokers = services.shared().brokers
    topic = rig.unique("made")
    with Shell("broker") as shell:
        made = shell.ok(
            "create", brokers, topic, 3, "cleanup.policy", "compact", "segment.bytes", "1048576",
        )
        assert len(made[0]) == 22 and made[1:] == [b"3", b"compact", b"1048576"], made
        again = shell.ask("create", brokers, topic, 5, "cleanup.policy", "delete", "no.such", "1")
        assert again[0] == b"stop" or again[0] == b"reject", again
        again = shell.ask("create", brokers, topic, 5, "cleanup.policy", "delete")
        assert again[0] == b"reject" and again[-2:] == [b"3", b"compact"], again
        wrong = shell.ask("create", brokers, rig.unique("wrong"), 1, "cleanup.policy", "maybe")
        assert wrong[0] == b"stop" and b"maybe" in wrong[1], wrong


def test_what_is_sent_is_scanned_and_no_more():
    it = Opened()
    brokers = it.services.brokers
    small = it.kafka.create(rig.unique("small"), 1, max_message_bytes=1000)
    with Shell("broker") as shell:
        assert shell.ask("scan", brokers, it.source, 0, 100) == [b"ok"], "it is empty"
        shell.ok("send", brokers, it.source, 1, 3, "k", "one")
        shell.ok("send", brokers, it.source, 0, 2, None, None)
        producer = it.kafka.producer(transactional_id=rig.unique("t"))
        producer.init_transactions(30)
        producer.begin_transaction()
        producer.produce(it.source, b"gone", partition=1)
        producer.flush(30)
        producer.abort_transaction(30)
        found = shell.ask("scan", brokers, it.source, 0, 100)
        rows = {tuple(found[i : i + 3]) for i in range(0, len(found) - 1, 3)}
        assert found[-1] == b"ok" and rows == {
            *((b"1", b"%d" % n, b"one") for n in range(3)),
            *((b"0", b"%d" % n, None) for n in range(2)),
        }, found
        assert len(shell.ask("scan", brokers, it.source, 0, 2)) == 7, "it was told to stop"
        later = (int(time.time()) + 3600) * 10**6
        assert shell.ask("scan", brokers, it.source, later, 100) == [b"ok"]
        assert shell.ask("scan", brokers, rig.unique("none"), 0, 100)[0] == b"stop"
        answer = shell.ask("send", brokers, small, 0, 1, "k", "x" * 5000)
        assert answer[0] == b"retry" and b"xxx" not in answer[1], answer


def test_wrong_properties_are_refused_and_secrets_not_repeated():
    brokers = services.shared().brokers
    for name, value, what in (
        ("enable.auto.commit", "true", b"offsets are committed in transactions"),
        ("isolation.level", "read_uncommitted", b"must be read_committed"),
        ("no.such.thing", "1", b"no property no.such.thing"),
        ("fetch.wait.max.ms", "soon", b"fetch.wait.max.ms"),
        ("ssl.key.password", "c4nary", None),
        ("sasl.password.no", "c4nary", b"no property"),
        ("compression.type", "c4nary", b"compression.type"),
    ):
        with Shell("broker") as shell:
            answer = shell.ask("open", brokers, "g", "0", 6000, 5000, 1, name, value, "in")
            if what is None:
                assert answer[0] == b"ok", answer
            else:
                assert answer[0] == b"stop" and what in answer[1], (name, answer)
            if "password" in name:
                assert b"c4nary" not in b" ".join(answer) + shell.log().encode()


scenario.main()
