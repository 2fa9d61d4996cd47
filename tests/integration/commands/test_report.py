# SPDX-License-Identifier: Apache-2.0
"""`headroom report`: what came of it, as the processor booked it and as a browser shows it. The
figures are the published examples', worked on paper."""
import csv
import io
import json
from datetime import datetime, timezone

import rig
from browser import shown
from company import Company, call
from rig import scenario

REPORTS = ("funnel", "conversion", "retention", "breadth", "dashboard", "lift")
HOSTILE = "<b>=cmd()"
TOLD = 24  # accounts that are told of their limit
NOW = datetime.now(timezone.utc)


def month(back):
    """The name of a month some months ago."""
    number = NOW.year * 12 + NOW.month - 1 - back
    return f"{number // 12}-{number % 12 + 1:02}"


def event(id, type, account, time, /, **data):
    return {"id": id, "type": type, "subject": account, "time": time, "data": data}


def pays(id, account, time, mrr, type="subscription.updated", **more):
    return event(id, type, account, time, mrr=mrr * 100, currency="USD", **more)


def deal(id, account, stage, day, kind="upsell", **more):
    """An opportunity whose furthest stage is this one, last month."""
    return event(
        f"{id}-{stage}", "opportunity.stage_changed", account, f"{month(1)}-{day:02}T00:00:00Z",
        opportunity=id, stage=stage, kind=kind, currency="USD", **more,
    )  # fmt: skip


def revenue():
    """Two months ago it began. Last month: of 1.0 M 0.1 M left and 0.3 M came; of 700,000 in a
    segment of its own 50,000 went and 75,000 came."""
    began, went = f"{month(2)}-10T00:00:00Z", f"{month(1)}-10T00:00:00Z"
    for n in range(17):
        account, segment = f"a{n}", "large" if n < 10 else HOSTILE
        plan = "big" if n in (0, 1) else "small"
        yield event(f"s{n}", "account.updated", account, began, segment=segment)
        yield pays(f"b{n}", account, began, 100000, "subscription.created", plan=plan)
    yield event("gone", "subscription.cancelled", "a0", went)
    for n in (1, 2, 3):
        yield pays(f"more{n}", f"a{n}", went, 200000)
    yield pays("less", "a10", went, 50000)
    yield pays("more", "a11", went, 175000)


def deals():
    """200 reach the first stage, 120, 75, 45 and 30 the next ones."""
    number = 0
    for stage, count in (
        ("identified", 80), ("qualified", 45), ("engaged", 30), ("negotiation", 15), ("closed_won", 30),
    ):  # fmt: skip
        for _ in range(count):
            number += 1
            kind = "cross-sell" if number % 5 == 0 else "upsell"
            yield deal(f"d{number}", f"a{number % 17}", stage, 3, kind, amount=100000, cost=10000)
    for number in range(4):
        yield deal(f"n{number}", "a1", "identified", 1, "new", amount=2000000, cost=500000)
        yield deal(f"n{number}", "a1", "closed_lost" if number else "closed_won", 11, "new")


def told():
    """Accounts at 85% of their limit, a third of them in each band of NPS."""
    for n in range(TOLD):
        account, score = f"t{n}", (10, 8, 3)[n % 3]
        yield pays(f"t{n}", account, f"{month(1)}-02T00:00:00Z", 10, "subscription.created", plan="small")
        yield {"id": f"p{n}", "type": "feedback.nps", "subject": account, "data": {"score": score}}
        yield call(f"u{n}", 85, account)


def prepare(company):
    company.tree["products"] = {"crm": {}, "suite": {}}
    company.tree["plans"] = {
        "small": {"limits": {"calls": 100}, "products": ["crm"]},
        "big": {"limits": {"calls": 1000}, "products": ["crm", "suite"]},
    }
    company.tree["reports"] = {
        "chances": {"identified": "10%", "qualified": "25%", "engaged": "40%", "negotiation": "60%"},
        "average_deal": "15k",
        "quota": "17k",
        "targets": {"time_to_upsell": 9, "acv": "12k"},
    }
    company.write()


