/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts from tables and lines of JSON: which events a line becomes, that the same line is the
 * same event, and that everything wrong is told at once with its line and column. */
#include "codec/csv.h"
#include "headroom/import.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* 2026-11-22T09:14:03.120Z */
#define NOVEMBER INT64_C(1795338843120000)

static struct hr_importer *importer_of(struct world *world, const char *text, bool table)
{
    const struct hr_import_settings settings = {.text = hr_str(text),
        .table = table,
        .separator = ',',
        .time = {NOVEMBER},
        .zones = world->zones};
    return hr_importer_new(&settings);
}

/* Every fault of the file: "LINE COLUMN: TEXT\n". */
static const char *faults_of(struct world *world, const char *text, bool table)
{
    struct hr_importer *importer = importer_of(world, text, table);
    struct hr_str all = HR_STR("");
    struct hr_import_row row;
    while (hr_importer_next(importer, &world->arena, &row)) {
        assert_true(row.fault_count == 0 || row.event_count == 0);
        for (size_t i = 0; i < row.fault_count; i++) {
            const struct hr_import_fault *fault = &row.faults[i];
            all = hr_arena_printf(&world->arena, "%.*s%llu %.*s: %.*s\n", (int)all.len, all.at,
                (unsigned long long)row.line, (int)fault->column.len, fault->column.at,
                (int)fault->text.len, fault->text.at);
        }
    }
    hr_importer_destroy(importer);
    return hr_arena_copy(&world->arena, all).at;
}

static void assert_faults(struct world *world, const char *text, bool table, const char *expected)
{
    const char *said = faults_of(world, text, table);
    if (strcmp(said, expected) != 0) {
        fail_msg("%s\nsaid\n%snot\n%s", text, said, expected);
    }
}

/* The events of the file, a line each, without their ids. */
static const char *events_of(struct world *world, const char *text, bool table)
{
    struct hr_importer *importer = importer_of(world, text, table);
    struct hr_str all = HR_STR("");
    struct hr_import_row row;
    while (hr_importer_next(importer, &world->arena, &row)) {
        if (row.fault_count) {
            fail_msg("line %llu: %.*s", (unsigned long long)row.line, (int)row.faults[0].text.len,
                row.faults[0].text.at);
        }
        for (size_t i = 0; i < row.event_count; i++) {
            const char *type = strstr(row.events[i].at, "\"type\":");
            assert_non_null(type);
            all = hr_arena_printf(
                &world->arena, "%.*s%s\n", (int)all.len, all.at, type + strlen("\"type\":"));
        }
    }
    hr_importer_destroy(importer);
    return hr_arena_copy(&world->arena, all).at;
}

static void assert_events(struct world *world, const char *text, bool table, const char *expected)
{
    const char *made = events_of(world, text, table);
    if (strcmp(made, expected) != 0) {
        fail_msg("%s\nbecame\n%snot\n%s", text, made, expected);
    }
}

#define WHEN ",\"time\":\"2026-11-22T09:14:03.120Z\""
#define JSON ",\"datacontenttype\":\"application/json\",\"data\":"

static void a_line_becomes_what_it_says(void **state)
{
    assert_events(*state,
        "account,plan,mrr,currency,limits.contacts,limits.seats,renewal_date,segment,arr,employees,"
        "vip,zip\n"
        "acme,growth,120000,USD,10000,unlimited,2027-11-01,startup,1440000,250,true,01234\n",
        true,
        "\"subscription.updated\",\"subject\":\"acme\"" WHEN JSON
        "{\"plan\":\"growth\",\"mrr\":120000,\"currency\":\"USD\",\"renewal_date\":\"2027-11-01\","
        "\"limits\":{\"contacts\":10000,\"seats\":null}}}\n"
        "\"account.updated\",\"subject\":\"acme\"" WHEN JSON
        "{\"currency\":\"USD\",\"segment\":\"startup\",\"arr\":1440000,\"employees\":250,\"vip\":"
        "true,\"zip\":\"01234\"}}\n");
}

static void empty_cells_say_nothing(void **state)
{
    assert_events(*state, "account,plan,owner,renewal_date\nacme,,dana,\nbolt,starter,,null\n",
        true,
        "\"account.updated\",\"subject\":\"acme\"" WHEN JSON "{\"owner\":\"dana\"}}\n"
        "\"subscription.updated\",\"subject\":\"bolt\"" WHEN JSON
        "{\"plan\":\"starter\",\"renewal_date\":null}}\n");
}

