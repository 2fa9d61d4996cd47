/* SPDX-License-Identifier: Apache-2.0 */
/* What stands where Redis is looked for may answer anything: a proxy, another service, a Redis that
 * is not one. Here it is a process that has all its answers ready, as bytes: first those that
 * greet, then one of a kind that nobody awaits. Every look must end in an error that says where,
 * never in a crash, and never in a value that is not there. */
#include "headroom/redis.h"
#include "headroom/time.h"
#include "redis/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define INFO "$29\r\nmaxmemory_policy:noeviction\r\n\r\n"
#define SHA "$40\r\n0123456789012345678901234567890123456789\r\n"
#define GREETING INFO SHA SHA
#define STRANGE "no answer that Redis gives"

/* --- who answers ------------------------------------------------------------------------------ */

struct peer {
    pid_t process;
    char url[48];
};

static void answer_all(int client, const char *answers)
{
    size_t len = strlen(answers);
    char heard[4096];
    if (write(client, answers, len) == (ssize_t)len) {
        while (read(client, heard, sizeof(heard)) > 0) {
        }
    }
}

/* A text of `size` bytes in `pieces`, one each 10 ms. */
static void answer_in_pieces(int client, size_t size, size_t pieces)
{
    char *piece = calloc(1, size / pieces);
    dprintf(client, "$%zu\r\n", size);
    bool gone = false;
    for (size_t n = 0; n < pieces && !gone; n++) {
        usleep(10000);
        gone = send(client, piece, size / pieces, MSG_NOSIGNAL) < 0;
    }
    (void)!write(client, "\r\n", gone ? 0 : 2);
    free(piece);
}

static void trickle(int client, const char *answers)
{
    (void)answers;
    answer_in_pieces(client, 300, 300);
}

static void pour(int client, const char *answers)
{
    (void)answers;
    answer_in_pieces(client, 2000000, 40);
}

static struct peer start(void (*serve)(int client, const char *answers), const char *answers)
{
    struct peer peer;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listening, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(listening, 1), 0);
    assert_int_equal(getsockname(listening, (struct sockaddr *)&at, &size), 0);
    sprintf(peer.url, "redis://127.0.0.1:%d", ntohs(at.sin_port));
    peer.process = fork();
    if (peer.process == 0) {
        serve(accept(listening, NULL, NULL), answers);
        _exit(0);
    }
    close(listening);
    return peer;
}

/* --- who asks --------------------------------------------------------------------------------- */

enum look { LOAD, TIMERS, CLOCK, KEYS, CLEAR, PUBLISH, PUBLISHED, VIEWS };

static bool see(void *context, struct hr_str account, const struct hr_str *view, size_t count)
{
    (void)context;
    assert_true(hr_str_is(account, "ada"));
    assert_int_equal(count, 2);
    assert_true(hr_str_is(view[0], "name"));
    return true;
}

static enum hr_fate ask(
    struct hr_store *store, enum look look, struct hr_arena *arena, struct hr_error *error)
{
    struct hr_str keys[] = {HR_STR("a:ada"), HR_STR("a:bob")}, values[2], marker, *found;
    struct hr_str fields[] = {HR_STR("homes"), HR_STR("8")};
    struct hr_timer *timers;
    struct hr_time now;
    size_t count;
    uint64_t cursor = 0;
    bool more;
    switch (look) {
    case LOAD:
        return store->load(store->self, 0, keys, 2, arena, values, &marker, error);
    case TIMERS:
        return store->timers(
            store->self, 0, HR_TIME_NEVER, 9, arena, &timers, &count, &more, &marker, error);
    case CLOCK:
        return store->clock(store->self, &now, error);
    case KEYS:
        return store->keys(store->self, 0, &cursor, arena, &found, &count, error);
    case CLEAR:
        return store->clear(store->self, 0, HR_STR("mark"), 100, &more, error);
    case PUBLISH:
        return store->publish(store->self, fields, 2, error);
    case PUBLISHED:
        return store->published(store->self, arena, &found, &count, error);
    case VIEWS:
        return hr_redis_views(store, see, NULL, error);
    }
    return HR_STOP;
}

