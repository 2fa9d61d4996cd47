/* SPDX-License-Identifier: Apache-2.0 */
/* The world of the simulation: the real pipeline, codec, core and configuration against a Kafka, a
 * Redis, clocks and processes that exist only here. One seed decides everything: who runs next, how
 * long each call takes, what breaks. The same seed is the same run, to the byte.
 *
 *   scheduler   virtual time; each process is a coroutine that yields before and after every port
 *               call, and there it may be crashed, stopped for a while, or lied to
 *   kafka_*     logs, transactions, the group, and the broker port
 *   redis       keys, timers and views under markers, and the store port
 *   process     what one `headroom run` is; crashes and starts
 *   workload    configurations, records, and what happens to the world when
 *   less        the same seed with less in it, to find out what it takes
 *   journal     what the loop asked of the core, kept when its batch was committed
 *   drill       one call of a port that fails, for every call
 *   oracle      the same, once more, straight through and with no fault; and the comparison, in
 *               parts: settled, once, replay, time, order
 *
 * Memory of a world is one arena that ends with it. */
#ifndef HEADROOM_TESTS_SIM_H
#define HEADROOM_TESTS_SIM_H

#include "headroom/config.h"
#include "headroom/home.h"
#include "headroom/metrics.h"
#include "headroom/pipeline.h"
#include "headroom/ports.h"

#include <signal.h>
#include <stdio.h>
#include <ucontext.h>

#define MS INT64_C(1000)
#define SIM_SLOTS 4
#define SIM_TOPICS 8
#define SIM_PARTITIONS 8
#define SIM_STEP_US (20 * HR_SECOND) /* as far as a clock may be set wrong */
#define SIM_STORY 60
#define SIM_STORY_LINE 200

struct sim;
struct sim_process;

/* --- chance -------------------------------------------------------------------------------------
 */

struct sim_random {
    uint64_t state;
};
uint64_t sim_random(struct sim_random *random);
uint64_t sim_below(struct sim_random *random, uint64_t bound);
int64_t sim_between(struct sim_random *random, int64_t least, int64_t most);
bool sim_one_in(struct sim_random *random, uint64_t n);

/* What has a chance of its own, by seed, kind and number: what is left out of a run moves the draws
 * of nothing else. Single faults and records are told apart so, and processes by their starts. */
enum sim_chance {
    CHANCE_PLAN,
    CHANCE_TIMES,  /* of the world's events, by their kind */
    CHANCE_RECORD, /* what the Nth record is */
    CHANCE_FAULT,  /* what the Nth fault does */
    CHANCE_FAULTS, /* which of a process's calls are hit */
    CHANCE_TURNS,  /* how long its calls take */
    CHANCE_NONCES
};
struct sim_random sim_chance_of(const struct sim *sim, enum sim_chance kind, uint64_t number);

/* --- Kafka --------------------------------------------------------------------------------------
 */

enum sim_txn_state { TXN_OPEN, TXN_COMMITTING, TXN_ABORTING, TXN_COMMITTED, TXN_ABORTED };

struct sim_place {
    uint32_t topic;
    int32_t partition;
};

struct sim_offset {
    struct sim_place of;
    int64_t offset;
    struct hr_str metadata;
};

struct sim_segment; /* of a journal */

struct sim_txn {
    struct sim_txn *next; /* of those not settled */
    uint32_t owner_slot, owner_incarnation, epoch;
    enum sim_txn_state state;
    int64_t late_us;              /* when a lost request to commit arrives after all; 0: never */
    int64_t begun_us, settles_us; /* settles_us: when its markers are written */
    struct {
        struct sim_place of;
        int64_t first;
    } touched[SIM_TOPICS * SIM_PARTITIONS];
    size_t touched_count;
    struct sim_offset *offsets; /* accepted by the group, visible once settled */
    size_t offset_count;
    struct sim_segment *segments; /* what the core was asked, by home */
};

