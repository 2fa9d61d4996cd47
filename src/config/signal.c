/* SPDX-License-Identifier: Apache-2.0 */
/* Names of signals. Each is looked up once, at its first mention; a window that it names is kept by
 * its meter from then on, whether listed or not. */
#include "signals.h"

#include "scalar.h"

/* What account events name: an attribute, a feature, a milestone. */
static bool read_named(struct hr_compiling *compiling, const struct hr_signal_row *row,
    struct hr_str text, struct hr_signal_draft *draft, const struct hr_path *path)
{
    struct hr_str name = hr_str_from(text, hr_signal_fixed(row));
    const char *problem = hr_check_name(name);
    if (problem) {
        hr_complain(compiling->complainer, path, "is %s, whose NAME %s", row->pattern, problem);
        return false;
    }
    draft->signal.kind = row->kind;
    draft->signal.unit = row->unit;
    draft->signal.attribute = name;
    return true;
}

static void complain_meter(
    struct hr_compiling *compiling, struct hr_str name, const struct hr_path *path)
{
    const struct hr_rules *rules = compiling->rules;
    struct hr_str known[200];
    size_t count = 0;
    for (; count < rules->meter_count && count < 200 && !compiling->meters[count].feature;
         count++) {
        known[count] = compiling->meters[count].name;
    }
    hr_complain(compiling->complainer, path, "names the meter %s, which is not under meters%s",
        hr_quote(compiling->complainer, name),
        hr_did_you_mean(compiling->complainer, name, known, count));
}

/* growth.W or drop.W. */
static bool read_trend(struct hr_compiling *compiling, struct hr_str part, bool drop,
    struct hr_signal_draft *draft, const struct hr_path *path)
{
    struct hr_signal *signal = &draft->signal;
    struct hr_str text = hr_str_from(part, drop ? strlen("drop.") : strlen("growth."));
    signal->kind = drop ? HR_SIGNAL_DROP : HR_SIGNAL_GROWTH;
    signal->unit = HR_UNIT_SHARE;
    if (hr_read_window(text, &draft->window) || draft->window.kind != HR_WINDOW_SPAN) {
        hr_complain(compiling->complainer, path,
            "must end with a duration from 7m to 366d, such as %s.30d", drop ? "drop" : "growth");
        return false;
    }
    draft->window.unseen = true;
    return hr_add_window(compiling, signal->meter, &draft->window, path);
}

/* Of a limit: used, remaining, projected or the days until it is reached. */
static bool read_share(struct hr_compiling *compiling, enum hr_signal_kind kind,
    struct hr_signal *signal, const struct hr_path *path)
{
    const struct hr_meter *meter = &compiling->meters[signal->meter];
    if (!meter->limit.at) {
        hr_complain(compiling->complainer, path, "asks for the limit of meter %s, which has none",
            hr_quote(compiling->complainer, meter->name));
        return false;
    }
    if (kind == HR_SIGNAL_PROJECTED && meter->aggregate != HR_SUM && meter->aggregate != HR_COUNT) {
        hr_complain(compiling->complainer, path,
            "asks what meter %s is projected to; only sum and count grow with the period",
            hr_quote(compiling->complainer, meter->name));
        return false;
    }
    if (kind == HR_SIGNAL_DAYS_TO_LIMIT && meter->aggregate != HR_SUM &&
        meter->aggregate != HR_COUNT && meter->aggregate != HR_LATEST) {
        hr_complain(compiling->complainer, path,
            "asks when meter %s reaches its limit; only of sum, count and latest is there a slope",
            hr_quote(compiling->complainer, meter->name));
        return false;
    }
    signal->kind = kind;
    signal->unit = kind == HR_SIGNAL_REMAINING       ? HR_UNIT_NUMBER
                   : kind == HR_SIGNAL_DAYS_TO_LIMIT ? HR_UNIT_DAYS
                                                     : HR_UNIT_SHARE;
    return true;
}

