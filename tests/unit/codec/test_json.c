/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON reader: what it must accept, what it must refuse wherever in a text it stands, and that
 * it says of a million damaged events the same as a reader that shares no code with it. */
#include "codec/json.h"
#include "headroom/hash.h"
#include "headroom/log.h"
#include "json_cases.h"
#include "reference.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static int make(void **state)
{
    struct hr_document *json = malloc(sizeof *json);
    hr_document_init(json);
    *state = json;
    return 0;
}

static int drop(void **state)
{
    hr_document_clean_up(*state);
    free(*state);
    return 0;
}

static struct hr_str join(struct hr_arena *arena, struct hr_str a, struct hr_str b, struct hr_str c)
{
    char *text = hr_arena_take(arena, a.len + b.len + c.len);
    memcpy(text, a.at, a.len);
    memcpy(text + a.len, b.at, b.len);
    memcpy(text + a.len + b.len, c.at, c.len);
    return (struct hr_str){text, a.len + b.len + c.len};
}

static void each_case_is_judged_the_same_wherever_it_stands(void **state)
{
    static const struct hr_str around[][2] = {
        {TEXT(""), TEXT("")},
        {TEXT("{\"x\":"), TEXT("}")},
        {TEXT("{\"a\":1,\"x\":"), TEXT(",\"b\":[2]}")},
        {TEXT("{\"data\":{\"deep\":[{},{\"x\":"), TEXT("},3]},\"id\":\"1\"}")},
        {TEXT("[[\"a long text that fills the first sixty-four bytes, \\\\ or so\",[{\"x\":"),
            TEXT("}]]]")},
    };
    struct hr_document *json = *state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    for (size_t i = 0; i < JSON_CASES; i++) {
        for (size_t j = 0; j < sizeof around / sizeof *around; j++) {
            struct hr_str text = join(&arena, around[j][0], json_cases[i].text, around[j][1]);
            if (hr_document_parse(json, text) != json_cases[i].accept) {
                fail_msg("%s: should be %s", hr_escape(&arena, text, 200),
                    json_cases[i].accept ? "accepted" : "refused");
            }
            assert_int_equal(reference_accepts(text), json_cases[i].accept);
        }
    }
    hr_arena_clean_up(&arena);
}

static struct hr_str repeat(const char *part, size_t times)
{
    size_t len = strlen(part);
    char *text = malloc(len * times);
    for (size_t i = 0; i < times; i++) {
        memcpy(text + i * len, part, len);
    }
    return (struct hr_str){text, len * times};
}

static struct hr_str nested(size_t depth)
{
    char *text = malloc(2 * depth);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    return (struct hr_str){text, 2 * depth};
}

static void depth_has_a_bound_and_no_cost(void **state)
{
    struct hr_document *json = *state;
    const struct {
        struct hr_str text;
        bool accept;
    } texts[] = {
        {nested(1024), true},
        {nested(1025), false},
        {nested(100000), false},
        {repeat("[", 100000), false},
        {repeat("{\"a\":", 100000), false},
        {repeat("[{\"a\":", 1000000), false},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(hr_document_parse(json, texts[i].text), texts[i].accept);
        if (i > 0) {
            assert_string_equal(json->wrong, "nested too deep");
        }
        free((char *)texts[i].text.at);
    }
}

static void ten_megabytes_are_read_and_given_back(void **state)
{
    struct hr_document *json = *state;
    struct hr_str ones = repeat("[],", 3500000);
    char *text = (char *)ones.at;
    text[0] = '[', text[1] = '1';
    memcpy(text + ones.len - 3, "1 ]", 3);
    assert_true(hr_document_parse(json, ones));
    assert_int_equal(json->nodes[0].next, 1 + 3500000);
    text[ones.len / 2] = 'x';
    assert_false(hr_document_parse(json, ones));
    assert_int_equal(json->wrong_at / 8, ones.len / 2 / 8);
    hr_document_trim(json);
    assert_int_equal(json->room, 0);
    free(text);

    struct hr_str letters = repeat("a", 10000000);
    text = (char *)letters.at;
    text[0] = text[letters.len - 1] = '"';
    assert_true(hr_document_parse(json, letters));
    assert_int_equal(json->nodes[0].end, letters.len);
    free(text);
}