struct sim_entry {
    struct hr_log_record record;
    struct sim_txn *txn; /* NULL: written without a transaction */
    bool control, gone;
    int64_t appended_us;  /* wall clock */
    int64_t removable_us; /* of a tombstone that was cleaned once: when it may go */
};

struct sim_partition {
    struct sim_entry *entries; /* by offset */
    int64_t end, room, start;
    struct hr_str committed_metadata;
    int64_t committed;        /* HR_OFFSET_NONE */
    int64_t stalled_until_us; /* its broker is slow: nothing is fetched */
};

struct sim_topic {
    const char *name;
    int32_t partitions;
    bool append_time, source, foreign;
    struct sim_partition at[SIM_PARTITIONS];
};

/* One transactional.id. */
struct sim_producer {
    uint32_t epoch;
    struct sim_txn *txn; /* open, or settling */
};

enum {
    TOPIC_USAGE,
    TOPIC_BILLING,
    TOPIC_INTERNAL,
    TOPIC_CHANGELOG,
    TOPIC_TRIGGERS,
    TOPIC_LETTERS,
    TOPIC_CLICKS, /* from here on: other partition counts than there are homes */
    TOPIC_API
};

struct sim_member {
    bool joined, ready; /* ready: has joined the rebalance under way */
    bool narrow;        /* what it subscribed to */
    uint32_t incarnation;
    uint32_t generation; /* of its assignment */
    int64_t heard_us;
    struct sim_place assigned[SIM_TOPICS * SIM_PARTITIONS];
    size_t assigned_count;
};

struct sim_kafka {
    struct sim_topic topics[SIM_TOPICS];
    uint32_t topic_count;
    struct sim_txn *unsettled;
    struct sim_producer producers[SIM_SLOTS];
    struct sim_member members[SIM_SLOTS];
    uint32_t generation;
    bool rebalancing;
    int64_t away_until_us, next_look_us;
};

int64_t sim_stable_end(const struct sim *sim, struct sim_place of);
int64_t sim_append(struct sim *sim, struct sim_place of, const struct hr_log_record *record,
    struct sim_txn *txn, bool control);
/* The next record that a reader of committed records sees at or behind *offset, which is moved past
 * what it does not see; NULL at the stable end. */
const struct sim_entry *sim_next_committed(
    const struct sim *sim, struct sim_place of, int64_t *offset);
void sim_txn_decide(struct sim *sim, struct sim_txn *txn, bool commit, int64_t settles_us);
void sim_kafka_tick(struct sim *sim); /* markers, time-outs, members that are gone */
void sim_compact(struct sim *sim);
void sim_changelogs_lose(struct sim *sim); /* their tails, or all */
/* Nobody does anything for days, but that changelogs are compacted. */
void sim_days_pass(struct sim *sim);
struct sim_place sim_place_named(const struct sim *sim, struct hr_topic_partition of);
struct sim_partition *sim_partition_at(struct sim *sim, struct sim_place of);

void sim_consumer_port(struct hr_broker *broker);

/* The group, as one member sees it. */
enum hr_broker_event_kind sim_group_poll(struct sim_process *me, bool *fenced);
bool sim_group_holds(const struct sim_process *me, uint32_t generation);
void sim_group_tick(struct sim *sim);

/* --- Redis --------------------------------------------------------------------------------------
 */

struct sim_pair {
    struct hr_str key, value; /* value.at == NULL: there is none */
};
struct sim_table { /* ordered by key */
    struct sim_pair *at;
    size_t count, room;
};
struct hr_str sim_table_get(const struct sim_table *table, struct hr_str key);
void sim_table_set(
    struct sim *sim, struct sim_table *table, struct hr_str key, struct hr_str value);

struct sim_home_store {
    struct hr_str marker;
    struct sim_table values, timers, views; /* a timer's value is its moment's bytes */
};

