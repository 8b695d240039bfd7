/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include "plugs/nat/child/edit.h"
#include "tests/unit/nat/guest_frames.h"

static struct packet parsed(const uint8_t *data, uint32_t len)
{
	struct packet p;

	assert_true(is_right(data, len, &p));
	return p;
}

static void check_ends(const char *src, const char *dst, const char *other)
{
	uint8_t f[200];
	struct segment s = {src, dst, 1000, 53, TCP_ACK, 0, 1, 2, 33};
	uint32_t len = make_tcp(&s, true, f);
	struct packet p = parsed(f, len);
	struct net addr = net_of(other);

	edit_dst(f, &p, &addr);
	edit_dst_port(f, &p, 40000);
	p = parsed(f, len);
	assert_memory_equal(&p.dst, &addr, sizeof(addr));
	assert_int_equal(p.dst_port, 40000);
	edit_src(f, &p, &addr);
	edit_src_port(f, &p, 53);
	p = parsed(f, len);
	assert_memory_equal(&p.src, &addr, sizeof(addr));
	assert_int_equal(p.src_port, 53);
}

static void ends_change_with_their_checksums(void **state)
{
	check_ends("10.0.2.15", "10.0.2.3", "10.0.2.2");
	check_ends("fd00::f", "fd00::3", "fd00::2");
	check_ends("10.0.2.15", "10.0.2.3", "0.0.0.0");
	check_ends("10.0.2.15", "10.0.2.3", "255.255.255.255");
}

static void a_wrong_checksum_stays_wrong(void **state)
{
	uint8_t f[200];
	struct segment s = {"10.0.2.15", "10.0.2.3", 1000, 53, TCP_ACK,
			    0,           1,          2,    33};
	struct frame frame = {.data = f, .len = make_tcp(&s, true, f)};
	struct net addr = net_of("10.0.2.2");
	struct packet p = parsed(f, frame.len);

	f[60] ^= 1;
	edit_dst(f, &p, &addr);
	assert_true(packet_parse(&frame, &p));
	assert_int_not_equal(packet_l4_checksum(&frame, &p), 0);
}

static void icmpv6_counts_addresses_and_icmp_does_not(void **state)
{
	static const char *const cases[][3] = {
		{"127.0.0.1", "10.0.2.15", "10.0.2.2"},
		{"::1", "fd00::f", "fd00::2"}};

	for (int i = 0; i < 2; i++) {
		uint8_t f[200];
		struct segment s = {.src = cases[i][0], .dst = cases[i][1]};
		uint32_t len = make_icmp(&s, false, i ? 1 : 3, f);
		struct packet p = parsed(f, len);
		struct net addr = net_of(cases[i][2]);

		edit_src(f, &p, &addr);
		p = parsed(f, len);
		assert_memory_equal(&p.src, &addr, sizeof(addr));
	}
}

static void urgent_goes(void **state)
{
	uint8_t f[200];
	struct segment s = {"10.0.2.15", "192.0.2.1", 1, 2, TCP_ACK | TCP_URG,
			    0,           1,           2, 8};
	uint32_t len = make_tcp(&s, true, f);
	struct packet p = parsed(f, len);

	edit_urgent(f, &p);
	p = parsed(f, len);
	assert_int_equal(f[p.l4 + 13], TCP_ACK);
	assert_int_equal(get16(f + p.l4 + 18), 0);
}

static void mss_is_read_and_written(void **state)
{
	uint8_t f[200];
	struct segment s = {"10.0.2.15", "192.0.2.1", 1, 2, TCP_SYN,
			    1460,        1,           0, 0};
	uint32_t len = make_tcp(&s, true, f);
	struct packet p = parsed(f, len);

	assert_int_equal(edit_mss(f, &p, 0), 1460);
	assert_int_equal(edit_mss(f, &p, 32768), 1460);
	p = parsed(f, len);
	assert_int_equal(edit_mss(f, &p, 0), 32768);
	s.mss = 0;
	len = make_tcp(&s, true, f);
	p = parsed(f, len);
	assert_int_equal(edit_mss(f, &p, 1400), 0);
	(void)parsed(f, len);
}

/* NOP, MSS, END: the value lies across two words. */
static void mss_at_an_odd_place(void **state)
{
	uint8_t f[200];
	struct segment s = {"10.0.2.15", "192.0.2.1", 1, 2, TCP_SYN,
			    0,           1,           2, 8};
	uint32_t len = make_tcp(&s, true, f);
	struct packet_ends ends = ends_of(s.src, s.dst, true);
	struct packet p = parsed(f, len);
	static const uint8_t options[8] = {1, 2, 4, 5, 0xb4, 0, 0, 0};

	f[p.l4 + 12] = 7 << 4; /* the payload is options now */
	memcpy(f + p.l4 + 20, options, 8);
	ip_finish(f, &ends, IPPROTO_TCP, 28, 16);
	p = parsed(f, len);
	assert_int_equal(edit_mss(f, &p, 0x1234), 1460);
	p = parsed(f, len);
	assert_int_equal(edit_mss(f, &p, 0), 0x1234);
}

static void options_that_lie(void **state)
{
	static const uint8_t bad[][4] = {
		{2, 0, 5, 180}, {2, 1, 5, 180}, {2, 3, 5, 180}, {2, 40, 5, 180},
		{1, 1, 1, 2},   {1, 1, 2, 4},   {0, 2, 4, 5},   {3, 200, 0, 0}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t f[200];
		struct segment s = {"10.0.2.15", "192.0.2.1", 1, 2, TCP_SYN,
				    1460,        1,           0, 0};
		uint32_t len = make_tcp(&s, true, f);
		struct packet p = parsed(f, len);

		memcpy(f + p.l4 + 20, bad[i], 4);
		assert_int_equal(edit_mss(f, &p, 1000), 0);
		assert_memory_equal(f + p.l4 + 20, bad[i], 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_change_with_their_checksums),
		cmocka_unit_test(a_wrong_checksum_stays_wrong),
		cmocka_unit_test(icmpv6_counts_addresses_and_icmp_does_not),
		cmocka_unit_test(urgent_goes),
		cmocka_unit_test(mss_is_read_and_written),
		cmocka_unit_test(mss_at_an_odd_place),
		cmocka_unit_test(options_that_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
