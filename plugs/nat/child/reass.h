/* SPDX-License-Identifier: MIT */
/*
 * reass: fragments of IPv4 and IPv6 put together (RFC 791 3.2, RFC 8200 4.5),
 * so that libslirp sees whole packets only: it knows none of IPv6, and its own
 * code for IPv4 (4.7.0) can be made to overwrite memory by overlapping ones.
 *
 * A packet with fragments that overlap is forgotten (RFC 5722; for IPv4 too:
 * nobody sends such in good faith), one that repeats a fragment is not. Pure,
 * and of a fixed size: what is begun last takes the place of what was begun
 * first.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_REASS_H
#define LABSWITCH_PLUGS_NAT_CHILD_REASS_H

#include <stdint.h>

#include "plugs/nat/packet.h"

#define REASS_PACKETS 64 /* begun at a time; at least FRAME_BURST */

struct reass;

/* NULL: no memory. */
struct reass *reass_new(void);
void reass_free(struct reass *reass);

/*
 * Takes a fragment, p being what packet_parse() says of it. Returns the whole
 * frame that it completes, with its length; NULL: none. It may be changed, and
 * stays until REASS_PACKETS others have been begun.
 */
uint8_t *reass_input(struct reass *reass, const struct frame *f,
		     const struct packet *p, uint64_t now, uint32_t *len);

#endif
