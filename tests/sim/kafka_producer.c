/* SPDX-License-Identifier: Apache-2.0 */
/* The writing half of the broker port: one transaction a batch, and everything that may become of
 * it. Offsets are sent under the generation that was marked; between that and the decision the
 * process may die or sleep. A request to commit may be lost on its way, be carried out and its
 * answer lost, or arrive when nobody waits for it any more. */
#include "sim.h"

#include "headroom/hash.h"

#include "pipeline/wire.h"

#include <inttypes.h>

static struct sim_producer *producer_of(const struct sim_process *me)
{
    return &me->sim->kafka.producers[me->slot];
}

static bool is_fenced(const struct sim_process *me)
{
    return !me->has_producer || producer_of(me)->epoch != me->producer_epoch;
}

static bool strikes(struct sim_process *me, const char *what, uint64_t rarer)
{
    struct sim *sim = me->sim;
    if (me->dead || !sim_may_fail(sim) || !sim_one_in(&me->faults, sim->plan.kafka * rarer) ||
        !sim_fault_comes(sim))
        return false;
    sim->tally.kafka_faults++;
    sim_say(sim, me, "... %s", what);
    return true;
}

static enum hr_fate begin(void *self, struct hr_error *error)
{
    struct sim_process *me = self;
    struct sim *sim = me->sim;
    if (!sim_enter(me, "begin"))
        return sim_dead(error);
    if (me->writes)
        sim_fail(sim, "a transaction is begun before the last writes are acknowledged");
    if (me->txn)
        sim_fail(sim, "a transaction is begun while one is open");
    while (!is_fenced(me) && producer_of(me)->txn)
        if (!sim_sleep(me, 5 * MS)) /* CONCURRENT_TRANSACTIONS */
            return sim_dead(error);
    if (is_fenced(me) || strikes(me, "FAILS", 8))
        return hr_fail(error, HR_RETRY, "Kafka: the producer cannot begin");
    struct sim_txn *txn = hr_arena_zeroed(&sim->arena, sizeof *txn);
    *txn = (struct sim_txn){.next = sim->kafka.unsettled,
        .owner_slot = me->slot,
        .owner_incarnation = me->incarnation,
        .epoch = me->producer_epoch,
        .begun_us = sim->now_us};
    sim->kafka.unsettled = producer_of(me)->txn = me->txn = txn;
    return HR_OK;
}

static enum hr_fate produce(
    void *self, const struct hr_log_record *record, uint32_t tag, struct hr_error *error)
{
    struct sim_process *me = self;
    struct sim *sim = me->sim;
    if (me->dead || (sim_one_in(&me->turns, 4) &&
                        !sim_enter(me, "produce to %.*s/%" PRId32, (int)record->topic.len,
                            record->topic.at, record->partition)))
        return sim_dead(error);
    if (!me->txn)
        sim_fail(sim, "a record is produced outside a transaction");
    if (!me->txn || is_fenced(me) || me->txn->state != TXN_OPEN || strikes(me, "FAILS", 60))
        return hr_fail(error, HR_RETRY, "Kafka: a record cannot be sent");
    struct sim_place of =
        sim_place_named(sim, (struct hr_topic_partition){record->topic, record->partition});
    uint32_t count = (uint32_t)sim->kafka.topics[of.topic].partitions;
    if (of.partition < 0)
        of.partition = record->key.at ? (int32_t)hr_home_of(record->key, count)
                                      : (int32_t)sim_below(&me->turns, count);
    if (of.topic == TOPIC_CHANGELOG && hr_str_is(record->key, HR_HEADER_KEY))
        sim_journal_header(me, record);
    int64_t offset = sim_append(sim, of, record, me->txn, false);
    if (tag)
        me->tags[tag] = offset;
    return HR_OK;
}

static int64_t produced(void *self, uint32_t tag)
{
    struct sim_process *me = self;
    return me->tags[tag];
}

static enum hr_commit unknown(struct sim_process *me, struct hr_error *error)
{
    me->txn = NULL;
    me->has_producer = false;
    (void)hr_fail(error, HR_RETRY, "Kafka: the outcome of a commit is not known");
    return HR_COMMIT_UNKNOWN;
}

static enum hr_commit undo(
    struct sim_process *me, enum hr_commit how, struct hr_error *error, const char *why)
{
    sim_txn_decide(me->sim, me->txn, false, me->sim->now_us + 1);
    me->txn = NULL;
    me->sim->tally.aborted++;
    (void)hr_fail(error, HR_RETRY, "Kafka: %s", why);
    return how;
}

/* The group takes offsets of its generation alone. */
static void accept(struct sim_process *me, const struct hr_position *positions, size_t count)
{
    struct sim *sim = me->sim;
    struct sim_txn *txn = me->txn;
    txn->offsets = hr_arena_zeroed(&sim->arena, count * sizeof *txn->offsets);
    txn->offset_count = count;
    for (size_t i = 0; i < count; i++)
        txn->offsets[i] = (struct sim_offset){sim_place_named(sim, positions[i].of),
            positions[i].offset, sim_copy(sim, positions[i].metadata)};
}

/* In some worlds the end of a transaction is where things go wrong, and what comes of one that
 * nobody answered for is looked at by a process that has slept past its session: others have
 * committed meanwhile, and died before they wrote it to Redis. Each by itself is rare. */
