/* SPDX-License-Identifier: Apache-2.0 */
/* A format is data: where in a record the parts of an event stand, how they are written, and which
 * of a foreign system's events are account events. One engine (src/codec/fields.c, translate.c)
 * reads them all; a vendor's format is a row in src/codec/presets.c and a user's own is a row under
 * `formats:` in the configuration. */
#ifndef HEADROOM_FORMAT_H
#define HEADROOM_FORMAT_H

#include "headroom/literal.h"
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

/* JSON pointers (RFC 6901) from the event's begin; unused ones are empty. */
#define HR_FORMAT_PLACES 6
#define HR_FORMAT_TESTS 4
#define HR_FORMAT_TYPES 4

/* How what stands at a place becomes a field of an account event. A moment written as text is a
 * date or RFC 3339 in each of them. */
enum hr_notation {
    HR_AS_WRITTEN,
    HR_AS_TEXT,   /* a number becomes a string */
    HR_AS_NUMBER, /* a numeric string becomes a number */
    HR_AS_MAJOR,  /* money in major units becomes minor ones of the event's currency */
    HR_AS_UPPER,  /* letters in upper case: currencies */
    HR_AS_PERIOD, /* monthly, year …: a billing period */
    HR_AS_UNIX_S, /* since 1970 */
    HR_AS_UNIX_MS,
    HR_AS_UNIX_US,
    HR_AS_UNIX_DAYS, /* a date */
};
#define HR_NOTATIONS (HR_AS_UNIX_DAYS + 1)

/* One field of an account event. `at`, `times`, `per` and `every` are alternatives: the first that
 * is there and not null. With `in` they are looked for in each element of that array and the values
 * add up; an element without `times` adds nothing, one without `at` makes the sum unknown. With
 * `per` the value is brought to a month: it is an amount for `every` (default 1) such periods, a
 * day being 12/365 of a month. Sums are rounded to whole numbers, half away from zero. */
struct hr_format_field {
    struct hr_str name; /* "plan"; "limits.seats" is an entry of limits */
    struct hr_str at[HR_FORMAT_PLACES];
    struct hr_str is; /* a constant; at NULL: none */
    struct hr_str times[HR_FORMAT_PLACES], per[HR_FORMAT_PLACES], every[HR_FORMAT_PLACES];
    struct hr_str in;
    enum hr_notation notation;
};

/* Compares with what stands at `other`, else with the literal. What is missing does not hold. */
struct hr_format_test {
    struct hr_str at;
    enum hr_operator operator;
    struct hr_str other; /* a pointer; empty: none */
    struct hr_literal literal;
};

/* A foreign event that is an account event: the first row of its type whose tests all hold. */
struct hr_format_event {
    struct hr_str types[HR_FORMAT_TYPES]; /* as the product names them */
    struct hr_format_test tests[HR_FORMAT_TESTS];
    uint16_t test_count;
    struct hr_str is;                     /* the type of EVENTS.md; empty: ignored */
    const struct hr_format_field *fields; /* before the format's own */
    uint16_t field_count;
};

struct hr_format {
    struct hr_str name;
    const char *help; /* of a preset: whose events it reads */
    enum hr_shape shape;
    /* Of FIELDS. Of alternatives the first that is there and not null. */
    struct hr_str inside; /* where the event may be wrapped; all other pointers start in it */
    struct hr_str id[HR_FORMAT_PLACES]; /* of several, all that are there together */
    struct hr_str accounts[HR_FORMAT_PLACES];
    struct hr_str source, type;
    struct hr_str time[HR_FORMAT_PLACES];
    struct hr_str data[HR_FORMAT_PLACES]; /* what meters' pointers start from; none: the event */
    struct hr_str type_is, source_is;     /* constants instead of pointers */
    enum hr_time_notation notation;
    bool data_is_text; /* data is JSON in a string */
    /* With events: a type that neither they nor a meter names is ignored, whatever else it lacks,
     * and types are not those of EVENTS.md. */
    const struct hr_format_event *events;
    uint16_t event_count;
    const struct hr_format_field *fields;
    uint16_t field_count;
    bool data_are_fields; /* members of data that no field names are fields by their own names */
};

enum hr_from { HR_FROM_EARLIEST, HR_FROM_LATEST, HR_FROM_TIME };

struct hr_source {
    struct hr_str topic;
    const struct hr_format *format;
    enum hr_from from;
    struct hr_time from_time;
    int64_t silent_after_us; /* 0: it may be silent for ever */
};

/* NULL when there is no preset of that name. */
const struct hr_format *hr_format_preset(struct hr_str name);
/* For the reference: every preset; the count is returned. */
size_t hr_format_presets(const struct hr_format **presets);

/* "unix_s", by enum hr_notation. */
extern const char *const hr_notation_names[];

/* What account events take (EVENTS.md). */
bool hr_account_event_is(struct hr_str type);
/* True for a field of that type, which account.updated's attributes are, and "limits.NAME". */
bool hr_account_event_takes(struct hr_str type, struct hr_str field);
/* Every field of every type; the count is returned, at most `most` are written. */
size_t hr_account_event_fields(struct hr_str *names, size_t most);

#endif
