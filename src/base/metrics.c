/* SPDX-License-Identifier: Apache-2.0 */
/* Counters and gauges.
 *
 * A family (a name) has series (one a set of labels); both are lists in the order of first use, so
 * that two scrapes can be compared line by line. The lock guards the lists, never the cells: the
 * loop adds to a cell without asking anyone. Series are found by walking, which is good enough for
 * what is asked once at start and kept. */
#include "headroom/metrics.h"

#include "headroom/memory.h"

#include <pthread.h>

struct series {
    struct series *next;
    struct hr_cell cell;
    char *labels; /* as printed: {partition="7"}, or "" */
};

struct family {
    struct family *next;
    char *name, *help;
    enum hr_metric_kind kind;
    int64_t scale;
    struct series *series, **series_end;
};

struct hr_metrics {
    pthread_mutex_t lock;
    struct family *families, **families_end;
};

struct hr_metrics *hr_metrics_new(void)
{
    struct hr_metrics *metrics = hr_alloc(sizeof(*metrics));
    pthread_mutex_init(&metrics->lock, NULL);
    metrics->families_end = &metrics->families;
    return metrics;
}

static void destroy_family(struct family *family)
{
    for (struct series *series = family->series, *next; series; series = next) {
        next = series->next;
        hr_free(series->labels);
        hr_free(series);
    }
    hr_free(family->name);
    hr_free(family->help);
    hr_free(family);
}

void hr_metrics_destroy(struct hr_metrics *metrics)
{
    if (!metrics) {
        return;
    }
    for (struct family *family = metrics->families, *next; family; family = next) {
        next = family->next;
        destroy_family(family);
    }
    pthread_mutex_destroy(&metrics->lock);
    hr_free(metrics);
}

/* Appends text with the escapes of the exposition format; quotes only matter in labels. */
static void put_escaped(struct hr_buffer *buffer, const char *text, bool in_label)
{
    for (; *text; text++) {
        if (*text == '\n') {
            hr_put_bytes(buffer, "\\n", 2);
        } else {
            if (*text == '\\' || (in_label && *text == '"')) {
                hr_put_u8(buffer, '\\');
            }
            hr_put_u8(buffer, (uint8_t)*text);
        }
    }
}

static char *print_labels(const char *const *labels)
{
    struct hr_buffer buffer = {0};
    for (size_t i = 0; labels && labels[i]; i += 2) {
        hr_put_printf(&buffer, "%c%s=\"", i ? ',' : '{', labels[i]);
        put_escaped(&buffer, labels[i + 1], true);
        hr_put_u8(&buffer, '"');
    }
    if (buffer.len > 0) {
        hr_put_u8(&buffer, '}');
    }
    char *text = hr_strdup(hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
    return text;
}

static struct family *find_family(struct hr_metrics *metrics, const char *name)
{
    struct family *family = metrics->families;
    while (family && strcmp(family->name, name) != 0) {
        family = family->next;
    }
    return family;
}

struct hr_cell *hr_metric(struct hr_metrics *metrics, enum hr_metric_kind kind, const char *name,
    const char *help, int64_t scale, const char *const *labels)
{
    char *printed = print_labels(labels);
    pthread_mutex_lock(&metrics->lock);
    struct family *family = find_family(metrics, name);
    if (!family) {
        family = hr_alloc(sizeof(*family));
        family->name = hr_strdup(hr_str(name));
        family->help = hr_strdup(hr_str(help));
        family->kind = kind;
        family->scale = scale;
        family->series_end = &family->series;
        *metrics->families_end = family;
        metrics->families_end = &family->next;
    }
    struct series *series = family->series;
    while (series && strcmp(series->labels, printed) != 0) {
        series = series->next;
    }
    if (series) {
        hr_free(printed);
    } else {
        series = hr_alloc(sizeof(*series));
        series->labels = printed;
        *family->series_end = series;
        family->series_end = &series->next;
    }
    pthread_mutex_unlock(&metrics->lock);
    return &series->cell;
}

/* value / scale without binary floating point: every digit of a counter is shown. */
static void put_value(struct hr_buffer *buffer, int64_t value, int64_t scale)
{
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    uint64_t fraction = magnitude % (uint64_t)scale;
    hr_put_printf(
        buffer, " %s%llu", value < 0 ? "-" : "", (unsigned long long)(magnitude / (uint64_t)scale));
    if (fraction > 0) {
        hr_put_u8(buffer, '.');
        while (fraction > 0) {
            fraction *= 10;
            hr_put_u8(buffer, (uint8_t)('0' + fraction / (uint64_t)scale));
            fraction %= (uint64_t)scale;
        }
    }
    hr_put_u8(buffer, '\n');
}

void hr_metrics_print(struct hr_metrics *metrics, struct hr_buffer *buffer)
{
    pthread_mutex_lock(&metrics->lock);
    for (const struct family *family = metrics->families; family; family = family->next) {
        hr_put_printf(buffer, "# HELP %s ", family->name);
        put_escaped(buffer, family->help, false);
        hr_put_printf(buffer, "\n# TYPE %s %s\n", family->name,
            family->kind == HR_METRIC_COUNTER ? "counter" : "gauge");
        for (const struct series *series = family->series; series; series = series->next) {
            hr_put_printf(buffer, "%s%s", family->name, series->labels);
            put_value(buffer, hr_cell_get(&series->cell), family->scale);
        }
    }
    pthread_mutex_unlock(&metrics->lock);
}
