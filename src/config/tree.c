/* SPDX-License-Identifier: Apache-2.0 */
/* libyaml's events into nodes. The event parser is used and not its document loader, because the
 * loader expands aliases before anybody can object and keeps no line of a key. */
#include "tree.h"

#include "headroom/log.h"
#include "headroom/memory.h"

#include <yaml.h>

struct reader {
    yaml_parser_t parser;
    struct hr_arena *arena;
    struct hr_str text;
    struct hr_tree_problem *problem;
};

static struct hr_node *problem_at(struct reader *reader, yaml_mark_t mark, const char *text)
{
    reader->problem->line = (unsigned)mark.line + 1;
    reader->problem->text = hr_arena_copy(reader->arena, hr_str(text));
    return NULL;
}

/* True when the line (from 0) begins with white space that holds a tab. */
static bool tab_indents(struct hr_str text, size_t line)
{
    size_t at = 0;
    for (; line > 0 && at < text.len; at++) {
        line -= text.at[at] == '\n';
    }
    for (; at < text.len && (text.at[at] == ' ' || text.at[at] == '\t'); at++) {
        if (text.at[at] == '\t') {
            return true;
        }
    }
    return false;
}

/* libyaml gives the place of a bad byte as an offset only. */
static size_t line_of_offset(struct hr_str text, size_t offset)
{
    size_t line = 0;
    for (size_t at = 0; at < offset && at < text.len; at++) {
        line += text.at[at] == '\n';
    }
    return line;
}

static void explain_parser(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    const char *problem = parser->problem;
    if (!problem) { /* no fault of the text's: it may be rules that everybody else can read */
        hr_out_of_memory(sizeof(yaml_event_t));
    }
    size_t line = parser->problem_mark.line;
    if (parser->error == YAML_READER_ERROR) {
        line = line_of_offset(reader->text, parser->problem_offset);
    }
    reader->problem->line = (unsigned)line + 1;
    if (parser->error == YAML_SCANNER_ERROR && tab_indents(reader->text, line)) {
        reader->problem->text = HR_STR("is indented with a tab; YAML takes spaces only");
    } else if (parser->error != YAML_READER_ERROR && parser->context) {
        reader->problem->text =
            hr_arena_printf(reader->arena, "is not valid YAML: %s %s", parser->context, problem);
    } else {
        reader->problem->text = hr_arena_printf(reader->arena, "is not valid YAML: %s", problem);
    }
}

/* False: libyaml has a complaint, which is noted. The event is the caller's to delete. */
static bool next_event(struct reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event)) {
        return true;
    }
    explain_parser(reader);
    return false;
}

static struct hr_str copy_scalar(struct reader *reader, const yaml_event_t *event)
{
    size_t len = event->data.scalar.length;
    char *copy = hr_arena_take(reader->arena, len + 1);
    memcpy(copy, event->data.scalar.value, len);
    copy[len] = '\0';
    return (struct hr_str){copy, len};
}

static struct hr_node *new_node(
    struct reader *reader, const yaml_event_t *event, enum hr_node_kind kind)
{
    struct hr_node *node = hr_arena_zeroed(reader->arena, sizeof *node);
    node->kind = kind;
    node->line = (unsigned)event->start_mark.line + 1;
    return node;
}

static struct hr_node *read_value(struct reader *reader, const yaml_event_t *event, int depth);

/* Reads the key of an entry and then its value. */
static struct hr_node *read_entry(
    struct reader *reader, const yaml_event_t *event, const struct hr_node *map, int depth)
{
    if (event->type != YAML_SCALAR_EVENT) {
        return problem_at(reader, event->start_mark, "a key must be a plain name");
    }
    if (event->data.scalar.anchor || event->data.scalar.tag) {
        return problem_at(
            reader, event->start_mark, "anchors, aliases and tags are not used in a configuration");
    }
    struct hr_str key = copy_scalar(reader, event);
    unsigned line = (unsigned)event->start_mark.line + 1;
    const struct hr_node *twin = hr_node_find(map, key);
    if (twin) {
        reader->problem->line = line;
        reader->problem->text =
            hr_arena_printf(reader->arena, "the key %s is given twice, first in line %u",
                hr_escape(reader->arena, key, 64), twin->line);
        return NULL;
    }
    yaml_event_t value;
    if (!next_event(reader, &value)) {
        return NULL;
    }
    struct hr_node *entry = read_value(reader, &value, depth);
    yaml_event_delete(&value);
    if (entry) {
        entry->key = key;
        entry->line = line;
    }
    return entry;
}

