/* SPDX-License-Identifier: Apache-2.0 */
/* The broker port as a shell: see shell.h. */
#include "headroom/kafka.h"
#include "shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct self {
    struct hr_log log;
    struct hr_broker broker;
    struct hr_log_reader *reader;
};

static struct hr_position take_position(struct words *words, bool metadata)
{
    struct hr_position position = {.metadata = {NULL, 0}};
    position.of.topic = take(words);
    position.of.partition = (int32_t)take_number(words);
    position.offset = take_number(words);
    if (metadata) {
        position.metadata = take(words);
    }
    return position;
}

static struct hr_position *take_positions(struct words *words, bool metadata, size_t *count)
{
    struct hr_position *positions =
        hr_arena_take(words->arena, (left(words) + 1) * sizeof(*positions));
    for (*count = 0; left(words); (*count)++) {
        positions[*count] = take_position(words, metadata);
    }
    return positions;
}

/* open BROKERS GROUP SLOT SESSION_MS TRANSACTION_MS PROPERTIES (NAME VALUE)… TOPIC… */
static void open_broker(void *context, struct words *words)
{
    struct self *self = context;
    struct hr_kafka_settings settings = {.log = &self->log};
    settings.brokers = take(words);
    settings.group = take(words);
    settings.instance = take(words);
    settings.session_us = take_number(words) * 1000;
    settings.transaction_us = take_number(words) * 1000;
    settings.property_count = (size_t)take_number(words);
    struct hr_property *properties =
        hr_arena_take(words->arena, (settings.property_count + 1) * sizeof(*properties));
    for (size_t i = 0; i < settings.property_count; i++) {
        properties[i].name = take(words);
        properties[i].value = take(words);
        properties[i].secret = strstr(properties[i].name.at, "password") != NULL;
    }
    settings.properties = properties;
    settings.topics = words->at + words->next;
    settings.topic_count = left(words);
    struct hr_error error;
    say_fate(hr_kafka_open(&settings, &self->broker, &error), &error);
}

static void close_broker(void *context, struct words *words)
{
    struct self *self = context;
    (void)words;
    int64_t start = hr_clock_monotonic_us();
    hr_kafka_close(&self->broker);
    say("ok %lld", (long long)((hr_clock_monotonic_us() - start) / 1000));
}

static void say_event(struct self *self, const struct hr_broker_event *event)
{
    static const char *const names[] = {
        "nothing", "record", "end", "assigned", "revoked", "lost", "failed"};
    say("%s", names[event->kind]);
    const struct hr_log_record *record = &event->record;
    switch (event->kind) {
    case HR_BROKER_RECORD:
        say_word(record->topic);
        say(" %d %lld %lld", record->partition, (long long)record->offset,
            (long long)record->timestamp.us);
        say_word(record->key);
        say_word(record->value);
        for (size_t i = 0; i < record->header_count; i++) {
            say_word(record->headers[i].name);
            say_word(record->headers[i].value);
        }
        break;
    case HR_BROKER_END:
        say_word(event->position.of.topic);
        say(" %d %lld", event->position.of.partition, (long long)event->position.offset);
        break;
    case HR_BROKER_FAILED:
        say(" ");
        say_fate(event->error.fate, &event->error);
        say_word(event->position.of.topic);
        say(" %d", event->position.of.partition);
        break;
    default:
        break;
    }
    (void)self;
}

/* poll MS */
static void poll_broker(void *context, struct words *words)
{
    struct self *self = context;
    struct hr_broker_event event = {.kind = HR_BROKER_NOTHING};
    self->broker.poll(self->broker.self, (int)take_number(words), &event);
    say_event(self, &event);
    if (event.kind == HR_BROKER_RECORD) {
        self->broker.release(self->broker.self, event.handle);
    }
}

/* drain MS: polls until nothing comes for so long; says how many records and their last offset, and
 * whether offsets of each partition followed one another */
