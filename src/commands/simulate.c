/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom simulate`: what would these rules have fired? Events from files or from topics, the
 * core of the running system in virtual time; it sends nothing, joins no group and touches no
 * Redis. On standard output the triggers, or what was asked for instead: a comparison of two rule
 * sets, the story of one account, a report. */
#include "bookings.h"
#include "configuration.h"
#include "input.h"
#include "options.h"
#include "playback.h"
#include "print.h"
#include "rehearsal.h"
#include "rehearsal_page.h"
#include "report_played.h"
#include "story.h"
#include "versus.h"

#include "headroom/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* One rule set and what it plays on. */
struct side {
    const char *file;
    const struct hr_config *config;
    struct hr_playback *playback;
    struct teller {
        struct hr_versus *versus;
        enum hr_side side;
    } teller;
};

struct simulation {
    const struct hr_command *command;
    const char *config_file, *format, *dead_letters, *accounts, *books, *summary, *explain, *report;
    const char *html;
    struct hr_values rules, topics;
    struct hr_time until, from, to;
    int64_t max_step_us;
    bool shadow, json, all_topics;
    const char *const *operands;
    size_t file_count;
    /* Made from these: */
    const struct hr_zones *zones;
    const struct hr_format *input; /* of files of which nothing else is said */
    struct hr_input_file *files;
    struct side sides[2];
    size_t side_count;
    int letters_fd, accounts_fd, books_fd; /* -1: not asked for */
    struct hr_versus *versus;              /* of two rule sets */
    struct hr_story *story;                /* of --explain */
};

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

/* --- out ----------------------------------------------------------------------------------------
 */

static int write_summaries(const struct simulation *simulation)
{
    struct hr_buffer buffer = {0};
    struct hr_error error;
    int status = HR_EXIT_DONE, fd = STDERR_FILENO;
    for (size_t i = 0; i < simulation->side_count; i++) {
        hr_summary_json(hr_playback_summary(simulation->sides[i].playback), &buffer);
    }
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
    for (size_t i = 0; !simulation->summary && !simulation->json && i < simulation->side_count;
         i++) {
        if (simulation->versus) {
            fprintf(stderr, "%s%c:\n", i ? "\n" : "", "AB"[i]);
        }
        hr_summary_print(hr_playback_summary(simulation->sides[i].playback), stderr);
    }
    hr_buffer_clean_up(&buffer);
    return status;
}

static int write_page(const struct simulation *simulation)
{
    struct hr_rehearsal_page about = {
        .count = simulation->side_count, .versus = simulation->versus};
    struct hr_buffer buffer = {0};
    for (size_t i = 0; i < about.count; i++) {
        about.names[i] = simulation->sides[i].file;
        about.summaries[i] = hr_playback_summary(simulation->sides[i].playback);
    }
    hr_rehearsal_page(&about, &buffer);
    int status = hr_write_file(simulation->command, simulation->html, hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
    return status;
}

static int tell_story(const struct simulation *simulation)
{
    if (hr_story_finish(simulation->story)) {
        return HR_EXIT_DONE;
    }
    struct hr_arena arena;
    hr_arena_init(&arena);
    hr_say(simulation->command, "nothing came for an account \"%s\"",
        hr_escape(&arena, hr_str(simulation->explain), 200));
    hr_arena_clean_up(&arena);
    return HR_EXIT_FAILED;
}

static void compare(const struct simulation *simulation)
{
    struct hr_buffer buffer = {0};
    hr_versus_finish(simulation->versus);
    if (simulation->json) {
        hr_versus_json(simulation->versus, &buffer);
        hr_put_out(hr_buffer_str(&buffer));
    } else {
        hr_versus_print(simulation->versus, stdout);
    }
    hr_buffer_clean_up(&buffer);
}

/* --- play ---------------------------------------------------------------------------------------
 */

static void decided(void *context, const struct hr_trigger *trigger)
{
    const struct teller *teller = context;
    hr_versus_take(teller->versus, teller->side, trigger);
}

static void make_playbacks(struct simulation *simulation)
{
    bool to_output = !simulation->versus && !simulation->story && !simulation->report;
    for (size_t i = 0; i < simulation->side_count; i++) {
        struct side *side = &simulation->sides[i];
        side->teller = (struct teller){simulation->versus, (enum hr_side)i};
        const struct hr_playback_settings settings = {.config = side->config,
            .zones = simulation->zones,
            .format = simulation->input,
            .max_step_us = simulation->max_step_us,
            .with_shadow = simulation->shadow,
            .triggers = to_output ? STDOUT_FILENO : -1,
            .dead_letters = i == 0 ? simulation->letters_fd : -1,
            .with_accounts = simulation->accounts_fd >= 0 || simulation->report,
            .by_account = simulation->html != NULL,
            .decided = simulation->versus ? decided : NULL,
            .context = &side->teller,
            .witness = simulation->story ? hr_story_witness(simulation->story) : NULL};
        side->playback = hr_playback_new(&settings);
    }
}

static bool reads_topics(const struct simulation *simulation)
{
    return simulation->all_topics || simulation->topics.count > 0 ||
           !hr_time_is(simulation->from, HR_TIME_NONE) || !hr_time_is(simulation->to, HR_TIME_NONE);
}

/* A range of topics ends with its time, if that has come, and not with its last record: who fell
 * silent before has been silent until then. */
static struct hr_time end_of_time(const struct simulation *simulation)
{
    bool given = !hr_time_is(simulation->until, HR_TIME_NONE);
    return given || hr_time_is(simulation->to, HR_TIME_NONE)
               ? simulation->until
               : hr_time_min(simulation->to, hr_clock_now());
}

static enum hr_fate rehearse_topics(const struct simulation *simulation,
    const struct hr_rehearsal *rehearsal, struct hr_error *error)
{
    static const struct hr_log log = {HR_ERROR, STDERR_FILENO};
    const struct hr_range_settings settings = {.config = simulation->sides[0].config,
        .topics = simulation->topics.at,
        .topic_count = simulation->topics.count,
        .from = simulation->from,
        .to = simulation->to,
        .log = &log};
    return hr_rehearse_topics(rehearsal, &settings, error);
}

static enum hr_fate play(struct simulation *simulation, struct hr_error *error)
{
    struct hr_rehearsal rehearsal = {.count = simulation->side_count,
        .until = end_of_time(simulation),
        .silent = simulation->versus != NULL,
        .merge = {simulation->zones, simulation->sides[0].config->rules, simulation->max_step_us}};
    int64_t begun = hr_clock_monotonic_us();
    for (size_t i = 0; i < simulation->side_count; i++) {
        rehearsal.playbacks[i] = simulation->sides[i].playback;
    }
    enum hr_fate fate = reads_topics(simulation) ? rehearse_topics(simulation, &rehearsal, error)
                                                 : hr_rehearse_files(&rehearsal, simulation->files,
                                                       simulation->file_count, error);
    if (fate == HR_OK && simulation->accounts_fd >= 0) {
        fate = hr_playback_accounts(rehearsal.playbacks[0], simulation->accounts_fd, error);
    }
    if (fate == HR_OK && simulation->books_fd >= 0) {
        fate = hr_bookings_write(
            hr_playback_books(rehearsal.playbacks[0]), simulation->books_fd, error);
    }
    for (size_t i = 0; i < simulation->side_count; i++) {
        hr_playback_summary(rehearsal.playbacks[i])->spent_us = hr_clock_monotonic_us() - begun;
    }
    return fate;
}

static int play_and_tell(struct simulation *simulation)
{
    struct hr_error error;
    if (play(simulation, &error) != HR_OK) {
        hr_say(simulation->command, "%s", error.text);
        return error.fate == HR_REJECT ? HR_EXIT_MISUSE : HR_EXIT_FAILED;
    }
    int status = simulation->story ? tell_story(simulation) : HR_EXIT_DONE;
    if (simulation->versus) {
        compare(simulation);
    }
    if (simulation->report) {
        status = hr_report_played(simulation->command, simulation->report, simulation->json,
            simulation->sides[0].config, simulation->sides[0].playback);
    }
    int written = write_summaries(simulation);
    if (simulation->html && written == HR_EXIT_DONE) {
        written = write_page(simulation);
    }
    return status == HR_EXIT_DONE ? written : status;
}

/* What nobody can be said to have sent has no silence. */
static void say_if_nobodys(const struct simulation *simulation, const struct hr_input_file *file)
{
    const struct hr_rules *rules = simulation->sides[0].config->rules;
    bool watched = false;
    for (uint16_t i = 0; i < rules->source_count; i++) {
        watched |= rules->sources[i].silent_after_us > 0;
    }
    if (watched && rules->source_count > 1 && file->topic.len == 0) {
        hr_say(simulation->command,
            "%s: nobody says which source it is of, so silent_after means nothing for it; write "
            "TOPIC=FILE, or name it after its topic",
            file->name);
    }
}

static int run(struct simulation *simulation)
{
    int status = HR_EXIT_FAILED;
    simulation->letters_fd = simulation->accounts_fd = simulation->books_fd = -1;
    if (create_if_asked(simulation->command, simulation->dead_letters, &simulation->letters_fd) &&
        create_if_asked(simulation->command, simulation->accounts, &simulation->accounts_fd) &&
        create_if_asked(simulation->command, simulation->books, &simulation->books_fd)) {
        if (simulation->side_count == 2) {
            const struct side *sides = simulation->sides;
            simulation->versus = hr_versus_new((const char *const[]){sides[0].file, sides[1].file},
                (const struct hr_rules *const[]){sides[0].config->rules, sides[1].config->rules},
                simulation->shadow);
        }
        if (simulation->explain) {
            simulation->story = hr_story_new(hr_str(simulation->explain), simulation->json);
        }
        simulation->files = hr_alloc((simulation->file_count + 1) * sizeof(*simulation->files));
        for (size_t i = 0; i < simulation->file_count; i++) {
            simulation->files[i] = hr_input_file_of(simulation->sides[0].config->rules,
                simulation->operands[i], simulation->input, simulation->format != NULL);
            say_if_nobodys(simulation, &simulation->files[i]);
        }
        make_playbacks(simulation);
        status = play_and_tell(simulation);
    }
    for (size_t i = 0; i < simulation->side_count; i++) {
        hr_playback_destroy(simulation->sides[i].playback);
    }
    hr_free(simulation->files);
    hr_versus_destroy(simulation->versus);
    hr_story_destroy(simulation->story);
    close_if_open(simulation->letters_fd);
    close_if_open(simulation->accounts_fd);
    close_if_open(simulation->books_fd);
    return status;
}

/* --- in -----------------------------------------------------------------------------------------
 */

/* HR_EXIT_DONE, or it has been said what does not go together. */
static int check_options(const struct simulation *simulation)
{
    const struct hr_command *command = simulation->command;
    for (size_t i = 0; i < simulation->side_count; i++) {
        if (simulation->max_step_us < simulation->sides[i].config->rules->skew_us) {
            return hr_misuse(command, "--max-step is less than time.skew");
        }
    }
    const char *of_one = simulation->explain    ? "explain"
                         : simulation->report   ? "report"
                         : simulation->accounts ? "accounts"
                         : simulation->books    ? "books"
                                                : NULL;
    if (simulation->side_count == 2 && of_one) {
        return hr_misuse(command, "--%s is about one rule set, not about two", of_one);
    }
    if (simulation->explain && simulation->report) {
        return hr_misuse(command, "either --explain or --report");
    }
    if (simulation->report && !hr_report_is_named(simulation->report)) {
        return hr_misuse(command, "--report: there is no report of that name, see `headroom report "
                                  "--help`");
    }
    if (reads_topics(simulation) && simulation->file_count > 0) {
        return hr_misuse(command, "either files or topics");
    }
    if (!simulation->input) {
        return hr_misuse(command,
            "--format: neither the configuration nor headroom knows a format of that name");
    }
    return HR_EXIT_DONE;
}

