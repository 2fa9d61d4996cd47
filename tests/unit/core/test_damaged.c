/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of stored value, damaged at every byte. With the checksum as it was, it is refused.
 * With a checksum that holds (a program's fault, not the disk's) it is refused as well, or it means
 * something: then it is shown, and packed again it loads. Nothing crashes, and nothing that was
 * taken stays taken. */
#include "stage.h"

#include "headroom/buffer.h"
#include "headroom/describe.h"
#include "headroom/hash.h"

#include "core/sections.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* --- two histories that leave something of everything ------------------------------------------
 */

static const char config[] =
    "time: {lateness: 2d}\n"
    "sources: [{topic: web, format: cloudevents, silent_after: 6h}]\n"
    "brake: {accounts: 1, within: 10m, share: 40%}\n"
    "money: {currency: USD, rates: {EUR: 1.1}}\n"
    "meters:\n"
    "  contacts: {event: contacts, aggregate: latest, value: /n, limit: contacts}\n"
    "  calls: {event: calls, aggregate: sum, value: /n, limit: calls, windows: [24h, day]}\n"
    "  mean: {event: calls, aggregate: avg, value: /n, windows: [7d]}\n"
    "  users: {event: users, aggregate: unique, value: /u, windows: [24h, day]}\n"
    "  parts: {event: parts, aggregate: sum, value: /n, by: /p, groups: 3, windows: [24h]}\n"
    "  people: {event: parts, aggregate: unique, value: /u, by: /p, groups: 2, windows: [24h]}\n"
    "  last: {event: parts, aggregate: latest, value: /n, by: /p, groups: 2, limit: last}\n"
    "plans:\n"
    "  growth: {limits: {contacts: 5000, calls: unlimited, last: 10}, mrr: 400 USD}\n"
    "timing: {budget: {account: 3 per 30d}}\n"
    "rules:\n"
    "  capacity: {watch: meter.contacts.used, levels: [80%, 90%, 100%], rearm: 5%}\n"
    "  soon: {watch: meter.contacts.days_to_limit, below: [30d]}\n"
    "  fewer: {watch: limit.contacts.drop.90d, levels: [20%], category: risk}\n"
    "  busy: {watch: meter.calls.24h, levels: [10, 1000], for: 2h}\n"
    "  gone: {watch: meter.calls.24h, below: [0], for: 1h, category: risk}\n"
    "  renewal: {watch: renewal.days_left, below: [400d, 30d], category: renewal}\n"
    "  rich: {watch: account.arr, levels: [1k USD]}\n"
    "  happy: {watch: account.stars, levels: [3, 4]}\n";

