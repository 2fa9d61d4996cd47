/* SPDX-License-Identifier: Apache-2.0 */
/* Ids counted by a home, so that a producer that sends twice counts once. */
#ifndef HEADROOM_CORE_SEEN_H
#define HEADROOM_CORE_SEEN_H

#include "headroom/buffer.h"
#include "headroom/memory.h"

#define HR_SEEN_BLOCK 256

/* 16 bytes an id: who and what, and when it was counted. */
struct hr_fingerprint {
    uint64_t id;      /* of account, its erasures, source and id */
    uint64_t body_40; /* high 40 bits: hash of the body; low 24: hour since 1970 */
};

struct hr_seen {
    struct hr_pool *pool;
    struct hr_fingerprint **blocks; /* the ring; NULL: never written */
    uint64_t *sequences;            /* by block: the order in which blocks were begun, from 1 */
    uint64_t *slots;                /* open addressing: high half of an id, place + 1 */
    uint32_t block_count, open, open_used;
    uint32_t slot_bits;
    uint64_t used; /* ids in the table */
    size_t blocks_bytes;
    /* The id that was last asked for and not found, and the slot where its search ended. */
    uint64_t asked, asked_slot;
    uint64_t sequence;   /* of the open block; 0: nothing was ever filed */
    uint64_t dirty_from; /* sequence of the oldest block that differs from what is stored; 0 */
};

void hr_seen_init(struct hr_seen *seen, uint64_t capacity, struct hr_pool *pool);
void hr_seen_clean_up(struct hr_seen *seen);

void hr_seen_expect(const struct hr_seen *seen, uint64_t id); /* it will be asked for soon */
enum hr_seen_answer { HR_SEEN_NEW, HR_SEEN_SAME, HR_SEEN_OTHER_BODY };
enum hr_seen_answer hr_seen_ask(struct hr_seen *seen, uint64_t id, uint64_t body);
/* Files an id that is new. The oldest block is forgotten when the ring is full. */
void hr_seen_file(struct hr_seen *seen, uint64_t id, uint64_t body, struct hr_time clock);
/* Hour of the oldest id that is still known, as a moment; NONE: none. */
struct hr_time hr_seen_since(const struct hr_seen *seen);

/* Of the pool. */
size_t hr_seen_bytes(const struct hr_seen *seen);

/* Stored blocks. */
void hr_seen_pack(const struct hr_seen *seen, uint32_t block, struct hr_buffer *out);
HR_MUST bool hr_seen_unpack(struct hr_seen *seen, uint32_t block, struct hr_str bytes);
HR_MUST bool hr_seen_is_whole(struct hr_str bytes);

#endif
