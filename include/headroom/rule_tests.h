/* SPDX-License-Identifier: Apache-2.0 */
/* What users expect of their own rules: a file of short histories and the triggers that must follow
 * from each. Read and checked here by the same table as a configuration; played elsewhere. */
#ifndef HEADROOM_RULE_TESTS_H
#define HEADROOM_RULE_TESTS_H

#include "headroom/config.h"
#include "headroom/trigger.h"

struct hr_test_event {
    unsigned line; /* in the file */
    struct hr_time at;
    struct hr_str json;     /* a line of `simulate`: a CloudEvent with `_now` */
    enum hr_reason refused; /* it must become a dead letter; HR_REASON_NONE: it must not */
};

/* A trigger that must come. What the user left out is not compared. */
struct hr_test_trigger {
    unsigned line;
    struct hr_time at; /* of the decision */
    struct hr_str account, rule;
    struct hr_str level; /* canonical, as in trigger ids; at NULL: any */
    enum hr_trigger_kind kind;
    int why; /* enum hr_cause of a fire, enum hr_resolution of a resolution; -1: any */
};

struct hr_rule_test {
    struct hr_str name;
    unsigned line;
    const struct hr_test_event *events; /* in the order of the file, which is that of time */
    size_t event_count;
    struct hr_time until; /* time passes to here after the last; HR_TIME_NONE: it does not */
    const struct hr_test_trigger *expected;
    size_t expected_count;
};

struct hr_rule_tests {
    const struct hr_rule_test *at;
    size_t count;
};

/* HR_REJECT: see complaints (freed by hr_complaints_clean_up in either case). The tests are the
 * caller's; rules that they name are those of `rules`. */
HR_MUST enum hr_fate hr_rule_tests_parse(const struct hr_config_source *source,
    const struct hr_rules *rules, struct hr_rule_tests **tests, struct hr_complaints *complaints);
void hr_rule_tests_destroy(struct hr_rule_tests *tests);

#endif
