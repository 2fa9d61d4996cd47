/* SPDX-License-Identifier: Apache-2.0 */
/* From a word to a command, at the top (`headroom check`) and below one (`headroom deadletter
 * list`) alike. */
#include "headroom/commands.h"

#include "headroom/log.h"
#include "headroom/memory.h"
#include "headroom/nearest.h"

#include <stdio.h>
#include <string.h>

#define MOST_COMMANDS 32

static const char *last_word(const struct hr_command *command)
{
    const char *space = strrchr(command->name, ' ');
    return space ? space + 1 : command->name;
}

static int unknown(const struct hr_command *commands, size_t count, const char *word)
{
    struct hr_str names[MOST_COMMANDS];
    struct hr_arena arena;
    size_t known = count < MOST_COMMANDS ? count : MOST_COMMANDS;
    for (size_t i = 0; i < known; i++) {
        names[i] = hr_str(last_word(&commands[i]));
    }
    int nearest = hr_nearest(hr_str(word), names, known);
    hr_arena_init(&arena);
    fprintf(stderr, "headroom: there is no command \"%s\"", hr_escape(&arena, hr_str(word), 100));
    hr_arena_clean_up(&arena);
    if (nearest >= 0) {
        fprintf(stderr, "; did you mean `headroom %s`?\n", commands[nearest].name);
    } else {
        fprintf(stderr, "; there are:\n");
        for (size_t i = 0; i < count; i++) {
            fprintf(stderr, "  headroom %s\n", commands[i].name);
        }
    }
    return HR_EXIT_MISUSE;
}

int hr_dispatch(const struct hr_command *commands, size_t count, int argc, char **argv)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(argv[0], last_word(&commands[i])) == 0) {
            return commands[i].run(&commands[i], argc - 1, argv + 1);
        }
    }
    return unknown(commands, count, argv[0]);
}

int hr_dispatch_below(const struct hr_command *parent, const struct hr_command *commands,
    size_t count, int argc, char **argv)
{
    if (argc == 0) {
        fprintf(stderr, "headroom %s: what of it? `headroom %s --help` shows.\n", parent->name,
            parent->name);
        return HR_EXIT_MISUSE;
    }
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        printf("%s.\n\nusage: headroom %s COMMAND [OPTION…]\n\n", parent->summary, parent->name);
        hr_print_commands(commands, count);
        printf("\nexample: %s\n", parent->example);
        return HR_EXIT_DONE;
    }
    return hr_dispatch(commands, count, argc, argv);
}

void hr_print_commands(const struct hr_command *commands, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("  %-18s %s\n", commands[i].name, commands[i].summary);
    }
}
