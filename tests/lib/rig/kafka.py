# SPDX-License-Identifier: Apache-2.0
"""Topics, records in and records out, by a client that shares no code with headroom's Kafka room
but librdkafka itself."""
import ctypes
import time
from dataclasses import dataclass, field

import confluent_kafka
from confluent_kafka import OFFSET_BEGINNING, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from rig import librdkafka


@dataclass
class Record:
    topic: str
    value: bytes
    key: bytes = None
    headers: list = field(default_factory=list)  # (name, bytes), in order, names may come twice
    timestamp_ms: int = None
    partition: int = None
    offset: int = None


class Kafka:
    def __init__(self, brokers):
        # The library's own log is silent: scenarios that take the broker away would drown in it.
        self.settings = {"bootstrap.servers": brokers, "log_level": 0}
        self.admin = AdminClient(self.settings)

    def create(self, topic, partitions=1, **config):
        """config: a setting's name with _ for its dots: retention_ms=-1."""
        settings = {name.replace("_", "."): str(value) for name, value in config.items()}
        new = NewTopic(topic, partitions, 1, config=settings)
        for made in self.admin.create_topics([new]).values():
            made.result(30)
        return topic

    def delete(self, topic):
        for gone in self.admin.delete_topics([topic], operation_timeout=30).values():
            gone.result(30)

    def topics(self):
        """Name: number of partitions."""
        found = self.admin.list_topics(timeout=30).topics
        return {name: len(topic.partitions) for name, topic in found.items()}

    def producer(self, **config):
        settings = {name.replace("_", "."): value for name, value in config.items()}
        return confluent_kafka.Producer({**self.settings, **settings})

    def produce(self, records, **config):
        """Sends all in this order and waits for every acknowledgement. What a producer sends before
        it knows a topic would be sorted out later, behind others."""
        records = list(records)
        producer = self.producer(**{"linger_ms": 5, "enable_idempotence": True, **config})
        for topic in {record.topic for record in records}:
            producer.list_topics(topic, 30)
        errors = []
        for record in records:
            send(producer, record, on_delivery=lambda e, _: e and errors.append(e))
        left = producer.flush(60)
        if errors or left:
            raise AssertionError(f"{left} records not acknowledged, errors: {errors[:3]}")

    def ends(self, topic):
        """Partition: (first offset, end as a committed reader sees it)."""
        consumer = self._consumer()
        try:
            return {
                n: consumer.get_watermark_offsets(TopicPartition(topic, n), timeout=30)
                for n in range(self.topics()[topic])
            }
        finally:
            consumer.close()

    def read(self, topic, start=OFFSET_BEGINNING, seconds=60):
        """All committed records of a topic as it ends now, by partition and offset."""
        consumer = self._consumer()
        try:
            open_partitions = set(range(self.topics()[topic]))
            consumer.assign([TopicPartition(topic, n, start) for n in open_partitions])
            records = []
            end = time.monotonic() + seconds
            while open_partitions:
                if time.monotonic() > end:
                    raise AssertionError(f"{topic}: the end was not reached in {seconds} s")
                for message in consumer.consume(10000, timeout=0.2):
                    if message.error() is None:
                        records.append(_record(message))
                    elif message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF:
                        open_partitions.discard(message.partition())
                    else:
                        raise confluent_kafka.KafkaException(message.error())
            return sorted(records, key=lambda record: (record.partition, record.offset))
        finally:
            consumer.close()

    def committed(self, group, topic):
        """Partition: offset of a group; None where nothing is committed."""
        consumer = self._consumer(group)
        try:
            asked = [TopicPartition(topic, n) for n in range(self.topics()[topic])]
            return {
                found.partition: found.offset if found.offset >= 0 else None
                for found in consumer.committed(asked, timeout=30)
            }
        finally:
            consumer.close()

    def groups(self):
        """Names of all groups that the broker knows."""
        return {group.id for group in self.admin.list_groups(timeout=30)}

    def forget_offsets(self, group, topics):
        """Deletes an empty group's committed offsets, as the broker itself does after a week."""
        pairs = [(topic, n) for topic in topics for n in range(self.topics()[topic])]
        librdkafka.delete_offsets(self.settings["bootstrap.servers"], group, pairs)

    def commit(self, group, topic, offsets):
        """Commits partition: offset for an empty group, as an operator's tool would."""
        consumer = self._consumer(group)
        try:
            consumer.commit(
                offsets=[TopicPartition(topic, n, offset) for n, offset in offsets.items()],
                asynchronous=False,
            )
        finally:
            consumer.close()

    def _consumer(self, group="rig"):
        return confluent_kafka.Consumer(
            {
                **self.settings,
                "group.id": group,
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 50,
            }
        )


def send(producer, record, **options):
    """Queues one record; where the queue is full, waits for room."""
    if record.partition is not None:
        options["partition"] = record.partition
    if record.timestamp_ms is not None:
        options["timestamp"] = record.timestamp_ms
    while True:
        try:
            producer.produce(
                record.topic, record.value, record.key, headers=record.headers or None, **options
            )
            producer.poll(0)
            return
        except BufferError:
            producer.poll(0.1)


def _headers(message):
    """Values may be null. The client (1.7.0) gives None then without taking a reference: after some
    thousand of them the interpreter would end."""
    headers = message.headers() or []
    for _, value in headers:
        if value is None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))
    return headers


def _record(message):
    kind, timestamp = message.timestamp()
    return Record(
        topic=message.topic(),
        value=message.value(),
        key=message.key(),
        headers=_headers(message),
        timestamp_ms=None if kind == confluent_kafka.TIMESTAMP_NOT_AVAILABLE else timestamp,
        partition=message.partition(),
        offset=message.offset(),
    )
