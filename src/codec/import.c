/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a file, one after the other: a table whose first row names the columns, or a JSON
 * object a line.
 *
 * An attribute may have any name, so a column that nobody knows is one, unless its name is near
 * that of a field: then it was probably meant, and the user says so or takes it as it is. An
 * account is told once: of two lines about one the order in the file would decide, which nobody
 * wants. */
#include "importer.h"

#include "headroom/hash.h"
#include "headroom/log.h"

/* Of a table, and members of an object: each is judged beside all others. */
#define COLUMNS_MOST 1024

/* A line that was seen: an account, or one of its subscriptions. */
struct seen {
    uint64_t line;
    size_t len;
    char key[];
};

struct hr_importer {
    struct hr_import_settings settings;
    struct hr_decoder *decoder;
    struct hr_document json;
    struct hr_csv csv;
    struct hr_arena arena; /* as long as the importer: columns, accounts seen */
    struct hr_str *columns;
    size_t column_count;
    bool begun, ended;
    struct hr_map accounts;
};

static struct hr_str seen_key(const void *value)
{
    const struct seen *seen = value;
    return (struct hr_str){seen->key, seen->len};
}

struct hr_importer *hr_importer_new(const struct hr_import_settings *settings)
{
    struct hr_importer *importer = hr_alloc(sizeof *importer);
    importer->settings = *settings;
    importer->decoder = hr_decoder_new(settings->zones);
    hr_document_init(&importer->json);
    hr_arena_init(&importer->arena);
    hr_map_init(&importer->accounts, seen_key, NULL);
    hr_csv_begin(&importer->csv, settings->text, settings->separator);
    return importer;
}

void hr_importer_destroy(struct hr_importer *importer)
{
    if (!importer) {
        return;
    }
    hr_decoder_destroy(importer->decoder);
    hr_document_clean_up(&importer->json);
    hr_map_clean_up(&importer->accounts);
    hr_arena_clean_up(&importer->arena);
    hr_free(importer);
}

uint64_t hr_importer_bytes(const struct hr_importer *importer)
{
    return (uint64_t)(importer->csv.at - importer->settings.text.at);
}

/* --- names ----------------------------------------------------------------------------------- */

static const char *show(const struct hr_import_line *line, struct hr_str text)
{
    return hr_escape(line->arena, text, HR_SHOWN);
}

static void check_name(
    const struct hr_importer *importer, struct hr_import_line *line, struct hr_str name)
{
    for (size_t i = 0; i < importer->settings.attribute_count; i++) {
        if (hr_str_equal(name, importer->settings.attributes[i])) {
            return;
        }
    }
    struct hr_str nearest = hr_import_nearest(name);
    if (!hr_import_knows(name) && nearest.at) {
        hr_import_fault(line, name,
            "is not a known field; did you mean %.*s? --attribute %s takes "
            "it as it is",
            (int)nearest.len, nearest.at, show(line, name));
    } else if (name.len == 0) {
        hr_import_fault(line, name, "a column has no name");
    }
}

/* --- lines ----------------------------------------------------------------------------------- */

static void begin_line(
    struct hr_import_line *line, struct hr_arena *arena, struct hr_import_row *row, size_t room)
{
    *line = (struct hr_import_line){.arena = arena, .row = row};
    line->values = hr_arena_take(arena, (room + 1) * sizeof *line->values);
    line->faults = hr_arena_take(arena, (2 * room + 4) * sizeof *line->faults);
}

static void add_value(struct hr_import_line *line, struct hr_str name, struct hr_str json)
{
    line->values[line->count++] = (struct hr_import_value){name, json};
}

static struct hr_str value_of(const struct hr_import_line *line, const char *name)
{
    for (size_t i = 0; i < line->count; i++) {
        if (hr_str_is(line->values[i].name, name) && line->values[i].json.at) {
            return line->values[i].json;
        }
    }
    return HR_STR("");
}

