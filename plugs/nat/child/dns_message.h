/* SPDX-License-Identifier: MIT */
/*
 * dns_message: DNS messages (RFC 1035 section 4, RFC 6891 for EDNS), as far as
 * a forwarder looks into them: the question, and replies of one record. Pure.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_DNS_MESSAGE_H
#define LABSWITCH_PLUGS_NAT_CHILD_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_HEADER       12
#define DNS_NAME_SIZE    256
#define DNS_RDATA_MAX    256
#define DNS_QUESTION_MAX 4096 /* longest question; longer: FORMERR */
#define DNS_REPLY_MAX    1024 /* longest that dns_message_reply() writes */
#define DNS_UDP_MIN      512  /* what every asker takes by UDP */

enum dns_type {
	DNS_TYPE_A = 1,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_OPT = 41,
	DNS_TYPE_ANY = 255
};

#define DNS_CLASS_IN  1
#define DNS_CLASS_ANY 255

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4
};

#define DNS_FLAG_AA 0x0400
#define DNS_FLAG_TC 0x0200

struct dns_question {
	uint16_t id;
	uint16_t flags; /* of the header */
	uint16_t type;
	uint16_t class;
	uint16_t end;     /* of the question in the message; 0: not parsed */
	uint16_t udp_max; /* longest answer by UDP, at least DNS_UDP_MIN */
	bool edns;        /* it has an OPT record */
	char name[DNS_NAME_SIZE]; /* lower case, no dot at the end; what no host
				   * name has is a '?' */
};

/*
 * Returns false if there is nothing to be said: too short for a header, or a
 * response. Else *rcode is DNS_NOERROR, or with what it must be answered:
 * DNS_FORMERR (not exactly one question, records that do not fill the message,
 * too long) or DNS_NOTIMP (not a QUERY).
 */
bool dns_message_parse(const uint8_t *message, size_t len,
		       struct dns_question *q, enum dns_rcode *rcode);

/* What a reply of our own says; rdlen 0: no record. */
struct dns_record {
	uint16_t type;
	uint16_t rdlen;
	uint8_t rdata[DNS_RDATA_MAX];
};

/*
 * Writes a reply to the question that was parsed from this message, with an
 * OPT record if it has one. `flags` are of the header, the rcode included; QR,
 * RD and RA come by themselves. record may be NULL. Its TTL is 0. Returns the
 * length, at most DNS_UDP_MIN if rdlen is at most 140.
 */
size_t dns_message_reply(const uint8_t *message, const struct dns_question *q,
			 uint16_t flags, const struct dns_record *record,
			 uint8_t out[DNS_REPLY_MAX]);

/* Writes "alice.lab" as labels. Returns the length; 0: it is no name. */
size_t dns_message_name(const char *text, uint8_t *out, size_t size);

/* Fields of messages are in the order of the network, unaligned. */
static inline uint16_t dns_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void dns_put16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

#endif
