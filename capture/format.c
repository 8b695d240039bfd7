/* SPDX-License-Identifier: MIT */
#include "capture/format.h"

#include <string.h>

#define APPLICATION "labswitch"
#define ETHERNET    1 /* LINKTYPE_ETHERNET, of both formats */
#define NS_PER_S    1000000000u

/* --- Bytes -------------------------------------------------------------- */

static uint8_t *put(uint8_t *dst, const void *data, size_t len)
{
	if (len > 0)
		memcpy(dst, data, len);
	return dst + len;
}

static uint8_t *put_u16(uint8_t *dst, uint16_t value)
{
	return put(dst, &value, sizeof(value));
}

static uint8_t *put_u32(uint8_t *dst, uint32_t value)
{
	return put(dst, &value, sizeof(value));
}

static uint32_t get_u32(const uint8_t *src)
{
	uint32_t value;

	memcpy(&value, src, sizeof(value));
	return value;
}

static uint32_t kept_len(const struct format_frame *f)
{
	return f->wire->len < f->snaplen ? f->wire->len : f->snaplen;
}

uint8_t *format_bytes(uint8_t *dst, const struct wire *w, size_t len)
{
	for (unsigned i = 0; i < w->pieces && len > 0; i++) {
		size_t piece = w->iov[i].iov_len;

		if (piece > len)
			piece = len;
		dst = put(dst, w->iov[i].iov_base, piece);
		len -= piece;
	}
	return dst;
}

/* --- pcapng ------------------------------------------------------------- */

enum pcapng_block {
	BLOCK_SECTION = 0x0a0d0d0a, /* 4.1 */
	BLOCK_INTERFACE = 1,        /* 4.2 */
	BLOCK_STATS = 5,            /* 4.6 */
	BLOCK_FRAME = 6             /* 4.3, enhanced packet block */
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4d

/* 3.5; each block has numbers of its own beyond the first two. */
enum pcapng_option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_TIME_UNIT = 9,
	FRAME_FLAGS = 2,
	STATS_RECEIVED = 4,
	STATS_DROPPED = 5
};

/* Blocks and options end at a multiple of four bytes. */
static uint8_t *put_padding(uint8_t *dst, size_t len)
{
	static const uint8_t zero[4];

	return put(dst, zero, -len % 4);
}

static uint8_t *put_option(uint8_t *dst, enum pcapng_option code,
			   const void *value, size_t len)
{
	dst = put_u16(dst, (uint16_t)code);
	dst = put_u16(dst, (uint16_t)len);
	return put_padding(put(dst, value, len), len);
}

static uint8_t *put_text(uint8_t *dst, enum pcapng_option code,
			 const char *text)
{
	return put_option(dst, code, text, strnlen(text, FORMAT_TEXT_MAX));
}

/* The length of a block is known when it is complete. */
static uint8_t *begin(uint8_t *dst, enum pcapng_block type)
{
	return put_u32(put_u32(dst, type), 0);
}

static size_t end(uint8_t *block, uint8_t *dst)
{
	uint32_t len;

	dst = put_option(dst, OPTION_END, NULL, 0);
	len = (uint32_t)(dst - block) + sizeof(len);
	(void)put_u32(block + 4, len);
	(void)put_u32(dst, len);
	return len;
}

static uint8_t *put_time(uint8_t *dst, uint64_t time_ns)
{
	dst = put_u32(dst, (uint32_t)(time_ns >> 32));
	return put_u32(dst, (uint32_t)time_ns);
}

static size_t pcapng_header(uint8_t *block, const char *lab, uint32_t snaplen)
{
	uint8_t *dst = begin(block, BLOCK_SECTION);

	dst = put_u32(dst, BYTE_ORDER_MAGIC);
	dst = put_u16(put_u16(dst, 1), 0);                   /* version */
	dst = put_u32(put_u32(dst, UINT32_MAX), UINT32_MAX); /* to the end */
	dst = put_text(dst, SECTION_APPLICATION,
		       APPLICATION " " LABSWITCH_VERSION);
	if (lab)
		dst = put_text(dst, OPTION_COMMENT, lab);
	return end(block, dst);
}

static size_t pcapng_interface(uint8_t *block, const char *name,
			       uint32_t snaplen)
{
	static const uint8_t nanoseconds = 9; /* 10^-9 s */
	uint8_t *dst = begin(block, BLOCK_INTERFACE);

	dst = put_u16(put_u16(dst, ETHERNET), 0);
	dst = put_u32(dst, snaplen);
	dst = put_text(dst, INTERFACE_NAME, name);
	dst = put_option(dst, INTERFACE_TIME_UNIT, &nanoseconds, 1);
	return end(block, dst);
}

