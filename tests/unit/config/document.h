/* SPDX-License-Identifier: Apache-2.0 */
/* A document as a tree of maps, lists and scalars, laid out in styles that chance chooses. */
#ifndef TEST_CONFIG_DOCUMENT_H
#define TEST_CONFIG_DOCUMENT_H

#include "headroom/buffer.h"
#include "headroom/memory.h"

#include <stdbool.h>

struct chance {
    uint64_t state;
    struct hr_arena arena;
};
unsigned below(struct chance *chance, unsigned bound);
bool often(struct chance *chance);
#define PICK(chance, array) ((array)[below(chance, sizeof(array) / sizeof((array)[0]))])

enum kind { SCALAR, LIST, MAP };
struct doc {
    enum kind kind;
    struct hr_str key, text;
    bool fixed; /* the order of its entries means something */
    struct doc *first, *last, *next;
};
/* All in the arena. */
struct doc *new_doc(struct chance *chance, enum kind kind);
struct doc *scalar(struct chance *chance, struct hr_str text);
struct doc *add(struct doc *parent, struct doc *child);
struct doc *set(struct doc *map, struct hr_str key, struct doc *value);
#define TEXTF(chance, ...) hr_arena_printf(&(chance)->arena, __VA_ARGS__)
#define SET(map, key, ...) set(map, HR_STR(key), scalar(chance, TEXTF(chance, __VA_ARGS__)))

void lay_out_flow(struct chance *chance, struct hr_buffer *out, struct doc *top);
void lay_out_block(struct chance *chance, struct hr_buffer *out, struct doc *top);

#endif
