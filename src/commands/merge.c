/* SPDX-License-Identifier: Apache-2.0 */
/* Who exports several topics has a file of each, and means what a running headroom would have made
 * of them: the records of all topics in one order, by arrival (EXACTLY_ONCE, step 4). So here: each
 * file stays in its own order, the next line is the one that arrived first, and on a tie the file
 * that was named first goes first. A line's arrival is its `_now`, else its time; a line that has
 * neither goes with the line before it.
 *
 * One client whose clock is wrong must not hold back everything behind it in its file. So a line
 * that says it is more than max_step later than the line behind it goes when that one would; it
 * will be refused as in_future then, as it would be in a single file. */
#include "merge.h"

#include "headroom/buffer.h"
#include "headroom/memory.h"

/* A line that was read. */
struct waiting {
    struct hr_buffer text;
    uint64_t number;
    struct hr_time arrival; /* HR_TIME_NONE: it does not say */
    bool too_long;
};

struct hr_merge_track {
    struct hr_lines lines;
    const struct hr_input_file *file;
    struct waiting slots[2];
    int first; /* of the slots */
    int count; /* of lines in them */
    bool ended;
    struct hr_time order; /* of the last line that was given */
};

void hr_merge_open(struct hr_merge *merge, const struct hr_merge_settings *settings,
    const struct hr_input_file *files, size_t file_count)
{
    bool known = true;
    *merge = (struct hr_merge){.settings = *settings, .track_count = file_count};
    merge->decoder = hr_decoder_new(settings->zones);
    hr_arena_init(&merge->arena);
    merge->tracks = hr_alloc(file_count * sizeof(*merge->tracks));
    for (size_t i = 0; i < file_count; i++) {
        struct hr_merge_track *track = &merge->tracks[i];
        track->order = HR_TIME_NONE;
        track->file = &files[i];
        hr_lines_open(&track->lines, &files[i].name, 1);
        merge->total += track->lines.total;
        known &= track->lines.total > 0;
    }
    merge->total = known ? merge->total : 0;
}

void hr_merge_close(struct hr_merge *merge)
{
    for (size_t i = 0; i < merge->track_count; i++) {
        hr_lines_close(&merge->tracks[i].lines);
        hr_buffer_clean_up(&merge->tracks[i].slots[0].text);
        hr_buffer_clean_up(&merge->tracks[i].slots[1].text);
    }
    hr_free(merge->tracks);
    hr_arena_clean_up(&merge->arena);
    hr_decoder_destroy(merge->decoder);
}

static struct hr_time arrival_of(
    struct hr_merge *merge, const struct hr_format *format, struct hr_str line)
{
    struct hr_event event = {.time = HR_TIME_NONE};
    struct hr_time now = HR_TIME_NONE;
    char detail[HR_DETAIL];
    hr_arena_reset(&merge->arena);
    if (hr_decode_line(merge->decoder, format, merge->settings.rules, line, &merge->arena, &event,
            &now, detail) != HR_REASON_NONE) {
        return now; /* what it says of itself cannot be trusted */
    }
    return hr_time_is(now, HR_TIME_NONE) ? event.time : now;
}

/* Two lines of each file are looked at; HR_LINES_FAILED when one cannot be read. */
static enum hr_line fill(
    struct hr_merge *merge, struct hr_merge_track *track, struct hr_error *error)
{
    while (track->count < 2 && !track->ended) {
        struct hr_str line;
        uint64_t before = track->lines.bytes;
        enum hr_line got = hr_lines_next(&track->lines, &line, error);
        merge->bytes += track->lines.bytes - before;
        if (got == HR_LINES_FAILED) {
            return got;
        }
        if (got == HR_LINES_END) {
            track->ended = true;
            continue;
        }
        struct waiting *waiting = &track->slots[(track->first + track->count++) & 1];
        waiting->number = track->lines.number;
        waiting->too_long = got == HR_LINE_TOO_LONG;
        waiting->arrival =
            waiting->too_long ? HR_TIME_NONE : arrival_of(merge, track->file->format, line);
        hr_buffer_clear(&waiting->text);
        hr_put_bytes(&waiting->text, line.at, line.len);
    }
    return HR_LINE;
}

/* Where the first line of the file stands. */
static struct hr_time order_of(const struct hr_merge *merge, const struct hr_merge_track *track)
{
    struct hr_time own = track->slots[track->first].arrival;
    struct hr_time next = track->count > 1 ? track->slots[!track->first].arrival : HR_TIME_NONE;
    if (!hr_time_is(own, HR_TIME_NONE) && !hr_time_is(next, HR_TIME_NONE) &&
        own.us - merge->settings.max_step_us > next.us) {
        own = next;
    }
    return hr_time_max(own, track->order); /* NONE is before everything */
}

enum hr_line hr_merge_next(struct hr_merge *merge, struct hr_str *line, struct hr_error *error)
{
    struct hr_merge_track *best = NULL;
    struct hr_time order = HR_TIME_NEVER;
    if (merge->played) { /* its line was given and is no longer looked at */
        merge->played->first = !merge->played->first;
        merge->played->count--;
    }
    for (size_t i = 0; i < merge->track_count; i++) {
        struct hr_merge_track *track = &merge->tracks[i];
        if (fill(merge, track, error) == HR_LINES_FAILED) {
            return HR_LINES_FAILED;
        }
        struct hr_time of = track->count > 0 ? order_of(merge, track) : HR_TIME_NEVER;
        if (track->count > 0 && (!best || of.us < order.us)) {
            best = track;
            order = of;
        }
    }
    merge->played = best;
    if (!best) {
        return HR_LINES_END;
    }
    const struct waiting *first = &best->slots[best->first];
    best->order = order;
    merge->file = best->file;
    merge->number = first->number;
    *line = hr_buffer_str(&first->text);
    return first->too_long ? HR_LINE_TOO_LONG : HR_LINE;
}
