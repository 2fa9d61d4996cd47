# SPDX-License-Identifier: Apache-2.0
"""The store port against a real Redis: what a compare-and-set writes and when it refuses, and what
is said when Redis dies, is wiped, is full or denies us."""
import os
import signal
import time

import redis

import rig
from rig import scenario, services
from rig.ports import Shell

NEVER = -1
NO_VIEW = (0, 0)


def view(**fields):
    strings = [string for field in fields.items() for string in field]
    return (1, len(strings), *strings)


def account(name, value, due=NEVER, shown=NO_VIEW):
    return ("a:" + name, value, name, due, *shown)


def other(key, value):
    return (key, value, "", NEVER, *NO_VIEW)


def write(store, home, expected, marker, *values):
    """Submits and settles: how it ended."""
    store.ok("submit", home, expected, marker, *(word for value in values for word in value))
    return store.ask("settle", 10000)[0].decode()


class Opened:
    """A store shell and another client, under a prefix of the test's own."""

    def __init__(self, own=None):
        self.services = own or services.shared()
        self.prefix = rig.unique("p")
        self.client = redis.Redis(port=self.services.redis_port)
        self.store = Shell("store")

    def __enter__(self):
        self.store.ok("open", f"redis://127.0.0.1:{self.services.redis_port}/0", self.prefix)
        return self

    def __exit__(self, *exception):
        self.store.end()

    def key(self, home, rest):
        return f"{self.prefix}:{{{home}}}:{rest}"


def test_a_write_is_all_that_was_asked_for():
    with Opened() as it:
        first = [
            account("acme", b"\0\r\n\xff", 1700000000123456, view(used="84%", plan="starter")),
            account("beta", "b1", 1700000000000001, view(used="1%")),
            account("gone", "g1", 5, view(used="0%")),
            other("s:0", "block"),
        ]
        assert write(it.store, 7, None, "m1", *first) == "written"
        assert it.client.get(it.key(7, "a:acme")) == b"\0\r\n\xff"
        assert it.client.get(it.key(7, "m")) == b"m1"
        assert it.client.zscore(it.key(7, "due"), "acme") == 1700000000123456
        shown = it.client.hgetall(it.key(7, "v:acme"))
        assert shown == {b"used": b"84%", b"plan": b"starter"}, shown

        second = [
            account("acme", "a2", NEVER, view(used="85%")),  # no timer, a field less
            account("beta", "b2", 1700000000000002),  # the view stays
            account("gone", None, NEVER, (1, 0)),  # erased, view and timer with it
            other("s:0", None),
        ]
        assert write(it.store, 7, "m1", "m2", *second) == "written"
        assert it.client.hgetall(it.key(7, "v:acme")) == {b"used": b"85%"}
        assert it.client.hgetall(it.key(7, "v:beta")) == {b"used": b"1%"}
        due = it.client.zrange(it.key(7, "due"), 0, -1, withscores=True)
        assert due == [(b"beta", 1700000000000002)], due
        left = sorted(it.client.keys(it.prefix + ":*"))
        assert left == sorted(
            it.key(7, rest).encode() for rest in ("m", "due", "a:acme", "a:beta", "v:acme", "v:beta")
        ), left


def test_another_marker_is_refused_and_nothing_is_written():
    with Opened() as it:
        assert write(it.store, 1, "m0", "m1", account("acme", "a")) == "refused"  # there is none
        assert write(it.store, 1, None, "m1", account("acme", "a", 5, view(x="1"))) == "written"
        before = it.client.dump(it.key(1, "a:acme")), it.client.zcard(it.key(1, "due"))
        assert write(it.store, 1, None, "m2", account("acme", "b", 6)) == "refused"
        assert write(it.store, 1, "m", "m2", account("acme", "b", 6, view(x="2"))) == "refused"
        assert write(it.store, 1, "m12", "m2", account("beta", "b")) == "refused"
        assert before == (it.client.dump(it.key(1, "a:acme")), it.client.zcard(it.key(1, "due")))
        assert it.client.hgetall(it.key(1, "v:acme")) == {b"x": b"1"}
        assert it.client.get(it.key(1, "m")) == b"m1"
        # Homes do not know of one another.
        assert write(it.store, 11, None, "m2", account("acme", "b")) == "written"