/* The text ends where the next page must not be touched. */
static void nothing_behind_the_text_is_read(void **state)
{
    struct hr_document *json = *state;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
    for (size_t len = 2; len < 300; len++) {
        char *text = pages + page - len;
        memset(text, 'a', len);
        text[0] = text[len - 1] = '"';
        assert_true(hr_document_parse(json, (struct hr_str){text, len}));
        assert_false(hr_document_parse(json, (struct hr_str){text, len - 1}));
        text[len - 1] = '\\';
        assert_false(hr_document_parse(json, (struct hr_str){text, len}));
        memset(text, '1', len);
        assert_true(hr_document_parse(json, (struct hr_str){text, len}));
        memset(text, ' ', len);
        text[0] = '1';
        assert_true(hr_document_parse(json, (struct hr_str){text, len}));
        assert_true(reference_utf8((struct hr_str){text, len}));
    }
    munmap(pages, 2 * page);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* One to three of: another byte, a byte gone, a byte doubled, a piece moved. Bytes that mean
 * something in JSON come more often than others. */
static size_t damage(char *text, size_t len, uint64_t *seed)
{
    static const char telling[] =
        "{}[]:,\"\\ \n\t0123456789-+.eEutrfnals/\xC3\xA9\xED\xA0\x80\xFF\0";
    for (uint64_t times = 1 + next_random(seed) % 3; times > 0 && len > 2; times--) {
        size_t at = next_random(seed) % len, other = next_random(seed) % len;
        char byte = next_random(seed) % 4 ? telling[next_random(seed) % (sizeof telling - 1)]
                                          : (char)next_random(seed);
        switch (next_random(seed) % 4) {
        case 0:
            text[at] = byte;
            break;
        case 1:
            memmove(text + at, text + at + 1, --len - at);
            break;
        case 2:
            memmove(text + at + 1, text + at, len++ - at);
            text[at] = byte;
            break;
        case 3:
            text[at] = text[other];
        }
    }
    return len;
}

static void damaged_events_are_judged_as_the_reference_does(void **state)
{
    static const char *const events[] = {
        "{\"specversion\":\"1.0\",\"id\":\"01J9ZK\",\"source\":\"/crm\",\"type\":\"api.request\","
        "\"subject\":\"acme\",\"time\":\"2026-11-22T09:14:03.120Z\",\"data\":{\"value\":12.5}}",
        "{ \"a\\u00e9\\ud83d\\ude00\" : [ -0.5e+10 , true , null , {} , [ ] , \"\\\\\\\"\" ] }",
        "[1,[2,[3,{\"four\":\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\",\"five\":false}]],10e-2]",
    };
    const char *given = getenv("HEADROOM_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 20261122;
    struct hr_document *json = *state;
    struct hr_arena arena;
    unsigned accepted = 0, rounds = 300000;
    hr_arena_init(&arena);
    for (unsigned i = 0; i < rounds; i++) {
        char text[512];
        uint64_t before = seed;
        const char *event = events[next_random(&seed) % 3];
        memcpy(text, event, strlen(event));
        struct hr_str damaged = {text, damage(text, strlen(event), &seed)};
        bool right = reference_accepts(damaged);
        if (hr_document_parse(json, damaged) != right) {
            fail_msg("HEADROOM_SEED=%llu: %s should be %s", (unsigned long long)before,
                hr_escape(&arena, damaged, 500), right ? "accepted" : "refused");
        }
        assert_int_equal(hr_utf8_valid(damaged), reference_utf8(damaged));
        accepted += right;
    }
    hr_arena_clean_up(&arena);
    /* Both answers must have been asked for often. */
    assert_in_range(accepted, rounds / 20, rounds - rounds / 20);
}

static void strings_mean_what_the_rfc_says(void **state)
{
    static const struct {
        const char *written;
        struct hr_str meant;
    } strings[] = {
        {"\"\"", TEXT("")},
        {"\"acme\"", TEXT("acme")},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", TEXT("\"\\/\b\f\n\r\t")},
        {"\"a\\u0000b\"", TEXT("a\0b")},
        {"\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
            TEXT("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf")},
        {"\"\\ud800\\udc00 \\udbff\\udfff\"", TEXT("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf")},
        {"\"\\u00E9\\u00e9\xc3\xa9\"", TEXT("\xc3\xa9\xc3\xa9\xc3\xa9")},
        {"\"\\\\u0041\"", TEXT("\\u0041")},
    };
    struct hr_document *json = *state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        assert_true(hr_document_parse(json, hr_str(strings[i].written)));
        struct hr_str text = hr_document_text(json, 0, &arena);
        assert_int_equal(text.len, strings[i].meant.len);
        assert_memory_equal(text.at, strings[i].meant.at, text.len);
        struct hr_str object =
            join(&arena, HR_STR("{\"\":0,"), hr_str(strings[i].written), HR_STR(":1}"));
        assert_true(hr_document_parse(json, object));
        uint32_t found = hr_document_member(json, 0, strings[i].meant);
        assert_int_not_equal(found, HR_JSON_NONE);
        assert_true(hr_str_is(hr_document_raw(json, found), "1"));
        struct hr_str longer = join(&arena, strings[i].meant, HR_STR("x"), HR_STR(""));
        assert_int_equal(hr_document_member(json, 0, longer), HR_JSON_NONE);
    }
    hr_arena_clean_up(&arena);
}

