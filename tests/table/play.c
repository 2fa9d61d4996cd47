/* SPDX-License-Identifier: Apache-2.0 */
/* Plays a case: each step happens in a world, and what follows from it is held against what the
 * step says. Then the same in the other modes, where the triggers must be those of the table again
 * and, to the last byte, those of the first playing. */
#include "play.h"

#include <string.h>

/* --- what followed ---------------------------------------------------------------------------- */

static void print_outcomes(
    struct play *play, const char *title, const struct outcome *outcomes, size_t count)
{
    printf("#     %s%s\n", title, count == 0 ? "nothing" : "");
    for (size_t i = 0; i < count; i++) {
        printf("#       %s\n", expected_print(&outcomes[i].said, true, true, &play->arena));
    }
}

static void print_expected(struct play *play, const struct step *step)
{
    printf("#     expected  %s\n", step->expected_count == 0 ? "nothing" : "");
    for (size_t i = 0; i < step->expected_count; i++) {
        printf("#       %s\n", expected_print(&step->expected[i], true, true, &play->arena));
    }
}

static void print_step(struct play *play, const struct step *step, const char *what)
{
    char time[HR_TIME_TEXT];
    hr_time_print(step->time, time);
    time[10] = ' ';
    printf("#   %s:%u: %s, %s:\n", play->table->file, step->line, what, mode_name(play->mode));
    printf("#     %.19s  %s\n", time, step->written);
}

/* Order is promised within an account; what is held back is told beside the triggers, not among
 * them. */
static bool is_alike(const struct expected *a, const struct expected *b)
{
    return strcmp(a->account, b->account) == 0 &&
           (strcmp(a->what, "held") == 0) == (strcmp(b->what, "held") == 0);
}

static const struct outcome *next_like(
    const struct expected *like, const struct outcome *outcomes, size_t count, size_t *from)
{
    while (*from < count) {
        const struct outcome *one = &outcomes[(*from)++];
        if (is_alike(like, &one->said)) {
            return one;
        }
    }
    return NULL;
}

/* What is held back is told where the table asks for it: a case that names one names all. */
static bool tells_held(const struct table_case *one)
{
    for (size_t s = 0; s < one->step_count; s++) {
        for (size_t e = 0; e < one->steps[s].expected_count; e++) {
            if (strcmp(one->steps[s].expected[e].what, "held") == 0) {
                return true;
            }
        }
    }
    return false;
}

/* The outcomes from `before` on that the case is about. */
static const struct outcome *outcomes_since(struct play *play, size_t before, size_t *count)
{
    size_t all, kept = 0;
    const struct outcome *outcomes = world_outcomes(play->world, &all);
    struct outcome *told = hr_arena_take(&play->arena, (all - before + 1) * sizeof *told);
    bool with_held = tells_held(play->one);
    for (size_t i = before; i < all; i++) {
        if (with_held || strcmp(outcomes[i].said.what, "held") != 0) {
            told[kept++] = outcomes[i];
        }
    }
    *count = kept;
    return told;
}

static bool follows(const struct step *step, const struct outcome *got, size_t count)
{
    if (step->expected_count != count) {
        return false;
    }
    for (size_t i = 0; i < step->expected_count; i++) {
        const struct expected *expected = &step->expected[i];
        size_t from = 0;
        const struct outcome *outcome = next_like(expected, got, count, &from);
        for (size_t before = 0; before < i; before++) {
            if (is_alike(&step->expected[before], expected)) {
                outcome = next_like(expected, got, count, &from);
            }
        }
        if (!outcome || !expected_is(expected, &outcome->said)) {
            return false;
        }
    }
    return true;
}

static void check_step(struct play *play, const struct step *step, size_t before)
{
    size_t count;
    const struct outcome *outcomes = outcomes_since(play, before, &count);
    if (follows(step, outcomes, count)) {
        return;
    }
    play->failed = true;
    print_step(play, step, play->one->name);
    print_expected(play, step);
    print_outcomes(play, "got       ", outcomes, count);
}

/* --- playing ---------------------------------------------------------------------------------- */

static bool begin(struct play *play, const struct table *table, const struct table_case *one,
    enum mode mode, struct hr_zones *zones)
{
    *play = (struct play){.table = table, .one = one, .mode = mode};
    hr_arena_init(&play->arena);
    for (size_t w = 0; w < one->with_count; w++) {
        play_with(play, one->with[w]);
    }
    for (size_t r = 0; r < one->rule_count; r++) {
        play_rule(play, one->rules[r].name, one->rules[r].text);
    }
    play->world = world_new(play_config(play), mode, zones);
    if (!play->world) {
        printf("#   %s:%u: its rules do not compile\n", table->file, one->line);
        hr_arena_clean_up(&play->arena);
    }
    return play->world != NULL;
}

static void end(struct play *play)
{
    world_destroy(play->world);
    hr_arena_clean_up(&play->arena);
}

/* Until the first step that goes another way: what follows it would only repeat that. */
static void play_steps(struct play *play)
{
    for (size_t i = 0; i < play->one->step_count && !play->failed; i++) {
        const struct step *step = &play->one->steps[i];
        size_t before;
        world_outcomes(play->world, &before);
        if (!play_step(play, step)) {
            print_step(play, step, "not a step that anybody understands");
            play->failed = true;
            return;
        }
        world_settle(play->world, step->time);
        if (play->mode != MODE_UNTICKED) {
            check_step(play, step, before);
        }
    }
    if (play->one->step_count > 0) {
        world_tick(play->world, play->one->steps[play->one->step_count - 1].time);
    }
}

static bool are_same_like(const struct expected *like, const struct outcome *of_a, size_t count_a,
    const struct outcome *of_b, size_t count_b)
{
    size_t from_a = 0, from_b = 0;
    for (;;) {
        const struct outcome *a = next_like(like, of_a, count_a, &from_a);
        const struct outcome *b = next_like(like, of_b, count_b, &from_b);
        if (!a || !b) {
            return a == b;
        }
        if (!expected_is(&a->said, &b->said)) {
            return false;
        }
        if (strcmp(a->json, b->json) != 0) {
            printf("#     as written %s\n#     this time  %s\n", a->json, b->json);
            return false;
        }
    }
}

/* Account by account, every byte that would be published. */
static bool is_same(struct play *plain, struct play *other)
{
    size_t count, count_other;
    const struct outcome *outcomes = world_outcomes(plain->world, &count);
    const struct outcome *others = world_outcomes(other->world, &count_other);
    bool same = count == count_other;
    for (size_t i = 0; i < count && same; i++) {
        same = are_same_like(&outcomes[i].said, outcomes, count, others, count_other);
    }
    if (!same) {
        printf("#   %s:%u: %s: it is not the same %s:\n", plain->table->file, plain->one->line,
            plain->one->name, mode_name(other->mode));
        print_outcomes(plain, "as written", outcomes, count);
        print_outcomes(other, "this time ", others, count_other);
    }
    return same;
}

bool case_holds(const struct table *table, const struct table_case *one, struct hr_zones *zones)
{
    struct play plain;
    if (!begin(&plain, table, one, MODE_PLAIN, zones)) {
        return false;
    }
    play_steps(&plain);
    bool holds = !plain.failed;
    for (int mode = MODE_PLAIN + 1; mode < MODES && holds; mode++) {
        struct play other;
        holds = begin(&other, table, one, (enum mode)mode, zones);
        if (holds) {
            play_steps(&other);
            holds = !other.failed && is_same(&plain, &other);
            end(&other);
        }
    }
    end(&plain);
    return holds;
}
