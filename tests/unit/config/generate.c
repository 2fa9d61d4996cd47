/* SPDX-License-Identifier: Apache-2.0 */
/* A document is built by chance, section by section, as a tree that is then laid out. Nothing here
 * shares code with the reader or the printer. */
#include "generate.h"

#include "document.h"

/* --------------------------------------------------------------- values */

/* Letters, the characters that YAML makes much of, and a few from elsewhere. */
static struct hr_str any_text(struct chance *chance)
{
    static const char *const pieces[] = {"a", "b", "Z", "9", "0", " ", "-", ":", ": ", "#", " #",
        "'", "\"", "\\", "{", "}", "[", "]", ",", "&", "*", "!", "|", ">", "%", "@", "`", "?", "=",
        "/", ".", "~", "true", "null", "\xc3\xa9", "\xc2\xa0", "\xc2\x85", "\xe2\x80\xa8",
        "\xef\xbb\xbf", "\xf0\x9f\x9a\x80", "$x"};
    struct hr_buffer text = {0};
    for (unsigned count = 1 + below(chance, 8); count > 0; count--) {
        hr_put_printf(&text, "%s", PICK(chance, pieces));
    }
    struct hr_str copy = hr_arena_copy(&chance->arena, hr_buffer_str(&text));
    hr_buffer_clean_up(&text);
    return copy;
}

static struct hr_str name(struct chance *chance, const char *kind, unsigned number)
{
    static const char *const tails[] = {"", "_x", "-y", "Q7", "__", "-"};
    return TEXTF(chance, "%s%u%s", kind, number, PICK(chance, tails));
}

static struct hr_str duration(struct chance *chance, unsigned most_days)
{
    static const char *const units[] = {"s", "m", "h"};
    if (below(chance, 6) == 0) {
        return HR_STR("0");
    }
    if (below(chance, 3) == 0) {
        return TEXTF(chance, "%ud", 1 + below(chance, most_days));
    }
    return TEXTF(chance, "%u%s", below(chance, 23) + 1, PICK(chance, units));
}

static struct hr_str moment(struct chance *chance)
{
    unsigned year = 1971 + below(chance, 80), month = 1 + below(chance, 12);
    unsigned day = 1 + below(chance, 28);
    if (often(chance)) {
        return TEXTF(chance, "%04u-%02u-%02u", year, month, day);
    }
    return TEXTF(chance, "%04u-%02u-%02uT%02u:%02u:59%s%s", year, month, day, below(chance, 24),
        below(chance, 60), below(chance, 2) ? ".25" : "", below(chance, 2) ? "Z" : "+05:30");
}

/* A number of the unit in one of its spellings; larger for larger ranks. */
enum unit { NUMBER, SHARE, DAYS, MONEY };
static struct hr_str number(
    struct chance *chance, enum unit unit, unsigned rank, const char *currency)
{
    switch (unit) {
    case SHARE:
        return rank < 10 && below(chance, 2)
                   ? TEXTF(chance, "0.%u5", rank)
                   : TEXTF(chance, "%u%s%%", rank * 10 + 5, below(chance, 2) ? ".0" : "");
    case DAYS:
        return TEXTF(chance, "%ud", rank * 3);
    case MONEY:
        return TEXTF(chance, "%u%s%s%s", rank, below(chance, 2) ? "k" : "000",
            *currency && below(chance, 2) ? " " : "", currency);
    default:
        return often(chance) ? TEXTF(chance, "%u", rank * 1000) : TEXTF(chance, "%uk", rank);
    }
}

struct signal {
    struct hr_str text;
    enum unit unit;
};

