/* SPDX-License-Identifier: Apache-2.0 */
#include "examples.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define FILE_MOST (1 << 20)

static void open_file(struct world *world, struct hr_str path, struct hr_document *file)
{
    FILE *stream = fopen(path.at, "rb");
    assert_non_null(stream);
    char *text = hr_arena_take(&world->arena, FILE_MOST);
    size_t len = fread(text, 1, FILE_MOST, stream);
    fclose(stream);
    assert_in_range(len, 1, FILE_MOST - 1);
    hr_document_init(file);
    if (!hr_document_parse(file, (struct hr_str){text, len})) {
        fail_msg("%s, byte %zu: %s", path.at, file->wrong_at, file->wrong);
    }
}

struct hr_str example_member(struct world *world, const struct example *example, const char *name)
{
    uint32_t found = hr_document_member(example->json, example->node, hr_str(name));
    return found == HR_JSON_NONE ? (struct hr_str){NULL, 0}
                                 : hr_document_text(example->json, found, &world->arena);
}

/* --- edits: texts are cut and joined, so that what was not named stays as it was written --------
 */

static struct hr_str splice(
    struct world *world, struct hr_str text, size_t from, size_t to, struct hr_str with)
{
    struct hr_str before = {text.at, from}, after = {text.at + to, text.len - to};
    return hr_arena_printf(&world->arena, "%.*s%.*s%.*s", (int)before.len, before.at, (int)with.len,
        with.at, (int)after.len, after.at);
}

static void parse(struct hr_document *json, struct hr_str text)
{
    if (!hr_document_parse(json, text)) {
        fail_msg("%.*s: %s", (int)text.len, text.at, json->wrong);
    }
}

/* The object that holds what the pointer names, and the last name. */
static uint32_t parent_of(
    const struct hr_document *json, struct hr_str pointer, struct hr_str *last)
{
    size_t slash = pointer.len;
    while (slash > 0 && pointer.at[slash - 1] != '/') {
        slash--;
    }
    assert_true(slash > 0);
    *last = (struct hr_str){pointer.at + slash, pointer.len - slash};
    uint32_t parent = hr_document_find(json, 0, (struct hr_str){pointer.at, slash - 1});
    if (parent == HR_JSON_NONE || json->nodes[parent].kind != HR_JSON_OBJECT) {
        fail_msg("%.*s: nothing there to change", (int)pointer.len, pointer.at);
    }
    return parent;
}

static struct hr_str set_place(
    struct world *world, struct hr_str text, struct hr_str pointer, struct hr_str value)
{
    struct hr_document json;
    hr_document_init(&json);
    parse(&json, text);
    uint32_t node = hr_document_find(&json, 0, pointer);
    if (node != HR_JSON_NONE) {
        text = splice(world, text, json.nodes[node].at, json.nodes[node].end, value);
    } else {
        struct hr_str name;
        uint32_t parent = parent_of(&json, pointer, &name);
        bool empty = json.nodes[parent].next == parent + 1;
        struct hr_str member = hr_arena_printf(&world->arena, "\"%.*s\":%.*s%s", (int)name.len,
            name.at, (int)value.len, value.at, empty ? "" : ",");
        size_t begin = json.nodes[parent].at + 1;
        text = splice(world, text, begin, begin, member);
    }
    hr_document_clean_up(&json);
    return text;
}

static struct hr_str leave_out(struct world *world, struct hr_str text, struct hr_str pointer)
{
    struct hr_document json;
    struct hr_str name;
    hr_document_init(&json);
    parse(&json, text);
    uint32_t parent = parent_of(&json, pointer, &name), key = parent + 1;
    while (key < json.nodes[parent].next && !hr_document_key_is(&json, key, name)) {
        key = json.nodes[key + 1].next;
    }
    if (key >= json.nodes[parent].next) {
        fail_msg("%.*s: nothing there to leave out", (int)pointer.len, pointer.at);
    }
    size_t from = json.nodes[key].at, to = json.nodes[key + 1].end;
    bool last = json.nodes[key + 1].next >= json.nodes[parent].next;
    if (!last) {
        to = json.nodes[json.nodes[key + 1].next].at;
    } else if (key > parent + 1) {
        while (text.at[from - 1] != ',') {
            from--;
        }
        from--;
    }
    text = splice(world, text, from, to, HR_STR(""));
    hr_document_clean_up(&json);
    return text;
}

/* --- cases -----------------------------------------------------------------------------------
 */

static struct hr_str text_of(struct world *world, const struct example *example)
{
    const struct hr_document *json = example->json;
    struct hr_str text = example_member(world, example, "text");
    uint32_t event = hr_document_member(json, example->node, HR_STR("event"));
    struct hr_str of = example_member(world, example, "of");
    if (text.at) {
        return text;
    }
    if (event == HR_JSON_NONE) {
        uint32_t events = hr_document_member(json, 0, HR_STR("events"));
        assert_true(events != HR_JSON_NONE && of.at);
        event = hr_document_member(json, events, of);
        if (event == HR_JSON_NONE) {
            fail_msg("%s: no event %.*s", example->file, (int)of.len, of.at);
        }
    }
    text = hr_document_raw(json, event);
    uint32_t without = hr_document_member(json, example->node, HR_STR("without"));
    for (uint32_t at = without + 1; without != HR_JSON_NONE && at < json->nodes[without].next;
         at = json->nodes[at].next) {
        text = leave_out(world, text, hr_document_text(json, at, &world->arena));
    }
    uint32_t set = hr_document_member(json, example->node, HR_STR("set"));
    for (uint32_t key = set + 1; set != HR_JSON_NONE && key < json->nodes[set].next;
         key = json->nodes[key + 1].next) {
        text = set_place(world, text, hr_document_text(json, key, &world->arena),
            hr_document_raw(json, key + 1));
    }
    return text;
}

static size_t check_file(struct world *world, struct hr_str path, const struct hr_format *format,
    const char *list, example_check *check)
{
    struct hr_document file;
    size_t count = 0;
    open_file(world, path, &file);
    uint32_t cases = hr_document_member(&file, 0, hr_str(list));
    for (uint32_t at = cases + 1; cases != HR_JSON_NONE && at < file.nodes[cases].next;
         at = file.nodes[at].next, count++) {
        struct example example = {.file = path.at, .json = &file, .node = at};
        example.name = example_member(world, &example, "case");
        example.text = text_of(world, &example);
        check(world, format, &example);
    }
    hr_document_clean_up(&file);
    return count;
}

size_t examples_each(struct world *world, const char *folder, const struct hr_format *format,
    const char *list, example_check *check)
{
    DIR *dir = opendir(folder);
    size_t count = 0;
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        size_t len = strlen(entry->d_name);
        if (len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0) {
            struct hr_str path =
                hr_arena_printf(&world->arena, "%s/%s%c", folder, entry->d_name, 0);
            count += check_file(world, path, format, list, check);
        }
    }
    closedir(dir);
    return count;
}
