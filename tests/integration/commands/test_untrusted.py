# SPDX-License-Identifier: Apache-2.0
"""Whoever can send an event can call an account, an id, an attribute, a deal whatever he likes. One
company whose every name is hostile is sent through the whole of headroom; then everything that it
has written is looked at: its log, what every command prints, the pages, the keys in Redis, the
records in Kafka. Names come back as they were where machines read them, and nowhere do they become
anything else than text."""
import csv
import io
import json
import re
import tempfile
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import rig
from rig import headroom, metrics, scenario
from rig.kafka import Record

from company import Company, call, subscribe

NAMES = [
    "two\nlines\r\nand a\ttab",
    "2026-11-22T09:14:03.120Z error forged",
    "\x1b[31mred\x1b]0;title\x07\x9b2J\x7f",
    "{1}:m",
    "}{hr:{0}:s:1",
    "quote\"s'`$(id)`\\\\",
    "</title></svg><script>alert(1)</script><img src=x onerror=alert(1)>",
    "<!channel> <@U024BE7LH> <https://example.org|pay here> &amp;",
    "\u202egro.elpmaxe\u2066\u200f\u2028\u2029",
    "nul\x00nul",
    "%s%n%x %00 ../../etc/passwd",
    "=1+1;--json",
    "--help",
    " ",
    "日本語 café 😀",
    "w<marquee>" + "x" * 65526,  # 64 KiB, as long as a name may be
]
LONGEST = 65536
BRAKE = len(NAMES)  # which these do not set off by themselves
# What no text for people may hold, and JSON only as an escape. A newline ends lines, nothing else.
HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
FOREIGN_TAGS = {"script", "img", "marquee", "a", "iframe", "object", "embed", "link", "base", "form", "input"}


def events(number, name):
    """Everything in which text comes along; `short` fits where names are bounded."""
    short = name[:200]

    def event(kind, data, suffix=""):
        return {
            "id": f"{name[:1000]}{number}{kind}{suffix}", "source": f"/{short}", "type": kind,
            "subject": name, "data": data,
        }  # fmt: skip

    yield event(
        "subscription.created",
        {"subscription": short, "plan": short, "limits": {"calls": 100, short: 5}, "mrr": 100, "currency": "USD"},
    )
    yield event(
        "account.updated",
        {"segment": short, "owner": short, "aliases": [f"{short}-alias"], short: name[:4000], "score": 10},
    )
    yield event("trial.started", {"feature": short})
    yield event("feature.interest", {"feature": short, "user": short})
    yield event("milestone.achieved", {"milestone": short})
    yield event("prompt.shown", {"trigger": short, "rule": short, "user": short})
    yield event(
        "opportunity.stage_changed",
        {"opportunity": short, "stage": short, "kind": short, "amount": 5, "currency": "USD", "trigger": short},
    )
    for stage in ("identified", "closed_won"):
        won = {"opportunity": short, "stage": stage, "kind": "upsell", "amount": 5, "currency": "USD"}
        yield event("opportunity.stage_changed", won, stage)
    yield event("engagement.executive", {"person": short})
    yield event("silence.set", {"scope": "rule:quiet", "by": short, "why": short, "as": "snoozed"})
    yield event("invoice.payment_failed", {"invoice": short, "attempt": 1})
    yield event("call", {"n": 85, "who": short, "part": short})
    yield event("call", {"n": short, "who": name}, "bad")  # a dead letter
    yield event("invoice.paid", {"invoice": short * 2000}, "long")  # another
    yield {**event("call", {"n": 1}, "time"), "time": short}  # and another


def configure(company):
    company.tree["meters"]["calls"].update({"by": "/part", "groups": 40, "windows": ["24h"]})
    company.tree["meters"]["people"] = {"event": "call", "aggregate": "unique", "value": "/who"}
    company.tree["brake"] = {"accounts": BRAKE, "within": "10m"}
    company.tree["rules"]["more"] = {"watch": "meter.calls.used", "levels": ["95%"]}
    company.tree["rules"]["quiet"] = {"watch": "account.score", "below": [50]}
    company.write()