/* Meters are m0 to m(count-1), each with a limit when its number is even. */
static struct signal any_signal(struct chance *chance, unsigned meters)
{
    static const char *const windows[] = {
        "period", "day", "week", "month", "24h", "7d", "30d", "90m", "8h"};
    static const struct signal others[] = {{{"renewal.days_left", 17}, DAYS},
        {{"tenure.days", 11}, DAYS}, {{"period.elapsed", 14}, SHARE},
        {{"invoice.unpaid", 14}, NUMBER}, {{"account.arr", 11}, MONEY},
        {{"account.mrr", 11}, MONEY}, {{"account.health", 14}, NUMBER},
        {{"executive.days_since", 20}, DAYS}, {{"deal.size", 9}, MONEY}, {{"trial.f", 7}, NUMBER},
        {{"interest.f", 10}, NUMBER}, {{"milestone.m", 11}, NUMBER}};
    if (meters == 0 || below(chance, 2)) {
        return PICK(chance, others);
    }
    unsigned meter = below(chance, meters);
    if (meter % 2 == 0 && below(chance, 2)) {
        bool used = below(chance, 2);
        return (struct signal){TEXTF(chance, "meter.m%u.%s", meter, used ? "used" : "remaining"),
            used ? SHARE : NUMBER};
    }
    return (struct signal){TEXTF(chance, "meter.m%u.%s", meter, PICK(chance, windows)), NUMBER};
}

static struct hr_str condition(struct chance *chance, unsigned meters)
{
    static const char *const operators[] = {"<", "<=", "=", "!=", ">=", ">"};
    static const char *const words[] = {
        "a", "\"b c\"", "'d \"e\" f'", "80x", "\"80\"", "7", "\xc3\xa9"};
    if (below(chance, 4) == 0) {
        return TEXTF(chance, "account.%s  %s %s", below(chance, 2) ? "segment" : "z9",
            below(chance, 2) ? "=" : "!=", PICK(chance, words));
    }
    struct signal signal = any_signal(chance, meters);
    if (meters > 0 && below(chance, 5) == 0) {
        signal = (struct signal){HR_STR("meter.*.used"), SHARE};
    }
    struct hr_str literal = number(chance, signal.unit, 1 + below(chance, 20), "");
    return TEXTF(chance, "%.*s %s %.*s", (int)signal.text.len, signal.text.at,
        PICK(chance, operators), (int)literal.len, literal.at);
}

/* ------------------------------------------------------------- sections */

static struct doc *connections(struct chance *chance, struct doc *top)
{
    struct doc *kafka = set(top, HR_STR("kafka"), new_doc(chance, MAP));
    if (often(chance)) {
        SET(kafka, "brokers", "%s", below(chance, 2) ? "a:1,b:2" : "${SLOT}:9092");
        SET(kafka, "session", "%us", 31 + below(chance, 60));
    }
    if (often(chance)) {
        struct doc *properties = set(kafka, HR_STR("properties"), new_doc(chance, MAP));
        SET(properties, "sasl.password", "${KAFKA_PASSWORD}");
        for (unsigned i = below(chance, 4); i > 0; i--) {
            set(properties, name(chance, "p.", i), scalar(chance, any_text(chance)));
        }
    }
    if (often(chance)) {
        struct doc *redis = set(top, HR_STR("redis"), new_doc(chance, MAP));
        SET(redis, "url", "%s", below(chance, 2) ? "${URL}" : "redis://:${REDIS_PASSWORD}@h:1/2");
    }
    if (often(chance)) {
        SET(top, "instance", "%s", below(chance, 2) ? "${SLOT}" : "17");
        struct doc *http = set(top, HR_STR("http"), new_doc(chance, MAP));
        SET(http, "listen", "%s", below(chance, 2) ? "off" : "[::1]:99");
        struct doc *limits = set(top, HR_STR("limits"), new_doc(chance, MAP));
        SET(limits, "account_memory", "%uMiB", 1 + below(chance, 5000));
        SET(limits, "batch_time", "%ums", 10 + below(chance, 9000));
        SET(limits, "batch_bytes", "%uKiB", 64 + below(chance, 5000));
        struct doc *internal = set(top, HR_STR("internal"), new_doc(chance, MAP));
        SET(internal, "topic", "int.%u", below(chance, 9));
    }
    return top;
}

