/* SPDX-License-Identifier: MIT */
#include "tests/unit/nat/nat_conf.h"

#include <sys/socket.h>

#include "plugs/nat/packet.h"
#include "switchd/core/inet.h"

static struct packet_ends ends(const char *src, const char *dst)
{
	return (struct packet_ends){
		.src_mac = {{0x52, 0x55, 10, 0, 2, 2}},
		.dst_mac = {{0x52, 0x54, 0, 0, 0, 1}},
		.src = net_of(src),
		.dst = net_of(dst),
		.src_port = 53,
		.dst_port = 4242,
	};
}

static bool parse(const uint8_t *data, size_t len, struct packet *p)
{
	struct frame f = {.data = data, .len = (uint32_t)len};

	return packet_parse(&f, p);
}

static void udp_of_both_families(void **state)
{
	static const char *const pairs[][2] = {{"10.0.2.3", "10.0.2.15"},
					       {"fd00::3", "fd00::f"}};
	uint8_t out[200];

	for (size_t i = 0; i < 2; i++) {
		struct packet_ends e = ends(pairs[i][0], pairs[i][1]);
		size_t len = packet_udp(&e, (const uint8_t *)"hello", 5, out,
					sizeof(out));
		struct frame f = {.data = out, .len = (uint32_t)len};
		struct packet p;

		assert_int_equal(len, (i ? 62 : 42) + 5);
		assert_true(packet_parse(&f, &p));
		assert_int_equal(p.protocol, PACKET_UDP);
		assert_memory_equal(&p.src, &e.src, sizeof(e.src));
		assert_memory_equal(&p.dst, &e.dst, sizeof(e.dst));
		assert_int_equal(p.src_port, 53);
		assert_int_equal(p.dst_port, 4242);
		assert_int_equal(p.end, len);
		assert_memory_equal(out + p.l4 + 8, "hello", 5);
		assert_int_equal(packet_l4_checksum(&f, &p), 0);
		if (!i)
			assert_int_equal(inet_fold(inet_sum(out + 14, 20)),
					 0xffff);
		out[p.l4 + 9] ^= 1;
		assert_int_not_equal(packet_l4_checksum(&f, &p), 0);
	}
}

/* RFC 768: a checksum that comes out as 0 is sent as ones. */
static void udp_checksum_is_never_zero(void **state)
{
	struct packet_ends e = ends("fd00::3", "fd00::f");
	uint8_t data[2];
	uint8_t out[64];
	int ones = 0;

	for (unsigned i = 0; i <= 0xffff; i++) {
		put16(data, (uint16_t)i);
		assert_int_equal(packet_udp(&e, data, 2, out, sizeof(out)), 64);
		assert_int_not_equal(get16(out + 60), 0);
		ones += get16(out + 60) == 0xffff;
	}
	assert_int_equal(ones, 1);
}

static void udp_only_where_it_fits(void **state)
{
	static uint8_t data[65536];
	static uint8_t out[70000];
	struct packet_ends e = ends("10.0.2.3", "10.0.2.15");

	assert_int_equal(packet_udp(&e, data, 5, out, 46), 0);
	assert_int_equal(packet_udp(&e, data, 5, out, 47), 47);
	assert_int_equal(packet_udp(&e, NULL, 0, out, 42), 42);
	assert_int_equal(packet_udp(&e, data, 65507, out, sizeof(out)), 65549);
	assert_int_equal(packet_udp(&e, data, 65508, out, sizeof(out)), 0);
}

static void padding_is_outside(void **state)
{
	struct packet_ends e = ends("10.0.2.3", "10.0.2.15");
	uint8_t out[60] = {0};
	struct packet p;

	assert_int_equal(packet_udp(&e, NULL, 0, out, sizeof(out)), 42);
	assert_true(parse(out, sizeof(out), &p));
	assert_int_equal(p.end, 42);
	assert_false(parse(out, 41, &p));
}

