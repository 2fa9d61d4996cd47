/* SPDX-License-Identifier: Apache-2.0 */
#include "event.h"

#include <stdio.h>
#include <stdlib.h>

/* The session's name takes up what is left. */
void write_event(
    char text[EVENT_BYTES + 1], long number, long accounts, long heavy, time_t time_of_event)
{
    static const char filler[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    char stamp[32];
    struct tm parts;
    long account = number % accounts;
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time_of_event, &parts));
    int len = snprintf(text, EVENT_BYTES + 1,
        "{\"specversion\":\"1.0\",\"id\":\"%010ld\",\"source\":\"app/"
        "api\",\"type\":\"api.request\","
        "\"subject\":\"account-%06ld\",\"time\":\"%s\",\"datacontenttype\":\"application/json\","
        "\"data\":{\"calls\":%d,\"status\":200,\"session\":\"",
        number, account, stamp, account < heavy ? 10 : 1);
    int left = EVENT_BYTES - len - 3;
    if (left < 0 || left > (int)sizeof filler - 1) {
        fprintf(stderr, "bench: an event's parts do not add up to 267 bytes\n");
        exit(1);
    }
    snprintf(text + len, (size_t)(EVENT_BYTES + 1 - len), "%.*s\"}}", left, filler);
}