static bool goes_hard(struct sim_process *me, const char *what)
{
    struct sim *sim = me->sim;
    if (me->dead || !sim->plan.hard || !sim_may_fail(sim) || !sim_one_in(&me->faults, 12) ||
        !sim_fault_comes(sim))
        return false;
    sim->tally.kafka_faults++;
    sim_say(sim, me, "... %s", what);
    return true;
}

static enum hr_commit oversleep(struct sim_process *me, struct hr_error *error)
{
    int64_t us = sim_between(&me->sim->of_fault, 10, 20) * HR_SECOND;
    me->sim->tally.unknown_undone++;
    me->sim->tally.pauses++;
    me->paused_until_us = me->sim->now_us + us;
    (void)sim_sleep(me, us);
    return unknown(me, error);
}

/* The request that ends the transaction is on its way. */
static enum hr_commit end(struct sim_process *me, struct hr_error *error)
{
    struct sim *sim = me->sim;
    struct sim_txn *txn = me->txn;
    if (goes_hard(me, "its request is LOST, and it sleeps"))
        return oversleep(me, error);
    if (strikes(me, "its request is LOST", 2)) {
        sim->tally.unknown_undone++;
        if (sim_one_in(&sim->of_fault, 2))
            txn->late_us = sim->now_us + sim_between(&sim->of_fault, 1, 9 * HR_SECOND);
        (void)sim_sleep(me, sim_between(&sim->of_fault, MS, 5 * HR_SECOND));
        return unknown(me, error);
    }
    int64_t markers = sim_one_in(&me->turns, 8) ? sim_between(&me->turns, 1, 2 * HR_SECOND)
                                                : sim_between(&me->turns, 1, 10 * MS);
    sim_txn_decide(sim, txn, true, sim->now_us + markers);
    if (strikes(me, "its answer is LOST", 2)) {
        sim->tally.unknown_done++;
        (void)sim_sleep(me, sim_between(&sim->of_fault, MS, 5 * HR_SECOND));
        return unknown(me, error);
    }
    if (goes_hard(me, "is committed and dies"))
        sim_crash(me);
    if (!sim_leave(me))
        return unknown(me, error);
    me->txn = NULL;
    return HR_COMMIT_DONE;
}

static enum hr_commit commit(
    void *self, const struct hr_position *positions, size_t count, struct hr_error *error)
{
    struct sim_process *me = self;
    struct sim *sim = me->sim;
    if (!sim_enter(me, "commit with %zu offsets", count)) {
        (void)sim_dead(error);
        return HR_COMMIT_UNKNOWN;
    }
    if (!count)
        sim_fail(sim, "a transaction is committed without offsets");
    if (is_fenced(me) || me->txn->state != TXN_OPEN)
        return unknown(me, error);
    if (!sim_group_holds(me, me->marked)) {
        sim_say(sim, me, "... generation %" PRIu32 " is over", me->marked);
        return undo(me, HR_COMMIT_FENCED, error, "the generation is over");
    }
    accept(me, positions, count);
    sim_journal_cut(me, me->txn, positions, count);
    if (strikes(me, "is ABORTED", 4))
        return undo(me, HR_COMMIT_ABORTED, error, "the transaction was aborted");
    if (!sim_enter(me, "end")) {
        (void)sim_dead(error);
        return HR_COMMIT_UNKNOWN;
    }
    if (is_fenced(me) || me->txn->state != TXN_OPEN)
        return unknown(me, error);
    return end(me, error);
}

static enum hr_commit abort_it(void *self, struct hr_error *error)
{
    struct sim_process *me = self;
    if (!sim_enter(me, "abort")) {
        (void)sim_dead(error);
        return HR_COMMIT_UNKNOWN;
    }
    if (!me->txn || is_fenced(me) || me->txn->state != TXN_OPEN || strikes(me, "is LOST", 4))
        return unknown(me, error);
    return undo(me, HR_COMMIT_ABORTED, error, "aborted as asked");
}

static enum hr_fate renew(void *self, struct hr_error *error)
{
    struct sim_process *me = self;
    struct sim *sim = me->sim;
    if (!sim_enter(me, "renew"))
        return sim_dead(error);
    struct sim_producer *producer = producer_of(me);
    if (sim->now_us < sim->kafka.away_until_us || strikes(me, "FAILS", 8))
        return hr_fail(error, HR_RETRY, "Kafka: no broker answers");
    me->txn = NULL;
    me->producer_epoch = ++producer->epoch;
    me->has_producer = true;
    if (producer->txn && producer->txn->state == TXN_OPEN)
        sim_txn_decide(sim, producer->txn, false, sim->now_us + sim_between(&me->turns, 1, MS));
    for (int64_t until = sim->now_us + 5 * HR_SECOND; producer->txn;) {
        if (sim->now_us > until || !sim_sleep(me, 5 * MS))
            return me->dead ? sim_dead(error)
                            : hr_fail(error, HR_RETRY, "Kafka: the old transaction is not settled");
    }
    return sim_leave(me) ? HR_OK : sim_dead(error);
}

struct hr_broker sim_broker(struct sim_process *process)
{
    struct hr_broker broker = {.self = process,
        .begin = begin,
        .produce = produce,
        .commit = commit,
        .produced = produced,
        .abort = abort_it,
        .renew = renew};
    sim_consumer_port(&broker);
    return broker;
}
