/* SPDX-License-Identifier: Apache-2.0 */
/* What an account paid and pays, row by row (headroom/describe.h): MRR as the books have it, in
 * money.currency, from each moment at which it changed. What lies ahead, an end that was told, says
 * so. */
#include "money.h"
#include "outcome.h"
#include "rows.h"

#define CHANGES_MOST 24 /* shown; the oldest of more are one row */

struct change {
    struct hr_time time; /* NONE: before all that is known word by word */
    int64_t minor, before;
};

/* All changes, oldest first; returns how many. */
static uint32_t changes_of(
    const struct hr_outcomes *outcomes, struct change changes[HR_WORDS_MOST + 1])
{
    uint32_t count = 0;
    int64_t minor = hr_revenue_at(outcomes, HR_TIME_NONE);
    if (minor != 0) {
        changes[count++] = (struct change){HR_TIME_NONE, minor, 0};
    }
    for (struct hr_time at = HR_TIME_NONE;
         count <= HR_WORDS_MOST &&
         !hr_time_is(at = hr_revenue_next(outcomes, at), HR_TIME_NEVER);) {
        int64_t now = hr_revenue_at(outcomes, at);
        if (now != minor) {
            changes[count++] = (struct change){at, now, minor};
            minor = now;
        }
    }
    return count;
}

static struct hr_str amount(
    struct hr_rows *rows, const struct hr_account *account, const char *sign, int64_t minor)
{
    struct hr_money money = {.minor = minor};
    char text[HR_DECIMAL_TEXT];
    memcpy(money.currency, account->layout->rules->currency, sizeof money.currency);
    size_t len = hr_money_print(hr_money_major(money), money.currency, text);
    return hr_arena_printf(rows->arena, "%s%.*s %s", sign, (int)len, text, money.currency);
}

static void tell_change(
    struct hr_rows *rows, const struct hr_account *account, const struct change *change)
{
    struct hr_str detail = HR_STR(""), name = HR_STR("before");
    if (!hr_time_is(change->time, HR_TIME_NONE)) {
        int64_t more = change->minor - change->before;
        name = hr_row_time(rows, change->time);
        detail = change->before == 0  ? HR_STR("new")
                 : change->minor == 0 ? HR_STR("ends")
                                      : amount(rows, account, more > 0 ? "+" : "", more);
        if (change->time.us > account->clock.us) {
            detail = hr_row_join(rows, detail, ", ", HR_STR("to come"));
        }
    }
    hr_row_add(rows, HR_DESCRIBE_REVENUE, name, amount(rows, account, "", change->minor), detail);
}

void hr_describe_revenue(struct hr_rows *rows, const struct hr_account *account)
{
    const struct hr_outcomes *outcomes = account->outcomes;
    struct change changes[HR_WORDS_MOST + 1];
    if (!outcomes || outcomes->line_count == 0) {
        return;
    }
    uint32_t count = changes_of(outcomes, changes);
    hr_row_add(rows, HR_DESCRIBE_REVENUE, HR_STR("now"),
        amount(rows, account, "", hr_revenue_at(outcomes, account->clock)), HR_STR("a month"));
    for (uint32_t i = count; i > 0 && count - i < CHANGES_MOST; i--) {
        tell_change(rows, account, &changes[i - 1]);
    }
    if (count > CHANGES_MOST) {
        hr_row_add(rows, HR_DESCRIBE_REVENUE, HR_STR("earlier"),
            hr_arena_printf(rows->arena, "%u changes", (unsigned)(count - CHANGES_MOST)),
            HR_STR(""));
    }
}
