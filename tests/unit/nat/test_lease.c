/* SPDX-License-Identifier: MIT */
#include "tests/unit/nat/nat_conf.h"

#include "plugs/nat/lease.h"

static struct nat_conf conf;
static struct leases *leases;

static int setup(void **state)
{
	conf = conf_default();
	leases = leases_new(&conf);
	return leases ? 0 : -1;
}

static int teardown(void **state)
{
	leases_free(leases);
	return 0;
}

static void again(void)
{
	leases_free(leases);
	leases = leases_new(&conf);
	assert_non_null(leases);
}

/* The last byte of what the n-th client is offered; 0: nothing. */
static unsigned offer(unsigned n, uint64_t now)
{
	struct mac mac = mac_of(n);
	const struct lease *lease = leases_offer(leases, &mac, NULL, now);

	return lease ? lease->addr[3] : 0;
}

static const struct lease *bind_as(unsigned n, unsigned last, const char *name,
				   uint64_t now)
{
	struct mac mac = mac_of(n);
	uint8_t addr[4] = {10, 0, 2, (uint8_t)last};

	return leases_bind(leases, &mac, addr, name, now);
}

static bool can_bind(unsigned n, unsigned last, uint64_t now)
{
	return bind_as(n, last, "", now);
}

static void addresses_in_order(void **state)
{
	unsigned next = 15;

	for (unsigned n = 1; n <= 239; n++, next++) {
		next += next == 20; /* a fixed host's */
		assert_int_equal(offer(n, 1), next);
		assert_true(can_bind(n, next, 2));
	}
	assert_int_equal(next, 255);
	assert_int_equal(offer(1000, 3), 0);
	assert_int_equal(offer(7, 3), 22);
}

static void own_addresses_are_never_given(void **state)
{
	conf.net = net_of("10.0.2.0/29");
	conf.pool_first = net_of("10.0.2.0");
	conf.pool_last = net_of("10.0.2.255");
	again();
	assert_int_equal(offer(1, 1), 1);
	assert_int_equal(offer(2, 1), 4);
	assert_int_equal(offer(3, 1), 5);
	assert_int_equal(offer(4, 1), 6);
	assert_int_equal(offer(5, 1), 1); /* the oldest offer */
	assert_false(can_bind(9, 0, 1));
	assert_false(can_bind(9, 2, 1));
	assert_false(can_bind(9, 3, 1));
	assert_false(can_bind(9, 7, 1));
	assert_false(can_bind(9, 9, 1));
}

static void the_same_address_again(void **state)
{
	uint8_t wanted[4] = {10, 0, 2, 99};
	struct mac mac = mac_of(5);

	assert_int_equal(offer(1, 1), 15);
	assert_true(can_bind(1, 15, 1));
	assert_int_equal(offer(2, 1), 16);
	assert_int_equal(offer(1, 2 * LEASE), 15); /* long expired */
	assert_int_equal(leases_offer(leases, &mac, wanted, 1)->addr[3], 99);
	mac = mac_of(6);
	assert_int_equal(leases_offer(leases, &mac, wanted, 1)->addr[3], 17);
}

static void the_longest_free_is_taken(void **state)
{
	struct lease was;
	struct mac mac = mac_of(1);

	conf.pool_last = net_of("10.0.2.17");
	again();
	for (unsigned n = 0; n < 3; n++)
		assert_true(can_bind(n + 1, 15 + n, n + 1));
	assert_int_equal(offer(4, 5), 0);
	assert_int_equal(offer(4, LEASE + 10), 15);
	assert_true(can_bind(4, 15, LEASE + 10));
	assert_true(can_bind(2, 16, LEASE + 20));
	mac = mac_of(2);
	assert_true(leases_release(leases, &mac,
				   (const uint8_t[]){10, 0, 2, 16}, LEASE + 30,
				   &was));
	assert_false(was.bound);
	assert_int_equal(offer(5, LEASE + 40), 17);
	assert_int_equal(offer(6, LEASE + 40), 16);
}

/* However many ask with made-up MACs, who has a lease keeps it, and who was
 * offered an address gets it even if it was offered to others since. */
