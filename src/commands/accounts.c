/* SPDX-License-Identifier: Apache-2.0 */
/* A home does not list its accounts, and need not: there is none that no record was for, and no
 * alias that was never claimed. So the names are gathered as they come, each once, only where the
 * views are asked for. */
#include "accounts.h"

#include "headroom/hash.h"
#include "headroom/map.h"

#include <stdlib.h>
#include <string.h>

#define WRITE_AT (256u * 1024) /* bytes of output gathered */

struct hr_accounts {
    struct hr_arena arena; /* of names */
    struct hr_map seen;    /* of struct hr_str */
};

static struct hr_str name_of(const void *value)
{
    return *(const struct hr_str *)value;
}

struct hr_accounts *hr_accounts_new(void)
{
    struct hr_accounts *accounts = hr_alloc(sizeof(*accounts));
    hr_arena_init(&accounts->arena);
    hr_map_init(&accounts->seen, name_of, NULL);
    return accounts;
}

void hr_accounts_destroy(struct hr_accounts *accounts)
{
    if (accounts) {
        hr_map_clean_up(&accounts->seen);
        hr_arena_clean_up(&accounts->arena);
        hr_free(accounts);
    }
}

void hr_accounts_saw(struct hr_accounts *accounts, struct hr_str name)
{
    uint64_t hash = hr_hash64(name, 0);
    if (!hr_map_find(&accounts->seen, hash, name)) {
        struct hr_str *copy = hr_arena_take(&accounts->arena, sizeof(*copy));
        *copy = hr_arena_copy(&accounts->arena, name);
        hr_map_put(&accounts->seen, hash, copy);
    }
}

void hr_doc_rows(struct hr_doc *doc, const struct hr_row *rows, size_t count)
{
    const char *section = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!section || strcmp(section, rows[i].section) != 0) {
            if (section) {
                hr_doc_close(doc, ']');
            }
            section = rows[i].section;
            hr_doc_open(doc, section, '[');
        }
        hr_doc_open(doc, NULL, '{');
        hr_doc_text(doc, "name", rows[i].name);
        hr_doc_text(doc, "value", rows[i].value);
        if (rows[i].detail.len > 0) {
            hr_doc_text(doc, "detail", rows[i].detail);
        }
        hr_doc_close(doc, '}');
    }
    if (section) {
        hr_doc_close(doc, ']');
    }
}

static int by_name(const void *left, const void *right)
{
    return hr_str_compare(**(struct hr_str *const *)left, **(struct hr_str *const *)right);
}

static struct hr_str **in_order(const struct hr_accounts *accounts)
{
    struct hr_str **names = hr_alloc((accounts->seen.count + 1) * sizeof(*names));
    size_t count = 0, position = 0;
    for (struct hr_str *name; (name = hr_map_next(&accounts->seen, &position));) {
        names[count++] = name;
    }
    qsort(names, count, sizeof(*names), by_name);
    return names;
}

static void put_account(
    struct hr_home *home, struct hr_str name, struct hr_arena *arena, struct hr_buffer *buffer)
{
    struct hr_row *rows;
    size_t count = hr_home_describe(home, name, arena, &rows);
    struct hr_doc doc = {.buffer = buffer};
    if (count > 0) {
        hr_doc_open(&doc, NULL, '{');
        hr_doc_bytes(&doc, "id", name);
        hr_doc_rows(&doc, rows, count);
        hr_doc_close(&doc, '}');
        hr_put_u8(buffer, '\n');
    }
}

enum hr_fate hr_accounts_write(
    struct hr_accounts *accounts, struct hr_home *home, int fd, struct hr_error *error)
{
    struct hr_str **names = in_order(accounts);
    struct hr_buffer buffer = {0};
    struct hr_arena arena;
    enum hr_fate fate = HR_OK;
    hr_arena_init(&arena);
    for (size_t i = 0; fate == HR_OK && i < accounts->seen.count; i++) {
        put_account(home, *names[i], &arena, &buffer);
        hr_arena_reset(&arena);
        if (buffer.len >= WRITE_AT || i + 1 == accounts->seen.count) {
            fate = hr_write_all(fd, hr_buffer_str(&buffer), error);
            hr_buffer_clear(&buffer);
        }
    }
    hr_arena_clean_up(&arena);
    hr_buffer_clean_up(&buffer);
    hr_free(names);
    return fate;
}

void hr_accounts_walk(const struct hr_accounts *accounts, struct hr_home *home,
    void (*each)(void *context, const struct hr_account_now *now), void *context)
{
    struct hr_str **names = in_order(accounts);
    struct hr_arena arena;
    hr_arena_init(&arena);
    for (size_t i = 0; i < accounts->seen.count; i++) {
        struct hr_account_now now;
        if (hr_home_account_now(home, *names[i], &arena, &now)) {
            each(context, &now);
        }
        hr_arena_reset(&arena);
    }
    hr_arena_clean_up(&arena);
    hr_free(names);
}
