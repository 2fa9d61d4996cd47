/* SPDX-License-Identifier: Apache-2.0 */
/* How members of a trigger are written (encode.c), and the parts that have a file of their own. */
#ifndef CODEC_ENCODE_H
#define CODEC_ENCODE_H

#include "headroom/advice.h"
#include "headroom/buffer.h"

#define HR_NOTHING ((struct hr_str){NULL, 0})

static inline void hr_put_text(struct hr_buffer *buffer, const char *text)
{
    hr_put_bytes(buffer, text, strlen(text));
}

/* null when there is none. */
static inline void hr_put_value(struct hr_buffer *buffer, struct hr_str text)
{
    if (text.at) {
        hr_put_json_string(buffer, text);
    } else {
        hr_put_text(buffer, "null");
    }
}

/* A member that follows another one. */
static inline void hr_put_member(struct hr_buffer *buffer, const char *name, struct hr_str text)
{
    hr_put_printf(buffer, ",\"%s\":", name);
    hr_put_value(buffer, text);
}

/* Members that follow others: score, segment, recommend, offer, route, playbook. */
void hr_encode_advice(const struct hr_advice *advice, struct hr_buffer *buffer);

#endif
