/* SPDX-License-Identifier: Apache-2.0 */
/* Collects complaints, all of them, so that a user mends a file once and not ten times. */
#include "complain.h"

#include "headroom/buffer.h"
#include "headroom/log.h"
#include "headroom/nearest.h"

#include <stdarg.h>
#include <stdio.h>

/* Nothing more is listed: whatever a complaint costs (nearest names do) may be left out. */
static bool is_full(const struct hr_complainer *complainer)
{
    return complainer->complaints->count > HR_COMPLAINTS_MOST;
}

static void add(
    struct hr_complainer *complainer, unsigned line, struct hr_str path, struct hr_str text)
{
    struct hr_complaints *all = complainer->complaints;
    if (is_full(complainer)) {
        return;
    }
    if (all->count == complainer->room) {
        complainer->room = complainer->room ? 2 * complainer->room : 8;
        all->at = hr_resize(all->at, complainer->room * sizeof *all->at);
    }
    if (all->count == HR_COMPLAINTS_MOST) {
        line = 0;
        path = HR_STR("");
        text = HR_STR("there is more wrong than is listed here");
    }
    all->at[all->count++] = (struct hr_complaint){
        .file = complainer->file,
        .line = line,
        .path = hr_strdup(path),
        .text = hr_strdup(text),
    };
}

/* The node at the path, or the last one on the way that exists; `whole` says which. */
static const struct hr_node *nearest_node(
    const struct hr_node *root, const struct hr_path *path, bool *whole)
{
    *whole = root != NULL;
    if (!path->up) {
        return root;
    }
    const struct hr_node *parent = nearest_node(root, path->up, whole);
    if (!*whole) {
        return parent;
    }
    const struct hr_node *entry = NULL;
    if (path->key.at) {
        if (parent->kind == HR_NODE_MAP) {
            entry = hr_node_find(parent, path->key);
        }
    } else if (parent->kind == HR_NODE_LIST) {
        entry = parent->first;
        for (size_t n = path->index; entry && n > 0; n--) {
            entry = entry->next;
        }
    }
    *whole = entry != NULL;
    return entry ? entry : parent;
}

bool hr_config_has(const struct hr_complainer *complainer, const struct hr_path *path)
{
    bool whole;
    (void)nearest_node(complainer->root, path, &whole);
    return whole;
}

unsigned hr_config_line(const struct hr_complainer *complainer, const struct hr_path *path)
{
    bool whole;
    const struct hr_node *node = nearest_node(complainer->root, path, &whole);
    return node ? node->line : 0;
}

static void put_path(
    struct hr_complainer *complainer, const struct hr_path *path, struct hr_buffer *buffer)
{
    if (!path->up) {
        return;
    }
    put_path(complainer, path->up, buffer);
    if (path->key.at) {
        hr_put_printf(buffer, "%s%s", buffer->len ? "." : "", hr_quote(complainer, path->key));
    } else {
        hr_put_printf(buffer, "[%zu]", path->index);
    }
}

void hr_complain(
    struct hr_complainer *complainer, const struct hr_path *path, const char *format, ...)
{
    char text[HR_ERROR_TEXT];
    if (is_full(complainer)) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct hr_buffer written = {0};
    put_path(complainer, path, &written);
    add(complainer, hr_config_line(complainer, path), hr_buffer_str(&written), hr_str(text));
    hr_buffer_clean_up(&written);
}

void hr_complain_line(struct hr_complainer *complainer, unsigned line, struct hr_str text)
{
    add(complainer, line, HR_STR(""), text);
}

const char *hr_did_you_mean(
    struct hr_complainer *complainer, struct hr_str name, const struct hr_str *known, size_t count)
{
    int near = is_full(complainer) ? -1 : hr_nearest(name, known, count);
    if (near < 0) {
        return "";
    }
    return hr_arena_printf(
        complainer->arena, "; did you mean %s?", hr_quote(complainer, known[near]))
        .at;
}

const char *hr_quote(struct hr_complainer *complainer, struct hr_str text)
{
    return hr_escape(complainer->arena, text, 64);
}

enum hr_fate hr_complaints_finish(struct hr_complainer *complainer)
{
    struct hr_complaints *all = complainer->complaints;
    /* By insertion: few, nearly in order, and those of one line stay as they came. The line that
     * says there are others stays last. */
    size_t sorted = all->count > HR_COMPLAINTS_MOST ? HR_COMPLAINTS_MOST : all->count;
    for (size_t i = 1; i < sorted; i++) {
        struct hr_complaint moving = all->at[i];
        size_t to = i;
        for (; to > 0 && all->at[to - 1].line > moving.line; to--) {
            all->at[to] = all->at[to - 1];
        }
        all->at[to] = moving;
    }
    return all->count ? HR_REJECT : HR_OK;
}

void hr_complaints_clean_up(struct hr_complaints *complaints)
{
    for (size_t i = 0; i < complaints->count; i++) {
        hr_free((void *)complaints->at[i].path);
        hr_free((void *)complaints->at[i].text);
    }
    hr_free(complaints->at);
    *complaints = (struct hr_complaints){0};
}
