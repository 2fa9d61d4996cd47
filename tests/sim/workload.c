/* SPDX-License-Identifier: Apache-2.0 */
/* What a seed is about: how many homes, processes and accounts, which topics, which faults and how
 * often; the configuration; the records; and what happens to the world beside faults of calls.
 *
 * The rules are such that a mistake does not stay hidden: levels with a margin and limits that move
 * up and down (episodes of two and more), a window that empties by time alone, `for`, silence,
 * renewals at midnight, members of a unique meter stored apart. */
#include "sim.h"

#include "headroom/hash.h"

#include <inttypes.h>
#include <stdarg.h>

static const char *const names[] = {"acme", "brook", "cedar", "delta", "ember", "fjord", "grove",
    "heron", "inlet", "jade", "knoll", "larch"};

/* --- configuration ------------------------------------------------------------------------------
 */

static const char base[] =
    "kafka: { brokers: sim, group: g, session: 10s, transaction: 8s }\n"
    "redis: { url: \"redis://sim:6379/0\", prefix: hr }\n"
    "triggers: { topic: triggers }\n"
    "dead_letters: { topic: letters }\n"
    "internal: { topic: internal }\n"
    "changelog: { topic: changelog }\n"
    "time: { lateness: 2d, skew: 5m, zone: UTC }\n"
    "dedup: { memory: 64KiB }\n"
    "start: { live_from: 2026-01-01 }\n"
    "money: { rates: { EUR: 1.08 } }\n"
    "outcomes: { hold_out: 20%, attribution: 1h }\n"
    "meters:\n"
    "  calls: { event: api, aggregate: sum, value: /n, limit: calls, windows: [7m] }\n"
    "  users: { event: api, aggregate: unique, value: /user, limit: seats }\n"
    "  level: { event: gauge, aggregate: latest, value: /v, limit: level }\n"
    "rules:\n"
    "  capacity: { watch: meter.calls.used, levels: [50%, 80%, 100%], rearm: 5% }\n"
    "  held:     { watch: meter.level.used, levels: [60%, 90%], for: 20s, rearm: 10% }\n"
    "  quiet:    { watch: meter.calls.7m, below: [0], for: 30s, category: risk }\n"
    "  seats:    { watch: meter.users.used, levels: [50%, 100%], jump: each }\n"
    "  renewal:  { watch: renewal.days_left, below: [30d, 7d, 1d], category: renewal }\n";

static const char *const variants[] = {
    "  busy:     { watch: meter.calls.7m, levels: [10, 30], rearm: 2 }\n",
    "  busy:     { watch: meter.calls.7m, levels: [8, 20, 40] }\n"
    "  crowd:    { watch: meter.users.growth.7m, levels: [1%, 50%] }\n"
    "  thinner:  { watch: meter.users.drop.7m, levels: [20%] }\n",
    "  busy:     { watch: meter.calls.7m, levels: [10, 30], rearm: 2 }\n"
    "  much:     { watch: meter.calls.period, levels: [25, 60], for: 5s }\n",
};

bool sim_reads(const struct sim *sim, uint32_t topic, bool narrow)
{
    return sim->kafka.topics[topic].source && !(narrow && topic == sim->plan.added);
}

struct hr_config *sim_config(struct sim *sim, uint32_t slot, uint32_t version)
{
    struct hr_buffer text = {0};
    hr_put_printf(&text, "%s%sinstance: %" PRIu32 "\n", base, variants[version % 3], slot);
    hr_put_printf(&text, "sources:\n  - { topic: usage, format: cloudevents, silent_after: %s }\n",
        sim->plan.silences ? "3m" : "0s");
    for (uint32_t t = TOPIC_BILLING; t < sim->kafka.topic_count; t++)
        if (sim_reads(sim, t, sim->narrow))
            hr_put_printf(
                &text, "  - { topic: %s, format: cloudevents }\n", sim->kafka.topics[t].name);
    if (sim->plan.brakes)
        hr_put_printf(&text, "brake: { accounts: 2, share: 50%%, within: 90s }\n");
    struct hr_config_source source = {
        .file = "sim", .text = hr_buffer_str(&text), .zones = sim->zones};
    struct hr_config *config;
    struct hr_complaints complaints = {0};
    if (hr_config_parse(&source, &config, &complaints)) {
        for (size_t i = 0; i < complaints.count; i++)
            fprintf(stderr, "sim:%u: %s: %s\n", complaints.at[i].line, complaints.at[i].path,
                complaints.at[i].text);
        hr_out_of_memory(0);
    }
    hr_complaints_clean_up(&complaints);
    hr_buffer_clean_up(&text);
    /* Smaller than anybody may configure: accounts leave memory, batches are cut. */
    if (sim->plan.small_memory)
        config->account_memory = sim->plan.small_memory;
    if (sim->plan.small_batches)
        config->batch_bytes = sim->plan.small_batches;
    return config;
}

