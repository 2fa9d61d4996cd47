/* SPDX-License-Identifier: Apache-2.0 */
/* Stored bytes outlive the program that wrote them: the forms are pinned here byte by byte, and
 * whatever is not exactly one of them is found. */
#include "headroom/buffer.h"

#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct hr_decimal decimal(const char *text)
{
    struct hr_decimal value;
    assert_int_equal(hr_decimal_parse(hr_str(text), &value), HR_DECIMAL_OK);
    return value;
}

static void assert_bytes(struct hr_buffer *buffer, struct hr_str expected)
{
    assert_int_equal(buffer->len, expected.len);
    assert_memory_equal(buffer->at, expected.at, expected.len);
    hr_buffer_clear(buffer);
}

static void stored_forms_are_pinned(void **state)
{
    (void)state;
    struct hr_buffer buffer = {0};
    hr_put_u8(&buffer, 0xfe);
    hr_put_u32(&buffer, 0x01020304);
    hr_put_u64(&buffer, 0x0102030405060708);
    assert_bytes(&buffer, HR_STR("\xfe\x04\x03\x02\x01\x08\x07\x06\x05\x04\x03\x02\x01"));
    hr_put_varint(&buffer, 0);
    hr_put_varint(&buffer, 127);
    hr_put_varint(&buffer, 128);
    hr_put_varint(&buffer, 300);
    hr_put_varint(&buffer, UINT64_MAX);
    assert_bytes(
        &buffer, HR_STR("\x00\x7f\x80\x01\xac\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    hr_put_zigzag(&buffer, 0);
    hr_put_zigzag(&buffer, -1);
    hr_put_zigzag(&buffer, 1);
    hr_put_zigzag(&buffer, INT64_MIN);
    assert_bytes(&buffer, HR_STR("\x00\x01\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    hr_put_str(&buffer, HR_STR("a\0b"));
    hr_put_str(&buffer, (struct hr_str){NULL, 0});
    assert_bytes(&buffer, HR_STR("\x03"
                                 "a\0b\x00"));
    hr_put_time(&buffer, (struct hr_time){-64});
    hr_put_printf(&buffer, "%s%d", "n", 42);
    assert_bytes(&buffer, HR_STR("\x7fn42"));
    hr_buffer_clean_up(&buffer);
    assert_null(buffer.at);
}

/* The first byte is 1 + 2 * zeros + (1 if negative), zeros counted in 10^-12. */
static void quantities_are_stored_short(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        struct hr_str bytes;
    } cases[] = {
        {"0", {"\x00", 1}},
        {"1", {"\x19\x01", 2}},         /* 1 * 10^12 */
        {"-1", {"\x1a\x01", 2}},        /* the same, negative */
        {"4200", {"\x1d\x2a", 2}},      /* 42 * 10^14 */
        {"0.5", {"\x17\x05", 2}},       /* 5 * 10^11 */
        {"12345", {"\x19\xb9\x60", 3}}, /* 12345 * 10^12 */
        {"0.000000000001", {"\x01\x01", 2}},
        {"1e25", {"\x4b\x01", 2}},                  /* 1 * 10^37 */
        {"99999999999999999999999999.999999999999", /* 10^38 - 1 */
            {"\x01\xff\xff\xff\xff\xff\xc7\x88\xc5\x89\xf4\x91\xb6\xa8\x8b\xaa\xa6\xbb\x96\x01",
                20}},
    };
    struct hr_buffer buffer = {0};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        hr_put_decimal(&buffer, decimal(cases[i].value));
        assert_bytes(&buffer, cases[i].bytes);
        struct hr_reader reader = hr_reader(cases[i].bytes);
        assert_int_equal(hr_decimal_compare(hr_get_decimal(&reader), decimal(cases[i].value)), 0);
        assert_false(reader.bad);
        assert_true(hr_reader_at_end(&reader));
    }
    hr_buffer_clean_up(&buffer);
}

static void a_reader_gives_back_what_was_put(void **state)
{
    (void)state;
    struct hr_buffer buffer = {0};
    hr_put_u8(&buffer, 200);
    hr_put_u32(&buffer, UINT32_MAX - 1);
    hr_put_u64(&buffer, UINT64_MAX - 1);
    hr_put_varint(&buffer, UINT64_MAX);
    hr_put_zigzag(&buffer, INT64_MIN);
    hr_put_str(&buffer, HR_STR("acme"));
    hr_put_bytes(&buffer, "raw", 3);
    hr_put_time(&buffer, HR_TIME_NEVER);
    hr_put_time(&buffer, HR_TIME_NONE);

    struct hr_reader reader = hr_reader(hr_buffer_str(&buffer));
    assert_int_equal(hr_get_u8(&reader), 200);
    assert_true(hr_get_u32(&reader) == UINT32_MAX - 1);
    assert_true(hr_get_u64(&reader) == UINT64_MAX - 1);
    assert_true(hr_get_varint(&reader) == UINT64_MAX);
    assert_true(hr_get_zigzag(&reader) == INT64_MIN);
    assert_true(hr_str_is(hr_get_str(&reader), "acme"));
    assert_true(hr_str_is(hr_get_bytes(&reader, 3), "raw"));
    assert_true(hr_time_is(hr_get_time(&reader), HR_TIME_NEVER));
    assert_true(hr_time_is(hr_get_time(&reader), HR_TIME_NONE));
    assert_true(hr_reader_at_end(&reader));
    assert_false(reader.bad);
    /* Nothing is left, and asking for nothing is no mistake. */
    assert_int_equal(hr_get_bytes(&reader, 0).len, 0);
    assert_false(reader.bad);
    assert_int_equal(hr_get_u8(&reader), 0);
    assert_true(reader.bad);
    hr_buffer_clean_up(&buffer);
}

static void a_bad_reader_stays_bad_and_gives_zeros(void **state)
{
    (void)state;
    struct hr_reader reader = hr_reader(HR_STR("\x05"
                                               "abc\x01\x02\x03\x04\x05\x06\x07\x08"));
    assert_int_equal(hr_get_u8(&reader), 5);
    assert_int_equal(hr_get_bytes(&reader, 1000).len, 0);
    assert_true(reader.bad);
    assert_true(hr_reader_at_end(&reader));
    assert_int_equal(hr_get_u8(&reader), 0);
    assert_int_equal(hr_get_u32(&reader), 0);
    assert_int_equal(hr_get_u64(&reader), 0);
    assert_int_equal(hr_get_varint(&reader), 0);
    assert_int_equal(hr_get_str(&reader).len, 0);
    assert_true(hr_decimal_is_zero(hr_get_decimal(&reader)));
    assert_true(reader.bad);
}

static void a_length_beyond_the_end_is_bad(void **state)
{
    (void)state;
    static const struct hr_str cases[] = {
        {"\x04"
         "abc",
            4},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
         "a",
            11},
        {"\x80", 1},
        {NULL, 0},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct hr_reader reader = hr_reader(cases[i]);
        assert_int_equal(hr_get_str(&reader).len, 0);
        assert_true(reader.bad);
    }
}

static void a_varint_has_one_form(void **state)
{
    (void)state;
    static const struct hr_str cases[] = {
        {"\x80\x00", 2},                                      /* 0 in two bytes */
        {"\xff\x00", 2},                                      /* 127 in two bytes */
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10},     /* 2^64 and more */
        {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11}, /* 2^70 */
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct hr_reader reader = hr_reader(cases[i]);
        assert_int_equal(hr_get_varint(&reader), 0);
        assert_true(reader.bad);
    }
}

