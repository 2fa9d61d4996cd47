# SPDX-License-Identifier: Apache-2.0
"""`headroom import`: what a CRM knows of its accounts goes in by one file, whole or not at all, and may
go in again."""
import json
import os

import rig
from rig import metrics, scenario

from company import Company, call

TABLE = """\
account,plan,limits.calls,mrr,currency,renewal_date,started_at,segment,owner,employees,aliases
acme,small,,120000,USD,2031-11-01,2025-11-01,startup,dana,25,key_1; key_2
"bolt, inc",small,1000,40000,USD,,2026-01-15,,,,
crow,,,,,,,enterprise,,4000,
"""


def import_file(company, text, *options, name="accounts.csv", status=0, as_of="2026-11-01"):
    file = company.folder / name
    file.write_text(text)
    options = (*options, "--as-of", as_of) if as_of else options
    return company.command("import", file, *options, status=status)


def results(run):
    names = ("counted", "duplicate", "dead_lettered", "ignored")
    page = run.metrics()
    return [metrics.total(page, "headroom_records_total", result=name) for name in names]


def attribute(company, account, name):
    (shown,) = company.lines("account", account)
    for rows in shown.values():
        if isinstance(rows, list):
            for row in rows:
                if row.get("name") == name:
                    return row["value"]
    return None


def test_accounts_are_there_once_imported_and_again_changes_nothing():
    with Company("import") as company:
        out, _ = import_file(company, TABLE)
        assert out == f"3 accounts, 4 events sent to {company.usage}\n", out
        with company.run() as run:
            company.send(call("1", 85, "acme"), call("2", 85, "bolt, inc"), call("3", 1, "key_2"))
            company.wait_view("acme", calls_period="86", calls_used="86%")
            company.wait_view("bolt, inc", calls_used="8.5%")
            rig.until(lambda: attribute(company, "crow", "segment") == "enterprise", "crow's segment")
            assert attribute(company, "acme", "owner") == "dana"
            assert attribute(company, "acme", "employees") == "25"
            (shown,) = company.lines("account", "acme")
            assert "small" in json.dumps(shown) and "2031-11-01" in json.dumps(shown), shown
            before = {name: company.lines("account", name) for name in ("acme", "bolt, inc", "crow")}
            duplicates = results(run)[1]
            import_file(company, TABLE)
            rig.until(lambda: results(run)[1] == duplicates + 4, "four duplicates")
            after = {name: company.lines("account", name) for name in before}
            assert after == before, (before, after)
            # A line that was changed is another event; the others are still the same.
            import_file(company, TABLE.replace("1000", "100"))
            rig.until(lambda: results(run)[1] == duplicates + 7, "three more")
            company.wait_view("bolt, inc", calls_used="85%")
            assert results(run)[2:] == [0, 0], results(run)
            run.stop()


def test_what_billing_has_said_since_holds():
    with Company("import-older") as company, company.run() as run:
        company.send(
            {
                "id": "s",
                "type": "subscription.updated",
                "subject": "acme",
                "time": "2026-11-10T00:00:00Z",
                "data": {"limits": {"calls": 400}},
            },
            call("1", 100, "acme"),
        )
        company.wait_view("acme", calls_used="25%")
        text = "account,limits.calls,owner\nacme,200,dana\n"
        import_file(company, text, as_of="2026-11-05")
        rig.until(lambda: attribute(company, "acme", "owner") == "dana", "the owner")
        company.wait_view("acme", calls_used="25%")
        import_file(company, text, as_of="2026-11-12")
        company.wait_view("acme", calls_used="50%")
        run.stop()


def test_each_account_goes_to_its_home_by_javas_hash():
    with Company("import-home", partitions=7) as company:
        names = [f"account-{n}" for n in range(200)]
        lines = "".join(json.dumps({"account": name, "plan": "small"}) + "\n" for name in names)
        out, _ = import_file(company, lines, name="accounts.ndjson")
        assert out.startswith("200 accounts, 200 events "), out
        records = company.kafka.read(company.usage)
        assert sorted(record.key.decode() for record in records) == sorted(names)
        assert all(record.partition == murmur2(record.key) % 7 for record in records)
        assert {json.loads(record.value)["subject"] for record in records} == set(names)


def murmur2(key):
    """As Kafka's Java clients have it, the sign bit cut off."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(key)
    whole = len(key) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(key[i : i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    rest = key[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return (h ^ h >> 15) & 0x7FFFFFFF


def test_one_fault_and_nothing_is_sent():
    with Company("import-fault") as company:
        bad = TABLE + "dove,small,many,1.5,USD,soon,,,,,\n"
        out, said = import_file(company, bad, status=2)
        assert out == "", out
        assert "accounts.csv:5: limits.calls: must be numbers from 0 or null" in said, said
        assert "accounts.csv:5: mrr: must be an integer, is 1.5" in said, said
        assert "accounts.csv:5: renewal_date: must be a date" in said, said
        assert "nothing was sent: 3 faults to mend" in said, said
        out, _ = import_file(company, bad, "--json", status=2)
        faults = json.loads(out)
        assert faults["count"] == 3 and faults["faults"][1]["column"] == "mrr", faults
        assert faults["faults"][1]["line"] == 5, faults
        _, said = import_file(company, TABLE.replace("owner", "onwer"), status=2)
        assert "1: onwer: is not a known field; did you mean owner?" in said, said
        out, _ = import_file(
            company, TABLE.replace("owner", "onwer"), "--attribute", "onwer", "--dry-run"
        )
        assert "would go to" in out, out
        out, _ = import_file(company, TABLE, "--dry-run", "--json")
        assert json.loads(out) == {
            "accounts": 3, "events": 4, "topic": company.usage,
            "time": "2026-11-01T00:00:00.000Z", "dry_run": True,
        }, out
        assert company.kafka.read(company.usage) == []


def test_the_time_of_a_file_is_when_it_was_changed():
    with Company("import-time") as company:
        file = company.folder / "accounts.csv"
        file.write_text(TABLE)
        os.utime(file, (1790000000, 1790000000))
        company.command("import", file)
        times = {json.loads(r.value)["time"] for r in company.kafka.read(company.usage)}
        assert times == {"2026-09-21T14:13:20.000Z"}, times
        os.utime(file, (4000000000, 4000000000))
        _, said = company.command("import", file, status=2)
        assert "the time at which the file was changed lies in the future" in said, said


def test_only_a_source_of_cloudevents_is_sent_to():
    with Company("import-topic") as company:
        company.tree["sources"] = [{"topic": company.usage, "format": "orb"}]
        company.write()
        _, said = import_file(company, TABLE, status=2)
        assert "no source has the format cloudevents" in said, said
        company.tree["sources"] = [{"topic": company.usage}, {"topic": "nowhere"}]
        company.write()
        _, said = import_file(company, TABLE, status=2)
        assert "--topic says which" in said, said
        _, said = import_file(company, TABLE, "--topic", "nowhere", status=1)
        assert "there is no topic nowhere" in said, said
        _, said = import_file(company, TABLE, "--topic", "elsewhere", status=2)
        assert "the topic elsewhere is not among the sources" in said, said
        _, said = import_file(company, TABLE, name="accounts.xlsx", status=2)
        assert "is it csv or ndjson?" in said, said


scenario.main()
