/* SPDX-License-Identifier: Apache-2.0 */
/* Stored bytes back into an account. The bytes come from Redis or the changelog, so they are taken
 * for hostile until the checksum holds, and checked for shape even then: whatever is wrong refuses
 * the partition loudly (HR_REFUSE), and nothing is guessed. pack.c describes the layout. */
#include "inside.h"

#include "sections.h"
#include "subscription.h"
#include "unique.h"
#include "window.h"

enum hr_fate hr_frame_open(struct hr_str bytes, struct hr_frame *frame, struct hr_error *error)
{
    struct hr_reader reader = hr_reader(bytes);
    uint8_t magic = hr_get_u8(&reader);
    frame->kind = hr_get_u8(&reader);
    uint8_t version = hr_get_u8(&reader);
    uint64_t sum = hr_get_u64(&reader);
    frame->due.us = (int64_t)hr_get_u64(&reader);
    frame->epoch = hr_get_u32(&reader);
    if (reader.bad || magic != HR_FRAME_MAGIC) {
        return hr_fail(error, HR_REFUSE, "a stored value is not headroom's");
    }
    if (version != HR_FRAME_VERSION) {
        return hr_fail(error, HR_REFUSE,
            "a stored value has format %u, this version reads %u: a newer headroom wrote it",
            (unsigned)version, (unsigned)HR_FRAME_VERSION);
    }
    struct hr_str summed = {bytes.at + HR_FRAME_SUMMED, bytes.len - HR_FRAME_SUMMED};
    if (sum != hr_hash64(summed, 0)) {
        return hr_fail(error, HR_REFUSE, "the checksum of a stored value is wrong");
    }
    frame->body = reader;
    return HR_OK;
}

enum hr_fate hr_stored_due(struct hr_str bytes, struct hr_time *due, struct hr_error *error)
{
    struct hr_frame frame;
    enum hr_fate fate = hr_frame_open(bytes, &frame, error);
    if (fate == HR_OK) {
        *due = frame.due;
    }
    return fate;
}

/* What the readers of sections share. */
struct unpacking {
    struct hr_reader *in; /* of the section */
    struct hr_account *account;
    const struct hr_zones *zones;
    struct hr_pool *pool;
};

static struct hr_time get_near(struct unpacking *with)
{
    uint8_t code = hr_get_u8(with->in);
    if (code == 0) {
        return HR_TIME_NONE;
    }
    if (code == 1) {
        return HR_TIME_NEVER;
    }
    int64_t near = hr_get_zigzag(with->in), us = 0;
    with->in->bad |= code != 2 || __builtin_add_overflow(with->account->clock.us, near, &us);
    return (struct hr_time){us};
}

static void get_currency(struct unpacking *with, char currency[4])
{
    struct hr_str text = hr_get_str(with->in);
    if (text.len > 3) {
        with->in->bad = true;
        return;
    }
    memset(currency, 0, 4);
    if (text.len > 0) {
        memcpy(currency, text.at, text.len);
    }
}

static struct hr_tally get_tally(struct unpacking *with, enum hr_aggregate aggregate)
{
    struct hr_tally tally = {hr_get_decimal(with->in), 1};
    if (hr_tally_has_count(aggregate)) {
        tally.count = hr_get_varint(with->in);
    } else if (aggregate == HR_COUNT || aggregate == HR_UNIQUE) {
        tally.count = (uint64_t)(tally.value.units / HR_DECIMAL_ONE.units);
    }
    return tally;
}

/* --- sections --------------------------------------------------------------------------------- */

static void get_identity(struct unpacking *with)
{
    struct hr_account *account = with->account;
    account->clock = hr_get_time(with->in);
    uint8_t flags = hr_get_u8(with->in);
    account->live = flags & 1;
    account->had_subscription = (flags & 2) != 0;
    account->first_seen = get_near(with);
    account->erasures = (uint32_t)hr_get_varint(with->in);
    if (flags & 4) {
        account->governed_by = hr_get_u64(with->in);
        account->governed_since = get_near(with);
    }
}

/* Slot of a meter's key; the section is bad when there is none. */
static uint16_t get_meter(struct unpacking *with)
{
    int slot = hr_layout_find_meter(with->account->layout, hr_get_u32(with->in));
    with->in->bad |= slot < 0;
    return (uint16_t)(slot < 0 ? 0 : slot);
}

