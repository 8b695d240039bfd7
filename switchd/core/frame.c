/* SPDX-License-Identifier: MIT */
#include "switchd/core/frame.h"

#include <string.h>

#include "switchd/core/offload.h"

#define ADDRESSES 12 /* destination and source: a tag stands behind them */

/* Bytes of header and up to two tags. */
static uint32_t header_len(const struct frame *f)
{
	uint32_t header = FRAME_HEADER;

	for (int tags = 0; tags < 2; tags++) {
		const uint8_t *type = f->data + header - 2;

		if (!frame_type_is_tag((uint16_t)(type[0] << 8 | type[1])) ||
		    f->len < header + FRAME_TAG)
			break;
		header += FRAME_TAG;
	}
	return header;
}

uint32_t frame_payload(const struct frame *f)
{
	return offload_longest(&f->off, f->len) - header_len(f);
}

uint32_t frame_payload_after(const struct frame *f, enum tag_op op)
{
	uint32_t header = header_len(f);
	bool third = op == TAG_PUSH && header == FRAME_HEADER + 2 * FRAME_TAG;

	return offload_longest(&f->off, f->len) - header +
	       (third ? FRAME_TAG : 0);
}

void frame_write_tag(uint8_t tag[FRAME_TAG], uint16_t tci)
{
	frame_write_tag_of(tag, FRAME_TYPE_VLAN, tci);
}

void frame_write_tag_of(uint8_t tag[FRAME_TAG], uint16_t type, uint16_t tci)
{
	tag[0] = (uint8_t)(type >> 8);
	tag[1] = (uint8_t)type;
	tag[2] = (uint8_t)(tci >> 8);
	tag[3] = (uint8_t)tci;
}

static void add_piece(struct wire *w, const uint8_t *data, uint32_t len)
{
	/* iovec is not const; whoever sends only reads. */
	w->iov[w->pieces].iov_base = (void *)(uintptr_t)data;
	w->iov[w->pieces].iov_len = len;
	w->pieces++;
	w->len += len;
}

/* Offsets count from the start of the frame: those behind the place of the
 * tag move with it; one before it is nonsense and stays so. */
static void shift(uint16_t *offset, int by)
{
	if (*offset >= ADDRESSES + FRAME_TAG)
		*offset = (uint16_t)(*offset + by);
}

void wire_make(struct wire *w, const struct frame *f, enum tag_op op,
	       const uint8_t tag[FRAME_TAG])
{
	bool push = op == TAG_PUSH || op == TAG_REPLACE;
	bool pop = op == TAG_POP || op == TAG_REPLACE;
	uint32_t rest = ADDRESSES + (pop ? FRAME_TAG : 0);
	int by = (push ? FRAME_TAG : 0) - (pop ? FRAME_TAG : 0);

	if (op == TAG_KEEP) {
		wire_whole(w, f);
		return;
	}
	w->pieces = 0;
	w->len = 0;
	w->off = f->off;
	add_piece(w, f->data, ADDRESSES);
	if (push)
		add_piece(w, tag, FRAME_TAG);
	add_piece(w, f->data + rest, f->len - rest);
	shift(&w->off.hdr_len, by);
	shift(&w->off.csum_start, by);
}

void wire_whole(struct wire *w, const struct frame *f)
{
	w->pieces = 0;
	w->len = 0;
	w->off = f->off;
	add_piece(w, f->data, f->len);
}

uint32_t wire_payload(const struct wire *w)
{
	uint8_t head[FRAME_HEADER + 2 * FRAME_TAG] = {0};
	const struct frame f = {.data = head, .len = w->len, .off = w->off};
	size_t len = 0;

	for (unsigned i = 0; i < w->pieces && len < sizeof(head); i++) {
		size_t part = sizeof(head) - len;

		if (w->iov[i].iov_len < part)
			part = w->iov[i].iov_len;
		memcpy(head + len, w->iov[i].iov_base, part);
		len += part;
	}
	return frame_payload(&f);
}

void wire_copy(const struct wire *w, uint8_t *dst)
{
	for (unsigned i = 0; i < w->pieces; i++) {
		memcpy(dst, w->iov[i].iov_base, w->iov[i].iov_len);
		dst += w->iov[i].iov_len;
	}
}
