/* SPDX-License-Identifier: MIT */
/*
 * frame: Ethernet frames as the switch sees them.
 *
 * A struct frame is what came in: one contiguous, borrowed run of bytes that
 * nobody writes to. A struct wire is the same frame as it leaves on one port:
 * at most three pieces, so that a VLAN tag is pushed, popped or replaced by
 * describing other pieces, never by touching or copying the bytes. Both live
 * as long as the burst they belong to; what must live longer is copied into a
 * struct hold (hold.h).
 *
 * Frames carry no FCS. Layouts: IEEE 802.3-2018 clause 3, IEEE 802.1Q-2018
 * clause 9.6 (tag: TPID 0x8100, then PCP:3 DEI:1 VID:12).
 */
#ifndef LABSWITCH_CORE_FRAME_H
#define LABSWITCH_CORE_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#define FRAME_HEADER  14 /* destination, source, type */
#define FRAME_TAG     4  /* TPID, TCI */
#define FRAME_MTU_MIN 68 /* RFC 791: the least IPv4 can live with */
#define FRAME_MTU_MAX 65520
#define FRAME_MAX     (FRAME_HEADER + 2 * FRAME_TAG + FRAME_MTU_MAX)
#define FRAME_BURST   64 /* frames of one wake-up */
#define FRAME_PIECES  3

#define FRAME_TYPE_VLAN 0x8100 /* C-tag */
#define FRAME_TYPE_QINQ 0x88a8 /* S-tag */

/*
 * Work that the sender left to the receiver, in the meaning of the
 * virtio-net header (virtio 1.1, 5.1.6): a checksum to be completed, or one
 * large segment to be cut (offload.h). All zero: nothing is left to do.
 */
struct offload {
	uint8_t flags;
	uint8_t gso_type;
	uint16_t hdr_len;
	uint16_t gso_size;
	uint16_t csum_start;
	uint16_t csum_offset;
};

struct frame {
	const uint8_t *data;
	uint32_t len;
	struct offload off;
};

struct wire {
	struct iovec iov[FRAME_PIECES];
	unsigned pieces; /* 1 to FRAME_PIECES */
	uint32_t len;    /* sum of the pieces */
	struct offload off;
};

/* What is done to the outer tag of a frame on its way out. */
enum tag_op {
	TAG_KEEP,    /* as it came */
	TAG_PUSH,    /* put a tag in front of the type */
	TAG_POP,     /* take the outer tag off */
	TAG_REPLACE, /* TAG_POP, then TAG_PUSH */
	TAG_OP_COUNT
};

/* A C-tag's or an S-tag's. */
static inline bool frame_type_is_tag(uint16_t type)
{
	return type == FRAME_TYPE_VLAN || type == FRAME_TYPE_QINQ;
}

/* The type field after the addresses; the frame has at least 14 bytes. */
static inline uint16_t frame_type(const struct frame *f)
{
	return (uint16_t)(f->data[12] << 8 | f->data[13]);
}

static inline const uint8_t *frame_dst(const struct frame *f)
{
	return f->data;
}

static inline const uint8_t *frame_src(const struct frame *f)
{
	return f->data + 6;
}

/* The TCI of the outer tag; the frame has one and at least 18 bytes. */
static inline uint16_t frame_tci(const struct frame *f)
{
	return (uint16_t)(f->data[14] << 8 | f->data[15]);
}

/*
 * Bytes of payload as an mtu counts them: without header and without up to two
 * tags (0x8100 or 0x88a8); of a super-frame (offload.h) those of the longest of
 * its wire frames. The frame has at least 14 bytes.
 */
uint32_t frame_payload(const struct frame *f);

/* The same as the frame leaves with op done to it: a third tag is payload. */
uint32_t frame_payload_after(const struct frame *f, enum tag_op op);

/* Writes a C-tag with this TCI; or a tag of this type. */
void frame_write_tag(uint8_t tag[FRAME_TAG], uint16_t tci);
void frame_write_tag_of(uint8_t tag[FRAME_TAG], uint16_t type, uint16_t tci);

/*
 * Describes f as it leaves with op done to it. tag holds the tag to push and
 * is borrowed as long as f is (unused for TAG_KEEP and TAG_POP). For TAG_POP
 * and TAG_REPLACE f has a tag and at least 18 bytes.
 */
void wire_make(struct wire *w, const struct frame *f, enum tag_op op,
	       const uint8_t tag[FRAME_TAG]);

/* A frame of one piece, as it is. */
void wire_whole(struct wire *w, const struct frame *f);

/* What frame_payload() says of a frame that is so on the wire. */
uint32_t wire_payload(const struct wire *w);

/* Copies all pieces one after the other; dst has room for w->len bytes. */
void wire_copy(const struct wire *w, uint8_t *dst);

#endif
