/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands below `headroom deadletter` share: which letters are asked for, and reading
 * them. */
#ifndef HEADROOM_COMMANDS_LETTERS_H
#define HEADROOM_COMMANDS_LETTERS_H

#include "headroom/codec.h"
#include "headroom/commands.h"
#include "headroom/config.h"
#include "headroom/kafka.h"
#include "print.h"
#include "progress.h"

struct hr_letter_place {
    int32_t partition;
    int64_t offset;
    bool found;
};

/* What is asked for: by place, or else by everything that is set. */
struct hr_letters {
    const struct hr_command *command;
    const char *config_file, *reason, *topic;
    int64_t limit;
    struct hr_time since;
    bool json, all, dry_run;
    struct hr_letter_place *places;
    size_t place_count;
    const struct hr_config *config;
    struct hr_kafka_settings kafka;
};

/* One pass over the dead-letter topic as it ends now. */
struct hr_letter_scan {
    struct hr_letters *request;
    struct hr_arena arena; /* of one letter */
    /* For each letter asked for; false: enough. */
    bool (*each)(struct hr_letter_scan *scan, const struct hr_log_record *record,
        const struct hr_dead_letter *letter);
    void *context;
    uint64_t asked, strange; /* letters asked for; records that are no letters */
    uint64_t read;
    struct hr_progress progress;
};
/* An exit status; what went wrong, or was not there, has been said. */
HR_MUST int hr_scan_letters(struct hr_letter_scan *scan);

/* "PARTITION:OFFSET"; false when the text is no place. */
HR_MUST bool hr_parse_place(const char *text, struct hr_letter_place *place);
struct hr_str hr_place_text(struct hr_arena *arena, int32_t partition, int64_t offset);
struct hr_str hr_time_cell(struct hr_arena *arena, struct hr_time time); /* "-" for none */
/* A line of JSON, with key, value and headers when `whole`. */
void hr_put_letter_json(struct hr_buffer *buffer, const struct hr_log_record *record,
    const struct hr_dead_letter *letter, bool whole);

/* The commands, once the configuration is read; an exit status. */
int hr_letters_list(struct hr_letters *request);
int hr_letters_show(struct hr_letters *request);
int hr_letters_replay(struct hr_letters *request);

#endif