def report(company, name, *options):
    return json.loads(company.command("report", name, "--json", *options)[0])


def rows(made, table, key):
    return {row[key]: row for row in made["tables"][table]}


def test_before_anything_happened_a_report_says_what_it_waits_for():
    with Company("early") as company:
        _, said = company.command("report", "lift", status=1)
        assert "has `headroom run` been started?" in said, said
        with company.run() as run:
            for name, what in (
                ("funnel", "opportunity.stage_changed"),
                ("conversion", "closed_won or closed_lost"),
                ("retention", "subscription.* event that says an mrr"),
                ("lift", "begins with the first trigger\n"),
            ):
                _, said = company.command("report", name, status=1)
                assert "no history yet: it begins with the first" in said and what in said, said
            for name in ("breadth", "dashboard"):
                _, said = company.command("report", name, status=1)
                assert "there is no account yet" in said, said
            for options, what in (
                (("--from", "2026-13"), '"2026-13" is not a month such as 2026-01'),
                (("--from", "2026-02", "--to", "2026-01"), "--from is after --to"),
                (("--segment", "x"), "triggers are booked by one thing at a time"),
                (("--json", "--csv"), "not both"),
            ):
                _, said = company.command("report", "lift", *options, status=2)
                assert what in said, said
            for name in ("funnel", "conversion", "dashboard"):
                _, said = company.command("report", name, "--segment", "x", status=2)
                assert "deals are booked by kind and stage, not by segment" in said, said
            run.stop()


def see_revenue(company):
    whole = report(company, "retention", "--segment", "large")
    last = rows(whole, "months", "month")[month(1)]
    assert (last["start"], last["nrr"], last["grr"]) == ("1000000.00", "120%", "90%"), last
    assert (last["churned"], last["expansion"], last["end"]) == (
        "100000.00", "300000.00", "1200000.00",
    ), last  # fmt: skip
    assert last["customers"] == 9, last
    other = rows(report(company, "retention", "--segment", HOSTILE), "months", "month")[month(1)]
    assert (other["start"], other["churn_rate"]) == ("700000.00", "-3.57%"), other
    by_segment = rows(report(company, "retention", "--to", month(1)), "segments", "segment")
    assert by_segment["large"]["nrr"] == "120%", by_segment
    _, said = company.command("report", "retention", "--segment", "nobody", status=1)
    assert 'no revenue was booked under a segment "nobody"' in said, said
    _, said = company.command("report", "retention", "--to", "2020-01", "--from", "2019-01", status=1)
    assert f"the history is of {month(2)} to " in said, said


def see_deals(company):
    funnel = report(company, "funnel")
    stages = [(row["stage"], row["deals"], row["of_first"]) for row in funnel["tables"]["expansion"]]
    assert stages == [
        ("identified", 200, "100%"), ("qualified", 120, "60%"), ("engaged", 75, "37.5%"),
        ("negotiation", 45, "22.5%"), ("closed", 30, "15%"),
    ], stages  # fmt: skip
    expected = rows(funnel, "expected", "business")["expansion"]
    assert (expected["closed"], expected["expected_arr"]) == (30, "450000.00"), expected
    # 80, 45, 30 and 15 open ones of 1,000: 8,000 + 11,250 + 12,000 + 9,000.
    weighted = [row for row in funnel["tables"]["open"] if row["stage"] == "all"][0]
    assert (weighted["deals"], weighted["weighted"]) == (170, "40250.00"), weighted
    assert any("80,000 × 10% + 45,000 × 25%" in note for note in funnel["notes"]), funnel["notes"]
    assert [time["partition"] for time in funnel["as_of"]] == [0, 1], funnel["as_of"]
    assert all(time["time"] for time in funnel["as_of"]), funnel["as_of"]

    conversion = report(company, "conversion")
    new = rows(conversion, "conversion", "business")["new business"]
    assert (new["closed"], new["won"], new["conversion"]) == (4, 1, "25%"), new
    # Ten days; four deals at 5,000 for 20,000 of ACV.
    effort = rows(conversion, "effort", "business")["new business"]
    assert (effort["days_to_close"], effort["cost_to_close"], effort["cost_per_acv"]) == (
        "10", "20000.00", "1",
    ), effort  # fmt: skip


