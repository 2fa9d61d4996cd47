/* SPDX-License-Identifier: Apache-2.0 */
/* Checks how to connect: what the protocol sets stays the protocol's, secrets stay out of the file,
 * no topic serves two purposes, and times that depend on each other are in their order. */
#include "check.h"

#include "scalar.h"

/* ----------------------------------------------------- kafka.properties */

/* What exactly-once rests on, and what headroom takes from keys of its own (EXACTLY_ONCE). */
static const struct reserved {
    const char *name;
    const char *instead; /* the key to use; NULL: headroom sets it */
} reserved[] = {
    {"bootstrap.servers", "kafka.brokers"},
    {"metadata.broker.list", "kafka.brokers"},
    {"group.id", "kafka.group"},
    {"group.instance.id", "instance"},
    {"session.timeout.ms", "kafka.session"},
    {"transaction.timeout.ms", "kafka.transaction"},
    {"transactional.id", NULL},
    {"enable.idempotence", NULL},
    {"enable.gapless.guarantee", NULL},
    {"acks", NULL},
    {"request.required.acks", NULL},
    {"partitioner", NULL},
    {"retry.backoff.ms", NULL},
    {"isolation.level", NULL},
    {"enable.auto.commit", NULL},
    {"auto.commit.enable", NULL},
    {"auto.commit.interval.ms", NULL},
    {"enable.auto.offset.store", NULL},
    {"auto.offset.reset", NULL},
    {"enable.partition.eof", NULL},
    {"partition.assignment.strategy", NULL},
    {"fetch.wait.max.ms", NULL},
    {"socket.nagle.disable", NULL},
};

static bool holds_secret(struct hr_str name)
{
    static const char *const ends[] = {"password", "secret", "key.pem", "sasl.oauthbearer.config"};
    for (size_t i = 0; i < sizeof(ends) / sizeof *ends; i++) {
        size_t len = strlen(ends[i]);
        if (name.len >= len && memcmp(name.at + name.len - len, ends[i], len) == 0) {
            return true;
        }
    }
    return false;
}

static void check_property(struct hr_complainer *complainer,
    const struct hr_property_setting *property, const struct hr_path *path)
{
    for (size_t i = 0; i < sizeof(reserved) / sizeof *reserved; i++) {
        if (!hr_str_is(property->name, reserved[i].name)) {
            continue;
        }
        if (reserved[i].instead) {
            hr_complain(complainer, path, "is set by headroom; use %s", reserved[i].instead);
        } else {
            hr_complain(
                complainer, path, "is set by headroom, for counting exactly once depends on it");
        }
        return;
    }
    if (property->value.written.at && holds_secret(property->name) &&
        !property->value.from_environment) {
        hr_complain(complainer, path,
            "is a secret: write ${NAME} here and put the value into the environment");
    }
}

/* ------------------------------------------------------ URLs and places */

static bool is_port(struct hr_str text)
{
    int64_t port;
    return !hr_read_integer(text, &port) && port >= 0 && port <= 65535;
}

/* HOST:PORT or [ADDRESS]:PORT. */
static bool is_host_and_port(struct hr_str text)
{
    size_t host = text.len;
    while (host > 0 && text.at[host - 1] != ':') {
        host--;
    }
    bool bracketed = text.len > 0 && text.at[0] == '[';
    return host > 1 && is_port((struct hr_str){text.at + host, text.len - host}) &&
           (bracketed ? host > 3 && text.at[host - 2] == ']' : !memchr(text.at, ':', host - 1));
}

/* librdkafka knows more spellings of a broker than are worth repeating here. */
static void check_brokers(
    struct hr_complainer *complainer, struct hr_str brokers, const struct hr_path *path)
{
    bool empty = true;
    for (size_t i = 0; i <= brokers.len; i++) {
        if (i == brokers.len || brokers.at[i] == ',') {
            if (empty) {
                hr_complain(complainer, path, "must be host:port, several separated by commas");
                return;
            }
            empty = true;
        } else if (brokers.at[i] != ' ') {
            empty = false;
        }
    }
}

/* What stands between the password's colon and the host's @; at NULL when there is none. */
static struct hr_str password_of(struct hr_str url)
{
    size_t at = url.len, colon = strlen("redis://");
    while (at > 0 && url.at[at - 1] != '@') {
        at--;
    }
    while (colon < at && url.at[colon] != ':') {
        colon++;
    }
    if (at == 0 || colon >= at) {
        return (struct hr_str){NULL, 0};
    }
    return (struct hr_str){url.at + colon + 1, at - 1 - (colon + 1)};
}

/* HOST[:PORT][/DATABASE], behind the @. */
static bool is_redis_place(struct hr_str place)
{
    const char *slash = place.len ? memchr(place.at, '/', place.len) : NULL;
    if (slash) {
        struct hr_str database = {slash + 1, place.len - (size_t)(slash - place.at) - 1};
        int64_t number;
        if (database.len > 0 && (hr_read_integer(database, &number) || number < 0)) {
            return false;
        }
        place.len = (size_t)(slash - place.at);
    }
    return place.len > 0 && (!memchr(place.at, ':', place.len) || is_host_and_port(place));
}

static void check_redis(
    struct hr_complainer *complainer, const struct hr_connection *url, const struct hr_path *path)
{
    struct hr_str value = url->value, written = url->written;
    if (!hr_str_starts(value, "redis://")) {
        hr_complain(complainer, path, "must begin with redis://");
        return;
    }
    size_t at = value.len;
    while (at > strlen("redis://") && value.at[at - 1] != '@') {
        at--;
    }
    if (!is_redis_place((struct hr_str){value.at + at, value.len - at})) {
        hr_complain(complainer, path, "must be redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]");
    }
    struct hr_str password =
        hr_str_starts(written, "redis://") ? password_of(written) : (struct hr_str){NULL, 0};
    if (password.len > 0 && !hr_asks_environment(password)) {
        hr_complain(complainer, path,
            "holds a password: write ${NAME} in its place and put it into the environment");
    }
}

