/* SPDX-License-Identifier: Apache-2.0 */
/* What a scrape shows: the exposition format to the letter, since another program parses it. */
#include "headroom/metrics.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void expect_scrape(struct hr_metrics *metrics, const char *expected)
{
    struct hr_buffer buffer = {0};
    hr_metrics_print(metrics, &buffer);
    hr_put_u8(&buffer, 0);
    assert_string_equal((const char *)buffer.at, expected);
    hr_buffer_clean_up(&buffer);
}

static void families_and_series_come_in_the_order_of_first_use(void **state)
{
    (void)state;
    struct hr_metrics *metrics = hr_metrics_new();
    const char *dead[] = {"partition", "7", "result", "dead_letter", NULL};
    const char *counted[] = {"partition", "7", "result", "counted", NULL};
    struct hr_cell *a = hr_metric(metrics, HR_METRIC_COUNTER, "hr_records_total", "Read.", 1, dead);
    hr_metric(metrics, HR_METRIC_GAUGE, "hr_up", "Whether it runs.", 1, NULL);
    struct hr_cell *b =
        hr_metric(metrics, HR_METRIC_COUNTER, "hr_records_total", "Other.", 1, counted);
    hr_cell_add(a, 2);
    hr_cell_add(b, 40);
    hr_cell_add(b, 1);
    assert_ptr_equal(
        a, hr_metric(metrics, HR_METRIC_COUNTER, "hr_records_total", "Read.", 1, dead));
    expect_scrape(metrics, "# HELP hr_records_total Read.\n"
                           "# TYPE hr_records_total counter\n"
                           "hr_records_total{partition=\"7\",result=\"dead_letter\"} 2\n"
                           "hr_records_total{partition=\"7\",result=\"counted\"} 41\n"
                           "# HELP hr_up Whether it runs.\n"
                           "# TYPE hr_up gauge\n"
                           "hr_up 0\n");
    hr_metrics_destroy(metrics);
}

static void a_scaled_value_keeps_every_digit(void **state)
{
    (void)state;
    struct hr_metrics *metrics = hr_metrics_new();
    struct hr_cell *cell =
        hr_metric(metrics, HR_METRIC_GAUGE, "hr_clock_seconds", "Clock.", 1000000, NULL);
    hr_cell_set(cell, INT64_C(1795338843000001));
    expect_scrape(metrics, "# HELP hr_clock_seconds Clock.\n# TYPE hr_clock_seconds gauge\n"
                           "hr_clock_seconds 1795338843.000001\n");
    hr_cell_set(cell, -1500000);
    expect_scrape(metrics, "# HELP hr_clock_seconds Clock.\n# TYPE hr_clock_seconds gauge\n"
                           "hr_clock_seconds -1.5\n");
    hr_cell_set(cell, INT64_MIN);
    expect_scrape(metrics, "# HELP hr_clock_seconds Clock.\n# TYPE hr_clock_seconds gauge\n"
                           "hr_clock_seconds -9223372036854.775808\n");
    hr_metrics_destroy(metrics);
}

static void a_label_cannot_break_out_of_its_line(void **state)
{
    (void)state;
    struct hr_metrics *metrics = hr_metrics_new();
    const char *labels[] = {"topic", "a\"} 1\nb\\", NULL};
    hr_metric(metrics, HR_METRIC_COUNTER, "hr_x_total", "One\\two\nthree", 1, labels);
    expect_scrape(metrics, "# HELP hr_x_total One\\\\two\\nthree\n# TYPE hr_x_total counter\n"
                           "hr_x_total{topic=\"a\\\"} 1\\nb\\\\\"} 0\n");
    hr_metrics_destroy(metrics);
}

static void *make_series(void *context)
{
    static const char *const digits[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    for (int i = 0; i < 1000; i++) {
        const char *labels[] = {"digit", digits[i % 10], NULL};
        hr_cell_add(hr_metric(context, HR_METRIC_COUNTER, "hr_n_total", "N.", 1, labels), 1);
    }
    return NULL;
}

static void a_registry_may_grow_while_it_is_read(void **state)
{
    (void)state;
    struct hr_metrics *metrics = hr_metrics_new();
    pthread_t writers[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&writers[i], NULL, make_series, metrics), 0);
    }
    struct hr_buffer buffer = {0};
    for (int i = 0; i < 100; i++) {
        hr_buffer_clear(&buffer);
        hr_metrics_print(metrics, &buffer);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(writers[i], NULL);
    }
    const char *labels[] = {"digit", "7", NULL};
    struct hr_cell *cell = hr_metric(metrics, HR_METRIC_COUNTER, "hr_n_total", "N.", 1, labels);
    assert_int_equal(hr_cell_get(cell), 200);
    hr_buffer_clean_up(&buffer);
    hr_metrics_destroy(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_and_series_come_in_the_order_of_first_use),
        cmocka_unit_test(a_scaled_value_keeps_every_digit),
        cmocka_unit_test(a_label_cannot_break_out_of_its_line),
        cmocka_unit_test(a_registry_may_grow_while_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
