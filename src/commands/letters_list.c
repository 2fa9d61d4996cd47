/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom deadletter list`: the newest letters over all partitions, in order of time. Only twice
 * as many as are shown are held at once. */
#include "letters.h"

#include "headroom/log.h"
#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct listed {
    struct hr_time time;
    char *json; /* or */
    char *cells[6];
};

struct list {
    struct listed *at;
    size_t count, room;
};

static void free_listed(struct listed *listed)
{
    hr_free(listed->json);
    for (size_t i = 0; i < 6; i++) {
        hr_free(listed->cells[i]);
    }
}

static int by_time(const void *a, const void *b)
{
    const struct listed *one = a, *other = b;
    return (one->time.us > other->time.us) - (one->time.us < other->time.us);
}

/* Sorts, and keeps the newest `limit`. */
static void keep_newest(struct list *list, size_t limit)
{
    if (list->count == 0) {
        return;
    }
    qsort(list->at, list->count, sizeof(*list->at), by_time);
    size_t surplus = list->count > limit ? list->count - limit : 0;
    for (size_t i = 0; i < surplus; i++) {
        free_listed(&list->at[i]);
    }
    list->count -= surplus;
    memmove(list->at, list->at + surplus, list->count * sizeof(*list->at));
}

static bool list_letter(struct hr_letter_scan *scan, const struct hr_log_record *record,
    const struct hr_dead_letter *letter)
{
    struct list *list = scan->context;
    size_t limit = (size_t)scan->request->limit;
    if (list->count == list->room) {
        list->room = 2 * limit;
        list->at = hr_resize(list->at, list->room * sizeof(*list->at));
    }
    struct listed *listed = &list->at[list->count++];
    *listed = (struct listed){.time = record->timestamp};
    if (scan->request->json) {
        struct hr_buffer buffer = {0};
        hr_put_letter_json(&buffer, record, letter, false);
        listed->json = hr_strdup(hr_buffer_str(&buffer));
        hr_buffer_clean_up(&buffer);
    } else {
        const struct hr_log_record *original = &letter->original;
        const struct hr_str cells[6] = {
            hr_place_text(&scan->arena, record->partition, record->offset),
            hr_time_cell(&scan->arena, record->timestamp), letter->reason,
            letter->account.at ? letter->account : HR_STR("-"),
            hr_arena_printf(&scan->arena, "%s %" PRId32 ":%" PRId64,
                hr_escape(&scan->arena, original->topic, 249), original->partition,
                original->offset),
            letter->detail};
        for (size_t i = 0; i < 6; i++) {
            listed->cells[i] = hr_strdup(cells[i]);
        }
    }
    if (list->count == 2 * limit) {
        keep_newest(list, limit);
    }
    return true;
}

static void print_list(const struct list *list, bool json)
{
    struct hr_grid grid;
    hr_grid_init(
        &grid, (const char *const[]){"PLACE", "TIME", "REASON", "ACCOUNT", "FROM", "DETAIL", NULL});
    for (size_t i = 0; i < list->count; i++) {
        if (json) {
            hr_put_out(hr_str(list->at[i].json));
        } else {
            struct hr_str cells[6];
            for (size_t n = 0; n < 6; n++) {
                cells[n] = hr_str(list->at[i].cells[n]);
            }
            hr_grid_row(&grid, cells);
        }
    }
    if (!json && list->count > 0) {
        hr_grid_print(&grid, "", stdout);
    }
    hr_grid_clean_up(&grid);
}

int hr_letters_list(struct hr_letters *request)
{
    struct list list = {0};
    struct hr_letter_scan scan = {.request = request, .each = list_letter, .context = &list};
    int status = hr_scan_letters(&scan);
    keep_newest(&list, (size_t)request->limit);
    print_list(&list, request->json);
    if (status == HR_EXIT_DONE && scan.asked > list.count) {
        hr_say(request->command, "the newest %zu of %" PRIu64 "; --limit shows more", list.count,
            scan.asked);
    } else if (status == HR_EXIT_DONE && scan.asked == 0) {
        hr_say(request->command, "there are none");
    }
    for (size_t i = 0; i < list.count; i++) {
        free_listed(&list.at[i]);
    }
    hr_free(list.at);
    return status;
}
