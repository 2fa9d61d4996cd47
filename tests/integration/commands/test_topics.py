# SPDX-License-Identifier: Apache-2.0
"""`headroom topics create` and the look before the start, on a real broker and a real Redis."""
from confluent_kafka.admin import ConfigResource
from rig import headroom, scenario, services

from company import Company


def settings(company, topic):
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    described = company.kafka.admin.describe_configs([resource])[resource].result(30)
    return {name: entry.value for name, entry in described.items()}


def findings(company, status):
    """What: state of `check --connect`."""
    out, _ = company.command("check", "--connect", status=status)
    found = {}
    for line in out.split("\n\n")[0].splitlines()[1:]:
        state, rest = line.split(None, 1)
        what = rest.split("  ", 1)[0].strip()
        found.setdefault(what, []).append((state, rest))
    return found


def states(found, what):
    return {state for state, _ in found[what]}


def test_topics_are_made_with_what_the_protocol_asks_for():
    with Company("made", partitions=3, make_topics=False) as company:
        changelog, internal = f"{company.name}-changelog", f"{company.name}-internal"
        before = company.kafka.topics()
        out, said = company.command("topics", "create", "--dry-run")
        assert company.kafka.topics().keys() == before.keys(), "a dry run made something"
        assert "cleanup.policy=compact" in out and "3 homes, as the sources" in said, (out, said)

        made = {row["topic"]: row["outcome"] for row in company.lines("topics", "create")}
        triggers, dead = f"{company.name}-triggers", f"{company.name}-dead"
        assert made == dict.fromkeys([changelog, internal, triggers, dead], "made"), made
        topics = company.kafka.topics()
        assert [topics[name] for name in made] == [3, 3, 3, 3], topics
        its = settings(company, changelog)
        assert its["cleanup.policy"] == "compact", its
        assert its["max.message.bytes"] == str(16 * 1024 * 1024), its
        assert its["segment.bytes"] == str(128 * 1024 * 1024), its
        assert its["delete.retention.ms"] == str(7 * 24 * 3600 * 1000), its
        its = settings(company, internal)
        assert its["retention.ms"] == "-1", its
        assert its["message.timestamp.type"] == "LogAppendTime", its
        source = int(settings(company, company.usage)["max.message.bytes"])
        assert int(its["max.message.bytes"]) == source + 64 * 1024, its

        again = {row["outcome"] for row in company.lines("topics", "create")}
        assert again == {"exists"}, again
        assert all(states(findings(company, 0), what) == {"ok"} for what in findings(company, 0))
        # The home count is fixed.
        _, said = company.command("topics", "create", "--partitions", "4", status=1)
        assert "the home count is 3 already" in said, said


def test_the_source_with_the_fewest_partitions_gives_the_home_count():
    with Company("fewest", partitions=4, make_topics=False) as company:
        billing = company.topic(f"{company.name}-billing", 2)
        company.tree["sources"].append({"topic": billing})
        company.write()
        _, said = company.command("topics", "create")
        assert "2 homes, as the source with the fewest" in said, said
        assert company.kafka.topics()[f"{company.name}-changelog"] == 2
        found = findings(company, 0)
        assert "are forwarded" in found[f"topic {company.usage}"][0][1], found
        assert "counted in place" in found[f"topic {billing}"][0][1], found


def test_what_is_wrong_is_all_said_at_once_and_run_does_not_start():
    with Company("wrong", make_topics=False) as company:
        name = company.name
        company.topic(f"{name}-changelog", 2)  # not compacted
        company.topic(f"{name}-internal", 3, retention_ms=60000)
        company.topic(f"{name}-triggers", 1)
        company.tree["sources"].append({"topic": f"{name}-nobody-made"})
        company.write()
        found = findings(company, 1)
        for what in ("changelog", "internal", "dead", "nobody-made"):
            assert "wrong" in states(found, f"topic {name}-{what}"), found
        text = "\n".join(line for rows in found.values() for _, line in rows)
        for words in (
            "cleanup.policy is delete and must be compact",
            "retention.ms is 60000 and must be -1",
            "message.timestamp.type is CreateTime and must be LogAppendTime",
            "it has 3 partitions and the changelog 2",
            "`headroom topics create` makes it",
        ):
            assert words in text, f"{words} is not in\n{text}"
        _, said = headroom.command("run", "--config", company.file, status=1)
        assert b"cleanup.policy is delete" in said and b"not started" in said, said


def test_a_redis_that_evicts_is_refused():
    with Company("evicts") as company, services.Services("evicts", kafka=False) as own:
        import redis

        redis.Redis(port=own.redis_port).config_set("maxmemory-policy", "allkeys-lru")
        company.tree["redis"]["url"] = own.redis_url
        company.write()
        found = findings(company, 1)
        assert "allkeys-lru and must be noeviction" in found["redis"][0][1], found
        _, said = headroom.command("run", "--config", company.file, status=1)
        assert b"noeviction" in said, said


def test_a_service_that_is_away_fails_the_look():
    with Company("away") as company:
        company.tree["redis"]["url"] = "redis://127.0.0.1:1/0"
        company.write()
        found = findings(company, 1)
        assert states(found, "redis") == {"wrong"}, found
        assert "127.0.0.1:1" in found["redis"][0][1], found
        assert states(found, f"topic {company.usage}") == {"ok"}, found  # seen all the same


def test_topics_that_could_not_take_what_must_be_sent_are_refused():
    with Company("narrow", make_topics=False) as company:
        for name, most in (("triggers", 100_000), ("dead", 10_000)):
            company.topic(f"{company.name}-{name}", 1, max_message_bytes=most)
        company.command("topics", "create")
        found = findings(company, 1)
        for name in ("triggers", "dead"):
            assert "wrong" in states(found, f"topic {company.name}-{name}"), found
        with company.start() as run:
            run.wait_end(status=1)
            assert run.said("a trigger may take 589824"), run.log.read_text()


def test_the_permissions_that_are_needed_are_listed():
    with Company("acl") as company:
        rows = {row["name"]: row for row in company.lines("check", "--connect") if "name" in row}
        assert rows[company.usage]["operations"] == "Read DescribeConfigs", rows
        assert "Delete" in rows[f"{company.name}-internal"]["operations"], rows
        assert rows[f"{company.name}-*"]["resource"] == "transactional id", rows


scenario.main()