static const char *const history[] = {
    "2026-11-01T10:00Z wall",
    "2026-11-01T10:00Z acme subscription.created {\"plan\":\"growth\",\"limits\":{\"contacts\":"
    "9000},\"mrr\":40000,\"currency\":\"USD\",\"renewal_date\":\"2027-11-02\",\"period\":"
    "\"month\",\"period_start\":\"2026-11-01\",\"subscription\":\"one\"} from=web",
    "2026-11-02T10:00Z acme subscription.updated {\"subscription\":\"one\",\"limits\":"
    "{\"contacts\":5000,\"calls\":null}} from=web",
    "2026-11-02T10:01Z acme subscription.created {\"subscription\":\"two\",\"started_at\":"
    "\"2026-10-05T00:00:00Z\",\"ends_at\":\"2027-01-01\",\"mrr\":100,\"currency\":\"EUR\"} "
    "from=web",
    "2026-11-02T10:02Z acme contacts {\"n\":4200} from=web",
    "2026-11-03T11:00Z acme contacts {\"n\":4300} from=web",
    "2026-11-04T11:00Z acme contacts {\"n\":4400} from=web",
    "2026-11-05T11:00Z acme calls {\"n\":12.5} from=web",
    "2026-11-05T11:01Z acme calls {\"n\":1} at=2026-11-05T11:05Z from=web",
    "2026-11-05T11:02Z acme users {\"u\":\"ann\"} from=web",
    "2026-11-05T11:03Z acme users {\"u\":\"bob\"} at=2026-11-05T11:07Z from=web",
    "2026-11-05T11:04Z acme parts {\"n\":3,\"p\":\"eu\",\"u\":\"ann\"} from=web",
    "2026-11-05T11:05Z acme parts {\"n\":-4,\"p\":\"us\",\"u\":\"bob\"} from=web",
    "2026-11-05T12:00Z acme trial.started {\"feature\":\"sso\",\"ends_at\":\"2026-12-01\"} "
    "from=web",
    "2026-11-05T12:01Z acme feature.interest {\"feature\":\"sso\"} from=web",
    "2026-11-05T12:02Z acme milestone.achieved {\"milestone\":\"first_report\"} from=web",
    "2026-11-05T12:03Z acme engagement.executive {\"person\":\"cfo\"} from=web",
    "2026-11-05T12:04Z acme opportunity.stage_changed {\"opportunity\":\"o-1\",\"stage\":"
    "\"engaged\",\"kind\":\"upsell\",\"amount\":150000,\"cost\":700,\"currency\":\"USD\","
    "\"trigger\":\"t#1\"} from=web",
    "2026-11-05T12:04Z acme opportunity.stage_changed {\"opportunity\":\"o-2\",\"stage\":"
    "\"engaged\",\"kind\":\"new\",\"amount\":5000,\"currency\":\"USD\"} from=web",
    "2026-11-05T12:04Z acme opportunity.stage_changed {\"opportunity\":\"o-2\",\"stage\":"
    "\"engaged\",\"kind\":\"new\",\"cost\":900,\"currency\":\"CHF\"} from=web",
    "2026-11-05T12:05Z acme prompt.dismissed {\"trigger\":\"t#1\",\"rule\":\"capacity\"} from=web",
    "2026-11-05T12:06Z acme silence.set {\"scope\":\"rule:happy\",\"by\":\"dana\",\"why\":"
    "\"talks\",\"as\":\"snoozed\",\"until\":\"2026-11-20\"} from=web",
    "2026-11-05T12:07Z acme usage.corrected {\"meter\":\"calls\",\"add\":1} from=web",
    "2026-11-05T12:08Z acme account.updated {\"overrides\":{\"busy\":{\"levels\":[5,7],\"owner\":"
    "\"dana\"},\"later\":{\"levels\":[7]}},\"aliases\":[\"key-1\"],\"arr\":480000,\"currency\":"
    "\"USD\",\"stars\":4,\"timezone\":\"Asia/Tokyo\",\"segment\":\"big\",\"owner\":\"lee\"} "
    "from=web",
    "2026-11-05T12:09Z acme invoice.payment_failed {\"invoice\":\"i-1\"} from=web",
    "2026-11-05T12:10Z acme invoice.paid {\"invoice\":\"i-2\"} from=web",
    "2026-11-05T12:11Z nobody silence.set {\"scope\":\"owner:lee\",\"by\":\"kim\",\"why\":"
    "\"away\",\"until\":\"2026-11-30\"} from=web",
    "2026-11-05T12:12Z nobody silence.set {\"scope\":\"owner:max\",\"by\":\"kim\",\"until\":"
    "\"2026-11-06\"} from=web",
    "2026-11-05T12:13Z beta account.updated {\"stars\":4} from=web",
    "2026-11-05T12:14Z gamma account.updated {\"stars\":5} from=web",
    "2026-11-05T12:15Z delta account.updated {\"stars\":5} from=web",
    "2026-11-05T12:16Z former account.updated {\"stars\":1} from=web",
    "2026-11-05T12:17Z former account.erased {} from=web",
    "2026-11-05T12:18Z acme contacts {\"n\":4700} from=web",
    "2026-11-05T19:00Z tick",
    "2026-12-02T10:00Z acme calls {\"n\":3} from=web",
};

static struct stage *acme_and_others(void)
{
    struct stage *stage = stage_new(config, STORY_TICKED);
    for (size_t i = 0; i < sizeof history / sizeof *history; i++) {
        stage_play(stage, history[i]);
    }
    if (strstr(stage_told(stage), "dead") || strstr(stage_told(stage), "undecodable")) {
        fail_msg("%s", stage_told(stage));
    }
    return stage;
}

