/* SPDX-License-Identifier: MIT */
/*
 * vidset: sets of VLAN identifiers (IEEE 802.1Q-2018 clause 9.6: 1-4094; 0 and
 * 4095 are reserved and never members).
 */
#ifndef LABSWITCH_CORE_VIDSET_H
#define LABSWITCH_CORE_VIDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VID_MIN 1
#define VID_MAX 4094

struct vidset {
	uint64_t bits[64];
};

static inline bool vid_valid(unsigned vid)
{
	return vid >= VID_MIN && vid <= VID_MAX;
}

static inline bool vidset_has(const struct vidset *s, unsigned vid)
{
	return vid < 4096 && (s->bits[vid / 64] >> (vid % 64) & 1);
}

/* Valid VIDs only: the caller has checked. */
void vidset_add(struct vidset *s, unsigned vid);
void vidset_remove(struct vidset *s, unsigned vid);

/* Adds all of 1-4094. */
void vidset_add_all(struct vidset *s);

bool vidset_is_empty(const struct vidset *s);
bool vidset_is_all(const struct vidset *s);
bool vidset_equal(const struct vidset *a, const struct vidset *b);

/*
 * Adds what text lists: VIDs and ranges, comma-separated ("10", "10,20-29"),
 * or "all". Returns false and leaves *s as it was if text is anything else.
 */
bool vidset_parse(struct vidset *s, const char *text);

/*
 * Writes the shortest text that vidset_parse reads as the same set; an empty
 * set is "". Cut to size, as snprintf does; returns the length it wanted.
 */
size_t vidset_format(const struct vidset *s, char *buf, size_t size);

#endif