/* --- the plan -----------------------------------------------------------------------------------
 */

static void add_topic(struct sim *sim, const char *name, uint32_t partitions, bool source)
{
    struct sim_topic *topic = &sim->kafka.topics[sim->kafka.topic_count++];
    *topic = (struct sim_topic){.name = name, .partitions = (int32_t)partitions, .source = source};
    for (size_t i = 0; i < SIM_PARTITIONS; i++)
        topic->at[i].committed = HR_OFFSET_NONE;
}

static uint32_t rate(struct sim_random *random, uint32_t least, uint32_t most)
{
    return sim_one_in(random, 3) ? 0 : (uint32_t)sim_between(random, least, most);
}

void sim_plan(struct sim *sim)
{
    struct sim_random chance = sim_chance_of(sim, CHANCE_PLAN, 0), *random = &chance;
    struct sim_plan *plan = &sim->plan;
    *plan = (struct sim_plan){
        .homes = (uint32_t)sim_between(random, 1, 3),
        .processes = (uint32_t)sim_between(random, 1, 3),
        .accounts = (uint32_t)sim_between(random, 2, 12),
        .foreign = sim_one_in(random, 3),
        .miskeyed = sim_one_in(random, 4),
        .owners = sim_one_in(random, 3),
        .brakes = sim_one_in(random, 3),
        .silences = sim_one_in(random, 3),
        .erasures = sim_one_in(random, 2),
        .compaction = sim_one_in(random, 2),
        .rules = sim_one_in(random, 3),
        .jumps = sim_one_in(random, 2),
        .vanish = sim_one_in(random, 4),
        .aliases = sim_one_in(random, 3),
        .ages = sim_one_in(random, 5),
        .history = sim_one_in(random, 3),
        .stalls = sim_one_in(random, 3),
        .small_memory = sim_one_in(random, 2) ? (uint32_t)sim_between(random, 8, 40000) : 0,
        .small_batches = sim_one_in(random, 2) ? (uint32_t)sim_between(random, 1, 3000) : 0,
        .lasts_us = sim_between(random, 10, 90) * HR_SECOND,
        .crash = rate(random, 60, 600),
        .pause = rate(random, 60, 600),
        .kafka = rate(random, 20, 200),
        .redis = rate(random, 20, 200),
        .rewind = rate(random, 100, 800),
        .controls = sim_one_in(random, 3),
        .steps = sim_one_in(random, 5),
        .deploys = sim_one_in(random, 4),
        .hard = sim_one_in(random, 5),
    };
    if (sim->world == SIM_BACKLOG)
        plan->backlog = true;
    if (plan->backlog) { /* nothing but what one order decides */
        plan->foreign = true;
        plan->miskeyed = plan->owners = plan->brakes = plan->silences = plan->rules =
            plan->aliases = plan->history = plan->controls = plan->deploys = false;
    }
    if (plan->ages) /* what an old copy may bring back */
        plan->erasures = plan->compaction = plan->jumps = true;
    if (plan->ages && !plan->rewind)
        plan->rewind = 200;
    struct sim_random operators = sim_chance_of(sim, CHANCE_PLAN, 1);
    if (sim->world == SIM_OPERATORS) /* transactions that are left open, and rules to write back */
        plan->hard = plan->rules = true;
    plan->restores = !plan->backlog && (sim_one_in(&operators, 4) || sim->world == SIM_OPERATORS);
    sim_less_plan(sim->less, plan);
    plan->added = plan->foreign && sim_one_in(random, 2) ? TOPIC_CLICKS : TOPIC_BILLING;
    sim->narrow = plan->deploys;
    add_topic(sim, "usage", plan->homes, true);
    add_topic(sim, "billing", plan->homes, true);
    add_topic(sim, "internal", plan->homes, false);
    add_topic(sim, "changelog", plan->homes, false);
    add_topic(sim, "triggers", 2, false);
    add_topic(sim, "letters", 1, false);
    if (plan->foreign)
        add_topic(sim, "clicks", plan->homes + (uint32_t)sim_between(random, 1, 3), true);
    if (plan->backlog) /* its name is before those of the home topics */
        add_topic(sim, "api", plan->homes + (uint32_t)sim_between(random, 1, 4), true);
    sim->kafka.topics[TOPIC_INTERNAL].append_time = true;
    /* Some seconds before midnight of a day in spring. */
    struct hr_time midnight;
    bool good = hr_time_parse(HR_STR("2026-03-15T00:00:00Z"), &midnight);
    sim->wall_us = (good ? midnight.us : 0) - sim_between(random, 0, 120) * HR_SECOND;
    sim->faults_until_us = sim->now_us + plan->lasts_us;
    sim->version = (uint32_t)sim_below(random, 3);
    for (uint32_t slot = 0; slot < plan->processes; slot++)
        sim->respawn_us[slot] = sim->now_us + sim_between(random, 0, 3 * HR_SECOND);
    for (uint32_t e = 0; e < SIM_EVENTS; e++) {
        sim->events[e].times = sim_chance_of(sim, CHANCE_TIMES, e);
        sim->events[e].next_us = sim->now_us + 5 * HR_SECOND;
    }
    sim->events[EVENT_RECORD].next_us = sim->events[EVENT_BRAKE].next_us = sim->now_us;
    sim->events[EVENT_VANISH].next_us =
        sim->now_us + sim_between(&sim->events[EVENT_VANISH].times, 5, 60) * HR_SECOND;
}

