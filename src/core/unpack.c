/* SPDX-License-Identifier: Apache-2.0 */
/* Stored bytes back into an account. The bytes come from Redis or the changelog, so they are taken
 * for hostile until the checksum holds, and checked for shape even then: whatever is wrong refuses
 * the partition loudly (HR_REFUSE), and nothing is guessed. pack.c describes the layout. */
#include "unpack.h"

#include "group.h"
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
    if (version < 1 || version > HR_FRAME_VERSION) {
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

struct hr_time hr_unpack_near(struct hr_unpacking *with)
{
    return hr_unpack_near_to(with, with->account->clock);
}

struct hr_time hr_unpack_near_to(struct hr_unpacking *with, struct hr_time base)
{
    uint8_t code = hr_get_u8(with->in);
    if (code == 0) {
        return HR_TIME_NONE;
    }
    if (code == 1) {
        return HR_TIME_NEVER;
    }
    int64_t near = hr_get_zigzag(with->in), us = 0;
    with->in->bad |= code != 2 || __builtin_add_overflow(base.us, near, &us);
    return (struct hr_time){us};
}

void hr_unpack_currency(struct hr_unpacking *with, char currency[4])
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

struct hr_tally hr_get_tally(struct hr_reader *in, enum hr_aggregate aggregate)
{
    struct hr_tally tally = {hr_get_decimal(in), 1};
    if (hr_tally_has_count(aggregate)) {
        tally.count = hr_get_varint(in);
    } else if (aggregate == HR_UNIQUE) {
        tally.count = (uint64_t)(tally.value.units / HR_DECIMAL_ONE.units);
    }
    return tally;
}

/* --- sections --------------------------------------------------------------------------------- */

static void get_identity(struct hr_unpacking *with)
{
    struct hr_account *account = with->account;
    account->clock = hr_get_time(with->in);
    uint8_t flags = hr_get_u8(with->in);
    account->live = flags & 1;
    account->had_subscription = (flags & 2) != 0;
    account->counted = (flags & 16) != 0;
    account->first_seen = hr_unpack_near(with);
    account->erasures = (uint32_t)hr_get_varint(with->in);
    if (flags & 4) {
        account->governed_by = hr_get_u64(with->in);
        account->governed_since = hr_unpack_near(with);
    }
    if (flags & 8) {
        hr_unpack_own(with);
    }
}

/* Slot of a meter's key; the section is bad when there is none. */
static uint16_t get_meter(struct hr_unpacking *with)
{
    int slot = hr_layout_find_meter(with->account->layout, hr_get_u32(with->in));
    with->in->bad |= slot < 0;
    return (uint16_t)(slot < 0 ? 0 : slot);
}

static void get_closed(struct hr_unpacking *with, struct hr_segment *segment)
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
        hr_unpack_currency(with, currency);
        int level = rule < 0 ? -1 : hr_layout_find_level(&rules->rules[rule], value, currency);
        with->in->bad |= level < 0;
        if (!with->in->bad) {
            struct hr_level_ref *ref = hr_list_append(
                with->pool, &segment->open, &segment->open_count, sizeof *segment->open);
            *ref = (struct hr_level_ref){(uint16_t)rule, (uint16_t)level};
        }
    }
}

static void get_floor(struct hr_unpacking *with, struct hr_segment *segment)
{
    uint8_t kind = hr_get_u8(with->in);
    segment->closed = kind == HR_SEGMENT_CLOSED;
    segment->floor = HR_TIME_NONE;
    if (kind == HR_SEGMENT_FROM_FLOOR) {
        segment->floor = segment->from;
    } else if (kind == HR_SEGMENT_ABOVE_FLOOR) {
        segment->floor = hr_unpack_near(with);
    }
    with->in->bad |= kind > HR_SEGMENT_ABOVE_FLOOR;
}

static void get_segment(struct hr_unpacking *with)
{
    struct hr_account *account = with->account;
    struct hr_segment segment = {.from = hr_unpack_near(with)};
    segment.start = hr_get_time(with->in);
    segment.end.us = (int64_t)((uint64_t)segment.start.us + (uint64_t)hr_get_zigzag(with->in));
    segment.date = hr_get_zigzag(with->in);
    account->next_segment_id = (uint32_t)hr_get_varint(with->in);
    get_floor(with, &segment);
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
            made->tallies[meter] =
                hr_get_tally(with->in, account->layout->rules->meters[meter].aggregate);
        }
    }
    if (segment.closed && !with->in->bad) {
        get_closed(with, made);
    }
}

