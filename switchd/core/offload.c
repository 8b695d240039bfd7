/* SPDX-License-Identifier: MIT */
#include "switchd/core/offload.h"

#include <assert.h>
#include <string.h>

/* --- What a peer claims ---------------------------------------------- */

static uint8_t type_of(const struct inet *in)
{
	if (in->protocol == INET_UDP)
		return OFFLOAD_GSO_UDP;
	return in->version == 4 ? OFFLOAD_GSO_TCPV4 : OFFLOAD_GSO_TCPV6;
}

/* Of a super-frame whose checksum claim is sound. */
static bool check_super(const struct frame *f, const struct inet *in)
{
	uint8_t type = f->off.gso_type & (uint8_t)~OFFLOAD_GSO_ECN;
	uint32_t size = f->off.gso_size;

	if (type != type_of(in) || in->routed || in->end != f->len)
		return false;
	if (in->protocol == INET_UDP)
		return in->end - in->payload <= size * OFFLOAD_UDP_SEGMENTS;
	return size >= OFFLOAD_GSO_MIN &&
	       !(f->data[in->transport + 13] & (TCP_SYN | TCP_RST));
}

static bool check(const struct frame *f, const struct inet *in,
		  struct offload *out)
{
	const struct offload *off = &f->off;

	/* A super-frame needs it (virtio 1.1, 5.1.6.2.1). */
	if (!(off->flags & OFFLOAD_NEEDS_CSUM) ||
	    off->csum_start != in->transport ||
	    off->csum_offset != inet_checksum_offset(in))
		return false;
	*out = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
				.hdr_len = in->payload,
				.csum_start = off->csum_start,
				.csum_offset = off->csum_offset};
	if (!off->gso_type)
		return true;
	if (!check_super(f, in))
		return false;
	if (in->end - in->payload <= off->gso_size)
		return true;
	out->gso_size = off->gso_size;
	out->gso_type = type_of(in);
	if (in->protocol == INET_TCP && f->data[in->transport + 13] & TCP_CWR)
		out->gso_type |= OFFLOAD_GSO_ECN;
	return true;
}

bool offload_check(struct frame *f)
{
	struct offload sound = {.flags = 0};
	struct inet in;

	if (f->off.flags & OFFLOAD_NEEDS_CSUM || f->off.gso_type) {
		if (!inet_parse(f->data, f->len, f->len, &in) ||
		    in.ip > OFFLOAD_IP_MAX ||
		    in.payload > OFFLOAD_HEADERS_MAX || !check(f, &in, &sound))
			return false;
	}
	f->off = sound;
	return true;
}

bool offload_may_push(const struct frame *f)
{
	uint32_t at = FRAME_HEADER;

	if (!f->off.flags)
		return true;
	while (at < f->off.csum_start &&
	       frame_type_is_tag(get16(f->data + at - 2)))
		at += FRAME_TAG;
	return at <= OFFLOAD_IP_MAX &&
	       f->off.hdr_len + FRAME_TAG <= INET_HEADERS_MAX;
}

/* --- What it amounts to ---------------------------------------------- */

uint64_t offload_wires_frames(const struct wire *wires, unsigned n)
{
	uint64_t frames = 0;

	for (unsigned i = 0; i < n; i++)
		frames += offload_frames(&wires[i].off, wires[i].len);
	return frames;
}

uint64_t offload_wires_bytes(const struct wire *wires, unsigned n)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < n; i++)
		bytes += offload_bytes(&wires[i].off, wires[i].len);
	return bytes;
}

/* --- Doing the work -------------------------------------------------- */

/* Puts headers and one piece of payload together. */
static void make_wire(struct wire *out, const uint8_t *header,
		      uint32_t header_len, const uint8_t *payload, uint32_t len)
{
	/* iovec is not const; whoever sends only reads. */
	*out = (struct wire){
		.iov = {{(void *)(uintptr_t)header, header_len},
			{(void *)(uintptr_t)payload, len}},
		.pieces = len ? 2 : 1,
		.len = header_len + len,
	};
}

static void set_ip(uint8_t *ip, const struct inet *in, uint32_t i)
{
	if (in->version == 6) {
		put16(ip + 4, (uint16_t)(in->end - in->ip - 40));
		return;
	}
	put16(ip + 2, (uint16_t)(in->end - in->ip));
	put16(ip + 4, (uint16_t)(get16(ip + 4) + i));
	put16(ip + 10, inet_ip4_checksum(ip));
}