/* What comes of one look at whoever greets well and then answers so. */
static enum hr_fate look_at(enum look look, const char *answers, struct hr_error *error)
{
    char all[4096];
    snprintf(all, sizeof(all), "%s%s", GREETING, answers);
    struct peer peer = start(answer_all, all);
    struct hr_redis_settings settings = {.url = hr_str(peer.url), .prefix = HR_STR("hr")};
    struct hr_store store;
    struct hr_arena arena;
    hr_arena_init(&arena);
    assert_int_equal(hr_redis_open(&settings, &store, error), HR_OK);
    enum hr_fate fate = ask(&store, look, &arena, error);
    hr_redis_close(&store);
    hr_arena_clean_up(&arena);
    waitpid(peer.process, NULL, 0);
    return fate;
}

static void assert_refused(enum look look, const char *answers, const char *what)
{
    struct hr_error error = {0};
    enum hr_fate fate = look_at(look, answers, &error);
    if (fate != HR_RETRY || !strstr(error.text, "Redis at 127.0.0.1:") ||
        !strstr(error.text, what)) {
        fail_msg("look %d, %s: %d, %s", (int)look, answers, (int)fate, error.text);
    }
}

static void assert_taken(enum look look, const char *answers)
{
    struct hr_error error = {0};
    if (look_at(look, answers, &error) != HR_OK) {
        fail_msg("look %d, %s: %s", (int)look, answers, error.text);
    }
}

#define KEY "$12\r\nhr:{0}:a:ada\r\n"
#define VIEW "$12\r\nhr:{0}:v:ada\r\n"
#define FOUND(key) "*2\r\n$1\r\n0\r\n*1\r\n" key
#define QUEUED "+OK\r\n+QUEUED\r\n+QUEUED\r\n"

/* None of these would show anything if what Redis does answer were not taken. */
static void what_redis_answers_is_taken(void **state)
{
    (void)state;
    assert_taken(LOAD, "*3\r\n$4\r\nmark\r\n$-1\r\n$0\r\n\r\n");
    assert_taken(TIMERS, QUEUED "*2\r\n$-1\r\n*2\r\n$3\r\nada\r\n$16\r\n1763802843120000\r\n");
    assert_taken(TIMERS, QUEUED "*2\r\n$-1\r\n*2\r\n$3\r\nada\r\n$8\r\n1.76e+15\r\n");
    assert_taken(CLOCK, "*2\r\n$10\r\n1763802843\r\n$6\r\n120000\r\n");
    assert_taken(KEYS, FOUND(KEY));
    assert_taken(CLEAR, FOUND(KEY) ":1\r\n");
    assert_taken(PUBLISH, ":0\r\n");
    assert_taken(PUBLISHED, "*2\r\n$5\r\nhomes\r\n$1\r\n8\r\n");
    assert_taken(VIEWS, FOUND(VIEW) "*2\r\n$4\r\nname\r\n$3\r\nAda\r\n");
    assert_taken(VIEWS, FOUND(VIEW) "*0\r\n"); /* deleted since */
    assert_taken(VIEWS, FOUND(VIEW) "-WRONGTYPE\r\n");
    assert_taken(VIEWS, FOUND(KEY)); /* no view */
}

static void an_answer_of_another_kind_is_an_error(void **state)
{
    (void)state;
    static const char *const kinds[] = {"$-1\r\n", "*-1\r\n", "$3\r\nada\r\n", "$0\r\n\r\n",
        "+OK\r\n", "*0\r\n", "*1\r\n*0\r\n", "*2\r\n*0\r\n*1\r\n:1\r\n",
        "*3\r\n:1\r\n$-1\r\n:2\r\n"};
    static const enum look looks[] = {LOAD, CLOCK, KEYS, CLEAR, PUBLISH, VIEWS};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        for (size_t k = 0; k < sizeof(looks) / sizeof(looks[0]); k++) {
            assert_refused(looks[k], kinds[i], STRANGE);
        }
        char executed[128];
        snprintf(executed, sizeof(executed), QUEUED "%s", kinds[i]);
        assert_refused(TIMERS, executed, STRANGE);
        if (strcmp(kinds[i], "*0\r\n") != 0) { /* nothing published */
            assert_refused(PUBLISHED, kinds[i], STRANGE);
        }
    }
    static const enum look lists[] = {LOAD, CLOCK, KEYS, CLEAR, PUBLISHED, VIEWS};
    for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++) {
        assert_refused(lists[k], ":7\r\n", STRANGE);
    }
}