static void pointers_find_what_rfc_6901_says(void **state)
{
    /* The RFC's own example, and equal keys. */
    static const char text[] =
        "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,\"i\\\\j\":5,"
        "\"k\\\"l\":6,\" \":7,\"m~n\":8,\"deep\":[[],{\"x\":[1,{\"y\":9}]}],\"twice\":{\"a\":1},"
        "\"twice\":{\"a\":2,\"a\":3}}";
    static const struct {
        const char *pointer, *found;
    } pointers[] = {
        {"", text},
        {"/foo", "[\"bar\",\"baz\"]"},
        {"/foo/0", "\"bar\""},
        {"/foo/1", "\"baz\""},
        {"/foo/2", NULL},
        {"/foo/00", NULL},
        {"/foo/01", NULL},
        {"/foo/-", NULL},
        {"/foo/", NULL},
        {"/foo/99999999999999999999", NULL},
        {"/foo/0/0", NULL},
        {"/", "0"},
        {"/a~1b", "1"},
        {"/a/b", NULL},
        {"/c%d", "2"},
        {"/e^f", "3"},
        {"/g|h", "4"},
        {"/i\\j", "5"},
        {"/k\"l", "6"},
        {"/ ", "7"},
        {"/m~0n", "8"},
        {"/deep/1/x/1/y", "9"},
        {"/deep/0/0", NULL},
        {"/twice/a", "3"},
        {"/Foo", NULL},
        {"/fo", NULL},
        {"/foo0", NULL},
    };
    struct hr_document *json = *state;
    assert_true(hr_document_parse(json, ((struct hr_str){text, sizeof text - 1})));
    for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++) {
        uint32_t node = hr_document_find(json, 0, hr_str(pointers[i].pointer));
        if ((node == HR_JSON_NONE) != (pointers[i].found == NULL)) {
            fail_msg("%s", pointers[i].pointer);
        }
        if (pointers[i].found && !hr_str_is(hr_document_raw(json, node), pointers[i].found)) {
            fail_msg("%s finds something else", pointers[i].pointer);
        }
    }
}