static void get_closed(struct unpacking *with, struct hr_segment *segment)
{
    const struct hr_rules *rules = with->account->layout->rules;
    uint64_t count = hr_get_varint(with->in);
    if (rules->meter_count > 0) {
        segment->limits = hr_pool_take(with->pool, rules->meter_count * sizeof *segment->limits);
    }
    for (uint64_t i = 0; i < count && !with->in->bad; i++) {
        uint16_t meter = get_meter(with);
        uint8_t kind = hr_get_u8(with->in);
        struct hr_decimal value = hr_get_decimal(with->in);
        if (!with->in->bad) {
            segment->limits[meter] = (struct hr_limit_state){
                value, kind == HR_LIMIT_UNLIMITED ? HR_LIMIT_UNLIMITED : HR_LIMIT_KNOWN};
        }
    }
    count = hr_get_varint(with->in);
    for (uint64_t i = 0; i < count && !with->in->bad; i++) {
        char currency[4] = "";
        int rule = hr_layout_find_rule(with->account->layout, hr_get_u64(with->in));
        struct hr_decimal value = hr_get_decimal(with->in);
        get_currency(with, currency);
        int level = rule < 0 ? -1 : hr_layout_find_level(&rules->rules[rule], value, currency);
        with->in->bad |= level < 0;
        if (!with->in->bad) {
            struct hr_level_ref *ref = hr_list_append(
                with->pool, &segment->open, &segment->open_count, sizeof *segment->open);
            *ref = (struct hr_level_ref){(uint16_t)rule, (uint16_t)level};
        }
    }
}

static void get_segment(struct unpacking *with)
{
    struct hr_account *account = with->account;
    struct hr_segment segment = {.from = get_near(with)};
    segment.start = hr_get_time(with->in);
    segment.end.us = (int64_t)((uint64_t)segment.start.us + (uint64_t)hr_get_zigzag(with->in));
    segment.date = hr_get_zigzag(with->in);
    account->next_segment_id = (uint32_t)hr_get_varint(with->in);
    segment.closed = hr_get_u8(with->in) != 0;
    uint64_t count = hr_get_varint(with->in);
    if (with->in->bad) {
        return;
    }
    account->current = account->segment_count; /* keeps the order of what is equal */
    uint32_t at = hr_account_insert_segment(account, segment, with->pool);
    struct hr_segment *made = &account->segments[at];
    with->in->bad |= at + 1 != account->segment_count;
    for (uint64_t i = 0; i < count && !with->in->bad; i++) {
        uint16_t meter = get_meter(with);
        if (!with->in->bad) {
            made->tallies[meter] = get_tally(with, account->layout->rules->meters[meter].aggregate);
        }
    }
    if (segment.closed && !with->in->bad) {
        get_closed(with, made);
    }
}

static void get_segments(struct unpacking *with)
{
    uint32_t next_id = (uint32_t)hr_get_varint(with->in);
    uint64_t current = hr_get_varint(with->in), count = hr_get_varint(with->in);
    for (uint64_t i = 0; i < count && !with->in->bad; i++) {
        get_segment(with);
    }
    with->in->bad |= current >= count;
    with->account->current = (uint32_t)current;
    with->account->next_segment_id = next_id;
}

static void get_series(struct unpacking *with, uint16_t meter)
{
    const struct hr_meter_layout *layout = &with->account->layout->meters[meter];
    enum hr_aggregate aggregate = with->account->layout->rules->meters[meter].aggregate;
    uint8_t kind = hr_get_u8(with->in);
    int64_t width = (int64_t)hr_get_varint(with->in) * HR_MINUTE;
    uint64_t count = hr_get_varint(with->in);
    uint16_t s = 0;
    while (s < layout->series_count &&
           ((uint8_t)layout->series[s].kind != kind || layout->series[s].bucket_us != width)) {
        s++;
    }
    with->in->bad |= s == layout->series_count || count > UINT16_MAX;
    if (with->in->bad || count == 0) {
        return;
    }
    struct hr_series *series = &with->account->meters[meter].series[s];
    with->in->bad |= series->cells != NULL;
    if (with->in->bad) {
        return;
    }
    int64_t now = hr_series_now(with->account, &layout->series[s]);
    series->cells = hr_pool_take(with->pool, count * sizeof *series->cells);
    series->room = (uint32_t)count;
    for (uint64_t i = 0; i < count && !with->in->bad; i++) {
        int64_t index = now + hr_get_zigzag(with->in);
        with->in->bad |= i > 0 && series->cells[i - 1].index >= index;
        series->cells[i] = (struct hr_cell){index, get_tally(with, aggregate)};
        series->count++;
    }
}

