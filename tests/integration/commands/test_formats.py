# SPDX-License-Identifier: Apache-2.0
"""Topics as other products fill them, with nothing converted in between: OpenMeter's, which is keyed by
event and not by account, and what Stripe and Debezium tell of contracts."""
import json
import random
import time
from pathlib import Path

import rig
from rig import metrics, scenario
from rig.kafka import Record

from company import Company

NOW = int(time.time())
TOP = Path(__file__).parents[3]


def openmeter(topic, number, subject, n):
    """A record as OpenMeter's collector writes it: the key is namespace, source and id."""
    id = f"event-{number}"
    value = {
        "id": id, "type": "call", "source": "gateway", "subject": subject,
        "time": NOW - number % 3600, "data": json.dumps({"n": n}),
    }
    headers = [("namespace", b"default"), ("specversion", b"1.0")]
    return Record(
        topic, json.dumps(value).encode(), f"default-gateway-{id}".encode(), headers,
        (NOW - number % 3600) * 1000,
    )


def total(run, result):
    return metrics.total(run.metrics(), "headroom_records_total", result=result)


def test_usage_keyed_by_event_reaches_its_accounts_exactly():
    with Company("openmeter", partitions=3) as company:
        events = company.topic(f"{company.name}-om", 8, retention_ms=-1)
        company.tree["sources"].append({"topic": events, "format": "openmeter"})
        company.tree["plans"]["small"]["limits"]["calls"] = 1000000
        company.write()
        chance = random.Random(7)
        accounts = [f"account-{n}" for n in range(40)]
        expected = dict.fromkeys(accounts, 0)
        records = []
        for number in range(2000):
            account, n = chance.choice(accounts), chance.randrange(1, 1000)
            expected[account] += n
            records.append(openmeter(events, number, account, n))
        again = chance.sample(records, 200)
        with company.run() as run:
            company.kafka.produce(records[:1200] + again[:100])
            company.kafka.produce(records[1200:] + again)

            def counted():
                views = company.views()
                return all(
                    views.get(name, {}).get("calls.period") == str(sum)
                    for name, sum in expected.items()
                )

            rig.until(counted, "every account's exact sum")
            duplicates = len({record.key for record in again[:100]} & set(
                record.key for record in records[:1200]
            )) + len(again) + sum(record in records[1200:] for record in again[:100])
            rig.until(lambda: total(run, "duplicate") == duplicates, f"{duplicates} duplicates")
            assert total(run, "dead_lettered") == 0
            run.stop()
        with company.run() as run:  # and a restart counts nothing twice
            rig.until(counted, "the same sums")
            run.stop()


def stripe(id, type, created, subscription):
    return {"id": id, "object": "event", "created": created, "type": type,
            "data": {"object": subscription}}


def test_stripe_and_a_table_tell_of_contracts():
    with Company("billing") as company:
        hooks = company.topic(f"{company.name}-stripe", 1, retention_ms=-1)
        rows = company.topic(f"{company.name}-rows", 5, retention_ms=-1)
        company.tree["formats"] = {
            "rows": {
                "like": "debezium_subscriptions",
                "account": ["/after/customer", "/before/customer"],
                "fields": {"plan": "/after/tariff", "limits.calls": "/after/calls"},
            }
        }
        company.tree["sources"] += [
            {"topic": hooks, "format": "stripe_billing"}, {"topic": rows, "format": "rows"}
        ]
        company.tree["meters"]["calls"]["event"] = "call"
        company.write()
        subscription = {
            "id": "sub_1", "customer": "cus_1", "status": "active", "currency": "usd",
            "start_date": NOW - 86400, "billing_cycle_anchor": NOW - 86400, "cancel_at": None,
            "items": {"data": [{
                "quantity": 3, "current_period_end": NOW + 86400 * 20,
                "price": {"id": "price_1", "lookup_key": "small", "unit_amount_decimal": "1500",
                          "recurring": {"interval": "month", "interval_count": 1}},
            }]},
        }
        row = {"id": 7, "customer": "cus_2", "tariff": "small", "calls": 50}
        envelope = {
            "payload": {"before": None, "after": row, "op": "r", "source": {"ts_ms": NOW * 1000}}
        }
        with company.run() as run:
            company.kafka.produce([
                Record(hooks, json.dumps(event).encode())
                for event in (
                    stripe("evt_1", "customer.subscription.created", NOW, subscription),
                    {"id": "evt_2", "type": "product.created", "data": {"object": {"id": "p"}}},
                    stripe("evt_3", "invoice.payment_failed", NOW, {
                        "id": "in_1", "customer": "cus_1", "amount_due": 4500, "currency": "usd",
                        "attempt_count": 1}),
                    stripe("evt_4", "customer.subscription.updated", NOW, {
                        **subscription, "currency": 7}),
                )
            ])
            company.kafka.produce([
                Record(rows, json.dumps(envelope).encode(), b'{"id":7}'),
                Record(rows, None, b'{"id":7}'),  # a tombstone
            ])
            # A contract heard of after its usage would begin its period after it.
            company.wait_view("cus_1", plan="small")
            company.wait_view("cus_2", plan="small")
            company.send(*(
                {"id": f"c-{name}", "type": "call", "subject": name, "data": {"n": 40}}
                for name in ("cus_1", "cus_2")
            ))
            company.wait_view("cus_1", calls_used="40%")
            company.wait_view("cus_2", calls_used="80%")
            rig.until(lambda: total(run, "dead_lettered") == 1, "one dead letter")
            rig.until(lambda: total(run, "ignored") == 2, "a webhook and a tombstone ignored")
            (shown,) = company.lines("account", "cus_1")
            (contract,) = shown["subscriptions"]
            assert contract["name"] == "sub_1" and contract["detail"].endswith("mrr 45 USD"), shown
            (letter,) = company.lines("deadletter", "list")
            assert letter["reason"] == "bad_value", letter
            assert "/data/object/currency: must be an ISO 4217 code" in letter["detail"], letter
            run.stop()


def test_webhooks_from_a_file_are_played_and_what_is_nobodys_is_counted():
    with Company("webhooks", make_topics=False) as company:
        company.tree["rules"] = {
            "renewal": {"watch": "renewal.days_left", "below": ["7d"], "category": "renewal"}
        }
        company.write()
        examples = json.loads(
            (TOP / "schemas/events/examples/stripe_billing/subscriptions.json").read_text()
        )
        created = examples["events"]["created"]
        file = company.folder / "webhooks.ndjson"
        file.write_text("".join(json.dumps(event) + "\n" for event in (
            created,
            {"id": "evt_9", "type": "payout.paid", "created": created["created"] + 60},
            {**created, "id": "evt_8", "created": "soon"},
        )))
        out, said = company.command(
            "simulate", file, "--format", "stripe_billing", "--until", "2026-12-30", "--json"
        )
        (trigger,) = map(json.loads, out.splitlines())
        assert trigger["id"] == "renewal/cus_TaloEH3fSY5pGo/7d/2026-11-01#1", trigger
        summary = json.loads(said.splitlines()[-1])
        assert summary["ignored"] == 1 and summary["dead_lettered"] == 1, summary


scenario.main()
