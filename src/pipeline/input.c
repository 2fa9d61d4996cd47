/* SPDX-License-Identifier: Apache-2.0 */
/* Records that were read and wait for their turn: a ring for each source partition. Nothing waits
 * while every topic is level; a ring grows only while one topic is behind and the others must not
 * overtake it. */
#include "state.h"

#define RING_FIRST 1024

static void grow(struct hr_input *input)
{
    size_t room = input->room ? input->room * 2 : RING_FIRST;
    struct hr_waiting *ring = hr_alloc(room * sizeof *ring);
    for (size_t i = 0; i < input->waiting; i++)
        ring[i] = input->ring[(input->first + i) & (input->room - 1)];
    hr_free(input->ring);
    input->ring = ring;
    input->room = room;
    input->first = 0;
}

void hr_input_push(struct hr_input *input, const struct hr_waiting *waiting)
{
    if (input->waiting == input->room)
        grow(input);
    input->ring[(input->first + input->waiting++) & (input->room - 1)] = *waiting;
    for (size_t i = input->waiting - 1; i > 0; i--) {
        struct hr_waiting *before = &input->ring[(input->first + i - 1) & (input->room - 1)];
        if (before->order.us <= waiting->order.us)
            break;
        before->order = waiting->order;
    }
}

struct hr_waiting *hr_input_first(struct hr_input *input)
{
    return input->waiting ? &input->ring[input->first] : NULL;
}

void hr_input_pop(struct hr_input *input)
{
    input->first = (input->first + 1) & (input->room - 1);
    input->waiting--;
}