static uint64_t hash_of(struct hr_document *json, const char *text)
{
    struct hr_arena arena;
    hr_arena_init(&arena);
    assert_true(hr_document_parse(json, hr_str(text)));
    uint64_t hash = hr_document_hash(json, 0, HR_STR("_now"), &arena, 7);
    struct hr_str all = {NULL, 0};
    if (!strstr(text, "_now")) {
        assert_true(hash == hr_document_hash(json, 0, all, &arena, 7));
    }
    hr_arena_clean_up(&arena);
    return hash;
}

static void a_hash_sees_all_but_white_space_between_tokens(void **state)
{
    static const char text[] = "{\"a\":[1,\"b c\\\" d\",{}],\"e\":\"\\\\\"}";
    static const char *const same[] = {
        " { \"a\" : [ 1 , \"b c\\\" d\" , { } ] , \"e\" : \"\\\\\" } ",
        "{\n\t\"a\":\r\n[1,\"b c\\\" d\",{}],\"e\":\"\\\\\"}\n",
        "{\"_now\":\"2026-01-01T00:00:00Z\",\"a\":[1,\"b c\\\" d\",{}],\"e\":\"\\\\\"}",
        "{\"a\":[1,\"b c\\\" d\", {}], \"_now\": {\"x\": 1} ,\"e\":\"\\\\\"}",
        "{\"a\":[1,\"b c\\\" d\",{}],\"e\":\"\\\\\",\"_now\":0}",
    };
    static const char *const other[] = {
        "{\"e\":\"\\\\\",\"a\":[1,\"b c\\\" d\",{}]}",
        "{\"a\":[1,\"bc\\\" d\",{}],\"e\":\"\\\\\"}",
        "{\"a\":[1,\"b  c\\\" d\",{}],\"e\":\"\\\\\"}",
        "{\"a\":[1.0,\"b c\\\" d\",{}],\"e\":\"\\\\\"}",
        "{\"a\":[1,\"b c\\\" d\",{}],\"e\":\"\\\\\",\"_nox\":0}",
        "{\"a\":[1,\"b c\\\"  d\",{}],\"e\":\"\\\\\"}",
    };
    uint64_t hash = hash_of(*state, text);
    assert_true(hash == hr_hash64(((struct hr_str){text, sizeof text - 1}), 7));
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (hash_of(*state, same[i]) != hash) {
            fail_msg("should hash alike: %s", same[i]);
        }
    }
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        if (hash_of(*state, other[i]) == hash) {
            fail_msg("should differ: %s", other[i]);
        }
    }
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
    static const struct {
        const char *text;
        size_t at;
        const char *wrong;
    } wrongs[] = {
        {"", 0, "there is nothing"},
        {"{\"a\":1,}", 7, "a name in quotes was expected"},
        {"{\"a\" 1}", 5, "a colon was expected"},
        {"{\"a\":tru}", 5, "a value was expected"},
        {"{\"a\":01}", 5, "this is no number"},
        {"{\"a\":1 \"b\":2}", 7, "a comma or } was expected"},
        {"[1 2]", 3, "a comma or ] was expected"},
        {"{\"a\":\"\\x\"}", 6, "this escape stands for no character"},
        {"{} {}", 3, "something follows the end"},
        {"[1,", 3, "a value was expected"},
        {"{\"a\":\"\xFF\"}", 0, "not UTF-8"},
        {"\"\t\"", 0, "a string holds a control character"},
        {"{\"a", 0, "a string has no end"},
    };
    struct hr_document *json = *state;
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        assert_false(hr_document_parse(json, hr_str(wrongs[i].text)));
        assert_string_equal(json->wrong, wrongs[i].wrong);
        assert_int_equal(json->wrong_at, wrongs[i].at);
    }
}

