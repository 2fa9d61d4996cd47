/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom deadletter list|show|replay`: what was refused, why, and a second chance after a fix.
 * Here is what these commands take; each does its work in a file of its own. */
#include "configuration.h"
#include "letters.h"
#include "options.h"
#include "preflight.h"

#include <unistd.h>

static const struct hr_log log_to_stderr = {HR_WARN, STDERR_FILENO};

/* False after it has been said which operand is none. */
static bool parse_places(struct hr_letters *request, int count, char **operands)
{
    request->places = hr_alloc(((size_t)count + 1) * sizeof(*request->places));
    for (int i = 0; i < count; i++) {
        if (!hr_parse_place(operands[i], &request->places[i])) {
            struct hr_arena arena;
            hr_arena_init(&arena);
            hr_misuse(request->command,
                "\"%s\" is no place of a dead letter; they are written PARTITION:OFFSET",
                hr_escape(&arena, hr_str(operands[i]), 100));
            hr_arena_clean_up(&arena);
            return false;
        }
    }
    request->place_count = (size_t)count;
    return true;
}

static void configure(struct hr_letters *request, const struct hr_config *config)
{
    request->config = config;
    request->kafka = hr_kafka_settings_of(config, &log_to_stderr);
}

static int list_letters(void *context, const struct hr_config *config, const struct hr_zones *zones)
{
    (void)zones;
    configure(context, config);
    return hr_letters_list(context);
}

static int show_letters(void *context, const struct hr_config *config, const struct hr_zones *zones)
{
    (void)zones;
    configure(context, config);
    return hr_letters_show(context);
}

static int replay_letters(
    void *context, const struct hr_config *config, const struct hr_zones *zones)
{
    (void)zones;
    configure(context, config);
    return hr_letters_replay(context);
}

static int perform(const struct hr_command *command, int argc, char **argv,
    const struct hr_option *options, size_t option_count, struct hr_letters *request,
    int (*act)(void *context, const struct hr_config *config, const struct hr_zones *zones))
{
    int operands, status;
    request->command = command;
    request->config_file = HR_DEFAULT_CONFIG;
    request->since = HR_TIME_NONE;
    if (!hr_read_options(command, options, option_count, argc, argv, &operands, &status)) {
        return status;
    }
    if (operands > 0 && !command->operands[0]) {
        return hr_no_operands(command, argv[0]);
    }
    if (operands == 0 && command->operands[0] && command->operands[0] != '[') {
        return hr_misuse(command, "which? places are written PARTITION:OFFSET");
    }
    status = parse_places(request, operands, argv)
                 ? hr_with_config(command, request->config_file, act, request)
                 : HR_EXIT_MISUSE;
    hr_free(request->places);
    return status;
}

#define REASON(request)                                                                            \
    {                                                                                              \
        .name = "reason", .value = "REASON", .text = &(request).reason,                            \
        .help = "only of this reason, such as bad_value"                                           \
    }
#define TOPIC(request)                                                                             \
    {                                                                                              \
        .name = "topic", .value = "TOPIC", .text = &(request).topic,                               \
        .help = "only what was read from this topic"                                               \
    }
#define SINCE(request)                                                                             \
    {                                                                                              \
        .name = "since", .value = "TIME", .time = &(request).since,                                \
        .help = "only what was refused since then"                                                 \
    }
#define COUNT(options) (sizeof(options) / sizeof((options)[0]))

static int command_list(const struct hr_command *command, int argc, char **argv)
{
    struct hr_letters request = {.limit = 50};
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(request.config_file),
        REASON(request),
        TOPIC(request),
        SINCE(request),
        {.name = "limit",
            .value = "N",
            .number = &request.limit,
            .least = 1,
            .most = 1000000,
            .help = "the newest N (default 50)"},
        HR_OPTION_JSON(request.json),
    };
    return perform(command, argc, argv, options, COUNT(options), &request, list_letters);
}

static int command_show(const struct hr_command *command, int argc, char **argv)
{
    struct hr_letters request = {0};
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(request.config_file),
        HR_OPTION_JSON(request.json),
    };
    return perform(command, argc, argv, options, COUNT(options), &request, show_letters);
}

static int command_replay(const struct hr_command *command, int argc, char **argv)
{
    struct hr_letters request = {0};
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(request.config_file),
        REASON(request),
        TOPIC(request),
        SINCE(request),
        {.name = "all", .flag = &request.all, .help = "all there are"},
        {.name = "dry-run", .flag = &request.dry_run, .help = "say how many, send nothing"},
        HR_OPTION_JSON(request.json),
    };
    return perform(command, argc, argv, options, COUNT(options), &request, replay_letters);
}

static const struct hr_command commands[] = {
    {"deadletter list", "", "Lists what was refused, and why, the newest last",
        "headroom deadletter list --reason bad_value --limit 20", command_list},
    {"deadletter show", "PARTITION:OFFSET…", "Shows a refused record as it came, escaped",
        "headroom deadletter show 3:1207", command_show},
    {"deadletter replay", "[PARTITION:OFFSET…]", "Sends refused records to their topic again",
        "headroom deadletter replay --reason bad_value", command_replay},
};

int hr_command_deadletter(const struct hr_command *command, int argc, char **argv)
{
    return hr_dispatch_below(command, commands, COUNT(commands), argc, argv);
}
