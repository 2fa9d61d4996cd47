/* SPDX-License-Identifier: Apache-2.0 */
/* How far a home's time may go: the sentences of EXACTLY_ONCE, Time, one by one. Seconds of the day
 * stand for moments; the wall clock is at 100 s. */
#include "pipeline/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* What clock.c sends is caught here. */
static struct {
    size_t sent;
    struct hr_clock_report last[8];
    size_t count;
} caught;

void hr_batch_add_internal(
    struct hr_pipeline *p, uint32_t home, struct hr_str key, const struct hr_internal *internal)
{
    (void)p, (void)home, (void)key;
    caught.sent++;
    caught.count = internal->report_count;
    for (size_t i = 0; i < internal->report_count && i < 8; i++)
        caught.last[i] = internal->reports[i];
}

/* What takeovers ask of the store: not here. */
enum hr_fate hr_owned_look(struct hr_pipeline *p, struct hr_owned *owned, struct hr_str key,
    struct hr_str *value, struct hr_error *error)
{
    (void)p, (void)owned, (void)key, (void)value;
    return hr_fail(error, HR_STOP, "no store");
}

enum hr_fate hr_owned_distrust(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_error *error)
{
    (void)p, (void)owned;
    return hr_fail(error, HR_STOP, "no store");
}

static void release(void *self, void *handle)
{
    (void)self, (void)handle;
}

static struct hr_time s(int64_t seconds)
{
    return (struct hr_time){seconds * HR_SECOND};
}

struct world {
    struct hr_pipeline p;
    struct hr_topic topics[4];
    struct hr_input inputs[4];
    struct hr_input *home_inputs[3];
    struct hr_owned home;
};

/* Home 0 with topics billing and usage and the internal one; clicks is foreign, of two partitions.
 */
static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct hr_topic topics[] = {
        {.name = HR_STR("billing"), .role = HR_ROLE_HOME, .partitions = 1},
        {.name = HR_STR("usage"), .role = HR_ROLE_HOME, .partitions = 1},
        {.name = HR_STR("internal"), .role = HR_ROLE_INTERNAL, .partitions = 1},
        {.name = HR_STR("clicks"), .role = HR_ROLE_FOREIGN, .partitions = 2},
    };
    memcpy(w->topics, topics, sizeof topics);
    for (size_t i = 0; i < 4; i++) {
        w->inputs[i] = (struct hr_input){.topic = &w->topics[i],
            .level_at = s(99),
            .last_order = s(50),
            .has_read = true,
            .home = i < 3 ? &w->home : NULL};
        if (i < 3)
            w->home_inputs[i] = &w->inputs[i];
    }
    w->home = (struct hr_owned){.inputs = w->home_inputs, .input_count = 3, .time = s(40)};
    w->p = (struct hr_pipeline){.topics = w->topics,
        .topic_count = 3, /* without the foreign one, until a test adds it */
        .inputs = w->inputs,
        .input_count = 4,
        .homes = &w->home,
        .home_owned = 1,
        .home_count = 1,
        .wall = s(100)};
    w->p.with.broker.release = release;
    hr_arena_init(&w->p.assignment);
    hr_arena_init(&w->p.slice);
    caught.sent = caught.count = 0;
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    hr_arena_clean_up(&w->p.assignment);
    hr_arena_clean_up(&w->p.slice);
    for (size_t i = 0; i < 4; i++)
        hr_queue_drop(&w->p, &w->inputs[i].queue);
    free(w);
    return 0;
}

static void assert_time(struct world *w, int64_t seconds)
{
    assert_int_equal(hr_owned_horizon(&w->p, &w->home).time.us, s(seconds).us);
}

static void hear(
    struct world *w, int32_t partition, enum hr_clock_state clock, int64_t arrival, int64_t at)
{
    struct hr_clock_report report = {.of = {HR_STR("clicks"), partition},
        .state = clock,
        .arrival = arrival < 0 ? HR_TIME_NONE : s(arrival),
        .at = s(at)};
    hr_owned_hear(&w->p, &w->home, &report);
}

static void all_level_is_the_wall_clock(void **state)
{
    assert_time(*state, 100);
}

static void three_seconds_without_level_is_not_behind_yet(void **state)
{
    struct world *w = *state;
    w->inputs[1].level_at = s(97);
    assert_time(w, 100);
    w->inputs[1].level_at = (struct hr_time){s(97).us - 1};
    assert_time(w, 50);
}

static void several_behind_hold_to_the_smallest_arrival(void **state)
{
    struct world *w = *state;
    w->inputs[0].level_at = w->inputs[1].level_at = s(10);
    w->inputs[0].last_order = s(60);
    w->inputs[1].last_order = s(55);
    assert_time(w, 55);
}

