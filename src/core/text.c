/* SPDX-License-Identifier: Apache-2.0 */
/* Values as people read them: exact decimals without trailing zeros, shares as percentages, cut and
 * not rounded, so that nothing shows 100% that is not full. */
#include "text.h"

#include "group.h"
#include "window.h"

struct hr_str hr_text_decimal(struct hr_arena *arena, struct hr_decimal value)
{
    char text[HR_DECIMAL_TEXT];
    size_t len = hr_decimal_print(value, text);
    return hr_arena_copy(arena, (struct hr_str){text, len});
}

struct hr_str hr_text_share(struct hr_arena *arena, struct hr_decimal share)
{
    struct hr_decimal percent = {share.units - share.units % 100000000};
    char text[HR_DECIMAL_TEXT];
    percent.units *= 100;
    size_t len = hr_decimal_print(percent, text);
    return hr_arena_join(arena, (struct hr_str){text, len}, "%", HR_STR(""));
}

struct hr_str hr_text_amount(
    struct hr_arena *arena, enum hr_unit unit, struct hr_decimal amount, const char *currency)
{
    if (unit == HR_UNIT_SHARE) {
        return hr_text_share(arena, amount);
    }
    struct hr_str number = hr_text_decimal(arena, amount);
    if (unit == HR_UNIT_DAYS) {
        return hr_arena_join(arena, number, "d", HR_STR(""));
    }
    return currency[0] ? hr_arena_join(arena, number, " ", hr_str(currency)) : number;
}

static const char *const operators[] = {
    [HR_LESS] = " < ",
    [HR_AT_MOST] = " <= ",
    [HR_EQUAL] = " = ",
    [HR_NOT_EQUAL] = " != ",
    [HR_AT_LEAST] = " >= ",
    [HR_MORE] = " > ",
};

static struct hr_str literal_text(
    struct hr_arena *arena, const struct hr_signal *signal, const struct hr_literal *literal)
{
    return literal->kind == HR_LITERAL_TEXT
               ? literal->text
               : hr_text_amount(arena, signal->unit, literal->number, literal->currency);
}

struct hr_str hr_text_condition(
    struct hr_arena *arena, const struct hr_signal *signal, const struct hr_condition *condition)
{
    return hr_arena_join(arena, signal->text, operators[condition->operator],
        literal_text(arena, signal, &condition->literal));
}

struct hr_str hr_text_finding(struct hr_arena *arena, const struct hr_signal *signal,
    const struct hr_condition *condition, const struct hr_reading *reading, bool holds)
{
    struct hr_str value = hr_text_reading(arena, signal, reading);
    if (value.len == 0) {
        return hr_arena_join(arena, signal->text, " is unknown", HR_STR(""));
    }
    if (signal->unit == HR_UNIT_DAYS) {
        value = hr_arena_join(arena, value, "d", HR_STR(""));
    }
    struct hr_str found = hr_arena_join(arena, signal->text, " ", value);
    return hr_arena_join(arena, hr_arena_join(arena, found, holds ? "" : " is not", HR_STR("")),
        operators[condition->operator], literal_text(arena, signal, &condition->literal));
}

struct hr_str hr_text_reading(
    struct hr_arena *arena, const struct hr_signal *signal, const struct hr_reading *reading)
{
    struct hr_decimal value;
    if (reading->kind == HR_READING_INFINITE) {
        return HR_STR("beyond a limit of 0");
    }
    if (reading->kind == HR_READING_TEXT) {
        return hr_arena_copy(arena, reading->text);
    }
    if (!hr_reading_value(signal, reading, &value)) {
        return HR_STR("");
    }
    if (signal->unit == HR_UNIT_SHARE) {
        return hr_text_share(arena, value);
    }
    struct hr_str number = hr_text_decimal(arena, value);
    return reading->kind == HR_READING_MONEY
               ? hr_arena_join(arena, number, " ", hr_str(reading->currency))
               : number;
}

struct hr_str hr_text_counter(
    struct hr_arena *arena, const struct hr_account *account, uint16_t slot)
{
    struct hr_str meter = hr_slot_meter(account, slot)->name;
    return hr_slot_is_group(account, slot)
               ? hr_arena_join(arena,
                     hr_arena_join(arena, meter, "[", hr_group_value(account, slot)), "]",
                     HR_STR(""))
               : meter;
}

struct hr_str hr_text_window(
    struct hr_arena *arena, const struct hr_account *account, uint16_t slot, uint16_t window)
{
    enum hr_aggregate aggregate = hr_slot_meter(account, slot)->aggregate;
    struct hr_signal signal = {.kind = HR_SIGNAL_METER, .unit = HR_UNIT_NUMBER};
    struct hr_tally tally = hr_window_tally(account, slot, window);
    struct hr_reading reading = hr_tally_reading(aggregate, &tally);
    return hr_text_reading(arena, &signal, &reading);
}

struct hr_str hr_text_used(struct hr_arena *arena, const struct hr_account *account, uint16_t slot)
{
    enum hr_aggregate aggregate = hr_slot_meter(account, slot)->aggregate;
    struct hr_signal signal = {.kind = HR_SIGNAL_USED, .unit = HR_UNIT_SHARE};
    struct hr_tally tally = hr_window_tally(account, slot, 0);
    struct hr_reading reading = hr_share_reading(
        hr_tally_reading(aggregate, &tally), &account->meters[account->meters[slot].meter].limit);
    return hr_text_reading(arena, &signal, &reading);
}
