/* SPDX-License-Identifier: Apache-2.0 */
/* One home plays a file.
 *
 * What in a running system comes from Kafka comes from the line here (SEMANTICS 1, Arrival): its
 * arrival is the field `_now`, else the largest time so far of the events accepted, its own
 * included; one that would move the clock by more than max_step is judged as if it arrived at the
 * clock as it is, which makes it in_future, and a refused event does not move the clock. The clock
 * never goes back, and after each record timers act up to it. So the answer depends on the lines
 * alone.
 *
 * Some lines are decoded, then what they will look up is asked for, then they are played: memory is
 * waited for once and not once a line. Decoding depends on nothing that playing changes.
 *
 * All names live in the one home: a record that came under an alias is applied again under the name
 * that the alias leads to, and what homes tell each other is received here at once, in order. */
#include "playback.h"

#include "accounts.h"
#include "headroom/explain.h"
#include "headroom/log.h"
#include "headroom/memory.h"
#include "lines.h"

#include <inttypes.h>
#include <string.h>

enum {
    MOST_NAMES = 4,          /* in a chain of aliases, the one as written included */
    TIMERS_AT_A_TIME = 4096, /* so that a month's first second does not gather in memory */
    WRITE_AT = 256 * 1024,   /* bytes of output gathered */
    SEEN_BLOCK = 256,        /* ids in a block, 16 bytes each */
};

struct output {
    int fd;
    struct hr_buffer buffer;
};

/* A line that was decoded. */
struct line {
    struct hr_str text;
    uint64_t number;                    /* in its file */
    const struct hr_log_record *source; /* of a topic; NULL: a line of a file */
    struct hr_record record;
    struct hr_time now;    /* its `_now` */
    enum hr_reason reason; /* why it is a dead letter before it is played, */
    const char *detail;    /* and what was wrong */
};

struct hr_playback {
    struct hr_playback_settings settings;
    struct hr_summary summary;
    struct hr_decoder *decoder;
    struct hr_pool *pool;
    struct hr_home *home;
    struct hr_arena arena;
    struct hr_outbox outbox;
    struct hr_time clock; /* HR_TIME_NONE before the first record */
    struct output triggers, dead_letters;
    struct hr_accounts *accounts; /* NULL when their views are not asked for */
    struct line lines[HR_PLAYED_TOGETHER];
    struct hr_str topic; /* of the source of lines of files; empty: not known */
    /* The one that is being played, for its dead letters. */
    const char *file;
    const struct line *line;
};

static const struct hr_rules *rules_of(void *context, uint32_t epoch)
{
    (void)epoch; /* a file is played by one rule set */
    return context;
}

/* dedup.memory in ids of 16 bytes, whole blocks, at least one. */
static uint64_t seen_capacity(uint64_t memory)
{
    uint64_t blocks = memory / 16 / SEEN_BLOCK;
    return (blocks ? blocks : 1) * SEEN_BLOCK;
}

struct hr_playback *hr_playback_new(const struct hr_playback_settings *settings)
{
    struct hr_playback *playback = hr_alloc(sizeof(*playback));
    const struct hr_rules *rules = settings->config->rules;
    playback->settings = *settings;
    playback->clock = HR_TIME_NONE;
    playback->line = playback->lines;
    playback->triggers.fd = settings->triggers;
    playback->dead_letters.fd = settings->dead_letters;
    hr_summary_init(&playback->summary, rules, settings->by_account);
    playback->decoder = hr_decoder_new(settings->zones);
    playback->pool = hr_pool_new();
    const struct hr_home_settings home = {.number = 0,
        .count = 1,
        .seen_capacity = seen_capacity(settings->config->dedup_memory),
        .rules = rules,
        .rules_of = rules_of,
        .context = (void *)rules,
        .zones = settings->zones,
        .live_from = rules->live_from,
        .complete = true,
        .fleeting = true};
    playback->home = hr_home_new(&home, playback->pool);
    playback->accounts = settings->with_accounts ? hr_accounts_new() : NULL;
    hr_arena_init(&playback->arena);
    hr_outbox_init(&playback->outbox, &playback->arena);
    return playback;
}

