/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol's own records: the marker in Redis, the header in the changelog, the metadata of
 * committed offsets, the manifest, and what homes send each other over the internal topic. Each has
 * a version and, where it rests in a store, a checksum; each is read as if by a stranger. */
#ifndef HEADROOM_PIPELINE_WIRE_H
#define HEADROOM_PIPELINE_WIRE_H

#include "headroom/buffer.h"
#include "headroom/home.h"
#include "headroom/memory.h"
#include "headroom/ports.h"

#include <stdbool.h>
#include <stdint.h>

/* What each kind's checksum begins with, so that none is taken for another. */
#define HR_SEED_MARKER 0x6d61726bULL
#define HR_SEED_HEADER 0x68656164ULL
#define HR_SEED_MANIFEST 0x6d616e69ULL
#define HR_SEED_AHEAD 0x61686561ULL

/* A batch, named: the sequence of its home and a random number that no other batch has. */
struct hr_batch_name {
    uint64_t sequence; /* from 1; 0: no batch yet */
    uint64_t nonce;
};
static inline bool hr_batch_name_equal(struct hr_batch_name a, struct hr_batch_name b)
{
    return a.sequence == b.sequence && a.nonce == b.nonce;
}

/* Metadata of a committed offset: "1 SEQUENCE NONCE". Longest text with its terminator. */
#define HR_METADATA_TEXT 48
void hr_metadata_print(struct hr_batch_name name, char text[HR_METADATA_TEXT]);
HR_MUST bool hr_metadata_parse(struct hr_str text, struct hr_batch_name *name);

/* What Redis holds of a home: readable text, so that GET shows it. */
struct hr_marker {
    struct hr_batch_name batch;
    int64_t changelog_offset; /* of that batch's header, or of the last record copied so far */
    struct hr_time time;      /* T */
    struct hr_time fresh;     /* wall time when Redis last equalled the committed batch */
    uint32_t epoch;
    struct hr_time rules_since; /* as in the header; 0 where an older version wrote the marker */
    uint64_t views_through;     /* sequence through which the views are complete */
    uint64_t write;             /* nonce of this write */
};
#define HR_MARKER_TEXT 256
size_t hr_marker_print(const struct hr_marker *marker, char text[HR_MARKER_TEXT]);
HR_MUST bool hr_marker_parse(struct hr_str text, struct hr_marker *marker);

/* What a home was last told of a source partition that it does not read itself. */
enum hr_clock_state { HR_CLOCK_BEHIND, HR_CLOCK_LEVEL, HR_CLOCK_OUT };
struct hr_clock_report {
    struct hr_topic_partition of;
    enum hr_clock_state state;
    struct hr_time arrival; /* last read; NONE: nothing yet */
    struct hr_time at;      /* the reporter's wall clock */
};

/* Where a record of a source partition, or of what homes send each other, stands among those of the
 * same moment. */
enum hr_rank_group {
    HR_RANK_FIRST,         /* before every record */
    HR_RANK_HOME_TOPIC,    /* of a topic with as many partitions as there are homes */
    HR_RANK_FOREIGN_TOPIC, /* of another */
    HR_RANK_HOME,          /* what a home sends; the partition is its number + 1 */
    HR_RANK_WORD,          /* to the loop itself: rules, brakes, what cannot be read */
    HR_RANK_CLOCK,         /* clock reports */
    HR_RANK_LAST,          /* behind every record */
};
struct hr_rank {
    enum hr_rank_group group;
    struct hr_topic_partition of;
};

/* How far a stream of the internal topic is applied, where that is ahead of the committed offset. A
 * value of the home's state, under one key. */
struct hr_ahead {
    struct hr_rank rank;
    int64_t offset; /* of the last record applied */
};
#define HR_AHEAD_KEY "i"
void hr_ahead_put(const struct hr_ahead *ahead, size_t count, struct hr_buffer *buffer);
/* Topics point into the bytes. HR_REFUSE: not what this version can read. */
HR_MUST enum hr_fate hr_ahead_get(struct hr_str bytes, struct hr_arena *arena,
    struct hr_ahead **ahead, size_t *count, struct hr_error *error);

