/* SPDX-License-Identifier: Apache-2.0 */
/* The loop's own state, shared by the files of this room and by nobody else.
 *
 *   input    one source partition that this process reads: its place, and its records that wait
 *   owned    one home that this process owns: the core's engine, and where the protocol stands
 *   batch    what one transaction will hold, collected slice by slice
 *
 * Whose memory: records that wait belong to the broker port until released; a slice's events live
 * in `slice`, a batch's bytes in `batch.arena` until its writes are settled. */
#ifndef HEADROOM_PIPELINE_STATE_H
#define HEADROOM_PIPELINE_STATE_H

#include "bounds.h"
#include "headroom/codec.h"
#include "headroom/failpoint.h"
#include "headroom/hash.h"
#include "headroom/pipeline.h"
#include "wire.h"

/* --- inputs --------------------------------------------------------------------------------------
 */

enum hr_role {
    HR_ROLE_HOME,     /* as many partitions as there are homes: partition n belongs to home n */
    HR_ROLE_FOREIGN,  /* any other count: its records are forwarded */
    HR_ROLE_INTERNAL, /* what homes are sent */
};

struct hr_topic {
    struct hr_str name;
    enum hr_role role;
    const struct hr_source *source; /* NULL for INTERNAL */
    int32_t partitions;
};

struct hr_waiting {
    struct hr_log_record record;
    void *handle;
    struct hr_time arrival; /* of an internal record: of what is inside */
    struct hr_time order;   /* arrival, never less than the one before it in its source partition */
    bool alone;             /* changes the rules: a slice of its own */
};

/* What became of a record; READ is their sum. Names of the metric's label. */
enum hr_result {
    HR_RESULT_READ,
    HR_RESULT_COUNTED,
    HR_RESULT_DUPLICATE,
    HR_RESULT_DEAD,
    HR_RESULT_FORWARDED,
    HR_RESULT_IGNORED,
    HR_RESULT_COUNT,
};

struct hr_queue {
    struct hr_waiting *ring; /* of `room`, a power of two */
    size_t first, waiting, room;
};
struct hr_pipeline;
void hr_queue_push(struct hr_queue *queue, const struct hr_waiting *waiting);
struct hr_waiting *hr_queue_first(struct hr_queue *queue); /* NULL: none waits */
void hr_queue_pop(struct hr_queue *queue);
void hr_queue_drop(struct hr_pipeline *p, struct hr_queue *queue); /* its handles go back */

struct hr_owned;

struct hr_input {
    const struct hr_topic *topic;
    int32_t partition;
    struct hr_owned *home; /* NULL: foreign */
    int64_t next;          /* offset to poll next; control records at the end passed */
    int64_t done;          /* offset to commit: of the first record not applied */
    int64_t committed;     /* as far as it is */
    bool moved;            /* a record was applied in this batch */
    bool has_read, paused;
    bool
        forwards; /* a home topic most of whose records belong elsewhere: read like a foreign one */
    uint64_t placed, misplaced; /* records of this home and of others, while that is not settled */
    bool out;                   /* cannot be read; said loudly */
    struct hr_time last_order;  /* of the record last polled */
    struct hr_time done_order;  /* of the record last applied or forwarded */
    struct hr_time level_at;    /* wall clock when last level; NONE: not since the takeover */
    struct hr_time asked_at;    /* wall clock when its end was last asked for; NONE: never */
    int64_t end;                /* what it was then */
    struct hr_queue queue;      /* records not applied yet; those of the internal topic: streams */
    const struct hr_rules *format_rules; /* whose `format` is */
    const struct hr_format *format;
    int64_t counts[HR_RESULT_COUNT]; /* of this batch */
    struct hr_cell *cells[HR_RESULT_COUNT];
    struct hr_cell *lag;
};

/* Its records go home as they come, none waits here; its reader tells the homes of its time. */
static inline bool hr_input_is_foreign(const struct hr_input *input)
{
    return input->topic->role == HR_ROLE_FOREIGN || input->forwards;
}
static inline struct hr_topic_partition hr_input_of(const struct hr_input *input)
{
    return (struct hr_topic_partition){input->topic->name, input->partition};
}