void hr_playback_destroy(struct hr_playback *playback)
{
    if (!playback) {
        return;
    }
    hr_accounts_destroy(playback->accounts);
    hr_home_abandon(playback->home);
    hr_pool_destroy(playback->pool);
    hr_decoder_destroy(playback->decoder);
    hr_arena_clean_up(&playback->arena);
    hr_buffer_clean_up(&playback->triggers.buffer);
    hr_buffer_clean_up(&playback->dead_letters.buffer);
    hr_summary_clean_up(&playback->summary);
    hr_free(playback);
}

const struct hr_books *hr_playback_books(const struct hr_playback *playback)
{
    return hr_home_books(playback->home);
}

struct hr_summary *hr_playback_summary(struct hr_playback *playback)
{
    return &playback->summary;
}

void hr_playback_set_input(
    struct hr_playback *playback, const struct hr_format *format, struct hr_str topic)
{
    playback->settings.format = format;
    playback->topic = topic;
}

/* --- out ----------------------------------------------------------------------------------------
 */

static enum hr_fate flush(struct output *output, size_t at_least, struct hr_error *error)
{
    if (output->buffer.len <= at_least) {
        return HR_OK;
    }
    enum hr_fate fate = hr_write_all(output->fd, hr_buffer_str(&output->buffer), error);
    hr_buffer_clear(&output->buffer);
    return fate;
}

static void dead_letter(
    struct hr_playback *playback, enum hr_reason reason, const char *detail, struct hr_str account)
{
    playback->summary.letters[reason]++;
    if (playback->settings.refused) {
        playback->settings.refused(playback->settings.context, reason, detail);
    }
    if (playback->dead_letters.fd < 0) {
        return;
    }
    struct hr_doc doc = {.buffer = &playback->dead_letters.buffer};
    hr_doc_open(&doc, NULL, '{');
    const struct hr_log_record *source = playback->line->source;
    if (source) {
        hr_doc_text(&doc, "topic", source->topic);
        hr_doc_number(&doc, "partition", source->partition);
        hr_doc_number(&doc, "offset", source->offset);
    } else {
        hr_doc_text(&doc, "file", hr_str(playback->file));
        hr_doc_number(&doc, "line", (int64_t)playback->line->number);
    }
    hr_doc_text(&doc, "reason", hr_str(hr_reason_name(reason)));
    hr_doc_text(&doc, "detail", hr_str(detail));
    hr_doc_bytes(&doc, "account", account);
    hr_doc_bytes(&doc, "value", playback->line->text);
    hr_doc_close(&doc, '}');
    hr_put_u8(doc.buffer, '\n');
}

/* By time of decision, within one moment as decided: timers of other accounts that the tick let act
 * after the record may be due before it. Already in order but for that, so insertion is fast. */
static void order_triggers(struct hr_outbox *outbox)
{
    for (size_t i = 1; i < outbox->trigger_count; i++) {
        struct hr_trigger moved = outbox->triggers[i];
        size_t to = i;
        while (to > 0 && outbox->triggers[to - 1].decided.us > moved.decided.us) {
            outbox->triggers[to] = outbox->triggers[to - 1];
            to--;
        }
        outbox->triggers[to] = moved;
    }
}

static void tell_triggers(struct hr_playback *playback)
{
    const struct hr_playback_settings *settings = &playback->settings;
    struct hr_outbox *outbox = &playback->outbox;
    order_triggers(outbox);
    for (size_t i = 0; i < outbox->trigger_count; i++) {
        const struct hr_trigger *trigger = &outbox->triggers[i];
        hr_summary_trigger(&playback->summary, playback->home, trigger);
        if (settings->decided) {
            settings->decided(settings->context, trigger);
        }
        if (settings->triggers >= 0 &&
            (hr_trigger_is_published(trigger) || settings->with_shadow)) {
            hr_encode_trigger(trigger, &playback->arena, &playback->triggers.buffer);
            hr_put_u8(&playback->triggers.buffer, '\n');
        }
    }
    outbox->trigger_count = 0;
    for (size_t i = 0; i < outbox->held_count; i++) {
        hr_summary_held(&playback->summary, &outbox->held[i]);
    }
    outbox->held_count = 0;
}

