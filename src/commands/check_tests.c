/* SPDX-License-Identifier: Apache-2.0 */
/* Each test is a playback of its own: its events through the core of the running system in virtual
 * time, what fires beside what was expected. A trigger is expected once and each expectation is met
 * once, in the order of time; what is left over on either side is the difference. An event that is
 * refused and was not meant to be fails its test, for then the history is not the one that the
 * author had in mind. */
#include "check_tests.h"

#include "configuration.h"
#include "headroom/rule_tests.h"
#include "options.h"
#include "playback.h"
#include "print.h"

enum { FORMAT_WIDTH = 24 }; /* of a time in the difference */

/* A line of the story: what came, was expected, or both. */
enum mark { AS_EXPECTED, MISSING, UNEXPECTED, REFUSED };
struct difference {
    enum mark mark;
    struct hr_time at;
    struct hr_str text;
    unsigned line; /* of the expectation or the event; 0 when it came from nowhere */
};

struct trial {
    const struct hr_config *config;
    const struct hr_zones *zones;
    const struct hr_rule_test *test;
    struct hr_arena arena;
    struct difference *lines;
    size_t count, room;
    bool *met;                         /* by expectation */
    const struct hr_test_event *event; /* under way, or the last one */
    bool refused;                      /* as it was meant to be */
    size_t wrong;
};

static void add(
    struct trial *trial, enum mark mark, struct hr_time at, struct hr_str text, unsigned line)
{
    if (trial->count == trial->room) {
        trial->room = trial->room ? 2 * trial->room : 16;
        trial->lines = hr_resize(trial->lines, trial->room * sizeof *trial->lines);
    }
    trial->lines[trial->count++] = (struct difference){mark, at, text, line};
    trial->wrong += mark != AS_EXPECTED;
}

/* --- what comes ----------------------------------------------------------------------------------
 */

static const char *why_name(enum hr_trigger_kind kind, int why)
{
    return why < 0            ? "for any reason"
           : kind == HR_FIRED ? hr_cause_name((enum hr_cause)why)
                              : hr_resolution_name((enum hr_resolution)why);
}

static struct hr_str story(struct trial *trial, struct hr_str account, struct hr_str rule,
    struct hr_str level, enum hr_trigger_kind kind, int why)
{
    return hr_arena_printf(&trial->arena, "%s  %s %s  %s, %s",
        hr_printable(&trial->arena, account, 100), hr_printable(&trial->arena, rule, 100),
        hr_printable(&trial->arena,
            level.at ? hr_level_shown(&trial->arena, level) : HR_STR("any level"), 100),
        kind == HR_FIRED ? "fired" : "resolved", why_name(kind, why));
}

static int why_of(const struct hr_trigger *trigger)
{
    return trigger->kind == HR_FIRED ? (int)trigger->cause : (int)trigger->resolution;
}

static bool meets(const struct hr_trigger *trigger, const struct hr_test_trigger *expected)
{
    return trigger->kind == expected->kind && trigger->decided.us == expected->at.us &&
           hr_str_equal(trigger->account, expected->account) &&
           hr_str_equal(trigger->rule->name, expected->rule) &&
           (!expected->level.at || hr_str_equal(trigger->level->text, expected->level)) &&
           (expected->why < 0 || why_of(trigger) == expected->why);
}

static void take_trigger(void *context, const struct hr_trigger *trigger)
{
    struct trial *trial = context;
    const struct hr_rule_test *test = trial->test;
    struct hr_str text = story(trial, trigger->account, trigger->rule->name, trigger->level->text,
        trigger->kind, why_of(trigger));
    for (size_t i = 0; i < test->expected_count; i++) {
        if (!trial->met[i] && meets(trigger, &test->expected[i])) {
            trial->met[i] = true;
            add(trial, AS_EXPECTED, trigger->decided, text, test->expected[i].line);
            return;
        }
    }
    add(trial, UNEXPECTED, trigger->decided, text, 0);
}

