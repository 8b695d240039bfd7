/* SPDX-License-Identifier: MIT */
#include "tests/unit/nat/nat_conf.h"

#include <sys/socket.h>

#include "plugs/nat/neigh.h"
#include "plugs/nat/packet.h"
#include "switchd/core/inet.h"

static struct nat_conf conf;
static struct neigh *neigh;
static uint8_t out[NEIGH_FRAME_MAX];
static uint8_t in[NEIGH_FRAME_MAX + 100];
static uint32_t in_len;
static size_t len;

static int setup(void **state)
{
	conf = conf_default();
	neigh = neigh_new(&conf);
	return neigh ? 0 : -1;
}

static int teardown(void **state)
{
	neigh_free(neigh);
	return 0;
}

static bool input(void)
{
	struct frame f = {.data = in, .len = in_len};

	return neigh_input(neigh, &f, out, &len);
}

/* Whether it is known at the MAC of guest n. */
static bool knows(const char *text, unsigned n)
{
	struct net addr = net_of(text);
	struct mac mac = mac_of(n);
	const struct mac *found = neigh_find(neigh, &addr);

	return found && memcmp(found, &mac, sizeof(mac)) == 0;
}

static void ethernet(unsigned guest, uint16_t type)
{
	struct mac src = mac_of(guest);
	struct mac dst = nat_mac(&conf);

	memset(in, 0, sizeof(in));
	memcpy(in, &dst, 6);
	memcpy(in + 6, &src, 6);
	put16(in + 12, type);
}

static bool arp(unsigned guest, unsigned op, const char *from, const char *to)
{
	struct net spa = net_of(from);
	struct net tpa = net_of(to);

	ethernet(guest, PACKET_TYPE_ARP);
	memcpy(in + 14, (uint8_t[]){0, 1, 8, 0, 6, 4, 0, (uint8_t)op}, 8);
	memcpy(in + 22, in + 6, 6);
	memcpy(in + 28, spa.addr, 4);
	memcpy(in + 38, tpa.addr, 4);
	in_len = 42;
	return input();
}

/* An ICMPv4 or ICMPv6 message of size bytes that begins so. */
static void icmp(unsigned guest, const char *from, const char *to,
		 const uint8_t message[32], uint32_t size)
{
	struct net src = net_of(from);
	struct net dst = net_of(to);
	struct frame f = {.data = in};
	struct packet p;
	uint8_t *ip = in + 14;
	uint32_t l4;

	if (src.family == AF_INET) {
		ethernet(guest, PACKET_TYPE_IPV4);
		ip[0] = 0x45;
		put16(ip + 2, (uint16_t)(20 + size));
		ip[8] = 1;
		ip[9] = PACKET_ICMP;
		memcpy(ip + 12, src.addr, 4);
		memcpy(ip + 16, dst.addr, 4);
		put16(ip + 10, inet_ip4_checksum(ip));
		l4 = 34;
	} else {
		ethernet(guest, PACKET_TYPE_IPV6);
		ip[0] = 0x60;
		put16(ip + 4, (uint16_t)size);
		ip[6] = PACKET_ICMP6;
		ip[7] = 255;
		memcpy(ip + 8, src.addr, 16);
		memcpy(ip + 24, dst.addr, 16);
		l4 = 54;
	}
	memcpy(in + l4, message, size < 32 ? size : 32);
	for (uint32_t i = 32; i < size; i++)
		in[l4 + i] = (uint8_t)i;
	in_len = l4 + size;
	f.len = in_len;
	assert_true(packet_parse(&f, &p));
	put16(in + l4 + 2, packet_l4_checksum(&f, &p));
}

/* Checks what every answer must be. */
static struct packet answer(void)
{
	struct frame f = {.data = out, .len = (uint32_t)len};
	struct mac mac = nat_mac(&conf);
	struct packet p;

	assert_int_not_equal(len, 0);
	assert_true(packet_parse(&f, &p));
	assert_int_equal(p.end, len);
	assert_int_equal(packet_l4_checksum(&f, &p), 0);
	assert_memory_equal(out + 6, &mac, 6);
	if (p.type == PACKET_TYPE_IPV4)
		assert_int_equal(inet_fold(inet_sum(out + 14, 20)), 0xffff);
	return p;
}

static void arp_for_our_addresses(void **state)
{
	struct mac guest = mac_of(7);
	struct mac mac = nat_mac(&conf);

	assert_true(arp(7, 1, "10.0.2.15", "10.0.2.2"));
	assert_int_equal(len, 42);
	assert_memory_equal(out, &guest, 6);
	assert_memory_equal(out + 6, &mac, 6);
	assert_int_equal(out[21], 2);
	assert_memory_equal(out + 22, &mac, 6);
	assert_memory_equal(out + 28, ((uint8_t[]){10, 0, 2, 2}), 4);
	assert_memory_equal(out + 32, &guest, 6);
	assert_memory_equal(out + 38, ((uint8_t[]){10, 0, 2, 15}), 4);
	assert_true(knows("10.0.2.15", 7));
	assert_true(arp(7, 1, "10.0.2.15", "10.0.2.3"));
	assert_int_equal(len, 42);
}