/* Is the text, parsed among others, what it is alone? */
static void assert_as_alone(struct hr_document *json, struct hr_str text)
{
    struct hr_document alone;
    hr_document_init(&alone);
    bool accepted = hr_document_parse(&alone, text);
    assert_int_equal(hr_document_parse(json, text), accepted);
    if (accepted) {
        assert_int_equal(json->nodes[0].next, alone.nodes[0].next);
        for (uint32_t n = 0; n < alone.nodes[0].next; n++) {
            struct hr_json_node is = json->nodes[n], should = alone.nodes[n];
            assert_ptr_equal(json->base + is.at, alone.base + should.at);
            assert_ptr_equal(json->base + is.end, alone.base + should.end);
            assert_int_equal(is.next, should.next);
            assert_int_equal(is.kind, should.kind);
            assert_int_equal(is.escaped, should.escaped);
        }
    } else {
        assert_string_equal(json->wrong, alone.wrong);
        assert_int_equal(json->wrong_at, alone.wrong_at);
    }
    hr_document_clean_up(&alone);
}

static void among_others_a_text_is_what_it_is_alone(void **state)
{
    static const struct hr_str before = TEXT("{\"a\":[1,\"\\u0041\"]}  \n\r\n-1\n"),
                               after = TEXT("\n\"b\"\n[1,\n{\"c\":true}\n]");
    struct hr_document *json = *state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    for (size_t i = 0; i < JSON_CASES; i++) {
        struct hr_str all = join(&arena, before, json_cases[i].text, after);
        size_t at = before.len, len = json_cases[i].text.len;
        struct hr_str texts[] = {{all.at, 20}, {all.at + 21, 1}, {all.at + 23, 2},
            {all.at + at, len}, {all.at + at + len + 1, 3}, {all.at + at + len + 5, 16}};
        const size_t count = sizeof texts / sizeof *texts;
        assert_int_equal(hr_document_expect(json, texts, count), count);
        for (size_t t = 0; t < count; t++) {
            assert_as_alone(json, texts[t]);
        }
        assert_as_alone(json, texts[3]); /* once more, when others were parsed behind it */
        assert_int_equal(hr_document_expect(json, texts, count), count);
        assert_as_alone(json, texts[3]); /* those before it are passed over */
        assert_as_alone(json, texts[count - 1]);
        hr_document_give_back(json);
    }
    hr_arena_clean_up(&arena);
}

static void only_what_lies_together_and_is_short_is_scanned_together(void **state)
{
    static const char bytes[] = "[1]\n[2]\n\n[3]";
    const struct hr_str texts[] = {{bytes, 3}, {bytes + 4, 3}, {bytes + 9, 3}};
    struct hr_document *json = *state;
    assert_int_equal(hr_document_expect(json, texts, 3), 2);
    assert_int_equal(hr_document_expect(json, texts + 2, 1), 1);

    struct hr_str zeros = repeat("0\n", 40000);
    struct hr_str *many = calloc(40000, sizeof *many);
    for (size_t i = 0; i < 40000; i++) {
        many[i] = (struct hr_str){zeros.at + 2 * i, 1};
    }
    size_t together = hr_document_expect(json, many, 40000);
    assert_in_range(together, 2, 39999);
    for (size_t i = 0; i <= together; i++) {
        assert_true(hr_document_parse(json, many[i]));
    }
    hr_document_trim(json);
    assert_in_range(json->room * sizeof *json->nodes, 1, 1 << 20); /* nothing to give back */
    free(many);
    free((char *)zeros.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_case_is_judged_the_same_wherever_it_stands),
        cmocka_unit_test(depth_has_a_bound_and_no_cost),
        cmocka_unit_test(ten_megabytes_are_read_and_given_back),
        cmocka_unit_test(nothing_behind_the_text_is_read),
        cmocka_unit_test(damaged_events_are_judged_as_the_reference_does),
        cmocka_unit_test(strings_mean_what_the_rfc_says),
        cmocka_unit_test(pointers_find_what_rfc_6901_says),
        cmocka_unit_test(a_hash_sees_all_but_white_space_between_tokens),
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),
        cmocka_unit_test(among_others_a_text_is_what_it_is_alone),
        cmocka_unit_test(only_what_lies_together_and_is_short_is_scanned_together),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