static void sources(struct chance *chance, struct doc *top, unsigned formats)
{
    struct doc *list = set(top, HR_STR("sources"), new_doc(chance, LIST));
    for (unsigned i = 0; i <= below(chance, 3); i++) {
        struct doc *source = add(list, new_doc(chance, MAP));
        SET(source, "topic", "t.%u", i);
        if (formats && below(chance, 2)) {
            SET(source, "format", "f%u", below(chance, formats));
        }
        if (often(chance)) {
            struct hr_str from = below(chance, 2)   ? moment(chance)
                                 : below(chance, 2) ? HR_STR("latest")
                                                    : HR_STR("earliest");
            set(source, HR_STR("from"), scalar(chance, from));
        }
    }
}

/* Rows that make a foreign event an account event. */
static void format_events(struct chance *chance, struct doc *format)
{
    static const char *const types[] = {
        "subscription.updated", "subscription.cancelled", "account.updated", "ignored"};
    static const char *const tests[] = {
        "/a/b > 0", "/status = trialing", "/a != /b", "/x = 'two words'"};
    static const char *const mappings[] = {"/a", "/a or /b/c as unix_s", "is month",
        "is 7 as number", "is as it was", "/a times /b per /c or /d every /e in /f",
        "/a or /b as text"};
    struct doc *events = set(format, HR_STR("events"), new_doc(chance, LIST));
    for (unsigned i = 0; i <= below(chance, 3); i++) {
        struct doc *event = add(events, new_doc(chance, MAP));
        set(event, HR_STR("type"), scalar(chance, any_text(chance)));
        SET(event, "is", "%s", i ? PICK(chance, types) : "subscription.updated");
        if (below(chance, 2)) {
            SET(event, "where", "%s", PICK(chance, tests));
        }
    }
    struct doc *fields = set(format, HR_STR("fields"), new_doc(chance, MAP));
    SET(fields, "plan", "%s", PICK(chance, mappings));
    if (below(chance, 2)) {
        SET(fields, "limits.seats", "%s", PICK(chance, mappings));
        SET(format, "data_are_fields", "true");
    }
}

static unsigned formats(struct chance *chance, struct doc *top)
{
    static const char *const presets[] = {"openmeter", "flexprice", "stripe_billing",
        "lago_billing", "debezium_subscriptions", "debezium_accounts"};
    static const char *const notations[] = {"rfc3339", "unix_s", "unix_ms", "any"};
    static const char *const pointers[] = {"/a", "/a/b~1c", "/~0", "/a b", "/\xc3\xa9", "/"};
    unsigned count = below(chance, 3);
    struct doc *map = count ? set(top, HR_STR("formats"), new_doc(chance, MAP)) : NULL;
    for (unsigned i = 0; i < count; i++) {
        struct doc *format = set(map, TEXTF(chance, "f%u", i), new_doc(chance, MAP));
        if (below(chance, 2)) {
            SET(format, "like", "%s", PICK(chance, presets));
        }
        if (below(chance, 3) == 0) {
            format_events(chance, format);
        }
        if (below(chance, 2)) {
            SET(format, "inside", "%s", PICK(chance, pointers));
        }
        SET(format, "id", "%s", PICK(chance, pointers));
        if (below(chance, 2)) {
            SET(format, "type", "%s", PICK(chance, pointers));
            SET(format, "source", "%s", PICK(chance, pointers));
        } else {
            set(format, HR_STR("type_is"), scalar(chance, any_text(chance)));
            set(format, HR_STR("source_is"), scalar(chance, any_text(chance)));
            SET(format, "time", "%s", PICK(chance, pointers));
            SET(format, "notation", "%s", PICK(chance, notations));
        }
        if (below(chance, 2)) {
            SET(format, "account", "%s", PICK(chance, pointers));
            SET(format, "data", "%s", PICK(chance, pointers));
            SET(format, "data_is_text", "%s", below(chance, 2) ? "true" : "false");
        } else {
            struct doc *accounts = set(format, HR_STR("account"), new_doc(chance, LIST));
            for (unsigned j = 0; j <= below(chance, 3); j++) {
                add(accounts, scalar(chance, hr_str(PICK(chance, pointers))));
            }
        }
    }
    return count;
}