static void behind_and_never_read_keeps_the_header(void **state)
{
    struct world *w = *state;
    w->inputs[0].level_at = HR_TIME_NONE;
    w->inputs[0].has_read = false;
    assert_time(w, 40);
}

static void time_never_goes_back(void **state)
{
    struct world *w = *state;
    w->inputs[0].level_at = s(10);
    w->inputs[0].last_order = s(30); /* an older time-stamp than the header's T */
    assert_time(w, 40);
}

static void the_internal_topic_has_no_vote(void **state)
{
    struct world *w = *state;
    w->inputs[2].level_at = HR_TIME_NONE;
    w->inputs[2].has_read = false;
    assert_time(w, 100);
}

/* Its records are forwarded as they come: what its reader reports of it counts, as of any other. */
static void a_home_topic_that_forwards_has_no_vote_of_its_own(void **state)
{
    struct world *w = *state;
    w->inputs[1].level_at = s(10);
    assert_time(w, 50);
    w->inputs[1].forwards = true;
    assert_time(w, 100);
}

static void a_foreign_partition_never_heard_of_keeps_the_header(void **state)
{
    struct world *w = *state;
    w->p.topic_count = 4;
    assert_time(w, 40);
    hear(w, 0, HR_CLOCK_LEVEL, 99, 99);
    assert_time(w, 40);
    hear(w, 1, HR_CLOCK_LEVEL, 20, 98); /* level: how long ago its last record came says nothing */
    assert_time(w, 100);
}

static void a_report_counts_as_a_topic(void **state)
{
    struct world *w = *state;
    w->p.topic_count = 4;
    hear(w, 0, HR_CLOCK_LEVEL, 99, 99);
    hear(w, 1, HR_CLOCK_BEHIND, 70, 99);
    assert_time(w, 70);
    hear(w, 1, HR_CLOCK_BEHIND, 75, 100);
    assert_time(w, 75);
    hear(w, 1, HR_CLOCK_BEHIND, 60, 99); /* older than the last: not listened to */
    assert_time(w, 75);
    hear(w, 1, HR_CLOCK_OUT, 75, 101);
    assert_time(w, 100);
}

static void an_old_report_is_behind(void **state)
{
    struct world *w = *state;
    w->p.topic_count = 4;
    hear(w, 0, HR_CLOCK_LEVEL, 99, 99);
    hear(w, 1, HR_CLOCK_LEVEL, 80, 96);
    assert_time(w, 80);
    hear(w, 1, HR_CLOCK_BEHIND, -1, 99); /* its reader has read nothing yet */
    assert_time(w, 40);
}

static void reports_tell_of_foreign_partitions_only(void **state)
{
    struct world *w = *state;
    w->p.topic_count = 4;
    hr_inputs_report(&w->p);
    assert_int_equal(caught.sent, 1); /* one home */
    assert_int_equal(caught.count, 1);
    assert_true(hr_str_is(caught.last[0].of.topic, "clicks"));
    assert_int_equal(caught.last[0].state, HR_CLOCK_LEVEL);
    w->inputs[1].forwards = true;
    hr_inputs_report(&w->p);
    assert_int_equal(caught.count, 2);
}

static void what_waits_is_not_promised(void **state)
{
    struct world *w = *state;
    struct hr_waiting waiting = {.order = s(45)};
    hr_queue_push(&w->inputs[3].queue, &waiting);
    hr_inputs_report(&w->p);
    assert_int_equal(caught.last[0].state, HR_CLOCK_BEHIND);
    assert_int_equal(caught.last[0].arrival.us, s(45).us);
}

/* The ring behind it: order is kept while it grows and wraps. */
/* --- asking for ends
 * ----------------------------------------------------------------------------- */

static struct {
    int64_t end; /* of every partition */
    struct hr_time now;
} broker;

static enum hr_fate bounds(
    void *self, struct hr_position *positions, size_t count, bool end, struct hr_error *error)
{
    (void)self, (void)error;
    assert_true(end);
    for (size_t i = 0; i < count; i++)
        positions[i].offset = broker.end;
    return HR_OK;
}

static struct hr_time now(void *context)
{
    (void)context;
    return broker.now;
}

static void look(struct world *w, int64_t at, int64_t next, int64_t end)
{
    struct hr_error error;
    broker.now = w->p.wall = s(at);
    broker.end = end;
    w->inputs[1].next = next;
    assert_int_equal(hr_inputs_look_level(&w->p, &error), HR_OK);
}

