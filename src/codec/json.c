/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of RFC 8259 over the tokens that the scanner found.
 *
 * The scanner (json_shim.cc) has checked UTF-8, control characters in strings and that strings end.
 * What is left is checked here for every token, used or not: brackets, commas and colons in their
 * places, numbers by the letter of the grammar, the three words, escapes, depth. The scanner names
 * where a token begins, not where it ends; as only white space can stand between the end of a token
 * and the next beginning, the end is found from there, and whatever does not belong to a word or a
 * number is inside its token and fails its check.
 *
 * Decisions where RFC 8259 leaves room:
 *   equal keys      accepted, the last one counts: what the producer's own tools see (JavaScript,
 *                   Python, Go, Java agree on it), and refusing would need a set for each object
 *   lone surrogate  refused: what is escaped as half a character has no UTF-8
 *   byte order mark refused, as the RFC says of whoever writes it
 *   \u0000          accepted; names may hold any byte
 *   numbers         of any length; what they mean is the decimal's business
 *
 * Most of what the scanner costs for a short text is its beginning and its end. Lines that lie
 * behind each other are scanned together (hr_document_expect), to the same effect: a line's end is
 * white space, and inside a string a control character, which no text may hold. Where one of them
 * is wrong each is scanned alone, so that it is known which.
 *
 * Figures for an event of 270 bytes and 53 tokens, release build, one core of an EPYC (Zen 5): 0.09
 * µs with every token checked and every field findable, half of it the scanner (38 ns alone, 15
 * among other lines). simdjson 3.0.1 on the same bytes: DOM 0.11 µs, its numbers as doubles;
 * On-Demand 0.27 µs when it visits everything.
 */
#include "json.h"

#include "json_shim.h"

#include <string.h>

/* Above this, memory that one text has needed is given back. */
#define KEPT_BYTES (1U << 20)
#define KEPT_NODES (KEPT_BYTES / sizeof(struct hr_json_node))
/* A text has at most as many nodes as bytes, and room is made for twice as many: what is not longer
 * than this never needs as much. */
#define SHORT (KEPT_NODES / 2)

/* How much it was is not told. */
void hr_json_no_memory(void)
{
    hr_out_of_memory(sizeof(void *));
}

void hr_document_init(struct hr_document *json)
{
    memset(json, 0, sizeof *json);
    json->scanner = hr_json_scanner_new();
}

void hr_document_clean_up(struct hr_document *json)
{
    hr_json_scanner_destroy(json->scanner);
    hr_free(json->nodes);
    memset(json, 0, sizeof *json);
}

void hr_document_give_back(struct hr_document *json)
{
    json->had_long = false;
    json->ahead.at = NULL;
    hr_json_scanner_trim(json->scanner, KEPT_BYTES);
    if (json->room > KEPT_NODES) {
        hr_free(json->nodes);
        json->nodes = NULL;
        json->room = 0;
    }
}

/* --- tokens ---------------------------------------------------------------------------------- */

/* Where the walk stands. Its functions are small and inline so that this lives in registers: at
 * fifty tokens an event they are half of the cost. */
struct walk {
    struct hr_document *json;
    const char *base;          /* what was scanned, and in it */
    const uint32_t *token;     /* where tokens begin; behind the last stands where it ends */
    uint32_t start, end;       /* where the text stands */
    struct hr_json_node *node; /* the next to be filled; there is room for one a token */
    uint32_t behind;           /* the number of the node behind it */
    bool backslashes;          /* there is one somewhere in the text */
};

/* Of a place in what was scanned. */
static bool fail(const struct walk *walk, uint32_t at, const char *wrong)
{
    walk->json->wrong = wrong;
    walk->json->wrong_at = at - walk->start;
    return false;
}

/* Where the walk stands, or at the text's end. */
static bool fail_here(const struct walk *walk, const char *wrong)
{
    return fail(walk, *walk->token < walk->end ? *walk->token : walk->end, wrong);
}

static inline bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The token's first byte; NUL behind the last token, which no rule of the grammar accepts. */
static inline char peek(const struct walk *walk)
{
    return *walk->token < walk->end ? walk->base[*walk->token] : '\0';
}

/* Where the token ends, which must be a string, a word or a number. The next one may be another
 * text's: a line's end is white space. */
