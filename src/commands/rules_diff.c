/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom rules diff [OLD] NEW`: what would change, for whom, if NEW took the place of OLD now.
 *
 * Nothing is worked out beside the core: each account is loaded into a home of its own, takes OLD
 * over with an event that says nothing, and then NEW with another one at the same moment. What the
 * second one decides is what the change of rules does: a trigger that fires or resolves, a level
 * that is claimed, one that begins to wait. The state in Redis is only read. */
#include "rules.h"

#include "configuration.h"
#include "headroom/describe.h"
#include "headroom/hash.h"
#include "headroom/map.h"
#include "options.h"
#include "print.h"
#include "rules_text.h"

#include <inttypes.h>
#include <stdlib.h>

enum effect_kind { FIRES, RESOLVES, CLAIMS, WAITS };
static const char *const effect_names[] = {"fires", "resolves", "claims", "waits"};

struct effect {
    struct hr_str rule, level;
    enum effect_kind kind;
    uint64_t accounts;
};

struct listed {
    struct hr_str account, rule, level, why;
    enum effect_kind kind;
};

struct difference {
    struct hr_rules_request *request;
    struct hr_rules *old, *new; /* under the next two epochs, which nobody stores */
    struct hr_arena kept, scratch;
    struct hr_map seen; /* names of accounts, each an hr_str: a walk may show one twice */
    struct effect *effects;
    size_t effect_count, effect_room;
    struct listed *listed;
    size_t listed_count, listed_room;
    uint64_t accounts, touched, noted; /* noted: effects, over all accounts */
    struct hr_time now;
    struct hr_error error;
};

/* --- the two rule sets ---------------------------------------------------------------------------
 */

static int parse(
    struct difference *difference, struct hr_str text, uint32_t epoch, struct hr_rules **rules)
{
    struct hr_complaints complaints;
    enum hr_fate fate =
        hr_rules_parse(text, epoch, difference->request->stored.manifest.zones, rules, &complaints);
    if (fate != HR_OK) {
        hr_say_complaints(&complaints);
    }
    hr_complaints_clean_up(&complaints);
    return fate == HR_OK ? HR_EXIT_DONE : HR_EXIT_FAILED;
}

/* An epoch's number, else a file. */
static int read_side(
    struct difference *difference, const char *name, uint32_t as_epoch, struct hr_rules **rules)
{
    struct hr_manifest_copy *manifest = &difference->request->stored.manifest;
    uint32_t epoch = hr_rules_epoch(name);
    if (epoch) {
        const struct hr_rules *known = hr_manifest_copy_rules(manifest, epoch);
        return known
                   ? parse(difference, known->text, as_epoch, rules)
                   : hr_misuse(difference->request->command,
                         "there is no epoch %" PRIu32 "; `headroom rules list` shows them", epoch);
    }
    struct hr_config *config;
    int status = hr_load_config(difference->request->command, name, manifest->zones, &config);
    if (status == HR_EXIT_DONE) {
        status = parse(difference, config->rules->text, as_epoch, rules);
    }
    hr_config_destroy(config);
    return status;
}

static int read_sides(struct difference *difference)
{
    const struct hr_rules_request *request = difference->request;
    char current[16];
    snprintf(current, sizeof current, "%" PRIu32, request->stored.manifest.epoch);
    bool both = request->operand_count == 2;
    int status = read_side(difference, both ? request->operands[0] : current,
        request->stored.manifest.epoch + 1, &difference->old);
    if (status != HR_EXIT_DONE) {
        return status;
    }
    status = read_side(difference, request->operands[both ? 1 : 0],
        request->stored.manifest.epoch + 2, &difference->new);
    if (status == HR_EXIT_DONE &&
        hr_rules_may_follow(difference->old, difference->new, &difference->error) != HR_OK) {
        hr_say(request->command, "%s", difference->error.text);
        status = HR_EXIT_FAILED;
    }
    return status;
}

static const struct hr_rules *rules_of(void *context, uint32_t epoch)
{
    struct difference *difference = context;
    return epoch == difference->old->epoch ? difference->old
           : epoch == difference->new->epoch
               ? difference->new
               : hr_manifest_copy_rules(&difference->request->stored.manifest, epoch);
}

/* --- one account ---------------------------------------------------------------------------------
 */

static void count_effect(
    struct difference *difference, struct hr_str rule, struct hr_str level, enum effect_kind kind)
{
    for (size_t i = 0; i < difference->effect_count; i++) {
        struct effect *effect = &difference->effects[i];
        if (effect->kind == kind && hr_str_equal(effect->rule, rule) &&
            hr_str_equal(effect->level, level)) {
            effect->accounts++;
            return;
        }
    }
    if (difference->effect_count == difference->effect_room) {
        difference->effect_room = difference->effect_room ? 2 * difference->effect_room : 32;
        difference->effects =
            hr_resize(difference->effects, difference->effect_room * sizeof *difference->effects);
    }
    difference->effects[difference->effect_count++] = (struct effect){
        hr_arena_copy(&difference->kept, rule), hr_arena_copy(&difference->kept, level), kind, 1};
}

static void note(struct difference *difference, struct hr_str account, struct hr_str rule,
    struct hr_str level, enum effect_kind kind, struct hr_str why)
{
    level = hr_level_shown(&difference->scratch, level);
    count_effect(difference, rule, level, kind);
    difference->noted++;
    if (difference->listed_count >= (size_t)difference->request->limit) {
        return;
    }
    if (difference->listed_count == difference->listed_room) {
        difference->listed_room = difference->listed_room ? 2 * difference->listed_room : 32;
        difference->listed =
            hr_resize(difference->listed, difference->listed_room * sizeof *difference->listed);
    }
    struct hr_arena *kept = &difference->kept;
    difference->listed[difference->listed_count++] = (struct listed){hr_arena_copy(kept, account),
        hr_arena_copy(kept, rule), hr_arena_copy(kept, level), hr_arena_copy(kept, why), kind};
}

/* An event that says nothing: the account takes the home's rules over and is evaluated. */
static bool touch(struct difference *difference, struct hr_home *home, struct hr_str account,
    uint64_t number, struct hr_outbox *outbox)
{
    static const struct hr_fact fact = {.kind = HR_FACT_ACCOUNT_UPDATED};
    const struct hr_record record = {.event = {.account = account,
                                         .source = HR_STR("headroom rules diff"),
                                         .id = HR_STR(""),
                                         .type = HR_STR("account.updated"),
                                         .time = difference->now,
                                         .identity = number,
                                         .body = number,
                                         .fact = &fact},
        .account = account,
        .arrival = difference->now,
        .clock = difference->now};
    hr_outbox_init(outbox, &difference->scratch);
    return hr_home_apply(home, &record, outbox) == HR_COUNTED;
}

static bool is_among(const struct hr_row *row, const struct hr_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].section, row->section) == 0 && hr_str_equal(rows[i].name, row->name) &&
            hr_str_equal(rows[i].value, row->value)) {
            return true;
        }
    }
    return false;
}

/* Levels that are claimed or wait now and did not before; what fired is a trigger. */
static void note_levels(struct difference *difference, struct hr_str account,
    const struct hr_row *before, size_t before_count, const struct hr_row *after, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct hr_row *row = &after[i];
        bool claimed =
            strcmp(row->section, HR_DESCRIBE_EPISODES) == 0 && hr_str_is(row->value, "claimed");
        bool waits = strcmp(row->section, HR_DESCRIBE_WAITING) == 0;
        if ((!claimed && !waits) || is_among(row, before, before_count)) {
            continue;
        }
        const char *space = memchr(row->name.at, ' ', row->name.len);
        size_t rule = space ? (size_t)(space - row->name.at) : row->name.len;
        note(difference, account, (struct hr_str){row->name.at, rule},
            (struct hr_str){row->name.at + rule + 1, row->name.len - rule - 1},
            claimed ? CLAIMS : WAITS,
            claimed ? HR_STR("")
                    : hr_arena_printf(&difference->scratch, "%.*s, %.*s", (int)row->value.len,
                          row->value.at, (int)row->detail.len, row->detail.at));
    }
}

static void note_triggers(
    struct difference *difference, struct hr_str account, const struct hr_outbox *outbox)
{
    for (size_t i = 0; i < outbox->trigger_count; i++) {
        const struct hr_trigger *trigger = &outbox->triggers[i];
        bool fired = trigger->kind == HR_FIRED;
        note(difference, account, trigger->rule->name, trigger->level->text,
            fired ? FIRES : RESOLVES,
            hr_str(
                fired ? hr_cause_name(trigger->cause) : hr_resolution_name(trigger->resolution)));
    }
}

static void compare(struct difference *difference, struct hr_home *home, struct hr_str account)
{
    struct hr_arena *scratch = &difference->scratch;
    struct hr_outbox outbox;
    struct hr_row *before, *after;
    size_t before_count, count;
    uint64_t noted = difference->noted;
    if (!touch(difference, home, account, 1, &outbox)) {
        return; /* an alias */
    }
    before_count = hr_home_describe(home, account, scratch, &before);
    hr_home_set_rules(home, difference->new, hr_home_clock(home));
    if (!touch(difference, home, account, 2, &outbox)) {
        return;
    }
    count = hr_home_describe(home, account, scratch, &after);
    note_triggers(difference, account, &outbox);
    note_levels(difference, account, before, before_count, after, count);
    difference->accounts++;
    difference->touched += difference->noted > noted;
}

static struct hr_str seen_name(const void *value)
{
    return *(const struct hr_str *)value;
}

static bool take_account(void *context, struct hr_str name, const struct hr_str *view, size_t count)
{
    (void)view;
    (void)count;
    struct difference *difference = context;
    uint64_t hash = hr_hash64(name, 0);
    if (hr_map_find(&difference->seen, hash, name)) {
        return true;
    }
    struct hr_str *kept = hr_arena_take(&difference->kept, sizeof *kept);
    *kept = hr_arena_copy(&difference->kept, name);
    hr_map_put(&difference->seen, hash, kept);
    return true;
}

/* --- all of them ---------------------------------------------------------------------------------
 */

static enum hr_fate compare_one(struct difference *difference, struct hr_str account)
{
    struct hr_stored *stored = &difference->request->stored;
    uint32_t number = hr_home_of(account, stored->manifest.homes);
    struct hr_home_settings settings = hr_stored_home(stored, number);
    settings.rules = difference->old;
    settings.rules_of = rules_of;
    settings.context = difference;
    struct hr_pool *pool = hr_pool_new();
    struct hr_home *home = hr_home_new(&settings, pool);
    enum hr_fate fate =
        hr_stored_load(stored, home, number, account, &difference->scratch, &difference->error);
    if (fate == HR_OK) {
        compare(difference, home, account);
    }
    hr_home_destroy(home);
    hr_pool_destroy(pool);
    hr_arena_reset(&difference->scratch);
    return fate;
}

static enum hr_fate compare_all(struct difference *difference)
{
    enum hr_fate fate = hr_redis_views(
        &difference->request->stored.store, take_account, difference, &difference->error);
    const struct hr_str *name;
    for (size_t at = 0; fate == HR_OK && (name = hr_map_next(&difference->seen, &at)) != NULL;) {
        fate = compare_one(difference, *name);
    }
    return fate;
}

/* --- what is said --------------------------------------------------------------------------------
 */

static int by_rule(const void *a, const void *b)
{
    const struct effect *left = a, *right = b;
    int order = hr_str_compare(left->rule, right->rule);
    order = order ? order : hr_str_compare(left->level, right->level);
    return order ? order : (int)left->kind - (int)right->kind;
}

static int by_account(const void *a, const void *b)
{
    const struct listed *left = a, *right = b;
    int order = hr_str_compare(left->account, right->account);
    order = order ? order : hr_str_compare(left->rule, right->rule);
    return order ? order : hr_str_compare(left->level, right->level);
}

static void print_changes(const struct hr_setting_change *changes, size_t count)
{
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"", "KEY", "BEFORE", "AFTER", NULL});
    for (size_t i = 0; i < count; i++) {
        const struct hr_setting_change *change = &changes[i];
        hr_grid_row(&grid, (struct hr_str[]){!change->before.at  ? HR_STR("+")
                                             : !change->after.at ? HR_STR("-")
                                                                 : HR_STR("~"),
                               change->path, change->before.at ? change->before : HR_STR(""),
                               change->after.at ? change->after : HR_STR("")});
    }
    hr_grid_print(&grid, "", stdout);
    hr_grid_clean_up(&grid);
}

static void print_effects(const struct difference *difference)
{
    struct hr_grid grid;
    struct hr_arena arena;
    hr_arena_init(&arena);
    printf("\n%" PRIu64 " of %" PRIu64 " accounts are touched\n", difference->touched,
        difference->accounts);
    if (difference->effect_count > 0) {
        printf("\n");
        hr_grid_init(&grid, (const char *const[]){"RULE", ">LEVEL", "DOES", ">ACCOUNTS", NULL});
        for (size_t i = 0; i < difference->effect_count; i++) {
            const struct effect *effect = &difference->effects[i];
            hr_grid_row(&grid,
                (struct hr_str[]){effect->rule, effect->level, hr_str(effect_names[effect->kind]),
                    hr_arena_printf(&arena, "%" PRIu64, effect->accounts)});
        }
        hr_grid_print(&grid, "", stdout);
        hr_grid_clean_up(&grid);
    }
    if (difference->listed_count > 0) {
        printf("\n");
        hr_grid_init(
            &grid, (const char *const[]){"ACCOUNT", "RULE", ">LEVEL", "DOES", "WHY", NULL});
        for (size_t i = 0; i < difference->listed_count; i++) {
            const struct listed *one = &difference->listed[i];
            hr_grid_row(&grid, (struct hr_str[]){one->account, one->rule, one->level,
                                   hr_str(effect_names[one->kind]), one->why});
        }
        hr_grid_print(&grid, "", stdout);
        hr_grid_clean_up(&grid);
    }
    hr_arena_clean_up(&arena);
}

static void put_text_or_null(struct hr_doc *doc, const char *key, struct hr_str text)
{
    if (text.at) {
        hr_doc_text(doc, key, text);
    } else {
        hr_doc_null(doc, key);
    }
}

static void print_json(const struct difference *difference, const struct hr_setting_change *changes,
    size_t change_count)
{
    struct hr_buffer buffer = {0};
    struct hr_doc doc = {.buffer = &buffer};
    hr_doc_open(&doc, NULL, '{');
    hr_doc_open(&doc, "changes", '[');
    for (size_t i = 0; i < change_count; i++) {
        hr_doc_open(&doc, NULL, '{');
        hr_doc_text(&doc, "key", changes[i].path);
        put_text_or_null(&doc, "before", changes[i].before);
        put_text_or_null(&doc, "after", changes[i].after);
        hr_doc_close(&doc, '}');
    }
    hr_doc_close(&doc, ']');
    hr_doc_number(&doc, "accounts", (int64_t)difference->accounts);
    hr_doc_number(&doc, "touched", (int64_t)difference->touched);
    hr_doc_open(&doc, "effects", '[');
    for (size_t i = 0; i < difference->effect_count; i++) {
        const struct effect *effect = &difference->effects[i];
        hr_doc_open(&doc, NULL, '{');
        hr_doc_text(&doc, "rule", effect->rule);
        hr_doc_text(&doc, "level", effect->level);
        hr_doc_text(&doc, "does", hr_str(effect_names[effect->kind]));
        hr_doc_number(&doc, "accounts", (int64_t)effect->accounts);
        hr_doc_close(&doc, '}');
    }
    hr_doc_close(&doc, ']');
    hr_doc_open(&doc, "listed", '[');
    for (size_t i = 0; i < difference->listed_count; i++) {
        const struct listed *one = &difference->listed[i];
        hr_doc_open(&doc, NULL, '{');
        hr_doc_bytes(&doc, "account", one->account);
        hr_doc_text(&doc, "rule", one->rule);
        hr_doc_text(&doc, "level", one->level);
        hr_doc_text(&doc, "does", hr_str(effect_names[one->kind]));
        hr_doc_text(&doc, "why", one->why);
        hr_doc_close(&doc, '}');
    }
    hr_doc_close(&doc, ']');
    hr_doc_close(&doc, '}');
    hr_doc_print(&doc);
}

static void print_difference(struct difference *difference)
{
    struct hr_setting_change *changes;
    size_t count =
        hr_rules_changes(difference->old->text, difference->new->text, &difference->kept, &changes);
    if (difference->effect_count > 0) {
        qsort(difference->effects, difference->effect_count, sizeof *difference->effects, by_rule);
    }
    if (difference->listed_count > 0) {
        qsort(difference->listed, difference->listed_count, sizeof *difference->listed, by_account);
    }
    if (difference->request->json) {
        print_json(difference, changes, count);
        return;
    }
    if (count > 0) {
        print_changes(changes, count);
    } else {
        printf("the rules are the same\n");
    }
    print_effects(difference);
}

int hr_rules_diff(struct hr_rules_request *request)
{
    struct difference difference = {.request = request, .now = hr_clock_now()};
    hr_arena_init(&difference.kept);
    hr_arena_init(&difference.scratch);
    hr_map_init(&difference.seen, seen_name, NULL);
    int status = read_sides(&difference);
    if (status == HR_EXIT_DONE) {
        if (compare_all(&difference) == HR_OK) {
            print_difference(&difference);
        } else {
            hr_say(request->command, "%s", difference.error.text);
            status = HR_EXIT_FAILED;
        }
    }
    hr_map_clean_up(&difference.seen);
    hr_rules_destroy(difference.old);
    hr_rules_destroy(difference.new);
    hr_free(difference.effects);
    hr_free(difference.listed);
    hr_arena_clean_up(&difference.scratch);
    hr_arena_clean_up(&difference.kept);
    return status;
}
