/* SPDX-License-Identifier: Apache-2.0 */
/* What fired, by rule, day and segment, and if wanted by account: what tables and pictures of a
 * rehearsal are made from. It grows with days, segments and accounts, never with events. */
#ifndef HEADROOM_COMMANDS_LEDGER_H
#define HEADROOM_COMMANDS_LEDGER_H

#include "headroom/home.h"
#include "headroom/map.h"
#include "print.h"

#define HR_LEDGER_SEGMENTS                                                                         \
    32 /* names kept; further ones count under the first that is too many                          \
        */

#define HR_LEDGER_RECENT 32

/* Fires of one rule on one local day of time.zone, in one segment. */
struct hr_ledger_cell {
    int64_t day;
    uint16_t rule, segment;
    uint64_t fired;
};

struct hr_ledger_account {
    struct hr_str name;
    uint16_t segment; /* at its last fire */
    uint64_t total;   /* fires of live rules */
    uint32_t *fired;  /* by rule, shadow ones included */
    uint32_t busiest; /* most fires of live rules within 30 days; HR_LEDGER_RECENT and more are
                         that many */
    int64_t recent[HR_LEDGER_RECENT]; /* moments of the last ones, in a ring */
};

struct hr_ledger {
    const struct hr_rules *rules;
    bool by_account;
    struct hr_arena arena;
    struct hr_str segments[HR_LEDGER_SEGMENTS + 1]; /* the first is "", accounts without one */
    uint16_t segment_count;
    struct hr_map cells, accounts;
};

void hr_ledger_init(struct hr_ledger *ledger, const struct hr_rules *rules, bool by_account);
void hr_ledger_clean_up(struct hr_ledger *ledger);
/* Only what fired is counted. The home says in which segment the account is at that moment. */
void hr_ledger_take(
    struct hr_ledger *ledger, const struct hr_home *home, const struct hr_trigger *trigger);

/* All cells by (rule, day, segment), in the arena. */
size_t hr_ledger_cells(
    const struct hr_ledger *ledger, struct hr_arena *arena, const struct hr_ledger_cell ***cells);
/* Accounts by total, most first, then by name, in the arena. */
size_t hr_ledger_accounts(const struct hr_ledger *ledger, struct hr_arena *arena,
    const struct hr_ledger_account ***accounts);

/* Two tables: rules by month, and rules by segment where there is one. */
void hr_ledger_print(const struct hr_ledger *ledger, bool shadow, FILE *file);
/* An array of {rule, month, segment, fired}; a rule with mode: shadow says so. */
void hr_ledger_json(const struct hr_ledger *ledger, const char *key, struct hr_doc *doc);

#endif