static void a_list_of_other_things_is_an_error(void **state)
{
    (void)state;
    static const struct {
        enum look look;
        const char *answers;
    } table[] = {
        {LOAD, "*3\r\n$4\r\nmark\r\n$-1\r\n:5\r\n"},
        {LOAD, "*3\r\n*0\r\n$-1\r\n$-1\r\n"},
        {LOAD, "*3\r\n$-1\r\n+OK\r\n$-1\r\n"},
        {LOAD, "*2\r\n$-1\r\n$-1\r\n"},
        {LOAD, "*4\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n"},
        {TIMERS, QUEUED "*2\r\n:1\r\n*0\r\n"},
        {TIMERS, QUEUED "*2\r\n*0\r\n*0\r\n"},
        {TIMERS, QUEUED "*2\r\n$-1\r\n$-1\r\n"},
        {TIMERS, QUEUED "*2\r\n$-1\r\n*1\r\n$3\r\nada\r\n"},
        {TIMERS, QUEUED "*2\r\n$-1\r\n*2\r\n$3\r\nada\r\n:5\r\n"},
        {TIMERS, QUEUED "*2\r\n$-1\r\n*2\r\n$3\r\nada\r\n$-1\r\n"},
        {TIMERS, QUEUED "*2\r\n$-1\r\n*2\r\n$-1\r\n$1\r\n5\r\n"},
        {TIMERS, QUEUED "*2\r\n$-1\r\n*2\r\n*1\r\n:1\r\n$1\r\n5\r\n"},
        {TIMERS, QUEUED "*2\r\n$-1\r\n*2\r\n$3\r\nada\r\n$0\r\n\r\n"},
        {TIMERS, QUEUED "*2\r\n$-1\r\n*2\r\n$3\r\nada\r\n$2\r\n5x\r\n"},
        {TIMERS, QUEUED "*2\r\n$-1\r\n*2\r\n$3\r\nada\r\n$3\r\nnan\r\n"},
        {TIMERS, QUEUED "*2\r\n$-1\r\n*2\r\n$3\r\nada\r\n$3\r\ninf\r\n"},
        {TIMERS, QUEUED "*2\r\n$-1\r\n*2\r\n$3\r\nada\r\n$4\r\n1e19\r\n"},
        {CLOCK, "*2\r\n:1\r\n:2\r\n"},
        {CLOCK, "*2\r\n$-1\r\n$-1\r\n"},
        {CLOCK, "*2\r\n$1\r\n1\r\n$2\r\n1x\r\n"},
        {CLOCK, "*2\r\n$13\r\n9223372036854\r\n$1\r\n0\r\n"},
        {CLOCK, "*2\r\n$1\r\n1\r\n$7\r\n1000000\r\n"},
        {KEYS, "*2\r\n:0\r\n*0\r\n"},
        {KEYS, "*2\r\n$-1\r\n*0\r\n"},
        {KEYS, "*2\r\n$2\r\n-1\r\n*0\r\n"},
        {KEYS, "*2\r\n$20\r\n18446744073709551616\r\n*0\r\n"},
        {KEYS, "*2\r\n$1\r\n0\r\n$-1\r\n"},
        {KEYS, FOUND(":1\r\n")},
        {KEYS, FOUND("$-1\r\n")},
        {KEYS, FOUND("*0\r\n")},
        {KEYS, FOUND("$2\r\nhr\r\n")}, /* shorter than what is cut off */
        {KEYS, FOUND("$12\r\nhr:{1}:a:ada\r\n")},
        {CLEAR, FOUND("$12\r\nhr:{1}:a:ada\r\n")}, /* nor is it deleted */
        {CLEAR, FOUND("$-1\r\n")},
        {CLEAR, FOUND(KEY) "$1\r\n1\r\n"},
        {PUBLISHED, "*1\r\n$5\r\nhomes\r\n"},
        {PUBLISHED, "*2\r\n$5\r\nhomes\r\n:8\r\n"},
        {PUBLISHED, "*2\r\n$-1\r\n$1\r\n8\r\n"},
        {PUBLISHED, "*2\r\n$5\r\nhomes\r\n*0\r\n"},
        {VIEWS, FOUND("*1\r\n:1\r\n")},
        {VIEWS, FOUND(VIEW) ":1\r\n"},
        {VIEWS, FOUND(VIEW) "$-1\r\n"},
        {VIEWS, FOUND(VIEW) "*1\r\n$4\r\nname\r\n"},
        {VIEWS, FOUND(VIEW) "*2\r\n$4\r\nname\r\n$-1\r\n"},
        {VIEWS, FOUND(VIEW) "*2\r\n:1\r\n$3\r\nAda\r\n"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        assert_refused(table[i].look, table[i].answers, STRANGE);
    }
}

/* What comes of one answer that has a fifth of a second: its size, or 0 when that was over. */
static size_t size_of_answer(void (*serve)(int client, const char *answers))
{
    struct peer peer = start(serve, NULL);
    struct redis_connection connection;
    struct redis_url url;
    struct hr_error error;
    struct hr_arena arena;
    struct answer *answer;
    hr_arena_init(&arena);
    redis_connection_init(&connection);
    assert_int_equal(redis_url_parse(hr_str(peer.url), &url, &error), HR_OK);
    assert_int_equal(redis_connect(&connection, &url, &error), HR_OK);
    assert_int_equal(
        redis_next(&connection, &arena, hr_clock_monotonic_us() + HR_SECOND / 5, &answer, &error),
        HR_OK);
    size_t size = answer ? answer->text.len : 0;
    redis_connection_clean_up(&connection);
    redis_url_clean_up(&url);
    hr_arena_clean_up(&arena);
    waitpid(peer.process, NULL, 0);
    return size;
}

/* Both are on their way for longer than they have; but a large one comes as fast as it can. */
static void an_answer_that_trickles_does_not_come(void **state)
{
    (void)state;
    assert_int_equal(size_of_answer(trickle), 0);
    assert_int_equal(size_of_answer(pour), 2000000);
}

/* Somebody else's set where the marker is looked for: the home has no marker then, or so it seems.
 */
static void an_error_within_a_list_has_the_fate_of_an_error(void **state)
{
    (void)state;
    struct hr_error error;
    assert_int_equal(
        look_at(TIMERS, QUEUED "*2\r\n-WRONGTYPE Operation against\r\n*0\r\n", &error), HR_REFUSE);
    assert_non_null(strstr(error.text, "something else writes under headroom's prefix"));
    assert_int_equal(look_at(LOAD, "*3\r\n$-1\r\n-NOPERM no\r\n$-1\r\n", &error), HR_STOP);
}

/* A length costs its sender a line; it must cost us no more. */
static void what_cannot_be_an_answer_ends_the_connection(void **state)
{
    (void)state;
    static const char *const table[] = {"*2147483647\r\n", "*4194305\r\n", "*1\r\n*2147483647\r\n",
        "*99999999999999999999\r\n", "*-2\r\n", "$-2\r\n", ":x\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "HTTP/1.1 400\r\n"};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        assert_refused(LOAD, table[i], "it does not speak Redis's protocol");
    }
}

static void a_write_is_written_by_the_number_one_alone(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        enum hr_write_outcome outcome;
    } table[] = {
        {":1\r\n", HR_WRITTEN},
        {":0\r\n", HR_WRITE_REFUSED},
        {":2\r\n", HR_WRITE_UNKNOWN},
        {"$1\r\n1\r\n", HR_WRITE_UNKNOWN},
        {"$-1\r\n", HR_WRITE_UNKNOWN},
        {"+OK\r\n", HR_WRITE_UNKNOWN},
        {"*1\r\n:1\r\n", HR_WRITE_UNKNOWN},
        {"*-1\r\n", HR_WRITE_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char all[512];
        snprintf(all, sizeof(all), "%s%s", GREETING, table[i].answer);
        struct peer peer = start(answer_all, all);
        struct hr_redis_settings settings = {.url = hr_str(peer.url), .prefix = HR_STR("hr")};
        struct hr_store_write write = {.home = 3, .expected = HR_STR(""), .marker = HR_STR("m")};
        struct hr_store store;
        struct hr_error error;
        enum hr_write_outcome outcome;
        uint32_t home;
        assert_int_equal(hr_redis_open(&settings, &store, &error), HR_OK);
        assert_int_equal(store.submit(store.self, &write, &error), HR_OK);
        assert_true(store.settle(store.self, 10000, &home, &outcome, &error));
        if (home != 3 || outcome != table[i].outcome) {
            fail_msg("%s: %d", table[i].answer, (int)outcome);
        }
        hr_redis_close(&store);
        waitpid(peer.process, NULL, 0);
    }
}

static void who_does_not_greet_like_redis_is_asked_no_further(void **state)
{
    (void)state;
    static const char *const table[] = {"$-1\r\n", ":1\r\n", "*0\r\n", "*1\r\n:1\r\n", "+OK\r\n",
        INFO "$-1\r\n", INFO ":1\r\n", INFO "*1\r\n$-1\r\n", INFO "$0\r\n\r\n",
        INFO "$39\r\n012345678901234567890123456789012345678\r\n",
        INFO "$41\r\n01234567890123456789012345678901234567890\r\n", INFO SHA "$-1\r\n"};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct peer peer = start(answer_all, table[i]);
        struct hr_redis_settings settings = {.url = hr_str(peer.url), .prefix = HR_STR("hr")};
        struct hr_store store;
        struct hr_error error = {0};
        if (hr_redis_open(&settings, &store, &error) != HR_RETRY || !strstr(error.text, STRANGE)) {
            fail_msg("%s: %s", table[i], error.text);
        }
        hr_redis_close(&store);
        waitpid(peer.process, NULL, 0);
    }
}

