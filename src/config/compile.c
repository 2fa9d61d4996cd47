/* SPDX-License-Identifier: Apache-2.0 */
/* Compiles the half that decides, level by level: time, money and sources here; plans, formats,
 * meters, rules and routes have files of their own. */
#include "compile.h"

#include "headroom/hash.h"

static void compile_time(struct hr_compiling *compiling)
{
    const struct hr_settings *settings = compiling->settings;
    struct hr_rules *rules = compiling->rules;
    struct hr_path top = {0};
    struct hr_path time = hr_path_key(&top, HR_STR("time"));
    struct hr_path zone = hr_path_key(&time, HR_STR("zone"));
    rules->lateness_us = settings->time.lateness_us;
    rules->skew_us = settings->time.skew_us;
    rules->zone = hr_zone_utc();
    if (settings->time.zone.at && !hr_str_is(settings->time.zone, "UTC")) {
        const struct hr_zone *found =
            compiling->zones ? hr_zones_find(compiling->zones, settings->time.zone) : NULL;
        if (found) {
            rules->zone = found;
        } else {
            hr_complain(compiling->complainer, &zone,
                "must be a time zone of the IANA database, such as Europe/Berlin");
        }
    }
}

/* A date is the midnight with which it begins in the configuration's zone. */
static struct hr_time moment_time(const struct hr_rules *rules, const struct hr_moment *moment)
{
    switch (moment->kind) {
    case HR_MOMENT_DATE:
        return hr_zone_day_start(rules->zone, moment->day);
    case HR_MOMENT_TIME:
        return moment->time;
    default:
        return HR_TIME_NONE;
    }
}

static void copy_currency(char to[4], struct hr_str from)
{
    memset(to, 0, 4);
    if (from.len == 3) {
        memcpy(to, from.at, 3);
    }
}

static void compile_money(struct hr_compiling *compiling)
{
    const struct hr_money_setting *money = &compiling->settings->money;
    struct hr_rules *rules = compiling->rules;
    struct hr_path top = {0};
    struct hr_path at = hr_path_key(&top, HR_STR("money"));
    struct hr_path rates_at = hr_path_key(&at, HR_STR("rates"));
    copy_currency(rules->currency, money->currency);
    struct hr_rate *rates =
        hr_arena_zeroed(compiling->arena, (money->rates_count + 1) * sizeof *rates);
    for (size_t i = 0; i < money->rates_count; i++) {
        struct hr_path place = hr_path_key(&rates_at, money->rates[i].name);
        if (hr_str_equal(money->rates[i].name, money->currency)) {
            hr_complain(
                compiling->complainer, &place, "is money.currency itself, which is worth 1");
        }
        copy_currency(rates[i].currency, money->rates[i].name);
        rates[i].rate = money->rates[i].rate;
    }
    rules->rates = rates;
    rules->rate_count = (uint16_t)money->rates_count;
}

/* -------------------------------------------------------------- sources */

static void complain_format(
    struct hr_compiling *compiling, struct hr_str name, const struct hr_path *path)
{
    const struct hr_settings *settings = compiling->settings;
    const struct hr_format *presets;
    size_t preset_count = hr_format_presets(&presets), count = 0;
    struct hr_str *known = hr_arena_zeroed(
        compiling->complainer->arena, (preset_count + settings->formats_count) * sizeof *known);
    for (size_t i = 0; i < preset_count; i++) {
        known[count++] = presets[i].name;
    }
    for (size_t i = 0; i < settings->formats_count; i++) {
        known[count++] = settings->formats[i].name;
    }
    hr_complain(compiling->complainer, path, "is neither a preset nor a name under formats%s",
        hr_did_you_mean(compiling->complainer, name, known, count));
}

static const struct hr_format *find_format(
    struct hr_compiling *compiling, const struct hr_format *formats, struct hr_str name)
{
    for (size_t i = 0; i < compiling->settings->formats_count; i++) {
        if (hr_str_equal(formats[i].name, name)) {
            return &formats[i];
        }
    }
    return hr_format_preset(name);
}

static void compile_sources(struct hr_compiling *compiling)
{
    const struct hr_settings *settings = compiling->settings;
    const struct hr_format *formats = hr_compile_formats(compiling);
    struct hr_path top = {0};
    struct hr_path sources_at = hr_path_key(&top, HR_STR("sources"));
    struct hr_source *sources =
        hr_arena_zeroed(compiling->arena, (settings->sources_count + 1) * sizeof *sources);
    for (size_t i = 0; i < settings->sources_count; i++) {
        const struct hr_source_setting *from = &settings->sources[i];
        struct hr_path at = hr_path_index(&sources_at, i);
        struct hr_path topic_at = hr_path_key(&at, HR_STR("topic"));
        struct hr_path format_at = hr_path_key(&at, HR_STR("format"));
        sources[i] = (struct hr_source){
            .topic = from->topic,
            .from = from->from.from,
            .from_time = moment_time(compiling->rules, &from->from.moment),
            .silent_after_us = from->silent_after_us,
            .format = from->format.at ? find_format(compiling, formats, from->format) : NULL,
        };
        if (from->format.at && !sources[i].format) {
            complain_format(compiling, from->format, &format_at);
        }
        for (size_t j = 0; j < i && from->topic.at; j++) {
            if (hr_str_equal(sources[j].topic, from->topic)) {
                hr_complain(
                    compiling->complainer, &topic_at, "is the topic of sources[%zu] already", j);
            }
        }
    }
    compiling->rules->sources = sources;
    compiling->rules->source_count = (uint16_t)settings->sources_count;
}

void hr_compile(struct hr_compiling *compiling)
{
    compile_time(compiling);
    compiling->rules->live_from =
        moment_time(compiling->rules, &compiling->settings->start.live_from);
    compiling->rules->dedup_memory = (uint64_t)compiling->settings->dedup.memory;
    compile_money(compiling);
    hr_compile_plans(compiling);
    hr_compile_playbooks(compiling);
    compile_sources(compiling);
    hr_compile_meters(compiling);
    hr_compile_timing(compiling);
    hr_compile_brake(compiling);
    hr_compile_rules(compiling);
    hr_compile_products(compiling);
    hr_compile_score(compiling);
    hr_compile_routes(compiling);
    hr_compile_outcomes(compiling);
    hr_finish_windows(compiling);
}
