/* SPDX-License-Identifier: Apache-2.0 */
/* Names of signals. Each is looked up once, at its first mention; a window that it names is kept by
 * its meter from then on, whether listed or not. */
#include "compile.h"

#include "scalar.h"

/* Signals that name nothing of the user's. */
static const struct fixed_signal {
    const char *name;
    enum hr_signal_kind kind;
    enum hr_unit unit;
} fixed_signals[] = {
    {"renewal.days_left", HR_SIGNAL_RENEWAL_DAYS, HR_UNIT_DAYS},
    {"tenure.days", HR_SIGNAL_TENURE_DAYS, HR_UNIT_DAYS},
    {"period.elapsed", HR_SIGNAL_PERIOD_ELAPSED, HR_UNIT_SHARE},
    {"invoice.unpaid", HR_SIGNAL_INVOICE_UNPAID, HR_UNIT_NUMBER},
    {"executive.days_since", HR_SIGNAL_EXECUTIVE_DAYS, HR_UNIT_DAYS},
    {"deal.size", HR_SIGNAL_DEAL_SIZE, HR_UNIT_MONEY},
};
#define FIXED_SIGNALS (sizeof(fixed_signals) / sizeof *fixed_signals)

/* Signals about something that account events name. */
static const struct named_signal {
    const char *prefix, *what;
    enum hr_signal_kind kind;
} named_signals[] = {
    {"account.", "an attribute", HR_SIGNAL_ATTRIBUTE},
    {"trial.", "a feature", HR_SIGNAL_TRIAL},
    {"interest.", "a feature", HR_SIGNAL_INTEREST},
    {"milestone.", "a milestone", HR_SIGNAL_MILESTONE},
};
#define NAMED_SIGNALS (sizeof(named_signals) / sizeof *named_signals)

/* Attributes whose type EVENTS.md fixes; all others are numbers or text as they come. */
static const struct known_attribute {
    const char *name;
    enum hr_unit unit;
} known_attributes[] = {
    {"mrr", HR_UNIT_MONEY},
    {"arr", HR_UNIT_MONEY},
    {"segment", HR_UNIT_TEXT},
    {"owner", HR_UNIT_TEXT},
    {"csm", HR_UNIT_TEXT},
    {"account_manager", HR_UNIT_TEXT},
};

static struct hr_str behind(struct hr_str text, size_t len)
{
    return (struct hr_str){text.at + len, text.len - len};
}

static bool read_named(struct hr_compiling *compiling, const struct named_signal *named,
    struct hr_str text, struct hr_signal *signal, const struct hr_path *path)
{
    struct hr_str name = behind(text, strlen(named->prefix));
    const char *problem = hr_check_name(name);
    if (problem) {
        hr_complain(compiling->complainer, path, "names %s whose name %s", named->what, problem);
        return false;
    }
    signal->kind = named->kind;
    signal->unit = HR_UNIT_NUMBER;
    signal->attribute = name;
    for (size_t i = 0; i < sizeof(known_attributes) / sizeof *known_attributes; i++) {
        if (named->kind == HR_SIGNAL_ATTRIBUTE && hr_str_is(name, known_attributes[i].name)) {
            signal->unit = known_attributes[i].unit;
        }
    }
    return true;
}

static const struct named_signal *named_by(struct hr_str text)
{
    for (size_t i = 0; i < NAMED_SIGNALS; i++) {
        if (hr_str_starts(text, named_signals[i].prefix)) {
            return &named_signals[i];
        }
    }
    return NULL;
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

/* growth.W or drop.W: only what adds up bucket by bucket has a trend. */
static bool read_trend(struct hr_compiling *compiling, struct hr_str part, bool drop,
    struct hr_signal_draft *draft, const struct hr_path *path)
{
    struct hr_signal *signal = &draft->signal;
    const struct hr_meter *meter = &compiling->meters[signal->meter];
    struct hr_str text = behind(part, drop ? strlen("drop.") : strlen("growth."));
    signal->kind = drop ? HR_SIGNAL_DROP : HR_SIGNAL_GROWTH;
    signal->unit = HR_UNIT_SHARE;
    if (meter->aggregate == HR_UNIQUE || meter->aggregate == HR_LATEST) {
        hr_complain(compiling->complainer, path,
            "asks for the trend of meter %s, which has none: latest and unique do not add up",
            hr_quote(compiling->complainer, meter->name));
        return false;
    }
    if (hr_read_window(text, &draft->window) || draft->window.kind != HR_WINDOW_SPAN) {
        hr_complain(compiling->complainer, path,
            "must end with a duration from 7m to 366d, such as %s.30d", drop ? "drop" : "growth");
        return false;
    }
    draft->window.unseen = true;
    return hr_add_window(compiling, signal->meter, &draft->window, path);
}

/* Of a limit: used, remaining or projected. */
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
    signal->kind = kind;
    signal->unit = kind == HR_SIGNAL_REMAINING ? HR_UNIT_NUMBER : HR_UNIT_SHARE;
    return true;
}

