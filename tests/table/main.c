/* SPDX-License-Identifier: Apache-2.0 */
/* Plays the table of crossings: a test line a case.
 *
 *   test_table [TEXT]       the cases whose name or cells hold TEXT; without it all, and coverage
 *   test_table --first-red  stops at the first case that does not hold
 *   test_table --matrix     prints which case covers which cell and plays nothing */
#include "table.h"

#include <string.h>

#define CROSSINGS "tests/table/crossings.table"
#define SENTENCES "tests/table/sentences.txt"

static bool is_wanted(const struct table_case *one, const char *text)
{
    bool wanted = !text || strstr(one->name, text);
    for (size_t i = 0; i < one->cell_count && !wanted; i++) {
        wanted = strstr(one->cells[i].row, text) || strcmp(one->cells[i].column, text) == 0;
    }
    for (size_t i = 0; i < one->sentence_count && !wanted; i++) {
        wanted = strcmp(one->sentences[i], text) == 0;
    }
    return wanted;
}

static unsigned play_all(
    struct table *table, const char *text, bool first_red, struct hr_zones *zones)
{
    unsigned failed = 0, number = 0;
    for (size_t i = 0; i < table->case_count && !(first_red && failed); i++) {
        const struct table_case *one = &table->cases[i];
        if (!is_wanted(one, text)) {
            continue;
        }
        bool holds = case_holds(table, one, zones);
        printf("%sok %u - %s (%s:%u)\n", holds ? "" : "not ", ++number, one->name, table->file,
            one->line);
        failed += !holds;
    }
    if (!text && !first_red) {
        failed += coverage_check(table, number + 1);
        number += 2;
    }
    printf("1..%u\n", number);
    return failed;
}

int main(int count, char **words)
{
    const char *text = count > 1 ? words[1] : NULL;
    bool first_red = text && strcmp(text, "--first-red") == 0;
    struct table table;
    struct hr_zones *zones = NULL;
    struct hr_error error;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (hr_zones_load("/usr/share/zoneinfo", &zones, &error) != HR_OK ||
        !table_read(&table, CROSSINGS, SENTENCES)) {
        printf("not ok 1 - the table can be read\n");
        return 1;
    }
    unsigned failed = 0;
    if (text && strcmp(text, "--matrix") == 0) {
        matrix_print(&table);
    } else {
        failed = play_all(&table, first_red ? NULL : text, first_red, zones);
    }
    table_clean_up(&table);
    hr_zones_destroy(zones);
    return failed > 0;
}
