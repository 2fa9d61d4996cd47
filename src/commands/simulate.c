/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom simulate`: what would these rules have fired? Events from files, the core of the
 * running system in virtual time, triggers on standard output; it connects to nothing and sends
 * nothing. */
#include "configuration.h"
#include "options.h"
#include "playback.h"
#include "print.h"
#include "rehearsal.h"
#include "story.h"

#include "headroom/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct simulation {
    const struct hr_command *command;
    const char *config_file, *format, *dead_letters, *accounts, *summary, *explain;
    struct hr_time until;
    int64_t max_step_us;
    bool shadow, json;
    const char *const *files;
    size_t file_count;
};

/* What all sources share, else CloudEvents. */
static const struct hr_format *usual_format(const struct hr_rules *rules)
{
    for (uint16_t i = 1; i < rules->source_count; i++) {
        if (!hr_str_equal(rules->sources[i].format->name, rules->sources[0].format->name)) {
            return hr_format_preset(HR_STR("cloudevents"));
        }
    }
    return rules->source_count > 0 ? rules->sources[0].format
                                   : hr_format_preset(HR_STR("cloudevents"));
}

static const struct hr_format *find_format(const struct hr_rules *rules, struct hr_str name)
{
    for (uint16_t i = 0; i < rules->source_count; i++) {
        if (hr_str_equal(rules->sources[i].format->name, name)) {
            return rules->sources[i].format;
        }
    }
    return hr_format_preset(name);
}

/* -1 after it has been said why not. */
static int create_file(const struct hr_command *command, const char *file)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        hr_say(command, "cannot write %s: %s", file, strerror(errno));
    }
    return fd;
}

/* False after it has been said why not; *fd stays -1 where no file is asked for. */
static bool create_if_asked(const struct hr_command *command, const char *file, int *fd)
{
    *fd = file ? create_file(command, file) : -1;
    return !file || *fd >= 0;
}

static void close_if_open(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

static int write_summary(const struct simulation *simulation, const struct hr_summary *summary)
{
    struct hr_buffer buffer = {0};
    struct hr_error error;
    int status = HR_EXIT_DONE, fd = STDERR_FILENO;
    hr_summary_json(summary, &buffer);
    if (simulation->summary) {
        fd = create_file(simulation->command, simulation->summary);
    }
    if (fd < 0) {
        status = HR_EXIT_FAILED;
    } else if ((simulation->summary || simulation->json) &&
               hr_write_all(fd, hr_buffer_str(&buffer), &error) != HR_OK) {
        hr_say(simulation->command, "the summary: %s", error.text);
        status = HR_EXIT_FAILED;
    }
    if (fd > STDERR_FILENO) {
        close(fd);
    }
    if (!simulation->summary && !simulation->json) {
        hr_summary_print(summary, stderr);
    }
    hr_buffer_clean_up(&buffer);
    return status;
}

static int nothing_heard(const struct simulation *simulation)
{
    struct hr_arena arena;
    hr_arena_init(&arena);
    hr_say(simulation->command, "nothing came for an account \"%s\"",
        hr_escape(&arena, hr_str(simulation->explain), 200));
    hr_arena_clean_up(&arena);
    return HR_EXIT_FAILED;
}

static int play(const struct simulation *simulation, const struct hr_config *config,
    const struct hr_zones *zones, const struct hr_format *format, int dead_letters, int accounts)
{
    struct hr_story *story =
        simulation->explain ? hr_story_new(hr_str(simulation->explain), simulation->json) : NULL;
    const struct hr_playback_settings settings = {.config = config,
        .zones = zones,
        .format = format,
        .max_step_us = simulation->max_step_us,
        .with_shadow = simulation->shadow,
        .triggers = story ? -1 : STDOUT_FILENO,
        .dead_letters = dead_letters,
        .with_accounts = accounts >= 0,
        .witness = story ? hr_story_witness(story) : NULL};
    struct hr_playback *playback = hr_playback_new(&settings);
    struct hr_summary *summary = hr_playback_summary(playback);
    struct hr_error error;
    int status = HR_EXIT_FAILED;
    int64_t begun = hr_clock_monotonic_us();
    const struct hr_rehearsal rehearsal = {.playbacks = {playback},
        .count = 1,
        .until = simulation->until,
        .merge = {zones, format, config->rules, simulation->max_step_us}};
    enum hr_fate fate =
        hr_rehearse_files(&rehearsal, simulation->files, simulation->file_count, &error);
    if (fate == HR_OK && accounts >= 0) {
        fate = hr_playback_accounts(playback, accounts, &error);
    }
    if (fate == HR_OK) {
        summary->spent_us = hr_clock_monotonic_us() - begun;
        status = write_summary(simulation, summary);
        if (story && !hr_story_finish(story)) {
            status = nothing_heard(simulation);
        }
    } else {
        hr_say(simulation->command, "%s", error.text);
    }
    hr_playback_destroy(playback);
    hr_story_destroy(story);
    return status;
}

static int simulate(void *context, const struct hr_config *config, const struct hr_zones *zones)
{
    const struct simulation *simulation = context;
    const struct hr_format *format = simulation->format
                                         ? find_format(config->rules, hr_str(simulation->format))
                                         : usual_format(config->rules);
    if (!format) {
        return hr_misuse(simulation->command,
            "--format: neither the configuration nor headroom knows a format of that name");
    }
    if (simulation->max_step_us < config->rules->skew_us) {
        return hr_misuse(simulation->command, "--max-step is less than time.skew");
    }
    int dead_letters = -1, accounts = -1, status = HR_EXIT_FAILED;
    if (create_if_asked(simulation->command, simulation->dead_letters, &dead_letters) &&
        create_if_asked(simulation->command, simulation->accounts, &accounts)) {
        status = play(simulation, config, zones, format, dead_letters, accounts);
    }
    close_if_open(dead_letters);
    close_if_open(accounts);
    return status;
}

int hr_command_simulate(const struct hr_command *command, int argc, char **argv)
{
    static const char *const standard_input[] = {"-"};
    struct simulation it = {.command = command,
        .config_file = HR_DEFAULT_CONFIG,
        .until = HR_TIME_NONE,
        .max_step_us = 7 * HR_DAY};
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(it.config_file),
        {.name = "until",
            .value = "TIME",
            .time = &it.until,
            .help = "let time pass to here at the end (default: the last event)"},
        {.name = "format",
            .value = "NAME",
            .text = &it.format,
            .help = "how the lines are written (default: as all sources, else cloudevents)"},
        {.name = "max-step",
            .value = "DURATION",
            .duration = &it.max_step_us,
            .help = "a line without _now further ahead than this is in_future (default 7d)"},
        {.name = "dead-letters",
            .value = "FILE",
            .text = &it.dead_letters,
            .help = "write what was refused, and why, as NDJSON"},
        {.name = "accounts",
            .value = "FILE",
            .text = &it.accounts,
            .help = "write every account as it is at the end, as `account --json` shows it"},
        {.name = "explain",
            .value = "ACCOUNT",
            .text = &it.explain,
            .help = "tell the story of one account instead of the triggers: what came, what the "
                    "signals were, what fired or why not"},
        {.name = "shadow",
            .flag = &it.shadow,
            .help = "print what rules with mode: shadow decide, too"},
        {.name = "summary",
            .value = "FILE",
            .text = &it.summary,
            .help = "write the summary as a line of JSON, instead of a table on standard error"},
        {.name = "json",
            .flag = &it.json,
            .help = "for machines: the summary on standard error, and a story, as JSON"},
    };
    int operands, status;
    if (!hr_read_options(command, options, sizeof(options) / sizeof(options[0]), argc, argv,
            &operands, &status)) {
        return status;
    }
    it.files = operands > 0 ? (const char *const *)argv : standard_input;
    it.file_count = operands > 0 ? (size_t)operands : 1;
    return hr_with_config(command, it.config_file, simulate, &it);
}
