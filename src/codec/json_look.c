/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into a checked text: what strings mean, what pointers find, how a part of it hashes.
 *
 * Nothing here can fail but by finding nothing: whatever is wrong with a text was seen when it was
 * parsed. Strings are copied only when they hold an escape. */
#include "headroom/hash.h"
#include "json.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* --- strings --------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

/* Four hex digits as a number, -1 when they are not. */
static int32_t hex4(const char *at, const char *end)
{
    if (end - at < 4) {
        return -1;
    }
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0) {
            return -1;
        }
        value = value << 4 | digit;
    }
    return value;
}

int32_t hr_json_escape(const char **at, const char *end)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    if (*at == end) {
        return -1;
    }
    char c = *(*at)++;
    if (c != 'u') {
        const char *letter = c ? strchr(letters, c) : NULL;
        return letter ? meant[letter - letters] : -1;
    }
    int32_t first = hex4(*at, end);
    if (first < 0 || (first >= 0xDC00 && first <= 0xDFFF)) {
        return -1;
    }
    *at += 4;
    if (first < 0xD800 || first > 0xDFFF) {
        return first;
    }
    if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u') {
        return -1;
    }
    int32_t second = hex4(*at + 2, end);
    if (second < 0xDC00 || second > 0xDFFF) {
        return -1;
    }
    *at += 6;
    return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

