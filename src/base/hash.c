/* SPDX-License-Identifier: Apache-2.0 */
/* The hashes that decide where things live.
 *
 * murmur2 decides the home of an account, and Kafka's Java producers put a record into the
 * partition that it names: one bit apart from Java and every record would have to be forwarded.
 * XXH3 is frozen since xxHash 0.8.0, so its values may be stored. Its code is compiled into this
 * file (XXH_INLINE_ALL), so that whoever links this room needs no symbol of a vendor. */
#include "headroom/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Austin Appleby's MurmurHash2 with Kafka's seed, as in
 * org.apache.kafka.common.utils.Utils.murmur2. Java's bytes are signed, but it masks each of them,
 * so they count as unsigned here too. */
uint32_t hr_murmur2(struct hr_str bytes)
{
    const uint32_t m = 0x5bd1e995;
    const uint8_t *at = (const uint8_t *)bytes.at;
    uint32_t hash = 0x9747b28c ^ (uint32_t)bytes.len;
    size_t rest = bytes.len;

    for (; rest >= 4; rest -= 4, at += 4) {
        uint32_t k =
            (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        k *= m;
        k ^= k >> 24;
        k *= m;
        hash *= m;
        hash ^= k;
    }
    if (rest > 0) {
        for (size_t i = rest; i > 0; i--) {
            hash ^= (uint32_t)at[i - 1] << (8 * (i - 1));
        }
        hash *= m;
    }
    hash ^= hash >> 13;
    hash *= m;
    hash ^= hash >> 15;
    return hash;
}

uint32_t hr_home_of(struct hr_str account, uint32_t count)
{
    return (hr_murmur2(account) & 0x7fffffff) % count;
}

uint64_t hr_hash64(struct hr_str bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes.at, bytes.len, seed);
}

struct hr_hash128 hr_hash128(struct hr_str bytes)
{
    XXH128_hash_t hash = XXH3_128bits(bytes.at, bytes.len);
    return (struct hr_hash128){hash.low64, hash.high64};
}
