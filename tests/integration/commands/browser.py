# SPDX-License-Identifier: Apache-2.0
"""A page from disk as a real browser makes it: without a network, in Chromium without a window."""
import re
import shutil
import subprocess
import tempfile
from html.parser import HTMLParser

BROWSER = shutil.which("chromium") or "chromium"


class Document(HTMLParser):
    """What a browser made of the page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.texts, self.attributes = [], [], [], []
        self.title = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attributes]
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if data.strip():
            self.texts.append(data)
        if self.open[-1:] == ["title"] and "head" in self.open:
            self.title += data


def browse(page, *options):
    """(standard output, what the console said)."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [
                BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                f"--user-data-dir={profile}", "--host-resolver-rules=MAP * ~NOTFOUND",
                "--enable-logging=stderr", "--virtual-time-budget=2000", *options,
                page.resolve().as_uri(),
            ],
            capture_output=True, timeout=120,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    said = done.stderr.decode(errors="replace")
    return done.stdout.decode(), re.findall(r".*CONSOLE.*", said)


def shown(page):
    html, console = browse(page, "--dump-dom")
    assert console == [], console
    document = Document(html)
    assert "script" not in document.tags and "img" not in document.tags, set(document.tags)
    for tag, name, value in document.attributes:
        assert not name.startswith("on") and name not in ("src", "href"), (tag, name, value)
        assert "url(" not in (value or ""), (tag, name, value)
    return document
