/* SPDX-License-Identifier: Apache-2.0 */
/* The formats that headroom knows by name, as their products document them. All of it is data; a
 * format that needs code belongs into decode.c, and there are two: binary CloudEvents and JSON in a
 * string. A format without a source of its own gets its name as one, so that the ids of two formats
 * never meet. */
#include "headroom/format.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

static const struct hr_format presets[] = {
    {.name = TEXT("cloudevents"), .shape = HR_SHAPE_CLOUDEVENTS},
    {.name = TEXT("openmeter"),
        .shape = HR_SHAPE_FIELDS,
        .id = TEXT("/id"),
        .source = TEXT("/source"),
        .type = TEXT("/type"),
        .accounts = {TEXT("/subject")},
        .time = TEXT("/time"),
        .notation = HR_TIME_UNIX_S,
        .data = TEXT("/data"),
        .data_is_text = true},
    {.name = TEXT("lago"),
        .shape = HR_SHAPE_FIELDS,
        .id = TEXT("/transaction_id"),
        .source_is = TEXT("lago"),
        .type = TEXT("/code"),
        .accounts = {TEXT("/external_customer_id"), TEXT("/external_subscription_id")},
        .time = TEXT("/timestamp"),
        .notation = HR_TIME_UNIX_S,
        .data = TEXT("/properties")},
    {.name = TEXT("stripe_meter"),
        .shape = HR_SHAPE_FIELDS,
        .id = TEXT("/identifier"),
        .source_is = TEXT("stripe_meter"),
        .type = TEXT("/event_name"),
        .accounts = {TEXT("/payload/stripe_customer_id")},
        .time = TEXT("/timestamp"),
        .notation = HR_TIME_ANY,
        .data = TEXT("/payload")},
    {.name = TEXT("metronome"),
        .shape = HR_SHAPE_FIELDS,
        .id = TEXT("/transaction_id"),
        .source_is = TEXT("metronome"),
        .type = TEXT("/event_type"),
        .accounts = {TEXT("/customer_id")},
        .time = TEXT("/timestamp"),
        .notation = HR_TIME_RFC3339,
        .data = TEXT("/properties")},
    {.name = TEXT("orb"),
        .shape = HR_SHAPE_FIELDS,
        .id = TEXT("/idempotency_key"),
        .source_is = TEXT("orb"),
        .type = TEXT("/event_name"),
        .accounts = {TEXT("/external_customer_id"), TEXT("/customer_id")},
        .time = TEXT("/timestamp"),
        .notation = HR_TIME_RFC3339,
        .data = TEXT("/properties")},
    {.name = TEXT("flexprice"),
        .shape = HR_SHAPE_FIELDS,
        .id = TEXT("/event_id"),
        .source = TEXT("/source"),
        .source_is = TEXT("flexprice"),
        .type = TEXT("/event_name"),
        .accounts = {TEXT("/external_customer_id")},
        .time = TEXT("/timestamp"),
        .notation = HR_TIME_RFC3339,
        .data = TEXT("/properties")},
};

const struct hr_format *hr_format_preset(struct hr_str name)
{
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
        if (hr_str_equal(presets[i].name, name)) {
            return &presets[i];
        }
    }
    return NULL;
}

size_t hr_format_presets(const struct hr_format **rows)
{
    *rows = presets;
    return sizeof presets / sizeof *presets;
}