/* What of a meter: a share or rest of its limit, its trend, or its value in a window. */
static bool read_part(struct hr_compiling *compiling, struct hr_str part,
    struct hr_signal_draft *draft, const struct hr_path *path)
{
    static const struct hr_str known[] = {{"used", 4}, {"remaining", 9}, {"projected", 9},
        {"days_to_limit", 13}, {"period", 6}, {"day", 3}, {"week", 4}, {"month", 5}};
    struct hr_signal *signal = &draft->signal;
    if (hr_str_is(part, "used")) {
        return read_share(compiling, HR_SIGNAL_USED, signal, path);
    }
    if (hr_str_is(part, "remaining")) {
        return read_share(compiling, HR_SIGNAL_REMAINING, signal, path);
    }
    if (hr_str_is(part, "projected")) {
        return read_share(compiling, HR_SIGNAL_PROJECTED, signal, path);
    }
    if (hr_str_is(part, "days_to_limit")) {
        return read_share(compiling, HR_SIGNAL_DAYS_TO_LIMIT, signal, path);
    }
    if (hr_str_starts(part, "growth.") || hr_str_starts(part, "drop.")) {
        return read_trend(compiling, part, hr_str_starts(part, "drop."), draft, path);
    }
    signal->kind = HR_SIGNAL_METER;
    signal->unit = HR_UNIT_NUMBER;
    if (!hr_read_window(part, &draft->window)) {
        return hr_add_window(compiling, signal->meter, &draft->window, path);
    }
    hr_complain(compiling->complainer, path,
        "must end with used, remaining, projected, days_to_limit, growth.DURATION, drop.DURATION, "
        "period, day, "
        "week, month or a duration from 7m to 366d%s",
        hr_did_you_mean(compiling->complainer, part, known, sizeof(known) / sizeof *known));
    return false;
}

/* "[VALUE]" behind the meter's name: one group of it. The value may hold anything, dots included.
 */
static bool read_group(struct hr_compiling *compiling, struct hr_str value,
    struct hr_signal *signal, const struct hr_path *path)
{
    if (!compiling->meters[signal->meter].has_by) {
        hr_complain(compiling->complainer, path, "names a group of meter %s, which has no by",
            hr_quote(compiling->complainer, compiling->meters[signal->meter].name));
        return false;
    }
    if (value.len == 0 || value.len > HR_GROUP_VALUE_MOST) {
        hr_complain(compiling->complainer, path,
            "must name a group with 1 to %u bytes between the brackets", HR_GROUP_VALUE_MOST);
        return false;
    }
    signal->group = (uint16_t)(1 + hr_add_group(compiling, signal->meter, value));
    return true;
}

/* The place behind "]." in "NAME[VALUE].PART", 0 without a group. */
static size_t behind_group(struct hr_str text)
{
    const char *open = text.len ? memchr(text.at, '[', text.len) : NULL;
    const char *dot = text.len ? memchr(text.at, '.', text.len) : NULL;
    if (!open || (dot && dot < open)) {
        return 0;
    }
    for (size_t i = text.len; i > 1; i--) {
        if (text.at[i - 2] == ']' && text.at[i - 1] == '.') {
            return i;
        }
    }
    return 0;
}

/* All of a meter's rows. */
static bool read_meter_signal(struct hr_compiling *compiling, const struct hr_signal_row *row,
    struct hr_str text, struct hr_signal_draft *draft, const struct hr_path *path)
{
    (void)row;
    struct hr_str name = hr_str_from(text, strlen("meter."));
    struct hr_str part = {NULL, 0}, group = {NULL, 0};
    size_t end = behind_group(name);
    if (end > 0) {
        size_t open = (size_t)((const char *)memchr(name.at, '[', name.len) - name.at);
        part = hr_str_from(name, end);
        group = (struct hr_str){name.at + open + 1, end - open - 3};
        name.len = open;
    } else {
        const char *dot = name.len ? memchr(name.at, '.', name.len) : NULL;
        if (dot) {
            part = hr_str_from(name, (size_t)(dot - name.at) + 1);
            name.len = (size_t)(dot - name.at);
        }
    }
    int meter = hr_rules_find_meter(compiling->rules, name);
    if (meter < 0) {
        complain_meter(compiling, name, path);
        return false;
    }
    draft->signal.meter = (uint16_t)meter;
    return (end == 0 || read_group(compiling, group, &draft->signal, path)) &&
           read_part(compiling, part, draft, path);
}

