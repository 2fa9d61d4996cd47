/* SPDX-License-Identifier: Apache-2.0 */
/* Every port call fails once. A seed is run as it is, and each call of each process is noted; then
 * it is run again for each of them and for each answer that the port's contract knows: the Nth call
 * is refused before anything was done, or it is carried out and its answer lost, or it is denied,
 * with all that such an answer means for the connection, the producer and the process. Until the
 * Nth call the run is the same to the byte; after it the oracle judges as ever.
 *
 * Not among them: a partition that cannot be read (HR_REFUSE of a poll or of a reader). It stays
 * refused until somebody repairs it, so that a run would not settle; tests of the units have it. */
#include "sim.h"

#include <inttypes.h>

struct sim_drill *sim_drill;

enum answer { REFUSED, LOST, DENIED, UNKNOWN, ANSWERS };
static const char *const answers[] = {"refused", "lost", "denied", "unknown and not done"};

/* The answers of each call, as bits. */
#define BIT(answer) (1u << (answer))
#define PORT_CALLS(CALL)                                                                           \
    CALL(POLL, "poll", BIT(REFUSED) | BIT(DENIED))                                                 \
    CALL(START, "start", BIT(REFUSED) | BIT(LOST) | BIT(DENIED))                                   \
    CALL(PAUSE, "pause", BIT(REFUSED) | BIT(LOST) | BIT(DENIED))                                   \
    CALL(COMMITTED, "committed", BIT(REFUSED) | BIT(DENIED))                                       \
    CALL(BOUNDS, "bounds", BIT(REFUSED) | BIT(DENIED))                                             \
    CALL(PARTITIONS, "partitions", BIT(REFUSED) | BIT(DENIED))                                     \
    CALL(MARK, "mark_generation", BIT(REFUSED) | BIT(LOST) | BIT(DENIED))                          \
    CALL(BEGIN, "begin", BIT(REFUSED) | BIT(LOST) | BIT(DENIED))                                   \
    CALL(PRODUCE, "produce", BIT(REFUSED) | BIT(LOST) | BIT(DENIED))                               \
    CALL(COMMIT, "commit", BIT(REFUSED) | BIT(LOST) | BIT(DENIED) | BIT(UNKNOWN))                  \
    CALL(ABORT, "abort", BIT(LOST) | BIT(UNKNOWN))                                                 \
    CALL(RENEW, "renew", BIT(REFUSED) | BIT(LOST) | BIT(DENIED))                                   \
    CALL(OPEN, "open", BIT(REFUSED) | BIT(DENIED))                                                 \
    CALL(READ, "read", BIT(REFUSED))                                                               \
    CALL(DELETE, "delete_before", BIT(REFUSED) | BIT(LOST))                                        \
    CALL(LOAD, "load", BIT(REFUSED) | BIT(LOST) | BIT(DENIED))                                     \
    CALL(TIMERS, "timers", BIT(REFUSED) | BIT(LOST) | BIT(DENIED))                                 \
    CALL(SUBMIT, "submit", BIT(REFUSED) | BIT(LOST))                                               \
    CALL(SETTLE, "settle", BIT(LOST) | BIT(DENIED))                                                \
    CALL(RECONNECT, "reconnect", BIT(REFUSED) | BIT(LOST) | BIT(DENIED))                           \
    CALL(CLEAR, "clear", BIT(REFUSED) | BIT(LOST) | BIT(DENIED))                                   \
    CALL(KEYS, "keys", BIT(REFUSED) | BIT(LOST) | BIT(DENIED))                                     \
    CALL(PUBLISH, "publish", BIT(REFUSED) | BIT(LOST))                                             \
    CALL(PUBLISHED, "published", BIT(REFUSED) | BIT(LOST))                                         \
    CALL(CLOCK, "clock", BIT(REFUSED) | BIT(LOST))

enum call {
#define NUMBER(number, name, its) CALL_##number,
    PORT_CALLS(NUMBER)
#undef NUMBER
        CALLS
};
static const struct {
    const char *name;
    unsigned answers;
} calls[] = {
#define ROW(number, name, its) {name, its},
    PORT_CALLS(ROW)
#undef ROW
};

#define MOST_CALLS (1u << 20)

struct sim_drill {
    uint64_t at; /* the call that fails, from 1; 0: none */
    enum answer answer;
    uint64_t count; /* calls so far */
    bool struck;
    uint8_t *which; /* of each call, where they are noted */
};

