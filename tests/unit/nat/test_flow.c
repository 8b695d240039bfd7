/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include "plugs/nat/child/flow.h"
#include "tests/unit/nat/guest_frames.h"

static const struct flow_limits limits = {
	.all = 100,
	.per_guest = {[FLOW_TCP] = 4, [FLOW_UDP] = 2, [FLOW_ECHO] = 1},
};

static const struct mac alice = {{2, 0, 0, 0, 0, 1}};
static const struct mac bob = {{2, 0, 0, 0, 0, 2}};

static struct flow_key key(enum flow_kind kind, const char *guest,
			   uint16_t port)
{
	struct net g = net_of(guest);
	struct net far = net_of(g.family == AF_INET ? "192.0.2.1" : "2001::1");

	return flow_key(kind, &g, port, kind == FLOW_UDP ? NULL : &far, 80);
}

static struct flow *add(struct flows *flows, enum flow_kind kind,
			const char *guest, uint16_t port, uint64_t now)
{
	struct flow_key k = key(kind, guest, port);

	return flows_add(flows, &k, strcmp(guest, "10.0.2.15") ? &bob : &alice,
			 true, now);
}

static int start(void **state)
{
	*state = flows_new(&limits);
	return *state ? 0 : -1;
}

static int end(void **state)
{
	flows_free(*state);
	return 0;
}

static void found_by_all_of_the_key(void **state)
{
	struct flow *flow = add(*state, FLOW_TCP, "10.0.2.15", 7, 1);
	struct flow_key k = key(FLOW_TCP, "10.0.2.15", 7);

	assert_ptr_equal(flows_find(*state, &k), flow);
	k.far_port++;
	assert_null(flows_find(*state, &k));
	k = key(FLOW_UDP, "10.0.2.15", 7);
	assert_null(flows_find(*state, &k));
	k = key(FLOW_TCP, "fd00::f", 7);
	assert_null(flows_find(*state, &k));
	flows_remove(*state, flow);
	k = key(FLOW_TCP, "10.0.2.15", 7);
	assert_null(flows_find(*state, &k));
	assert_int_equal(flows_count(*state), 0);
}

/* Of a kind, whatever the others have. */
static void each_guest_has_a_limit(void **state)
{
	for (uint16_t i = 0; i < 4; i++)
		assert_non_null(add(*state, FLOW_TCP, "10.0.2.15", i, i));
	assert_null(add(*state, FLOW_TCP, "10.0.2.15", 9, 9));
	assert_non_null(add(*state, FLOW_UDP, "10.0.2.15", 9, 9));
	assert_non_null(add(*state, FLOW_TCP, "10.0.2.16", 9, 9));
	assert_int_equal(flows_count(*state), 6);
}

/* How many flows a MAC gets in addition. */
static unsigned fill(struct flows *flows, enum flow_kind kind, unsigned guest,
		     bool known)
{
	const struct mac mac = {{2, 0, 0, 1, 0, (uint8_t)guest}};
	unsigned before = flows_count(flows);
	struct flow_key k;

	do {
		k = key(kind, "10.0.2.99", (uint16_t)flows_count(flows));
		k.guest[1] = (uint8_t)guest;
	} while (flows_add(flows, &k, &mac, known, 1));
	return flows_count(flows) - before;
}

static void what_is_free_is_shared(void **state)
{
	const struct flow_limits many = {.all = 120,
					 .per_guest = {1000, 1000, 1000}};
	struct flows *flows = flows_new(&many);

	assert_int_equal(fill(flows, FLOW_TCP, 1, true), 60);
	assert_int_equal(fill(flows, FLOW_TCP, 2, true), 30);
	assert_int_equal(fill(flows, FLOW_UDP, 3, true), 10);
	assert_int_equal(fill(flows, FLOW_TCP, 3, true), 5);
	flows_free(flows);
}

/* However many MACs they have. */
static void the_unknown_are_one_guest(void **state)
{
	const struct flow_limits many = {.all = 120,
					 .per_guest = {1000, 30, 1000}};
	const struct mac five = {{2, 0, 0, 1, 0, 5}};
	struct flows *flows = flows_new(&many);

	assert_int_equal(fill(flows, FLOW_UDP, 1, false), 30);
	assert_int_equal(fill(flows, FLOW_UDP, 2, false), 10);
	assert_int_equal(fill(flows, FLOW_UDP, 3, false), 0);
	assert_int_equal(fill(flows, FLOW_TCP, 4, false), 20);
	assert_int_equal(fill(flows, FLOW_UDP, 5, true), 20);
	/* One whose lease ends is one of them. */
	flows_disown(flows, &five);
	assert_int_equal(fill(flows, FLOW_UDP, 6, true), 13);
	flows_expire(flows, 1 + 241 * SECOND);
	assert_int_equal(flows_count(flows), 0);
	assert_int_equal(fill(flows, FLOW_UDP, 5, true), 30);
	flows_disown(flows, &five);
	assert_int_equal(fill(flows, FLOW_UDP, 1, false), 10);
	flows_free(flows);
}

