/* SPDX-License-Identifier: Apache-2.0 */
/* What Redis answers, and what an error among the answers means for us.
 *
 * The other side may be anything: a proxy, another service at that port. A part of an answer is
 * therefore asked for its kind before it is read, by the functions here where it is a list or a
 * number. */
#ifndef HEADROOM_REDIS_ANSWER_H
#define HEADROOM_REDIS_ANSWER_H

#include "headroom/error.h"
#include "headroom/str.h"
#include "headroom/time.h"

#include <stdint.h>

enum answer_kind {
    ANSWER_STATUS,
    ANSWER_ERROR,
    ANSWER_TEXT,
    ANSWER_INTEGER,
    ANSWER_NIL,
    ANSWER_LIST
};

struct answer {
    enum answer_kind kind;
    int64_t integer;
    struct hr_str text;
    struct answer **items; /* of a list */
    size_t count;
};

/* Whether it is a list, and of texts alone. */
bool answer_is_texts(const struct answer *answer);
/* The same for a hash: name and value in turn. */
bool answer_is_hash(const struct answer *answer);
/* A text of digits alone, as cursors and clocks are given. False: it is none. */
HR_MUST bool answer_number(const struct answer *answer, uint64_t *number);
/* A text that is the score of a time in microseconds. They are exact in a double until the year
 * 2255. */
HR_MUST bool answer_time(const struct answer *answer, struct hr_time *time);

/* The fate of whoever got this error reply, and what the operator can do; NULL: nothing to add. */
enum hr_fate answer_fate(struct hr_str reply, const char **advice);

#endif