#define SIM_HISTORY 64
struct sim_redis {
    struct sim_home_store homes[SIM_PARTITIONS];
    struct sim_table manifest;
    struct {
        uint32_t home;
        struct sim_home_store before;
    } history[SIM_HISTORY]; /* the last writes, as a ring */
    size_t history_count, history_next;
    struct sim_home_store old[SIM_PARTITIONS];
    bool has_old;
    int64_t away_until_us;
    struct sim_write *late; /* writes of connections that are gone, still to arrive */
};

struct sim_write {
    struct sim_write *next;
    struct hr_store_write write; /* copied */
    int64_t arrives_us;
    bool done;
    enum hr_write_outcome outcome;
};

void sim_redis_tick(struct sim *sim);
/* The changelog is written from it: what it loses now is lost. */
bool sim_redis_is_needed(const struct sim *sim);
/* It holds of that home what the committed offsets name. */
bool sim_redis_follows(const struct sim *sim, uint32_t home);
void sim_redis_lose(struct sim *sim, size_t writes); /* fails over to a replica so far behind */
void sim_redis_wipe(struct sim *sim);
void sim_redis_keep_copy(struct sim *sim);
void sim_redis_put_copy_back(struct sim *sim);
void sim_redis_cut(struct sim *sim);                     /* every connection */
void sim_redis_remember(struct sim *sim, uint32_t home); /* as it is before a write */
enum hr_write_outcome sim_redis_execute(struct sim *sim, const struct hr_store_write *write);
void sim_connection_break(struct sim_process *me);

/* --- processes ----------------------------------------------------------------------------------
 */

struct sim_reading { /* one partition that the consumer reads */
    struct sim_place of;
    int64_t next, told_end;
    bool paused;
};

struct sim_live; /* journal of a home in memory */

struct sim_process {
    struct sim *sim;
    uint32_t slot, incarnation;
    ucontext_t context;
    void *stack;
    bool ended, dead;
    int64_t wake_us, paused_until_us, skew_us;
    struct sim_random nonces, turns, faults;
    volatile sig_atomic_t stop, reload;
    struct hr_config *config;   /* started with */
    struct hr_config *reloaded; /* read again */
    uint32_t version;           /* of its rules */
    bool narrow;                /* its list of sources is without `plan.added` */
    enum hr_restore restoring;  /* it is `headroom restore` */
    struct hr_metrics *metrics;
    struct hr_pipeline *pipeline;
    enum hr_fate fate;
    struct hr_error error;
    /* consumer */
    bool has_joined, has_assignment, told_away;
    uint32_t generation, marked;
    struct sim_reading *reading;
    size_t reading_count, logs; /* changelogs open: it takes a home over */
    int64_t handles;
    /* producer */
    bool has_producer;
    uint32_t producer_epoch;
    struct sim_txn *txn;
    int64_t tags[SIM_PARTITIONS + 1];
    /* store */
    bool connected;
    struct sim_write *writes; /* under way, oldest first */
    struct sim_live *lives;
};

struct sim_process *sim_process_start(struct sim *sim, uint32_t slot);
void sim_process_destroy(struct sim_process *process);
void sim_stacks_clean_up(void); /* kept from run to run */
struct hr_broker sim_broker(struct sim_process *process);
struct hr_store sim_store(struct sim_process *process);

/* Begins a port call: time passes, others run, anything may happen. False: this process is no more,
 * and the call must answer so without touching the world. */
bool sim_enter(struct sim_process *me, const char *format, ...) HR_PRINTF(2, 3);
bool sim_leave(struct sim_process *me);
void sim_crash(struct sim_process *me);
bool sim_may_fail(const struct sim *sim);
bool sim_sleep(struct sim_process *me, int64_t us); /* false as above */
enum hr_fate sim_dead(struct hr_error *error);      /* HR_STOP */

/* --- the world ----------------------------------------------------------------------------------
 */