static void arp_for_others(void **state)
{
	assert_true(arp(7, 1, "10.0.2.15", "10.0.2.16"));
	assert_int_equal(len, 0);
	assert_true(arp(7, 1, "0.0.0.0", "10.0.2.15")); /* a probe */
	assert_int_equal(len, 0);
	assert_true(arp(7, 1, "10.0.2.15", "10.0.2.15"));
	assert_int_equal(len, 0);
	assert_true(arp(7, 3, "10.0.2.15", "10.0.2.2"));
	assert_int_equal(len, 0);
	in_len = 41;
	assert_true(input());
	assert_int_equal(len, 0);
}

static void our_addresses_are_defended(void **state)
{
	static const char *const ours[] = {"10.0.2.2", "10.0.2.3"};

	for (size_t i = 0; i < 2; i++) {
		struct net addr = net_of(ours[i]);

		assert_true(arp(7, 1, "0.0.0.0", ours[i]));
		assert_int_equal(len, 42);
		assert_true(arp(7, 1, ours[i], ours[i]));
		assert_int_equal(len, 42);
		assert_true(arp(7, 2, ours[i], "10.0.2.15"));
		assert_int_equal(len, 0);
		assert_null(neigh_find(neigh, &addr));
	}
}

static void what_is_remembered(void **state)
{
	static const char *const never[] = {"10.0.2.0", "10.0.2.255",
					    "10.0.3.1", "0.0.0.0"};

	assert_false(arp(7, 2, "10.0.2.15", "10.0.2.2"));
	assert_int_equal(len, 0);
	assert_true(knows("10.0.2.15", 7));
	assert_false(arp(8, 2, "10.0.2.15", "10.0.2.2")); /* it has moved */
	assert_true(knows("10.0.2.15", 8));
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		struct net addr = net_of(never[i]);

		assert_true(arp(7, 2, never[i], "10.0.2.2"));
		assert_null(neigh_find(neigh, &addr));
	}
	icmp(9, "10.0.2.99", "192.0.2.1", (uint8_t[32]){8}, 8);
	assert_false(input());
	assert_true(knows("10.0.2.99", 9));
	in[6] |= 1; /* from a group */
	in[29] = 98;
	assert_false(input());
	assert_false(knows("10.0.2.98", 9));
}

static void our_mac_is_no_guests(void **state)
{
	struct mac mac = nat_mac(&conf);
	struct net addr = net_of("10.0.2.15");

	(void)arp(7, 2, "10.0.2.16", "10.0.2.2");
	memcpy(in + 22, &mac, 6);
	in[31] = 15;
	assert_true(input());
	assert_null(neigh_find(neigh, &addr));
}

/* Many more than there are places; the newest are known. */
static void a_flood(void **state)
{
	char text[NET_TEXT_SIZE];
	unsigned known = 0;

	for (unsigned n = 0; n < 20000; n++) {
		(void)snprintf(text, sizeof(text), "fd00::1:%x", n);
		icmp(n, text, "2001:db8::1", (uint8_t[32]){128}, 8);
		assert_false(input());
		assert_true(knows(text, n));
	}
	for (unsigned n = 0; n < 20000; n++) {
		(void)snprintf(text, sizeof(text), "fd00::1:%x", n);
		known += knows(text, n);
	}
	assert_in_range(known, 2048, 4096);
}

/* A solicitation for target; its MAC in an option if told. */
static bool solicit(const char *from, const char *target, bool told)
{
	uint8_t message[32] = {135, [24] = 1, [25] = 1};
	struct net addr = net_of(target);
	struct mac mac = mac_of(7);

	memcpy(message + 8, addr.addr, 16);
	memcpy(message + 26, &mac, 6);
	icmp(7, from, "ff02::1:ff00:2", message, told ? 32 : 24);
	return input();
}