/* --- records ------------------------------------------------------------------------------------
 */

/* In a backlog many stand at the same moment and some before what is in front of them. */
static struct hr_time backlog_stamp(struct sim *sim, int64_t wall)
{
    switch (sim_below(&sim->of_record, 12)) {
    case 0:
        return HR_TIME_NONE;
    case 1:
        return (struct hr_time){wall - sim_between(&sim->of_record, 0, 600) * HR_MINUTE};
    default:
        return (struct hr_time){wall / (30 * HR_MINUTE) * (30 * HR_MINUTE)};
    }
}

static struct hr_time stamp(struct sim *sim)
{
    int64_t wall = sim_wall(sim) / MS * MS;
    if (sim->plan.backlog)
        return backlog_stamp(sim, wall);
    if (sim->now_us < HR_SECOND) /* history */
        return (struct hr_time){wall};
    switch (sim_below(&sim->of_record, 40)) {
    case 0:
        return HR_TIME_NONE;
    case 1:
        return (struct hr_time){wall + sim_between(&sim->of_record, 0, 600) * HR_SECOND};
    case 2:
        return (struct hr_time){wall - sim_between(&sim->of_record, 0, 600) * HR_SECOND};
    default:
        return (struct hr_time){wall};
    }
}

static void put_usage(struct sim *sim, struct hr_buffer *value)
{
    struct sim_random *random = &sim->of_record;
    if (sim_one_in(random, 4))
        hr_put_printf(
            value, "\"type\":\"gauge\",\"data\":{\"v\":%" PRId64 "}", sim_between(random, 0, 30));
    else
        hr_put_printf(value,
            "\"type\":\"api\",\"data\":{\"n\":%" PRId64 ",\"user\":\"u%" PRIu64 "\"}",
            sim_between(random, 0, 6), sim_below(random, 9));
}

/* Deals, and revenue that ends: what the books are made of. */
static void put_money(struct sim *sim, struct hr_buffer *value)
{
    struct sim_random *random = &sim->of_record;
    static const char *const currencies[] = {"USD", "EUR", "CHF"};
    static const char *const stages[] = {"identified", "engaged", "closed_won", "closed_lost"};
    static const char *const kinds[] = {"upsell", "cross-sell", "new"};
    if (sim_one_in(random, 4)) {
        hr_put_printf(value, "\"type\":\"subscription.cancelled\",\"data\":{}");
        return;
    }
    hr_put_printf(value,
        "\"type\":\"opportunity.stage_changed\",\"data\":{\"opportunity\":\"o%" PRIu64
        "\",\"stage\":\"%s\",\"kind\":\"%s\",\"amount\":%" PRId64 ",\"currency\":\"%s\"}",
        sim_below(random, 3), stages[sim_below(random, 4)], kinds[sim_below(random, 3)],
        sim_between(random, 1, 100000), currencies[sim_below(random, 3)]);
}

