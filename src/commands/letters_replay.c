/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom deadletter replay`: a second chance after a fix.
 *
 * The original record goes again to the topic from which it came, with its key, value, headers and
 * partition and with its timestamp, so that it is judged as if it came then and is not late for
 * having been refused. Only where the topic's retention would take it away at once it arrives now.
 * It may be replayed twice: what was counted once is a duplicate.
 *
 * A letter is what stands in a topic, and others may write there, too: nothing is ever sent but to
 * the topics that the configuration reads. */
#include "letters.h"

#include "headroom/log.h"
#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SAFETY_OF_RETENTION HR_HOUR

struct replay {
    struct hr_kafka_admin *admin;
    struct hr_kafka_sender *sender;
    uint64_t sent, left; /* left: said why */
    bool failed;
    struct hr_error error;
    /* Of the topic asked about last. */
    struct hr_str topic;
    struct hr_time kept_from;
};

/* The earliest timestamp that the topic keeps for a while. */
static struct hr_time kept_from(struct replay *replay, struct hr_str topic)
{
    if (replay->topic.at && hr_str_equal(topic, replay->topic)) {
        return replay->kept_from;
    }
    struct hr_arena arena;
    struct hr_str value = {NULL, 0};
    struct hr_error ignored;
    int64_t retention_ms = -1;
    hr_arena_init(&arena);
    if (hr_kafka_topic_setting(replay->admin, topic, "retention.ms", &arena, &value, &ignored) ==
            HR_OK &&
        value.at) {
        retention_ms = strtoll(hr_escape(&arena, value, 30), NULL, 10);
    }
    hr_arena_clean_up(&arena);
    hr_free((void *)(uintptr_t)replay->topic.at);
    replay->topic = (struct hr_str){hr_strdup(topic), topic.len};
    replay->kept_from = HR_TIME_NONE;
    if (retention_ms >= 0 && retention_ms < hr_clock_now().us / 1000) {
        replay->kept_from = hr_time_plus(hr_clock_now(), SAFETY_OF_RETENTION - retention_ms * 1000);
    }
    return replay->kept_from;
}

/* Whether the letter may be sent again; else it has been said why not. */
static bool may_go(struct hr_letter_scan *scan, const struct hr_log_record *record,
    const struct hr_dead_letter *letter)
{
    if (letter->by_reference) {
        hr_say(scan->request->command,
            "%" PRId32 ":%" PRId64 " holds only the head of its record and cannot be replayed",
            record->partition, record->offset);
        return false;
    }
    if (hr_rules_find_source(scan->request->config->rules, letter->original.topic) < 0) {
        hr_say(scan->request->command,
            "%" PRId32 ":%" PRId64 " is of the topic %s, which is no source in %s",
            record->partition, record->offset, hr_escape(&scan->arena, letter->original.topic, 100),
            scan->request->config_file);
        return false;
    }
    return true;
}

static bool replay_letter(struct hr_letter_scan *scan, const struct hr_log_record *record,
    const struct hr_dead_letter *letter)
{
    struct replay *replay = scan->context;
    struct hr_log_record original = letter->original;
    if (!may_go(scan, record, letter)) {
        replay->left++;
        return true;
    }
    if (scan->request->dry_run) {
        replay->sent++;
        return true;
    }
    if (!hr_time_is(original.timestamp, HR_TIME_NONE) &&
        original.timestamp.us < kept_from(replay, original.topic).us) {
        original.timestamp = HR_TIME_NONE;
    }
    replay->failed = hr_kafka_send(replay->sender, &original, &replay->error) != HR_OK;
    replay->sent += !replay->failed;
    return !replay->failed;
}

static int finish_replay(const struct hr_letters *request, struct replay *replay, int status)
{
    if (!replay->failed && replay->sender &&
        hr_kafka_sender_flush(replay->sender, &replay->error) != HR_OK) {
        replay->failed = true;
    }
    if (replay->failed) {
        hr_say(request->command, "%s; replay it again, what was counted is not counted twice",
            replay->error.text);
        return HR_EXIT_FAILED;
    }
    if (request->json) {
        printf("{\"replayed\":%" PRIu64 ",\"left\":%" PRIu64 ",\"dry_run\":%s}\n", replay->sent,
            replay->left, request->dry_run ? "true" : "false");
    } else {
        printf(
            "%" PRIu64 " %s\n", replay->sent, request->dry_run ? "would be replayed" : "replayed");
    }
    return replay->left > 0 ? HR_EXIT_FAILED : status;
}

int hr_letters_replay(struct hr_letters *request)
{
    if (request->place_count == 0 && !request->reason && !request->topic && !request->all) {
        return hr_misuse(request->command, "which? name places, --reason, --topic or --all");
    }
    struct replay replay = {0};
    struct hr_error error;
    int status = HR_EXIT_FAILED;
    if (hr_kafka_admin_open(&request->kafka, &replay.admin, &error) != HR_OK) {
        hr_say(request->command, "%s", error.text);
        return status;
    }
    if (!request->dry_run &&
        hr_kafka_sender_open(&request->kafka, &replay.sender, &error) != HR_OK) {
        hr_say(request->command, "%s", error.text);
    } else {
        struct hr_letter_scan scan = {
            .request = request, .each = replay_letter, .context = &replay};
        status = finish_replay(request, &replay, hr_scan_letters(&scan));
    }
    if (replay.sender) {
        hr_kafka_sender_close(replay.sender);
    }
    hr_kafka_admin_close(replay.admin);
    hr_free((void *)(uintptr_t)replay.topic.at);
    return status;
}
