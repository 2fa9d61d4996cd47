/* SPDX-License-Identifier: Apache-2.0 */
/* Offsets of foreign partitions, beside those that the group commits. A group that was empty for a
 * week loses its offsets; a home finds its own in the last header, but a foreign partition has no
 * home and would begin anew in silence, and forward everything twice. So whoever forwards records
 * writes how far it came into the changelog, in the same transaction, under a key of its own; the
 * partition it goes to follows from the number, so that it can be found. It is no home's state:
 * copies pass it over. */
#include "state.h"

#include <inttypes.h>
#include <stdio.h>

/* "foreign:PARTITION:TOPIC" */
static struct hr_str key_of(struct hr_arena *arena, const struct hr_input *input)
{
    struct hr_str start = hr_arena_printf(arena, HR_FOREIGN_KEY "%" PRId32 ":", input->partition);
    return hr_arena_join(arena, start, "", input->topic->name);
}

int32_t hr_foreign_kept_in(const struct hr_pipeline *p, int32_t partition)
{
    return partition % (int32_t)p->home_count;
}

void hr_foreign_print(const struct hr_input *input, char text[HR_METADATA_TEXT])
{
    bool known = input->done_order.us != HR_TIME_NONE.us;
    hr_metadata_print(
        (struct hr_batch_name){(uint64_t)input->done, known ? (uint64_t)input->done_order.us : 0},
        text);
}

/* Whoever reads on goes on in the order of who read before. */
void hr_foreign_order(struct hr_input *input, struct hr_str metadata)
{
    struct hr_batch_name name;
    if (hr_metadata_parse(metadata, &name) && name.nonce && (int64_t)name.sequence == input->done)
        input->last_order = input->done_order = (struct hr_time){(int64_t)name.nonce};
}

void hr_foreign_write(struct hr_pipeline *p)
{
    for (size_t i = 0; i < p->input_count; i++) {
        const struct hr_input *input = &p->inputs[i];
        if (input->home || input->out || !input->moved)
            continue;
        char text[HR_METADATA_TEXT];
        hr_foreign_print(input, text);
        struct hr_log_record record = {
            .topic = p->with.config->changelog_topic,
            .partition = hr_foreign_kept_in(p, input->partition),
            .timestamp = HR_TIME_NONE,
            .key = key_of(&p->batch->arena, input),
            .value = hr_str(text),
        };
        hr_batch_add(p, &record);
    }
}

struct search {
    struct hr_input *const *missing;
    size_t count;
};

static enum hr_fate take_record(struct hr_pipeline *p, void *context,
    const struct hr_log_record *record, struct hr_error *error)
{
    const struct search *search = context;
    if (!record->value.at || !hr_str_starts(record->key, HR_FOREIGN_KEY))
        return HR_OK;
    for (size_t i = 0; i < search->count; i++) {
        struct hr_batch_name name;
        if (!hr_str_equal(record->key, key_of(&p->slice, search->missing[i])))
            continue;
        if (!hr_metadata_parse(record->value, &name))
            return hr_fail(error, HR_STOP,
                "changelog partition %" PRId32 ", offset %" PRId64
                ": the place of a source partition cannot be read",
                record->partition, record->offset);
        search->missing[i]->next = search->missing[i]->done = (int64_t)name.sequence;
        hr_foreign_order(search->missing[i], record->value);
    }
    return HR_OK;
}

enum hr_fate hr_foreign_find(
    struct hr_pipeline *p, struct hr_input *const *missing, size_t count, struct hr_error *error)
{
    struct search search = {missing, count};
    const struct hr_walk walk = {.take = take_record, .wait = hr_walk_in_group, .context = &search};
    enum hr_fate fate = HR_OK;
    hr_arena_reset(&p->slice);
    for (int32_t partition = 0; partition < (int32_t)p->home_count && !fate; partition++)
        for (size_t i = 0; i < count; i++)
            if (hr_foreign_kept_in(p, missing[i]->partition) == partition) {
                fate = hr_changelog_walk(p, partition, &walk, error);
                break;
            }
    return fate;
}
