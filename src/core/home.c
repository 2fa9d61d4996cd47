/* SPDX-License-Identifier: Apache-2.0 */
/* The home: made, given rules, asked for its clock. And what all its parts share: how a step on an
 * account begins, how its timers act, how it takes a change of rules over.
 *
 * A change of rules reaches accounts one by one: with an account's next record, or at its own
 * second of the day. Until then the account is judged by the rules that it has, so two rule sets
 * may be in force; each has its layout, kept as long as the home. Levels of an account's own are
 * such a change, too (own.c). */
#include "inside.h"

#include "outcome.h"
#include "own.h"
#include "source.h"
#include "window.h"

/* --- rules ------------------------------------------------------------------------------------ */

static void make_room(struct hr_home *home, const struct hr_rules *rules)
{
    struct hr_step_room *room = &home->room;
    struct hr_pool *pool = home->pool;
    if (rules->signal_count > room->signals) {
        size_t was = room->signals, is = rules->signal_count;
        size_t reading = sizeof *room->before, stamp = sizeof *room->before_read;
        room->before = hr_pool_grow(pool, room->before, was * reading, is * reading);
        room->after = hr_pool_grow(pool, room->after, was * reading, is * reading);
        room->before_read = hr_pool_grow(pool, room->before_read, was * stamp, is * stamp);
        room->after_read = hr_pool_grow(pool, room->after_read, was * stamp, is * stamp);
        room->signals = rules->signal_count;
    }
    if (rules->meter_count > room->meters) {
        size_t was = room->meters, is = rules->meter_count;
        room->limits =
            hr_pool_grow(pool, room->limits, was * sizeof *room->limits, is * sizeof *room->limits);
        size_t late = 2 * sizeof *room->late; /* the meter's and its group's */
        room->late = hr_pool_grow(pool, room->late, was * late, is * late);
        home->feeds =
            hr_pool_grow(pool, home->feeds, was * sizeof *home->feeds, is * sizeof *home->feeds);
        room->meters = rules->meter_count;
    }
}

/* By the current rules, be it with levels of its own. */
static bool follows_current(const struct hr_home *home, const struct hr_account *account)
{
    return account->layout->base == home->layouts;
}

/* When to look at the account again. Its own second of the day belongs to that, for changes of
 * rules and so that no stored timer is over a day ahead; where nothing is stored (simulate) it is
 * needed only while a change of rules waits. */
static void set_timer(struct hr_home *home, struct hr_entry *entry, struct hr_time now)
{
    struct hr_time due = entry->account->quiet_until;
    if (!home->settings.fleeting || !follows_current(home, entry->account)) {
        due = hr_time_min(due, hr_account_daily(hr_entry_name(entry), now));
    }
    hr_timer_set(home, entry, due);
}

void hr_home_set_rules(struct hr_home *home, const struct hr_rules *rules, struct hr_time clock)
{
    struct hr_layout *layout = hr_layout_new(rules, home->pool);
    home->rules_since = hr_time_max(home->clock, clock);
    layout->next = home->layouts;
    home->layouts = layout;
    make_room(home, rules);
    if (hr_holds_follow(&home->holds, rules)) {
        hr_home_wake(home, hr_next_turn(&home->holds));
    }
    for (uint64_t i = 0; home->settings.fleeting && i < home->slot_count; i++) {
        struct hr_entry *entry = home->slots[i].entry;
        if (entry && entry->account) {
            set_timer(home, entry, hr_time_max(home->rules_since, entry->account->clock));
        }
    }
}

const struct hr_rules *hr_home_rules(const struct hr_home *home)
{
    return home->layouts->rules;
}

struct hr_time hr_home_rules_since(const struct hr_home *home)
{
    return home->rules_since;
}

struct hr_layout *hr_home_layout(struct hr_home *home, uint32_t epoch)
{
    struct hr_layout *last = home->layouts;
    for (struct hr_layout *layout = home->layouts; layout; layout = layout->next) {
        if (layout->rules->epoch == epoch) {
            return layout;
        }
        last = layout;
    }
    const struct hr_rules *rules = home->settings.rules_of(home->settings.context, epoch);
    if (!rules) {
        return NULL;
    }
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a home has a layout from its start */
    last->next = hr_layout_new(rules, home->pool);
    make_room(home, rules);
    return last->next;
}

/* --- the home itself -------------------------------------------------------------------------- */

