# SPDX-License-Identifier: Apache-2.0
"""`headroom restore`: each repair brings a stopped group to where it goes on with what it had."""
import time

import rig
from rig import headroom, scenario

from company import Company, call, subscribe

SOON = {"session": "6s", "transaction": "5s"}  # what may be open is waited for, so long and 15 s


def stopped(company):
    """Three accounts over 80% or not, then nobody runs."""
    with company.run() as run:
        company.send(
            *(subscribe(f"s-{account}", account) for account in "abc"),
            *(call(f"c-{account}", n, account) for account, n in (("a", 85), ("b", 40), ("c", 1))),
        )
        company.wait_view("a", calls_period="85")
        company.wait_view("b", calls_period="40")
        company.wait_view("c", calls_period="1")
        run.stop()


def goes_on(company):
    """One more for everybody: what was counted is still counted, what fired does not fire again."""
    with company.run() as run:
        company.send(*(call(f"d-{account}", 1, account) for account in "abc"))
        company.wait_view("a", calls_period="86")
        company.wait_view("b", calls_period="41")
        company.wait_view("c", calls_period="2")
        company.send(*(call(f"c-{account}", n, account) for account, n in (("a", 85), ("b", 40))))
        company.send(call("e", 45, "b"))
        company.wait_view("b", calls_period="86")
        company.wait_view("a", calls_period="86")
        run.stop()
    fired = sorted(trigger["id"].split("/")[1] for trigger in company.triggers())
    assert fired == ["a", "b"], fired


def forget_offsets(company, topics):
    """Once the member's session is over and the group is empty, as a week does it."""

    def done():
        try:
            company.kafka.forget_offsets(company.name, topics)
        except AssertionError as error:
            assert "GROUP_SUBSCRIBED_TO_TOPIC" in str(error), error
            return False
        return True

    rig.until(done, "the group to be empty")


def test_redis_is_filled_from_the_changelog():
    with Company("restore") as company:
        stopped(company)
        before = company.views()
        for key in company.redis.scan_iter(match=f"{company.name}:*:v:*", count=10000):
            company.redis.delete(key)
        _, said = company.command("restore", "--from-changelog")
        assert company.views() == before, said
        goes_on(company)


def test_one_partition_alone():
    with Company("restore") as company:
        stopped(company)
        _, said = company.command("restore", "--partition", "1", "--from-changelog")
        goes_on(company)
        company.command("restore", "--partition", "99", "--from-changelog", status=1)


def test_offsets_that_are_in_place_stay_in_place():
    with Company("restore") as company:
        stopped(company)
        before = company.kafka.committed(company.name, company.usage)
        company.command("restore", "--offsets")
        assert company.kafka.committed(company.name, company.usage) == before
        goes_on(company)


def delete_changelog(company):
    changelog = f"{company.name}-changelog"
    company.kafka.delete(changelog)
    rig.until(lambda: changelog not in company.kafka.topics(), "the changelog to be gone")
    company.command("topics", "create")


def asks_for(company, pattern):
    """The command that a waiting processor names, as words."""
    with company.start() as run:
        found = run.wait_said(pattern, 60)[1].split()
        run.stop()
    return found


def test_the_changelog_is_written_from_redis():
    with Company("restore") as company:
        stopped(company)
        company.command("restore", "--from-redis")  # nothing is lost: nothing changes
        goes_on(company)


def test_a_changelog_that_is_gone_while_redis_is_behind():
    with Company("restore") as company:
        company.tree["kafka"].update(SOON)
        company.write()
        stopped(company)
        keys = list(company.redis.scan_iter(match=f"{company.name}:*", count=10000))
        old = {key: company.redis.dump(key) for key in keys}
        before = company.views()
        with company.run() as run:
            company.send(*(call(f"d-{account}", 1, account) for account in "abc"))
            company.wait_view("a", calls_period="86")
            company.wait_view("b", calls_period="41")
            company.wait_view("c", calls_period="2")
            run.stop()
        company.redis.delete(*company.redis.scan_iter(match=f"{company.name}:*", count=10000))
        for key, value in old.items():
            company.redis.restore(key, 0, value)
        (seen,) = company.lines("account", "a")
        assert seen["restoring"] is True, seen
        out, _ = company.command("account", "a")
        assert "restoring: this is not the newest" in out.splitlines()[0], out
        delete_changelog(company)

        named = asks_for(company, "no rules of epoch 1 .*`headroom (restore --from-redis)`")
        assert named == ["restore", "--from-redis"]
        _, said = company.command("restore", "--partition", "0", "--from-redis")
        named = asks_for(
            company,
            "partition 1 is refused: .* without batch .*`headroom (restore --partition 1 --from-redis)`",
        )
        said += company.command(*named)[1]
        for home in (0, 1):
            assert f"partition {home}: batches " in said, said
        assert "what they counted is lost" in said, said
        assert company.views() == before
        goes_on(company)  # what was lost may be sent again: it counts
        (seen,) = company.lines("account", "a")
        assert seen["restoring"] is False, seen


