# SPDX-License-Identifier: Apache-2.0
"""`headroom check`: the canonical form, complaints with their places, exit statuses, and secrets."""
import json
import os
import subprocess
import tempfile
from pathlib import Path

from rig import headroom, scenario

CANARY = "c4n4ry-never-to-be-seen"

GOOD = """\
kafka:
  brokers: "localhost:9092"
  properties: { sasl.password: "${HR_TEST_SECRET}" }
redis: { url: "redis://:${HR_TEST_SECRET}@localhost:6379/0" }
sources:
  - { topic: usage }
meters:
  calls: { event: call, aggregate: sum, value: /n, limit: calls }
plans:
  small: { limits: { calls: 100 } }
rules:
  full: { watch: meter.calls.used, levels: [80%, 100%] }
"""

BAD = """\
kafka: { broker: "localhost:9092" }
sources:
  - { topic: usage }
meters:
  calls: { event: call, aggregate: summ, value: /n, limit: calls }
rules:
  full: { watch: meter.call.used, levels: [80%, 70%] }
time: { lateness: 2 days }
"""


def check(text, *options, status=0, environment=None):
    """(standard output, standard error) of `headroom check` on a file with that text."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "headroom.yaml"
        file.write_text(text)
        done = subprocess.run(
            [headroom.PROGRAM, "check", "--config", "headroom.yaml", *options],
            cwd=folder,
            capture_output=True,
            env={**os.environ, **(environment or {})},
            timeout=60,
        )
        assert done.returncode == status, (done.returncode, done.stderr)
        return done.stdout.decode(), done.stderr.decode()


def test_the_canonical_form_shows_defaults_and_says_the_same_again():
    secret = {"HR_TEST_SECRET": CANARY}
    once, said = check(GOOD, environment=secret)
    assert said == "", said
    for default in ("lateness", "skew", "dead", "UTC"):
        assert default in once, once
    twice, _ = check(once, environment=secret)
    assert twice == once


def test_a_secret_stays_where_it_is():
    secret = {"HR_TEST_SECRET": CANARY}
    out, said = check(GOOD, environment=secret)
    assert out.count("${HR_TEST_SECRET}") == 2, out
    assert CANARY not in out + said
    out, said = check(GOOD, "--json", environment=secret)
    assert CANARY not in out + said
    # A mistake beside the secret does not bring it out either.
    out, said = check(GOOD.replace("100%]", "70%]"), status=2, environment=secret)
    assert CANARY not in out + said
    # Unset is an error that names it.
    environment = {name: value for name, value in os.environ.items() if name != "HR_TEST_SECRET"}
    out, said = check(GOOD, status=2, environment=environment)
    assert "HR_TEST_SECRET" in said and "headroom.yaml:3: " in said, said


def test_all_complaints_come_at_once_with_their_places():
    out, said = check(BAD, status=2)
    assert out == "", out
    lines = said.splitlines()
    for place, words in (
        ("headroom.yaml:1: kafka.broker: ", "brokers"),
        ("headroom.yaml:5: meters.calls.aggregate: ", "sum"),
        ("headroom.yaml:7: rules.full.watch: ", "calls"),
        ("headroom.yaml:8: time.lateness: ", ""),
    ):
        found = [line for line in lines if line.startswith(place)]
        assert found and words in found[0], f"{place} is not in\n{said}"
    numbers = [int(line.split(":")[1]) for line in lines]
    assert numbers == sorted(numbers), said


def test_complaints_for_machines():
    out, said = check(BAD, "--json", status=2)
    answer = json.loads(out)
    assert answer["valid"] is False
    found = {complaint["path"]: complaint["line"] for complaint in answer["complaints"]}
    assert found["meters.calls.aggregate"] == 5, found
    assert said == "", said


def test_wrong_usage_is_status_2_and_no_file_too():
    headroom.command("check", "--config", "/nowhere/headroom.yaml", status=2)
    headroom.command("check", "--confg", "x", status=2)
    headroom.command("check", "operand", status=2)
    headroom.command("chek", status=2)
    headroom.command(status=2)
    _, said = headroom.command("chek", status=2)
    assert b"did you mean `headroom check`?" in said, said
    out, _ = headroom.command("--version")
    assert out.startswith(b"headroom "), out
    out, _ = headroom.command("check", "--help")
    assert b"example: headroom check" in out, out


def test_a_reader_that_has_gone_is_a_failure():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [headroom.PROGRAM, "check", "--schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    assert done.returncode == 1 and b"No space left" in done.stderr, done


def test_the_schema_is_json_and_the_reference_names_keys():
    out, _ = headroom.command("check", "--schema")
    assert "json-schema.org/draft/2020-12" in json.loads(out)["$schema"]
    out, _ = headroom.command("check", "--reference")
    assert b"lateness" in out


scenario.main()