static void get_meters(struct unpacking *with)
{
    while (!with->in->bad && !hr_reader_at_end(with->in)) {
        uint16_t slot = get_meter(with);
        uint8_t aggregate = hr_get_u8(with->in), flags = hr_get_u8(with->in);
        if (with->in->bad ||
            aggregate != (uint8_t)with->account->layout->rules->meters[slot].aggregate) {
            with->in->bad = true;
            return;
        }
        struct hr_meter_state *meter = &with->account->meters[slot];
        if (flags & 1) {
            meter->gauge = hr_get_decimal(with->in);
            meter->gauge_time = get_near(with);
        }
        if ((flags & 2) && !meter->members) {
            meter->members = hr_members_new(with->pool);
        }
        uint64_t count = hr_get_varint(with->in);
        for (uint64_t i = 0; i < count && !with->in->bad; i++) {
            get_series(with, slot);
        }
    }
}

static void get_level(
    struct unpacking *with, const struct hr_rule *rule, struct hr_level_state *levels)
{
    char currency[4] = "";
    struct hr_decimal value = hr_get_decimal(with->in);
    get_currency(with, currency);
    int at = hr_layout_find_level(rule, value, currency);
    if (at < 0) {
        with->in->bad = true;
        return;
    }
    struct hr_level_state *level = &levels[at];
    level->flags = hr_get_u8(with->in);
    level->episode = (uint32_t)hr_get_varint(with->in);
    level->fired_at = get_near(with);
    if (level->flags & (HR_LEVEL_WAITING | HR_LEVEL_OPEN)) {
        level->cause = hr_get_u8(with->in);
        level->since = get_near(with);
        with->in->bad |= level->cause > HR_CAUSE_RULE_CHANGE;
    }
    if (level->flags & HR_LEVEL_FIRED) {
        level->number = (uint32_t)hr_get_varint(with->in);
        level->date = hr_get_zigzag(with->in);
    }
}

static void get_rules(struct unpacking *with)
{
    struct hr_account *account = with->account;
    while (!with->in->bad && !hr_reader_at_end(with->in)) {
        int slot = hr_layout_find_rule(account->layout, hr_get_u64(with->in));
        uint64_t instance = hr_get_varint(with->in), count = hr_get_varint(with->in);
        if (with->in->bad || slot < 0) {
            with->in->bad = true;
            return;
        }
        const struct hr_rule *rule = &account->layout->rules->rules[slot];
        instance -= account->layout->rule_layouts[slot].per_subscription;
        if (instance >= hr_instance_count(account, (uint16_t)slot)) {
            with->in->bad = true;
            return;
        }
        struct hr_level_state *levels = hr_account_levels(account, (uint16_t)slot, with->pool);
        for (uint64_t i = 0; i < count && !with->in->bad; i++) {
            get_level(with, rule, levels + instance * rule->level_count);
        }
    }
}

static struct hr_moment get_moment(struct unpacking *with)
{
    struct hr_moment moment = {.kind = (enum hr_moment_kind)hr_get_u8(with->in)};
    if (moment.kind == HR_MOMENT_DATE) {
        moment.day = hr_get_zigzag(with->in);
    } else if (moment.kind == HR_MOMENT_TIME) {
        moment.time = hr_get_time(with->in);
    }
    with->in->bad |= moment.kind > HR_MOMENT_TIME;
    return moment;
}

static void get_limits(struct unpacking *with, struct hr_subscription *subscription)
{
    subscription->has_limits = hr_get_u8(with->in) != 0;
    uint64_t count = hr_get_varint(with->in);
    for (uint64_t i = 0; i < count && !with->in->bad; i++) {
        struct hr_str name = hr_get_str(with->in);
        bool unlimited = hr_get_u8(with->in) != 0;
        struct hr_decimal value = hr_get_decimal(with->in);
        if (!with->in->bad) {
            struct hr_own_limit *limit = hr_list_append(
                with->pool, &subscription->limits, &subscription->limit_count, sizeof *limit);
            *limit = (struct hr_own_limit){hr_text_keep(with->pool, name), unlimited, value};
        }
    }
}

