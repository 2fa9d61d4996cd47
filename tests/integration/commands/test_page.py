# SPDX-License-Identifier: Apache-2.0
"""The page of `simulate --html`, as a real browser shows it: opened from disk, without a network, in
Chromium without a window."""
import json
import re
import tempfile
from pathlib import Path

from browser import browse, shown
from rig import headroom, scenario

HOSTILE = [
    '</title></svg><script>document.title="owned"</script>',
    '"><img src=x onerror=document.title="owned">',
    "'};alert(1)//&lt;b&gt;",
    "日本語 café 😀",
    "x" * 300,
]
HIDDEN = "turned\u202earound\x07"


def event(number, account, kind, data, day):
    return {
        "specversion": "1.0", "id": str(number), "source": "/test", "type": kind,
        "subject": account, "time": f"2026-01-{day:02}T00:00:00Z", "data": data,
    }  # fmt: skip


def history():
    """Account number n is told of n + 1 things, in January; its segment is named like itself."""
    for number, account in enumerate([*HOSTILE, HIDDEN]):
        yield event(f"p{number}", account, "subscription.created", {"limits": {"seats": 10}}, 1)
        yield event(f"s{number}", account, "account.updated", {"segment": account[:100]}, 1)
        for again in range(number + 1):
            yield event(f"u{number}.{again}", account, "seats", {"n": 10}, 2 + 2 * again)
            yield event(f"d{number}.{again}", account, "seats", {"n": 1}, 3 + 2 * again)


def make(folder, *options):
    tree = {
        "kafka": {"brokers": "127.0.0.1:1", "group": "g"},
        "sources": [{"topic": "usage"}],
        "meters": {"seats": {"event": "seats", "aggregate": "latest", "value": "/n", "limit": "seats"}},
        "rules": {
            "full": {"watch": "meter.seats.used", "levels": ["100%"]},
            "tried": {"watch": "meter.seats.used", "levels": ["50%"], "mode": "shadow"},
        },
    }
    config = headroom.write_config(folder / "a <b>.json", tree)
    tree["rules"]["full"]["for"] = "1h"
    tree["rules"]["used"] = {"watch": "meter.seats.used", "levels": ["1%"], "cooldown": "30d"}
    other = headroom.write_config(folder / "b.json", tree)
    lines = sorted(history(), key=lambda line: line["time"])
    file = folder / "events.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    page = folder / "page.html"
    headroom.command(
        "simulate", "--config", config, *(["--rules", other] if options else []), "--html", page, file
    )
    return page


def test_a_page_shows_what_it_must_whatever_accounts_are_called():
    with tempfile.TemporaryDirectory() as folder:
        document = shown(make(Path(folder)))
        total = sum(range(1, len(HOSTILE) + 2))
        assert document.title == f"These rules would have fired {total} times", document.title
        text = "\n".join(document.texts)
        for heading in (
            "When they would have come", "Who would have been approached most", "Accounts by rule",
            "By segment", "The rules",
        ):  # fmt: skip
            assert heading in document.texts, heading
        for name in HOSTILE:
            assert name in document.texts, name
        assert "turned\ufffdaround\ufffd" in document.texts, text[:3000]
        assert f"for {len(HOSTILE) + 1} of {len(HOSTILE) + 1} accounts" in text
        assert "a <b>.json" in text
        # Each picture says what it shows, and its figures stand below it.
        pictures = [value for tag, name, value in document.attributes if (tag, name) == ("svg", "role")]
        assert pictures == ["img"] * 3, pictures
        named = {value for _, name, value in document.attributes if name == "aria-labelledby"}
        ids = {value for _, name, value in document.attributes if name == "id"}
        assert named == ids and len(ids) == 3, (named, ids)
        assert document.tags.count("details") == 3, document.tags.count("details")
        assert any(re.match(r"Stacked columns: 21 triggers of 1 rule by day\.", t) for t in document.texts)
        # The rule in shadow is told of and not drawn.
        assert "tried (shadow: nothing is sent)" in document.texts


def test_a_page_of_two_rule_sets_shows_what_changes():
    with tempfile.TemporaryDirectory() as folder:
        document = shown(make(Path(folder), "two"))
        assert document.title == "21 triggers with rules A, 27 with rules B", document.title
        for text in ("What would change", "What changes, one by one", "only B", "1h later"):
            assert text in document.texts, text


def test_a_page_goes_on_paper_and_fits_a_small_window():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        page = make(folder)
        browse(page, f"--print-to-pdf={folder}/page.pdf", "--no-pdf-header-footer")
        assert (folder / "page.pdf").read_bytes().startswith(b"%PDF")
        browse(page, f"--screenshot={folder}/page.png", "--window-size=500,900")
        assert (folder / "page.png").read_bytes().startswith(b"\x89PNG")


def test_this_test_would_hear_of_an_error():
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "bad.html"
        page.write_text("<script>console.error('heard'); nothing()</script>")
        _, console = browse(page, "--dump-dom")
        assert len(console) == 2 and "heard" in console[0], console


scenario.main()
