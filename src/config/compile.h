/* SPDX-License-Identifier: Apache-2.0 */
/* From settings to the tables of rules.h. What can only be judged together is judged here: names
 * that must exist, units that must fit, levels that must ascend.
 *
 * Literals are brought into the unit of what they are compared with, in the settings themselves, so
 * that the canonical text says 80% where the user wrote 0.8. */
#ifndef CONFIG_COMPILE_H
#define CONFIG_COMPILE_H

#include "complain.h"
#include "settings.h"

#define HR_SIGNALS_MOST 2000 /* of all rules and conditions together */
#define HR_GROUPS_MOST 5000  /* of all meters together: their names are in an account's record */
#define HR_CONDITIONS_MOST 20000 /* of all rules, meter.* counted for each meter */

/* A signal as it is being collected: its window is known, but not yet its place in the meter. */
struct hr_signal_draft {
    struct hr_signal signal;
    struct hr_window window;
};
struct hr_meter_draft {
    struct hr_window *windows; /* the period first; the rest in the order of mention until sorted */
    uint16_t window_count, window_room;
    struct hr_str *named; /* groups that always have a place: `other`, then those of signals */
    uint16_t named_count, named_room;
};

struct hr_compiling {
    struct hr_arena *arena; /* of the rules */
    struct hr_complainer *complainer;
    const struct hr_zones *zones; /* NULL: only UTC is known */
    struct hr_settings *settings;
    struct hr_rules *rules;
    const struct hr_meter_setting *counted; /* meters, then features as meters that count */
    size_t counted_count;
    struct hr_meter *meters; /* rules->meters, while they may change */
    struct hr_event_type *types;
    struct hr_meter_draft *drafts; /* one a meter */
    struct hr_signal_draft *signals;
    uint16_t signal_count, signal_room;
    unsigned condition_count, group_count;
    bool makes;     /* what is compiled is what score and segment are made from */
    bool by_itself; /* nobody wrote it: it takes windows as they are written elsewhere */
    bool routing;   /* conditions are a route's: they may ask for the trigger's category */
};

/* Everything; complaints are left with the complainer. */
void hr_compile(struct hr_compiling *compiling);

/* format.c: the user's own formats, as many as the settings have. */
const struct hr_format *hr_compile_formats(struct hr_compiling *compiling);

/* meter.c: types, meters and the windows that they list. */
void hr_compile_meters(struct hr_compiling *compiling);
/* After the last signal is known: windows sorted, signals told their places. */
void hr_finish_windows(struct hr_compiling *compiling);

/* signal.c: the signal of that name, made at its first mention; -1 after a complaint. */
int hr_find_signal(struct hr_compiling *compiling, struct hr_str text, const struct hr_path *path);
/* Keeps a window for a meter. False after a complaint. */
bool hr_add_window(struct hr_compiling *compiling, uint16_t meter, const struct hr_window *window,
    const struct hr_path *path);
/* Keeps a place for a group; its place among the meter's named ones. */
uint16_t hr_add_group(struct hr_compiling *compiling, uint16_t meter, struct hr_str value);

/* fit.c: brings a literal into the unit of a signal. False after a complaint. Only a
 * condition may compare an attribute with text. */
bool hr_fit_literal(struct hr_compiling *compiling, const struct hr_signal *signal,
    struct hr_written *literal, bool condition, const struct hr_path *path);
/* The same for a field of an event, which has no unit. */
void hr_fit_field(struct hr_written *literal);
struct hr_literal hr_compile_literal(const struct hr_written *literal);

/* plan.c: the catalogue, and when a plan is recommended. */
void hr_compile_plans(struct hr_compiling *compiling);
/* An amount, in money.currency where none is written. False without one, or after a complaint. */
bool hr_compile_money(struct hr_compiling *compiling, const struct hr_written *written,
    struct hr_decimal *amount, char currency[4], const struct hr_path *path);
/* playbook.c */
void hr_compile_playbooks(struct hr_compiling *compiling);
/* The one that `playbook` under the path names; -1: none, or after a complaint. */
int16_t hr_find_playbook(
    struct hr_compiling *compiling, struct hr_str name, const struct hr_path *path);
/* route.c: after rules and playbooks. */
void hr_compile_routes(struct hr_compiling *compiling);
/* timing.c: when to leave an account in peace, for all rules and for one. */
void hr_compile_timing(struct hr_compiling *compiling);
void hr_compile_brake(struct hr_compiling *compiling);
void hr_time_rule(const struct hr_compiling *compiling, const struct hr_rule_setting *setting,
    struct hr_rule *rule);

/* outcome.c */
void hr_compile_outcomes(struct hr_compiling *compiling);

/* rule.c */
void hr_compile_rules(struct hr_compiling *compiling);
/* What a file is refused for, while rules that are in force go on as they were accepted once. */
void hr_check_rules(struct hr_complainer *complainer, const struct hr_settings *settings);
/* condition.c: the clauses of a `when` that stands at the path; as many as the settings. One with a
 * complaint has no conditions. */
const struct hr_clause *hr_compile_clauses(struct hr_compiling *compiling,
    struct hr_clause_setting *settings, size_t count, const struct hr_path *path);
/* Those of a rule, which must be able to hold beyond its levels. */
void hr_compile_when(struct hr_compiling *compiling, struct hr_rule_setting *setting,
    struct hr_rule *rule, const struct hr_path *path);

/* product.c: when all signals of rules are known. */
void hr_compile_products(struct hr_compiling *compiling);
/* Index of the product; -1 after a complaint. */
int hr_find_product(struct hr_compiling *compiling, struct hr_str name, const struct hr_path *path);

/* score.c: score, tiers and segments, when all other signals are known. */
void hr_compile_score(struct hr_compiling *compiling);
/* May the condition that is being compiled ask for the signal? False after a complaint. */
bool hr_may_ask_for(
    struct hr_compiling *compiling, const struct hr_signal *signal, const struct hr_path *path);
/* Does a condition on the tier name one? False after a complaint. */
bool hr_check_tier(struct hr_compiling *compiling, const struct hr_signal *signal,
    const struct hr_written *literal, const struct hr_path *path);
/* signal.c: is there anything that the signal adoption can be? */
bool hr_has_adoption(const struct hr_compiling *compiling);

#endif
