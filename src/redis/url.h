/* SPDX-License-Identifier: Apache-2.0 */
/* redis://[user[:password]@]host[:port][/db], percent-encoded as URLs are. */
#ifndef HEADROOM_REDIS_URL_H
#define HEADROOM_REDIS_URL_H

#include "headroom/error.h"
#include "headroom/str.h"

struct redis_url {
    char *host, *user, *password; /* user, password: NULL when there is none */
    int port, database;
};

/* HR_STOP says what is wrong and never shows more than the scheme: the rest may hold a password. */
HR_MUST enum hr_fate redis_url_parse(
    struct hr_str text, struct redis_url *url, struct hr_error *error);
void redis_url_clean_up(struct redis_url *url);

#endif
