/* SPDX-License-Identifier: Apache-2.0 */
/* Stored bytes: small, the same for the same state, and refused when anything about them is wrong.
 */
#include "stage.h"

#include "headroom/buffer.h"
#include "headroom/describe.h"
#include "headroom/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char config[] =
    "meters:\n"
    "  contacts: {event: contacts, aggregate: latest, value: /n, limit: contacts}\n"
    "  calls: {event: calls, aggregate: sum, value: /n, limit: calls}\n"
    "  users: {event: users, aggregate: unique, value: /u, windows: [24h]}\n"
    "rules:\n"
    "  capacity: {watch: meter.contacts.used, levels: [80%, 90%, 100%], rearm: 5%}\n";

static struct stage *ordinary_as(enum story_mode mode)
{
    struct stage *stage = stage_new(config, mode);
    stage_play(stage, "2026-11-02T10:00Z acme subscription.created "
                      "{\"plan\":\"growth\",\"limits\":{\"contacts\":5000,\"calls\":100000},"
                      "\"mrr\":40000,\"currency\":\"USD\",\"renewal_date\":\"2027-11-02\"}");
    stage_play(stage, "2026-11-05T10:00Z acme contacts {\"n\":4200}");
    stage_play(stage, "2026-11-05T11:00Z acme calls {\"n\":1234}");
    return stage;
}

static struct stage *ordinary(void)
{
    return ordinary_as(STORY_RELOADED);
}

static void ordinary_account_is_small(void **state)
{
    (void)state;
    struct stage *stage = ordinary();
    size_t size = stage_stored_bytes(stage, "a:acme");
    assert_in_range(size, 100, 400); /* with what it pays and a trigger of the month */
    assert_int_equal(stage_stored_bytes(stage, "u:00000000:acme"), 0);
    stage_destroy(stage);
}

/* One event of a hundred attributes of 1,000 bytes each, under names of their own. */
static void tell_a_lot(struct stage *stage, int number)
{
    struct hr_buffer line = {0};
    hr_put_printf(&line, "2026-11-05T12:0%dZ acme account.updated {", number);
    for (int i = 0; i < 100; i++) {
        hr_put_printf(&line, "%s\"a%d-%d\":\"%01000d\"", i ? "," : "", number, i, i);
    }
    hr_put_printf(&line, "}");
    hr_put_u8(&line, 0);
    stage_play(stage, (const char *)line.at);
    hr_buffer_clean_up(&line);
}

/* An account is one record of the changelog, whatever strangers pile up: 384 KiB of facts hold
 * three events of 105 kB (each entry counts 48 bytes beside its texts), and the fourth is refused
 * whole. */
static void facts_that_pile_up_are_bounded(void **state)
{
    (void)state;
    struct stage *stage = ordinary();
    for (int i = 0; i < 3; i++) {
        tell_a_lot(stage, i);
        assert_null(strstr(stage_told(stage), "dead"));
    }
    size_t size = stage_stored_bytes(stage, "a:acme");
    assert_in_range(size, 300000, 400000);
    tell_a_lot(stage, 3);
    assert_non_null(strstr(stage_told(stage), "dead bad_value"));
    assert_int_equal(stage_stored_bytes(stage, "a:acme"), size);
    tell_a_lot(stage, 2); /* the same names again: nothing would grow, yet the sum is what counts */
    assert_non_null(strstr(stage_told(stage), "dead bad_value"));
    stage_play(stage, "2026-11-05T13:00Z acme contacts {\"n\":4600}"); /* usage goes on */
    assert_non_null(strstr(stage_told(stage), "capacity/acme/90pct"));
    stage_destroy(stage);
}