static void time_and_money(struct chance *chance, struct doc *top)
{
    static const char *const zones[] = {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"};
    struct doc *time = set(top, HR_STR("time"), new_doc(chance, MAP));
    SET(time, "zone", "%s", PICK(chance, zones));
    if (often(chance)) {
        set(time, HR_STR("lateness"), scalar(chance, duration(chance, 90)));
        set(time, HR_STR("skew"), scalar(chance, duration(chance, 1)));
        struct doc *dedup = set(top, HR_STR("dedup"), new_doc(chance, MAP));
        SET(dedup, "memory", "%uKiB", 64 + below(chance, 100000));
    }
    if (often(chance)) {
        struct doc *start = set(top, HR_STR("start"), new_doc(chance, MAP));
        set(start, HR_STR("live_from"), scalar(chance, moment(chance)));
        struct doc *money = set(top, HR_STR("money"), new_doc(chance, MAP));
        SET(money, "currency", "EUR");
        struct doc *rates = set(money, HR_STR("rates"), new_doc(chance, MAP));
        SET(rates, "USD", "%u.%u", below(chance, 3), 1 + below(chance, 999999));
        SET(rates, "JPY", "%ue-3", 1 + below(chance, 99));
    }
}

static unsigned meters(struct chance *chance, struct doc *top)
{
    static const char *const aggregates[] = {"sum", "min", "max", "avg", "latest", "unique"};
    static const char *const wheres[] = {"/s < 500", "/s != free", "/plan  = \"a b\"",
        "/x >= -1.50", "/y = 80%", "/z = '5'", "/z = 25k"};
    static const char *const windows[] = {"30d", "day", "24h", "period", "month"};
    unsigned count = below(chance, 5);
    struct doc *map = set(top, HR_STR("meters"), new_doc(chance, MAP));
    for (unsigned i = 0; i < count; i++) {
        struct doc *meter = set(map, TEXTF(chance, "m%u", i), new_doc(chance, MAP));
        struct hr_str event =
            below(chance, 2) ? TEXTF(chance, "api.%u", below(chance, 2)) : any_text(chance);
        set(meter, HR_STR("event"), scalar(chance, event));
        bool counts = below(chance, 4) == 0;
        SET(meter, "aggregate", "%s", counts ? "count" : PICK(chance, aggregates));
        if (!counts) {
            SET(meter, "value", "/v%u", below(chance, 3));
        }
        if (below(chance, 3) == 0) {
            SET(meter, "by", "/r%u", below(chance, 2));
            SET(meter, "groups", "%u", 1 + below(chance, 1000));
        }
        if (i % 2 == 0) {
            SET(meter, "limit", "l%u", below(chance, 3));
        }
        if (often(chance)) {
            struct doc *where = set(meter, HR_STR("where"), new_doc(chance, LIST));
            for (unsigned j = below(chance, 4); j > 0; j--) {
                add(where, scalar(chance, hr_str(PICK(chance, wheres))));
            }
            struct doc *list = set(meter, HR_STR("windows"), new_doc(chance, LIST));
            for (unsigned j = below(chance, 3); j > 0; j--) {
                add(list, scalar(chance, hr_str(PICK(chance, windows))));
            }
        }
    }
    return count;
}

static void outcomes(struct chance *chance, struct doc *top)
{
    struct doc *map = set(top, HR_STR("outcomes"), new_doc(chance, MAP));
    SET(map, "attribution", "%ud", 1 + below(chance, 90));
    SET(map, "hold_out", below(chance, 2) ? "%u%%" : "0.%02u", below(chance, 51));
    SET(map, "history", "%u", 1 + below(chance, 120));
    if (often(chance)) {
        struct doc *bands = set(map, HR_STR("bands"), new_doc(chance, MAP));
        struct doc *bounds = set(bands, HR_STR("tenure.days"), new_doc(chance, LIST));
        bounds->fixed = true;
        for (unsigned i = 0; i <= below(chance, 3); i++) {
            add(bounds, scalar(chance, TEXTF(chance, "%ud", 10 + 100 * i + below(chance, 50))));
        }
    }
}

static void reports(struct chance *chance, struct doc *top)
{
    static const char *const amounts[] = {"500k", "15000.50", "2M", "1e6"};
    struct doc *map = set(top, HR_STR("reports"), new_doc(chance, MAP));
    struct doc *chances = set(map, HR_STR("chances"), new_doc(chance, MAP));
    struct doc *targets = set(map, HR_STR("targets"), new_doc(chance, MAP));
    SET(chances, "engaged", below(chance, 2) ? "%u%%" : "0.%02u", below(chance, 100));
    SET(targets, "time_to_upsell", "%u.5", below(chance, 20));
    struct doc *range = set(targets, HR_STR("nrr"), new_doc(chance, LIST));
    for (unsigned i = 0; i <= below(chance, 2); i++) {
        add(range, scalar(chance, TEXTF(chance, "%u%%", 100 + 50 * i + below(chance, 50))));
    }
    if (often(chance)) {
        SET(map, "quota", "%s", PICK(chance, amounts));
        SET(map, "average_deal", "%s", PICK(chance, amounts));
    }
}

static void plans(struct chance *chance, struct doc *top)
{
    static const char *const quotas[] = {
        "0", "5000", "10k", "1.5M", "unlimited", "0.000000000001", "12e3"};
    struct doc *map = set(top, HR_STR("plans"), new_doc(chance, MAP));
    struct hr_str names[4];
    unsigned count = below(chance, 4);
    for (unsigned i = 0; i < count; i++) {
        struct hr_str free = any_text(chance);
        names[i] = TEXTF(chance, "%u%.*s", i, (int)free.len, free.at);
    }
    for (unsigned i = 0; i < count; i++) {
        struct doc *plan = set(map, names[i], new_doc(chance, MAP));
        if (often(chance)) {
            set(plan, HR_STR("mrr"), scalar(chance, number(chance, MONEY, 1 + i, "EUR")));
            SET(plan, "link", "https://a.example/?to=%u#x", i);
        }
        if (often(chance)) {
            struct doc *owned = set(plan, HR_STR("products"), new_doc(chance, LIST));
            add(owned, scalar(chance, HR_STR("crm")));
        }
        if (count > 1) { /* round in a ring */
            set(plan, HR_STR("next"), scalar(chance, names[(i + 1) % count]));
        }
        struct doc *limits = set(plan, HR_STR("limits"), new_doc(chance, MAP));
        for (unsigned j = below(chance, 3); j > 0; j--) {
            set(limits, name(chance, "l", j), scalar(chance, hr_str(PICK(chance, quotas))));
        }
    }
}

/* On another signal than the one that is watched, so that it excludes no level. */
static struct hr_str plain_condition(
    struct chance *chance, struct hr_str watched, unsigned meters_known)
{
    struct hr_str text;
    do {
        text = condition(chance, meters_known);
    } while (hr_str_starts(text, watched.at) || hr_str_starts(text, "meter.*"));
    return text;
}

/* At most one plain condition, so that no two exclude each other; any number within `any`. */
static void when(
    struct chance *chance, struct doc *rule, struct hr_str watched, unsigned meters_known)
{
    if (below(chance, 3) == 0) {
        set(rule, HR_STR("when"), scalar(chance, plain_condition(chance, watched, meters_known)));
        return;
    }
    struct doc *list = set(rule, HR_STR("when"), new_doc(chance, LIST));
    if (below(chance, 2)) {
        add(list, scalar(chance, plain_condition(chance, watched, meters_known)));
    }
    for (unsigned i = below(chance, 3); i > 0; i--) {
        struct doc *map = add(list, new_doc(chance, MAP));
        struct doc *any = set(map, HR_STR("any"), new_doc(chance, LIST));
        for (unsigned j = 2 + below(chance, 2); j > 0; j--) {
            add(any, scalar(chance, condition(chance, meters_known)));
        }
    }
}

static const char *const playbooks_known[] = {"capacity_planning", "p0", "p1"};

static void advice(struct chance *chance, struct doc *top, unsigned meters_known)
{
    static const char *const texts[] = {
        "title", "impact", "discovery", "value_recap", "solution", "roi", "proposal"};
    static const char *const audiences[] = {"in_app", "mail", "csm", "account_manager", "sales"};
    struct doc *products = set(top, HR_STR("products"), new_doc(chance, MAP));
    set(products, HR_STR("suite"), new_doc(chance, MAP));
    struct doc *crm = set(products, HR_STR("crm"), new_doc(chance, MAP));
    struct doc *features = set(crm, HR_STR("features"), new_doc(chance, LIST));
    add(features, scalar(chance, HR_STR("f0")));
    add(features, scalar(chance, HR_STR("f1")));
    struct doc *map = set(top, HR_STR("playbooks"), new_doc(chance, MAP));
    for (unsigned i = 0; i < 2; i++) {
        struct doc *playbook = set(map, TEXTF(chance, "p%u", i), new_doc(chance, MAP));
        for (unsigned t = 0; t < sizeof texts / sizeof *texts; t++) {
            if (below(chance, 2)) {
                set(playbook, hr_str(texts[t]), scalar(chance, any_text(chance)));
            }
        }
    }
    if (below(chance, 2)) {
        struct doc *recommend = set(top, HR_STR("recommend"), new_doc(chance, MAP));
        SET(recommend, "below", "%u.5%%", below(chance, 99));
        set(recommend, HR_STR("for"), scalar(chance, duration(chance, 3000)));
    }
    struct doc *routes = set(top, HR_STR("routes"), new_doc(chance, LIST));
    for (unsigned i = below(chance, 4); i > 0; i--) {
        struct doc *route = add(routes, new_doc(chance, MAP));
        if (below(chance, 4) == 0) {
            SET(route, "when", "category  !=  'cross-sell'");
        } else {
            set(route, HR_STR("when"),
                scalar(chance, plain_condition(chance, HR_STR("-"), meters_known)));
        }
        SET(route, "audience", "%s", PICK(chance, audiences));
        if (below(chance, 2)) {
            set(route, HR_STR("owner"), scalar(chance, any_text(chance)));
            SET(route, "playbook", "%s", PICK(chance, playbooks_known));
        }
    }
}

static void rules(struct chance *chance, struct doc *top, unsigned meters_known)
{
    static const char *const categories[] = {"risk", "renewal", "upsell", "cross-sell"};
    static const char *const currencies[] = {"", "USD", "EUR"};
    struct doc *map = set(top, HR_STR("rules"), new_doc(chance, MAP));
    for (unsigned i = 0; i < below(chance, 6); i++) {
        struct doc *rule = set(map, name(chance, "r", i), new_doc(chance, MAP));
        struct signal signal = any_signal(chance, meters_known);
        const char *currency = PICK(chance, currencies);
        set(rule, HR_STR("watch"), scalar(chance, signal.text));
        bool down = below(chance, 2) || hr_str_is(signal.text, "renewal.days_left");
        unsigned count = 1 + below(chance, 4), rank = down ? 20 : 1;
        struct doc *levels =
            set(rule, down ? HR_STR("below") : HR_STR("levels"), new_doc(chance, LIST));
        for (unsigned j = 0; j < count; j++) {
            add(levels, scalar(chance, number(chance, signal.unit, rank, currency)));
            rank = down ? rank - 1 - below(chance, 4) : rank + 1 + below(chance, 4);
        }
        if (often(chance)) {
            set(rule, HR_STR("rearm"), scalar(chance, number(chance, signal.unit, 1, "")));
            SET(rule, "category", "%s", PICK(chance, categories));
            SET(rule, "priority", "%d", (int)below(chance, 2001) - 1000);
            set(rule, HR_STR("for"), scalar(chance, duration(chance, 3000)));
            set(rule, HR_STR("cooldown"), scalar(chance, duration(chance, 3000)));
        }
        if (often(chance)) {
            SET(rule, "jump", "%s", below(chance, 2) ? "each" : "furthest");
            SET(rule, "late", "%s", below(chance, 2) ? "once" : "never");
            SET(rule, "on_start", "%s", below(chance, 2) ? "fire" : "skip");
            SET(rule, "mode", "%s", below(chance, 2) ? "live" : "shadow");
            when(chance, rule, signal.text, meters_known);
        }
        if (below(chance, 4) == 0) {
            SET(rule, "playbook", "%s", PICK(chance, playbooks_known));
            struct doc *offer = set(rule, HR_STR("offer"), new_doc(chance, MAP));
            SET(offer, "product", "suite");
            struct doc *mrr = set(offer, HR_STR("mrr"), new_doc(chance, LIST));
            for (unsigned j = 1 + below(chance, 2); j > 0; j--) {
                add(mrr, scalar(chance, number(chance, MONEY, 30 - 9 * j, "USD")));
            }
        }
    }
}

/* Score, tiers and segments, and a product with features. */
static void standing(struct chance *chance, struct doc *top, unsigned meters_known)
{
    struct doc *features = set(top, HR_STR("features"), new_doc(chance, MAP));
    SET(set(features, HR_STR("f0"), new_doc(chance, MAP)), "event", "opened");
    SET(set(features, HR_STR("f1"), new_doc(chance, MAP)), "event", "read");
    struct doc *score = set(top, HR_STR("score"), new_doc(chance, LIST));
    for (unsigned i = below(chance, 4); i > 0; i--) {
        struct doc *row = add(score, new_doc(chance, MAP));
        SET(row, "points", "%d", (int)below(chance, 2001) - 1000);
        set(row, HR_STR("when"), scalar(chance, condition(chance, meters_known)));
        if (often(chance)) {
            set(row, HR_STR("name"), scalar(chance, name(chance, "s", i)));
        }
    }
    if (often(chance)) { /* one: of several the order would matter */
        struct doc *tiers = set(top, HR_STR("tiers"), new_doc(chance, MAP));
        SET(tiers, "warm", "%d", (int)below(chance, 128001) - 64000);
    }
    struct doc *segments = set(top, HR_STR("segments"), new_doc(chance, LIST));
    for (unsigned i = below(chance, 3); i > 0; i--) {
        struct doc *row = add(segments, new_doc(chance, MAP));
        set(row, HR_STR("name"), scalar(chance, name(chance, "g", i)));
        set(row, HR_STR("when"), scalar(chance, condition(chance, meters_known)));
    }
}

static void timing(struct chance *chance, struct doc *top)
{
    struct doc *map = set(top, HR_STR("timing"), new_doc(chance, MAP));
    add(set(map, HR_STR("milestones"), new_doc(chance, LIST)), scalar(chance, HR_STR("paid")));
    set(map, HR_STR("min_tenure"), scalar(chance, duration(chance, 3000)));
    set(map, HR_STR("categories"), new_doc(chance, LIST));
    struct doc *budget = set(map, HR_STR("budget"), new_doc(chance, MAP));
    set(set(top, HR_STR("brake"), new_doc(chance, MAP)), HR_STR("share"),
        scalar(chance, HR_STR("5%")));
    SET(budget, "account", "%u per %ud", 1 + below(chance, 100), 1 + below(chance, 90));
}

void generate_config(uint64_t seed, struct hr_buffer *text)
{
    struct chance chance = {.state = seed};
    hr_arena_init(&chance.arena);
    struct doc *top = new_doc(&chance, MAP);
    connections(&chance, top);
    sources(&chance, top, formats(&chance, top));
    time_and_money(&chance, top);
    unsigned meters_known = meters(&chance, top);
    rules(&chance, top, meters_known);
    advice(&chance, top, meters_known);
    plans(&chance, top);
    outcomes(&chance, top);
    reports(&chance, top);
    standing(&chance, top, meters_known);
    timing(&chance, top);
    if (below(&chance, 4) == 0) {
        lay_out_flow(&chance, text, top);
    } else {
        lay_out_block(&chance, text, top);
    }
    hr_put_u8(text, 0);
    text->len--;
    hr_arena_clean_up(&chance.arena);
}