static struct hr_node *read_entries(struct reader *reader, struct hr_node *parent, int depth)
{
    yaml_event_type_t end =
        parent->kind == HR_NODE_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    struct hr_node **link = &parent->first;
    for (;;) {
        yaml_event_t event;
        if (!next_event(reader, &event)) {
            return NULL;
        }
        if (event.type == end) {
            yaml_event_delete(&event);
            return parent;
        }
        struct hr_node *entry;
        if (parent->count == HR_TREE_ENTRIES) {
            entry = problem_at(reader, event.start_mark, "more than 1000 entries in one place");
        } else if (parent->kind == HR_NODE_MAP) {
            entry = read_entry(reader, &event, parent, depth);
        } else {
            entry = read_value(reader, &event, depth);
        }
        yaml_event_delete(&event);
        if (!entry) {
            return NULL;
        }
        *link = entry;
        link = &entry->next;
        parent->count++;
    }
}

/* The node that begins with this event. */
static struct hr_node *read_value(struct reader *reader, const yaml_event_t *event, int depth)
{
    const char *fancy = "anchors, aliases and tags are not used in a configuration";
    if (depth == HR_TREE_DEPTH) {
        return problem_at(reader, event->start_mark, "nested more than 16 deep");
    }
    switch (event->type) {
    case YAML_SCALAR_EVENT: {
        if (event->data.scalar.anchor || event->data.scalar.tag) {
            return problem_at(reader, event->start_mark, fancy);
        }
        struct hr_node *node = new_node(reader, event, HR_NODE_SCALAR);
        node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        node->text = copy_scalar(reader, event);
        return node;
    }
    case YAML_SEQUENCE_START_EVENT:
        if (event->data.sequence_start.anchor || event->data.sequence_start.tag) {
            return problem_at(reader, event->start_mark, fancy);
        }
        return read_entries(reader, new_node(reader, event, HR_NODE_LIST), depth + 1);
    case YAML_MAPPING_START_EVENT:
        if (event->data.mapping_start.anchor || event->data.mapping_start.tag) {
            return problem_at(reader, event->start_mark, fancy);
        }
        return read_entries(reader, new_node(reader, event, HR_NODE_MAP), depth + 1);
    default: /* an alias: nothing else can stand where a value is due */
        return problem_at(reader, event->start_mark, fancy);
    }
}

/* Stream start, at most one document, stream end. */
static struct hr_node *read_stream(struct reader *reader)
{
    struct hr_node *root = NULL;
    for (bool end = false; !end;) {
        yaml_event_t event;
        if (!next_event(reader, &event)) {
            return NULL;
        }
        bool good = true;
        switch (event.type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
            break;
        case YAML_STREAM_END_EVENT:
            end = true;
            break;
        case YAML_DOCUMENT_START_EVENT:
            if (root) {
                problem_at(reader, event.start_mark, "a second document begins here; one is read");
                good = false;
            }
            break;
        default:
            root = read_value(reader, &event, 0);
            good = root != NULL;
        }
        yaml_event_delete(&event);
        if (!good) {
            return NULL;
        }
    }
    if (!root) {
        root = hr_arena_zeroed(reader->arena, sizeof *root);
        root->kind = HR_NODE_MAP;
        root->line = 1;
    }
    return root;
}

struct hr_node *hr_tree_read(
    struct hr_str text, struct hr_arena *arena, struct hr_tree_problem *problem)
{
    *problem = (struct hr_tree_problem){0};
    if (text.len > HR_TREE_BYTES) {
        problem->text = HR_STR("is larger than 1 MiB");
        return NULL;
    }
    struct reader reader = {.arena = arena, .text = text, .problem = problem};
    if (!yaml_parser_initialize(&reader.parser)) {
        hr_out_of_memory(sizeof(yaml_parser_t));
    }
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &reader.parser, (const unsigned char *)(text.at ? text.at : ""), text.len);
    struct hr_node *root = read_stream(&reader);
    yaml_parser_delete(&reader.parser);
    return root;
}

const struct hr_node *hr_node_find(const struct hr_node *map, struct hr_str key)
{
    for (const struct hr_node *entry = map->first; entry; entry = entry->next) {
        if (hr_str_equal(entry->key, key)) {
            return entry;
        }
    }
    return NULL;
}