def test_offsets_that_are_gone():
    with Company("restore") as company:
        company.tree["kafka"].update(SOON)
        company.write()
        stopped(company)
        before = company.kafka.committed(company.name, company.usage)
        topics = [company.usage, f"{company.name}-internal"]
        forget_offsets(company, topics)
        company.command("restore", "--offsets")
        assert company.kafka.committed(company.name, company.usage) == before
        goes_on(company)

        # And the changelog with them: where to go on is known to nobody.
        forget_offsets(company, topics)
        delete_changelog(company)
        _, said = company.command("restore", "--from-redis", status=1)
        assert "the group's offsets are gone as well" in said, said


def stopped_behind_an_open_transaction(company):
    """As `stopped`, one call more for everybody; somebody's transaction in the changelog was open
    before, so that nobody can read the batches behind it. (who holds it, Redis as it was before)"""
    stopped(company)
    keys = list(company.redis.scan_iter(match=f"{company.name}:*", count=10000))
    old = {key: company.redis.dump(key) for key in keys}
    with company.run() as run:
        holder = company.kafka.producer(transactional_id=rig.unique("t"))
        holder.init_transactions(30)
        holder.begin_transaction()
        for home in (0, 1):
            holder.produce(f"{company.name}-changelog", b"open", b"open", partition=home)
        holder.flush(30)
        company.send(*(call(f"d-{account}", 1, account) for account in "abc"))
        company.wait_view("a", calls_period="86")
        company.wait_view("b", calls_period="41")
        company.wait_view("c", calls_period="2")
        run.stop()
    return holder, old


def restores_once_it_is_over(company, holder, option):
    """It waits as long as the transaction is open."""
    with company.start("restore", option) as restore:
        restore.wait_said("newer batches may stand behind a transaction that is still open")
        time.sleep(2)
        assert restore.child.poll() is None, restore._tail()
        holder.abort_transaction(30)
        restore.wait_end()


def test_offsets_that_an_open_transaction_hides():
    with Company("restore") as company:
        holder, _ = stopped_behind_an_open_transaction(company)
        before = company.kafka.committed(company.name, company.usage)
        restores_once_it_is_over(company, holder, "--offsets")
        assert company.kafka.committed(company.name, company.usage) == before
        goes_on(company)


def test_batches_that_an_open_transaction_hides():
    with Company("restore") as company:
        holder, old = stopped_behind_an_open_transaction(company)
        company.redis.delete(*company.redis.scan_iter(match=f"{company.name}:*", count=10000))
        for key, value in old.items():
            company.redis.restore(key, 0, value)
        restores_once_it_is_over(company, holder, "--from-redis")
        goes_on(company)


def test_a_redis_that_has_nothing_writes_no_changelog():
    with Company("restore") as company:
        stopped(company)
        before = company.views()
        company.redis.delete(*company.redis.scan_iter(match=f"{company.name}:{{*", count=10000))
        _, said = company.command("account", "a", status=1)
        assert "there is no account" in said and "is being restored" in said, said
        _, said = company.command("restore", "--from-redis")  # and is filled from it instead
        assert company.views() == before, said
        goes_on(company)


def test_nothing_is_restored_beside_a_process_that_runs():
    with Company("restore") as company:
        company.tree["kafka"].update(SOON)
        here = headroom.write_config(company.folder / "here.json", {**company.tree, "instance": "here"})
        company.write()
        with company.run() as run:
            _, said = headroom.command("restore", "--offsets", "--config", here, status=1)
            # Of two partitions of usage and internal each, one member has one of each.
            assert b"2 of 4 partitions were assigned within 21 s: is another process" in said, said
            company.send(subscribe("s", "a"), call("c", 85, "a"))
            company.wait_view("a", calls_period="85")
            run.stop()


def test_which_repair_must_be_said():
    with Company("restore", make_topics=False) as company:
        _, said = company.command("restore", status=2)
        assert "one of --from-changelog, --from-redis and --offsets" in said, said
        company.command("restore", "--offsets", "--from-redis", status=2)


scenario.main()