struct hr_home *hr_home_new(const struct hr_home_settings *settings, struct hr_pool *pool)
{
    struct hr_home *home = hr_pool_take(pool, sizeof *home);
    home->settings = *settings;
    home->pool = pool;
    home->clock = HR_TIME_NONE;
    home->known_due = HR_TIME_NEVER;
    hr_seen_init(&home->seen, settings->seen_capacity, pool);
    hr_holds_init(&home->holds, settings->number, pool);
    home->books = hr_books_new(pool, HR_LABELS_MOST);
    hr_home_set_rules(home, settings->rules, settings->rules_since);
    return home;
}

void hr_home_destroy(struct hr_home *home)
{
    struct hr_pool *pool = home->pool;
    struct hr_step_room *room = &home->room;
    hr_table_clean_up(home);
    hr_text_drop(pool, &home->known_account);
    if (home->heap_room > 0) {
        hr_pool_give(pool, home->heap, home->heap_room * sizeof *home->heap);
    }
    if (home->dirty_room > 0) {
        hr_pool_give(pool, home->dirty, home->dirty_room * sizeof *home->dirty);
    }
    if (room->signals > 0) {
        hr_pool_give(pool, room->before, room->signals * sizeof *room->before);
        hr_pool_give(pool, room->after, room->signals * sizeof *room->after);
        hr_pool_give(pool, room->before_read, room->signals * sizeof *room->before_read);
        hr_pool_give(pool, room->after_read, room->signals * sizeof *room->after_read);
    }
    if (room->meters > 0) {
        hr_pool_give(pool, room->limits, room->meters * sizeof *room->limits);
        hr_pool_give(pool, room->late, room->meters * 2 * sizeof *room->late);
        hr_pool_give(pool, home->feeds, room->meters * sizeof *home->feeds);
    }
    if (room->candidate_room > 0) {
        hr_pool_give(pool, room->candidates, room->candidate_room * sizeof *room->candidates);
    }
    while (home->layouts) {
        struct hr_layout *next = home->layouts->next;
        hr_layout_destroy(home->layouts, pool);
        home->layouts = next;
    }
    hr_seen_clean_up(&home->seen);
    hr_holds_clean_up(&home->holds);
    hr_books_destroy(home->books);
    hr_buffer_clean_up(&home->scratch);
    hr_pool_give(pool, home, sizeof *home);
}

void hr_home_abandon(struct hr_home *home)
{
    for (struct hr_layout *layout = home->layouts; layout; layout = layout->next) {
        hr_arena_clean_up(&layout->arena);
    }
    hr_buffer_clean_up(&home->scratch);
}

struct hr_time hr_home_clock(const struct hr_home *home)
{
    return home->clock;
}

void hr_home_set_clock(struct hr_home *home, struct hr_time clock)
{
    home->clock = clock;
}

void hr_home_set_wall(struct hr_home *home, struct hr_time wall)
{
    home->holds.wall = wall;
}

void hr_outbox_init(struct hr_outbox *outbox, struct hr_arena *arena)
{
    *outbox = (struct hr_outbox){.arena = arena};
}

void hr_home_detail(
    struct hr_outbox *outbox, const char *before, struct hr_str what, const char *after)
{
    struct hr_str parts[3] = {hr_str(before), what, hr_str(after)};
    size_t len = 0;
    for (int i = 0; i < 3; i++) {
        size_t room = sizeof outbox->detail - 1 - len;
        size_t take = parts[i].len < room ? parts[i].len : room;
        if (take > 0) {
            memcpy(outbox->detail + len, parts[i].at, take);
        }
        len += take;
    }
    outbox->detail[len] = '\0';
}

/* --- accounts --------------------------------------------------------------------------------- */

/* Of how many accounts a brake's share is: each is counted once. */
static void count_account(struct hr_home *home, struct hr_account *account)
{
    if (account && !account->counted && home->layouts->rules->brake.share.units > 0) {
        account->counted = true;
        home->holds.account_count++;
        home->holds.accounts_dirty = true;
    }
}

void hr_entry_mark(struct hr_home *home, struct hr_entry *entry)
{
    count_account(home, entry->account);
    if (entry->dirty) {
        return;
    }
    if (home->dirty_count == home->dirty_room) {
        uint32_t room = home->dirty_room ? home->dirty_room * 2 : 64;
        size_t size = sizeof *home->dirty;
        home->dirty = hr_pool_grow(home->pool, home->dirty, home->dirty_room * size, room * size);
        home->dirty_room = room;
    }
    entry->dirty = true;
    home->dirty[home->dirty_count++] = entry;
}

void hr_entry_begin_account(struct hr_home *home, struct hr_entry *entry, struct hr_time first_seen)
{
    struct hr_time live_from = home->settings.live_from;
    entry->account = hr_account_new(home->layouts, home->pool);
    entry->account->first_seen = first_seen;
    entry->account->erasures = entry->erasures;
    hr_numbers_forget(&entry->numbers, home->clock, HR_NO_DATE, home->pool);
    entry->account->numbers = entry->numbers;
    entry->numbers = (struct hr_numbers){NULL, 0};
    entry->account->live = hr_time_is(live_from, HR_TIME_NONE) || home->clock.us >= live_from.us;
    entry->kind = HR_ENTRY_ACCOUNT;
    home->created++;
}

