/* SPDX-License-Identifier: Apache-2.0 */
/* A small door for monitoring. libmicrohttpd polls on one thread of its own; that thread reads
 * metric cells and calls the two questions, and touches nothing else of the process. Whoever can
 * reach the port is not trusted: GET only, no bodies, few connections, short waits, small
 * memory, and the answer never repeats what was asked. Signals go past the thread: the loop must
 * be the one that they wake. */
#include "headroom/http.h"

#include "headroom/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_CONNECTIONS = 32,
    MOST_SECONDS = 5,               /* without a byte moving */
    MOST_REQUEST_BYTES = 16 * 1024, /* request line, headers and the library's own use */
};

struct hr_http {
    struct hr_http_settings settings;
    struct MHD_Daemon *daemon;
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status,
    const char *content_type, struct hr_str body)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.len, (void *)body.at, MHD_RESPMEM_MUST_COPY);
    if (!response) {
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_GET);
    }
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result answer_text(
    struct MHD_Connection *connection, unsigned status, struct hr_str text)
{
    return answer(connection, status, "text/plain; charset=utf-8", text);
}

static enum MHD_Result answer_question(struct MHD_Connection *connection,
    bool (*question)(void *context, struct hr_buffer *why), void *context)
{
    struct hr_buffer why = {0};
    enum MHD_Result queued;
    if (question(context, &why)) {
        queued = answer_text(connection, MHD_HTTP_OK, HR_STR("ok\n"));
    } else {
        queued = answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, hr_buffer_str(&why));
    }
    hr_buffer_clean_up(&why);
    return queued;
}

static enum MHD_Result answer_metrics(struct MHD_Connection *connection, struct hr_metrics *metrics)
{
    struct hr_buffer page = {0};
    hr_metrics_print(metrics, &page);
    enum MHD_Result queued = answer(
        connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", hr_buffer_str(&page));
    hr_buffer_clean_up(&page);
    return queued;
}

/* Called once when the headers are there. Answering then, and not after the body, closes the
 * connection of whoever sends one. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *body, size_t *body_len, void **state)
{
    (void)version;
    (void)body;
    (void)body_len;
    (void)state;
    const struct hr_http *http = context;
    const struct hr_http_settings *settings = &http->settings;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0) {
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, HR_STR("only GET\n"));
    }
    if (strcmp(url, "/metrics") == 0) {
        return answer_metrics(connection, settings->metrics);
    }
    if (strcmp(url, "/healthz") == 0) {
        return answer_question(connection, settings->healthy, settings->context);
    }
    if (strcmp(url, "/readyz") == 0) {
        return answer_question(connection, settings->ready, settings->context);
    }
    return answer_text(
        connection, MHD_HTTP_NOT_FOUND, HR_STR("not here: /metrics, /healthz, /readyz\n"));
}

/* The library's own words are about single connections: for whoever debugs. */
HR_PRINTF(2, 0)
static void log_library(void *context, const char *format, va_list arguments)
{
    const struct hr_http *http = context;
    char line[256];
    int len = vsnprintf(line, sizeof(line), format, arguments);
    if (len > 0 && http->settings.log) {
        hr_log(http->settings.log, HR_DEBUG, "http: %s", line);
    }
}

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool parse_port(struct hr_str text, uint16_t *port)
{
    unsigned long value = 0;
    if (text.len == 0 || text.len > 5) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        value = value * 10 + (unsigned long)(text.at[i] - '0');
    }
    *port = (uint16_t)value;
    return value <= UINT16_MAX;
}

/* "127.0.0.1:9464", "[::1]:9464", "localhost:9464", ":9464" (loopback). No names but localhost: a
 * resolver is no part of start-up. */
static bool parse_listen(struct hr_str listen, union address *address)
{
    size_t colon = listen.len;
    while (colon > 0 && listen.at[colon - 1] != ':') {
        colon--;
    }
    uint16_t port;
    char host[INET6_ADDRSTRLEN] = "";
    if (colon == 0 || colon - 1 >= sizeof(host) ||
        !parse_port((struct hr_str){listen.at + colon, listen.len - colon}, &port)) {
        return false;
    }
    memcpy(host, listen.at, colon - 1);
    size_t len = strlen(host);
    memset(address, 0, sizeof(*address));
    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons(port);
        return inet_pton(AF_INET6, host + 1, &address->v6.sin6_addr) == 1;
    }
    bool loopback = len == 0 || strcmp(host, "localhost") == 0;
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = htons(port);
    return inet_pton(AF_INET, loopback ? "127.0.0.1" : host, &address->v4.sin_addr) == 1;
}

static struct MHD_Daemon *start_daemon(struct hr_http *http, const union address *address)
{
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO | MHD_USE_ERROR_LOG;
    if (address->any.sa_family == AF_INET6) {
        flags |= MHD_USE_IPv6;
    }
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); /* the new thread inherits it */
    errno = 0;
    struct MHD_Daemon *daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, handle, http, MHD_OPTION_EXTERNAL_LOGGER,
            log_library, http, MHD_OPTION_SOCK_ADDR, &address->any, MHD_OPTION_CONNECTION_LIMIT,
            (unsigned)MOST_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)MOST_SECONDS,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MOST_REQUEST_BYTES, MHD_OPTION_END);
    int kept_errno = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = kept_errno;
    return daemon;
}

enum hr_fate hr_http_start(
    const struct hr_http_settings *settings, struct hr_http **http, struct hr_error *error)
{
    *http = NULL;
    union address address;
    struct hr_arena arena;
    enum hr_fate fate = HR_OK;
    hr_arena_init(&arena);
    const char *shown = hr_escape(&arena, settings->listen, 100);
    if (!parse_listen(settings->listen, &address)) {
        fate = hr_fail(error, HR_STOP,
            "cannot listen on \"%s\": it must read ADDRESS:PORT, such as 127.0.0.1:9464", shown);
    } else {
        struct hr_http *made = hr_alloc(sizeof(*made));
        made->settings = *settings;
        made->daemon = start_daemon(made, &address);
        if (made->daemon) {
            *http = made;
        } else {
            int reason = errno;
            hr_free(made);
            fate = hr_fail(error, HR_STOP, "cannot listen on %s: %s", shown,
                reason ? strerror(reason) : "the HTTP library refused to start");
        }
    }
    hr_arena_clean_up(&arena);
    return fate;
}

unsigned hr_http_port(const struct hr_http *http)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

void hr_http_stop(struct hr_http *http)
{
    if (!http) {
        return;
    }
    MHD_stop_daemon(http->daemon);
    hr_free(http);
}
