/* SPDX-License-Identifier: Apache-2.0 */
/* What a Redis URL means, as a table; and that no message repeats what may be a password. */
#include "redis/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_text(const char *found, const char *wanted)
{
    if (wanted) {
        assert_non_null(found);
        assert_string_equal(found, wanted);
    } else {
        assert_null(found);
    }
}

static void urls_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host;
        int port;
        const char *user, *password;
        int database;
    } table[] = {
        {"redis://localhost", "localhost", 6379, NULL, NULL, 0},
        {"redis://localhost/", "localhost", 6379, NULL, NULL, 0},
        {"redis://10.0.0.7:7000/15", "10.0.0.7", 7000, NULL, NULL, 15},
        {"redis://:pw@h:1", "h", 1, NULL, "pw", 0},
        {"redis://ann:pw@h/3", "h", 6379, "ann", "pw", 3},
        {"redis://ann:p%40%2F%3a%25@h", "h", 6379, "ann", "p@/:%", 0},
        {"redis://ann:a:b@h:65535/0", "h", 65535, "ann", "a:b", 0},
        {"redis://[::1]:6380/1", "::1", 6380, NULL, NULL, 1},
        {"redis://:pw@[fe80::1]", "fe80::1", 6379, NULL, "pw", 0},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct redis_url url;
        struct hr_error error;
        if (redis_url_parse(hr_str(table[i].text), &url, &error) != HR_OK) {
            fail_msg("%s: %s", table[i].text, error.text);
        }
        assert_text(url.host, table[i].host);
        assert_text(url.user, table[i].user);
        assert_text(url.password, table[i].password);
        assert_int_equal(url.port, table[i].port);
        assert_int_equal(url.database, table[i].database);
        redis_url_clean_up(&url);
    }
}

static void what_is_not_clear_is_refused_without_repeating_it(void **state)
{
    (void)state;
    static const char *const table[] = {"", "localhost:6379", "http://canary@h", "redis://",
        "redis://:canary@", "redis://:canary@:6379", "redis://:canary@h:0",
        "redis://:canary@h:65536", "redis://:canary@h:", "redis://:canary@h:6379x",
        "redis://:canary@h/x", "redis://:canary@h/0/1", "redis://:canary@h/-1", "redis://canary@h",
        "redis://:can%ary@h", "redis://:canary%4@h", "redis://:canary%00@h", "redis://u%0:canary@h",
        "redis://:can@ary@h", "redis://u:can/ary@h", "redis://[::1", "redis://[::1]canary",
        "redis://[::1]:", "rediss://:canary@h", "redis://:canary@h/99999999999999999999"};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct redis_url url;
        struct hr_error error = {0};
        if (redis_url_parse(hr_str(table[i]), &url, &error) != HR_STOP) {
            fail_msg("%s was taken", table[i]);
        }
        assert_null(strstr(error.text, "can"));
        assert_null(strstr(error.text, "ary"));
        assert_true(strlen(error.text) > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_taken_apart),
        cmocka_unit_test(what_is_not_clear_is_refused_without_repeating_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
