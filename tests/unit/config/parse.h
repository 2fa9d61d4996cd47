/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration from a string, with a small environment, for the tests of the config room. */
#ifndef TEST_CONFIG_PARSE_H
#define TEST_CONFIG_PARSE_H

#include "headroom/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* The least that is accepted, in one line. */
#define SOURCES "sources: [{ topic: usage }]\n"

/* Zones of the system, loaded once a program and freed by forget_zones. */
const struct hr_zones *test_zones(void);
int forget_zones(void **state);

/* The environment holds REDIS_PASSWORD=canary-7, KAFKA_PASSWORD=canary-8, SLOT=pod-3, BAD_SLOT="a
 * b", URL=redis://u:canary-9@r:6380/1 and EMPTY="". */
const char *test_environment(void *context, const char *name);
enum hr_fate parse_config(
    const char *text, struct hr_config **config, struct hr_complaints *complaints);
/* Fails the test with the complaints when there are any. */
struct hr_config *good_config(const char *text);
/* All complaints, a line each: "LINE PATH: TEXT\n". Fails when there are none. */
char *complaints_about(const char *text); /* hr_free */
/* What is refused, and how it is said: a file and every complaint about it, with line and path. A
 * user reads these and nothing else. */
struct complaint_case {
    const char *text, *complaints;
};
void check_complaints(const struct complaint_case *cases, size_t count);
#define CHECK(cases) check_complaints(cases, sizeof(cases) / sizeof((cases)[0]))
/* A file of the source tree, terminated; fails the test when it cannot be read. */
char *read_file(const char *name); /* hr_free */

#endif
