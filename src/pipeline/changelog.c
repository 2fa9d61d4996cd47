/* SPDX-License-Identifier: Apache-2.0 */
/* A changelog partition, read to its end: for whoever looks for something in it without copying
 * it. What is asked of each record is the caller's, and so is what to do while nothing comes: a
 * process that has a place in its group must go on polling, one that has none yet must not. */
#include "state.h"

enum hr_fate hr_changelog_walk(
    struct hr_pipeline *p, int32_t partition, const struct hr_walk *walk, struct hr_error *error)
{
    struct hr_broker *broker = &p->with.broker;
    struct hr_position begin = {.of = {p->with.config->changelog_topic, partition}};
    enum hr_fate fate = broker->bounds(broker->self, &begin, 1, false, error);
    int64_t from = begin.offset > walk->from ? begin.offset : walk->from;
    struct hr_log_reader *reader = NULL;
    if (!fate)
        fate = broker->open(broker->self, begin.of, from, &reader, error);
    for (bool end = false; !fate && !end;) {
        struct hr_broker_event event;
        broker->read(broker->self, reader, 1000, &event);
        end = event.kind == HR_BROKER_END;
        if (event.kind == HR_BROKER_RECORD)
            fate = walk->take(p, walk->context, &event.record, error);
        else if (event.kind == HR_BROKER_FAILED)
            fate = hr_fail(error, event.error.fate, "%s", event.error.text);
        else if (event.kind == HR_BROKER_NOTHING && walk->wait)
            fate = walk->wait(p, walk->context, error);
    }
    if (reader)
        broker->close(broker->self, reader);
    return fate;
}

enum hr_fate hr_walk_in_group(struct hr_pipeline *p, void *context, struct hr_error *error)
{
    (void)context;
    return hr_group_changed(p, 0, error) ? HR_RETRY : HR_OK;
}
