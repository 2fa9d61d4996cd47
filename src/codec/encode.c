/* SPDX-License-Identifier: Apache-2.0 */
/* Triggers as CloudEvents, and their ids.
 *
 * Written straight into the buffer, as one line. No JSON library stands between: an account's name
 * may hold a NUL, which cJSON's strings end at, and a library that allocates would have to be asked
 * after each member whether it got its memory. The keys of a kind of trigger are always the same;
 * what is not known is null.
 *
 * Figures are text, because a quantity is exact and a double is not: plain decimals; shares in
 * percent, cut after four places (84.12% is 0.8412…); days as a number; money in major units with
 * its currency beside, and that of the value before where it is another. */
#include "encode.h"

#include "headroom/codec.h"

#include <sodium.h>

/* --- figures --------------------------------------------------------------------------------- */

static struct hr_str plain(struct hr_decimal value, struct hr_arena *arena)
{
    char *text = hr_arena_take(arena, HR_DECIMAL_TEXT);
    return (struct hr_str){text, hr_decimal_print(value, text)};
}

static struct hr_str moment(struct hr_time time, struct hr_arena *arena)
{
    if (hr_time_is(time, HR_TIME_NONE)) {
        return HR_NOTHING;
    }
    char *text = hr_arena_take(arena, HR_TIME_TEXT);
    return (struct hr_str){text, hr_time_print(time, text)};
}

/* The share in hundredths of a percent may have more digits than a decimal: two halves. */
static struct hr_str percent(struct hr_decimal share, struct hr_arena *arena)
{
    const uint64_t half = UINT64_C(1000000000000000);
    bool negative = share.units < 0;
    unsigned __int128 cut = (unsigned __int128)(negative ? -share.units : share.units) / 100000000;
    uint64_t whole_high = (uint64_t)(cut / 100 / half), whole_low = (uint64_t)(cut / 100 % half);
    unsigned places = (unsigned)(cut % 100);
    const char *sign = negative && cut != 0 ? "-" : "";
    struct hr_str whole =
        whole_high ? hr_arena_printf(arena, "%s%llu%015llu", sign, (unsigned long long)whole_high,
                         (unsigned long long)whole_low)
                   : hr_arena_printf(arena, "%s%llu", sign, (unsigned long long)whole_low);
    if (places == 0) {
        return hr_arena_printf(arena, "%.*s%%", (int)whole.len, whole.at);
    }
    if (places % 10 == 0) {
        return hr_arena_printf(arena, "%.*s.%u%%", (int)whole.len, whole.at, places / 10);
    }
    return hr_arena_printf(arena, "%.*s.%02u%%", (int)whole.len, whole.at, places);
}

static enum hr_unit unit_of(const struct hr_trigger *trigger)
{
    return trigger->rules->signals[trigger->rule->signal].unit;
}

static struct hr_str figure(
    const struct hr_trigger *trigger, struct hr_decimal value, struct hr_arena *arena)
{
    return unit_of(trigger) == HR_UNIT_SHARE ? percent(value, arena) : plain(value, arena);
}

/* As a user writes it: 80%, 60d, 25000 USD, 4. */
static struct hr_str level(const struct hr_trigger *trigger, struct hr_arena *arena)
{
    const struct hr_rule_level *level = trigger->level;
    struct hr_str value = figure(trigger, level->value, arena);
    if (unit_of(trigger) == HR_UNIT_DAYS) {
        return hr_arena_printf(arena, "%.*sd", (int)value.len, value.at);
    }
    if (unit_of(trigger) == HR_UNIT_MONEY && level->currency[0]) {
        return hr_arena_printf(arena, "%.*s %s", (int)value.len, value.at, level->currency);
    }
    return value;
}

/* --- ids ------------------------------------------------------------------------------------- */

static void put_part(struct hr_buffer *buffer, struct hr_str part)
{
    static const char plain_bytes[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~@:+-";
    for (size_t i = 0; i < part.len; i++) {
        char c = part.at[i];
        if (c != '\0' && strchr(plain_bytes, c)) {
            hr_put_bytes(buffer, &c, 1);
        } else {
            hr_put_printf(buffer, "%%%02X", (unsigned char)c);
        }
    }
}

#define ACCOUNT_WHOLE 100 /* bytes; a longer name is its head and a hash */
#define ACCOUNT_HEAD 60
#define HASH_SHOWN 16 /* bytes, that is 32 digits */

static void put_account(struct hr_buffer *buffer, struct hr_str account)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    if (account.len <= ACCOUNT_WHOLE) {
        put_part(buffer, account);
        return;
    }
    put_part(buffer, (struct hr_str){account.at, ACCOUNT_HEAD});
    crypto_hash_sha256(hash, (const unsigned char *)account.at, account.len);
    for (int i = 0; i < HASH_SHOWN; i++) {
        hr_put_printf(buffer, "%02x", hash[i]);
    }
}