static void put_billing(struct sim *sim, struct hr_buffer *value)
{
    struct sim_random *random = &sim->of_record;
    if (sim_one_in(random, 5)) {
        put_money(sim, value);
        return;
    }
    if (sim->plan.erasures && sim_one_in(random, sim->plan.ages ? 2 : 6)) {
        hr_put_printf(value, "\"type\":\"account.erased\"");
        return;
    }
    if (sim->plan.aliases && sim_one_in(random, 3)) {
        hr_put_printf(value, "\"type\":\"account.updated\",\"data\":{\"%s\":[\"key%" PRIu64 "\"]}",
            sim_one_in(random, 4) ? "aliases_released" : "aliases", sim_below(random, 5));
        return;
    }
    static const char *const dates[] = {"2026-03-16", "2026-03-17", "2026-03-22", "2026-04-14"};
    hr_put_printf(value,
        "\"type\":\"%s\",\"data\":{\"limits\":{\"calls\":%" PRId64 ",\"seats\":%" PRId64
        ",\"level\":%" PRId64 "},\"started_at\":\"2026-01-01\",\"renewal_date\":\"%s\","
        "\"mrr\":%" PRId64 ",\"currency\":\"%s\"}",
        sim_one_in(random, 2) ? "subscription.created" : "subscription.updated",
        sim_between(random, 5, 60), sim_between(random, 2, 10), sim_between(random, 10, 30),
        dates[sim_below(random, 4)], sim_between(random, 0, 9) * 1000,
        sim_one_in(random, 3) ? "EUR" : "USD");
}

/* Who tends the account, and that somebody wants to be left in peace, be it for minutes. */
static void put_people(struct sim *sim, struct hr_buffer *value)
{
    struct sim_random *random = &sim->of_record;
    const char *who = sim_one_in(random, 2) ? "dana" : "lee";
    char until[HR_TIME_TEXT];
    struct hr_time end = {sim_wall(sim) + sim_between(random, 1, 40) * HR_MINUTE};
    size_t len = hr_time_print(end, until);
    if (sim_one_in(random, 2))
        hr_put_printf(value, "\"type\":\"account.updated\",\"data\":{\"%s\":\"%s\"}",
            sim_one_in(random, 2) ? "owner" : "csm", who);
    else if (sim_one_in(random, 3))
        hr_put_printf(value,
            "\"type\":\"silence.cleared\",\"data\":{\"scope\":\"owner:%s\",\"by\":\"kim\"}", who);
    else
        hr_put_printf(value,
            "\"type\":\"silence.set\",\"data\":{\"scope\":\"owner:%s\",\"by\":\"kim\","
            "\"until\":\"%.*s\"}",
            who, (int)len, until);
}