/* What of a meter: a share or rest of its limit, its trend, or its value in a window. */
static bool read_part(struct hr_compiling *compiling, struct hr_str part,
    struct hr_signal_draft *draft, const struct hr_path *path)
{
    static const struct hr_str known[] = {{"used", 4}, {"remaining", 9}, {"projected", 9},
        {"period", 6}, {"day", 3}, {"week", 4}, {"month", 5}};
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
    if (hr_str_starts(part, "growth.") || hr_str_starts(part, "drop.")) {
        return read_trend(compiling, part, hr_str_starts(part, "drop."), draft, path);
    }
    signal->kind = HR_SIGNAL_METER;
    signal->unit = HR_UNIT_NUMBER;
    if (!hr_read_window(part, &draft->window)) {
        return hr_add_window(compiling, signal->meter, &draft->window, path);
    }
    hr_complain(compiling->complainer, path,
        "must end with used, remaining, projected, growth.DURATION, drop.DURATION, period, day, "
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

static bool read_meter_signal(struct hr_compiling *compiling, struct hr_str text,
    struct hr_signal_draft *draft, const struct hr_path *path)
{
    struct hr_str name = behind(text, strlen("meter."));
    struct hr_str part = {NULL, 0}, group = {NULL, 0};
    size_t end = behind_group(name);
    if (end > 0) {
        size_t open = (size_t)((const char *)memchr(name.at, '[', name.len) - name.at);
        part = behind(name, end);
        group = (struct hr_str){name.at + open + 1, end - open - 3};
        name.len = open;
    } else {
        const char *dot = name.len ? memchr(name.at, '.', name.len) : NULL;
        if (dot) {
            part = behind(name, (size_t)(dot - name.at) + 1);
            name.len = (size_t)(dot - name.at);
        }
    }
    for (uint16_t i = 0; i < compiling->rules->meter_count; i++) {
        if (!hr_str_equal(compiling->meters[i].name, name)) {
            continue;
        }
        draft->signal.meter = i;
        return (end == 0 || read_group(compiling, group, &draft->signal, path)) &&
               read_part(compiling, part, draft, path);
    }
    complain_meter(compiling, name, path);
    return false;
}

static int meter_named(const struct hr_compiling *compiling, struct hr_str name)
{
    for (uint16_t i = 0; i < compiling->rules->meter_count; i++) {
        if (hr_str_equal(compiling->meters[i].name, name)) {
            return i;
        }
    }
    return -1;
}

/* value.NAME */
static bool read_value(struct hr_compiling *compiling, struct hr_str name, struct hr_signal *signal,
    const struct hr_path *path)
{
    int meter = meter_named(compiling, name);
    if (meter < 0) {
        complain_meter(compiling, name, path);
        return false;
    }
    if (!compiling->meters[meter].has_worth) {
        hr_complain(compiling->complainer, path, "asks for the worth of meter %s, which has none",
            hr_quote(compiling->complainer, name));
        return false;
    }
    signal->kind = HR_SIGNAL_VALUE;
    signal->unit = HR_UNIT_MONEY;
    signal->meter = (uint16_t)meter;
    return true;
}

/* feature.F.uses.W, feature.F.days_active.W */
static bool read_feature(struct hr_compiling *compiling, struct hr_str text,
    struct hr_signal_draft *draft, const struct hr_path *path)
{
    const char *dot = memchr(text.at + strlen("feature."), '.', text.len - strlen("feature."));
    struct hr_str name = {text.at, dot ? (size_t)(dot - text.at) : text.len};
    struct hr_str part = behind(text, dot ? name.len + 1 : text.len);
    int meter = meter_named(compiling, name);
    bool uses = hr_str_starts(part, "uses."), days = hr_str_starts(part, "days_active.");
    if (meter < 0) {
        hr_complain(compiling->complainer, path,
            "names the feature %s, which is not under features",
            hr_quote(compiling->complainer, behind(name, strlen("feature."))));
        return false;
    }
    struct hr_str window = behind(part, uses ? strlen("uses.") : days ? strlen("days_active.") : 0);
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

/* trial.uses.W: kept by every feature. */
static bool read_trial_uses(struct hr_compiling *compiling, struct hr_str text,
    struct hr_signal *signal, const struct hr_path *path)
{
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
    signal->kind = HR_SIGNAL_TRIAL_USES;
    signal->unit = HR_UNIT_NUMBER;
    signal->attribute = text;
    return good && any;
}

static bool shows_adoption(const struct hr_meter *meter)
{
    return meter->aggregate == HR_UNIQUE && meter->limit.at;
}

/* adoption: of the meter under adoption, else of the first that can show it. */
static bool read_adoption(
    struct hr_compiling *compiling, struct hr_signal_draft *draft, const struct hr_path *path)
{
    const struct hr_adoption_setting *from = &compiling->settings->adoption;
    int meter = from->meter.at ? meter_named(compiling, from->meter) : 0;
    while (!from->meter.at && meter < compiling->rules->meter_count &&
           !shows_adoption(&compiling->meters[meter])) {
        meter++;
    }
    if (meter < 0 || meter >= compiling->rules->meter_count ||
        !shows_adoption(&compiling->meters[meter])) {
        hr_complain(compiling->complainer, path,
            from->meter.at ? "needs under adoption.meter a unique meter with a limit"
                           : "needs a unique meter with a limit, of which there is none");
        return false;
    }
    draft->signal.kind = HR_SIGNAL_ADOPTION;
    draft->signal.unit = HR_UNIT_SHARE;
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

static bool read_fixed(struct hr_compiling *compiling, struct hr_str text, struct hr_signal *signal,
    const struct hr_path *path)
{
    struct hr_str known[FIXED_SIGNALS + 1];
    known[FIXED_SIGNALS] = HR_STR("adoption");
    for (size_t i = 0; i < FIXED_SIGNALS; i++) {
        known[i] = hr_str(fixed_signals[i].name);
        if (hr_str_equal(text, known[i])) {
            signal->kind = fixed_signals[i].kind;
            signal->unit = fixed_signals[i].unit;
            return true;
        }
    }
    const char *near = hr_did_you_mean(compiling->complainer, text, known, FIXED_SIGNALS + 1);
    hr_complain(compiling->complainer, path, "there is no signal %s%s%s",
        hr_quote(compiling->complainer, text), near,
        near[0] ? ""
                : "; there are meter.NAME.WINDOW, meter.NAME.used, meter.NAME.remaining, "
                  "meter.NAME[GROUP].WINDOW, value.NAME, adoption, "
                  "feature.NAME.uses.WINDOW, feature.NAME.days_active.WINDOW, trial.uses.WINDOW, "
                  "renewal.days_left, tenure.days, period.elapsed, invoice.unpaid, "
                  "executive.days_since, deal.size, trial.NAME, interest.NAME, milestone.NAME, "
                  "account.NAME");
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
    const struct named_signal *named = named_by(text);
    bool good;
    if (hr_str_starts(text, "meter.")) {
        good = read_meter_signal(compiling, text, &draft, path);
    } else if (hr_str_starts(text, "feature.")) {
        good = read_feature(compiling, text, &draft, path);
    } else if (hr_str_starts(text, "trial.uses.")) {
        good = read_trial_uses(compiling, behind(text, strlen("trial.uses.")), &draft.signal, path);
    } else if (hr_str_starts(text, "value.")) {
        good = read_value(compiling, behind(text, strlen("value.")), &draft.signal, path);
    } else if (hr_str_is(text, "adoption")) {
        good = read_adoption(compiling, &draft, path);
    } else if (named) {
        good = read_named(compiling, named, text, &draft.signal, path);
    } else {
        good = read_fixed(compiling, text, &draft.signal, path);
    }
    return good ? keep_signal(compiling, &draft) : -1;
}
