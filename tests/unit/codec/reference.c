/* SPDX-License-Identifier: Apache-2.0 */
#include "reference.h"

struct reader {
    const unsigned char *at, *end;
    int depth;
};

static int next(struct reader *r)
{
    return r->at < r->end ? *r->at++ : -1;
}

static int peek(const struct reader *r)
{
    return r->at < r->end ? *r->at : -1;
}

static bool in(int c, int least, int most)
{
    return c >= least && c <= most;
}

/* One character whose first byte is given, by Table 3-7. */
static bool tail(struct reader *r, int first)
{
    if (first < 0x80) {
        return first >= 0;
    }
    if (in(first, 0xC2, 0xDF)) {
        return in(next(r), 0x80, 0xBF);
    }
    if (first == 0xE0) {
        return in(next(r), 0xA0, 0xBF) && in(next(r), 0x80, 0xBF);
    }
    if (first == 0xED) {
        return in(next(r), 0x80, 0x9F) && in(next(r), 0x80, 0xBF);
    }
    if (in(first, 0xE1, 0xEF)) {
        return in(next(r), 0x80, 0xBF) && in(next(r), 0x80, 0xBF);
    }
    if (first == 0xF0) {
        return in(next(r), 0x90, 0xBF) && in(next(r), 0x80, 0xBF) && in(next(r), 0x80, 0xBF);
    }
    if (in(first, 0xF1, 0xF3)) {
        return in(next(r), 0x80, 0xBF) && in(next(r), 0x80, 0xBF) && in(next(r), 0x80, 0xBF);
    }
    if (first == 0xF4) {
        return in(next(r), 0x80, 0x8F) && in(next(r), 0x80, 0xBF) && in(next(r), 0x80, 0xBF);
    }
    return false;
}

bool reference_utf8(struct hr_str text)
{
    struct reader r = {
        (const unsigned char *)text.at, (const unsigned char *)text.at + text.len, 0};
    while (r.at < r.end) {
        if (!tail(&r, next(&r))) {
            return false;
        }
    }
    return true;
}

static void space(struct reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r') {
        next(r);
    }
}

static bool digits(struct reader *r)
{
    if (!in(next(r), '0', '9')) {
        return false;
    }
    while (in(peek(r), '0', '9')) {
        next(r);
    }
    return true;
}

static bool number(struct reader *r)
{
    if (peek(r) == '-') {
        next(r);
    }
    if (peek(r) == '0') {
        next(r);
    } else if (!digits(r)) {
        return false;
    }
    if (peek(r) == '.') {
        next(r);
        if (!digits(r)) {
            return false;
        }
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        next(r);
        if (peek(r) == '+' || peek(r) == '-') {
            next(r);
        }
        return digits(r);
    }
    return true;
}

static int hex4(struct reader *r)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        int c = next(r);
        if (in(c, '0', '9')) {
            value = value * 16 + c - '0';
        } else if (in(c, 'a', 'f')) {
            value = value * 16 + c - 'a' + 10;
        } else if (in(c, 'A', 'F')) {
            value = value * 16 + c - 'A' + 10;
        } else {
            return -1;
        }
    }
    return value;
}

static bool escape(struct reader *r)
{
    int c = next(r);
    if (c != 'u') {
        return c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' ||
               c == 't';
    }
    int first = hex4(r);
    if (first < 0 || in(first, 0xDC00, 0xDFFF)) {
        return false;
    }
    if (!in(first, 0xD800, 0xDBFF)) {
        return true;
    }
    return next(r) == '\\' && next(r) == 'u' && in(hex4(r), 0xDC00, 0xDFFF);
}

static bool string(struct reader *r)
{
    if (next(r) != '"') {
        return false;
    }
    for (;;) {
        int c = next(r);
        if (c == '"') {
            return true;
        }
        if (c < 0x20 || (c == '\\' ? !escape(r) : !tail(r, c))) {
            return false;
        }
    }
}

static bool word(struct reader *r, const char *letters)
{
    while (*letters) {
        if (next(r) != *letters++) {
            return false;
        }
    }
    return true;
}

static bool value(struct reader *r);

static bool list(struct reader *r, bool object)
{
    int close = object ? '}' : ']';
    if (++r->depth > 1024) {
        return false;
    }
    next(r);
    space(r);
    if (peek(r) == close) {
        next(r);
        r->depth--;
        return true;
    }
    for (;;) {
        space(r);
        if (object) {
            if (!string(r)) {
                return false;
            }
            space(r);
            if (next(r) != ':') {
                return false;
            }
        }
        if (!value(r)) {
            return false;
        }
        int c = next(r);
        if (c == close) {
            r->depth--;
            return true;
        }
        if (c != ',') {
            return false;
        }
    }
}

static bool value(struct reader *r)
{
    space(r);
    int c = peek(r);
    bool right = c == '{'   ? list(r, true)
                 : c == '[' ? list(r, false)
                 : c == '"' ? string(r)
                 : c == 't' ? word(r, "true")
                 : c == 'f' ? word(r, "false")
                 : c == 'n' ? word(r, "null")
                            : number(r);
    space(r);
    return right;
}

bool reference_accepts(struct hr_str text)
{
    struct reader r = {
        (const unsigned char *)text.at, (const unsigned char *)text.at + text.len, 0};
    return value(&r) && r.at == r.end;
}