static void get_segments(struct hr_unpacking *with)
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

static void get_series(struct hr_unpacking *with, uint16_t meter)
{
    const struct hr_meter_layout *layout = &with->account->layout->meters[meter];
    enum hr_aggregate aggregate = with->account->layout->rules->meters[meter].aggregate;
    uint8_t kind = hr_get_u8(with->in);
    uint64_t minutes = hr_get_varint(with->in);
    with->in->bad |= minutes > HR_FARTHEST;
    int64_t width = with->in->bad ? 0 : (int64_t)minutes * HR_MINUTE;
    uint64_t count = hr_get_varint(with->in);
    uint16_t s = 0;
    while (s < layout->series_count &&
           ((uint8_t)layout->series[s].kind != kind || layout->series[s].bucket_us != width)) {
        s++;
    }
    struct hr_series *series = &with->account->meters[meter].series[s];
    with->in->bad |= s == layout->series_count || count > UINT16_MAX || series->cells;
    if (with->in->bad || count == 0) {
        return;
    }
    int64_t now = hr_series_now(with->account, &layout->series[s]);
    series->cells = hr_pool_take(with->pool, count * sizeof *series->cells);
    series->room = (uint32_t)count;
    for (uint64_t i = 0; i < count && !with->in->bad; i++) {
        int64_t index = now + hr_get_zigzag(with->in);
        with->in->bad |= i > 0 && series->cells[i - 1].index >= index;
        series->cells[i] = (struct hr_cell){index, hr_get_tally(with->in, aggregate)};
        series->count++;
    }
}