static void solicited(void **state)
{
	static const char *const ours[] = {"fd00::2", "fd00::3", "fe80::2",
					   "fe80::3"};
	struct mac guest = mac_of(7);
	struct mac mac = nat_mac(&conf);

	for (size_t i = 0; i < 4; i++) {
		struct net addr = net_of(ours[i]);
		struct packet p;

		assert_true(solicit("fd00::f", ours[i], i & 1));
		p = answer();
		assert_memory_equal(out, &guest, 6);
		assert_int_equal(out[21], 255);
		assert_int_equal(out[p.l4], 136);
		assert_int_equal(out[p.l4 + 4], 0xe0);
		assert_memory_equal(out + p.l4 + 8, addr.addr, 16);
		assert_int_equal(get16(out + p.l4 + 24), 0x0201);
		assert_memory_equal(out + p.l4 + 26, &mac, 6);
		assert_memory_equal(p.src.addr, addr.addr, 16);
		assert_int_equal(p.dst.addr[15], 15);
	}
	assert_true(knows("fd00::f", 7));
}

static void duplicate_address_detection(void **state)
{
	struct net all = net_of("ff02::1");
	struct packet p;

	assert_true(solicit("::", "fd00::2", false));
	p = answer();
	assert_memory_equal(out, ((uint8_t[]){0x33, 0x33, 0, 0, 0, 1}), 6);
	assert_memory_equal(p.dst.addr, all.addr, 16);
	assert_int_equal(out[p.l4 + 4], 0xa0);
	assert_true(solicit("::", "fd00::f", false));
	assert_int_equal(len, 0);
	assert_true(solicit("fd00::e", "fd00::f", true));
	assert_int_equal(len, 0);
}

static void bad_solicitations(void **state)
{
	(void)solicit("fd00::f", "fd00::2", true);
	in[21] = 254;
	assert_true(input());
	assert_int_equal(len, 0);
	(void)solicit("fd00::f", "fd00::2", true);
	in[70] ^= 1;
	assert_true(input());
	assert_int_equal(len, 0);
	(void)solicit("fd00::f", "fd00::2", true);
	in[14 + 40 + 25] = 0; /* an option of no length, its sum as before */
	in[14 + 40 + 31]++;
	assert_true(input());
	assert_int_equal(len, 0);
	conf.net6.family = 0;
	assert_false(solicit("fd00::f", "fd00::2", true));
}

static void advertised(void **state)
{
	uint8_t message[32] = {136, [24] = 2, [25] = 1};
	struct net addr = net_of("fe80::7");
	struct mac mac = mac_of(5);

	memcpy(message + 8, addr.addr, 16);
	memcpy(message + 26, &mac, 6);
	icmp(5, "fe80::7", "fe80::2", message, 32);
	assert_false(input());
	assert_true(knows("fe80::7", 5));
	addr = net_of("fd00::2");
	memcpy(message + 8, addr.addr, 16);
	icmp(5, "fe80::7", "fe80::2", message, 32);
	assert_true(input());
	assert_null(neigh_find(neigh, &addr));
}

/* Whether guest n's claim of that address, if any, is answered at a time. */
static bool defends(uint64_t now, const char *text, unsigned n)
{
	struct mac mac = mac_of(n);
	struct net addr = net_of(text);
	struct neigh_claim claim;

	len = neigh_defend(neigh, now, &claim, out);
	return len && memcmp(&claim.addr, &addr, sizeof(addr)) == 0 &&
	       memcmp(&claim.by, &mac, sizeof(mac)) == 0;
}

static void claims_are_answered_to_all(void **state)
{
	struct packet p;

	(void)arp(7, 2, "10.0.2.2", "10.0.2.15");
	assert_true(defends(1, "10.0.2.2", 7));
	assert_int_equal(len, 42);
	assert_true(mac_is_broadcast(out));
	assert_int_equal(out[21], 1); /* an announcement: RFC 5227 1.2 */
	assert_memory_equal(out + 22, nat_mac(&conf).b, 6);
	assert_memory_equal(out + 28, conf.gateway.addr, 4);
	assert_memory_equal(out + 38, conf.gateway.addr, 4);
	assert_false(defends(2, "10.0.2.2", 7));
	/* The next one has to wait, but only for the same address. */
	(void)arp(7, 1, "10.0.2.2", "10.0.2.2");
	(void)arp(8, 1, "10.0.2.3", "10.0.2.15");
	assert_true(defends(10 * SECOND, "10.0.2.3", 8));
	assert_false(defends(10 * SECOND, "10.0.2.2", 7));
	assert_true(defends(10 * SECOND + 1, "10.0.2.2", 7));
	assert_false(defends(99 * SECOND, "10.0.2.2", 7));
	/* By neighbour discovery. */
	assert_true(solicit("fe80::2", "fd00::f", true));
	assert_true(defends(99 * SECOND, "fe80::2", 7));
	p = answer();
	assert_memory_equal(out, ((uint8_t[]){0x33, 0x33, 0, 0, 0, 1}), 6);
	assert_int_equal(out[p.l4], 136);
	assert_int_equal(out[p.l4 + 4], 0xa0); /* a router, override */
	/* To ask for our address, or to have another, is no claim. */
	(void)arp(7, 1, "10.0.2.15", "10.0.2.2");
	assert_true(solicit("::", "fd00::2", false));
	assert_int_equal(neigh_defend(neigh, 999 * SECOND,
				      &(struct neigh_claim){0}, out),
			 0);
}

