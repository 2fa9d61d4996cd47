/* SPDX-License-Identifier: Apache-2.0 */
/* Error replies as Redis 6 and 7 word them, and what each makes of the call. */
#include "redis/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void error_replies_have_their_fate(void **state)
{
    (void)state;
    static const struct {
        const char *reply;
        enum hr_fate fate;
    } table[] = {
        {"LOADING Redis is loading the dataset in memory", HR_RETRY},
        {"READONLY You can't write against a read only replica.", HR_RETRY},
        {"OOM command not allowed when used memory > 'maxmemory'.", HR_RETRY},
        {"MISCONF Redis is configured to save RDB snapshots, but it's currently unable to",
            HR_RETRY},
        {"BUSY Redis is busy running a script.", HR_RETRY},
        {"NOREPLICAS Not enough good replicas to write.", HR_RETRY},
        {"MASTERDOWN Link with MASTER is down", HR_RETRY},
        {"TRYAGAIN Multiple keys request during rehashing of slot", HR_RETRY},
        {"CLUSTERDOWN The cluster is down", HR_RETRY},
        {"NOSCRIPT No matching script. Please use EVAL.", HR_RETRY},
        {"EXECABORT Transaction discarded because of previous errors.", HR_RETRY},
        {"ERR max number of clients reached", HR_RETRY},
        {"NEVERSEEN something new", HR_RETRY},
        {"", HR_RETRY},
        {"NOAUTH Authentication required.", HR_STOP},
        {"WRONGPASS invalid username-password pair or user is disabled.", HR_STOP},
        {"ERR invalid password", HR_STOP},
        {"ERR Client sent AUTH, but no password is set", HR_STOP},
        {"ERR AUTH <password> called without any password configured", HR_STOP},
        {"NOPERM this user has no permissions to run the 'info' command", HR_STOP},
        {"DENIED Redis is running in protected mode because", HR_STOP},
        {"ERR DB index is out of range", HR_STOP},
        {"ERR unknown command 'EVALSHA', with args beginning with:", HR_STOP},
        {"MOVED 3999 127.0.0.1:6381", HR_STOP},
        {"CROSSSLOT Keys in request don't hash to the same slot", HR_STOP},
        {"WRONGTYPE Operation against a key holding the wrong kind of value", HR_REFUSE},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const char *advice = "unset";
        enum hr_fate fate = answer_fate(hr_str(table[i].reply), &advice);
        if (fate != table[i].fate) {
            fail_msg("%s: %d", table[i].reply, (int)fate);
        }
        /* Who is stopped or refused is told what to do. */
        assert_true(fate == HR_RETRY || (advice && *advice));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(error_replies_have_their_fate)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
