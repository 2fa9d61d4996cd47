/* SPDX-License-Identifier: Apache-2.0 */
/* Which trigger an upgrade is the outcome of. The account keeps the triggers of the attribution
 * window, those that were held out, too: what would have come anyway is told from what came by
 * them. The newest that fired before the upgrade gets it, within the window (one exactly that old
 * is out of it), or the one that the event names.
 *
 * A fire is booked once under each of its labels, in the month in which it fired, and its
 * conversion in the same rows: so each row is a cohort, and its share needs no other. A second
 * upgrade adds to what it brought and is no second conversion. What a shadow rule fires reaches
 * nobody and is not kept. */
#include "outcome.h"

#include "headroom/advice.h"
#include "headroom/buffer.h"

#include "number.h"
#include "signal.h"
#include "step.h"

/* --- hold-out --------------------------------------------------------------------------------- */

/* Those that may be left alone: nobody holds back a risk to see what comes of it. */
static bool may_hold_out(const struct hr_rule *rule)
{
    return rule->timed && (rule->category == HR_UPSELL || rule->category == HR_CROSS_SELL);
}

bool hr_is_held_out(const struct hr_rules *rules, const struct hr_rule *rule, struct hr_str account)
{
    return may_hold_out(rule) && hr_hash64(account, hr_hash64(rule->name, 0)) % HR_HOLD_OUT_WHOLE <
                                     rules->outcomes.hold_out;
}

/* --- labels ----------------------------------------------------------------------------------- */

/* Stored with each fire; none may change its place. */
enum dimension { RULE, TIMED, SEGMENT, POSITIVES, ROUTE, OWNER, PLAYBOOK, BAND, DIMENSIONS };
static const char *const dimension_names[DIMENSIONS] = {[RULE] = "rule=",
    [TIMED] = "timed=",
    [SEGMENT] = "segment=",
    [POSITIVES] = "positives=",
    [ROUTE] = "route=",
    [OWNER] = "owner=",
    [PLAYBOOK] = "playbook=",
    [BAND] = "band:"};

static void put_label(struct hr_buffer *labels, enum dimension dimension, struct hr_str value)
{
    hr_put_u8(labels, (uint8_t)dimension);
    hr_put_str(labels, value);
}

static bool asks_milestone(const struct hr_rules *rules, const struct hr_rule *rule)
{
    bool asks =
        rule->milestone_count > 0 || rules->signals[rule->signal].kind == HR_SIGNAL_MILESTONE;
    for (uint16_t c = 0; c < rule->when_count; c++) {
        for (uint16_t i = 0; i < rule->when[c].count; i++) {
            asks |= rules->signals[rule->when[c].any[i].signal].kind == HR_SIGNAL_MILESTONE;
        }
    }
    return asks;
}

/* In which band the reading lies; -1 when it is unknown. */
static int band_of(
    const struct hr_rules *rules, const struct hr_band *band, const struct hr_reading *reading)
{
    int at = 0;
    for (uint16_t b = 0; b < band->count; b++) {
        int order;
        if (!hr_reading_compare(rules, reading, band->bounds[b], band->currency, &order)) {
            return -1;
        }
        at += order >= 0;
    }
    return at;
}

/* How many rows of the score gave points. */
static void put_positives(const struct hr_score *score, struct hr_buffer *labels)
{
    char text[HR_DECIMAL_TEXT];
    int64_t count = 0;
    for (uint16_t i = 0; i < score->part_count; i++) {
        count += score->parts[i].given && score->parts[i].row->points > 0;
    }
    size_t len = hr_decimal_print(hr_decimal_from_int(count), text);
    put_label(labels, POSITIVES, (struct hr_str){text, len});
}

static void put_advice(const struct hr_advice *advice, struct hr_buffer *labels)
{
    struct hr_buffer audience = {0};
    put_positives(&advice->score, labels);
    if (advice->segment.at) {
        put_label(labels, SEGMENT, advice->segment);
    }
    for (uint16_t i = 0; advice->route && i < advice->route->audience_count; i++) {
        const char *name = hr_audience_names[advice->route->audience[i]];
        hr_put_bytes(&audience, "+", i > 0);
        hr_put_bytes(&audience, name, strlen(name));
    }
    if (audience.len > 0) {
        put_label(labels, ROUTE, hr_buffer_str(&audience));
    }
    if (advice->owner.at) {
        put_label(labels, OWNER, advice->owner);
    }
    if (advice->playbook) {
        put_label(labels, PLAYBOOK, advice->playbook->name);
    }
    hr_buffer_clean_up(&audience);
}

static void put_labels(
    struct hr_step *step, const struct hr_trigger *trigger, struct hr_buffer *labels)
{
    const struct hr_rules *rules = step->account->layout->rules;
    put_label(labels, RULE, trigger->rule->name);
    put_label(labels, TIMED,
        asks_milestone(rules, trigger->rule) ? HR_STR("milestone") : HR_STR("calendar"));
    put_advice(trigger->advice, labels);
    for (uint16_t b = 0; b < rules->outcomes.band_count; b++) {
        const struct hr_band *band = &rules->outcomes.bands[b];
        int at = band_of(rules, band, hr_step_reading(step, band->signal));
        if (at >= 0) {
            put_label(labels, BAND, band->labels[at]);
        }
    }
}

