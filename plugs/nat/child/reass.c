/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/reass.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/core/inet.h"

#define IP6_HEADER  40
#define FRAGMENT    8  /* bytes of IPv6's fragment header, and a unit */
#define HEADERS     74 /* Ethernet and the longest IPv4 */
#define IP_MAX      65535u
#define UNITS       8192
#define PATIENCE_NS UINT64_C(30000000000) /* RFC 791 says 15 to 120 s */

_Static_assert(REASS_PACKETS >= FRAME_BURST, "whole ones outlive a burst");

/* What all fragments of a packet have in common; compared as bytes. */
struct key {
	uint8_t src[16], dst[16];
	uint32_t id;
	uint16_t type;
	uint16_t protocol;
};

struct part { /* a fragment */
	struct key key;
	uint32_t at, len; /* of the payload */
	bool is_last;
	const uint8_t *payload;
};

struct whole {
	struct key key;
	uint64_t begun;   /* 0: not in use */
	uint32_t headers; /* bytes of them; 0: the first has not come */
	uint32_t size;    /* of the payload; 0: the last has not come */
	uint32_t end;     /* of what has come */
	unsigned units;   /* that have come */
	uint8_t has[UNITS / 8];
	uint8_t bytes[HEADERS + IP_MAX]; /* headers end at HEADERS */
};

struct reass {
	unsigned next;
	struct whole wholes[REASS_PACKETS];
};

struct reass *reass_new(void)
{
	return calloc(1, sizeof(struct reass));
}

void reass_free(struct reass *reass)
{
	free(reass);
}

/* False: it is malformed, or has headers that we do not know. */
static bool dissect(const struct frame *f, const struct packet *p,
		    struct part *part)
{
	const uint8_t *ip = f->data + FRAME_HEADER;
	size_t size = p->src.family == AF_INET ? 4 : 16;
	uint16_t field;

	memset(part, 0, sizeof(*part));
	memcpy(part->key.src, p->src.addr, size);
	memcpy(part->key.dst, p->dst.addr, size);
	part->key.type = p->type;
	part->payload = f->data + p->l4;
	part->len = p->end - p->l4;
	if (p->type == PACKET_TYPE_IPV4) {
		field = get16(ip + 6);
		part->key.id = get16(ip + 4);
		part->key.protocol = p->protocol;
		part->at = (field & 0x1fffu) * 8;
		part->is_last = !(field & 0x2000);
	} else {
		if (p->l4 != FRAME_HEADER + IP6_HEADER + FRAGMENT)
			return false;
		field = get16(ip + IP6_HEADER + 2);
		part->key.id = get32(ip + IP6_HEADER + 4);
		part->at = field & 0xfff8u;
		part->is_last = !(field & 1);
	}
	return part->len > 0 && (part->is_last || part->len % FRAGMENT == 0) &&
	       part->at + part->len <= IP_MAX;
}

static struct whole *find(struct reass *reass, const struct key *key,
			  uint64_t now)
{
	struct whole *w;

	for (int i = 0; i < REASS_PACKETS; i++) {
		w = &reass->wholes[i];
		if (w->begun && now - w->begun < PATIENCE_NS &&
		    memcmp(&w->key, key, sizeof(*key)) == 0)
			return w;
	}
	w = &reass->wholes[reass->next];
	reass->next = (reass->next + 1) % REASS_PACKETS;
	w->key = *key;
	w->begun = now ? now : 1;
	w->headers = w->size = w->end = 0;
	w->units = 0;
	memset(w->has, 0, sizeof(w->has));
	return w;
}

/* How many of the part's units have come before. */
static unsigned overlap(const struct whole *w, const struct part *part)
{
	unsigned n = 0;

	for (uint32_t u = part->at / 8; u < (part->at + part->len + 7) / 8; u++)
		n += w->has[u / 8] >> u % 8 & 1;
	return n;
}

static void put(struct whole *w, const struct part *part)
{
	for (uint32_t u = part->at / 8; u < (part->at + part->len + 7) / 8; u++)
		w->has[u / 8] |= (uint8_t)(1 << u % 8);
	w->units += (part->len + 7) / 8;
	memcpy(w->bytes + HEADERS + part->at, part->payload, part->len);
	if (part->at + part->len > w->end)
		w->end = part->at + part->len;
	if (part->is_last)
		w->size = part->at + part->len;
}

/* The first fragment's headers are those of the whole. */
static void put_headers(struct whole *w, const struct frame *f,
			const struct packet *p)
{
	bool is_v4 = p->type == PACKET_TYPE_IPV4;

	w->headers = is_v4 ? p->l4 : FRAME_HEADER + IP6_HEADER;
	memcpy(w->bytes + HEADERS - w->headers, f->data, w->headers);
	if (!is_v4)
		w->bytes[HEADERS - IP6_HEADER + 6] = p->protocol;
}

static uint8_t *finish(struct whole *w, uint32_t *len)
{
	uint8_t *data = w->bytes + HEADERS - w->headers;
	uint8_t *ip = data + FRAME_HEADER;
	uint32_t total = w->headers - FRAME_HEADER + w->size;

	w->begun = 0;
	if (total > IP_MAX)
		return NULL;
	*len = FRAME_HEADER + total;
	if (w->key.type == PACKET_TYPE_IPV4) {
		put16(ip + 2, (uint16_t)total);
		put16(ip + 6, 0);
		put16(ip + 10, 0);
		put16(ip + 10, inet_ip4_checksum(ip));
	} else {
		put16(ip + 4, (uint16_t)w->size);
	}
	return data;
}

uint8_t *reass_input(struct reass *reass, const struct frame *f,
		     const struct packet *p, uint64_t now, uint32_t *len)
{
	struct part part;
	struct whole *w;
	unsigned before;

	if (!dissect(f, p, &part))
		return NULL;
	w = find(reass, &part.key, now);
	before = overlap(w, &part);
	if (before == (part.len + 7) / 8)
		return NULL; /* it has come twice */
	if (before || (w->size && part.at + part.len > w->size) ||
	    (part.is_last && (w->size || part.at + part.len < w->end))) {
		w->begun = 0;
		return NULL;
	}
	put(w, &part);
	if (part.at == 0)
		put_headers(w, f, p);
	if (!w->headers || !w->size || w->units != (w->size + 7) / 8)
		return NULL;
	return finish(w, len);
}
