/* SPDX-License-Identifier: Apache-2.0 */
/* What the pipeline asks of Kafka (the broker) and of Redis (the store): two tables of functions,
 * so that the protocol runs unchanged against the real ones and against simulated ones. No vendor's
 * word crosses this header.
 *
 * Every function may block for at most the time-out it is given or, where none is named, for the
 * port's own bound of 60 seconds, and then says HR_RETRY. Functions never retry by themselves what
 * may have happened: who knows the protocol decides. */
#ifndef HEADROOM_PORTS_H
#define HEADROOM_PORTS_H

#include "headroom/error.h"
#include "headroom/memory.h"
#include "headroom/record.h"

#include <stdbool.h>
#include <stdint.h>

/* --- the broker ------------------------------------------------------------------------------- */

struct hr_topic_partition {
    struct hr_str topic;
    int32_t partition;
};

#define HR_OFFSET_NONE (-1)

struct hr_position {
    struct hr_topic_partition of;
    int64_t offset;         /* next to read; HR_OFFSET_NONE: nothing is committed */
    struct hr_str metadata; /* of a commit; at == NULL: none; UTF-8, the broker keeps no other */
};

enum hr_broker_event_kind {
    HR_BROKER_NOTHING, /* time-out */
    HR_BROKER_RECORD,  /* `record`, valid until release(handle) */
    HR_BROKER_END, /* `position`: no record below that offset is left (control records passed) */
    HR_BROKER_ASSIGNED, /* a new assignment: ask `assignment`; nothing is read before `start` */
    HR_BROKER_REVOKED,  /* the assignment ended; nothing of it is read any more */
    HR_BROKER_LOST,     /* as REVOKED, and somebody else may own it already */
    HR_BROKER_FAILED,   /* `error`: HR_RETRY (brokers away; said once per outage), HR_REFUSE
                        (`position`'s partition cannot be read) or HR_STOP (fenced, denied) */
};

struct hr_broker_event {
    enum hr_broker_event_kind kind;
    struct hr_log_record record;
    void *handle;
    struct hr_position position;
    struct hr_error error;
};

/* How a transaction ended, by what the caller must do. A producer that was fenced (the broker's
 * time-out, or the same slot started twice) is UNKNOWN: a commit that was sent before may have gone
 * through, and nothing can be sent before `renew`. */
enum hr_commit {
    HR_COMMIT_DONE,
    HR_COMMIT_ABORTED, /* surely not committed and aborted: memory goes, take over afresh */
    HR_COMMIT_UNKNOWN, /* time-out or fatal: `renew`, then take over afresh */
    HR_COMMIT_FENCED,  /* the group's generation is over: surely not committed and aborted; poll
                          for the new assignment */
};

struct hr_log_reader; /* reads one partition from an offset, committed records only */

struct hr_broker {
    void *self;

    /* -- consuming, as a member of the group -- */
    void (*poll)(void *self, int timeout_ms, struct hr_broker_event *event);
    void (*release)(void *self, void *handle);
    /* The partitions assigned now; array and strings in the arena. */
    void (*assignment)(
        void *self, struct hr_arena *arena, struct hr_topic_partition **partitions, size_t *count);
    /* Reads these and nothing else from here on, each from its offset; may be called again. */
    HR_MUST enum hr_fate (*start)(
        void *self, const struct hr_position *positions, size_t count, struct hr_error *error);
    /* Records fetched but not yet polled of a paused partition come after `resume`, none is lost.
     */
    HR_MUST enum hr_fate (*pause)(void *self, const struct hr_topic_partition *partitions,
        size_t count, bool paused, struct hr_error *error);
    /* Fills offset and metadata of every position; waits while a transaction is pending on them. */
    HR_MUST enum hr_fate (*committed)(void *self, struct hr_position *positions, size_t count,
        struct hr_arena *arena, struct hr_error *error);
    /* Fills offset with the end (read_committed) or the beginning of every partition, one call. */
    HR_MUST enum hr_fate (*bounds)(
        void *self, struct hr_position *positions, size_t count, bool end, struct hr_error *error);
    /* First offset at or after the time, the end when there is none. */
    HR_MUST enum hr_fate (*offset_at)(
        void *self, struct hr_position *position, struct hr_time time, struct hr_error *error);
    /* Number of partitions; 0: no such topic. */
    HR_MUST enum hr_fate (*partitions)(
        void *self, struct hr_str topic, int32_t *count, struct hr_error *error);

    /* -- one transaction a batch -- */
    /* Takes the group's metadata: before the batch's first record is polled. HR_RETRY: this process
     * has no assignment (poll), so that nothing would fence it. */
    HR_MUST enum hr_fate (*mark_generation)(void *self, struct hr_error *error);
    /* HR_RETRY: there is no producer that could begin; `renew` first. */
    HR_MUST enum hr_fate (*begin)(void *self, struct hr_error *error);
    /* Copies what it needs. With `tag` not 0 (small numbers from 1, an array is indexed by it) the
     * offset is told by `produced` after HR_COMMIT_DONE. Anything but HR_OK: `abort`. */
    HR_MUST enum hr_fate (*produce)(
        void *self, const struct hr_log_record *record, uint32_t tag, struct hr_error *error);
    /* Sends the offsets under the generation marked, then commits. `count` is never 0. */
    HR_MUST enum hr_commit (*commit)(
        void *self, const struct hr_position *positions, size_t count, struct hr_error *error);
    int64_t (*produced)(void *self, uint32_t tag);
    HR_MUST enum hr_commit (*abort)(void *self, struct hr_error *error); /* ABORTED or UNKNOWN */
    /* A producer made anew with the same transactional.id: fences the old one, settles its
     * transaction. Also once before the first `begin`. HR_RETRY after some seconds while brokers
     * are away or the old transaction is not settled: polls go on, then call it again, which
     * resumes. */
    HR_MUST enum hr_fate (*renew)(void *self, struct hr_error *error);

