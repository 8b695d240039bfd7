/* SPDX-License-Identifier: MIT */
/*
 * NAT ports in a lab: their MAC in the forwarding database, their leases over
 * changes and in leases.json. The process is a fake one (fake_nat.h), which
 * with `domain: chatty` leases 10.0.2.15 to alice.
 */
#include "switchd/nats.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "switchd/rundir.h"
#include "tests/unit/plugs/fake_nat.h"
#include "tests/unit/switchd/lab_rig.h"

static const struct mac nat_address = {{0x52, 0x55, 10, 0, 2, 2}};

static int begin(void **state)
{
	struct lab_rig *f;

	(void)lab_rig_begin(state);
	f = *state;
	f->lab.nat_program = FAKE_NAT_PROGRAM;
	return 0;
}

/* Not even a process is left. */
static int end(void **state)
{
	(void)lab_rig_end(state);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	return 0;
}

static void turn(struct lab_rig *f)
{
	uv_run(&f->loop, UV_RUN_NOWAIT);
	usleep(10000);
}

static void await_up(struct lab_rig *f)
{
	for (int i = 0; i < 1000; i++) {
		turn(f);
		if (f->lab.closing == 0 &&
		    lab_rig_port(f, "out")->state == SWPORT_UP)
			return;
	}
	fail_msg("the port is not up: %s", lab_rig_port(f, "out")->reason.msg);
}

static int pinned_to(struct lab_rig *f, uint16_t vid)
{
	return fdb_lookup(bridge_fdb(f->lab.switches->bridge), vid,
			  nat_address.b);
}

static void its_mac_is_pinned_where_it_is(void **state)
{
	struct lab_rig *f = *state;
	struct fdb *fdb;

	lab_rig_apply(
		f, "switches: {s: {ports: {out: {nat, vlan: 10, number: 7}}}}");
	assert_int_equal(pinned_to(f, 10), -1);
	await_up(f);
	assert_int_equal(pinned_to(f, 10), 7);
	fdb = bridge_fdb(f->lab.switches->bridge);
	fdb_learn(fdb, 10, nat_address.b, 3, 1);
	assert_int_equal(pinned_to(f, 10), 7);

	lab_rig_apply(
		f, "switches: {s: {ports: {out: {nat, vlan: 20, number: 7}}}}");
	assert_int_equal(pinned_to(f, 10), -1);
	assert_int_equal(pinned_to(f, 20), 7);
	lab_rig_apply(f, "switches: {s: {ports: {out: {nat, number: 7}}}}");
	assert_int_equal(pinned_to(f, 20), -1);
	assert_int_equal(pinned_to(f, 0), 7);
	assert_int_equal(fdb_count(fdb), 1);

	/* Tagged frames are not for a NAT. */
	lab_rig_apply(
		f,
		"switches: {s: {ports: {out: {nat, trunk: [10], number: 7}}}}");
	assert_int_equal(fdb_count(fdb), 0);
	lab_rig_apply(f, "switches: {s: {}}");
	assert_int_equal(fdb_count(fdb), 0);
}

/* "alice" if she has her lease; else NULL. */
static const char *leased(struct lab_rig *f)
{
	const struct swport *port = lab_rig_port(f, "out");
	const struct lease *lease =
		nats_ops(port)->lease(port->plug, 0, uv_hrtime());

	return lease && lease->addr[3] == 15 ? lease->name : NULL;
}

static void await_lease(struct lab_rig *f)
{
	for (int i = 0; i < 1000 && !leased(f); i++)
		turn(f);
	assert_string_equal(leased(f), "alice");
}

static void leases_outlive_ports(void **state)
{
	struct lab_rig *f = *state;

	lab_rig_apply(f,
		      "switches: {s: {ports: {out: {nat, domain: chatty}}}}");
	await_lease(f);
	/* Another port of the same name, another network, and back. */
	lab_rig_apply(f, "switches: {s: {ports: {out: {nat, restrict: yes}}}}");
	assert_string_equal(leased(f), "alice");
	await_up(f);
	lab_rig_apply(f, "switches: {s: {ports: {out: {nat, restrict: no}}}}");
	assert_string_equal(leased(f), "alice");
	lab_rig_apply(f, "switches: {s: {ports: {out: nat 10.9.0.0/24}}}");
	assert_null(leased(f));
}

