/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom restore`: does by hand what `run` refuses to do by itself and names this command for.
 * The group must be stopped: it is joined like any member. */
#include "configuration.h"
#include "options.h"
#include "processor.h"

#include <inttypes.h>
#include <unistd.h>

struct restoration {
    const struct hr_command *command;
    const char *config_file;
    int64_t partition;
    enum hr_restore what;
};

static const struct hr_rules *no_reload(void *context)
{
    (void)context;
    return NULL;
}

static int restore(void *context, const struct hr_config *config, const struct hr_zones *zones)
{
    const struct restoration *restoration = context;
    static const struct hr_log log = {HR_INFO, STDERR_FILENO};
    const volatile sig_atomic_t never = 0;
    volatile sig_atomic_t nothing = 0;
    struct hr_processor processor = {.config = config,
        .zones = zones,
        .log = &log,
        .stop = &never,
        .reload = &nothing,
        .reloaded = no_reload};
    struct hr_error error = {0};
    enum hr_fate fate = hr_processor_open(&processor, &error);
    if (fate == HR_OK && restoration->partition >= (int64_t)processor.preflight.homes) {
        fate = hr_fail(&error, HR_STOP, "there are %" PRIu32 " partitions, counted from 0",
            processor.preflight.homes);
    }
    if (fate == HR_OK) {
        fate = hr_pipeline_restore(
            processor.pipeline, restoration->what, (int32_t)restoration->partition, &error);
    }
    hr_processor_close(&processor);
    if (fate != HR_OK) {
        hr_say(restoration->command, "%s", error.text);
    }
    return fate == HR_OK ? HR_EXIT_DONE : HR_EXIT_FAILED;
}

int hr_command_restore(const struct hr_command *command, int argc, char **argv)
{
    struct restoration it = {.command = command, .config_file = HR_DEFAULT_CONFIG, .partition = -1};
    bool from_changelog = false, from_redis = false, offsets = false;
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(it.config_file),
        {.name = "partition",
            .value = "N",
            .number = &it.partition,
            .least = 0,
            .most = 1000000,
            .help = "only this one (default: all)"},
        {.name = "from-changelog",
            .flag = &from_changelog,
            .help = "empty Redis and copy it anew from the changelog"},
        {.name = "from-redis",
            .flag = &from_redis,
            .help = "write the changelog anew from Redis, where it lost its end or is gone"},
        {.name = "offsets",
            .flag = &offsets,
            .help = "commit the offsets of the changelog's last header again"},
    };
    int status;
    if (!hr_read_only_options(
            command, options, sizeof(options) / sizeof(options[0]), argc, argv, &status)) {
        return status;
    }
    if (from_changelog + from_redis + offsets != 1) {
        return hr_misuse(command, "one of --from-changelog, --from-redis and --offsets");
    }
    it.what = from_changelog ? HR_RESTORE_FROM_CHANGELOG
              : from_redis   ? HR_RESTORE_FROM_REDIS
                             : HR_RESTORE_OFFSETS;
    return hr_with_config(command, it.config_file, restore, &it);
}
