/* SPDX-License-Identifier: Apache-2.0 */
/* Redis, through hiredis: the store port, and what readers need beside it. */
#ifndef HEADROOM_REDIS_H
#define HEADROOM_REDIS_H

#include "headroom/log.h"
#include "headroom/ports.h"

struct hr_redis_settings {
    struct hr_str url;    /* redis://[user:password@]host:port/db; the password never leaves it */
    struct hr_str prefix; /* "hr" */
    const struct hr_log *log;
};

/* HR_STOP: denied, or the policy is not noeviction, with what to do; nothing is open. HR_RETRY:
 * away or loading; the store is open all the same, `reconnect` goes on. */
HR_MUST enum hr_fate hr_redis_open(
    const struct hr_redis_settings *settings, struct hr_store *store, struct hr_error *error);
void hr_redis_close(struct hr_store *store);

/* What `check --connect` shows. */
struct hr_redis_state {
    char version[32], policy[32], persistence[64];
    uint64_t used_memory, max_memory; /* bytes; 0: no limit */
    struct hr_time clock;
};
HR_MUST enum hr_fate hr_redis_state(
    const struct hr_redis_settings *settings, struct hr_redis_state *state, struct hr_error *error);

/* Visits the view of every account of every home in one walk, for `top`; one that changes meanwhile
 * may be visited twice. False from `each` ends it. */
HR_MUST enum hr_fate hr_redis_views(struct hr_store *store,
    bool (*each)(void *context, struct hr_str account, const struct hr_str *view, size_t count),
    void *context, struct hr_error *error);

#endif
