/* SPDX-License-Identifier: Apache-2.0 */
#include "shell.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* Decodes in place. */
static struct hr_str decode(char *text)
{
    if (strcmp(text, "-") == 0) {
        return (struct hr_str){NULL, 0};
    }
    if (strcmp(text, "%") == 0) {
        return (struct hr_str){text, 0};
    }
    size_t len = 0;
    for (char *c = text; *c; c++) {
        if (*c == '%') {
            text[len++] = (char)(digit(c[1]) * 16 + digit(c[2]));
            c += 2;
        } else {
            text[len++] = *c;
        }
    }
    return (struct hr_str){text, len};
}

struct hr_str take(struct words *words)
{
    return words->next < words->count ? words->at[words->next++] : (struct hr_str){"", 0};
}

int64_t take_number(struct words *words)
{
    struct hr_str word = hr_arena_copy(words->arena, take(words));
    return word.at ? strtoll(word.at, NULL, 10) : 0;
}

size_t left(const struct words *words)
{
    return words->count - words->next;
}

void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
}

void say_word(struct hr_str word)
{
    if (!word.at) {
        printf(" -");
        return;
    }
    printf(word.len ? " " : " %%");
    for (size_t i = 0; i < word.len; i++) {
        unsigned char c = (unsigned char)word.at[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     c == ':' || c == '_' || c == '.';
        printf(plain ? "%c" : "%%%02X", c);
    }
}

void say_fate(enum hr_fate fate, const struct hr_error *error)
{
    static const char *const names[] = {"ok", "retry", "reject", "refuse", "stop"};
    say("%s", names[fate]);
    if (fate != HR_OK) {
        say_word(hr_str(error->text));
    }
}

static void run_line(const struct shell_command *commands, void *self, char *line)
{
    struct hr_arena arena;
    hr_arena_init(&arena);
    struct words words = {.arena = &arena};
    words.at = hr_arena_take(&arena, (strlen(line) / 2 + 1) * sizeof(*words.at));
    char *rest = NULL, *name = strtok_r(line, " \n", &rest);
    for (char *word = strtok_r(NULL, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
        words.at[words.count++] = decode(word);
    }
    for (; commands->name && strcmp(commands->name, name) != 0; commands++) {
    }
    if (!commands->name) {
        fprintf(stderr, "no command %s\n", name);
        abort();
    }
    commands->run(self, &words);
    printf("\n");
    fflush(stdout);
    hr_arena_clean_up(&arena);
}

void shell(const struct shell_command *commands, void *self)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        run_line(commands, self, line);
    }
    free(line);
}
