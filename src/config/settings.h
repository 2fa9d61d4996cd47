/* SPDX-License-Identifier: Apache-2.0 */
/* What a user wrote, typed, with defaults in place, before it is compiled: one struct a level of
 * the file. The table (table.c) fills these and prints them again; compile.c makes hr_rules of the
 * half that decides. Lists and maps are an array and its count, `name` and `name_count`; an entry
 * of a map has its key first. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include "headroom/config.h"
#include "headroom/event.h"
#include "headroom/rules.h"
#include "headroom/written.h"

/* A value that may take text from the environment. Only `written` is ever printed. */
struct hr_connection {
    struct hr_str written, value;
    bool from_environment;
};

/* "signal operator literal", or in `where` "pointer operator literal". */
struct hr_condition_setting {
    struct hr_str subject;
    enum hr_operator operator;
    struct hr_written literal;
};
/* One of these must hold; a plain condition is a clause of one. */
struct hr_clause_setting {
    struct hr_condition_setting *any;
    size_t any_count;
};

struct hr_property_setting {
    struct hr_str name;
    struct hr_connection value;
};
struct hr_kafka_setting {
    struct hr_connection brokers;
    struct hr_str group;
    int64_t session_us, transaction_us;
    struct hr_property_setting *properties;
    size_t properties_count;
};
struct hr_redis_setting {
    struct hr_connection url;
    struct hr_str prefix;
};
struct hr_topic_setting {
    struct hr_str topic; /* at NULL: made from the group's name */
};

struct hr_from_setting {
    enum hr_from from;
    struct hr_moment moment; /* of HR_FROM_TIME */
};
struct hr_source_setting {
    struct hr_str topic, format;
    struct hr_from_setting from;
    int64_t silent_after_us;
};
/* "/a or /b times /c per /d every /e in /f as unix_s", "is month": a row of a format's fields. */
struct hr_mapping_setting {
    struct hr_str name;
    struct hr_format_field field; /* without its name */
};
struct hr_format_event_setting {
    struct hr_str *type;
    size_t type_count;
    struct hr_condition_setting *where;
    size_t where_count;
    struct hr_str is;
    struct hr_mapping_setting *fields;
    size_t fields_count;
};
struct hr_format_setting {
    struct hr_str name;
    struct hr_str like; /* at NULL: absent, as the others */
    struct hr_str inside, source, source_is, type, type_is;
    struct hr_str *id, *account, *time, *data;
    size_t id_count, account_count, time_count, data_count;
    unsigned notation; /* enum hr_time_notation */
    bool data_is_text, data_are_fields;
    struct hr_mapping_setting *fields;
    size_t fields_count;
    struct hr_format_event_setting *events;
    size_t events_count;
};

struct hr_time_setting {
    int64_t lateness_us, skew_us;
    struct hr_str zone;
};
struct hr_dedup_setting {
    int64_t memory;
};
struct hr_start_setting {
    struct hr_moment live_from;
};
struct hr_rate_setting {
    struct hr_str name; /* the currency */
    struct hr_decimal rate;
};
struct hr_money_setting {
    struct hr_str currency;
    struct hr_rate_setting *rates;
    size_t rates_count;
};

struct hr_meter_setting {
    struct hr_str name;
    struct hr_str event;
    unsigned aggregate; /* enum hr_aggregate */
    struct hr_str value, by, limit;
    int64_t groups; /* 0: not said */
    struct hr_written worth;
    struct hr_condition_setting *where;
    size_t where_count;
    struct hr_window *windows;
    size_t windows_count;
};

struct hr_feature_setting {
    struct hr_str name, event, trial;
};

struct hr_adoption_setting {
    struct hr_str meter;
    struct hr_window window;
};

struct hr_quota {
    bool unlimited;
    struct hr_decimal value;
};
struct hr_limit_setting {
    struct hr_str name;
    struct hr_quota quota;
};
struct hr_plan_setting {
    struct hr_str name;
    struct hr_str *products;
    size_t products_count;
    struct hr_limit_setting *limits;
    size_t limits_count;
    struct hr_written mrr;
    struct hr_str *next;
    size_t next_count;
    struct hr_str link;
};
struct hr_recommend_setting {
    struct hr_written below;
    int64_t for_us;
};

struct hr_offer_setting {
    struct hr_str product;
    struct hr_written *mrr;
    size_t mrr_count;
};