enum sim_event { /* what happens beside faults of calls */
    EVENT_RECORD,
    EVENT_VANISH,
    EVENT_STALL,
    EVENT_COMPACT,
    EVENT_JUMP,
    EVENT_RULES,
    EVENT_BRAKE,
    EVENT_STEP,
    EVENT_COPY,
    EVENT_DEPLOY,
    EVENT_RESTORE,
    SIM_EVENTS
};

enum sim_world { /* which worlds seeds make, whatever else they say */
    SIM_AS_IT_COMES,
    SIM_BACKLOG,   /* a backlog of several foreign topics */
    SIM_OPERATORS, /* operators run `headroom restore` again and again */
};

struct sim_plan { /* what this seed is about */
    uint32_t homes, processes, accounts;
    bool owners, brakes, silences, foreign, miskeyed, erasures, compaction, rules, jumps, vanish,
        aliases, ages, history, stalls, backlog; /* every record is there before the first start */
    bool controls, steps; /* markers of transactions in sources; clocks are set */
    bool hard;            /* what goes wrong does so at the end of a transaction */
    bool deploys;         /* one process after the other gets another list of sources, or its old */
    bool restores;        /* an operator stops everybody and runs `headroom restore` */
    uint32_t added;       /* the topic that is in the new list alone */
    int64_t lasts_us;     /* faults and records end here */
    uint32_t small_memory, small_batches;        /* bytes; 0: as usual */
    uint32_t crash, pause, kafka, redis, rewind; /* one in so many port calls; 0: never */
};

/* What is left out of a run (less.c). Numbers are one more than what there may be; 0: any. */
#define SIM_NUMBERED 4096
struct sim_less {
    uint64_t without; /* a bit a word */
    uint64_t homes, processes, accounts, seconds, records, faults;
    uint64_t no_fault[SIM_NUMBERED / 64], no_record[SIM_NUMBERED / 64]; /* single ones, from 1 */
};

struct sim_tally {
    uint64_t calls, records, batches, triggers, letters;
    uint64_t stalls, vanished, crashes, pauses, kafka_faults, redis_faults, rewinds, rebalances,
        jumps, compactions, deploys, restores, lost_logs;
    uint64_t aborted, unknown_done, unknown_undone, late_commits, refused_writes, late_writes;
    uint64_t hit; /* crashes and pauses with a transaction open or a write under way */
};

struct sim {
    uint64_t seed;
    struct sim_random of_fault, of_record; /* the one at hand */
    struct sim_plan plan;
    struct hr_arena arena;
    int64_t now_us, wall_us; /* virtual; the wall clock at now 0 */
    int64_t faults_until_us;
    bool settling; /* faults are over */
    struct sim_kafka kafka;
    struct sim_redis redis;
    struct sim_process *processes[SIM_SLOTS];
    struct sim_process *zombies[64];
    size_t zombie_count;
    int64_t respawn_us[SIM_SLOTS];
    enum hr_restore restoring; /* until that is done, nothing else starts */
    bool restores_lost_logs;   /* they are lost just before it begins */
    uint32_t incarnations, starts[SIM_SLOTS];
    ucontext_t scheduler;
    struct sim_process *crashing; /* who unwinds */
    int log_fd;
    const struct hr_zones *zones;
    struct sim_journal *journal;
    uint32_t version; /* of the rules that processes start with */
    bool narrow;      /* the list of sources that processes start with is the old one */
    struct {
        int64_t next_us;
        struct sim_random times;
    } events[SIM_EVENTS];
    int64_t vanishes_us; /* when the group forgets its offsets; 0: it does not */
    uint64_t record_number, produced, fault_number;
    const struct sim_less *less;
    uint64_t digest; /* of everything that happened */
    char story[SIM_STORY][SIM_STORY_LINE];
    size_t story_lines;
    bool tell; /* every line as it comes */
    enum sim_world world;
    char verdict[1024];
    struct sim_tally tally;
};

void sim_set_clock(const struct sim *sim); /* the program's clocks are this world's */
int64_t sim_wall(const struct sim *sim);
void sim_say(struct sim *sim, const struct sim_process *me, const char *format, ...)
    HR_PRINTF(3, 4);
