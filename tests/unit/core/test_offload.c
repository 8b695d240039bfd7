/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <stdlib.h>

#include "switchd/core/offload.h"
#include "tests/frames/tcp.h"

static uint8_t bytes[FRAME_MAX];

static const struct tcp plain = {.df = true,
				 .ttl = 64,
				 .id = 0xfffe,
				 .port = 1000,
				 .seq = UINT32_MAX - 999,
				 .flags = 0x18,
				 .options = 12,
				 .len = 5000};

/* A sound claim about the frame that t describes; gso_size 0: checksum. */
static struct frame claim(const struct tcp *t, uint16_t gso_size)
{
	struct frame f = {.data = bytes, .len = tcp_build(t, bytes)};

	f.off.flags = OFFLOAD_NEEDS_CSUM;
	f.off.csum_start = (uint16_t)tcp_at(bytes);
	f.off.csum_offset = t->udp ? 6 : 16;
	f.off.gso_size = gso_size;
	f.off.hdr_len = 9999; /* nobody relies on it */
	if (gso_size && t->udp)
		f.off.gso_type = OFFLOAD_GSO_UDP;
	else if (gso_size)
		f.off.gso_type = t->six ? OFFLOAD_GSO_TCPV6 : OFFLOAD_GSO_TCPV4;
	return f;
}

/* --- What is claimed ------------------------------------------------- */

static void claims_of_nothing_are_forgotten(void **state)
{
	static const struct offload none;
	struct frame f = {.data = bytes, .len = 3};

	f.off = (struct offload){.flags = 2 | 4 | 0x40,
				 .hdr_len = 7,
				 .gso_size = 8,
				 .csum_start = 65535};
	assert_true(offload_check(&f));
	assert_memory_equal(&f.off, &none, sizeof(none));
}

static void sound_claims_get_their_normal_form(void **state)
{
	struct tcp t = plain;

	for (unsigned k = 0; k < 6; k++) {
		struct frame f;
		uint32_t head;

		t.six = k % 2;
		t.tags = k / 2;
		head = 14 + 4 * t.tags + (t.six ? 40 : 20) + 32;
		f = claim(&t, 1448);
		f.off.flags |= 2;
		assert_true(offload_check(&f));
		assert_int_equal(f.off.flags, OFFLOAD_NEEDS_CSUM);
		assert_int_equal(f.off.hdr_len, head);
		assert_int_equal(f.off.gso_type, t.six ? 4 : 1);
		assert_int_equal(offload_frames(&f.off, f.len), 4);
		assert_int_equal(offload_bytes(&f.off, f.len), 4 * head + 5000);
		assert_int_equal(offload_longest(&f.off, f.len), head + 1448);
		assert_int_equal(frame_payload(&f),
				 head + 1448 - 14 - 4 * t.tags);
		/* All in one segment: nothing to cut. */
		f = claim(&t, 5000);
		assert_true(offload_check(&f));
		assert_int_equal(f.off.gso_type, 0);
		assert_int_equal(offload_frames(&f.off, f.len), 1);
		assert_int_equal(offload_longest(&f.off, f.len), f.len);
	}
}

static void datagrams_get_it_too(void **state)
{
	struct tcp t = plain;

	t.udp = true;
	for (unsigned k = 0; k < 6; k++) {
		struct frame f;
		uint32_t head;

		t.six = k % 2;
		t.tags = k / 2;
		head = 14 + 4 * t.tags + (t.six ? 40 : 20) + 8;
		f = claim(&t, 1200);
		f.off.gso_type |= OFFLOAD_GSO_ECN;
		assert_true(offload_check(&f));
		assert_int_equal(f.off.hdr_len, head);
		assert_int_equal(f.off.gso_type, 5);
		assert_int_equal(offload_frames(&f.off, f.len), 5);
		assert_int_equal(offload_bytes(&f.off, f.len), 5 * head + 5000);
		assert_false(offload_is_taken(&f.off, OFFLOAD_TAKES_TCP));
		assert_true(offload_is_taken(&f.off, OFFLOAD_TAKES_ALL));
	}
	/* Of any size, but not any number. */
	t.len = 128;
	for (uint16_t size = 1; size <= 3; size++, t.len = 128 * size) {
		struct frame f = claim(&t, size);

		assert_true(offload_check(&f));
		assert_int_equal(offload_frames(&f.off, f.len), 128);
		t.len++;
		f = claim(&t, size);
		assert_false(offload_check(&f));
	}
}