static void drain(void *context, struct words *words)
{
    struct self *self = context;
    int timeout = (int)take_number(words);
    size_t records = 0, ends = 0;
    int64_t start = hr_clock_monotonic_us(), last = start;
    struct hr_broker_event event = {.kind = HR_BROKER_NOTHING};
    do {
        self->broker.poll(self->broker.self, timeout, &event);
        ends += event.kind == HR_BROKER_END;
        if (event.kind == HR_BROKER_RECORD) {
            records++;
            last = hr_clock_monotonic_us();
            self->broker.release(self->broker.self, event.handle);
        }
    } while (event.kind == HR_BROKER_RECORD || event.kind == HR_BROKER_END);
    say("%zu %zu %lld", records, ends, (long long)(last - start));
}

static void assignment(void *context, struct words *words)
{
    struct self *self = context;
    struct hr_topic_partition *partitions;
    size_t count;
    self->broker.assignment(self->broker.self, words->arena, &partitions, &count);
    say("ok");
    for (size_t i = 0; i < count; i++) {
        say_word(partitions[i].topic);
        say(" %d", partitions[i].partition);
    }
}

/* start (TOPIC PARTITION OFFSET)… */
static void start(void *context, struct words *words)
{
    struct self *self = context;
    size_t count;
    struct hr_position *positions = take_positions(words, false, &count);
    struct hr_error error;
    say_fate(self->broker.start(self->broker.self, positions, count, &error), &error);
}

/* pause 0|1 (TOPIC PARTITION)… */
static void pause_broker(void *context, struct words *words)
{
    struct self *self = context;
    bool paused = take_number(words) != 0;
    struct hr_topic_partition *partitions =
        hr_arena_take(words->arena, (left(words) + 1) * sizeof(*partitions));
    size_t count = 0;
    for (; left(words); count++) {
        partitions[count].topic = take(words);
        partitions[count].partition = (int32_t)take_number(words);
    }
    struct hr_error error;
    say_fate(self->broker.pause(self->broker.self, partitions, count, paused, &error), &error);
}

static void say_positions(const struct hr_position *positions, size_t count, bool metadata)
{
    for (size_t i = 0; i < count; i++) {
        say(" %lld", (long long)positions[i].offset);
        if (metadata) {
            say_word(positions[i].metadata);
        }
    }
}

/* committed (TOPIC PARTITION -)…: ok (OFFSET METADATA)… */
static void committed(void *context, struct words *words)
{
    struct self *self = context;
    size_t count;
    struct hr_position *positions = take_positions(words, false, &count);
    struct hr_error error;
    enum hr_fate fate =
        self->broker.committed(self->broker.self, positions, count, words->arena, &error);
    say_fate(fate, &error);
    if (fate == HR_OK) {
        say_positions(positions, count, true);
    }
}

/* bounds END (TOPIC PARTITION -)…: ok OFFSET… */
static void bounds(void *context, struct words *words)
{
    struct self *self = context;
    bool end = take_number(words) != 0;
    size_t count;
    struct hr_position *positions = take_positions(words, false, &count);
    struct hr_error error;
    enum hr_fate fate = self->broker.bounds(self->broker.self, positions, count, end, &error);
    say_fate(fate, &error);
    if (fate == HR_OK) {
        say_positions(positions, count, false);
    }
}

/* offset_at TOPIC PARTITION US: ok OFFSET */
static void offset_at(void *context, struct words *words)
{
    struct self *self = context;
    struct hr_position position = take_position(words, false);
    struct hr_time time = {position.offset};
    struct hr_error error;
    say_fate(self->broker.offset_at(self->broker.self, &position, time, &error), &error);
    say(" %lld", (long long)position.offset);
}

static void partitions(void *context, struct words *words)
{
    struct self *self = context;
    int32_t count = 0;
    struct hr_error error;
    say_fate(self->broker.partitions(self->broker.self, take(words), &count, &error), &error);
    say(" %d", count);
}

static void mark(void *context, struct words *words)
{
    struct self *self = context;
    (void)words;
    struct hr_error error;
    say_fate(self->broker.mark_generation(self->broker.self, &error), &error);
}

static void renew(void *context, struct words *words)
{
    struct self *self = context;
    (void)words;
    struct hr_error error;
    say_fate(self->broker.renew(self->broker.self, &error), &error);
}

