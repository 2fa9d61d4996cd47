/* SPDX-License-Identifier: Apache-2.0 */
/* The internal topic, taken apart. Many source partitions are mixed in a home's internal partition,
 * each of them in its own order, but the whole in the order in which it happened to be forwarded.
 * So its records wait in streams: one for each source partition that was forwarded here, one for
 * each home that sends (what it decided stays in the order in which it did), one for words to the
 * loop itself, one for clock reports. The home's one order is made from the heads of these as it is
 * from its own topics.
 *
 * Records are applied ahead of others that stand before them in the log, then. The committed offset
 * is that of the first record not applied, and how far each stream was applied ahead of it is a
 * value of the home's state like any other, under the key "i": in the changelog, in Redis under the
 * marker, copied by every recovery. Within a stream nothing is overtaken, so one offset a stream
 * says it all. What a takeover reads again and finds to be applied is dropped.
 *
 * What keeps its place in the log: a word to the loop goes before everything that was sent after
 * it, and a clock report behind everything that was sent before it. So reports that are had in the
 * header never promise what has to be read again.
 *
 * Memory is bounded: where more waits than may, a home takes what came first, whatever its time, as
 * if T allowed it. Its neighbours in time then come later than it; that is counted and said. */
#include "state.h"

/* --- places in the one order --------------------------------------------------------------------
 */

int hr_rank_compare(const struct hr_rank *a, const struct hr_rank *b)
{
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    int topics = hr_str_compare(a->of.topic, b->of.topic);
    if (topics)
        return topics;
    return a->of.partition < b->of.partition ? -1 : a->of.partition > b->of.partition;
}

struct hr_rank hr_rank_of(const struct hr_pipeline *p, struct hr_topic_partition of)
{
    for (size_t i = 0; i < p->topic_count; i++)
        if (p->topics[i].role == HR_ROLE_HOME && hr_str_equal(p->topics[i].name, of.topic))
            return (struct hr_rank){HR_RANK_HOME_TOPIC, of};
    return (struct hr_rank){HR_RANK_FOREIGN_TOPIC, of};
}

/* --- streams ------------------------------------------------------------------------------------
 */

static struct hr_stream *find(const struct hr_owned *owned, const struct hr_rank *rank)
{
    for (size_t i = 0; i < owned->stream_count; i++) {
        struct hr_stream *stream = owned->streams[i];
        if (stream->rank.of.partition == rank->of.partition &&
            hr_rank_compare(&stream->rank, rank) == 0)
            return stream;
    }
    return NULL;
}

static struct hr_stream *find_or_add(
    struct hr_pipeline *p, struct hr_owned *owned, const struct hr_rank *rank)
{
    struct hr_stream *stream = owned->last_stream;
    if (stream && hr_rank_compare(&stream->rank, rank) == 0)
        return stream;
    stream = find(owned, rank);
    if (!stream) {
        if (owned->stream_count == owned->stream_room) {
            size_t room = owned->stream_room ? owned->stream_room * 2 : 16;
            struct hr_stream **streams = hr_arena_take(&p->assignment, room * sizeof(*streams));
            if (owned->stream_count)
                memcpy(streams, owned->streams, owned->stream_count * sizeof(*streams));
            owned->streams = streams;
            owned->stream_room = room;
        }
        stream = hr_arena_zeroed(&p->assignment, sizeof *stream);
        stream->rank = *rank;
        stream->rank.of.topic = hr_arena_copy(&p->assignment, rank->of.topic);
        stream->last_order = HR_TIME_NONE;
        stream->applied = -1;
        stream->at = owned->stream_count;
        owned->streams[owned->stream_count++] = stream;
    }
    return owned->last_stream = stream;
}

struct hr_time hr_stream_reached(const struct hr_owned *owned, const struct hr_rank *rank)
{
    const struct hr_stream *stream = find(owned, rank);
    return stream ? stream->last_order : HR_TIME_NONE;
}

/* Those in which something waits stand first. */
static void swap_to(struct hr_owned *owned, struct hr_stream *stream, size_t at)
{
    struct hr_stream *other = owned->streams[at];
    owned->streams[stream->at] = other;
    other->at = stream->at;
    owned->streams[at] = stream;
    stream->at = at;
}

static size_t bytes_of(const struct hr_waiting *waiting)
{
    return waiting->record.key.len + waiting->record.value.len + HELD_OVERHEAD;
}

void hr_stream_pop(struct hr_pipeline *p, struct hr_owned *owned, struct hr_stream *stream)
{
    p->held_bytes -= bytes_of(hr_queue_first(&stream->queue));
    hr_queue_pop(&stream->queue);
    if (!hr_queue_first(&stream->queue))
        swap_to(owned, stream, --owned->busy);
}

static struct hr_rank rank_of(const struct hr_pipeline *p, const struct hr_internal *internal)
{
    if (internal->kind == HR_INTERNAL_CLOCK)
        return (struct hr_rank){HR_RANK_CLOCK, {HR_STR(""), 0}};
    if (internal->from)
        return (struct hr_rank){HR_RANK_HOME, {HR_STR(""), (int32_t)internal->from}};
    if (internal->kind != HR_INTERNAL_EVENT)
        return (struct hr_rank){HR_RANK_WORD, {HR_STR(""), 0}};
    return hr_rank_of(
        p, (struct hr_topic_partition){internal->record.topic, internal->record.partition});
}