def check_text(text, what):
    found = HIDDEN.search(text)
    if found:
        near = text[max(0, found.start() - 60) : found.end() + 60]
        raise AssertionError(f"{what} holds {found[0]!r}: {near!r}")


def check_json(text, what):
    """JSON, a document a line, with all escaped that hides."""
    check_text(text, what)
    return [json.loads(line) for line in text.splitlines()]


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.texts = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        assert tag not in FOREIGN_TAGS, f"the page has a <{tag}>"
        for name, value in attributes:
            assert not name.startswith("on") and name not in ("src", "href"), (tag, name, value)
            assert "url(" not in (value or ""), (tag, name, value)

    def handle_data(self, data):
        self.texts.append(data)


def as_page_shows(name):
    """What hides is replaced in pages."""
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in name)


def check_keys(company):
    """The first braces of a key are those that say where it lies, whatever comes behind them."""
    keys = list(company.redis.scan_iter(match=f"{company.name}*", count=10000))
    own = re.compile(re.escape(company.name.encode()) + rb":(\{\d+\}:(m|o|due|[a-z]:.+)|manifest)", re.S)
    for key in keys:
        assert own.fullmatch(key), key[:200]
    views = {key.split(b":v:", 1)[1].decode() for key in keys if b"}:v:" in key}
    assert views == set(NAMES), views ^ set(NAMES)


def check_records(company):
    check_triggers(company)
    for record in company.kafka.read(f"{company.name}-dead"):
        details = [value.decode() for name, value in record.headers if name == "hr-detail"]
        check_text(details[0], "a dead letter's detail")
        assert len(details[0]) < 160, details


def check_triggers(company):
    """What others read: JSON without anything that hides, named as the account is."""
    fired = set()
    for record in company.kafka.read(f"{company.name}-triggers"):
        (trigger,) = check_json(record.value.decode(), "a trigger")
        if trigger["type"] == "headroom.operator.brake":
            continue  # of no account
        assert record.key.decode() == trigger["subject"]
        check_text(trigger["id"], "a trigger's id")
        assert re.fullmatch(r"[!-~]+", trigger["id"]), trigger["id"][:200]
        fired.add((trigger["subject"], trigger["data"]["rule"]))
    assert fired >= {(name, "full") for name in NAMES}, fired


def account(company, name, *options, status=0):
    """Behind -- stands a name, whatever it looks like. (A NUL cannot be asked for.)"""
    out, said = headroom.command("account", "--config", company.file, *options, "--", name, status=status)
    return out.decode(), said.decode()


def check_commands(company):
    for name in NAMES:
        if "\x00" not in name:
            check_text("".join(account(company, name)), f"account {name[:40]!r}")
            (shown,) = check_json(account(company, name, "--json")[0], "account --json")
            assert shown["id"] == name, shown["id"][:200]
            check_text("".join(account(company, f"{name[:200]}-alias")), "account by its alias")
    other = company.folder / "other.json"
    headroom.write_config(other, {**company.tree, "rules": {"other": {"watch": "meter.calls.used", "levels": ["5%"]}}})
    for arguments in (
        ("top",), ("deadletter", "list"), ("deadletter", "show", "0:0", "0:1", "0:2"), ("rules", "list"),
        ("rules", "diff", other), ("topics", "create"), ("check", "--connect", "--accounts", "9"),
    ):  # fmt: skip
        out, said = company.command(*arguments)
        check_text(out + said, " ".join(map(str, arguments)))
        check_json(company.command(*arguments, "--json")[0], f"{arguments} --json")
    listed = {row["account"] for row in company.lines("top")}
    assert listed == set(NAMES), listed ^ set(NAMES)
    check_text("".join(account(company, "nobody\x1b[31m\n<script>", status=None)), "account of nobody")