static void begin(void *context, struct words *words)
{
    struct self *self = context;
    (void)words;
    struct hr_error error;
    say_fate(self->broker.begin(self->broker.self, &error), &error);
}

/* produce TAG COPIES TOPIC PARTITION US KEY VALUE (NAME VALUE)… */
static void produce(void *context, struct words *words)
{
    struct self *self = context;
    uint32_t tag = (uint32_t)take_number(words);
    int64_t copies = take_number(words);
    struct hr_log_record record = {.topic = take(words)};
    record.partition = (int32_t)take_number(words);
    record.timestamp.us = take_number(words);
    if (record.timestamp.us < 0) {
        record.timestamp = HR_TIME_NONE;
    }
    record.key = take(words);
    record.value = take(words);
    struct hr_header *headers = hr_arena_take(words->arena, (left(words) + 1) * sizeof(*headers));
    while (left(words)) {
        headers[record.header_count].name = take(words);
        headers[record.header_count++].value = take(words);
    }
    record.headers = headers;
    struct hr_error error;
    enum hr_fate fate = HR_OK;
    for (int64_t i = 0; fate == HR_OK && i < copies; i++) {
        fate = self->broker.produce(self->broker.self, &record, tag, &error);
    }
    say_fate(fate, &error);
}

static void say_commit(enum hr_commit outcome, const struct hr_error *error, int64_t start)
{
    static const char *const names[] = {"done", "aborted", "unknown", "fenced"};
    say("%s %lld", names[outcome], (long long)(hr_clock_monotonic_us() - start));
    say_word(hr_str(error->text));
}

/* commit (TOPIC PARTITION OFFSET METADATA)… */
static void commit(void *context, struct words *words)
{
    struct self *self = context;
    size_t count;
    struct hr_position *positions = take_positions(words, true, &count);
    struct hr_error error = {0};
    int64_t begun = hr_clock_monotonic_us();
    enum hr_commit outcome = self->broker.commit(self->broker.self, positions, count, &error);
    say_commit(outcome, &error, begun);
}

static void abort_open(void *context, struct words *words)
{
    struct self *self = context;
    (void)words;
    struct hr_error error = {0};
    int64_t begun = hr_clock_monotonic_us();
    enum hr_commit outcome = self->broker.abort(self->broker.self, &error);
    say_commit(outcome, &error, begun);
}

static void produced(void *context, struct words *words)
{
    struct self *self = context;
    say("%lld", (long long)self->broker.produced(self->broker.self, (uint32_t)take_number(words)));
}

/* reader TOPIC PARTITION OFFSET */
static void open_reader(void *context, struct words *words)
{
    struct self *self = context;
    struct hr_position position = take_position(words, false);
    struct hr_error error;
    say_fate(
        self->broker.open(self->broker.self, position.of, position.offset, &self->reader, &error),
        &error);
}

static void read_on(void *context, struct words *words)
{
    struct self *self = context;
    struct hr_broker_event event = {.kind = HR_BROKER_NOTHING};
    self->broker.read(self->broker.self, self->reader, (int)take_number(words), &event);
    say_event(self, &event);
}

static void close_reader(void *context, struct words *words)
{
    struct self *self = context;
    (void)words;
    self->broker.close(self->broker.self, self->reader);
    say("ok");
}

static void delete_before(void *context, struct words *words)
{
    struct self *self = context;
    size_t count;
    struct hr_position *positions = take_positions(words, false, &count);
    struct hr_error error;
    say_fate(self->broker.delete_before(self->broker.self, positions, count, &error), &error);
}

/* --- what commands need beside the port: each opens a client of its own ------------------------
 */

static struct hr_kafka_settings plain(struct self *self, struct words *words)
{
    struct hr_kafka_settings settings = {.log = &self->log};
    settings.brokers = take(words);
    return settings;
}

