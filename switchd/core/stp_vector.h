/* SPDX-License-Identifier: MIT */
/*
 * stp_vector: what bridges compare to agree on a tree (IEEE 802.1D-2004 17.6).
 *
 * A priority vector says: by this bridge, through this port of it, the root is
 * so far away. Less is better, component by component, so a bridge identifier
 * is kept as the number that its eight octets make (9.2.5).
 */
#ifndef LABSWITCH_CORE_STP_VECTOR_H
#define LABSWITCH_CORE_STP_VECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/mac.h"

#define STP_ID_TEXT_SIZE 18 /* "8000.020000000001" and its NUL */

struct stp_vector {
	uint64_t root;   /* identifier of the root */
	uint32_t cost;   /* from the designated bridge to the root */
	uint64_t bridge; /* identifier of the designated bridge */
	uint16_t port;   /* identifier of its port */
	uint16_t rx;     /* identifier of the port that heard it, or 0 */
};

/* Seconds (17.18). */
struct stp_times {
	uint16_t message_age;
	uint16_t max_age;
	uint16_t forward_delay;
	uint16_t hello;
};

/* Priority: 4 bits, in steps of 4096; no system ID extension (9.2.5). */
static inline uint64_t stp_bridge_id(uint16_t priority, const struct mac *mac)
{
	uint64_t id = priority;

	for (int i = 0; i < 6; i++)
		id = id << 8 | mac->b[i];
	return id;
}

/* Priority: 4 bits, in steps of 16; then 12 bits of number (9.2.7). */
static inline uint16_t stp_port_id(uint8_t priority, uint16_t number)
{
	return (uint16_t)(priority << 8 | number);
}

static inline uint16_t stp_port_number(uint16_t id)
{
	return id & 0xfff;
}

/* Have both the same bridge address, whatever their priorities? */
static inline bool stp_same_bridge(uint64_t a, uint64_t b)
{
	return ((a ^ b) & UINT64_C(0xffffffffffff)) == 0;
}

/* Below zero if a is better, zero if they are the same. */
int stp_vector_compare(const struct stp_vector *a, const struct stp_vector *b);

bool stp_times_equal(const struct stp_times *a, const struct stp_times *b);

/* Writes an identifier as "8000.020000000001". Returns buf. */
const char *stp_id_format(uint64_t id, char buf[STP_ID_TEXT_SIZE]);

#endif
