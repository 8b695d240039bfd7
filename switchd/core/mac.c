/* SPDX-License-Identifier: MIT */
#include "switchd/core/mac.h"

#include <stdio.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool mac_parse(const char *text, struct mac *mac)
{
	struct mac out;

	if (strlen(text) != MAC_TEXT_SIZE - 1)
		return false;
	if (text[2] != ':' && text[2] != '-')
		return false;
	for (size_t i = 0; i < 6; i++) {
		const char *pair = text + 3 * i;
		int high = hex_digit(pair[0]);
		int low = hex_digit(pair[1]);

		if (high < 0 || low < 0)
			return false;
		if (i < 5 && pair[2] != text[2])
			return false;
		out.b[i] = (uint8_t)(high << 4 | low);
	}
	*mac = out;
	return true;
}

const char *mac_format(const struct mac *mac, char buf[MAC_TEXT_SIZE])
{
	(void)snprintf(buf, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x",
		       mac->b[0], mac->b[1], mac->b[2], mac->b[3], mac->b[4],
		       mac->b[5]);
	return buf;
}
