/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/frag.h"

#include <string.h>

#include "switchd/core/inet.h"

#define IP6_HEADER   40
#define IP6_FRAGMENT 44 /* the next header of one */
#define FRAG_HEADER  8
#define MORE_V4      0x2000
#define MORE_V6      1

/* The payload of a fragment: as much as fits, in units of 8 if more follow. */
static uint32_t share(uint32_t rest, uint32_t room)
{
	return rest <= room ? rest : room & ~7u;
}

static uint32_t make4(const uint8_t *data, const struct packet *p, uint32_t mtu,
		      uint32_t at, struct frag *out)
{
	uint32_t header = p->l4 - FRAME_HEADER;
	uint32_t rest = p->end - p->l4 - at;
	uint32_t len = share(rest, mtu - header);
	uint8_t *ip = out->headers + FRAME_HEADER;

	memcpy(out->headers, data, p->l4);
	put16(ip + 2, (uint16_t)(header + len));
	put16(ip + 6, (uint16_t)(at / 8 | (len < rest ? MORE_V4 : 0)));
	put16(ip + 10, 0);
	put16(ip + 10, inet_ip4_checksum(ip));
	out->headers_len = p->l4;
	return len;
}

static uint32_t make6(const uint8_t *data, const struct packet *p, uint32_t mtu,
		      uint32_t at, uint32_t id, struct frag *out)
{
	uint32_t rest = p->end - p->l4 - at;
	uint32_t len = share(rest, mtu - IP6_HEADER - FRAG_HEADER);
	uint8_t *ip = out->headers + FRAME_HEADER;
	uint8_t *frag = ip + IP6_HEADER;

	memcpy(out->headers, data, FRAME_HEADER + IP6_HEADER);
	put16(ip + 4, (uint16_t)(FRAG_HEADER + len));
	ip[6] = IP6_FRAGMENT;
	frag[0] = p->protocol;
	frag[1] = 0;
	put16(frag + 2, (uint16_t)(at | (len < rest ? MORE_V6 : 0)));
	put32(frag + 4, id);
	out->headers_len = FRAME_HEADER + IP6_HEADER + FRAG_HEADER;
	return len;
}

uint32_t frag_make(const uint8_t *data, const struct packet *p, uint32_t mtu,
		   uint32_t at, uint32_t id, struct frag *out)
{
	uint32_t len = p->type == PACKET_TYPE_IPV4
			       ? make4(data, p, mtu, at, out)
			       : make6(data, p, mtu, at, id, out);

	out->payload = data + p->l4 + at;
	out->payload_len = len;
	return p->l4 + at + len < p->end ? at + len : 0;
}