static enum hr_fate write_out(struct hr_playback *playback, size_t at_least, struct hr_error *error)
{
    enum hr_fate fate = flush(&playback->triggers, at_least, error);
    return fate == HR_OK ? flush(&playback->dead_letters, at_least, error) : fate;
}

/* --- in -----------------------------------------------------------------------------------------
 */

static struct hr_time clock_at(const struct hr_playback *playback, struct hr_time arrival)
{
    return hr_time_max(playback->clock, arrival); /* NONE is before everything */
}

static struct hr_time arrival_of(
    const struct hr_playback *playback, const struct hr_event *event, struct hr_time now)
{
    struct hr_time clock = playback->clock;
    if (!hr_time_is(now, HR_TIME_NONE)) {
        return now;
    }
    if (hr_time_is(event->time, HR_TIME_NONE)) {
        return clock;
    }
    bool too_far = !hr_time_is(clock, HR_TIME_NONE) && event->time.us > clock.us &&
                   event->time.us - clock.us > playback->settings.max_step_us;
    return too_far ? clock : hr_time_max(clock, event->time);
}

/* What homes tell each other, each message after what it led to. */
static void receive_messages(struct hr_playback *playback)
{
    struct hr_outbox *outbox = &playback->outbox;
    for (size_t i = 0; i < outbox->message_count; i++) {
        struct hr_message message = outbox->messages[i]; /* the array may move */
        if (playback->accounts && hr_message_name(&message).at) {
            hr_accounts_saw(playback->accounts, message.name);
        }
        if (hr_home_receive(playback->home, &message, outbox) == HR_DEAD) {
            dead_letter(playback, outbox->reason, outbox->detail, message.account);
        }
    }
    outbox->message_count = 0;
}

static enum hr_verdict apply(struct hr_playback *playback, struct hr_record *record)
{
    struct hr_outbox *outbox = &playback->outbox;
    const struct hr_log_record *source = playback->line->source;
    record->topic = source ? source->topic : playback->topic;
    enum hr_verdict verdict = hr_home_apply(playback->home, record, outbox);
    for (int names = 1; verdict == HR_FORWARDED; names++) {
        if (names == MOST_NAMES) {
            outbox->reason = HR_FORWARD_LOOP;
            snprintf(outbox->detail, sizeof(outbox->detail), "more than %d names in a chain",
                MOST_NAMES);
            return HR_DEAD;
        }
        record->account = hr_arena_copy(&playback->arena, outbox->forward_to);
        verdict = hr_home_apply(playback->home, record, outbox);
    }
    return verdict;
}

static void tick(struct hr_playback *playback, struct hr_time until)
{
    while (hr_home_tick(playback->home, until, TIMERS_AT_A_TIME, &playback->outbox)) {
        receive_messages(playback);
    }
    if (playback->outbox.message_count > 0) {
        receive_messages(playback);
    }
}

/* --- for who watches one account ----------------------------------------------------------------
 */

/* How much the outbox held before a step. */
struct mark {
    size_t triggers, held;
};

static struct mark mark_of(const struct hr_playback *playback)
{
    return (struct mark){playback->outbox.trigger_count, playback->outbox.held_count};
}

static void witness_saw(struct hr_playback *playback, struct hr_witnessed *what, struct mark before)
{
    const struct hr_witness *witness = playback->settings.witness;
    const struct hr_outbox *outbox = &playback->outbox;
    if (outbox->trigger_count > before.triggers) {
        what->triggers = outbox->triggers + before.triggers;
        what->trigger_count = outbox->trigger_count - before.triggers;
    }
    if (outbox->held_count > before.held) {
        what->held = outbox->held + before.held;
        what->held_count = outbox->held_count - before.held;
    }
    witness->saw(witness->context, playback->home, what);
}