static void take_refusal(void *context, enum hr_reason reason, const char *detail)
{
    struct trial *trial = context;
    const struct hr_test_event *event = trial->event;
    if (!trial->refused && event->refused == reason) {
        trial->refused = true;
        return;
    }
    add(trial, REFUSED, event->at,
        hr_arena_printf(
            &trial->arena, "the event was refused, %s: %s", hr_reason_name(reason), detail),
        event->line);
}

/* --- one test ------------------------------------------------------------------------------------
 */

static enum hr_fate play_events(
    struct trial *trial, struct hr_playback *playback, struct hr_error *error)
{
    const struct hr_rule_test *test = trial->test;
    enum hr_fate fate = HR_OK;
    for (size_t i = 0; i < test->event_count && fate == HR_OK; i++) {
        const struct hr_test_event *event = &test->events[i];
        trial->event = event;
        trial->refused = false;
        fate = hr_playback_lines(playback, "", event->line, &event->json, 1, false, error);
        if (event->refused && !trial->refused) {
            add(trial, REFUSED, event->at,
                hr_arena_printf(&trial->arena, "the event was not refused, %s was expected",
                    hr_reason_name(event->refused)),
                event->line);
        }
    }
    return fate == HR_OK ? hr_playback_finish(playback, test->until, error) : fate;
}

/* What never came takes its place in time among what did. */
static void add_missing(struct trial *trial)
{
    for (size_t i = 0; i < trial->test->expected_count; i++) {
        const struct hr_test_trigger *expected = &trial->test->expected[i];
        if (trial->met[i]) {
            continue;
        }
        add(trial, MISSING, expected->at,
            story(trial, expected->account, expected->rule, expected->level, expected->kind,
                expected->why),
            expected->line);
        struct difference moved = trial->lines[trial->count - 1];
        size_t to = trial->count - 1;
        for (; to > 0 && trial->lines[to - 1].at.us > moved.at.us; to--) {
            trial->lines[to] = trial->lines[to - 1];
        }
        trial->lines[to] = moved;
    }
}

static enum hr_fate try_one(struct trial *trial, struct hr_error *error)
{
    const struct hr_playback_settings settings = {.config = trial->config,
        .zones = trial->zones,
        .format = hr_format_preset(HR_STR("cloudevents")),
        .max_step_us = INT64_MAX,
        .triggers = -1,
        .dead_letters = -1,
        .decided = take_trigger,
        .refused = take_refusal,
        .context = trial};
    struct hr_playback *playback = hr_playback_new(&settings);
    trial->met = hr_arena_zeroed(&trial->arena, trial->test->expected_count + 1);
    enum hr_fate fate = play_events(trial, playback, error);
    add_missing(trial);
    hr_playback_destroy(playback);
    return fate;
}

/* --- what is said --------------------------------------------------------------------------------
 */

static const char *note(const struct trial *trial, const struct difference *line)
{
    switch (line->mark) {
    case MISSING:
        return line->at.us < trial->config->rules->live_from.us
                   ? "  (expected, did not come: it is before start.live_from)"
                   : "  (expected, did not come)";
    case UNEXPECTED:
        return "  (came, not expected)";
    default:
        return "";
    }
}

static void print_trial(const struct trial *trial, const char *file)
{
    static const char marks[] = {' ', '-', '+', '!'};
    struct hr_arena *arena = (struct hr_arena *)&trial->arena;
    const char *name = hr_printable(arena, trial->test->name, 200);
    if (trial->wrong == 0) {
        printf("ok %s\n", name);
        return;
    }
    printf("not ok %s\n  %s:%u\n", name, file, trial->test->line);
    for (size_t i = 0; i < trial->count; i++) {
        const struct difference *line = &trial->lines[i];
        char time[HR_TIME_TEXT];
        hr_time_print(line->at, time);
        printf("  %c %-*s  %.*s%s", marks[line->mark], FORMAT_WIDTH, time, (int)line->text.len,
            line->text.at, note(trial, line));
        printf(line->line ? "  line %u\n" : "\n", line->line);
    }
}

