/* SPDX-License-Identifier: MIT */
/*
 * clock: the one clock of the process, CLOCK_MONOTONIC in nanoseconds.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_CLOCK_H
#define LABSWITCH_PLUGS_NAT_CHILD_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

#endif
