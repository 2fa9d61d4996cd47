# SPDX-License-Identifier: Apache-2.0
"""`headroom check --test`: users' own tests of their rules, and what is said when they fail."""
import json
import subprocess
import tempfile
from pathlib import Path

from rig import headroom, scenario

RULES = """\
sources: [{ topic: usage }]
meters:
  contacts: { event: contact.count, aggregate: latest, value: /value, limit: contacts }
  calls:    { event: call, aggregate: sum, value: /n }
plans: { starter: { limits: { contacts: 5000 } } }
rules:
  capacity: { watch: meter.contacts.used, levels: [80%, 90%, 100%], rearm: 5% }
  quiet:    { watch: meter.calls.24h, below: [0], for: 3d, category: risk }
"""

# 80% of 5000 is 4000 and the episode is over below 75%, 3750. The calls of hour 12 leave 24 hours of
# buckets at 12:00 the day after; three days later the rule fires.
GOOD = """\
tests:
  - name: again when it was over
    account: acme
    events:
      - { at: 2026-03-01, type: subscription.created, data: { plan: starter } }
      - { at: 2026-03-02T10:00:00Z, type: contact.count, data: { value: 4000 } }
      - { at: 2026-03-04T10:00:00Z, type: contact.count, data: { value: "3749" } }
      - { at: 2026-03-05T10:00:00Z, type: contact.count, data: { value: 4999 } }
    expect:
      - { at: 2026-03-02T10:00:00Z, rule: capacity, level: 80%, cause: usage }
      - { at: 2026-03-04T10:00:00Z, rule: capacity, level: 0.8, resolved: usage_decreased }
      - { at: 2026-03-05T10:00:00Z, rule: capacity, level: 90% }
  - name: three silent days
    events:
      - { at: 2026-03-01T12:00:00Z, account: a, type: call, data: { n: 5 } }
      - { at: 2026-03-01T13:00:00Z, account: a, type: call, data: { n: many }, refused: bad_value }
    until: 2026-03-10
    expect:
      - { at: 2026-03-05T12:00:00Z, account: a, rule: quiet, level: 0, cause: time }
"""

# It fires 100% and not 80%; the second event has its value in the wrong member, the third is fine.
WRONG = """\
tests:
  - name: what the author did not think of
    account: acme
    events:
      - { at: 2026-03-01, type: subscription.created, data: { plan: starter } }
      - { at: 2026-03-02T10:00:00Z, type: contact.count, data: { value: 5000 } }
      - { at: 2026-03-02T11:00:00Z, type: contact.count, data: { count: 5000 } }
      - { at: 2026-03-02T12:00:00Z, type: contact.count, data: { value: 5000 }, refused: too_late }
    expect:
      - { at: 2026-03-02T10:00:00Z, rule: capacity, level: 80% }
"""

MISSPELT = """\
tests:
  - name: x
    events:
      - { at: 2026-03-01, account: a, type: call, dta: { n: 1 } }
      - { at: 2026-02-01, account: a, type: call, refused: too_lat }
    expect:
      - { at: 2026-03-02, account: a, rule: capcity, level: 80%, cause: usge }
      - { at: 2026-03-02, rule: capacity, level: 85% }
"""


def check(status, *texts, options=(), rules=RULES):
    """(standard output, standard error) of `headroom check --test` on files with these texts."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "headroom.yaml").write_text(rules)
        files = [f"tests{number}.yaml" for number in range(len(texts))]
        for file, text in zip(files, texts):
            (Path(folder) / file).write_text(text)
        done = subprocess.run(
            [headroom.PROGRAM, "check", *options, "--test", *files],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done.stdout, done.stderr


def test_tests_that_hold_are_named_and_counted():
    said, complaints = check(0, GOOD)
    assert said.splitlines() == ["ok again when it was over", "ok three silent days", "2 passed, 0 failed"]
    assert complaints == "", complaints


def test_a_test_that_fails_shows_what_came_beside_what_was_expected():
    said, _ = check(1, GOOD, WRONG)
    lines = said.splitlines()
    assert lines[2] == "not ok what the author did not think of", said
    assert lines[3] == "  tests1.yaml:2", said
    came, missing, refused, taken = lines[4:8]
    assert came.startswith("  + 2026-03-02T10:00:00.000Z") and "capacity 100%" in came, came
    assert missing.startswith("  - 2026-03-02T10:00:00.000Z") and missing.endswith("line 10"), missing
    assert refused.startswith("  ! ") and "bad_value" in refused and refused.endswith("line 7"), refused
    assert taken.startswith("  ! ") and "too_late" in taken and taken.endswith("line 8"), taken
    assert lines[8] == "2 passed, 1 failed", said


def test_what_cannot_come_before_business_began_is_said_to_be_so():
    said, _ = check(1, WRONG, rules=RULES + "start: { live_from: 2026-03-03 }\n")
    assert "(expected, did not come: it is before start.live_from)  line 10" in said, said
    assert "came, not expected" not in said, said


def test_machines_read_a_line_of_json_for_each_test():
    said, _ = check(1, WRONG, options=["--json"])
    result = json.loads(said)
    assert result["passed"] is False and result["file"] == "tests0.yaml", result
    assert [line["is"] for line in result["triggers"]] == ["unexpected", "missing", "refused", "refused"], result


def test_what_is_wrong_in_the_file_itself_is_misuse_with_its_place_and_the_nearest_name():
    said, complaints = check(2, MISSPELT)
    assert said == "", said
    for expected in (
        "tests0.yaml:4: tests[0].events[0].dta: is not a known key; did you mean data?",
        "tests0.yaml:5: tests[0].events[1]: comes before the event above it",
        "tests0.yaml:5: tests[0].events[1].refused: is not known; did you mean too_late?",
        "tests0.yaml:7: tests[0].expect[0].rule: is no rule of the configuration; did you mean capacity?",
        "tests0.yaml:7: tests[0].expect[0].cause: is not known; did you mean usage?",
        "tests0.yaml:8: tests[0].expect[1]: names no account, and neither does the test",
        "tests0.yaml:8: tests[0].expect[1].level: is no level of rule capacity",
    ):
        assert expected in complaints, (expected, complaints)


scenario.main()
