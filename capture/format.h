/* SPDX-License-Identifier: MIT */
/*
 * format: frames as a capture file has them.
 *
 * Pure writers of whole blocks into a buffer, in the byte order of this
 * machine, which both formats name in their first bytes. What a file begins
 * with is a header and an interface block for each port; then frames and, at
 * any place, statistics follow. Every function that writes returns how many
 * bytes that were: at most FORMAT_BLOCK_MAX, to which a frame adds the bytes of
 * it that are kept. Some write none.
 *
 * format_pcapng: draft-ietf-opsawg-pcapng. Ports are interfaces with a name,
 *	times are nanoseconds, the direction is in epb_flags, statistics are
 *	Interface Statistics Blocks.
 * format_pcap: draft-ietf-opsawg-pcap, with nanoseconds. It knows of neither
 *	ports nor directions, comments and statistics: those are left out.
 */
#ifndef LABSWITCH_CAPTURE_FORMAT_H
#define LABSWITCH_CAPTURE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/core/frame.h"

#define FORMAT_TEXT_MAX  128 /* longer names and comments are cut */
#define FORMAT_BLOCK_MAX 512
#define FORMAT_HEAD_MAX  64     /* bytes that ours() wants to see */
#define FORMAT_SNAPLEN   262144 /* no frame is longer; as tcpdump's */

/* As the switch sees it: rx came from the port. Values as in epb_flags. */
enum capture_direction {
	CAPTURE_RX = 1,
	CAPTURE_TX = 2,
	CAPTURE_BOTH = 3 /* of a choice, not of a frame */
};

struct format_frame {
	const struct wire *wire;
	const char *comment; /* or NULL */
	uint64_t time_ns;    /* since 1970 */
	uint32_t snaplen;    /* bytes of the frame that are kept at most */
	unsigned interface;  /* counted from 0 in the order of their blocks */
	enum capture_direction direction;
};

struct format_stats {
	uint64_t time_ns;  /* since 1970 */
	uint64_t received; /* frames there were, of which */
	uint64_t dropped;  /* are not in the file */
	unsigned interface;
};

struct format {
	const char *name; /* as in the topology: "pcapng", "pcap" */
	bool comments;    /* can say of a frame that it was dropped */
	size_t (*header)(uint8_t *dst, const char *lab, uint32_t snaplen);
	size_t (*interface)(uint8_t *dst, const char *name, uint32_t snaplen);
	size_t (*frame)(uint8_t *dst, const struct format_frame *f);
	size_t (*stats)(uint8_t *dst, const struct format_stats *s);

	/* Of a block that one of these wrote, but for pcap's header. */
	size_t (*block_size)(const uint8_t *block);

	/* Whether a file that begins with these bytes is one of ours. */
	bool (*ours)(const uint8_t *head, size_t len);
};

extern const struct format format_pcapng;
extern const struct format format_pcap;

/* Copies the first len bytes of a frame. Returns where they end. */
uint8_t *format_bytes(uint8_t *dst, const struct wire *w, size_t len);

/* By its name, or NULL. */
const struct format *format_find(const char *name);

#endif
