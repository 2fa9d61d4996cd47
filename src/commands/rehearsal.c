/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever events come from, each is read once and given to every playback in the same order: two
 * rule sets see the same input. */
#include "rehearsal.h"

#include "progress.h"

static enum hr_fate play_lines(const struct hr_rehearsal *rehearsal,
    const struct hr_input_file *file, uint64_t number, const struct hr_str *lines, size_t count,
    bool too_long, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    for (size_t i = 0; fate == HR_OK && i < rehearsal->count; i++) {
        hr_playback_set_input(rehearsal->playbacks[i], file->format, file->topic);
        fate = hr_playback_lines(
            rehearsal->playbacks[i], file->name, number, lines, count, too_long, error);
    }
    return fate;
}

static uint64_t events_so_far(const struct hr_rehearsal *rehearsal)
{
    return hr_playback_summary(rehearsal->playbacks[0])->events;
}

static enum hr_fate play_stream(const struct hr_rehearsal *rehearsal,
    const struct hr_input_file *file, struct hr_lines *lines, struct hr_progress *progress,
    struct hr_error *error)
{
    uint64_t shown_at = 0;
    struct hr_str some[HR_PLAYED_TOGETHER];
    size_t count;
    for (;;) {
        enum hr_line got = hr_lines_some(lines, some, HR_PLAYED_TOGETHER, &count, error);
        if (got == HR_LINES_END || got == HR_LINES_FAILED) {
            return got == HR_LINES_END ? HR_OK : error->fate;
        }
        enum hr_fate fate = play_lines(rehearsal, file, lines->number - count + 1, some, count,
            got == HR_LINE_TOO_LONG, error);
        if (fate != HR_OK) {
            return fate;
        }
        if (lines->bytes != shown_at) { /* once a block */
            shown_at = lines->bytes;
            hr_progress_show(progress, lines->bytes, lines->total, events_so_far(rehearsal));
        }
    }
}

static enum hr_fate play_merged(const struct hr_rehearsal *rehearsal, struct hr_merge *merge,
    struct hr_progress *progress, struct hr_error *error)
{
    uint64_t shown_at = 0;
    struct hr_str line;
    for (;;) {
        enum hr_line got = hr_merge_next(merge, &line, error);
        if (got == HR_LINES_END || got == HR_LINES_FAILED) {
            return got == HR_LINES_END ? HR_OK : error->fate;
        }
        enum hr_fate fate = play_lines(
            rehearsal, merge->file, merge->number, &line, 1, got == HR_LINE_TOO_LONG, error);
        if (fate != HR_OK) {
            return fate;
        }
        if (merge->bytes != shown_at) {
            shown_at = merge->bytes;
            hr_progress_show(progress, merge->bytes, merge->total, events_so_far(rehearsal));
        }
    }
}

static enum hr_fate finish(const struct hr_rehearsal *rehearsal, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    for (size_t i = 0; fate == HR_OK && i < rehearsal->count; i++) {
        fate = hr_playback_finish(rehearsal->playbacks[i], rehearsal->until, error);
    }
    return fate;
}

enum hr_fate hr_rehearse_files(const struct hr_rehearsal *rehearsal,
    const struct hr_input_file *files, size_t file_count, struct hr_error *error)
{
    struct hr_progress progress;
    enum hr_fate fate;
    hr_progress_begin(&progress, "events", rehearsal->silent);
    if (file_count == 1) {
        struct hr_lines lines;
        hr_lines_open(&lines, &files->name, 1);
        fate = play_stream(rehearsal, files, &lines, &progress, error);
        hr_lines_close(&lines);
    } else {
        struct hr_merge merge;
        hr_merge_open(&merge, &rehearsal->merge, files, file_count);
        fate = play_merged(rehearsal, &merge, &progress, error);
        hr_merge_close(&merge);
    }
    if (fate == HR_OK) {
        fate = finish(rehearsal, error);
    }
    hr_progress_end(&progress);
    return fate;
}

static enum hr_fate play_range(const struct hr_rehearsal *rehearsal, struct hr_range *range,
    struct hr_progress *progress, struct hr_error *error)
{
    for (;;) {
        struct hr_log_record record;
        const struct hr_source *source;
        enum hr_fate fate = hr_range_next(range, &record, &source, error);
        if (fate != HR_OK || !source) {
            return fate;
        }
        for (size_t i = 0; i < rehearsal->count; i++) {
            fate = hr_playback_record(rehearsal->playbacks[i], &record, source->format, error);
            if (fate != HR_OK) {
                return fate;
            }
        }
        if (range->done % 256 == 0) {
            hr_progress_show(progress, range->done, range->total, range->done);
        }
    }
}

enum hr_fate hr_rehearse_topics(const struct hr_rehearsal *rehearsal,
    const struct hr_range_settings *settings, struct hr_error *error)
{
    struct hr_progress progress;
    struct hr_range range;
    hr_progress_begin(&progress, "events", rehearsal->silent);
    enum hr_fate fate = hr_range_open(&range, settings, error);
    if (fate == HR_OK) {
        fate = play_range(rehearsal, &range, &progress, error);
    }
    if (fate == HR_OK) {
        fate = finish(rehearsal, error);
    }
    hr_range_close(&range);
    hr_progress_end(&progress);
    return fate;
}
