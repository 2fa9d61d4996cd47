/* SPDX-License-Identifier: Apache-2.0 */
/* A foreign account event while it is told in the words of EVENTS.md. */
#ifndef HEADROOM_CODEC_TRANSLATE_H
#define HEADROOM_CODEC_TRANSLATE_H

#include "parts.h"

/* Where a field came from, for what is wrong with it later. */
struct hr_origin {
    struct hr_str name, place;
};

struct hr_translation {
    struct hr_reading *reading;
    const struct hr_document *json;
    const struct hr_fact_type *type;
    struct hr_buffer *out; /* the native data, while it grows */
    struct hr_origin *origins;
    size_t origin_count;
};

/* The fields of the row before those of the format. */
size_t hr_translation_fields(const struct hr_translation *t);
const struct hr_format_field *hr_translation_field(const struct hr_translation *t, size_t index);

/* Writes the field's value. `given` becomes false, with nothing written, when it has none; `place`
 * is where it stood (at NULL: nowhere). */
HR_MUST enum hr_reason hr_translate_value(struct hr_translation *t,
    const struct hr_format_field *field, bool *given, struct hr_str *place);

#endif
