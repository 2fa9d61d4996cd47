/* SPDX-License-Identifier: Apache-2.0 */
/* From the values of a line to account events.
 *
 * The judge is the decoder of the running system: what it would make a dead letter of is a fault
 * here, before anything is sent. Each value is put before it alone, so that all faults of a line
 * are told at once, then all of them together. */
#include "importer.h"

#include "headroom/hash.h"
#include "headroom/log.h"
#include "headroom/nearest.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Fields that are text even where their cell looks like a number. */
static const char *const texts[] = {"account", "time", "subscription", "plan", "currency", "period",
    "period_start", "renewal_date", "started_at", "ends_at", "timezone", "segment", "owner", "csm",
    "account_manager"};
static const char *const others[] = {
    "limits", "mrr", "arr", "aliases", "aliases_released", "overrides"};

static bool is_one_of(struct hr_str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hr_str_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

bool hr_import_knows(struct hr_str name)
{
    return is_one_of(name, texts, COUNT(texts)) || is_one_of(name, others, COUNT(others)) ||
           (hr_str_starts(name, "limits.") && name.len > strlen("limits."));
}

struct hr_str hr_import_nearest(struct hr_str name)
{
    struct hr_str known[COUNT(texts) + COUNT(others)];
    size_t count = 0;
    for (size_t i = 0; i < COUNT(texts); i++) {
        known[count++] = hr_str(texts[i]);
    }
    for (size_t i = 0; i < COUNT(others); i++) {
        known[count++] = hr_str(others[i]);
    }
    int nearest = hr_nearest(name, known, count);
    return nearest < 0 ? (struct hr_str){NULL, 0} : known[nearest];
}

void hr_import_fault(struct hr_import_line *line, struct hr_str column, const char *format, ...)
{
    char text[HR_DETAIL];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    line->faults[line->row->fault_count++] =
        (struct hr_import_fault){column, hr_arena_copy(line->arena, hr_str(text))};
    line->row->faults = line->faults;
}

/* --- cells ----------------------------------------------------------------------------------- */

static struct hr_str json_string(struct hr_str text, struct hr_arena *arena)
{
    struct hr_buffer buffer = {0};
    hr_put_json_string(&buffer, text);
    struct hr_str copy = hr_arena_copy(arena, hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
    return copy;
}

/* "key_17; cus_9" */
static struct hr_str json_list(struct hr_str cell, struct hr_arena *arena)
{
    struct hr_buffer buffer = {0};
    hr_put_u8(&buffer, '[');
    while (cell.len) {
        const char *semicolon = memchr(cell.at, ';', cell.len);
        size_t len = semicolon ? (size_t)(semicolon - cell.at) : cell.len;
        struct hr_str name = {cell.at, len};
        while (name.len && name.at[0] == ' ') {
            name = (struct hr_str){name.at + 1, name.len - 1};
        }
        while (name.len && name.at[name.len - 1] == ' ') {
            name.len--;
        }
        hr_put_printf(&buffer, "%s", buffer.len > 1 ? "," : "");
        hr_put_json_string(&buffer, name);
        len += semicolon != NULL;
        cell = (struct hr_str){cell.at + len, cell.len - len};
    }
    hr_put_u8(&buffer, ']');
    struct hr_str copy = hr_arena_copy(arena, hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
    return copy;
}

struct hr_str hr_import_cell(struct hr_str name, struct hr_str cell, struct hr_arena *arena)
{
    struct hr_decimal ignored;
    bool key = hr_str_is(name, "account") || hr_str_is(name, "subscription");
    if (cell.len == 0) {
        return (struct hr_str){NULL, 0};
    }
    if (hr_str_is(cell, "null") && !key) {
        return cell;
    }
    if (hr_str_is(name, "aliases") || hr_str_is(name, "aliases_released")) {
        return json_list(cell, arena);
    }
    if (hr_str_starts(name, "limits.") && hr_str_is(cell, "unlimited")) {
        return HR_STR("null");
    }
    bool flag = hr_str_is(cell, "true") || hr_str_is(cell, "false");
    bool plain = flag || hr_decimal_parse(cell, &ignored) != HR_DECIMAL_NOT_A_NUMBER;
    return plain && !is_one_of(name, texts, COUNT(texts)) ? cell : json_string(cell, arena);
}

/* --- events ---------------------------------------------------------------------------------- */

static const char contract[] = "subscription.cancelled"; /* it takes all that a contract has */

/* Which event a value belongs to. A currency goes with the money that is there. */
static bool belongs(const struct hr_import_line *line, struct hr_str name, bool to_contract)
{
    if (hr_str_is(name, "currency")) {
        const char *money = to_contract ? "mrr" : "arr";
        for (size_t i = 0; i < line->count; i++) {
            if (hr_str_is(line->values[i].name, money) && line->values[i].json.at) {
                return true;
            }
        }
        return false;
    }
    return hr_account_event_takes(hr_str(contract), name) == to_contract;
}

static void put_value(struct hr_buffer *data, struct hr_str name, struct hr_str json)
{
    hr_put_printf(data, "%s", data->at[data->len - 1] == '{' ? "" : ",");
    hr_put_json_string(data, name);
    hr_put_u8(data, ':');
    hr_put_bytes(data, json.at, json.len);
}

static bool is_money(struct hr_str name)
{
    return hr_str_is(name, "mrr") || hr_str_is(name, "arr");
}

/* The values of one event; only the one of that index, unless it is negative. Money alone is judged
 * in some currency, for its own is judged alone, too. */
static void put_data(
    const struct hr_import_line *line, bool to_contract, int only, struct hr_buffer *data)
{
    static const char limits[] = "limits.";
    bool open = false;
    hr_put_u8(data, '{');
    for (size_t i = 0; i < line->count; i++) {
        const struct hr_import_value *value = &line->values[i];
        bool wanted = only < 0 || (size_t)only == i;
        if (!value->json.at || !wanted || hr_str_starts(value->name, limits) ||
            !belongs(line, value->name, to_contract)) {
            continue;
        }
        put_value(data, value->name, value->json);
        if (only >= 0 && is_money(value->name)) {
            put_value(data, HR_STR("currency"), HR_STR("\"USD\""));
        }
    }
    for (size_t i = 0; i < line->count && to_contract; i++) {
        const struct hr_import_value *value = &line->values[i];
        if (!value->json.at || !hr_str_starts(value->name, limits) ||
            (only >= 0 && (size_t)only != i)) {
            continue;
        }
        if (!open) {
            hr_put_printf(data, "%s\"limits\":{", data->len > 1 ? "," : "");
            open = true;
        }
        size_t skip = strlen(limits);
        put_value(
            data, (struct hr_str){value->name.at + skip, value->name.len - skip}, value->json);
    }
    hr_put_printf(data, "%s}", open ? "}" : "");
}

/* The id is the hash of what is said, and when. */
static void put_event(const struct hr_import_line *line, const char *type, struct hr_str time,
    struct hr_str data, struct hr_buffer *event)
{
    struct hr_buffer rest = {0};
    hr_put_printf(&rest, "\"source\":\"/headroom/import\",\"type\":\"%s\",\"subject\":", type);
    hr_put_json_string(&rest, line->account);
    if (time.at) {
        hr_put_printf(&rest, ",\"time\":");
        hr_put_json_string(&rest, time);
    }
    hr_put_printf(&rest, ",\"datacontenttype\":\"application/json\",\"data\":");
    hr_put_bytes(&rest, data.at, data.len);
    struct hr_hash128 hash = hr_hash128(hr_buffer_str(&rest));
    hr_put_printf(event, "{\"specversion\":\"1.0\",\"id\":\"import-%016" PRIx64 "%016" PRIx64 "\",",
        hash.high, hash.low);
    hr_put_bytes(event, rest.at, rest.len);
    hr_put_u8(event, '}');
    hr_buffer_clean_up(&rest);
}

static bool judge_event(struct hr_import_line *line, struct hr_decoder *decoder,
    struct hr_str event, char detail[HR_DETAIL])
{
    static const struct hr_rules nothing = {.epoch = 0};
    const struct hr_log_record record = {.value = event};
    struct hr_event decoded;
    return hr_decode(decoder, hr_format_preset(HR_STR("cloudevents")), &nothing, &record,
               line->arena, &decoded, detail) == HR_REASON_NONE;
}

/* "data.mrr: must be …" is a fault of the column mrr. */
static void take_fault(struct hr_import_line *line, const char *detail)
{
    static const char data[] = "data.";
    const char *colon = strstr(detail, ": ");
    bool placed = strncmp(detail, data, strlen(data)) == 0 && colon;
    const char *name = placed ? detail + strlen(data) : detail;
    struct hr_str column = {name, placed ? (size_t)(colon - name) : 0};
    hr_import_fault(line, hr_arena_copy(line->arena, column), "%s", placed ? colon + 2 : detail);
}

/* False after a fault. */
static bool make_event(struct hr_import_line *line, struct hr_decoder *decoder, bool to_contract,
    int only, struct hr_str time, struct hr_str *made)
{
    struct hr_buffer data = {0}, event = {0};
    char detail[HR_DETAIL];
    bool ends = false;
    for (size_t i = 0; i < line->count; i++) {
        ends |= hr_str_is(line->values[i].name, "ends_at") && line->values[i].json.at;
    }
    put_data(line, to_contract, only, &data);
    *made = (struct hr_str){NULL, 0};
    bool good = true;
    if (data.len > strlen("{}")) {
        const char *type = !to_contract ? "account.updated"
                           : ends       ? contract
                                        : "subscription.updated";
        put_event(line, type, time, hr_buffer_str(&data), &event);
        *made = hr_arena_copy(line->arena, hr_buffer_str(&event));
        good = judge_event(line, decoder, *made, detail);
    }
    if (!good && only >= 0) {
        take_fault(line, detail);
        line->faults[line->row->fault_count - 1].column = line->values[only].name;
    } else if (!good) {
        take_fault(line, detail);
    }
    hr_buffer_clean_up(&data);
    hr_buffer_clean_up(&event);
    return good;
}

static struct hr_str time_of(struct hr_import_line *line, struct hr_time usual_time, bool *good)
{
    struct hr_time time;
    int64_t day;
    char text[HR_TIME_TEXT];
    *good = true;
    if (!line->time.at) {
        if (hr_time_is(usual_time, HR_TIME_NONE)) {
            return (struct hr_str){NULL, 0};
        }
        return hr_arena_copy(line->arena, (struct hr_str){text, hr_time_print(usual_time, text)});
    }
    if (hr_date_parse(line->time, &day)) {
        return hr_arena_printf(line->arena, "%.*sT00:00:00Z", (int)line->time.len, line->time.at);
    }
    *good = hr_time_parse(line->time, &time);
    if (!*good) {
        hr_import_fault(line, HR_STR("time"), "must be a date or an RFC 3339 time, is \"%s\"",
            hr_escape(line->arena, line->time, HR_SHOWN));
    }
    return line->time;
}

void hr_import_judge(
    struct hr_import_line *line, struct hr_decoder *decoder, struct hr_time usual_time)
{
    bool good, whole = false, single = false;
    struct hr_str time = time_of(line, usual_time, &good), made;
    for (size_t i = 0; i < line->count; i++) {
        whole |= hr_str_is(line->values[i].name, "limits");
        single |= hr_str_starts(line->values[i].name, "limits.");
    }
    if (whole && single) {
        hr_import_fault(line, HR_STR("limits"), "cannot stand beside limits.NAME");
        good = false;
    }
    for (size_t i = 0; i < line->count && line->account.at; i++) {
        bool to_contract = belongs(line, line->values[i].name, true);
        good &= make_event(
            line, decoder, to_contract, (int)i, good ? time : (struct hr_str){NULL, 0}, &made);
    }
    for (int to_contract = 1; to_contract >= 0 && good && line->account.at; to_contract--) {
        good = make_event(line, decoder, to_contract, -1, time, &made);
        if (good && made.at) {
            line->row->events[line->row->event_count++] = made;
        }
    }
    if (good && line->account.at && line->row->event_count == 0) {
        hr_import_fault(line, HR_STR(""), "says nothing but the account's name");
    }
}
