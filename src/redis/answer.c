/* SPDX-License-Identifier: Apache-2.0 */
/* Error replies as a table: how they begin, what we do, what the operator can do. What is not in
 * the table is worth another try: the protocol reads the marker and decides again, so a wrong
 * "retry" costs time, never a wrong value. */
#include "answer.h"

#include <stdlib.h>

static const struct {
    const char *begins;
    enum hr_fate fate;
    const char *advice;
} errors[] = {
    {"LOADING", HR_RETRY, NULL},
    {"BUSY", HR_RETRY, "a script of somebody else's holds it"},
    {"READONLY", HR_RETRY, "it is a replica; redis.url must lead to the master"},
    {"OOM", HR_RETRY, "it is full: raise maxmemory"},
    {"MISCONF", HR_RETRY, "it cannot write its snapshot to disk"},
    {"NOREPLICAS", HR_RETRY, "too few replicas follow"},
    {"NOAUTH", HR_STOP, "it wants a password: redis://:password@host"},
    {"WRONGPASS", HR_STOP, "user or password in redis.url is wrong"},
    {"ERR invalid password", HR_STOP, "the password in redis.url is wrong"},
    {"ERR Client sent AUTH", HR_STOP, "it has no password; take it out of redis.url"},
    {"ERR AUTH", HR_STOP, "it has no password for this user; see redis.url"},
    {"NOPERM", HR_STOP, "its ACL must allow this user +@all on keys of the prefix, and INFO"},
    {"DENIED", HR_STOP, "it is in protected mode: give it a password or bind it to this host"},
    {"ERR DB index", HR_STOP, "it has fewer databases than redis.url asks for"},
    {"ERR SELECT is not allowed", HR_STOP, "it is a cluster, which has database 0 only"},
    {"ERR unknown command", HR_STOP, "it is not a Redis of version 6 or later, or hides commands"},
    {"MOVED", HR_STOP, "it is a cluster; headroom speaks to one server"},
    {"ASK", HR_STOP, "it is a cluster; headroom speaks to one server"},
    {"CROSSSLOT", HR_STOP, "it is a cluster; headroom speaks to one server"},
    {"WRONGTYPE", HR_REFUSE,
        "something else writes under headroom's prefix; give it one of its own"},
};

enum hr_fate answer_fate(struct hr_str reply, const char **advice)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (hr_str_starts(reply, errors[i].begins)) {
            *advice = errors[i].advice;
            return errors[i].fate;
        }
    }
    *advice = NULL;
    return HR_RETRY;
}

bool answer_is_texts(const struct answer *answer)
{
    for (size_t i = 0; i < answer->count; i++) {
        if (answer->items[i]->kind != ANSWER_TEXT) {
            return false;
        }
    }
    return answer->kind == ANSWER_LIST;
}

bool answer_is_hash(const struct answer *answer)
{
    return answer_is_texts(answer) && answer->count % 2 == 0;
}

bool answer_number(const struct answer *answer, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < answer->text.len; i++) {
        uint64_t digit = (uint64_t)(answer->text.at[i] - '0');
        if (digit > 9 || *number > (UINT64_MAX - digit) / 10) {
            return false;
        }
        *number = 10 * *number + digit;
    }
    return answer->kind == ANSWER_TEXT && answer->text.len > 0;
}

bool answer_time(const struct answer *answer, struct hr_time *time)
{
    if (answer->kind != ANSWER_TEXT || !answer->text.len) {
        return false;
    }
    char *end;
    double score = strtod(answer->text.at, &end);
    /* Written so that what is no number at all is out of range, too. */
    if (end != answer->text.at + answer->text.len || !(score >= -0x1p63 && score < 0x1p63)) {
        return false;
    }
    time->us = (int64_t)score;
    return true;
}
