/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct hr_decimal number(const char *text)
{
    struct hr_decimal value;
    assert_int_equal(hr_decimal_parse(hr_str(text), &value), HR_DECIMAL_OK);
    return value;
}

void set_up(struct bench *bench, const char *reports)
{
    static const struct hr_str products[PRODUCTS] = {
        HR_STR("crm"), HR_STR("suite"), HR_STR("<mail>")};
    char text[1024];
    struct hr_complaints complaints;
    *bench = (struct bench){.pool = hr_pool_new(), .to = JANUARY + 2};
    hr_arena_init(&bench->arena);
    bench->books = hr_books_new(bench->pool, 0);
    snprintf(text, sizeof(text), "sources: [{ topic: usage }]\nreports: { %s }\n", reports);
    const struct hr_config_source source = {.file = "test", .text = hr_str(text)};
    assert_int_equal(hr_config_parse(&source, &bench->config, &complaints), HR_OK);
    hr_complaints_clean_up(&complaints);
    bench->present.products = products;
    bench->present.product_count = PRODUCTS;
    bench->present.owned = bench->owned;
    bench->present.used = bench->used;
    bench->present.owning = bench->owning;
}

void tear_down(struct bench *bench)
{
    hr_config_destroy(bench->config);
    hr_books_destroy(bench->books);
    hr_buffer_clean_up(&bench->out);
    hr_arena_clean_up(&bench->arena);
    hr_pool_destroy(bench->pool);
}

void add(struct bench *bench, enum hr_book book, int32_t month, const char *label,
    const int64_t *columns)
{
    hr_books_add(bench->books, book, month, hr_str(label), columns);
}

static struct hr_sheet make(struct bench *bench, hr_report_make *report)
{
    static const struct hr_as_of as_of[] = {
        {0, {INT64_C(1767225600) * HR_SECOND}}, {1, {INT64_C(1767225601) * HR_SECOND}}};
    const struct hr_report_facts facts = {.rules = bench->config->rules,
        .settings = &bench->config->reports,
        .books = bench->books,
        .present = &bench->present,
        .from = JANUARY,
        .to = bench->to,
        .segment = bench->segment};
    struct hr_sheet sheet;
    hr_sheet_init(&sheet, &bench->arena);
    sheet.report = "test";
    sheet.from = hr_report_month(&bench->arena, facts.from);
    sheet.to = hr_report_month(&bench->arena, facts.to);
    sheet.segment = bench->segment;
    memcpy(sheet.currency, facts.rules->currency, sizeof(sheet.currency));
    sheet.as_of = as_of;
    sheet.as_of_count = 2;
    report(&facts, &sheet);
    return sheet;
}

/* As people read it. */
const char *text_of(struct bench *bench, hr_report_make *report)
{
    struct hr_sheet sheet = make(bench, report);
    FILE *file = tmpfile();
    assert_non_null(file);
    hr_sheet_as_text(&sheet, file);
    rewind(file);
    size_t len = fread(bench->text, 1, sizeof(bench->text) - 1, file);
    bench->text[len] = '\0';
    fclose(file);
    return bench->text;
}

const char *form_of(struct bench *bench, hr_report_make *report, form *as)
{
    struct hr_sheet sheet = make(bench, report);
    hr_buffer_clear(&bench->out);
    as(&sheet, &bench->out);
    hr_put_u8(&bench->out, 0);
    return (const char *)bench->out.at;
}

/* Runs of spaces become one: that columns line up is tests/unit/commands/test_print.c's. Of a
 * sentence, which is broken somewhere, new lines are spaces, too. */
static void squeeze(const char *text, bool sentence, char *out)
{
    char last = '\0';
    for (; *text; text++) {
        char c = sentence && *text == '\n' ? ' ' : *text;
        if (c != ' ' || last != ' ') {
            *out++ = c;
        }
        last = c;
    }
    *out = '\0';
}

static void assert_found(const char *text, const char *part, bool sentence)
{
    char *squeezed = malloc(strlen(text) + 1), wanted[1024];
    assert_non_null(squeezed);
    squeeze(text, sentence, squeezed);
    squeeze(part, sentence, wanted);
    if (!strstr(squeezed, wanted)) {
        fail_msg("\"%s\" is not in:\n%s", wanted, text);
    }
    free(squeezed);
}

void assert_has(const char *text, const char *part)
{
    assert_found(text, part, false);
}

void assert_says(const char *text, const char *part)
{
    assert_found(text, part, true);
}

void assert_before(const char *text, const char *first, const char *second)
{
    const char *a = strstr(text, first), *b = strstr(text, second);
    assert_true(a && b && a < b);
}

void assert_has_not(const char *text, const char *part)
{
    if (strstr(text, part)) {
        fail_msg("\"%s\" is in:\n%s", part, text);
    }
}