/* So many members that sketches estimate them, of the period and of a window. */
static struct stage *a_crowd(void)
{
    struct stage *stage =
        stage_new("meters:\n"
                  "  users: {event: users, aggregate: unique, value: /u, windows: [24h]}\n",
            STORY_TICKED);
    for (int i = 0; i < 4200; i++) {
        char line[128];
        snprintf(line, sizeof line, "2026-11-02T10:%02d:%02dZ acme users {\"u\":\"user-%d\"}",
            i / 60 % 60, i % 60, i);
        stage_play(stage, line);
    }
    return stage;
}

/* --- loading -----------------------------------------------------------------------------------
 */

struct put { /* in place of what is stored */
    struct hr_str key, bytes;
};

static struct hr_str stored(struct stage *stage, struct hr_str key, const struct put *put)
{
    char text[300];
    if (hr_str_equal(key, put->key)) {
        return put->bytes;
    }
    snprintf(text, sizeof text, "%.*s", (int)key.len, key.at);
    return stage_stored(stage, text);
}

static enum hr_fate load_all(
    struct stage *stage, struct hr_home *home, struct hr_keys *keys, const struct put *put)
{
    struct hr_error error = {0};
    enum hr_fate fate = HR_OK;
    for (size_t i = 0; i < keys->count && fate == HR_OK; i++) {
        fate = hr_home_load(home, keys->at[i], stored(stage, keys->at[i], put), keys, &error);
    }
    assert_true(fate == HR_OK || (fate == HR_REFUSE && error.text[0]));
    return fate;
}

static enum hr_fate take_over(
    struct stage *stage, struct hr_home *home, struct hr_arena *arena, const struct put *put)
{
    struct hr_keys keys = {.arena = arena};
    hr_home_set_clock(home, stage_clock(stage));
    for (uint32_t block = 0; block < hr_home_seen_blocks(home); block++) {
        char text[24];
        struct hr_str key;
        struct hr_keys one = {.at = &key, .count = 1, .room = 1, .arena = arena};
        hr_home_seen_key(block, &key, text);
        if (load_all(stage, home, &one, put) != HR_OK) {
            return HR_REFUSE;
        }
    }
    if (put->key.at[0] == 'r') { /* some hundred, which the others do not look at */
        hr_home_books_keys(home, &keys);
    }
    hr_home_holds_keys(home, &keys);
    struct hr_str key;
    for (size_t i = 0; (key = stage_key(stage, i)).at; i++) {
        if (hr_str_starts(key, "a:")) {
            hr_home_wants(home, hr_str_from(key, 2), &keys);
        }
    }
    hr_home_wants(home, HR_STR("former"), &keys); /* erased: only how often is stored */
    return load_all(stage, home, &keys, put);
}

/* Shows it, and packs it again: what comes out is whole under its key. */
static void use(struct hr_home *home, struct hr_str key, struct hr_arena *arena)
{
    bool account = hr_str_starts(key, "a:");
    struct hr_str name = account ? hr_str_from(key, 2) : HR_STR("acme");
    struct hr_row *rows;
    struct hr_view_field *fields;
    struct hr_change *changes;
    struct hr_outbox outbox;
    struct hr_error error;
    size_t count;
    struct hr_keys due = {.arena = arena};
    hr_outbox_init(&outbox, arena);
    hr_home_due(home, hr_home_clock(home), 100, &due);
    for (size_t i = 0; i < due.count; i++) { /* of names that no account has there is nothing */
        (void)!hr_home_load(home, due.at[i], (struct hr_str){NULL, 0}, &due, &error);
    }
    (void)hr_home_tick(home, hr_home_clock(home), 100, &outbox);
    (void)hr_home_describe(home, name, arena, &rows);
    (void)hr_home_view(home, name, arena, &fields);
    hr_outbox_init(&outbox, arena);
    struct hr_time now = hr_home_clock(home);
    const struct hr_fact fact = {.kind = HR_FACT_ACCOUNT_UPDATED};
    const struct hr_record record = {.event = {.id = HR_STR("note"),
                                         .account = HR_STR("acme"),
                                         .identity = 7,
                                         .time = now,
                                         .fact = &fact},
        .account = HR_STR("acme"),
        .arrival = now,
        .clock = now};
    assert_int_equal(hr_home_apply(home, &record, &outbox), HR_COUNTED);
    hr_home_changes(home, arena, &changes, &count);
    for (size_t i = 0; i < count; i++) {
        char changed[300];
        snprintf(changed, sizeof changed, "%.*s", (int)changes[i].key.len, changes[i].key.at);
        assert_true(!changes[i].value.at ||
                    hr_stored_check(hr_str(changed), changes[i].value, &error) == HR_OK);
    }
}