void hr_entry_end_account(struct hr_home *home, struct hr_entry *entry)
{
    hr_wait_no_more(&home->holds, entry);
    if (entry->account->counted && home->holds.account_count > 0) {
        home->holds.account_count--;
        home->holds.accounts_dirty = true;
    }
    hr_timer_set(home, entry, HR_TIME_NEVER);
    entry->numbers = entry->account->numbers;
    entry->account->numbers = (struct hr_numbers){NULL, 0};
    hr_account_destroy(entry->account, home->pool);
    entry->account = NULL;
    entry->kind = HR_ENTRY_ABSENT;
    hr_entry_mark(home, entry);
}

struct hr_step hr_home_step(
    struct hr_home *home, struct hr_entry *entry, enum hr_step_kind kind, struct hr_outbox *outbox)
{
    return (struct hr_step){.account = entry->account,
        .entry = entry,
        .holds = &home->holds,
        .name = hr_entry_name(entry),
        .pool = home->pool,
        .outbox = outbox,
        .room = &home->room,
        .books = home->books,
        .kind = kind,
        .event_time = HR_TIME_NONE,
        .arrival = HR_TIME_NONE};
}

void hr_home_reset_timer(struct hr_home *home, struct hr_entry *entry)
{
    struct hr_account *account = entry->account;
    if (account->due_stale || entry->due.us <= account->clock.us) {
        account->quiet_until = hr_account_due(account, &home->holds, home->settings.live_from);
        account->due_stale = false;
        set_timer(home, entry, account->clock);
    }
}

/* History ends here: what the account is beyond now is old news. */
static void go_live(struct hr_home *home, struct hr_step *step)
{
    struct hr_account *account = step->account;
    if (account->live || account->clock.us < home->settings.live_from.us) {
        return;
    }
    account->live = true;
    account->due_stale = true;
    /* Nothing was open before, so a window that ends at this very moment has nothing to take away.
     */
    step->period_reset = step->day_reset = step->week_reset = step->month_reset = false;
    for (uint16_t r = 0; r < account->layout->rules->rule_count; r++) {
        hr_rule_claim(step, r);
    }
}

static bool is_kept(const struct hr_layout *layout, const struct hr_rule *rule, uint16_t level)
{
    int slot = hr_layout_find_rule(layout, rule->key);
    const struct hr_rule *kept = slot < 0 ? NULL : &layout->rules->rules[slot];
    /* Who heard of a live fire hears of its end: a rule that becomes a shadow ends it. */
    return kept && (rule->shadow || !kept->shadow) &&
           hr_layout_find_level(kept, rule->levels[level].value, rule->levels[level].currency) >= 0;
}

static void end_what_is_gone(struct hr_home *home, struct hr_entry *entry,
    const struct hr_layout *kept, struct hr_time now, struct hr_outbox *outbox)
{
    struct hr_account *account = entry->account;
    const struct hr_layout *layout = account->layout;
    struct hr_step step = hr_home_step(home, entry, HR_STEP_RULES, outbox);
    hr_step_begin(&step, now, &layout->all);
    for (uint16_t r = 0; r < layout->rules->rule_count; r++) {
        uint16_t count = hr_instance_count(account, r);
        for (uint16_t i = 0; account->rules[r].levels && i < count; i++) {
            struct hr_instance instance = hr_instance_of(&step, r, i);
            for (uint16_t l = instance.rule->level_count; instance.levels && l > 0; l--) {
                if ((instance.levels[l - 1].flags & HR_LEVEL_FIRED) &&
                    !is_kept(kept, instance.rule, (uint16_t)(l - 1))) {
                    hr_rule_end_level(&instance, (uint16_t)(l - 1), HR_RULE_CHANGED);
                }
            }
        }
    }
}

