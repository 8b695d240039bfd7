/* SPDX-License-Identifier: MIT */
/*
 * mac: 48-bit MAC addresses (IEEE 802-2014, clause 8.2).
 */
#ifndef LABSWITCH_CORE_MAC_H
#define LABSWITCH_CORE_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MAC_TEXT_SIZE 18 /* "52:54:00:12:34:56" and its NUL */

struct mac {
	uint8_t b[6]; /* in the order of the wire */
};

/* A group address: multicast or broadcast (the I/G bit is set). */
static inline bool mac_is_group(const uint8_t mac[6])
{
	return mac[0] & 1;
}

static inline bool mac_is_broadcast(const uint8_t mac[6])
{
	static const uint8_t ones[6] = {255, 255, 255, 255, 255, 255};

	return memcmp(mac, ones, sizeof(ones)) == 0;
}

static inline bool mac_is_zero(const uint8_t mac[6])
{
	static const uint8_t zero[6];

	return memcmp(mac, zero, sizeof(zero)) == 0;
}

/*
 * Reads six pairs of hexadecimal digits, all separated by ':' or all by '-'.
 * Returns false and leaves *mac as it was if text is anything else.
 */
bool mac_parse(const char *text, struct mac *mac);

/* Writes the address in lower case with ':'. Returns buf. */
const char *mac_format(const struct mac *mac, char buf[MAC_TEXT_SIZE]);

#endif
