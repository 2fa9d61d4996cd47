/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom run`: the processor. Signals become flags that the loop looks at; monitoring is
 * answered beside it; rules are read again on SIGHUP. */
#include "configuration.h"
#include "options.h"
#include "processor.h"

#include "headroom/http.h"

#include <unistd.h>

/* All that a signal handler may touch. */
static volatile sig_atomic_t stop_asked, reload_asked;

static void ask_stop(int number)
{
    (void)number;
    stop_asked = 1;
}

static void ask_reload(int number)
{
    (void)number;
    reload_asked = 1;
}

static void handle_signals(void)
{
    struct sigaction action = {.sa_handler = ask_stop};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = ask_reload;
    sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

/* A configuration that was read by SIGHUP: its rules may still be proposed, so it stays. */
struct loaded {
    struct loaded *before;
    struct hr_config *config;
};

struct runner {
    const struct hr_command *command;
    const char *file;
    struct hr_log log;
    struct hr_zones *zones;
    struct hr_config *config;
    struct loaded *reloads;
};

static bool same_sources(const struct hr_rules *a, const struct hr_rules *b)
{
    if (a->source_count != b->source_count) {
        return false;
    }
    for (uint16_t i = 0; i < a->source_count; i++) {
        if (!hr_str_equal(a->sources[i].topic, b->sources[i].topic)) {
            return false;
        }
    }
    return true;
}

/* Rules alone change while running. A new source would be in force without anybody reading it, so
 * it is refused; other settings wait for a restart. */
static const struct hr_rules *reloaded(void *context)
{
    struct runner *runner = context;
    struct hr_config *config;
    bool good =
        hr_load_config(runner->command, runner->file, runner->zones, &config) == HR_EXIT_DONE;
    if (good && !same_sources(runner->config->rules, config->rules)) {
        hr_log(&runner->log, HR_ERROR, "other topics under `sources` take a restart");
        hr_config_destroy(config);
        good = false;
    }
    if (!good) {
        hr_log(&runner->log, HR_ERROR, "the configuration was not reloaded, the old one holds");
        return NULL;
    }
    struct loaded *loaded = hr_alloc(sizeof(*loaded));
    *loaded = (struct loaded){runner->reloads, config};
    runner->reloads = loaded;
    hr_log(&runner->log, HR_INFO, "the configuration was reloaded: rules %.12s",
        config->rules->fingerprint);
    return config->rules;
}

static bool healthy(void *context, struct hr_buffer *why)
{
    return hr_pipeline_healthy(context, why);
}

static bool ready(void *context, struct hr_buffer *why)
{
    return hr_pipeline_ready(context, why);
}

static enum hr_fate serve(
    const struct hr_processor *processor, struct hr_http **http, struct hr_error *error)
{
    struct hr_str listen = processor->config->listen;
    *http = NULL;
    if (listen.len == 0 || hr_str_is(listen, "off")) {
        return HR_OK;
    }
    const struct hr_http_settings settings = {.listen = listen,
        .metrics = processor->metrics,
        .healthy = healthy,
        .ready = ready,
        .context = processor->pipeline,
        .log = processor->log};
    enum hr_fate fate = hr_http_start(&settings, http, error);
    if (fate == HR_OK) {
        hr_log(processor->log, HR_INFO, "/metrics, /healthz and /readyz on port %u",
            hr_http_port(*http));
    }
    return fate;
}

static enum hr_fate process(struct hr_processor *processor, struct hr_error *error)
{
    struct hr_http *http;
    enum hr_fate fate = hr_processor_open(processor, error);
    if (fate != HR_OK || !processor->pipeline) {
        return fate;
    }
    fate = serve(processor, &http, error);
    if (fate == HR_OK) {
        fate = hr_pipeline_run(processor->pipeline, error);
    }
    hr_http_stop(http);
    return fate;
}

static int run(struct runner *runner)
{
    struct hr_processor processor = {.config = runner->config,
        .zones = runner->zones,
        .log = &runner->log,
        .stop = &stop_asked,
        .reload = &reload_asked,
        .reloaded = reloaded,
        .context = runner};
    struct hr_error error = {0};
    handle_signals();
    hr_log(&runner->log, HR_INFO, "group %.*s, slot %.*s, rules %.12s",
        (int)runner->config->group.len, runner->config->group.at, (int)runner->config->instance.len,
        runner->config->instance.at, runner->config->rules->fingerprint);
    enum hr_fate fate = process(&processor, &error);
    hr_processor_close(&processor);
    if (fate == HR_OK) {
        hr_log(&runner->log, HR_INFO, "stopped");
    } else {
        hr_log(&runner->log, HR_ERROR, "%s", error.text);
    }
    return fate == HR_OK ? HR_EXIT_DONE : HR_EXIT_FAILED;
}

int hr_command_run(const struct hr_command *command, int argc, char **argv)
{
    struct runner runner = {
        .command = command, .file = HR_DEFAULT_CONFIG, .log = {HR_INFO, STDERR_FILENO}};
    bool verbose = false;
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(runner.file),
        {.name = "verbose", .flag = &verbose, .help = "say more of what is done"},
    };
    int status;
    if (!hr_read_only_options(
            command, options, sizeof(options) / sizeof(options[0]), argc, argv, &status)) {
        return status;
    }
    runner.log.least = verbose ? HR_DEBUG : HR_INFO;
    status = hr_load_zones(command, &runner.zones);
    if (status != HR_EXIT_DONE) {
        return status;
    }
    status = hr_load_config(command, runner.file, runner.zones, &runner.config);
    if (status == HR_EXIT_DONE) {
        status = run(&runner);
    }
    while (runner.reloads) {
        struct loaded *loaded = runner.reloads;
        runner.reloads = loaded->before;
        hr_config_destroy(loaded->config);
        hr_free(loaded);
    }
    hr_config_destroy(runner.config);
    hr_zones_destroy(runner.zones);
    return status;
}
