/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom check`: what a configuration says, in full. The canonical form on standard output is a
 * configuration itself, secrets as ${NAME}, and says the same when it is checked again. With
 * --connect, what `run` would find if it started now; with --test, whether its rules do what their
 * author expects. */
#include "check_tests.h"
#include "configuration.h"
#include "options.h"
#include "permissions.h"
#include "preflight.h"
#include "print.h"

#include <unistd.h>

struct check {
    const struct hr_command *command;
    const char *file;
    bool json, connect;
    int64_t accounts;
    const char *test;
    const char *const *tests; /* files */
    size_t test_count;
};

static void print_complaints_json(const struct hr_complaints *complaints)
{
    struct hr_buffer buffer = {0};
    struct hr_doc doc = {.buffer = &buffer};
    hr_doc_open(&doc, NULL, '{');
    hr_doc_flag(&doc, "valid", false);
    hr_doc_open(&doc, "complaints", '[');
    for (size_t i = 0; i < complaints->count; i++) {
        const struct hr_complaint *complaint = &complaints->at[i];
        hr_doc_open(&doc, NULL, '{');
        hr_doc_text(&doc, "file", hr_str(complaint->file));
        hr_doc_number(&doc, "line", complaint->line);
        hr_doc_text(&doc, "path", hr_str(complaint->path ? complaint->path : ""));
        hr_doc_text(&doc, "text", hr_str(complaint->text));
        hr_doc_close(&doc, '}');
    }
    hr_doc_close(&doc, ']');
    hr_doc_close(&doc, '}');
    hr_doc_print(&doc);
}

static void print_config_json(const struct hr_config *config)
{
    struct hr_buffer buffer = {0};
    struct hr_doc doc = {.buffer = &buffer};
    hr_doc_open(&doc, NULL, '{');
    hr_doc_flag(&doc, "valid", true);
    hr_doc_text(&doc, "fingerprint", hr_str(config->rules->fingerprint));
    hr_doc_text(&doc, "text", config->text);
    hr_doc_close(&doc, '}');
    hr_doc_print(&doc);
}

static int print_made(void (*make)(struct hr_buffer *buffer))
{
    struct hr_buffer buffer = {0};
    make(&buffer);
    hr_put_out(hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
    return HR_EXIT_DONE;
}

static const char *const kind_names[] = {
    [HR_FINE] = "ok", [HR_DOUBTFUL] = "doubtful", [HR_WRONG] = "wrong"};

static void print_findings_json(const struct hr_preflight *preflight)
{
    struct hr_buffer buffer = {0};
    for (size_t i = 0; i < preflight->finding_count; i++) {
        const struct hr_finding *finding = &preflight->findings[i];
        struct hr_doc doc = {.buffer = &buffer};
        hr_doc_open(&doc, NULL, '{');
        hr_doc_text(&doc, "state", hr_str(kind_names[finding->kind]));
        hr_doc_text(&doc, "what", finding->what);
        hr_doc_text(&doc, "text", finding->text);
        hr_doc_close(&doc, '}');
        hr_put_u8(&buffer, '\n');
    }
    hr_put_out(hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
}

static void print_findings(const struct hr_preflight *preflight)
{
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"STATE", "WHAT", "FOUND", NULL});
    for (size_t i = 0; i < preflight->finding_count; i++) {
        const struct hr_finding *finding = &preflight->findings[i];
        hr_grid_row(&grid,
            (struct hr_str[]){hr_str(kind_names[finding->kind]), finding->what, finding->text});
    }
    hr_grid_print(&grid, "", stdout);
    hr_grid_clean_up(&grid);
}

static int connect_to_all(const struct check *check, const struct hr_config *config)
{
    static const struct hr_log log = {HR_ERROR, STDERR_FILENO};
    struct hr_preflight preflight;
    struct hr_error error;
    int status = HR_EXIT_DONE;
    enum hr_fate fate = hr_preflight(config, (uint64_t)check->accounts, &log, &preflight, &error);
    if (check->json) {
        print_findings_json(&preflight);
    } else {
        print_findings(&preflight);
        printf("\n");
    }
    hr_print_permissions(config, check->json);
    if (fate != HR_OK || preflight.wrong > 0) {
        hr_say(check->command, "`headroom run` would %s",
            fate == HR_OK ? "not start" : "wait for what is away");
        status = HR_EXIT_FAILED;
    }
    hr_preflight_clean_up(&preflight);
    return status;
}

static int print_config(
    const struct check *check, const struct hr_config *config, const struct hr_zones *zones)
{
    if (check->test_count > 0) {
        return hr_check_tests(
            check->command, config, zones, check->tests, check->test_count, check->json);
    }
    if (check->connect) {
        return connect_to_all(check, config);
    }
    if (check->json) {
        print_config_json(config);
    } else {
        hr_put_out(config->text);
    }
    return HR_EXIT_DONE;
}

static int run_check(const struct check *check)
{
    struct hr_zones *zones;
    struct hr_config *config;
    struct hr_complaints complaints;
    int status = hr_load_zones(check->command, &zones);
    if (status != HR_EXIT_DONE) {
        return status;
    }
    status = hr_read_config(check->command, check->file, zones, &config, &complaints);
    if (status == HR_EXIT_DONE) {
        status = print_config(check, config, zones);
    } else if (check->json && complaints.count > 0) {
        print_complaints_json(&complaints);
    } else {
        hr_say_complaints(&complaints);
    }
    hr_complaints_clean_up(&complaints);
    hr_config_destroy(config);
    hr_zones_destroy(zones);
    return status;
}

int hr_command_check(const struct hr_command *command, int argc, char **argv)
{
    struct check check = {.command = command, .file = HR_DEFAULT_CONFIG, .accounts = 100000};
    bool schema = false, reference = false;
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(check.file),
        HR_OPTION_JSON(check.json),
        {.name = "connect",
            .help = "look at Kafka and Redis as `run` does before it starts",
            .flag = &check.connect},
        {.name = "accounts",
            .value = "N",
            .number = &check.accounts,
            .least = 1,
            .most = 1000000000,
            .help = "with --connect: how many to say the memory of"},
        {.name = "test",
            .value = "FILE",
            .text = &check.test,
            .help = "play the rule tests of FILE, and of FILEs after it, and compare"},
        {.name = "schema",
            .help = "print the JSON Schema of a configuration instead",
            .flag = &schema},
        {.name = "reference",
            .help = "print the reference of all keys as Markdown instead",
            .flag = &reference},
    };
    int operands, status;
    if (!hr_read_options(command, options, sizeof(options) / sizeof(options[0]), argc, argv,
            &operands, &status)) {
        return status;
    }
    if (operands > 0 && !check.test) {
        return hr_no_operands(command, argv[0]);
    }
    if (schema) {
        return print_made(hr_config_schema);
    }
    if (reference) {
        return print_made(hr_config_reference);
    }
    const char **files = hr_alloc(((size_t)operands + 1) * sizeof *files);
    files[0] = check.test;
    for (int i = 0; i < operands; i++) {
        files[i + 1] = argv[i];
    }
    check.tests = files;
    check.test_count = check.test ? (size_t)operands + 1 : 0;
    status = run_check(&check);
    hr_free(files);
    return status;
}