/* create BROKERS TOPIC PARTITIONS (NAME VALUE)…: FATE CLUSTER PARTITIONS VALUE… as found then */
static void create(void *context, struct words *words)
{
    struct hr_kafka_settings settings = plain(context, words);
    struct hr_topic_want want = {.name = take(words), .replication = -1};
    want.partitions = (int32_t)take_number(words);
    struct hr_header *config = hr_arena_take(words->arena, (left(words) + 1) * sizeof(*config));
    while (left(words)) {
        config[want.config_count].name = take(words);
        config[want.config_count++].value = take(words);
    }
    want.config = config;
    struct hr_kafka_admin *admin;
    struct hr_error error;
    struct hr_str found;
    int32_t count;
    enum hr_fate fate = hr_kafka_admin_open(&settings, &admin, &error);
    if (fate == HR_OK) {
        say_fate(hr_kafka_create_topic(admin, &want, &error), &error);
        if (hr_kafka_cluster_id(admin, words->arena, &found, &error) == HR_OK) {
            say_word(found);
        }
        if (hr_kafka_topic_partitions(admin, want.name, &count, &error) == HR_OK) {
            say(" %d", count);
        }
        for (size_t i = 0; i < want.config_count; i++) {
            char *name = hr_strdup(config[i].name);
            if (hr_kafka_topic_setting(admin, want.name, name, words->arena, &found, &error) ==
                HR_OK) {
                say_word(found);
            }
            hr_free(name);
        }
        hr_kafka_admin_close(admin);
    }
}

/* send BROKERS TOPIC PARTITION COPIES KEY VALUE */
static void send_plain(void *context, struct words *words)
{
    struct hr_kafka_settings settings = plain(context, words);
    struct hr_log_record record = {.topic = take(words), .timestamp = HR_TIME_NONE};
    record.partition = (int32_t)take_number(words);
    int64_t copies = take_number(words);
    record.key = take(words);
    record.value = take(words);
    struct hr_kafka_sender *sender;
    struct hr_error error;
    enum hr_fate fate = hr_kafka_sender_open(&settings, &sender, &error);
    for (int64_t i = 0; fate == HR_OK && i < copies; i++) {
        fate = hr_kafka_send(sender, &record, &error);
    }
    if (fate == HR_OK) {
        fate = hr_kafka_sender_flush(sender, &error);
    }
    say_fate(fate, &error);
    hr_kafka_sender_close(sender);
}

struct seen {
    size_t count, most;
};

static bool say_scanned(void *context, const struct hr_log_record *record)
{
    struct seen *seen = context;
    say("%d ", record->partition);
    say("%lld", (long long)record->offset);
    say_word(record->value);
    say(" ");
    return ++seen->count < seen->most;
}

/* scan BROKERS TOPIC FROM_US MOST: (PARTITION OFFSET VALUE)… FATE */
static void scan(void *context, struct words *words)
{
    struct hr_kafka_settings settings = plain(context, words);
    struct hr_str topic = take(words);
    struct hr_time from = {take_number(words)};
    struct seen seen = {.most = (size_t)take_number(words)};
    struct hr_error error;
    enum hr_fate fate = hr_kafka_scan(&settings, topic, from, say_scanned, &seen, &error);
    say_fate(fate, &error);
}

static const struct shell_command commands[] = {
    {"open", open_broker},
    {"close", close_broker},
    {"poll", poll_broker},
    {"drain", drain},
    {"assignment", assignment},
    {"start", start},
    {"pause", pause_broker},
    {"committed", committed},
    {"bounds", bounds},
    {"offset_at", offset_at},
    {"partitions", partitions},
    {"mark", mark},
    {"renew", renew},
    {"begin", begin},
    {"produce", produce},
    {"commit", commit},
    {"abort", abort_open},
    {"produced", produced},
    {"reader", open_reader},
    {"read", read_on},
    {"close_reader", close_reader},
    {"delete_before", delete_before},
    {"create", create},
    {"send", send_plain},
    {"scan", scan},
    {NULL, NULL},
};

int main(void)
{
    struct self self = {.log = {HR_DEBUG, STDERR_FILENO}};
    shell(commands, &self);
    hr_kafka_close(&self.broker);
    return 0;
}
