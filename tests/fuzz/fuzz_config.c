/* SPDX-License-Identifier: Apache-2.0 */
/* What users write, and the text of manifests: whatever is accepted prints as something that is
 * accepted and prints the same. */
#include "world.h"

#include "headroom/memory.h"

static const char *environment(void *context, const char *name)
{
    (void)context;
    return name[0] == 'U' ? NULL : "canary";
}

static bool parse(struct hr_str text, struct hr_config **config)
{
    const struct hr_config_source source = {
        .file = "fuzz", .text = text, .zones = world_zones(), .environment = environment};
    struct hr_complaints complaints;
    enum hr_fate fate = hr_config_parse(&source, config, &complaints);
    demand((fate == HR_OK) == (complaints.count == 0), "what is refused is complained about");
    hr_complaints_clean_up(&complaints);
    return fate == HR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct hr_config *config, *again;
    struct hr_rules *rules;
    struct hr_complaints complaints;
    if (!parse((struct hr_str){(const char *)bytes, len}, &config)) {
        return 0;
    }
    demand(parse(config->text, &again), "the canonical form is accepted");
    demand(hr_str_equal(config->text, again->text), "and prints the same");
    hr_config_destroy(again);
    demand(hr_rules_parse(config->rules->text, 7, world_zones(), &rules, &complaints) == HR_OK,
        "so are the rules alone");
    demand(hr_str_equal(rules->text, config->rules->text), "and print the same");
    hr_complaints_clean_up(&complaints);
    hr_rules_destroy(rules);
    hr_config_destroy(config);
    return 0;
}
