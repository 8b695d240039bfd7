/* SPDX-License-Identifier: MIT */
#include "tests/unit/nat/dhcp_client.h"

static void a_lease(void **state)
{
	uint8_t seconds[4];

	assert_int_equal(get_lease(1, "Alice.local", SECOND), 15);
	got_option(DHCP_MASK, (uint8_t[]){255, 255, 255, 0}, 4);
	got_option(DHCP_ROUTER, (uint8_t[]){10, 0, 2, 2}, 4);
	got_option(DHCP_DNS, (uint8_t[]){10, 0, 2, 3}, 4);
	got_option(DHCP_DOMAIN, "lab", 3);
	got_option(DHCP_SEARCH, "\3lab", 5);
	got_option(DHCP_HOST_NAME, "alice", 5);
	got_option(DHCP_MTU, (uint8_t[]){1500 >> 8, 1500 & 255}, 2);
	put32(seconds, 3600);
	got_option(DHCP_LEASE_TIME, seconds, 4);
	put32(seconds, 1800);
	got_option(DHCP_T1, seconds, 4);
	put32(seconds, 3150);
	got_option(DHCP_T2, seconds, 4);
	assert_int_equal(changes, 1);
	assert_true(last_change.bound);
	assert_int_equal(last_change.addr[3], 15);
	assert_string_equal(last_change.name, "alice");
	assert_true(last_change.expires == SECOND + LEASE);
}

static void only_what_is_asked_for(void **state)
{
	begin(1, DHCP_DISCOVER);
	option(DHCP_WISHES, (uint8_t[]){DHCP_MASK, DHCP_SEARCH, 200}, 3);
	assert_true(talk(1));
	assert_int_equal(type(), DHCP_OFFER);
	assert_non_null(got(DHCP_MASK));
	assert_non_null(got(DHCP_SEARCH));
	assert_non_null(got(DHCP_LEASE_TIME));
	assert_null(got(DHCP_ROUTER));
	assert_null(got(DHCP_DNS));
	assert_null(got(DHCP_DOMAIN));
	assert_null(got(DHCP_MTU));
	assert_null(got(DHCP_HOST_NAME));
}

static void restricted_has_no_router(void **state)
{
	conf.restricted = true;
	(void)get_lease(1, NULL, 1);
	assert_null(got(DHCP_ROUTER));
	assert_non_null(got(DHCP_DNS));
	conf.dns_mode = NAT_DNS_OFF;
	(void)get_lease(1, NULL, 1);
	assert_null(got(DHCP_DNS));
}

static void the_300th_client(void **state)
{
	conf.net = net_of("10.0.0.0/16");
	conf.pool_last = net_of("10.0.255.254");
	again();
	for (unsigned n = 1; n < 300; n++)
		(void)get_lease(n, NULL, n);
	assert_int_equal(get_lease(300, NULL, 300), 59);
	assert_int_equal(ANSWER[DHCP_AT_YIADDR + 2], 3);
	assert_int_equal(changes, 300);
	assert_int_equal(get_lease(1, NULL, 301), 15);
}

static void a_full_pool_is_silent(void **state)
{
	conf.pool_last = net_of("10.0.2.15");
	again();
	(void)get_lease(1, NULL, 1);
	begin(2, DHCP_DISCOVER);
	assert_false(talk(2));
	assert_int_equal(get_lease(2, NULL, 1 + LEASE), 15);
}

static void renew_keeps_the_address(void **state)
{
	assert_int_equal(get_lease(1, NULL, 1), 15);
	assert_int_equal(renew(1, 15, LEASE / 2), DHCP_ACK);
	assert_int_equal(yiaddr(), 15);
	assert_memory_equal(ANSWER + DHCP_AT_CIADDR, msg + DHCP_AT_CIADDR, 4);
	assert_memory_equal(out + 30, msg + DHCP_AT_CIADDR, 4);
	assert_true(last_change.expires == LEASE / 2 + LEASE);
	assert_int_equal(changes, 2);
	/* Rebinding: to all. */
	begin(1, DHCP_REQUEST);
	ciaddr(15);
	assert_true(talk(LEASE));
	assert_int_equal(type(), DHCP_ACK);
}

static void unknown_clients_keep_what_is_free(void **state)
{
	assert_int_equal(renew(1, 77, 1), DHCP_ACK);
	assert_int_equal(yiaddr(), 77);
	assert_int_equal(init_reboot(2, 78, 1), DHCP_ACK);
	assert_int_equal(yiaddr(), 78);
	assert_int_equal(get_lease(1, NULL, 2), 77);
}

