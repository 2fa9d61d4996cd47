/* SPDX-License-Identifier: Apache-2.0 */
/* Playbooks: the conversations that headroom knows, and those of the user. What they say is said
 * here; what is true of an account is filled in when a trigger fires (core/playbook.c). */
#include "compile.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

/* Each belongs to a segment of the field, with the impact that is usual there. */
static const struct hr_playbook known[] = {
    {.name = TEXT("capacity_planning"),
        .title = TEXT("Capacity planning conversation"),
        .impact = TEXT("+40-60% ARR"),
        .texts = {TEXT("What grows, and how far does it go this year?"),
            TEXT("What the growth has brought so far."),
            TEXT("The plan that holds the growth, before anything breaks."),
            TEXT("What the next step costs against what it carries."),
            TEXT("Go up before the limit is met.")}},
    {.name = TEXT("strategic_business_review"),
        .title = TEXT("Strategic business review"),
        .impact = TEXT("+25-35% ARR"),
        .texts = {TEXT("Which departments came, and which come next?"),
            TEXT("What the departments have achieved."), TEXT("One agreement for all of them."),
            TEXT("What each department pays against what it gets."),
            TEXT("Amend the agreement, with a date.")}},
    {.name = TEXT("in_app_prompt"),
        .title = TEXT("In-app prompt, then follow-up by the CSM"),
        .impact = TEXT("+30-50% ARR"),
        .texts = {TEXT("What is tried, and how often?"), TEXT("What the trial has brought."),
            TEXT("The plan that keeps what was tried."), TEXT("What keeping it costs."),
            TEXT("Go up with one click.")}},
    {.name = TEXT("value_based_upgrade"),
        .title = TEXT("Value-based upgrade discussion"),
        .impact = TEXT("+20-30% ARR"),
        .texts = {TEXT("What should the next term bring?"), TEXT("What this term has brought."),
            TEXT("What the next term needs."), TEXT("Price against value."),
            TEXT("Renew, on the plan that fits.")}},
};
#define KNOWN (sizeof(known) / sizeof *known)

static int find(const struct hr_playbook *playbooks, size_t count, struct hr_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (hr_str_equal(playbooks[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}

int16_t hr_find_playbook(
    struct hr_compiling *compiling, struct hr_str name, const struct hr_path *path)
{
    const struct hr_rules *rules = compiling->rules;
    struct hr_path at = hr_path_key(path, HR_STR("playbook"));
    int found = name.at ? find(rules->playbooks, rules->playbook_count, name) : -1;
    if (name.at && found < 0) {
        struct hr_str *names =
            hr_arena_zeroed(compiling->complainer->arena, rules->playbook_count * sizeof *names);
        for (uint16_t i = 0; i < rules->playbook_count; i++) {
            names[i] = rules->playbooks[i].name;
        }
        hr_complain(compiling->complainer, &at,
            "names the playbook %s, which is neither under playbooks nor one that comes with "
            "headroom%s",
            hr_quote(compiling->complainer, name),
            hr_did_you_mean(compiling->complainer, name, names, rules->playbook_count));
    }
    return (int16_t)found;
}

static struct hr_str text_or(struct hr_str text, struct hr_str other)
{
    return text.at ? text : other;
}

static struct hr_playbook playbook_of(const struct hr_playbook_setting *from)
{
    struct hr_str none = HR_STR("");
    return (struct hr_playbook){.name = from->name,
        .title = text_or(from->title, from->name),
        .impact = text_or(from->impact, none),
        .texts = {text_or(from->discovery, none), text_or(from->value_recap, none),
            text_or(from->solution, none), text_or(from->roi, none),
            text_or(from->proposal, none)}};
}

void hr_compile_playbooks(struct hr_compiling *compiling)
{
    const struct hr_settings *settings = compiling->settings;
    size_t count = 0;
    struct hr_playbook *playbooks =
        hr_arena_zeroed(compiling->arena, (settings->playbooks_count + KNOWN) * sizeof *playbooks);
    for (; count < settings->playbooks_count; count++) {
        playbooks[count] = playbook_of(&settings->playbooks[count]);
    }
    for (size_t i = 0; i < KNOWN; i++) {
        if (find(playbooks, settings->playbooks_count, known[i].name) < 0) {
            playbooks[count++] = known[i];
        }
    }
    compiling->rules->playbooks = playbooks;
    compiling->rules->playbook_count = (uint16_t)count;
}
