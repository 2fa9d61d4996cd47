/* SPDX-License-Identifier: Apache-2.0 */
/* The accounts of a simulation, as they are at its end: a line of JSON each, in the shape of
 * `headroom account --json`. */
#ifndef HEADROOM_COMMANDS_ACCOUNTS_H
#define HEADROOM_COMMANDS_ACCOUNTS_H

#include "headroom/describe.h"
#include "headroom/home.h"
#include "headroom/now.h"
#include "print.h"

struct hr_accounts;
struct hr_accounts *hr_accounts_new(void);
void hr_accounts_destroy(struct hr_accounts *accounts); /* NULL: nothing */
/* A record was for this name, or an account claimed it. The bytes are copied. */
void hr_accounts_saw(struct hr_accounts *accounts, struct hr_str name);
/* Every name seen that is an account or an alias now, in the order of names. HR_STOP: it cannot be
 * written. */
HR_MUST enum hr_fate hr_accounts_write(
    struct hr_accounts *accounts, struct hr_home *home, int fd, struct hr_error *error);

/* Tells of every account that there is, in the order of names, as it is now. */
void hr_accounts_walk(const struct hr_accounts *accounts, struct hr_home *home,
    void (*each)(void *context, const struct hr_account_now *now), void *context);

/* The rows as members of the object that is open, an array a section. */
void hr_doc_rows(struct hr_doc *doc, const struct hr_row *rows, size_t count);

#endif
