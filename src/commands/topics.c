/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom topics create`: the topics that headroom needs beside those of its sources, with the
 * settings that the protocol asks for. What exists is left as it is: the home count is fixed by the
 * first run, and a topic in use is never changed by surprise. */
#include "configuration.h"
#include "options.h"
#include "preflight.h"
#include "print.h"

#include <inttypes.h>
#include <time.h>

#define MOST_SETTINGS 5
#define KNOWN_WITHIN (10 * HR_SECOND)

struct plan {
    struct hr_topic_want want;
    struct hr_header settings[MOST_SETTINGS];
    int32_t exists; /* its partitions; 0: it is to be made */
    const char *outcome;
};

struct creation {
    const struct hr_command *command;
    const char *config_file;
    int64_t partitions, replication; /* 0: as the sources, as the broker */
    bool dry_run, json;
    const struct hr_config *config;
    struct hr_kafka_admin *admin;
    struct hr_arena arena;
    struct plan plans[4];
    const char *why; /* the home count was chosen */
};

enum { CHANGELOG, INTERNAL, TRIGGERS, DEAD_LETTERS, PLANS };

static void add_setting(struct plan *plan, const char *name, struct hr_str value)
{
    plan->settings[plan->want.config_count++] = (struct hr_header){hr_str(name), value};
    plan->want.config = plan->settings;
}

static struct hr_str number(struct creation *creation, int64_t value)
{
    return hr_arena_printf(&creation->arena, "%" PRId64, value);
}

/* The home count: that of a changelog or internal topic that exists, else as asked, else the
 * sources' partition count, the smallest where they differ. */
static enum hr_fate choose_homes(struct creation *creation, int32_t *homes, struct hr_error *error)
{
    const struct hr_rules *rules = creation->config->rules;
    for (int i = CHANGELOG; i <= INTERNAL; i++) {
        if (creation->plans[i].exists > 0) {
            *homes = creation->plans[i].exists;
            creation->why = "as the topic that exists";
            return HR_OK;
        }
    }
    if (creation->partitions > 0) {
        *homes = (int32_t)creation->partitions;
        creation->why = "as asked";
        return HR_OK;
    }
    int32_t least = 0, most = 0;
    for (uint16_t i = 0; i < rules->source_count; i++) {
        int32_t partitions = 0;
        enum hr_fate fate =
            hr_kafka_topic_partitions(creation->admin, rules->sources[i].topic, &partitions, error);
        if (fate != HR_OK) {
            return fate;
        }
        if (partitions > 0) {
            least = least == 0 || partitions < least ? partitions : least;
            most = partitions > most ? partitions : most;
        }
    }
    *homes = least;
    creation->why = least == most ? "as the sources" : "as the source with the fewest";
    return least > 0 ? HR_OK
                     : hr_fail(error, HR_STOP,
                           "none of the sources' topics exists; make them first, or say how many "
                           "homes with --partitions");
}

static enum hr_fate look_at_existing(struct creation *creation, struct hr_error *error)
{
    const struct hr_config *config = creation->config;
    const struct hr_str names[PLANS] = {config->changelog_topic, config->internal_topic,
        config->trigger_topic, config->dead_letter_topic};
    for (int i = 0; i < PLANS; i++) {
        struct plan *plan = &creation->plans[i];
        plan->want.name = names[i];
        enum hr_fate fate =
            hr_kafka_topic_partitions(creation->admin, names[i], &plan->exists, error);
        if (fate != HR_OK) {
            return fate;
        }
    }
    int32_t changelog = creation->plans[CHANGELOG].exists;
    int32_t internal = creation->plans[INTERNAL].exists;
    if (changelog > 0 && internal > 0 && changelog != internal) {
        return hr_fail(error, HR_STOP,
            "the changelog has %d partitions and the internal topic %d; both have the home count",
            changelog, internal);
    }
    int32_t fixed = changelog > 0 ? changelog : internal;
    if (creation->partitions > 0 && fixed > 0 && fixed != creation->partitions) {
        return hr_fail(error, HR_STOP,
            "the home count is %d already and stays so: accounts would change their homes", fixed);
    }
    return HR_OK;
}

static enum hr_fate make_plans(struct creation *creation, struct hr_error *error)
{
    int32_t homes;
    struct hr_source_settings sources;
    enum hr_fate fate = look_at_existing(creation, error);
    if (fate == HR_OK) {
        fate = choose_homes(creation, &homes, error);
    }
    if (fate == HR_OK) {
        fate = hr_source_settings(creation->admin, creation->config->rules, &sources, error);
    }
    if (fate != HR_OK) {
        return fate;
    }
    for (int i = 0; i < PLANS; i++) {
        creation->plans[i].want.partitions = homes;
        creation->plans[i].want.replication =
            creation->replication > 0 ? (int16_t)creation->replication : -1;
    }
    struct hr_str largest = number(creation, sources.largest_record + HR_FORWARD_OVERHEAD_BYTES);
    struct plan *changelog = &creation->plans[CHANGELOG];
    add_setting(changelog, "cleanup.policy", HR_STR("compact"));
    add_setting(changelog, "max.message.bytes", HR_STR(HR_CHANGELOG_RECORD_BYTES));
    add_setting(changelog, "segment.bytes", HR_STR(HR_CHANGELOG_SEGMENT_BYTES));
    add_setting(changelog, "delete.retention.ms", HR_STR(HR_CHANGELOG_DELETE_RETENTION_MS));
    add_setting(changelog, "min.insync.replicas", number(creation, sources.in_sync_replicas));
    struct plan *internal = &creation->plans[INTERNAL];
    add_setting(internal, "retention.ms", HR_STR("-1"));
    add_setting(internal, "message.timestamp.type", HR_STR("LogAppendTime"));
    add_setting(internal, "max.message.bytes", largest);
    add_setting(internal, "min.insync.replicas", number(creation, sources.in_sync_replicas));
    add_setting(&creation->plans[DEAD_LETTERS], "max.message.bytes", largest);
    return HR_OK;
}

/* A topic that was made is not known to every broker at once; who starts `run` next must find it.
 */
static void wait_until_known(struct creation *creation, struct hr_str topic)
{
    int64_t give_up = hr_clock_monotonic_us() + KNOWN_WITHIN;
    struct hr_error ignored;
    int32_t partitions = 0;
    while (hr_kafka_topic_partitions(creation->admin, topic, &partitions, &ignored) == HR_OK &&
           partitions == 0 && hr_clock_monotonic_us() < give_up) {
        const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
        nanosleep(&pause, NULL);
    }
}

/* Goes on after one that cannot be made: the others are needed all the same. */
static int create_topics(struct creation *creation)
{
    int status = HR_EXIT_DONE;
    for (int i = 0; i < PLANS; i++) {
        struct plan *plan = &creation->plans[i];
        struct hr_error error;
        if (plan->exists > 0) {
            plan->outcome = "exists";
            continue;
        }
        if (creation->dry_run) {
            plan->outcome = "would be made";
            continue;
        }
        switch (hr_kafka_create_topic(creation->admin, &plan->want, &error)) {
        case HR_OK:
            plan->outcome = "made";
            break;
        case HR_REJECT:
            plan->outcome = "exists";
            break;
        default:
            plan->outcome = "failed";
            hr_say(creation->command, "%s", error.text);
            status = HR_EXIT_FAILED;
        }
    }
    for (int i = 0; i < PLANS; i++) {
        if (strcmp(creation->plans[i].outcome, "made") == 0) {
            wait_until_known(creation, creation->plans[i].want.name);
        }
    }
    return status;
}

static struct hr_str settings_text(struct creation *creation, const struct plan *plan)
{
    struct hr_str text = HR_STR("");
    for (size_t i = 0; plan->exists == 0 && i < plan->want.config_count; i++) {
        text = hr_arena_printf(&creation->arena, "%.*s%s%.*s=%.*s", (int)text.len, text.at,
            i ? " " : "", (int)plan->settings[i].name.len, plan->settings[i].name.at,
            (int)plan->settings[i].value.len, plan->settings[i].value.at);
    }
    return text;
}

static int32_t partitions_of(const struct plan *plan)
{
    return plan->exists > 0 ? plan->exists : plan->want.partitions;
}

static void print_plans_json(const struct creation *creation)
{
    struct hr_buffer buffer = {0};
    for (int i = 0; i < PLANS; i++) {
        const struct plan *plan = &creation->plans[i];
        struct hr_doc doc = {.buffer = &buffer};
        hr_doc_open(&doc, NULL, '{');
        hr_doc_text(&doc, "topic", plan->want.name);
        hr_doc_text(&doc, "outcome", hr_str(plan->outcome));
        hr_doc_number(&doc, "partitions", partitions_of(plan));
        if (plan->exists == 0) {
            hr_doc_open(&doc, "settings", '{');
            for (size_t n = 0; n < plan->want.config_count; n++) {
                hr_doc_text(&doc, plan->settings[n].name.at, plan->settings[n].value);
            }
            hr_doc_close(&doc, '}');
        }
        hr_doc_close(&doc, '}');
        hr_put_u8(&buffer, '\n');
    }
    hr_put_out(hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
}

static void print_plans(struct creation *creation)
{
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"TOPIC", "OUTCOME", ">PARTITIONS", "SETTINGS", NULL});
    for (int i = 0; i < PLANS; i++) {
        const struct plan *plan = &creation->plans[i];
        hr_grid_row(
            &grid, (struct hr_str[]){plan->want.name, hr_str(plan->outcome),
                       number(creation, partitions_of(plan)), settings_text(creation, plan)});
    }
    hr_grid_print(&grid, "", stdout);
    hr_grid_clean_up(&grid);
}

static int create_with(struct creation *creation)
{
    struct hr_error error;
    const struct hr_log log = {HR_WARN, 2};
    const struct hr_kafka_settings settings = hr_kafka_settings_of(creation->config, &log);
    if (hr_kafka_admin_open(&settings, &creation->admin, &error) != HR_OK) {
        hr_say(creation->command, "%s", error.text);
        return HR_EXIT_FAILED;
    }
    int status = HR_EXIT_FAILED;
    if (make_plans(creation, &error) != HR_OK) {
        hr_say(creation->command, "%s", error.text);
    } else {
        hr_say(creation->command, "%d homes, %s", creation->plans[CHANGELOG].want.partitions,
            creation->why);
        status = create_topics(creation);
        if (creation->json) {
            print_plans_json(creation);
        } else {
            print_plans(creation);
        }
    }
    hr_kafka_admin_close(creation->admin);
    return status;
}

static int create(void *context, const struct hr_config *config, const struct hr_zones *zones)
{
    (void)zones;
    struct creation *creation = context;
    creation->config = config;
    hr_arena_init(&creation->arena);
    int status = create_with(creation);
    hr_arena_clean_up(&creation->arena);
    return status;
}

static int command_create(const struct hr_command *command, int argc, char **argv)
{
    struct creation creation = {.command = command, .config_file = HR_DEFAULT_CONFIG};
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(creation.config_file),
        {.name = "partitions",
            .value = "N",
            .number = &creation.partitions,
            .least = 1,
            .most = 10000,
            .help = "how many homes (default: as the sources); fixed for good"},
        {.name = "replication",
            .value = "N",
            .number = &creation.replication,
            .least = 1,
            .most = 100,
            .help = "copies of each partition (default: the broker's)"},
        {.name = "dry-run", .flag = &creation.dry_run, .help = "say what would be made"},
        HR_OPTION_JSON(creation.json),
    };
    int status;
    if (!hr_read_only_options(
            command, options, sizeof(options) / sizeof(options[0]), argc, argv, &status)) {
        return status;
    }
    return hr_with_config(command, creation.config_file, create, &creation);
}

static const struct hr_command commands[] = {
    {"topics create", "", "Makes the topics that headroom itself needs",
        "headroom topics create --config headroom.yaml --dry-run", command_create},
};

int hr_command_topics(const struct hr_command *command, int argc, char **argv)
{
    return hr_dispatch_below(command, commands, sizeof(commands) / sizeof(commands[0]), argc, argv);
}
