/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: source → decode → load → apply → decide → encode → commit, for every home that this
 * process owns, by the protocol of ARCHITECTURE.md. It knows ports and no vendor. */
#ifndef HEADROOM_PIPELINE_H
#define HEADROOM_PIPELINE_H

#include "headroom/buffer.h"
#include "headroom/config.h"
#include "headroom/log.h"
#include "headroom/metrics.h"
#include "headroom/ports.h"

#include <signal.h>
#include <stdatomic.h>

struct hr_pipeline;

struct hr_pipeline_settings {
    const struct hr_config *config;
    struct hr_str cluster_id;
    const struct hr_zones *zones;
    struct hr_broker broker;
    struct hr_store store;
    struct hr_metrics *metrics;
    const struct hr_log *log;
    size_t dead_letter_bytes; /* max.message.bytes of the dead-letter topic */
    size_t internal_bytes;    /* the same of the internal topic */
    /* The only inputs from outside the ports: */
    struct hr_time (*now)(void *context); /* wall clock */
    uint64_t (*random)(void *context);    /* nonces: must not repeat across restarts */
    const volatile sig_atomic_t *stop;    /* finish the batch and leave */
    volatile sig_atomic_t *reload;        /* set: ask `reloaded` for new rules, then cleared */
    const struct hr_rules *(*reloaded)(
        void *context); /* NULL: the file was bad, it has been said */
    void *context;
};

/* What `headroom restore` does once instead of running. No other process of the group may run. */
enum hr_restore {
    HR_RESTORE_NOTHING,
    HR_RESTORE_FROM_CHANGELOG, /* Redis is emptied and copied anew */
    HR_RESTORE_FROM_REDIS,     /* the changelog lost its tail: it is written anew from Redis */
    HR_RESTORE_OFFSETS,        /* those of the changelog's last header are committed again */
};

/* A record for partition 0 of the internal topic that asks for the rules of `epoch` under a new
 * number, if `current` is the current epoch then. Its value, in the buffer. */
struct hr_str hr_rollback_record(
    uint32_t epoch, uint32_t current, struct hr_time now, struct hr_buffer *buffer);

/* A record for every partition of the internal topic: what the brakes of a rule hold is released,
 * or discarded. It is about those that went on by `now`. Its value, in the buffer. */
struct hr_str hr_brake_record(
    struct hr_str rule, bool discard, struct hr_time now, struct hr_buffer *buffer);

HR_MUST enum hr_fate hr_pipeline_new(const struct hr_pipeline_settings *settings,
    struct hr_pipeline **pipeline, struct hr_error *error);
/* Until *stop, or a fate of HR_STOP with its reason. */
HR_MUST enum hr_fate hr_pipeline_run(struct hr_pipeline *pipeline, struct hr_error *error);
/* One partition, or all of them (-1). HR_REFUSE: one could not be restored; it has been said. */
HR_MUST enum hr_fate hr_pipeline_restore(
    struct hr_pipeline *pipeline, enum hr_restore what, int32_t partition, struct hr_error *error);
void hr_pipeline_destroy(struct hr_pipeline *pipeline);

/* For the HTTP thread: records move, or there are none; no partition is refused; commits and writes
 * settle within 30 seconds. */
bool hr_pipeline_healthy(struct hr_pipeline *pipeline, struct hr_buffer *why);
/* And every home is taken over. */
bool hr_pipeline_ready(struct hr_pipeline *pipeline, struct hr_buffer *why);

/* For readers: whether what Redis holds of a home, by its marker, is behind the batch that the
 * group committed, by the metadata of its offset in the internal topic. Both as they were stored.
 */
bool hr_marker_is_behind(struct hr_str marker, struct hr_str metadata);
/* T of the home as of a marker; HR_TIME_NONE without one. */
struct hr_time hr_marker_time(struct hr_str marker);

#endif
