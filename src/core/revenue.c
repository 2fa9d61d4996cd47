/* SPDX-License-Identifier: Apache-2.0 */
/* An account's revenue over time, and its part of the revenue book.
 *
 * Billing says what a subscription brings a month, late, twice and out of order; so what it said is
 * kept word by word in the order of event time, and MRR is a line drawn from the words anew:
 *
 * 1. A word counts from its event time, from a later start of the subscription if it has one. The
 *    first MRR of a subscription counts from its start, also if that is earlier: an import tells of
 *    customers who have been there for years.
 * 2. An MRR holds until the next word. A word without one goes on with the last.
 * 3. An end is 0 from then on. Any later word withdraws an end that lies ahead of it.
 * 4. The account's MRR is the sum of its subscriptions'.
 *
 * Its part of a month is the net of the month: MRR when it begins and when it ends (or now). From 0
 * is new, to 0 is churned, else it is expansion or contraction. Who changed segments takes the MRR
 * at the month's start along, as a transfer. All this is a function of the words, the segments and
 * a moment; so a word that comes late is booked by taking the part back as it was and adding it as
 * it is (outcome.c).
 *
 * Words are bounded. What said nothing new goes first; then the oldest, whose effect is booked and
 * stays: the lines begin there with what they were (`cut`). */
#include "outcome.h"

#define LABELS_MOST 8

/* MRR from a moment on. */
struct point {
    struct hr_time time;
    int64_t minor;
    uint32_t word; /* that says so */
};

/* --- lines ------------------------------------------------------------------------------------ */

/* `first`: no word before it told an MRR. */
static struct hr_time begins(
    const struct hr_outcomes *outcomes, const struct hr_revenue_word *word, bool first)
{
    struct hr_time from =
        word->kind == HR_WORD_ENDS || first ? word->start : hr_time_max(word->time, word->start);
    return hr_time_max(from, outcomes->since);
}

/* Draws a line into `points`, ascending; returns how many. */
static uint32_t draw_line(
    const struct hr_outcomes *outcomes, const struct hr_revenue_line *line, struct point *points)
{
    uint32_t count = 0;
    int64_t known = line->known;
    bool first = !line->cut;
    for (uint32_t w = 0; w < line->count; w++) {
        const struct hr_revenue_word *word = &line->words[w];
        struct hr_time from = begins(outcomes, word, first);
        first &= word->kind != HR_WORD_MRR;
        /* What lies ahead of the word is withdrawn, but by an end only what comes after it. */
        struct hr_time ahead =
            word->kind == HR_WORD_ENDS ? from : hr_time_min(from, hr_time_plus(word->time, 1));
        while (count > 0 && points[count - 1].time.us >= ahead.us) {
            count--;
        }
        known = word->kind == HR_WORD_MRR ? word->minor : known;
        points[count++] = (struct point){from, word->kind == HR_WORD_ENDS ? 0 : known, w};
    }
    return count;
}

/* Draws the account's, the sum of its lines; `base`: before the first point. */
static uint32_t draw(
    const struct hr_outcomes *outcomes, struct point points[HR_WORDS_MOST], int64_t *base)
{
    uint32_t count = 0;
    *base = 0;
    for (uint32_t l = 0; l < outcomes->line_count; l++) {
        const struct hr_revenue_line *line = &outcomes->lines[l];
        uint32_t begin = count;
        count += draw_line(outcomes, line, points + begin);
        for (uint32_t i = count; i > begin; i--) { /* as steps from what was before */
            points[i - 1].minor -= i - 1 > begin ? points[i - 2].minor : line->base;
        }
        *base += line->base;
    }
    for (uint32_t i = 1; i < count; i++) {
        struct point point = points[i];
        uint32_t at = i;
        for (; at > 0 && points[at - 1].time.us > point.time.us; at--) {
            points[at] = points[at - 1];
        }
        points[at] = point;
    }
    int64_t sum = *base;
    for (uint32_t i = 0; i < count; i++) {
        sum += points[i].minor;
        points[i].minor = sum;
    }
    return count;
}

