/* SPDX-License-Identifier: Apache-2.0 */
/* A format is data: where in a record the parts of an event stand and how they are written. One
 * engine (src/codec/decode.c) reads them all; a vendor's format is a row in src/codec/presets.c and
 * a user's own is a row under `formats:` in the configuration. */
#ifndef HEADROOM_FORMAT_H
#define HEADROOM_FORMAT_H

#include "headroom/str.h"
#include "headroom/time.h"

#include <stdint.h>

enum hr_shape {
    HR_SHAPE_CLOUDEVENTS, /* structured mode, or binary mode when the record has ce_ headers */
    HR_SHAPE_FIELDS,      /* a JSON object; the pointers below say where things are */
};

enum hr_time_notation {
    HR_TIME_RFC3339,
    HR_TIME_UNIX_S, /* seconds: integer, decimal or string */
    HR_TIME_UNIX_MS,
    HR_TIME_ANY, /* RFC 3339, or unix seconds */
};

#define HR_FORMAT_ACCOUNTS 3

struct hr_format {
    struct hr_str name;
    enum hr_shape shape;
    /* JSON pointers (RFC 6901) from the root, of FIELDS; empty: absent. */
    struct hr_str id, source, type, time,
        data; /* data: what meters' pointers start from; "" is the root */
    struct hr_str accounts[HR_FORMAT_ACCOUNTS]; /* the first that is present and not null */
    struct hr_str type_is, source_is;           /* constants instead of pointers */
    enum hr_time_notation notation;
    bool data_is_text; /* data is JSON in a string */
};

enum hr_from { HR_FROM_EARLIEST, HR_FROM_LATEST, HR_FROM_TIME };

struct hr_source {
    struct hr_str topic;
    const struct hr_format *format;
    enum hr_from from;
    struct hr_time from_time;
};

/* NULL when there is no preset of that name. */
const struct hr_format *hr_format_preset(struct hr_str name);
/* For the reference: every preset; the count is returned. */
size_t hr_format_presets(const struct hr_format **presets);

#endif
