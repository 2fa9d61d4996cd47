/* SPDX-License-Identifier: Apache-2.0 */
/* The rule at the end of a zone's file: what the clocks do in the years after its table.
 *
 * `CET-1CEST,M3.5.0,M10.5.0/3` is all there is to say about Berlin until somebody changes the law.
 * The grammar is POSIX's for TZ, with the two extensions of RFC 8536, 3.3.1: times of day from -167
 * to 167 hours, and daylight time that lasts all year.
 *
 * Because a time of day may lie days away from its date, a year's changes can fall into its
 * neighbours. So the changes of three years are laid out in order and looked through; that is also
 * right for the southern hemisphere and for Dublin, whose standard time is in summer. */
#include "zone.h"

/* ------------------------------------------------------------- grammar */

struct cursor {
    const char *at, *end;
};

static bool take(struct cursor *in, char expected)
{
    if (in->at == in->end || *in->at != expected) {
        return false;
    }
    in->at++;
    return true;
}

static bool take_number(struct cursor *in, int32_t least, int32_t most, int32_t *value)
{
    int32_t read = 0;
    const char *start = in->at;
    for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
        read = read * 10 + (*in->at - '0');
        if (read > most) {
            return false;
        }
    }
    *value = read;
    return in->at > start && read >= least;
}

/* [+-]hh[:mm[:ss]], in seconds. */
static bool take_time(struct cursor *in, int32_t most_hours, int32_t *seconds)
{
    int32_t hours, minutes = 0, rest = 0;
    bool negative = take(in, '-');
    if (!negative) {
        (void)take(in, '+');
    }
    if (!take_number(in, 0, most_hours, &hours)) {
        return false;
    }
    if (take(in, ':')) {
        if (!take_number(in, 0, 59, &minutes) ||
            (take(in, ':') && !take_number(in, 0, 59, &rest))) {
            return false;
        }
    }
    *seconds = hours * 3600 + minutes * 60 + rest;
    if (negative) {
        *seconds = -*seconds;
    }
    return true;
}

/* An abbreviation, which nothing here needs: three letters or more, or anything between < and >. */
static bool skip_name(struct cursor *in)
{
    bool quoted = take(in, '<');
    const char *start = in->at;
    for (; in->at < in->end; in->at++) {
        char c = *in->at;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool other = (c >= '0' && c <= '9') || c == '+' || c == '-';
        if (!letter && !(quoted && other)) {
            break;
        }
    }
    return in->at - start >= 3 && (!quoted || take(in, '>'));
}

/* POSIX counts west of Greenwich as positive. */
static bool take_offset(struct cursor *in, int32_t *east)
{
    if (!take_time(in, 24, east)) {
        return false;
    }
    *east = -*east;
    return true;
}

static bool take_turn(struct cursor *in, struct hr_zone_turn *turn)
{
    bool good;
    *turn = (struct hr_zone_turn){.seconds = 2 * 3600};
    if (take(in, 'J')) {
        turn->kind = HR_TURN_JULIAN;
        good = take_number(in, 1, 365, &turn->day);
    } else if (take(in, 'M')) {
        turn->kind = HR_TURN_WEEKDAY;
        good = take_number(in, 1, 12, &turn->month) && take(in, '.') &&
               take_number(in, 1, 5, &turn->week) && take(in, '.') &&
               take_number(in, 0, 6, &turn->day);
    } else {
        turn->kind = HR_TURN_ORDINAL;
        good = take_number(in, 0, 365, &turn->day);
    }
    return good && (!take(in, '/') || take_time(in, 167, &turn->seconds));
}

bool hr_zone_rule_parse(struct hr_str text, struct hr_zone_rule *rule)
{
    struct cursor in = {text.at, text.at + text.len};
    *rule = (struct hr_zone_rule){0};
    if (!skip_name(&in) || !take_offset(&in, &rule->standard)) {
        return false;
    }
    if (in.at == in.end) {
        return true;
    }
    rule->has_daylight = true;
    rule->daylight = rule->standard + 3600;
    if (!skip_name(&in)) {
        return false;
    }
    if (in.at < in.end && *in.at != ',' && !take_offset(&in, &rule->daylight)) {
        return false;
    }
    return take(&in, ',') && take_turn(&in, &rule->to_daylight) && take(&in, ',') &&
           take_turn(&in, &rule->to_standard) && in.at == in.end;
}

/* ------------------------------------------------------------- the years */

/* Days since 1970-01-01 of day `weekday` of week `week` of a month. */
static int64_t day_of_week(int32_t year, int32_t month, int32_t week, int32_t weekday)
{
    int64_t first = hr_days_from_civil(year, month, 1);
    int64_t first_weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    int64_t day = (weekday - first_weekday + 7) % 7 + (week - 1) * 7;
    return first + (day < hr_days_in_month(year, month) ? day : day - 7);
}

/* The local reading, in seconds, at which a turn is due in a year. */
static int64_t turn_in_year(const struct hr_zone_turn *turn, int32_t year)
{
    int64_t day;
    switch (turn->kind) {
    case HR_TURN_WEEKDAY:
        day = day_of_week(year, turn->month, turn->week, turn->day);
        break;
    case HR_TURN_JULIAN:
        day = hr_days_from_civil(year, 1, 1) + turn->day - 1;
        day += turn->day > 59 && hr_days_in_month(year, 2) == 29;
        break;
    case HR_TURN_ORDINAL:
    default:
        day = hr_days_from_civil(year, 1, 1) + turn->day;
        break;
    }
    return day * 86400 + turn->seconds;
}

/* Of two changes at one moment that to standard time comes first: so daylight time that lasts all
 * year goes on over New Year. */
static bool is_before(
    const struct hr_zone_rule *rule, struct hr_zone_change a, struct hr_zone_change b)
{
    return a.at != b.at ? a.at < b.at : a.after == rule->standard && b.after == rule->daylight;
}

void hr_zone_rule_changes(
    const struct hr_zone_rule *rule, int32_t year, struct hr_zone_change changes[HR_ZONE_CHANGES])
{
    size_t count = 0;
    for (int32_t y = year - 1; y <= year + 1; y++) {
        const struct hr_zone_change two[2] = {
            {turn_in_year(&rule->to_daylight, y) - rule->standard, rule->standard, rule->daylight},
            {turn_in_year(&rule->to_standard, y) - rule->daylight, rule->daylight, rule->standard},
        };
        for (size_t i = 0; i < 2; i++) {
            size_t place = count++;
            for (; place > 0 && is_before(rule, two[i], changes[place - 1]); place--) {
                changes[place] = changes[place - 1];
            }
            changes[place] = two[i];
        }
    }
}