/* Everything that product, CRM and people can tell. */
static struct stage *well_known_as(enum story_mode mode)
{
    static const char *const told[] = {
        "trial.started {\"feature\":\"sso\",\"ends_at\":\"2026-12-01\"}",
        "trial.ended {\"feature\":\"reports\",\"outcome\":\"expired\"}",
        "feature.interest {\"feature\":\"sso\"}",
        "milestone.achieved {\"milestone\":\"first_report\"}",
        "engagement.executive {\"person\":\"cfo\"}",
        "opportunity.stage_changed {\"opportunity\":\"o-1\",\"stage\":\"engaged\",\"kind\":"
        "\"upsell\",\"amount\":150000,\"cost\":700,\"currency\":\"USD\",\"trigger\":\"t#1\"}",
        "prompt.dismissed {\"trigger\":\"t#1\",\"rule\":\"capacity\"}",
        "silence.set {\"scope\":\"rule:capacity\",\"by\":\"dana\",\"why\":\"talks\",\"as\":"
        "\"snoozed\",\"until\":\"2026-11-20\"}",
        "usage.corrected {\"meter\":\"calls\",\"add\":0}",
        "account.updated "
        "{\"overrides\":{\"capacity\":{\"levels\":[\"85%\",0.95],\"owner\":\"dana\"},"
        "\"later\":{\"levels\":[7]}}}",
    };
    struct stage *stage = ordinary_as(mode);
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        char line[400];
        snprintf(line, sizeof line, "2026-11-05T12:0%zuZ acme %s", i, told[i]);
        stage_play(stage, line);
    }
    assert_null(strstr(stage_told(stage), "dead"));
    return stage;
}

static struct stage *well_known(void)
{
    return well_known_as(STORY_RELOADED);
}

/* The same account has the same bytes, whether it never left memory or was loaded before each line.
 */
static void what_was_loaded_is_what_was_stored(void **state)
{
    (void)state;
    struct stage *stayed = well_known_as(STORY_TICKED), *loaded = well_known_as(STORY_RELOADED);
    struct hr_str one = stage_stored(stayed, "a:acme"), other = stage_stored(loaded, "a:acme");
    assert_int_equal(one.len, other.len);
    assert_memory_equal(one.at, other.at, one.len);
    stage_destroy(stayed);
    stage_destroy(loaded);
}

/* A gauge that is read on three days, then not for forty: of what is older than its days the last
 * reading is kept, for it held when they began. */
static struct stage *forecast_as(enum story_mode mode)
{
    static const char *const readings[] = {"2026-09-01T10:00Z acme contacts {\"n\":10}",
        "2026-09-02T10:00Z acme contacts {\"n\":20}", "2026-09-03T09:00Z acme contacts {\"n\":31}",
        "2026-09-03T08:00Z acme contacts {\"n\":30}", "2026-10-13T10:00Z acme contacts {\"n\":40}"};
    struct stage *stage =
        stage_new("meters:\n"
                  "  contacts: {event: contacts, aggregate: latest, value: /n, limit: contacts}\n"
                  "rules:\n"
                  "  soon: {watch: meter.contacts.days_to_limit, below: [30d]}\n",
            mode);
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        stage_play(stage, readings[i]);
    }
    assert_null(strstr(stage_told(stage), "dead"));
    return stage;
}

static void readings_of_days_are_stored(void **state)
{
    (void)state;
    struct stage *stayed = forecast_as(STORY_TICKED), *loaded = forecast_as(STORY_RELOADED);
    struct hr_str one = stage_stored(stayed, "a:acme"), other = stage_stored(loaded, "a:acme");
    assert_int_equal(one.len, other.len);
    assert_memory_equal(one.at, other.at, one.len);
    stage_destroy(stayed);
    stage_destroy(loaded);
}

static bool has_row(const struct hr_row *rows, size_t count, const char *section, const char *name,
    const char *value, const char *detail)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].section, section) == 0 && hr_str_is(rows[i].name, name) &&
            hr_str_is(rows[i].value, value) && hr_str_is(rows[i].detail, detail)) {
            return true;
        }
    }
    return false;
}