static void see_account(struct hr_importer *importer, struct hr_import_line *line)
{
    struct hr_str subscription = value_of(line, "subscription");
    struct hr_str key = hr_arena_join(line->arena, line->account, "\n", subscription);
    uint64_t hash = hr_hash64(key, 0);
    const struct seen *before = hr_map_find(&importer->accounts, hash, key);
    if (before) {
        hr_import_fault(line, HR_STR("account"), "line %llu tells of it already%s",
            (unsigned long long)before->line,
            subscription.len ? ""
                             : "; several subscriptions of one account need a column "
                               "subscription");
        return;
    }
    struct seen *seen = hr_arena_take(&importer->arena, sizeof *seen + key.len);
    seen->line = line->row->line;
    seen->len = key.len;
    memcpy(seen->key, key.at, key.len);
    (void)hr_map_put(&importer->accounts, hash, seen);
}

static void finish_line(struct hr_importer *importer, struct hr_import_line *line)
{
    if (!line->account.at || line->account.len == 0) {
        hr_import_fault(line, HR_STR("account"), "is missing");
        line->account = (struct hr_str){NULL, 0};
    } else {
        line->row->account = line->account;
        see_account(importer, line);
    }
    hr_import_judge(line, importer->decoder, importer->settings.time);
    if (line->row->fault_count) {
        line->row->event_count = 0;
    }
}

/* --- tables ---------------------------------------------------------------------------------- */

static void check_columns(struct hr_importer *importer, struct hr_import_line *line)
{
    bool account = false;
    for (size_t i = 0; i < importer->column_count; i++) {
        struct hr_str name = importer->columns[i];
        account |= hr_str_is(name, "account");
        check_name(importer, line, name);
        for (size_t j = 0; j < i; j++) {
            if (hr_str_equal(importer->columns[j], name)) {
                hr_import_fault(line, name, "is named twice");
                break;
            }
        }
    }
    if (!account) {
        bool semicolons = importer->column_count == 1 &&
                          memchr(importer->columns[0].at, ';', importer->columns[0].len);
        hr_import_fault(line, HR_STR("account"), "is missing in the header%s",
            semicolons ? "; --separator ';' reads cells that are separated so" : "");
    }
}

/* False: the header is of no use, and the row says why. */
static bool read_header(
    struct hr_importer *importer, struct hr_arena *arena, struct hr_import_row *row)
{
    struct hr_import_line line;
    struct hr_str *cells;
    const char *wrong = "there is no header";
    size_t count;
    enum hr_csv_read read =
        hr_csv_next(&importer->csv, &importer->arena, &cells, &count, &row->line, &wrong);
    begin_line(&line, arena, row, count <= COLUMNS_MOST ? count : 0);
    if (read != HR_CSV_ROW || count > COLUMNS_MOST) {
        hr_import_fault(
            &line, HR_STR(""), "%s", read == HR_CSV_ROW ? "has more than 1024 columns" : wrong);
    } else {
        importer->columns = cells;
        importer->column_count = count;
        check_columns(importer, &line);
    }
    return row->fault_count == 0;
}

static bool next_of_table(
    struct hr_importer *importer, struct hr_arena *arena, struct hr_import_row *row)
{
    struct hr_import_line line;
    struct hr_str *cells;
    const char *wrong;
    size_t count;
    enum hr_csv_read read = hr_csv_next(&importer->csv, arena, &cells, &count, &row->line, &wrong);
    if (read == HR_CSV_END) {
        return false;
    }
    begin_line(&line, arena, row, importer->column_count);
    if (read == HR_CSV_WRONG) {
        hr_import_fault(&line, HR_STR(""), "%s", wrong);
        return true;
    }
    if (count != importer->column_count) {
        hr_import_fault(
            &line, HR_STR(""), "has %zu cells, the header has %zu", count, importer->column_count);
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (!hr_utf8_valid(cells[i])) {
            hr_import_fault(&line, importer->columns[i], "is not UTF-8");
            return true;
        }
        if (hr_str_is(importer->columns[i], "account")) {
            line.account = cells[i];
        } else if (hr_str_is(importer->columns[i], "time")) {
            line.time = cells[i].len ? cells[i] : (struct hr_str){NULL, 0};
        } else {
            add_value(
                &line, importer->columns[i], hr_import_cell(importer->columns[i], cells[i], arena));
        }
    }
    finish_line(importer, &line);
    return true;
}