static inline uint32_t end_of_token(const struct walk *walk)
{
    uint32_t end = walk->token[1];
    while ((unsigned char)walk->base[end - 1] <= ' ' && is_space(walk->base[end - 1])) {
        end--;
    }
    return end;
}

static inline struct hr_json_node *add(struct walk *walk, enum hr_json_kind kind, uint32_t end)
{
    struct hr_json_node *node = walk->node++;
    node->at = *walk->token++;
    node->end = end;
    node->next = walk->behind++;
    node->kind = (uint8_t)kind;
    node->escaped = false;
    return node;
}

static bool check_escapes(const struct walk *walk, struct hr_json_node *string)
{
    const char *at = walk->base + string->at + 1;
    const char *end = walk->base + string->end - 1;
    while ((at = memchr(at, '\\', (size_t)(end - at)))) {
        const char *escape = at++;
        string->escaped = true;
        if (hr_json_escape(&at, end) < 0) {
            return fail(
                walk, (uint32_t)(escape - walk->base), "this escape stands for no character");
        }
    }
    return true;
}

static inline bool read_string(struct walk *walk)
{
    struct hr_json_node *node = add(walk, HR_JSON_STRING, end_of_token(walk));
    return !walk->backslashes || check_escapes(walk, node);
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at)) {
        at++;
    }
    return at;
}

/* RFC 8259, 6: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static bool is_number(const char *at, const char *end)
{
    if (*at == '-') {
        at++;
    }
    if (at == end || !is_digit(*at)) {
        return false;
    }
    at = *at == '0' ? at + 1 : skip_digits(at, end);
    if (at < end && *at == '.') {
        if (++at == end || !is_digit(*at)) {
            return false;
        }
        at = skip_digits(at, end);
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-')) {
            at++;
        }
        if (at == end || !is_digit(*at)) {
            return false;
        }
        at = skip_digits(at, end);
    }
    return at == end;
}

static inline bool read_word_or_number(struct walk *walk)
{
    struct hr_json_node *node = add(walk, HR_JSON_NUMBER, end_of_token(walk));
    struct hr_str token = {walk->base + node->at, node->end - node->at};
    if (*token.at == '-' || is_digit(*token.at)) {
        if (!is_number(token.at, token.at + token.len)) {
            return fail(walk, node->at, "this is no number");
        }
    } else if (hr_str_equal(token, HR_STR("true"))) {
        node->kind = HR_JSON_TRUE;
    } else if (hr_str_equal(token, HR_STR("false"))) {
        node->kind = HR_JSON_FALSE;
    } else if (hr_str_equal(token, HR_STR("null"))) {
        node->kind = HR_JSON_NULL;
    } else {
        return fail(walk, node->at, "a value was expected");
    }
    return true;
}

/* --- structure ------------------------------------------------------------------------------- */

static inline bool read_key(struct walk *walk)
{
    if (peek(walk) != '"') {
        return fail_here(walk, "a name in quotes was expected");
    }
    if (!read_string(walk)) {
        return false;
    }
    if (peek(walk) != ':') {
        return fail_here(walk, "a colon was expected");
    }
    walk->token++;
    return true;
}

/* A document without recursion: each turn reads one value, with its key in an object, then ends the
 * containers that end behind it. */