    /* -- reading a changelog -- */
    HR_MUST enum hr_fate (*open)(void *self, struct hr_topic_partition of, int64_t offset,
        struct hr_log_reader **reader, struct hr_error *error);
    /* RECORD (valid until the next call), END, NOTHING or FAILED. */
    void (*read)(
        void *self, struct hr_log_reader *reader, int timeout_ms, struct hr_broker_event *event);
    void (*close)(void *self, struct hr_log_reader *reader);

    /* -- housekeeping of the internal topic -- */
    HR_MUST enum hr_fate (*delete_before)(
        void *self, const struct hr_position *positions, size_t count, struct hr_error *error);
};

/* --- the store -------------------------------------------------------------------------------- */

/* One compare-and-set of one home: if the marker is `expected`, every value, timer and view and
 * then the marker are written, all or nothing; else nothing is. */
struct hr_store_value {
    struct hr_str key;         /* relative to the home: "a:acme" */
    struct hr_str value;       /* at == NULL: deleted */
    struct hr_str account;     /* not empty: its timer and, with `with_view`, its view follow */
    struct hr_time due;        /* HR_TIME_NEVER: no timer */
    bool same_due;             /* that timer stands already: spares a third of the write */
    bool with_view;            /* the view is replaced by these fields; none: deleted */
    const struct hr_str *view; /* name, value, name, value … */
    size_t view_count;         /* strings: twice the fields */
};

struct hr_store_write {
    uint32_t home;
    struct hr_str expected; /* at == NULL: there must be no marker */
    struct hr_str marker;   /* new; at == NULL: deleted */
    const struct hr_store_value *values;
    size_t count;
};

enum hr_write_outcome {
    HR_WRITTEN,
    HR_WRITE_REFUSED, /* the marker is another: somebody else owns the home, or Redis went back */
    HR_WRITE_UNKNOWN, /* connection or error reply: reconnect, read the marker, decide */
};

struct hr_timer {
    struct hr_str account;
    struct hr_time due;
};

struct hr_store {
    void *self;
    /* Values of keys of one home and its marker, in one atomic look. Missing: at == NULL.
     * Everything in the arena. */
    HR_MUST enum hr_fate (*load)(void *self, uint32_t home, const struct hr_str *keys, size_t count,
        struct hr_arena *arena, struct hr_str *values, struct hr_str *marker,
        struct hr_error *error);
    /* Timers due before `until`, and the marker, in one atomic look. At most `most`, earliest
     * first; `more` says that there are others. HR_REFUSE (here and as a write's error): a key of
     * the home is of another type, so that somebody else writes under the prefix. */
    HR_MUST enum hr_fate (*timers)(void *self, uint32_t home, struct hr_time until, size_t most,
        struct hr_arena *arena, struct hr_timer **timers, size_t *count, bool *more,
        struct hr_str *marker, struct hr_error *error);
    /* Sends a write and returns; several may be under way, one a home. The bytes are copied. What
     * the socket does not take at once goes out whenever `settle` or a look is called: ask `settle`
     * with time-out 0 now and then while there is other work. HR_RETRY: nothing of it was sent. */
    HR_MUST enum hr_fate (*submit)(
        void *self, const struct hr_store_write *write, struct hr_error *error);
    /* Waits for the oldest write under way; false: none is settled within the time-out. */
    bool (*settle)(void *self, int timeout_ms, uint32_t *home, enum hr_write_outcome *outcome,
        struct hr_error *error);
    /* Drops the connection and makes a new one; what was under way is unknown and `settle` no
     * longer tells of it. HR_RETRY while Redis is away or loading; HR_STOP when it denies us. After
     * any HR_RETRY or HR_WRITE_UNKNOWN nothing else works until this. */
    HR_MUST enum hr_fate (*reconnect)(void *self, struct hr_error *error);
    /* Deletes up to `most` keys of the home but its marker, as long as the marker is `marker`;
     * `left` says whether some remain. HR_REFUSE: the marker is another. */
    HR_MUST enum hr_fate (*clear)(void *self, uint32_t home, struct hr_str marker, size_t most,
        bool *left, struct hr_error *error);
    /* Keys of a home, relative to it, a page at a time: begins at *cursor 0 and is done when it is
     * 0 again; a key may come twice. Without the marker, timers and views. In the arena. */
    HR_MUST enum hr_fate (*keys)(void *self, uint32_t home, uint64_t *cursor,
        struct hr_arena *arena, struct hr_str **keys, size_t *count, struct hr_error *error);
    /* hr:manifest, a copy for readers: field, value, field, value …, `count` strings, all at once;
     * other fields stay. */
    HR_MUST enum hr_fate (*publish)(
        void *self, const struct hr_str *fields, size_t count, struct hr_error *error);
    /* All of it; in the arena. */
    HR_MUST enum hr_fate (*published)(void *self, struct hr_arena *arena, struct hr_str **fields,
        size_t *count, struct hr_error *error);
    /* The server's clock. */
    HR_MUST enum hr_fate (*clock)(void *self, struct hr_time *now, struct hr_error *error);
};

#endif