static size_t put_utf8(char *to, int32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3F));
        to[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3F));
    to[2] = (char)(0x80 | (c >> 6 & 0x3F));
    to[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static struct hr_str inside(const struct hr_document *json, uint32_t string)
{
    struct hr_str raw = hr_document_raw(json, string);
    return (struct hr_str){raw.at + 1, raw.len - 2};
}

/* No escape is shorter than what it stands for. */
struct hr_str hr_document_unescape(
    const struct hr_document *json, uint32_t string, struct hr_arena *arena)
{
    struct hr_str written = inside(json, string);
    char *text = hr_arena_take(arena, written.len);
    size_t len = 0;
    const char *at = written.at, *end = at + written.len;
    while (at < end) {
        if (*at != '\\') {
            text[len++] = *at++;
            continue;
        }
        at++;
        len += put_utf8(text + len, hr_json_escape(&at, end));
    }
    return (struct hr_str){text, len};
}

/* Compares without a copy: keys with escapes are rare, and a look-up has no arena. */
bool hr_document_escaped_is(const struct hr_document *json, uint32_t key, struct hr_str name)
{
    struct hr_str written = inside(json, key);
    const char *at = written.at, *end = at + written.len;
    size_t seen = 0;
    while (at < end) {
        char bytes[4] = {*at++};
        size_t len = 1;
        if (bytes[0] == '\\') {
            len = put_utf8(bytes, hr_json_escape(&at, end));
        }
        if (name.len - seen < len || memcmp(name.at + seen, bytes, len) != 0) {
            return false;
        }
        seen += len;
    }
    return seen == name.len;
}

uint32_t hr_document_member(const struct hr_document *json, uint32_t object, struct hr_str name)
{
    uint32_t found = HR_JSON_NONE, end = json->nodes[object].next;
    for (uint32_t key = object + 1; key < end; key = json->nodes[key + 1].next) {
        if (hr_document_key_is(json, key, name)) {
            found = key + 1;
        }
    }
    return found;
}

/* RFC 6901, 4: digits without a leading zero. */
static uint32_t find_element(const struct hr_document *json, uint32_t array, struct hr_str name)
{
    uint64_t wanted = 0;
    if (name.len == 0 || name.len > 9 || (name.at[0] == '0' && name.len > 1)) {
        return HR_JSON_NONE;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (!is_digit(name.at[i])) {
            return HR_JSON_NONE;
        }
        wanted = wanted * 10 + (uint64_t)(name.at[i] - '0');
    }
    uint32_t element = array + 1, end = json->nodes[array].next;
    while (element < end && wanted-- > 0) {
        element = json->nodes[element].next;
    }
    return element < end ? element : HR_JSON_NONE;
}

/* A reference token with ~1 and ~0 made / and ~; the longest name that a pointer can ask for. */
#define NAME_MOST 1024

static uint32_t find_escaped(const struct hr_document *json, uint32_t object, struct hr_str token)
{
    char name[NAME_MOST];
    size_t len = 0;
    if (token.len > sizeof name) {
        return HR_JSON_NONE;
    }
    for (size_t i = 0; i < token.len; i++) {
        char c = token.at[i];
        if (c == '~' && i + 1 < token.len) {
            c = token.at[++i] == '1' ? '/' : '~';
        }
        name[len++] = c;
    }
    return hr_document_member(json, object, (struct hr_str){name, len});
}

uint32_t hr_document_find(const struct hr_document *json, uint32_t node, struct hr_str pointer)
{
    const char *at = pointer.at, *end = at + pointer.len;
    while (at < end && node != HR_JSON_NONE) {
        const char *name = ++at; /* behind the slash */
        bool tilde = false;
        for (; at < end && *at != '/'; at++) {
            tilde |= *at == '~';
        }
        struct hr_str token = {name, (size_t)(at - name)};
        if (json->nodes[node].kind == HR_JSON_ARRAY) {
            node = find_element(json, node, token);
        } else if (json->nodes[node].kind != HR_JSON_OBJECT) {
            return HR_JSON_NONE;
        } else {
            node = tilde ? find_escaped(json, node, token) : hr_document_member(json, node, token);
        }
    }
    return node;
}

/* --- hashing --------------------------------------------------------------------------------- */

/* Has high bits set where one of the eight bytes is below 0x21, and perhaps behind it. */
static inline uint64_t low_bytes(const char *at)
{
    uint64_t eight;
    memcpy(&eight, at, sizeof eight);
    return (eight - UINT64_C(0x2121212121212121)) & ~eight;
}

/* Valid JSON has no byte below 0x21 but white space between tokens and spaces in strings. */
static bool may_hold_space(struct hr_str text)
{
    uint64_t low = 0;
    if (text.len < 8) {
        for (size_t i = 0; i < text.len; i++) {
            low |= (unsigned char)text.at[i] <= ' ';
        }
        return low;
    }
    size_t last = text.len - 8; /* where the last eight begin: some are looked at twice */
#pragma GCC unroll 4
    for (size_t i = 0; i < last; i += 8) {
        low |= low_bytes(text.at + i);
    }
    low |= low_bytes(text.at + last);
    return (low & UINT64_C(0x8080808080808080)) != 0;
}

/* Copies a valid text without the white space between its tokens; returns the length. */
static size_t compact(char *to, struct hr_str text)
{
    size_t len = 0;
    bool inside = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (inside && c == '\\') {
            to[len++] = text.at[i++];
        } else if (c == '"') {
            inside = !inside;
        }
        to[len] = text.at[i];
        len += inside || !is_space(c);
    }
    return len;
}

static struct hr_str compact_except(
    const struct hr_document *json, uint32_t object, struct hr_str except, struct hr_arena *arena)
{
    char *to = hr_arena_take(arena, hr_document_raw(json, object).len);
    size_t len = 0;
    to[len++] = '{';
    for (uint32_t key = object + 1; key < json->nodes[object].next;
         key = json->nodes[key + 1].next) {
        if (hr_document_key_is(json, key, except)) {
            continue;
        }
        if (len > 1) {
            to[len++] = ',';
        }
        len += compact(to + len, hr_document_raw(json, key));
        to[len++] = ':';
        len += compact(to + len, hr_document_raw(json, key + 1));
    }
    to[len++] = '}';
    return (struct hr_str){to, len};
}

uint64_t hr_document_hash(const struct hr_document *json, uint32_t node, struct hr_str except,
    struct hr_arena *arena, uint64_t seed)
{
    struct hr_str text = hr_document_raw(json, node);
    if (except.at && json->nodes[node].kind == HR_JSON_OBJECT) {
        text = compact_except(json, node, except, arena);
    } else if (may_hold_space(text)) {
        char *to = hr_arena_take(arena, text.len);
        text = (struct hr_str){to, compact(to, text)};
    }
    return hr_hash64(text, seed);
}
