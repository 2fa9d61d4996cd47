/* SPDX-License-Identifier: Apache-2.0 */
/* The ACLs that headroom needs, for whoever grants them: by Kafka's names, and no more than is
 * used. They are the same whether the cluster checks them or not. */
#include "permissions.h"

#include "print.h"

#include <stdio.h>

struct printer {
    bool json;
    struct hr_grid grid;
    struct hr_buffer buffer;
};

static void put(
    struct printer *printer, const char *resource, struct hr_str name, const char *operations)
{
    if (!printer->json) {
        hr_grid_row(&printer->grid, (struct hr_str[]){hr_str(resource), name, hr_str(operations)});
        return;
    }
    struct hr_doc doc = {.buffer = &printer->buffer};
    hr_doc_open(&doc, NULL, '{');
    hr_doc_text(&doc, "resource", hr_str(resource));
    hr_doc_text(&doc, "name", name);
    hr_doc_text(&doc, "operations", hr_str(operations));
    hr_doc_close(&doc, '}');
    hr_put_u8(&printer->buffer, '\n');
}

static void put_all(struct printer *printer, const struct hr_config *config)
{
    struct hr_arena arena;
    hr_arena_init(&arena);
    for (uint16_t i = 0; i < config->rules->source_count; i++) {
        put(printer, "topic", config->rules->sources[i].topic, "Read DescribeConfigs");
    }
    put(printer, "topic", config->internal_topic, "Read Write Delete DescribeConfigs");
    put(printer, "topic", config->changelog_topic, "Read Write DescribeConfigs");
    put(printer, "topic", config->trigger_topic, "Write DescribeConfigs");
    put(printer, "topic", config->dead_letter_topic, "Read Write DescribeConfigs");
    put(printer, "group", config->group, "Read");
    put(printer, "transactional id",
        hr_arena_printf(&arena, "%.*s-*", (int)config->group.len, config->group.at), "Write");
    put(printer, "cluster", HR_STR("kafka-cluster"), "IdempotentWrite");
    hr_arena_clean_up(&arena);
}

void hr_print_permissions(const struct hr_config *config, bool json)
{
    struct printer printer = {.json = json};
    hr_grid_init(&printer.grid, (const char *const[]){"RESOURCE", "NAME", "MUST ALLOW", NULL});
    put_all(&printer, config);
    if (json) {
        hr_put_out(hr_buffer_str(&printer.buffer));
    } else {
        hr_grid_print(&printer.grid, "", stdout);
    }
    hr_grid_clean_up(&printer.grid);
    hr_buffer_clean_up(&printer.buffer);
}