static void set_udp(uint8_t *udp, const struct inet *in)
{
	put16(udp + 4, (uint16_t)(in->end - in->transport));
}

static void set_tcp(uint8_t *tcp, uint32_t offset, bool last)
{
	put32(tcp + 4, get32(tcp + 4) + offset);
	if (!last)
		tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	if (offset > 0)
		tcp[13] &= (uint8_t)~TCP_CWR;
}

/* The checksum of what is in place. A routed frame's sender has put in the sum
 * of a pseudo header that we do not know. */
static uint16_t complete(const uint8_t *headers, const uint8_t *payload,
			 const struct inet *in)
{
	uint32_t sum;

	if (!in->routed)
		return inet_checksum(headers, payload, in);
	sum = inet_sum(headers + in->transport, in->payload - in->transport) +
	      inet_sum(payload, in->end - in->payload);
	sum = (uint16_t)~inet_fold(sum);
	return sum == 0 && in->protocol == INET_UDP ? 0xffff : (uint16_t)sum;
}

/* The first len bytes. Returns where the rest is, in the last piece. */
static const uint8_t *split(const struct wire *w, uint32_t len, uint8_t *dst)
{
	const struct iovec *last = &w->iov[w->pieces - 1];
	uint32_t before = w->len - (uint32_t)last->iov_len;

	assert(len >= before && len <= w->len);
	for (unsigned i = 0; i + 1 < w->pieces; i++) {
		memcpy(dst, w->iov[i].iov_base, w->iov[i].iov_len);
		dst += w->iov[i].iov_len;
	}
	memcpy(dst, last->iov_base, len - before);
	return (const uint8_t *)last->iov_base + (len - before);
}

void offload_cut(const struct wire *w, uint32_t i,
		 uint8_t scratch[INET_HEADERS_MAX], struct wire *out)
{
	uint32_t header = w->off.hdr_len;
	uint32_t len = w->len - header;
	uint32_t offset = i * w->off.gso_size;
	const uint8_t *payload;
	struct inet in;
	bool sound;

	if (!w->off.flags) {
		*out = *w;
		return;
	}
	payload = split(w, header, scratch);
	sound = inet_parse(scratch, header, w->len, &in);
	assert(sound && in.payload == header);
	(void)sound;
	if (offload_is_super(&w->off)) {
		bool last = len - offset <= w->off.gso_size;

		assert(offset < len);
		len = last ? len - offset : w->off.gso_size;
		in.end = header + len;
		set_ip(scratch + in.ip, &in, i);
		if (in.protocol == INET_UDP)
			set_udp(scratch + in.transport, &in);
		else
			set_tcp(scratch + in.transport, offset, last);
	}
	put16(scratch + in.transport + w->off.csum_offset,
	      complete(scratch, payload + offset, &in));
	make_wire(out, scratch, header, payload + offset, len);
}

/* How many frames a peer is given for w. */
static uint32_t given_frames(const struct wire *w, unsigned takes)
{
	return offload_is_taken(&w->off, takes)
		       ? 1
		       : offload_frames(&w->off, w->len);
}

unsigned offload_batch_fill(struct offload_batch *b, const struct wire *wires,
			    unsigned n, unsigned takes, uint32_t skip)
{
	unsigned filled = 0;

	for (unsigned i = 0; i < n; i++, skip = 0) {
		const struct wire *w = &wires[i];
		bool taken = offload_is_taken(&w->off, takes);
		uint32_t frames = given_frames(w, takes);

		for (; skip < frames; skip++, filled++) {
			if (filled == FRAME_BURST)
				return filled;
			if (taken)
				b->wires[filled] = *w;
			else
				offload_cut(w, skip, b->scratch[filled],
					    &b->wires[filled]);
		}
	}
	return filled;
}

unsigned offload_batch_done(const struct wire *wires, unsigned frames,
			    unsigned takes, uint32_t *skip)
{
	unsigned complete = 0;

	*skip += frames;
	while (*skip > 0) {
		uint32_t of_it = given_frames(&wires[complete], takes);

		if (*skip < of_it)
			break;
		*skip -= of_it;
		complete++;
	}
	return complete;
}

void offload_complete(uint8_t *data, uint32_t len, const struct offload *off)
{
	struct inet in;

	if (off->flags && inet_parse(data, len, len, &in))
		put16(data + in.transport + off->csum_offset,
		      complete(data, data + in.payload, &in));
}