static void get_field(
    struct unpacking *with, struct hr_subscription *subscription, enum hr_subscription_field field)
{
    struct hr_str text;
    switch (field) {
    case HR_FIELD_PLAN:
        subscription->plan = hr_text_keep(with->pool, hr_get_str(with->in));
        break;
    case HR_FIELD_LIMITS:
        get_limits(with, subscription);
        break;
    case HR_FIELD_MRR:
        subscription->mrr.minor = hr_get_zigzag(with->in);
        get_currency(with, subscription->mrr.currency);
        break;
    case HR_FIELD_PERIOD:
        subscription->period.unit = (enum hr_period_unit)hr_get_u8(with->in);
        subscription->period.count = (int32_t)hr_get_zigzag(with->in);
        with->in->bad |= subscription->period.unit > HR_PERIOD_MONTHS;
        break;
    case HR_FIELD_ANCHOR:
        subscription->anchor = get_moment(with);
        break;
    case HR_FIELD_RENEWAL:
        subscription->renewal = get_moment(with);
        break;
    case HR_FIELD_TERM:
        subscription->term_start = hr_get_zigzag(with->in);
        break;
    case HR_FIELD_STARTED:
        subscription->started = get_moment(with);
        break;
    case HR_FIELD_ENDS:
        subscription->ends = get_moment(with);
        break;
    case HR_FIELD_ZONE:
        text = hr_get_str(with->in);
        subscription->zone = hr_str_equal(text, hr_zone_name(hr_zone_utc()))
                                 ? hr_zone_utc()
                                 : hr_zones_find(with->zones, text);
        with->in->bad |= subscription->zone == NULL;
        break;
    case HR_FIELD_COUNT:
        break;
    }
}

static void get_subscriptions(struct unpacking *with)
{
    while (!with->in->bad && !hr_reader_at_end(with->in)) {
        struct hr_str name = hr_get_str(with->in);
        struct hr_time seen = hr_get_time(with->in);
        uint64_t given = hr_get_varint(with->in);
        if (with->in->bad || given >> HR_FIELD_COUNT || hr_subscription_find(with->account, name)) {
            with->in->bad = true;
            return;
        }
        struct hr_subscription *subscription =
            hr_subscription_make(with->account, name, with->pool);
        subscription->seen = seen;
        for (int f = 0; f < HR_FIELD_COUNT; f++) {
            if (given & UINT64_C(1) << f) {
                subscription->stamps[f].us = seen.us + hr_get_zigzag(with->in);
                get_field(with, subscription, (enum hr_subscription_field)f);
            }
        }
    }
}

static void get_attributes(struct unpacking *with)
{
    struct hr_account *account = with->account;
    while (!with->in->bad && !hr_reader_at_end(with->in)) {
        struct hr_str name = hr_get_str(with->in);
        struct hr_fact_value value = {.stamp = get_near(with)};
        value.kind = (enum hr_value_kind)hr_get_u8(with->in);
        struct hr_str text = hr_get_str(with->in);
        value.fits = hr_get_u8(with->in) != 0;
        if (value.fits) {
            value.number = hr_get_decimal(with->in);
        }
        if (!with->in->bad) {
            value.name = hr_text_keep(with->pool, name);
            value.text = hr_text_keep(with->pool, text);
            struct hr_fact_value *made = hr_list_append(
                with->pool, &account->attributes, &account->attribute_count, sizeof *made);
            *made = value;
        }
    }
}

static void get_arr(struct unpacking *with)
{
    with->account->arr_stamp = get_near(with);
    with->account->arr.minor = hr_get_zigzag(with->in);
    get_currency(with, with->account->arr.currency);
}

static void get_invoices(struct unpacking *with)
{
    struct hr_account *account = with->account;
    while (!with->in->bad && !hr_reader_at_end(with->in)) {
        struct hr_invoice *made =
            hr_list_append(with->pool, &account->invoices, &account->invoice_count, sizeof *made);
        made->key = hr_get_u64(with->in);
        made->stamp = get_near(with);
        made->failed = hr_get_u8(with->in) != 0;
    }
}

static void get_aliases(struct unpacking *with)
{
    struct hr_account *account = with->account;
    while (!with->in->bad && !hr_reader_at_end(with->in)) {
        struct hr_str name = hr_get_str(with->in);
        struct hr_str holder = hr_get_str(with->in);
        struct hr_alias *made =
            hr_list_append(with->pool, &account->aliases, &account->alias_count, sizeof *made);
        *made = (struct hr_alias){hr_text_keep(with->pool, name), hr_text_keep(with->pool, holder)};
    }
}

static void get_numbers(struct unpacking *with)
{
    struct hr_account *account = with->account;
    while (!with->in->bad && !hr_reader_at_end(with->in)) {
        struct hr_numbering *made =
            hr_list_append(with->pool, &account->numbers, &account->number_count, sizeof *made);
        made->key = hr_get_u32(with->in);
        made->number = (uint32_t)hr_get_varint(with->in);
        made->date = hr_get_zigzag(with->in);
        made->until = get_near(with);
    }
}

