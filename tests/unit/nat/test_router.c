/* SPDX-License-Identifier: MIT */
#include "tests/unit/nat/nat_conf.h"

#include "plugs/nat/child/router.h"
#include "tests/unit/nat/guest_frames.h"

static uint8_t answer[ROUTER_FRAME_MAX];

static uint32_t answered(const struct nat_conf *conf, const uint8_t *data,
			 uint32_t len)
{
	struct frame f = {.data = data, .len = len};
	struct packet p;
	size_t out = 0;

	assert_true(packet_parse(&f, &p));
	assert_true(router_input(conf, &f, &p, answer, &out));
	return (uint32_t)out;
}

/* An option of an advertisement; NULL: it is not there. */
static const uint8_t *option(uint32_t len, uint8_t type)
{
	for (uint32_t at = 70; at < len; at += answer[at + 1] * 8u) {
		assert_int_not_equal(answer[at + 1], 0);
		if (answer[at] == type)
			return answer + at;
	}
	return NULL;
}

static uint32_t solicit(const struct nat_conf *conf)
{
	uint8_t f[100];
	struct segment s = {.src = "fe80::1234", .dst = "ff02::2"};

	return answered(conf, f, make_icmp(&s, true, 133, f));
}

static void advertises_what_there_is(void **state)
{
	struct nat_conf conf = conf_default();
	uint32_t len = solicit(&conf);
	struct packet p;

	assert_true(is_right(answer, len, &p));
	assert_int_equal(answer[p.l4], 134);
	assert_int_equal(answer[14 + 7], 255);
	assert_memory_equal(option(len, 1) + 2, nat_own_mac.b, 6);
	assert_int_equal(option(len, 3)[2], 64);
	assert_int_equal(option(len, 3)[3], 0xc0);
	assert_memory_equal(option(len, 3) + 16, conf.net6.addr, 16);
	assert_int_equal(get32(option(len, 5) + 4), 1500);
	assert_memory_equal(option(len, 25) + 8, conf.dns6.addr, 16);
	assert_memory_equal(option(len, 31) + 8, "\3lab", 5);
	conf.dns_mode = NAT_DNS_OFF;
	len = solicit(&conf);
	assert_null(option(len, 25));
	assert_int_equal(router_advert(&conf, answer), len);
}

static void dhcp6_names_the_server(void **state)
{
	static const uint8_t request[] = {11, 1, 2, 3, 0, 1, 0, 4, 9, 9, 9, 9};
	static const uint8_t liar[] = {11, 1, 2, 3, 0, 1, 0, 99, 9, 9, 9, 9};
	struct nat_conf conf = conf_default();
	struct packet_ends ends = ends_of("fe80::1234", "ff02::1:2", true);
	uint8_t f[100];
	struct packet p;
	uint32_t len;

	ends.src_port = 546;
	ends.dst_port = 547;
	len = (uint32_t)packet_udp(&ends, request, sizeof(request), f, 100);
	len = answered(&conf, f, len);
	assert_true(is_right(answer, len, &p));
	assert_memory_equal(answer + p.l4 + 8, "\7\1\2\3", 4);
	assert_memory_equal(answer + p.l4 + 8 + 18, request + 4, 8);
	assert_memory_equal(answer + p.l4 + 8 + 30, conf.dns6.addr, 16);
	len = (uint32_t)packet_udp(&ends, liar, sizeof(liar), f, 100);
	assert_int_not_equal(answered(&conf, f, len), 0);
	conf.dns_mode = NAT_DNS_OFF;
	assert_int_equal(answered(&conf, f, len), 0);
}

static void without_ipv6_it_is_silent(void **state)
{
	struct nat_conf conf = conf_default();
	struct segment s = {.src = "fe80::1234", .dst = "ff02::2"};
	uint8_t f[100];
	struct frame frame = {.data = f, .len = make_icmp(&s, true, 133, f)};
	struct packet p;
	size_t len;

	conf.net6.family = 0;
	assert_true(packet_parse(&frame, &p));
	assert_false(router_input(&conf, &frame, &p, answer, &len));
	assert_int_equal(router_advert(&conf, answer), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(advertises_what_there_is),
		cmocka_unit_test(dhcp6_names_the_server),
		cmocka_unit_test(without_ipv6_it_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
