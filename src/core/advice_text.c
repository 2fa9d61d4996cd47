/* SPDX-License-Identifier: Apache-2.0 */
/* What a trigger advises, in a line each for people (headroom/explain.h). */
#include "headroom/explain.h"

#include "advice.h"

static struct hr_str join(
    struct hr_arena *arena, struct hr_str text, const char *between, struct hr_str more)
{
    return text.len == 0 ? more : more.len == 0 ? text : hr_arena_join(arena, text, between, more);
}

struct hr_str hr_text_money(struct hr_arena *arena, struct hr_decimal amount, const char *currency)
{
    char text[HR_DECIMAL_TEXT];
    size_t len = hr_money_print(amount, currency, text);
    return hr_arena_join(arena, (struct hr_str){text, len}, " ", hr_str(currency));
}

struct hr_str hr_text_delta(struct hr_arena *arena, const struct hr_recommendation *recommend)
{
    struct hr_str amount = hr_text_money(arena, recommend->delta, recommend->currency);
    return recommend->delta.units < 0 ? amount : hr_arena_join(arena, HR_STR("+"), "", amount);
}

/* "5000.00 to 12000.00 USD", or the one amount. */
struct hr_str hr_text_offer_mrr(struct hr_arena *arena, const struct hr_offer *offer)
{
    struct hr_str most = hr_text_money(arena, offer->most, offer->currency);
    char least[HR_DECIMAL_TEXT];
    size_t len = hr_money_print(offer->least, offer->currency, least);
    return hr_decimal_compare(offer->least, offer->most) == 0
               ? most
               : hr_arena_join(arena, (struct hr_str){least, len}, " to ", most);
}

struct hr_str hr_explain_recommend(struct hr_arena *arena, const struct hr_advice *advice)
{
    const struct hr_recommendation *recommend = &advice->recommend;
    struct hr_str text = HR_STR("");
    if (recommend->plan) {
        text = recommend->plan->name;
    }
    if (recommend->has_delta) {
        struct hr_str delta = hr_text_delta(arena, recommend);
        text =
            hr_arena_join(arena, text, ", ", hr_arena_join(arena, delta, " a month", HR_STR("")));
    }
    if (recommend->plan) {
        text = join(arena, text, ", ", recommend->plan->link);
    }
    if (advice->offer) {
        struct hr_str offer = hr_arena_join(arena, HR_STR("offer of "), "", advice->product->name);
        if (advice->offer->has_mrr) {
            offer = hr_arena_join(arena, offer, ", ", hr_text_offer_mrr(arena, advice->offer));
            offer = hr_arena_join(arena, offer, " a month", HR_STR(""));
        }
        text = join(arena, text, "; ", offer);
    }
    return text;
}

struct hr_str hr_explain_route(struct hr_arena *arena, const struct hr_advice *advice)
{
    struct hr_str text = HR_STR("");
    for (uint16_t i = 0; advice->route && i < advice->route->audience_count; i++) {
        text = join(arena, text, ", ", hr_str(hr_audience_names[advice->route->audience[i]]));
    }
    if (advice->owner.len > 0) {
        text = join(arena, text, "; ", hr_arena_join(arena, HR_STR("owner "), "", advice->owner));
    }
    if (advice->playbook) {
        struct hr_str name = advice->playbook->name;
        text = join(arena, text, "; ", hr_arena_join(arena, HR_STR("playbook "), "", name));
    }
    return text;
}
