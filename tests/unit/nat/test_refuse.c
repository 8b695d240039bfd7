/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include "plugs/nat/child/refuse.h"
#include "tests/unit/nat/guest_frames.h"

static uint8_t answer[REFUSE_MAX];

static uint32_t refused(const uint8_t *data, uint32_t len)
{
	struct frame f = {.data = data, .len = len};
	struct packet p;
	struct net gateway;

	assert_true(packet_parse(&f, &p));
	gateway = net_of(p.src.family == AF_INET ? "10.0.2.2" : "fd00::2");
	return (uint32_t)refuse_frame(&f, &p, &nat_own_mac, &gateway, answer);
}

static void tcp_is_reset(void **state)
{
	static const char *const pairs[][2] = {{"10.0.2.15", "192.0.2.1"},
					       {"fd00::f", "2001:db8::1"}};

	for (int i = 0; i < 2; i++) {
		uint8_t f[200];
		struct segment s = {pairs[i][0], pairs[i][1], 1000, 80, TCP_SYN,
				    1460,        5,           0,    0};
		uint32_t len = refused(f, make_tcp(&s, true, f));
		struct packet p;

		assert_true(is_right(answer, len, &p));
		assert_memory_equal(answer, guest_mac.b, 6);
		assert_memory_equal(answer + 6, nat_own_mac.b, 6);
		assert_int_equal(p.src_port, 80);
		assert_int_equal(p.dst_port, 1000);
		assert_int_equal(answer[p.l4 + 13], TCP_RST | TCP_ACK);
		assert_int_equal(get32(answer + p.l4 + 8), 6);
		s.flags = TCP_ACK;
		s.mss = 0;
		s.ack = 99;
		len = refused(f, make_tcp(&s, true, f));
		assert_true(is_right(answer, len, &p));
		assert_int_equal(answer[p.l4 + 13], TCP_RST);
		assert_int_equal(get32(answer + p.l4 + 4), 99);
	}
}

static void a_reset_is_not_answered(void **state)
{
	uint8_t f[200];
	struct segment s = {"10.0.2.15", "192.0.2.1", 1, 2, TCP_RST,
			    0,           0,           0, 0};

	assert_int_equal(refused(f, make_tcp(&s, true, f)), 0);
}

static void udp_gets_port_unreachable(void **state)
{
	static uint8_t f[3000];
	struct segment s = {.src = "10.0.2.15", .dst = "10.0.2.2", .len = 9};
	uint32_t len = refused(f, make_udp(&s, true, f, sizeof(f)));
	struct packet p;

	assert_true(is_right(answer, len, &p));
	assert_int_equal(p.protocol, IPPROTO_ICMP);
	assert_int_equal(answer[p.l4], 3);
	assert_int_equal(answer[p.l4 + 1], 3);
	assert_memory_equal(answer + p.l4 + 8, f + 14, 20 + 8 + 9);
	s = (struct segment){.src = "fd00::f", .dst = "fd00::2", .len = 2000};
	len = refused(f, make_udp(&s, true, f, sizeof(f)));
	assert_true(is_right(answer, len, &p));
	assert_int_equal(p.protocol, IPPROTO_ICMPV6);
	assert_int_equal(answer[p.l4], 1);
	assert_int_equal(answer[p.l4 + 1], 4);
}

static void the_last_hop_is_told(void **state)
{
	static const struct {
		const char *src, *dst;
		uint8_t type;
	} cases[] = {{"10.0.2.15", "192.0.2.1", 11},
		     {"fd00::f", "2001:db8::1", 3}};

	for (int i = 0; i < 2; i++) {
		static uint8_t data[200], again[REFUSE_MAX];
		struct segment s = {
			.src = cases[i].src, .dst = cases[i].dst, .len = 9};
		struct frame f = {
			.data = data,
			.len = make_udp(&s, true, data, sizeof(data))};
		struct net gateway = net_of(i ? "fd00::2" : "10.0.2.2");
		struct packet p;
		uint32_t len;

		assert_true(packet_parse(&f, &p));
		len = (uint32_t)refuse_expired(&f, &p, &nat_own_mac, &gateway,
					       answer);
		assert_true(is_right(answer, len, &p));
		assert_int_equal(answer[p.l4], cases[i].type);
		assert_int_equal(answer[p.l4 + 1], 0);
		assert_memory_equal(p.src.addr, gateway.addr, i ? 16 : 4);
		f = (struct frame){.data = answer, .len = len};
		assert_int_equal(
			refuse_expired(&f, &p, &nat_own_mac, &gateway, again),
			0);
	}
}

static void errors_and_groups_are_not_answered(void **state)
{
	uint8_t f[200];
	struct segment s = {.src = "10.0.2.15", .dst = "192.0.2.1", .len = 9};
	uint32_t len = make_icmp(&s, true, 3, f);

	assert_int_equal(refused(f, len), 0);
	len = make_icmp(&s, true, 8, f);
	assert_int_not_equal(refused(f, len), 0);
	len = make_udp(&s, true, f, sizeof(f));
	memset(f, 0xff, 6);
	assert_int_equal(refused(f, len), 0);
	s = (struct segment){.src = "fd00::f", .dst = "2001::1", .len = 9};
	len = make_icmp(&s, true, 1, f);
	assert_int_equal(refused(f, len), 0);
	len = make_icmp(&s, true, 128, f);
	assert_int_not_equal(refused(f, len), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_is_reset),
		cmocka_unit_test(a_reset_is_not_answered),
		cmocka_unit_test(udp_gets_port_unreachable),
		cmocka_unit_test(the_last_hop_is_told),
		cmocka_unit_test(errors_and_groups_are_not_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
