/* SPDX-License-Identifier: Apache-2.0 */
/* Own levels: `overrides` of account.updated. */
#ifndef HEADROOM_CORE_OWN_H
#define HEADROOM_CORE_OWN_H

#include "state.h"

/* Takes what account.updated says of them, and notes that the layout is to follow. */
void hr_own_tell(struct hr_account *account, const struct hr_fact *fact, struct hr_time time,
    struct hr_pool *pool);
/* The same from another account's, where that is newer. */
void hr_own_merge(struct hr_account *account, const struct hr_account *other, struct hr_pool *pool);
void hr_own_drop(struct hr_dossier *dossier, struct hr_pool *pool);
/* Appends a rule to what is told, as unpacking does. */
struct hr_own_rule *hr_own_add(
    struct hr_dossier *dossier, struct hr_str rule, struct hr_str owner, struct hr_pool *pool);
void hr_own_add_level(struct hr_own_rule *own, struct hr_str level, struct hr_pool *pool);

/* The layout that the account is to follow under a base: the base, or one with its own levels. It
 * is left with hr_layout_leave, and given back when nobody follows it any more. */
struct hr_layout *hr_layout_of(
    struct hr_layout *base, const struct hr_account *account, struct hr_pool *pool);
void hr_layout_leave(struct hr_layout *layout, struct hr_pool *pool);

/* Why own levels of a rule are not in force; NULL: they are, or there are none. */
const char *hr_own_waits(const struct hr_rules *rules, const struct hr_own_rule *own);

#endif