static void a_quantity_has_one_form(void **state)
{
    (void)state;
    static const struct hr_str cases[] = {
        {"\x01\x00", 2},     /* 0 with a mantissa */
        {"\x01\x0a", 2},     /* 10: a zero that belongs into the first byte */
        {"\x01\x81\x00", 3}, /* 1 in two bytes */
        {"\x4d\x01", 2},     /* 10^38 units, one too many */
        {"\x4b\x0b", 2},     /* 11 * 10^37 */
        {"\xff\x01", 2},     /* zeros beyond any value */
        {"\x19", 1},         /* cut short */
        /* 10^38 + 1 units, and 2^127 */
        {"\x01\x81\x80\x80\x80\x80\xc8\x88\xc5\x89\xf4\x91\xb6\xa8\x8b\xaa\xa6\xbb\x96\x01", 20},
        {"\x01\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02", 20},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct hr_reader reader = hr_reader(cases[i]);
        assert_true(hr_decimal_is_zero(hr_get_decimal(&reader)));
        assert_true(reader.bad);
    }
}

/* ------------------------------------------------------------ properties */

enum kind { U8, U32, U64, VARINT, ZIGZAG, TEXT, DECIMAL, KINDS };

struct item {
    enum kind kind;
    uint64_t number;
    struct hr_decimal decimal;
};

static struct item any_item(struct random *random)
{
    struct item item = {.kind = (enum kind)random_below(random, KINDS)};
    item.number = random_next(random) >> random_below(random, 64);
    item.number &= item.kind == U8 ? UINT8_MAX : item.kind == U32 ? UINT32_MAX : UINT64_MAX;
    __int128 units = (__int128)item.number;
    for (uint64_t zeros = random_below(random, 19); zeros > 0; zeros--) {
        units *= 10;
    }
    item.decimal.units = random_below(random, 2) ? units : -units;
    return item;
}

static void put_item(struct hr_buffer *buffer, const struct item *item, const char *letters)
{
    switch (item->kind) {
    case U8:
        hr_put_u8(buffer, (uint8_t)item->number);
        break;
    case U32:
        hr_put_u32(buffer, (uint32_t)item->number);
        break;
    case U64:
        hr_put_u64(buffer, item->number);
        break;
    case VARINT:
        hr_put_varint(buffer, item->number);
        break;
    case ZIGZAG:
        hr_put_zigzag(buffer, (int64_t)item->number);
        break;
    case TEXT:
        hr_put_str(buffer, (struct hr_str){letters, item->number % 100});
        break;
    default:
        hr_put_decimal(buffer, item->decimal);
    }
}