/* --- streams of the internal topic --- */

struct hr_stream {
    struct hr_rank rank; /* which it is, and its place on a tie */
    struct hr_queue queue;
    struct hr_time last_order; /* of the record last read */
    int64_t applied;           /* offset in the internal partition; -1: none since the takeover */
    size_t at;                 /* among its home's streams */
};

/* --- homes --- */

enum hr_owned_state {
    HR_OWNED_TAKING, /* its memory is not there yet */
    HR_OWNED_LIVE,
    HR_OWNED_REFUSED,   /* said loudly; the others go on */
    HR_OWNED_ELSEWHERE, /* for monitoring alone: what this process had once */
};

/* How far a home may go: T, and on a tie with it which records. */
struct hr_horizon {
    struct hr_time time; /* T */
    struct hr_rank rank; /* of those at T, as far as those of this rank */
    bool waits; /* a topic is behind: what is beyond waits; else each is taken as it comes */
};

struct hr_owned {
    uint32_t number;
    enum hr_owned_state state;
    struct hr_home *home;
    struct hr_batch_name committed; /* C */
    char marker[HR_MARKER_TEXT];    /* as last acknowledged */
    size_t marker_len;              /* 0: there is none */
    char flying[HR_MARKER_TEXT];    /* of the write under way */
    size_t flying_len;              /* 0: none is */
    int64_t header_offset;
    uint64_t log_since;          /* as in the header */
    bool partial;                /* its changelog is being written anew from Redis */
    struct hr_time time;         /* T */
    struct hr_horizon horizon;   /* of this slice: no clock in it is later than its time */
    struct hr_time timers_until; /* every stored timer before this is known … */
    bool timers_cut;             /* … of the microsecond before it up to hr_home_knows */
    bool timers_left;            /* not all that are known and due have acted */
    struct hr_input **inputs;
    size_t input_count;
    struct hr_position *others; /* in the header, of topics that this process does not read */
    size_t other_count;
    struct hr_stream **streams; /* `busy` of them, in which something waits, stand first */
    size_t stream_count, stream_room, busy;
    struct hr_stream *last_stream; /* of the internal record read last */
    struct hr_buffer ahead; /* as it is written: what is applied ahead of what is committed */
    bool overfull;          /* said: more waited than may */
    /* Last one of each source partition read elsewhere: heard when it was read, and had when its
     * turn came, behind everything that was forwarded before it. The header says what was had. */
    struct hr_clock_report *reports, *had;
    size_t report_count, had_count;
    bool touched;      /* this batch must hold it */
    bool claimed_told; /* what was over already when business began */
    struct hr_cell *state_cell, *time_cell, *ids_cell, *window_cell, *others_cell;
};

/* A home whose stored values were found wrong is copied from the changelog. Found wrong again while
 * the same batch is committed, it is the changelog that is wrong, and copying would never end. */
struct hr_doubt {
    struct hr_batch_name at; /* C then */
    unsigned times;
    struct hr_error why;
};

/* --- batches --- */

struct hr_batch {
    struct hr_arena arena;
    struct hr_log_record *out; /* triggers, dead letters, forwarded records; in the arena */
    size_t out_count, out_room;
    int64_t begun_us;                                  /* monotonic; 0: nothing in it */
    int64_t triggers, shadowed, dead[HR_REASON_COUNT]; /* for the metrics, when it is committed */
    int64_t held[HR_WHY_COUNT]; /* times that a level began to be held back */
};

struct hr_known_rules { /* one epoch */
    uint32_t epoch;
    struct hr_rules *rules;
    struct hr_str manifest; /* its bytes, owned */
    bool settled;           /* its record is committed */
};

enum hr_phase {
    HR_PHASE_ALONE, /* no assignment */
    HR_PHASE_TAKE,  /* assigned; memory is to be taken over */
    HR_PHASE_LIVE,
};

struct hr_pipeline {
    struct hr_pipeline_settings with;
    enum hr_phase phase;
    struct hr_pool *pool;
    struct hr_decoder *decoder;

