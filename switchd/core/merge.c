/* SPDX-License-Identifier: MIT */
#include "switchd/core/merge.h"

#include <assert.h>
#include <string.h>

#define IP_MAX   65535
#define PAYS_LEN 128 /* longer than headers alone */

static bool pays(const struct wire *w)
{
	const struct iovec *last = &w->iov[w->pieces - 1];
	const uint8_t *type = last->iov_base;

	if (w->len < PAYS_LEN || offload_is_super(&w->off))
		return false;
	/* Behind the addresses; whatever wire_make() does, it cuts there. */
	if (w->pieces == 1)
		type += FRAME_HEADER - 2;
	for (int tags = 0; tags < 2 && frame_type_is_tag(get16(type)); tags++)
		type += FRAME_TAG;
	return type[0] == 0x08 ? type[2 + 9] == INET_TCP
			       : type[0] == 0x86 && type[2 + 6] == INET_TCP;
}

bool merge_pays(const struct wire *wires, unsigned n)
{
	unsigned candidates = 0;

	for (unsigned i = 0; i < n && candidates < 2; i++)
		candidates += pays(&wires[i]);
	return candidates == 2;
}

/* The first bytes of a wire; returns how many. */
static uint32_t copy_head(const struct wire *w, uint8_t *dst)
{
	uint32_t have = 0;

	for (unsigned i = 0; i < w->pieces; i++) {
		size_t len = w->iov[i].iov_len;

		if (len > INET_HEADERS_MAX - have)
			len = INET_HEADERS_MAX - have;
		memcpy(dst + have, w->iov[i].iov_base, len);
		have += (uint32_t)len;
	}
	return have;
}

/* Sets *in and the payload if w is TCP whose payload is in one piece. */
static bool locate(const struct wire *w, const uint8_t *head, uint32_t have,
		   struct merge_segment *s)
{
	const struct iovec *last = &w->iov[w->pieces - 1];
	uint32_t before = w->len - (uint32_t)last->iov_len;

	if (!inet_parse(head, have, w->len, &s->in) ||
	    s->in.protocol != INET_TCP || s->in.payload < before)
		return false;
	s->payload = (const uint8_t *)last->iov_base + (s->in.payload - before);
	s->len = s->in.end - s->in.payload;
	return true;
}

static bool checksums_are_right(const struct wire *w, const uint8_t *head,
				const struct merge_segment *s)
{
	const uint8_t *ip = head + s->in.ip;
	const uint8_t *tcp = head + s->in.transport;

	if (s->in.version == 4 && get16(ip + 10) != inet_ip4_checksum(ip))
		return false;
	return w->off.flags ||
	       get16(tcp + 16) == inet_checksum(head, s->payload, &s->in);
}

/* May it be merged with others at all? */
static bool is_joinable(const struct wire *w, const uint8_t *head,
			const struct merge_segment *s)
{
	uint8_t flags = head[s->in.transport + 13];

	return s->len > 0 && s->in.end == w->len && !s->in.routed &&
	       s->in.ip <= OFFLOAD_IP_MAX &&
	       s->in.payload <= OFFLOAD_HEADERS_MAX &&
	       (flags & ~TCP_PSH) == TCP_ACK && !offload_is_super(&w->off);
}

/* --- Who belongs together -------------------------------------------- */

static bool same(const uint8_t *a, const uint8_t *b, uint32_t from, uint32_t to)
{
	return memcmp(a + from, b + from, to - from) == 0;
}

/* Same addresses and ports. */
static bool same_flow(const uint8_t *a, const struct inet *ina,
		      const uint8_t *b, const struct inet *inb)
{
	uint32_t addresses = ina->version == 4 ? 12 : 8;
	uint32_t len = ina->version == 4 ? 8 : 32;

	return memcmp(a + ina->transport, b + inb->transport, 4) == 0 &&
	       ina->version == inb->version &&
	       memcmp(a + ina->ip + addresses, b + inb->ip + addresses, len) ==
		       0;
}

/* All that is to be the same in each segment of a super-frame. */
static bool same_headers(const uint8_t *a, const uint8_t *b,
			 const struct inet *in)
{
	const uint8_t *ip_a = a + in->ip, *ip_b = b + in->ip;
	const uint8_t *tcp_a = a + in->transport, *tcp_b = b + in->transport;
	uint32_t ip_len = in->transport - in->ip;
	bool same_ip =
		in->version == 4
			? same(ip_a, ip_b, 0, 2) && same(ip_a, ip_b, 6, 10) &&
				  same(ip_a, ip_b, 12, ip_len)
			: same(ip_a, ip_b, 0, 4) && same(ip_a, ip_b, 6, ip_len);

	return same_ip && same(a, b, 0, in->ip) && same(tcp_a, tcp_b, 8, 13) &&
	       same(tcp_a, tcp_b, 14, 16) &&
	       same(tcp_a, tcp_b, 18, in->payload - in->transport);
}

/* Would the next segment, k, go on where the group ends? */
static bool fits(const struct merge *m, const struct merge_group *g, unsigned k)
{
	const struct merge_segment *first = &m->segments[g->first];
	const struct merge_segment *s = &m->segments[k];
	const uint8_t *a = m->heads[g->first], *b = m->heads[k];
	uint32_t joined = g->len - first->in.payload;

	if (!s->joinable || s->in.ip != first->in.ip ||
	    s->in.transport != first->in.transport ||
	    s->in.payload != first->in.payload || !same_headers(a, b, &s->in) ||
	    s->len > first->len)
		return false;
	if (g->len + s->len > FRAME_MAX ||
	    g->len + s->len - first->in.ip > IP_MAX)
		return false;
	if (s->in.version == 4 &&
	    get16(b + s->in.ip + 4) !=
		    (uint16_t)(get16(a + s->in.ip + 4) + g->frames))
		return false;
	return get32(b + s->in.transport + 4) ==
	       get32(a + s->in.transport + 4) + joined;
}

