/* SPDX-License-Identifier: MIT */
/* clock: the system's clocks in nanoseconds, as everything here counts. */
#ifndef LABSWITCH_CAPTURE_CLOCK_H
#define LABSWITCH_CAPTURE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_S_NS UINT64_C(1000000000)

static inline uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	(void)clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * CLOCK_S_NS + (uint64_t)t.tv_nsec;
}

#endif
