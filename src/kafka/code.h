/* SPDX-License-Identifier: Apache-2.0 */
/* librdkafka's error codes, by what we do about them. */
#ifndef HEADROOM_KAFKA_CODE_H
#define HEADROOM_KAFKA_CODE_H

#include "headroom/ports.h"

#include <librdkafka/rdkafka.h>

/* The fate of a call that failed with this code, and what the operator can do (NULL: nothing). */
enum hr_fate kafka_fate(rd_kafka_resp_err_t code, const char **advice);

/* How a transaction has to end after one of the steps of its commit failed. */
enum kafka_step { KAFKA_SEND_OFFSETS, KAFKA_FLUSH, KAFKA_END };
struct kafka_failure {
    enum kafka_step step;
    rd_kafka_resp_err_t code;
    bool fatal, abortable;
};
/* ABORTED and FENCED hold only once an abort has succeeded. Never DONE. */
enum hr_commit kafka_outcome(struct kafka_failure failure);

#endif
