/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom rules list`: every epoch in the manifest with what it changed, by rule and by key. */
#include "rules.h"

#include "options.h"
#include "print.h"
#include "rules_text.h"

#include <inttypes.h>

/* "rules.capacity" of "rules.capacity.levels": what a person calls the thing that changed. */
static struct hr_str thing(struct hr_str path)
{
    size_t dots = 0, at = 0;
    while (at < path.len && dots < 2) {
        dots += path.at[at++] == '.';
    }
    return (struct hr_str){path.at, dots == 2 ? at - 1 : at};
}

/* Each thing once: "rules.a, rules.b". */
static struct hr_str summarise(
    const struct hr_setting_change *changes, size_t count, struct hr_arena *arena)
{
    struct hr_str text = HR_STR(""), last = HR_STR("");
    for (size_t i = 0; i < count; i++) {
        struct hr_str it = thing(changes[i].path);
        if (hr_str_equal(it, last)) {
            continue;
        }
        text = hr_arena_printf(
            arena, "%.*s%s%.*s", (int)text.len, text.at, text.len ? ", " : "", (int)it.len, it.at);
        last = it;
    }
    return text;
}

struct epoch {
    const struct hr_rules *rules;
    uint32_t epoch, same_as; /* 0: as none before it */
    struct hr_str changed;
};

/* In ascending order; those that this version cannot read are left out. */
static size_t collect(
    struct hr_manifest_copy *manifest, struct epoch *epochs, struct hr_arena *arena)
{
    size_t count = 0;
    for (uint32_t number = 1; number <= manifest->epoch; number++) {
        const struct hr_rules *rules = hr_manifest_copy_rules(manifest, number);
        if (!rules) {
            continue;
        }
        struct epoch *epoch = &epochs[count];
        *epoch = (struct epoch){.rules = rules, .epoch = number};
        for (size_t i = 0; i < count; i++) {
            if (strcmp(epochs[i].rules->fingerprint, rules->fingerprint) == 0) {
                epoch->same_as = epochs[i].epoch;
            }
        }
        if (count > 0) {
            struct hr_setting_change *changes;
            size_t found =
                hr_rules_changes(epochs[count - 1].rules->text, rules->text, arena, &changes);
            epoch->changed = summarise(changes, found, arena);
        }
        count++;
    }
    return count;
}

static void print_grid(const struct epoch *epochs, size_t count, struct hr_arena *arena)
{
    struct hr_grid grid;
    hr_grid_init(
        &grid, (const char *const[]){"", ">EPOCH", "FINGERPRINT", ">RULES", "CHANGED", NULL});
    for (size_t i = 0; i < count; i++) {
        const struct epoch *epoch = &epochs[i];
        struct hr_str changed = epoch->changed.at ? epoch->changed : HR_STR("the first");
        if (epoch->same_as) {
            changed = hr_arena_printf(arena, "%.*s; the same as epoch %" PRIu32, (int)changed.len,
                changed.at, epoch->same_as);
        }
        hr_grid_row(&grid,
            (struct hr_str[]){i + 1 == count ? HR_STR("*") : HR_STR(""),
                hr_arena_printf(arena, "%" PRIu32, epoch->epoch), {epoch->rules->fingerprint, 12},
                hr_arena_printf(arena, "%u", (unsigned)epoch->rules->rule_count), changed});
    }
    hr_grid_print(&grid, "", stdout);
    hr_grid_clean_up(&grid);
}

static void print_json(const struct epoch *epochs, size_t count)
{
    struct hr_buffer buffer = {0};
    for (size_t i = 0; i < count; i++) {
        struct hr_doc doc = {.buffer = &buffer};
        hr_doc_open(&doc, NULL, '{');
        hr_doc_number(&doc, "epoch", epochs[i].epoch);
        hr_doc_flag(&doc, "current", i + 1 == count);
        hr_doc_text(&doc, "fingerprint", hr_str(epochs[i].rules->fingerprint));
        hr_doc_text(&doc, "changed", epochs[i].changed.at ? epochs[i].changed : HR_STR(""));
        hr_doc_text(&doc, "text", epochs[i].rules->text);
        hr_doc_close(&doc, '}');
        hr_put_u8(&buffer, '\n');
    }
    hr_put_out(hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
}

int hr_rules_list(struct hr_rules_request *request)
{
    struct hr_manifest_copy *manifest = &request->stored.manifest;
    struct hr_arena arena;
    hr_arena_init(&arena);
    struct epoch *epochs = hr_arena_zeroed(&arena, (manifest->epoch + 1u) * sizeof *epochs);
    size_t count = collect(manifest, epochs, &arena);
    if (request->json) {
        print_json(epochs, count);
    } else {
        print_grid(epochs, count, &arena);
    }
    hr_arena_clean_up(&arena);
    return HR_EXIT_DONE;
}
