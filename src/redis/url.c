/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a Redis URL apart. Strict, because a URL that is understood in another way than it was
 * meant (a password cut at its '@', database 0 instead of 10) shows only as somebody else's data.
 */
#include "url.h"

#include "headroom/memory.h"

#define SCHEME "redis://"

static bool hex_digit(char c, int *value)
{
    static const char digits[] = "0123456789abcdef";
    char lower = c >= 'A' && c <= 'F' ? (char)(c + ('a' - 'A')) : c;
    const char *found = lower ? strchr(digits, lower) : NULL;
    *value = found ? (int)(found - digits) : 0;
    return found != NULL;
}

/* A copy without percent-encoding; NULL when it is not well formed or holds a NUL. */
static char *decode(struct hr_str text)
{
    char *decoded = hr_alloc(text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        int c = (unsigned char)text.at[i];
        if (c == '%') {
            int high, low;
            if (i + 2 >= text.len || !hex_digit(text.at[i + 1], &high) ||
                !hex_digit(text.at[i + 2], &low)) {
                c = 0;
            } else {
                c = high * 16 + low;
                i += 2;
            }
        }
        if (c == 0) {
            hr_free(decoded);
            return NULL;
        }
        decoded[len++] = (char)c;
    }
    return decoded;
}

static bool number(struct hr_str text, int most, int *value)
{
    int result = 0;
    if (text.len == 0 || text.len > 5) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        result = result * 10 + (text.at[i] - '0');
    }
    *value = result;
    return result <= most;
}

/* Cuts `text` behind its first `mark`: what stood before it is `before`, or false. */
static bool cut(struct hr_str *text, char mark, struct hr_str *before)
{
    const char *found = text->len ? memchr(text->at, mark, text->len) : NULL;
    if (!found) {
        return false;
    }
    *before = (struct hr_str){text->at, (size_t)(found - text->at)};
    *text = (struct hr_str){found + 1, text->len - before->len - 1};
    return true;
}

static enum hr_fate credentials(struct hr_str text, struct redis_url *url, struct hr_error *error)
{
    struct hr_str user = text, password = text;
    if (cut(&password, ':', &user)) {
        url->password = decode(password);
        if (!url->password) {
            return hr_fail(error, HR_STOP, "redis.url: the password is not percent-encoded well");
        }
    }
    if (user.len) {
        url->user = decode(user);
        if (!url->user) {
            return hr_fail(error, HR_STOP, "redis.url: the user is not percent-encoded well");
        }
    }
    if (url->user && !url->password) {
        return hr_fail(error, HR_STOP,
            "redis.url: a user without a password; "
            "write redis://user:password@host or redis://:password@host");
    }
    return HR_OK;
}

static enum hr_fate address(struct hr_str text, struct redis_url *url, struct hr_error *error)
{
    struct hr_str host = text, port = {"", 0};
    bool bracket = text.len && text.at[0] == '[';
    if (bracket) {
        text.at++, text.len--;
        if (!cut(&text, ']', &host) || (text.len && text.at[0] != ':')) {
            return hr_fail(error, HR_STOP, "redis.url: the address in [ ] has no end");
        }
        port = text.len ? (struct hr_str){text.at + 1, text.len - 1} : text;
    } else {
        port = text;
        if (!cut(&port, ':', &host)) {
            host = text;
            port.len = 0;
        }
    }
    bool given = bracket ? text.len != 0 : host.len != text.len;
    if (given && (!number(port, 65535, &url->port) || url->port == 0)) {
        return hr_fail(error, HR_STOP, "redis.url: the port is a number from 1 to 65535");
    }
    if (memchr(host.at, '@', host.len)) {
        return hr_fail(error, HR_STOP, "redis.url: an @ in the password is written %%40");
    }
    url->host = host.len ? decode(host) : NULL;
    return url->host ? HR_OK : hr_fail(error, HR_STOP, "redis.url: there is no host");
}

enum hr_fate redis_url_parse(struct hr_str text, struct redis_url *url, struct hr_error *error)
{
    *url = (struct redis_url){.port = 6379};
    if (hr_str_starts(text, "rediss://")) {
        return hr_fail(error, HR_STOP,
            "redis.url: rediss:// (TLS) is not spoken here; let a local "
            "stunnel or a service mesh speak it and name that");
    }
    if (!hr_str_starts(text, SCHEME)) {
        return hr_fail(error, HR_STOP, "redis.url: must begin with redis://");
    }
    struct hr_str rest = {text.at + strlen(SCHEME), text.len - strlen(SCHEME)}, head;
    struct hr_str authority = rest, path = {"", 0};
    if (cut(&rest, '/', &authority)) {
        path = rest;
    } else {
        authority = rest;
    }
    enum hr_fate fate = HR_OK;
    if (cut(&authority, '@', &head)) {
        fate = credentials(head, url, error);
    }
    if (fate == HR_OK) {
        fate = address(authority, url, error);
    }
    if (fate == HR_OK && path.len && !number(path, 65535, &url->database)) {
        fate = hr_fail(error, HR_STOP,
            "redis.url: behind the address stands /N, the number of the database, and no more");
    }
    if (fate != HR_OK) {
        redis_url_clean_up(url);
    }
    return fate;
}

void redis_url_clean_up(struct redis_url *url)
{
    hr_free(url->host);
    hr_free(url->user);
    hr_free(url->password);
    *url = (struct redis_url){0};
}
