/* SPDX-License-Identifier: Apache-2.0 */
/* What a trigger advises: the plan to go up to, who speaks about it, and what there is to say. Made
 * once, when it fires, from what was known then. All of it lives as long as the trigger. */
#ifndef HEADROOM_ADVICE_H
#define HEADROOM_ADVICE_H

#include "headroom/score.h"

struct hr_recommendation {
    const struct hr_plan *plan; /* NULL: none */
    const struct hr_plan *from; /* today's */
    bool has_delta;             /* both prices are known, in one currency or by the rates */
    struct hr_decimal delta;    /* MRR that it adds, in major units; may be negative */
    char currency[4];
};

/* A fact of the account's own, named as signals are: "meter.contacts", "4200 of 5000, 84%". */
struct hr_evidence {
    struct hr_str what, is;
};
#define HR_EVIDENCE_MOST 6u       /* of a block */
#define HR_EVIDENCE_TEXT_MOST 100 /* bytes of either text, but for a plan's link */

struct hr_playbook_block {
    struct hr_evidence at[HR_EVIDENCE_MOST];
    size_t count;
};

struct hr_advice {
    struct hr_score score;
    struct hr_str segment; /* at NULL: unknown */
    struct hr_recommendation recommend;
    const struct hr_offer *offer;       /* NULL: none, or the account has it */
    const struct hr_product *product;   /* of the offer */
    const struct hr_route *route;       /* NULL: none holds */
    struct hr_str owner;                /* at NULL: nobody */
    const struct hr_playbook *playbook; /* NULL: none */
    struct hr_playbook_block blocks[HR_BLOCKS];
};

#endif
