/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom brake list|release|discard`: what brakes hold, and what becomes of it.
 *
 * The word goes to every home over the internal topic, and each takes it in its order of records:
 * one that reads a backlog hears of it when it has caught up. It is about brakes that went on
 * before it was sent; sent twice, it does nothing more. Whether it was heard is read in Redis. */
#include "configuration.h"
#include "options.h"
#include "print.h"
#include "stored.h"
#include "word.h"

#include "headroom/pipeline.h"

#include <inttypes.h>
#include <time.h>

enum { WAIT_MS = 15000, LOOK_EVERY_MS = 100 };

/* A brake that is on, in one partition. */
struct braked {
    uint32_t partition;
    struct hr_brake_now now;
};

struct task {
    const struct hr_command *command;
    const char *config_file, *rule;
    bool json, discard;
    const struct hr_config *config;
    struct hr_stored stored;
    struct hr_arena arena;
    struct braked *at;
    size_t count, room;
    int (*act)(struct task *task);
};

static void add(struct task *task, uint32_t partition, const struct hr_brake_now *now)
{
    if (task->count == task->room) {
        size_t room = task->room ? task->room * 2 : 16;
        struct braked *more = hr_arena_take(&task->arena, room * sizeof *more);
        if (task->count) {
            memcpy(more, task->at, task->count * sizeof *more);
        }
        task->at = more;
        task->room = room;
    }
    struct braked *one = &task->at[task->count++];
    *one = (struct braked){partition, *now};
    one->now.rule = hr_arena_copy(&task->arena, now->rule);
}

static enum hr_fate look_at(struct task *task, uint32_t partition, struct hr_error *error)
{
    const struct hr_home_settings settings = hr_stored_home(&task->stored, partition);
    struct hr_pool *pool = hr_pool_new();
    struct hr_home *home = hr_home_new(&settings, pool);
    enum hr_fate fate = hr_stored_load_holds(&task->stored, home, partition, &task->arena, error);
    struct hr_brake_now now;
    for (size_t i = 0; fate == HR_OK && hr_home_brake(home, i, &now); i++) {
        if (now.on && (!task->rule || hr_str_is(now.rule, task->rule))) {
            add(task, partition, &now);
        }
    }
    hr_home_destroy(home);
    hr_pool_destroy(pool);
    return fate;
}

/* All that are on, of the rule if there is one. */
static enum hr_fate look(struct task *task, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    task->count = 0;
    for (uint32_t n = 0; n < task->stored.manifest.homes && fate == HR_OK; n++) {
        fate = look_at(task, n, error);
    }
    return fate;
}

static int fail(const struct task *task, const struct hr_error *error)
{
    hr_say(task->command, "%s", error->text);
    return HR_EXIT_FAILED;
}

/* --- list ------------------------------------------------------------------------------------- */

static struct hr_str moment(struct task *task, struct hr_time time)
{
    char text[HR_TIME_TEXT];
    return hr_arena_copy(&task->arena, (struct hr_str){text, hr_time_print(time, text)});
}

static void print_json(const struct task *task)
{
    struct hr_buffer buffer = {0};
    struct hr_doc doc = {.buffer = &buffer};
    hr_doc_open(&doc, NULL, '[');
    for (size_t i = 0; i < task->count; i++) {
        hr_doc_open(&doc, NULL, '{');
        hr_doc_text(&doc, "rule", task->at[i].now.rule);
        hr_doc_number(&doc, "partition", task->at[i].partition);
        hr_doc_time(&doc, "since", task->at[i].now.since);
        hr_doc_number(&doc, "accounts", task->at[i].now.accounts);
        hr_doc_close(&doc, '}');
    }
    hr_doc_close(&doc, ']');
    hr_doc_print(&doc);
}

static void print_table(struct task *task)
{
    struct hr_grid grid;
    hr_grid_init(
        &grid, (const char *const[]){"RULE", ">PARTITION", "ON SINCE", ">FIRED FOR", NULL});
    for (size_t i = 0; i < task->count; i++) {
        const struct braked *one = &task->at[i];
        hr_grid_row(
            &grid, (struct hr_str[]){one->now.rule,
                       hr_arena_printf(&task->arena, "%" PRIu32, one->partition),
                       moment(task, one->now.since),
                       hr_arena_printf(&task->arena, "%" PRIu32 " accounts", one->now.accounts)});
    }
    hr_grid_print(&grid, "", stdout);
    hr_grid_clean_up(&grid);
}

static int show(struct task *task)
{
    struct hr_error error;
    if (look(task, &error) != HR_OK) {
        return fail(task, &error);
    }
    if (task->json) {
        print_json(task);
    } else if (task->count) {
        print_table(task);
    } else {
        hr_say(task->command, "no brake is on");
    }
    return HR_EXIT_DONE;
}

/* --- release and discard ---------------------------------------------------------------------- */

static enum hr_fate send_word(const struct task *task, struct hr_error *error)
{
    struct hr_buffer value = {0};
    struct hr_str word = hr_brake_record(hr_str(task->rule), task->discard, hr_clock_now(), &value);
    enum hr_fate fate =
        hr_word_send(task->config, HR_STR("brake"), word, task->stored.manifest.homes, error);
    hr_buffer_clean_up(&value);
    return fate;
}

/* Until none of those is on any more, or time is up; how many still are. One that went on anew
 * meanwhile is another. */
static enum hr_fate wait_for_end(
    struct task *task, struct hr_time sent, size_t *left, struct hr_error *error)
{
    const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
    enum hr_fate fate = HR_OK;
    for (int waited = 0; waited < WAIT_MS && fate == HR_OK; waited += LOOK_EVERY_MS) {
        nanosleep(&pause, NULL);
        fate = look(task, error);
        *left = 0;
        for (size_t i = 0; i < task->count; i++) {
            *left += task->at[i].now.since.us <= sent.us;
        }
        if (*left == 0) {
            break;
        }
    }
    return fate;
}

static bool is_rule(const struct task *task)
{
    const struct hr_manifest_copy *manifest = &task->stored.manifest;
    const struct hr_rules *rules =
        hr_manifest_copy_rules((void *)(uintptr_t)manifest, manifest->epoch);
    for (uint16_t r = 0; rules && r < rules->rule_count; r++) {
        if (hr_str_is(rules->rules[r].name, task->rule)) {
            return true;
        }
    }
    return false;
}

static int say_end(const struct task *task, size_t was, size_t left)
{
    const char *done = task->discard ? "discarded" : "released";
    if (task->json) {
        printf("{\"%s\":%zu,\"left\":%zu}\n", done, was - left, left);
    } else if (was > left) {
        printf("%s in %zu partition%s\n", done, was - left, was - left == 1 ? "" : "s");
    }
    if (left) {
        hr_say(task->command,
            "sent, and not taken by %zu within %d s: they will when they run and have caught up",
            left, WAIT_MS / 1000);
    }
    return left ? HR_EXIT_FAILED : HR_EXIT_DONE;
}

static int end_brake(struct task *task)
{
    struct hr_error error;
    if (!is_rule(task)) {
        return hr_misuse(task->command, "there is no rule of that name");
    }
    if (look(task, &error) != HR_OK) {
        return fail(task, &error);
    }
    size_t was = task->count, left = was;
    if (was == 0) {
        hr_say(task->command, "its brake is on nowhere");
        return HR_EXIT_DONE;
    }
    struct hr_time sent = hr_clock_now();
    if (send_word(task, &error) != HR_OK || wait_for_end(task, sent, &left, &error) != HR_OK) {
        return fail(task, &error);
    }
    return say_end(task, was, left < was ? left : was);
}

/* --- the commands ----------------------------------------------------------------------------- */

static int with_stored(void *context, const struct hr_config *config, const struct hr_zones *zones)
{
    struct task *task = context;
    struct hr_error error;
    task->config = config;
    if (hr_stored_open(config, zones, &task->stored, &error) != HR_OK) {
        return fail(task, &error);
    }
    hr_arena_init(&task->arena);
    int status = task->act(task);
    hr_arena_clean_up(&task->arena);
    hr_stored_close(&task->stored);
    return status;
}

static int perform(const struct hr_command *command, int argc, char **argv, struct task *task)
{
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(task->config_file),
        HR_OPTION_JSON(task->json),
    };
    int wanted = task->act == end_brake, operands, status;
    task->command = command;
    if (!hr_read_options(command, options, sizeof(options) / sizeof(options[0]), argc, argv,
            &operands, &status)) {
        return status;
    }
    if (operands != wanted) {
        return hr_misuse(command, "it takes %s", wanted ? "a rule" : "none");
    }
    task->rule = wanted ? argv[0] : NULL;
    return hr_with_config(command, task->config_file, with_stored, task);
}

static int list(const struct hr_command *command, int argc, char **argv)
{
    struct task task = {.config_file = HR_DEFAULT_CONFIG, .act = show};
    return perform(command, argc, argv, &task);
}

static int release(const struct hr_command *command, int argc, char **argv)
{
    struct task task = {.config_file = HR_DEFAULT_CONFIG, .act = end_brake};
    return perform(command, argc, argv, &task);
}

static int discard(const struct hr_command *command, int argc, char **argv)
{
    struct task task = {.config_file = HR_DEFAULT_CONFIG, .act = end_brake, .discard = true};
    return perform(command, argc, argv, &task);
}

int hr_command_brake(const struct hr_command *command, int argc, char **argv)
{
    static const struct hr_command commands[] = {
        {"brake list", "", "Lists the rules that fired for too many accounts at once, and where",
            "headroom brake list", list},
        {"brake release", "RULE", "Lets what the brake holds fire, as far as it is still beyond",
            "headroom brake release capacity", release},
        {"brake discard", "RULE", "Lets what the brake holds never fire, in this episode",
            "headroom brake discard capacity", discard},
    };
    return hr_dispatch_below(command, commands, sizeof(commands) / sizeof(commands[0]), argc, argv);
}
