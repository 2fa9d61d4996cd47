/* SPDX-License-Identifier: Apache-2.0 */
/* The table as Markdown, for people: one section a level, one row a key. */
#include "scalar.h"
#include "score.h"
#include "signals.h"
#include "table.h"

#include "headroom/config.h"

static void put_bound(struct hr_buffer *buffer, const struct hr_field *field, int64_t bound)
{
    if (field->type == HR_TYPE_SIZE) {
        hr_print_size(bound, buffer);
    } else if (field->type == HR_TYPE_DURATION) {
        hr_print_duration(bound, buffer);
    } else {
        hr_put_printf(buffer, "%lld", (long long)bound);
    }
}

/* What may stand there: type, words or bounds. */
static void put_type(struct hr_buffer *buffer, const struct hr_field *field)
{
    if (field->shape == HR_LIST) {
        hr_put_printf(buffer, "list of at most %u: ", field->entries);
    } else if (field->shape == HR_MAP) {
        hr_put_printf(
            buffer, "map of at most %u: %s to ", field->entries, hr_type_texts[field->key].name);
    }
    if (field->type == HR_TYPE_CHOICE) {
        for (size_t i = 0; field->choices[i]; i++) {
            hr_put_printf(buffer, "%s`%s`", i ? ", " : "", field->choices[i]);
        }
        return;
    }
    hr_put_printf(buffer, "%s", hr_type_texts[field->type].name);
    if (field->type == HR_TYPE_INTEGER || field->type == HR_TYPE_SIZE ||
        field->type == HR_TYPE_DURATION) {
        hr_put_printf(buffer, ", ");
        put_bound(buffer, field, field->least);
        hr_put_printf(buffer, " to ");
        put_bound(buffer, field, field->most);
    }
}

static void put_default(struct hr_buffer *buffer, const struct hr_field *field)
{
    if (field->flags & HR_REQUIRED) {
        hr_put_printf(buffer, "*required*");
    } else if (field->made) {
        hr_put_printf(buffer, "%s", field->made);
    } else if (field->fallback) {
        hr_put_printf(buffer, "`%s`", field->fallback);
    }
}

static void put_row(struct hr_buffer *buffer, const struct hr_field *field)
{
    hr_put_printf(buffer, "| `%s` | ", field->name);
    put_type(buffer, field);
    hr_put_printf(buffer, " | ");
    put_default(buffer, field);
    hr_put_printf(buffer, " | %s", field->help);
    if (field->example) {
        hr_put_printf(buffer, " For instance `%s`.", field->example);
    }
    hr_put_printf(buffer, " |\n");
}

/* A level's own rows, then a section for each level in it. */
static void put_level(
    struct hr_buffer *buffer, const struct hr_level_table *level, const char *path)
{
    hr_put_printf(buffer, "| key | value | default | what it does |\n|---|---|---|---|\n");
    for (size_t i = 0; i < level->count; i++) {
        put_row(buffer, &level->fields[i]);
    }
    for (size_t i = 0; i < level->count; i++) {
        const struct hr_field *field = &level->fields[i];
        if (field->type != HR_TYPE_LEVEL) {
            continue;
        }
        const char *entry = field->shape == HR_LIST ? "[]" : field->shape == HR_MAP ? ".NAME" : "";
        struct hr_buffer inner = {0};
        hr_put_printf(&inner, "%s%s%s%s%c", path, *path ? "." : "", field->name, entry, '\0');
        hr_put_printf(buffer, "\n## %s\n\n%s\n\n", (const char *)inner.at, field->help);
        put_level(buffer, field->level, (const char *)inner.at);
        hr_buffer_clean_up(&inner);
    }
}

static void put_types(struct hr_buffer *buffer)
{
    hr_put_printf(buffer, "\n## Values\n\n| type | how it is written |\n|---|---|\n");
    for (size_t i = 0; i < HR_TYPES; i++) {
        if (i != HR_TYPE_CHOICE && i < HR_TYPE_TREE) {
            hr_put_printf(buffer, "| %s | %s |\n", hr_type_texts[i].name, hr_type_texts[i].how);
        }
    }
}

static void put_signals(struct hr_buffer *buffer)
{
    static const char *const units[] = {[HR_UNIT_NUMBER] = "number",
        [HR_UNIT_SHARE] = "share",
        [HR_UNIT_DAYS] = "days",
        [HR_UNIT_MONEY] = "money",
        [HR_UNIT_TEXT] = "text"};
    hr_put_printf(buffer, "\n## Signals\n\n| signal | unit | what it is |\n|---|---|---|\n");
    for (size_t i = 0; i < hr_signal_row_count; i++) {
        const struct hr_signal_row *row = &hr_signal_rows[i];
        hr_put_printf(buffer, "| `%s` | %s | %s |\n", row->pattern,
            row->unit_text ? row->unit_text : units[row->unit], row->help);
    }
    hr_put_printf(
        buffer, "\nIn a condition `meter.*.used` and its like hold if they hold for one meter.\n");
}

static void put_score(struct hr_buffer *buffer)
{
    hr_put_printf(buffer,
        "\n## The score\n\nWithout `score` in the configuration these rows count, "
        "each as far as its signal exists there:\n\n"
        "| row | condition | points |\n|---|---|---|\n");
    for (size_t i = 0; i < hr_default_score_count; i++) {
        const struct hr_default_row *row = &hr_default_score[i];
        hr_put_printf(
            buffer, "| `%s` | `%s` | %lld |\n", row->name, row->when, (long long)row->points);
    }
}

static void put_presets(struct hr_buffer *buffer)
{
    const struct hr_format *presets;
    size_t count = hr_format_presets(&presets);
    hr_put_printf(buffer, "\n## Presets of sources[].format\n\n| preset | what it reads | "
                          "account |\n|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        hr_put_printf(buffer, "| `%.*s` | %s | ", (int)presets[i].name.len, presets[i].name.at,
            presets[i].help);
        if (presets[i].shape == HR_SHAPE_CLOUDEVENTS) {
            hr_put_printf(buffer, "`subject`");
        }
        for (size_t j = 0; j < HR_FORMAT_PLACES && presets[i].accounts[j].len; j++) {
            hr_put_printf(buffer, "%s`%.*s`", j ? ", else " : "", (int)presets[i].accounts[j].len,
                presets[i].accounts[j].at);
        }
        hr_put_printf(buffer, " |\n");
    }
    hr_put_printf(buffer, "\n`schemas/events/` has a JSON Schema and examples of each. A format of "
                          "your own that is `like` one is printed in full by `headroom check`.\n");
}

void hr_config_reference(struct hr_buffer *buffer)
{
    hr_put_printf(buffer, "# Configuration of headroom\n\nOne YAML or JSON file. Unknown keys are "
                          "errors; `headroom check` prints a file in its canonical form.\n\n");
    put_level(buffer, &hr_table, "");
    put_types(buffer);
    put_signals(buffer);
    put_score(buffer);
    put_presets(buffer);
}
