/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom account ID`: all there is about one account.
 *
 * Nothing is computed again: the bytes that the processor wrote to Redis are loaded into a home of
 * the same core, with the rules of the epochs that they name, and described. A name that is an
 * alias leads on, at most over as many names as a record would take. What is shown is as of the
 * last write: time that has passed since then has not acted here. Where Redis is behind what was
 * committed, it says so: the account's partition is being restored. */
#include "accounts.h"
#include "configuration.h"
#include "options.h"
#include "stored.h"

#include "headroom/hash.h"

#include <stdio.h>

#define MOST_NAMES 4
#define ALIAS_ROW "alias_of"

struct inquiry {
    const struct hr_command *command;
    const char *config_file;
    bool json;
    struct hr_str asked, name; /* as typed; where aliases led */
    struct hr_stored stored;
    enum hr_standing standing;
    struct hr_arena arena;
    struct hr_row *rows;
    size_t row_count;
};

/* The rows of the name, in the inquiry's arena; what they point to in the home is copied. */
static enum hr_fate describe(struct inquiry *inquiry, struct hr_error *error)
{
    uint32_t number = hr_home_of(inquiry->name, inquiry->stored.manifest.homes);
    const struct hr_home_settings settings = hr_stored_home(&inquiry->stored, number);
    struct hr_pool *pool = hr_pool_new();
    struct hr_home *home = hr_home_new(&settings, pool);
    enum hr_fate fate =
        hr_stored_load_holds(&inquiry->stored, home, number, &inquiry->arena, error);
    if (fate == HR_OK) {
        fate =
            hr_stored_load(&inquiry->stored, home, number, inquiry->name, &inquiry->arena, error);
    }
    if (fate == HR_OK) {
        inquiry->row_count = hr_home_describe(home, inquiry->name, &inquiry->arena, &inquiry->rows);
    }
    for (size_t i = 0; fate == HR_OK && i < inquiry->row_count; i++) {
        struct hr_row *row = &inquiry->rows[i];
        row->name = hr_arena_copy(&inquiry->arena, row->name);
        row->value = hr_arena_copy(&inquiry->arena, row->value);
        row->detail = hr_arena_copy(&inquiry->arena, row->detail);
    }
    hr_home_destroy(home);
    hr_pool_destroy(pool);
    return fate;
}

static bool is_alias(const struct inquiry *inquiry)
{
    return inquiry->row_count == 1 && hr_str_is(inquiry->rows[0].name, ALIAS_ROW);
}

static enum hr_fate follow(struct inquiry *inquiry, struct hr_error *error)
{
    enum hr_fate fate = describe(inquiry, error);
    for (int names = 1; fate == HR_OK && is_alias(inquiry) && names < MOST_NAMES; names++) {
        inquiry->name = inquiry->rows[0].value;
        fate = describe(inquiry, error);
    }
    return fate;
}

/* --- out ----------------------------------------------------------------------------------------
 */

static uint32_t number_of(const struct inquiry *inquiry)
{
    return hr_home_of(inquiry->name, inquiry->stored.manifest.homes);
}

static void print_json(const struct inquiry *inquiry)
{
    struct hr_buffer buffer = {0};
    struct hr_doc doc = {.buffer = &buffer};
    hr_doc_open(&doc, NULL, '{');
    hr_doc_text(&doc, "asked", inquiry->asked);
    hr_doc_text(&doc, "id", inquiry->name);
    hr_doc_number(&doc, "partition", number_of(inquiry));
    if (inquiry->standing != HR_STANDING_UNKNOWN) {
        hr_doc_flag(&doc, "restoring", inquiry->standing == HR_STANDING_RESTORING);
    }
    hr_doc_rows(&doc, inquiry->rows, inquiry->row_count);
    hr_doc_close(&doc, '}');
    hr_doc_print(&doc);
}

static void print_section(const struct hr_row *rows, size_t count)
{
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"", "", "", NULL});
    for (size_t i = 0; i < count; i++) {
        hr_grid_row(&grid, (struct hr_str[]){rows[i].name, rows[i].value, rows[i].detail});
    }
    printf("\n%s\n", rows[0].section);
    hr_grid_print(&grid, "  ", stdout);
    hr_grid_clean_up(&grid);
}

static void print_table(const struct inquiry *inquiry)
{
    struct hr_arena arena;
    hr_arena_init(&arena);
    printf("%s", hr_printable(&arena, inquiry->name, 1000));
    if (!hr_str_equal(inquiry->name, inquiry->asked)) {
        printf(" (asked for as %s)", hr_printable(&arena, inquiry->asked, 1000));
    }
    printf(", partition %u of %u%s\n", number_of(inquiry), inquiry->stored.manifest.homes,
        inquiry->standing == HR_STANDING_RESTORING ? ", restoring: this is not the newest" : "");
    hr_arena_clean_up(&arena);
    for (size_t i = 0, count; i < inquiry->row_count; i += count) {
        count = 1;
        while (i + count < inquiry->row_count &&
               strcmp(inquiry->rows[i + count].section, inquiry->rows[i].section) == 0) {
            count++;
        }
        print_section(&inquiry->rows[i], count);
    }
}

static int answer(const struct inquiry *inquiry)
{
    if (inquiry->row_count == 0) {
        struct hr_arena arena;
        hr_arena_init(&arena);
        hr_say(inquiry->command, "there is no account \"%s\"%s",
            hr_escape(&arena, inquiry->asked, 200),
            inquiry->standing == HR_STANDING_RESTORING ? "; its partition is being restored" : "");
        hr_arena_clean_up(&arena);
        return HR_EXIT_FAILED;
    }
    if (inquiry->json) {
        print_json(inquiry);
    } else {
        print_table(inquiry);
    }
    return HR_EXIT_DONE;
}

static int inquire(void *context, const struct hr_config *config, const struct hr_zones *zones)
{
    struct inquiry *inquiry = context;
    struct hr_error error;
    int status = HR_EXIT_FAILED;
    if (hr_stored_open(config, zones, &inquiry->stored, &error) != HR_OK) {
        hr_say(inquiry->command, "%s", error.text);
        return status;
    }
    hr_arena_init(&inquiry->arena);
    if (follow(inquiry, &error) == HR_OK) {
        inquiry->standing =
            hr_stored_standing(&inquiry->stored, config, number_of(inquiry), &error);
        if (inquiry->standing == HR_STANDING_UNKNOWN) {
            hr_say(inquiry->command, "whether this is the newest is not known: %s", error.text);
        }
        status = answer(inquiry);
    } else {
        hr_say(inquiry->command, "%s", error.text);
    }
    hr_arena_clean_up(&inquiry->arena);
    hr_stored_close(&inquiry->stored);
    return status;
}

int hr_command_account(const struct hr_command *command, int argc, char **argv)
{
    struct inquiry inquiry = {.command = command, .config_file = HR_DEFAULT_CONFIG};
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(inquiry.config_file),
        HR_OPTION_JSON(inquiry.json),
    };
    int operands, status;
    if (!hr_read_options(command, options, sizeof(options) / sizeof(options[0]), argc, argv,
            &operands, &status)) {
        return status;
    }
    if (operands != 1) {
        return hr_misuse(command, operands ? "one account at a time" : "which account?");
    }
    inquiry.asked = inquiry.name = hr_str(argv[0]);
    return hr_with_config(command, inquiry.config_file, inquire, &inquiry);
}
