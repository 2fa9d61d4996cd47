/* SPDX-License-Identifier: Apache-2.0 */
/* What events add up to.
 *
 * A meter is counted once for the billing period, in the segment that holds the event's time, and
 * once in each series of buckets. A late event goes into the bucket of its time, an early one (a
 * clock ahead, within the skew) into a bucket that no window covers yet; so a window's value is
 * always that of its buckets up to the one that is open at the account's clock.
 *
 * Buckets that no window reaches any more are taken out when a new one comes, so that a quiet
 * account costs nothing. Reading never changes anything. */
#include "window.h"

#include "period.h"
#include "signal.h"
#include "subscription.h"
#include "unique.h"

/* --- tallies ---------------------------------------------------------------------------------- */

static const __int128 bound = (__int128)1000000000000 * 100000000000000 * 1000000000000;

static struct hr_decimal clamped_sum(struct hr_decimal a, struct hr_decimal b)
{
    struct hr_decimal sum;
    if (hr_decimal_add(a, b, &sum)) {
        return sum;
    }
    return (struct hr_decimal){a.units < 0 ? 1 - bound : bound - 1};
}

void hr_tally_merge(
    enum hr_aggregate aggregate, struct hr_tally *tally, const struct hr_tally *more)
{
    if (more->count == 0) {
        return;
    }
    bool first = tally->count == 0;
    switch (aggregate) {
    case HR_MIN:
        if (first || hr_decimal_compare(more->value, tally->value) < 0) {
            tally->value = more->value;
        }
        break;
    case HR_MAX:
        if (first || hr_decimal_compare(more->value, tally->value) > 0) {
            tally->value = more->value;
        }
        break;
    case HR_SUM:
    case HR_COUNT:
    case HR_AVG:
    case HR_UNIQUE:
        tally->value = clamped_sum(tally->value, more->value);
        break;
    case HR_LATEST:
        if (more->count >= tally->count) {
            *tally = *more;
        }
        return;
    }
    tally->count += more->count;
}

/* --- series ----------------------------------------------------------------------------------- */

static int64_t bucket_of(
    const struct hr_account *account, const struct hr_series_spec *spec, struct hr_time time)
{
    if (spec->kind == HR_WINDOW_SPAN) {
        return hr_time_bucket(time, spec->bucket_us);
    }
    return hr_calendar_index(hr_zone_day(account->zone, time), (int)spec->kind);
}

int64_t hr_series_now(const struct hr_account *account, const struct hr_series_spec *spec)
{
    return spec->kind == HR_WINDOW_SPAN ? hr_time_bucket(account->clock, spec->bucket_us)
                                        : hr_calendar_index(account->today, (int)spec->kind);
}

uint32_t hr_series_kept(const struct hr_account *account, uint16_t slot, uint16_t number)
{
    const struct hr_series_spec *spec = &hr_slot_layout(account, slot)->series[number];
    const struct hr_series *series = &account->meters[slot].series[number];
    int64_t least = hr_series_now(account, spec) - spec->keep + 1;
    uint32_t gone = 0;
    while (gone < series->count && series->cells[gone].index < least) {
        gone++;
    }
    bool holds = hr_slot_meter(account, slot)->aggregate == HR_LATEST;
    return gone > 0 && holds ? gone - 1 : gone;
}

/* Takes out buckets that no window reaches any more. */
static void expire(struct hr_account *account, uint16_t slot, uint16_t number)
{
    struct hr_meter_state *meter = &account->meters[slot];
    const struct hr_series_spec *spec = &hr_slot_layout(account, slot)->series[number];
    struct hr_series *series = &meter->series[number];
    int64_t least = hr_series_now(account, spec) - spec->keep + 1;
    uint32_t gone = hr_series_kept(account, slot, number);
    if (gone == 0) {
        return;
    }
    series->count -= gone;
    memmove(series->cells, series->cells + gone, series->count * sizeof *series->cells);
    struct hr_set *set =
        meter->members ? hr_members_find(meter->members, hr_set_of_series(number)) : NULL;
    if (set) {
        hr_set_expire(meter->members, set, least);
    }
}