    struct hr_topic *topics;
    size_t topic_count;
    uint32_t home_count;

    struct hr_arena assignment; /* of what one assignment lasts for */
    struct hr_input *inputs;
    size_t input_count;
    struct hr_owned *homes;
    size_t home_owned;

    struct hr_known_rules *epochs; /* ascending */
    size_t epoch_count;
    int64_t manifest_next;           /* offset in changelog partition 0 up to which they are read */
    int64_t missing_since_us;        /* monotonic: since when an epoch is not found; 0: none is */
    const struct hr_rules *proposal; /* ours, not known to the manifest yet */
    bool proposed;

    struct hr_batch batches[2]; /* one is collected while the other's writes are under way */
    struct hr_batch *batch;
    struct hr_arena slice;
    struct hr_outbox outbox;
    struct hr_buffer scratch;
    int64_t batch_us;  /* bound now: grows with the backlog */
    bool backlog;      /* the last gathering ended at its bound */
    size_t flying;     /* writes under way */
    size_t held_bytes; /* of records of the internal topic that wait */

    struct hr_time wall;                                   /* of this turn */
    int64_t next_level_us, next_report_us, next_delete_us; /* monotonic */
    int64_t pause_us;                                      /* growing, while something is away */
    bool assigned;                                         /* the group gave us partitions */
    bool producer_broken; /* to be made anew before the next transaction */
    bool store_broken;    /* to be connected anew before the next look */
    bool settled;         /* a write of accounts was, since memory was last looked at */
    size_t first_home;    /* whose turn it is */
    size_t evict_above;   /* so much memory of accounts is looked at again though none was */
    bool regrouped;       /* what failed last was the group giving out its partitions anew */
    struct hr_topic_partition *outs; /* partitions that cannot be read: said once, never started */
    size_t out_count;
    enum hr_restore restore;     /* what this takeover is for; NOTHING when running */
    int32_t restore_partition;   /* -1: all */
    bool stopped;                /* the port said HR_STOP while something else was waited for */
    int64_t taking_since_us;     /* monotonic: when this takeover began */
    unsigned overshoots;         /* takeovers that found a newer header than the committed batch */
    struct hr_doubt *doubts;     /* by home */
    struct hr_input *last_input; /* of the record polled last */

    /* Read by the HTTP thread. */
    _Atomic int64_t alive_us;   /* monotonic: the loop turned */
    _Atomic int64_t stalled_us; /* monotonic: since when a batch waits; 0: none does */
    _Atomic int64_t away_us;    /* monotonic: since when Kafka or Redis is away; 0: it is not */
    _Atomic int64_t alone_us;   /* monotonic: since when the group gives us nothing; 0: it does */
    _Atomic int64_t refused_count, taking_count;
    _Atomic uint64_t refusal; /* hash of what was said last that will not pass by itself; 0: none */
    struct hr_cell *triggers, *shadowed, *batches_done, *batches_lost, *dead[HR_REASON_COUNT],
        *held[HR_WHY_COUNT];
    struct hr_cell *hastened;
    struct hr_cell *commit_us, *accounts, *memory;
};

/* How long an open transaction may hold back the end of a log, and a margin for the broker. */
static inline int64_t hr_patience_us(const struct hr_pipeline *p)
{
    return p->with.config->transaction_us + 15 * HR_SECOND;
}

/* A part of the loop ends with what its caller must do:
 * HR_OK      go on
 * HR_RETRY   something is away or another owner came: drop memory, take over afresh
 * HR_STOP    leave */

/* rules.c: epochs */
const struct hr_rules *hr_pipeline_rules_of(void *pipeline, uint32_t epoch);
struct hr_known_rules *hr_known_latest(struct hr_pipeline *p); /* NULL: no manifest yet */
/* Reads changelog partition 0 from where the last reading ended to its end for manifests. */
HR_MUST enum hr_fate hr_manifest_read_on(struct hr_pipeline *p, struct hr_error *error);
/* An epoch that state names is not known: HR_RETRY while an open transaction may hide it. */
HR_MUST enum hr_fate hr_rules_missing(
    struct hr_pipeline *p, uint32_t epoch, struct hr_error *error);
