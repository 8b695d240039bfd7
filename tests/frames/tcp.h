/* SPDX-License-Identifier: MIT */
/*
 * tcp: frames of TCP, or UDP, as a test wants them, and a plain reading of the
 * standards that says whether one is right. It shares nothing with
 * switchd/core/inet.c.
 */
#ifndef LABSWITCH_TESTS_TCP_H
#define LABSWITCH_TESTS_TCP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define TCP_HEAD_MAX 256

struct tcp {
	unsigned tags; /* 0 to 2 */
	bool six;      /* IPv6 */
	bool udp;      /* then without ack, flags and options */
	bool df;
	uint8_t ttl;
	uint16_t id;
	uint16_t port; /* source */
	uint32_t seq;
	uint32_t ack;
	uint8_t flags;
	unsigned options; /* bytes, a multiple of 4 */
	uint32_t len;     /* of the payload, bytes by sequence number */
};

static inline void tcp_put(uint8_t *p, unsigned bytes, uint32_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static inline uint32_t tcp_sum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++) {
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

/* Offset of IP: 14 and the tags. */
static inline size_t tcp_ip(const uint8_t *frame)
{
	size_t at = 14;

	while ((frame[at - 2] == 0x81 && frame[at - 1] == 0) ||
	       (frame[at - 2] == 0x88 && frame[at - 1] == 0xa8))
		at += 4;
	return at;
}

/* Of TCP; without extension headers. */
static inline size_t tcp_at(const uint8_t *frame)
{
	size_t ip = tcp_ip(frame);

	return ip + (frame[ip] >> 4 == 6 ? 40u : (frame[ip] & 15u) * 4u);
}

static inline bool tcp_is_udp(const uint8_t *frame)
{
	const uint8_t *ip = frame + tcp_ip(frame);

	return (ip[0] >> 4 == 6 ? ip[6] : ip[9]) == 17;
}

static inline uint32_t tcp_pseudo(const uint8_t *frame, size_t len)
{
	const uint8_t *ip = frame + tcp_ip(frame);
	bool six = ip[0] >> 4 == 6;
	size_t at = six ? 8 : 12;
	uint8_t protocol = six ? ip[6] : ip[9];

	return tcp_sum(ip + at, six ? 32 : 8) + protocol + (uint32_t)len;
}

static inline uint16_t tcp_folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* Completes both checksums of a frame of len bytes. */
static inline void tcp_finish(uint8_t *frame, size_t len)
{
	uint8_t *ip = frame + tcp_ip(frame);
	uint8_t *tcp = frame + tcp_at(frame);
	uint8_t *sum = tcp + (tcp_is_udp(frame) ? 6 : 16);
	size_t rest = len - tcp_at(frame);

	if (ip[0] >> 4 == 4) {
		tcp_put(ip + 10, 2, 0);
		tcp_put(ip + 10, 2, (uint16_t)~tcp_sum(ip, (ip[0] & 15u) * 4u));
	}
	tcp_put(sum, 2, 0);
	tcp_put(sum, 2,
		(uint16_t)~tcp_folded(tcp_pseudo(frame, rest) +
				      tcp_sum(tcp, rest)));
	if (tcp_is_udp(frame) && sum[0] + sum[1] == 0)
		tcp_put(sum, 2, 0xffff);
}

/* Writes the header of TCP or UDP; returns its length. */
static inline uint32_t tcp_header(const struct tcp *t, uint8_t *p)
{
	uint32_t len = t->udp ? 8 : 20 + t->options;

	memset(p, 0, len);
	tcp_put(p, 2, t->port);
	tcp_put(p + 2, 2, 80);
	if (t->udp) {
		tcp_put(p + 4, 2, len + t->len);
		return len;
	}
	tcp_put(p + 4, 4, t->seq);
	tcp_put(p + 8, 4, t->ack);
	p[12] = (uint8_t)(len / 4 << 4);
	p[13] = t->flags;
	tcp_put(p + 14, 2, 512);
	memset(p + 20, 1, t->options);
	return len;
}

/* Writes the frame that t describes; returns its length. */
static inline uint32_t tcp_build(const struct tcp *t, uint8_t *frame)
{
	uint32_t head = t->udp ? 8 : 20 + t->options;
	uint8_t protocol = t->udp ? 17 : 6;
	uint8_t *p = frame + 12;

	memcpy(frame, "\2\0\0\0\0\2\2\0\0\0\0\1", 12);
	for (unsigned i = 0; i < t->tags; i++, p += 4)
		tcp_put(p, 4, i + 1 < t->tags ? 0x88a80007 : 0x8100000a);
	tcp_put(p, 2, t->six ? 0x86dd : 0x0800);
	p += 2;
	memset(p, 0, 40);
	if (t->six) {
		p[0] = 0x60;
		tcp_put(p + 4, 2, head + t->len);
		p[6] = protocol;
		p[7] = t->ttl;
		p[8] = p[24] = 0xfd;
		p[23] = 1;
		p[39] = 2;
		p += 40;
	} else {
		p[0] = 0x45;
		tcp_put(p + 2, 2, 20 + head + t->len);
		tcp_put(p + 4, 2, t->id);
		p[6] = t->df ? 0x40 : 0;
		p[8] = t->ttl;
		p[9] = protocol;
		tcp_put(p + 12, 4, 0x0a000001);
		tcp_put(p + 16, 4, 0x0a000002);
		p += 20;
	}
	p += tcp_header(t, p);
	for (uint32_t i = 0; i < t->len; i++)
		p[i] = (uint8_t)((t->seq + i) * 7 >> 2);
	tcp_finish(frame, (size_t)(p - frame) + t->len);
	return (uint32_t)(p - frame) + t->len;
}

/* Are the lengths and checksums of a frame as the standards say? */
static inline bool tcp_is_right(const uint8_t *frame, size_t len)
{
	const uint8_t *ip = frame + tcp_ip(frame);
	size_t ip_len = len - tcp_ip(frame);
	size_t said = (size_t)(ip[2] << 8 | ip[3]);
	size_t at = tcp_at(frame);

	if (ip[0] >> 4 == 6)
		said = 40u + (size_t)(ip[4] << 8 | ip[5]);
	else if (tcp_sum(ip, (ip[0] & 15u) * 4u) != 0xffff)
		return false;
	return said == ip_len &&
	       tcp_folded(tcp_pseudo(frame, len - at) +
			  tcp_sum(frame + at, len - at)) == 0xffff;
}

#endif
