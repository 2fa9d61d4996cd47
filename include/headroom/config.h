/* SPDX-License-Identifier: Apache-2.0 */
/* What a user writes, checked and compiled. One table (src/config/table.c) of name, type, unit,
 * bounds, default and help is the parser, the canonical printer, the JSON Schema, the reference and
 * the help text: nothing about a key is said twice.
 *
 * A configuration has two halves. What *decides* (sources and formats, time, dedup, start, money,
 * meters, plans, rules) is compiled into hr_rules, has a canonical text and travels through the
 * manifest to every process. How to *connect* (kafka, redis, instance, topics' names, http, limits)
 * stays in the process; secrets are only there. What reports compare with (reports) decides nothing
 * and stays there, too. */
#ifndef HEADROOM_CONFIG_H
#define HEADROOM_CONFIG_H

#include "headroom/buffer.h"
#include "headroom/error.h"
#include "headroom/memory.h"
#include "headroom/rules.h"

struct hr_property {
    struct hr_str name, value;
    bool secret; /* value came from the environment: never printed */
};

/* --- reports ----------------------------------------------------------------------------------
 */

/* What reports compare with targets. */
enum hr_metric {
    HR_METRIC_NEW,        /* won, of the deals of new business that were closed */
    HR_METRIC_UPSELL,     /* the same of upsell deals */
    HR_METRIC_CROSS_SELL, /* the same of cross-sell deals */
    HR_METRIC_UPSELL_RATE,
    HR_METRIC_TIME_TO_UPSELL, /* months; less is better */
    HR_METRIC_UPSELL_ARR,     /* money */
    HR_METRIC_NRR,
    HR_METRIC_PIPELINE, /* times the quota */
    HR_METRIC_NPS,
    HR_METRIC_CSAT,
    HR_METRIC_GROSS_CHURN,      /* less is better */
    HR_METRIC_TIME_ON_PLATFORM, /* months */
    HR_METRIC_ACV,              /* money */
    HR_METRIC_LIFETIME_VALUE,   /* money */
    HR_METRIC_COUNT
};
extern const char *const hr_metric_names[HR_METRIC_COUNT]; /* as keys under reports.targets */

struct hr_maybe {
    bool given;
    struct hr_decimal value; /* of a share 40% is 0.4; money in major units of money.currency */
};
/* Of the stages that are open: identified, qualified, engaged, negotiation. */
#define HR_CHANCES 4
struct hr_report_settings {
    struct hr_maybe chances[HR_CHANCES], quota, average_deal;
    struct {
        bool given;
        struct hr_decimal low, high; /* the same, unless it is a range */
    } targets[HR_METRIC_COUNT];      /* the field's, where the user gave none */
};

struct hr_config {
    /* kafka */
    struct hr_str brokers, group;
    const struct hr_property *properties; /* passed through to librdkafka */
    size_t property_count;
    /* redis */
    struct hr_str redis_url; /* may hold a password: printed only as written, with ${NAME} */
    struct hr_str prefix;
    /* this process */
    struct hr_str instance;
    struct hr_str trigger_topic, dead_letter_topic, internal_topic, changelog_topic;
    struct hr_str listen;               /* "127.0.0.1:9464"; "": no HTTP (written off) */
    uint64_t account_memory;            /* bytes of accounts kept in memory */
    uint64_t dedup_memory;              /* as in the rules: bytes of ids seen */
    int64_t batch_us;                   /* longest batch under backlog */
    uint64_t batch_bytes;               /* dirty bytes that end a batch */
    int64_t session_us, transaction_us; /* session.timeout.ms, transaction.timeout.ms */
    struct hr_report_settings reports;
    /* what decides; epoch 0 */
    const struct hr_rules *rules;
    struct hr_str text; /* canonical text of everything, secrets as ${NAME} */
};

/* All that is wrong, in the order of the file. */
struct hr_complaint {
    const char *file; /* as given */
    unsigned line;    /* from 1; 0 when the place has none */
    const char *path; /* "rules.capacity.levels[1]" */
    const char *text; /* "must be greater than levels[0]; did you mean …?" */
};
struct hr_complaints {
    struct hr_complaint *at;
    size_t count;
};

/* A configuration and everything it points to live until hr_config_destroy. */
struct hr_config_source {
    const char *file;   /* name for complaints */
    struct hr_str text; /* YAML or JSON */
    const struct hr_zones *zones;
    /* ${NAME}: NULL when unset. */
    const char *(*environment)(void *context, const char *name);
    void *context;
};
/* HR_REJECT: see complaints (freed by hr_complaints_clean_up in either case). */
HR_MUST enum hr_fate hr_config_parse(const struct hr_config_source *source,
    struct hr_config **config, struct hr_complaints *complaints);
void hr_config_destroy(struct hr_config *config);
void hr_complaints_clean_up(struct hr_complaints *complaints);

/* The half that decides, alone: the text of a manifest record. The set is the caller's. */
HR_MUST enum hr_fate hr_rules_parse(struct hr_str text, uint32_t epoch,
    const struct hr_zones *zones, struct hr_rules **rules, struct hr_complaints *complaints);
void hr_rules_destroy(struct hr_rules *rules);

/* Made from the table, appended. */
void hr_config_schema(struct hr_buffer *buffer);    /* JSON Schema, draft 2020-12 */
void hr_config_reference(struct hr_buffer *buffer); /* Markdown */

#endif
