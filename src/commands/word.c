/* SPDX-License-Identifier: Apache-2.0 */
#include "word.h"

#include "headroom/kafka.h"
#include "preflight.h"

#include <unistd.h>

enum hr_fate hr_word_send(const struct hr_config *config, struct hr_str key, struct hr_str value,
    uint32_t homes, struct hr_error *error)
{
    static const struct hr_log log = {HR_ERROR, STDERR_FILENO};
    const struct hr_kafka_settings settings = hr_kafka_settings_of(config, &log);
    struct hr_kafka_sender *sender;
    struct hr_log_record record = {
        .topic = config->internal_topic, .timestamp = HR_TIME_NONE, .key = key, .value = value};
    enum hr_fate fate = hr_kafka_sender_open(&settings, &sender, error);
    for (uint32_t n = 0; n < homes && fate == HR_OK; n++) {
        record.partition = (int32_t)n;
        fate = hr_kafka_send(sender, &record, error);
    }
    if (fate == HR_OK) {
        fate = hr_kafka_sender_flush(sender, error);
    }
    hr_kafka_sender_close(sender);
    return fate;
}
