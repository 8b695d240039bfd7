/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/dns_names.h"

#include <string.h>
#include <sys/socket.h>

#include "tests/unit/nat/nat_conf.h"

#define NOW 1000

struct net_of_names {
	struct nat_conf conf;
	struct leases *leases;
};

static int setup(void **state)
{
	static struct net_of_names n;
	const struct lease alice = {.mac = {{2, 0, 0, 0, 0, 1}},
				    .addr = {10, 0, 2, 33},
				    .name = "alice",
				    .expires = NOW + 1,
				    .bound = true};
	const struct lease host = {.mac = {{2, 0, 0, 0, 0, 2}},
				   .addr = {10, 0, 2, 34},
				   .name = "localhost",
				   .expires = NOW + 1,
				   .bound = true};

	n.conf = conf_default();
	memcpy(n.conf.domain, "lab.Example", sizeof("lab.Example"));
	n.conf.dns6 = (struct net){.family = 0};
	n.leases = leases_new(&n.conf);
	assert_non_null(n.leases);
	assert_true(leases_put(n.leases, &alice));
	assert_true(leases_put(n.leases, &host));
	*state = &n;
	return 0;
}

static int teardown(void **state)
{
	struct net_of_names *n = *state;

	leases_free(n->leases);
	return 0;
}

enum { FORWARDED = -1 };

/* Returns the rcode, or FORWARDED. */
static int find(void **state, const char *name, uint16_t type, uint64_t now,
		struct dns_record *record)
{
	const struct net_of_names *n = *state;
	struct dns_question q = {.type = type, .class = DNS_CLASS_IN};
	enum dns_rcode rcode;

	strcpy(q.name, name);
	if (!dns_names_find(&n->conf, n->leases, &q, now, &rcode, record))
		return FORWARDED;
	return (int)rcode;
}

static void guests_have_names(void **state)
{
	static const char *const names[] = {"alice", "alice.lab.example"};
	static const uint8_t addr[] = {10, 0, 2, 33};
	struct dns_record r;

	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(find(state, names[i], DNS_TYPE_A, NOW, &r), 0);
		assert_int_equal(r.type, DNS_TYPE_A);
		assert_int_equal(r.rdlen, 4);
		assert_memory_equal(r.rdata, addr, 4);
		assert_int_equal(find(state, names[i], DNS_TYPE_ANY, NOW, &r),
				 0);
		assert_int_equal(r.rdlen, 4);
		assert_int_equal(find(state, names[i], DNS_TYPE_AAAA, NOW, &r),
				 0);
		assert_int_equal(r.rdlen, 0);
	}
}

static void nobody_has_the_others(void **state)
{
	struct dns_record r;

	assert_int_equal(find(state, "bob.lab.example", DNS_TYPE_A, NOW, &r),
			 DNS_NXDOMAIN);
	assert_int_equal(
		find(state, "a.alice.lab.example", DNS_TYPE_A, NOW, &r),
		DNS_NXDOMAIN);
	/* A lease that has ended. */
	assert_int_equal(
		find(state, "alice.lab.example", DNS_TYPE_A, NOW + 1, &r),
		DNS_NXDOMAIN);
	assert_int_equal(find(state, "lab.example", 6, NOW, &r), 0);
	assert_int_equal(r.rdlen, 0);
}

static void the_world_has_the_rest(void **state)
{
	static const char *const names[] = {
		"",
		"bob",
		"localhost",
		"example",
		"alice.example",
		"xlab.example",
		"alice.lab",
		"lab.example.org",
		"alic?.xlab.example",
	};
	struct dns_record r;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(find(state, names[i], DNS_TYPE_A, NOW, &r),
				 FORWARDED);
	assert_int_equal(find(state, "alice", 43, NOW, &r), FORWARDED);
}

static void the_nat_has_names(void **state)
{
	static const uint8_t addr[] = {10, 0, 2, 2}, dns[] = {10, 0, 2, 3};
	struct dns_record r;

	assert_int_equal(find(state, "gateway", DNS_TYPE_A, NOW, &r), 0);
	assert_memory_equal(r.rdata, addr, 4);
	assert_int_equal(
		find(state, "gateway.lab.example", DNS_TYPE_AAAA, NOW, &r), 0);
	assert_int_equal(r.rdlen, 16);
	assert_int_equal(r.rdata[0], 0xfd);
	assert_int_equal(find(state, "dns.lab.example", DNS_TYPE_A, NOW, &r),
			 0);
	assert_memory_equal(r.rdata, dns, 4);
	assert_int_equal(find(state, "dns", DNS_TYPE_AAAA, NOW, &r), 0);
	assert_int_equal(r.rdlen, 0);
}

static void addresses_have_names(void **state)
{
	struct dns_record r;

	assert_int_equal(
		find(state, "33.2.0.10.in-addr.arpa", DNS_TYPE_PTR, NOW, &r),
		0);
	assert_int_equal(r.type, DNS_TYPE_PTR);
	assert_int_equal(r.rdlen, 19);
	assert_memory_equal(r.rdata, "\5alice\3lab\7Example", 19);
	assert_int_equal(
		find(state, "2.2.0.10.in-addr.arpa", DNS_TYPE_PTR, NOW, &r), 0);
	assert_memory_equal(r.rdata, "\7gateway\3lab\7Example", 21);
	assert_int_equal(
		find(state, "33.2.0.10.in-addr.arpa", DNS_TYPE_A, NOW, &r), 0);
	assert_int_equal(r.rdlen, 0);
	assert_int_equal(
		find(state, "99.2.0.10.in-addr.arpa", DNS_TYPE_PTR, NOW, &r),
		DNS_NXDOMAIN);
}

static void addresses_of_others_are_forwarded(void **state)
{
	static const char *const names[] = {
		"33.3.0.10.in-addr.arpa",     "2.0.10.in-addr.arpa",
		"1.33.2.0.10.in-addr.arpa",   "256.2.0.10.in-addr.arpa",
		"0033.2.0.10.in-addr.arpa",   ".2.0.10.in-addr.arpa",
		"33.2.0.10.in-addr.arpa.org", "33.2.0.10",
	};
	struct dns_record r;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(find(state, names[i], DNS_TYPE_PTR, NOW, &r),
				 FORWARDED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(guests_have_names),
		cmocka_unit_test(nobody_has_the_others),
		cmocka_unit_test(the_world_has_the_rest),
		cmocka_unit_test(the_nat_has_names),
		cmocka_unit_test(addresses_have_names),
		cmocka_unit_test(addresses_of_others_are_forwarded),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
