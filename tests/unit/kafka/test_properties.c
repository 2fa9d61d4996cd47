/* SPDX-License-Identifier: Apache-2.0 */
/* What kafka.properties may say. No broker is asked: nothing listens where these clients look. */
#include "headroom/kafka.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct hr_log silent = {HR_ERROR, -1};

static enum hr_fate open_with(
    const char *name, const char *value, bool secret, struct hr_error *error)
{
    struct hr_property property = {hr_str(name), hr_str(value), secret};
    struct hr_str topic = HR_STR("in");
    struct hr_kafka_settings settings = {
        .brokers = HR_STR("127.0.0.1:1"),
        .group = HR_STR("g"),
        .instance = HR_STR("0"),
        .properties = &property,
        .property_count = 1,
        .session_us = 45 * HR_SECOND,
        .transaction_us = 30 * HR_SECOND,
        .topics = &topic,
        .topic_count = 1,
        .log = &silent,
    };
    struct hr_broker broker;
    enum hr_fate fate = hr_kafka_open(&settings, &broker, error);
    if (fate == HR_OK) {
        hr_kafka_close(&broker);
    }
    return fate;
}

static void tuning_is_passed_on(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"compression.type", "lz4"},   /* a producer's */
        {"fetch.min.bytes", "100000"}, /* a consumer's */
        {"linger.ms", "20"},
        {"fetch.wait.max.ms", "10"},
        {"sasl.password", "x"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct hr_error error;
        if (open_with(table[i][0], table[i][1], false, &error) != HR_OK) {
            fail_msg("%s: %s", table[i][0], error.text);
        }
    }
}

static void what_the_protocol_stands_on_is_refused(void **state)
{
    (void)state;
    static const char *const table[] = {"enable.auto.commit", "auto.commit.enable",
        "enable.auto.offset.store", "isolation.level", "auto.offset.reset", "enable.partition.eof",
        "partition.assignment.strategy", "group.id", "group.instance.id", "transactional.id",
        "transaction.timeout.ms", "session.timeout.ms", "bootstrap.servers", "metadata.broker.list",
        "enable.idempotence", "acks", "request.required.acks", "partitioner"};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct hr_error error;
        assert_int_equal(open_with(table[i], "1", false, &error), HR_STOP);
        assert_non_null(strstr(error.text, table[i]));
    }
}

static void a_wrong_value_is_named_but_not_a_secret_one(void **state)
{
    (void)state;
    struct hr_error error;
    assert_int_equal(open_with("no.such.thing", "1", false, &error), HR_STOP);
    assert_non_null(strstr(error.text, "no.such.thing"));
    assert_int_equal(open_with("sasl.mechanisms.x", "canary", true, &error), HR_STOP);
    assert_null(strstr(error.text, "canary"));
    assert_int_equal(open_with("compression.type", "canary", false, &error), HR_STOP);
    assert_non_null(strstr(error.text, "canary"));
    assert_int_equal(open_with("compression.type", "canary", true, &error), HR_STOP);
    assert_non_null(strstr(error.text, "compression.type"));
    assert_null(strstr(error.text, "canary"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tuning_is_passed_on),
        cmocka_unit_test(what_the_protocol_stands_on_is_refused),
        cmocka_unit_test(a_wrong_value_is_named_but_not_a_secret_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
