/* SPDX-License-Identifier: Apache-2.0 */
/* limit.NAME.drop.W: how much smaller a limit is than the largest that the account had within W.
 * Fewer seats are the first sign of an account that leaves, and no counter shows them: use may
 * stay as it was.
 *
 * Of each limit that a signal asks for the values are kept that were larger than all later ones,
 * each until when it was in force, and the one in force. What is unlimited, or no limit at all, is
 * neither larger nor smaller than a number: it is left out, and the signal is unknown meanwhile. */
#include "shrink.h"

#include "dossier.h"
#include "signal.h"
#include "subscription.h"

#define KEPT 16 /* former values of one limit; of more the oldest go */

static bool is_of(const struct hr_former_limit *former, struct hr_str name)
{
    return hr_str_equal(former->name, name);
}

/* The oldest of more than are kept, and what is older than anybody asks for. */
static void drop_old(
    struct hr_dossier *dossier, struct hr_str name, struct hr_time before, struct hr_pool *pool)
{
    uint32_t behind = 0;
    for (uint32_t i = dossier->limit_count; i > 0; i--) {
        const struct hr_former_limit *former = &dossier->limits[i - 1];
        if (is_of(former, name) && (behind++ >= KEPT || former->until.us <= before.us)) {
            hr_former_limit_drop(dossier, i - 1, pool);
        }
    }
}

/* The one in force ends now; what was not larger before it will never be the largest again. */
static void end_current(
    struct hr_dossier *dossier, struct hr_str name, struct hr_time now, struct hr_pool *pool)
{
    struct hr_decimal value = HR_DECIMAL_ZERO;
    bool ended = false;
    for (uint32_t i = dossier->limit_count; i > 0; i--) {
        struct hr_former_limit *former = &dossier->limits[i - 1];
        if (!is_of(former, name)) {
            continue;
        }
        if (hr_time_is(former->until, HR_TIME_NEVER)) {
            former->until = now;
            value = former->value;
            ended = true;
        } else if (ended && hr_decimal_compare(former->value, value) <= 0) {
            hr_former_limit_drop(dossier, i - 1, pool);
        }
    }
}

static const struct hr_former_limit *current(const struct hr_account *account, struct hr_str name)
{
    const struct hr_dossier *dossier = account->dossier;
    for (uint32_t i = 0; dossier && i < dossier->limit_count; i++) {
        if (is_of(&dossier->limits[i], name) &&
            hr_time_is(dossier->limits[i].until, HR_TIME_NEVER)) {
            return &dossier->limits[i];
        }
    }
    return NULL;
}

static void follow(struct hr_account *account, struct hr_str name, struct hr_pool *pool)
{
    struct hr_limit_state limit = hr_account_limit(account, name);
    const struct hr_former_limit *known = current(account, name);
    bool is_known = limit.kind == HR_LIMIT_KNOWN;
    if (known ? is_known && hr_decimal_compare(known->value, limit.value) == 0 : !is_known) {
        return;
    }
    struct hr_dossier *dossier = hr_dossier_of(account, pool);
    end_current(dossier, name, account->clock, pool);
    if (is_known) {
        struct hr_former_limit *now =
            hr_list_append(pool, &dossier->limits, &dossier->limit_count, sizeof *dossier->limits);
        *now = (struct hr_former_limit){hr_text_keep(pool, name), limit.value, HR_TIME_NEVER};
    }
    drop_old(dossier, name, hr_time_plus(account->clock, -HR_LIMIT_MEMORY), pool);
}

void hr_limits_follow(struct hr_account *account, struct hr_pool *pool)
{
    const struct hr_layout *layout = account->layout;
    for (uint16_t i = 0; layout->keeps_limits && i < layout->rules->signal_count; i++) {
        const struct hr_signal *signal = &layout->rules->signals[i];
        if (signal->kind == HR_SIGNAL_LIMIT_DROP) {
            follow(account, signal->attribute, pool);
        }
    }
}

void hr_former_limit_drop(struct hr_dossier *dossier, uint32_t at, struct hr_pool *pool)
{
    hr_text_drop(pool, &dossier->limits[at].name);
    hr_list_remove(pool, &dossier->limits, &dossier->limit_count, sizeof *dossier->limits, at);
}

struct hr_reading hr_limit_drop(const struct hr_account *account, const struct hr_signal *signal)
{
    struct hr_reading reading = {.kind = HR_READING_UNKNOWN};
    const struct hr_former_limit *now = current(account, signal->attribute);
    if (!now) {
        return reading;
    }
    struct hr_decimal largest = now->value;
    for (uint32_t i = 0; i < account->dossier->limit_count; i++) {
        const struct hr_former_limit *former = &account->dossier->limits[i];
        if (is_of(former, signal->attribute) &&
            former->until.us > account->clock.us - signal->span_us &&
            hr_decimal_compare(former->value, largest) > 0) {
            largest = former->value;
        }
    }
    bool shrunk = hr_decimal_compare(largest, now->value) > 0;
    reading.kind = HR_READING_NUMBER;
    reading.of = shrunk ? largest : HR_DECIMAL_ONE;
    if (!shrunk || !hr_decimal_sub(largest, now->value, &reading.value)) {
        reading.value = HR_DECIMAL_ZERO;
    }
    return reading;
}

struct hr_time hr_limit_drop_due(const struct hr_account *account, const struct hr_signal *signal)
{
    struct hr_time due = HR_TIME_NEVER;
    for (uint32_t i = 0; account->dossier && i < account->dossier->limit_count; i++) {
        const struct hr_former_limit *former = &account->dossier->limits[i];
        if (!is_of(former, signal->attribute) || hr_time_is(former->until, HR_TIME_NEVER)) {
            continue;
        }
        struct hr_time over = hr_time_plus(former->until, signal->span_us);
        due = over.us > account->clock.us ? hr_time_min(due, over) : due;
    }
    return due;
}
