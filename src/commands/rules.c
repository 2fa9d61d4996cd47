/* SPDX-License-Identifier: Apache-2.0 */
/* What the three commands take; each does its work in a file of its own. All of them begin with the
 * manifest's copy in Redis, which has the rules of every epoch that is still in force anywhere. */
#include "rules.h"

#include "configuration.h"
#include "options.h"

uint32_t hr_rules_epoch(const char *text)
{
    uint64_t epoch = 0;
    for (const char *at = text; *at; at++) {
        if (*at < '0' || *at > '9' || epoch > UINT32_MAX / 10) {
            return 0;
        }
        epoch = epoch * 10 + (uint64_t)(*at - '0');
    }
    return epoch <= UINT32_MAX ? (uint32_t)epoch : 0;
}

struct task {
    struct hr_rules_request request;
    int (*act)(struct hr_rules_request *request);
};

static int with_manifest(
    void *context, const struct hr_config *config, const struct hr_zones *zones)
{
    struct task *task = context;
    struct hr_error error;
    task->request.config = config;
    if (hr_stored_open(config, zones, &task->request.stored, &error) != HR_OK) {
        hr_say(task->request.command, "%s", error.text);
        return HR_EXIT_FAILED;
    }
    int status = task->act(&task->request);
    hr_stored_close(&task->request.stored);
    return status;
}

static int perform(const struct hr_command *command, int argc, char **argv, int least, int most,
    int (*act)(struct hr_rules_request *request))
{
    struct task task = {
        .request = {.command = command, .config_file = HR_DEFAULT_CONFIG, .limit = 20}, .act = act};
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(task.request.config_file),
        HR_OPTION_JSON(task.request.json),
        {.name = "limit",
            .value = "N",
            .number = &task.request.limit,
            .least = 0,
            .most = 1000000000,
            .help = "how many accounts to list (default 20); all are counted"},
    };
    size_t count = sizeof(options) / sizeof(options[0]);
    int operands, status;
    if (!hr_read_options(command, options, act == hr_rules_diff ? count : count - 1, argc, argv,
            &operands, &status)) {
        return status;
    }
    if (operands < least || operands > most) {
        return hr_misuse(command, "it takes %s", command->operands[0] ? command->operands : "none");
    }
    task.request.operands = (const char *const *)argv;
    task.request.operand_count = (size_t)operands;
    return hr_with_config(command, task.request.config_file, with_manifest, &task);
}

static int list(const struct hr_command *command, int argc, char **argv)
{
    return perform(command, argc, argv, 0, 0, hr_rules_list);
}

static int diff(const struct hr_command *command, int argc, char **argv)
{
    return perform(command, argc, argv, 1, 2, hr_rules_diff);
}

static int rollback(const struct hr_command *command, int argc, char **argv)
{
    return perform(command, argc, argv, 1, 1, hr_rules_rollback);
}

int hr_command_rules(const struct hr_command *command, int argc, char **argv)
{
    static const struct hr_command commands[] = {
        {"rules list", "", "Lists the epochs of the rules and what each changed",
            "headroom rules list", list},
        {"rules diff", "[OLD] NEW",
            "Shows what new rules would change, for whom, on the live state",
            "headroom rules diff new.yaml", diff},
        {"rules rollback", "EPOCH", "Makes the rules of an earlier epoch the current ones again",
            "headroom rules rollback 3", rollback},
    };
    return hr_dispatch_below(command, commands, sizeof(commands) / sizeof(commands[0]), argc, argv);
}
