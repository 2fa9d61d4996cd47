/* SPDX-License-Identifier: Apache-2.0 */
/* The table as a JSON Schema, which editors read to complete and check a file while it is written.
 * It says what a value must look like by itself; what only headroom can judge (units that fit,
 * levels that ascend, names that exist) is left to `headroom check`. */
#include "scalar.h"
#include "signals.h"
#include "table.h"

#include "headroom/config.h"

static void put_level(struct hr_buffer *buffer, const struct hr_level_table *level, int depth);

static void put_string(struct hr_buffer *buffer, const char *text)
{
    hr_put_u8(buffer, '"');
    for (; *text; text++) {
        hr_put_printf(buffer, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
    }
    hr_put_u8(buffer, '"');
}

static void put_line(struct hr_buffer *buffer, int depth)
{
    hr_put_printf(buffer, "\n%*s", 2 * depth, "");
}

static void put_choices(struct hr_buffer *buffer, const struct hr_field *field)
{
    hr_put_printf(buffer, "\"enum\": [");
    for (size_t i = 0; field->choices[i]; i++) {
        hr_put_printf(buffer, "%s\"%s\"", i ? ", " : "", field->choices[i]);
    }
    hr_put_printf(buffer, "]");
}

/* What stands for a word in capitals in a signal's pattern. */
static const struct {
    const char *word, *expression;
} words[] = {
    {"NAME", "[A-Za-z0-9_-]+"},
    {"WINDOW", "(period|day|week|month|[1-9][0-9]*[smhdw])"},
    {"DURATION", "[1-9][0-9]*[smhdw]"},
    {"GROUP", ".+"},
};

/* As a part of an expression within a string of JSON. */
static void put_signal(struct hr_buffer *buffer, const char *pattern)
{
    while (*pattern) {
        size_t i = 0;
        while (i < sizeof words / sizeof *words &&
               strncmp(pattern, words[i].word, strlen(words[i].word)) != 0) {
            i++;
        }
        if (i < sizeof words / sizeof *words) {
            hr_put_printf(buffer, "%s", words[i].expression);
            pattern += strlen(words[i].word);
        } else {
            hr_put_printf(buffer, "%s%c", strchr(".[]", *pattern) ? "\\\\" : "", *pattern);
            pattern++;
        }
    }
}

/* Of a meter each signal, with and without a group. */
static void put_signals(struct hr_buffer *buffer)
{
    static const char meter[] = "meter.NAME", group[] = "[GROUP]";
    hr_put_printf(buffer, "\"type\": \"string\", \"pattern\": \"^(");
    for (size_t i = 0; i < hr_signal_row_count; i++) {
        const char *pattern = hr_signal_rows[i].pattern;
        const char *rest = pattern + strlen(meter);
        bool of_meter = strncmp(pattern, meter, strlen(meter)) == 0;
        if (of_meter && *rest == *group) {
            continue; /* said by the others */
        }
        hr_put_printf(buffer, "%s", i ? "|" : "");
        if (of_meter) {
            put_signal(buffer, meter);
            hr_put_printf(buffer, "(");
            put_signal(buffer, group);
            hr_put_printf(buffer, ")?");
        }
        put_signal(buffer, of_meter ? rest : pattern);
    }
    hr_put_printf(buffer, ")$\"");
}

/* Members that describe one value of the field's type. */
static void put_type(struct hr_buffer *buffer, const struct hr_field *field, int depth)
{
    switch (field->type) {
    case HR_TYPE_INTEGER:
        hr_put_printf(buffer,
            "\"type\": [\"integer\", \"string\"], \"pattern\": \"^-?[0-9]+$\", "
            "\"minimum\": %lld, \"maximum\": %lld",
            (long long)field->least, (long long)field->most);
        break;
    case HR_TYPE_CHOICE:
        put_choices(buffer, field);
        break;
    case HR_TYPE_SIGNAL:
        put_signals(buffer);
        break;
    case HR_TYPE_CLAUSE:
        hr_put_printf(buffer, "\"$ref\": \"#/$defs/condition\"");
        break;
    case HR_TYPE_LEVEL:
        put_level(buffer, field->level, depth);
        break;
    default:
        hr_put_printf(buffer, "%s", hr_type_texts[field->type].schema);
    }
}

static void put_list(struct hr_buffer *buffer, const struct hr_field *field, int depth)
{
    bool alone = field->flags & HR_ONE_ALONE;
    if (alone) {
        hr_put_printf(buffer, "\"anyOf\": [{");
        put_type(buffer, field, depth + 1);
        hr_put_printf(buffer, "},");
        put_line(buffer, depth + 1);
        hr_put_printf(buffer, "{");
    }
    hr_put_printf(buffer, "\"type\": \"array\", \"maxItems\": %u, ", field->entries);
    if (field->flags & HR_REQUIRED) {
        hr_put_printf(buffer, "\"minItems\": 1, ");
    }
    hr_put_printf(buffer, "\"items\": {");
    put_type(buffer, field, depth);
    hr_put_printf(buffer, alone ? "}}]" : "}");
}

static void put_map(struct hr_buffer *buffer, const struct hr_field *field, int depth)
{
    hr_put_printf(buffer, "\"type\": \"object\", \"maxProperties\": %u, ", field->entries);
    if (field->key != HR_TYPE_TEXT) {
        hr_put_printf(buffer, "\"propertyNames\": {%s},", hr_type_texts[field->key].schema);
        put_line(buffer, depth);
    }
    hr_put_printf(buffer, "\"additionalProperties\": {");
    put_type(buffer, field, depth);
    hr_put_printf(buffer, "}");
}

static void put_default(struct hr_buffer *buffer, const struct hr_field *field, int depth)
{
    if (!field->fallback || field->shape != HR_ONE) {
        return;
    }
    hr_put_printf(buffer, ",");
    put_line(buffer, depth);
    hr_put_printf(buffer, "\"default\": ");
    if (field->type == HR_TYPE_INTEGER || field->type == HR_TYPE_FLAG) {
        hr_put_printf(buffer, "%s", field->fallback);
    } else {
        put_string(buffer, field->fallback);
    }
}

static void put_field(struct hr_buffer *buffer, const struct hr_field *field, int depth)
{
    put_line(buffer, depth);
    hr_put_printf(buffer, "\"%s\": {", field->name);
    put_line(buffer, depth + 1);
    hr_put_printf(buffer, "\"description\": ");
    put_string(buffer, field->help);
    hr_put_printf(buffer, ",");
    put_line(buffer, depth + 1);
    if (field->shape == HR_LIST) {
        put_list(buffer, field, depth + 1);
    } else if (field->shape == HR_MAP) {
        put_map(buffer, field, depth + 1);
    } else {
        put_type(buffer, field, depth + 1);
    }
    put_default(buffer, field, depth + 1);
    hr_put_printf(buffer, "}");
}

static void put_required(struct hr_buffer *buffer, const struct hr_level_table *level, int depth)
{
    const char *between = "";
    for (size_t i = 0; i < level->count; i++) {
        if (!(level->fields[i].flags & HR_REQUIRED)) {
            continue;
        }
        if (!*between) {
            put_line(buffer, depth);
            hr_put_printf(buffer, "\"required\": [");
        }
        hr_put_printf(buffer, "%s\"%s\"", between, level->fields[i].name);
        between = ", ";
    }
    if (*between) {
        hr_put_printf(buffer, "],");
    }
}

static void put_level(struct hr_buffer *buffer, const struct hr_level_table *level, int depth)
{
    hr_put_printf(buffer, "\"type\": \"object\", \"additionalProperties\": false,");
    put_required(buffer, level, depth);
    put_line(buffer, depth);
    hr_put_printf(buffer, "\"properties\": {");
    for (size_t i = 0; i < level->count; i++) {
        put_field(buffer, &level->fields[i], depth + 1);
        hr_put_printf(buffer, i + 1 < level->count ? "," : "}");
    }
}

void hr_config_schema(struct hr_buffer *buffer)
{
    static const char condition[] = "\"type\": \"string\", \"pattern\": \"^ *[a-z][^ "
                                    "]*(\\\\[.*\\\\][^ ]*)? +(<|<=|=|!=|>=|>) +.\"";
    hr_put_printf(buffer, "{\n"
                          "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                          "  \"title\": \"headroom\",\n"
                          "  \"description\": \"Configuration of headroom, a processor of usage "
                          "events\",\n"
                          "  \"$defs\": {\n");
    hr_put_printf(buffer,
        "    \"condition\": {\"anyOf\": [{%s},\n"
        "      {\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"any\"],\n"
        "       \"properties\": {\"any\": {\"type\": \"array\", \"minItems\": 1, \"maxItems\": "
        "32,\n"
        "         \"items\": {%s}}}}]}\n"
        "  },\n  ",
        condition, condition);
    put_level(buffer, &hr_table, 1);
    hr_put_printf(buffer, "\n}\n");
}