static void an_end_cancels_and_a_line_has_its_own_time(void **state)
{
    assert_events(*state,
        "account,subscription,ends_at,time\n17,main,2026-12-31,2026-11-01\n17,more,,\n", true,
        "\"subscription.cancelled\",\"subject\":\"17\",\"time\":\"2026-11-01T00:00:00Z\"" JSON
        "{\"subscription\":\"main\",\"ends_at\":\"2026-12-31\"}}\n"
        "\"subscription.updated\",\"subject\":\"17\"" WHEN JSON "{\"subscription\":\"more\"}}\n");
}

static void tables_are_read_as_rfc_4180_has_them(void **state)
{
    assert_events(*state,
        "\xef\xbb\xbf\"account\",owner,note\r\n\"a, b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\r\n\r\n"
        "c,d,",
        true,
        "\"account.updated\",\"subject\":\"a, b\"" WHEN JSON
        "{\"owner\":\"say \\\"hi\\\"\",\"note\":\"two\\u000d\\u000alines\"}}\n"
        "\"account.updated\",\"subject\":\"c\"" WHEN JSON "{\"owner\":\"d\"}}\n");
}

static void objects_say_the_same(void **state)
{
    assert_events(*state,
        "{\"account\":\"acme\",\"plan\":\"growth\",\"limits.contacts\":10000,\"aliases\":[\"k1\"]}"
        "\n"
        "\n{\"account\":4711,\"limits\":{\"seats\":null},\"owner\":null}",
        false,
        "\"subscription.updated\",\"subject\":\"acme\"" WHEN JSON
        "{\"plan\":\"growth\",\"limits\":{\"contacts\":10000}}}\n"
        "\"account.updated\",\"subject\":\"acme\"" WHEN JSON "{\"aliases\":[\"k1\"]}}\n"
        "\"subscription.updated\",\"subject\":\"4711\"" WHEN JSON "{\"limits\":{\"seats\":null}}}\n"
        "\"account.updated\",\"subject\":\"4711\"" WHEN JSON "{\"owner\":null}}\n");
}

static void aliases_are_separated_by_semicolons(void **state)
{
    assert_events(*state, "account,aliases\nacme,key_17; cus_9;3\n", true,
        "\"account.updated\",\"subject\":\"acme\"" WHEN JSON
        "{\"aliases\":[\"key_17\",\"cus_9\",\"3\"]}}\n");
}

static void faults_come_all_at_once(void **state)
{
    assert_faults(*state,
        "account,plan,mrr,currency,limits.seats,renewal_date,timezone\n"
        "acme,growth,12.5,usd,many,2027-02-29,Paris\n"
        ",growth,1,USD,1,,\n"
        "bolt,growth,1\n"
        "acme,starter,,,,,\n"
        "crow,growth,1,,,,\n"
        "dove,,,,,,\n",
        true,
        "2 mrr: must be an integer, is 12.5\n"
        "2 currency: must be an ISO 4217 code, is \\x22usd\\x22\n"
        "2 limits.seats: must be numbers from 0 or null, is \\x22many\\x22\n"
        "2 renewal_date: must be a date, an RFC 3339 time or null, is \\x222027-02-29\\x22\n"
        "2 timezone: must be an IANA time zone, is \\x22Paris\\x22\n"
        "3 account: is missing\n"
        "4 : has 3 cells, the header has 7\n"
        "5 account: line 2 tells of it already; several subscriptions of one account need a column "
        "subscription\n"
        "6 currency: is required with mrr\n"
        "7 : says nothing but the account's name\n");
}

static void a_header_is_judged_first(void **state)
{
    assert_faults(*state, "acount,plan\nacme,growth\n", true,
        "1 acount: is not a known field; did you mean account? --attribute acount takes it as it "
        "is\n1 account: is missing in the header\n");
    assert_faults(*state, "account,renewal_data,plan,plan\n", true,
        "1 renewal_data: is not a known field; did you mean renewal_date? --attribute renewal_data "
        "takes it as it is\n1 plan: is named twice\n");
    assert_faults(*state, "account;plan\nacme;growth\n", true,
        "1 account: is missing in the header; --separator ';' reads cells that are separated so\n");
    assert_faults(*state, "account,\"plan\nacme,growth\n", true, "1 : a quote is never closed\n");
    assert_faults(*state, "", true, "1 : there is no header\n");
    assert_faults(*state, "account,employees,region\n", true, "");
}

