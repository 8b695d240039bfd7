/* SPDX-License-Identifier: MIT */
#include "switchd/core/stp_vector.h"

#include <inttypes.h>
#include <stdio.h>

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int stp_vector_compare(const struct stp_vector *a, const struct stp_vector *b)
{
	int by = compare(a->root, b->root);

	if (!by)
		by = compare(a->cost, b->cost);
	if (!by)
		by = compare(a->bridge, b->bridge);
	if (!by)
		by = compare(a->port, b->port);
	return by ? by : compare(a->rx, b->rx);
}

bool stp_times_equal(const struct stp_times *a, const struct stp_times *b)
{
	return a->message_age == b->message_age && a->max_age == b->max_age &&
	       a->forward_delay == b->forward_delay && a->hello == b->hello;
}

const char *stp_id_format(uint64_t id, char buf[STP_ID_TEXT_SIZE])
{
	(void)snprintf(buf, STP_ID_TEXT_SIZE, "%04x.%012" PRIx64,
		       (unsigned)(id >> 48), id & UINT64_C(0xffffffffffff));
	return buf;
}
