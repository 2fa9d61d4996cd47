/* SPDX-License-Identifier: Apache-2.0 */
/* Reads story files (story.h), plays them through a home and compares. */
#include "story.h"

#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct teller {
    const char *file;
    enum story_mode mode;
    struct stage *stage;
    char configs[16][8192];
    char config_names[16][64];
    int config_count;
    char story[256];
    char expected[16384];
    unsigned line, story_line;
    int stories;
    bool tells_advice;
};

static void finish_story(struct teller *teller)
{
    if (!teller->stage) {
        return;
    }
    const char *told = stage_told(teller->stage);
    if (strcmp(told, teller->expected) != 0) {
        fprintf(stderr, "%s:%u: %s\n--- expected\n%s--- told\n%s", teller->file, teller->story_line,
            teller->story, teller->expected, told);
        fail();
    }
    stage_destroy(teller->stage);
    teller->stage = NULL;
}

static const char *config_named(const struct teller *teller, const char *name)
{
    for (int i = 0; i < teller->config_count; i++) {
        if (strcmp(teller->config_names[i], name) == 0) {
            return teller->configs[i];
        }
    }
    fail_msg("%s:%u: no config %s", teller->file, teller->line, name);
    return NULL;
}

static void happen(struct teller *teller, const char *line)
{
    char name[64];
    size_t len = strlen(teller->expected);
    snprintf(teller->expected + len, sizeof teller->expected - len, "%s\n", line);
    if (!teller->stage) {
        teller->stage = stage_new(teller->configs[teller->config_count - 1], teller->mode);
        if (teller->tells_advice) {
            stage_tell_advice(teller->stage);
        }
    }
    if (sscanf(line, "%*s rules %63s", name) == 1) {
        stage_rules(teller->stage, line, config_named(teller, name));
    } else {
        stage_play(teller->stage, line);
    }
}

static void take_line(struct teller *teller, char *line)
{
    bool in_config = teller->story[0] == '\0';
    if (line[0] == '#' || line[0] == '\0') {
        return;
    }
    if (strcmp(line, "tell advice") == 0) {
        teller->tells_advice = true;
    } else if (strncmp(line, "config ", 7) == 0) {
        finish_story(teller);
        teller->story[0] = '\0';
        assert_true(teller->config_count < 16);
        snprintf(teller->config_names[teller->config_count], 64, "%.63s", line + 7);
        teller->configs[teller->config_count++][0] = '\0';
    } else if (strncmp(line, "story ", 6) == 0) {
        finish_story(teller);
        snprintf(teller->story, sizeof teller->story, "%.255s", line + 6);
        teller->story_line = teller->line;
        teller->expected[0] = '\0';
        teller->stories++;
    } else if (in_config) {
        char *config = teller->configs[teller->config_count - 1];
        size_t len = strlen(config);
        snprintf(config + len, sizeof teller->configs[0] - len, "%s\n", line + 2);
    } else if (strncmp(line, "    ", 4) == 0) {
        size_t len = strlen(teller->expected);
        snprintf(teller->expected + len, sizeof teller->expected - len, "%s\n", line);
    } else {
        happen(teller, line + 2);
    }
}

void story_tell(const char *file, enum story_mode mode)
{
    struct teller *teller = calloc(1, sizeof *teller);
    FILE *in = fopen(file, "r");
    char line[4096];
    assert_non_null(in);
    teller->file = file;
    teller->mode = mode;
    while (fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = '\0';
        teller->line++;
        take_line(teller, line);
    }
    finish_story(teller);
    fclose(in);
    assert_true(teller->stories > 0);
    free(teller);
}