static void explicit_congestion_is_seen(void **state)
{
	struct tcp t = plain;
	struct frame f;

	t.flags |= TCP_CWR;
	f = claim(&t, 1448);
	assert_true(offload_check(&f));
	assert_int_equal(f.off.gso_type, OFFLOAD_GSO_TCPV4 | OFFLOAD_GSO_ECN);
	f = claim(&plain, 1448);
	f.off.gso_type |= OFFLOAD_GSO_ECN;
	assert_true(offload_check(&f));
	assert_int_equal(f.off.gso_type, OFFLOAD_GSO_TCPV4);
}

enum field { FLAGS, GSO_TYPE, GSO_SIZE, START, OFFSET, LEN, BYTE };

static const struct row {
	const char *what;
	enum field field;
	uint16_t value;
	uint16_t at; /* for BYTE */
} rows[] = {
	{"super-frame without checksum", FLAGS, 0, 0},
	{"gso UDP", GSO_TYPE, 3, 0},
	{"gso UDP_L4", GSO_TYPE, 5, 0},
	{"gso of the other family", GSO_TYPE, 4, 0},
	{"ECN of nothing", GSO_TYPE, 0x80, 0},
	{"unknown gso", GSO_TYPE, 0x41, 0},
	{"size 0", GSO_SIZE, 0, 0},
	{"size too small", GSO_SIZE, OFFLOAD_GSO_MIN - 1, 0},
	{"checksum of nothing", START, 0, 0},
	{"checksum elsewhere", START, 36, 0},
	{"checksum beyond the end", START, 65535, 0},
	{"not the checksum", OFFSET, 4, 0},
	{"far beyond", OFFSET, 65535, 0},
	{"cut short", LEN, 4000, 0},
	{"cut in TCP", LEN, 50, 0},
	{"cut in IP", LEN, 20, 0},
	{"no frame", LEN, 3, 0},
	{"padded", LEN, 5070, 0},
	{"ARP", BYTE, 6, 13},
	{"IPv6 in name only", BYTE, 0x65, 14},
	{"IP header too short", BYTE, 0x44, 14},
	{"a fragment", BYTE, 0x20, 20},
	{"a later fragment", BYTE, 1, 21},
	{"SCTP", BYTE, 132, 23},
	{"TCP header too short", BYTE, 0x40, 34 + 12},
	{"TCP header too long", BYTE, 0xf0, 34 + 12},
	{"SYN", BYTE, 0x12, 34 + 13},
	{"RST", BYTE, 0x14, 34 + 13},
};

/* The claim about f that is not sound; bytes are f's. */
static void apply(const struct row *row, struct frame *f)
{
	switch (row->field) {
	case FLAGS:
		f->off.flags = (uint8_t)row->value;
		break;
	case GSO_TYPE:
		f->off.gso_type = (uint8_t)row->value;
		break;
	case GSO_SIZE:
		f->off.gso_size = row->value;
		break;
	case START:
		f->off.csum_start = row->value;
		break;
	case OFFSET:
		f->off.csum_offset = row->value;
		break;
	case LEN:
		f->len = row->value;
		break;
	case BYTE:
		bytes[row->at] = (uint8_t)row->value;
		break;
	}
}

static void unsound_claims_are_refused(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct tcp t = plain;
		struct frame f;

		/* No room for a header of 60 bytes. */
		if (row->at == 34 + 12 && row->value == 0xf0)
			t.len = 20;
		f = claim(&t, t.len > 20 ? 1448 : 10);
		apply(row, &f);
		if (offload_check(&f))
			fail_msg("taken for sound: %s", row->what);
	}
}

/* --- What it amounts to ---------------------------------------------- */

static void check_segment(const uint8_t *got, uint32_t i, bool last)
{
	const uint8_t *tcp = got + tcp_at(got);
	const uint8_t *ip = got + tcp_ip(got);

	if (ip[0] >> 4 == 4)
		assert_int_equal(get16(ip + 4), (uint16_t)(0xfffe + i));
	assert_int_equal(get32(tcp + 4), UINT32_MAX - 999 + i * 1448);
	assert_int_equal(tcp[13], (i == 0 ? 0x80 : 0) | (last ? 0x19 : 0x10));
}

static void datagrams_are_cut(void **state)
{
	static uint8_t got[FRAME_MAX];
	uint8_t scratch[INET_HEADERS_MAX];
	struct tcp t = plain;

	t.udp = true;
	for (unsigned k = 0; k < 6; k++) {
		struct wire whole, w;
		struct frame f;

		t.six = k % 2;
		t.tags = k / 2;
		f = claim(&t, 1200);
		assert_true(offload_check(&f));
		wire_whole(&whole, &f);
		for (uint32_t i = 0; i < 5; i++) {
			uint32_t len = i < 4 ? 1200 : 200;

			offload_cut(&whole, i, scratch, &w);
			assert_int_equal(w.len, f.off.hdr_len + len);
			wire_copy(&w, got);
			assert_true(tcp_is_right(got, w.len));
			assert_int_equal(get16(got + tcp_at(got) + 4), 8 + len);
			assert_memory_equal(got + f.off.hdr_len,
					    bytes + f.off.hdr_len + i * 1200,
					    len);
		}
	}
}