struct hr_rule_setting {
    struct hr_str name;
    struct hr_str watch;
    struct hr_written *levels, *below;
    size_t levels_count, below_count;
    unsigned category; /* enum hr_category */
    int64_t priority;
    struct hr_str *milestones;
    size_t milestones_count;
    struct hr_clause_setting *when;
    size_t when_count;
    int64_t for_us, cooldown_us;
    struct hr_written rearm;
    unsigned jump, late, on_start, mode; /* indices into the table's choices */
    struct hr_str playbook;
    struct hr_offer_setting offer;
};

struct hr_route_setting {
    struct hr_clause_setting *when;
    size_t when_count;
    unsigned *audience; /* enum hr_audience */
    size_t audience_count;
    struct hr_str owner, playbook;
};
struct hr_playbook_setting {
    struct hr_str name;
    struct hr_str title, impact;
    struct hr_str discovery, value_recap, solution, roi, proposal;
};

/* One value, or two: a range. */
struct hr_target_setting {
    struct hr_written *range;
    size_t range_count;
};
struct hr_targets_setting {
    struct hr_target_setting of[HR_METRIC_COUNT];
};
struct hr_chances_setting {
    struct hr_written of[HR_CHANCES];
};
struct hr_reports_setting {
    struct hr_chances_setting chances;
    struct hr_targets_setting targets;
    struct hr_written quota, average_deal;
};

struct hr_product_setting {
    struct hr_str name;
    struct hr_str *features;
    size_t features_count;
};
struct hr_score_setting {
    struct hr_str name;
    int64_t points;
    struct hr_clause_setting *when;
    size_t when_count;
};
struct hr_tier_setting {
    struct hr_str name;
    int64_t least;
};
struct hr_segment_setting {
    struct hr_str name;
    struct hr_clause_setting *when;
    size_t when_count;
};

struct hr_budgets_setting {
    struct hr_budget account, owner; /* count 0: absent */
};
struct hr_timing_setting {
    unsigned *categories; /* enum hr_category */
    size_t categories_count;
    int64_t min_tenure_us, after_dismissal_us, after_decline_us;
    struct hr_str *milestones;
    size_t milestones_count;
    struct hr_budgets_setting budget;
};

struct hr_literals_setting {
    struct hr_written *at;
    size_t count;
};
struct hr_band_setting {
    struct hr_str name; /* the signal */
    struct hr_literals_setting bounds;
};
struct hr_outcomes_setting {
    int64_t attribution_us, history;
    struct hr_written hold_out;
    struct hr_band_setting *bands;
    size_t bands_count;
};

struct hr_brake_setting {
    int64_t accounts; /* 0: absent */
    struct hr_written share;
    int64_t within_us;
};

struct hr_http_setting {
    struct hr_connection listen;
};
struct hr_bounds_setting {
    int64_t account_memory, batch_us, batch_bytes;
};

struct hr_settings {
    struct hr_kafka_setting kafka;
    struct hr_redis_setting redis;
    struct hr_connection instance;
    struct hr_source_setting *sources;
    size_t sources_count;
    struct hr_format_setting *formats;
    size_t formats_count;
    struct hr_topic_setting triggers, dead_letters, internal, changelog;
    struct hr_time_setting time;
    struct hr_dedup_setting dedup;
    struct hr_start_setting start;
    struct hr_money_setting money;
    struct hr_product_setting *products;
    size_t products_count;
    struct hr_meter_setting *meters;
    size_t meters_count;
    struct hr_feature_setting *features;
    size_t features_count;
    struct hr_adoption_setting adoption;
    struct hr_plan_setting *plans;
    size_t plans_count;
    struct hr_segment_setting *segments;
    size_t segments_count;
    struct hr_score_setting *score;
    size_t score_count;
    struct hr_tier_setting *tiers;
    size_t tiers_count;
    struct hr_recommend_setting recommend;
    struct hr_playbook_setting *playbooks;
    size_t playbooks_count;
    struct hr_route_setting *routes;
    size_t routes_count;
    struct hr_rule_setting *rules;
    size_t rules_count;
    struct hr_outcomes_setting outcomes;
    struct hr_reports_setting reports;
    struct hr_timing_setting timing;
    struct hr_brake_setting brake;
    struct hr_http_setting http;
    struct hr_bounds_setting limits;
};

#endif
