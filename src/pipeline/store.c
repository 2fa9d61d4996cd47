/* SPDX-License-Identifier: Apache-2.0 */
/* Looks and writes of one home, each under its marker. Every look brings the marker along: one that
 * is neither the acknowledged nor the one under way means that somebody else owns the home or that
 * Redis went back, and then nothing in memory is worth anything. */
#include "state.h"

#define HORIZON (60 * HR_SECOND)
#define SETTLE_MS 30000

static bool knows_marker(const struct hr_owned *owned, struct hr_str marker)
{
    struct hr_str known = {owned->marker, owned->marker_len};
    struct hr_str flying = {owned->flying, owned->flying_len};
    return hr_str_equal(marker, known) || (flying.len && hr_str_equal(marker, flying));
}

static enum hr_fate lost_marker(struct hr_owned *owned, struct hr_error *error)
{
    return hr_fail(error, HR_RETRY,
        "partition %u: the marker in Redis is not the one written last; taking over afresh",
        owned->number);
}

const struct hr_str *hr_view_strings(
    struct hr_arena *arena, const struct hr_view_field *fields, size_t field_count, size_t *count)
{
    struct hr_str *view = hr_arena_take(arena, 2 * field_count * sizeof *view);
    for (size_t i = 0; i < field_count; i++) {
        view[2 * i] = fields[i].name;
        view[2 * i + 1] = fields[i].value;
    }
    *count = 2 * field_count;
    return view;
}

/* A look that failed leaves the connection in doubt. */
static enum hr_fate looked(struct hr_pipeline *p, enum hr_fate fate)
{
    p->store_broken |= fate == HR_RETRY;
    return fate;
}

enum hr_fate hr_owned_distrust(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_error *error)
{
    struct hr_doubt *doubt = &p->doubts[owned->number];
    doubt->times = hr_batch_name_equal(doubt->at, owned->committed) ? doubt->times + 1 : 1;
    doubt->at = owned->committed;
    doubt->why = *error;
    hr_log(p->with.log, HR_WARN, "partition %u: %s; it is copied again from the changelog",
        owned->number, error->text);
    enum hr_fate fate = hr_owned_write(p, owned, NULL, NULL, 0, error);
    return fate ? fate : hr_fail(error, HR_RETRY, "partition %u is copied again", owned->number);
}

enum hr_fate hr_owned_load(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_keys *keys, struct hr_error *error)
{
    struct hr_keys now = *keys;
    while (now.count) {
        struct hr_str *values = hr_arena_take(&p->slice, now.count * sizeof *values);
        struct hr_str marker;
        enum hr_fate fate = p->with.store.load(p->with.store.self, owned->number, now.at, now.count,
            &p->slice, values, &marker, error);
        if (fate)
            return looked(p, fate);
        if (!knows_marker(owned, marker))
            return lost_marker(owned, error);
        struct hr_keys more = {.arena = &p->slice};
        for (size_t i = 0; i < now.count; i++) {
            fate = hr_home_load(owned->home, now.at[i], values[i], &more, error);
            if (fate == HR_REFUSE)
                return hr_owned_distrust(p, owned, error);
            if (fate)
                return fate;
        }
        now = more;
    }
    return HR_OK;
}

enum hr_fate hr_owned_look(struct hr_pipeline *p, struct hr_owned *owned, struct hr_str key,
    struct hr_str *value, struct hr_error *error)
{
    struct hr_str marker;
    enum hr_fate fate = p->with.store.load(
        p->with.store.self, owned->number, &key, 1, &p->slice, value, &marker, error);
    if (fate)
        return looked(p, fate);
    return knows_marker(owned, marker) ? HR_OK : lost_marker(owned, error);
}

/* The next of the stored timers, behind those that the home knows: at most TIMERS_AT_ONCE. Of those
 * before it only what has acted and is not written yet is still in the index: two batches at most.
 * Where they fill a look, more is looked at. */
static enum hr_fate next_timers(struct hr_pipeline *p, struct hr_owned *owned, struct hr_time until,
    struct hr_timer **timers, size_t *count, bool *more, struct hr_error *error)
{
    for (size_t most = TIMERS_AT_ONCE;; most *= 2) {
        struct hr_str marker;
        hr_arena_reset(&p->slice);
        enum hr_fate fate = p->with.store.timers(p->with.store.self, owned->number, until, most,
            &p->slice, timers, count, more, &marker, error);
        if (fate)
            return looked(p, fate);
        if (!knows_marker(owned, marker))
            return lost_marker(owned, error);
        if (!*more || !*count)
            break;
        const struct hr_timer *last = &(*timers)[*count - 1];
        if (!hr_home_knows(owned->home, last->due, last->account))
            break;
    }
    size_t first = 0;
    while (first < *count &&
           hr_home_knows(owned->home, (*timers)[first].due, (*timers)[first].account))
        first++;
    *timers += first;
    *count -= first;
    *more |= *count > TIMERS_AT_ONCE;
    *count = *count > TIMERS_AT_ONCE ? TIMERS_AT_ONCE : *count;
    return HR_OK;
}