HR_MUST enum hr_fate hr_manifest_learn(
    struct hr_pipeline *p, struct hr_str bytes, struct hr_error *error);
/* Home 0: gives the rules the next epoch, in this batch. */
HR_MUST enum hr_fate hr_manifest_adopt(
    struct hr_pipeline *p, struct hr_str text, struct hr_error *error);
/* Home 0: the rules of an earlier epoch again, under the next one, unless `current` is no longer.
 */
HR_MUST enum hr_fate hr_manifest_roll_back(
    struct hr_pipeline *p, uint32_t epoch, uint32_t current, struct hr_error *error);
/* The first manifest fixes it for ever; NONE before there is one. */
struct hr_time hr_settled_live_from(const struct hr_pipeline *p);
/* Forgets epochs whose transaction did not commit. */
void hr_rules_forget_unsettled(struct hr_pipeline *p);
void hr_rules_settle(struct hr_pipeline *p);
void hr_rules_propose(struct hr_pipeline *p);
void hr_rules_announced(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_str manifest, struct hr_time clock);

/* manifest.c: hr:manifest, the copy in Redis */
HR_MUST enum hr_fate hr_manifest_publish(struct hr_pipeline *p, struct hr_error *error);
/* Epochs that the changelog does not have are written from the copy into this batch, home 0's, and
 * known from here on. HR_STOP: there is none, or it is another group's. */
HR_MUST enum hr_fate hr_manifest_restore(struct hr_pipeline *p, struct hr_error *error);

/* clock.c: how far a home's time may go */
struct hr_horizon hr_owned_horizon(const struct hr_pipeline *p, const struct hr_owned *owned);
/* Of a report whose turn has come. */
void hr_owned_have(
    struct hr_pipeline *p, struct hr_owned *owned, const struct hr_clock_report *report);
void hr_owned_hear(
    struct hr_pipeline *p, struct hr_owned *owned, const struct hr_clock_report *report);
HR_MUST enum hr_fate hr_inputs_look_level(struct hr_pipeline *p, struct hr_error *error);
void hr_inputs_report(struct hr_pipeline *p);

/* batch.c: what a batch holds */
void hr_batch_add(struct hr_pipeline *p, const struct hr_log_record *record); /* bytes are copied */
void hr_batch_add_internal(
    struct hr_pipeline *p, uint32_t home, struct hr_str key, const struct hr_internal *internal);
/* The same of a record, which may be of any size; false: the internal topic does not take it. */
HR_MUST bool hr_batch_forward(
    struct hr_pipeline *p, uint32_t home, struct hr_str key, const struct hr_internal *internal);
void hr_batch_add_letter(struct hr_pipeline *p, const struct hr_log_record *original,
    enum hr_reason reason, const char *detail, struct hr_str account);
/* What `owned` decided; arrival and order are those of what made it decide. */
void hr_batch_add_outbox(struct hr_pipeline *p, const struct hr_owned *owned,
    struct hr_time arrival, struct hr_time order);
void hr_batch_touch(struct hr_pipeline *p, struct hr_owned *owned);
bool hr_batch_full(const struct hr_pipeline *p);
bool hr_batch_empty(const struct hr_pipeline *p);
void hr_batch_clear(struct hr_pipeline *p); /* what it holds is void */

/* slice.c: records and ticks through the core */
HR_MUST enum hr_fate hr_slices_run(struct hr_pipeline *p, struct hr_error *error);

/* store.c: looks and writes under the marker */
const struct hr_str *hr_view_strings(
    struct hr_arena *arena, const struct hr_view_field *fields, size_t field_count, size_t *count);
HR_MUST enum hr_fate hr_owned_load(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_keys *keys, struct hr_error *error);
HR_MUST enum hr_fate hr_owned_timers(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_time until, struct hr_error *error);
HR_MUST enum hr_fate hr_writes_settle(
    struct hr_pipeline *p, int timeout_ms, struct hr_error *error);
