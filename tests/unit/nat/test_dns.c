/* SPDX-License-Identifier: MIT */
/* How questions by UDP are forwarded: which server is asked, and what of its
 * answer comes to the guest. */
#include "tests/unit/nat/dns_rig.h"

/* A rig whose servers of `listening` (bits) listen, and do as `manner`. */
static struct rig *start(const char *resolv_conf, unsigned listening,
			 enum manner manner)
{
	struct rig *rig = rig_new(resolv_conf);

	for (unsigned i = 0; i < SERVERS; i++) {
		if (!(listening & 1u << i))
			continue;
		server_listen(rig, &rig->servers[i]);
		rig->servers[i].manner = manner;
	}
	rig_start(rig);
	return rig;
}

#define ONE   "nameserver 127.0.0.1\n"
#define TWO   "nameserver 127.0.0.2\n"
#define THREE "nameserver 127.0.0.3\n"
#define SIX   "nameserver ::1\n"

static void answers_come_with_the_guests_id(void **state)
{
	struct rig *rig = start(ONE, 1, ANSWER);

	rig_ask(rig, 7, 0x1234, "a.example", 0);
	assert_true(rig_wait(rig, 1));
	assert_int_equal(rig_id(rig->answer), 0x1234);
	assert_int_equal(rig_server(rig->answer), 1);
	assert_int_equal(rig->answer->to.addr.addr[3], 7);
	assert_int_equal(rig->answer->to.port, 4000);
	assert_memory_equal(&rig->answer->to.to, &rig->conf.dns,
			    sizeof(struct net));
	rig_free(rig);
}

static void a_silent_server_is_passed_over(void **state)
{
	struct rig *rig = start(ONE TWO, 3, ANSWER);

	rig->servers[0].manner = SILENT;
	rig_ask(rig, 7, 1, "a.example", 0);
	assert_true(rig_wait(rig, 1));
	assert_int_equal(rig_server(rig->answer), 2);
	assert_int_equal(rig->servers[0].asked, 1);
	rig_free(rig);
}

static void a_missing_server_is_passed_over(void **state)
{
	struct rig *rig = start(ONE TWO, 2, ANSWER);

	rig_ask(rig, 7, 1, "a.example", 0);
	assert_true(rig_wait(rig, 1));
	assert_int_equal(rig_server(rig->answer), 2);
	rig_free(rig);
}

static void servers_that_fail_are_passed_over(void **state)
{
	struct rig *rig = start(ONE TWO THREE, 7, FAIL);

	rig->servers[2].manner = ANSWER;
	rig_ask(rig, 7, 1, "a.example", 0);
	assert_true(rig_wait(rig, 1));
	assert_int_equal(rig_server(rig->answer), 3);
	assert_int_equal(rig->servers[1].asked, 1);
	rig_free(rig);
}

static void guests_of_ipv4_get_answers_over_ipv6(void **state)
{
	struct rig *rig = start(SIX, 8, ANSWER);

	rig_ask(rig, 7, 1, "a.example", 0);
	assert_true(rig_wait(rig, 1));
	assert_int_equal(rig_server(rig->answer), 0);
	assert_int_equal(rig->servers[3].asked, 1);
	rig_free(rig);
}

static void all_failed_is_servfail(void **state)
{
	struct rig *rig = start(ONE TWO, 1, FAIL);

	rig_ask(rig, 7, 99, "a.example", 1232);
	assert_true(rig_wait(rig, 1));
	assert_int_equal(rig_rcode(rig->answer), DNS_SERVFAIL);
	assert_int_equal(rig_id(rig->answer), 99);
	rig_free(rig);
}

static void nxdomain_passes(void **state)
{
	struct rig *rig = start(ONE TWO, 3, ANSWER);

	rig->servers[0].manner = NOWHERE;
	rig_ask(rig, 7, 1, "a.example", 0);
	assert_true(rig_wait(rig, 1));
	assert_int_equal(rig_rcode(rig->answer), DNS_NXDOMAIN);
	assert_int_equal(rig->servers[1].asked, 0);
	rig_free(rig);
}