/* value.NAME */
static bool read_value(struct hr_compiling *compiling, const struct hr_signal_row *row,
    struct hr_str text, struct hr_signal_draft *draft, const struct hr_path *path)
{
    struct hr_str name = hr_str_from(text, hr_signal_fixed(row));
    int meter = hr_rules_find_meter(compiling->rules, name);
    if (meter < 0) {
        complain_meter(compiling, name, path);
        return false;
    }
    if (!compiling->meters[meter].has_worth) {
        hr_complain(compiling->complainer, path, "asks for the worth of meter %s, which has none",
            hr_quote(compiling->complainer, name));
        return false;
    }
    draft->signal.kind = row->kind;
    draft->signal.unit = row->unit;
    draft->signal.meter = (uint16_t)meter;
    return true;
}

/* Both rows of a feature. */
static bool read_feature(struct hr_compiling *compiling, const struct hr_signal_row *row,
    struct hr_str text, struct hr_signal_draft *draft, const struct hr_path *path)
{
    (void)row;
    const char *dot = memchr(text.at + strlen("feature."), '.', text.len - strlen("feature."));
    struct hr_str name = {text.at, dot ? (size_t)(dot - text.at) : text.len};
    struct hr_str part = hr_str_from(text, dot ? name.len + 1 : text.len);
    int meter = hr_rules_find_meter(compiling->rules, name);
    bool uses = hr_str_starts(part, "uses."), days = hr_str_starts(part, "days_active.");
    if (meter < 0) {
        hr_complain(compiling->complainer, path,
            "names the feature %s, which is not under features",
            hr_quote(compiling->complainer, hr_str_from(name, strlen("feature."))));
        return false;
    }
    struct hr_str window = hr_str_from(part, uses   ? strlen("uses.")
                                             : days ? strlen("days_active.")
                                                    : 0);
    draft->signal.kind = days ? HR_SIGNAL_DAYS_ACTIVE : HR_SIGNAL_METER;
    draft->signal.unit = HR_UNIT_NUMBER;
    draft->signal.meter = (uint16_t)meter;
    if ((!uses && !days) || hr_read_window(window, &draft->window) ||
        (days && draft->window.bucket_us != HR_DAY)) {
        hr_complain(compiling->complainer, path,
            "must end with uses.WINDOW, or with days_active and whole days, from 7d to 366d");
        return false;
    }
    return hr_add_window(compiling, draft->signal.meter, &draft->window, path);
}

/* Kept by every feature. */
static bool read_trial_uses(struct hr_compiling *compiling, const struct hr_signal_row *row,
    struct hr_str text, struct hr_signal_draft *draft, const struct hr_path *path)
{
    text = hr_str_from(text, hr_signal_fixed(row));
    struct hr_window window;
    bool any = false, good = !hr_read_window(text, &window) && window.kind == HR_WINDOW_SPAN;
    if (!good) {
        hr_complain(compiling->complainer, path,
            "must end with a duration from 7m to 366d, such as trial.uses.7d");
    }
    for (uint16_t i = 0; good && i < compiling->rules->meter_count; i++) {
        if (compiling->meters[i].feature) {
            good = hr_add_window(compiling, i, &window, path);
            any = true;
        }
    }
    if (good && !any) {
        hr_complain(
            compiling->complainer, path, "asks for uses of features, of which there are none");
    }
    draft->signal.kind = row->kind;
    draft->signal.unit = row->unit;
    draft->signal.attribute = text;
    draft->signal.span_us = good ? window.span_us : 0;
    return good && any;
}

/* Of a limit that a meter uses up or a plan allows: any other would stay unknown for good. */
static bool is_limit(const struct hr_compiling *compiling, struct hr_str name)
{
    const struct hr_rules *rules = compiling->rules;
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        if (compiling->meters[m].limit.at && hr_str_equal(compiling->meters[m].limit, name)) {
            return true;
        }
    }
    for (size_t p = 0; p < compiling->settings->plans_count; p++) {
        const struct hr_plan_setting *plan = &compiling->settings->plans[p];
        for (size_t l = 0; l < plan->limits_count; l++) {
            if (hr_str_equal(plan->limits[l].name, name)) {
                return true;
            }
        }
    }
    return false;
}

