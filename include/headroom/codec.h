/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes to events, decisions to bytes. Strict on the way in (RFC 8259, UTF-8, exact numbers), plain
 * JSON on the way out. No I/O. */
#ifndef HEADROOM_CODEC_H
#define HEADROOM_CODEC_H

#include "headroom/buffer.h"
#include "headroom/event.h"
#include "headroom/format.h"
#include "headroom/memory.h"
#include "headroom/record.h"
#include "headroom/rules.h"
#include "headroom/trigger.h"

/* --- in -------------------------------------------------------------------------------------- */

/* Holds the JSON parser's memory; one a thread of control. */
struct hr_decoder;
struct hr_decoder *hr_decoder_new(const struct hr_zones *zones);
void hr_decoder_destroy(struct hr_decoder *decoder);

#define HR_DETAIL 160

/* Decodes one record. HR_REASON_NONE: `event` is filled; its strings point into the record and the
 * arena. Any other reason: the record is a dead letter and `detail` says what was wrong and where,
 * in one escaped clause; event->account is set when it could be read, else its at is NULL. An event
 * whose type neither the rules nor EVENTS.md name is decoded without values or fact; of a format
 * with events of its own one that nobody names has no account (at NULL) and is to be ignored. A
 * record without a value is an event without data in binary mode, and bad_json otherwise: whoever
 * skips tombstones does so before. */
HR_MUST enum hr_reason hr_decode(struct hr_decoder *decoder, const struct hr_format *format,
    const struct hr_rules *rules, const struct hr_log_record *record, struct hr_arena *arena,
    struct hr_event *event, char detail[HR_DETAIL]);
/* One line of `simulate` input: as hr_decode, and reads the member `_now` (RFC 3339; HR_TIME_NONE
 * when absent). Hashes do not depend on `_now`. */
HR_MUST enum hr_reason hr_decode_line(struct hr_decoder *decoder, const struct hr_format *format,
    const struct hr_rules *rules, struct hr_str line, struct hr_arena *arena,
    struct hr_event *event, struct hr_time *now, char detail[HR_DETAIL]);
/* Reads ahead in some of `count` lines (at least one), which will be decoded in this order, and
 * returns in how many. Where there are several they lie behind each other, a line's end between
 * them, and stay until they are decoded. It only saves time. */
size_t hr_decoder_expect(struct hr_decoder *decoder, const struct hr_str *lines, size_t count);

/* --- out ------------------------------------------------------------------------------------- */

/* RULE/ACCOUNT/LEVEL/DATE#N, with /resolved of a resolution (SEMANTICS 5, Trigger id). */
struct hr_str hr_trigger_id(const struct hr_trigger *trigger, struct hr_arena *arena);
/* The CloudEvent of CONFIG.md as one line of JSON without newline, appended. */
/* What operators are told, as a CloudEvent: one id for a rule and an hour, in all homes. */
void hr_encode_notice(
    const struct hr_notice *notice, struct hr_arena *arena, struct hr_buffer *buffer);
void hr_encode_trigger(
    const struct hr_trigger *trigger, struct hr_arena *arena, struct hr_buffer *buffer);

/* A dead letter: the original key, value and headers, behind hr-* headers that say what, where and
 * why (hr-reason, hr-detail, hr-topic, hr-partition, hr-offset, hr-timestamp, hr-account, hr-size).
 * One that exceeds `most` bytes, which are at least 4 KiB, goes by reference: the head of its
 * value, and hr-size; its key and its own headers only if they are small. The letter's bytes are
 * the original's and the arena's; its topic is left empty for the caller. */
void hr_encode_dead_letter(const struct hr_log_record *original, enum hr_reason reason,
    const char *detail, struct hr_str account, size_t most, struct hr_arena *arena,
    struct hr_log_record *letter);
/* The way back, for `deadletter show|replay`. False: not one of ours. */
struct hr_dead_letter {
    struct hr_log_record original; /* as it was read; by reference it is not whole */
    struct hr_str reason, detail, account;
    bool by_reference; /* fetch it from its topic, if it is still there */
    uint64_t size;     /* of the value */
};
HR_MUST bool hr_decode_dead_letter(const struct hr_log_record *letter, struct hr_dead_letter *out);

/* UTF-8 check for names that come from elsewhere than JSON (keys, headers). */
bool hr_utf8_valid(struct hr_str text);

#endif
