/* SPDX-License-Identifier: Apache-2.0 */
/* Corrections of usage (SEMANTICS 2).
 *
 * A correction is usage of any age: it enters the bucket of its time as long as the period that
 * holds that time is kept, that is for the lateness bound after its end. `set` says what the
 * period's value is to be; the difference enters. So a correction can be far older than the memory
 * of ids, and its id is kept in the account instead, as long as it could be counted again.
 *
 * Decision: a gauge has no period, so a reading is never too late; it holds if it is the newest. */
#include "correct.h"

#include "dossier.h"
#include "period.h"
#include "subscription.h"

/* The end of the period that holds the time: of one that is kept, else of the one that the facts
 * known now give it. */
static struct hr_time period_end(
    const struct hr_rules *rules, const struct hr_account *account, struct hr_time time)
{
    if (!account) {
        return hr_month_holding(rules->zone, time).end;
    }
    struct hr_time end = hr_subscription_segment(account, time).end;
    for (uint32_t i = account->segment_count; i > 0; i--) {
        const struct hr_segment *segment = &account->segments[i - 1];
        if (time.us >= segment->from.us && time.us < segment->end.us) {
            return segment->end;
        }
        if (segment->from.us > time.us) {
            end = hr_time_min(end, segment->from);
        }
    }
    return end;
}

enum hr_reason hr_correction_check(const struct hr_rules *rules, uint16_t meter,
    const struct hr_account *account, struct hr_time time, struct hr_time clock)
{
    enum hr_aggregate aggregate = rules->meters[meter].aggregate;
    if (aggregate == HR_LATEST) {
        return HR_REASON_NONE;
    }
    if (aggregate != HR_SUM && aggregate != HR_COUNT) {
        return HR_BAD_VALUE;
    }
    return period_end(rules, account, time).us < clock.us - rules->lateness_us ? HR_TOO_LATE
                                                                               : HR_REASON_NONE;
}

bool hr_correction_amount(struct hr_account *account, uint16_t meter, const struct hr_fact *fact,
    struct hr_time time, struct hr_decimal *amount, struct hr_pool *pool)
{
    *amount = fact->quantity;
    if (fact->has_add || account->layout->rules->meters[meter].aggregate == HR_LATEST) {
        return true;
    }
    uint32_t segment = hr_segment_holding(account, time, pool);
    return hr_decimal_sub(fact->quantity, account->segments[segment].tallies[meter].value, amount);
}

/* --- ids -------------------------------------------------------------------------------------- */

static bool is_kept(const struct hr_account *account, struct hr_time time, struct hr_time clock)
{
    int64_t horizon = clock.us - account->layout->rules->lateness_us;
    bool kept = time.us >= horizon;
    for (uint32_t i = 0; i < account->segment_count && !kept; i++) {
        const struct hr_segment *segment = &account->segments[i];
        kept =
            segment->end.us >= horizon && time.us >= segment->from.us && time.us < segment->end.us;
    }
    return kept;
}

enum hr_seen_answer hr_corrections_ask(
    const struct hr_account *account, uint64_t id, uint64_t body, struct hr_time clock)
{
    const struct hr_dossier *dossier = account->dossier;
    for (uint32_t i = 0; dossier && i < dossier->correction_count; i++) {
        if (dossier->corrections[i].id == id &&
            is_kept(account, dossier->corrections[i].time, clock)) {
            return dossier->corrections[i].body == body ? HR_SEEN_SAME : HR_SEEN_OTHER_BODY;
        }
    }
    return HR_SEEN_NEW;
}

void hr_corrections_add(
    struct hr_dossier *dossier, struct hr_correction correction, struct hr_pool *pool)
{
    size_t size = sizeof correction;
    if (dossier->correction_count == dossier->correction_room) {
        uint32_t room = dossier->correction_room ? dossier->correction_room * 2 : 4;
        dossier->corrections =
            hr_pool_grow(pool, dossier->corrections, dossier->correction_room * size, room * size);
        dossier->correction_room = room;
    }
    dossier->corrections[dossier->correction_count++] = correction;
}

void hr_corrections_file(
    struct hr_account *account, struct hr_correction correction, struct hr_pool *pool)
{
    hr_corrections_forget(account);
    hr_corrections_add(hr_dossier_of(account, pool), correction, pool);
}

void hr_corrections_forget(struct hr_account *account)
{
    struct hr_dossier *dossier = account->dossier;
    uint32_t kept = 0;
    for (uint32_t i = 0; dossier && i < dossier->correction_count; i++) {
        if (is_kept(account, dossier->corrections[i].time, account->clock)) {
            dossier->corrections[kept++] = dossier->corrections[i];
        }
    }
    if (dossier) {
        dossier->correction_count = kept;
    }
}
