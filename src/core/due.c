/* SPDX-License-Identifier: Apache-2.0 */
/* When an account needs looking at again though nothing comes for it.
 *
 * What can change by time alone, each with the moment at which it does:
 *   - the start and end of subscriptions, the end of the billing period, the end of a calendar
 *     window or a local midnight where some rule looks at days
 *   - the moment at which business begins
 *   - a bucket that leaves a rolling window, or one that an early event filled and that begins
 *   - a change of revenue that was told ahead
 *   - the end of a trial, a day of interest that leaves its window
 *   - a mark that the share of the period elapsed, or what is projected from it, passes
 *   - a bucket that goes from one side of a trend to the other
 *   - a day that is whole, for forecasts; a larger limit that is too long ago to count
 *   - `for`, a cooldown, a silence or what timing asks, when it is over for a level that waits
 * The answer is the earliest; the account's own second of the day, for changes of rules, comes to
 * it elsewhere (so that no timer is over a day ahead). It may be too early, never too late: a step
 * at which nothing changes leaves no trace, so the bound need not be exact. */
#include "step.h"

#include "dossier.h"
#include "holds.h"
#include "outcome.h"
#include "pace.h"
#include "shrink.h"
#include "timing.h"
#include "window.h"

struct hr_time hr_account_daily(struct hr_str name, struct hr_time after)
{
    int64_t second = (int64_t)hr_home_of(name, 86400) * HR_SECOND;
    int64_t day = hr_time_bucket(after, HR_DAY);
    int64_t moment = day * HR_DAY + second;
    return (struct hr_time){moment > after.us ? moment : moment + HR_DAY};
}

static struct hr_time later(const struct hr_account *account, struct hr_time moment)
{
    return moment.us > account->clock.us ? moment : HR_TIME_NEVER;
}

/* steady_until counts midnights wherever days are kept; only where a rule asks is one a change. */
static struct hr_time calendar_due(const struct hr_account *account)
{
    struct hr_time due = later(account, account->segments[account->current].end);
    if (account->layout->watches_days) {
        due = hr_time_min(due, later(account, account->tomorrow));
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        due = hr_time_min(due, later(account, account->subscriptions[i].start));
        due = hr_time_min(due, later(account, account->subscriptions[i].end));
    }
    return due;
}

static struct hr_time waiting_due(const struct hr_account *account, const struct hr_holds *holds)
{
    struct hr_time due = HR_TIME_NEVER;
    const struct hr_rules *rules = account->layout->rules;
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        const struct hr_rule *rule = &rules->rules[r];
        const struct hr_rule_state *state = &account->rules[r];
        for (uint16_t i = 0; i < state->instances; i++) {
            const struct hr_level_state *levels = state->levels + (size_t)i * rule->level_count;
            for (uint16_t l = 0; l < rule->level_count; l++) {
                if (levels[l].flags & HR_LEVEL_WAITING) {
                    due = hr_time_min(
                        due, later(account, hr_level_patient(account, holds, rule, &levels[l])));
                    due = hr_time_min(due, later(account, hr_level_cool(rule, levels, l)));
                    due = hr_time_min(due, hr_silence_due(account));
                    due = hr_time_min(due, hr_owner_due(holds, account));
                    due = hr_time_min(due, hr_timing_due(account, rule));
                }
            }
        }
    }
    return due;
}

static struct hr_time elapsed_due(const struct hr_account *account)
{
    struct hr_time due = HR_TIME_NEVER;
    const struct hr_layout *layout = account->layout;
    for (uint16_t i = 0; layout->watches_elapsed && i < layout->all.signal_count; i++) {
        uint16_t signal = layout->all.signals[i];
        if (layout->rules->signals[signal].kind == HR_SIGNAL_PERIOD_ELAPSED) {
            due = hr_time_min(due, hr_elapsed_due(account, signal));
        } else if (layout->rules->signals[signal].kind == HR_SIGNAL_PROJECTED) {
            due = hr_time_min(due, hr_projected_due(account, signal));
        }
    }
    return due;
}

static struct hr_time limits_due(const struct hr_account *account)
{
    struct hr_time due = HR_TIME_NEVER;
    const struct hr_layout *layout = account->layout;
    for (uint16_t i = 0; layout->watches_limits && i < layout->all.signal_count; i++) {
        uint16_t signal = layout->all.signals[i];
        if (layout->rules->signals[signal].kind == HR_SIGNAL_DAYS_TO_LIMIT) {
            due = hr_time_min(due, hr_days_to_limit_due(account, signal));
        }
    }
    for (uint16_t i = 0; layout->watches_shrinking && i < layout->all.signal_count; i++) {
        const struct hr_signal *signal = &layout->rules->signals[layout->all.signals[i]];
        if (signal->kind == HR_SIGNAL_LIMIT_DROP) {
            due = hr_time_min(due, hr_limit_drop_due(account, signal));
        }
    }
    return due;
}

static struct hr_time dossier_due(const struct hr_account *account)
{
    struct hr_time due = HR_TIME_NEVER;
    const struct hr_layout *layout = account->layout;
    for (uint16_t i = 0; layout->watches_dossier && i < layout->all.signal_count; i++) {
        const struct hr_signal *signal = &layout->rules->signals[layout->all.signals[i]];
        if (signal->kind == HR_SIGNAL_TRIAL) {
            due = hr_time_min(due, hr_trial_due(account, signal->attribute));
        } else if (signal->kind == HR_SIGNAL_INTEREST) {
            due = hr_time_min(due, hr_interest_due(account, signal->attribute));
        }
    }
    return due;
}

static struct hr_time outcomes_due(const struct hr_account *account)
{
    return account->outcomes ? later(account, account->outcomes->next) : HR_TIME_NEVER;
}

struct hr_time hr_account_due(
    const struct hr_account *account, const struct hr_holds *holds, struct hr_time live_from)
{
    struct hr_time due = hr_time_min(calendar_due(account), outcomes_due(account));
    if (!account->live) {
        return hr_time_min(due, later(account, live_from));
    }
    due = hr_time_min(due, waiting_due(account, holds));
    due = hr_time_min(due, elapsed_due(account));
    due = hr_time_min(due, limits_due(account));
    due = hr_time_min(due, dossier_due(account));
    return hr_time_min(due, hr_windows_due(account));
}
