/* SPDX-License-Identifier: Apache-2.0 */
/* Fields as the owner of home 0 publishes them: epoch, homes, live_from, and rules:EPOCH with the
 * canonical text of each epoch. */
#include "manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct hr_str find(const struct hr_manifest_copy *copy, const char *name)
{
    for (size_t i = 0; i + 1 < copy->field_count; i += 2) {
        if (hr_str_is(copy->fields[i], name)) {
            return copy->fields[i + 1];
        }
    }
    return (struct hr_str){NULL, 0};
}

/* 0 when it is missing or no number. */
static uint32_t number(struct hr_manifest_copy *copy, const char *name)
{
    struct hr_str text = find(copy, name);
    char digits[16] = "";
    if (!text.at || text.len >= sizeof(digits)) {
        return 0;
    }
    memcpy(digits, text.at, text.len);
    return (uint32_t)strtoul(digits, NULL, 10);
}

enum hr_fate hr_manifest_copy_open(struct hr_store *store, const struct hr_zones *zones,
    struct hr_manifest_copy *copy, struct hr_error *error)
{
    *copy = (struct hr_manifest_copy){.zones = zones, .live_from = HR_TIME_NONE};
    hr_arena_init(&copy->arena);
    enum hr_fate fate =
        store->published(store->self, &copy->arena, &copy->fields, &copy->field_count, error);
    if (fate != HR_OK) {
        copy->field_count = 0;
        return fate;
    }
    copy->parsed = hr_alloc((copy->field_count + 1) * sizeof(*copy->parsed));
    copy->homes = number(copy, "homes");
    copy->epoch = number(copy, "epoch");
    if (!hr_time_parse(find(copy, "live_from"), &copy->live_from)) {
        copy->live_from = HR_TIME_NONE;
    }
    if (copy->homes == 0 || !hr_manifest_copy_rules(copy, copy->epoch)) {
        return hr_fail(error, HR_REJECT,
            "Redis knows nothing of headroom under this prefix: has `headroom run` been started?");
    }
    return HR_OK;
}

void hr_manifest_copy_close(struct hr_manifest_copy *copy)
{
    for (size_t i = 0; i < copy->field_count; i++) {
        hr_rules_destroy(copy->parsed[i]);
    }
    hr_free(copy->parsed);
    hr_arena_clean_up(&copy->arena);
}

const struct hr_rules *hr_manifest_copy_rules(void *context, uint32_t epoch)
{
    struct hr_manifest_copy *copy = context;
    char name[32];
    snprintf(name, sizeof(name), "rules:%" PRIu32, epoch);
    for (size_t i = 0; i + 1 < copy->field_count; i += 2) {
        if (!hr_str_is(copy->fields[i], name)) {
            continue;
        }
        if (!copy->parsed[i]) {
            struct hr_complaints complaints = {0};
            if (hr_rules_parse(copy->fields[i + 1], epoch, copy->zones, &copy->parsed[i],
                    &complaints) != HR_OK) {
                copy->parsed[i] = NULL;
            }
            hr_complaints_clean_up(&complaints);
        }
        return copy->parsed[i];
    }
    return NULL;
}