static const char *file_of(struct lab_rig *f, char path[RUNDIR_FILE_SIZE])
{
	return rundir_file(f->lab.run_dir, NATS_FILE, path);
}

static void leases_are_written(void **state)
{
	struct lab_rig *f = *state;
	struct lab next = f->lab;
	char path[RUNDIR_FILE_SIZE];
	struct stat st;

	lab_rig_apply(f,
		      "switches: {s: {ports: {out: {nat, domain: chatty}}}}");
	await_lease(f);
	nats_tick(&f->lab);
	assert_int_equal(stat(file_of(f, path), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);

	/* As the next daemon finds it. */
	next.nats = (struct nats){.ports = NULL};
	nats_load(&next);
	assert_true(json_equal(next.nats.ports, f->lab.nats.ports));
	assert_int_equal(
		json_array_size(json_object_get(next.nats.ports, "s.out")), 1);
	json_decref(next.nats.ports);
}

static void write_file(struct lab_rig *f, const char *text)
{
	char path[RUNDIR_FILE_SIZE];
	FILE *file = fopen(file_of(f, path), "w");

	assert_non_null(file);
	(void)fputs(text, file);
	(void)fclose(file);
}

static void what_is_read_is_not_trusted(void **state)
{
	static const char *const items[] = {
		"",
		"null",
		"7, [], \"x\"",
		"{\"mac\": 7, \"address\": \"10.0.2.15\", \"name\": \"a\", "
		"\"expires\": null}",
		"{\"mac\": \"02:00:00:00:00:0f\", \"address\": \"10.0.2.15\", "
		"\"name\": \"a\"}",
		"{\"mac\": \"02:00:00:00:00:0f\", \"address\": \"10.0.2.15\", "
		"\"name\": \"a\", \"expires\": 5}",
		"{\"mac\": \"02:00:00:00:00:0f\", \"address\": \"10.0.2.15\", "
		"\"name\": \"a\", \"expires\": 9223372036854775807}",
		"{\"mac\": \"02:00:00:00:00:0f\", \"address\": \"10.0.2.2\", "
		"\"name\": \"a\", \"expires\": null}",
	};
	struct lab_rig *f = *state;
	char text[1000];

	log_open(LOG_LEVEL_ERR);
	write_file(f, "{");
	nats_load(&f->lab);
	assert_null(f->lab.nats.ports);
	write_file(f, "{\"version\": 9, \"ports\": {}}");
	nats_load(&f->lab);
	assert_null(f->lab.nats.ports);
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		(void)snprintf(text, sizeof(text),
			       "{\"version\": 1, \"ports\": {\"s.out\": [%s]}}",
			       items[i]);
		write_file(f, text);
		json_decref(f->lab.nats.ports);
		f->lab.nats.ports = NULL;
		nats_load(&f->lab);
		assert_non_null(f->lab.nats.ports);
		lab_rig_apply(f, "switches: {s: {ports: {out: nat}}}");
		assert_null(leased(f));
		json_object_clear(f->lab.nats.ports);
		lab_rig_apply(f, "switches: {}");
		for (int k = 0; k < 1000 && f->lab.closing > 0; k++)
			turn(f);
	}
}

static void a_good_file_is_taken(void **state)
{
	struct lab_rig *f = *state;
	char text[300];

	(void)snprintf(text, sizeof(text),
		       "{\"version\": 1, \"ports\": {\"s.out\": [{\"mac\": "
		       "\"02:00:00:00:00:0f\", \"address\": \"10.0.2.15\", "
		       "\"name\": \"alice\", \"expires\": %lld}]}}",
		       (long long)time(NULL) + 3600);
	write_file(f, text);
	nats_load(&f->lab);
	lab_rig_apply(f, "switches: {s: {ports: {out: nat}}}");
	assert_string_equal(leased(f), "alice");
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(its_mac_is_pinned_where_it_is,
						begin, end),
		cmocka_unit_test_setup_teardown(leases_outlive_ports, begin,
						end),
		cmocka_unit_test_setup_teardown(leases_are_written, begin, end),
		cmocka_unit_test_setup_teardown(what_is_read_is_not_trusted,
						begin, end),
		cmocka_unit_test_setup_teardown(a_good_file_is_taken, begin,
						end),
	};

	FAKE_NAT(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
