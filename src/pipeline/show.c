/* SPDX-License-Identifier: Apache-2.0 */
/* What the loop shows of itself once a second: gauges of each home, and, once, what was over
 * already when business began. It looks and never decides. */
#include "state.h"

#include <inttypes.h>

static void show_home(struct hr_owned *owned, const struct hr_home_metrics *metrics)
{
    hr_cell_set(owned->ids_cell, (int64_t)metrics->seen_ids);
    hr_cell_set(owned->others_cell, (int64_t)metrics->others);
    /* How far back a repeat is known as one. */
    bool known = metrics->seen_since.us != HR_TIME_NONE.us;
    hr_cell_set(
        owned->window_cell, known ? hr_home_clock(owned->home).us - metrics->seen_since.us : 0);
}

/* History before start.live_from is counted and not told; who begins with an existing company wants
 * to know where it stands. Said by whoever owns the home when its time passes that moment. */
static void tell_claimed(struct hr_pipeline *p, struct hr_owned *owned)
{
    struct hr_time live_from = hr_settled_live_from(p);
    if (owned->claimed_told || live_from.us == HR_TIME_NONE.us || owned->time.us < live_from.us)
        return;
    owned->claimed_told = true;
    struct hr_claimed *claimed;
    size_t count;
    hr_home_claimed(owned->home, &p->slice, &claimed, &count);
    for (size_t i = 0; i < count; i++)
        hr_log(p->with.log, HR_INFO,
            "partition %" PRIu32 ": %" PRIu64
            " accounts were beyond %.*s %.*s already when business began; nothing is told of it",
            owned->number, claimed[i].accounts, (int)claimed[i].rule->name.len,
            claimed[i].rule->name.at, (int)claimed[i].level->text.len, claimed[i].level->text.at);
}

size_t hr_account_bytes(const struct hr_pipeline *p)
{
    size_t ids = 0, used = hr_pool_in_use(p->pool);
    for (size_t i = 0; i < p->home_owned; i++)
        if (p->homes[i].home)
            ids += hr_home_seen_bytes(p->homes[i].home);
    return used > ids ? used - ids : 0;
}

void hr_pipeline_show(struct hr_pipeline *p)
{
    int64_t accounts = 0;
    for (size_t i = 0; i < p->home_owned; i++) {
        struct hr_owned *owned = &p->homes[i];
        hr_cell_set(owned->state_cell, owned->state);
        hr_cell_set(owned->time_cell, owned->time.us);
        if (!owned->home)
            continue;
        struct hr_home_metrics metrics;
        hr_home_metrics(owned->home, &metrics);
        accounts += (int64_t)metrics.accounts_in_memory;
        show_home(owned, &metrics);
        tell_claimed(p, owned);
    }
    hr_cell_set(p->accounts, accounts);
    hr_cell_set(p->memory, (int64_t)hr_account_bytes(p));
}