/* Tells the core of the stored timers due up to `until` and within the minute behind it, once a
 * minute. Where there are very many it is told of the first of them, by (time, account), and of the
 * next when those have acted: a month's first second is the same moment for everybody, and their
 * names together may be more than memory. Resets the slice. */
enum hr_fate hr_owned_timers(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_time until, struct hr_error *error)
{
    bool known = owned->timers_cut ? until.us < owned->timers_until.us - 1
                                   : until.us < owned->timers_until.us;
    if (known || owned->timers_left)
        return HR_OK;
    until = hr_time_plus(until, HORIZON);
    struct hr_timer *timers;
    size_t count;
    bool more;
    enum hr_fate fate = next_timers(p, owned, until, &timers, &count, &more, error);
    if (fate)
        return fate;
    for (size_t i = 0; i < count; i++)
        hr_home_timer(owned->home, timers[i].account, timers[i].due);
    const struct hr_timer *last = more ? &timers[count - 1] : NULL;
    owned->timers_cut = more;
    owned->timers_until = last ? (struct hr_time){last->due.us + 1} : until;
    hr_home_know(owned->home, (struct hr_time){owned->timers_until.us - 1},
        last ? last->account : (struct hr_str){NULL, 0});
    return HR_OK;
}

static struct hr_owned *home_numbered(struct hr_pipeline *p, uint32_t number)
{
    for (size_t i = 0; i < p->home_owned; i++)
        if (p->homes[i].number == number)
            return &p->homes[i];
    return NULL;
}

static enum hr_fate take_outcome(struct hr_pipeline *p, struct hr_owned *owned,
    enum hr_write_outcome outcome, struct hr_error *error)
{
    switch (outcome) {
    case HR_WRITTEN:
        memcpy(owned->marker, owned->flying, owned->flying_len);
        owned->marker_len = owned->flying_len;
        owned->flying_len = 0;
        if (owned->state == HR_OWNED_LIVE) {
            hr_home_settled(owned->home);
            p->settled = true;
        }
        return HR_OK;
    case HR_WRITE_REFUSED:
        return hr_fail(error, HR_RETRY,
            "partition %u: Redis refused a write under an old marker; taking over afresh",
            owned->number);
    case HR_WRITE_UNKNOWN:
        break;
    }
    p->store_broken = true;
    return HR_RETRY; /* error says why */
}

enum hr_fate hr_writes_settle(struct hr_pipeline *p, int timeout_ms, struct hr_error *error)
{
    enum hr_fate worst = HR_OK;
    while (p->flying) {
        uint32_t number;
        enum hr_write_outcome outcome;
        if (!p->with.store.settle(p->with.store.self, timeout_ms, &number, &outcome, error)) {
            if (timeout_ms < SETTLE_MS)
                break;
            p->store_broken = true;
            return hr_fail(
                error, HR_RETRY, "Redis has not answered a write for %d s", SETTLE_MS / 1000);
        }
        p->flying--;
        if (outcome == HR_WRITTEN && hr_failpoint(HR_AT_WRITE_ANSWERED, error))
            outcome = HR_WRITE_UNKNOWN;
        enum hr_fate fate = take_outcome(p, home_numbered(p, number), outcome, error);
        if (fate)
            worst = fate;
    }
    return worst;
}

static enum hr_fate write_now(
    struct hr_pipeline *p, const struct hr_store_write *write, struct hr_error *error)
{
    enum hr_fate fate = p->with.store.submit(p->with.store.self, write, error);
    if (fate)
        return looked(p, fate);
    p->flying++;
    return hr_writes_settle(p, SETTLE_MS, error);
}

enum hr_fate hr_owned_write(struct hr_pipeline *p, struct hr_owned *owned,
    const struct hr_marker *marker, const struct hr_store_value *values, size_t count,
    struct hr_error *error)
{
    enum hr_fate fate = hr_writes_settle(p, SETTLE_MS, error);
    if (fate)
        return fate;
    owned->flying_len = marker ? hr_marker_print(marker, owned->flying) : 0;
    const struct hr_store_write write = {
        .home = owned->number,
        .expected = {owned->marker_len ? owned->marker : NULL, owned->marker_len},
        .marker = {marker ? owned->flying : NULL, owned->flying_len},
        .values = values,
        .count = count,
    };
    return write_now(p, &write, error);
}

enum hr_fate hr_owned_forget_marker(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_str marker, struct hr_error *error)
{
    enum hr_fate fate = hr_writes_settle(p, SETTLE_MS, error);
    if (fate)
        return fate;
    owned->flying_len = 0;
    const struct hr_store_write write = {.home = owned->number, .expected = marker};
    return write_now(p, &write, error);
}
