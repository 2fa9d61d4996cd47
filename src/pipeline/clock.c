/* SPDX-License-Identifier: Apache-2.0 */
/* How far a home's time T may go. If none of the topics that bear on the home is behind, T is the
 * wall clock and nothing waits. Else T is the smallest arrival last read over those behind, so that
 * a backlog of four days fires what it would have fired, in that order, and reports no false
 * silence.
 *
 *   1. A topic of this home is level when its position has reached the end asked for, once a
 * second, or an end-of-partition came. One not level for three seconds is behind.
 *   2. A partition read elsewhere is what its reader last reported, over the internal topic and so
 *      behind everything it had forwarded. A report older than three seconds is behind.
 *   3. One behind of which nothing has been read since the takeover holds T where the header has
 * it.
 *   4. T never goes back.
 *   5. Of several records at T those go that stand before whatever else may still come at T: by the
 *      rank of the topic that holds T. Its own go in any case, so T is always passed.
 *
 * The internal topic has no vote: its own timestamps say nothing about what is inside. */
#include "state.h"

#define BEHIND_AFTER (3 * HR_SECOND)

static bool is_level(const struct hr_pipeline *p, struct hr_time at)
{
    return at.us != HR_TIME_NONE.us && p->wall.us - at.us <= BEHIND_AFTER;
}

static bool hears(const struct hr_owned *owned, struct hr_topic_partition of)
{
    for (size_t i = 0; i < owned->report_count; i++)
        if (owned->reports[i].of.partition == of.partition &&
            hr_str_equal(owned->reports[i].of.topic, of.topic))
            return true;
    return false;
}

/* Whether every partition of every foreign topic has been heard of: one never heard of holds T. */
static bool hears_all(const struct hr_pipeline *p, const struct hr_owned *owned)
{
    for (size_t t = 0; t < p->topic_count; t++) {
        if (p->topics[t].role != HR_ROLE_FOREIGN)
            continue;
        for (int32_t n = 0; n < p->topics[t].partitions; n++)
            if (!hears(owned, (struct hr_topic_partition){p->topics[t].name, n}))
                return false;
    }
    return true;
}

static void hold(struct hr_horizon *least, struct hr_time time, const struct hr_rank *rank)
{
    if (time.us < least->time.us ||
        (time.us == least->time.us && hr_rank_compare(rank, &least->rank) < 0))
        *least = (struct hr_horizon){.time = time, .rank = *rank};
}

/* The smallest arrival over what is behind: NEVER when nothing is, NONE when it is not known. What
 * has come here of a partition read elsewhere says as much as its reader's report. */
static struct hr_horizon least_behind(const struct hr_pipeline *p, const struct hr_owned *owned)
{
    struct hr_horizon least = {HR_TIME_NEVER, {HR_RANK_LAST, {HR_STR(""), 0}}, false};
    const struct hr_rank first = {HR_RANK_FIRST, {HR_STR(""), 0}};
    for (size_t i = 0; i < owned->input_count; i++) {
        const struct hr_input *input = owned->inputs[i];
        if (input->topic->role == HR_ROLE_INTERNAL || hr_input_is_foreign(input) || input->out ||
            is_level(p, input->level_at))
            continue;
        struct hr_rank rank = hr_rank_of(p, hr_input_of(input));
        hold(&least, input->has_read ? input->last_order : HR_TIME_NONE, &rank);
    }
    if (!hears_all(p, owned))
        hold(&least, HR_TIME_NONE, &first);
    for (size_t i = 0; i < owned->report_count; i++) {
        const struct hr_clock_report *report = &owned->reports[i];
        bool level = report->state == HR_CLOCK_LEVEL && is_level(p, report->at);
        if (level || report->state == HR_CLOCK_OUT)
            continue;
        struct hr_rank rank = hr_rank_of(p, report->of);
        hold(&least, hr_time_max(report->arrival, hr_stream_reached(owned, &rank)), &rank);
    }
    return least;
}

/* A record at T itself may go if nothing that is still to come of a topic behind goes before it. */
struct hr_horizon hr_owned_horizon(const struct hr_pipeline *p, const struct hr_owned *owned)
{
    struct hr_horizon horizon = least_behind(p, owned);
    horizon.waits = horizon.time.us != HR_TIME_NEVER.us;
    if (horizon.time.us > p->wall.us) {
        horizon.time = p->wall;
        horizon.rank = (struct hr_rank){HR_RANK_LAST, {HR_STR(""), 0}};
    }
    if (horizon.time.us < owned->time.us) {
        horizon.time = owned->time;
        horizon.rank = (struct hr_rank){HR_RANK_FIRST, {HR_STR(""), 0}};
    }
    return horizon;
}

/* A topic that this process does not read any more must not hold T for ever; a home topic that was
 * reported once is reported by every later owner, or its last report would. */
static bool concerns(
    const struct hr_pipeline *p, struct hr_owned *owned, const struct hr_clock_report *report)
{
    for (size_t i = 0; i < owned->input_count; i++) {
        struct hr_input *input = owned->inputs[i];
        if (input->partition == report->of.partition &&
            hr_str_equal(input->topic->name, report->of.topic))
            input->forwards = true;
    }
    for (size_t i = 0; i < p->topic_count; i++)
        if (hr_str_equal(p->topics[i].name, report->of.topic))
            return true;
    return false;
}