def test_a_timer_that_stands_is_left_alone():
    with Opened() as it:
        assert write(it.store, 1, None, "m1", account("account0", "a", 5)) == "written"
        # `many` with one field keeps the timers.
        it.store.ok("many", 1, "m1", "m2", 1, 10, 1, "x")
        assert it.store.ask("settle", 5000)[0] == b"written"
        assert it.client.get(it.key(1, "a:account0")) == b"x" * 10
        assert it.client.zscore(it.key(1, "due"), "account0") == 5


def test_looks_carry_the_marker():
    with Opened() as it:
        assert it.store.ok("load", 3, "a:acme", "a:none") == [None, None, None]
        accounts = [account(f"n{i}", f"v{i}", 1700000000000000 + i) for i in range(10)]
        assert write(it.store, 3, None, "m1", *accounts, account("empty", "")) == "written"
        assert it.store.ok("load", 3, "a:n3", "a:x", "a:empty") == [b"m1", b"v3", None, b""]
        # Due before, not at; the earliest first; one more than asked for is told, not given.
        found = it.store.ok("timers", 3, 1700000000000004, 3)
        assert found[:2] == [b"m1", b"1"], found
        assert found[2:] == [
            word for i in range(3) for word in (b"n%d" % i, b"%d" % (1700000000000000 + i))
        ], found
        found = it.store.ok("timers", 3, 1700000000000004, 4)
        assert (found[1], len(found)) == (b"0", 2 + 8), found
        assert it.store.ok("timers", 4, 1700000000000004, 4) == [None, b"0"]


def test_answers_stay_in_order_when_looks_come_between_writes():
    with Opened() as it:
        for home in range(40):
            it.store.ok("many", home, None, "m1", 500, 200, 3, "x")
            assert it.store.ok("load", 99) == [None]
            if home % 3 == 0:
                assert it.store.ok("load", home, "a:account499") == [b"m1", b"x" * 200]
        for home in range(0, 40):
            outcome = it.store.ask("settle", 10000)
            assert outcome[:2] == [b"written", b"%d" % home], outcome
        assert it.store.ask("settle", 0) == [b"none"]


def test_a_hundred_thousand_accounts_in_one_write():
    with Opened() as it:
        it.store.ok("many", 5, None, "m1", 100000, 300, 6, "a")
        assert it.store.ask("settle", 20000)[0] == b"written"
        it.store.ok("many", 5, "m1", "m2", 100000, 300, 6, "b")
        assert it.store.ask("settle", 20000)[0] == b"written"
        assert it.store.ok("fetch", 5, 100000)[0] == b"100000"
        assert it.client.zcard(it.key(5, "due")) == 100000
        for i in (0, 3499, 3500, 6999, 7000, 99999):  # the ends of slices
            assert it.client.get(it.key(5, f"a:account{i}")) == b"b" * 300, i
            assert it.client.hget(it.key(5, f"v:account{i}"), "field5") == b"b", i
        deleted = [word for i in range(8000) for word in (*other(f"a:account{i}", None),)]
        it.store.ok("submit", 5, "m2", "m3", *deleted)
        assert it.store.ask("settle", 20000)[0] == b"written"
        assert it.store.ok("fetch", 5, 100000)[0] == b"92000"


def test_a_view_of_any_size_replaces_what_was_there():
    with Opened() as it:
        many = {f"f{i}": str(i) for i in range(4500)}
        it.client.set(it.key(2, "v:acme"), "not a hash")
        assert write(it.store, 2, None, "m1", account("acme", "a", 1, view(**many))) == "written"
        assert it.client.hlen(it.key(2, "v:acme")) == 4500
        assert write(it.store, 2, "m1", "m2", account("acme", "a", 1, view(f1="x"))) == "written"
        assert it.client.hgetall(it.key(2, "v:acme")) == {b"f1": b"x"}
        other = account("v:beta", "b", 1, view(f2="y"))  # an account whose name looks like a key
        assert write(it.store, 12, None, "m1", other) == "written"
        shown = it.store.ask("views", 10)
        found = sorted((shown[0:4], shown[4:8]))
        assert found == [[b"acme", b"2", b"f1", b"x"], [b"v:beta", b"2", b"f2", b"y"]], shown
        assert shown[8] == b"ok", shown
        assert len(it.store.ask("views", 1)) == 5, "asked to stop after one"