static void check_listen(
    struct hr_complainer *complainer, struct hr_connection *listen, const struct hr_path *path)
{
    if (hr_str_is(listen->value, "off")) {
        listen->value = HR_STR("");
    } else if (!is_host_and_port(listen->value)) {
        hr_complain(complainer, path, "must be address:port, or off");
    }
}

/* --------------------------------------------------------------- topics */

#define OWN_TOPICS 4

static void make_topic(
    struct hr_arena *arena, struct hr_str group, const char *what, struct hr_topic_setting *topic)
{
    if (!topic->topic.at && group.at) {
        topic->topic = hr_arena_printf(arena, "%.*s-%s", (int)group.len, group.at, what);
    }
}

/* At the one that stands in the file; the other may be a name made from the group's. */
static void complain_same(struct hr_complainer *complainer, const char *name, const char *other)
{
    struct hr_path top = {0};
    struct hr_path level = hr_path_key(&top, hr_str(name));
    bool given = hr_config_has(complainer, &level);
    struct hr_path given_level = hr_path_key(&top, hr_str(given ? name : other));
    struct hr_path place = hr_path_key(&given_level, HR_STR("topic"));
    hr_complain(complainer, &place, "is the same topic as that of %s", given ? other : name);
}

static void check_topics(
    struct hr_complainer *complainer, struct hr_arena *arena, struct hr_settings *settings)
{
    static const char *const names[OWN_TOPICS] = {
        "triggers", "dead_letters", "internal", "changelog"};
    struct hr_topic_setting *own[OWN_TOPICS] = {
        &settings->triggers, &settings->dead_letters, &settings->internal, &settings->changelog};
    struct hr_path top = {0};
    struct hr_path sources_at = hr_path_key(&top, HR_STR("sources"));
    make_topic(arena, settings->kafka.group, "internal", &settings->internal);
    make_topic(arena, settings->kafka.group, "changelog", &settings->changelog);
    for (size_t i = 0; i < OWN_TOPICS; i++) {
        for (size_t j = 0; j < i; j++) {
            if (own[i]->topic.at && own[j]->topic.at &&
                hr_str_equal(own[i]->topic, own[j]->topic)) {
                complain_same(complainer, names[i], names[j]);
            }
        }
        for (size_t j = 0; j < settings->sources_count; j++) {
            struct hr_path source_at = hr_path_index(&sources_at, j);
            struct hr_path topic_at = hr_path_key(&source_at, HR_STR("topic"));
            if (own[i]->topic.at && hr_str_equal(own[i]->topic, settings->sources[j].topic)) {
                hr_complain(complainer, &topic_at,
                    "is the same topic as that of %s: headroom would read what it wrote", names[i]);
            }
        }
    }
}

/* ---------------------------------------------------------------- times */

static void check_times(struct hr_complainer *complainer, const struct hr_settings *settings)
{
    struct hr_path top = {0};
    struct hr_path kafka_at = hr_path_key(&top, HR_STR("kafka"));
    struct hr_path transaction_at = hr_path_key(&kafka_at, HR_STR("transaction"));
    struct hr_path limits_at = hr_path_key(&top, HR_STR("limits"));
    struct hr_path batch_at = hr_path_key(&limits_at, HR_STR("batch_time"));
    int64_t session = settings->kafka.session_us, transaction = settings->kafka.transaction_us;
    if (session && transaction >= session) {
        hr_complain(complainer, &transaction_at,
            "must be less than kafka.session, or a process could lose its partitions while its "
            "transaction is still open");
    }
    if (transaction && settings->limits.batch_us > transaction / 2) {
        hr_complain(complainer, &batch_at, "must be at most half of kafka.transaction");
    }
}

void hr_check_connections(
    struct hr_complainer *complainer, struct hr_arena *arena, struct hr_settings *settings)
{
    struct hr_path top = {0};
    struct hr_path kafka_at = hr_path_key(&top, HR_STR("kafka"));
    struct hr_path brokers_at = hr_path_key(&kafka_at, HR_STR("brokers"));
    struct hr_path properties_at = hr_path_key(&kafka_at, HR_STR("properties"));
    struct hr_path redis_at = hr_path_key(&top, HR_STR("redis"));
    struct hr_path url_at = hr_path_key(&redis_at, HR_STR("url"));
    struct hr_path instance_at = hr_path_key(&top, HR_STR("instance"));
    struct hr_path http_at = hr_path_key(&top, HR_STR("http"));
    struct hr_path listen_at = hr_path_key(&http_at, HR_STR("listen"));

    if (settings->kafka.brokers.value.len > 0) {
        check_brokers(complainer, settings->kafka.brokers.value, &brokers_at);
    }
    for (size_t i = 0; i < settings->kafka.properties_count; i++) {
        struct hr_path place = hr_path_key(&properties_at, settings->kafka.properties[i].name);
        check_property(complainer, &settings->kafka.properties[i], &place);
    }
    if (settings->redis.url.value.len > 0) {
        check_redis(complainer, &settings->redis.url, &url_at);
    }
    const char *problem = hr_check_topic(settings->instance.value);
    if (settings->instance.value.len > 0 && problem) {
        hr_complain(complainer, &instance_at, "%s", problem);
    }
    if (settings->http.listen.value.len > 0) {
        check_listen(complainer, &settings->http.listen, &listen_at);
    }
    check_topics(complainer, arena, settings);
    check_times(complainer, settings);
}