static void produce(struct sim *sim)
{
    struct sim_random *random = &sim->of_record;
    *random = sim_chance_of(sim, CHANCE_RECORD, sim->produced + 1);
    uint32_t topic = sim_one_in(random, 4) ? TOPIC_BILLING : TOPIC_USAGE;
    if (sim->plan.foreign && sim_one_in(random, sim->plan.backlog ? 2 : 3))
        topic = sim->plan.backlog && sim_one_in(random, 2) ? TOPIC_API : TOPIC_CLICKS;
    uint32_t count = (uint32_t)sim->kafka.topics[topic].partitions;
    static const char *const aliases[] = {"key0", "key1", "key2", "key3", "key4"};
    struct hr_str account = hr_str(names[sim_below(random, sim->plan.accounts)]);
    if (sim->plan.aliases && topic != TOPIC_BILLING && sim_one_in(random, 4))
        account = hr_str(aliases[sim_below(random, 5)]);
    struct hr_buffer value = {0};
    /* Now and then the same event again. */
    uint64_t number = sim_one_in(random, 20) && sim->record_number > 5
                          ? sim->record_number - 1 - sim_below(random, 4)
                          : sim->record_number++;
    if (sim_one_in(random, 30)) {
        hr_put_printf(&value, "{\"broken\":%" PRIu64, number);
    } else {
        hr_put_printf(&value,
            "{\"specversion\":\"1.0\",\"id\":\"e%" PRIu64 "\",\"source\":\"s\",\"subject\":\"%s\",",
            number, account.at);
        if (topic == TOPIC_BILLING && sim->plan.owners && sim_one_in(random, 3))
            put_people(sim, &value);
        else if (topic == TOPIC_BILLING)
            put_billing(sim, &value);
        else
            put_usage(sim, &value);
        hr_put_printf(&value, "}");
    }
    bool anywhere = topic >= TOPIC_CLICKS || (sim->plan.miskeyed && sim_one_in(random, 10));
    struct sim_place of = {
        topic, (int32_t)(anywhere ? sim_below(random, count) : hr_home_of(account, count))};
    struct hr_log_record record = {
        .timestamp = stamp(sim), .key = account, .value = hr_buffer_str(&value)};
    /* A home that has seen none takes the wall clock: nothing that one order could decide. */
    if (sim->plan.backlog && (topic < TOPIC_CLICKS || !sim_partition_at(sim, of)->end) &&
        hr_time_is(record.timestamp, HR_TIME_NONE))
        record.timestamp = (struct hr_time){sim_wall(sim) / MS * MS};
    if (sim_record_comes(sim)) {
        int64_t offset = sim_append(sim, of, &record, NULL, false);
        sim_say(sim, NULL, "record %" PRIu64 ", %s/%" PRId32 "@%" PRId64 ": %.*s", sim->produced,
            sim->kafka.topics[topic].name, of.partition, offset, (int)value.len,
            (const char *)value.at);
        sim->tally.records++;
        if (sim->plan.controls && sim_one_in(random, 3))
            (void)sim_append(sim, of, NULL, NULL, true);
    }
    hr_buffer_clean_up(&value);
}

/* --- what happens when
 * ----------------------------------------------------------------------------
 */

static bool is_time(struct sim *sim, enum sim_event event, int64_t least, int64_t most)
{
    if (sim->now_us < sim->events[event].next_us)
        return false;
    sim->events[event].next_us = sim->now_us + sim_between(&sim->events[event].times, least, most);
    return true;
}

/* The world sleeps for a while: minutes as a rule, now and then for days. */
static void pass(struct sim *sim, int64_t us)
{
    sim->wall_us += us;
    sim->tally.jumps++;
    sim_say(sim, NULL, "%.3f s pass", (double)us / 1e6);
}

static void jump(struct sim *sim)
{
    pass(sim, sim_one_in(&sim->of_fault, sim->plan.ages ? 5 : 8)
                  ? sim_between(&sim->of_fault, 3, 9) * HR_DAY
                  : sim_between(&sim->of_fault, 10, 900) * HR_SECOND);
}

void sim_days_pass(struct sim *sim)
{
    int64_t hours = sim_one_in(&sim->of_fault, 3) ? sim_between(&sim->of_fault, 80, 300)
                                                  : sim_between(&sim->of_fault, 40, 80);
    sim_compact(sim);
    pass(sim, hours * HR_HOUR);
    sim_compact(sim);
}

/* Everybody is down for days: the group forgets its offsets. */
static void vanish(struct sim *sim)
{
    for (uint32_t slot = 0; slot < SIM_SLOTS; slot++)
        if (sim->processes[slot])
            sim_crash(sim->processes[slot]);
    for (size_t i = 0; i < sim->zombie_count; i++)
        sim_crash(sim->zombies[i]);
    for (uint32_t slot = 0; slot < sim->plan.processes; slot++)
        sim->respawn_us[slot] = sim->now_us + sim_between(&sim->of_fault, 30, 40) * HR_SECOND;
    sim->vanishes_us = sim->now_us + 28 * HR_SECOND;
}

static void forget_offsets(struct sim *sim)
{
    sim->vanishes_us = 0;
    sim->tally.vanished++;
    sim_say(sim, NULL, "the group FORGETS its offsets");
    for (uint32_t t = 0; t < sim->kafka.topic_count; t++)
        for (size_t n = 0; n < SIM_PARTITIONS; n++)
            sim->kafka.topics[t].at[n].committed = HR_OFFSET_NONE;
}

