/* SPDX-License-Identifier: Apache-2.0 */
/* How much the loop does at once. Nothing depends on these figures but speed and memory, and the
 * simulation sees to that: it is built with the small ones, so that every list is cut somewhere. */
#ifndef HEADROOM_PIPELINE_BOUNDS_H
#define HEADROOM_PIPELINE_BOUNDS_H

#ifdef HEADROOM_SMALL_BOUNDS
#define HR_SMALL(usual, small) (small)
#else
#define HR_SMALL(usual, small) (usual)
#endif

#define GATHER_RECORDS HR_SMALL(8192, 8) /* polled in one turn */
#define PAUSE_ABOVE HR_SMALL(32768, 16)  /* records of one input that wait for a topic behind */
/* Records of internal topics that wait for topics behind, over all homes: their bytes, and what
 * each takes beside them. */
#define HELD_BYTES HR_SMALL((size_t)192 << 20, (size_t)48 << 10)
#define HELD_OVERHEAD 512
#define SLICE_RECORDS HR_SMALL(1024, 5)   /* decoded and loaded together */
#define TICK_ACCOUNTS HR_SMALL(4096, 2)   /* whose timers act together */
#define TIMERS_AT_ONCE HR_SMALL(16384, 3) /* told by the stored index in one look */
#define SEEN_AT_ONCE HR_SMALL(512, 3)     /* blocks of ids loaded together */
#define CHUNK_VALUES HR_SMALL(2000, 3)    /* copied from the changelog in one write */
#define CHUNK_BYTES (4u << 20)
#define CLEAR_AT_ONCE HR_SMALL(5000, 2) /* keys deleted in one call */

#endif