static int simulate(void *context, const struct hr_config *config, const struct hr_zones *zones)
{
    struct simulation *simulation = context;
    struct hr_config *other = NULL;
    int status = HR_EXIT_DONE;
    simulation->zones = zones;
    simulation->sides[0].config = config;
    simulation->side_count = 1;
    simulation->input = hr_input_format(config->rules, simulation->format);
    if (simulation->sides[1].file) {
        status = hr_load_config(simulation->command, simulation->sides[1].file, zones, &other);
        simulation->sides[1].config = other;
        simulation->side_count = 2;
    }
    if (status == HR_EXIT_DONE) {
        status = check_options(simulation);
    }
    if (status == HR_EXIT_DONE) {
        status = run(simulation);
    }
    if (other) {
        hr_config_destroy(other);
    }
    return status;
}

int hr_command_simulate(const struct hr_command *command, int argc, char **argv)
{
    static const char *const standard_input[] = {"-"};
    struct simulation it = {.command = command,
        .config_file = HR_DEFAULT_CONFIG,
        .until = HR_TIME_NONE,
        .from = HR_TIME_NONE,
        .to = HR_TIME_NONE,
        .max_step_us = 7 * HR_DAY};
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(it.config_file),
        {.name = "rules",
            .value = "FILE",
            .values = &it.rules,
            .most = 2,
            .help = "compare two configurations over the same events: this and --config, or two of "
                    "these"},
        {.name = "topics",
            .flag = &it.all_topics,
            .help = "play the sources' topics instead of files: all that is in them"},
        {.name = "topic",
            .value = "TOPIC",
            .values = &it.topics,
            .most = HR_OPTION_VALUES,
            .help = "of the sources this one; may be given several times"},
        {.name = "from",
            .value = "TIME",
            .time = &it.from,
            .help = "of the topics what arrived from here on (default: as each source says)"},
        {.name = "to",
            .value = "TIME",
            .time = &it.to,
            .help = "of the topics what arrived before this (default: their ends)"},
        {.name = "until",
            .value = "TIME",
            .time = &it.until,
            .help = "let time pass to here at the end (default: --to, else the last event)"},
        {.name = "format",
            .value = "NAME",
            .text = &it.format,
            .help =
                "how the lines are written (default: as the source after which a file is named, "
                "else as all sources, else cloudevents)"},
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
        {.name = "books",
            .value = "FILE",
            .text = &it.books,
            .help = "write the totals that reports add up, a line of JSON a month, book and label"},
        {.name = "html",
            .value = "FILE",
            .text = &it.html,
            .help = "write a page with pictures: when, for whom, and what would change"},
        {.name = "explain",
            .value = "ACCOUNT",
            .text = &it.explain,
            .help = "instead of the triggers the story of one account: what fired, or why not"},
        {.name = "report",
            .value = "NAME",
            .text = &it.report,
            .help = "instead of the triggers a report on what came of them, as `headroom report` "
                    "makes it"},
        {.name = "shadow",
            .flag = &it.shadow,
            .help = "print what rules with mode: shadow decide, too"},
        {.name = "summary",
            .value = "FILE",
            .text = &it.summary,
            .help = "write the summary as a line of JSON, instead of a table on standard error"},
        {.name = "json",
            .flag = &it.json,
            .help = "for machines: JSON instead of tables and texts"},
    };
    int operands, status;
    if (!hr_read_options(command, options, sizeof(options) / sizeof(options[0]), argc, argv,
            &operands, &status)) {
        return status;
    }
    bool reads_input = operands == 0 && !reads_topics(&it);
    it.operands = reads_input ? standard_input : (const char *const *)argv;
    it.file_count = reads_input ? 1 : (size_t)operands;
    it.sides[0].file = it.rules.count == 2 ? it.rules.at[0] : it.config_file;
    it.sides[1].file = it.rules.count > 0 ? it.rules.at[it.rules.count - 1] : NULL;
    return hr_with_config(command, it.sides[0].file, simulate, &it);
}
