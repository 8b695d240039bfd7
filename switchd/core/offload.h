/* SPDX-License-Identifier: MIT */
/*
 * offload: work that a sender left to us (struct offload, frame.h): what of
 * its claims is sound, what it amounts to, and doing it.
 *
 * A peer that takes no such work is given wire frames: complete checksums, and
 * a large segment of TCP, or many datagrams of UDP in one (a super-frame), as
 * the many that it stands for. That is done last, before the frames are
 * written, so what passes between two peers that both take it is never cut.
 *
 * Where a struct offload comes in it is checked and put into normal form, once
 * (offload_check()); everything else here, and all code that is handed such a
 * frame later, relies on that form:
 *
 *	nothing left	all zero
 *	a checksum	flags OFFLOAD_NEEDS_CSUM; csum_start, csum_offset: the
 *			one of the frame's TCP or UDP; hdr_len: where the
 *			payload of that begins
 *	a super-frame	the same, and gso_type, gso_size; there is more than
 *			gso_size of payload
 *
 * wire_make() keeps the form. Padding belongs to the frame, not to what the
 * checksum covers; a super-frame has none.
 */
#ifndef LABSWITCH_CORE_OFFLOAD_H
#define LABSWITCH_CORE_OFFLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/frame.h"
#include "switchd/core/inet.h"

/* As in virtio 1.1, 5.1.6. */
#define OFFLOAD_NEEDS_CSUM 1
#define OFFLOAD_GSO_TCPV4  1
#define OFFLOAD_GSO_TCPV6  4
#define OFFLOAD_GSO_UDP    5    /* virtio 1.3, 5.1.6: UDP_L4 */
#define OFFLOAD_GSO_ECN    0x80 /* or'ed: CWR is for the first alone */

/*
 * The least payload of a segment: Linux goes down to an MSS of 48 with 40
 * bytes of options in it. It bounds what one super-frame can become.
 */
#define OFFLOAD_GSO_MIN 8

/* Datagrams may be of any size, so their number is what is bounded, as Linux
 * bounds it (UDP_MAX_SEGMENTS). */
#define OFFLOAD_UDP_SEGMENTS 128

/* Where IP begins and payload begins at the latest: a tag may be added. */
#define OFFLOAD_IP_MAX      (FRAME_HEADER + 2 * FRAME_TAG)
#define OFFLOAD_HEADERS_MAX (INET_HEADERS_MAX - FRAME_TAG)

/*
 * Puts f->off into normal form. Claims that mean no work (DATA_VALID) are
 * forgotten, hdr_len and the ECN flag are made anew. False: it is not sound
 * (DROP_RX_BAD_OFFLOAD), and f->off is as it was. f may be of any length.
 *
 * Sound is a checksum that is the one of the TCP or UDP in this very frame
 * (inet_parse(), with up to two tags), and a super-frame that needs one,
 * without padding and routing header: of TCP without SYN and RST, of segments
 * not smaller than OFFLOAD_GSO_MIN, or at most OFFLOAD_UDP_SEGMENTS of UDP.
 */
bool offload_check(struct frame *f);

/*
 * Whether there is room for one more tag in what offload_cut() goes through: a
 * frame with work left in it has at most three, and INET_HEADERS_MAX bytes of
 * headers.
 */
bool offload_may_push(const struct frame *f);

/*
 * What a peer takes: a set of gso_types, in which 0 stands for a checksum.
 */
#define OFFLOAD_TAKES_NOTHING 0u
#define OFFLOAD_TAKES_TCP                                                      \
	(1u | 1u << OFFLOAD_GSO_TCPV4 | 1u << OFFLOAD_GSO_TCPV6)
#define OFFLOAD_TAKES_ALL (OFFLOAD_TAKES_TCP | 1u << OFFLOAD_GSO_UDP)

/* Whether a frame may be given to it as it is. */
static inline bool offload_is_taken(const struct offload *off, unsigned takes)
{
	return !off->flags || takes >> (off->gso_type & ~OFFLOAD_GSO_ECN) & 1u;
}

static inline bool offload_is_super(const struct offload *off)
{
	return off->gso_type != 0;
}

/* How many wire frames a frame of len bytes stands for: at least 1. */
static inline uint32_t offload_frames(const struct offload *off, uint32_t len)
{
	if (!offload_is_super(off))
		return 1;
	return (len - off->hdr_len + off->gso_size - 1u) / off->gso_size;
}

/* The bytes of all of them. */
static inline uint64_t offload_bytes(const struct offload *off, uint32_t len)
{
	return len + (uint64_t)(offload_frames(off, len) - 1) * off->hdr_len;
}

/* The bytes of the longest of them. */
static inline uint32_t offload_longest(const struct offload *off, uint32_t len)
{
	return offload_is_super(off) ? (uint32_t)off->hdr_len + off->gso_size
				     : len;
}

/* How many wire frames n wires stand for, and their bytes. */
uint64_t offload_wires_frames(const struct wire *wires, unsigned n);
uint64_t offload_wires_bytes(const struct wire *wires, unsigned n);

/*
 * Describes the i-th (from 0) of the wire frames that w stands for, complete.
 * Headers are written to scratch, borrowed by out; the payload is w's. The
 * headers of w end in its last piece, as wire_make() and wire_whole() have it.
 *
 * Numbers of a super-frame's segments: the sequence number goes on; FIN and PSH
 * are on the last, CWR on the first; the IPv4 identification counts up, also
 * where it has no meaning (RFC 6864 4.1), because Linux has it so.
 */
void offload_cut(const struct wire *w, uint32_t i,
		 uint8_t scratch[INET_HEADERS_MAX], struct wire *out);

/* Frames for a peer, cut from any number of wires. */
struct offload_batch {
	struct wire wires[FRAME_BURST];
	uint8_t scratch[FRAME_BURST][INET_HEADERS_MAX];
};

/*
 * Fills b with n wires (at least 1), each as it is if the peer takes it, else
 * its wire frames, but for the first `skip` of the first wire, as far as there
 * is room. Returns how many.
 */
unsigned offload_batch_fill(struct offload_batch *b, const struct wire *wires,
			    unsigned n, unsigned takes, uint32_t skip);

/*
 * `frames` of those are done with. Returns how many wires are complete, and
 * sets *skip for the next.
 */
unsigned offload_batch_done(const struct wire *wires, unsigned frames,
			    unsigned takes, uint32_t *skip);

/*
 * Completes the checksum in place, of a super-frame as if it were one segment.
 * data are the bytes of a frame with this offload state; afterwards it may be
 * called nothing left to do.
 */
void offload_complete(uint8_t *data, uint32_t len, const struct offload *off);

#endif
