/* SPDX-License-Identifier: Apache-2.0 */
/* A small option parser: long names only, values checked here so that a command starts with good
 * ones, one error and then a pointer to the help. It is all there is to --help as well, so an
 * option cannot exist without its line of help. */
#include "options.h"

#include "headroom/log.h"
#include "headroom/memory.h"
#include "headroom/nearest.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MOST_OPTIONS 32

static void say(const struct hr_command *command, const char *format, va_list arguments)
{
    fprintf(stderr, "headroom %s: ", command->name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

void hr_say(const struct hr_command *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(command, format, arguments);
    va_end(arguments);
}

int hr_misuse(const struct hr_command *command, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(command, format, arguments);
    va_end(arguments);
    fprintf(stderr, "`headroom %s --help` shows how it is used.\n", command->name);
    return HR_EXIT_MISUSE;
}

/* Whatever the user typed may hold anything. */
static int misuse_of(
    const struct hr_command *command, const char *before, const char *typed, const char *behind)
{
    struct hr_arena arena;
    hr_arena_init(&arena);
    int status =
        hr_misuse(command, "%s%s%s", before, hr_escape(&arena, hr_str(typed), 100), behind);
    hr_arena_clean_up(&arena);
    return status;
}

int hr_no_operands(const struct hr_command *command, const char *operand)
{
    return misuse_of(command, "does not take \"", operand, "\"");
}

static void print_help(
    const struct hr_command *command, const struct hr_option *options, size_t count)
{
    printf("%s.\n\nusage: headroom %s [OPTION…]%s%s\n\n", command->summary, command->name,
        command->operands[0] ? " " : "", command->operands);
    for (size_t i = 0; i < count; i++) {
        char left[64];
        snprintf(left, sizeof(left), "--%s%s%s", options[i].name, options[i].value ? " " : "",
            options[i].value ? options[i].value : "");
        printf("  %-24s %s\n", left, options[i].help);
    }
    printf("  %-24s %s\n\nexample: %s\n", "--help", "show this", command->example);
}

static const struct hr_option *find_option(
    const struct hr_option *options, size_t count, struct hr_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (hr_str_is(name, options[i].name)) {
            return &options[i];
        }
    }
    return NULL;
}

static int unknown_option(const struct hr_command *command, const struct hr_option *options,
    size_t count, struct hr_str name, const char *typed)
{
    struct hr_str names[MOST_OPTIONS];
    char hint[80] = "";
    for (size_t i = 0; i < count && i < MOST_OPTIONS; i++) {
        names[i] = hr_str(options[i].name);
    }
    int nearest = hr_nearest(name, names, count < MOST_OPTIONS ? count : MOST_OPTIONS);
    if (nearest >= 0) {
        snprintf(hint, sizeof(hint), "; did you mean --%s?", options[nearest].name);
    }
    return misuse_of(command, "unknown option ", typed, hint);
}

static bool parse_number(const char *text, int64_t *number)
{
    int end = 0;
    return strspn(text, "0123456789") == strlen(text) && strlen(text) <= 18 &&
           /* NOLINTNEXTLINE(cert-err34-c): 18 digits fit */
           sscanf(text, "%" SCNd64 "%n", number, &end) == 1 && text[end] == '\0';
}

static bool parse_time(const char *text, struct hr_time *time)
{
    int64_t day;
    if (hr_date_parse(hr_str(text), &day)) {
        time->us = day * HR_DAY;
        return true;
    }
    return hr_time_parse(hr_str(text), time);
}

/* Stores a checked value; false after it has been said what is wrong. */
static bool take_value(
    const struct hr_command *command, const struct hr_option *option, const char *value)
{
    char before[80], behind[96] = "";
    int64_t number;
    struct hr_time time;
    snprintf(before, sizeof(before), "--%s: \"", option->name);
    if (option->text) {
        *option->text = value;
        return true;
    }
    if (option->values) {
        if (option->values->count < (size_t)option->most) {
            option->values->at[option->values->count++] = value;
            return true;
        }
        snprintf(behind, sizeof(behind), "\" is one too many: at most %" PRId64, option->most);
    } else if (option->number) {
        if (parse_number(value, &number) && number >= option->least && number <= option->most) {
            *option->number = number;
            return true;
        }
        snprintf(behind, sizeof(behind), "\" is not a whole number from %" PRId64 " to %" PRId64,
            option->least, option->most);
    } else if (option->time) {
        if (parse_time(value, &time)) {
            *option->time = time;
            return true;
        }
        snprintf(behind, sizeof(behind),
            "\" is neither a time such as 2026-11-01T00:00:00Z nor a "
            "date");
    } else {
        if (hr_duration_parse(hr_str(value), &number)) {
            *option->duration = number;
            return true;
        }
        snprintf(behind, sizeof(behind), "\" is not a duration such as 90s, 5m, 24h, 7d or 2w");
    }
    misuse_of(command, before, value, behind);
    return false;
}

bool hr_read_options(const struct hr_command *command, const struct hr_option *options,
    size_t option_count, int argc, char **argv, int *operand_count, int *status)
{
    bool ended = false;
    *operand_count = 0;
    *status = HR_EXIT_MISUSE;
    for (int i = 0; i < argc; i++) {
        char *word = argv[i];
        if (ended || word[0] != '-' || word[1] == '\0') {
            argv[(*operand_count)++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            ended = true;
            continue;
        }
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            print_help(command, options, option_count);
            *status = HR_EXIT_DONE;
            return false;
        }
        char *equals = strchr(word, '=');
        size_t len = equals ? (size_t)(equals - word) : strlen(word);
        struct hr_str name = {word + 2, len > 2 ? len - 2 : 0};
        const struct hr_option *option =
            word[1] == '-' ? find_option(options, option_count, name) : NULL;
        if (!option) {
            *status = unknown_option(command, options, option_count, name, word);
            return false;
        }
        if (option->flag) {
            if (equals) {
                *status = hr_misuse(command, "--%s takes no value", option->name);
                return false;
            }
            *option->flag = true;
            continue;
        }
        const char *value = equals ? equals + 1 : i + 1 < argc ? argv[++i] : NULL;
        if (!value) {
            *status = hr_misuse(command, "--%s wants %s", option->name, option->value);
            return false;
        }
        if (!take_value(command, option, value)) {
            return false;
        }
    }
    return true;
}

bool hr_read_only_options(const struct hr_command *command, const struct hr_option *options,
    size_t option_count, int argc, char **argv, int *status)
{
    int operands;
    if (!hr_read_options(command, options, option_count, argc, argv, &operands, status)) {
        return false;
    }
    if (operands > 0) {
        *status = hr_no_operands(command, argv[0]);
    }
    return operands == 0;
}
