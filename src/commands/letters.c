/* SPDX-License-Identifier: Apache-2.0 */
/* Reading dead letters. The topic is read from its beginning (or from a time) to where it ends now,
 * or at the places named alone; a record in it that headroom did not write is counted and passed
 * over. */
#include "letters.h"

#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LOOK_EVERY 1000 /* records between two looks at the clock */

/* So many digits that each number fits: sscanf does not say when one does not. */
bool hr_parse_place(const char *text, struct hr_letter_place *place)
{
    int end = 0;
    size_t colon = strcspn(text, ":");
    *place = (struct hr_letter_place){0};
    return strspn(text, "0123456789:") == strlen(text) && colon <= 9 &&
           strlen(text) - colon <= 19 &&
           /* NOLINTNEXTLINE(cert-err34-c): so many digits fit */
           sscanf(text, "%" SCNd32 ":%" SCNd64 "%n", &place->partition, &place->offset, &end) ==
               2 &&
           text[end] == '\0';
}

/* Whether a letter is asked for by place, or by everything that the options say. */
static bool is_asked(struct hr_letters *request, const struct hr_log_record *record,
    const struct hr_dead_letter *letter)
{
    for (size_t i = 0; i < request->place_count; i++) {
        struct hr_letter_place *place = &request->places[i];
        if (place->partition == record->partition && place->offset == record->offset) {
            place->found = true;
            return true;
        }
    }
    return request->place_count == 0 &&
           (!request->reason || hr_str_is(letter->reason, request->reason)) &&
           (!request->topic || hr_str_is(letter->original.topic, request->topic));
}

static bool all_found(const struct hr_letters *request)
{
    for (size_t i = 0; i < request->place_count; i++) {
        if (!request->places[i].found) {
            return false;
        }
    }
    return request->place_count > 0;
}

static int say_missing(const struct hr_letters *request)
{
    int status = HR_EXIT_DONE;
    for (size_t i = 0; i < request->place_count; i++) {
        const struct hr_letter_place *place = &request->places[i];
        if (!place->found) {
            hr_say(request->command, "there is no dead letter at %" PRId32 ":%" PRId64,
                place->partition, place->offset);
            status = HR_EXIT_FAILED;
        }
    }
    return status;
}

static bool scan_record(void *context, const struct hr_log_record *record)
{
    struct hr_letter_scan *scan = context;
    struct hr_dead_letter letter;
    hr_arena_reset(&scan->arena);
    if (++scan->read % LOOK_EVERY == 0) {
        hr_progress_show(&scan->progress, 0, 0, scan->read);
    }
    if (!hr_decode_dead_letter(record, &letter)) {
        scan->strange++;
        return true;
    }
    if (!is_asked(scan->request, record, &letter)) {
        return true;
    }
    scan->asked++;
    return scan->each(scan, record, &letter) && !all_found(scan->request);
}

/* Straight to the places: of each partition named, from the first to the last of them. */
static enum hr_fate read_places(struct hr_letter_scan *scan, struct hr_error *error)
{
    const struct hr_letters *request = scan->request;
    struct hr_kafka_piece *pieces = hr_alloc(request->place_count * sizeof(*pieces));
    size_t count = 0;
    for (size_t i = 0; i < request->place_count; i++) {
        const struct hr_letter_place *place = &request->places[i];
        size_t k = 0;
        while (k < count && pieces[k].partition != place->partition) {
            k++;
        }
        if (k == count) {
            pieces[count++] =
                (struct hr_kafka_piece){place->partition, place->offset, place->offset + 1};
        }
        pieces[k].from = place->offset < pieces[k].from ? place->offset : pieces[k].from;
        pieces[k].to = place->offset >= pieces[k].to ? place->offset + 1 : pieces[k].to;
    }
    enum hr_fate fate = hr_kafka_scan_pieces(&request->kafka, request->config->dead_letter_topic,
        pieces, count, scan_record, scan, error);
    hr_free(pieces);
    return fate;
}

int hr_scan_letters(struct hr_letter_scan *scan)
{
    struct hr_letters *request = scan->request;
    struct hr_error error;
    hr_arena_init(&scan->arena);
    hr_progress_begin(&scan->progress, "records", true);
    enum hr_fate fate = request->place_count > 0
                            ? read_places(scan, &error)
                            : hr_kafka_scan(&request->kafka, request->config->dead_letter_topic,
                                  request->since, scan_record, scan, &error);
    hr_progress_end(&scan->progress);
    hr_arena_clean_up(&scan->arena);
    if (fate != HR_OK) {
        hr_say(request->command, "%s", error.text);
        return HR_EXIT_FAILED;
    }
    if (scan->strange > 0) {
        hr_say(request->command, "%" PRIu64 " records of the topic are no dead letters of headroom",
            scan->strange);
    }
    return say_missing(request);
}

/* --- in words ----------------------------------------------------------------------------------
 */

void hr_put_letter_json(struct hr_buffer *buffer, const struct hr_log_record *record,
    const struct hr_dead_letter *letter, bool whole)
{
    struct hr_doc doc = {.buffer = buffer};
    const struct hr_log_record *original = &letter->original;
    hr_doc_open(&doc, NULL, '{');
    hr_doc_number(&doc, "partition", record->partition);
    hr_doc_number(&doc, "offset", record->offset);
    hr_doc_time(&doc, "time", record->timestamp);
    hr_doc_text(&doc, "reason", letter->reason);
    hr_doc_text(&doc, "detail", letter->detail);
    hr_doc_bytes(&doc, "account", letter->account);
    hr_doc_open(&doc, "original", '{');
    hr_doc_text(&doc, "topic", original->topic);
    hr_doc_number(&doc, "partition", original->partition);
    hr_doc_number(&doc, "offset", original->offset);
    hr_doc_time(&doc, "timestamp", original->timestamp);
    hr_doc_number(&doc, "size", (int64_t)letter->size);
    hr_doc_flag(&doc, "by_reference", letter->by_reference);
    if (whole) {
        hr_doc_bytes(&doc, "key", original->key);
        hr_doc_bytes(&doc, "value", original->value);
        hr_doc_open(&doc, "headers", '[');
        for (size_t i = 0; i < original->header_count; i++) {
            hr_doc_open(&doc, NULL, '{');
            hr_doc_bytes(&doc, "name", original->headers[i].name);
            hr_doc_bytes(&doc, "value", original->headers[i].value);
            hr_doc_close(&doc, '}');
        }
        hr_doc_close(&doc, ']');
    }
    hr_doc_close(&doc, '}');
    hr_doc_close(&doc, '}');
    hr_put_u8(buffer, '\n');
}

struct hr_str hr_place_text(struct hr_arena *arena, int32_t partition, int64_t offset)
{
    return hr_arena_printf(arena, "%" PRId32 ":%" PRId64, partition, offset);
}

struct hr_str hr_time_cell(struct hr_arena *arena, struct hr_time time)
{
    char text[HR_TIME_TEXT];
    if (hr_time_is(time, HR_TIME_NONE)) {
        return HR_STR("-");
    }
    return hr_arena_copy(arena, (struct hr_str){text, hr_time_print(time, text)});
}
