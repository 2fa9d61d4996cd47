/* SPDX-License-Identifier: Apache-2.0 */
/* The ports and what else a pipeline needs, opened in the right order for `run` and `restore`. */
#ifndef HEADROOM_COMMANDS_PROCESSOR_H
#define HEADROOM_COMMANDS_PROCESSOR_H

#include "headroom/config.h"
#include "headroom/log.h"
#include "headroom/metrics.h"
#include "headroom/pipeline.h"
#include "preflight.h"

#include <signal.h>

struct hr_processor {
    /* Given: */
    const struct hr_config *config;
    const struct hr_zones *zones;
    const struct hr_log *log;
    const volatile sig_atomic_t *stop;
    volatile sig_atomic_t *reload;
    const struct hr_rules *(*reloaded)(void *context); /* as in the pipeline's settings */
    void *context;
    /* Made: */
    struct hr_metrics *metrics;
    struct hr_preflight preflight;
    struct hr_store store;
    struct hr_broker broker;
    struct hr_pipeline *pipeline; /* NULL: *stop was set before there was one */
    bool store_open, broker_open;
};

/* Looks at everything, opens the ports, makes the pipeline. Services that are away are waited for
 * with a growing pause, which is said once; what is wrong is logged and is HR_STOP. To be closed in
 * either case. */
HR_MUST enum hr_fate hr_processor_open(struct hr_processor *processor, struct hr_error *error);
void hr_processor_close(struct hr_processor *processor);

#endif