/* limit.NAME.drop.DURATION */
static bool read_limit_drop(struct hr_compiling *compiling, const struct hr_signal_row *row,
    struct hr_str text, struct hr_signal_draft *draft, const struct hr_path *path)
{
    struct hr_str name = hr_str_from(text, hr_signal_fixed(row)), rest;
    const char *dot = name.len ? memchr(name.at, '.', name.len) : NULL;
    struct hr_window window = {.kind = HR_WINDOW_PERIOD};
    name.len = dot ? (size_t)(dot - name.at) : name.len;
    rest = dot ? (struct hr_str){dot, (size_t)(text.at + text.len - dot)} : (struct hr_str){"", 0};
    if (!hr_str_starts(rest, ".drop.") ||
        hr_read_window(hr_str_from(rest, strlen(".drop.")), &window) ||
        window.kind != HR_WINDOW_SPAN) {
        hr_complain(compiling->complainer, path,
            "must be %s, with a duration from 7m to 366d, such as limit.seats.drop.90d",
            row->pattern);
        return false;
    }
    if (!is_limit(compiling, name)) {
        hr_complain(compiling->complainer, path,
            "asks for the limit %s, which no meter and no plan has",
            hr_quote(compiling->complainer, name));
        return false;
    }
    draft->signal.kind = row->kind;
    draft->signal.unit = row->unit;
    draft->signal.attribute = name;
    draft->signal.span_us = window.span_us;
    return true;
}

static bool shows_adoption(const struct hr_meter *meter)
{
    return meter->aggregate == HR_UNIQUE && meter->limit.at;
}

/* The meter under adoption, else the first that can show it; -1: there is none. */
static int adoption_meter(const struct hr_compiling *compiling)
{
    struct hr_str name = compiling->settings->adoption.meter;
    for (uint16_t i = 0; i < compiling->rules->meter_count; i++) {
        const struct hr_meter *meter = &compiling->meters[i];
        if (shows_adoption(meter) && (!name.at || hr_str_equal(name, meter->name))) {
            return i;
        }
    }
    return -1;
}

bool hr_has_adoption(const struct hr_compiling *compiling)
{
    const struct hr_window *window = &compiling->settings->adoption.window;
    return adoption_meter(compiling) >= 0 && (!window->text.at || window->kind != HR_WINDOW_PERIOD);
}

static bool read_adoption(struct hr_compiling *compiling, const struct hr_signal_row *row,
    struct hr_str text, struct hr_signal_draft *draft, const struct hr_path *path)
{
    (void)text;
    const struct hr_adoption_setting *from = &compiling->settings->adoption;
    int meter = adoption_meter(compiling);
    if (meter < 0) {
        hr_complain(compiling->complainer, path,
            from->meter.at ? "needs under adoption.meter a unique meter with a limit"
                           : "needs a unique meter with a limit, of which there is none");
        return false;
    }
    draft->signal.kind = row->kind;
    draft->signal.unit = row->unit;
    draft->signal.meter = (uint16_t)meter;
    draft->window = from->window;
    if (!from->window.text.at && hr_read_window(HR_STR("24h"), &draft->window)) {
        return false;
    }
    if (draft->window.kind == HR_WINDOW_PERIOD) {
        hr_complain(compiling->complainer, path,
            "needs under adoption.window another window than the period");
        return false;
    }
    return hr_add_window(compiling, draft->signal.meter, &draft->window, path);
}

/* adoption.NAME of a product. */
static bool read_product_adoption(struct hr_compiling *compiling, const struct hr_signal_row *row,
    struct hr_str text, struct hr_signal_draft *draft, const struct hr_path *path)
{
    int product = hr_find_product(compiling, hr_str_from(text, hr_signal_fixed(row)), path);
    draft->signal.kind = row->kind;
    draft->signal.unit = row->unit;
    draft->signal.product = (uint16_t)product;
    return product >= 0;
}

