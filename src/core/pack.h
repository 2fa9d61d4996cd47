/* SPDX-License-Identifier: Apache-2.0 */
/* What the writers of an account's sections share (pack.c, pack_dossier.c). */
#ifndef HEADROOM_CORE_PACK_H
#define HEADROOM_CORE_PACK_H

#include "inside.h"
#include "sections.h"

/* A section is left out when nothing was written between the two. */
size_t hr_section_begin(struct hr_buffer *out, enum hr_section section);
void hr_section_end(struct hr_buffer *out, size_t begin);
/* A moment near the account's clock. */
void hr_put_near(struct hr_buffer *out, struct hr_time clock, struct hr_time time);
void hr_put_moment(struct hr_buffer *out, struct hr_moment moment);

/* Own levels, of an account that was told some. */
void hr_pack_own(struct hr_buffer *out, const struct hr_account *account);
void hr_pack_dossier(struct hr_buffer *out, const struct hr_account *account);
void hr_pack_outcomes(struct hr_buffer *out, const struct hr_account *account);
void hr_pack_unrated_costs(struct hr_buffer *out, const struct hr_account *account);

#endif