static void wrong_lengths(void **state)
{
	struct packet_ends e = ends("10.0.2.3", "10.0.2.15");
	/* Offset, value: of IPv4's header and length, and UDP's length. */
	static const uint8_t bad[][2] = {
		{14, 0x65}, {14, 0x44}, {14, 0x4f}, {17, 19},
		{17, 41},   {39, 7},    {39, 21},   {23, PACKET_TCP}};
	uint8_t out[54];
	struct packet p;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(packet_udp(&e, (const uint8_t *)"0123456789ab",
					    12, out, sizeof(out)),
				 54);
		assert_true(parse(out, sizeof(out), &p));
		out[bad[i][0]] = bad[i][1];
		assert_false(parse(out, sizeof(out), &p));
	}
	assert_false(parse(out, 13, &p));
}

static void ip4_options_and_fragments(void **state)
{
	struct packet_ends e = ends("10.0.2.3", "10.0.2.15");
	uint8_t out[100];
	struct packet p;

	(void)packet_udp(&e, NULL, 0, out, sizeof(out));
	memmove(out + 38, out + 34, 8); /* four bytes of options */
	memset(out + 34, 1, 4);
	out[14] = 0x46;
	out[17] = 32;
	assert_true(parse(out, 46, &p));
	assert_int_equal(p.l4, 38);
	assert_int_equal(p.dst_port, 4242);
	assert_false(p.fragment);
	out[20] = 0x20; /* MF; its UDP is longer than this piece */
	put16(out + 42, 5000);
	assert_true(parse(out, 46, &p));
	assert_true(p.fragment);
	assert_int_equal(p.dst_port, 0);
	put16(out + 20, 7);
	assert_true(parse(out, 46, &p));
	assert_true(p.fragment);
}

/* Puts a header of eight bytes behind that of IPv6. */
static size_t insert(uint8_t *out, size_t len, uint8_t type)
{
	memmove(out + 62, out + 54, len - 54);
	memset(out + 54, 0, 8);
	out[54] = out[20];
	out[20] = type;
	put16(out + 18, (uint16_t)(get16(out + 18) + 8));
	return len + 8;
}

static void ip6_extension_headers(void **state)
{
	struct packet_ends e = ends("fd00::3", "fd00::f");
	uint8_t out[200];
	size_t len = packet_udp(&e, NULL, 0, out, sizeof(out));
	struct packet p;

	len = insert(out, len, 44); /* the only fragment */
	for (int i = 0; i < 7; i++)
		len = insert(out, len, 60);
	assert_true(parse(out, len, &p));
	assert_int_equal(p.protocol, PACKET_UDP);
	assert_int_equal(p.dst_port, 4242);
	assert_false(p.fragment);
	assert_int_equal(packet_l4_checksum(
				 &(struct frame){.data = out, .len = 200}, &p),
			 0);
	out[55] = 8; /* longer than the packet */
	assert_false(parse(out, len, &p));
	out[55] = 0;
	len = insert(out, len, 0); /* the ninth */
	assert_false(parse(out, len, &p));
}

static void ip6_fragment(void **state)
{
	struct packet_ends e = ends("fd00::3", "fd00::f");
	uint8_t out[100];
	size_t len = packet_udp(&e, NULL, 0, out, sizeof(out));
	struct packet p;

	len = insert(out, len, 44);
	out[57] = 1; /* M */
	assert_true(parse(out, len, &p));
	assert_true(p.fragment);
	assert_int_equal(p.protocol, PACKET_UDP);
	assert_int_equal(p.dst_port, 0);
	assert_int_equal(p.l4, 62);
	put16(out + 56, 8);
	out[54] = 60; /* bytes of the middle of something, no header */
	out[63] = 255;
	assert_true(parse(out, len, &p));
	assert_true(p.fragment);
}

static void other_types(void **state)
{
	uint8_t arp[42] = {[12] = 0x08, [13] = 0x06};
	struct packet p;

	assert_true(parse(arp, sizeof(arp), &p));
	assert_int_equal(p.type, PACKET_TYPE_ARP);
	assert_int_equal(p.src.family, 0);
	assert_int_equal(p.l4, 14);
	assert_int_equal(p.end, 42);
	assert_true(parse(arp, 14, &p));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(udp_of_both_families),
		cmocka_unit_test(udp_checksum_is_never_zero),
		cmocka_unit_test(udp_only_where_it_fits),
		cmocka_unit_test(padding_is_outside),
		cmocka_unit_test(wrong_lengths),
		cmocka_unit_test(ip4_options_and_fragments),
		cmocka_unit_test(ip6_extension_headers),
		cmocka_unit_test(ip6_fragment),
		cmocka_unit_test(other_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