static size_t pcapng_frame(uint8_t *block, const struct format_frame *f)
{
	uint32_t flags = f->direction; /* 4.3.1: the lowest two bits */
	uint32_t kept = kept_len(f);
	uint8_t *dst = begin(block, BLOCK_FRAME);

	dst = put_time(put_u32(dst, f->interface), f->time_ns);
	dst = put_u32(put_u32(dst, kept), f->wire->len);
	dst = put_padding(format_bytes(dst, f->wire, kept), kept);
	dst = put_option(dst, FRAME_FLAGS, &flags, sizeof(flags));
	if (f->comment)
		dst = put_text(dst, OPTION_COMMENT, f->comment);
	return end(block, dst);
}

static size_t pcapng_stats(uint8_t *block, const struct format_stats *s)
{
	uint8_t *dst = begin(block, BLOCK_STATS);

	dst = put_time(put_u32(dst, s->interface), s->time_ns);
	dst = put_option(dst, STATS_RECEIVED, &s->received,
			 sizeof(s->received));
	dst = put_option(dst, STATS_DROPPED, &s->dropped, sizeof(s->dropped));
	return end(block, dst);
}

static size_t pcapng_block_size(const uint8_t *block)
{
	return get_u32(block + 4);
}

/* All but the length of the section header, up to the version of ours. */
static bool pcapng_ours(const uint8_t *head, size_t len)
{
	static const size_t name = 28; /* after that option's head */
	uint8_t own[FORMAT_BLOCK_MAX];

	(void)pcapng_header(own, NULL, 0);
	return len >= name + sizeof(APPLICATION) && memcmp(head, own, 4) == 0 &&
	       memcmp(head + 8, own + 8, name - 2 - 8) == 0 &&
	       memcmp(head + name, own + name, sizeof(APPLICATION) - 1) == 0;
}

const struct format format_pcapng = {
	.name = "pcapng",
	.comments = true,
	.header = pcapng_header,
	.interface = pcapng_interface,
	.frame = pcapng_frame,
	.stats = pcapng_stats,
	.block_size = pcapng_block_size,
	.ours = pcapng_ours,
};

/* --- pcap --------------------------------------------------------------- */

#define PCAP_NANOSECONDS 0xa1b23c4d
#define PCAP_HEADER      24
#define PCAP_RECORD      16

static size_t pcap_header(uint8_t *block, const char *lab, uint32_t snaplen)
{
	uint8_t *dst = put_u32(block, PCAP_NANOSECONDS);

	dst = put_u16(put_u16(dst, 2), 4); /* version */
	dst = put_u32(put_u32(dst, 0), 0); /* reserved */
	dst = put_u32(dst, snaplen);
	dst = put_u32(dst, ETHERNET);
	return (size_t)(dst - block);
}

static size_t pcap_interface(uint8_t *block, const char *name, uint32_t snaplen)
{
	return 0;
}

static size_t pcap_frame(uint8_t *block, const struct format_frame *f)
{
	uint32_t kept = kept_len(f);
	uint8_t *dst = put_u32(block, (uint32_t)(f->time_ns / NS_PER_S));

	dst = put_u32(dst, (uint32_t)(f->time_ns % NS_PER_S));
	dst = put_u32(put_u32(dst, kept), f->wire->len);
	return (size_t)(format_bytes(dst, f->wire, kept) - block);
}

static size_t pcap_stats(uint8_t *block, const struct format_stats *s)
{
	return 0;
}

static size_t pcap_block_size(const uint8_t *block)
{
	return PCAP_RECORD + get_u32(block + 8);
}

/* Whoever wrote it: the header names nobody, but this kind of pcap is rare. */
static bool pcap_ours(const uint8_t *head, size_t len)
{
	uint8_t own[PCAP_HEADER];

	(void)pcap_header(own, NULL, 0);
	return len >= PCAP_HEADER && memcmp(head, own, 16) == 0 &&
	       get_u32(head + 20) == ETHERNET;
}

const struct format format_pcap = {
	.name = "pcap",
	.header = pcap_header,
	.interface = pcap_interface,
	.frame = pcap_frame,
	.stats = pcap_stats,
	.block_size = pcap_block_size,
	.ours = pcap_ours,
};

/* --- Both --------------------------------------------------------------- */

const struct format *format_find(const char *name)
{
	static const struct format *const formats[] = {&format_pcapng,
						       &format_pcap};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	}
	return NULL;
}
