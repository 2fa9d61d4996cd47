/* SPDX-License-Identifier: Apache-2.0 */
/* What an error code means for a call and for a transaction. The second table is the protocol's: a
 * wrong "aborted" loses or doubles a batch, a wrong "unknown" costs a new producer. */
#include "kafka/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void codes_have_their_fate(void **state)
{
    (void)state;
    static const struct {
        rd_kafka_resp_err_t code;
        enum hr_fate fate;
    } table[] = {
        {RD_KAFKA_RESP_ERR__TIMED_OUT, HR_RETRY},
        {RD_KAFKA_RESP_ERR__TRANSPORT, HR_RETRY},
        {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, HR_RETRY},
        {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, HR_RETRY},
        {RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, HR_RETRY},
        {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, HR_RETRY},
        {RD_KAFKA_RESP_ERR__SSL, HR_RETRY},
        {RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, HR_REFUSE},
        {RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, HR_REFUSE},
        {RD_KAFKA_RESP_ERR__AUTHENTICATION, HR_STOP},
        {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, HR_STOP},
        {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, HR_STOP},
        {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, HR_STOP},
        {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, HR_STOP},
        {RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, HR_STOP},
        {RD_KAFKA_RESP_ERR__FATAL, HR_STOP},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const char *advice;
        if (kafka_fate(table[i].code, &advice) != table[i].fate) {
            fail_msg("%s", rd_kafka_err2name(table[i].code));
        }
    }
}

#define TIMED_OUT RD_KAFKA_RESP_ERR__TIMED_OUT
#define TRANSPORT RD_KAFKA_RESP_ERR__TRANSPORT
#define FENCED RD_KAFKA_RESP_ERR__FENCED
#define INCONSISTENT RD_KAFKA_RESP_ERR__INCONSISTENT
#define GENERATION RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION
#define MEMBER RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID
#define INSTANCE RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID
#define DENIED RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED
#define UNKNOWN_PRODUCER RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID
#define INVALID_STATE RD_KAFKA_RESP_ERR_INVALID_TXN_STATE

static void a_failed_commit_ends_as_what_is_certain(void **state)
{
    (void)state;
    static const struct {
        struct kafka_failure failure; /* step, code, fatal, abortable */
        enum hr_commit outcome;
    } table[] = {
        /* Nothing irrevocable was sent. */
        {{KAFKA_SEND_OFFSETS, GENERATION, false, true}, HR_COMMIT_FENCED},
        {{KAFKA_SEND_OFFSETS, MEMBER, false, true}, HR_COMMIT_FENCED},
        {{KAFKA_SEND_OFFSETS, INSTANCE, false, true}, HR_COMMIT_FENCED},
        {{KAFKA_SEND_OFFSETS, DENIED, false, true}, HR_COMMIT_ABORTED},
        {{KAFKA_FLUSH, RD_KAFKA_RESP_ERR_NO_ERROR, false, false}, HR_COMMIT_ABORTED},
        {{KAFKA_FLUSH, INCONSISTENT, false, true}, HR_COMMIT_ABORTED},
        {{KAFKA_END, INCONSISTENT, false, true}, HR_COMMIT_ABORTED},
        /* A request may still arrive, and the next transaction would hold it. */
        {{KAFKA_SEND_OFFSETS, TIMED_OUT, false, true}, HR_COMMIT_UNKNOWN},
        {{KAFKA_SEND_OFFSETS, TRANSPORT, false, false}, HR_COMMIT_UNKNOWN},
        {{KAFKA_FLUSH, TIMED_OUT, false, false}, HR_COMMIT_UNKNOWN},
        /* The producer is dead. */
        {{KAFKA_SEND_OFFSETS, FENCED, true, false}, HR_COMMIT_UNKNOWN},
        {{KAFKA_SEND_OFFSETS, GENERATION, true, true}, HR_COMMIT_UNKNOWN},
        {{KAFKA_FLUSH, RD_KAFKA_RESP_ERR_NO_ERROR, true, false}, HR_COMMIT_UNKNOWN},
        /* It may have been committed, whatever the answer. */
        {{KAFKA_END, TIMED_OUT, false, false}, HR_COMMIT_UNKNOWN},
        {{KAFKA_END, FENCED, true, false}, HR_COMMIT_UNKNOWN},
        {{KAFKA_END, UNKNOWN_PRODUCER, false, true}, HR_COMMIT_UNKNOWN},
        {{KAFKA_END, GENERATION, false, true}, HR_COMMIT_UNKNOWN},
        {{KAFKA_END, INVALID_STATE, true, false}, HR_COMMIT_UNKNOWN},
        {{KAFKA_END, INCONSISTENT, false, false}, HR_COMMIT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        enum hr_commit outcome = kafka_outcome(table[i].failure);
        if (outcome != table[i].outcome) {
            fail_msg("row %zu: %d", i, (int)outcome);
        }
    }
}

static void nothing_but_one_code_is_certain_once_the_end_was_sent(void **state)
{
    (void)state;
    for (int code = -200; code < 120; code++) {
        for (int abortable = 0; abortable < 2; abortable++) {
            struct kafka_failure failure = {
                KAFKA_END, (rd_kafka_resp_err_t)code, false, abortable != 0};
            if (code != INCONSISTENT) {
                assert_int_equal(kafka_outcome(failure), HR_COMMIT_UNKNOWN);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_have_their_fate),
        cmocka_unit_test(a_failed_commit_ends_as_what_is_certain),
        cmocka_unit_test(nothing_but_one_code_is_certain_once_the_end_was_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
