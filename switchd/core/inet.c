/* SPDX-License-Identifier: MIT */
#include "switchd/core/inet.h"

#include <string.h>

#include "switchd/core/frame.h"

#define TAGS_MAX       3
#define EXTENSIONS_MAX 4

#define TYPE_IP4 0x0800
#define TYPE_IP6 0x86dd

#define IP4_HEADER 20u
#define IP6_HEADER 40u
#define UDP_HEADER 8u
#define TCP_HEADER 20u

/* Next headers of IPv6 that lead to another. */
#define HOP_BY_HOP  0
#define ROUTING     43
#define DESTINATION 60

/* The type behind all tags; 0 if there is none. */
static uint16_t find_ip(const uint8_t *data, uint32_t have, struct inet *in)
{
	in->ip = FRAME_HEADER;
	for (int tags = 0; have >= in->ip; tags++) {
		uint16_t type = get16(data + in->ip - 2);

		if (!frame_type_is_tag(type))
			return type;
		if (tags == TAGS_MAX)
			break;
		in->ip += FRAME_TAG;
	}
	return 0;
}

static bool parse_ip4(const uint8_t *data, uint32_t have, struct inet *in)
{
	const uint8_t *ip = data + in->ip;
	uint16_t header;

	if (have < in->ip + IP4_HEADER || ip[0] >> 4 != 4)
		return false;
	header = (uint16_t)((ip[0] & 15) * 4);
	if (header < IP4_HEADER || get16(ip + 6) & 0x3fff)
		return false; /* a fragment */
	in->version = 4;
	in->protocol = ip[9];
	in->transport = (uint16_t)(in->ip + header);
	in->end = in->ip + (uint32_t)get16(ip + 2);
	return true;
}

static bool parse_ip6(const uint8_t *data, uint32_t have, struct inet *in)
{
	const uint8_t *ip = data + in->ip;

	if (have < in->ip + IP6_HEADER || ip[0] >> 4 != 6)
		return false;
	in->version = 6;
	in->protocol = ip[6];
	in->transport = (uint16_t)(in->ip + IP6_HEADER);
	in->end = in->transport + (uint32_t)get16(ip + 4);
	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		const uint8_t *extension = data + in->transport;

		if (in->protocol != HOP_BY_HOP && in->protocol != ROUTING &&
		    in->protocol != DESTINATION)
			break;
		if (have < in->transport + 8u)
			return false;
		in->routed |= in->protocol == ROUTING;
		in->protocol = extension[0];
		in->transport += (uint16_t)((extension[1] + 1) * 8);
	}
	return true;
}

static bool parse_transport(const uint8_t *data, uint32_t have, struct inet *in)
{
	bool tcp = in->protocol == INET_TCP;
	uint32_t least = tcp ? TCP_HEADER : UDP_HEADER;
	const uint8_t *header = data + in->transport;

	if ((!tcp && in->protocol != INET_UDP) || have < in->transport + least)
		return false;
	if (!tcp && get16(header + 4) != in->end - in->transport)
		return false;
	in->payload = (uint16_t)(in->transport +
				 (tcp ? (header[12] >> 4) * 4u : least));
	return in->payload >= in->transport + least && in->payload <= have &&
	       in->payload <= in->end;
}

bool inet_parse(const uint8_t *data, uint32_t have, uint32_t len,
		struct inet *in)
{
	uint16_t type;
	bool ip = false;

	*in = (struct inet){.version = 0};
	if (have > INET_HEADERS_MAX)
		have = INET_HEADERS_MAX;
	type = find_ip(data, have, in);
	if (type == TYPE_IP4)
		ip = parse_ip4(data, have, in);
	else if (type == TYPE_IP6)
		ip = parse_ip6(data, have, in);
	return ip && in->end <= len && parse_transport(data, have, in);
}

uint32_t inet_sum(const uint8_t *data, size_t len)
{
	uint64_t sum = 0;
	uint64_t word;
	uint8_t bytes[2];
	uint16_t folded;

	/*
	 * Whatever the machine's order of bytes, the sum of words as it has
	 * them, written to memory, is the sum of words as the network has them
	 * (RFC 1071 2(B)).
	 */
	for (; len >= sizeof(word); len -= sizeof(word), data += sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		sum += (word & UINT32_MAX) + (word >> 32);
	}
	word = 0;
	memcpy(&word, data, len);
	sum += (word & UINT32_MAX) + (word >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	folded = inet_fold((uint32_t)sum);
	memcpy(bytes, &folded, sizeof(bytes));
	return get16(bytes);
}

uint16_t inet_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

uint32_t inet_pseudo_sum(const uint8_t *data, const struct inet *in,
			 uint32_t len)
{
	const uint8_t *ip = data + in->ip;
	uint32_t addresses =
		in->version == 4 ? inet_sum(ip + 12, 8) : inet_sum(ip + 8, 32);

	return addresses + in->protocol + (len >> 16) + (len & 0xffff);
}

uint16_t inet_checksum(const uint8_t *headers, const uint8_t *payload,
		       const struct inet *in)
{
	const uint8_t *header = headers + in->transport;
	uint16_t offset = inet_checksum_offset(in);
	uint32_t sum = inet_pseudo_sum(headers, in, in->end - in->transport);
	uint16_t checksum;

	sum += inet_sum(header, offset);
	sum += inet_sum(header + offset + 2,
			in->payload - in->transport - offset - 2u);
	sum += inet_sum(payload, in->end - in->payload);
	checksum = (uint16_t)~inet_fold(sum);
	/* In UDP 0 says that there is none (RFC 768). */
	return checksum == 0 && in->protocol == INET_UDP ? 0xffff : checksum;
}

uint16_t inet_ip4_checksum(const uint8_t *ip)
{
	size_t header = (size_t)(ip[0] & 15) * 4;

	return (uint16_t)~inet_fold(inet_sum(ip, 10) +
				    inet_sum(ip + 12, header - 12));
}

void inet_set_length(uint8_t *headers, const struct inet *in, uint32_t len)
{
	uint8_t *ip = headers + in->ip;
	uint32_t sum = inet_pseudo_sum(headers, in, len - in->transport);

	if (in->version == 4) {
		put16(ip + 2, (uint16_t)(len - in->ip));
		put16(ip + 10, inet_ip4_checksum(ip));
	} else {
		put16(ip + 4, (uint16_t)(len - in->ip - 40));
	}
	put16(headers + in->transport + inet_checksum_offset(in),
	      inet_fold(sum));
}
