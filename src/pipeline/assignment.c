/* SPDX-License-Identifier: Apache-2.0 */
/* What an assignment makes of this process: an input for each source partition, a home for each
 * number of which it has every topic. Home n needs partition n of every home topic and of the
 * internal one; else nothing of it is touched. */
#include "state.h"

#include <inttypes.h>
#include <stdio.h>

static struct hr_topic *topic_named(struct hr_pipeline *p, struct hr_str name)
{
    for (size_t i = 0; i < p->topic_count; i++)
        if (hr_str_equal(p->topics[i].name, name))
            return &p->topics[i];
    return NULL;
}

static void init_cells(struct hr_pipeline *p, struct hr_input *input)
{
    static const char *const names[HR_RESULT_COUNT] = {
        "read", "counted", "duplicate", "dead_lettered", "forwarded", "ignored"};
    char partition[16];
    snprintf(partition, sizeof partition, "%" PRId32, input->partition);
    const char *topic =
        hr_arena_printf(&p->assignment, "%.*s", (int)input->topic->name.len, input->topic->name.at)
            .at;
    for (int r = 0; r < HR_RESULT_COUNT; r++)
        input->cells[r] = hr_metric(p->with.metrics, HR_METRIC_COUNTER, "headroom_records_total",
            "Records by what became of them, counted when their batch is committed; read is the "
            "sum of the others.",
            1,
            (const char *const[]){
                "topic", topic, "partition", partition, "result", names[r], NULL});
    input->lag = hr_metric(p->with.metrics, HR_METRIC_GAUGE, "headroom_lag_records",
        "Offsets between what was dealt with and the end.", 1,
        (const char *const[]){"topic", topic, "partition", partition, NULL});
}

static bool assigned(
    const struct hr_topic_partition *list, size_t count, struct hr_str topic, int32_t partition)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].partition == partition && hr_str_equal(list[i].topic, topic))
            return true;
    return false;
}

/* Step 1: home n needs partition n of every home topic and of the internal one. */
static void check_whole(struct hr_pipeline *p, struct hr_owned *owned,
    const struct hr_topic_partition *list, size_t count)
{
    for (size_t t = 0; t < p->topic_count; t++) {
        const struct hr_topic *topic = &p->topics[t];
        if (topic->role == HR_ROLE_FOREIGN ||
            assigned(list, count, topic->name, (int32_t)owned->number))
            continue;
        char why[HR_ERROR_TEXT];
        snprintf(why, sizeof why,
            "partition %" PRIu32 " of topic %.*s belongs to another process: every process of the "
            "group must have the same sources",
            owned->number, (int)topic->name.len, topic->name.at);
        hr_owned_refuse(p, owned, why);
        return;
    }
}

static struct hr_owned *home_of(struct hr_pipeline *p, uint32_t number)
{
    for (size_t i = 0; i < p->home_owned; i++)
        if (p->homes[i].number == number)
            return &p->homes[i];
    struct hr_owned *owned = &p->homes[p->home_owned++];
    *owned = (struct hr_owned){.number = number, .state = HR_OWNED_TAKING};
    owned->inputs = hr_arena_zeroed(&p->assignment, p->topic_count * sizeof *owned->inputs);
    char partition[16];
    snprintf(partition, sizeof partition, "%" PRIu32, number);
    owned->state_cell = hr_metric(p->with.metrics, HR_METRIC_GAUGE, "headroom_partition_state",
        "0 being taken over, 1 live, 2 refused, 3 not this process's any more.", 1,
        (const char *const[]){"partition", partition, NULL});
    owned->time_cell = hr_metric(p->with.metrics, HR_METRIC_GAUGE,
        "headroom_partition_time_seconds", "The partition's time T.", HR_SECOND,
        (const char *const[]){"partition", partition, NULL});
    owned->ids_cell = hr_metric(p->with.metrics, HR_METRIC_GAUGE, "headroom_ids_remembered",
        "Event ids by which repeats are known.", 1,
        (const char *const[]){"partition", partition, NULL});
    owned->window_cell = hr_metric(p->with.metrics, HR_METRIC_GAUGE, "headroom_ids_window_seconds",
        "How far back a repeat is known as one.", HR_SECOND,
        (const char *const[]){"partition", partition, NULL});
    owned->others_cell = hr_metric(p->with.metrics, HR_METRIC_COUNTER, "headroom_other_total",
        "Events of meters with by that counted under other since the takeover.", 1,
        (const char *const[]){"partition", partition, NULL});
    return owned;
}

void hr_assignment_build(struct hr_pipeline *p)
{
    struct hr_topic_partition *list;
    size_t count;
    hr_arena_reset(&p->assignment);
    p->with.broker.assignment(p->with.broker.self, &p->assignment, &list, &count);
    p->inputs = hr_arena_zeroed(&p->assignment, count * sizeof *p->inputs);
    p->homes = hr_arena_zeroed(&p->assignment, count * sizeof *p->homes);
    p->input_count = p->home_owned = 0;
    p->last_input = NULL;
    for (size_t i = 0; i < count; i++) {
        struct hr_topic *topic = topic_named(p, list[i].topic);
        if (!topic)
            continue;
        struct hr_input *input = &p->inputs[p->input_count++];
        *input = (struct hr_input){.topic = topic,
            .partition = list[i].partition,
            .last_order = HR_TIME_NONE,
            .done_order = HR_TIME_NONE,
            .level_at = HR_TIME_NONE,
            .asked_at = HR_TIME_NONE};
        init_cells(p, input);
        input->out = hr_partition_is_out(p, list[i]);
        if (topic->role == HR_ROLE_FOREIGN)
            continue;
        input->home = home_of(p, (uint32_t)list[i].partition);
        input->home->inputs[input->home->input_count++] = input;
    }
    for (size_t i = 0; i < p->home_owned; i++)
        check_whole(p, &p->homes[i], list, count);
    for (size_t i = 0; i < p->input_count; i++)
        if (p->inputs[i].out && p->inputs[i].home && p->inputs[i].home->state != HR_OWNED_REFUSED)
            hr_owned_refuse(p, p->inputs[i].home, "one of its topics cannot be read");
}