def test_a_strangers_key_refuses_the_home_before_anything_is_written():
    with Opened() as it:
        it.client.set(it.key(6, "due"), "not a sorted set")
        it.store.ok("submit", 6, None, "m1", *account("acme", "a", 5))
        outcome = it.store.ask("settle", 5000)
        assert outcome[0] == b"unknown" and b"WRONGTYPE" in outcome[2], outcome
        assert it.client.exists(it.key(6, "m"), it.key(6, "a:acme")) == 0
        assert it.store.ask("timers", 6, 9, 9)[0] == b"refuse"
        assert it.store.ok("load", 6) == [None]


def test_full_means_unknown_and_nothing_half_written():
    with services.Services("full", kafka=False) as own, Opened(own) as it:
        assert write(it.store, 1, None, "m1", account("acme", "a1", 5)) == "written"
        used = it.client.info("memory")["used_memory"]
        it.client.config_set("maxmemory", used + 1000)
        it.store.ok("many", 1, "m1", "m2", 20000, 300, 3, "x")
        outcome = it.store.ask("settle", 10000)
        assert outcome[0] == b"unknown" and b"OOM" in outcome[2], outcome
        assert it.client.get(it.key(1, "m")) == b"m1"
        assert it.client.dbsize() == 3
        it.client.config_set("maxmemory", 0)
        assert write(it.store, 1, "m1", "m2", account("acme", "a2", 5)) == "written"


def test_a_kill_with_a_write_under_way_is_unknown():
    with services.Services("kill", kafka=False) as own, Opened(own) as it:
        assert write(it.store, 1, None, "m1", account("acme", "a1")) == "written"
        os.kill(own.pid("redis"), signal.SIGSTOP)
        it.store.ok("submit", 1, "m1", "m2", *account("acme", "a2"))
        it.store.ok("submit", 2, None, "n1", *account("beta", "b1"))
        assert it.store.ask("settle", 100) == [b"none"]
        own.kill_redis()
        assert [word for _ in range(2) for word in it.store.ask("settle", 10000)[:2]] == [
            b"unknown", b"1", b"unknown", b"2",
        ]
        assert it.store.ask("load", 1)[0] == b"retry"
        assert it.store.ask("submit", 1, "m1", "m2")[0] == b"retry"
        assert it.store.ask("reconnect")[0] == b"retry"
        own.start_redis()
        assert it.store.ask("load", 1)[0] == b"retry", "it works again without reconnect"
        it.store.ok("reconnect")
        # It has no append-only file: everything is gone, which shows in the marker alone.
        assert it.store.ok("load", 1, "a:acme") == [None, None]
        assert write(it.store, 1, "m1", "m2", account("acme", "a2")) == "refused"
        assert write(it.store, 1, None, "m2", account("acme", "a2")) == "written"


def test_a_write_that_redis_does_not_take_at_once_goes_out_later():
    with services.Services("slow", kafka=False) as own, Opened(own) as it:
        os.kill(own.pid("redis"), signal.SIGSTOP)
        begun = time.monotonic()
        for home in range(3):
            it.store.ok("many", home, None, "m1", 50000, 300, 0, "x")  # 20 MB each
        assert it.store.ask("settle", 0) == [b"none"]
        assert time.monotonic() - begun < 5, "submit waited for Redis"
        os.kill(own.pid("redis"), signal.SIGCONT)
        for home in range(3):
            outcome = it.store.ask("settle", 20000)
            assert outcome[:2] == [b"written", b"%d" % home], outcome
        assert it.client.zcard(it.key(2, "due")) == 50000