/* Removes a marker that is longer than any of ours; the home then has none. */
HR_MUST enum hr_fate hr_owned_forget_marker(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_str marker, struct hr_error *error);
/* One write and its answer, for takeovers: the new marker is remembered. */
HR_MUST enum hr_fate hr_owned_write(struct hr_pipeline *p, struct hr_owned *owned,
    const struct hr_marker *marker, const struct hr_store_value *values, size_t count,
    struct hr_error *error);

/* One value, under the marker. */
HR_MUST enum hr_fate hr_owned_look(struct hr_pipeline *p, struct hr_owned *owned, struct hr_str key,
    struct hr_str *value, struct hr_error *error);
/* Bytes in Redis are wrong (error says why): without its marker the home counts as empty and is
 * copied whole. Never HR_OK. */
HR_MUST enum hr_fate hr_owned_distrust(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_error *error);

/* stream.c */
int hr_rank_compare(const struct hr_rank *a, const struct hr_rank *b);
struct hr_rank hr_rank_of(const struct hr_pipeline *p, struct hr_topic_partition of);
/* Order of the last record of that source partition that came to this home; NONE: none did. */
struct hr_time hr_stream_reached(const struct hr_owned *owned, const struct hr_rank *rank);
/* Of a record of the internal topic: fills its arrival and order and keeps it in its stream. False:
 * it was applied before the takeover. */
HR_MUST bool hr_stream_take(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_waiting *waiting);
void hr_stream_pop(struct hr_pipeline *p, struct hr_owned *owned, struct hr_stream *stream);
/* Offset of the first record that waits, and its stream; INT64_MAX: none does. */
int64_t hr_streams_first(const struct hr_owned *owned, struct hr_stream **stream);
/* The one of words or of clock reports, if something waits in it; else NULL. */
struct hr_stream *hr_stream_ranked(const struct hr_owned *owned, enum hr_rank_group group);
/* The committed offset to be: of the first record not applied. */
void hr_streams_settle(const struct hr_owned *owned, struct hr_input *input);
void hr_streams_drop(struct hr_pipeline *p, struct hr_owned *owned);
/* Whether the value of what is applied ahead has changed; it counts as written then. */
HR_MUST bool hr_streams_changed(
    struct hr_owned *owned, struct hr_arena *arena, struct hr_str *key, struct hr_str *value);
HR_MUST enum hr_fate hr_streams_load(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_error *error);

/* commit.c: steps 5 and 6 */
HR_MUST enum hr_fate hr_batch_commit(struct hr_pipeline *p, struct hr_error *error);

/* offsets.c */
/* Where a topic without a committed offset begins. */
HR_MUST enum hr_fate hr_first_offset(
    struct hr_pipeline *p, struct hr_input *input, struct hr_error *error);
/* Fills next and done of the inputs from the committed offsets; HR_OFFSET_NONE where there is none.
 * C is the batch that the internal topic's metadata names: that topic is every home's, whatever the
 * sources are. */
HR_MUST enum hr_fate hr_committed_read(struct hr_pipeline *p, struct hr_input **inputs,
    size_t count, bool *internal_missing, struct hr_str *metadata, struct hr_error *error);
void hr_positions_take(struct hr_owned *owned, const struct hr_batch_header *header);
/* The header of C has the offsets that were committed with it: others were set by somebody else, a
 * missing one has expired. A topic that it does not name is new; what it names and this process
 * does not read is kept for who will. *fresh: offsets to be committed. */
HR_MUST enum hr_fate hr_offsets_settle(struct hr_pipeline *p, struct hr_owned *owned,
    const struct hr_batch_header *header, bool *fresh, struct hr_error *error);

/* pipeline.c: as many partitions as there are homes. HR_REFUSE: it is not there. */
HR_MUST enum hr_fate hr_changelog_check(struct hr_pipeline *p, struct hr_error *error);

/* takeover.c: HR_RETRY also while the manifest has not been written by the owner of home 0 */
HR_MUST enum hr_fate hr_take_over(struct hr_pipeline *p, struct hr_error *error);
/* copy.c: from the changelog into Redis, up to the committed batch; then the header is known. */
HR_MUST enum hr_fate hr_owned_copy(struct hr_pipeline *p, struct hr_owned *owned,
    struct hr_marker marker, struct hr_batch_header *header, struct hr_error *error);