int64_t hr_revenue_at(const struct hr_outcomes *outcomes, struct hr_time time)
{
    struct point points[HR_WORDS_MOST];
    int64_t minor;
    uint32_t count = draw(outcomes, points, &minor);
    for (uint32_t i = 0; i < count && points[i].time.us <= time.us; i++) {
        minor = points[i].minor;
    }
    return minor;
}

struct hr_time hr_revenue_next(const struct hr_outcomes *outcomes, struct hr_time after)
{
    struct point points[HR_WORDS_MOST];
    int64_t base;
    uint32_t count = draw(outcomes, points, &base);
    for (uint32_t i = 0; i < count; i++) {
        if (points[i].time.us > after.us) {
            return points[i].time;
        }
    }
    return HR_TIME_NEVER;
}

/* --- words ------------------------------------------------------------------------------------ */

static struct hr_revenue_line *line_of(
    struct hr_outcomes *outcomes, uint64_t subscription, struct hr_pool *pool)
{
    for (uint32_t l = 0; l < outcomes->line_count; l++) {
        if (outcomes->lines[l].key == subscription) {
            return &outcomes->lines[l];
        }
    }
    struct hr_revenue_line *made =
        hr_list_append(pool, &outcomes->lines, &outcomes->line_count, sizeof *made);
    made->key = subscription;
    return made;
}

uint32_t hr_revenue_words(const struct hr_outcomes *outcomes)
{
    uint32_t count = 0;
    for (uint32_t l = 0; l < outcomes->line_count; l++) {
        count += outcomes->lines[l].count;
    }
    return count;
}

static void drop_word(struct hr_revenue_line *line, uint32_t at, struct hr_pool *pool)
{
    hr_list_remove(pool, &line->words, &line->count, sizeof *line->words, at);
}

/* The oldest word that says again what the one before it said. */
static bool drop_repeat(struct hr_revenue_line *line, struct hr_pool *pool)
{
    for (uint32_t w = 1; w < line->count; w++) {
        const struct hr_revenue_word *word = &line->words[w], *before = word - 1;
        if (word->kind == before->kind && word->minor == before->minor &&
            word->start.us == before->start.us) {
            drop_word(line, w, pool);
            return true;
        }
    }
    return false;
}

static void drop_label(struct hr_outcomes *outcomes, uint32_t at, struct hr_pool *pool)
{
    hr_text_drop(pool, &outcomes->labels[at].text);
    hr_list_remove(pool, &outcomes->labels, &outcomes->label_count, sizeof *outcomes->labels, at);
}

static void cut_line(struct hr_outcomes *outcomes, struct hr_revenue_line *line,
    struct hr_time time, struct hr_pool *pool)
{
    struct point points[HR_WORDS_MOST];
    uint32_t count = draw_line(outcomes, line, points), keep = 0;
    int64_t base = line->base;
    while (keep < line->count && line->words[keep].time.us <= time.us) {
        keep++;
    }
    for (uint32_t i = count; i > 0; i--) {
        if (points[i - 1].time.us > time.us) {
            keep = points[i - 1].word < keep ? points[i - 1].word : keep;
        } else {
            base = points[i - 1].minor;
            break;
        }
    }
    for (; keep > 0; keep--) {
        line->known = line->words[0].kind == HR_WORD_MRR ? line->words[0].minor : line->known;
        line->cut = true;
        drop_word(line, 0, pool);
    }
    line->base = base;
}

void hr_revenue_cut(struct hr_outcomes *outcomes, const struct hr_zone *zone, struct hr_time time,
    struct hr_pool *pool)
{
    for (uint32_t l = 0; l < outcomes->line_count; l++) {
        cut_line(outcomes, &outcomes->lines[l], time, pool);
    }
    outcomes->since = hr_time_max(outcomes->since, time);
    while (outcomes->label_count > 1 &&
           hr_month_start(zone, outcomes->labels[1].month).us <= time.us) {
        drop_label(outcomes, 0, pool);
    }
}

