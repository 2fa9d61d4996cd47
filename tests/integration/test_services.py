# SPDX-License-Identifier: Apache-2.0
"""What every other scenario takes for granted of the private services, and what a fault test does
to them."""
import subprocess

import redis
from confluent_kafka import KafkaException

import rig
from rig import scenario, services
from rig.kafka import Kafka, Record, send


def test_a_reader_sees_committed_records_only_whole_and_in_order():
    kafka = Kafka(services.shared().brokers)
    topic = kafka.create(rig.unique("committed"), 1)
    producer = kafka.producer(transactional_id=rig.unique("t"))
    producer.init_transactions(30)
    for value, commit in ((b"one", True), (b"gone", False), (b"two", True)):
        producer.begin_transaction()
        send(producer, Record(topic, value, b"k", [("h", b"\0\xff"), ("h", b"")], 1700000000000))
        producer.flush(30)
        producer.commit_transaction(30) if commit else producer.abort_transaction(30)
    records = kafka.read(topic)
    assert [record.value for record in records] == [b"one", b"two"], records
    first = records[0]
    assert (first.key, first.timestamp_ms) == (b"k", 1700000000000), first
    assert first.headers == [("h", b"\0\xff"), ("h", b"")], first.headers


def test_topics_are_never_made_by_accident():
    kafka = Kafka(services.shared().brokers)
    topic = rig.unique("nobody-made")
    producer = kafka.producer(message_timeout_ms=3000)
    failures = []
    send(producer, Record(topic, b"x"), on_delivery=lambda error, _: failures.append(error))
    producer.flush(10)
    assert failures and failures[0] is not None, failures
    assert topic not in kafka.topics()


def test_redis_refuses_rather_than_evicts():
    client = redis.Redis(port=services.shared().redis_port)
    assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"


def test_kill_and_start_keep_ports_and_data():
    with services.Services("kill", REDIS_APPENDONLY="yes") as own:
        kafka = Kafka(own.brokers)
        topic = kafka.create("kept", 2)
        kafka.produce([Record(topic, b"%d" % n, partition=n % 2) for n in range(100)], acks="all")
        client = redis.Redis(port=own.redis_port)
        client.set("kept", "yes")
        before = {name: own.pid(name) for name in ("kafka", "redis")}
        rig.until(lambda: client.info()["aof_pending_bio_fsync"] == 0, "the log to be on disk")

        own.kill_kafka()
        own.kill_redis()
        for pid in before.values():
            assert not services.alive(pid), f"{pid} lives"
        try:
            client.ping()
            raise AssertionError("redis answers after its kill")
        except redis.ConnectionError:
            pass

        own.start_kafka()
        own.start_redis()
        assert own.pid("kafka") != before["kafka"]
        assert client.get("kept") == b"yes"
        assert len(kafka.read(topic)) == 100
        # Writable again, without waiting for anybody's time-out.
        kafka.produce([Record(topic, b"after")])


def test_stop_ends_both_and_a_second_start_finds_them():
    with services.Services("stop") as own:
        pids = [own.pid(name) for name in ("kafka", "redis")]
        own._run("start")
        assert [own.pid(name) for name in ("kafka", "redis")] == pids, "started twice"
        own._run("stop")
        for pid in pids:
            assert not services.alive(pid), f"{pid} lives"
        try:
            Kafka(own.brokers).admin.list_topics(timeout=2)
            raise AssertionError("kafka answers after its stop")
        except KafkaException:
            pass


def test_a_stale_process_id_is_left_alone():
    with services.Services("stale", kafka=False) as own:
        own.stop_redis()
        bystander = subprocess.Popen(["sleep", "600"])
        try:
            (own.dir / "redis.pid").write_text(str(bystander.pid))
            own.kill_redis()
            assert bystander.poll() is None, "a stranger was killed"
        finally:
            bystander.kill()
            bystander.wait()


scenario.main()