/* --- objects --------------------------------------------------------------------------------- */

/* The next line that is not blank. */
static bool next_text(struct hr_importer *importer, struct hr_import_row *row, struct hr_str *text)
{
    struct hr_csv *csv = &importer->csv;
    while (csv->at < csv->end) {
        const char *newline = memchr(csv->at, '\n', (size_t)(csv->end - csv->at));
        const char *end = newline ? newline : csv->end;
        *text = (struct hr_str){csv->at, (size_t)(end - csv->at)};
        row->line = csv->line++;
        csv->at = newline ? newline + 1 : csv->end;
        for (size_t i = 0; i < text->len; i++) {
            if (!memchr(" \t\r", text->at[i], 3)) {
                return true;
            }
        }
    }
    return false;
}

/* The account and the time are text; a number is taken as it is written. */
static bool take_text(struct hr_import_line *line, const struct hr_document *json, uint32_t key,
    const char *name, struct hr_str *text)
{
    uint32_t value = key + 1;
    if (!hr_document_key_is(json, key, hr_str(name))) {
        return false;
    }
    if (json->nodes[value].kind == HR_JSON_STRING || json->nodes[value].kind == HR_JSON_NUMBER) {
        *text = hr_document_text(json, value, line->arena);
    } else if (json->nodes[value].kind != HR_JSON_NULL) {
        hr_import_fault(line, hr_str(name), "must be a string, is %s",
            show(line, hr_document_raw(json, value)));
    }
    return true;
}

static void read_object(
    struct hr_importer *importer, struct hr_import_line *line, const struct hr_document *json)
{
    for (uint32_t key = 1; key < json->nodes[0].next; key = json->nodes[key + 1].next) {
        if (take_text(line, json, key, "account", &line->account) ||
            take_text(line, json, key, "time", &line->time)) {
            continue;
        }
        struct hr_str name = hr_document_text(json, key, line->arena);
        check_name(importer, line, name);
        add_value(line, name, hr_document_raw(json, key + 1));
    }
}

static size_t count_members(const struct hr_document *json)
{
    size_t count = 0;
    for (uint32_t key = 1; key < json->nodes[0].next; key = json->nodes[key + 1].next) {
        count++;
    }
    return count;
}

static bool next_of_objects(
    struct hr_importer *importer, struct hr_arena *arena, struct hr_import_row *row)
{
    struct hr_import_line line;
    struct hr_str text;
    if (!next_text(importer, row, &text)) {
        return false;
    }
    struct hr_document *json = &importer->json;
    bool parsed = hr_document_parse(json, text);
    bool object = parsed && json->nodes[0].kind == HR_JSON_OBJECT;
    size_t members = object ? count_members(json) : 0;
    begin_line(&line, arena, row, members <= COLUMNS_MOST ? members : 0);
    if (object && members <= COLUMNS_MOST) {
        read_object(importer, &line, json);
        finish_line(importer, &line);
    } else if (object) {
        hr_import_fault(&line, HR_STR(""), "has more than 1024 members");
    } else if (parsed) {
        hr_import_fault(&line, HR_STR(""), "must be a JSON object");
    } else {
        hr_import_fault(&line, HR_STR(""), "is no JSON: byte %zu: %s", json->wrong_at, json->wrong);
    }
    return true;
}

bool hr_importer_next(
    struct hr_importer *importer, struct hr_arena *arena, struct hr_import_row *row)
{
    *row = (struct hr_import_row){.line = 0};
    if (importer->ended) {
        return false;
    }
    if (!importer->settings.table) {
        return next_of_objects(importer, arena, row);
    }
    if (!importer->begun && !read_header(importer, arena, row)) {
        importer->ended = true;
        return true;
    }
    importer->begun = true;
    return next_of_table(importer, arena, row);
}