static enum hr_fate try(struct stage *stage, struct hr_str key, struct hr_str bytes)
{
    static struct hr_pool *pool;
    static struct hr_arena arena;
    struct hr_home_settings settings = stage_settings(stage);
    const struct put put = {key, bytes};
    if (!pool) {
        pool = hr_pool_new();
        hr_arena_init(&arena);
    }
    hr_arena_reset(&arena);
    struct hr_home *home = hr_home_new(&settings, pool);
    enum hr_fate fate = take_over(stage, home, &arena, &put);
    if (fate == HR_OK) {
        use(home, key, &arena);
    }
    hr_home_destroy(home);
    assert_int_equal(hr_pool_in_use(pool), 0);
    return fate;
}

/* --- damage ------------------------------------------------------------------------------------
 */

#define VERSION_AT 2
#define HOLD_SUMMED 9 /* as holds.c, seen.c and books.c write them; accounts have a frame */

struct damage {
    struct stage *stage;
    struct hr_str key;
    char *bytes; /* the value, with room for one byte more */
    size_t len;
    unsigned refused, taken;
};

static bool is_frame(struct hr_str key)
{
    return key.len > 1 && key.at[1] == ':' && memchr("auge", key.at[0], 4);
}

static void set_checksum(struct hr_str key, char *bytes, size_t len)
{
    size_t summed = is_frame(key) ? HR_FRAME_SUMMED : HOLD_SUMMED;
    if (len >= summed) {
        uint64_t sum = hr_hash64((struct hr_str){bytes + summed, len - summed}, 0);
        for (size_t i = 0; i < 8; i++) {
            bytes[summed - 8 + i] = (char)(sum >> (8 * i));
        }
    }
}

static void try_sealed(struct damage *damage, char *bytes, size_t len)
{
    set_checksum(damage->key, bytes, len);
    if (try(damage->stage, damage->key, (struct hr_str){bytes, len}) == HR_OK) {
        damage->taken++;
    } else {
        damage->refused++;
    }
}

static void must_be_refused(struct damage *damage, const char *bytes, size_t len)
{
    struct hr_error error;
    struct hr_str value = {bytes, len};
    char key[300];
    snprintf(key, sizeof key, "%.*s", (int)damage->key.len, damage->key.at);
    if (hr_stored_check(hr_str(key), value, &error) != HR_REFUSE) {
        fail_msg("%s of %zu bytes is whole", key, len);
    }
    if (try(damage->stage, damage->key, value) != HR_REFUSE) {
        fail_msg("%s of %zu bytes was taken", key, len);
    }
}

/* Large values are mostly one of the same kind behind the other: not each is turned. */
static size_t step_from(size_t at)
{
    return at < 600 ? 1 : 211;
}

static void turn_bytes(struct damage *damage)
{
    static const unsigned char masks[] = {0x01, 0x10, 0x80, 0xff};
    char *bytes = malloc(damage->len + 1);
    for (size_t at = 0; at < damage->len; at += step_from(at)) {
        for (size_t m = 0; m < sizeof masks; m++) {
            memcpy(bytes, damage->bytes, damage->len);
            bytes[at] = (char)(bytes[at] ^ masks[m]);
            /* Nothing is read another way by the number of an older format. */
            if (m == 0 && !(is_frame(damage->key) && at == VERSION_AT)) {
                must_be_refused(damage, bytes, damage->len);
            }
            try_sealed(damage, bytes, damage->len);
        }
    }
    free(bytes);
}