struct hr_cell *hr_series_cell(
    struct hr_account *account, uint16_t slot, uint16_t number, int64_t index, struct hr_pool *pool)
{
    struct hr_series *series = &account->meters[slot].series[number];
    uint32_t at = series->count;
    while (at > 0 && series->cells[at - 1].index > index) {
        at--;
    }
    if (at > 0 && series->cells[at - 1].index == index) {
        return &series->cells[at - 1];
    }
    uint32_t before = series->count;
    expire(account, slot, number);
    at -= before - series->count < at ? before - series->count : at;
    if (series->count == series->room) {
        uint32_t room = series->room ? series->room * 2 : 1;
        size_t size = sizeof *series->cells;
        series->cells = hr_pool_grow(pool, series->cells, series->room * size, room * size);
        series->room = room;
    }
    memmove(
        &series->cells[at + 1], &series->cells[at], (series->count - at) * sizeof *series->cells);
    series->count++;
    series->cells[at] = (struct hr_cell){index, {HR_DECIMAL_ZERO, 0}};
    account->due_stale = true;
    return &series->cells[at];
}

struct hr_cell *hr_series_find(struct hr_series *series, int64_t index)
{
    for (uint32_t i = series->count; i > 0; i--) {
        if (series->cells[i - 1].index == index) {
            return &series->cells[i - 1];
        }
    }
    return NULL;
}

bool hr_series_reached(
    const struct hr_account *account, const struct hr_series_spec *spec, int64_t index)
{
    return index > hr_series_now(account, spec) - (int64_t)spec->keep;
}

void hr_series_merge(struct hr_account *account, uint16_t slot, uint16_t series,
    const struct hr_cell *cell, struct hr_pool *pool)
{
    const struct hr_series_spec *spec = &hr_slot_layout(account, slot)->series[series];
    enum hr_aggregate aggregate = hr_slot_meter(account, slot)->aggregate;
    if (aggregate == HR_LATEST || hr_series_reached(account, spec, cell->index)) {
        struct hr_cell *into = hr_series_cell(account, slot, series, cell->index, pool);
        hr_tally_merge(aggregate, &into->tally, &cell->tally);
    }
}

void hr_series_shift(struct hr_account *account, uint16_t slot, uint16_t number, int64_t by)
{
    struct hr_meter_state *state = &account->meters[slot];
    state->dirty = state->number != 0;
    for (uint32_t i = 0; i < state->series[number].count; i++) {
        state->series[number].cells[i].index += by;
    }
    for (uint32_t i = 0; state->members && i < state->members->count; i++) {
        struct hr_set *set = &state->members->sets[i];
        if (set->name == hr_set_of_series(number) || set->name == hr_set_of_early(number)) {
            hr_set_shift(set, by);
            state->members->dirty = true;
        }
    }
}

/* --- segments --------------------------------------------------------------------------------- */

uint32_t hr_segment_find(struct hr_account *account, struct hr_time time, struct hr_pool *pool)
{
    for (uint32_t i = account->segment_count; i > 0; i--) {
        const struct hr_segment *segment = &account->segments[i - 1];
        if (time.us >= segment->from.us && time.us < segment->end.us) {
            return i - 1;
        }
    }
    struct hr_segment made = hr_subscription_segment(account, time);
    for (uint32_t i = 0; i < account->segment_count; i++) {
        /* Made between those that are kept: it takes nothing from a later one. */
        if (account->segments[i].from.us > time.us) {
            made.end = hr_time_min(made.end, account->segments[i].from);
            break;
        }
    }
    if (made.end.us <= account->clock.us) {
        /* Nobody judged that period while it was in force, so it has no limits to be judged by. */
        made.closed = true;
        made.limits = hr_pool_take(pool, sizeof *made.limits * account->layout->rules->meter_count);
    }
    return hr_account_insert_segment(account, made, pool);
}

void hr_segment_absorb(
    struct hr_account *account, uint32_t into, uint32_t from, struct hr_pool *pool)
{
    for (uint16_t m = 0; m < account->slot_count; m++) {
        enum hr_aggregate aggregate = hr_slot_meter(account, m)->aggregate;
        struct hr_members *members = account->meters[m].members;
        account->meters[m].dirty = account->meters[m].number != 0;
        if (aggregate != HR_UNIQUE) {
            hr_tally_merge(aggregate, &account->segments[into].tallies[m],
                &account->segments[from].tallies[m]);
        } else if (members) {
            struct hr_set set =
                hr_members_take(members, hr_set_of_period(account->segments[from].id));
            hr_segment_take(account, m, into, &set, pool);
            hr_set_clean_up(&set, pool);
        }
    }
    hr_account_drop_segment(account, from, pool);
}

/* --- reading and adding ----------------------------------------------------------------------- */

struct hr_tally hr_series_sum(const struct hr_account *account, uint16_t slot,
    const struct hr_series *series, int64_t from, int64_t to)
{
    enum hr_aggregate aggregate = hr_slot_meter(account, slot)->aggregate;
    struct hr_tally total = {HR_DECIMAL_ZERO, 0};
    for (uint32_t i = series->count; i > 0 && series->cells[i - 1].index >= from; i--) {
        if (series->cells[i - 1].index <= to) {
            hr_tally_merge(aggregate, &total, &series->cells[i - 1].tally);
        }
    }
    return total;
}

