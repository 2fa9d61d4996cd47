/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind a command on its line: options and operands, the same rules for all. */
#ifndef HEADROOM_COMMANDS_OPTIONS_H
#define HEADROOM_COMMANDS_OPTIONS_H

#include "headroom/commands.h"
#include "headroom/error.h"
#include "headroom/time.h"

#include <stdint.h>

/* Values of an option that may be given several times, in their order. */
#define HR_OPTION_VALUES 16
struct hr_values {
    const char *at[HR_OPTION_VALUES];
    size_t count;
};

/* One option. Exactly one of the pointers is set and says what it takes; what it points to holds
 * the default and is changed only when the option is given. */
struct hr_option {
    const char *name;  /* "config", written --config FILE or --config=FILE */
    const char *value; /* what the help calls its value; NULL of a flag */
    const char *help;
    bool *flag;
    const char **text;
    struct hr_values *values; /* at most `most` of them */
    int64_t *number;          /* whole, from least to most */
    int64_t least, most;
    struct hr_time *time; /* RFC 3339, or a date: its midnight in UTC */
    int64_t *duration;    /* "7d", in microseconds */
};

/* Reads the options; what remains is moved to the front of argv and counted. Options may stand
 * after operands, `--` ends them, `-` is an operand. False: *status is what the command returns
 * now, because help was shown or something was wrong and has been said. */
HR_MUST bool hr_read_options(const struct hr_command *command, const struct hr_option *options,
    size_t option_count, int argc, char **argv, int *operand_count, int *status);
/* The same of a command that takes nothing else: an operand is wrong. */
HR_MUST bool hr_read_only_options(const struct hr_command *command, const struct hr_option *options,
    size_t option_count, int argc, char **argv, int *status);

/* A line on standard error: `headroom check: …`. */
void hr_say(const struct hr_command *command, const char *format, ...) HR_PRINTF(2, 3);
/* The same, with where help is; returns HR_EXIT_MISUSE. */
int hr_misuse(const struct hr_command *command, const char *format, ...) HR_PRINTF(2, 3);
/* Says that there is an operand too many; HR_EXIT_MISUSE. */
int hr_no_operands(const struct hr_command *command, const char *operand);

/* Options that many commands share. */
#define HR_OPTION_CONFIG(variable)                                                                 \
    {                                                                                              \
        .name = "config", .value = "FILE", .text = &(variable),                                    \
        .help = "the configuration, YAML or JSON; - is standard input (default headroom.yaml)"     \
    }
#define HR_OPTION_JSON(variable)                                                                   \
    {                                                                                              \
        .name = "json", .help = "for machines: JSON instead of a table", .flag = &(variable)       \
    }
#define HR_DEFAULT_CONFIG "headroom.yaml"

#endif