static void echo(void **state)
{
	static const char *const pairs[][2] = {{"10.0.2.15", "10.0.2.2"},
					       {"10.0.2.15", "10.0.2.3"},
					       {"fd00::f", "fd00::2"},
					       {"fe80::f", "fe80::3"}};
	static const uint32_t sizes[] = {8, 9, 64, 1480, 65000};
	struct mac guest = mac_of(7);

	for (size_t i = 0; i < 20; i++) {
		const char *const *pair = pairs[i % 4];
		struct net src = net_of(pair[1]);
		bool ip4 = src.family == AF_INET;
		uint32_t size = sizes[i / 4];
		struct packet p;

		icmp(7, pair[0], pair[1],
		     (uint8_t[32]){ip4 ? 8 : 128, 0, 0, 0, 1, 2, 3, 4}, size);
		assert_true(input());
		p = answer();
		assert_memory_equal(out, &guest, 6);
		assert_memory_equal(&p.src, &src, sizeof(src));
		assert_int_equal(p.end - p.l4, size);
		assert_int_equal(out[p.l4], ip4 ? 0 : 129);
		assert_memory_equal(out + p.l4 + 4, in + p.l4 + 4, size - 4);
	}
}

static void no_echo(void **state)
{
	icmp(7, "10.0.2.15", "10.0.2.16", (uint8_t[32]){8}, 8);
	assert_false(input());
	icmp(7, "192.0.2.1", "10.0.2.2", (uint8_t[32]){8}, 8);
	assert_false(input());
	icmp(7, "10.0.2.3", "10.0.2.2", (uint8_t[32]){8}, 8);
	assert_false(input());
	icmp(7, "10.0.2.255", "10.0.2.2", (uint8_t[32]){8}, 8);
	assert_false(input());
	icmp(7, "10.0.2.15", "10.0.2.2", (uint8_t[32]){0}, 8);
	assert_false(input());
	icmp(7, "10.0.2.15", "10.0.2.2", (uint8_t[32]){8}, 8);
	in[20] = 0x20; /* in fragments */
	assert_false(input());
	icmp(7, "10.0.2.15", "10.0.2.2", (uint8_t[32]){8}, 8);
	in[40] ^= 1;
	assert_true(input());
	assert_int_equal(len, 0);
	icmp(7, "10.0.2.15", "10.0.2.2", (uint8_t[32]){8}, 7);
	assert_true(input());
	assert_int_equal(len, 0);
	icmp(7, "10.0.2.15", "10.0.2.2", (uint8_t[32]){8}, 8);
	in[0] = 255;
	assert_true(input());
	assert_int_equal(len, 0);
	/* It would be longer than an answer may be. */
	icmp(7, "10.0.2.15", "10.0.2.2", (uint8_t[32]){8}, 65510);
	assert_true(input());
	assert_int_equal(len, 0);
}

static void asks(void **state)
{
	struct net addr = net_of("10.0.2.77");
	struct packet p;

	len = neigh_ask(neigh, &addr, out);
	assert_int_equal(len, 42);
	assert_true(mac_is_broadcast(out));
	assert_int_equal(out[21], 1);
	assert_memory_equal(out + 28, conf.gateway.addr, 4);
	assert_memory_equal(out + 38, addr.addr, 4);
	addr = net_of("fd00::12:3456");
	len = neigh_ask(neigh, &addr, out);
	p = answer();
	assert_int_equal(len, 86);
	assert_memory_equal(
		out, ((uint8_t[]){0x33, 0x33, 0xff, 0x12, 0x34, 0x56}), 6);
	assert_memory_equal(p.src.addr, conf.gateway6.addr, 16);
	assert_int_equal(out[p.l4], 135);
	assert_memory_equal(out + p.l4 + 8, addr.addr, 16);
	addr = net_of("fe80::1");
	len = neigh_ask(neigh, &addr, out);
	p = answer();
	assert_int_equal(p.src.addr[0], 0xfe);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(arp_for_our_addresses),
		TEST(arp_for_others),
		TEST(our_addresses_are_defended),
		TEST(what_is_remembered),
		TEST(our_mac_is_no_guests),
		TEST(a_flood),
		TEST(solicited),
		TEST(duplicate_address_detection),
		TEST(bad_solicitations),
		TEST(advertised),
		TEST(claims_are_answered_to_all),
		TEST(echo),
		TEST(no_echo),
		TEST(asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