static bool is_read_back(struct hr_reader *reader, const struct item *item)
{
    switch (item->kind) {
    case U8:
        return hr_get_u8(reader) == item->number;
    case U32:
        return hr_get_u32(reader) == item->number;
    case U64:
        return hr_get_u64(reader) == item->number;
    case VARINT:
        return hr_get_varint(reader) == item->number;
    case ZIGZAG:
        return hr_get_zigzag(reader) == (int64_t)item->number;
    case TEXT:
        return hr_get_str(reader).len == item->number % 100;
    default:
        return hr_decimal_compare(hr_get_decimal(reader), item->decimal) == 0;
    }
}

static void any_sequence_comes_back_and_any_part_of_it_is_bad(void **state)
{
    (void)state;
    struct random random = random_start("any_sequence_comes_back");
    char letters[100];
    memset(letters, 'x', sizeof(letters));
    struct hr_buffer buffer = {0};
    for (int round = 0; round < 500; round++) {
        struct item items[20];
        hr_buffer_clear(&buffer);
        for (size_t i = 0; i < LENGTH(items); i++) {
            items[i] = any_item(&random);
            put_item(&buffer, &items[i], letters);
        }
        struct hr_reader reader = hr_reader(hr_buffer_str(&buffer));
        for (size_t i = 0; i < LENGTH(items); i++) {
            assert_true(is_read_back(&reader, &items[i]));
        }
        assert_false(reader.bad);
        assert_true(hr_reader_at_end(&reader));

        /* In a block of its own size, so that a sanitizer sees a read past the end. */
        size_t cut = random_below(&random, buffer.len);
        char *part = malloc(cut ? cut : 1);
        assert_non_null(part);
        memcpy(part, buffer.at, cut);
        reader = hr_reader((struct hr_str){part, cut});
        for (size_t i = 0; i < LENGTH(items); i++) {
            (void)is_read_back(&reader, &items[i]);
        }
        assert_true(reader.bad);
        free(part);
    }
    hr_buffer_clean_up(&buffer);
}

/* Whatever is accepted is what would have been written. */
static void any_bytes_are_bad_or_canonical(void **state)
{
    (void)state;
    struct random random = random_start("any_bytes_are_bad_or_canonical");
    struct hr_buffer buffer = {0};
    int accepted = 0;
    for (int round = 0; round < 100000; round++) {
        uint8_t bytes[24];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            bytes[i] = (uint8_t)(random_next(&random) >> random_below(&random, 8));
        }
        bytes[0] = round % 2 ? (uint8_t)random_below(&random, 80) : bytes[0];
        struct hr_reader reader = hr_reader((struct hr_str){(const char *)bytes, sizeof(bytes)});
        hr_buffer_clear(&buffer);
        if (round % 2) {
            hr_put_decimal(&buffer, hr_get_decimal(&reader));
        } else {
            hr_put_zigzag(&buffer, hr_get_zigzag(&reader));
        }
        if (!reader.bad) {
            assert_int_equal(buffer.len, reader.at - bytes);
            assert_memory_equal(buffer.at, bytes, buffer.len);
            accepted++;
        }
    }
    assert_true(accepted > 10000);
    hr_buffer_clean_up(&buffer);
}

static void json_strings_show_all_and_hide_nothing(void **state)
{
    (void)state;
    static const struct {
        struct hr_str text;
        const char *json;
    } cases[] = {
        {HR_STR(""), "\"\""},
        {HR_STR("say \"hi\\\""), "\"say \\\"hi\\\\\\\"\""},
        {HR_STR("a\0b\r\n\x1b[31m\x7f"), "\"a\\u0000b\\u000d\\u000a\\u001b[31m\\u007f\""},
        {HR_STR("\xc2\x9b\xd8\x9c\xe2\x80\x8f\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa9"),
            "\"\\u009b\\u061c\\u200f\\u2028\\u202e\\u2069\""},
        {HR_STR("<b>Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x8c\x8d\xc2\xa0/"),
            "\"<b>Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x8c\x8d\xc2\xa0/\""},
    };
    struct hr_buffer buffer = {0};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        hr_put_json_string(&buffer, cases[i].text);
        assert_bytes(&buffer, hr_str(cases[i].json));
    }
    hr_buffer_clean_up(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_forms_are_pinned),
        cmocka_unit_test(quantities_are_stored_short),
        cmocka_unit_test(a_reader_gives_back_what_was_put),
        cmocka_unit_test(a_bad_reader_stays_bad_and_gives_zeros),
        cmocka_unit_test(a_length_beyond_the_end_is_bad),
        cmocka_unit_test(a_varint_has_one_form),
        cmocka_unit_test(a_quantity_has_one_form),
        cmocka_unit_test(any_sequence_comes_back_and_any_part_of_it_is_bad),
        cmocka_unit_test(any_bytes_are_bad_or_canonical),
        cmocka_unit_test(json_strings_show_all_and_hide_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