/* Up to `until`, with a stop at each moment at which something is due for the account. */
static void pass_witnessed(struct hr_playback *playback, struct hr_time until)
{
    struct hr_time due;
    while (
        (due = hr_home_next(playback->home, playback->settings.witness->account)).us <= until.us) {
        struct hr_witnessed what = {.at = due};
        struct mark before = mark_of(playback);
        tick(playback, due);
        witness_saw(playback, &what, before);
    }
}

static void witness_line(struct hr_playback *playback, const struct hr_record *record,
    enum hr_verdict verdict, enum hr_reason reason, const char *detail, struct mark before)
{
    struct hr_witnessed what = {.at = hr_time_max(playback->clock, record->clock),
        .event = &record->event,
        .account = record->account,
        .text = playback->line->text,
        .verdict = verdict,
        .reason = reason,
        .detail = detail};
    witness_saw(playback, &what, before);
}

/* ------------------------------------------------------------------------------------------------
 */

static void play(struct hr_playback *playback, struct hr_record *record, struct hr_time now)
{
    const struct hr_event *event = &record->event;
    record->arrival = arrival_of(playback, event, now);
    record->clock = clock_at(playback, record->arrival);
    if (hr_time_is(record->clock, HR_TIME_NONE)) {
        playback->summary.verdicts[HR_DEAD]++;
        dead_letter(playback, HR_BAD_TIME,
            "no time and no _now, and no event before it that had one", event->account);
        return;
    }
    bool witnessed = playback->settings.witness != NULL;
    if (witnessed) {
        pass_witnessed(playback, record->clock);
    }
    struct mark before = mark_of(playback);
    enum hr_verdict verdict = apply(playback, record);
    playback->summary.verdicts[verdict]++;
    if (verdict == HR_DEAD) {
        dead_letter(playback, playback->outbox.reason, playback->outbox.detail, event->account);
        if (witnessed) {
            witness_line(playback, record, verdict, playback->outbox.reason,
                playback->outbox.detail, before);
        }
        if (hr_time_is(now, HR_TIME_NONE)) {
            return;
        }
    }
    if (playback->outbox.message_count > 0) {
        receive_messages(playback);
    }
    if (witnessed && verdict != HR_DEAD) {
        witness_line(playback, record, verdict, HR_REASON_NONE, "", before);
    }
    if (record->clock.us > playback->clock.us) {
        playback->clock = record->clock;
        tick(playback, record->clock);
    }
}

static bool is_blank(struct hr_str line)
{
    size_t i = 0;
    while (i < line.len && (line.at[i] == ' ' || line.at[i] == '\t' || line.at[i] == '\r')) {
        i++;
    }
    return i == line.len;
}

static void decode(struct hr_playback *playback, struct line *line, bool too_long)
{
    char detail[HR_DETAIL] = "";
    line->now = HR_TIME_NONE;
    if (too_long) {
        line->record = (struct hr_record){0};
        line->reason = HR_TOO_LARGE;
        snprintf(detail, sizeof(detail), "a line of more than %u MiB", HR_LONGEST_LINE >> 20);
    } else {
        line->reason =
            hr_decode_line(playback->decoder, playback->settings.format, playback->summary.rules,
                line->text, &playback->arena, &line->record.event, &line->now, detail);
        line->record.account = line->record.event.account;
    }
    if (line->reason != HR_REASON_NONE) {
        line->detail = hr_arena_copy(&playback->arena, hr_str(detail)).at;
    }
}

/* Neither a dead letter nor what the format says is nobody's. */
static bool is_event(const struct line *line)
{
    return line->reason == HR_REASON_NONE && line->record.account.at;
}

static void play_line(struct hr_playback *playback, struct line *line)
{
    playback->line = line;
    if (is_event(line)) {
        if (playback->accounts) {
            hr_accounts_saw(playback->accounts, line->record.account);
        }
        play(playback, &line->record, line->now);
    } else if (line->reason == HR_REASON_NONE) {
        playback->summary.verdicts[HR_IGNORED]++;
    } else {
        playback->summary.verdicts[HR_DEAD]++;
        dead_letter(playback, line->reason, line->detail, line->record.event.account);
        if (playback->settings.witness) {
            line->record.clock = playback->clock;
            witness_line(
                playback, &line->record, HR_DEAD, line->reason, line->detail, mark_of(playback));
        }
        if (!hr_time_is(line->now, HR_TIME_NONE)) {
            playback->clock = clock_at(playback, line->now);
        }
    }
    if (hr_time_is(playback->summary.first, HR_TIME_NONE)) {
        playback->summary.first = playback->clock;
    }
    playback->summary.last = playback->clock;
    if (playback->outbox.trigger_count > 0 || playback->outbox.held_count > 0) {
        tell_triggers(playback);
    }
}