/* A peer of TCP alone is given TCP as it is, and UDP in pieces. */
static void a_batch_is_what_a_peer_takes(void **state)
{
	static struct offload_batch batch;
	static uint8_t room[2][8000];
	struct tcp t = plain;
	struct wire wires[3];
	uint32_t skip = 0;
	unsigned takes = OFFLOAD_TAKES_TCP;

	for (unsigned i = 0; i < 3; i++) {
		struct frame f;

		t.udp = i == 1;
		f = claim(&t, 1000);
		memcpy(room[t.udp], bytes, f.len);
		f.data = room[t.udp];
		assert_true(offload_check(&f));
		wire_whole(&wires[i], &f);
	}
	assert_int_equal(offload_batch_fill(&batch, wires, 3, takes, 0), 7);
	assert_int_equal(batch.wires[0].len, wires[0].len);
	assert_true(offload_is_super(&batch.wires[0].off));
	assert_int_equal(batch.wires[1].off.flags, 0);
	assert_int_equal(batch.wires[6].off.gso_size, 1000);
	assert_int_equal(offload_batch_done(wires, 3, takes, &skip), 1);
	assert_int_equal(skip, 2);
	assert_int_equal(offload_batch_fill(&batch, wires + 1, 2, takes, 2), 4);
	assert_int_equal(offload_batch_done(wires + 1, 4, takes, &skip), 2);
	assert_int_equal(skip, 0);
	assert_int_equal(
		offload_batch_fill(&batch, wires, 3, OFFLOAD_TAKES_NOTHING, 0),
		15);
	assert_int_equal(
		offload_batch_fill(&batch, wires, 3, OFFLOAD_TAKES_ALL, 0), 3);
}

static void a_super_frame_is_cut(void **state)
{
	static uint8_t got[FRAME_MAX];
	uint8_t scratch[INET_HEADERS_MAX];
	struct tcp t = plain;
	struct wire whole, w;

	t.flags = 0x99; /* CWR, PSH, FIN, ACK */
	for (unsigned k = 0; k < 6; k++) {
		struct frame f;
		uint32_t at = 0;

		t.six = k % 2;
		t.tags = k / 2;
		f = claim(&t, 1448);
		assert_true(offload_check(&f));
		wire_whole(&whole, &f);
		for (uint32_t i = 0; i < 4; i++) {
			uint32_t len = i < 3 ? 1448 : 5000 - 3 * 1448;

			offload_cut(&whole, i, scratch, &w);
			assert_int_equal(w.len, f.off.hdr_len + len);
			wire_copy(&w, got);
			assert_true(tcp_is_right(got, w.len));
			check_segment(got, i, i == 3);
			assert_memory_equal(got + f.off.hdr_len,
					    bytes + f.off.hdr_len + at, len);
			at += len;
		}
	}
}

/* With each tag that may be put on or taken off. */
static void tags_are_kept_apart(void **state)
{
	static const enum tag_op ops[] = {TAG_KEEP, TAG_PUSH, TAG_POP,
					  TAG_REPLACE};
	static uint8_t got[FRAME_MAX];
	uint8_t scratch[INET_HEADERS_MAX];
	uint8_t tag[FRAME_TAG];
	struct tcp t = plain;

	frame_write_tag(tag, 99);
	for (unsigned k = 0; k < 12; k++) {
		struct wire whole, w;
		struct frame f;

		t.tags = k / 4;
		if (t.tags == 0 && k > 1)
			continue;
		f = claim(&t, k % 2 ? 1448 : 0);
		assert_true(offload_check(&f));
		wire_make(&whole, &f, ops[k % 4], tag);
		for (uint32_t i = 0; i < offload_frames(&f.off, f.len); i++) {
			offload_cut(&whole, i, scratch, &w);
			assert_true(w.pieces <= FRAME_PIECES);
			wire_copy(&w, got);
			assert_true(tcp_is_right(got, w.len));
			if (k % 4 == 1 || k % 4 == 3)
				assert_memory_equal(got + 12, tag, 4);
		}
	}
}

/* UDP of len bytes in IPv4, padded to 60. */
static struct frame udp(uint32_t len, uint16_t source)
{
	struct tcp t = {.ttl = 64};

	(void)tcp_build(&t, bytes);
	memset(bytes + 34, 0, 60);
	bytes[23] = 17;
	put16(bytes + 16, (uint16_t)(28 + len));
	put16(bytes + 34, source);
	put16(bytes + 38, (uint16_t)(8 + len));
	return (struct frame){.data = bytes,
			      .len = 60,
			      .off = {.flags = OFFLOAD_NEEDS_CSUM,
				      .csum_start = 34,
				      .csum_offset = 6}};
}

