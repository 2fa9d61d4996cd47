/* SPDX-License-Identifier: Apache-2.0 */
/* The sub-commands, for main.c's table. Each reads its own options, speaks to the user and returns
 * how it went: results go to standard output, everything else to standard error. */
#ifndef HEADROOM_COMMANDS_H
#define HEADROOM_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

/* Exit statuses, the same for every command. */
enum {
    HR_EXIT_DONE = 0,
    HR_EXIT_FAILED = 1,
    HR_EXIT_MISUSE = 2, /* wrong usage or configuration: trying again as it is will not help */
};

struct hr_command {
    const char *name;     /* "check"; of a command below another all words, "deadletter list" */
    const char *operands; /* for the usage line: "[FILE…]"; "" when it takes none */
    const char *summary;  /* one line, no full stop */
    const char *example;  /* one line that works as it is */
    /* argv[0] is the first word after the name. */
    int (*run)(const struct hr_command *command, int argc, char **argv);
};

/* Runs the command of `commands` whose last word is argv[0], or says which was probably meant. */
int hr_dispatch(const struct hr_command *commands, size_t count, int argc, char **argv);
/* The same for commands below another, which shows them when asked for help or for none. */
int hr_dispatch_below(const struct hr_command *parent, const struct hr_command *commands,
    size_t count, int argc, char **argv);
/* One line a command: name and summary. */
void hr_print_commands(const struct hr_command *commands, size_t count);

int hr_command_account(const struct hr_command *command, int argc, char **argv);
int hr_command_brake(const struct hr_command *command, int argc, char **argv);
int hr_command_check(const struct hr_command *command, int argc, char **argv);
int hr_command_import(const struct hr_command *command, int argc, char **argv);
int hr_command_simulate(const struct hr_command *command, int argc, char **argv);
int hr_command_deadletter(const struct hr_command *command, int argc, char **argv);
int hr_command_report(const struct hr_command *command, int argc, char **argv);
int hr_command_restore(const struct hr_command *command, int argc, char **argv);
int hr_command_rules(const struct hr_command *command, int argc, char **argv);
int hr_command_run(const struct hr_command *command, int argc, char **argv);
int hr_command_top(const struct hr_command *command, int argc, char **argv);
int hr_command_topics(const struct hr_command *command, int argc, char **argv);

#endif
