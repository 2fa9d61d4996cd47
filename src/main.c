/* SPDX-License-Identifier: Apache-2.0 */
/* Picks the sub-command. The only file that ends the process, and the last to look whether what was
 * printed reached anyone. */
#include "headroom/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct hr_command commands[] = {
    {"run", "", "Reads events, keeps counters, publishes triggers, until it is told to stop",
        "headroom run --config headroom.yaml", hr_command_run},
    {"check", "", "Validates a configuration and prints it in full, with its defaults",
        "headroom check --config headroom.yaml", hr_command_check},
    {"topics", "create", "Makes the topics that headroom itself needs",
        "headroom topics create --config headroom.yaml --dry-run", hr_command_topics},
    {"import", "FILE", "Sends the accounts that a CRM or billing system has already",
        "headroom import accounts.csv --dry-run", hr_command_import},
    {"simulate", "[[TOPIC=]FILE…]",
        "Plays events of files or topics and tells what would have fired",
        "headroom simulate --config headroom.yaml --html page.html events.ndjson",
        hr_command_simulate},
    {"account", "ID", "Shows all there is about one account", "headroom account acme --json",
        hr_command_account},
    {"top", "", "Lists the accounts that use most of a limit", "headroom top --limit 10",
        hr_command_top},
    {"deadletter", "list|show|replay", "Lists, shows and replays what was refused",
        "headroom deadletter list --reason bad_value", hr_command_deadletter},
    {"rules", "list|diff|rollback",
        "Shows what decides, epoch by epoch, and what a change would do",
        "headroom rules diff new.yaml", hr_command_rules},
    {"brake", "list|release|discard",
        "Shows which rules were stopped, and lets what they hold fire or go",
        "headroom brake release capacity", hr_command_brake},
    {"report", "funnel|conversion|retention|breadth|dashboard|lift",
        "Tells what came of it: deals, revenue, products, and which triggers work",
        "headroom report retention --from 2026-01 --html retention.html", hr_command_report},
    {"restore", "", "Repairs what `run` refuses to go on with, as its message says",
        "headroom restore --partition 3 --from-changelog", hr_command_restore},
};
static const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static int help(void)
{
    printf("headroom watches usage as it streams by and says which account outgrows its plan.\n\n"
           "usage: headroom COMMAND [OPTION…]\n\n");
    hr_print_commands(commands, command_count);
    printf("\nheadroom COMMAND --help shows a command's options and an example.\n"
           "headroom --version shows the version.\n\n"
           "example: %s\n",
        commands[1].example);
    return HR_EXIT_DONE;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "headroom: which command? `headroom --help` shows them.\n");
        return HR_EXIT_MISUSE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        return help();
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("headroom " HEADROOM_VERSION "\n");
        return HR_EXIT_DONE;
    }
    return hr_dispatch(commands, command_count, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    int status = run(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("headroom: standard output");
        status = status == HR_EXIT_DONE ? HR_EXIT_FAILED : status;
    }
    exit(status);
}