static void get_recent(struct unpacking *with)
{
    struct hr_account *account = with->account;
    while (!with->in->bad && !hr_reader_at_end(with->in)) {
        struct hr_recent *made =
            hr_list_append(with->pool, &account->recent, &account->recent_count, sizeof *made);
        made->key = hr_get_u32(with->in);
        made->number = (uint32_t)hr_get_varint(with->in);
        made->date = hr_get_zigzag(with->in);
        made->time = get_near(with);
        with->in->bad |= account->recent_count > HR_RECENT_COUNT;
    }
}

static void get_runs(struct unpacking *with)
{
    struct hr_account *account = with->account;
    while (!with->in->bad && !hr_reader_at_end(with->in)) {
        struct hr_run *made =
            hr_list_append(with->pool, &account->runs, &account->run_count, sizeof *made);
        made->start = get_near(with);
        made->end = get_near(with);
    }
}

/* Who governs now did so at the last step, too. */
static void note_governing(struct hr_account *account)
{
    account->was_active = account->governing >= 0;
    if (account->was_active) {
        const struct hr_subscription *governing = &account->subscriptions[account->governing];
        account->governed_by = hr_hash64(governing->name, 0);
        account->governed_since = governing->start;
    }
}

/* --- the account ------------------------------------------------------------------------------ */

static void get_section(struct unpacking *with, uint64_t section)
{
    static void (*const readers[])(struct unpacking *) = {
        [HR_SECTION_IDENTITY] = get_identity,
        [HR_SECTION_SEGMENTS] = get_segments,
        [HR_SECTION_METERS] = get_meters,
        [HR_SECTION_SUBSCRIPTIONS] = get_subscriptions,
        [HR_SECTION_RULES] = get_rules,
        [HR_SECTION_ATTRIBUTES] = get_attributes,
        [HR_SECTION_ARR] = get_arr,
        [HR_SECTION_INVOICES] = get_invoices,
        [HR_SECTION_ALIASES] = get_aliases,
        [HR_SECTION_NUMBERS] = get_numbers,
        [HR_SECTION_RECENT] = get_recent,
        [HR_SECTION_RUNS] = get_runs,
    };
    if (section == 0 || section >= sizeof readers / sizeof *readers) {
        with->in->bad = true;
        return;
    }
    readers[section](with);
    with->in->bad |= !hr_reader_at_end(with->in);
}

enum hr_fate hr_unpack_account(struct hr_frame *frame, struct hr_layout *layout,
    const struct hr_zones *zones, struct hr_pool *pool, struct hr_account **account,
    struct hr_error *error)
{
    if (!layout) {
        return hr_fail(error, HR_REFUSE, "a stored account follows rules of epoch %u, unknown here",
            (unsigned)frame->epoch);
    }
    struct hr_account *made = hr_account_new(layout, pool);
    uint64_t last = 0;
    while (!frame->body.bad && !hr_reader_at_end(&frame->body)) {
        uint64_t section = hr_get_u8(&frame->body);
        struct hr_str bytes = hr_get_bytes(&frame->body, hr_get_varint(&frame->body));
        if (frame->body.bad || section <= last) {
            frame->body.bad = true;
            break;
        }
        /* Series are numbered from the account's day, which hangs on its subscriptions. */
        if (section > HR_SECTION_SUBSCRIPTIONS && last <= HR_SECTION_SUBSCRIPTIONS) {
            hr_account_refresh(made);
        }
        struct hr_reader reader = hr_reader(bytes);
        struct unpacking with = {&reader, made, zones, pool};
        get_section(&with, section);
        frame->body.bad |= reader.bad;
        last = section;
    }
    if (frame->body.bad || made->segment_count == 0) {
        hr_account_destroy(made, pool);
        return hr_fail(error, HR_REFUSE, "a stored account is not well formed");
    }
    hr_account_refresh(made);
    note_governing(made);
    *account = made;
    return HR_OK;
}

bool hr_unpack_alias(struct hr_frame *frame, struct hr_entry *entry, struct hr_pool *pool)
{
    struct hr_reader *in = &frame->body;
    struct hr_str target = hr_get_str(in);
    entry->erasures = (uint32_t)hr_get_varint(in);
    struct hr_account nobody = {.clock = {0}};
    struct unpacking with = {.in = in, .account = &nobody, .pool = pool};
    get_numbers(&with);
    if (!in->bad) {
        entry->target = hr_text_keep(pool, target);
    }
    entry->numbers = nobody.numbers;
    entry->number_count = nobody.number_count;
    return !in->bad;
}