/* Why a log that `restore --from-redis` has not written to its end is refused. */
HR_MUST enum hr_fate hr_partial(const struct hr_owned *owned, struct hr_error *error);
/* The last header in the changelog, or a sequence of 0. One that is damaged is HR_REFUSE, or passed
 * over where C is known from elsewhere. */
HR_MUST enum hr_fate hr_owned_last_header(struct hr_pipeline *p, struct hr_owned *owned,
    bool pass_damaged, struct hr_batch_header *header, int64_t *offset, struct hr_error *error);

/* changelog.c: every record of a changelog partition from `from` on (or from its beginning, if that
 * is later), to the end. `wait` is asked while nothing comes; NULL: it is waited for. */
struct hr_walk {
    int64_t from;
    enum hr_fate (*take)(struct hr_pipeline *p, void *context, const struct hr_log_record *record,
        struct hr_error *error);
    enum hr_fate (*wait)(struct hr_pipeline *p, void *context, struct hr_error *error);
    void *context;
};
HR_MUST enum hr_fate hr_changelog_walk(
    struct hr_pipeline *p, int32_t partition, const struct hr_walk *walk, struct hr_error *error);
/* A `wait` for whoever has been given partitions: HR_RETRY once the group gives them out anew. */
HR_MUST enum hr_fate hr_walk_in_group(struct hr_pipeline *p, void *context, struct hr_error *error);

/* What this takeover is for, of this home: NOTHING when it is not meant. */
enum hr_restore hr_owned_restore(const struct hr_pipeline *p, const struct hr_owned *owned);

/* restore.c: the marker is C, where the changelog does not have the header of C. `last` is the last
 * one that it has. */
HR_MUST enum hr_fate hr_restore_from_marker(struct hr_pipeline *p, struct hr_owned *owned,
    const struct hr_marker *marker, const struct hr_batch_header *last,
    struct hr_batch_header *header, struct hr_error *error);

/* assignment.c */
void hr_assignment_build(struct hr_pipeline *p);

/* gather.c */
HR_MUST enum hr_fate hr_gather(struct hr_pipeline *p, struct hr_error *error);
HR_MUST enum hr_fate hr_throttle(struct hr_pipeline *p, struct hr_error *error);

/* foreign.c: offsets of foreign partitions, kept beside the group's */
/* The changelog partition that keeps it. */
int32_t hr_foreign_kept_in(const struct hr_pipeline *p, int32_t partition);
void hr_foreign_write(struct hr_pipeline *p); /* of those that moved, into this batch */
/* The metadata of a foreign partition's offset: its place, and the order of the record before it.
 */
void hr_foreign_print(const struct hr_input *input, char text[HR_METADATA_TEXT]);
void hr_foreign_order(struct hr_input *input, struct hr_str metadata);
/* Fills next and done of inputs without a committed offset from what was last written, where it
 * was. */
HR_MUST enum hr_fate hr_foreign_find(
    struct hr_pipeline *p, struct hr_input *const *missing, size_t count, struct hr_error *error);

/* show.c */
void hr_pipeline_show(struct hr_pipeline *p);
size_t hr_account_bytes(const struct hr_pipeline *p); /* what account_memory is the bound of */

/* group.c */
void hr_drop_memory(struct hr_pipeline *p); /* everything not committed; the next phase is TAKE */
/* What the group said; true: what we own has changed. */
bool hr_group_take(struct hr_pipeline *p, const struct hr_broker_event *event);
/* Polls once for what the group says while something else is waited for; true: it has changed. */
bool hr_group_changed(struct hr_pipeline *p, int timeout_ms, struct hr_error *error);
void hr_owned_refuse(struct hr_pipeline *p, struct hr_owned *owned, const char *why);
void hr_partition_put_out(struct hr_pipeline *p, const struct hr_input *input);
bool hr_partition_is_out(const struct hr_pipeline *p, struct hr_topic_partition of);

#endif
