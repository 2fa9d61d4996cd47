/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom top`: the accounts that are nearest to a limit, or past it, by their views in Redis:
 * each with its fullest meter. A view may be a second old. Only as many accounts as are shown are
 * held. A walk over Redis may show an account twice; it is listed once. */
#include "configuration.h"
#include "options.h"
#include "print.h"
#include "stored.h"

#include "headroom/redis.h"

#include <stdio.h>
#include <stdlib.h>

#define USED ".used"

struct account {
    char *name, *meter, *used, *value, *limit;
    size_t name_len;
    struct hr_decimal share;
};

struct top {
    const struct hr_command *command;
    const char *config_file;
    int64_t limit;
    bool json;
    struct account *at; /* the fullest last */
    size_t count;
};

/* The field METER.PART; empty when the view has none. */
static struct hr_str field(
    const struct hr_str *view, size_t count, struct hr_str meter, const char *part)
{
    for (size_t i = 0; i + 1 < count; i += 2) {
        if (view[i].len == meter.len + strlen(part) &&
            memcmp(view[i].at, meter.at, meter.len) == 0 &&
            memcmp(view[i].at + meter.len, part, strlen(part)) == 0) {
            return view[i + 1];
        }
    }
    return HR_STR("");
}

/* "84.2%" as 84.2. */
static bool parse_share(struct hr_str text, struct hr_decimal *share)
{
    if (text.len == 0 || text.at[text.len - 1] != '%') {
        return false;
    }
    text.len--;
    return hr_decimal_parse(text, share) == HR_DECIMAL_OK;
}

/* The meter with the greatest share; false when no share is known. */
static bool find_fullest(const struct hr_str *view, size_t count, struct hr_str *meter,
    struct hr_str *used, struct hr_decimal *share)
{
    bool found = false;
    for (size_t i = 0; i + 1 < count; i += 2) {
        struct hr_decimal its;
        size_t suffix = sizeof(USED) - 1;
        bool is_used =
            view[i].len > suffix && memcmp(view[i].at + view[i].len - suffix, USED, suffix) == 0;
        if (is_used && parse_share(view[i + 1], &its) &&
            (!found || hr_decimal_compare(its, *share) > 0)) {
            *meter = (struct hr_str){view[i].at, view[i].len - suffix};
            *used = view[i + 1];
            *share = its;
            found = true;
        }
    }
    return found;
}

static void free_account(struct account *account)
{
    hr_free(account->name);
    hr_free(account->meter);
    hr_free(account->used);
    hr_free(account->value);
    hr_free(account->limit);
}

static bool is_listed(const struct top *top, struct hr_str name)
{
    for (size_t i = 0; i < top->count; i++) {
        if (hr_str_equal((struct hr_str){top->at[i].name, top->at[i].name_len}, name)) {
            return true;
        }
    }
    return false;
}

/* Fuller comes after; of equals the first name comes last, so that it is shown first. */
static bool is_fuller(const struct account *account, struct hr_decimal share, struct hr_str name)
{
    int order = hr_decimal_compare(share, account->share);
    struct hr_str its = {account->name, account->name_len};
    return order > 0 || (order == 0 && hr_str_compare(name, its) < 0);
}

static bool look(void *context, struct hr_str name, const struct hr_str *view, size_t count)
{
    struct top *top = context;
    struct hr_str meter, used;
    struct hr_decimal share;
    bool full = top->count == (size_t)top->limit;
    if (!find_fullest(view, count, &meter, &used, &share) ||
        (full && !is_fuller(&top->at[0], share, name)) || is_listed(top, name)) {
        return true;
    }
    if (full) {
        free_account(&top->at[0]);
        memmove(top->at, top->at + 1, --top->count * sizeof(*top->at));
    }
    size_t to = top->count++;
    while (to > 0 && !is_fuller(&top->at[to - 1], share, name)) {
        top->at[to] = top->at[to - 1];
        to--;
    }
    top->at[to] = (struct account){.name = hr_strdup(name),
        .name_len = name.len,
        .meter = hr_strdup(meter),
        .used = hr_strdup(used),
        .value = hr_strdup(field(view, count, meter, ".period")),
        .limit = hr_strdup(field(view, count, meter, ".limit")),
        .share = share};
    return true;
}

static void print_json(const struct top *top)
{
    struct hr_buffer buffer = {0};
    for (size_t i = top->count; i-- > 0;) {
        const struct account *account = &top->at[i];
        struct hr_doc doc = {.buffer = &buffer};
        hr_doc_open(&doc, NULL, '{');
        hr_doc_text(&doc, "account", (struct hr_str){account->name, account->name_len});
        hr_doc_text(&doc, "used", hr_str(account->used));
        hr_doc_text(&doc, "meter", hr_str(account->meter));
        hr_doc_text(&doc, "value", hr_str(account->value));
        hr_doc_text(&doc, "limit", hr_str(account->limit));
        hr_doc_close(&doc, '}');
        hr_put_u8(&buffer, '\n');
    }
    hr_put_out(hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
}

static void print_grid(const struct top *top)
{
    struct hr_grid grid;
    hr_grid_init(
        &grid, (const char *const[]){"ACCOUNT", ">USED", "METER", ">VALUE", ">LIMIT", NULL});
    for (size_t i = top->count; i-- > 0;) {
        const struct account *account = &top->at[i];
        hr_grid_row(
            &grid, (struct hr_str[]){{account->name, account->name_len}, hr_str(account->used),
                       hr_str(account->meter), hr_str(account->value), hr_str(account->limit)});
    }
    hr_grid_print(&grid, "", stdout);
    hr_grid_clean_up(&grid);
}

static int show(void *context, const struct hr_config *config, const struct hr_zones *zones)
{
    struct top *top = context;
    struct hr_stored stored;
    struct hr_error error;
    if (hr_stored_open(config, zones, &stored, &error) != HR_OK) {
        hr_say(top->command, "%s", error.text);
        return HR_EXIT_FAILED;
    }
    top->at = hr_alloc((size_t)top->limit * sizeof(*top->at));
    enum hr_fate fate = hr_redis_views(&stored.store, look, top, &error);
    hr_stored_close(&stored);
    if (fate != HR_OK) {
        hr_say(top->command, "%s", error.text);
    } else if (top->json) {
        print_json(top);
    } else if (top->count > 0) {
        print_grid(top);
    } else {
        hr_say(top->command, "no account has a limit that it uses");
    }
    for (size_t i = 0; i < top->count; i++) {
        free_account(&top->at[i]);
    }
    hr_free(top->at);
    return fate == HR_OK ? HR_EXIT_DONE : HR_EXIT_FAILED;
}

int hr_command_top(const struct hr_command *command, int argc, char **argv)
{
    struct top top = {.command = command, .config_file = HR_DEFAULT_CONFIG, .limit = 20};
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(top.config_file),
        {.name = "limit",
            .value = "N",
            .number = &top.limit,
            .least = 1,
            .most = 10000,
            .help = "how many (default 20)"},
        HR_OPTION_JSON(top.json),
    };
    int status;
    if (!hr_read_only_options(
            command, options, sizeof(options) / sizeof(options[0]), argc, argv, &status)) {
        return status;
    }
    return hr_with_config(command, top.config_file, show, &top);
}