static void configured_servers_replace_the_file(void **state)
{
	struct rig *rig = rig_new(ONE);

	rig->conf.dns_mode = NAT_DNS_SERVERS;
	rig->conf.servers[1] = (struct net){AF_INET6, 128, {[15] = 1}};
	rig->conf.servers[2] = (struct net){AF_INET, 32, {127, 0, 0, 3}};
	server_listen(rig, &rig->servers[0]);
	server_listen(rig, &rig->servers[2]);
	rig_start(rig);
	rig_ask(rig, 7, 1, "a.example", 0);
	assert_true(rig_wait(rig, 1));
	assert_int_equal(rig_server(rig->answer), 3);
	assert_int_equal(rig->servers[0].asked, 0);
	rig_free(rig);
}

static bool is_cut(const struct answer *a)
{
	return a->message[2] & DNS_FLAG_TC >> 8;
}

static void long_answers_are_cut(void **state)
{
	struct rig *rig = start(ONE, 1, LONG);

	rig_ask(rig, 7, 1, "a.example", 0);
	rig_ask(rig, 7, 2, "a.example", LARGE - 1);
	rig_ask(rig, 7, 3, "a.example", LARGE);
	assert_true(rig_wait(rig, 3));
	for (unsigned i = 0; i < 3; i++) {
		const struct answer *a = &rig->answer[i];
		bool fits = rig_id(a) == 3;

		assert_int_equal(is_cut(a), !fits);
		assert_int_equal(a->len > DNS_UDP_MIN, fits);
		assert_int_equal(dns_get16(a->message + 6), fits ? 2 : 0);
	}
	rig_free(rig);
}

static void edns_makes_longer_answers_pass(void **state)
{
	struct rig *rig = start(ONE, 1, HALF);

	rig_ask(rig, 7, 1, "a.example", 1232);
	assert_true(rig_wait(rig, 1));
	assert_int_equal(rig->answer->len, MIDDLE);
	assert_false(is_cut(rig->answer));
	rig_free(rig);
}

static void a_changed_file_changes_the_servers(void **state)
{
	struct rig *rig = start(ONE, 3, ANSWER);
	char other[80];

	rig_ask(rig, 7, 1, "a.example", 0);
	assert_true(rig_wait(rig, 1));
	assert_int_equal(rig_server(rig->answer), 1);

	/* What waits is asked again. */
	rig->servers[0].manner = SILENT;
	rig_ask(rig, 7, 2, "b.example", 0);
	snprintf(other, sizeof(other), "%s/other", rig->dir);
	assert_true(rig_write_file(other, TWO));
	unlink(rig->path);
	rig->later += 2 * SECOND;
	rig_ask(rig, 7, 3, "c.example", 0); /* without a file, the old ones */
	assert_int_equal(symlink(other, rig->path), 0);
	rig->later += 2 * SECOND;
	rig_ask(rig, 7, 4, "d.example", 0);
	assert_true(rig_wait(rig, 4));
	for (unsigned i = 1; i < 4; i++)
		assert_int_equal(rig_server(&rig->answer[i]), 2);
	unlink(other);
	rig_free(rig);
}

static void a_guest_has_its_share(void **state)
{
	struct rig *rig = start(ONE, 1, SILENT);

	for (uint16_t i = 0; i < 1000; i++)
		rig_ask(rig, 7, i, "a.example", 0);
	assert_int_equal(rig->answers, 1000 - 128);
	assert_int_equal(rig_rcode(rig->answer), DNS_SERVFAIL);
	rig_ask(rig, 8, 1, "a.example", 0);
	assert_int_equal(rig->answers, 1000 - 128);
	rig_free(rig);
}

static void so_many_wait_and_no_more(void **state)
{
	struct rig *rig = start(ONE, 1, SILENT);

	for (uint16_t i = 0; i < DNS_PENDING_MAX; i++)
		rig_ask(rig, (uint8_t)(i / 64 + 10), i, "a.example", 0);
	assert_int_equal(rig->answers, 0);
	rig_ask(rig, 9, 4321, "a.example", 0);
	assert_int_equal(rig->answers, 1);
	assert_int_equal(rig_rcode(rig->answer), DNS_SERVFAIL);
	assert_int_equal(rig_id(rig->answer), 4321);
	rig_free(rig);
}

