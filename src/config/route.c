/* SPDX-License-Identifier: Apache-2.0 */
/* Routes: who speaks about a trigger. The first counts whose conditions hold, so one without any
 * ends the list. Without routes those of the field are taken: whoever tends the account hears of
 * risk and of the renewal; growth goes by the size of the deal, and by far more than today's
 * contract to a team of its own. */
#include "compile.h"

#include "scalar.h"

struct usual_route {
    const char *when; /* NULL: always */
    uint16_t audience_count;
    enum hr_audience audience[2];
};

static const struct usual_route usual[] = {
    {"category = risk", 1, {HR_CSM}},
    {"category = renewal", 1, {HR_CSM}},
    {"deal.ratio >= 10", 1, {HR_DEDICATED_TEAM}},
    {"deal.size >= 100k", 2, {HR_ACCOUNT_MANAGER, HR_PRODUCT_LEADERSHIP}},
    {"deal.size >= 25k", 2, {HR_SALES, HR_PERSONAL_DEMO}},
    {NULL, 2, {HR_IN_APP, HR_MAIL}},
};
#define USUAL (sizeof(usual) / sizeof *usual)

static const struct hr_clause *compile_usual_when(
    struct hr_compiling *compiling, const char *text, const struct hr_path *path)
{
    struct hr_condition_setting *condition = hr_arena_zeroed(compiling->arena, sizeof *condition);
    struct hr_clause_setting clause = {condition, 1};
    const char *problem = hr_read_condition(hr_str(text), condition);
    if (problem) {
        hr_complain(compiling->complainer, path, "%s", problem);
        return NULL;
    }
    return hr_compile_clauses(compiling, &clause, 1, path);
}

static void compile_usual(struct hr_compiling *compiling, const struct hr_path *path)
{
    struct hr_route *routes = hr_arena_zeroed(compiling->arena, USUAL * sizeof *routes);
    for (size_t i = 0; i < USUAL; i++) {
        routes[i] = (struct hr_route){.audience_count = usual[i].audience_count, .playbook = -1};
        memcpy(routes[i].audience, usual[i].audience, sizeof usual[i].audience);
        if (usual[i].when) {
            routes[i].when = compile_usual_when(compiling, usual[i].when, path);
            routes[i].when_count = routes[i].when ? 1 : 0;
        }
    }
    compiling->rules->routes = routes;
    compiling->rules->route_count = USUAL;
    compiling->rules->routes_by_default = true;
}

static void compile_audience(struct hr_compiling *compiling, const struct hr_route_setting *from,
    struct hr_route *route, const struct hr_path *path)
{
    struct hr_path audience_at = hr_path_key(path, HR_STR("audience"));
    for (size_t i = 0; i < from->audience_count; i++) {
        struct hr_path place = hr_path_index(&audience_at, i);
        for (size_t j = 0; j < i; j++) {
            if (from->audience[j] == from->audience[i]) {
                hr_complain(compiling->complainer, &place, "is audience[%zu] already", j);
            }
        }
        route->audience[route->audience_count++] = (enum hr_audience)from->audience[i];
    }
}

void hr_compile_routes(struct hr_compiling *compiling)
{
    struct hr_settings *settings = compiling->settings;
    struct hr_path top = {0};
    struct hr_path routes_at = hr_path_key(&top, HR_STR("routes"));
    compiling->routing = true;
    if (settings->routes_count == 0) {
        compile_usual(compiling, &routes_at);
        compiling->routing = false;
        return;
    }
    struct hr_route *routes =
        hr_arena_zeroed(compiling->arena, settings->routes_count * sizeof *routes);
    size_t end = settings->routes_count; /* the first without conditions */
    for (size_t i = 0; i < settings->routes_count; i++) {
        struct hr_route_setting *from = &settings->routes[i];
        struct hr_path at = hr_path_index(&routes_at, i);
        struct hr_path when_at = hr_path_key(&at, HR_STR("when"));
        if (end < i) {
            hr_complain(compiling->complainer, &at,
                "can never be taken: routes[%zu] has no when, so it takes everything", end);
        }
        routes[i] = (struct hr_route){.owner = from->owner.at ? from->owner : HR_STR(""),
            .when = hr_compile_clauses(compiling, from->when, from->when_count, &when_at),
            .when_count = (uint16_t)from->when_count,
            .playbook = hr_find_playbook(compiling, from->playbook, &at)};
        compile_audience(compiling, from, &routes[i], &at);
        end = from->when_count == 0 && i < end ? i : end;
    }
    compiling->rules->routes = routes;
    compiling->rules->route_count = (uint16_t)settings->routes_count;
    compiling->routing = false;
}