static void a_flood(void **state)
{
	unsigned last;

	assert_true(can_bind(1, 15, 1));
	last = offer(2, 1);
	for (unsigned n = 1000; n < 11000; n++)
		assert_in_range(offer(n, 2), 16, 254);
	assert_true(can_bind(2, last, 3));
	assert_false(can_bind(3, last, 3));
	assert_true(can_bind(1, 15, 3));
	assert_in_range(offer(4, 3), 16, 254);
}

static void a_large_network(void **state)
{
	static const uint8_t far[4] = {10, 200, 0, 1};
	struct mac mac = mac_of(10001);

	conf.net = net_of("10.0.0.0/8");
	conf.pool_last = net_of("10.255.255.254");
	again();
	for (unsigned n = 0; n < LEASES_MAX; n++) {
		struct mac each = mac_of(n + 1);
		const struct lease *lease =
			leases_offer(leases, &each, NULL, 1);
		uint8_t addr[4];

		assert_non_null(lease);
		memcpy(addr, lease->addr, 4);
		assert_non_null(leases_bind(leases, &each, addr, "", n));
	}
	assert_int_equal(offer(10000, LEASE - 1), 0);
	assert_null(leases_bind(leases, &mac, far, "", LEASE - 1));
	assert_int_equal(offer(10000, LEASE), 15);
	assert_false(can_bind(10001, 14, LEASE));
	/* An address of its own choice takes the place of a free one. */
	assert_non_null(leases_bind(leases, &mac, far, "", LEASE));
	assert_int_equal(leases_by_mac(leases, &mac, LEASE)->addr[1], 200);
}

static void fixed_hosts(void **state)
{
	struct mac mac = mac_of(0xabcdef);
	struct lease was;
	uint8_t addr[4] = {10, 0, 2, 20};

	assert_int_equal(leases_by_name(leases, "WEB", 1)->addr[3], 20);
	assert_int_equal(leases_by_mac(leases, &mac, 1)->addr[3], 20);
	assert_int_equal(offer(0xabcdef, 1), 20);
	assert_false(can_bind(1, 20, 1));
	assert_false(can_bind(0xabcdef, 21, 1));
	assert_string_equal(bind_as(0xabcdef, 20, "mail", 1)->name, "web");
	assert_true(leases_by_addr(leases, addr, 1)->expires == UINT64_MAX);
	assert_false(leases_release(leases, &mac, addr, 1, &was));
	assert_false(leases_decline(leases, &mac, addr, 1, &was));
	assert_string_equal(bind_as(1, 15, "web", 1)->name, "");
}

static void names(void **state)
{
	static const char *const good[][2] = {
		{"alice", "alice"}, {"Bob", "bob"},           {"x", "x"},
		{"a-1", "a-1"},     {"pc.lan.example", "pc"},
	};
	static const char *const bad[] = {
		"", "-a", "a-", ".a", "a b", "a_b", "\xc3\xa9", "a/..",
	};
	char name[NAT_NAME_SIZE];
	char longest[65];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(
			nat_name_take(good[i][0], strlen(good[i][0]), name));
		assert_string_equal(name, good[i][1]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(nat_name_take(bad[i], strlen(bad[i]), name));
		assert_string_equal(name, "");
	}
	memset(longest, 'a', sizeof(longest));
	assert_true(nat_name_take(longest, 63, name));
	assert_int_equal(strlen(name), 63);
	assert_false(nat_name_take(longest, 64, name));
}

static void one_name_one_guest(void **state)
{
	assert_string_equal(bind_as(1, 15, "pc", 1)->name, "pc");
	assert_string_equal(bind_as(2, 16, "PC", 1)->name, "");
	assert_int_equal(leases_by_name(leases, "pc", 1)->addr[3], 15);
	assert_string_equal(bind_as(1, 15, "", 2)->name, "pc");
	/* The first is gone; its name is free, and stays with the second. */
	assert_null(leases_by_name(leases, "pc", 2 + LEASE));
	assert_string_equal(bind_as(2, 16, "pc", 2 + LEASE)->name, "pc");
	assert_string_equal(bind_as(1, 15, "", 3 + LEASE)->name, "");
}

