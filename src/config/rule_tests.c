/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of rules, from text to what is played and compared. A table of rows reads them as it reads
 * a configuration, so keys, types and nearest names are the same habit; what is said here is what a
 * test means: a date begins at midnight in `time.zone`, an event is a CloudEvent that arrives at
 * its `at`, and a rule, a level, a cause or a reason that does not exist is an error of the test,
 * not a test that fails. */
#include "headroom/rule_tests.h"

#include "print.h"
#include "read.h"
#include "table.h"

struct event_setting {
    struct hr_moment at, time;
    struct hr_str account, type, id, source, refused;
    const struct hr_node *data;
};
struct trigger_setting {
    struct hr_moment at;
    struct hr_str account, rule, cause, resolved;
    struct hr_written level;
};
struct test_setting {
    struct hr_str name, account;
    struct event_setting *events;
    size_t events_count;
    struct hr_moment until;
    struct trigger_setting *expect;
    size_t expect_count;
};
struct file_setting {
    struct test_setting *tests;
    size_t tests_count;
};

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))
#define LEVEL(rows) (&(const struct hr_level_table){(rows), COUNT(rows)})
#define ROW(key, kind, owner, ...)                                                                 \
    {                                                                                              \
        .name = #key, .type = kind, .offset = offsetof(struct owner, key), __VA_ARGS__             \
    }