static struct hr_tally series_tally(const struct hr_account *account, uint16_t slot,
    const struct hr_series_spec *spec, const struct hr_series *series, int64_t buckets)
{
    int64_t now = hr_series_now(account, spec);
    return hr_series_sum(account, slot, series, now - buckets + 1, now);
}

static int64_t buckets_of(const struct hr_window *window)
{
    return window->kind == HR_WINDOW_SPAN ? window->buckets : 1;
}

struct hr_tally hr_window_tally(const struct hr_account *account, uint16_t slot, uint16_t window)
{
    const struct hr_meter_state *state = &account->meters[slot];
    const struct hr_meter *meter = hr_slot_meter(account, slot);
    const struct hr_meter_layout *layout = hr_slot_layout(account, slot);
    if (meter->aggregate == HR_LATEST) {
        return (struct hr_tally){state->gauge, !hr_time_is(state->gauge_time, HR_TIME_NONE)};
    }
    uint16_t series = layout->window_series[window];
    if (series == HR_NO_SERIES) {
        return account->segments[account->current].tallies[slot];
    }
    const struct hr_series_spec *spec = &layout->series[series];
    int64_t buckets = buckets_of(&meter->windows[window]);
    int64_t from = hr_series_now(account, spec) - buckets + 1;
    return hr_series_is_exact(account, slot, series, from)
               ? series_tally(account, slot, spec, &state->series[series], buckets)
               : hr_series_estimate(account, slot, series, from);
}

bool hr_window_is_exact(const struct hr_account *account, uint16_t slot, uint16_t window)
{
    const struct hr_meter_layout *layout = hr_slot_layout(account, slot);
    uint16_t series = layout->window_series[window];
    if (series == HR_NO_SERIES) {
        return hr_segment_is_exact(account, slot, account->current);
    }
    int64_t buckets = buckets_of(&hr_slot_meter(account, slot)->windows[window]);
    return hr_series_is_exact(
        account, slot, series, hr_series_now(account, &layout->series[series]) - buckets + 1);
}

/* A count of ones cannot pass the bound; a correction may add any number to it. */
static bool sums(enum hr_aggregate aggregate, const struct hr_amount *amount)
{
    return aggregate == HR_SUM || aggregate == HR_AVG ||
           (aggregate == HR_COUNT && amount->value.units != HR_DECIMAL_ONE.units);
}

bool hr_meter_fits(struct hr_account *account, uint16_t slot, struct hr_time time,
    const struct hr_amount *amount, struct hr_pool *pool)
{
    const struct hr_meter *meter = hr_slot_meter(account, slot);
    const struct hr_meter_layout *layout = hr_slot_layout(account, slot);
    struct hr_decimal sum;
    if (!sums(meter->aggregate, amount)) {
        return true;
    }
    uint32_t segment = hr_segment_holding(account, time, pool);
    if (!hr_decimal_add(account->segments[segment].tallies[slot].value, amount->value, &sum)) {
        return false;
    }
    for (uint16_t w = 0; w < meter->window_count; w++) {
        if (layout->window_series[w] == HR_NO_SERIES) {
            continue;
        }
        /* The bucket alone, and the window as it stands, whether or not it covers that bucket. */
        const struct hr_series_spec *spec = &layout->series[layout->window_series[w]];
        struct hr_series *series = &account->meters[slot].series[layout->window_series[w]];
        const struct hr_cell *cell = hr_series_find(series, bucket_of(account, spec, time));
        struct hr_tally total =
            series_tally(account, slot, spec, series, buckets_of(&meter->windows[w]));
        if ((cell && !hr_decimal_add(cell->tally.value, amount->value, &sum)) ||
            !hr_decimal_add(total.value, amount->value, &sum)) {
            return false;
        }
    }
    return true;
}

static void add_reading(
    struct hr_meter_state *meter, struct hr_time time, const struct hr_amount *amount)
{
    if (hr_time_is(meter->gauge_time, HR_TIME_NONE) || time.us >= meter->gauge_time.us) {
        meter->gauge = amount->value;
        meter->gauge_time = time;
    }
}

/* What an event leaves in the bucket of its time. Readings of a gauge say when they were taken, so
 * that the last of the day stays. */
