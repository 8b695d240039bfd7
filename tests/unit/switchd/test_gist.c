/* SPDX-License-Identifier: MIT */
#include "switchd/gist.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cmocka.h"

#define ETHER "ffffffffffff020000000001"
#define IP4(protocol, rest)                                                    \
	ETHER "0800450000000000000040" protocol "00000a0000010a000002" rest
#define IP6(next, rest)                                                        \
	ETHER "86dd600000000000" next "ff"                                     \
	      "fe800000000000000000000000000001"                               \
	      "ff020000000000000000000000000001" rest

/* Reads digits into data, which has room; returns the length. */
static uint32_t read_hex(const char *hex, uint8_t *data)
{
	uint32_t len = 0;

	for (; *hex; hex += 2) {
		const char pair[3] = {hex[0], hex[1]};

		data[len++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return len;
}

static void is(const char *hex, const char *want)
{
	uint8_t data[256];
	const struct frame f = {.data = data, .len = read_hex(hex, data)};
	char buf[GIST_SIZE];

	(void)gist_of(&f, buf);
	assert_string_equal(buf, want);
}

static void what_is_known(void **state)
{
	is(ETHER, "shorter than a header");
	is(ETHER "0806", "ARP");
	is(ETHER "08060001080006040001020000000001"
		 "0a0000010000000000000a000002",
	   "ARP who has 10.0.0.2, tell 10.0.0.1");
	is(ETHER "08060001080006040002020000000001"
		 "0a0000010200000000020a000002",
	   "ARP 10.0.0.1 is at 02:00:00:00:00:01");
	is(ETHER "810000640806", "vlan 100 ARP");
	is(ETHER "88a80064810000c80806", "vlan 100 vlan 200 ARP");
	is(ETHER "8100", "VLAN tag");
	is(ETHER "88cc", "LLDP");
	is(ETHER "0026", "802.2 LLC");
	is("0180c20000000200000000010026424203", "spanning tree");
	is(ETHER "9000", "type 0x9000");
}

static void what_is_in_ip(void **state)
{
	is(ETHER "080045", "IPv4");
	is(IP4("01", "0800000000010007"),
	   "IPv4 10.0.0.1 -> 10.0.0.2 ICMP echo request 7");
	is(IP4("01", "0000000000010007"),
	   "IPv4 10.0.0.1 -> 10.0.0.2 ICMP echo reply 7");
	is(IP4("01", "0301000000000000"),
	   "IPv4 10.0.0.1 -> 10.0.0.2 ICMP destination unreachable");
	is(IP4("01", "0800"), "IPv4 10.0.0.1 -> 10.0.0.2 ICMP");
	is(IP4("06", "c0000050000000000000000050120000"
		     "00000000"),
	   "IPv4 10.0.0.1 -> 10.0.0.2 TCP 49152 -> 80 SYN ACK");
	is(IP4("11", "0044004300080000"),
	   "IPv4 10.0.0.1 -> 10.0.0.2 UDP 68 -> 67 (DHCP)");
	is(IP4("11", "c000003500080000"),
	   "IPv4 10.0.0.1 -> 10.0.0.2 UDP 49152 -> 53 (DNS)");
	is(IP4("11", "0044"), "IPv4 10.0.0.1 -> 10.0.0.2 UDP");
	is(IP4("2f", ""), "IPv4 10.0.0.1 -> 10.0.0.2 protocol 47");
	is(ETHER "0800450000000000000140"
		 "1100000a0000010a0000020044004300080000",
	   "IPv4 10.0.0.1 -> 10.0.0.2 a fragment");
	is(IP6("3a", "8000000000010007"),
	   "IPv6 fe80::1 -> ff02::1 ICMPv6 echo request 7");
	is(IP6("3a", "8700000000000000fe800000000000000000000000000002"),
	   "IPv6 fe80::1 -> ff02::1 ICMPv6 neighbour solicitation for "
	   "fe80::2");
	is(IP6("3a", "8500000000000000"),
	   "IPv6 fe80::1 -> ff02::1 ICMPv6 router solicitation");
	is(IP6("00", "3a00050200000000"
		     "8f00000000000001"),
	   "IPv6 fe80::1 -> ff02::1 ICMPv6 listener report");
	is(IP6("00", "3aff"), "IPv6 fe80::1 -> ff02::1 protocol 0");
	is(ETHER "86dd60", "IPv6");
}

/* A number below n, the same ones in each run (xorshift). */
static uint32_t draw(uint64_t *random, uint32_t n)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (uint32_t)(*random % n);
}

/* Whatever it is, cut anywhere: printable text that ends. Each frame is as long
 * as its memory, so that a sanitizer sees what is beyond. */
static void whatever_comes(void **state)
{
	static const char *const seeds[] = {
		IP4("01", "0800000000010007"),
		IP4("06", "c000005000000000000000005012000000000000"),
		IP6("3a", "8700000000000000fe800000000000000000000000000002"),
		IP6("00", "3a000502000000008f00000000000001"),
		ETHER "8100006488a80001080600010800060400010200",
	};
	uint64_t random = 1;
	uint8_t data[256];
	char buf[GIST_SIZE];

	for (unsigned i = 0; i < 20000; i++) {
		uint32_t len = read_hex(
			seeds[i % (sizeof(seeds) / sizeof(seeds[0]))], data);
		uint32_t cut = draw(&random, len + 1);
		uint8_t *copy = malloc(cut ? cut : 1);
		const struct frame f = {.data = copy, .len = cut};

		assert_non_null(copy);
		for (uint32_t k = draw(&random, 4); k > 0; k--)
			data[12 + draw(&random, len - 12)] =
				(uint8_t)draw(&random, 256);
		memcpy(copy, data, cut);
		(void)gist_of(&f, buf);
		for (const char *p = buf; *p; p++)
			assert_true(isprint((unsigned char)*p));
		assert_true(strlen(buf) < GIST_SIZE);
		free(copy);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_known),
		cmocka_unit_test(what_is_in_ip),
		cmocka_unit_test(whatever_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