/* Both rows of a product. */
static bool read_product(struct hr_compiling *compiling, const struct hr_signal_row *row,
    struct hr_str text, struct hr_signal_draft *draft, const struct hr_path *path)
{
    struct hr_str name = hr_str_from(text, hr_signal_fixed(row));
    const char *dot = name.len ? memchr(name.at, '.', name.len) : NULL;
    struct hr_str part = hr_str_from(name, dot ? (size_t)(dot - name.at) + 1 : name.len);
    bool used = hr_str_is(part, "used");
    name.len = dot ? (size_t)(dot - name.at) : name.len;
    int product = hr_find_product(compiling, name, path);
    if (product >= 0 && !used && !hr_str_is(part, "owned")) {
        hr_complain(compiling->complainer, path, "must end with used or owned");
        return false;
    }
    draft->signal.kind = used ? HR_SIGNAL_PRODUCT_USED : HR_SIGNAL_PRODUCT_OWNED;
    draft->signal.unit = row->unit;
    draft->signal.product = (uint16_t)product;
    return product >= 0;
}

/* --- the table ------------------------------------------------------------------------------- */

const struct hr_signal_row hr_signal_rows[] = {
    {"meter.NAME.WINDOW", HR_SIGNAL_METER, HR_UNIT_NUMBER, NULL, "the meter's value in the window",
        read_meter_signal},
    {"meter.NAME.used", HR_SIGNAL_USED, HR_UNIT_SHARE, NULL,
        "how much of its limit the meter has used in the billing period", read_meter_signal},
    {"meter.NAME.remaining", HR_SIGNAL_REMAINING, HR_UNIT_NUMBER, NULL, "its limit less its value",
        read_meter_signal},
    {"meter.NAME.projected", HR_SIGNAL_PROJECTED, HR_UNIT_SHARE, NULL,
        "used by the share of the period elapsed, for sum and count; unknown below 5% elapsed",
        read_meter_signal},
    {"meter.NAME.days_to_limit", HR_SIGNAL_DAYS_TO_LIMIT, HR_UNIT_DAYS, NULL,
        "whole days until its limit is reached at the pace of the last weeks, for sum, count and "
        "latest; unknown in the first week, while it does not grow, and past the period's end",
        read_meter_signal},
    {"meter.NAME.growth.DURATION", HR_SIGNAL_GROWTH, HR_UNIT_SHARE, NULL,
        "the last whole buckets of the window against as many before, of latest the reading at the "
        "end of each, of unique the different members seen in each; unknown until two windows lie "
        "behind the first event",
        read_meter_signal},
    {"meter.NAME.drop.DURATION", HR_SIGNAL_DROP, HR_UNIT_SHARE, NULL, "the same where it shrinks",
        read_meter_signal},
    {"meter.NAME[GROUP].WINDOW", HR_SIGNAL_METER, HR_UNIT_NUMBER, "as above",
        "this, and all others of a meter, of the events alone whose `by` is GROUP; `other`: of "
        "those that have no group",
        read_meter_signal},
    {"value.NAME", HR_SIGNAL_VALUE, HR_UNIT_MONEY, NULL,
        "the meter's value in the billing period times its worth", read_value},
    {"feature.NAME.uses.WINDOW", HR_SIGNAL_METER, HR_UNIT_NUMBER, NULL, "uses of the feature",
        read_feature},
    {"feature.NAME.days_active.WINDOW", HR_SIGNAL_DAYS_ACTIVE, HR_UNIT_NUMBER, NULL,
        "days (UTC) with a use, today included", read_feature},
    {"limit.NAME.drop.DURATION", HR_SIGNAL_LIMIT_DROP, HR_UNIT_SHARE, NULL,
        "how much smaller the limit is than the largest within the duration; unknown without one",
        read_limit_drop},
    {"trial.uses.DURATION", HR_SIGNAL_TRIAL_USES, HR_UNIT_NUMBER, NULL,
        "uses of the features whose trial runs now", read_trial_uses},
    {"trial.NAME", HR_SIGNAL_TRIAL, HR_UNIT_NUMBER, NULL, "1 while that trial runs", read_named},
    {"interest.NAME", HR_SIGNAL_INTEREST, HR_UNIT_NUMBER, NULL,
        "times that interest in the feature was shown in 30 days", read_named},
    {"milestone.NAME", HR_SIGNAL_MILESTONE, HR_UNIT_NUMBER, NULL,
        "1 once the milestone was achieved", read_named},
    {"adoption", HR_SIGNAL_ADOPTION, HR_UNIT_SHARE, NULL,
        "members of a unique meter of its limit (see adoption)", read_adoption},
    {"adoption.NAME", HR_SIGNAL_PRODUCT_ADOPTION, HR_UNIT_SHARE, NULL,
        "features of the product that were used in the last 30 days (UTC), of all of them; unknown "
        "of one without features",
        read_product_adoption},
    {"product.NAME.used", HR_SIGNAL_PRODUCT_USED, HR_UNIT_NUMBER, NULL,
        "1 while one of its features was used in the last 30 days (UTC)", read_product},
    {"product.NAME.owned", HR_SIGNAL_PRODUCT_OWNED, HR_UNIT_NUMBER, NULL,
        "1 while the plan of an active subscription holds it", read_product},
    {"products.used", HR_SIGNAL_PRODUCTS_USED, HR_UNIT_NUMBER, NULL, "how many are used", NULL},
    {"products.owned", HR_SIGNAL_PRODUCTS_OWNED, HR_UNIT_NUMBER, NULL, "how many are owned", NULL},
    {"renewal.days_left", HR_SIGNAL_RENEWAL_DAYS, HR_UNIT_DAYS, NULL,
        "calendar days until the nearest renewal", NULL},
    {"tenure.days", HR_SIGNAL_TENURE_DAYS, HR_UNIT_DAYS, NULL,
        "since the first of the unbroken run of subscriptions", NULL},
    {"period.elapsed", HR_SIGNAL_PERIOD_ELAPSED, HR_UNIT_SHARE, NULL,
        "how much of the billing period is over", NULL},
    {"invoice.unpaid", HR_SIGNAL_INVOICE_UNPAID, HR_UNIT_NUMBER, NULL,
        "invoices whose last payment failed", NULL},
    {"executive.days_since", HR_SIGNAL_EXECUTIVE_DAYS, HR_UNIT_DAYS, NULL,
        "since an executive was last engaged", NULL},
    {"deal.size", HR_SIGNAL_DEAL_SIZE, HR_UNIT_MONEY, NULL,
        "the largest amount of an open opportunity", NULL},
    {"deal.ratio", HR_SIGNAL_DEAL_RATIO, HR_UNIT_NUMBER, NULL,
        "that by account.arr, or by twelve times account.mrr where no ARR was told", NULL},
    {"score", HR_SIGNAL_SCORE, HR_UNIT_NUMBER, NULL, "points of the rows of score that hold", NULL},
    {"tier", HR_SIGNAL_TIER, HR_UNIT_TEXT, NULL, "the name of the score's total (see tiers)", NULL},
    {"segment", HR_SIGNAL_SEGMENT, HR_UNIT_TEXT, NULL,
        "the first of segments that holds, else account.segment", NULL},
    {"category", HR_SIGNAL_CATEGORY, HR_UNIT_TEXT, NULL, "the trigger's; in routes alone", NULL},
    {"account.mrr", HR_SIGNAL_ATTRIBUTE, HR_UNIT_MONEY, NULL, "monthly recurring revenue", NULL},
    {"account.arr", HR_SIGNAL_ATTRIBUTE, HR_UNIT_MONEY, NULL, "yearly recurring revenue", NULL},
    {"account.nps", HR_SIGNAL_ATTRIBUTE, HR_UNIT_NUMBER, NULL, "the newest score, 0 to 10", NULL},
    {"account.csat", HR_SIGNAL_ATTRIBUTE, HR_UNIT_NUMBER, NULL, "the newest score, 1 to 5", NULL},
    {"account.health", HR_SIGNAL_ATTRIBUTE, HR_UNIT_NUMBER, NULL, "the newest score, 0 to 100",
        NULL},
    {"account.segment", HR_SIGNAL_ATTRIBUTE, HR_UNIT_TEXT, NULL, "as CRM tells it", NULL},
    {"account.owner", HR_SIGNAL_ATTRIBUTE, HR_UNIT_TEXT, NULL, "as CRM tells it", NULL},
    {"account.csm", HR_SIGNAL_ATTRIBUTE, HR_UNIT_TEXT, NULL, "customer success manager", NULL},
    {"account.account_manager", HR_SIGNAL_ATTRIBUTE, HR_UNIT_TEXT, NULL, "as CRM tells it", NULL},
    {"account.NAME", HR_SIGNAL_ATTRIBUTE, HR_UNIT_NUMBER, "number or text",
        "any other attribute of account.updated", read_named},
};
const size_t hr_signal_row_count = sizeof(hr_signal_rows) / sizeof *hr_signal_rows;