static void a_checksum_of_udp_is_completed(void **state)
{
	uint8_t scratch[INET_HEADERS_MAX];
	uint8_t got[60];
	struct wire whole, w;
	struct frame f = udp(3, 1000);

	put16(bytes + 42, 0x1234);
	bytes[59] = 7; /* padding is of no meaning, but it is kept */
	assert_true(offload_check(&f));
	assert_int_equal(f.off.hdr_len, 42);
	wire_whole(&whole, &f);
	offload_cut(&whole, 0, scratch, &w);
	wire_copy(&w, got);
	assert_int_equal(w.len, 60);
	assert_int_equal(got[59], 7);
	assert_int_equal(
		tcp_folded(tcp_pseudo(got, 11) + tcp_sum(got + 34, 11)),
		0xffff);
	assert_int_equal(w.off.flags, 0);
	/* In place the same. */
	offload_complete(bytes, f.len, &f.off);
	assert_memory_equal(bytes, got, 60);
	/* A length that is not UDP's. */
	f = udp(3, 1000);
	bytes[39]--;
	assert_false(offload_check(&f));
}

static void a_checksum_of_udp_is_never_0(void **state)
{
	uint8_t scratch[INET_HEADERS_MAX];
	struct wire whole, w;
	struct frame f = udp(0, 0);

	/* The source port that makes the sum 0xffff. */
	(void)udp(0, (uint16_t)~tcp_folded(tcp_pseudo(bytes, 8) +
					   tcp_sum(bytes + 34, 8)));
	assert_true(offload_check(&f));
	wire_whole(&whole, &f);
	offload_cut(&whole, 0, scratch, &w);
	assert_int_equal(get16(scratch + 40), 0xffff);
}

/* Of a frame with a routing header the sender knows the last destination. */
static void a_routed_sum_is_gone_on_with(void **state)
{
	struct tcp t = {.six = true, .ttl = 64, .len = 100, .flags = 0x10};
	uint32_t len = tcp_build(&t, bytes);
	struct frame f = {.data = bytes, .len = len + 8};
	uint16_t right = get16(bytes + 54 + 16);

	put16(bytes + 54 + 16, tcp_folded(tcp_pseudo(bytes, len - 54)));
	memmove(bytes + 62, bytes + 54, len - 54);
	put32(bytes + 54, 0x06000400); /* TCP is next, type 4 */
	put32(bytes + 58, 0);
	bytes[20] = 43;
	put16(bytes + 18, (uint16_t)(len + 8 - 54));
	memset(bytes + 38, 0x20, 16); /* the next hop */
	f.off = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
				 .csum_start = 62,
				 .csum_offset = 16};
	assert_true(offload_check(&f));
	offload_complete(bytes, f.len, &f.off);
	assert_int_equal(get16(bytes + 62 + 16), right);
	f.off.gso_type = OFFLOAD_GSO_TCPV6;
	f.off.gso_size = 50;
	assert_false(offload_check(&f));
}

static void sums_do_not_depend_on_pieces(void **state)
{
	for (uint32_t i = 0; i < 200; i++)
		bytes[i] = (uint8_t)(i * 89 + 200);
	for (uint32_t from = 0; from < 9; from++)
		for (uint32_t len = 0; len < 190; len++)
			assert_int_equal(inet_fold(inet_sum(bytes + from, len)),
					 tcp_sum(bytes + from, len));
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(inet_fold(inet_sum(bytes, 65534)), 0xffff);
	/* RFC 1071, 3 */
	assert_int_equal(inet_fold(inet_sum((const uint8_t *)"\x00\x01\xf2\x03"
							     "\xf4\xf5\xf6\xf7",
					    8)),
			 0xddf2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claims_of_nothing_are_forgotten),
		cmocka_unit_test(sound_claims_get_their_normal_form),
		cmocka_unit_test(datagrams_get_it_too),
		cmocka_unit_test(explicit_congestion_is_seen),
		cmocka_unit_test(unsound_claims_are_refused),
		cmocka_unit_test(datagrams_are_cut),
		cmocka_unit_test(a_batch_is_what_a_peer_takes),
		cmocka_unit_test(a_super_frame_is_cut),
		cmocka_unit_test(tags_are_kept_apart),
		cmocka_unit_test(a_checksum_of_udp_is_completed),
		cmocka_unit_test(a_checksum_of_udp_is_never_0),
		cmocka_unit_test(a_routed_sum_is_gone_on_with),
		cmocka_unit_test(sums_do_not_depend_on_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