static void keep(struct hr_pipeline *p, struct hr_clock_report **reports, size_t *count,
    const struct hr_clock_report *report)
{
    for (size_t i = 0; i < *count; i++) {
        struct hr_clock_report *last = &(*reports)[i];
        if (last->of.partition != report->of.partition ||
            !hr_str_equal(last->of.topic, report->of.topic))
            continue;
        if (report->at.us >= last->at.us) {
            struct hr_str topic = last->of.topic;
            *last = *report;
            last->of.topic = topic;
        }
        return;
    }
    struct hr_clock_report *grown = hr_arena_take(&p->assignment, (*count + 1) * sizeof *grown);
    if (*count)
        memcpy(grown, *reports, *count * sizeof *grown);
    grown[*count] = *report;
    grown[*count].of.topic = hr_arena_copy(&p->assignment, report->of.topic);
    *reports = grown;
    (*count)++;
}

void hr_owned_hear(
    struct hr_pipeline *p, struct hr_owned *owned, const struct hr_clock_report *report)
{
    if (concerns(p, owned, report))
        keep(p, &owned->reports, &owned->report_count, report);
}

void hr_owned_have(
    struct hr_pipeline *p, struct hr_owned *owned, const struct hr_clock_report *report)
{
    if (concerns(p, owned, report))
        keep(p, &owned->had, &owned->had_count, report);
}

static bool is_read(const struct hr_input *input)
{
    return !input->out && (!input->home || input->home->state != HR_OWNED_REFUSED);
}

/* Level at the moment of the question, if its position has come to where the end was then. */
static void settle_level(struct hr_input *input)
{
    if (input->asked_at.us != HR_TIME_NONE.us && input->next >= input->end)
        input->level_at = hr_time_max(input->level_at, input->asked_at);
}

/* Where nothing waits, all that was read is dealt with: markers behind the last record are no lag.
 */
static int64_t lag_of(const struct hr_input *input)
{
    bool waits = input->topic->role == HR_ROLE_INTERNAL ? input->home && input->home->busy > 0
                                                        : input->queue.waiting > 0;
    int64_t at = waits ? input->done : input->next;
    return input->end > at ? input->end - at : 0;
}

enum hr_fate hr_inputs_look_level(struct hr_pipeline *p, struct hr_error *error)
{
    struct hr_position *ends = hr_arena_zeroed(&p->slice, p->input_count * sizeof *ends);
    size_t count = 0;
    for (size_t i = 0; i < p->input_count; i++)
        if (is_read(&p->inputs[i])) {
            /* Under steady load there is always something behind the position at once; what was the
             * end a second ago has been read by now. */
            settle_level(&p->inputs[i]);
            ends[count++].of = hr_input_of(&p->inputs[i]);
        }
    /* The moment is taken before the question: what arrives meanwhile is not promised. */
    struct hr_time asked = p->with.now(p->with.context);
    enum hr_fate fate =
        count ? p->with.broker.bounds(p->with.broker.self, ends, count, true, error) : HR_OK;
    if (!fate)
        fate = hr_failpoint(HR_AT_LEVEL_LOOKED, error);
    if (fate)
        return fate;
    for (size_t i = 0, k = 0; i < p->input_count; i++) {
        struct hr_input *input = &p->inputs[i];
        if (!is_read(input))
            continue;
        input->asked_at = asked;
        input->end = ends[k++].offset;
        settle_level(input);
        hr_cell_set(input->lag, lag_of(input));
    }
    return HR_OK;
}

/* Tells every home how far the partitions are whose records go to any of them. It travels behind
 * the records that this batch forwards. */
void hr_inputs_report(struct hr_pipeline *p)
{
    struct hr_clock_report *reports = hr_arena_zeroed(&p->slice, p->input_count * sizeof *reports);
    size_t count = 0;
    for (size_t i = 0; i < p->input_count; i++) {
        struct hr_input *input = &p->inputs[i];
        if (!hr_input_is_foreign(input))
            continue;
        const struct hr_waiting *waiting = hr_queue_first(&input->queue);
        struct hr_clock_report *report = &reports[count++];
        report->of = hr_input_of(input);
        report->at = p->wall;
        report->state = input->out                                 ? HR_CLOCK_OUT
                        : !waiting && is_level(p, input->level_at) ? HR_CLOCK_LEVEL
                                                                   : HR_CLOCK_BEHIND;
        /* What waits here has not been forwarded: its readers may not be later than it. */
        report->arrival = waiting           ? waiting->order
                          : input->has_read ? input->last_order
                                            : HR_TIME_NONE;
    }
    if (!count)
        return;
    struct hr_internal internal = {
        .kind = HR_INTERNAL_CLOCK, .arrival = p->wall, .reports = reports, .report_count = count};
    for (uint32_t home = 0; home < p->home_count; home++)
        hr_batch_add_internal(p, home, HR_STR("clock"), &internal);
}
