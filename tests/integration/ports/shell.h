/* SPDX-License-Identifier: Apache-2.0 */
/* A port on standard input and output, for scenarios that are told in Python: a line is a command
 * and its words, an answer is one line. Words are percent-encoded; "-" alone is no value, "%"
 * alone an empty one. */
#ifndef HEADROOM_TESTS_SHELL_H
#define HEADROOM_TESTS_SHELL_H

#include "headroom/error.h"
#include "headroom/memory.h"

#include <stdint.h>

struct words {
    struct hr_str *at;
    size_t count, next;
    struct hr_arena *arena;
};

/* The next word; empty when there is none left. */
struct hr_str take(struct words *words);
int64_t take_number(struct words *words);
/* How many are left. */
size_t left(const struct words *words);

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_word(struct hr_str word);
/* "ok", or the fate's name and what the error says. */
void say_fate(enum hr_fate fate, const struct hr_error *error);

struct shell_command {
    const char *name;
    void (*run)(void *self, struct words *words);
};
/* Until the input ends. */
void shell(const struct shell_command *commands, void *self);

#endif