enum hr_fate hr_playback_lines(struct hr_playback *playback, const char *file, uint64_t number,
    const struct hr_str *lines, size_t count, bool too_long, struct hr_error *error)
{
    struct hr_record *expected[HR_PLAYED_TOGETHER];
    size_t played = 0, expected_count = 0, read_ahead = 0;
    hr_arena_reset(&playback->arena);
    hr_outbox_init(&playback->outbox, &playback->arena);
    for (size_t i = 0; i < count; i++) {
        if (i == read_ahead) {
            read_ahead += hr_decoder_expect(playback->decoder, lines + i, count - i);
        }
        if (is_blank(lines[i])) {
            continue;
        }
        struct line *line = &playback->lines[played++];
        line->text = lines[i];
        line->source = NULL;
        line->number = number + i;
        decode(playback, line, too_long);
        if (is_event(line)) {
            expected[expected_count++] = &line->record;
        }
    }
    hr_home_expect(playback->home, expected, expected_count);
    playback->file = file;
    for (size_t i = 0; i < played; i++) {
        playback->summary.events++;
        play_line(playback, &playback->lines[i]);
    }
    return write_out(playback, WRITE_AT, error);
}

/* A null value; but an event in binary mode may have no data. */
static bool is_tombstone(const struct hr_log_record *record)
{
    return !record->value.at && !hr_record_header(record, "ce_id") &&
           !hr_record_header(record, "ce_specversion");
}

enum hr_fate hr_playback_record(struct hr_playback *playback, const struct hr_log_record *record,
    const struct hr_format *format, struct hr_error *error)
{
    char detail[HR_DETAIL] = "";
    struct line *line = &playback->lines[0];
    hr_arena_reset(&playback->arena);
    hr_outbox_init(&playback->outbox, &playback->arena);
    playback->summary.events++;
    if (is_tombstone(record)) {
        playback->summary.verdicts[HR_IGNORED]++;
        return HR_OK;
    }
    *line = (struct line){
        .text = record->value, .source = record, .now = record->timestamp, .detail = detail};
    line->reason = hr_decode(playback->decoder, format, playback->summary.rules, record,
        &playback->arena, &line->record.event, detail);
    line->record.account = line->record.event.account;
    play_line(playback, line);
    return write_out(playback, WRITE_AT, error);
}

enum hr_fate hr_playback_finish(
    struct hr_playback *playback, struct hr_time until, struct hr_error *error)
{
    struct hr_time end = clock_at(playback, until);
    if (!hr_time_is(end, HR_TIME_NONE)) {
        if (playback->settings.witness) {
            pass_witnessed(playback, end);
        }
        while (hr_home_tick(playback->home, end, TIMERS_AT_A_TIME, &playback->outbox)) {
            receive_messages(playback);
            tell_triggers(playback);
            if (write_out(playback, WRITE_AT, error) != HR_OK) {
                return error->fate;
            }
        }
        receive_messages(playback);
        playback->summary.last = end;
    }
    struct hr_home_metrics metrics;
    hr_home_metrics(playback->home, &metrics);
    playback->summary.accounts = metrics.accounts_created;
    tell_triggers(playback);
    return write_out(playback, 0, error);
}

enum hr_fate hr_playback_accounts(struct hr_playback *playback, int fd, struct hr_error *error)
{
    return hr_accounts_write(playback->accounts, playback->home, fd, error);
}

void hr_playback_walk(struct hr_playback *playback,
    void (*each)(void *context, const struct hr_account_now *now), void *context)
{
    hr_accounts_walk(playback->accounts, playback->home, each, context);
}