/* A busy topic: whenever its end is asked for, ten records more have come than were read. */
static void an_end_that_is_read_later_was_level_when_it_was_asked_for(void **state)
{
    struct world *w = *state;
    struct hr_cell lag = {0};
    w->p.with.broker.bounds = bounds;
    w->p.with.now = now;
    for (size_t i = 0; i < 4; i++) {
        w->inputs[i].lag = &lag;
        w->inputs[i].next = INT64_MAX;
        w->inputs[i].asked_at = HR_TIME_NONE;
    }
    w->inputs[1].level_at = HR_TIME_NONE;
    look(w, 101, 1000, 1010);
    assert_int_equal(w->inputs[1].level_at.us, HR_TIME_NONE.us);
    look(w, 102, 1009, 1020); /* the end of 101 has not been reached */
    assert_int_equal(w->inputs[1].level_at.us, HR_TIME_NONE.us);
    look(w, 103, 1020, 1030);
    assert_int_equal(w->inputs[1].level_at.us, s(102).us);
    look(w, 104, 1030, 1030);
    assert_int_equal(w->inputs[1].level_at.us, s(104).us);
}

/* --- on a tie with T
 * -----------------------------------------------------------------------------
 */

/* Of what stands at T itself, that may go which no record still to come of a topic behind precedes.
 */
static void assert_goes(struct world *w, enum hr_rank_group group, const char *topic, bool goes)
{
    const struct hr_horizon horizon = hr_owned_horizon(&w->p, &w->home);
    const struct hr_rank rank = {group, {hr_str(topic), 0}};
    assert_true(horizon.waits);
    assert_int_equal(hr_rank_compare(&rank, &horizon.rank) <= 0, goes);
}

static void at_T_the_topic_that_holds_it_goes_and_what_stands_before_it(void **state)
{
    struct world *w = *state;
    w->inputs[1].level_at = s(10); /* usage, at 50 */
    assert_goes(w, HR_RANK_HOME_TOPIC, "usage", true);
    assert_goes(w, HR_RANK_HOME_TOPIC, "billing", true);
    assert_goes(w, HR_RANK_FOREIGN_TOPIC, "clicks", false);
    assert_goes(w, HR_RANK_HOME, "", false);
    w->inputs[0].level_at = s(10); /* billing, at 50, too: it may still bring what goes first */
    assert_goes(w, HR_RANK_HOME_TOPIC, "usage", false);
}

static void a_T_from_before_the_takeover_lets_nothing_go_at_it(void **state)
{
    struct world *w = *state;
    w->inputs[1].level_at = s(10);
    w->inputs[1].last_order = s(30);
    assert_time(w, 40);
    assert_goes(w, HR_RANK_HOME_TOPIC, "billing", false);
}

/* --- streams
 * ---------------------------------------------------------------------------------
 */

/* Offset, source partition of clicks, time, and by which home it was decided; 0: by its name. */
static bool come(struct world *w, int64_t offset, int32_t partition, int64_t at, uint32_t from)
{
    struct hr_buffer bytes = {0};
    const struct hr_internal internal = {.kind = HR_INTERNAL_EVENT,
        .arrival = s(at),
        .order = s(at),
        .from = from,
        .account = HR_STR("a"),
        .format = HR_STR("f"),
        .record = {.topic = HR_STR("clicks"), .partition = partition, .timestamp = s(at)}};
    hr_internal_put(&internal, &bytes);
    struct hr_waiting waiting = {
        .record = {.offset = offset, .value = hr_arena_copy(&w->p.slice, hr_buffer_str(&bytes))}};
    bool waits = hr_stream_take(&w->p, &w->home, &waiting);
    hr_buffer_clean_up(&bytes);
    w->inputs[2].next = offset + 1;
    hr_streams_settle(&w->home, &w->inputs[2]);
    return waits;
}

/* Applies the first record of a stream. */
static void go(struct world *w, enum hr_rank_group group, int32_t partition)
{
    for (size_t i = 0; i < w->home.busy; i++) {
        struct hr_stream *stream = w->home.streams[i];
        if (stream->rank.group != group || stream->rank.of.partition != partition)
            continue;
        stream->applied = hr_queue_first(&stream->queue)->record.offset;
        hr_stream_pop(&w->p, &w->home, stream);
        hr_streams_settle(&w->home, &w->inputs[2]);
        return;
    }
    fail_msg("nothing waits there");
}