static void change_rules(struct sim *sim)
{
    sim->version++;
    sim_say(sim, NULL, "rules are now %" PRIu32, sim->version % 3);
    struct sim_process *process = sim->processes[sim_below(&sim->of_fault, sim->plan.processes)];
    if (process && !process->reloaded)
        process->reload = 1;
}

/* An operator releases or discards what a brake holds, everywhere. */
static void end_brake(struct sim *sim)
{
    static const char *const rules[] = {"capacity", "seats", "busy", "renewal"};
    const char *rule = rules[sim_below(&sim->of_fault, 4)];
    bool discard = sim_one_in(&sim->of_fault, 2);
    struct hr_buffer value = {0};
    struct hr_log_record record = {.timestamp = {sim_wall(sim)},
        .key = HR_STR("brake"),
        .value = hr_brake_record(hr_str(rule), discard, (struct hr_time){sim_wall(sim)}, &value)};
    for (uint32_t home = 0; home < sim->plan.homes; home++)
        sim_append(sim, (struct sim_place){TOPIC_INTERNAL, (int32_t)home}, &record, NULL, false);
    sim_say(sim, NULL, "the brake of %s is %s", rule, discard ? "discarded" : "released");
    hr_buffer_clean_up(&value);
}

static void stall(struct sim *sim)
{
    uint32_t topic = sim_one_in(&sim->of_fault, 2) ? TOPIC_USAGE : TOPIC_BILLING;
    if (sim->plan.foreign && sim_one_in(&sim->of_fault, 2))
        topic = sim->plan.backlog && sim_one_in(&sim->of_fault, 2) ? TOPIC_API : TOPIC_CLICKS;
    struct sim_place of = {
        topic, (int32_t)sim_below(&sim->of_fault, (uint64_t)sim->kafka.topics[topic].partitions)};
    int64_t us = sim_between(&sim->of_fault, HR_SECOND, 15 * HR_SECOND);
    sim_partition_at(sim, of)->stalled_until_us = sim->now_us + us;
    sim->tally.stalls++;
    sim_say(sim, NULL, "%s/%" PRId32 " is SLOW for %.3f s", sim->kafka.topics[topic].name,
        of.partition, (double)us / 1e6);
}

/* Somebody sets the clock of a machine, and not quite right. */
static void step_clock(struct sim *sim)
{
    struct sim_process *process = sim->processes[sim_below(&sim->of_fault, sim->plan.processes)];
    if (!process)
        return;
    process->skew_us = sim_between(&sim->of_fault, -SIM_STEP_US, SIM_STEP_US);
    sim_say(sim, process, "its clock is set %+.3f s off", (double)process->skew_us / 1e6);
}

/* SIGTERM, and after some time the slot starts with what is deployed now; a slot that is to stay
 * down for longer does. */
static void roll(struct sim *sim, uint32_t slot, int64_t us)
{
    struct sim_process *process = sim->processes[slot];
    sim_say(sim, process, "is ROLLED to the %s sources", sim->narrow ? "old" : "new");
    sim->tally.deploys++;
    if (process)
        process->stop = 1;
    if (sim->respawn_us[slot] < sim->now_us + us)
        sim->respawn_us[slot] = sim->now_us + us;
}

static void deploy(struct sim *sim)
{
    struct sim_random *random = &sim->of_fault;
    uint32_t slot = (uint32_t)sim_below(random, sim->plan.processes);
    if (sim_one_in(random, 4))
        sim->narrow = !sim->narrow;
    if (sim->processes[slot] && sim->processes[slot]->narrow != sim->narrow)
        roll(sim, slot,
            sim_one_in(random, 2) ? sim_between(random, 1, 3 * HR_SECOND)
                                  : sim_between(random, 11, 15) * HR_SECOND);
}

static bool redis_has_all(const struct sim *sim)
{
    bool all = true;
    for (uint32_t home = 0; home < sim->plan.homes; home++)
        all &= sim->redis.homes[home].marker.at != NULL;
    return all;
}

