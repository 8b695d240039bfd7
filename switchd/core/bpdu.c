/* SPDX-License-Identifier: MIT */
#include "switchd/core/bpdu.h"

#include <string.h>

#include "switchd/core/inet.h"

#define AT_LLC     14
#define AT_BPDU    17
#define LLC        3
#define LENGTH_MAX 1500 /* more is an EtherType */

/* Octets of a BPDU (9.3). */
#define AT_PROTOCOL      0
#define AT_VERSION       2
#define AT_TYPE          3
#define AT_FLAGS         4
#define AT_ROOT          5
#define AT_COST          13
#define AT_BRIDGE        17
#define AT_PORT          25
#define AT_MESSAGE_AGE   27
#define AT_MAX_AGE       29
#define AT_HELLO         31
#define AT_FORWARD_DELAY 33

#define FLAG_TC         0x01
#define FLAG_PROPOSAL   0x02
#define FLAG_ROLE       0x0c
#define FLAG_LEARNING   0x10
#define FLAG_FORWARDING 0x20
#define FLAG_AGREEMENT  0x40
#define FLAG_TC_ACK     0x80
#define ROLE_SHIFT      2

static const uint8_t group[6] = {0x01, 0x80, 0xc2, 0x00, 0x00, 0x00};
static const uint8_t llc[LLC] = {0x42, 0x42, 0x03};

static const struct {
	uint8_t version;
	uint8_t code;
	uint32_t len;
} types[] = {
	[BPDU_CONFIG] = {0, 0x00, 35},
	[BPDU_TCN] = {0, 0x80, 4},
	[BPDU_RST] = {2, 0x02, 36},
};

_Static_assert(sizeof(types) / sizeof(types[0]) == BPDU_TYPE_COUNT,
	       "every type has its row");

bool bpdu_is_for(const uint8_t dst[6])
{
	return memcmp(dst, group, sizeof(group)) == 0;
}

/* --- Parsing ---------------------------------------------------------- */

static uint64_t get64(const uint8_t *p)
{
	return (uint64_t)get32(p) << 32 | get32(p + 4);
}

/* Seconds, rounded to the nearest. */
static uint16_t get_time(const uint8_t *p)
{
	return (uint16_t)((get16(p) + 128u) >> 8);
}

static uint16_t clamp(uint16_t seconds, uint16_t min, uint16_t max)
{
	if (seconds < min)
		return min;
	return seconds > max ? max : seconds;
}

/* The BPDU inside the frame; NULL if there is none. */
static const uint8_t *find(const struct frame *f, uint32_t *len)
{
	uint32_t length;

	if (f->len < AT_BPDU || !bpdu_is_for(frame_dst(f)))
		return NULL;
	length = get16(f->data + 12);
	if (length > LENGTH_MAX || length < LLC ||
	    length > f->len - FRAME_HEADER)
		return NULL;
	if (memcmp(f->data + AT_LLC, llc, LLC) != 0)
		return NULL;
	*len = length - LLC;
	return f->data + AT_BPDU;
}

static bool find_type(const uint8_t *p, uint32_t len, enum bpdu_type *type)
{
	for (int i = 0; i < BPDU_TYPE_COUNT; i++) {
		if (p[AT_TYPE] != types[i].code)
			continue;
		*type = (enum bpdu_type)i;
		return len >= types[i].len;
	}
	return false;
}

static void parse_flags(uint8_t flags, struct bpdu *b)
{
	enum bpdu_role role = (flags & FLAG_ROLE) >> ROLE_SHIFT;

	if (b->type == BPDU_RST && role == BPDU_UNKNOWN)
		b->type = BPDU_CONFIG;
	b->topology_change = flags & FLAG_TC;
	b->topology_change_ack = flags & FLAG_TC_ACK;
	b->role = BPDU_DESIGNATED;
	if (b->type == BPDU_CONFIG)
		return;
	b->role = role;
	b->proposal = flags & FLAG_PROPOSAL;
	b->agreement = flags & FLAG_AGREEMENT;
	b->learning = flags & FLAG_LEARNING;
	b->forwarding = flags & FLAG_FORWARDING;
}

