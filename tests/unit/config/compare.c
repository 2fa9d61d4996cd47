/* SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#define TRY(expression, what)                                                                      \
    do {                                                                                           \
        if (!(expression)) {                                                                       \
            return (what);                                                                         \
        }                                                                                          \
    } while (0)
#define SAME(member) TRY(a->member == b->member, #member)
#define SAME_STR(member) TRY(hr_str_equal(a->member, b->member), #member)
#define SAME_TEXT(member) TRY(strcmp(a->member, b->member) == 0, #member)
#define SAME_NUMBER(member) TRY(a->member.units == b->member.units, #member)
#define SAME_TIME(member) TRY(a->member.us == b->member.us, #member)
/* Each pair of entries by a function of its own. */
#define SAME_LIST(entries, count, differs)                                                         \
    do {                                                                                           \
        SAME(count);                                                                               \
        for (size_t entry = 0; entry < a->count; entry++) {                                        \
            const char *what = differs(&a->entries[entry], &b->entries[entry]);                    \
            TRY(!what, what);                                                                      \
        }                                                                                          \
    } while (0)

static const char *differs_str(const struct hr_str *a, const struct hr_str *b)
{
    return hr_str_equal(*a, *b) ? NULL : "an entry of a list of texts";
}

static const char *differs_index(const uint16_t *a, const uint16_t *b)
{
    return *a == *b ? NULL : "an index";
}

static const char *differs_literal(const struct hr_literal *a, const struct hr_literal *b)
{
    SAME(kind);
    SAME_NUMBER(number);
    SAME_TEXT(currency);
    SAME_STR(text);
    return NULL;
}

static const char *differs_places(
    const struct hr_str a[HR_FORMAT_PLACES], const struct hr_str b[HR_FORMAT_PLACES])
{
    for (size_t i = 0; i < HR_FORMAT_PLACES; i++) {
        TRY(hr_str_equal(a[i], b[i]), "a place");
    }
    return NULL;
}
#define SAME_PLACES(member) TRY(!differs_places(a->member, b->member), #member)

static const char *differs_field(const struct hr_format_field *a, const struct hr_format_field *b)
{
    SAME_STR(name);
    SAME_PLACES(at);
    SAME_STR(is);
    SAME_PLACES(times);
    SAME_PLACES(per);
    SAME_PLACES(every);
    SAME_STR(in);
    SAME(notation);
    return NULL;
}

static const char *differs_test(const struct hr_format_test *a, const struct hr_format_test *b)
{
    SAME_STR(at);
    SAME(operator);
    SAME_STR(other);
    return differs_literal(&a->literal, &b->literal);
}

static const char *differs_event(const struct hr_format_event *a, const struct hr_format_event *b)
{
    for (size_t i = 0; i < HR_FORMAT_TYPES; i++) {
        SAME_STR(types[i]);
    }
    SAME_LIST(tests, test_count, differs_test);
    SAME_STR(is);
    SAME_LIST(fields, field_count, differs_field);
    return NULL;
}

static const char *differs_format(const struct hr_format *a, const struct hr_format *b)
{
    SAME_STR(name);
    SAME(shape);
    SAME_STR(inside);
    SAME_PLACES(id);
    SAME_PLACES(accounts);
    SAME_STR(source);
    SAME_STR(type);
    SAME_PLACES(time);
    SAME_PLACES(data);
    SAME_STR(type_is);
    SAME_STR(source_is);
    SAME(notation);
    SAME(data_is_text);
    SAME_LIST(events, event_count, differs_event);
    SAME_LIST(fields, field_count, differs_field);
    SAME(data_are_fields);
    return NULL;
}

static const char *differs_source(const struct hr_source *a, const struct hr_source *b)
{
    SAME_STR(topic);
    SAME(from);
    SAME_TIME(from_time);
    SAME(silent_after_us);
    return differs_format(a->format, b->format);
}

static const char *differs_type(const struct hr_event_type *a, const struct hr_event_type *b)
{
    SAME_STR(name);
    SAME_LIST(fields, field_count, differs_str);
    SAME_LIST(meters, meter_count, differs_index);
    return NULL;
}

static const char *differs_where(const struct hr_where *a, const struct hr_where *b)
{
    SAME(field);
    SAME(operator);
    return differs_literal(&a->literal, &b->literal);
}

