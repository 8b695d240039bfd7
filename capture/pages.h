/* SPDX-License-Identifier: MIT */
/*
 * pages: memory that is the system's again as soon as it is freed.
 *
 * What a capture needs is large. malloc(3) would take it from the heap once
 * some of that size had been freed, and keep it for the next time.
 */
#ifndef LABSWITCH_CAPTURE_PAGES_H
#define LABSWITCH_CAPTURE_PAGES_H

#include <stddef.h>
#include <sys/mman.h>

/* Zeroed; NULL: there is none. */
static inline void *pages_new(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* p may be NULL. */
static inline void pages_free(void *p, size_t size)
{
	if (p)
		(void)munmap(p, size);
}

#endif