#define LIST_OF(key, rows, owner, ...)                                                             \
    {                                                                                              \
        .name = #key, .type = HR_TYPE_LEVEL, .shape = HR_LIST, .level = LEVEL(rows),               \
        .offset = offsetof(struct owner, key),                                                     \
        .count_offset = offsetof(struct owner, key##_count),                                       \
        .entry_size = sizeof *((struct owner *)0)->key, .entries = 1000, __VA_ARGS__               \
    }
#define NAMED .least = 1, .most = 1024

static const struct hr_field event_rows[] = {
    ROW(at, HR_TYPE_MOMENT, event_setting, .flags = HR_REQUIRED),
    ROW(time, HR_TYPE_MOMENT, event_setting),
    ROW(account, HR_TYPE_TEXT, event_setting, NAMED),
    ROW(type, HR_TYPE_TEXT, event_setting, .flags = HR_REQUIRED, NAMED),
    ROW(id, HR_TYPE_TEXT, event_setting, NAMED),
    ROW(source, HR_TYPE_TEXT, event_setting, NAMED, .fallback = "/test"),
    ROW(data, HR_TYPE_TREE, event_setting),
    ROW(refused, HR_TYPE_TEXT, event_setting, NAMED),
};
static const struct hr_field trigger_rows[] = {
    ROW(at, HR_TYPE_MOMENT, trigger_setting, .flags = HR_REQUIRED),
    ROW(account, HR_TYPE_TEXT, trigger_setting, NAMED),
    ROW(rule, HR_TYPE_NAME, trigger_setting, .flags = HR_REQUIRED, .least = 1, .most = 64),
    ROW(level, HR_TYPE_LITERAL, trigger_setting),
    ROW(cause, HR_TYPE_TEXT, trigger_setting, NAMED),
    ROW(resolved, HR_TYPE_TEXT, trigger_setting, NAMED),
};
static const struct hr_field test_rows[] = {
    ROW(name, HR_TYPE_TEXT, test_setting, .flags = HR_REQUIRED, NAMED),
    ROW(account, HR_TYPE_TEXT, test_setting, NAMED),
    LIST_OF(events, event_rows, test_setting, .flags = HR_REQUIRED),
    ROW(until, HR_TYPE_MOMENT, test_setting),
    LIST_OF(expect, trigger_rows, test_setting),
};
static const struct hr_field file_rows[] = {
    LIST_OF(tests, test_rows, file_setting, .flags = HR_REQUIRED),
};
static const struct hr_level_table file_table = {file_rows, COUNT(file_rows)};

struct owner {
    struct hr_rule_tests tests;
    struct hr_arena arena;
};

struct making {
    struct hr_arena *arena;
    struct hr_complainer *complainer;
    const struct hr_rules *rules;
};

/* ------------------------------------------------------------------ names */

/* The number whose name it is, or -1 after a complaint. */
static int find_name(struct making *making, struct hr_str name, const char *(*name_of)(int number),
    int first, int count, const struct hr_path *path)
{
    struct hr_str known[64];
    for (int i = first; i < count; i++) {
        known[i - first] = hr_str(name_of(i));
        if (hr_str_equal(name, known[i - first])) {
            return i;
        }
    }
    hr_complain(making->complainer, path, "is not known%s",
        hr_did_you_mean(making->complainer, name, known, (size_t)(count - first)));
    return -1;
}

static const char *reason_name(int number)
{
    return hr_reason_name((enum hr_reason)number);
}
static const char *cause_name(int number)
{
    return hr_cause_name((enum hr_cause)number);
}
static const char *resolution_name(int number)
{
    return hr_resolution_name((enum hr_resolution)number);
}

static const struct hr_rule *find_rule(
    struct making *making, struct hr_str name, const struct hr_path *path)
{
    const struct hr_rules *rules = making->rules;
    struct hr_str *known = hr_arena_zeroed(making->arena, (rules->rule_count + 1u) * sizeof *known);
    for (uint16_t i = 0; i < rules->rule_count; i++) {
        known[i] = rules->rules[i].name;
        if (hr_str_equal(name, known[i])) {
            return &rules->rules[i];
        }
    }
    hr_complain(making->complainer, path, "is no rule of the configuration%s",
        hr_did_you_mean(making->complainer, name, known, rules->rule_count));
    return NULL;
}

/* ----------------------------------------------------------------- events */

static struct hr_time time_of(const struct making *making, const struct hr_moment *moment)
{
    switch (moment->kind) {
    case HR_MOMENT_DATE:
        return hr_zone_day_start(making->rules->zone, moment->day);
    case HR_MOMENT_TIME:
        return moment->time;
    default:
        return HR_TIME_NONE;
    }
}

static void put_node(struct hr_buffer *buffer, const struct hr_node *node);

static void put_entries(struct hr_buffer *buffer, const struct hr_node *node)
{
    for (const struct hr_node *entry = node->first; entry; entry = entry->next) {
        if (entry != node->first) {
            hr_put_u8(buffer, ',');
        }
        if (node->kind == HR_NODE_MAP) {
            hr_print_quoted(buffer, entry->key);
            hr_put_u8(buffer, ':');
        }
        put_node(buffer, entry);
    }
}

/* As JSON means it: what stands there plainly as a number, true, false or null is one. */
static void put_node(struct hr_buffer *buffer, const struct hr_node *node)
{
    struct hr_decimal ignored;
    if (node->kind != HR_NODE_SCALAR) {
        hr_put_u8(buffer, node->kind == HR_NODE_MAP ? '{' : '[');
        put_entries(buffer, node);
        hr_put_u8(buffer, node->kind == HR_NODE_MAP ? '}' : ']');
        return;
    }
    bool bare =
        node->plain && (hr_str_is(node->text, "true") || hr_str_is(node->text, "false") ||
                           hr_str_is(node->text, "null") ||
                           hr_decimal_parse(node->text, &ignored) != HR_DECIMAL_NOT_A_NUMBER);
    if (bare) {
        hr_put_bytes(buffer, node->text.at, node->text.len);
    } else {
        hr_print_quoted(buffer, node->text);
    }
}

static void put_member(struct hr_buffer *buffer, const char *name, struct hr_str text)
{
    hr_put_printf(buffer, ",\"%s\":", name);
    hr_print_quoted(buffer, text);
}

static void put_time(struct hr_buffer *buffer, const char *name, struct hr_time time)
{
    char text[HR_TIME_TEXT];
    size_t len = hr_time_print(time, text);
    put_member(buffer, name, (struct hr_str){text, len});
}

static struct hr_str event_json(struct making *making, const struct event_setting *from,
    struct hr_str account, struct hr_time at, size_t number)
{
    struct hr_buffer json = {0};
    hr_put_printf(&json, "{\"specversion\":\"1.0\"");
    put_member(&json, "type", from->type);
    put_member(&json, "source", from->source);
    put_member(&json, "id",
        from->id.at ? from->id : hr_arena_printf(making->arena, "event-%zu", number + 1));
    put_member(&json, "subject", account);
    put_time(
        &json, "time", from->time.kind == HR_MOMENT_ABSENT ? at : time_of(making, &from->time));
    put_time(&json, "_now", at);
    hr_put_printf(&json, ",\"data\":");
    if (from->data) {
        put_node(&json, from->data);
    } else {
        hr_put_printf(&json, "{}");
    }
    hr_put_u8(&json, '}');
    struct hr_str line = hr_arena_copy(making->arena, hr_buffer_str(&json));
    hr_buffer_clean_up(&json);
    return line;
}

/* Its own, else the test's. */
static struct hr_str account_of(struct making *making, const struct test_setting *test,
    struct hr_str own, const struct hr_path *path)
{
    if (!own.at && !test->account.at) {
        hr_complain(making->complainer, path, "names no account, and neither does the test");
    }
    return own.at ? own : test->account.at ? test->account : HR_STR("");
}

static void make_events(struct making *making, const struct test_setting *from,
    struct hr_rule_test *test, const struct hr_path *path)
{
    struct hr_path list = hr_path_key(path, HR_STR("events"));
    struct hr_test_event *events =
        hr_arena_zeroed(making->arena, (from->events_count + 1) * sizeof *events);
    struct hr_time before = HR_TIME_NONE;
    for (size_t i = 0; i < from->events_count; i++) {
        const struct event_setting *event = &from->events[i];
        struct hr_path place = hr_path_index(&list, i);
        struct hr_path refused = hr_path_key(&place, HR_STR("refused"));
        struct hr_str account = account_of(making, from, event->account, &place);
        struct hr_time at = time_of(making, &event->at);
        if (at.us < before.us) {
            hr_complain(making->complainer, &place, "comes before the event above it");
        }
        before = at;
        events[i].at = at;
        events[i].line = hr_config_line(making->complainer, &place);
        if (event->refused.at) {
            int reason = find_name(
                making, event->refused, reason_name, HR_REASON_NONE + 1, HR_REASON_COUNT, &refused);
            events[i].refused = reason < 0 ? HR_REASON_NONE : (enum hr_reason)reason;
        }
        if (event->type.at && event->source.at && event->at.kind != HR_MOMENT_ABSENT) {
            events[i].json = event_json(making, event, account, at, i);
        }
    }
    test->events = events;
    test->event_count = from->events_count;
}

/* ------------------------------------------------------------ expectations */

static void make_level(struct making *making, const struct hr_rule *rule,
    const struct hr_written *level, struct hr_test_trigger *trigger, const struct hr_path *path)
{
    struct hr_path place = hr_path_key(path, HR_STR("level"));
    for (uint16_t i = 0; i < rule->level_count; i++) {
        const struct hr_rule_level *known = &rule->levels[i];
        if (hr_decimal_compare(known->value, level->number) == 0 &&
            strcmp(known->currency, level->currency) == 0) {
            trigger->level = known->text;
            return;
        }
    }
    hr_complain(making->complainer, &place, "is no level of rule %s",
        hr_quote(making->complainer, rule->name));
}

static void make_why(struct making *making, const struct trigger_setting *from,
    struct hr_test_trigger *trigger, const struct hr_path *path)
{
    struct hr_path cause = hr_path_key(path, HR_STR("cause"));
    struct hr_path resolved = hr_path_key(path, HR_STR("resolved"));
    trigger->kind = from->resolved.at ? HR_RESOLVED : HR_FIRED;
    trigger->why = -1;
    if (from->resolved.at && from->cause.at) {
        hr_complain(making->complainer, path, "has a cause or is resolved, not both");
    } else if (from->resolved.at && !hr_str_is(from->resolved, "any")) {
        trigger->why =
            find_name(making, from->resolved, resolution_name, 0, HR_MOVED + 1, &resolved);
    } else if (from->cause.at) {
        trigger->why =
            find_name(making, from->cause, cause_name, 0, HR_CAUSE_RULE_CHANGE + 1, &cause);
    }
}

static void make_expected(struct making *making, const struct test_setting *from,
    struct hr_rule_test *test, const struct hr_path *path)
{
    struct hr_path list = hr_path_key(path, HR_STR("expect"));
    struct hr_test_trigger *expected =
        hr_arena_zeroed(making->arena, (from->expect_count + 1) * sizeof *expected);
    for (size_t i = 0; i < from->expect_count; i++) {
        const struct trigger_setting *trigger = &from->expect[i];
        struct hr_path place = hr_path_index(&list, i);
        struct hr_path named = hr_path_key(&place, HR_STR("rule"));
        expected[i] = (struct hr_test_trigger){
            .line = hr_config_line(making->complainer, &place),
            .at = time_of(making, &trigger->at),
            .account = account_of(making, from, trigger->account, &place),
            .rule = trigger->rule,
        };
        make_why(making, trigger, &expected[i], &place);
        const struct hr_rule *rule =
            trigger->rule.at ? find_rule(making, trigger->rule, &named) : NULL;
        if (rule && trigger->level.text.at) {
            make_level(making, rule, &trigger->level, &expected[i], &place);
        }
    }
    test->expected = expected;
    test->expected_count = from->expect_count;
}

static void make_tests(
    struct making *making, const struct file_setting *file, struct hr_rule_tests *tests)
{
    struct hr_path top = {0}, list = hr_path_key(&top, HR_STR("tests"));
    struct hr_rule_test *made =
        hr_arena_zeroed(making->arena, (file->tests_count + 1) * sizeof *made);
    for (size_t i = 0; i < file->tests_count; i++) {
        struct hr_path place = hr_path_index(&list, i);
        made[i].name = file->tests[i].name;
        made[i].line = hr_config_line(making->complainer, &place);
        made[i].until = time_of(making, &file->tests[i].until);
        make_events(making, &file->tests[i], &made[i], &place);
        make_expected(making, &file->tests[i], &made[i], &place);
    }
    *tests = (struct hr_rule_tests){made, file->tests_count};
}

/* -------------------------------------------------------------------- text */

enum hr_fate hr_rule_tests_parse(const struct hr_config_source *source,
    const struct hr_rules *rules, struct hr_rule_tests **tests, struct hr_complaints *complaints)
{
    struct owner *owner = hr_alloc(sizeof *owner);
    struct hr_arena scratch;
    struct hr_tree_problem problem;
    struct file_setting file = {0};
    hr_arena_init(&owner->arena);
    hr_arena_init(&scratch);
    *complaints = (struct hr_complaints){0};
    struct hr_complainer complainer = {
        .arena = &scratch, .file = source->file, .complaints = complaints};
    const struct hr_reading reading = {.arena = &owner->arena, .complainer = &complainer};
    struct making making = {&owner->arena, &complainer, rules};
    complainer.root = hr_tree_read(source->text, &owner->arena, &problem);
    if (complainer.root) {
        struct hr_path top = {0};
        hr_read_level(&reading, &file_table, complainer.root, &top, &file);
        make_tests(&making, &file, &owner->tests);
    } else {
        hr_complain_line(&complainer, problem.line, problem.text);
    }
    enum hr_fate fate = hr_complaints_finish(&complainer);
    hr_arena_clean_up(&scratch);
    *tests = fate == HR_OK ? &owner->tests : NULL;
    if (fate != HR_OK) {
        hr_rule_tests_destroy(&owner->tests);
    }
    return fate;
}

void hr_rule_tests_destroy(struct hr_rule_tests *tests)
{
    if (!tests) {
        return;
    }
    struct owner *owner = (struct owner *)tests; /* its first member */
    hr_arena_clean_up(&owner->arena);
    hr_free(owner);
}
