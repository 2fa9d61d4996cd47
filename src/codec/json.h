/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON text, checked whole, as an array of nodes that point into it. */
#ifndef HEADROOM_CODEC_JSON_H
#define HEADROOM_CODEC_JSON_H

#include "headroom/error.h"
#include "headroom/memory.h"
#include "headroom/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum hr_json_kind {
    HR_JSON_OBJECT,
    HR_JSON_ARRAY,
    HR_JSON_STRING,
    HR_JSON_NUMBER,
    HR_JSON_TRUE,
    HR_JSON_FALSE,
    HR_JSON_NULL,
};

/* Nodes stand in the order of the text. An object's members follow it as key, value, key, value; a
 * key is a string node. `next` is the node behind this one and all it holds. */
struct hr_json_node {
    uint32_t at, end; /* as written, quotes and brackets included, from the document's base */
    uint32_t next;
    uint8_t kind;
    bool escaped; /* of a string: it holds a backslash */
};

/* Deeper texts are refused: nothing that an event says needs more, and memory must not follow what
 * a stranger sends. It is simdjson's own default. */
#define HR_JSON_DEPTH 1024

struct hr_json_scanner;
/* Texts that were scanned together and not parsed yet. */
struct hr_json_ahead {
    const char *at, *end;  /* at NULL: there are none */
    const char *base;      /* of what was scanned: tokens count from here */
    const uint32_t *token; /* the next, or one of a text that is passed over */
    bool backslashes;
};
struct hr_document {
    const char *base;           /* of what was scanned: the text, or others before it */
    struct hr_json_node *nodes; /* nodes[0] is the root */
    size_t room;
    struct hr_json_scanner *scanner;
    struct hr_json_ahead ahead;
    bool had_long;                  /* since memory was last given back */
    uint32_t around[HR_JSON_DEPTH]; /* while parsing: the open containers' nodes */
    /* Of a text that was refused: one clause, and the byte (from 0) where it was seen. */
    const char *wrong;
    size_t wrong_at;
};

void hr_document_init(struct hr_document *json);
void hr_document_clean_up(struct hr_document *json);
/* False: not JSON (RFC 8259, UTF-8), or deeper than HR_JSON_DEPTH; `wrong` says why. The nodes live
 * until the next call, the text is the caller's. */
HR_MUST bool hr_document_parse(struct hr_document *json, struct hr_str text);
/* Scans some texts together, of `count` (at least one) that lie behind each other with a line's end
 * between them, and returns how many. They may then be parsed in this order, or passed over; their
 * bytes must stay until then, or until the next call. It only saves time. */
size_t hr_document_expect(struct hr_document *json, const struct hr_str *texts, size_t count);
/* Gives back what a huge text has needed. */
void hr_document_give_back(struct hr_document *json);
static inline void hr_document_trim(struct hr_document *json)
{
    if (json->had_long) {
        hr_document_give_back(json);
    }
}

#define HR_JSON_NONE UINT32_MAX

/* Reads the escape behind a backslash, moves `at` past it and returns the character; -1 when it is
 * none, or half of a surrogate pair. */
int32_t hr_json_escape(const char **at, const char *end);

/* As written. */
static inline struct hr_str hr_document_raw(const struct hr_document *json, uint32_t node)
{
    const struct hr_json_node *n = &json->nodes[node];
    return (struct hr_str){json->base + n->at, n->end - n->at};
}
struct hr_str hr_document_unescape(
    const struct hr_document *json, uint32_t string, struct hr_arena *arena);
/* A string without quotes and escapes (in the arena when it had any), all else as written. */
static inline struct hr_str hr_document_text(
    const struct hr_document *json, uint32_t node, struct hr_arena *arena)
{
    struct hr_str raw = hr_document_raw(json, node);
    if (json->nodes[node].escaped) {
        return hr_document_unescape(json, node, arena);
    }
    return json->nodes[node].kind == HR_JSON_STRING ? (struct hr_str){raw.at + 1, raw.len - 2}
                                                    : raw;
}
bool hr_document_escaped_is(const struct hr_document *json, uint32_t key, struct hr_str name);
/* The key of a member, given its key's node, compared with `name`. */
static inline bool hr_document_key_is(
    const struct hr_document *json, uint32_t key, struct hr_str name)
{
    struct hr_str raw = hr_document_raw(json, key);
    if (json->nodes[key].escaped) {
        return hr_document_escaped_is(json, key, name);
    }
    return raw.len == name.len + 2 && memcmp(raw.at + 1, name.at, name.len) == 0;
}
/* The value of an object's member, the last one of that name, or HR_JSON_NONE. */
uint32_t hr_document_member(const struct hr_document *json, uint32_t object, struct hr_str name);
/* What an RFC 6901 pointer names below `node`, or HR_JSON_NONE; "" names the node itself. */
uint32_t hr_document_find(const struct hr_document *json, uint32_t node, struct hr_str pointer);
/* Hash of the node as written but without insignificant white space; of an object without its
 * members of the name `except` (at NULL: with all). */
uint64_t hr_document_hash(const struct hr_document *json, uint32_t node, struct hr_str except,
    struct hr_arena *arena, uint64_t seed);

#endif
