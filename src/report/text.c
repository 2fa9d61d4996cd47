/* SPDX-License-Identifier: Apache-2.0 */
/* Text that came from anywhere, made harmless. An account may be called anything: markup, half a
 * character, a sequence that turns the line around. */
#include "draw.h"

static const char replacement[] = "\xef\xbf\xbd";

/* The length of the UTF-8 sequence at the front and its character; 0 when it is none: too long a
 * form, a surrogate, beyond U+10FFFF, or cut off. */
static size_t decode(const unsigned char *at, size_t len, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = at[0] < 0x80 ? 1 : at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : at[0] >= 0xc2 ? 2 : 0;
    if (size == 0 || size > len || at[0] > 0xf4) {
        return 0;
    }
    uint32_t value = size == 1 ? at[0] : at[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (at[i] & 0x3f);
    }
    *character = value;
    bool surrogate = value >= 0xd800 && value <= 0xdfff;
    return value < least[size] || surrogate || value > 0x10ffff ? 0 : size;
}

/* Controls, what has no width, what turns the direction, what XML forbids. */
static bool is_hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c & 0xfffe) == 0xfffe;
}

static void put_character(struct hr_buffer *out, const unsigned char *at, size_t size, uint32_t c)
{
    switch (c) {
    case '&':
        hr_page_put(out, "&amp;");
        return;
    case '<':
        hr_page_put(out, "&lt;");
        return;
    case '>':
        hr_page_put(out, "&gt;");
        return;
    case '"':
        hr_page_put(out, "&quot;");
        return;
    case '\'':
        hr_page_put(out, "&#39;");
        return;
    default:
        hr_put_bytes(out, at, size);
    }
}

void hr_page_put_text(struct hr_buffer *out, struct hr_str text)
{
    for (size_t i = 0; i < text.len;) {
        const unsigned char *at = (const unsigned char *)text.at + i;
        uint32_t character = 0;
        size_t size = decode(at, text.len - i, &character);
        if (size == 0 || is_hidden(character)) {
            hr_page_put(out, replacement);
        } else {
            put_character(out, at, size, character);
        }
        i += size ? size : 1;
    }
}

void hr_page_put_count(struct hr_buffer *out, uint64_t count)
{
    if (count >= 1000) {
        hr_page_put_count(out, count / 1000);
        hr_put_printf(out, ",%03u", (unsigned)(count % 1000));
    } else {
        hr_put_printf(out, "%u", (unsigned)count);
    }
}

void hr_page_put(struct hr_buffer *out, const char *markup)
{
    hr_put_bytes(out, markup, strlen(markup));
}

void hr_page_put_name(struct hr_buffer *out, struct hr_str name)
{
    size_t characters = 0, at = 0;
    for (; at < name.len; at++) {
        bool begins = ((unsigned char)name.at[at] & 0xc0) != 0x80;
        if (begins && ++characters > 30) {
            break;
        }
    }
    hr_page_put_text(out, (struct hr_str){name.at, at});
    hr_page_put(out, at < name.len ? "…" : "");
}
