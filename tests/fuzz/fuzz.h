/* SPDX-License-Identifier: MIT */
/* fuzz: the entry of every target, and inputs that are taken byte by byte. */
#ifndef LABSWITCH_TESTS_FUZZ_H
#define LABSWITCH_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
};

/* The next byte; 0 when there is none. */
static inline uint8_t take(struct input *in)
{
	if (!in->size)
		return 0;
	in->size--;
	return *in->data++;
}

static inline uint16_t take16(struct input *in)
{
	uint8_t high = take(in);

	return (uint16_t)(high << 8 | take(in));
}

#endif