bool bpdu_parse(const struct frame *f, struct bpdu *b)
{
	uint32_t len;
	const uint8_t *p = find(f, &len);

	*b = (struct bpdu){.role = BPDU_UNKNOWN};
	if (!p || len < types[BPDU_TCN].len || get16(p + AT_PROTOCOL) != 0 ||
	    !find_type(p, len, &b->type))
		return false;
	if (b->type == BPDU_TCN)
		return true;
	parse_flags(p[AT_FLAGS], b);
	b->vector = (struct stp_vector){
		.root = get64(p + AT_ROOT),
		.cost = get32(p + AT_COST),
		.bridge = get64(p + AT_BRIDGE),
		.port = get16(p + AT_PORT),
	};
	b->times = (struct stp_times){
		.message_age = get_time(p + AT_MESSAGE_AGE),
		.max_age = clamp(get_time(p + AT_MAX_AGE), STP_MAX_AGE_MIN,
				 STP_MAX_AGE_MAX),
		.hello = clamp(get_time(p + AT_HELLO), STP_HELLO_MIN,
			       STP_HELLO_MAX),
		.forward_delay =
			clamp(get_time(p + AT_FORWARD_DELAY),
			      STP_FORWARD_DELAY_MIN, STP_FORWARD_DELAY_MAX),
	};
	return get16(p + AT_MESSAGE_AGE) < get16(p + AT_MAX_AGE) &&
	       b->times.message_age < b->times.max_age;
}

/* --- Emitting --------------------------------------------------------- */

static void put64(uint8_t *p, uint64_t value)
{
	put32(p, (uint32_t)(value >> 32));
	put32(p + 4, (uint32_t)value);
}

static void put_time(uint8_t *p, uint16_t seconds)
{
	put16(p, (uint16_t)(seconds << 8));
}

static uint8_t flags(const struct bpdu *b)
{
	uint8_t octet = 0;

	octet |= b->topology_change ? FLAG_TC : 0;
	octet |= b->topology_change_ack ? FLAG_TC_ACK : 0;
	if (b->type == BPDU_CONFIG)
		return octet;
	octet |= (uint8_t)(b->role << ROLE_SHIFT);
	octet |= b->proposal ? FLAG_PROPOSAL : 0;
	octet |= b->agreement ? FLAG_AGREEMENT : 0;
	octet |= b->learning ? FLAG_LEARNING : 0;
	octet |= b->forwarding ? FLAG_FORWARDING : 0;
	return octet;
}

void bpdu_emit(const struct bpdu *b, const struct mac *src,
	       uint8_t frame[BPDU_FRAME])
{
	uint8_t *p = frame + AT_BPDU;

	memset(frame, 0, BPDU_FRAME);
	memcpy(frame, group, 6);
	memcpy(frame + 6, src, 6);
	put16(frame + 12, (uint16_t)(LLC + types[b->type].len));
	memcpy(frame + AT_LLC, llc, LLC);
	p[AT_VERSION] = types[b->type].version;
	p[AT_TYPE] = types[b->type].code;
	if (b->type == BPDU_TCN)
		return;
	p[AT_FLAGS] = flags(b);
	put64(p + AT_ROOT, b->vector.root);
	put32(p + AT_COST, b->vector.cost);
	put64(p + AT_BRIDGE, b->vector.bridge);
	put16(p + AT_PORT, b->vector.port);
	put_time(p + AT_MESSAGE_AGE, b->times.message_age);
	put_time(p + AT_MAX_AGE, b->times.max_age);
	put_time(p + AT_HELLO, b->times.hello);
	put_time(p + AT_FORWARD_DELAY, b->times.forward_delay);
}
