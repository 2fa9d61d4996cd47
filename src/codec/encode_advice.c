/* SPDX-License-Identifier: Apache-2.0 */
/* What a trigger advises, as its members: score, segment, recommend, offer, route, playbook. What
 * there is none of is null. Money is in major units with its currency beside, with as many places
 * as that has. */
#include "encode.h"

static void put_money(
    struct hr_buffer *buffer, const char *name, struct hr_decimal amount, const char *currency)
{
    char text[HR_DECIMAL_TEXT];
    size_t len = hr_money_print(amount, currency, text);
    hr_put_member(buffer, name, (struct hr_str){text, len});
}

/* The rows that gave points. */
static void put_score(struct hr_buffer *buffer, const struct hr_score *score)
{
    const char *between = "";
    hr_put_printf(buffer, ",\"score\":{\"total\":%lld", (long long)score->total);
    hr_put_member(buffer, "tier", score->tier);
    hr_put_text(buffer, ",\"parts\":[");
    for (uint16_t i = 0; i < score->part_count; i++) {
        const struct hr_score_part *part = &score->parts[i];
        if (!part->given) {
            continue;
        }
        hr_put_printf(buffer, "%s{\"points\":%d", between, (int)part->row->points);
        if (part->row->name.at) {
            hr_put_member(buffer, "name", part->row->name);
        }
        hr_put_member(buffer, "because", part->because);
        hr_put_text(buffer, "}");
        between = ",";
    }
    hr_put_text(buffer, "]}");
}

static void put_recommend(struct hr_buffer *buffer, const struct hr_recommendation *recommend)
{
    if (!recommend->plan) {
        hr_put_text(buffer, ",\"recommend\":null");
        return;
    }
    hr_put_text(buffer, ",\"recommend\":{\"plan\":");
    hr_put_json_string(buffer, recommend->plan->name);
    hr_put_member(buffer, "from", recommend->from->name);
    if (recommend->has_delta) {
        put_money(buffer, "mrr_delta", recommend->delta, recommend->currency);
        hr_put_member(buffer, "currency", hr_str(recommend->currency));
    } else {
        hr_put_text(buffer, ",\"mrr_delta\":null,\"currency\":null");
    }
    bool linked = recommend->plan->link.len > 0;
    hr_put_member(buffer, "link", linked ? recommend->plan->link : HR_NOTHING);
    hr_put_text(buffer, "}");
}

static void put_offer(struct hr_buffer *buffer, const struct hr_advice *advice)
{
    const struct hr_offer *offer = advice->offer;
    if (!offer) {
        hr_put_text(buffer, ",\"offer\":null");
        return;
    }
    hr_put_text(buffer, ",\"offer\":{\"product\":");
    hr_put_json_string(buffer, advice->product->name);
    if (offer->has_mrr) {
        put_money(buffer, "mrr_from", offer->least, offer->currency);
        put_money(buffer, "mrr_to", offer->most, offer->currency);
        hr_put_member(buffer, "currency", hr_str(offer->currency));
    } else {
        hr_put_text(buffer, ",\"mrr_from\":null,\"mrr_to\":null,\"currency\":null");
    }
    hr_put_text(buffer, "}");
}

static void put_route(struct hr_buffer *buffer, const struct hr_advice *advice)
{
    const struct hr_route *route = advice->route;
    hr_put_text(buffer, ",\"route\":{\"audience\":[");
    for (uint16_t i = 0; route && i < route->audience_count; i++) {
        hr_put_printf(buffer, "%s\"%s\"", i ? "," : "", hr_audience_names[route->audience[i]]);
    }
    hr_put_text(buffer, "]");
    hr_put_member(buffer, "playbook", advice->playbook ? advice->playbook->name : HR_NOTHING);
    hr_put_member(buffer, "owner", advice->owner);
    hr_put_text(buffer, "}");
}

static void put_block(
    struct hr_buffer *buffer, struct hr_str text, const struct hr_playbook_block *block)
{
    hr_put_text(buffer, "{\"text\":");
    hr_put_value(buffer, text.len > 0 ? text : HR_NOTHING);
    hr_put_text(buffer, ",\"evidence\":[");
    for (size_t i = 0; i < block->count; i++) {
        hr_put_printf(buffer, "%s{\"what\":", i ? "," : "");
        hr_put_json_string(buffer, block->at[i].what);
        hr_put_member(buffer, "is", block->at[i].is);
        hr_put_text(buffer, "}");
    }
    hr_put_text(buffer, "]}");
}

static void put_playbook(struct hr_buffer *buffer, const struct hr_advice *advice)
{
    const struct hr_playbook *playbook = advice->playbook;
    if (!playbook) {
        hr_put_text(buffer, ",\"playbook\":null");
        return;
    }
    hr_put_text(buffer, ",\"playbook\":{\"name\":");
    hr_put_json_string(buffer, playbook->name);
    hr_put_member(buffer, "title", playbook->title);
    hr_put_member(buffer, "impact", playbook->impact.len > 0 ? playbook->impact : HR_NOTHING);
    for (int b = 0; b < HR_BLOCKS; b++) {
        hr_put_printf(buffer, ",\"%s\":", hr_block_names[b]);
        put_block(buffer, playbook->texts[b], &advice->blocks[b]);
    }
    hr_put_text(buffer, "}");
}

void hr_encode_advice(const struct hr_advice *advice, struct hr_buffer *buffer)
{
    put_score(buffer, &advice->score);
    hr_put_member(buffer, "segment", advice->segment);
    put_recommend(buffer, &advice->recommend);
    put_offer(buffer, advice);
    put_route(buffer, advice);
    put_playbook(buffer, advice);
}