static void what_was_told_is_kept_and_shown(void **state)
{
    (void)state;
    static const char *const rows_wanted[][4] = {
        {"trials", "sso", "runs", "since 2026-11-05T12:00:00.000Z, until 2026-12-01T00:00:00.000Z"},
        {"trials", "reports", "expired", "since 2026-11-05T12:01:00.000Z"},
        {"interest", "sso", "1", "in 30 days"},
        {"milestones", "first_report", "2026-11-05T12:03:00.000Z", ""},
        {"engagement", "executive", "2026-11-05T12:04:00.000Z", ""},
        {"opportunities", "o-1", "engaged",
            "upsell, 1500 USD, since 2026-11-05T12:05:00.000Z, from t#1"},
        {"prompts", "dismissed", "2026-11-05T12:06:00.000Z", "t#1"},
        {"overrides", "capacity", "85%, 0.95", "owner dana"},
        {"overrides", "later", "7", "waits: there is no such rule"},
        {"silences", "rule:capacity", "snoozed", "until 2026-11-20T00:00:00.000Z, by dana: talks"},
    };
    struct stage *stage = well_known();
    struct hr_arena arena;
    struct hr_row *rows;
    hr_arena_init(&arena);
    stage_want(stage, "acme");
    size_t count = hr_home_describe(stage_home(stage), HR_STR("acme"), &arena, &rows);
    for (size_t i = 0; i < sizeof rows_wanted / sizeof *rows_wanted; i++) {
        const char *const *row = rows_wanted[i];
        if (!has_row(rows, count, row[0], row[1], row[2], row[3])) {
            fail_msg("no row %s %s", row[0], row[1]);
        }
    }
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

static const struct hr_rules *no_rules(void *context, uint32_t epoch)
{
    (void)context;
    (void)epoch;
    return NULL;
}

/* Recovery reads stored bytes without a home; nothing of own levels may be left of it. */
static void stored_bytes_with_own_levels_are_shown(void **state)
{
    (void)state;
    struct stage *stage = well_known();
    struct hr_str bytes = stage_stored(stage, "a:acme");
    struct hr_home_settings settings = {.rules_of = stage_rules_of,
        .context = stage,
        .zones = stage_zones(),
        .live_from = HR_TIME_NONE};
    struct hr_pool *pool = hr_pool_new();
    struct hr_arena arena;
    struct hr_view_field *fields;
    struct hr_error error;
    size_t count, open = 0;
    hr_arena_init(&arena);
    assert_int_equal(
        hr_stored_view(&settings, pool, HR_STR("acme"), bytes, &arena, &fields, &count, &error),
        HR_OK);
    for (size_t i = 0; i < count; i++) {
        /* 84% had fired 80%, which its own levels, 85% and 95%, ended. */
        open += hr_str_is(fields[i].name, "open");
        assert_true(!hr_str_is(fields[i].name, "open") || fields[i].value.len == 0);
    }
    assert_int_equal(open, 1);
    assert_int_equal(hr_pool_in_use(pool), 0);
    /* Of rules that nobody knows, and of damaged bytes, nothing is shown. */
    settings.rules_of = no_rules;
    assert_int_equal(
        hr_stored_view(&settings, pool, HR_STR("acme"), bytes, &arena, &fields, &count, &error),
        HR_REFUSE);
    assert_non_null(strstr(error.text, "rules of epoch 1"));
    assert_int_equal(hr_stored_view(&settings, pool, HR_STR("acme"), HR_STR("garbage"), &arena,
                         &fields, &count, &error),
        HR_REFUSE);
    assert_int_equal(count, 0);
    assert_int_equal(hr_pool_in_use(pool), 0);
    hr_pool_destroy(pool);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

/* Closed opportunities, prompts and silences that are over pile up with the years; 32, 32 and 24
 * of them are kept. Each takes the same bytes here, so that one more changes nothing. */
static void what_piles_up_is_forgotten(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "opportunity.stage_changed {\"opportunity\":\"o-%03d\",\"stage\":\"closed_won\",\"kind\":"
        "\"new\"}",
        "prompt.shown {\"trigger\":\"t#%03d\"}",
        "silence.set {\"scope\":\"rule:r%03d\",\"by\":\"d\",\"until\":\"2026-11-01\"}",
        "invoice.paid {\"invoice\":\"i-%03d\"}",
    };
    static const int kept[] = {32, 32, 24, 24};
    for (size_t l = 0; l < 4; l++) {
        struct stage *stage = ordinary();
        size_t sizes[100];
        for (int i = 0; i < 100; i++) {
            char line[400];
            int len = snprintf(line, sizeof line, "2026-11-05T12:%02d:%02dZ acme ", i / 60, i % 60);
            snprintf(line + len, sizeof line - (size_t)len, lines[l], i);
            stage_play(stage, line);
            sizes[i] = stage_stored_bytes(stage, "a:acme");
        }
        assert_true(sizes[kept[l] - 1] > sizes[kept[l] - 2] + 10);
        assert_in_range(sizes[99], sizes[kept[l] - 1] - 60, sizes[kept[l] - 1] + 60);
        stage_destroy(stage);
    }
}

/* Gives the bytes to a fresh home; anything but HR_OK must be HR_REFUSE, and nothing must crash. */
static enum hr_fate try_load(struct stage *stage, struct hr_str bytes)
{
    struct hr_pool *pool = hr_pool_new();
    struct hr_arena arena;
    hr_arena_init(&arena);
    struct hr_home_settings settings = {.count = 1,
        .seen_capacity = 256,
        .rules = hr_home_rules(stage_home(stage)),
        .rules_of = stage_rules_of,
        .context = stage,
        .zones = stage_zones(),
        .live_from = HR_TIME_NONE};
    struct hr_home *home = hr_home_new(&settings, pool);
    struct hr_keys more = {.arena = &arena};
    struct hr_error error = {0};
    enum hr_fate fate = hr_home_load(home, HR_STR("a:acme"), bytes, &more, &error);
    assert_true(fate == HR_OK || fate == HR_REFUSE);
    hr_home_destroy(home);
    assert_int_equal(hr_pool_in_use(pool), 0);
    hr_pool_destroy(pool);
    hr_arena_clean_up(&arena);
    return fate;
}

static void set_checksum(char *bytes, size_t len)
{
    uint64_t sum = hr_hash64((struct hr_str){bytes + 11, len - 11}, 0);
    for (int i = 0; i < 8; i++) {
        bytes[3 + i] = (char)(sum >> (8 * i));
    }
}

static enum hr_fate check(const char *key, struct hr_str bytes)
{
    struct hr_error error;
    return hr_stored_check(hr_str(key), bytes, &error);
}

static void refuse_damaged(struct stage *stage)
{
    struct hr_str whole = stage_stored(stage, "a:acme");
    char *bytes = malloc(whole.len + 1);
    assert_int_equal(try_load(stage, whole), HR_OK);
    assert_int_equal(check("a:acme", whole), HR_OK);
    assert_int_equal(check("u:00000001:acme", whole), HR_REFUSE);
    assert_int_equal(check("s:0", whole), HR_REFUSE);
    assert_int_equal(check("r:2026-01:revenue", whole), HR_REFUSE);
    assert_int_equal(check("o", whole), HR_REFUSE);
    assert_int_equal(check("w:0", whole), HR_REFUSE);
    assert_int_equal(check("", whole), HR_OK); /* nobody reads it */
    for (size_t i = 0; i < whole.len; i++) {
        memcpy(bytes, whole.at, whole.len);
        bytes[i] = (char)(bytes[i] ^ 0x41);
        assert_int_equal(try_load(stage, (struct hr_str){bytes, whole.len}), HR_REFUSE);
        assert_int_equal(try_load(stage, (struct hr_str){whole.at, i}), HR_REFUSE);
        assert_int_equal(check("a:acme", (struct hr_str){bytes, whole.len}), HR_REFUSE);
        /* With a checksum that holds, the shape is still checked, or the bytes mean something. */
        set_checksum(bytes, whole.len);
        (void)try_load(stage, (struct hr_str){bytes, whole.len});
        if (i > 23) {
            memcpy(bytes, whole.at, i);
            set_checksum(bytes, i);
            (void)try_load(stage, (struct hr_str){bytes, i});
        }
    }
    memcpy(bytes, whole.at, whole.len);
    bytes[2] = 127; /* a later format */
    assert_int_equal(try_load(stage, (struct hr_str){bytes, whole.len}), HR_REFUSE);
    free(bytes);
    stage_destroy(stage);
}

static void damaged_bytes_are_refused(void **state)
{
    (void)state;
    refuse_damaged(ordinary());
    refuse_damaged(well_known());
    refuse_damaged(forecast_as(STORY_PLAIN));
}

static void members_are_stored_apart_and_missed(void **state)
{
    (void)state;
    struct stage *stage = ordinary();
    size_t before = stage_stored_bytes(stage, "a:acme");
    for (int i = 0; i < 50; i++) {
        char line[128];
        snprintf(line, sizeof line, "2026-11-06T10:%02dZ acme users {\"u\":\"user-%d\"}", i, i);
        stage_play(stage, line);
    }
    assert_true(stage_stored_bytes(stage, "a:acme") < before + 64);
    char key[64];
    snprintf(key, sizeof key, "u:%08x:acme", (unsigned)hr_hash64(HR_STR("users"), 0));
    /* 50 members of 16 bytes in the period's set, and with a bucket in the window's. */
    assert_in_range(stage_stored_bytes(stage, key), 50 * 33, 50 * 33 + 100);
    stage_destroy(stage);
}

/* An event in one group writes that group and the frame, whose size does not grow with what groups
 * hold; a group that gave its place away is erased; a record that is missing is refused. */
static void groups_are_stored_apart(void **state)
{
    (void)state;
    struct stage *stage = stage_new("meters:\n"
                                    "  calls: {event: calls, aggregate: sum, value: /n, by: /r, "
                                    "groups: 2, windows: [24h, 30d]}\n",
        STORY_RELOADED);
    char first[64], second[64], third[64];
    unsigned key = (unsigned)hr_hash64(HR_STR("calls"), 0);
    snprintf(first, sizeof first, "g:%08x:00000001:acme", key);
    snprintf(second, sizeof second, "g:%08x:00000002:acme", key);
    snprintf(third, sizeof third, "g:%08x:00000003:acme", key);
    stage_play(stage, "2026-10-02T10:00Z acme calls {\"n\":1,\"r\":\"eu\"}");
    stage_play(stage, "2026-10-02T10:01Z acme calls {\"n\":2,\"r\":\"us\"}");
    struct hr_str kept = stage_stored(stage, first);
    char *bytes = malloc(kept.len);
    memcpy(bytes, kept.at, kept.len);
    size_t length = kept.len;
    for (int hour = 11; hour < 24; hour++) {
        char line[128];
        snprintf(line, sizeof line, "2026-10-02T%d:00Z acme calls {\"n\":2,\"r\":\"us\"}", hour);
        stage_play(stage, line);
    }
    kept = stage_stored(stage, first);
    assert_int_equal(kept.len, length);
    assert_memory_equal(kept.at, bytes, length);
    assert_true(stage_stored_bytes(stage, second) >= length + 13 * 3);
    struct hr_arena arena;
    hr_arena_init(&arena);
    struct hr_view_field *fields;
    bool said = false;
    stage_want(stage, "acme");
    size_t count = hr_home_view(stage_home(stage), HR_STR("acme"), &arena, &fields);
    for (size_t i = 0; i < count; i++) {
        said |= hr_str_is(fields[i].name, "calls[us].24h") && hr_str_is(fields[i].value, "28");
    }
    assert_true(said);
    hr_arena_clean_up(&arena);
    /* In December nothing of October is left: asia takes the place of eu. */
    stage_play(stage, "2026-12-05T10:00Z acme calls {\"n\":2,\"r\":\"asia\"}");
    assert_int_equal(stage_stored_bytes(stage, first), 0);
    assert_true(stage_stored_bytes(stage, third) > 0);
    assert_int_equal(try_load(stage, stage_stored(stage, "a:acme")), HR_OK);
    free(bytes);
    stage_destroy(stage);
}

static void view_and_rows_say_what_is(void **state)
{
    (void)state;
    struct stage *stage = ordinary();
    struct hr_arena arena;
    hr_arena_init(&arena);
    stage_play(stage, "2026-11-07T10:00Z acme contacts {\"n\":4201}");
    stage_want(stage, "acme");
    struct hr_view_field *fields;
    size_t count = hr_home_view(stage_home(stage), HR_STR("acme"), &arena, &fields);
    bool used = false, open = false;
    for (size_t i = 0; i < count; i++) {
        used |= hr_str_is(fields[i].name, "contacts.used") && hr_str_is(fields[i].value, "84.02%");
        open |= hr_str_is(fields[i].name, "open") && hr_str_is(fields[i].value, "capacity 80pct");
    }
    assert_true(used && open);
    struct hr_row *rows;
    count = hr_home_describe(stage_home(stage), HR_STR("acme"), &arena, &rows);
    bool fired = false, last = false;
    for (size_t i = 0; i < count; i++) {
        fired |= strcmp(rows[i].section, HR_DESCRIBE_EPISODES) == 0 &&
                 hr_str_is(rows[i].name, "capacity 80pct") && hr_str_is(rows[i].value, "fired");
        last |= strcmp(rows[i].section, HR_DESCRIBE_TRIGGERS) == 0 &&
                hr_str_is(rows[i].value, "2026-11-02#1") &&
                hr_str_is(rows[i].detail, "2026-11-05T10:00:00.000Z");
    }
    assert_true(fired && last);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

/* One batch in flight, the next being applied: what is not settled stays in memory. */
static void only_what_is_settled_is_forgotten(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    struct hr_home *home = stage_home(stage);
    struct hr_arena arena;
    hr_arena_init(&arena);
    struct hr_keys keys = {.arena = &arena};
    stage_play(stage, "2026-11-02T10:00Z acme contacts {\"n\":1}");
    struct hr_change *changes;
    size_t count;
    hr_home_changes(home, &arena, &changes, &count); /* in flight */
    assert_int_equal(count, 2);
    assert_true(hr_str_is(changes[0].key, "a:acme") && hr_str_is(changes[1].key, "s:0"));
    assert_false(hr_home_is_dirty(home));
    stage_play(stage, "2026-11-02T10:01Z beta contacts {\"n\":1}");
    hr_home_evict(home, SIZE_MAX, HR_TIME_NEVER);
    hr_home_wants(home, HR_STR("acme"), &keys);
    hr_home_wants(home, HR_STR("beta"), &keys);
    assert_int_equal(keys.count, 0);
    hr_home_settled(home);
    hr_home_evict(home, SIZE_MAX, HR_TIME_NEVER);
    hr_home_wants(home, HR_STR("beta"), &keys);
    assert_int_equal(keys.count, 0); /* changed since */
    hr_home_wants(home, HR_STR("acme"), &keys);
    assert_int_equal(keys.count, 1);
    /* Its timer is still known: it is the first that is due, and wanted. */
    keys.count = 0;
    hr_home_due(home, (struct hr_time){changes[0].due.us}, 1, &keys);
    assert_int_equal(keys.count, 1);
    assert_true(hr_str_is(keys.at[0], "a:acme"));
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

/* Of one whose timer will be told of nothing stays; what was told of is not told of again. */
static void what_is_told_of_later_is_forgotten_whole(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    struct hr_home *home = stage_home(stage);
    struct hr_arena arena;
    hr_arena_init(&arena);
    struct hr_keys keys = {.arena = &arena};
    struct hr_home_metrics metrics;
    stage_play(stage, "2026-11-02T10:00Z acme contacts {\"n\":1}");
    struct hr_change *changes;
    size_t count;
    hr_home_changes(home, &arena, &changes, &count);
    hr_home_settled(home);
    struct hr_time due = changes[0].due;
    hr_home_evict(home, SIZE_MAX, (struct hr_time){due.us + 1});
    hr_home_metrics(home, &metrics);
    assert_int_equal(metrics.accounts_in_memory, 1);
    hr_home_due(home, due, 1, &keys);
    assert_int_equal(keys.count, 1);
    /* The same account again, and then its timer is not yet told of. */
    assert_int_equal(hr_home_load(home, changes[0].key, changes[0].value, &keys, NULL), HR_OK);
    hr_home_evict(home, SIZE_MAX, due);
    hr_home_metrics(home, &metrics);
    assert_int_equal(metrics.accounts_in_memory, 0);
    keys.count = 0;
    hr_home_due(home, due, 1, &keys);
    assert_int_equal(keys.count, 0);
    hr_home_timer(home, HR_STR("acme"), due);
    hr_home_due(home, due, 1, &keys);
    assert_int_equal(keys.count, 1);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_account_is_small),
        cmocka_unit_test(facts_that_pile_up_are_bounded),
        cmocka_unit_test(what_was_told_is_kept_and_shown),
        cmocka_unit_test(what_was_loaded_is_what_was_stored),
        cmocka_unit_test(readings_of_days_are_stored),
        cmocka_unit_test(stored_bytes_with_own_levels_are_shown),
        cmocka_unit_test(what_piles_up_is_forgotten),
        cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(members_are_stored_apart_and_missed),
        cmocka_unit_test(groups_are_stored_apart),
        cmocka_unit_test(view_and_rows_say_what_is),
        cmocka_unit_test(only_what_is_settled_is_forgotten),
        cmocka_unit_test(what_is_told_of_later_is_forgotten_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