def see_customers(company):
    products = rows(report(company, "breadth"), "products", "product")
    customers = 16 + TOLD  # one of seventeen left
    assert products["crm"]["owners"] == products["crm"]["customers"] == customers, products
    assert products["suite"]["owners"] == 1, products  # the other one left
    large = rows(report(company, "breadth", "--segment", "large"), "products", "product")
    assert [(large[name]["owners"], large[name]["customers"]) for name in ("crm", "suite")] == [(9, 9), (1, 9)], large
    board = rows(report(company, "dashboard"), "metrics", "metric")
    # Four of forty paid more last month, half of those told pay more now.
    assert board["upsell rate"]["current"] == f"{100 * (4 + TOLD // 2) / customers:g}%", board
    assert board["time to upsell"]["status"] == "above target", board  # less than two months
    # 170,000 by 17,000.
    pipeline = board["expansion pipeline"]
    assert (pipeline["current"], pipeline["status"]) == ("10", "above target"), board
    assert (board["NPS"]["current"], board["NPS"]["status"]) == ("0", "below target"), board


def see_lift(company):
    lift = report(company, "lift")
    full = rows(lift, "rule", "value")["full"]
    assert (full["fired"], full["converted"], full["rate"]) == (TOLD, TOLD // 2, "50%"), full
    bands = [(row["value"], row["rate"]) for row in lift["tables"]["band:account.nps"]]
    assert bands == [("<7", "50%"), ("7..9", "50%"), (">=9", "50%")], bands
    assert "NPS does not predict: the 95% intervals of all its bands overlap." in lift["notes"], lift
    assert any("Nothing was held out" in note for note in lift["notes"]), lift["notes"]


def see_forms(company):
    """Each report as text, CSV and a page, in which nothing that is told can do harm."""
    for name in REPORTS:
        text, _ = company.command("report", name)
        assert text.startswith(name.capitalize() + ", ") and "as of, by partition:" in text, text
        lines = company.command("report", name, "--csv")[0]
        width = 0
        for line in csv.reader(io.StringIO(lines, newline="")):
            width = len(line) if line[0] == "table" else width
            assert len(line) == width, line
        page = company.folder / f"{name}.html"
        company.command("report", name, "--html", page)
        document = shown(page)
        assert document.title == name.capitalize(), document.title
        assert any(text.startswith("Made by headroom report") for text in document.texts)
        assert (document.tags.count("svg") > 0) == (name != "dashboard"), name
        if name == "retention":
            assert HOSTILE in document.texts, document.texts


def test_a_damaged_record_is_named_and_not_left_out():
    with Company("damaged") as company, company.run() as run:
        company.send(pays("b", "a", f"{month(1)}-10T00:00:00Z", 100, "subscription.created"))

        def booked():
            return list(company.redis.scan_iter(match=f"{company.name}:{{*}}:r:*:revenue", count=10000))

        key = rig.until(booked, "the revenue to be booked")[0]
        run.stop()
        value = company.redis.get(key)
        company.redis.set(key, value[:-1] + bytes([value[-1] ^ 1]))
        _, said = company.command("report", "retention", status=1)
        assert f"the record r:{month(1)}:revenue is damaged" in said, said
        company.redis.set(key, value)
        assert report(company, "retention")["tables"]["months"]


def test_reports_tell_what_was_booked():
    with Company("report") as company:
        prepare(company)
        with company.run() as run:
            company.send(*revenue(), *deals(), *told())
            rig.until(lambda: len(company.triggers()) >= TOLD, "all triggers")
            now = datetime.now(timezone.utc).isoformat()
            company.send(*(pays(f"up{n}", f"t{n}", now, 20) for n in range(TOLD // 2)))
            rig.until(
                lambda: rows(report(company, "lift"), "all", "value")["all"]["converted"] == TOLD // 2,
                "all conversions",
            )
            see_revenue(company)
            see_deals(company)
            see_customers(company)
            see_lift(company)
            see_forms(company)
            run.stop()


scenario.main()