static void declined(void **state)
{
	uint8_t addr[4] = {10, 0, 2, 15};
	struct mac mac = mac_of(1);
	struct mac other = mac_of(2);
	struct lease was;

	assert_true(can_bind(1, 15, 1));
	assert_false(leases_decline(leases, &other, addr, 2, &was));
	assert_true(leases_decline(leases, &mac, addr, 2, &was));
	assert_null(leases_by_addr(leases, addr, 3));
	assert_null(leases_by_mac(leases, &mac, 3));
	assert_int_equal(offer(1, 3), 16);
	assert_false(can_bind(2, 15, 3));
	assert_true(can_bind(2, 15, 3 + LEASES_DECLINE_NS));
}

static void listed_in_order(void **state)
{
	assert_true(can_bind(1, 99, 1));
	assert_true(can_bind(2, 15, 1));
	(void)offer(3, 1);
	assert_int_equal(leases_at(leases, 0, 2)->addr[3], 15);
	assert_int_equal(leases_at(leases, 1, 2)->addr[3], 20);
	assert_int_equal(leases_at(leases, 2, 2)->addr[3], 99);
	assert_null(leases_at(leases, 3, 2));
	assert_int_equal(leases_at(leases, 0, 1 + LEASE)->addr[3], 20);
}

static struct lease told(unsigned n, unsigned last, const char *name)
{
	struct lease lease = {.mac = mac_of(n),
			      .addr = {10, 0, 2, (uint8_t)last},
			      .expires = LEASE,
			      .bound = true};

	(void)snprintf(lease.name, sizeof(lease.name), "%s", name);
	return lease;
}

static bool put(unsigned n, unsigned last, const char *name)
{
	struct lease lease = told(n, last, name);

	return leases_put(leases, &lease);
}

static void told_by_another_table(void **state)
{
	struct lease lease = told(1, 16, "pc");
	struct mac mac = mac_of(1);

	assert_true(put(1, 15, "pc"));
	assert_true(put(1, 15, "pc"));
	assert_true(leases_put(leases, &lease)); /* it has moved */
	assert_null(leases_by_addr(leases, (const uint8_t[]){10, 0, 2, 15}, 1));
	assert_int_equal(leases_by_name(leases, "pc", 1)->addr[3], 16);
	assert_int_equal(offer(1, 1), 16);
	assert_true(put(2, 17, "pc")); /* the name has */
	assert_int_equal(leases_by_name(leases, "pc", 1)->addr[3], 17);
	lease.bound = false;
	assert_true(leases_put(leases, &lease));
	assert_null(leases_by_mac(leases, &mac, 1));
	assert_true(leases_put(leases, &lease));
}

static void refuses_what_cannot_be(void **state)
{
	struct lease lease = told(1, 16, "");

	assert_false(put(1, 2, ""));
	assert_false(put(1, 3, ""));
	assert_false(put(1, 14, ""));
	assert_false(put(1, 255, ""));
	assert_false(put(1, 20, ""));
	assert_false(put(0xabcdef, 21, ""));
	assert_true(put(0xabcdef, 20, "web"));
	assert_false(put(1, 16, "a_b"));
	assert_false(put(1, 16, "Pc"));
	assert_false(put(1, 16, "a.b"));
	assert_true(put(1, 16, "web"));
	assert_int_equal(leases_by_name(leases, "web", 1)->addr[3], 20);
	memset(lease.name, 'a', sizeof(lease.name));
	assert_false(leases_put(leases, &lease));
	lease = told(1, 16, "");
	lease.addr[1] = 1;
	assert_false(leases_put(leases, &lease));
	lease = told(1, 16, "");
	lease.mac.b[0] |= 1;
	assert_false(leases_put(leases, &lease));
	memset(&lease.mac, 0, sizeof(lease.mac));
	assert_false(leases_put(leases, &lease));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(addresses_in_order),
		TEST(own_addresses_are_never_given),
		TEST(the_same_address_again),
		TEST(the_longest_free_is_taken),
		TEST(a_flood),
		TEST(a_large_network),
		TEST(fixed_hosts),
		TEST(names),
		TEST(one_name_one_guest),
		TEST(declined),
		TEST(listed_in_order),
		TEST(told_by_another_table),
		TEST(refuses_what_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