void sim_fail(struct sim *sim, const char *format, ...) HR_PRINTF(2, 3); /* the first is kept */

struct sim_orders { /* what one run is asked for */
    uint64_t seed;
    bool tell; /* every line as it comes */
    enum sim_world world;
    struct sim_less less;
};

/* One run; true: everything is as it must be. */
bool sim_run(const struct sim_orders *orders, const struct hr_zones *zones, struct sim_tally *tally,
    uint64_t *digest);

/* drill.c: ports of which one call fails */
extern struct sim_drill *sim_drill; /* NULL: none does */
struct hr_broker sim_drilled_broker(struct sim_process *process);
struct hr_store sim_drilled_store(struct sim_process *process);
/* One run in which the call so numbered gets that answer; true: all is as it must be. */
bool sim_drill_one(const struct sim_orders *orders, uint64_t at, unsigned answer,
    const struct hr_zones *zones, struct sim_tally *tally);
/* Every call of the run, or of each kind one in `step`, with each of its answers; how many runs
 * went wrong. Prints a line of counts: of each kind how many calls there are, and how many runs. */
uint64_t sim_drill_all(
    const struct sim_orders *orders, uint64_t step, const struct hr_zones *zones);

/* less.c */
HR_MUST bool sim_less_parse(const char *text, struct sim_less *less);
void sim_less_plan(const struct sim_less *less, struct sim_plan *plan);
/* Chance wants the next fault, or record: false: it is left out. */
HR_MUST bool sim_fault_comes(struct sim *sim);
HR_MUST bool sim_record_comes(struct sim *sim);

/* workload.c */
void sim_plan(struct sim *sim);
void sim_history(struct sim *sim);
void sim_workload_tick(struct sim *sim);
void sim_deploy_last(struct sim *sim); /* everybody gets the new list of sources */
bool sim_reads(const struct sim *sim, uint32_t topic, bool narrow);
struct hr_config *sim_config(struct sim *sim, uint32_t slot, uint32_t version);

/* journal.c */
struct sim_journal *sim_journal_new(struct sim *sim);
/* What the homes of these positions were asked since their last batch goes with the transaction. */
void sim_journal_cut(
    struct sim_process *me, struct sim_txn *txn, const struct hr_position *positions, size_t count);
/* A header on its way into the changelog: T must be the moment to which its home was really ticked.
 */
void sim_journal_header(struct sim_process *me, const struct hr_log_record *header);
void sim_journal_commit(struct sim *sim, struct sim_txn *txn);
extern struct sim_process *sim_current; /* who runs; NULL: the scheduler or the oracle */

enum sim_asked {
    ASKED_CLOCK,
    ASKED_WALL,
    ASKED_RULES,
    ASKED_APPLY,
    ASKED_RECEIVE,
    ASKED_KNOW,
    ASKED_TICK,
    ASKED_CHANGES
};
struct sim_ask {
    struct sim_ask *next;
    enum sim_asked kind;
    struct hr_time at, arrival; /* clock, until or due; arrival */
    int64_t asked_us;
    size_t number; /* in the home's history */
    bool narrow;   /* by a process with the old list of sources */
    size_t most;
    bool more; /* of a tick: the answer */
    enum hr_verdict verdict;
    uint32_t epoch;
    struct hr_str format, account;
    struct hr_log_record record;
    struct hr_message message;
};
struct sim_committed { /* of one home */
    struct sim_ask *first, *last;
    uint32_t first_epoch;
    bool begun;
};
struct sim_committed *sim_journal_of(struct sim *sim, uint32_t home);

/* settled.c */
bool sim_is_settled(struct sim *sim);
/* oracle.c */
void sim_judge(struct sim *sim);

struct hr_str sim_copy(struct sim *sim, struct hr_str text);
struct hr_log_record sim_copy_record(struct sim *sim, const struct hr_log_record *record);

#endif
