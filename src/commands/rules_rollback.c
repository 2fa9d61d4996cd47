/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom rules rollback EPOCH`: the rules of that epoch under a new number, announced by the
 * owner of home 0 in its order of records as any change of rules is. The request names the epoch
 * that was current when it was sent: sent twice, or overtaken by another change, it does nothing.
 * Processes whose file holds the rules that were taken back go on with the current ones. */
#include "rules.h"

#include "headroom/pipeline.h"
#include "options.h"
#include "print.h"
#include "word.h"

#include <inttypes.h>
#include <time.h>

enum { WAIT_MS = 15000, LOOK_EVERY_MS = 100 };

static enum hr_fate send_request(
    struct hr_rules_request *request, uint32_t epoch, struct hr_error *error)
{
    struct hr_buffer value = {0};
    struct hr_str word =
        hr_rollback_record(epoch, request->stored.manifest.epoch, hr_clock_now(), &value);
    enum hr_fate fate = hr_word_send(request->config, HR_STR("rollback"), word, 1, error);
    hr_buffer_clean_up(&value);
    return fate;
}

/* The epoch that came of it; 0: nobody took it in time. */
static uint32_t wait_for_epoch(struct hr_rules_request *request)
{
    const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
    for (int waited = 0; waited < WAIT_MS; waited += LOOK_EVERY_MS) {
        struct hr_manifest_copy copy;
        struct hr_error ignored;
        enum hr_fate fate = hr_manifest_copy_open(
            &request->stored.store, request->stored.manifest.zones, &copy, &ignored);
        uint32_t epoch = fate == HR_OK ? copy.epoch : 0;
        hr_manifest_copy_close(&copy);
        if (epoch > request->stored.manifest.epoch) {
            return epoch;
        }
        nanosleep(&pause, NULL);
    }
    return 0;
}

static int say(const struct hr_rules_request *request, uint32_t wanted, uint32_t epoch)
{
    if (request->json) {
        printf("{\"rules_of\":%" PRIu32 ",\"epoch\":%" PRIu32 "}\n", wanted, epoch);
    } else if (epoch) {
        printf("the rules of epoch %" PRIu32 " are epoch %" PRIu32 " now\n", wanted, epoch);
    }
    if (!epoch) {
        hr_say(request->command,
            "sent, and not taken within %d s: it will be when the owner of partition 0 runs",
            WAIT_MS / 1000);
    }
    return epoch ? HR_EXIT_DONE : HR_EXIT_FAILED;
}

int hr_rules_rollback(struct hr_rules_request *request)
{
    struct hr_manifest_copy *manifest = &request->stored.manifest;
    uint32_t epoch = hr_rules_epoch(request->operands[0]);
    const struct hr_rules *wanted = epoch ? hr_manifest_copy_rules(manifest, epoch) : NULL;
    const struct hr_rules *current = hr_manifest_copy_rules(manifest, manifest->epoch);
    struct hr_error error;
    if (!wanted) {
        return hr_misuse(
            request->command, "there is no such epoch; `headroom rules list` shows them");
    }
    if (strcmp(wanted->fingerprint, current->fingerprint) == 0) {
        return hr_misuse(request->command, "these are the current rules");
    }
    if (send_request(request, epoch, &error) != HR_OK) {
        hr_say(request->command, "%s", error.text);
        return HR_EXIT_FAILED;
    }
    return say(request, epoch, wait_for_epoch(request));
}