static const char *differs_window(const struct hr_window *a, const struct hr_window *b)
{
    SAME(kind);
    SAME(span_us);
    SAME(bucket_us);
    SAME(buckets);
    SAME_STR(text);
    return NULL;
}

static const char *differs_meter(const struct hr_meter *a, const struct hr_meter *b)
{
    SAME_STR(name);
    SAME(key);
    SAME(type);
    SAME(aggregate);
    SAME(value);
    SAME_LIST(where, where_count, differs_where);
    SAME_STR(limit);
    SAME_LIST(windows, window_count, differs_window);
    return NULL;
}

static const char *differs_signal(const struct hr_signal *a, const struct hr_signal *b)
{
    SAME(kind);
    SAME(unit);
    SAME_STR(text);
    SAME(meter);
    SAME(window);
    SAME_STR(attribute);
    SAME(span_us);
    SAME(product);
    SAME_LIST(needs, need_count, differs_index);
    return NULL;
}

static const char *differs_condition(const struct hr_condition *a, const struct hr_condition *b)
{
    SAME(signal);
    SAME(operator);
    return differs_literal(&a->literal, &b->literal);
}

static const char *differs_clause(const struct hr_clause *a, const struct hr_clause *b)
{
    SAME_LIST(any, count, differs_condition);
    return NULL;
}

static const char *differs_level(const struct hr_rule_level *a, const struct hr_rule_level *b)
{
    SAME_NUMBER(value);
    SAME_STR(text);
    SAME_TEXT(currency);
    return NULL;
}

static const char *differs_offer(const struct hr_offer *a, const struct hr_offer *b)
{
    TRY(!a == !b, "an offer");
    if (!a) {
        return NULL;
    }
    SAME(product);
    SAME(has_mrr);
    SAME_NUMBER(least);
    SAME_NUMBER(most);
    SAME_TEXT(currency);
    return NULL;
}

static const char *differs_rule(const struct hr_rule *a, const struct hr_rule *b)
{
    SAME_STR(name);
    SAME(key);
    SAME(signal);
    SAME(direction);
    SAME(category);
    SAME(priority);
    SAME_LIST(levels, level_count, differs_level);
    SAME_NUMBER(rearm);
    SAME(for_us);
    SAME(cooldown_us);
    SAME(jump_each);
    SAME(late_never);
    SAME(shadow);
    SAME(on_start_skip);
    SAME(timed);
    SAME_LIST(milestones, milestone_count, differs_str);
    SAME_LIST(when, when_count, differs_clause);
    SAME(playbook);
    return differs_offer(a->offer, b->offer);
}

static const char *differs_limit(const struct hr_limit *a, const struct hr_limit *b)
{
    SAME_STR(name);
    SAME(unlimited);
    SAME_NUMBER(value);
    return NULL;
}

static const char *differs_plan(const struct hr_plan *a, const struct hr_plan *b)
{
    SAME_STR(name);
    SAME_LIST(limits, limit_count, differs_limit);
    SAME(has_mrr);
    SAME_NUMBER(mrr);
    SAME_TEXT(currency);
    SAME_LIST(next, next_count, differs_index);
    SAME_STR(link);
    return NULL;
}

static const char *differs_product(const struct hr_product *a, const struct hr_product *b)
{
    SAME_STR(name);
    SAME_LIST(uses, use_count, differs_index);
    SAME_LIST(plans, plan_count, differs_index);
    return NULL;
}

static const char *differs_score_row(const struct hr_score_row *a, const struct hr_score_row *b)
{
    SAME_STR(name);
    SAME(points);
    SAME_LIST(when, when_count, differs_clause);
    return NULL;
}

static const char *differs_tier(const struct hr_tier *a, const struct hr_tier *b)
{
    SAME_STR(name);
    SAME(least);
    return NULL;
}

static const char *differs_segment_row(
    const struct hr_segment_row *a, const struct hr_segment_row *b)
{
    SAME_STR(name);
    SAME_LIST(when, when_count, differs_clause);
    return NULL;
}

static const char *differs_playbook(const struct hr_playbook *a, const struct hr_playbook *b)
{
    SAME_STR(name);
    SAME_STR(title);
    SAME_STR(impact);
    for (int i = 0; i < HR_BLOCKS; i++) {
        SAME_STR(texts[i]);
    }
    return NULL;
}

static const char *differs_route(const struct hr_route *a, const struct hr_route *b)
{
    SAME_LIST(when, when_count, differs_clause);
    SAME(audience_count);
    for (uint16_t i = 0; i < a->audience_count; i++) {
        SAME(audience[i]);
    }
    SAME_STR(owner);
    SAME(playbook);
    return NULL;
}

