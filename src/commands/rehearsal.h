/* SPDX-License-Identifier: Apache-2.0 */
/* Plays a source of events to one rule set, or to two side by side, with a progress bar. */
#ifndef HEADROOM_COMMANDS_REHEARSAL_H
#define HEADROOM_COMMANDS_REHEARSAL_H

#include "merge.h"
#include "playback.h"
#include "range.h"

struct hr_rehearsal {
    struct hr_playback *playbacks[2];
    size_t count;
    struct hr_time until; /* as in hr_playback_finish */
    bool silent;          /* nothing is printed before the end: the bar disturbs nobody */
    struct hr_merge_settings merge;
};

/* One file ("-": standard input) is read as it is, several are merged by arrival. */
HR_MUST enum hr_fate hr_rehearse_files(const struct hr_rehearsal *rehearsal,
    const struct hr_input_file *files, size_t file_count, struct hr_error *error);
/* The records of a range of topics. HR_REJECT: wrong usage. */
HR_MUST enum hr_fate hr_rehearse_topics(const struct hr_rehearsal *rehearsal,
    const struct hr_range_settings *settings, struct hr_error *error);

#endif