def check_letters(company):
    """Whoever can write to the topic of dead letters may say there whatever he likes."""
    dead = f"{company.name}-dead"
    begin = company.kafka.ends(dead)[0][1]
    forged = [*(name.encode() for name in NAMES), b"\x1b[2J\xff\x9b2J", b"", None]

    def letter(word, topic):
        return Record(dead, word, word, partition=0, headers=[
            ("hr-reason", word), ("hr-detail", word), ("hr-topic", topic), ("hr-partition", b"0"),
            ("hr-offset", b"7"), ("hr-timestamp", None), ("hr-account", word), ("hr-size", None),
            ("\x1b[2J<script>", word),
        ])  # fmt: skip

    nowhere = [word for word in forged if word != b"--help"]  # which may be a topic's name
    company.kafka.produce(
        [letter(word, company.usage.encode()) for word in forged] + [letter(word, word) for word in nowhere]
    )
    places = [f"0:{begin + at}" for at in range(len(forged))]
    for arguments in (("list",), ("show", *places), ("replay", *places, "--dry-run"), ("replay", *places)):
        out, said = company.command("deadletter", *arguments)
        check_text(out + said, f"deadletter {arguments}")
        out, said = company.command("deadletter", *arguments, "--json")
        check_json(out, f"deadletter {arguments} --json")
    # No topic is called like that, so headroom did not write it and sends nothing there.
    places = [f"0:{begin + len(forged) + at}" for at in range(len(nowhere))]
    out, said = company.command("deadletter", "replay", *places, status=1)
    check_text(out + said, "a replay to nowhere")
    assert out == "0 replayed\n" and f"{len(nowhere)} records of the topic are no dead letters" in said, (out, said)


def check_brakes(company):
    """A storm of others sets off the brakes, which hold these, too."""
    others = [f"other{at}" for at in range(5 * BRAKE)]
    with company.run() as run:
        company.send(*(subscribe(f"s{name}", name) for name in others))
        for n, names in ((99, others), (14, NAMES)):
            data = {"n": n, "who": "x", "part": "x"}
            company.send(*(call(f"m{n}-{at}", n, name, data=data) for at, name in enumerate(names)))

        def held():
            return [name for name in NAMES if "\x00" not in name and "brake" in account(company, name)[0]]

        rig.until(lambda: len(held()) == len(NAMES) - 1, "all to be held")
        for name in held():
            check_text("".join(account(company, name)), f"account {name[:40]!r}, held")
            check_json(account(company, name, "--json")[0], "account --json, held")
        assert {row["rule"] for row in company.lines("brake", "list")[0]} == {"full", "more"}
        out, said = company.command("brake", "list")
        check_text(out + said, "brake list")
        check_triggers(company)
        for word in ("discard", "release"):
            out, said = company.command("brake", word, "more")
            check_text(out + said, f"brake {word}")
        run.stop()
    check_text(company.log.read_text(), "the log of a storm")


def check_restores(company):
    for way in ("--from-changelog", "--from-redis", "--offsets"):
        out, said = company.command("restore", way)
        check_text(out + said, f"restore {way}")
    check_keys(company)


REPORTS = ("funnel", "conversion", "retention", "breadth", "dashboard", "lift")


def check_page(path, what):
    """What the page shows, as one text."""
    text = path.read_text()
    check_text(text, what)
    return "\n".join(Page(text).texts)


