/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char configuration[] =
    "sources: [{ topic: usage }]\n"
    "time: { lateness: 2d, skew: 5m, zone: Europe/Berlin }\n"
    "dedup: { memory: 64KiB }\n"
    "money: { currency: USD, rates: { EUR: 1.08, JPY: 0.0067 } }\n"
    "meters:\n"
    "  calls:  { event: call, aggregate: sum, value: /n, limit: calls, windows: [24h, 7m, day] }\n"
    "  good:   { event: call, aggregate: count, where: [\"/status < 500\", \"/plan != free\"] }\n"
    "  least:  { event: call, aggregate: min, value: /n, windows: [week] }\n"
    "  most:   { event: call, aggregate: max, value: /n, windows: [month] }\n"
    "  mean:   { event: call, aggregate: avg, value: /n, windows: [7d] }\n"
    "  stored: { event: stored, aggregate: latest, value: /gb, limit: storage }\n"
    "  people: { event: seen, aggregate: unique, value: /who, limit: seats, windows: [14d] }\n"
    "  parts:  { event: call, aggregate: sum, value: /n, by: /plan, groups: 2, windows: [24h] }\n"
    "plans:\n"
    "  small: { limits: { calls: 100, storage: 20, seats: 4 } }\n"
    "  large: { limits: { calls: unlimited, storage: 200, seats: 25 } }\n"
    "rules:\n"
    "  calls:   { watch: meter.calls.used, levels: [50%, 80%, 100%], rearm: 5% }\n"
    "  busy:    { watch: meter.calls.24h, levels: [10, 20], jump: each, cooldown: 1h }\n"
    "  quiet:   { watch: meter.good.24h, below: [0], for: 1d, category: risk }\n"
    "  low:     { watch: meter.least.week, below: [2, 1] }\n"
    "  high:    { watch: meter.most.month, levels: [50], when: [\"account.mrr > 100 EUR\"] }\n"
    "  mean:    { watch: meter.mean.7d, levels: [5, 10], mode: shadow }\n"
    "  full:    { watch: meter.stored.used, levels: [80%], for: 2h, "
    "when: [{ any: [\"account.segment = big\", \"tenure.days >= 3\"] }] }\n"
    "  left:    { watch: meter.stored.remaining, below: [5] }\n"
    "  seats:   { watch: meter.people.used, levels: [50%, 100%] }\n"
    "  fewer:   { watch: meter.people.14d, below: [1], category: risk }\n"
    "  renewal: { watch: renewal.days_left, below: [60d, 30d, 7d], category: renewal }\n"
    "  trouble: { watch: invoice.unpaid, levels: [1, 2], category: risk }\n"
    "  money:   { watch: account.arr, levels: [25k, 100k] }\n"
    "  health:  { watch: account.score, below: [50, 20], rearm: 5 }\n"
    "  pro:     { watch: \"meter.parts[pro].24h\", levels: [10] }\n"
    "  trial:   { watch: trial.f, levels: [1] }\n"
    "  asked:   { watch: interest.f, levels: [2] }\n"
    "  deal:    { watch: deal.size, levels: [1000 USD] }\n"
    "  absent:  { watch: executive.days_since, levels: [30d], category: risk }\n"
    "  happy:   { watch: account.nps, levels: [9], when: [\"milestone.first = 1\"] }\n"
    "  elapsed: { watch: period.elapsed, levels: [50%] }\n";

void demand(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "this does not hold: %s\n", what);
        abort();
    }
}

const struct hr_zones *world_zones(void)
{
    static struct hr_zones *zones;
    struct hr_error error;
    if (!zones) {
        demand(hr_zones_load("/usr/share/zoneinfo", &zones, &error) == HR_OK, "zones load");
    }
    return zones;
}

const struct hr_config *world_config(void)
{
    static struct hr_config *config;
    if (!config) {
        const struct hr_config_source source = {
            .file = "world", .text = hr_str(configuration), .zones = world_zones()};
        struct hr_complaints complaints;
        enum hr_fate fate = hr_config_parse(&source, &config, &complaints);
        for (size_t i = 0; i < complaints.count; i++) {
            fprintf(stderr, "%u: %s %s\n", complaints.at[i].line, complaints.at[i].path,
                complaints.at[i].text);
        }
        demand(fate == HR_OK, "the fuzzers' own rules are rules");
        hr_complaints_clean_up(&complaints);
    }
    return config;
}

struct hr_str first_line(const uint8_t *bytes, size_t len, struct hr_str *rest)
{
    const char *text = (const char *)bytes;
    const char *end = len ? memchr(text, '\n', len) : NULL;
    size_t line = end ? (size_t)(end - text) : len;
    *rest = (struct hr_str){text + line + (end != NULL), len - line - (end != NULL)};
    return (struct hr_str){text, line};
}

size_t header_lines(struct hr_str *text, struct hr_header *headers, size_t most)
{
    size_t count = 0;
    while (count < most && text->len > 0) {
        struct hr_str line = first_line((const uint8_t *)text->at, text->len, text);
        if (line.len == 0) {
            break;
        }
        const char *colon = memchr(line.at, ':', line.len);
        size_t name = colon ? (size_t)(colon - line.at) : line.len;
        headers[count].name = (struct hr_str){line.at, name};
        headers[count++].value = hr_str_from(line, name + (colon != NULL));
    }
    return count;
}