static void a_repetition_is_dropped(void **state)
{
	struct rig *rig = start(ONE, 1, ANSWER);

	rig_ask(rig, 7, 1, "a.example", 0);
	rig_ask(rig, 7, 1, "a.example", 0);
	rig_ask(rig, 7, 1, "b.example", 0);
	rig_ask(rig, 8, 1, "a.example", 0);
	assert_true(rig_wait(rig, 3));
	assert_int_equal(rig->servers[0].asked, 3);
	assert_int_equal(rig->answers, 3);
	rig_free(rig);
}

static void lies_are_not_passed_on(void **state)
{
	struct rig *rig = start(ONE, 1, HOSTILE);

	rig_ask(rig, 7, 1, "a.example", 0);
	assert_true(rig_wait(rig, 1));
	assert_int_equal(rig_id(rig->answer), 1);
	assert_int_equal(rig_server(rig->answer), 1);
	rig_free(rig);
}

static void malformed_is_answered_or_ignored(void **state)
{
	struct rig *rig = start(ONE, 1, ANSWER);
	struct dns_asker asker = {.port = 1};
	uint8_t message[512];
	size_t len = rig_question(message, 5, "a.example", DNS_TYPE_A, 0);

	dns_query(rig->dns, &asker, message, 11, rig_now(rig));
	assert_int_equal(rig->answers, 0);
	dns_query(rig->dns, &asker, message, len - 1, rig_now(rig));
	assert_int_equal(rig->answers, 1);
	assert_int_equal(rig_rcode(rig->answer), DNS_FORMERR);
	message[2] |= 0x80;
	dns_query(rig->dns, &asker, message, len, rig_now(rig));
	message[2] = 2 << 3; /* STATUS */
	dns_query(rig->dns, &asker, message, len, rig_now(rig));
	assert_int_equal(rig->answers, 2);
	assert_int_equal(rig_rcode(&rig->answer[1]), DNS_NOTIMP);
	rig_free(rig);
}

static void own_names_are_not_forwarded(void **state)
{
	struct rig *rig = start(ONE, 1, ANSWER);
	const struct lease lease = {.mac = {{2, 0, 0, 0, 0, 1}},
				    .addr = {10, 0, 2, 33},
				    .name = "alice",
				    .expires = UINT64_MAX,
				    .bound = true};

	assert_true(leases_put(rig->leases, &lease));
	rig_ask(rig, 7, 1, "alice.lab", 0);
	rig_ask(rig, 7, 2, "ALICE", 0);
	rig_ask(rig, 7, 3, "bob.lab", 0);
	assert_int_equal(rig->answers, 3);
	assert_int_equal(rig_server(&rig->answer[0]), 33);
	assert_int_equal(rig_server(&rig->answer[1]), 33);
	assert_int_equal(rig_rcode(&rig->answer[2]), DNS_NXDOMAIN);
	rig_ask(rig, 7, 4, "bob", 0);
	assert_true(rig_wait(rig, 4));
	assert_int_equal(rig->servers[0].asked, 1);
	rig_free(rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_with_the_guests_id),
		cmocka_unit_test(a_silent_server_is_passed_over),
		cmocka_unit_test(a_missing_server_is_passed_over),
		cmocka_unit_test(servers_that_fail_are_passed_over),
		cmocka_unit_test(guests_of_ipv4_get_answers_over_ipv6),
		cmocka_unit_test(all_failed_is_servfail),
		cmocka_unit_test(nxdomain_passes),
		cmocka_unit_test(configured_servers_replace_the_file),
		cmocka_unit_test(long_answers_are_cut),
		cmocka_unit_test(edns_makes_longer_answers_pass),
		cmocka_unit_test(a_changed_file_changes_the_servers),
		cmocka_unit_test(a_guest_has_its_share),
		cmocka_unit_test(so_many_wait_and_no_more),
		cmocka_unit_test(a_repetition_is_dropped),
		cmocka_unit_test(lies_are_not_passed_on),
		cmocka_unit_test(malformed_is_answered_or_ignored),
		cmocka_unit_test(own_names_are_not_forwarded),
	};

	if (!rig_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