def check_reports(company):
    """Segments are the accounts' own words, and reports are read by people, programs and tables."""
    with tempfile.TemporaryDirectory() as folder:
        shown, named, cells = "", set(), set()
        for report in REPORTS:
            page = Path(folder) / f"{report}.html"
            out, said = company.command("report", report, "--html", page)
            check_text(out + said, f"report {report}")
            shown += check_page(page, f"the page of report {report}")
            out, said = company.command("report", report, "--json")
            named |= set(texts_of(check_json(out, f"report {report} --json")))
            out, said = company.command("report", report, "--csv")
            check_text(out.replace("\r\n", "\n"), f"report {report} --csv")
            cells |= {cell for row in csv.reader(io.StringIO(out, newline="")) for cell in row}
        for cell in cells:
            assert cell[:1] not in ("=", "+", "@", "\t", "\r"), f"a formula: {cell[:40]!r}"
        for name in NAMES:
            assert name[:200] in named, f"{name[:40]!r} is not in any report"
            assert as_page_shows(name)[:30].strip() in shown, name[:40]


def check_import(company):
    """What a file says wrongly is shown where it is refused: a cell, a column, an account."""
    tables = [
        [["account", "mrr", "currency"], *([name[:200], name[:200], "USD"] for name in NAMES)],
        [["account", "time"], *([name[:200], name[:200]] for name in NAMES)],
        *([["account", f"plan{name[:200]}", name[:200]], [name, name, name]] for name in NAMES),
        *([["account", "plans\x1b[2J"], [name * 2, name]] for name in NAMES),
    ]
    for number, table in enumerate(tables):
        file = Path(company.folder) / "accounts.csv"
        with file.open("w", newline="") as out:
            csv.writer(out).writerows(table)
        out, said = company.command("import", file, "--dry-run", status=None)
        check_text(out + said, f"import of table {number}")


def texts_of(tree):
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, (dict, list)):
        for each in tree.values() if isinstance(tree, dict) else tree:
            yield from texts_of(each)


def check_rehearsal(company):
    with tempfile.TemporaryDirectory() as folder:
        page, letters, accounts = (Path(folder) / name for name in ("page.html", "letters", "accounts"))
        files = ("--html", page, "--dead-letters", letters, "--accounts", accounts)
        out, said = company.command("simulate", "--topics", *files)
        triggers = check_json(out, "simulate")
        assert {trigger["subject"] for trigger in triggers} >= set(NAMES)
        check_text(said, "the summary of simulate")
        check_json(letters.read_text(), "simulate --dead-letters")
        stored = check_json(accounts.read_text(), "simulate --accounts")
        found = {one["id"] for one in stored if not one["id"].endswith("-alias")}
        assert found == set(NAMES), {name[:40] for name in found ^ set(NAMES)}
        shown = check_page(page, "the page")
        for name in NAMES:
            assert as_page_shows(name)[:30].strip() in shown, name[:40]
        for name in NAMES:
            if "\x00" not in name:
                out, said = company.command("simulate", "--topics", "--explain", name)
                check_text(out + said, f"the story of {name[:40]!r}")


def test_names_stay_text_wherever_they_are_shown():
    with Company("untrusted") as company:
        configure(company)
        with company.run() as run:
            company.send(*(event for at, name in enumerate(NAMES) for event in events(at, name)))
            company.send(*events(99, "y" * (LONGEST + 1)))  # nobody's
            read = sum(1 for _ in events(0, "a")) * (len(NAMES) + 1)
            rig.until(
                lambda: sum(
                    metrics.total(run.metrics(), "headroom_records_total", topic=company.usage, result=result)
                    for result in metrics.RESULTS
                ) == read,
                "everything to be read",
            )  # fmt: skip
            rig.until(lambda: len(company.views()) == len(NAMES), "every account")
            check_text(run.get("/metrics")[1], "/metrics")
            check_keys(company)
            check_records(company)
            check_commands(company)
            check_reports(company)
            check_import(company)
            check_letters(company)
            run.stop()
        log = company.log.read_text()
        check_text(log, "the log")
        for line in log.splitlines():
            assert re.match(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warn|error) ", line), line[:200]
            assert "forged" not in line[:40], line
        check_rehearsal(company)
        check_restores(company)
        check_brakes(company)


scenario.main()