static bool strikes(struct sim_process *me, enum call call)
{
    struct sim_drill *drill = sim_drill;
    if (!drill || me->dead)
        return false;
    if (drill->which && drill->count < MOST_CALLS)
        drill->which[drill->count] = (uint8_t)call;
    if (++drill->count != drill->at)
        return false;
    drill->struck = true;
    sim_say(me->sim, me, "... DRILL: %s is %s", calls[call].name, answers[drill->answer]);
    return true;
}

static bool is(enum answer answer)
{
    return sim_drill->answer == answer;
}

/* --- the broker ---------------------------------------------------------------------------------
 */

static enum hr_fate failed(struct hr_error *error)
{
    return hr_fail(error, is(DENIED) ? HR_STOP : HR_RETRY, "drill: Kafka's answer is %s",
        answers[sim_drill->answer]);
}

/* A call whose answer is lost was carried out. */
#define BROKER(call, name, ...)                                                                    \
    struct sim_process *me = self;                                                                 \
    const struct hr_broker real = sim_broker(me);                                                  \
    if (!strikes(me, call))                                                                        \
        return real.name(self, __VA_ARGS__);                                                       \
    if (is(LOST)) {                                                                                \
        enum hr_fate fate = real.name(self, __VA_ARGS__);                                          \
        if (fate)                                                                                  \
            return fate;                                                                           \
    }                                                                                              \
    return failed(error)

static void poll(void *self, int timeout_ms, struct hr_broker_event *event)
{
    struct sim_process *me = self;
    if (strikes(me, CALL_POLL)) {
        *event = (struct hr_broker_event){.kind = HR_BROKER_FAILED};
        (void)!failed(&event->error);
        return;
    }
    sim_broker(me).poll(self, timeout_ms, event);
}

static enum hr_fate start(
    void *self, const struct hr_position *positions, size_t count, struct hr_error *error)
{
    BROKER(CALL_START, start, positions, count, error);
}

static enum hr_fate pause(void *self, const struct hr_topic_partition *partitions, size_t count,
    bool paused, struct hr_error *error)
{
    BROKER(CALL_PAUSE, pause, partitions, count, paused, error);
}

static enum hr_fate committed(void *self, struct hr_position *positions, size_t count,
    struct hr_arena *arena, struct hr_error *error)
{
    BROKER(CALL_COMMITTED, committed, positions, count, arena, error);
}

static enum hr_fate bounds(
    void *self, struct hr_position *positions, size_t count, bool end, struct hr_error *error)
{
    BROKER(CALL_BOUNDS, bounds, positions, count, end, error);
}

static enum hr_fate partitions(
    void *self, struct hr_str topic, int32_t *count, struct hr_error *error)
{
    BROKER(CALL_PARTITIONS, partitions, topic, count, error);
}

static enum hr_fate mark_generation(void *self, struct hr_error *error)
{
    BROKER(CALL_MARK, mark_generation, error);
}

static enum hr_fate begin(void *self, struct hr_error *error)
{
    BROKER(CALL_BEGIN, begin, error);
}

static enum hr_fate produce(
    void *self, const struct hr_log_record *record, uint32_t tag, struct hr_error *error)
{
    BROKER(CALL_PRODUCE, produce, record, tag, error);
}

static enum hr_fate renew(void *self, struct hr_error *error)
{
    BROKER(CALL_RENEW, renew, error);
}

static enum hr_fate open(void *self, struct hr_topic_partition of, int64_t offset,
    struct hr_log_reader **reader, struct hr_error *error)
{
    BROKER(CALL_OPEN, open, of, offset, reader, error);
}

static enum hr_fate delete_before(
    void *self, const struct hr_position *positions, size_t count, struct hr_error *error)
{
    BROKER(CALL_DELETE, delete_before, positions, count, error);
}

static void read(
    void *self, struct hr_log_reader *reader, int timeout_ms, struct hr_broker_event *event)
{
    struct sim_process *me = self;
    if (strikes(me, CALL_READ)) {
        *event = (struct hr_broker_event){.kind = HR_BROKER_FAILED};
        (void)!failed(&event->error);
        return;
    }
    sim_broker(me).read(self, reader, timeout_ms, event);
}

