/* SPDX-License-Identifier: MIT */
/* VDE clients and the ports of a lab: by number, or dynamic ones. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/switchd/lab_rig.h"

/* A VDE client: the ctl connection and its data socket. */
struct client {
	int ctl;
	int data;
	char path[108];
};

static void bind_at(int fd, const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
}

/* Asks for a port by number, 0 for any, and gives the loop time to answer.
 * Returns whether it was let in. */
static bool join(struct lab_rig *f, struct client *c, uint32_t number)
{
	static unsigned made;
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	uint32_t head[3] = {0xfeedface, 3, number << 8};
	uint16_t family = AF_UNIX;
	char request[122] = {0}, answer[110];
	ssize_t n = -1;

	snprintf(c->path, sizeof(c->path), "/tmp/labswitch-client-%ld-%u",
		 (long)getpid(), made++);
	c->data = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bind_at(c->data, c->path);
	c->ctl = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(to.sun_path, sizeof(to.sun_path), "%s/sw1/ctl",
		 f->lab.run_dir);
	assert_int_equal(connect(c->ctl, (struct sockaddr *)&to, sizeof(to)),
			 0);
	memcpy(request, head, sizeof(head));
	memcpy(request + 12, &family, 2);
	memcpy(request + 14, c->path, strlen(c->path));
	assert_int_equal(send(c->ctl, request, sizeof(request), 0),
			 sizeof(request));
	for (int i = 0; i < 100 && n < 0; i++) {
		uv_run(&f->loop, UV_RUN_NOWAIT);
		n = recv(c->ctl, answer, sizeof(answer), MSG_DONTWAIT);
	}
	return n == sizeof(answer);
}

static void leave(struct lab_rig *f, struct client *c)
{
	close(c->ctl);
	close(c->data);
	unlink(c->path);
	for (int i = 0; i < 10; i++)
		uv_run(&f->loop, UV_RUN_NOWAIT);
}

static const struct swport *find(struct lab_rig *f, const char *name)
{
	return lab_find_port(&f->lab, name, NULL);
}

static const char open_lab[] = "switches:\n"
			       "  sw1:\n"
			       "    vde: {anonymous: {vlan: 7}}\n"
			       "    ports:\n"
			       "      a: {mem, number: 1, vlan: 5}\n"
			       "      v: {vde, number: 3, vlan: 5}\n";

static void test_a_number_is_the_port_that_has_it(void **state)
{
	struct lab_rig *f = *state;
	struct client one, two, wrong;

	lab_rig_apply(f, open_lab);
	assert_true(join(f, &one, 3));
	assert_true(join(f, &two, 3)); /* a port has room for several */
	assert_int_equal(f->lab.switches->port_count, 2);
	assert_false(join(f, &wrong, 1)); /* not a vde port */
	leave(f, &one);
	leave(f, &two);
	leave(f, &wrong);
	assert_int_equal(find(f, "v")->state, SWPORT_UP);
}

static void test_others_get_dynamic_ports(void **state)
{
	struct lab_rig *f = *state;
	struct client one, two, three;

	lab_rig_apply(f, open_lab);
	assert_true(join(f, &one, 0));
	assert_true(join(f, &two, 99)); /* no port has this number */
	assert_non_null(find(f, "sw1.#2"));
	assert_non_null(find(f, "sw1.#4"));
	assert_true(find(f, "#2")->dynamic);
	assert_int_equal(find(f, "#2")->topo->conf.vlan.access, 7);
	leave(f, &one);
	assert_null(find(f, "sw1.#2"));
	assert_non_null(find(f, "sw1.#4"));
	assert_true(join(f, &three, 0));
	assert_non_null(find(f, "sw1.#2")); /* the lowest again */
	leave(f, &two);
	leave(f, &three);
	assert_int_equal(f->lab.switches->port_count, 2);
}

static void test_a_plan_leaves_dynamic_ports_alone(void **state)
{
	struct lab_rig *f = *state;
	const struct swport *port;
	struct client one;

	lab_rig_apply(f, open_lab);
	assert_true(join(f, &one, 0));
	port = find(f, "#2");
	lab_rig_apply(
		f, "switches:\n"
		   "  sw1:\n"
		   "    vde: {anonymous: {vlan: 8, isolated: yes,\n"
		   "                      storm: 9/s, secure: 2}}\n"
		   "    ports: {a: {mem, number: 1, vlan: 5}, b: mem, c: mem,\n"
		   "            v: {vde, number: 3, vlan: 5}}\n");
	assert_ptr_equal(find(f, "#2"), port);
	assert_int_equal(port->topo->conf.vlan.access, 8);
	assert_true(port->topo->conf.guard.isolated);
	assert_int_equal(port->topo->conf.guard.storm.each, 9);
	assert_int_equal(port->topo->conf.guard.secure.max, 2);
	/* New ports got other numbers than it has. */
	assert_int_equal(find(f, "b")->topo->conf.number, 4);
	assert_int_equal(find(f, "c")->topo->conf.number, 5);
	leave(f, &one);
}

static void test_a_written_number_outranks_a_dynamic_port(void **state)
{
	struct lab_rig *f = *state;
	struct topo_errors errors;
	struct client one;
	static const char text[] = "switches:\n"
				   "  sw1:\n"
				   "    vde: {anonymous: {vlan: 7}}\n"
				   "    ports: {a: {mem, number: 1, vlan: 5},\n"
				   "            v: {vde, number: 3, vlan: 5},\n"
				   "            late: {mem, number: 2}}\n";

	lab_rig_apply(f, open_lab);
	assert_true(join(f, &one, 0));
	assert_non_null(find(f, "#2"));
	/* It waits until the number is free. */
	assert_int_equal(lab_apply(&f->lab, topo_parse(text, strlen(text),
						       plug_kinds, &errors)),
			 1);
	leave(f, &one);
	assert_null(find(f, "#2"));
	assert_int_equal(find(f, "late")->state, SWPORT_UP);
	assert_int_equal(find(f, "late")->topo->conf.number, 2);
}

static void test_without_anonymous_they_are_refused(void **state)
{
	struct lab_rig *f = *state;
	struct client one;

	lab_rig_apply(f, "switches: {sw1: {ports: {v: {vde, number: 3}}}}");
	assert_false(join(f, &one, 0));
	leave(f, &one);
	assert_false(join(f, &one, 4));
	leave(f, &one);
	assert_int_equal(f->lab.switches->port_count, 1);
}

static void test_nobody_joins_a_switch_that_leaves(void **state)
{
	struct lab_rig *f = *state;
	struct client late;
	bool joined;

	lab_rig_apply(f, open_lab);
	lab_apply(&f->lab, topo_new());
	joined = join(f, &late, 0);
	leave(f, &late);
	assert_false(joined);
	assert_null(f->lab.leaving);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, lab_rig_begin, lab_rig_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_number_is_the_port_that_has_it),
		TEST(test_others_get_dynamic_ports),
		TEST(test_a_plan_leaves_dynamic_ports_alone),
		TEST(test_a_written_number_outranks_a_dynamic_port),
		TEST(test_without_anonymous_they_are_refused),
		TEST(test_nobody_joins_a_switch_that_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