/* `check --connect` and the log show what INFO says. */
static void what_info_says_is_shown_as_text(void **state)
{
    (void)state;
    static const char info[] = "$63\r\nredis_version:\x1b[31m7\r\nmaxmemory_policy:\x1b["
                               "2J\xc2\x9b\r\nused_memory:7x\r\n\r\n"
                               "*2\r\n$1\r\n1\r\n$1\r\n2\r\n";
    struct peer peer = start(answer_all, info);
    struct hr_redis_settings settings = {.url = hr_str(peer.url), .prefix = HR_STR("hr")};
    struct hr_redis_state seen;
    struct hr_error error = {0};
    if (hr_redis_state(&settings, &seen, &error) != HR_OK) {
        fail_msg("%s", error.text);
    }
    assert_string_equal(seen.version, "\\x1b[31m7");
    assert_string_equal(seen.policy, "\\x1b[2J\\xc2\\x9b");
    assert_int_equal(seen.used_memory, 7);
    assert_int_equal(seen.clock.us, 1000002);
    waitpid(peer.process, NULL, 0);

    peer = start(answer_all, info);
    settings.url = hr_str(peer.url);
    struct hr_store store;
    assert_int_equal(hr_redis_open(&settings, &store, &error), HR_STOP);
    assert_non_null(strstr(error.text, "maxmemory-policy \\x1b[2J\\xc2\\x9b"));
    waitpid(peer.process, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_redis_answers_is_taken),
        cmocka_unit_test(an_answer_of_another_kind_is_an_error),
        cmocka_unit_test(a_list_of_other_things_is_an_error),
        cmocka_unit_test(an_error_within_a_list_has_the_fate_of_an_error),
        cmocka_unit_test(an_answer_that_trickles_does_not_come),
        cmocka_unit_test(what_cannot_be_an_answer_ends_the_connection),
        cmocka_unit_test(a_write_is_written_by_the_number_one_alone),
        cmocka_unit_test(who_does_not_greet_like_redis_is_asked_no_further),
        cmocka_unit_test(what_info_says_is_shown_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
