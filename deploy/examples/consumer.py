# SPDX-License-Identifier: Apache-2.0
"""What comes after headroom: reads the trigger topic, shows what is for you, and tells what became of it.

    consumer.py --audience in_app                    prompts that the product would show
    consumer.py --audience csm --owner ana           alerts for whoever tends the account
    consumer.py --dismiss TRIGGER                    somebody clicked it away (or --show, --accept)

KAFKA_BROKERS says where. A start to be copied: it reads all that is in the topic, and ends. What a
consumer has to know stands beside the lines; schemas/trigger.schema.json has every member.
"""
import argparse
import datetime as dt
import json
import os
import signal
import sys
import uuid

import confluent_kafka
from confluent_kafka import OFFSET_BEGINNING, TopicPartition


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--brokers", default=os.environ.get("KAFKA_BROKERS", "localhost:9092"))
    parser.add_argument("--triggers", default="triggers", help="the topic to read")
    parser.add_argument("--billing", default="billing", help="one of headroom's sources, to write to")
    parser.add_argument("--audience", help="in_app, mail, csm, account_manager, …")
    parser.add_argument("--owner", help="of these only what is this person's")
    for what in ("show", "dismiss", "accept"):
        parser.add_argument(f"--{what}", metavar="TRIGGER", help="tell that this became of it")
    return parser.parse_args()


def messages(brokers, topic):
    """Every record of the topic as it is now. Triggers are written in transactions: who reads
    uncommitted records sees some that never came to be."""
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": brokers, "group.id": f"example-{uuid.uuid4()}",
         "isolation.level": "read_committed", "enable.partition.eof": True,
         "enable.auto.commit": False}
    )
    metadata = consumer.list_topics(topic, timeout=30).topics[topic]
    if metadata.error:
        sys.exit(f"{topic}: {metadata.error}")
    open_partitions = set(metadata.partitions)
    consumer.assign([TopicPartition(topic, n, OFFSET_BEGINNING) for n in open_partitions])
    while open_partitions:
        record = consumer.poll(30)
        if record is None:
            sys.exit(f"{topic}: the broker does not answer")
        if record.error():
            if record.error().code() != confluent_kafka.KafkaError._PARTITION_EOF:
                sys.exit(f"{topic}: {record.error()}")
            open_partitions.discard(record.partition())
        else:
            yield json.loads(record.value())
    consumer.close()


def standing(brokers, topic):
    """What fired and is not over, by id. An id is the same whoever sends it, whenever: who sees one
    twice has seen it twice, and it is one prompt. What is over comes as the same id with /resolved
    behind it: then the prompt goes away. Other types (headroom.operator.…) are not for customers."""
    found = {}
    for event in messages(brokers, topic):
        if event["type"] == "headroom.trigger.fired":
            found[event["id"]] = event
        elif event["type"] == "headroom.trigger.resolved":
            found.pop(event["id"].removesuffix("/resolved"), None)
    return found


def text(event):
    data = event["data"]
    lines = [f"{event['time'][:16]}  {event['subject']}  {data['rule']} {data['level']}"
             f" ({data['category']}; for {data['route']['owner'] or 'nobody in particular'})"]
    if data["recommend"]:
        plan = data["recommend"]
        added = plan["mrr_delta"] and f", {plan['mrr_delta']} {plan['currency']} a month more"
        lines.append(f"  offer   {plan['plan']}{added or ''}  {plan['link'] or ''}".rstrip())
    for block in ("discovery", "value_recap", "solution", "roi", "proposal"):
        said = (data["playbook"] or {}).get(block)
        if said and said["text"]:
            facts = "; ".join(f"{fact['what']}: {fact['is']}" for fact in said["evidence"])
            lines.append(f"  {block:<12}{said['text']}" + (f" [{facts}]" if facts else ""))
    lines.append(f"  trigger {event['id']}")
    return "\n".join(lines)


def tell(brokers, topic, kind, trigger):
    """An event about the prompt, keyed by the account. After a dismissal the account is left in peace
    for timing.quiet_after_dismissal; `headroom account` shows what was shown, dismissed and accepted."""
    rule, account = trigger["data"]["rule"], trigger["subject"]
    event = {
        "specversion": "1.0", "id": str(uuid.uuid4()), "source": "/prompts", "type": f"prompt.{kind}",
        "subject": account, "time": dt.datetime.now(dt.timezone.utc).isoformat(),
        "data": {"trigger": trigger["id"], "rule": rule},
    }
    # The partitioner of Java clients, and of headroom: others work too, by one more hop.
    producer = confluent_kafka.Producer({"bootstrap.servers": brokers, "partitioner": "murmur2_random"})
    producer.produce(topic, json.dumps(event).encode(), account.encode())
    if producer.flush(30):
        sys.exit(f"{topic}: the broker does not take it")


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` ends it without a word
    asked = options()
    found = standing(asked.brokers, asked.triggers)
    for kind, trigger in (("shown", asked.show), ("dismissed", asked.dismiss), ("accepted", asked.accept)):
        if trigger:
            if trigger not in found:
                sys.exit(f"there is no trigger {trigger}, or it is over")
            tell(asked.brokers, asked.billing, kind, found[trigger])
            return
    for event in sorted(found.values(), key=lambda one: one["time"]):
        route = event["data"]["route"]
        if asked.audience in (None, *route["audience"]) and asked.owner in (None, route["owner"]):
            print(text(event))


main()