/* Checksums are last, because only they cost: of what stays alone none is
 * looked at. */
static bool continues(const struct merge *m, const struct merge_group *g,
		      const struct wire *wires, unsigned k)
{
	unsigned first = g->first;

	return fits(m, g, k) &&
	       (g->frames > 1 ||
		checksums_are_right(&wires[first], m->heads[first],
				    &m->segments[first])) &&
	       checksums_are_right(&wires[k], m->heads[k], &m->segments[k]);
}

/* May more follow after segment k? */
static bool stays_open(const struct merge *m, const struct merge_group *g,
		       unsigned k)
{
	const struct merge_segment *s = &m->segments[k];

	return s->len == m->segments[g->first].len &&
	       !(m->heads[k][s->in.transport + 13] & TCP_PSH);
}

static void join(struct merge *m, struct merge_group *g, unsigned k)
{
	m->segments[k].group = (uint8_t)(g - m->groups);
	m->segments[g->last].next = (uint8_t)k;
	g->last = (uint8_t)k;
	g->frames++;
	g->len += m->segments[k].len;
	g->open = stays_open(m, g, k);
}

static void begin(struct merge *m, unsigned k, uint32_t len)
{
	struct merge_group *g = &m->groups[m->count];

	m->segments[k].group = (uint8_t)m->count++;
	*g = (struct merge_group){.first = (uint8_t)k,
				  .last = (uint8_t)k,
				  .frames = 1,
				  .len = len};
	g->open = m->segments[k].joinable &&
		  m->segments[k].len >= OFFLOAD_GSO_MIN && stays_open(m, g, k);
}

static struct merge_group *open_group(struct merge *m, unsigned k)
{
	for (unsigned i = 0; i < m->count; i++) {
		struct merge_group *g = &m->groups[i];

		if (g->open &&
		    same_flow(m->heads[g->first], &m->segments[g->first].in,
			      m->heads[k], &m->segments[k].in))
			return g;
	}
	return NULL;
}

/* A segment that does not go on where the last one of its flow ended must
 * not be overtaken by those after it. */
static void place(struct merge *m, const struct wire *wires, unsigned k)
{
	const struct wire *w = &wires[k];
	struct merge_segment *s = &m->segments[k];
	uint32_t have = copy_head(w, m->heads[k]);
	struct merge_group *g = NULL;

	*s = (struct merge_segment){.payload = NULL};
	if (locate(w, m->heads[k], have, s)) {
		s->joinable = is_joinable(w, m->heads[k], s);
		g = open_group(m, k);
	}
	if (g && continues(m, g, wires, k)) {
		join(m, g, k);
		return;
	}
	if (g)
		g->open = false;
	begin(m, k, w->len);
}

/* --- What leaves ----------------------------------------------------- */

/* The headers of the first become those of all. */
static void set_headers(struct merge *m, const struct merge_group *g,
			struct offload *off)
{
	const struct merge_segment *first = &m->segments[g->first];
	const struct inet *in = &first->in;
	uint8_t *head = m->heads[g->first];

	head[in->transport + 13] |=
		m->heads[g->last][in->transport + 13] & TCP_PSH;
	inet_set_length(head, in, g->len);
	*off = (struct offload){
		.flags = OFFLOAD_NEEDS_CSUM,
		.gso_type = in->version == 4 ? OFFLOAD_GSO_TCPV4
					     : OFFLOAD_GSO_TCPV6,
		.hdr_len = in->payload,
		.gso_size = (uint16_t)first->len,
		.csum_start = in->transport,
		.csum_offset = inet_checksum_offset(in),
	};
}

/* Writes the pieces of a group to iov. Returns how many. */
static unsigned describe(struct merge *m, const struct merge_group *g,
			 const struct wire *wires, struct iovec *iov,
			 struct offload *off)
{
	unsigned k = g->first;

	if (g->frames == 1) {
		*off = wires[k].off;
		memcpy(iov, wires[k].iov, wires[k].pieces * sizeof(*iov));
		return wires[k].pieces;
	}
	set_headers(m, g, off);
	iov[0] = (struct iovec){m->heads[k], m->segments[k].in.payload};
	for (unsigned i = 1; i <= g->frames; i++) {
		const struct merge_segment *s = &m->segments[k];

		/* iovec is not const; whoever sends only reads. */
		iov[i] = (struct iovec){(void *)(uintptr_t)s->payload, s->len};
		k = s->next;
	}
	return 1u + g->frames;
}

void merge_burst(struct merge *m, const struct wire *wires, unsigned n)
{
	struct iovec *iov = m->iov;

	assert(n >= 1 && n <= FRAME_BURST);
	m->count = 0;
	for (unsigned k = 0; k < n; k++)
		place(m, wires, k);
	for (unsigned i = 0; i < m->count; i++) {
		const struct merge_group *g = &m->groups[i];
		struct merged *out = &m->out[i];

		*out = (struct merged){
			.iov = iov, .len = g->len, .frames = g->frames};
		out->pieces = describe(m, g, wires, iov, &out->off);
		iov += out->pieces;
	}
}

void merge_copy(const struct merged *f, uint8_t *dst)
{
	for (unsigned i = 0; i < f->pieces; i++) {
		memcpy(dst, f->iov[i].iov_base, f->iov[i].iov_len);
		dst += f->iov[i].iov_len;
	}
}
