/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/edit.h"

#include <netinet/in.h>
#include <string.h>

#include "switchd/core/inet.h"

#define TCP_URG        0x20
#define TCP_OPTION_END 0
#define TCP_OPTION_NOP 1
#define TCP_OPTION_MSS 2
#define TCP_HEADER     20
#define IP4_CHECKSUM   10
#define ICMPV6         58

/* Where the checksum of the transport is; 0: it has none that we know. */
static uint32_t checksum_at(const struct packet *p)
{
	switch (p->protocol) {
	case IPPROTO_TCP:
		return p->l4 + 16;
	case IPPROTO_UDP:
		return p->l4 + 6;
	case ICMPV6:
		return p->l4 + 2;
	default:
		return 0;
	}
}

/* RFC 1624, equation 3. Words begin at even offsets of what is summed. */
static void update(uint8_t *sum, const uint8_t *before, const uint8_t *after,
		   size_t len)
{
	uint32_t s = (uint16_t)~get16(sum);

	for (size_t i = 0; i < len; i += 2)
		s += (uint16_t)~get16(before + i) + (uint32_t)get16(after + i);
	put16(sum, (uint16_t)~inet_fold(s));
}

/* Writes len bytes at `at`, which the checksum of the transport covers. */
static void change(uint8_t *data, const struct packet *p, uint32_t at,
		   const uint8_t *bytes, size_t len)
{
	uint32_t sum = checksum_at(p);
	bool none = p->protocol == IPPROTO_UDP && sum && !get16(data + sum);

	if (sum && !none)
		update(data + sum, data + at, bytes, len);
	memcpy(data + at, bytes, len);
}

static void change_addr(uint8_t *data, const struct packet *p, bool dst,
			const struct net *addr)
{
	bool is_v4 = p->type == PACKET_TYPE_IPV4;
	uint32_t at = FRAME_HEADER + (is_v4 ? (dst ? 16 : 12) : (dst ? 24 : 8));

	if (is_v4)
		update(data + FRAME_HEADER + IP4_CHECKSUM, data + at,
		       addr->addr, 4);
	change(data, p, at, addr->addr, is_v4 ? 4 : 16);
}

void edit_src(uint8_t *data, struct packet *p, const struct net *addr)
{
	change_addr(data, p, false, addr);
	p->src = *addr;
}

void edit_dst(uint8_t *data, struct packet *p, const struct net *addr)
{
	change_addr(data, p, true, addr);
	p->dst = *addr;
}

static void change_word(uint8_t *data, const struct packet *p, uint32_t at,
			uint16_t value)
{
	uint8_t bytes[2];

	put16(bytes, value);
	change(data, p, at, bytes, 2);
}

void edit_src_port(uint8_t *data, struct packet *p, uint16_t port)
{
	change_word(data, p, p->l4, port);
	p->src_port = port;
}

void edit_dst_port(uint8_t *data, struct packet *p, uint16_t port)
{
	change_word(data, p, p->l4 + 2, port);
	p->dst_port = port;
}

void edit_urgent(uint8_t *data, const struct packet *p)
{
	uint16_t flags = get16(data + p->l4 + 12);

	if (!(flags & TCP_URG) && !get16(data + p->l4 + 18))
		return;
	change_word(data, p, p->l4 + 12, (uint16_t)(flags & ~TCP_URG));
	change_word(data, p, p->l4 + 18, 0);
}

/* Where the value of the option is; 0: there is none. */
static uint32_t mss_at(const uint8_t *data, const struct packet *p)
{
	uint32_t end = p->l4 + (data[p->l4 + 12] >> 4) * 4u;
	uint32_t at = p->l4 + TCP_HEADER;

	if (end > p->end)
		return 0;
	while (at < end && data[at] != TCP_OPTION_END) {
		uint32_t len = 1;

		if (data[at] != TCP_OPTION_NOP) {
			if (at + 1 >= end || data[at + 1] < 2)
				return 0;
			len = data[at + 1];
		}
		if (data[at] == TCP_OPTION_MSS && len == 4 && at + 4 <= end)
			return at + 2;
		at += len;
	}
	return 0;
}

uint16_t edit_mss(uint8_t *data, const struct packet *p, uint16_t mss)
{
	uint32_t at = mss_at(data, p);
	uint8_t before[4];
	uint8_t after[4];
	uint32_t odd = (at - p->l4) % 2;
	uint8_t *words = data + at - odd;
	size_t size = 2 + 2 * odd;
	uint16_t said;

	if (!at)
		return 0;
	said = get16(data + at);
	if (!mss)
		return said;
	/* At an odd place it lies across two words of the sum. The header's
	 * length is even, so the second is in it. */
	memcpy(before, words, size);
	put16(data + at, mss);
	memcpy(after, words, size);
	update(data + checksum_at(p), before, after, size);
	return said;
}
