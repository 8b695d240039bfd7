/* SPDX-License-Identifier: MIT */
/*
 * inet: where the TCP or UDP of a frame is, and the Internet checksum
 * (RFC 1071).
 *
 * Only what checksum and segmentation offload need: a frame that is anything
 * but plain TCP or UDP in IP is one that nothing is known about.
 */
#ifndef LABSWITCH_CORE_INET_H
#define LABSWITCH_CORE_INET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INET_TCP 6
#define INET_UDP 17

/*
 * The longest headers that inet_parse() goes through, with those of TCP or
 * UDP; tags, extension headers and options beyond it are none of ours.
 */
#define INET_HEADERS_MAX 192

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define TCP_CWR 0x80

/* Offsets from the start of the frame. */
struct inet {
	uint8_t version;    /* 4 or 6 */
	uint8_t protocol;   /* INET_TCP or INET_UDP */
	bool routed;        /* has a routing header: the destination may not be
			     * the one that the checksum knows */
	uint16_t ip;        /* header of IP */
	uint16_t transport; /* header of TCP or UDP */
	uint16_t payload;   /* what follows it */
	uint32_t end;       /* of IP; what follows is padding */
};

/*
 * Fills *in and returns true if the frame is Ethernet with up to three tags
 * (the two that it may come with, and one that we push), IPv4 that is no
 * fragment or IPv6 with up to four hop-by-hop, routing and destination
 * headers, and TCP or UDP, with lengths that agree.
 *
 * data has the first `have` bytes of a frame of len bytes; INET_HEADERS_MAX, or
 * len if that is less, are always enough.
 */
bool inet_parse(const uint8_t *data, uint32_t have, uint32_t len,
		struct inet *in);

/*
 * The sum of big-endian 16-bit words, to be added to others of its kind (up to
 * 65,536 of them) and given to inet_fold(). An odd last byte counts as one
 * followed by 0, so all pieces but the last have an even length.
 */
uint32_t inet_sum(const uint8_t *data, size_t len);

/* To 16 bits. ~inet_fold() is the checksum. */
uint16_t inet_fold(uint32_t sum);

/* The sum of the pseudo header before a TCP or UDP of len bytes, header
 * included (RFC 9293 3.1, RFC 8200 8.1). data are the headers. */
uint32_t inet_pseudo_sum(const uint8_t *data, const struct inet *in,
			 uint32_t len);

/*
 * What the checksum of TCP or UDP must be, whatever it is: headers has in->
 * payload bytes, payload the rest up to in->end. The frame is not routed.
 */
uint16_t inet_checksum(const uint8_t *headers, const uint8_t *payload,
		       const struct inet *in);

/* The same of an IPv4 header; ip points to it. */
uint16_t inet_ip4_checksum(const uint8_t *ip);

/*
 * Makes the frame len bytes long, as its headers say: the length of IP, the
 * checksum of IPv4; TCP's or UDP's becomes the sum of its pseudo header, to
 * which the rest is to be added (virtio 1.1, 5.1.6: NEEDS_CSUM).
 */
void inet_set_length(uint8_t *headers, const struct inet *in, uint32_t len);

/* Where the checksum is in the header of TCP or UDP. */
static inline uint16_t inet_checksum_offset(const struct inet *in)
{
	return in->protocol == INET_TCP ? 16 : 6;
}

/* Big-endian numbers. */
static inline uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static inline void put16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static inline void put32(uint8_t *p, uint32_t value)
{
	put16(p, (uint16_t)(value >> 16));
	put16(p + 2, (uint16_t)value);
}

#endif
