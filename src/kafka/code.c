/* SPDX-License-Identifier: Apache-2.0 */
/* Two decisions as tables and a few lines: what an error code means for a call, and what it means
 * for a transaction.
 *
 * The second must never say "aborted" of what may have been committed. Once the request that ends
 * the transaction may have left this process (KAFKA_END), whatever comes back can stand behind a
 * commit that went through: an answer lost and the repeated request fenced, or refused because
 * there is nothing left to commit. librdkafka's "requires abort" says nothing else there, and its
 * abort "succeeds" by a new epoch even when the broker had committed. So at that step only one code
 * is trusted: _INCONSISTENT, by which librdkafka gives up before it sends. Before that step nothing
 * can have been committed; but what timed out may still arrive and then would belong to the next
 * transaction of the same producer, so that a time-out calls for a new one too. */
#include "code.h"

static const struct {
    rd_kafka_resp_err_t code;
    enum hr_fate fate;
    const char *advice;
} codes[] = {
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, HR_STOP, "see kafka.properties for user and password"},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, HR_STOP,
        "see kafka.properties for user and password"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, HR_STOP, "see kafka.properties, sasl.mechanism"},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, HR_STOP,
        "allow this user to read sources, and to read and write headroom's own topics"},
    {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, HR_STOP,
        "allow this user to read the consumer group"},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, HR_STOP,
        "allow this user IdempotentWrite on the cluster"},
    {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, HR_STOP,
        "allow this user to write transactional ids that begin with the group's name"},
    {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, HR_STOP,
        "another process was started with the same instance"},
    {RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, HR_STOP,
        "the broker's group.min.session.timeout.ms and group.max.session.timeout.ms bound it"},
    {RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, HR_STOP,
        "the broker's transaction.max.timeout.ms bounds it"},
    {RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL, HR_STOP,
        "another kind of consumer uses this group; give headroom a group of its own"},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, HR_STOP, "the broker must be Kafka 2.5 or later"},
    {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, HR_STOP, "the broker must be Kafka 2.5 or later"},
    {RD_KAFKA_RESP_ERR__FATAL, HR_STOP, NULL},
    {RD_KAFKA_RESP_ERR__INVALID_ARG, HR_STOP, NULL},
    {RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, HR_REFUSE, NULL},
    {RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, HR_REFUSE,
        "the records from there on are not in the topic any more, or not yet"},
};

enum hr_fate kafka_fate(rd_kafka_resp_err_t code, const char **advice)
{
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (codes[i].code == code) {
            *advice = codes[i].advice;
            return codes[i].fate;
        }
    }
    *advice = NULL;
    return HR_RETRY;
}

static bool generation_is_over(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION ||
           code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
           code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
}

/* The request may still be under way. */
static bool may_arrive_late(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE ||
           code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT;
}

enum hr_commit kafka_outcome(struct kafka_failure failure)
{
    if (failure.fatal || may_arrive_late(failure.code)) {
        return HR_COMMIT_UNKNOWN;
    }
    if (failure.step == KAFKA_END) {
        return failure.code == RD_KAFKA_RESP_ERR__INCONSISTENT && failure.abortable
                   ? HR_COMMIT_ABORTED
                   : HR_COMMIT_UNKNOWN;
    }
    return failure.step == KAFKA_SEND_OFFSETS && generation_is_over(failure.code)
               ? HR_COMMIT_FENCED
               : HR_COMMIT_ABORTED;
}