/* The moment behind which the oldest word of all has no more effect of its own. */
static struct hr_time oldest_word(const struct hr_outcomes *outcomes)
{
    struct hr_time oldest = HR_TIME_NEVER;
    for (uint32_t l = 0; l < outcomes->line_count; l++) {
        const struct hr_revenue_line *line = &outcomes->lines[l];
        struct point points[HR_WORDS_MOST];
        if (line->count > 0) {
            bool lasts = draw_line(outcomes, line, points) > 0 && points[0].word == 0;
            oldest = hr_time_min(oldest,
                lasts ? hr_time_max(line->words[0].time, points[0].time) : line->words[0].time);
        }
    }
    return oldest;
}

void hr_revenue_make_room(
    struct hr_outcomes *outcomes, const struct hr_zone *zone, uint32_t words, struct hr_pool *pool)
{
    if (outcomes->label_count == LABELS_MOST) {
        struct hr_time last = hr_month_start(zone, outcomes->labels[LABELS_MOST - 1].month);
        hr_revenue_cut(outcomes, zone, hr_time_plus(last, -1), pool);
    }
    for (uint32_t l = 0;
         l < outcomes->line_count && hr_revenue_words(outcomes) + words > HR_WORDS_MOST;) {
        l += !drop_repeat(&outcomes->lines[l], pool);
    }
    while (hr_revenue_words(outcomes) + words > HR_WORDS_MOST && hr_revenue_words(outcomes) > 0) {
        hr_revenue_cut(outcomes, zone, oldest_word(outcomes), pool);
    }
}

void hr_revenue_tell(struct hr_outcomes *outcomes, uint64_t subscription,
    struct hr_revenue_word word, struct hr_pool *pool)
{
    struct hr_revenue_line *line = line_of(outcomes, subscription, pool);
    if (line->cut && word.time.us <= outcomes->since.us) {
        return; /* what newer ones said is all that is left of that time */
    }
    hr_list_append(pool, &line->words, &line->count, sizeof word);
    uint32_t at = line->count - 1;
    for (; at > 0 && line->words[at - 1].time.us > word.time.us; at--) {
        line->words[at] = line->words[at - 1];
    }
    line->words[at] = word;
}

/* --- segments --------------------------------------------------------------------------------- */

/* Did the account bring anything before the moment? */
static bool brought(const struct hr_outcomes *outcomes, struct hr_time time)
{
    struct point points[HR_WORDS_MOST];
    int64_t base;
    uint32_t count = draw(outcomes, points, &base);
    return base != 0 || !hr_time_is(outcomes->since, HR_TIME_NONE) ||
           (count > 0 && points[0].time.us < time.us);
}

void hr_revenue_label(struct hr_outcomes *outcomes, const struct hr_zone *zone, int32_t month,
    struct hr_str text, struct hr_pool *pool)
{
    uint32_t count = outcomes->label_count;
    struct hr_revenue_label *last = count > 0 ? &outcomes->labels[count - 1] : NULL;
    if (last && hr_str_equal(last->text, text)) {
        return;
    }
    bool replaces =
        count == 1
            ? !brought(outcomes, hr_month_start(zone, month))
            /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): not null where count > 0 */
            : count > 1 && last->month >= month;
    if (replaces) {
        drop_label(outcomes, count - 1, pool);
        count--;
        if (count > 0 && hr_str_equal(outcomes->labels[count - 1].text, text)) {
            return;
        }
    }
    struct hr_revenue_label *made =
        hr_list_append(pool, &outcomes->labels, &outcomes->label_count, sizeof *made);
    *made = (struct hr_revenue_label){month, hr_text_keep(pool, text)};
}

static struct hr_str label_in(const struct hr_outcomes *outcomes, int32_t month)
{
    uint32_t at = outcomes->label_count;
    while (at > 1 && outcomes->labels[at - 1].month > month) {
        at--;
    }
    return at > 0 ? outcomes->labels[at - 1].text : HR_STR("");
}