/* The producer is of no more use; what it has open is settled by whoever comes next. */
static enum hr_commit unknown(struct sim_process *me, struct hr_error *error)
{
    me->txn = NULL;
    me->has_producer = false;
    (void)!failed(error);
    return HR_COMMIT_UNKNOWN;
}

static enum hr_commit commit(
    void *self, const struct hr_position *positions, size_t count, struct hr_error *error)
{
    struct sim_process *me = self;
    const struct hr_broker real = sim_broker(me);
    if (!strikes(me, CALL_COMMIT))
        return real.commit(self, positions, count, error);
    if (is(UNKNOWN))
        return unknown(me, error);
    if (is(LOST)) {
        enum hr_commit outcome = real.commit(self, positions, count, error);
        return outcome == HR_COMMIT_DONE ? unknown(me, error) : outcome;
    }
    enum hr_commit outcome = real.abort(self, error);
    if (outcome != HR_COMMIT_ABORTED)
        return outcome;
    (void)!failed(error);
    return is(DENIED) ? HR_COMMIT_FENCED : HR_COMMIT_ABORTED;
}

static enum hr_commit abort_it(void *self, struct hr_error *error)
{
    struct sim_process *me = self;
    const struct hr_broker real = sim_broker(me);
    if (!strikes(me, CALL_ABORT))
        return real.abort(self, error);
    if (is(LOST))
        (void)!real.abort(self, error);
    return unknown(me, error);
}

struct hr_broker sim_drilled_broker(struct sim_process *process)
{
    struct hr_broker broker = sim_broker(process);
    broker.poll = poll;
    broker.start = start;
    broker.pause = pause;
    broker.committed = committed;
    broker.bounds = bounds;
    broker.partitions = partitions;
    broker.mark_generation = mark_generation;
    broker.begin = begin;
    broker.produce = produce;
    broker.commit = commit;
    broker.abort = abort_it;
    broker.renew = renew;
    broker.open = open;
    broker.read = read;
    broker.delete_before = delete_before;
    return broker;
}

/* --- the store ----------------------------------------------------------------------------------
 */

/* Nothing else works until the next `reconnect`; what was under way may arrive, or not. */
static enum hr_fate broken(struct sim_process *me, struct hr_error *error)
{
    sim_connection_break(me);
    return hr_fail(error, HR_RETRY, "drill: Redis' answer is %s", answers[sim_drill->answer]);
}

/* `denied`: what the call says when it is. */
#define STORE(call, denied, name, ...)                                                             \
    struct sim_process *me = self;                                                                 \
    const struct hr_store real = sim_store(me);                                                    \
    if (!strikes(me, call))                                                                        \
        return real.name(self, __VA_ARGS__);                                                       \
    if (is(DENIED))                                                                                \
        return hr_fail(error, denied, "drill: denied");                                            \
    if (is(LOST)) {                                                                                \
        enum hr_fate fate = real.name(self, __VA_ARGS__);                                          \
        if (fate)                                                                                  \
            return fate;                                                                           \
    }                                                                                              \
    return broken(me, error)

static enum hr_fate load(void *self, uint32_t home, const struct hr_str *keys, size_t count,
    struct hr_arena *arena, struct hr_str *values, struct hr_str *marker, struct hr_error *error)
{
    STORE(CALL_LOAD, HR_STOP, load, home, keys, count, arena, values, marker, error);
}

static enum hr_fate timers(void *self, uint32_t home, struct hr_time until, size_t most,
    struct hr_arena *arena, struct hr_timer **out, size_t *count, bool *more, struct hr_str *marker,
    struct hr_error *error)
{
    STORE(
        CALL_TIMERS, HR_REFUSE, timers, home, until, most, arena, out, count, more, marker, error);
}

static enum hr_fate submit(void *self, const struct hr_store_write *write, struct hr_error *error)
{
    STORE(CALL_SUBMIT, HR_RETRY, submit, write, error);
}

static enum hr_fate reconnect(void *self, struct hr_error *error)
{
    STORE(CALL_RECONNECT, HR_STOP, reconnect, error);
}

static enum hr_fate clear(void *self, uint32_t home, struct hr_str marker, size_t most, bool *left,
    struct hr_error *error)
{
    STORE(CALL_CLEAR, HR_REFUSE, clear, home, marker, most, left, error);
}

static enum hr_fate publish(
    void *self, const struct hr_str *fields, size_t count, struct hr_error *error)
{
    STORE(CALL_PUBLISH, HR_RETRY, publish, fields, count, error);
}

