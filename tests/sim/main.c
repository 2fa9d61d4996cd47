/* SPDX-License-Identifier: Apache-2.0 */
/* sim [--seed N] [--runs N] [--until-wrong] [--story] [--backlog | --operators]
 *     [--less WORDS] [--again N]
 *
 * Runs seeds from N (default 1) on. A seed that fails says what is wrong and its last port calls;
 * with --until-wrong it is the last one. --story tells every line; --backlog and
 * --operators say which worlds seeds make (enum sim_world); --less leaves out what it names
 * (less.c). The first --again seeds (default 3) are run twice and must be the same to the byte.
 * Ends with a line of counts.
 *
 * sim --drill STEP [--seed N] [--runs N]: instead, of each kind of port call of each seed every
 * STEP-th fails once with each of its answers (drill.c). sim --strike N [--answer A] [--seed N]:
 * the N-th call alone. */
#include "sim.h"

#include <inttypes.h>
#include <stdlib.h>

struct options {
    uint64_t seed, runs, again, drill, strike, answer;
    bool story, until_wrong;
    enum sim_world world;
    struct sim_less less;
};

static bool parse(int count, char **words, struct options *options)
{
    *options = (struct options){.seed = 1, .runs = 1, .again = 3};
    for (int i = 1; i < count; i++) {
        uint64_t *number = strcmp(words[i], "--seed") == 0     ? &options->seed
                           : strcmp(words[i], "--runs") == 0   ? &options->runs
                           : strcmp(words[i], "--again") == 0  ? &options->again
                           : strcmp(words[i], "--drill") == 0  ? &options->drill
                           : strcmp(words[i], "--strike") == 0 ? &options->strike
                           : strcmp(words[i], "--answer") == 0 ? &options->answer
                                                               : NULL;
        if (strcmp(words[i], "--story") == 0)
            options->story = true;
        else if (strcmp(words[i], "--until-wrong") == 0)
            options->until_wrong = true;
        else if (strcmp(words[i], "--backlog") == 0)
            options->world = SIM_BACKLOG;
        else if (strcmp(words[i], "--operators") == 0)
            options->world = SIM_OPERATORS;
        else if (strcmp(words[i], "--less") == 0 && i + 1 < count) {
            if (!sim_less_parse(words[++i], &options->less))
                return false;
        } else if (number && i + 1 < count)
            *number = strtoull(words[++i], NULL, 10);
        else
            return false;
    }
    return true;
}

static void add(struct sim_tally *sum, const struct sim_tally *one)
{
    uint64_t *to = (uint64_t *)sum;
    const uint64_t *from = (const uint64_t *)one;
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
}

static void print(const struct sim_tally *t, uint64_t runs, uint64_t wrong)
{
    printf("{\"runs\":%" PRIu64 ",\"wrong\":%" PRIu64 ",\"calls\":%" PRIu64 ",\"records\":%" PRIu64
           ",\"batches\":%" PRIu64 ",\"triggers\":%" PRIu64 ",\"dead_letters\":%" PRIu64
           ",\"crashes\":%" PRIu64 ",\"pauses\":%" PRIu64 ",\"hit\":%" PRIu64
           ",\"kafka_faults\":%" PRIu64 ",\"redis_faults\":%" PRIu64 ",\"rewinds\":%" PRIu64
           ",\"stalls\":%" PRIu64 ",\"offsets_vanished\":%" PRIu64 ",\"rebalances\":%" PRIu64
           ",\"aborted\":%" PRIu64 ",\"unknown_done\":%" PRIu64 ",\"unknown_undone\":%" PRIu64
           ",\"late_commits\":%" PRIu64 ",\"refused_writes\":%" PRIu64 ",\"late_writes\":%" PRIu64
           ",\"jumps\":%" PRIu64 ",\"compactions\":%" PRIu64 ",\"deploys\":%" PRIu64
           ",\"restores\":%" PRIu64 ",\"lost_logs\":%" PRIu64 "}\n",
        runs, wrong, t->calls, t->records, t->batches, t->triggers, t->letters, t->crashes,
        t->pauses, t->hit, t->kafka_faults, t->redis_faults, t->rewinds, t->stalls, t->vanished,
        t->rebalances, t->aborted, t->unknown_done, t->unknown_undone, t->late_commits,
        t->refused_writes, t->late_writes, t->jumps, t->compactions, t->deploys, t->restores,
        t->lost_logs);
}

static struct sim_orders orders_of(const struct options *options, uint64_t seed)
{
    return (struct sim_orders){seed, options->story, options->world, options->less};
}

static uint64_t run_seeds(const struct options *options, const struct hr_zones *zones)
{
    struct sim_tally sum = {0};
    uint64_t wrong = 0;
    for (uint64_t i = 0; i < options->runs && !(wrong && options->until_wrong); i++) {
        struct sim_tally one, two;
        uint64_t digest, again;
        struct sim_orders orders = orders_of(options, options->seed + i);
        wrong += !sim_run(&orders, zones, &one, &digest);
        add(&sum, &one);
        if (i >= options->again || options->story)
            continue;
        (void)sim_run(&orders, zones, &two, &again);
        if (digest != again) {
            printf("seed %" PRIu64 ": a second run was another one\n", orders.seed);
            wrong++;
        }
    }
    print(&sum, options->runs, wrong);
    return wrong;
}

static uint64_t run_drills(const struct options *options, const struct hr_zones *zones)
{
    struct sim_orders orders = orders_of(options, options->seed);
    struct sim_tally tally;
    if (options->strike)
        return !sim_drill_one(&orders, options->strike, (unsigned)options->answer, zones, &tally);
    uint64_t wrong = 0;
    for (uint64_t i = 0; i < options->runs; i++, orders.seed++)
        wrong += sim_drill_all(&orders, options->drill, zones);
    return wrong;
}

int main(int count, char **words)
{
    struct options options;
    if (!parse(count, words, &options)) {
        fprintf(stderr, "sim [--seed N] [--runs N] [--until-wrong] [--story] "
                        "[--backlog | --operators] [--less WORDS] [--again N]\n");
        return 2;
    }
    struct hr_zones *zones;
    struct hr_error error;
    if (hr_zones_load("/usr/share/zoneinfo", &zones, &error)) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    uint64_t wrong =
        options.drill || options.strike ? run_drills(&options, zones) : run_seeds(&options, zones);
    sim_stacks_clean_up();
    hr_zones_destroy(zones);
    return wrong ? 1 : 0;
}
