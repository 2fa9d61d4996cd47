/* SPDX-License-Identifier: Apache-2.0 */
/* What one transaction will hold beside state: triggers, dead letters, forwarded records.
 * Everything is encoded when it is decided, so that a batch keeps bytes and no pointers into
 * accounts or records. Nothing is sent from here: a batch that is void is simply forgotten. */
#include "state.h"

#include <inttypes.h>

/* What Kafka adds to a record that stands alone in a batch, at most. */
#define RECORD_OVERHEAD 128

static void begin(struct hr_pipeline *p)
{
    if (!p->batch->begun_us)
        p->batch->begun_us = hr_clock_monotonic_us();
}

void hr_batch_touch(struct hr_pipeline *p, struct hr_owned *owned)
{
    begin(p);
    if (owned)
        owned->touched = true;
}

/* A record whose strings are already the batch's. */
static void add(struct hr_pipeline *p, const struct hr_log_record *record)
{
    struct hr_batch *batch = p->batch;
    begin(p);
    if (batch->out_count == batch->out_room) {
        size_t room = batch->out_room ? batch->out_room * 2 : 64;
        struct hr_log_record *out = hr_arena_take(&batch->arena, room * sizeof *out);
        if (batch->out_count)
            memcpy(out, batch->out, batch->out_count * sizeof *out);
        batch->out = out;
        batch->out_room = room;
    }
    batch->out[batch->out_count++] = *record;
}

static struct hr_str keep(struct hr_pipeline *p, struct hr_str text)
{
    return text.at ? hr_arena_copy(&p->batch->arena, text) : text;
}

void hr_batch_add(struct hr_pipeline *p, const struct hr_log_record *record)
{
    struct hr_log_record copy = *record;
    copy.key = keep(p, record->key);
    copy.value = keep(p, record->value);
    struct hr_header *headers =
        hr_arena_take(&p->batch->arena, record->header_count * sizeof *headers);
    for (size_t i = 0; i < record->header_count; i++) {
        headers[i].name = keep(p, record->headers[i].name);
        headers[i].value = keep(p, record->headers[i].value);
    }
    copy.headers = headers;
    add(p, &copy);
}

/* What is in `scratch`. */
static void add_internal(struct hr_pipeline *p, uint32_t home, struct hr_str key)
{
    struct hr_log_record record = {
        .topic = p->with.config->internal_topic,
        .partition = (int32_t)home,
        .timestamp = HR_TIME_NONE,
        .key = keep(p, key),
        .value = keep(p, hr_buffer_str(&p->scratch)),
    };
    add(p, &record);
}

void hr_batch_add_internal(
    struct hr_pipeline *p, uint32_t home, struct hr_str key, const struct hr_internal *internal)
{
    hr_buffer_clear(&p->scratch);
    hr_internal_put(internal, &p->scratch);
    add_internal(p, home, key);
}

bool hr_batch_forward(
    struct hr_pipeline *p, uint32_t home, struct hr_str key, const struct hr_internal *internal)
{
    hr_buffer_clear(&p->scratch);
    hr_internal_put(internal, &p->scratch);
    if (RECORD_OVERHEAD + key.len + p->scratch.len > p->with.internal_bytes)
        return false;
    add_internal(p, home, key);
    return true;
}

void hr_batch_add_letter(struct hr_pipeline *p, const struct hr_log_record *original,
    enum hr_reason reason, const char *detail, struct hr_str account)
{
    struct hr_log_record letter = {0};
    hr_encode_dead_letter(
        original, reason, detail, account, p->with.dead_letter_bytes, &p->slice, &letter);
    letter.topic = p->with.config->dead_letter_topic;
    letter.partition = -1;
    letter.timestamp = HR_TIME_NONE;
    hr_batch_add(p, &letter);
    p->batch->dead[reason]++;
}

static void add_trigger(struct hr_pipeline *p, const struct hr_trigger *trigger)
{
    if (!hr_trigger_is_published(trigger)) { /* everything but that */
        p->batch->shadowed++;
        return;
    }
    static const struct hr_header type = {
        {"content-type", 12}, {"application/cloudevents+json", 28}};
    hr_buffer_clear(&p->scratch);
    hr_encode_trigger(trigger, &p->slice, &p->scratch);
    struct hr_log_record record = {
        .topic = p->with.config->trigger_topic,
        .partition = -1,
        .timestamp = HR_TIME_NONE,
        .key = keep(p, trigger->account),
        .value = keep(p, hr_buffer_str(&p->scratch)),
        .headers = &type,
        .header_count = 1,
    };
    add(p, &record);
    p->batch->triggers++;
}

