/* SPDX-License-Identifier: Apache-2.0 */
/* The hashes that are part of stored state or of Kafka's contract. None may ever change. */
#ifndef HEADROOM_HASH_H
#define HEADROOM_HASH_H

#include "headroom/str.h"

#include <stdint.h>

/* Java's org.apache.kafka.common.utils.Utils.murmur2, as its default partitioner uses it. */
uint32_t hr_murmur2(struct hr_str bytes);
/* (murmur2 & 0x7fffffff) mod count, count above zero: the home of an account, the partition of a
 * Java producer. */
uint32_t hr_home_of(struct hr_str account, uint32_t count);
uint64_t hr_hash64(struct hr_str bytes, uint64_t seed); /* XXH3, 64 bit */
struct hr_hash128 {
    uint64_t low, high;
};
struct hr_hash128 hr_hash128(struct hr_str bytes); /* XXH3, 128 bit: members of `unique` */

#endif
