/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/dns_message.h"

#include <string.h>

#define LABEL_MAX      63
#define NAME_BYTES_MAX 255 /* labels with their lengths and the root */
#define RECORD_HEAD    10  /* type, class, TTL, length of the data */

/* Places in the header, and bits of its flags. */
#define AT_FLAGS   2
#define AT_QDCOUNT 4
#define AT_ANCOUNT 6
#define AT_NSCOUNT 8
#define AT_ARCOUNT 10
#define FLAG_QR    0x8000
#define FLAG_RD    0x0100
#define FLAG_RA    0x0080
#define OPCODES    0x7800

/* A byte of a label as text: no two names of hosts become one. */
static char plain(uint8_t byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return (char)(byte - 'A' + 'a');
	if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
	    byte == '-' || byte == '_')
		return (char)byte;
	return '?';
}

/* Reads the name of a question, in which nothing can be pointed to (RFC 1035,
 * 4.1.4, "prior occurrence"). Returns its end, 0: it is not whole. */
static size_t read_name(const uint8_t *message, size_t len, char *text)
{
	size_t at = DNS_HEADER, out = 0;

	while (at < len && message[at] != 0) {
		size_t label = message[at];

		if (label > LABEL_MAX || len - at - 1 < label ||
		    at - DNS_HEADER + 1 + label + 1 > NAME_BYTES_MAX)
			return 0;
		if (out > 0)
			text[out++] = '.';
		for (size_t i = 1; i <= label; i++)
			text[out++] = plain(message[at + i]);
		at += 1 + label;
	}
	text[out] = '\0';
	return at < len ? at + 1 : 0;
}

/* Returns the end of a record's name, which a pointer may finish; 0: none. */
static size_t skip_name(const uint8_t *message, size_t len, size_t at)
{
	while (at < len && message[at] != 0) {
		if (message[at] >= 0xc0)
			return len - at >= 2 ? at + 2 : 0;
		if (message[at] > LABEL_MAX)
			return 0;
		at += (size_t)1 + message[at];
	}
	return at < len ? at + 1 : 0;
}

/* Notes what an OPT record says (RFC 6891, 6.1.2); two are an error. */
static bool take_opt(struct dns_question *q, bool is_root,
		     const uint8_t *record)
{
	uint16_t size = dns_get16(record + 2);

	if (q->edns || !is_root)
		return false;
	q->edns = true;
	if (size > q->udp_max)
		q->udp_max = size;
	return true;
}

/* All records after the question; they must fill the message. */
static bool read_records(const uint8_t *message, size_t len,
			 struct dns_question *q)
{
	unsigned count = (unsigned)dns_get16(message + AT_ANCOUNT) +
			 dns_get16(message + AT_NSCOUNT) +
			 dns_get16(message + AT_ARCOUNT);
	size_t at = q->end;

	for (unsigned i = 0; i < count; i++) {
		size_t name = at;

		at = skip_name(message, len, at);
		if (at == 0 || len - at < RECORD_HEAD)
			return false;
		if (dns_get16(message + at) == DNS_TYPE_OPT &&
		    !take_opt(q, at == name + 1, message + at))
			return false;
		at += RECORD_HEAD;
		if (len - at < dns_get16(message + at - 2))
			return false;
		at += dns_get16(message + at - 2);
	}
	return at == len;
}

static bool read_question(const uint8_t *message, size_t len,
			  struct dns_question *q)
{
	size_t at;

	if (len > DNS_QUESTION_MAX || dns_get16(message + AT_QDCOUNT) != 1)
		return false;
	at = read_name(message, len, q->name);
	if (at == 0 || len - at < 4)
		return false;
	q->type = dns_get16(message + at);
	q->class = dns_get16(message + at + 2);
	q->end = (uint16_t)(at + 4);
	return read_records(message, len, q);
}

bool dns_message_parse(const uint8_t *message, size_t len,
		       struct dns_question *q, enum dns_rcode *rcode)
{
	*q = (struct dns_question){.udp_max = DNS_UDP_MIN};
	if (len < DNS_HEADER)
		return false;
	q->id = dns_get16(message);
	q->flags = dns_get16(message + AT_FLAGS);
	if (q->flags & FLAG_QR)
		return false;
	if (q->flags & OPCODES)
		*rcode = DNS_NOTIMP;
	else
		*rcode = read_question(message, len, q) ? DNS_NOERROR
							: DNS_FORMERR;
	return true;
}

static size_t put_record(const struct dns_record *record, uint8_t *out)
{
	/* The name is that of the question, pointed to. */
	dns_put16(out, 0xc000 | DNS_HEADER);
	dns_put16(out + 2, record->type);
	dns_put16(out + 4, DNS_CLASS_IN);
	memset(out + 6, 0, 4);
	dns_put16(out + 10, record->rdlen);
	memcpy(out + 12, record->rdata, record->rdlen);
	return (size_t)12 + record->rdlen;
}

/* An OPT record: root, type, size, version and flags of 0, no options. */
static size_t put_opt(uint8_t *out)
{
	memset(out, 0, 11);
	dns_put16(out + 1, DNS_TYPE_OPT);
	dns_put16(out + 3, DNS_QUESTION_MAX);
	return 11;
}

size_t dns_message_reply(const uint8_t *message, const struct dns_question *q,
			 uint16_t flags, const struct dns_record *record,
			 uint8_t out[DNS_REPLY_MAX])
{
	bool has_record = q->end && record && record->rdlen > 0;
	size_t len = q->end ? q->end : DNS_HEADER;

	if (q->end)
		memcpy(out + DNS_HEADER, message + DNS_HEADER,
		       q->end - DNS_HEADER);
	memset(out, 0, DNS_HEADER);
	dns_put16(out, q->id);
	dns_put16(out + AT_FLAGS,
		  FLAG_QR | FLAG_RA | flags | (q->flags & (OPCODES | FLAG_RD)));
	dns_put16(out + AT_QDCOUNT, q->end != 0);
	dns_put16(out + AT_ANCOUNT, has_record);
	dns_put16(out + AT_ARCOUNT, q->edns);
	if (has_record)
		len += put_record(record, out + len);
	if (q->edns)
		len += put_opt(out + len);
	return len;
}

size_t dns_message_name(const char *text, uint8_t *out, size_t size)
{
	size_t at = 0;

	while (*text) {
		size_t label = strcspn(text, ".");

		if (label == 0 || label > LABEL_MAX || size - at < label + 2 ||
		    at + label + 2 > NAME_BYTES_MAX)
			return 0;
		out[at++] = (uint8_t)label;
		memcpy(out + at, text, label);
		at += label;
		text += label + (text[label] == '.');
	}
	if (at == size)
		return 0;
	out[at++] = 0;
	return at;
}