static void nak(void **state)
{
	static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};

	(void)get_lease(1, NULL, 1);
	changes = 0;
	assert_int_equal(init_reboot(2, 15, 2), DHCP_NAK);
	assert_memory_equal(out, all, 6);
	assert_memory_equal(out + 30, all, 4);
	assert_int_equal(get32(ANSWER + DHCP_AT_YIADDR), 0);
	assert_null(got(DHCP_LEASE_TIME));
	assert_null(got(DHCP_MASK));
	assert_int_equal(renew(2, 15, 2), DHCP_NAK);
	assert_memory_equal(out, all, 6);
	assert_int_equal(init_reboot(2, 3, 2), DHCP_NAK);
	assert_int_equal(init_reboot(2, 20, 2), DHCP_NAK);
	assert_int_equal(init_reboot(1, 16, 2), DHCP_NAK); /* has another */
	begin(2, DHCP_REQUEST);
	option(DHCP_REQUESTED, (uint8_t[]){192, 168, 1, 9}, 4);
	assert_true(talk(2));
	assert_int_equal(type(), DHCP_NAK);
	assert_int_equal(changes, 0);
}

static void release(void **state)
{
	(void)get_lease(1, "pc", 1);
	changes = 0;
	begin(2, DHCP_RELEASE); /* another's */
	ciaddr(15);
	assert_false(send_to("10.0.2.2", 2));
	assert_int_equal(changes, 0);
	begin(1, DHCP_RELEASE);
	ciaddr(15);
	option_addr(DHCP_SERVER_ID, 2);
	assert_false(send_to("10.0.2.2", 2));
	assert_int_equal(changes, 1);
	assert_false(last_change.bound);
	assert_int_equal(last_change.addr[3], 15);
	assert_int_equal(init_reboot(2, 15, 3), DHCP_ACK);
}

static void decline(void **state)
{
	(void)get_lease(1, NULL, 1);
	changes = 0;
	begin(1, DHCP_DECLINE);
	option_addr(DHCP_REQUESTED, 15);
	option_addr(DHCP_SERVER_ID, 2);
	assert_false(talk(2));
	assert_int_equal(changes, 1);
	assert_false(last_change.bound);
	assert_int_equal(get_lease(1, NULL, 3), 16);
	assert_int_equal(init_reboot(2, 15, 3), DHCP_NAK);
}

static void fixed_host(void **state)
{
	assert_int_equal(get_lease(0xabcdef, "other", 1), 20);
	got_option(DHCP_HOST_NAME, "web", 3);
	assert_int_equal(renew(0xabcdef, 20, 2), DHCP_ACK);
	assert_int_equal(init_reboot(0xabcdef, 21, 2), DHCP_NAK);
}

static void host_names(void **state)
{
	(void)get_lease(1, "pc", 1);
	got_option(DHCP_HOST_NAME, "pc", 2);
	(void)get_lease(2, "pc", 1);
	assert_null(got(DHCP_HOST_NAME));
	(void)get_lease(3, "no good", 1);
	assert_null(got(DHCP_HOST_NAME));
	(void)get_lease(4, "\0x", 1);
	assert_null(got(DHCP_HOST_NAME));
}

static void another_server_is_taken(void **state)
{
	begin(1, DHCP_DISCOVER);
	assert_true(talk(1));
	begin(1, DHCP_REQUEST);
	option_addr(DHCP_SERVER_ID, 9);
	option_addr(DHCP_REQUESTED, 200);
	assert_false(talk(1));
	assert_null(leases_by_addr(dhcp.leases, (uint8_t[]){10, 0, 2, 15}, 1));
}

static void inform(void **state)
{
	begin(1, DHCP_INFORM);
	ciaddr(9);
	assert_true(talk(1));
	assert_int_equal(type(), DHCP_ACK);
	assert_int_equal(get32(ANSWER + DHCP_AT_YIADDR), 0);
	assert_int_equal(out[33], 9);
	assert_null(got(DHCP_LEASE_TIME));
	assert_null(got(DHCP_T1));
	assert_non_null(got(DHCP_DNS));
	assert_int_equal(changes, 0);
}

