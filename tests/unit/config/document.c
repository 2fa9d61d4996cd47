/* SPDX-License-Identifier: Apache-2.0 */
/* Each node is written in a style chosen by chance: block or flow, with or without quotes, a map's
 * entries in any order. */
#include "document.h"

/* --------------------------------------------------------------- chance */

/* Sebastiano Vigna's splitmix64. */
static uint64_t next(struct chance *chance)
{
    uint64_t z = (chance->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

unsigned below(struct chance *chance, unsigned bound)
{
    return (unsigned)(next(chance) % bound);
}

bool often(struct chance *chance)
{
    return below(chance, 3) > 0;
}

/* -------------------------------------------------------------- document */

struct doc *new_doc(struct chance *chance, enum kind kind)
{
    struct doc *doc = hr_arena_zeroed(&chance->arena, sizeof(*doc));
    doc->kind = kind;
    return doc;
}

struct doc *scalar(struct chance *chance, struct hr_str text)
{
    struct doc *doc = new_doc(chance, SCALAR);
    doc->text = text;
    return doc;
}

struct doc *add(struct doc *parent, struct doc *child)
{
    if (parent->last) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
    return child;
}

struct doc *set(struct doc *map, struct hr_str key, struct doc *value)
{
    value->key = key;
    return add(map, value);
}

/* --------------------------------------------------------------- layout */

static bool plain_is_safe(struct hr_str text, bool flow)
{
    static const char *const words[] = {"~", "null", ""};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (hr_str_is(text, words[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        bool inside = i > 0 && strchr("_./%+-", c);
        bool spaced = i > 0 && i + 1 < text.len && c == ' ' && !flow;
        if (!word && !inside && !spaced) {
            return false;
        }
    }
    return true;
}

static void put_double_quoted(struct chance *chance, struct hr_buffer *out, struct hr_str text)
{
    hr_put_u8(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '"' || c == '\\') {
            hr_put_printf(out, "\\%c", c);
        } else if (c < 0x20 || c == 0x7f || (c < 0x80 && below(chance, 20) == 0)) {
            hr_put_printf(out, "\\u%04x", c);
        } else if (c == 0xc2) {
            hr_put_printf(out, "\\u00%02x", (unsigned char)text.at[++i]);
        } else if (c == 0xe2 || c == 0xef) { /* line separator, byte order mark */
            hr_put_printf(out, c == 0xe2 ? "\\u2028" : "\\uFEFF");
            i += 2;
        } else {
            hr_put_u8(out, c);
        }
    }
    hr_put_u8(out, '"');
}

static bool single_quotes_do(struct hr_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < 0x20 || c == 0x7f || c == '\'' || c == 0xc2 || c == 0xe2 || c == 0xef) {
            return false;
        }
    }
    return true;
}

static void put_scalar(
    struct chance *chance, struct hr_buffer *out, struct hr_str text, bool flow, bool json)
{
    unsigned style = json ? 2 : below(chance, 3);
    if (style == 0 && plain_is_safe(text, flow)) {
        hr_put_bytes(out, text.at, text.len);
    } else if (style <= 1 && single_quotes_do(text)) {
        hr_put_printf(out, "'%.*s'", (int)text.len, text.len ? text.at : "");
    } else {
        put_double_quoted(chance, out, text);
    }
}

static void shuffle(struct chance *chance, struct doc *map)
{
    struct doc *entries[64];
    unsigned count = 0;
    for (struct doc *entry = map->first; entry && count < 64; entry = entry->next) {
        entries[count++] = entry;
    }
    map->first = map->last = NULL;
    while (count > 0) {
        unsigned at = below(chance, count);
        struct doc *entry = entries[at];
        entries[at] = entries[--count];
        entry->next = NULL;
        add(map, entry);
    }
}

static void put_flow(struct chance *chance, struct hr_buffer *out, struct doc *doc, bool json)
{
    if (doc->kind == SCALAR) {
        put_scalar(chance, out, doc->text, true, json);
        return;
    }
    hr_put_printf(out, doc->kind == MAP ? "{ " : "[");
    if (doc->kind == MAP && !doc->fixed) {
        shuffle(chance, doc);
    }
    for (struct doc *entry = doc->first; entry; entry = entry->next) {
        if (doc->kind == MAP) {
            put_scalar(chance, out, entry->key, true, json);
            hr_put_printf(out, ": ");
        }
        put_flow(chance, out, entry, json);
        hr_put_printf(out, entry->next ? ", " : "");
    }
    hr_put_printf(out, doc->kind == MAP ? " }" : "]");
}

static void put_block(struct chance *chance, struct hr_buffer *out, struct doc *doc, int depth)
{
    bool flow = doc->kind == SCALAR || !doc->first || (depth > 0 && below(chance, 3) == 0);
    if (flow) {
        hr_put_printf(out, " ");
        if (doc->kind == SCALAR) {
            put_scalar(chance, out, doc->text, false, false);
        } else {
            put_flow(chance, out, doc, below(chance, 2));
        }
        hr_put_printf(out, below(chance, 9) ? "\n" : " # a remark\n");
        return;
    }
    hr_put_printf(out, depth > 0 ? "\n" : "");
    if (doc->kind == MAP && !doc->fixed) {
        shuffle(chance, doc);
    }
    for (struct doc *entry = doc->first; entry; entry = entry->next) {
        hr_put_printf(out, "%*s", 3 * depth, "");
        if (doc->kind == MAP) {
            put_scalar(chance, out, entry->key, true, false);
            hr_put_printf(out, ":");
        } else {
            hr_put_printf(out, "-");
        }
        put_block(chance, out, entry, depth + 1);
    }
}

void lay_out_flow(struct chance *chance, struct hr_buffer *out, struct doc *top)
{
    put_flow(chance, out, top, below(chance, 2));
}

void lay_out_block(struct chance *chance, struct hr_buffer *out, struct doc *top)
{
    put_block(chance, out, top, 0);
}