static const char *differs_rate(const struct hr_rate *a, const struct hr_rate *b)
{
    SAME_TEXT(currency);
    SAME_NUMBER(rate);
    return NULL;
}

static const char *differs_band(const struct hr_band *a, const struct hr_band *b)
{
    SAME(signal);
    SAME(count);
    SAME_TEXT(currency);
    for (uint16_t i = 0; i < a->count; i++) {
        SAME_NUMBER(bounds[i]);
        SAME_STR(labels[i]);
    }
    SAME_STR(labels[a->count]);
    return NULL;
}

const char *differs_rules(const struct hr_rules *a, const struct hr_rules *b)
{
    SAME_LIST(sources, source_count, differs_source);
    SAME(lateness_us);
    SAME(skew_us);
    SAME(dedup_memory);
    SAME(zone);
    SAME_TIME(live_from);
    SAME_TEXT(currency);
    SAME_LIST(rates, rate_count, differs_rate);
    SAME_LIST(types, type_count, differs_type);
    SAME_LIST(meters, meter_count, differs_meter);
    SAME_LIST(signals, signal_count, differs_signal);
    SAME_LIST(rules, rule_count, differs_rule);
    SAME_LIST(plans, plan_count, differs_plan);
    SAME_LIST(products, product_count, differs_product);
    SAME_LIST(score, score_count, differs_score_row);
    SAME_LIST(tiers, tier_count, differs_tier);
    SAME_LIST(segments, segment_count, differs_segment_row);
    SAME_NUMBER(recommend.below);
    SAME(recommend.for_us);
    SAME_LIST(playbooks, playbook_count, differs_playbook);
    SAME_LIST(routes, route_count, differs_route);
    SAME(routes_by_default);
    SAME(timing.min_tenure_us);
    SAME(timing.after_dismissal_us);
    SAME(timing.after_decline_us);
    SAME(timing.account.count);
    SAME(timing.account.within_us);
    SAME(timing.owner.count);
    SAME(timing.owner.within_us);
    SAME(outcomes.attribution_us);
    SAME(outcomes.hold_out);
    SAME(outcomes.history);
    SAME_LIST(outcomes.bands, outcomes.band_count, differs_band);
    SAME(brake.accounts);
    SAME_NUMBER(brake.share);
    SAME(brake.within_us);
    SAME_STR(text);
    SAME_TEXT(fingerprint);
    return NULL;
}

static const char *differs_property(const struct hr_property *a, const struct hr_property *b)
{
    SAME_STR(name);
    SAME_STR(value);
    SAME(secret);
    return NULL;
}

static const char *differs_maybe(const struct hr_maybe *a, const struct hr_maybe *b)
{
    SAME(given);
    SAME_NUMBER(value);
    return NULL;
}

static const char *differs_reports(
    const struct hr_report_settings *a, const struct hr_report_settings *b)
{
    for (size_t i = 0; i < HR_CHANCES; i++) {
        TRY(!differs_maybe(&a->chances[i], &b->chances[i]), "a chance");
    }
    TRY(!differs_maybe(&a->quota, &b->quota), "the quota");
    TRY(!differs_maybe(&a->average_deal, &b->average_deal), "the average deal");
    for (size_t i = 0; i < HR_METRIC_COUNT; i++) {
        SAME(targets[i].given);
        SAME_NUMBER(targets[i].low);
        SAME_NUMBER(targets[i].high);
    }
    return NULL;
}

const char *differs_config(const struct hr_config *a, const struct hr_config *b)
{
    SAME_STR(brokers);
    SAME_STR(group);
    SAME_LIST(properties, property_count, differs_property);
    SAME_STR(redis_url);
    SAME_STR(prefix);
    SAME_STR(instance);
    SAME_STR(trigger_topic);
    SAME_STR(dead_letter_topic);
    SAME_STR(internal_topic);
    SAME_STR(changelog_topic);
    SAME_STR(listen);
    SAME(account_memory);
    SAME(dedup_memory);
    SAME(batch_us);
    SAME(batch_bytes);
    SAME(session_us);
    SAME(transaction_us);
    SAME_STR(text);
    const char *reports = differs_reports(&a->reports, &b->reports);
    TRY(!reports, reports);
    return differs_rules(a->rules, b->rules);
}