static void cut(struct damage *damage)
{
    char *bytes = malloc(damage->len + 1);
    memcpy(bytes, damage->bytes, damage->len);
    bytes[damage->len] = 0;
    for (size_t len = 0; len < damage->len; len += step_from(len)) {
        must_be_refused(damage, damage->bytes, len);
        try_sealed(damage, bytes, len);
    }
    try_sealed(damage, bytes, damage->len + 1); /* and a byte too many */
    free(bytes);
}

/* An account's sections are length first: each is cut at every byte, left out, said twice. */
static void cut_sections(struct damage *damage)
{
    struct hr_reader in = hr_reader((struct hr_str){damage->bytes, damage->len});
    struct hr_buffer out = {0};
    (void)hr_get_bytes(&in, HR_FRAME_BODY);
    while (hr_reader_more(&in)) {
        const char *before = (const char *)in.at;
        uint8_t section = hr_get_u8(&in);
        struct hr_str body = hr_get_str(&in);
        const char *behind = (const char *)in.at;
        for (size_t len = 0; len <= body.len + 2; len++) {
            hr_buffer_clear(&out);
            hr_put_bytes(&out, damage->bytes, (size_t)(before - damage->bytes));
            for (int times = len == body.len ? 0 : len > body.len + 1 ? 2 : 1; times > 0; times--) {
                size_t kept = len < body.len ? len : body.len;
                hr_put_u8(&out, section);
                hr_put_varint(&out, kept + (len == body.len + 1));
                hr_put_bytes(&out, body.at, kept);
                if (len == body.len + 1) {
                    hr_put_u8(&out, 0);
                }
            }
            hr_put_bytes(&out, behind, (size_t)(damage->bytes + damage->len - behind));
            try_sealed(damage, (char *)out.at, out.len);
        }
    }
    assert_false(in.bad);
    hr_buffer_clean_up(&out);
}

static void damage_everything(struct stage *stage, const char *kinds)
{
    struct hr_str key;
    unsigned values = 0;
    for (size_t i = 0; (key = stage_key(stage, i)).at; i++) {
        struct put whole = {{NULL, 0}, {NULL, 0}};
        struct hr_str value = stored(stage, key, &whole);
        struct damage damage = {.stage = stage, .key = key, .len = value.len};
        bool another = hr_str_is(key, "a:gamma") || hr_str_is(key, "a:delta"); /* beta's like */
        if (!strchr(kinds, key.at[0]) || another) {
            continue;
        }
        damage.bytes = malloc(value.len);
        memcpy(damage.bytes, value.at, value.len);
        assert_int_equal(try(stage, key, value), HR_OK);
        turn_bytes(&damage);
        cut(&damage);
        if (key.at[0] == 'a' && damage.bytes[1] == 'a') {
            cut_sections(&damage);
        }
        printf("%.*s: %zu bytes, %u refused, %u taken\n", (int)key.len, key.at, damage.len,
            damage.refused, damage.taken);
        free(damage.bytes);
        values++;
    }
    assert_true(values > 0);
}

static void all_of(void **state)
{
    struct stage *stage = acme_and_others();
    damage_everything(stage, *state);
    stage_destroy(stage);
}

static void sketches_too(void **state)
{
    (void)state;
    struct stage *stage = a_crowd();
    damage_everything(stage, "u");
    stage_destroy(stage);
}

int main(void)
{
    static char accounts[] = "a", parts[] = "uge", ids[] = "s", holds[] = "owbnq", books[] = "r";
    const struct CMUnitTest tests[] = {
        {"damaged_accounts", all_of, NULL, NULL, accounts},
        {"damaged_parts_of_accounts", all_of, NULL, NULL, parts},
        {"damaged_ids", all_of, NULL, NULL, ids},
        {"damaged_holds", all_of, NULL, NULL, holds},
        {"damaged_books", all_of, NULL, NULL, books},
        cmocka_unit_test(sketches_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
