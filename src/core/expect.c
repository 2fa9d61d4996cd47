/* SPDX-License-Identifier: Apache-2.0 */
/* Brings what records will look up into the cache before they are applied.
 *
 * With a hundred thousand accounts nearly all of what a record reads is somewhere in memory, up to
 * five pointers deep: the table's slot, the entry, the account, its periods and meters, the
 * tallies. One after another these would be five waits a record. Here the records of a group go
 * together, a pointer at a time: while one's line is on its way, those of the others are asked for.
 *
 * Nothing is decided and nothing changes, but for the hash that the record keeps as a hint; and an
 * account that is not there yet, or a name that only shares a hash, costs nothing but the hint. */
#include "inside.h"

#define TOGETHER 32
#define LINE 64

static void expect(const void *at, size_t size)
{
    for (size_t i = 0; i < size; i += LINE) {
        __builtin_prefetch((const char *)at + i);
    }
}

static void expect_parts(const struct hr_account *account)
{
    const struct hr_rules *rules = account->layout->rules;
    expect(account->segments, account->segment_count * sizeof *account->segments);
    expect(account->meters, rules->meter_count * sizeof *account->meters);
    expect(account->rules, rules->rule_count * sizeof *account->rules);
}

static void expect_tallies(const struct hr_account *account)
{
    if (account->segment_count > 0) {
        const struct hr_segment *segment = &account->segments[account->current];
        expect(segment->tallies, account->layout->rules->meter_count * sizeof *segment->tallies);
    }
}

static void expect_group(const struct hr_home *home, struct hr_record *const *records, size_t count)
{
    const struct hr_entry *entries[TOGETHER];
    const struct hr_account *accounts[TOGETHER];
    size_t found = 0, known = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = hr_hash64(records[i]->account, 0);
        records[i]->hint = hash;
        hr_table_expect(home, hash);
        hr_seen_expect(&home->seen, hr_home_id(hash, records[i]->event.identity, 0));
    }
    for (size_t i = 0; i < count; i++) {
        const struct hr_entry *entry = hr_table_find_hash(home, records[i]->hint);
        if (entry) {
            expect(entry, sizeof *entry + records[i]->account.len);
            entries[found++] = entry;
        }
    }
    for (size_t i = 0; i < found; i++) {
        if (entries[i]->account) {
            accounts[known] = entries[i]->account;
            expect(accounts[known++], sizeof *accounts[0]);
        }
    }
    for (size_t i = 0; i < known; i++) {
        expect_parts(accounts[i]);
    }
    for (size_t i = 0; i < known; i++) {
        expect_tallies(accounts[i]);
    }
}

void hr_home_expect(const struct hr_home *home, struct hr_record *const *records, size_t count)
{
    for (size_t i = 0; i < count; i += TOGETHER) {
        size_t left = count - i;
        expect_group(home, records + i, left < TOGETHER ? left : TOGETHER);
    }
}