size_t hr_signal_fixed(const struct hr_signal_row *row)
{
    size_t at = 0;
    while (row->pattern[at] && !(row->pattern[at] >= 'A' && row->pattern[at] <= 'Z')) {
        at++;
    }
    return at;
}

static bool row_fits(const struct hr_signal_row *row, struct hr_str text)
{
    size_t fixed = hr_signal_fixed(row);
    return row->pattern[fixed] ? text.len >= fixed && memcmp(text.at, row->pattern, fixed) == 0
                               : hr_str_is(text, row->pattern);
}

/* Near to a signal that stands for itself, else what signals begin with. */
static void complain_unknown(
    struct hr_compiling *compiling, struct hr_str text, const struct hr_path *path)
{
    struct hr_str *known =
        hr_arena_zeroed(compiling->complainer->arena, hr_signal_row_count * sizeof *known);
    struct hr_buffer begins = {0};
    const char *last = "";
    for (size_t i = 0; i < hr_signal_row_count; i++) {
        const char *pattern = hr_signal_rows[i].pattern;
        size_t head = strcspn(pattern, ".");
        known[i] = hr_str(pattern);
        if (strcspn(last, ".") != head || strncmp(pattern, last, head) != 0) {
            hr_put_printf(&begins, "%s%.*s", i ? ", " : "", (int)head, pattern);
        }
        last = pattern;
    }
    const char *near = hr_did_you_mean(compiling->complainer, text, known, hr_signal_row_count);
    hr_complain(compiling->complainer, path, "there is no signal %s%s%s%.*s%s",
        hr_quote(compiling->complainer, text), near, near[0] ? "" : "; signals begin with ",
        near[0] ? 0 : (int)begins.len, (const char *)begins.at,
        near[0] ? "" : ", and `headroom check --reference` lists them");
    hr_buffer_clean_up(&begins);
}

