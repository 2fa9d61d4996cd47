/* SPDX-License-Identifier: Apache-2.0 */
/* Where the configuration's text comes from: a file, the environment for ${NAME}, and the zones of
 * the system. What it means is the config room's. */
#include "configuration.h"

#include "options.h"
#include "print.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZONEINFO "/usr/share/zoneinfo"

static enum hr_fate read_all(
    int fd, const char *file, size_t most, struct hr_buffer *buffer, struct hr_error *error)
{
    char block[65536];
    for (;;) {
        ssize_t got = read(fd, block, sizeof(block));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return hr_fail(error, HR_STOP, "cannot read %s: %s", file, strerror(errno));
        }
        if (got == 0) {
            return HR_OK;
        }
        if (buffer->len + (size_t)got > most) {
            return hr_fail(error, HR_STOP, "%s is larger than %zu MiB", file, most >> 20);
        }
        hr_put_bytes(buffer, block, (size_t)got);
    }
}

enum hr_fate hr_read_file(
    const char *file, size_t most, struct hr_buffer *buffer, struct hr_error *error)
{
    bool standard = strcmp(file, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return hr_fail(error, HR_STOP, "cannot read %s: %s", file, strerror(errno));
    }
    enum hr_fate fate = read_all(fd, file, most, buffer, error);
    if (!standard) {
        close(fd);
    }
    return fate;
}

int hr_write_file(const struct hr_command *command, const char *file, struct hr_str bytes)
{
    struct hr_error error;
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        hr_say(command, "cannot write %s: %s", file, strerror(errno));
        return HR_EXIT_FAILED;
    }
    enum hr_fate fate = hr_write_all(fd, bytes, &error);
    if (fate != HR_OK) {
        hr_say(command, "%s: %s", file, error.text);
    }
    close(fd);
    return fate == HR_OK ? HR_EXIT_DONE : HR_EXIT_FAILED;
}

int hr_load_zones(const struct hr_command *command, struct hr_zones **zones)
{
    struct hr_error error;
    if (hr_zones_load(ZONEINFO, zones, &error) == HR_OK) {
        return HR_EXIT_DONE;
    }
    hr_say(command, "%s; the package tzdata has them", error.text);
    return HR_EXIT_FAILED;
}

static const char *environment(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

int hr_read_config(const struct hr_command *command, const char *file, const struct hr_zones *zones,
    struct hr_config **config, struct hr_complaints *complaints)
{
    struct hr_buffer text = {0};
    struct hr_error error;
    int status = HR_EXIT_MISUSE;
    *config = NULL;
    *complaints = (struct hr_complaints){0};
    if (hr_read_file(file, HR_LARGEST_FILE, &text, &error) != HR_OK) {
        hr_say(command, "%s", error.text);
    } else {
        const struct hr_config_source source = {.file = strcmp(file, "-") == 0 ? "stdin" : file,
            .text = hr_buffer_str(&text),
            .zones = zones,
            .environment = environment};
        if (hr_config_parse(&source, config, complaints) == HR_OK) {
            status = HR_EXIT_DONE;
        }
    }
    hr_buffer_clean_up(&text);
    return status;
}

void hr_say_complaints(const struct hr_complaints *complaints)
{
    for (size_t i = 0; i < complaints->count; i++) {
        const struct hr_complaint *complaint = &complaints->at[i];
        if (complaint->line > 0) {
            fprintf(stderr, "%s:%u: ", complaint->file, complaint->line);
        } else {
            fprintf(stderr, "%s: ", complaint->file);
        }
        bool placed = complaint->path && complaint->path[0];
        fprintf(
            stderr, "%s%s%s\n", placed ? complaint->path : "", placed ? ": " : "", complaint->text);
    }
}

int hr_load_config(const struct hr_command *command, const char *file, const struct hr_zones *zones,
    struct hr_config **config)
{
    struct hr_complaints complaints;
    int status = hr_read_config(command, file, zones, config, &complaints);
    hr_say_complaints(&complaints);
    hr_complaints_clean_up(&complaints);
    return status;
}

int hr_with_config(const struct hr_command *command, const char *file,
    int (*act)(void *context, const struct hr_config *config, const struct hr_zones *zones),
    void *context)
{
    struct hr_zones *zones;
    struct hr_config *config;
    int status = hr_load_zones(command, &zones);
    if (status != HR_EXIT_DONE) {
        return status;
    }
    status = hr_load_config(command, file, zones, &config);
    if (status == HR_EXIT_DONE) {
        status = act(context, config, zones);
        hr_config_destroy(config);
    }
    hr_zones_destroy(zones);
    return status;
}
