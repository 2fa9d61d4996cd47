/* SPDX-License-Identifier: Apache-2.0 */
/* Users' tests of their rules: read, and every event that was made of one is JSON on one line. */
#include "world.h"

#include "headroom/rule_tests.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const struct hr_config_source source = {
        .file = "fuzz", .text = {(const char *)bytes, len}, .zones = world_zones()};
    struct hr_rule_tests *tests;
    struct hr_complaints complaints;
    enum hr_fate fate = hr_rule_tests_parse(&source, world_config()->rules, &tests, &complaints);
    demand((fate == HR_OK) == (complaints.count == 0), "what is refused is complained about");
    for (size_t i = 0; fate == HR_OK && i < tests->count; i++) {
        for (size_t j = 0; j < tests->at[i].event_count; j++) {
            struct hr_str json = tests->at[i].events[j].json;
            demand(json.len > 0 && !memchr(json.at, '\n', json.len), "an event is one line");
        }
    }
    hr_complaints_clean_up(&complaints);
    hr_rule_tests_destroy(tests);
    return 0;
}
