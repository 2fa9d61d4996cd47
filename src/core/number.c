/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers that make ids of triggers unique.
 *
 * N counts the fires of a level under a date, from 1 (a thousand higher for each erasure of the
 * account). A number is kept while its date is in force and for the lateness bound after the end of
 * its period; if that was cut short, after the end that it would have had.
 *
 * A date can come back later than that: a subscription that goes over from months to years counts
 * in the period that began with its anchor, which was the date of its first month. So what is
 * forgotten leaves a mark, one for the account: the newest date forgotten and the highest number.
 * A level without a number under a date that is not newer goes on above the mark. It skips some
 * numbers then; an id never comes twice. */
#include "number.h"

#include "headroom/buffer.h"

uint32_t hr_number_key(const struct hr_rule *rule, const struct hr_rule_level *level,
    const struct hr_subscription *subscription)
{
    uint64_t key = hr_hash64(level->text, hr_hash64(rule->name, 0));
    return (uint32_t)(subscription ? hr_hash64(subscription->name, key) : key);
}

/* The mark stands among the numbers, so that it goes where they go. */
static bool is_mark(const struct hr_numbering *number)
{
    return hr_time_is(number->until, HR_TIME_NEVER);
}

static struct hr_numbering *mark_of(const struct hr_numbers *numbers)
{
    for (uint32_t i = 0; i < numbers->count; i++) {
        if (is_mark(&numbers->at[i])) {
            return &numbers->at[i];
        }
    }
    return NULL;
}

static struct hr_numbering *find(const struct hr_numbers *numbers, uint32_t key, int64_t date)
{
    for (uint32_t i = 0; i < numbers->count; i++) {
        struct hr_numbering *number = &numbers->at[i];
        if (number->key == key && number->date == date && !is_mark(number)) {
            return number;
        }
    }
    return NULL;
}

static struct hr_numbering *begin(
    struct hr_account *account, uint32_t key, int64_t date, struct hr_pool *pool)
{
    const struct hr_numbering *mark = mark_of(&account->numbers);
    uint32_t from = 1000 * account->erasures;
    if (mark && date <= mark->date && mark->number > from) {
        from = mark->number;
    }
    struct hr_numbering *made =
        hr_list_append(pool, &account->numbers.at, &account->numbers.count, sizeof *made);
    *made = (struct hr_numbering){.key = key, .number = from, .date = date};
    made->until = HR_TIME_NONE;
    return made;
}

uint32_t hr_number_next(struct hr_account *account, uint32_t key, int64_t date, struct hr_time end,
    struct hr_pool *pool)
{
    int64_t in_force = account->segments[account->current].date;
    hr_numbers_forget(&account->numbers, account->clock, in_force, pool);
    struct hr_numbering *number = find(&account->numbers, key, date);
    if (!number) {
        number = begin(account, key, date, pool);
    }
    number->until =
        hr_time_max(number->until, hr_time_plus(end, account->layout->rules->lateness_us));
    return ++number->number;
}

void hr_numbers_close(struct hr_account *account, int64_t date, struct hr_time end)
{
    struct hr_time until = hr_time_plus(end, account->layout->rules->lateness_us);
    for (uint32_t i = 0; i < account->numbers.count; i++) {
        struct hr_numbering *number = &account->numbers.at[i];
        if (number->date == date && !is_mark(number)) {
            number->until = hr_time_max(number->until, until);
        }
    }
}

/* A number that nobody has becomes the mark, or a part of it. */
static void retire(struct hr_numbers *numbers, uint32_t at, struct hr_pool *pool)
{
    struct hr_numbering gone = numbers->at[at];
    struct hr_numbering *mark = mark_of(numbers);
    if (!mark) {
        numbers->at[at] =
            (struct hr_numbering){.number = gone.number, .date = gone.date, .until = HR_TIME_NEVER};
        return;
    }
    mark->date = gone.date > mark->date ? gone.date : mark->date;
    mark->number = gone.number > mark->number ? gone.number : mark->number;
    hr_list_remove(pool, &numbers->at, &numbers->count, sizeof gone, at);
}

void hr_numbers_forget(
    struct hr_numbers *numbers, struct hr_time now, int64_t date, struct hr_pool *pool)
{
    for (uint32_t i = numbers->count; i > 0; i--) {
        if (numbers->at[i - 1].date != date && numbers->at[i - 1].until.us < now.us) {
            retire(numbers, i - 1, pool);
        }
    }
}

void hr_numbers_drop(struct hr_numbers *numbers, struct hr_pool *pool)
{
    if (numbers->count > 0) {
        hr_pool_give(pool, numbers->at, numbers->count * sizeof *numbers->at);
    }
    *numbers = (struct hr_numbers){NULL, 0};
}

/* --- ids, read ---------------------------------------------------------------------------------
 */

/* The text up to `end`; what follows it stays, at == NULL when there was none. */
static struct hr_str take_part(struct hr_str *text, char end)
{
    const char *stop = text->len > 0 ? memchr(text->at, end, text->len) : NULL;
    struct hr_str part = {text->at, stop ? (size_t)(stop - text->at) : text->len};
    *text = stop ? (struct hr_str){stop + 1, text->len - part.len - 1} : (struct hr_str){NULL, 0};
    return part;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* hr_hash64 of the part as it was before its bytes became %XX. */
static uint64_t hash_part(struct hr_str part, uint64_t seed)
{
    struct hr_buffer plain = {0};
    for (size_t i = 0; i < part.len; i++) {
        bool coded = part.at[i] == '%' && i + 2 < part.len && hex_digit(part.at[i + 1]) >= 0 &&
                     hex_digit(part.at[i + 2]) >= 0;
        int byte = coded ? hex_digit(part.at[i + 1]) * 16 + hex_digit(part.at[i + 2])
                         : (unsigned char)part.at[i];
        hr_put_u8(&plain, (uint8_t)byte);
        i += coded ? 2 : 0;
    }
    uint64_t hash = hr_hash64(hr_buffer_str(&plain), seed);
    hr_buffer_clean_up(&plain);
    return hash;
}

bool hr_trigger_name_parse(struct hr_str id, struct hr_trigger_name *name)
{
    struct hr_str rule = take_part(&id, '/');
    (void)take_part(&id, '/'); /* the account is the one that is told so */
    struct hr_str what = take_part(&id, '/');
    struct hr_str level = take_part(&what, '@'), date = take_part(&id, '#');
    struct hr_str digits = take_part(&id, '/'); /* behind it stands that it is resolved */
    struct hr_decimal number;
    if (!hr_date_parse(date, &name->date) || hr_decimal_parse(digits, &number) != HR_DECIMAL_OK ||
        number.units < 0 || number.units / HR_DECIMAL_ONE.units > UINT32_MAX) {
        return false;
    }
    name->number = (uint32_t)(number.units / HR_DECIMAL_ONE.units);
    uint64_t key = hash_part(level, hash_part(rule, 0));
    name->key = (uint32_t)(what.at ? hash_part(what, key) : key);
    return true;
}
