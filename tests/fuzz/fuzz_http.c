/* SPDX-License-Identifier: Apache-2.0 */
/* What a stranger sends to the monitoring port, over a real socket: the library that parses it is
 * part of what must hold. Every reply is one of those that the port has, whole, and holds nothing
 * of what was asked; the port then still answers others.
 *
 * The peer hangs up with a reset, so that no connection waits for its end and ports do not run
 * out. */
#include "world.h"

#include "headroom/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define REPLY_MOST (256 * 1024) /* of some requests, one behind the other */
#define WAIT_MS 20000           /* longer than the port waits for anybody */

static const char why_not[] = "partition 2: restoring\n";
static const char page[] =
    "# HELP hr_records_total Read.\n# TYPE hr_records_total counter\nhr_records_total 3\n";

static bool healthy(void *context, struct hr_buffer *why)
{
    (void)context;
    (void)why;
    return true;
}

static bool ready(void *context, struct hr_buffer *why)
{
    (void)context;
    hr_put_printf(why, "%s", why_not);
    return false;
}

/* Made at the first call and kept. */
static const struct hr_http *the_port(void)
{
    static struct hr_http *http;
    struct hr_error error;
    if (!http) {
        struct hr_metrics *metrics = hr_metrics_new();
        const struct hr_http_settings settings = {.listen = HR_STR("127.0.0.1:0"),
            .metrics = metrics,
            .healthy = healthy,
            .ready = ready};
        hr_cell_add(hr_metric(metrics, HR_METRIC_COUNTER, "hr_records_total", "Read.", 1, NULL), 3);
        demand(hr_http_start(&settings, &http, &error) == HR_OK, "the port opens");
    }
    return http;
}

static int dial(void)
{
    const struct linger reset = {.l_onoff = 1};
    const struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)hr_http_port(the_port())),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    demand(fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0,
        "whoever comes is heard");
    demand(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0, "options are set");
    return fd;
}

/* Everything that is said until the other side hangs up. A last request asks for that, and ends
 * what was cut. */
static struct hr_str talk(struct hr_str request, char *reply)
{
    static const char last[] =
        "\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    int fd = dial();
    size_t got = 0;
    struct pollfd poll_for = {.fd = fd, .events = POLLIN};
    struct iovec parts[] = {
        {(void *)(uintptr_t)request.at, request.len}, {(void *)(uintptr_t)last, sizeof last - 1}};
    const struct msghdr all = {.msg_iov = parts, .msg_iovlen = 2};
    (void)!sendmsg(fd, &all, MSG_NOSIGNAL);
    for (;;) {
        demand(poll(&poll_for, 1, WAIT_MS) == 1, "the port answers or hangs up");
        ssize_t some = read(fd, reply + got, REPLY_MOST - got);
        if (some <= 0) {
            break;
        }
        got += (size_t)some;
    }
    close(fd);
    return (struct hr_str){reply, got};
}

/* The fuzzer's clock ticks by a signal, which would interrupt whatever waits. */
static struct hr_str ask(struct hr_str request, char *reply)
{
    sigset_t tick, before;
    sigemptyset(&tick);
    sigaddset(&tick, SIGALRM);
    demand(pthread_sigmask(SIG_BLOCK, &tick, &before) == 0, "signals are blocked");
    struct hr_str said = talk(request, reply);
    demand(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0, "and not any more");
    return said;
}

/* --- replies --- */

static bool is_ours(struct hr_str body)
{
    return hr_str_is(body, page) || hr_str_is(body, "ok\n") || hr_str_is(body, why_not) ||
           hr_str_is(body, "only GET\n") ||
           hr_str_is(body, "not here: /metrics, /healthz, /readyz\n");
}

/* What follows it; at NULL where it is not. */
static struct hr_str find(struct hr_str text, const char *what)
{
    for (size_t at = 0; at < text.len; at++) {
        struct hr_str rest = hr_str_from(text, at);
        if (hr_str_starts(rest, what)) {
            return hr_str_from(rest, strlen(what));
        }
    }
    return (struct hr_str){NULL, 0};
}

static size_t body_length(struct hr_str head)
{
    struct hr_str digits = find(head, "\r\nContent-Length: ");
    size_t length = 0;
    for (size_t i = 0; i < digits.len && digits.at[i] >= '0' && digits.at[i] <= '9'; i++) {
        length = 10 * length + (size_t)(digits.at[i] - '0');
    }
    return length;
}

/* Takes one reply off the text. Those of the port itself have a header that the library's lack. */
static void check_reply(struct hr_str *text)
{
    static const char begin[] = "HTTP/1.";
    demand(hr_str_starts(*text, begin), "a reply begins as one");
    struct hr_str rest = find(*text, "\r\n\r\n");
    demand(rest.at != NULL, "and has an end of its head");
    struct hr_str head = {text->at, text->len - rest.len};
    size_t length = body_length(head);
    bool headless = rest.len == 0 || hr_str_starts(rest, begin); /* HEAD, or 100 Continue */
    if (!headless) {
        demand(rest.len >= length, "and is whole");
        struct hr_str body = {rest.at, length};
        bool port = find(head, "X-Content-Type-Options").at != NULL;
        demand(!port || is_ours(body), "and is one of those that the port has");
        rest = hr_str_from(rest, length);
    }
    *text = rest;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static char reply[REPLY_MOST];
    struct hr_str said = ask((struct hr_str){(const char *)bytes, len}, reply);
    while (said.len > 0) {
        check_reply(&said);
    }
    said = ask(HR_STR(""), reply);
    demand(hr_str_starts(said, "HTTP/1.1 200 "), "the next one is answered");
    return 0;
}
