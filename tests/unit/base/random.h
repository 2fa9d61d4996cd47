/* SPDX-License-Identifier: Apache-2.0 */
/* Random input for property tests: another at every run, and told, so that a failure can be run
 * again with HEADROOM_SEED. The generator is Vigna's SplitMix64. */
#ifndef HEADROOM_TESTS_RANDOM_H
#define HEADROOM_TESTS_RANDOM_H

#include "headroom/time.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct random {
    uint64_t state;
};

static inline struct random random_start(const char *test)
{
    const char *wanted = getenv("HEADROOM_SEED");
    uint64_t seed = wanted ? strtoull(wanted, NULL, 10) : (uint64_t)hr_clock_now().us;
    printf("# %s: HEADROOM_SEED=%" PRIu64 "\n", test, seed);
    return (struct random){seed};
}

static inline uint64_t random_next(struct random *random)
{
    uint64_t z = (random->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline uint64_t random_below(struct random *random, uint64_t bound)
{
    return random_next(random) % bound;
}

#endif