/* The last record of every batch of a home in its changelog partition, under the key "h". */
struct hr_batch_header {
    struct hr_batch_name batch;
    uint64_t previous; /* sequence */
    struct hr_time time, wall;
    uint32_t epoch;
    struct hr_time rules_since;    /* the home's clock when that epoch came */
    struct hr_position *positions; /* of all the home's topics */
    size_t position_count;
    struct hr_clock_report *reports;
    size_t report_count;
    /* Sequence with which this log begins: not 0 where `restore --from-redis` wrote it anew. What a
     * marker of an earlier batch says of offsets is of another log. */
    uint64_t log_since;
    bool partial; /* that restore has not come to its end: the log does not hold the home yet */
};
#define HR_HEADER_KEY "h"
void hr_batch_header_put(const struct hr_batch_header *header, struct hr_buffer *buffer);
/* Arrays and strings in the arena. Versions without log_since, partial and rules_since are read,
 * too. HR_REFUSE: not a header that this version can read. */
HR_MUST enum hr_fate hr_batch_header_get(struct hr_str bytes, struct hr_arena *arena,
    struct hr_batch_header *header, struct hr_error *error);

/* One epoch of what decides: changelog partition 0, key "manifest:EPOCH". */
struct hr_manifest {
    uint32_t epoch, home_count;
    struct hr_str cluster_id, group, fingerprint, text;
    struct hr_time live_from;
};
#define HR_MANIFEST_KEY "manifest:"
/* How far a foreign source partition was forwarded: foreign.c. */
#define HR_FOREIGN_KEY "foreign:"
/* Of a changelog key: whether it is a home's state, and goes to Redis. */
static inline bool hr_key_is_state(struct hr_str key)
{
    return !hr_str_is(key, HR_HEADER_KEY) && !hr_str_starts(key, HR_MANIFEST_KEY) &&
           !hr_str_starts(key, HR_FOREIGN_KEY);
}
void hr_manifest_put(const struct hr_manifest *manifest, struct hr_buffer *buffer);
/* Strings point into the bytes. */
HR_MUST enum hr_fate hr_manifest_get(
    struct hr_str bytes, struct hr_manifest *manifest, struct hr_error *error);

/* --- the internal topic ------------------------------------------------------------------------
 */

enum hr_internal_kind {
    HR_INTERNAL_EVENT = 1, /* a record of a source, for another home */
    HR_INTERNAL_MESSAGE,   /* the core's: claim, release, move */
    HR_INTERNAL_CLOCK,     /* reports of source partitions */
    HR_INTERNAL_PROPOSAL,  /* to home 0: rules that it does not know */
    HR_INTERNAL_RULES,     /* from home 0: a new manifest */
    HR_INTERNAL_ROLLBACK,  /* to home 0: the rules of an earlier epoch are wanted again */
};

struct hr_internal {
    enum hr_internal_kind kind;
    struct hr_time arrival; /* of what is inside */
    /* Its place in the receiver's order: arrival, never less than the one before it in its own
     * source partition. Of what came without it (version 1): arrival. */
    struct hr_time order;
    uint32_t from; /* number + 1 of the home that decided it; 0: by its name alone, or nobody's */
    /* EVENT */
    uint32_t hops;               /* forwards so far, this one included */
    struct hr_str account;       /* to count under */
    struct hr_str format;        /* name */
    struct hr_log_record record; /* the original, whole */
    /* MESSAGE */
    struct hr_message message;
    /* CLOCK */
    struct hr_clock_report *reports;
    size_t report_count;
    /* PROPOSAL, RULES: text of rules, bytes of a manifest */
    struct hr_str text;
    /* ROLLBACK: whose rules; does nothing unless `current` is the current epoch */
    uint32_t epoch, current;
};
void hr_internal_put(const struct hr_internal *internal, struct hr_buffer *buffer);
/* Strings point into the bytes, arrays are in the arena. False: not ours, or newer. */
HR_MUST bool hr_internal_get(
    struct hr_str bytes, struct hr_arena *arena, struct hr_internal *internal);

#endif