def test_scripts_forgotten_by_the_server_are_loaded_again():
    with services.Services("flush", kafka=False) as own, Opened(own) as it:
        it.client.script_flush()
        assert write(it.store, 1, None, "m1", account("acme", "a")) == "unknown"
        assert it.client.dbsize() == 0
        it.store.ok("reconnect")
        assert write(it.store, 1, None, "m1", account("acme", "a")) == "written"


def test_clear_deletes_the_home_but_its_marker_and_only_under_it():
    with Opened() as it:
        for home in (1, 11):
            it.store.ok("many", home, None, "m1", 5000, 20, 2, "x")
            assert it.store.ask("settle", 10000)[0] == b"written"
        answer = it.store.ask("clear", 1, "m2", 1000)
        assert answer[0] == b"refuse", answer
        assert it.store.ok("fetch", 1, 5000)[0] == b"5000"
        rounds = 0
        while it.store.ok("clear", 1, "m1", 1000)[-1] == b"1":
            rounds += 1
            assert rounds < 1000
        assert rounds >= 5, "more than it was told to at a time"
        assert it.client.keys(it.key(1, "*")) == [it.key(1, "m").encode()]
        assert it.store.ok("fetch", 11, 5000)[0] == b"5000"


def test_the_manifest_and_the_clock():
    with Opened() as it:
        assert it.store.ok("manifest") == []
        it.store.ok("publish", "group", "head room")
        it.store.ok("publish", "epoch", "3")
        it.store.ok("publish", "epoch", "4")
        found = it.store.ok("manifest")
        assert dict(zip(found[::2], found[1::2])) == {b"group": b"head room", b"epoch": b"4"}
        assert it.client.hget(it.prefix + ":manifest", "epoch") == b"4"
        assert abs(int(it.store.ok("clock")[0]) / 1e6 - time.time()) < 5


def test_who_may_not_is_told_what_to_do_and_no_password_is_shown():
    with services.Services("auth", kafka=False) as own:
        admin = redis.Redis(port=own.redis_port)
        admin.execute_command("ACL", "SETUSER", "ann", "on", ">s3cr@t", "~*", "+@all")
        admin.execute_command("ACL", "SETUSER", "bob", "on", ">b0b", "~*", "+@all", "-info")
        admin.config_set("requirepass", "s3cret")
        address = f"127.0.0.1:{own.redis_port}"
        with Shell("store") as store:
            for url, what in (
                (f"redis://{address}", b"NOAUTH"),
                (f"redis://:wr0ng@{address}", b"WRONGPASS"),
                (f"redis://bob:b0b@{address}", b"NOPERM"),
                (f"redis://:s3cret@{address}/99", b"DB index"),
            ):
                answer = store.ask("open", url, "hr")
                assert answer[0] == b"stop" and what in answer[1], (url, answer)
                for secret in (b"wr0ng", b"b0b", b"s3cret"):
                    assert secret not in answer[1], answer
            store.ok("open", f"redis://:s3cret@{address}/3", "hr")
            store.ok("close")
            store.ok("open", f"redis://ann:s3cr%40t@{address}/3", "hr")
            assert write(store, 1, None, "m1", account("acme", "a")) == "written"
        assert redis.Redis(port=own.redis_port, db=3, password="s3cret").get("hr:{1}:m") == b"m1"


def test_a_server_that_may_evict_is_refused():
    with services.Services("evict", kafka=False) as own:
        redis.Redis(port=own.redis_port).config_set("maxmemory-policy", "allkeys-lru")
        url = f"redis://127.0.0.1:{own.redis_port}"
        with Shell("store") as store:
            answer = store.ask("open", url, "hr")
            assert answer[0] == b"stop" and b"noeviction" in answer[1], answer
            state = store.ok("state", url)  # the preflight shows it all the same
            assert state[1] == b"allkeys-lru", state


def test_away_at_the_start_is_worth_another_try():
    with services.Services("away", kafka=False) as own:
        url = f"redis://127.0.0.1:{own.redis_port}"
        own.stop_redis()
        with Shell("store") as store:
            assert store.ask("open", url, "hr")[0] == b"retry"
            assert store.ask("reconnect")[0] == b"retry"
            own.start_redis()
            store.ok("reconnect")
            assert write(store, 1, None, "m1", account("acme", "a")) == "written"


scenario.main()
