/* SPDX-License-Identifier: Apache-2.0 */
/* The loopback port of `headroom run`: /metrics, /healthz and /readyz, on a thread of its own so
 * that it answers while the loop waits for Kafka or Redis. It reads cells and asks one question; it
 * never touches the loop's state. */
#ifndef HEADROOM_HTTP_H
#define HEADROOM_HTTP_H

#include "headroom/buffer.h"
#include "headroom/error.h"
#include "headroom/log.h"
#include "headroom/metrics.h"

#include <stdbool.h>

struct hr_http;
struct hr_http_settings {
    struct hr_str listen; /* "127.0.0.1:9464", "[::1]:9464", ":9464" (loopback); port 0: any free
                             one, told by hr_http_port */
    struct hr_metrics *metrics;
    /* Called on the HTTP thread. `why` gets one line a problem; false: 503. */
    bool (*healthy)(void *context, struct hr_buffer *why);
    bool (*ready)(void *context, struct hr_buffer *why);
    void *context;
    const struct hr_log *log;
};
/* HR_STOP: the address is wrong or taken. What settings points to must live until hr_http_stop. */
HR_MUST enum hr_fate hr_http_start(
    const struct hr_http_settings *settings, struct hr_http **http, struct hr_error *error);
unsigned hr_http_port(const struct hr_http *http);
/* Waits until the thread has ended; NULL is nothing to stop. */
void hr_http_stop(struct hr_http *http);

#endif