/* RFC 2131 section 4.1, and what VPCS needs. */
static void where_answers_go(void **state)
{
	struct mac mac = mac_of(1);

	begin(1, DHCP_DISCOVER);
	assert_true(talk(1));
	assert_memory_equal(out, &mac, 6);
	assert_memory_equal(out + 30, ANSWER + DHCP_AT_YIADDR, 4);
	begin(1, DHCP_DISCOVER);
	put16(msg + DHCP_AT_FLAGS, DHCP_FLAG_BROADCAST);
	assert_true(talk(1));
	assert_int_equal(get32(out), UINT32_MAX);
	assert_int_equal(get32(out + 30), UINT32_MAX);
	assert_int_equal(get16(ANSWER + DHCP_AT_FLAGS), DHCP_FLAG_BROADCAST);
	begin(1, DHCP_REQUEST);
	put16(msg + DHCP_AT_FLAGS, DHCP_FLAG_BROADCAST);
	ciaddr(15);
	assert_true(talk(1));
	assert_memory_equal(out, &mac, 6);
}

static void as_long_as_the_client_takes(void **state)
{
	uint8_t id[255];

	memset(id, 7, sizeof(id));
	begin(1, DHCP_DISCOVER);
	option(DHCP_CLIENT_ID, id, sizeof(id));
	assert_true(talk(1));
	assert_int_equal(type(), DHCP_OFFER);
	got_option(DHCP_CLIENT_ID, id, sizeof(id));
	assert_non_null(got(DHCP_ROUTER));
	assert_null(got(DHCP_SEARCH));
	assert_true(out_len <= FRAME_HEADER + 576);
	begin(1, DHCP_DISCOVER);
	option(DHCP_CLIENT_ID, id, sizeof(id));
	option(DHCP_MAX_SIZE, (uint8_t[]){0xff, 0xff}, 2);
	assert_true(talk(1));
	assert_non_null(got(DHCP_SEARCH));
}

static void overloaded_fields(void **state)
{
	begin(1, DHCP_REQUEST);
	option(DHCP_OVERLOAD, (uint8_t[]){3}, 1);
	memcpy(msg + DHCP_AT_FILE, (uint8_t[]){50, 4, 10, 0, 2, 44, 255}, 7);
	memcpy(msg + DHCP_AT_SNAME, (uint8_t[]){12, 2, 'p', 'c', 255}, 5);
	assert_true(talk(1));
	assert_int_equal(type(), DHCP_ACK);
	assert_int_equal(yiaddr(), 44);
	got_option(DHCP_HOST_NAME, "pc", 2);
}

static void ignored(void **state)
{
	/* Offset and value that make a good message none. */
	static const uint8_t bad[][2] = {
		{0, 2},   {1, 6},   {2, 5},    {24, 1},  {28, 1},
		{236, 0}, {241, 0}, {241, 99}, {242, 0}, {242, 9},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin(1, DHCP_DISCOVER);
		msg[bad[i][0]] = bad[i][1];
		assert_false(talk(1));
	}
	begin(1, DHCP_DISCOVER);
	memset(msg + DHCP_AT_CHADDR, 0, 6);
	assert_false(talk(1));
	begin(1, DHCP_DISCOVER);
	assert_false(send_to("10.0.2.3", 1));
	begin(1, DHCP_DISCOVER);
	assert_true(send_to("10.0.2.255", 1));
	begin(1, DHCP_REQUEST); /* for nothing */
	assert_false(talk(1));
	conf.pool_first.family = 0;
	begin(1, DHCP_DISCOVER);
	assert_false(talk(1));
}

static void wrong_checksum(void **state)
{
	struct packet_ends ends = {.src = net_of("0.0.0.0"),
				   .dst = net_of("255.255.255.255"),
				   .src_port = 68,
				   .dst_port = 67};
	uint8_t data[400];
	struct frame f = {.data = data};

	begin(1, DHCP_DISCOVER);
	f.len = (uint32_t)packet_udp(&ends, msg, 300, data, sizeof(data));
	data[100] ^= 1;
	assert_int_equal(dhcp_input(&dhcp, &f, 1, out), 0);
	f.off.flags = 1;
	assert_int_not_equal(dhcp_input(&dhcp, &f, 1, out), 0);
	f.off.flags = 0;
	put16(data + 40, 0); /* none at all */
	assert_int_not_equal(dhcp_input(&dhcp, &f, 1, out), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_lease),
		TEST(only_what_is_asked_for),
		TEST(restricted_has_no_router),
		TEST(the_300th_client),
		TEST(a_full_pool_is_silent),
		TEST(renew_keeps_the_address),
		TEST(unknown_clients_keep_what_is_free),
		TEST(nak),
		TEST(release),
		TEST(decline),
		TEST(fixed_host),
		TEST(host_names),
		TEST(another_server_is_taken),
		TEST(inform),
		TEST(where_answers_go),
		TEST(as_long_as_the_client_takes),
		TEST(overloaded_fields),
		TEST(ignored),
		TEST(wrong_checksum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