void hr_home_take_over(
    struct hr_home *home, struct hr_entry *entry, struct hr_time now, struct hr_outbox *outbox)
{
    struct hr_account *account = entry->account;
    if (follows_current(home, account) && !account->own_stale) {
        return;
    }
    account->own_stale = false;
    struct hr_layout *layout = hr_layout_of(home->layouts, account, home->pool);
    if (layout == account->layout) {
        hr_layout_leave(layout, home->pool);
        return;
    }
    /* Of an account that its first event gives levels of its own, no rules have changed. */
    enum hr_step_kind kind = account->segment_count > 0 ? HR_STEP_RULES : HR_STEP_FACT;
    end_what_is_gone(home, entry, layout, now, outbox);
    struct hr_step before = hr_home_step(home, entry, HR_STEP_RULES, outbox);
    hr_outcomes_adopt(&before, layout->rules);
    hr_account_adopt(account, layout, home->pool);
    struct hr_step step = hr_home_step(home, entry, kind, outbox);
    hr_step_begin(&step, now, &layout->all);
    go_live(home, &step);
    hr_step_judge(&step, &layout->all);
    hr_entry_mark(home, entry);
}

/* --- timers ----------------------------------------------------------------------------------- */

static void act(struct hr_home *home, struct hr_entry *entry, struct hr_outbox *outbox)
{
    struct hr_account *account = entry->account;
    struct hr_time now = hr_time_max(entry->due, account->clock);
    uint64_t turn = hr_wake_take(&home->holds, entry, now);
    home->acted++;
    hr_entry_mark(home, entry);
    if (turn == 0 && follows_current(home, account) && now.us < account->quiet_until.us &&
        now.us < account->steady_until.us) {
        account->clock = now; /* only the day's second, and there is nothing to take over */
        set_timer(home, entry, now);
        return;
    }
    struct hr_time second = {now.us - 1};
    /* What was due when the rules came acts under the old ones, however late its turn is. */
    if (turn == 0 && !follows_current(home, account) && now.us > home->rules_since.us &&
        hr_time_is(hr_account_daily(hr_entry_name(entry), second), now)) {
        hr_home_take_over(home, entry, now, outbox);
    } else {
        struct hr_step step = hr_home_step(home, entry, HR_STEP_TIME, outbox);
        step.turn = turn;
        hr_step_begin(&step, now, &account->layout->all);
        hr_outcomes_pass(&step);
        go_live(home, &step);
        hr_step_judge(&step, &account->layout->all);
    }
    hr_home_reset_timer(home, entry);
}

void hr_home_run_timers(
    struct hr_home *home, struct hr_entry *entry, struct hr_time clock, struct hr_outbox *outbox)
{
    while (entry->kind == HR_ENTRY_ACCOUNT && entry->due.us <= clock.us) {
        act(home, entry, outbox);
    }
}

bool hr_home_tick(struct hr_home *home, struct hr_time until, size_t most, struct hr_outbox *outbox)
{
    /* Before the first acts, not when none is left: a record that comes between two parts of a tick
     * would take back the clock of an account whose timers have acted. */
    home->clock = hr_time_max(home->clock, until);
    hr_sources_tell(&home->holds, until, outbox);
    for (size_t acted = 0; hr_timer_is_due(home, 0, until); acted++) {
        struct hr_entry *entry = home->heap[0].entry;
        if (acted == most || entry->kind == HR_ENTRY_UNKNOWN || entry->missing_count > 0) {
            return true;
        }
        if (entry->kind != HR_ENTRY_ACCOUNT) {
            hr_wait_no_more(&home->holds, entry);
            hr_timer_set(home, entry, HR_TIME_NEVER); /* the index named an account that is gone */
            continue;
        }
        entry->used = home->batch;
        act(home, entry, outbox);
    }
    return false;
}

const struct hr_books *hr_home_books(const struct hr_home *home)
{
    return home->books;
}

/* --- what is told about it -------------------------------------------------------------------- */

void hr_home_claimed(
    struct hr_home *home, struct hr_arena *arena, struct hr_claimed **claimed, size_t *count)
{
    const struct hr_layout *layout = home->layouts;
    size_t room = 0;
    for (uint16_t r = 0; r < layout->rules->rule_count; r++) {
        room += layout->rules->rules[r].level_count;
    }
    *claimed = hr_arena_take(arena, (room + 1) * sizeof **claimed);
    *count = 0;
    for (uint16_t r = 0; r < layout->rules->rule_count; r++) {
        const struct hr_rule *rule = &layout->rules->rules[r];
        for (uint16_t l = 0; l < rule->level_count; l++) {
            uint64_t accounts = layout->rule_layouts[r].claimed[l];
            if (accounts > 0) {
                (*claimed)[(*count)++] = (struct hr_claimed){rule, &rule->levels[l], accounts};
            }
        }
    }
}

void hr_home_metrics(const struct hr_home *home, struct hr_home_metrics *metrics)
{
    *metrics = (struct hr_home_metrics){.accounts_in_memory = home->entry_count,
        .accounts_created = home->created,
        .seen_ids = home->seen.used,
        .seen_since = hr_seen_since(&home->seen),
        .timers_acted = home->acted,
        .others = home->others};
}
