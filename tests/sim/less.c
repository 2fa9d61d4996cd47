/* SPDX-License-Identifier: Apache-2.0 */
/* The same seed with less in it. `--less` names what is left out, and how much there may be of the
 * rest; the script beside this (shrink) looks for the least that still goes wrong.
 *
 *   crash, jumps, foreign, …   none of it
 *   homes=1, records=20, …     no more than so many
 *   fault=7, record=3          not this one
 *
 * Whatever has a number has chance of its own (sim_chance_of): who is left out changes no draw of
 * anything else, only what follows from it, so a run stays much the same. */
#include "sim.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

enum kind { SWITCH, RATE, AT_MOST, NOT_THIS };

static const struct word {
    const char *name;
    enum kind kind;
    size_t at; /* in the plan; of AT_MOST and NOT_THIS in `struct sim_less` */
} words[] = {
    {"owners", SWITCH, offsetof(struct sim_plan, owners)},
    {"brakes", SWITCH, offsetof(struct sim_plan, brakes)},
    {"silences", SWITCH, offsetof(struct sim_plan, silences)},
    {"foreign", SWITCH, offsetof(struct sim_plan, foreign)},
    {"miskeyed", SWITCH, offsetof(struct sim_plan, miskeyed)},
    {"erasures", SWITCH, offsetof(struct sim_plan, erasures)},
    {"compaction", SWITCH, offsetof(struct sim_plan, compaction)},
    {"rules", SWITCH, offsetof(struct sim_plan, rules)},
    {"jumps", SWITCH, offsetof(struct sim_plan, jumps)},
    {"vanish", SWITCH, offsetof(struct sim_plan, vanish)},
    {"aliases", SWITCH, offsetof(struct sim_plan, aliases)},
    {"ages", SWITCH, offsetof(struct sim_plan, ages)},
    {"history", SWITCH, offsetof(struct sim_plan, history)},
    {"stalls", SWITCH, offsetof(struct sim_plan, stalls)},
    {"controls", SWITCH, offsetof(struct sim_plan, controls)},
    {"steps", SWITCH, offsetof(struct sim_plan, steps)},
    {"hard", SWITCH, offsetof(struct sim_plan, hard)},
    {"deploys", SWITCH, offsetof(struct sim_plan, deploys)},
    {"restores", SWITCH, offsetof(struct sim_plan, restores)},
    {"small_memory", RATE, offsetof(struct sim_plan, small_memory)},
    {"small_batches", RATE, offsetof(struct sim_plan, small_batches)},
    {"crash", RATE, offsetof(struct sim_plan, crash)},
    {"pause", RATE, offsetof(struct sim_plan, pause)},
    {"kafka", RATE, offsetof(struct sim_plan, kafka)},
    {"redis", RATE, offsetof(struct sim_plan, redis)},
    {"rewind", RATE, offsetof(struct sim_plan, rewind)},
    {"homes", AT_MOST, offsetof(struct sim_less, homes)},
    {"processes", AT_MOST, offsetof(struct sim_less, processes)},
    {"accounts", AT_MOST, offsetof(struct sim_less, accounts)},
    {"seconds", AT_MOST, offsetof(struct sim_less, seconds)},
    {"records", AT_MOST, offsetof(struct sim_less, records)},
    {"faults", AT_MOST, offsetof(struct sim_less, faults)},
    {"fault", NOT_THIS, offsetof(struct sim_less, no_fault)},
    {"record", NOT_THIS, offsetof(struct sim_less, no_record)},
};
#define WORDS (sizeof words / sizeof *words)

static bool take(struct sim_less *less, const char *name, size_t len, const char *value)
{
    for (size_t w = 0; w < WORDS; w++) {
        if (strlen(words[w].name) != len || memcmp(words[w].name, name, len) != 0)
            continue;
        uint64_t *at = (uint64_t *)(void *)((char *)less + words[w].at);
        uint64_t number = value ? strtoull(value, NULL, 10) : 0;
        if ((words[w].kind == SWITCH || words[w].kind == RATE) == (value != NULL))
            return false;
        if (!value)
            less->without |= UINT64_C(1) << w;
        else if (words[w].kind == AT_MOST)
            *at = number + 1;
        else if (number < SIM_NUMBERED)
            at[number / 64] |= UINT64_C(1) << number % 64;
        return true;
    }
    return false;
}

bool sim_less_parse(const char *text, struct sim_less *less)
{
    while (*text) {
        size_t len = strcspn(text, ",");
        const char *equals = memchr(text, '=', len);
        if (!take(less, text, equals ? (size_t)(equals - text) : len, equals ? equals + 1 : NULL))
            return false;
        text += len + (text[len] == ',');
    }
    return true;
}

static void cap(uint32_t *number, uint64_t most)
{
    if (most && *number >= most)
        *number = (uint32_t)(most > 2 ? most - 1 : 1);
}

void sim_less_plan(const struct sim_less *less, struct sim_plan *plan)
{
    for (size_t w = 0; w < WORDS; w++) {
        char *at = (char *)plan + words[w].at;
        if (!(less->without >> w & 1))
            continue;
        if (words[w].kind == SWITCH)
            *(bool *)(void *)at = false;
        else
            *(uint32_t *)(void *)at = 0;
    }
    cap(&plan->homes, less->homes);
    cap(&plan->processes, less->processes);
    cap(&plan->accounts, less->accounts);
    if (less->seconds && plan->lasts_us >= (int64_t)less->seconds * HR_SECOND)
        plan->lasts_us = (int64_t)(less->seconds - 1) * HR_SECOND;
}

static bool comes(uint64_t number, uint64_t most, const uint64_t *without)
{
    bool is_out = number < SIM_NUMBERED && (without[number / 64] >> number % 64 & 1);
    return !is_out && (!most || number < most);
}

bool sim_fault_comes(struct sim *sim)
{
    uint64_t number = ++sim->fault_number;
    bool does = comes(number, sim->less->faults, sim->less->no_fault);
    sim->of_fault = sim_chance_of(sim, CHANCE_FAULT, number);
    if (does)
        sim_say(sim, NULL, "fault %" PRIu64, number);
    return does;
}

bool sim_record_comes(struct sim *sim)
{
    uint64_t number = ++sim->produced;
    return comes(number, sim->less->records, sim->less->no_record);
}