static void book(struct hr_step *step, const struct hr_fire *fire, const int64_t *columns)
{
    const struct hr_rules *rules = step->account->layout->rules;
    struct hr_reader labels = hr_reader(fire->labels);
    hr_books_keep_from(
        step->books, hr_month_of(rules->zone, step->account->clock) - rules->outcomes.history);
    struct hr_buffer text = {0};
    while (!hr_reader_at_end(&labels)) {
        uint8_t dimension = hr_get_u8(&labels);
        struct hr_str value = hr_get_str(&labels);
        const char *name = dimension < DIMENSIONS ? dimension_names[dimension] : "";
        hr_buffer_clear(&text);
        hr_put_bytes(&text, name, strlen(name));
        hr_put_bytes(&text, value.at, value.len);
        hr_books_add(step->books, HR_BOOK_FIRES, fire->month, hr_buffer_str(&text), columns);
    }
    hr_buffer_clean_up(&text);
}

/* --- fires ------------------------------------------------------------------------------------ */

static void drop_fire(struct hr_outcomes *outcomes, uint32_t at, struct hr_pool *pool)
{
    hr_text_drop(pool, &outcomes->fires[at].labels);
    hr_list_remove(pool, &outcomes->fires, &outcomes->fire_count, sizeof *outcomes->fires, at);
}

/* An event about a moment within the window may still come as late as usage may. */
void hr_outcomes_forget_fires(struct hr_account *account, struct hr_pool *pool)
{
    struct hr_outcomes *outcomes = account->outcomes;
    const struct hr_rules *rules = account->layout->rules;
    int64_t reach = rules->outcomes.attribution_us + rules->lateness_us;
    while (outcomes && outcomes->fire_count > 0 &&
           (outcomes->fire_count > HR_FIRES_KEPT ||
               outcomes->fires[0].at.us + reach < account->clock.us)) {
        drop_fire(outcomes, 0, pool);
    }
}

/* Puts a fire in its place by time; its labels are the account's from now on. */
static void keep_fire(struct hr_account *account, struct hr_fire fire, struct hr_pool *pool)
{
    struct hr_outcomes *outcomes = hr_outcomes_of(account, pool);
    hr_list_append(pool, &outcomes->fires, &outcomes->fire_count, sizeof fire);
    uint32_t at = outcomes->fire_count - 1;
    for (; at > 0 && outcomes->fires[at - 1].at.us > fire.at.us; at--) {
        outcomes->fires[at] = outcomes->fires[at - 1];
    }
    outcomes->fires[at] = fire;
    hr_outcomes_forget_fires(account, pool);
}

void hr_outcomes_fired(struct hr_step *step, const struct hr_trigger *trigger, uint32_t key)
{
    struct hr_account *account = step->account;
    struct hr_buffer labels = {0};
    if (trigger->rule->shadow) {
        return;
    }
    put_labels(step, trigger, &labels);
    struct hr_fire fire = {.at = account->clock,
        .key = key,
        .number = trigger->number,
        .date = trigger->date,
        .month = hr_month_of(account->layout->rules->zone, account->clock),
        .held_out = trigger->held_out,
        .labels = hr_text_keep(step->pool, hr_buffer_str(&labels))};
    int64_t columns[HR_FIRES_COLUMNS] = {0};
    columns[fire.held_out ? HR_FIRES_HELD_OUT : HR_FIRES_FIRED] = 1;
    hr_buffer_clean_up(&labels);
    book(step, &fire, columns);
    keep_fire(account, fire, step->pool);
}

void hr_outcomes_take_fires(
    struct hr_account *account, const struct hr_outcomes *other, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < other->fire_count; i++) {
        struct hr_fire fire = other->fires[i];
        fire.labels = hr_text_keep(pool, fire.labels);
        keep_fire(account, fire, pool);
    }
}

/* --- conversion ------------------------------------------------------------------------------- */

static bool reaches(const struct hr_step *step, const struct hr_fire *fire, struct hr_time time)
{
    int64_t since = time.us - fire->at.us;
    return since >= 0 && since < step->account->layout->rules->outcomes.attribution_us;
}

static struct hr_fire *fire_behind(struct hr_step *step, struct hr_time time, struct hr_str trigger)
{
    struct hr_outcomes *outcomes = step->account->outcomes;
    struct hr_trigger_name name;
    bool named = hr_trigger_name_parse(trigger, &name);
    struct hr_fire *newest = NULL;
    for (uint32_t i = 0; outcomes && i < outcomes->fire_count; i++) {
        struct hr_fire *fire = &outcomes->fires[i];
        if (!reaches(step, fire, time)) {
            continue;
        }
        newest = fire;
        if (named && fire->key == name.key && fire->date == name.date &&
            fire->number == name.number) {
            return fire;
        }
    }
    return newest;
}

void hr_outcomes_convert(
    struct hr_step *step, struct hr_time time, int64_t minor, struct hr_str trigger)
{
    hr_outcomes_forget_fires(step->account, step->pool); /* whatever came in between */
    struct hr_fire *fire = fire_behind(step, time, trigger);
    int64_t columns[HR_FIRES_COLUMNS] = {0};
    if (!fire || (fire->converted && fire->held_out)) {
        return;
    }
    if (fire->held_out) {
        columns[HR_FIRES_HELD_OUT_CONVERTED] = 1;
    } else {
        columns[HR_FIRES_CONVERTED] = !fire->converted;
        columns[HR_FIRES_DAYS] = fire->converted ? 0 : (time.us - fire->at.us) / HR_DAY;
        columns[HR_FIRES_AMOUNT] = minor;
    }
    fire->converted = true;
    book(step, fire, columns);
}
