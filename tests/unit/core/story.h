/* SPDX-License-Identifier: Apache-2.0 */
/* Stories: histories and the triggers that must follow, as text that someone who writes rules can
 * read. A file holds rule sets and stories:
 *
 *     config NAME                     the lines below, indented, are a configuration that decides
 *       meters: …
 *     story WHAT IT TELLS             begins anew, under the configuration named last
 *       2026-11-02T10:00Z acme subscription.created {"limits": {"contacts": 100}}
 *       2026-11-02T10:05Z acme contacts {"value": 80}
 *         fired capacity/acme/80pct/2026-11-01#1 usage 0.8
 *
 * With a line `tell advice` at its beginning, what a trigger advises stands below it (stage.c).
 *
 * A line of two spaces is something that happens; those of four below it are the triggers that
 * follow from it, and from the time since the line before, all of them, in order. What happens:
 *
 *     TIME ACCOUNT TYPE DATA [at=TIME] [id=ID] [from=TOPIC]    a record; at: its event time
 *     TIME tick                                                time passes
 *     TIME part                       the first timer of a tick acts, and others are still due
 *     TIME rules NAME                                          another rule set, the next epoch
 *     TIME live                       (first line) start.live_from
 *     TIME wall                       from here on the wall clock is told, as of each line
 *     TIME release RULE, TIME discard RULE [at=TIME]    an operator's word about its brake, sent at
 *
 * Every story is told three times: in one memory; with everything packed, dropped and loaded again
 * after each line; and with a tick at every hour between the lines. The triggers must be the same.
 */
#ifndef TEST_STORY_H
#define TEST_STORY_H

#include "headroom/str.h"

enum story_mode { STORY_PLAIN, STORY_RELOADED, STORY_TICKED, STORY_MODES };
/* Tells all stories of a file in a mode; fails the running test with a diff. */
void story_tell(const char *file, enum story_mode mode);

#endif
