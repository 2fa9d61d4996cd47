/* SPDX-License-Identifier: Apache-2.0 */
/* Records that were read and wait for their turn: a ring for each source partition, and for each
 * stream of the internal topic. Nothing waits while every topic is level; a ring grows only while
 * one topic is behind and the others must not overtake it. */
#include "state.h"

#define RING_FIRST 64

static void grow(struct hr_queue *queue)
{
    size_t room = queue->room ? queue->room * 2 : RING_FIRST;
    struct hr_waiting *ring = hr_alloc(room * sizeof *ring);
    for (size_t i = 0; i < queue->waiting; i++)
        ring[i] = queue->ring[(queue->first + i) & (queue->room - 1)];
    hr_free(queue->ring);
    queue->ring = ring;
    queue->room = room;
    queue->first = 0;
}

void hr_queue_push(struct hr_queue *queue, const struct hr_waiting *waiting)
{
    if (queue->waiting == queue->room)
        grow(queue);
    queue->ring[(queue->first + queue->waiting++) & (queue->room - 1)] = *waiting;
}

struct hr_waiting *hr_queue_first(struct hr_queue *queue)
{
    return queue->waiting ? &queue->ring[queue->first] : NULL;
}

void hr_queue_pop(struct hr_queue *queue)
{
    queue->first = (queue->first + 1) & (queue->room - 1);
    queue->waiting--;
}

void hr_queue_drop(struct hr_pipeline *p, struct hr_queue *queue)
{
    for (struct hr_waiting *waiting; (waiting = hr_queue_first(queue)); hr_queue_pop(queue))
        p->with.broker.release(p->with.broker.self, waiting->handle);
    hr_free(queue->ring);
    *queue = (struct hr_queue){0};
}