static bool read_document(struct walk *walk)
{
    struct hr_document *json = walk->json;
    uint32_t depth = 0;
    char close = '\0'; /* what ends the container around: } or ] */
    for (;;) {
        if (close == '}' && !read_key(walk)) {
            return false;
        }
        char c = peek(walk);
        if (c == '{' || c == '[') {
            if (depth == HR_JSON_DEPTH) {
                return fail_here(walk, "nested too deep");
            }
            close = c == '{' ? '}' : ']';
            json->around[depth++] = walk->behind - 1;
            add(walk, c == '{' ? HR_JSON_OBJECT : HR_JSON_ARRAY, 0);
            if (peek(walk) != close) {
                continue;
            }
        } else if (c == '"') {
            if (!read_string(walk)) {
                return false;
            }
        } else if (*walk->token >= walk->end) {
            return fail_here(walk, "a value was expected");
        } else if (!read_word_or_number(walk)) {
            return false;
        }
        while (depth > 0 && (c = peek(walk)) != ',') {
            if (c != close) {
                return fail_here(
                    walk, close == '}' ? "a comma or } was expected" : "a comma or ] was expected");
            }
            struct hr_json_node *closed = &json->nodes[json->around[--depth]];
            closed->end = *walk->token++ + 1;
            closed->next = walk->behind - 1;
            if (depth > 0) {
                uint8_t kind = json->nodes[json->around[depth - 1]].kind;
                close = kind == HR_JSON_OBJECT ? '}' : ']';
            }
        }
        if (depth == 0) {
            break;
        }
        walk->token++; /* the comma */
    }
    if (*walk->token < walk->end) {
        return fail_here(walk, "something follows the end");
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------
 */

static void make_room(struct hr_document *json, uint32_t tokens)
{
    if (tokens > json->room) {
        json->room = 2 * (size_t)tokens;
        hr_free(json->nodes);
        json->nodes = hr_resize(NULL, json->room * sizeof *json->nodes);
    }
}

size_t hr_document_expect(struct hr_document *json, const struct hr_str *texts, size_t count)
{
    const char *end = texts[0].at + texts[0].len;
    size_t together = 1;
    while (together < count && texts[together].at == end + 1 &&
           (size_t)(end - texts[0].at) + 1 + texts[together].len <= SHORT) {
        end += 1 + texts[together++].len;
    }
    struct hr_str all = {texts[0].at, (size_t)(end - texts[0].at)};
    const uint32_t *starts;
    uint32_t tokens;
    json->ahead.at = NULL;
    if (together > 1 &&
        hr_json_scan(json->scanner, all.at, all.len, &starts, &tokens) == HR_SCAN_OK) {
        make_room(json, tokens);
        json->ahead = (struct hr_json_ahead){
            all.at, end, all.at, starts, memchr(all.at, '\\', all.len) != NULL};
    }
    return together;
}

/* Takes the text from those that were scanned together. False: it is not among them. */
static bool take_ahead(struct hr_document *json, struct hr_str text, struct walk *walk)
{
    struct hr_json_ahead *ahead = &json->ahead;
    if (!ahead->at || text.at < ahead->at || text.at + text.len > ahead->end) {
        return false;
    }
    uint32_t start = (uint32_t)(text.at - ahead->base);
    while (*ahead->token < start) {
        ahead->token++;
    }
    *walk = (struct walk){json, ahead->base, ahead->token, start, start + (uint32_t)text.len,
        json->nodes, 1, ahead->backslashes};
    ahead->at = text.at + text.len;
    return true;
}

static enum hr_json_scan scan(struct hr_document *json, struct hr_str text, struct walk *walk)
{
    const uint32_t *starts;
    uint32_t tokens;
    json->ahead.at = NULL; /* the scanner's room is taken */
    json->had_long |= text.len > SHORT;
    enum hr_json_scan scan = hr_json_scan(json->scanner, text.at, text.len, &starts, &tokens);
    if (scan == HR_SCAN_OK) {
        make_room(json, tokens);
        *walk = (struct walk){json, text.at, starts, 0, (uint32_t)text.len, json->nodes, 1,
            memchr(text.at, '\\', text.len) != NULL};
    }
    return scan;
}

bool hr_document_parse(struct hr_document *json, struct hr_str text)
{
    static const char *const wrong[] = {
        [HR_SCAN_EMPTY] = "there is nothing",
        [HR_SCAN_UTF8] = "not UTF-8",
        [HR_SCAN_CONTROL] = "a string holds a control character",
        [HR_SCAN_UNCLOSED] = "a string has no end",
        [HR_SCAN_TOO_LONG] = "longer than 4 GiB",
    };
    struct walk walk;
    enum hr_json_scan scanned =
        take_ahead(json, text, &walk) ? HR_SCAN_OK : scan(json, text, &walk);
    if (scanned == HR_SCAN_OK && *walk.token >= walk.end) {
        scanned = HR_SCAN_EMPTY;
    }
    if (scanned == HR_SCAN_NO_MEMORY) {
        hr_out_of_memory(text.len * sizeof *walk.token);
    }
    if (scanned != HR_SCAN_OK) {
        json->wrong = wrong[scanned];
        json->wrong_at = 0;
        return false;
    }
    json->base = walk.base;
    if (!read_document(&walk)) {
        return false;
    }
    json->ahead.token = walk.token;
    return true;
}