static struct hr_cell cell_of(const struct hr_account *account, uint16_t slot,
    const struct hr_series_spec *spec, struct hr_time time, const struct hr_amount *amount)
{
    struct hr_cell cell = {bucket_of(account, spec, time), {amount->value, 1}};
    if (hr_slot_meter(account, slot)->aggregate == HR_LATEST) {
        cell.tally.count += (uint64_t)(time.us - cell.index * spec->bucket_us);
    }
    return cell;
}

static void count_in_series(struct hr_account *account, uint16_t slot, struct hr_time time,
    const struct hr_amount *amount, struct hr_pool *pool)
{
    const struct hr_meter_layout *layout = hr_slot_layout(account, slot);
    struct hr_meter_state *meter = &account->meters[slot];
    if (layout->keeps_first &&
        (hr_time_is(meter->first, HR_TIME_NONE) || time.us < meter->first.us)) {
        meter->first = time;
        account->due_stale = true;
    }
    for (uint16_t s = 0; s < layout->series_count; s++) {
        struct hr_cell cell = cell_of(account, slot, &layout->series[s], time, amount);
        if (hr_slot_meter(account, slot)->aggregate == HR_UNIQUE) {
            hr_series_see(account, slot, s, cell.index, amount->member, pool);
        } else {
            hr_series_merge(account, slot, s, &cell, pool);
        }
    }
}

uint32_t hr_meter_add(struct hr_account *account, uint16_t slot, struct hr_time time,
    const struct hr_amount *amount, struct hr_pool *pool)
{
    enum hr_aggregate aggregate = hr_slot_meter(account, slot)->aggregate;
    account->due_stale |= hr_slot_layout(account, slot)->projected;
    if (aggregate == HR_LATEST) {
        add_reading(&account->meters[slot], time, amount);
        count_in_series(account, slot, time, amount, pool);
        return account->current;
    }
    uint32_t segment = hr_segment_holding(account, time, pool);
    if (aggregate == HR_UNIQUE) {
        hr_segment_see(account, slot, segment, amount->member, pool);
    } else {
        struct hr_tally added = {amount->value, 1};
        hr_tally_merge(aggregate, &account->segments[segment].tallies[slot], &added);
    }
    count_in_series(account, slot, time, amount, pool);
    return segment;
}

/* --- time ------------------------------------------------------------------------------------- */

/* When a window of `buckets` on this series next gains or loses something by time alone. */
static struct hr_time window_due(const struct hr_account *account,
    const struct hr_series_spec *spec, const struct hr_series *series, int64_t buckets)
{
    int64_t now = hr_series_now(account, spec);
    struct hr_time due = HR_TIME_NEVER;
    for (uint32_t i = 0; i < series->count; i++) {
        int64_t index = series->cells[i].index;
        if (series->cells[i].tally.count == 0) {
            continue; /* its members were seen again later: it is not stored either */
        }
        if (index > now) {
            return hr_time_min(due, (struct hr_time){index * spec->bucket_us});
        }
        if (index > now - buckets && hr_time_is(due, HR_TIME_NEVER)) {
            due.us = (index + buckets) * spec->bucket_us;
        }
    }
    return due;
}

struct hr_time hr_window_due(const struct hr_account *account, uint16_t slot, uint16_t window)
{
    const struct hr_meter_layout *layout = hr_slot_layout(account, slot);
    const struct hr_meter_state *state = &account->meters[slot];
    uint16_t s = layout->window_series[window];
    if (s == HR_NO_SERIES || layout->series[s].kind != HR_WINDOW_SPAN ||
        hr_slot_meter(account, slot)->aggregate == HR_LATEST) {
        return HR_TIME_NEVER; /* the calendar's own ends are in steady_until; a reading holds */
    }
    int64_t buckets = buckets_of(&hr_slot_meter(account, slot)->windows[window]);
    return hr_time_min(window_due(account, &layout->series[s], &state->series[s], buckets),
        hr_early_due(state->members, s, &layout->series[s]));
}

struct hr_time hr_windows_due(const struct hr_account *account)
{
    const struct hr_layout *layout = account->layout;
    struct hr_time due = HR_TIME_NEVER;
    for (uint16_t i = 0; i < layout->all.signal_count; i++) {
        uint16_t slot = layout->all.signals[i];
        const struct hr_signal *signal = &layout->rules->signals[slot];
        if (signal->kind == HR_SIGNAL_TRIAL_USES) {
            due = hr_time_min(due, hr_trial_uses_due(account, slot));
        } else if (hr_signal_is_trend(signal)) {
            due = hr_time_min(due, hr_trend_due(account, slot));
        } else if (hr_signal_has_window(signal)) {
            due = hr_time_min(
                due, hr_window_due(account, layout->signals[slot].slot, signal->window));
        }
    }
    return due;
}
