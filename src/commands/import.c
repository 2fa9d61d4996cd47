/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom import`: accounts that exist in a CRM or billing system already. Every line is checked
 * before the first is sent: either the file is in order, or nothing of it arrives. What a line
 * means and which events it becomes is decided in src/codec/import.c; here are the file, Kafka and
 * the user.
 *
 * An event has its line's `time`, else --as-of, else the time at which the file was last changed:
 * what it says was true then, and what billing has said since is newer and holds. For the same
 * reason the same file may be sent at any time again. */
#include "configuration.h"
#include "options.h"
#include "preflight.h"
#include "print.h"
#include "progress.h"

#include "headroom/codec.h"
#include "headroom/import.h"
#include "headroom/kafka.h"
#include "headroom/log.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST_IMPORT (1u << 30)
#define FAULTS_SHOWN 100

struct import {
    const struct hr_command *command;
    const char *config_file, *topic, *separator, *kind, *file;
    struct hr_values attributes;
    struct hr_time as_of;
    bool dry_run, json;
    /* Made from these: */
    const struct hr_config *config;
    struct hr_str to;
    struct hr_str names[HR_OPTION_VALUES];
    struct hr_import_settings settings;
    struct hr_kafka_sender *sender;
    struct hr_error error; /* of sending */
    bool failed;
    uint64_t accounts, events, faults;
    struct hr_buffer told; /* with --json: the faults */
    struct hr_doc doc;
};

/* --- what the options mean ----------------------------------------------------------------------
 */

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* CSV or NDJSON, by --format, else by the file's name. HR_EXIT_DONE, or it has been said. */
static int find_kind(struct import *import)
{
    const char *kind = import->kind ? import->kind : import->file;
    bool csv = ends_with(kind, "csv"), tsv = ends_with(kind, "tsv");
    import->settings.table = csv || tsv;
    import->settings.separator = tsv ? '\t' : ',';
    if (!csv && !tsv && !ends_with(kind, "ndjson") && !ends_with(kind, "jsonl")) {
        return hr_misuse(import->command, "is it csv or ndjson? --format says so");
    }
    if (import->separator && strlen(import->separator) != 1) {
        return hr_misuse(import->command, "--separator takes one character");
    }
    if (import->separator) {
        import->settings.separator = import->separator[0];
    }
    return HR_EXIT_DONE;
}

static bool is_native(const struct hr_source *source)
{
    return hr_str_is(source->format->name, "cloudevents");
}

/* The topic that is named, which must be a source of CloudEvents, or the only such source. */
static int find_topic(struct import *import)
{
    const struct hr_rules *rules = import->config->rules;
    size_t natives = 0;
    for (uint16_t i = 0; i < rules->source_count; i++) {
        const struct hr_source *source = &rules->sources[i];
        bool named = import->topic && hr_str_is(source->topic, import->topic);
        if (named && !is_native(source)) {
            return hr_misuse(import->command, "the topic %s is read as %.*s, not as cloudevents",
                import->topic, (int)source->format->name.len, source->format->name.at);
        }
        natives += is_native(source);
        if (is_native(source) && (named || !import->topic)) {
            import->to = source->topic;
        }
    }
    if (import->topic && !import->to.at) {
        return hr_misuse(import->command, "the topic %s is not among the sources", import->topic);
    }
    if (!natives) {
        return hr_misuse(import->command, "no source has the format cloudevents");
    }
    if (!import->topic && natives > 1) {
        return hr_misuse(
            import->command, "several sources have the format cloudevents: --topic says which");
    }
    return HR_EXIT_DONE;
}

static int find_time(struct import *import)
{
    struct stat status;
    import->settings.time = import->as_of;
    if (hr_time_is(import->as_of, HR_TIME_NONE) && strcmp(import->file, "-") != 0 &&
        stat(import->file, &status) == 0) {
        import->settings.time =
            (struct hr_time){status.st_mtim.tv_sec * HR_SECOND + status.st_mtim.tv_nsec / 1000};
    }
    if (!hr_time_is(import->settings.time, HR_TIME_NONE) &&
        import->settings.time.us > hr_clock_now().us + import->config->rules->skew_us) {
        return hr_misuse(import->command, "%s lies in the future",
            hr_time_is(import->as_of, HR_TIME_NONE) ? "the time at which the file was changed"
                                                    : "--as-of");
    }
    return HR_EXIT_DONE;
}

/* --- checking -----------------------------------------------------------------------------------
 */

static void tell_fault(
    struct import *import, const struct hr_import_row *row, const struct hr_import_fault *fault)
{
    struct hr_arena arena;
    if (import->faults++ >= FAULTS_SHOWN) {
        return;
    }
    hr_arena_init(&arena);
    fprintf(stderr, "%s:%" PRIu64 ": %s%s%.*s\n", import->file, row->line,
        hr_escape(&arena, fault->column, 100), fault->column.len ? ": " : "", (int)fault->text.len,
        fault->text.at); /* which is escaped */
    if (import->json) {
        hr_doc_open(&import->doc, NULL, '{');
        hr_doc_number(&import->doc, "line", (int64_t)row->line);
        hr_doc_text(&import->doc, "column", fault->column);
        hr_doc_text(&import->doc, "text", fault->text);
        hr_doc_close(&import->doc, '}');
    }
    hr_arena_clean_up(&arena);
}

/* Calls `each` for every line of the file; it returns false to stop. */
static void each_row(struct import *import, const char *things,
    bool (*each)(struct import *import, const struct hr_import_row *row))
{
    struct hr_importer *importer = hr_importer_new(&import->settings);
    struct hr_import_row row;
    struct hr_progress progress;
    struct hr_arena arena;
    hr_arena_init(&arena);
    hr_progress_begin(&progress, things, true);
    for (uint64_t count = 1; hr_importer_next(importer, &arena, &row); count++) {
        if (!each(import, &row)) {
            break;
        }
        hr_arena_reset(&arena);
        hr_progress_show(&progress, hr_importer_bytes(importer), import->settings.text.len, count);
    }
    hr_progress_end(&progress);
    hr_arena_clean_up(&arena);
    hr_importer_destroy(importer);
}

static bool check_row(struct import *import, const struct hr_import_row *row)
{
    for (size_t i = 0; i < row->fault_count; i++) {
        tell_fault(import, row, &row->faults[i]);
    }
    import->accounts += row->event_count > 0;
    import->events += row->event_count;
    return true;
}

/* HR_EXIT_DONE: nothing is wrong. */
static int check(struct import *import)
{
    import->doc.buffer = &import->told;
    hr_doc_open(&import->doc, NULL, '{');
    hr_doc_open(&import->doc, "faults", '[');
    each_row(import, "lines checked", check_row);
    hr_doc_close(&import->doc, ']');
    hr_doc_number(&import->doc, "count", (int64_t)import->faults);
    hr_doc_close(&import->doc, '}');
    if (import->faults > FAULTS_SHOWN) {
        fprintf(stderr, "… and %" PRIu64 " more\n", import->faults - FAULTS_SHOWN);
    }
    if (import->faults) {
        hr_say(import->command, "nothing was sent: %" PRIu64 " %s to mend", import->faults,
            import->faults == 1 ? "fault" : "faults");
        if (import->json) {
            hr_put_u8(&import->told, '\n');
            hr_put_out(hr_buffer_str(&import->told));
        }
        return HR_EXIT_MISUSE;
    }
    if (!import->events) {
        return hr_misuse(import->command, "%s holds no accounts", import->file);
    }
    return HR_EXIT_DONE;
}

/* --- sending ------------------------------------------------------------------------------------
 */

static bool send_row(struct import *import, const struct hr_import_row *row)
{
    static const struct hr_header headers[] = {
        {{"content-type", 12}, {"application/cloudevents+json", 28}}};
    for (size_t i = 0; i < row->event_count; i++) {
        const struct hr_log_record record = {.topic = import->to,
            .partition = -1,
            .timestamp = HR_TIME_NONE,
            .key = row->account,
            .value = row->events[i],
            .headers = headers,
            .header_count = 1};
        if (hr_kafka_send(import->sender, &record, &import->error) != HR_OK) {
            import->failed = true;
            return false;
        }
    }
    return true;
}

/* A producer could make a topic that nobody sized. */
static enum hr_fate find_partitions(struct import *import, const struct hr_kafka_settings *settings)
{
    struct hr_kafka_admin *admin;
    int32_t partitions = 0;
    enum hr_fate fate = hr_kafka_admin_open(settings, &admin, &import->error);
    if (fate != HR_OK) {
        return fate;
    }
    fate = hr_kafka_topic_partitions(admin, import->to, &partitions, &import->error);
    hr_kafka_admin_close(admin);
    if (fate == HR_OK && partitions == 0) {
        return hr_fail(
            &import->error, HR_STOP, "there is no topic %.*s", (int)import->to.len, import->to.at);
    }
    return fate;
}

static int send_all(struct import *import)
{
    static const struct hr_log log = {HR_WARN, STDERR_FILENO};
    const struct hr_kafka_settings settings = hr_kafka_settings_of(import->config, &log);
    if (find_partitions(import, &settings) != HR_OK ||
        hr_kafka_sender_open(&settings, &import->sender, &import->error) != HR_OK) {
        hr_say(import->command, "%s", import->error.text);
        return HR_EXIT_FAILED;
    }
    each_row(import, "lines sent", send_row);
    if (!import->failed) {
        import->failed = hr_kafka_sender_flush(import->sender, &import->error) != HR_OK;
    }
    hr_kafka_sender_close(import->sender);
    if (import->failed) {
        hr_say(import->command, "%s; import it again, what has arrived is not taken twice",
            import->error.text);
        return HR_EXIT_FAILED;
    }
    return HR_EXIT_DONE;
}

static void tell_result(const struct import *import)
{
    if (!import->json) {
        printf("%" PRIu64 " accounts, %" PRIu64 " events %s %.*s\n", import->accounts,
            import->events, import->dry_run ? "would go to" : "sent to", (int)import->to.len,
            import->to.at);
        return;
    }
    struct hr_buffer buffer = {0};
    struct hr_doc doc = {.buffer = &buffer};
    hr_doc_open(&doc, NULL, '{');
    hr_doc_number(&doc, "accounts", (int64_t)import->accounts);
    hr_doc_number(&doc, "events", (int64_t)import->events);
    hr_doc_text(&doc, "topic", import->to);
    hr_doc_time(&doc, "time", import->settings.time);
    hr_doc_flag(&doc, "dry_run", import->dry_run);
    hr_doc_close(&doc, '}');
    hr_doc_print(&doc);
}

/* --- the command --------------------------------------------------------------------------------
 */

static int import_file(void *context, const struct hr_config *config, const struct hr_zones *zones)
{
    struct import *import = context;
    struct hr_buffer text = {0};
    struct hr_error error;
    import->config = config;
    int status = find_topic(import);
    if (status == HR_EXIT_DONE) {
        status = find_time(import);
    }
    if (status != HR_EXIT_DONE) {
        return status;
    }
    if (hr_read_file(import->file, LARGEST_IMPORT, &text, &error) != HR_OK) {
        hr_say(import->command, "%s", error.text);
        return HR_EXIT_MISUSE;
    }
    for (size_t i = 0; i < import->attributes.count; i++) {
        import->names[i] = hr_str(import->attributes.at[i]);
    }
    import->settings.text = hr_buffer_str(&text);
    import->settings.attributes = import->names;
    import->settings.attribute_count = import->attributes.count;
    import->settings.zones = zones;
    status = check(import);
    if (status == HR_EXIT_DONE && !import->dry_run) {
        status = send_all(import);
    }
    if (status == HR_EXIT_DONE) {
        tell_result(import);
    }
    hr_buffer_clean_up(&import->told);
    hr_buffer_clean_up(&text);
    return status;
}

int hr_command_import(const struct hr_command *command, int argc, char **argv)
{
    struct import import = {
        .command = command, .config_file = HR_DEFAULT_CONFIG, .as_of = HR_TIME_NONE};
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(import.config_file),
        {.name = "topic",
            .value = "TOPIC",
            .text = &import.topic,
            .help = "the source to which it is sent (default: the only one of cloudevents)"},
        {.name = "as-of",
            .value = "TIME",
            .time = &import.as_of,
            .help = "when what the file says was true, for lines without a time (default: when the "
                    "file was last changed; standard input: now)"},
        {.name = "format",
            .value = "csv|tsv|ndjson",
            .text = &import.kind,
            .help = "how the file is written (default: as its name ends)"},
        {.name = "separator",
            .value = "CHARACTER",
            .text = &import.separator,
            .help = "between the cells of a table (default ,)"},
        {.name = "attribute",
            .value = "NAME",
            .values = &import.attributes,
            .most = HR_OPTION_VALUES,
            .help = "take this column as an attribute though its name is near a field's"},
        {.name = "dry-run", .flag = &import.dry_run, .help = "check everything, send nothing"},
        HR_OPTION_JSON(import.json),
    };
    int operands, status;
    if (!hr_read_options(
            command, options, sizeof options / sizeof *options, argc, argv, &operands, &status)) {
        return status;
    }
    if (operands != 1) {
        return hr_misuse(command, operands ? "one file at a time" : "which file?");
    }
    import.file = argv[0];
    status = find_kind(&import);
    return status ? status : hr_with_config(command, import.config_file, import_file, &import);
}