/* --- the book --------------------------------------------------------------------------------- */

static void book_part(struct hr_books *books, int32_t month, struct hr_str label, int64_t begins,
    int64_t ends, int sign)
{
    int64_t columns[HR_REVENUE_COLUMNS] = {0};
    if (begins == ends) {
        return;
    }
    if (begins == 0) {
        columns[HR_REVENUE_NEW] = sign * ends;
        columns[HR_REVENUE_CUSTOMERS_NEW] = sign;
    } else if (ends == 0) {
        columns[HR_REVENUE_CHURNED] = sign * begins;
        columns[HR_REVENUE_CUSTOMERS_CHURNED] = sign;
    } else if (ends > begins) {
        columns[HR_REVENUE_EXPANSION] = sign * (ends - begins);
    } else {
        columns[HR_REVENUE_CONTRACTION] = sign * (begins - ends);
    }
    hr_books_add(books, HR_BOOK_REVENUE, month, label, columns);
}

static void book_transfer(
    struct hr_books *books, int32_t month, struct hr_str label, int64_t minor, int sign)
{
    int64_t columns[HR_REVENUE_COLUMNS] = {
        [HR_REVENUE_TRANSFER] = sign * minor, [HR_REVENUE_CUSTOMERS_TRANSFER] = sign};
    if (minor != 0) {
        hr_books_add(books, HR_BOOK_REVENUE, month, label, columns);
    }
}

void hr_revenue_book(const struct hr_outcomes *outcomes, const struct hr_zone *zone,
    struct hr_time until, int sign, struct hr_books *books)
{
    struct point points[HR_WORDS_MOST];
    int64_t minor;
    uint32_t count = draw(outcomes, points, &minor), label = 1, i = 0;
    while (count > 0 && points[count - 1].time.us > until.us) {
        count--;
    }
    while (i < count || label < outcomes->label_count) {
        int32_t month = i < count ? hr_month_of(zone, points[i].time) : INT32_MAX;
        if (label < outcomes->label_count && outcomes->labels[label].month <= month) {
            const struct hr_revenue_label *to = &outcomes->labels[label++];
            book_transfer(books, to->month, to[-1].text, minor, -sign);
            book_transfer(books, to->month, to->text, minor, sign);
            continue;
        }
        int64_t begins = minor;
        for (; i < count && hr_month_of(zone, points[i].time) == month; i++) {
            minor = points[i].minor;
        }
        book_part(books, month, label_in(outcomes, month), begins, minor, sign);
    }
}

/* --- all of it -------------------------------------------------------------------------------- */

void hr_revenue_merge(
    struct hr_outcomes *outcomes, const struct hr_outcomes *other, struct hr_pool *pool)
{
    for (uint32_t l = 0; l < other->line_count; l++) {
        const struct hr_revenue_line *from = &other->lines[l];
        struct hr_revenue_line *line = line_of(outcomes, from->key, pool);
        if (from->cut) { /* its beginning is known only as what it came to */
            line->base += from->base;
            line->known = line->count == 0 ? from->known : line->known;
            line->cut = true;
            outcomes->since = hr_time_max(outcomes->since, other->since);
        }
        for (uint32_t w = 0; w < from->count; w++) {
            hr_revenue_tell(outcomes, from->key, from->words[w], pool);
        }
    }
}

void hr_revenue_drop(struct hr_outcomes *outcomes, struct hr_pool *pool)
{
    while (outcomes->line_count > 0) {
        uint32_t last = outcomes->line_count - 1;
        struct hr_revenue_line *line = &outcomes->lines[last];
        while (line->count > 0) {
            drop_word(line, line->count - 1, pool);
        }
        hr_list_remove(pool, &outcomes->lines, &outcomes->line_count, sizeof *line, last);
    }
    while (outcomes->label_count > 0) {
        drop_label(outcomes, outcomes->label_count - 1, pool);
    }
}