static void the_victim_is_the_guests_least_recently_used(void **state)
{
	struct flow *bobs = add(*state, FLOW_TCP, "10.0.2.16", 1, 1);
	struct flow *f[4];

	bobs->answered = true;
	for (uint16_t i = 0; i < 4; i++)
		f[i] = add(*state, FLOW_TCP, "10.0.2.15", i, 2 + i);
	assert_ptr_equal(flows_victim(*state, FLOW_TCP, &bob, true), bobs);
	/* All are opening. */
	assert_null(flows_victim(*state, FLOW_TCP, &alice, true));
	f[1]->answered = f[2]->answered = true;
	assert_ptr_equal(flows_victim(*state, FLOW_TCP, &alice, true), f[1]);
	flows_touch(*state, f[1], 9);
	assert_ptr_equal(flows_victim(*state, FLOW_TCP, &alice, true), f[2]);
	/* One that is closed anyway goes before any other. */
	f[3]->guest_fin = f[3]->slirp_fin = f[3]->answered = true;
	flows_touch(*state, f[3], 10);
	assert_ptr_equal(flows_victim(*state, FLOW_TCP, &alice, true), f[3]);
}

static void forgotten_when_libslirp_forgets(void **state)
{
	struct flow *open = add(*state, FLOW_TCP, "10.0.2.15", 1, 0);
	struct flow *closed = add(*state, FLOW_TCP, "10.0.2.15", 2, 0);

	(void)add(*state, FLOW_TCP, "10.0.2.15", 3, 0);
	(void)add(*state, FLOW_UDP, "10.0.2.15", 4, 0);
	(void)add(*state, FLOW_ECHO, "10.0.2.15", 5, 0);
	open->answered = closed->answered = true;
	closed->guest_fin = closed->slirp_fin = true;
	flows_expire(*state, 30 * SECOND);
	assert_int_equal(flows_count(*state), 5);
	flows_expire(*state, 31 * SECOND);
	assert_int_equal(flows_count(*state), 4);
	flows_expire(*state, 151 * SECOND);
	assert_int_equal(flows_count(*state), 3);
	flows_expire(*state, 241 * SECOND);
	assert_int_equal(flows_count(*state), 1); /* may be idle for ever */
}

static void who_gives_way(void **state)
{
	const struct mac eve = {{2, 0, 0, 0, 0, 3}};
	struct flow_key k = key(FLOW_TCP, "10.0.2.17", 1);
	struct flow *alices = add(*state, FLOW_TCP, "10.0.2.15", 1, 1);
	struct flow *eves = flows_add(*state, &k, &eve, false, 2);

	alices->answered = eves->answered = true;
	/* One's own, for any kind. */
	assert_ptr_equal(flows_victim(*state, FLOW_UDP, &alice, true), alices);
	assert_ptr_equal(flows_victim(*state, FLOW_ECHO, &eve, false), eves);
	/* Another unknown one's, for TCP. */
	assert_ptr_equal(flows_victim(*state, FLOW_TCP, &bob, false), eves);
	assert_null(flows_victim(*state, FLOW_UDP, &bob, false));
	/* Anybody's, for who has none. */
	assert_ptr_equal(flows_victim(*state, FLOW_UDP, &bob, true), alices);
	/* None, if it has too many of what does not go. */
	(void)add(*state, FLOW_ECHO, "10.0.2.15", 1, 3);
	assert_null(flows_victim(*state, FLOW_ECHO, &alice, true));
}

static void answers_of_name_servers_end_a_flow(void **state)
{
	struct flow *flow = add(*state, FLOW_UDP, "10.0.2.15", 4, 0);

	flow->asked_name = true;
	flows_expire(*state, 200 * SECOND);
	assert_int_equal(flows_count(*state), 1);
	flow->answered = true;
	flows_touch(*state, flow, 200 * SECOND);
	flows_expire(*state, 210 * SECOND);
	assert_int_equal(flows_count(*state), 1);
	flows_expire(*state, 211 * SECOND);
	assert_int_equal(flows_count(*state), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(found_by_all_of_the_key, start,
						end),
		cmocka_unit_test_setup_teardown(each_guest_has_a_limit, start,
						end),
		cmocka_unit_test(what_is_free_is_shared),
		cmocka_unit_test(the_unknown_are_one_guest),
		cmocka_unit_test_setup_teardown(
			the_victim_is_the_guests_least_recently_used, start,
			end),
		cmocka_unit_test_setup_teardown(who_gives_way, start, end),
		cmocka_unit_test_setup_teardown(
			answers_of_name_servers_end_a_flow, start, end),
		cmocka_unit_test_setup_teardown(forgotten_when_libslirp_forgets,
						start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