/* As many columns as there may be, each with two faults, and one more. */
static void width_has_a_bound(void **state)
{
    char text[1200] = "";
    memset(text, ',', 1023);
    const char *faults = faults_of(*state, text, true);
    size_t lines = 0;
    for (const char *at = faults; (at = strchr(at, '\n')); at++) {
        lines++;
    }
    assert_int_equal(lines, 1024 + 1023 + 1); /* no name, the same name, no account */
    memset(text, ',', 1024);
    assert_faults(*state, text, true, "1 : has more than 1024 columns\n");
}

static void members_have_the_same_bound(void **state)
{
    static char text[16 * 1024];
    size_t len = (size_t)snprintf(text, sizeof text, "{\"account\":\"a\"");
    for (int i = 1; i < 1024; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, ",\"\":0");
    }
    memcpy(text + len, "}", 2);
    const char *faults = faults_of(*state, text, false);
    assert_null(strstr(faults, "members"));
    assert_non_null(strstr(faults, "1 : a column has no name\n"));
    memcpy(text + len, ",\"\":0}", 7);
    assert_faults(*state, text, false, "1 : has more than 1024 members\n");
}

static void broken_rows_do_not_hide_others(void **state)
{
    assert_faults(*state,
        "account,plan\nacme,gr\"owth\nbolt,\"growth\"x\n\xff,starter\ncrow,starter\n,x\n", true,
        "2 : a quote stands in a cell that does not begin with one\n"
        "3 : text follows a closing quote\n"
        "4 account: is not UTF-8\n"
        "6 account: is missing\n");
    assert_faults(*state,
        "{\"account\":\"a\",\"plan\":7}\n[]\n{\"account\":\"b\"\n{\"plan\":\"x\"}\n"
        "{\"account\":true,\"plan\":\"x\"}\n{\"account\":\"c\",\"plann\":\"x\"}\n"
        "{\"account\":\"d\",\"limits\":{},\"limits.seats\":1}\n"
        "{\"account\":\"e\",\"plan\":\"x\",\"time\":\"soon\"}\n",
        false,
        "1 plan: must be a string, is 7\n"
        "2 : must be a JSON object\n"
        "3 : is no JSON: byte 14: a comma or } was expected\n"
        "4 account: is missing\n"
        "5 account: must be a string, is true\n"
        "5 account: is missing\n"
        "6 plann: is not a known field; did you mean plan? --attribute plann takes it as it is\n"
        "7 limits: cannot stand beside limits.NAME\n"
        "8 time: must be a date or an RFC 3339 time, is \"soon\"\n");
}

static struct hr_str first_id(struct world *world, const char *text)
{
    struct hr_importer *importer = importer_of(world, text, true);
    struct hr_import_row row;
    assert_true(hr_importer_next(importer, &world->arena, &row));
    assert_int_equal(decode_as(world, &(const struct hr_rules){.epoch = 0}, preset("cloudevents"),
                         row.events[0]),
        HR_REASON_NONE);
    hr_importer_destroy(importer);
    return hr_arena_copy(&world->arena, world->event.id);
}

static void ids_are_made_of_what_is_said(void **state)
{
    struct hr_str id = first_id(*state, "account,plan\nacme,growth\n");
    assert_int_equal(id.len, strlen("import-") + 32);
    assert_true(hr_str_equal(id, first_id(*state, "plan,note,account\r\ngrowth,,\"acme\"\r\n")));
    assert_false(hr_str_equal(id, first_id(*state, "account,plan\nacme,scale\n")));
    assert_false(hr_str_equal(id, first_id(*state, "account,plan\nbolt,growth\n")));
    assert_false(hr_str_equal(id, first_id(*state, "account,plan,time\nacme,growth,2026-11-01\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_becomes_what_it_says),
        cmocka_unit_test(empty_cells_say_nothing),
        cmocka_unit_test(an_end_cancels_and_a_line_has_its_own_time),
        cmocka_unit_test(tables_are_read_as_rfc_4180_has_them),
        cmocka_unit_test(objects_say_the_same),
        cmocka_unit_test(aliases_are_separated_by_semicolons),
        cmocka_unit_test(faults_come_all_at_once),
        cmocka_unit_test(a_header_is_judged_first),
        cmocka_unit_test(width_has_a_bound),
        cmocka_unit_test(members_have_the_same_bound),
        cmocka_unit_test(broken_rows_do_not_hide_others),
        cmocka_unit_test(ids_are_made_of_what_is_said),
    };
    return cmocka_run_group_tests(tests, world_make, world_drop);
}
