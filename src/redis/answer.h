/* SPDX-License-Identifier: Apache-2.0 */
/* What Redis answers, and what an error among the answers means for us. */
#ifndef HEADROOM_REDIS_ANSWER_H
#define HEADROOM_REDIS_ANSWER_H

#include "headroom/error.h"
#include "headroom/str.h"

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

/* The fate of whoever got this error reply, and what the operator can do; NULL: nothing to add. */
enum hr_fate answer_fate(struct hr_str reply, const char **advice);

#endif
