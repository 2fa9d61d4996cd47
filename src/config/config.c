/* SPDX-License-Identifier: Apache-2.0 */
/* The way from text to what others use: tree, settings, checks, tables, canonical text. Both doors
 * (a user's file, a manifest's text) take the same way, so a rule set that was announced cannot
 * mean something else than the file it came from. */
#include "check.h"
#include "compile.h"
#include "headroom/hash.h"
#include "print.h"
#include "read.h"
#include "report.h"

/* The manifest is one Kafka record; the default limit of a topic is 1 MiB. */
#define RULES_TEXT_MOST ((size_t)512 * 1024)

struct rules_owner {
    struct hr_rules rules;
    struct hr_arena arena;
};

struct config_owner {
    struct hr_config config;
    struct rules_owner rules; /* its arena holds everything of the configuration */
};

static void clean_up_complainer(struct hr_complainer *complainer)
{
    hr_arena_clean_up(complainer->arena);
}

/* From text to settings. False: the text is no tree at all. */
static bool read_text(struct hr_complainer *complainer, struct hr_reading *reading,
    struct hr_str text, struct hr_settings *settings)
{
    struct hr_tree_problem problem;
    struct hr_node *root = hr_tree_read(text, reading->arena, &problem);
    if (!root) {
        hr_complain_line(complainer, problem.line, problem.text);
        return false;
    }
    complainer->root = root;
    hr_read_settings(reading, root, settings);
    return true;
}

static struct hr_str print_text(
    struct hr_arena *arena, const struct hr_settings *settings, bool only_deciding)
{
    struct hr_buffer buffer = {0};
    hr_print_settings(settings, only_deciding, &buffer);
    struct hr_str text = hr_arena_copy(arena, hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
    return text;
}

static void compile_rules(struct rules_owner *owner, struct hr_complainer *complainer,
    const struct hr_zones *zones, struct hr_settings *settings)
{
    struct hr_compiling compiling = {
        .arena = &owner->arena,
        .complainer = complainer,
        .zones = zones,
        .settings = settings,
        .rules = &owner->rules,
    };
    hr_compile(&compiling);
    if (complainer->complaints->count > 0) {
        return;
    } /* settings with holes have no canonical text */
    owner->rules.text = print_text(&owner->arena, settings, true);
    struct hr_hash128 hash = hr_hash128(owner->rules.text);
    struct hr_str hex = hr_arena_printf(&owner->arena, "%016llx%016llx",
        (unsigned long long)hash.high, (unsigned long long)hash.low);
    memcpy(owner->rules.fingerprint, hex.at, sizeof owner->rules.fingerprint);
    if (owner->rules.text.len > RULES_TEXT_MOST) {
        hr_complain_line(complainer, 0,
            HR_STR("is too large: what decides must fit a Kafka record, 512 KiB when printed"));
    }
}

enum hr_fate hr_rules_parse(struct hr_str text, uint32_t epoch, const struct hr_zones *zones,
    struct hr_rules **rules, struct hr_complaints *complaints)
{
    struct rules_owner *owner = hr_alloc(sizeof *owner);
    struct hr_arena scratch;
    struct hr_settings settings;
    hr_arena_init(&owner->arena);
    hr_arena_init(&scratch);
    *complaints = (struct hr_complaints){0};
    struct hr_complainer complainer = {
        .arena = &scratch, .file = "rules", .complaints = complaints};
    struct hr_reading reading = {
        .arena = &owner->arena, .complainer = &complainer, .only_deciding = true};
    if (read_text(&complainer, &reading, text, &settings)) {
        compile_rules(owner, &complainer, zones, &settings);
    }
    owner->rules.epoch = epoch;
    enum hr_fate fate = hr_complaints_finish(&complainer);
    clean_up_complainer(&complainer);
    *rules = fate == HR_OK ? &owner->rules : NULL;
    if (fate != HR_OK) {
        hr_rules_destroy(&owner->rules);
    }
    return fate;
}

void hr_rules_destroy(struct hr_rules *rules)
{
    if (!rules) {
        return;
    }
    struct rules_owner *owner = (struct rules_owner *)rules; /* its first member */
    hr_arena_clean_up(&owner->arena);
    hr_free(owner);
}

static void fill_config(struct config_owner *owner, const struct hr_settings *settings)
{
    struct hr_arena *arena = &owner->rules.arena;
    size_t count = settings->kafka.properties_count;
    struct hr_property *properties = hr_arena_zeroed(arena, (count + 1) * sizeof *properties);
    for (size_t i = 0; i < count; i++) {
        const struct hr_property_setting *from = &settings->kafka.properties[i];
        properties[i] =
            (struct hr_property){from->name, from->value.value, from->value.from_environment};
    }
    owner->config = (struct hr_config){
        .brokers = settings->kafka.brokers.value,
        .group = settings->kafka.group,
        .properties = properties,
        .property_count = count,
        .redis_url = settings->redis.url.value,
        .prefix = settings->redis.prefix,
        .instance = settings->instance.value,
        .trigger_topic = settings->triggers.topic,
        .dead_letter_topic = settings->dead_letters.topic,
        .internal_topic = settings->internal.topic,
        .changelog_topic = settings->changelog.topic,
        .listen = settings->http.listen.value,
        .account_memory = (uint64_t)settings->limits.account_memory,
        .dedup_memory = (uint64_t)settings->dedup.memory,
        .batch_us = settings->limits.batch_us,
        .batch_bytes = (uint64_t)settings->limits.batch_bytes,
        .session_us = settings->kafka.session_us,
        .transaction_us = settings->kafka.transaction_us,
        .rules = &owner->rules.rules,
        .text = print_text(arena, settings, false),
    };
}

enum hr_fate hr_config_parse(const struct hr_config_source *source, struct hr_config **config,
    struct hr_complaints *complaints)
{
    struct config_owner *owner = hr_alloc(sizeof *owner);
    struct hr_arena *arena = &owner->rules.arena, scratch;
    struct hr_settings settings;
    struct hr_report_settings reports;
    hr_arena_init(arena);
    hr_arena_init(&scratch);
    *complaints = (struct hr_complaints){0};
    struct hr_complainer complainer = {
        .arena = &scratch, .file = source->file, .complaints = complaints};
    struct hr_reading reading = {.arena = arena,
        .complainer = &complainer,
        .environment = source->environment,
        .context = source->context};
    if (read_text(&complainer, &reading, source->text, &settings)) {
        hr_check_connections(&complainer, arena, &settings);
        hr_check_reports(&complainer, &settings, &reports);
        hr_check_rules(&complainer, &settings);
        compile_rules(&owner->rules, &complainer, source->zones, &settings);
    }
    enum hr_fate fate = hr_complaints_finish(&complainer);
    if (fate == HR_OK) {
        fill_config(owner, &settings);
        owner->config.reports = reports;
    }
    clean_up_complainer(&complainer);
    *config = fate == HR_OK ? &owner->config : NULL;
    if (fate != HR_OK) {
        hr_config_destroy(&owner->config);
    }
    return fate;
}

void hr_config_destroy(struct hr_config *config)
{
    if (!config) {
        return;
    }
    struct config_owner *owner = (struct config_owner *)config; /* its first member */
    hr_arena_clean_up(&owner->rules.arena);
    hr_free(owner);
}
