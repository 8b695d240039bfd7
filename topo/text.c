/* SPDX-License-Identifier: MIT */
#include "topo/text.h"

#include <string.h>

static size_t sequence_len(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc0 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	if (first >= 0xf0 && first < 0xf8)
		return 4;
	return 0;
}

size_t text_decode(const char *p, size_t len, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = len > 0 ? sequence_len((uint8_t)p[0]) : 0;
	uint32_t c;

	if (n == 0 || n > len)
		return 0;
	c = n == 1 ? (uint8_t)p[0] : (uint8_t)p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (((uint8_t)p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | ((uint8_t)p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code = c;
	return n;
}

bool text_visible(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},
		{0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069},
		{0xfeff, 0xfeff}, {0xfffe, 0xffff},
	};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (code >= hidden[i].first && code <= hidden[i].last)
			return false;
	}
	return true;
}

bool text_printable(const char *s)
{
	size_t left = strlen(s);

	while (left > 0) {
		uint32_t code;
		size_t n = text_decode(s, left, &code);

		if (n == 0 || !text_visible(code))
			return false;
		s += n;
		left -= n;
	}
	return true;
}

void text_mend(char *s)
{
	size_t left = strlen(s);
	char *to = s;

	while (left > 0) {
		uint32_t code;
		size_t n = text_decode(s, left, &code);

		memmove(to, s, n);
		to += n;
		n += !n;
		s += n;
		left -= n;
	}
	*to = '\0';
}