static void add_notice(struct hr_pipeline *p, const struct hr_notice *notice)
{
    static const struct hr_header type = {
        {"content-type", 12}, {"application/cloudevents+json", 28}};
    hr_buffer_clear(&p->scratch);
    hr_encode_notice(notice, &p->slice, &p->scratch);
    struct hr_log_record record = {
        .topic = p->with.config->trigger_topic,
        .partition = -1,
        .timestamp = HR_TIME_NONE,
        .key = keep(p, notice->about),
        .value = keep(p, hr_buffer_str(&p->scratch)),
        .headers = &type,
        .header_count = 1,
    };
    add(p, &record);
    int len = (int)notice->about.len;
    if (notice->kind == HR_NOTICE_SILENT)
        hr_log(p->with.log, HR_WARN,
            "partition %" PRIu32 ": nothing comes from source %.*s any more; rules on falling use "
            "of what it brings are held back",
            notice->partition, len, notice->about.at);
    else
        hr_log(p->with.log, HR_WARN,
            "partition %" PRIu32 ": rule %.*s fired for %" PRIu32
            " accounts at once; what else it would publish is held: `headroom brake release` or "
            "`discard`",
            notice->partition, len, notice->about.at, notice->accounts);
}

void hr_batch_add_outbox(struct hr_pipeline *p, const struct hr_owned *owned,
    struct hr_time arrival, struct hr_time order)
{
    struct hr_outbox *outbox = &p->outbox;
    for (size_t i = 0; i < outbox->trigger_count; i++)
        add_trigger(p, &outbox->triggers[i]);
    for (size_t i = 0; i < outbox->message_count; i++) {
        const struct hr_message *message = &outbox->messages[i];
        struct hr_str to = hr_message_name(message);
        struct hr_internal internal = {.kind = HR_INTERNAL_MESSAGE,
            .arrival = arrival,
            .order = order,
            .from = owned->number + 1,
            .message = *message};
        if (to.at)
            hr_batch_add_internal(p, hr_home_of(to, p->home_count), to, &internal);
        for (uint32_t home = 0; !to.at && home < p->home_count; home++)
            hr_batch_add_internal(p, home, HR_STR("message"), &internal);
    }
    for (size_t i = 0; i < outbox->held_count; i++)
        if (!outbox->held[i].rule->shadow)
            p->batch->held[outbox->held[i].why]++;
    for (size_t i = 0; i < outbox->notice_count; i++)
        add_notice(p, &outbox->notices[i]);
    outbox->trigger_count = outbox->message_count = outbox->held_count = outbox->notice_count = 0;
}

bool hr_batch_empty(const struct hr_pipeline *p)
{
    if (p->batch->out_count)
        return false;
    for (size_t i = 0; i < p->home_owned; i++)
        if (p->homes[i].touched)
            return false;
    for (size_t i = 0; i < p->input_count; i++)
        if (p->inputs[i].moved)
            return false;
    return true;
}

/* What a batch changes stays in memory until it is written, as bytes and as accounts some times
 * that: two of them are to leave room for others. */
bool hr_batch_full(const struct hr_pipeline *p)
{
    if (p->batch->begun_us && hr_clock_monotonic_us() - p->batch->begun_us >= p->batch_us)
        return true;
    size_t bytes = p->batch->arena.used;
    for (size_t i = 0; i < p->home_owned; i++)
        if (p->homes[i].home)
            bytes += hr_home_dirty_bytes(p->homes[i].home);
    uint64_t most = p->with.config->batch_bytes, memory = p->with.config->account_memory;
    return bytes >= (memory / 8 < most ? memory / 8 : most);
}

void hr_batch_clear(struct hr_pipeline *p)
{
    hr_arena_reset(&p->batch->arena);
    p->batch->out = NULL;
    p->batch->out_count = p->batch->out_room = 0;
    p->batch->begun_us = 0;
    p->batch->triggers = p->batch->shadowed = 0;
    memset(p->batch->dead, 0, sizeof p->batch->dead);
    memset(p->batch->held, 0, sizeof p->batch->held);
    for (size_t i = 0; i < p->home_owned; i++)
        p->homes[i].touched = false;
    for (size_t i = 0; i < p->input_count; i++) {
        p->inputs[i].moved = false;
        memset(p->inputs[i].counts, 0, sizeof p->inputs[i].counts);
    }
}