static enum hr_fate keys(void *self, uint32_t home, uint64_t *cursor, struct hr_arena *arena,
    struct hr_str **found, size_t *count, struct hr_error *error)
{
    STORE(CALL_KEYS, HR_STOP, keys, home, cursor, arena, found, count, error);
}

static enum hr_fate published(void *self, struct hr_arena *arena, struct hr_str **fields,
    size_t *count, struct hr_error *error)
{
    STORE(CALL_PUBLISHED, HR_RETRY, published, arena, fields, count, error);
}

static enum hr_fate clock_of(void *self, struct hr_time *now, struct hr_error *error)
{
    STORE(CALL_CLOCK, HR_RETRY, clock, now, error);
}

/* Denied: the marker is another, and nothing is written. */
static bool settle(void *self, int timeout_ms, uint32_t *home, enum hr_write_outcome *outcome,
    struct hr_error *error)
{
    struct sim_process *me = self;
    bool pending = me->connected && me->writes && !me->writes->done;
    if (!pending || !strikes(me, CALL_SETTLE))
        return sim_store(me).settle(self, timeout_ms, home, outcome, error);
    *home = me->writes->write.home;
    *outcome = is(DENIED) ? HR_WRITE_REFUSED : HR_WRITE_UNKNOWN;
    if (is(DENIED))
        me->writes = me->writes->next;
    else
        (void)!broken(me, error);
    return true;
}

struct hr_store sim_drilled_store(struct sim_process *process)
{
    struct hr_store store = sim_store(process);
    store.load = load;
    store.timers = timers;
    store.submit = submit;
    store.settle = settle;
    store.reconnect = reconnect;
    store.clear = clear;
    store.keys = keys;
    store.publish = publish;
    store.published = published;
    store.clock = clock_of;
    return store;
}

/* --- all of them --------------------------------------------------------------------------------
 */

bool sim_drill_one(const struct sim_orders *orders, uint64_t at, unsigned answer,
    const struct hr_zones *zones, struct sim_tally *tally)
{
    struct sim_drill drill = {.at = at, .answer = answer < ANSWERS ? answer : REFUSED};
    uint64_t digest;
    sim_drill = &drill;
    bool right = sim_run(orders, zones, tally, &digest);
    sim_drill = NULL;
    if (!drill.struck) {
        printf("seed %" PRIu64 ": call %" PRIu64 " was not come to\n", orders->seed, at);
        return false;
    }
    if (!right)
        printf("    sim --seed %" PRIu64 " --strike %" PRIu64 " --answer %u --story tells it all\n",
            orders->seed, at, answer);
    return right;
}

uint64_t sim_drill_all(const struct sim_orders *orders, uint64_t step, const struct hr_zones *zones)
{
    struct sim_tally tally;
    struct sim_drill drill = {.which = hr_alloc(MOST_CALLS)};
    uint64_t digest, runs = 0, wrong = 0, each[CALLS][ANSWERS] = {{0}};
    sim_drill = &drill;
    wrong += !sim_run(orders, zones, &tally, &digest);
    sim_drill = NULL;
    /* The step goes by each kind of call: polls are most of them. */
    uint64_t seen[CALLS] = {0};
    for (uint64_t i = 0; i < drill.count && i < MOST_CALLS; i++) {
        enum call call = drill.which[i];
        if (seen[call]++ % step)
            continue;
        for (unsigned answer = 0; answer < ANSWERS; answer++) {
            if (!(calls[call].answers & BIT(answer)))
                continue;
            wrong += !sim_drill_one(orders, i + 1, answer, zones, &tally);
            each[call][answer]++;
            runs++;
        }
    }
    hr_free(drill.which);
    printf("{\"seed\":%" PRIu64 ",\"calls\":%" PRIu64 ",\"runs\":%" PRIu64 ",\"wrong\":%" PRIu64,
        orders->seed, drill.count, runs, wrong);
    for (enum call call = 0; call < CALLS; call++) {
        uint64_t sum = 0;
        for (unsigned answer = 0; answer < ANSWERS; answer++)
            sum += each[call][answer];
        printf(",\"%s\":[%" PRIu64 ",%" PRIu64 "]", calls[call].name, seen[call], sum);
    }
    printf("}\n");
    return wrong;
}
