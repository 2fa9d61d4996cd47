/* SPDX-License-Identifier: Apache-2.0 */
/* Counters and gauges for Prometheus. The loop writes cells, the HTTP thread reads them: a cell is
 * one relaxed atomic, and a registry is complete in memory before its first scrape or grows under
 * its own lock. Labels are copied and escaped when printed. */
#ifndef HEADROOM_METRICS_H
#define HEADROOM_METRICS_H

#include "headroom/buffer.h"
#include "headroom/str.h"

#include <stdatomic.h>
#include <stdint.h>

enum hr_metric_kind { HR_METRIC_COUNTER, HR_METRIC_GAUGE };

struct hr_metrics;
struct hr_cell {
    _Atomic int64_t value;
};

struct hr_metrics *hr_metrics_new(void);
void hr_metrics_destroy(struct hr_metrics *metrics);
/* The cell of a name and its labels ("partition", "7", "result", "counted", NULL); made on first
 * use, lives as long as the registry. `help`, kind and scale are those of the first use. `scale`, a
 * power of ten, divides when printed: microseconds shown as seconds have 1000000. `labels` NULL:
 * none. */
struct hr_cell *hr_metric(struct hr_metrics *metrics, enum hr_metric_kind kind, const char *name,
    const char *help, int64_t scale, const char *const *labels);
static inline void hr_cell_add(struct hr_cell *cell, int64_t by)
{
    atomic_fetch_add_explicit(&cell->value, by, memory_order_relaxed);
}
static inline void hr_cell_set(struct hr_cell *cell, int64_t to)
{
    atomic_store_explicit(&cell->value, to, memory_order_relaxed);
}
static inline int64_t hr_cell_get(const struct hr_cell *cell)
{
    return atomic_load_explicit(&cell->value, memory_order_relaxed);
}
/* Prometheus text format 0.0.4, appended; names in the order of first use. */
void hr_metrics_print(struct hr_metrics *metrics, struct hr_buffer *buffer);

#endif