/* Everybody is stopped for it, or killed. */
static void restore(struct sim *sim)
{
    bool kills = sim_one_in(&sim->of_fault, 2);
    static const char *const names_of[] = {"", "from the changelog", "from Redis", "the offsets"};
    sim->restoring = sim_one_in(&sim->of_fault, 2) ? HR_RESTORE_FROM_CHANGELOG : HR_RESTORE_OFFSETS;
    if (redis_has_all(sim) && sim_one_in(&sim->of_fault, 2))
        sim->restoring = HR_RESTORE_FROM_REDIS;
    sim->restores_lost_logs = sim_redis_is_needed(sim) && sim_one_in(&sim->of_fault, 2);
    sim_say(sim, NULL, "an operator RESTORES %s", names_of[sim->restoring]);
    for (uint32_t slot = 0; slot < sim->plan.processes; slot++) {
        if (sim->processes[slot] && kills)
            sim_crash(sim->processes[slot]);
        else if (sim->processes[slot])
            sim->processes[slot]->stop = 1;
        sim->respawn_us[slot] = sim->now_us;
    }
    for (size_t i = 0; i < sim->zombie_count; i++)
        sim->zombies[i]->stop = 1;
}

void sim_deploy_last(struct sim *sim)
{
    sim->narrow = false;
    for (uint32_t slot = 0; slot < sim->plan.processes; slot++)
        roll(sim, slot, 3 * HR_SECOND);
    for (size_t i = 0; i < sim->zombie_count; i++)
        sim->zombies[i]->stop = 1;
}

/* Days before the first start, with their own time-stamps. */
void sim_history(struct sim *sim)
{
    int64_t wall = sim->wall_us, now = sim->now_us;
    uint64_t count = sim->plan.history || sim->plan.backlog
                         ? 20 + sim_below(&sim->events[EVENT_RECORD].times, 200)
                         : 0;
    sim->now_us = 0;
    sim->wall_us -= 3 * HR_DAY;
    for (uint64_t i = 0; i < count; i++) {
        produce(sim);
        sim->wall_us += 3 * HR_DAY / (int64_t)count;
    }
    sim->wall_us = wall;
    sim->now_us = now;
}

void sim_workload_tick(struct sim *sim)
{
    if (sim->vanishes_us && sim->now_us >= sim->vanishes_us)
        forget_offsets(sim);
    if (sim->settling)
        return;
    if (sim->plan.vanish && is_time(sim, EVENT_VANISH, 60 * HR_SECOND, 90 * HR_SECOND) &&
        !sim_redis_is_needed(sim) && sim_fault_comes(sim))
        vanish(sim);
    if (!sim->plan.backlog && is_time(sim, EVENT_RECORD, MS, 1200 * MS))
        for (uint64_t burst = sim_one_in(&sim->events[EVENT_RECORD].times, 10) ? 12 : 1; burst > 0;
             burst--)
            produce(sim);
    if (sim->plan.stalls && is_time(sim, EVENT_STALL, HR_SECOND, 20 * HR_SECOND) &&
        sim_fault_comes(sim))
        stall(sim);
    int64_t often = sim->plan.ages ? 4 : 20;
    if (sim->plan.compaction && is_time(sim, EVENT_COMPACT, HR_SECOND, often * HR_SECOND) &&
        sim_fault_comes(sim))
        sim_compact(sim);
    if (sim->plan.jumps && is_time(sim, EVENT_JUMP, HR_SECOND, often * HR_SECOND) &&
        sim_fault_comes(sim))
        jump(sim);
    if (sim->plan.rules && is_time(sim, EVENT_RULES, HR_SECOND, 25 * HR_SECOND) &&
        sim_fault_comes(sim))
        change_rules(sim);
    if (sim->plan.brakes && is_time(sim, EVENT_BRAKE, HR_SECOND, 15 * HR_SECOND) &&
        sim_fault_comes(sim))
        end_brake(sim);
    if (sim->plan.steps && is_time(sim, EVENT_STEP, HR_SECOND, 20 * HR_SECOND) &&
        sim_fault_comes(sim))
        step_clock(sim);
    if (sim->plan.deploys && is_time(sim, EVENT_DEPLOY, HR_SECOND, 20 * HR_SECOND) &&
        sim_fault_comes(sim))
        deploy(sim);
    int64_t again = (sim->world == SIM_OPERATORS ? 10 : 30) * HR_SECOND;
    if (sim->plan.restores && is_time(sim, EVENT_RESTORE, again / 6, again) && !sim->restoring &&
        !sim->vanishes_us && sim_fault_comes(sim))
        restore(sim);
    if (sim->plan.rewind && is_time(sim, EVENT_COPY, HR_SECOND, 30 * HR_SECOND))
        sim_redis_keep_copy(sim);
}
