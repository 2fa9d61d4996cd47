/* SPDX-License-Identifier: Apache-2.0 */
/* Short readable fields of an account: what `redis-cli HGETALL` shows. Values are what the frame
 * says, no more: somebody who looks wants the counters, their limits and what is open. */
#include "inside.h"

#include "group.h"
#include "text.h"
#include "window.h"

struct view {
    struct hr_arena *arena;
    struct hr_view_field *fields;
    size_t count, room;
};

static void add(struct view *view, struct hr_str name, struct hr_str value)
{
    if (view->count == view->room) {
        size_t room = view->room ? view->room * 2 : 16;
        view->fields = hr_arena_grow(view->arena, view->fields, view->count * sizeof *view->fields,
            room * sizeof *view->fields);
        view->room = room;
    }
    view->fields[view->count++] = (struct hr_view_field){name, value};
}

static struct hr_str dotted(struct hr_arena *arena, struct hr_str name, struct hr_str part)
{
    return hr_arena_join(arena, name, ".", part);
}

/* A meter or a group; the limit is the meter's. */
static void add_counter(struct view *view, const struct hr_account *account, uint16_t slot)
{
    const struct hr_meter *meter = hr_slot_meter(account, slot);
    const struct hr_limit_state *limit = &account->meters[slot].limit;
    struct hr_str name = hr_text_counter(view->arena, account, slot);
    for (uint16_t w = 0; w < meter->window_count; w++) {
        struct hr_str value = hr_text_window(view->arena, account, slot, w);
        if (value.len > 0 && !meter->windows[w].unseen) {
            add(view, dotted(view->arena, name, meter->windows[w].text), value);
        }
        if (meter->aggregate == HR_LATEST) {
            break; /* a reading is the same in every window */
        }
    }
    if (limit->kind == HR_LIMIT_UNLIMITED) {
        add(view, dotted(view->arena, name, HR_STR("limit")), HR_STR("unlimited"));
    } else if (limit->kind == HR_LIMIT_KNOWN) {
        add(view, dotted(view->arena, name, HR_STR("limit")),
            hr_text_decimal(view->arena, limit->value));
    }
    struct hr_str used = hr_text_used(view->arena, account, slot);
    if (used.len > 0) {
        add(view, dotted(view->arena, name, HR_STR("used")), used);
    }
}

static void add_period(struct view *view, const struct hr_account *account)
{
    const struct hr_segment *segment = &account->segments[account->current];
    char from[HR_TIME_TEXT], to[HR_TIME_TEXT];
    struct hr_str first = {from, hr_date_print(segment->date, from)};
    struct hr_str next = {to, hr_date_print(hr_zone_day(account->zone, segment->end), to)};
    add(view, HR_STR("period"), hr_arena_join(view->arena, first, " to ", next));
}

/* "capacity 80pct, capacity 90pct": what fired and is not over. */
static void add_open(struct view *view, const struct hr_account *account)
{
    struct hr_str open = HR_STR("");
    for (uint16_t r = 0; r < account->layout->rules->rule_count; r++) {
        const struct hr_rule *rule = &account->layout->rules->rules[r];
        const struct hr_rule_state *state = &account->rules[r];
        for (uint32_t l = 0; l < (uint32_t)state->instances * rule->level_count; l++) {
            if (!(state->levels[l].flags & HR_LEVEL_FIRED)) {
                continue;
            }
            const struct hr_str text = rule->levels[l % rule->level_count].text;
            open = hr_arena_printf(view->arena, "%.*s%s%.*s %.*s", (int)open.len, open.at,
                open.len > 0 ? ", " : "", (int)rule->name.len, rule->name.at, (int)text.len,
                text.at);
        }
    }
    add(view, HR_STR("open"), open);
}

static size_t view_account(
    const struct hr_account *account, struct hr_arena *arena, struct hr_view_field **fields)
{
    struct view view = {.arena = arena};
    for (uint16_t m = 0; m < account->slot_count; m++) {
        if (!hr_slot_is_group(account, m) ||
            (account->meters[m].number != 0 && !account->meters[m].away)) {
            add_counter(&view, account, m);
        }
    }
    add_period(&view, account);
    if (account->governing >= 0) {
        add(&view, HR_STR("plan"),
            hr_arena_copy(arena, account->subscriptions[account->governing].plan));
    }
    add_open(&view, account);
    char text[HR_TIME_TEXT];
    struct hr_str clock = {text, hr_time_print(account->clock, text)};
    add(&view, HR_STR("updated"), hr_arena_copy(arena, clock));
    *fields = view.fields;
    return view.count;
}

size_t hr_home_view(
    struct hr_home *home, struct hr_str name, struct hr_arena *arena, struct hr_view_field **fields)
{
    const struct hr_entry *entry = hr_table_find(home, name, hr_hash64(name, 0));
    *fields = NULL;
    return entry && entry->account ? view_account(entry->account, arena, fields) : 0;
}

enum hr_fate hr_stored_view(const struct hr_home_settings *settings, struct hr_pool *pool,
    struct hr_str name, struct hr_str bytes, struct hr_arena *arena, struct hr_view_field **fields,
    size_t *count, struct hr_error *error)
{
    (void)name;
    struct hr_frame frame;
    *fields = NULL;
    *count = 0;
    enum hr_fate fate = hr_frame_open(bytes, &frame, error);
    if (fate != HR_OK || frame.kind != HR_FRAME_ACCOUNT) {
        return fate;
    }
    const struct hr_rules *rules = settings->rules_of(settings->context, frame.epoch);
    if (!rules) {
        return hr_fail(error, HR_REFUSE, "a stored account follows rules of epoch %u, unknown here",
            (unsigned)frame.epoch);
    }
    struct hr_layout *layout = hr_layout_new(rules, pool);
    struct hr_account *account;
    fate = hr_unpack_account(&frame, layout, settings->zones, pool, &account, error);
    if (fate == HR_OK) {
        *count = view_account(account, arena, fields);
        hr_account_destroy(account, pool);
    }
    hr_layout_destroy(layout, pool);
    return fate;
}
