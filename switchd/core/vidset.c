/* SPDX-License-Identifier: MIT */
#include "switchd/core/vidset.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void vidset_add(struct vidset *s, unsigned vid)
{
	assert(vid_valid(vid));
	s->bits[vid / 64] |= UINT64_C(1) << (vid % 64);
}

void vidset_remove(struct vidset *s, unsigned vid)
{
	assert(vid_valid(vid));
	s->bits[vid / 64] &= ~(UINT64_C(1) << (vid % 64));
}

void vidset_add_all(struct vidset *s)
{
	for (unsigned vid = VID_MIN; vid <= VID_MAX; vid++)
		vidset_add(s, vid);
}

bool vidset_is_empty(const struct vidset *s)
{
	static const struct vidset none;

	return vidset_equal(s, &none);
}

bool vidset_is_all(const struct vidset *s)
{
	struct vidset all = {{0}};

	vidset_add_all(&all);
	return vidset_equal(s, &all);
}

bool vidset_equal(const struct vidset *a, const struct vidset *b)
{
	return memcmp(a->bits, b->bits, sizeof(a->bits)) == 0;
}

/* Reads 1-4094 without leading zeros; NULL if there is no such number. */
static const char *parse_vid(const char *text, unsigned *vid)
{
	if (*text == '0')
		return NULL;
	for (*vid = 0; *text >= '0' && *text <= '9'; text++) {
		*vid = 10 * *vid + (unsigned)(*text - '0');
		if (*vid > VID_MAX)
			return NULL;
	}
	return *vid ? text : NULL;
}

bool vidset_parse(struct vidset *s, const char *text)
{
	struct vidset out = *s;

	if (strcmp(text, "all") == 0) {
		vidset_add_all(s);
		return true;
	}
	for (;; text++) {
		unsigned first;
		unsigned last;

		text = parse_vid(text, &first);
		if (!text)
			return false;
		last = first;
		if (*text == '-')
			text = parse_vid(text + 1, &last);
		if (!text || last < first)
			return false;
		for (unsigned vid = first; vid <= last; vid++)
			vidset_add(&out, vid);
		if (*text != ',')
			break;
	}
	if (*text)
		return false;
	*s = out;
	return true;
}

/* snprintf at buf + *used, also once that is beyond the end. */
static void append(char *buf, size_t size, size_t *used, const char *sep,
		   unsigned vid)
{
	size_t room = *used < size ? size - *used : 0;

	*used += (size_t)snprintf(room ? buf + *used : NULL, room, "%s%u", sep,
				  vid);
}

size_t vidset_format(const struct vidset *s, char *buf, size_t size)
{
	size_t used = 0;

	if (vidset_is_all(s))
		return (size_t)snprintf(buf, size, "all");
	if (size)
		buf[0] = '\0';
	for (unsigned vid = VID_MIN; vid <= VID_MAX; vid++) {
		unsigned first = vid;

		if (!vidset_has(s, vid))
			continue;
		while (vidset_has(s, vid + 1))
			vid++;
		append(buf, size, &used, used ? "," : "", first);
		if (vid > first)
			append(buf, size, &used, "-", vid);
	}
	return used;
}
