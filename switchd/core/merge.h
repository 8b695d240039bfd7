/* SPDX-License-Identifier: MIT */
/*
 * merge: consecutive TCP segments of a burst as one super-frame: the way back
 * from offload_cut(), for a peer to whom one large frame costs less than forty.
 *
 * Segments become one only if cutting it gives back their very bytes: sound
 * checksums, same headers down to the options, acknowledgement and window,
 * sequence numbers without a gap, identifications that count up, one size but
 * for a smaller last one, and no flag but ACK, and PSH on the last. Whatever
 * else comes passes as it is.
 *
 * Order is kept within a TCP connection, and among all frames that are not
 * merged. A segment that joins an earlier one overtakes frames of others that
 * stood in between, as on two cables.
 *
 * It looks no further than the burst: waiting for more would cost time that
 * nobody asked for.
 */
#ifndef LABSWITCH_CORE_MERGE_H
#define LABSWITCH_CORE_MERGE_H

#include "switchd/core/frame.h"
#include "switchd/core/offload.h"

/* A frame that leaves: one as it came, or several as one. */
struct merged {
	const struct iovec *iov; /* in struct merge */
	unsigned pieces;         /* at most 1 + FRAME_BURST */
	uint32_t len;            /* sum of the pieces; at most FRAME_MAX, but
				  * for a frame that came longer */
	unsigned frames;         /* of the burst, in it */
	struct offload off;
};

/* Result and working memory; some 20 KB, of which nothing need be set. */
struct merge {
	unsigned count;
	struct merged out[FRAME_BURST];
	struct iovec iov[FRAME_BURST * FRAME_PIECES];
	uint8_t heads[FRAME_BURST][INET_HEADERS_MAX]; /* first bytes */
	struct merge_segment {
		struct inet in;
		const uint8_t *payload;
		uint32_t len;  /* of the payload */
		uint8_t group; /* the frame of out that it is in */
		uint8_t next;  /* of the group */
		bool joinable; /* all above is set, and it may be merged */
	} segments[FRAME_BURST];
	struct merge_group {
		uint8_t first, last; /* segments */
		uint8_t frames;
		bool open;
		uint32_t len; /* of the frame */
	} groups[FRAME_BURST];
};

/*
 * Whether it may be worth it: two of n wires or more look like segments of TCP
 * with some payload. Costs next to nothing where they are short, and little
 * where they are not TCP.
 */
bool merge_pays(const struct wire *wires, unsigned n);

/*
 * Fills m->out with m->count frames that stand for n wires (1 to FRAME_BURST),
 * whose offload state has its normal form. They point into m and into what the
 * wires point to. (A received frame becomes a wire by wire_whole().)
 */
void merge_burst(struct merge *m, const struct wire *wires, unsigned n);

/* Copies all pieces one after the other; dst has room for f->len bytes. */
void merge_copy(const struct merged *f, uint8_t *dst);

#endif