static void get_meters(struct hr_unpacking *with)
{
    while (hr_reader_more(with->in)) {
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
            meter->gauge_time = hr_unpack_near(with);
        }
        if (flags & 4) {
            meter->first = hr_unpack_near(with);
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

/* Who has a place; what was counted comes with records of their own. */
static void get_groups(struct hr_unpacking *with)
{
    struct hr_account *account = with->account;
    account->next_number = (uint32_t)hr_get_varint(with->in);
    while (hr_reader_more(with->in)) {
        uint16_t meter = get_meter(with);
        uint32_t number = (uint32_t)hr_get_varint(with->in);
        struct hr_str value = hr_get_str(with->in);
        with->in->bad |= !account->layout->rules->meters[meter].has_by || number == 0 ||
                         number >= account->next_number || account->slot_count >= HR_SLOTS_MOST;
        if (with->in->bad) {
            return;
        }
        int slot = hr_group_find(account, meter, value);
        if (slot < 0) {
            slot = hr_account_add_slot(account, meter, value, with->pool);
        }
        account->meters[slot].number = number;
        account->meters[slot].away = true;
    }
}

/* Of a level that waits the upper half is what held it back last. */
static void split_cause(struct hr_unpacking *with, struct hr_level_state *level)
{
    int held = level->cause >> 4;
    if ((level->flags & HR_LEVEL_WAITING) && held > 0) {
        level->cause &= 15;
        level->held = (uint8_t)(HR_WHY_FOR + held - 1);
        with->in->bad |= level->held >= HR_WHY_COUNT;
    }
}

static void get_level(struct hr_unpacking *with, const struct hr_rule *rule, bool by_subscription,
    struct hr_level_state *levels)
{
    char currency[4] = "";
    struct hr_decimal value = hr_get_decimal(with->in);
    hr_unpack_currency(with, currency);
    int at = hr_layout_find_level(rule, value, currency);
    if (at < 0) {
        with->in->bad = true;
        return;
    }
    struct hr_level_state *level = &levels[at];
    level->flags = hr_get_u8(with->in);
    with->in->bad |= (level->flags & HR_LEVEL_NAMED) && !by_subscription;
    level->episode = (uint32_t)hr_get_varint(with->in);
    level->fired_at = hr_unpack_near(with);
    if (level->flags & (HR_LEVEL_WAITING | HR_LEVEL_OPEN)) {
        level->cause = hr_get_u8(with->in);
        split_cause(with, level);
        level->since = hr_unpack_near(with);
        with->in->bad |= level->cause > HR_CAUSE_RULE_CHANGE &&
                         !((level->flags & HR_LEVEL_CLAIMED) && level->cause >= HR_CLAIM_JUMP &&
                             level->cause < HR_CLAIM_END);
    }
    if (level->flags & HR_LEVEL_FIRED) {
        level->number = (uint32_t)hr_get_varint(with->in);
        level->date = hr_get_zigzag(with->in);
    }
}

static void get_rules(struct hr_unpacking *with)
{
    struct hr_account *account = with->account;
    while (hr_reader_more(with->in)) {
        int slot = hr_layout_find_rule(account->layout, hr_get_u64(with->in));
        uint64_t instance = hr_get_varint(with->in), count = hr_get_varint(with->in);
        if (with->in->bad || slot < 0) {
            with->in->bad = true;
            return;
        }
        const struct hr_rule *rule = &account->layout->rules->rules[slot];
        bool by_subscription = account->layout->rule_layouts[slot].per_subscription;
        instance -= by_subscription;
        if (instance >= hr_instance_count(account, (uint16_t)slot)) {
            with->in->bad = true;
            return;
        }
        struct hr_level_state *levels = hr_account_levels(account, (uint16_t)slot, with->pool);
        for (uint64_t i = 0; i < count && !with->in->bad; i++) {
            get_level(with, rule, by_subscription, levels + instance * rule->level_count);
        }
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

static void get_quiet(struct hr_unpacking *with)
{
    with->account->quiet_until = hr_unpack_near(with);
}

/* --- the account ------------------------------------------------------------------------------ */

static void get_section(struct hr_unpacking *with, uint64_t section)
{
    static void (*const readers[])(struct hr_unpacking *) = {
        [HR_SECTION_IDENTITY] = get_identity,
        [HR_SECTION_SEGMENTS] = get_segments,
        [HR_SECTION_METERS] = get_meters,
        [HR_SECTION_SUBSCRIPTIONS] = hr_unpack_subscriptions,
        [HR_SECTION_RULES] = get_rules,
        [HR_SECTION_ATTRIBUTES] = hr_unpack_attributes,
        [HR_SECTION_ARR] = hr_unpack_arr,
        [HR_SECTION_INVOICES] = hr_unpack_invoices,
        [HR_SECTION_ALIASES] = hr_unpack_aliases,
        [HR_SECTION_NUMBERS] = hr_unpack_numbers,
        [HR_SECTION_RECENT] = hr_unpack_recent,
        [HR_SECTION_RUNS] = hr_unpack_runs,
        [HR_SECTION_GROUPS] = get_groups,
        [HR_SECTION_FIRES] = hr_unpack_fires,
        [HR_SECTION_FORMER_LIMITS] = hr_unpack_former_limits,
        [HR_SECTION_TRIALS] = hr_unpack_trials,
        [HR_SECTION_INTERESTS] = hr_unpack_interests,
        [HR_SECTION_MILESTONES] = hr_unpack_milestones,
        [HR_SECTION_OPPORTUNITIES] = hr_unpack_opportunities,
        [HR_SECTION_STAGES] = hr_unpack_stages,
        [HR_SECTION_PROMPTS] = hr_unpack_prompts,
        [HR_SECTION_SILENCES] = hr_unpack_silences,
        [HR_SECTION_ENGAGEMENT] = hr_unpack_engagement,
        [HR_SECTION_CORRECTIONS] = hr_unpack_corrections,
        [HR_SECTION_REVENUE] = hr_unpack_revenue,
        [HR_SECTION_DEALS] = hr_unpack_deals,
        [HR_SECTION_OUTCOMES] = hr_unpack_outcomes,
        [HR_SECTION_QUIET] = get_quiet,
        [HR_SECTION_UNRATED_COSTS] = hr_unpack_unrated_costs,
    };
    if (section >= sizeof readers / sizeof *readers || !readers[section]) {
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
    made->quiet_until = frame->due;
    uint64_t last = 0;
    while (hr_reader_more(&frame->body)) {
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
        struct hr_unpacking with = {&reader, made, zones, pool};
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
    struct hr_unpacking with = {.in = in, .account = &nobody, .pool = pool};
    hr_unpack_numbers(&with);
    if (!in->bad) {
        entry->target = hr_text_keep(pool, target);
    }
    entry->numbers = nobody.numbers;
    return !in->bad;
}
