/* SPDX-License-Identifier: Apache-2.0 */
/* A file has no topic. What is known of it is what its name says, or whoever names it. */
#include "input.h"

static const struct hr_format *usual_format(const struct hr_rules *rules)
{
    for (uint16_t i = 1; i < rules->source_count; i++) {
        if (!hr_str_equal(rules->sources[i].format->name, rules->sources[0].format->name)) {
            return hr_format_preset(HR_STR("cloudevents"));
        }
    }
    return rules->source_count > 0 ? rules->sources[0].format
                                   : hr_format_preset(HR_STR("cloudevents"));
}

const struct hr_format *hr_input_format(const struct hr_rules *rules, const char *name)
{
    for (uint16_t i = 0; name && i < rules->source_count; i++) {
        if (hr_str_is(rules->sources[i].format->name, name)) {
            return rules->sources[i].format;
        }
    }
    return name ? hr_format_preset(hr_str(name)) : usual_format(rules);
}

static const struct hr_source *find_source(const struct hr_rules *rules, struct hr_str topic)
{
    for (uint16_t i = 0; i < rules->source_count; i++) {
        if (hr_str_equal(rules->sources[i].topic, topic)) {
            return &rules->sources[i];
        }
    }
    return NULL;
}

/* "usage" of "exports/usage.ndjson"; of a topic's own name with dots in it all of it counts. */
static const struct hr_source *source_of_name(const struct hr_rules *rules, const char *file)
{
    const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
    struct hr_str stem = hr_str(name);
    const struct hr_source *source = find_source(rules, stem);
    while (!source && stem.len > 0) {
        do {
            stem.len--;
        } while (stem.len > 0 && stem.at[stem.len] != '.');
        source = find_source(rules, stem);
    }
    return source;
}

struct hr_input_file hr_input_file_of(const struct hr_rules *rules, const char *operand,
    const struct hr_format *usual, bool usual_is_given)
{
    const char *equals = strchr(operand, '=');
    struct hr_str topic = {operand, equals ? (size_t)(equals - operand) : 0};
    const struct hr_source *source = equals ? find_source(rules, topic) : NULL;
    if (source) {
        return (struct hr_input_file){equals + 1, source->format, source->topic};
    }
    source = source_of_name(rules, operand);
    if (!source && rules->source_count == 1)
        source = &rules->sources[0]; /* of which else? */
    return source ? (struct hr_input_file){operand, usual_is_given ? usual : source->format,
                        source->topic}
                  : (struct hr_input_file){operand, usual, HR_STR("")};
}