static void what_is_applied_ahead_is_stored_and_dropped_when_read_again(void **state)
{
    struct world *w = *state;
    struct hr_str key, value;
    assert_true(come(w, 7, 0, 60, 0));
    assert_true(come(w, 8, 1, 50, 0));
    assert_true(come(w, 9, 1, 51, 0));
    assert_false(hr_streams_changed(&w->home, &w->p.slice, &key, &value)); /* nothing is ahead */
    go(w, HR_RANK_FOREIGN_TOPIC, 1);
    assert_int_equal(w->inputs[2].done, 7);
    assert_true(hr_streams_changed(&w->home, &w->p.slice, &key, &value));
    assert_true(hr_str_is(key, "i"));
    struct hr_ahead *ahead;
    size_t count;
    struct hr_error error;
    assert_int_equal(hr_ahead_get(value, &w->p.slice, &ahead, &count, &error), HR_OK);
    assert_int_equal(count, 1);
    assert_int_equal(ahead[0].offset, 8);
    assert_int_equal(ahead[0].rank.of.partition, 1);
    assert_false(hr_streams_changed(&w->home, &w->p.slice, &key, &value)); /* as it is written */
    assert_false(come(w, 8, 1, 50, 0));
    go(w, HR_RANK_FOREIGN_TOPIC, 0);
    assert_int_equal(w->inputs[2].done, 9);
    assert_true(hr_streams_changed(&w->home, &w->p.slice, &key, &value));
    assert_null(value.at); /* nothing is ahead any more */
    hr_streams_drop(&w->p, &w->home);
}

static void what_one_home_decided_stays_in_one_stream(void **state)
{
    struct world *w = *state;
    assert_true(come(w, 0, 0, 60, 0));
    assert_true(come(w, 1, 0, 61, 2));
    assert_true(come(w, 2, 1, 40, 2)); /* no earlier than the one before it */
    assert_int_equal(w->home.stream_count, 2);
    go(w, HR_RANK_HOME, 2);
    struct hr_waiting *second = hr_queue_first(&w->home.streams[1]->queue);
    assert_int_equal(second->record.offset, 2);
    assert_int_equal(second->order.us, s(61).us);
    hr_streams_drop(&w->p, &w->home);
}

static void what_came_of_a_foreign_partition_says_as_much_as_a_report(void **state)
{
    struct world *w = *state;
    w->p.topic_count = 4;
    hear(w, 0, HR_CLOCK_LEVEL, 99, 99);
    hear(w, 1, HR_CLOCK_BEHIND, 60, 99);
    assert_time(w, 60);
    assert_true(come(w, 0, 1, 70, 0));
    assert_time(w, 70);
    hr_streams_drop(&w->p, &w->home);
}

static void waiting_records_keep_their_order(void **state)
{
    struct world *w = *state;
    struct hr_queue *queue = &w->inputs[0].queue;
    int64_t in = 0, out = 0;
    for (int round = 0; round < 5000; round++) {
        for (int i = 0; i < 1 + round % 3; i++) {
            struct hr_waiting waiting = {.order = {in++}};
            hr_queue_push(queue, &waiting);
        }
        for (int i = 0; i < round % 2 + (round > 2500) && hr_queue_first(queue); i++) {
            assert_int_equal(hr_queue_first(queue)->order.us, out++);
            hr_queue_pop(queue);
        }
    }
    for (; hr_queue_first(queue); hr_queue_pop(queue))
        assert_int_equal(hr_queue_first(queue)->order.us, out++);
    assert_int_equal(in, out);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(all_level_is_the_wall_clock),
        TEST(three_seconds_without_level_is_not_behind_yet),
        TEST(several_behind_hold_to_the_smallest_arrival),
        TEST(behind_and_never_read_keeps_the_header),
        TEST(time_never_goes_back),
        TEST(the_internal_topic_has_no_vote),
        TEST(a_home_topic_that_forwards_has_no_vote_of_its_own),
        TEST(a_foreign_partition_never_heard_of_keeps_the_header),
        TEST(a_report_counts_as_a_topic),
        TEST(an_old_report_is_behind),
        TEST(reports_tell_of_foreign_partitions_only),
        TEST(what_waits_is_not_promised),
        TEST(an_end_that_is_read_later_was_level_when_it_was_asked_for),
        TEST(waiting_records_keep_their_order),
        TEST(at_T_the_topic_that_holds_it_goes_and_what_stands_before_it),
        TEST(a_T_from_before_the_takeover_lets_nothing_go_at_it),
        TEST(what_is_applied_ahead_is_stored_and_dropped_when_read_again),
        TEST(what_one_home_decided_stays_in_one_stream),
        TEST(what_came_of_a_foreign_partition_says_as_much_as_a_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