struct hr_str hr_trigger_id(const struct hr_trigger *trigger, struct hr_arena *arena)
{
    struct hr_buffer buffer = {0};
    char date[HR_TIME_TEXT];
    put_part(&buffer, trigger->rule->name);
    hr_put_text(&buffer, "/");
    put_account(&buffer, trigger->account);
    hr_put_text(&buffer, "/");
    put_part(&buffer, trigger->level->text);
    if (trigger->has_subscription) {
        hr_put_text(&buffer, "@");
        put_part(&buffer, trigger->subscription);
    }
    hr_date_print(trigger->date, date);
    hr_put_printf(&buffer, "/%s#%u", date, trigger->number);
    if (trigger->kind == HR_RESOLVED) {
        hr_put_text(&buffer, "/resolved");
    }
    struct hr_str id = hr_arena_copy(arena, hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
    return id;
}

/* --- the event ------------------------------------------------------------------------------- */

/* The meter behind the signal: what it stands at and what of its limit that is. Of a limit of 0,
 * 0 or less is 0% and anything more has no share; what is not known has none either. */
static void put_meter(
    struct hr_buffer *buffer, const struct hr_trigger *trigger, struct hr_arena *arena)
{
    const struct hr_signal *signal = &trigger->rules->signals[trigger->rule->signal];
    struct hr_str value = HR_NOTHING, limit = HR_NOTHING, share = HR_NOTHING;
    struct hr_decimal part = HR_DECIMAL_ZERO;
    if (trigger->has_limit && trigger->unlimited) {
        limit = HR_STR("unlimited");
    } else if (trigger->has_limit) {
        limit = plain(trigger->limit, arena);
        bool divides =
            hr_decimal_is_zero(trigger->meter_value) ||
            (hr_decimal_is_zero(trigger->limit) && trigger->meter_value.units < 0) ||
            hr_decimal_mul_div(trigger->meter_value, HR_DECIMAL_ONE, trigger->limit, 4, &part);
        share = divides && !trigger->meter_unknown ? percent(part, arena) : HR_NOTHING;
    }
    if (!trigger->meter_unknown) {
        value = plain(trigger->meter_value, arena);
    }
    hr_put_text(buffer, ",\"meter\":{\"name\":");
    hr_put_json_string(buffer, trigger->rules->meters[signal->meter].name);
    if (trigger->group.at) {
        hr_put_member(buffer, "group", trigger->group);
    }
    hr_put_member(buffer, "value", value);
    hr_put_member(buffer, "limit", limit);
    hr_put_member(buffer, "share", share);
    if (trigger->approximate || trigger->sampled) {
        hr_put_text(buffer, ",\"approximate\":true");
        hr_put_member(
            buffer, "error", trigger->sampled ? HR_STR(HR_TREND_ERROR) : HR_STR(HR_UNIQUE_ERROR));
    }
    hr_put_text(buffer, "}");
}

/* The days and the interval that holds them in nine of ten cases; high is null where it has no end.
 */
static void put_forecast(struct hr_buffer *buffer, const struct hr_forecast *forecast)
{
    hr_put_printf(buffer,
        ",\"forecast\":{\"days_to_limit\":%lld,\"low\":%lld,\"high\":", (long long)forecast->days,
        (long long)forecast->low);
    if (forecast->open) {
        hr_put_text(buffer, "null}");
    } else {
        hr_put_printf(buffer, "%lld}", (long long)forecast->high);
    }
}

static void put_data(
    struct hr_buffer *buffer, const struct hr_trigger *trigger, struct hr_arena *arena)
{
    const struct hr_rule *rule = trigger->rule;
    hr_put_text(buffer, "{\"rule\":");
    hr_put_json_string(buffer, rule->name);
    hr_put_member(buffer, "category", hr_str(hr_category_name(rule->category)));
    hr_put_member(buffer, "mode",
        rule->shadow        ? HR_STR("shadow")
        : trigger->held_out ? HR_STR("hold_out")
                            : HR_STR("live"));
    hr_put_member(buffer, "signal", trigger->rules->signals[rule->signal].text);
    hr_put_member(buffer, "level", level(trigger, arena));
    hr_put_member(buffer, "direction", rule->direction == HR_UP ? HR_STR("up") : HR_STR("down"));
    hr_put_member(
        buffer, "value", trigger->known ? figure(trigger, trigger->value, arena) : HR_NOTHING);
    hr_put_member(buffer, "previous",
        trigger->has_previous ? figure(trigger, trigger->previous, arena) : HR_NOTHING);
    if (unit_of(trigger) == HR_UNIT_MONEY) {
        hr_put_member(
            buffer, "currency", trigger->currency[0] ? hr_str(trigger->currency) : HR_NOTHING);
    }
    if (trigger->has_previous && strcmp(trigger->previous_currency, trigger->currency) != 0) {
        hr_put_member(buffer, "previous_currency", hr_str(trigger->previous_currency));
    }
    if (trigger->kind == HR_FIRED) {
        hr_put_member(buffer, "cause", hr_str(hr_cause_name(trigger->cause)));
    } else {
        hr_put_member(buffer, "reason", hr_str(hr_resolution_name(trigger->resolution)));
    }
    if (trigger->late) {
        hr_put_text(buffer, ",\"late\":true");
    }
    hr_put_printf(
        buffer, ",\"episode\":%u,\"rules_epoch\":%u", trigger->episode, trigger->rules->epoch);
    if (trigger->has_subscription) {
        hr_put_member(buffer, "subscription", trigger->subscription);
    }
    if (trigger->has_meter) {
        put_meter(buffer, trigger, arena);
    }
    if (trigger->forecast.known) {
        put_forecast(buffer, &trigger->forecast);
    }
    if (trigger->advice) {
        hr_encode_advice(trigger->advice, buffer);
    }
    hr_put_text(buffer, ",\"times\":{\"event\":");
    hr_put_value(buffer, moment(trigger->event_time, arena));
    hr_put_member(buffer, "ingested", moment(trigger->ingested, arena));
    hr_put_member(buffer, "decided", moment(trigger->decided, arena));
    hr_put_text(buffer, "}}");
}

void hr_encode_trigger(
    const struct hr_trigger *trigger, struct hr_arena *arena, struct hr_buffer *buffer)
{
    hr_put_text(buffer, "{\"specversion\":\"1.0\"");
    hr_put_member(buffer, "id", hr_trigger_id(trigger, arena));
    hr_put_member(buffer, "source", HR_STR("/headroom"));
    hr_put_member(buffer, "type",
        trigger->kind == HR_FIRED ? HR_STR("headroom.trigger.fired")
                                  : HR_STR("headroom.trigger.resolved"));
    hr_put_member(buffer, "subject", trigger->account);
    hr_put_member(buffer, "time", moment(trigger->decided, arena));
    hr_put_text(buffer, ",\"datacontenttype\":\"application/json\",\"data\":");
    put_data(buffer, trigger, arena);
    hr_put_text(buffer, "}");
}

/* The hour: "2026-11-22T14". */
#define HOUR_TEXT 13

void hr_encode_notice(
    const struct hr_notice *notice, struct hr_arena *arena, struct hr_buffer *buffer)
{
    bool brake = notice->kind == HR_NOTICE_BRAKE;
    char within[HR_TIME_TEXT];
    struct hr_str time = moment(notice->time, arena);
    struct hr_buffer id = {0};
    hr_put_text(&id, brake ? "brake/" : "silent/");
    put_part(&id, notice->about);
    hr_put_printf(&id, "/%.*s", HOUR_TEXT, time.at);
    hr_put_text(buffer, "{\"specversion\":\"1.0\"");
    hr_put_member(buffer, "id", hr_buffer_str(&id));
    hr_put_member(buffer, "source", HR_STR("/headroom"));
    hr_put_member(buffer, "type",
        brake ? HR_STR("headroom.operator.brake") : HR_STR("headroom.operator.source_silent"));
    hr_put_member(buffer, "time", time);
    hr_put_text(buffer, ",\"datacontenttype\":\"application/json\",\"data\":{");
    hr_put_text(buffer, brake ? "\"rule\":" : "\"topic\":");
    hr_put_json_string(buffer, notice->about);
    hr_put_printf(buffer, ",\"partition\":%u", (unsigned)notice->partition);
    if (brake) {
        hr_put_printf(buffer, ",\"accounts\":%u", (unsigned)notice->accounts);
    }
    hr_put_member(buffer, brake ? "within" : "silent_after",
        (struct hr_str){within, hr_duration_print(notice->within_us, within)});
    hr_put_text(buffer, "}}");
    hr_buffer_clean_up(&id);
}