/* A clock report waits for nobody, since T may be waiting for it: it is heard at once. */
static void hear(struct hr_pipeline *p, struct hr_owned *owned, const struct hr_internal *internal)
{
    for (size_t i = 0; i < internal->report_count; i++)
        hr_owned_hear(p, owned, &internal->reports[i]);
}

bool hr_stream_take(struct hr_pipeline *p, struct hr_owned *owned, struct hr_waiting *waiting)
{
    struct hr_internal internal;
    struct hr_rank rank = {HR_RANK_WORD, {HR_STR(""), 0}};
    struct hr_time order = HR_TIME_NONE;
    if (hr_internal_get(waiting->record.value, &p->slice, &internal)) {
        rank = rank_of(p, &internal);
        waiting->arrival = internal.arrival;
        order = internal.order;
        waiting->alone = internal.kind == HR_INTERNAL_PROPOSAL ||
                         internal.kind == HR_INTERNAL_RULES ||
                         internal.kind == HR_INTERNAL_ROLLBACK;
        if (internal.kind == HR_INTERNAL_CLOCK)
            hear(p, owned, &internal);
    } /* else a dead letter when its turn comes */
    struct hr_stream *stream = find_or_add(p, owned, &rank);
    if (order.us > p->wall.us)
        p->wall = p->with.now(p->with.context);
    order = hr_time_min(order, p->wall);
    bool mixed = rank.group >= HR_RANK_WORD;
    waiting->order = mixed ? order : hr_time_max(order, stream->last_order);
    stream->last_order = waiting->order;
    if (waiting->record.offset <= stream->applied)
        return false;
    p->held_bytes += bytes_of(waiting);
    hr_queue_push(&stream->queue, waiting);
    if (stream->at >= owned->busy)
        swap_to(owned, stream, owned->busy++);
    return true;
}

int64_t hr_streams_first(const struct hr_owned *owned, struct hr_stream **stream)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < owned->busy; i++) {
        int64_t offset = hr_queue_first(&owned->streams[i]->queue)->record.offset;
        if (offset < first) {
            first = offset;
            *stream = owned->streams[i];
        }
    }
    return first;
}

void hr_streams_settle(const struct hr_owned *owned, struct hr_input *input)
{
    struct hr_stream *ignored;
    input->done = owned->busy ? hr_streams_first(owned, &ignored) : input->next;
}

struct hr_stream *hr_stream_ranked(const struct hr_owned *owned, enum hr_rank_group group)
{
    for (size_t i = 0; i < owned->busy; i++)
        if (owned->streams[i]->rank.group == group)
            return owned->streams[i];
    return NULL;
}

void hr_streams_drop(struct hr_pipeline *p, struct hr_owned *owned)
{
    for (size_t i = 0; i < owned->stream_count; i++)
        hr_queue_drop(p, &owned->streams[i]->queue);
    hr_buffer_clean_up(&owned->ahead);
}

/* --- what is applied ahead of the committed offset ----------------------------------------------
 */

static const struct hr_input *internal_of(const struct hr_owned *owned)
{
    for (size_t i = 0; i < owned->input_count; i++)
        if (owned->inputs[i]->topic->role == HR_ROLE_INTERNAL)
            return owned->inputs[i];
    return NULL;
}

bool hr_streams_changed(
    struct hr_owned *owned, struct hr_arena *arena, struct hr_str *key, struct hr_str *value)
{
    int64_t done = internal_of(owned)->done;
    struct hr_ahead *ahead = hr_arena_take(arena, (owned->stream_count + 1) * sizeof *ahead);
    size_t count = 0;
    for (size_t i = 0; i < owned->stream_count; i++)
        if (owned->streams[i]->applied >= done)
            ahead[count++] = (struct hr_ahead){owned->streams[i]->rank, owned->streams[i]->applied};
    struct hr_buffer bytes = {0};
    if (count)
        hr_ahead_put(ahead, count, &bytes);
    *key = HR_STR(HR_AHEAD_KEY);
    *value = count ? hr_arena_copy(arena, hr_buffer_str(&bytes)) : (struct hr_str){NULL, 0};
    bool changed = !hr_str_equal(hr_buffer_str(&bytes), hr_buffer_str(&owned->ahead));
    hr_buffer_clean_up(&owned->ahead);
    owned->ahead = bytes;
    return changed;
}

/* Whether a topic is a home topic is for each process to say: the last owner may have had other
 * sources. */
static struct hr_rank rank_here(const struct hr_pipeline *p, const struct hr_rank *stored)
{
    bool source = stored->group == HR_RANK_HOME_TOPIC || stored->group == HR_RANK_FOREIGN_TOPIC;
    return source ? hr_rank_of(p, stored->of) : *stored;
}

enum hr_fate hr_streams_load(struct hr_pipeline *p, struct hr_owned *owned, struct hr_error *error)
{
    struct hr_str value;
    struct hr_ahead *ahead;
    size_t count;
    enum hr_fate fate = hr_owned_look(p, owned, HR_STR(HR_AHEAD_KEY), &value, error);
    if (fate || !value.at)
        return fate;
    if (hr_ahead_get(value, &p->slice, &ahead, &count, error))
        return hr_owned_distrust(p, owned, error);
    for (size_t i = 0; i < count; i++) {
        struct hr_rank rank = rank_here(p, &ahead[i].rank);
        struct hr_stream *stream = find_or_add(p, owned, &rank);
        if (ahead[i].offset > stream->applied)
            stream->applied = ahead[i].offset;
    }
    hr_put_bytes(&owned->ahead, value.at, value.len);
    return HR_OK;
}
