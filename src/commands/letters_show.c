/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom deadletter show`: a refused record as it came. Every byte of it is a stranger's, so all
 * of it is escaped. */
#include "letters.h"

#include "options.h"

#include <stdio.h>

static void print_letter(const struct hr_log_record *record, const struct hr_dead_letter *letter)
{
    struct hr_arena arena;
    const struct hr_log_record *original = &letter->original;
    hr_arena_init(&arena);
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"", "", NULL});
    hr_grid_row(&grid, (struct hr_str[]){HR_STR("place"),
                           hr_place_text(&arena, record->partition, record->offset)});
    hr_grid_row(&grid, (struct hr_str[]){HR_STR("time"), hr_time_cell(&arena, record->timestamp)});
    hr_grid_row(&grid, (struct hr_str[]){HR_STR("reason"), letter->reason});
    hr_grid_row(&grid, (struct hr_str[]){HR_STR("detail"), letter->detail});
    if (letter->account.at) {
        hr_grid_row(&grid, (struct hr_str[]){HR_STR("account"), letter->account});
    }
    hr_grid_row(&grid, (struct hr_str[]){HR_STR("topic"), original->topic});
    hr_grid_row(&grid, (struct hr_str[]){HR_STR("original"),
                           hr_place_text(&arena, original->partition, original->offset)});
    hr_grid_row(
        &grid, (struct hr_str[]){HR_STR("timestamp"), hr_time_cell(&arena, original->timestamp)});
    if (original->key.at) {
        hr_grid_row(&grid, (struct hr_str[]){HR_STR("key"), original->key});
    }
    for (size_t i = 0; i < original->header_count; i++) {
        hr_grid_row(
            &grid, (struct hr_str[]){hr_arena_printf(&arena, "header %s",
                                         hr_printable(&arena, original->headers[i].name, 100)),
                       original->headers[i].value});
    }
    hr_grid_print(&grid, "", stdout);
    hr_grid_clean_up(&grid);
    printf("\n%s%s\n", hr_printable(&arena, original->value, original->value.len * 4 + 1),
        letter->by_reference ? "\n(its head only: it was too large for the dead-letter topic)"
                             : "");
    hr_arena_clean_up(&arena);
}

static bool show_letter(struct hr_letter_scan *scan, const struct hr_log_record *record,
    const struct hr_dead_letter *letter)
{
    hr_progress_end(&scan->progress); /* its line is needed */
    if (scan->request->json) {
        struct hr_buffer buffer = {0};
        hr_put_letter_json(&buffer, record, letter, true);
        hr_put_out(hr_buffer_str(&buffer));
        hr_buffer_clean_up(&buffer);
    } else {
        if (scan->asked > 1) {
            putchar('\n');
        }
        print_letter(record, letter);
    }
    return true;
}

int hr_letters_show(struct hr_letters *request)
{
    struct hr_letter_scan scan = {.request = request, .each = show_letter};
    return hr_scan_letters(&scan);
}
