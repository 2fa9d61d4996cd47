/* SPDX-License-Identifier: Apache-2.0 */
/* The core in virtual time: lines in, triggers out, one home that holds every account. */
#ifndef HEADROOM_COMMANDS_PLAYBACK_H
#define HEADROOM_COMMANDS_PLAYBACK_H

#include "headroom/codec.h"
#include "headroom/config.h"
#include "headroom/home.h"
#include "headroom/now.h"
#include "summary.h"

/* Something that happened to one account: a line, or time that passed. */
struct hr_witnessed {
    struct hr_time at;            /* the clock */
    const struct hr_event *event; /* NULL: time alone */
    struct hr_str account;        /* under which it was counted, where an alias led */
    struct hr_str text;           /* the line */
    enum hr_verdict verdict;      /* of the event */
    enum hr_reason reason;        /* of HR_DEAD */
    const char *detail;
    const struct hr_trigger *triggers; /* what was decided then, for whichever account */
    size_t trigger_count;
    const struct hr_held *held; /* and what was held back */
    size_t held_count;
};

/* Who wants to know of every step of one account. Time then passes from one moment to the next at
 * which something is due for it, which changes nothing (SEMANTICS 4). */
struct hr_witness {
    struct hr_str account;
    void (*saw)(void *context, struct hr_home *home, const struct hr_witnessed *what);
    void *context;
};

struct hr_playback_settings {
    const struct hr_config *config;
    const struct hr_zones *zones;
    const struct hr_format *format;
    int64_t max_step_us; /* a line without `_now` further ahead than this is in_future */
    bool with_shadow;    /* what shadow rules decide is written, too */
    bool with_accounts;  /* hr_playback_accounts or _walk will be called */
    bool by_account;     /* the summary's ledger counts by account, too */
    int triggers;        /* descriptor, or -1: a line of JSON each */
    int dead_letters;    /* descriptor, or -1: a line of JSON each */
    /* Told of every trigger in the order of the output, shadow ones included; NULL: nobody is. The
     * trigger lives until it returns. */
    void (*decided)(void *context, const struct hr_trigger *trigger);
    /* Told of what became a dead letter; NULL: nobody is. */
    void (*refused)(void *context, enum hr_reason reason, const char *detail);
    void *context;
    const struct hr_witness *witness; /* NULL: nobody is told of steps */
};
struct hr_playback;

struct hr_playback *hr_playback_new(const struct hr_playback_settings *settings);
void hr_playback_destroy(struct hr_playback *playback);
/* Lines of a file, at most HR_PLAYED_TOGETHER, from that number on; HR_STOP: an output cannot be
 * written. How many come together changes nothing but the speed. `too_long`: of the only line its
 * head is here. */
#define HR_PLAYED_TOGETHER 64
HR_MUST enum hr_fate hr_playback_lines(struct hr_playback *playback, const char *file,
    uint64_t number, const struct hr_str *lines, size_t count, bool too_long,
    struct hr_error *error);
/* How the lines to come are written, instead of as the settings say, and of which source they are;
 * empty: of the only one, if there is one. */
void hr_playback_set_input(
    struct hr_playback *playback, const struct hr_format *format, struct hr_str topic);
/* One record of a topic; its timestamp is its arrival. Tombstones are ignored. */
HR_MUST enum hr_fate hr_playback_record(struct hr_playback *playback,
    const struct hr_log_record *record, const struct hr_format *format, struct hr_error *error);
/* Lets time pass to `until`, or to the last clock when that is later or `until` is HR_TIME_NONE,
 * and writes out everything. */
HR_MUST enum hr_fate hr_playback_finish(
    struct hr_playback *playback, struct hr_time until, struct hr_error *error);
/* After the end: a line of JSON for every account, in the order of names. */
HR_MUST enum hr_fate hr_playback_accounts(
    struct hr_playback *playback, int fd, struct hr_error *error);
/* After the end: tells of every account as it is, in the order of names. */
void hr_playback_walk(struct hr_playback *playback,
    void (*each)(void *context, const struct hr_account_now *now), void *context);
/* Lives as long as the playback; spent_us is the caller's to fill. */
struct hr_summary *hr_playback_summary(struct hr_playback *playback);
/* The books as of now; they live as long. */
const struct hr_books *hr_playback_books(const struct hr_playback *playback);

#endif