static bool read_signal(struct hr_compiling *compiling, struct hr_str text,
    struct hr_signal_draft *draft, const struct hr_path *path)
{
    for (size_t i = 0; i < hr_signal_row_count; i++) {
        const struct hr_signal_row *row = &hr_signal_rows[i];
        if (!row_fits(row, text)) {
            continue;
        }
        if (row->read) {
            return row->read(compiling, row, text, draft, path);
        }
        draft->signal.kind = row->kind;
        draft->signal.unit = row->unit;
        if (row->kind == HR_SIGNAL_ATTRIBUTE) {
            draft->signal.attribute = hr_str_from(text, strlen("account."));
        }
        return true;
    }
    complain_unknown(compiling, text, path);
    return false;
}

static int keep_signal(struct hr_compiling *compiling, const struct hr_signal_draft *draft)
{
    if (compiling->signal_count == compiling->signal_room) {
        uint16_t room = compiling->signal_room ? (uint16_t)(2 * compiling->signal_room) : 16;
        struct hr_signal_draft *more = hr_arena_zeroed(compiling->arena, room * sizeof *more);
        if (compiling->signal_count) {
            memcpy(more, compiling->signals, compiling->signal_count * sizeof *more);
        }
        compiling->signals = more;
        compiling->signal_room = room;
    }
    compiling->signals[compiling->signal_count] = *draft;
    return compiling->signal_count++;
}

int hr_find_signal(struct hr_compiling *compiling, struct hr_str text, const struct hr_path *path)
{
    for (uint16_t i = 0; i < compiling->signal_count; i++) {
        if (hr_str_equal(compiling->signals[i].signal.text, text)) {
            return i;
        }
    }
    if (compiling->signal_count == HR_SIGNALS_MOST) {
        hr_complain(
            compiling->complainer, path, "is one signal too many; at most %d", HR_SIGNALS_MOST);
        return -1;
    }
    struct hr_signal_draft draft = {.signal.text = text};
    return read_signal(compiling, text, &draft, path) ? keep_signal(compiling, &draft) : -1;
}
