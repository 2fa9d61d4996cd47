/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of what holds triggers back: timing and the brake. */
#include "table_rows.h"

const char *const hr_category_choices[] = {"risk", "renewal", "upsell", "cross-sell", NULL};

static const struct hr_field budgets[] = {
    {.name = "account",
        .type = HR_TYPE_BUDGET,
        AT(hr_budgets_setting, account),
        .least = 1,
        .most = HR_BUDGET_MOST,
        .help = "How many triggers an account may get in how long; one exactly that old no longer "
                "counts.",
        .example = "2 per 30d"},
    {.name = "owner",
        .type = HR_TYPE_BUDGET,
        AT(hr_budgets_setting, owner),
        .least = 1,
        .most = 1000000,
        .help = "How many triggers a person is given in how long. It delays their delivery, not "
                "the triggers: for whoever delivers to keep to, the processor does not look at it.",
        .example = "10 per 1d"},
};

static const struct hr_field timing[] = {
    {.name = "categories",
        .type = HR_TYPE_CHOICE,
        .shape = HR_LIST,
        .flags = HR_BRIEF | HR_EMPTY_SAYS,
        ENTRIES(hr_timing_setting, categories),
        .entries = 4,
        .choices = hr_category_choices,
        .made = "upsell and cross-sell",
        .help = "Categories of rules for which the rest of this level is asked."},
    {.name = "min_tenure",
        .type = HR_TYPE_DURATION,
        AT(hr_timing_setting, min_tenure_us),
        .most = 3660 * HR_DAY,
        .fallback = "0s",
        .help = "How long an account must have been a customer."},
    {.name = "milestones",
        .type = HR_TYPE_TEXT,
        .shape = HR_LIST,
        .flags = HR_BRIEF,
        ENTRIES(hr_timing_setting, milestones),
        .least = 1,
        .most = 256,
        .entries = 16,
        .help = "Milestones that an account must have achieved; a rule may have its own list.",
        .example = "[success_metric]"},
    {.name = "quiet_after_dismissal",
        .type = HR_TYPE_DURATION,
        AT(hr_timing_setting, after_dismissal_us),
        .most = 3660 * HR_DAY,
        .fallback = "0s",
        .help = "How long the whole account is left in peace after a prompt was dismissed."},
    {.name = "quiet_after_decline",
        .type = HR_TYPE_DURATION,
        AT(hr_timing_setting, after_decline_us),
        .most = 3660 * HR_DAY,
        .fallback = "0s",
        .help = "The same after an opportunity was lost."},
    {.name = "budget",
        .type = HR_TYPE_LEVEL,
        AT(hr_timing_setting, budget),
        .level = LEVEL(budgets),
        .help = "How many triggers are enough."},
};

static const struct hr_field brake[] = {
    {.name = "accounts",
        .type = HR_TYPE_INTEGER,
        AT(hr_brake_setting, accounts),
        .least = 1,
        .most = 10000,
        .help = "For more accounts than this, within the time, what else a rule would publish is "
                "held until `headroom brake release` or `discard`.",
        .example = "500"},
    {.name = "share",
        .type = HR_TYPE_LITERAL,
        AT(hr_brake_setting, share),
        .help = "The same as a share of the partition's accounts, of 10 at least.",
        .example = "5%"},
    {.name = "within",
        .type = HR_TYPE_DURATION,
        AT(hr_brake_setting, within_us),
        .least = HR_SECOND,
        .most = HR_DAY,
        .fallback = "10m",
        .help = "The time, by the wall clock of publishing."},
};

const struct hr_level_table hr_brake_table = {brake, COUNT(brake)};
const struct hr_level_table hr_timing_table = {timing, COUNT(timing)};
