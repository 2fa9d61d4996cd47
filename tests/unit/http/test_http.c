/* SPDX-License-Identifier: Apache-2.0 */
/* The monitoring port as a client sees it: over a real socket, byte by byte. */
#include "headroom/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct hr_metrics *metrics;
    struct hr_http *http;
    bool healthy, ready;
};

static bool healthy(void *context, struct hr_buffer *why)
{
    const struct fixture *fixture = context;
    if (!fixture->healthy) {
        hr_put_printf(why, "redis: away for 31 s\npartition 7: refused\n");
    }
    return fixture->healthy;
}

static bool ready(void *context, struct hr_buffer *why)
{
    const struct fixture *fixture = context;
    if (!fixture->ready) {
        hr_put_printf(why, "partition 2: restoring\n");
    }
    return fixture->ready;
}

static enum hr_fate start(struct fixture *fixture, const char *listen, struct hr_error *error)
{
    const struct hr_http_settings settings = {.listen = hr_str(listen),
        .metrics = fixture->metrics,
        .healthy = healthy,
        .ready = ready,
        .context = fixture};
    return hr_http_start(&settings, &fixture->http, error);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    struct hr_error error;
    fixture = (struct fixture){.metrics = hr_metrics_new(), .healthy = true, .ready = true};
    *state = &fixture;
    return start(&fixture, "127.0.0.1:0", &error) == HR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    hr_http_stop(fixture->http);
    hr_metrics_destroy(fixture->metrics);
    return 0;
}

static int dial(const struct fixture *fixture)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)hr_http_port(fixture->http)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Sends a request and returns everything until the server closes. */
static const char *ask(const struct fixture *fixture, const char *request)
{
    static char reply[65536];
    int fd = dial(fixture);
    size_t len = strlen(request), got = 0;
    assert_int_equal(send(fd, request, len, MSG_NOSIGNAL), (ssize_t)len);
    for (ssize_t n; (n = read(fd, reply + got, sizeof(reply) - 1 - got)) > 0;) {
        got += (size_t)n;
    }
    reply[got] = '\0';
    close(fd);
    return reply;
}

static const char *get(const struct fixture *fixture, const char *path)
{
    char request[256];
    snprintf(
        request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
    return ask(fixture, request);
}

static const char *body(const char *reply)
{
    const char *at = strstr(reply, "\r\n\r\n");
    assert_non_null(at);
    return at + 4;
}

static void a_scrape_shows_the_cells_as_they_are_now(void **state)
{
    struct fixture *fixture = *state;
    struct hr_cell *cell =
        hr_metric(fixture->metrics, HR_METRIC_COUNTER, "hr_records_total", "Read.", 1, NULL);
    hr_cell_add(cell, 3);
    const char *reply = get(fixture, "/metrics?any=thing");
    assert_memory_equal(reply, "HTTP/1.1 200 ", 13);
    assert_non_null(strstr(reply, "text/plain; version=0.0.4"));
    assert_string_equal(body(reply),
        "# HELP hr_records_total Read.\n# TYPE hr_records_total counter\nhr_records_total 3\n");
    hr_cell_add(cell, 1);
    assert_non_null(strstr(get(fixture, "/metrics"), "\nhr_records_total 4\n"));
}

static void health_and_readiness_are_asked_each_time(void **state)
{
    struct fixture *fixture = *state;
    assert_memory_equal(get(fixture, "/healthz"), "HTTP/1.1 200 ", 13);
    fixture->healthy = false;
    const char *reply = get(fixture, "/healthz");
    assert_memory_equal(reply, "HTTP/1.1 503 ", 13);
    assert_string_equal(body(reply), "redis: away for 31 s\npartition 7: refused\n");
    assert_memory_equal(get(fixture, "/readyz"), "HTTP/1.1 200 ", 13);
    fixture->ready = false;
    assert_string_equal(body(get(fixture, "/readyz")), "partition 2: restoring\n");
}

static void anything_else_is_refused(void **state)
{
    const struct fixture *fixture = *state;
    assert_memory_equal(get(fixture, "/"), "HTTP/1.1 404 ", 13);
    assert_memory_equal(get(fixture, "/metrics/"), "HTTP/1.1 404 ", 13);
    const char *posted = ask(fixture,
        "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
    assert_memory_equal(posted, "HTTP/1.1 405 ", 13);
    assert_non_null(strstr(posted, "Allow: GET"));
    assert_memory_equal(
        ask(fixture, "HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        "HTTP/1.1 405 ", 13);
    assert_null(strstr(get(fixture, "/<script>"), "script"));
}

static void a_huge_request_does_not_reach_memory(void **state)
{
    const struct fixture *fixture = *state;
    static char request[64 * 1024 + 64];
    int len = snprintf(request, sizeof(request), "GET /metrics HTTP/1.1\r\nHost: x\r\nX: ");
    memset(request + len, 'a', sizeof(request) - 1 - (size_t)len);
    int fd = dial(fixture);
    char reply[64] = "";
    (void)!send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL);
    ssize_t got = read(fd, reply, sizeof(reply) - 1);
    close(fd);
    assert_true(got <= 0 || memcmp(reply, "HTTP/1.1 4", 10) == 0); /* refused or hung up */
    assert_memory_equal(get(fixture, "/healthz"), "HTTP/1.1 200 ", 13);
}

static void a_wrong_or_taken_address_is_said_at_start(void **state)
{
    struct fixture *fixture = *state;
    struct fixture other = {.metrics = fixture->metrics};
    static const char *const wrong[] = {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
        "127.0.0.1:80a", "example.com:80", "[::1:80", "1.2.3:80"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct hr_error error = {0};
        assert_int_equal(start(&other, wrong[i], &error), HR_STOP);
        assert_non_null(strstr(error.text, "ADDRESS:PORT"));
    }
    char taken[32];
    snprintf(taken, sizeof(taken), "127.0.0.1:%u", hr_http_port(fixture->http));
    struct hr_error error = {0};
    assert_int_equal(start(&other, taken, &error), HR_STOP);
    assert_non_null(strstr(error.text, "in use"));
    assert_null(other.http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_scrape_shows_the_cells_as_they_are_now, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            health_and_readiness_are_asked_each_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(anything_else_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_huge_request_does_not_reach_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_wrong_or_taken_address_is_said_at_start, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
