/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include "plugs/nat/child/flow.h"
#include "tests/unit/nat/guest_frames.h"

#define SECOND UINT64_C(1000000000)

static const struct flow_limits limits = {
	.all = 6,
	.per_guest = {[FLOW_TCP] = 4, [FLOW_UDP] = 2, [FLOW_ECHO] = 1},
};

static const struct mac alice = {{2, 0, 0, 0, 0, 1}};
static const struct mac bob = {{2, 0, 0, 0, 0, 2}};

static struct flow_key key(enum flow_kind kind, const char *guest,
			   uint16_t port)
{
	struct net g = addr_of(guest);
	struct net far = addr_of(g.family == AF_INET ? "192.0.2.1" : "2001::1");

	return flow_key(kind, &g, port, kind == FLOW_UDP ? NULL : &far, 80);
}

static struct flow *add(struct flows *flows, enum flow_kind kind,
			const char *guest, uint16_t port, uint64_t now)
{
	struct flow_key k = key(kind, guest, port);

	return flows_add(flows, &k, strcmp(guest, "10.0.2.15") ? &bob : &alice,
			 now);
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

static void each_guest_and_all_have_a_limit(void **state)
{
	for (uint16_t i = 0; i < 4; i++)
		assert_non_null(add(*state, FLOW_TCP, "10.0.2.15", i, i));
	assert_null(add(*state, FLOW_TCP, "10.0.2.15", 9, 9));
	assert_non_null(add(*state, FLOW_UDP, "10.0.2.15", 9, 9));
	assert_non_null(add(*state, FLOW_TCP, "10.0.2.16", 9, 9));
	assert_null(add(*state, FLOW_UDP, "10.0.2.16", 9, 9));
	assert_int_equal(flows_count(*state), 6);
}

static void the_victim_is_the_guests_least_recently_used(void **state)
{
	struct flow *bobs = add(*state, FLOW_TCP, "10.0.2.16", 1, 1);
	struct flow *f[4];

	bobs->answered = true;
	for (uint16_t i = 0; i < 4; i++)
		f[i] = add(*state, FLOW_TCP, "10.0.2.15", i, 2 + i);
	assert_ptr_equal(flows_victim(*state, &bob), bobs);
	assert_null(flows_victim(*state, &alice)); /* all are opening */
	f[1]->answered = f[2]->answered = true;
	assert_ptr_equal(flows_victim(*state, &alice), f[1]);
	flows_touch(*state, f[1], 9);
	assert_ptr_equal(flows_victim(*state, &alice), f[2]);
	/* One that is closed anyway goes before any other. */
	f[3]->guest_fin = f[3]->slirp_fin = f[3]->answered = true;
	flows_touch(*state, f[3], 10);
	assert_ptr_equal(flows_victim(*state, &alice), f[3]);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(found_by_all_of_the_key, start,
						end),
		cmocka_unit_test_setup_teardown(each_guest_and_all_have_a_limit,
						start, end),
		cmocka_unit_test_setup_teardown(
			the_victim_is_the_guests_least_recently_used, start,
			end),
		cmocka_unit_test_setup_teardown(forgotten_when_libslirp_forgets,
						start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