static void print_trial_json(const struct trial *trial, const char *file)
{
    static const char *const names[] = {"as_expected", "missing", "unexpected", "refused"};
    struct hr_buffer buffer = {0};
    struct hr_doc doc = {.buffer = &buffer};
    hr_doc_open(&doc, NULL, '{');
    hr_doc_text(&doc, "test", trial->test->name);
    hr_doc_text(&doc, "file", hr_str(file));
    hr_doc_number(&doc, "line", trial->test->line);
    hr_doc_flag(&doc, "passed", trial->wrong == 0);
    hr_doc_open(&doc, "triggers", '[');
    for (size_t i = 0; i < trial->count; i++) {
        const struct difference *line = &trial->lines[i];
        hr_doc_open(&doc, NULL, '{');
        hr_doc_text(&doc, "is", hr_str(names[line->mark]));
        hr_doc_time(&doc, "at", line->at);
        hr_doc_text(&doc, "text", line->text);
        hr_doc_number(&doc, "line", line->line);
        hr_doc_close(&doc, '}');
    }
    hr_doc_close(&doc, ']');
    hr_doc_close(&doc, '}');
    hr_doc_print(&doc);
}

struct tally {
    size_t passed, failed;
};

static enum hr_fate try_all(const struct hr_config *config, const struct hr_zones *zones,
    const struct hr_rule_tests *tests, const char *file, bool json, struct tally *tally,
    struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    for (size_t i = 0; i < tests->count && fate == HR_OK; i++) {
        struct trial trial = {.config = config, .zones = zones, .test = &tests->at[i]};
        hr_arena_init(&trial.arena);
        fate = try_one(&trial, error);
        if (json) {
            print_trial_json(&trial, file);
        } else {
            print_trial(&trial, file);
        }
        *(trial.wrong ? &tally->failed : &tally->passed) += 1;
        hr_free(trial.lines);
        hr_arena_clean_up(&trial.arena);
    }
    return fate;
}

static int check_file(const struct hr_command *command, const struct hr_config *config,
    const struct hr_zones *zones, const char *file, bool json, struct tally *tally)
{
    struct hr_buffer text = {0};
    struct hr_rule_tests *tests = NULL;
    struct hr_complaints complaints = {0};
    struct hr_error error;
    int status = HR_EXIT_MISUSE;
    if (hr_read_file(file, HR_LARGEST_FILE, &text, &error) != HR_OK) {
        hr_say(command, "%s", error.text);
    } else {
        const struct hr_config_source source = {
            .file = file, .text = hr_buffer_str(&text), .zones = zones};
        if (hr_rule_tests_parse(&source, config->rules, &tests, &complaints) != HR_OK) {
            hr_say_complaints(&complaints);
        } else if (try_all(config, zones, tests, file, json, tally, &error) != HR_OK) {
            hr_say(command, "%s", error.text);
            status = HR_EXIT_FAILED;
        } else {
            status = HR_EXIT_DONE;
        }
    }
    hr_rule_tests_destroy(tests);
    hr_complaints_clean_up(&complaints);
    hr_buffer_clean_up(&text);
    return status;
}

int hr_check_tests(const struct hr_command *command, const struct hr_config *config,
    const struct hr_zones *zones, const char *const *files, size_t file_count, bool json)
{
    struct tally tally = {0};
    int status = HR_EXIT_DONE;
    for (size_t i = 0; i < file_count; i++) {
        int one = check_file(command, config, zones, files[i], json, &tally);
        status = one > status ? one : status;
    }
    if (status == HR_EXIT_DONE && !json) {
        printf("%zu passed, %zu failed\n", tally.passed, tally.failed);
    }
    return status == HR_EXIT_DONE && tally.failed > 0 ? HR_EXIT_FAILED : status;
}
