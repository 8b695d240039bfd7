/* SPDX-License-Identifier: MIT */
/* Captures of the file: how they begin, go on, and end. */
#include "tests/unit/switchd/capture_lab.h"

#define SWITCH "switches: {sw1: {ports: {a: mem, b: mem}}}\n"

static void states_have_names(void **state)
{
	assert_string_equal(captures_state_name(CAPTURES_WAITING), "waiting");
	assert_string_equal(captures_state_name(CAPTURES_STOPPED), "stopped");
}

/* Its port is made anew, under its name, while another capture begins. */
static void goes_on_over_the_life_of_a_port(void **state)
{
	struct capture_lab *f = *state;
	struct swport *a;

	assert_int_equal(
		capture_lab_apply(f, SWITCH "captures: [{of: all, file: x}]"),
		0);
	a = capture_lab_port(f, "a");
	capture_lab_burst(f, "a", 1, 60, 1);
	(void)capture_lab_apply(f, "switches: {sw1: {ports: {\n"
				   "  a: {mem, number: 7}, b: mem, c: mem}}}\n"
				   "captures: [{of: all, file: x},\n"
				   "  {of: sw1.c, file: y}]\n");
	while (f->lab.closing > 0)
		(void)uv_run(&f->rig.loop, UV_RUN_NOWAIT);
	assert_ptr_not_equal(capture_lab_port(f, "a"), a);
	capture_lab_burst(f, "a", 2, 60, 1);
	assert_string_equal(capture_lab_read(f, "x"), "0 rx 60 #1\n"
						      "1 tx 60 #1\n"
						      "0 rx 60 #2\n"
						      "1 tx 60 #2\n"
						      "2 tx 60 #2\n");
	assert_int_equal(rig_size(&f->rig, "x.1"), -1);
}

static void follows_a_change_of_its_ports(void **state)
{
	struct capture_lab *f = *state;
	const struct lab_capture *c;

	assert_int_equal(
		capture_lab_apply(f, SWITCH "captures: [{of: sw1.a, file: x}]"),
		0);
	c = captures_find(&f->lab, "x");
	capture_lab_burst(f, "a", 1, 60, 1);
	assert_int_equal(
		capture_lab_apply(f, SWITCH "captures: [{of: sw1.b, file: x}]"),
		0);
	assert_ptr_equal(captures_find(&f->lab, "x"), c);
	assert_int_equal(c->port_count, 1);
	capture_lab_burst(f, "a", 2, 60, 1);
	assert_string_equal(capture_lab_read(f, "x"), "0 rx 60 #1\n"
						      "1 tx 60 #2\n");
}

/* The new one waits for the old one to be done with the file. */
static void another_option_begins_a_new_file(void **state)
{
	struct capture_lab *f = *state;

	assert_int_equal(
		capture_lab_apply(f, SWITCH "captures: [{of: all, file: x}]"),
		0);
	capture_lab_burst(f, "a", 1, 60, 1);
	assert_int_equal(capture_lab_apply(f, SWITCH
					   "captures: [{of: all, file: x, "
					   "filter: \"ether[11] = 2\"}]"),
			 0);
	assert_int_equal(captures_find(&f->lab, "x")->state, CAPTURES_WAITING);
	(void)capture_lab_await(f, "x", CAPTURES_RUNNING);
	capture_lab_burst(f, "a", 1, 60, 1);
	capture_lab_burst(f, "a", 2, 60, 1);
	assert_string_equal(capture_lab_read(f, "x"), "0 rx 60 #2\n"
						      "1 tx 60 #2\n");
	assert_int_equal(rig_count(&f->rig, "x.1"), 2);
}

/* One that waits can be stopped, and removed. */
static void waiting_can_end(void **state)
{
	struct capture_lab *f = *state;

	assert_int_equal(
		capture_lab_apply(f, SWITCH "captures: [{of: all, file: x}]"),
		0);
	assert_int_equal(
		capture_lab_apply(f, SWITCH "captures: [{of: all, file: y}]"),
		0);
	captures_stop(captures_find(&f->lab, "y"));
	assert_int_equal(captures_find(&f->lab, "y")->state, CAPTURES_STOPPED);
	assert_int_equal(capture_lab_apply(f, SWITCH), 0);
	assert_null(captures_find(&f->lab, "y"));
}

static void says_why_it_cannot_and_tries_again_when_applied(void **state)
{
	static const char text[] = SWITCH "captures: [{of: all, file: x}]";
	struct capture_lab *f = *state;
	const struct lab_capture *c;

	assert_int_equal(symlink("/etc/passwd", rig_path(&f->rig, "x")), 0);
	assert_int_equal(capture_lab_apply(f, text), 1);
	c = captures_find(&f->lab, "x");
	assert_int_equal(c->state, CAPTURES_STOPPED);
	assert_non_null(strstr(c->reason.msg, "symbolic link"));
	capture_lab_burst(f, "a", 1, 60, 1); /* the switch does not mind */
	assert_int_equal(unlink(rig_path(&f->rig, "x")), 0);
	assert_int_equal(capture_lab_apply(f, text), 0);
	assert_int_equal(c->state, CAPTURES_RUNNING);
	assert_string_equal(c->reason.msg, "");
	assert_ptr_equal(captures_find(&f->lab, "x"), c);
}

static void the_directory_is_made_for_us_alone(void **state)
{
	struct capture_lab *f = *state;
	char dir[128];
	struct stat st;

	(void)snprintf(dir, sizeof(dir), "%s/deeper", f->rig.dir);
	f->lab.captures.dir = dir;
	assert_int_equal(capture_lab_apply(f, SWITCH), 0);
	assert_int_equal(stat(dir, &st), -1);
	assert_int_equal(
		capture_lab_apply(f, SWITCH "captures: [{of: all, file: x}]"),
		0);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void a_directory_that_cannot_be_had_is_a_reason(void **state)
{
	struct capture_lab *f = *state;

	f->lab.captures.dir = "/proc/captures";
	assert_int_equal(
		capture_lab_apply(f, SWITCH "captures: [{of: all, file: x}]"),
		1);
	assert_non_null(
		strstr(captures_find(&f->lab, "x")->reason.msg, "--captures"));
}

/* The lab ends with a burst still to be written. */
static void ends_whole_with_the_lab(void **state)
{
	struct capture_lab *f = *state;

	assert_int_equal(
		capture_lab_apply(f, SWITCH "captures: [{of: all, file: x}]"),
		0);
	capture_lab_burst(f, "a", 1, 60, FRAME_BURST);
	assert_int_equal(lab_apply(&f->lab, topo_new()), 0);
	while (f->lab.captures.list)
		(void)uv_run(&f->rig.loop, UV_RUN_ONCE);
	assert_int_equal(rig_count(&f->rig, "x"), 2 * FRAME_BURST);
	assert_true(f->wakes > 0);
}

int main(void)
{
#define IN_A_LAB(test)                                                         \
	cmocka_unit_test_setup_teardown(test, capture_lab_begin,               \
					capture_lab_end)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_have_names),
		IN_A_LAB(goes_on_over_the_life_of_a_port),
		IN_A_LAB(follows_a_change_of_its_ports),
		IN_A_LAB(another_option_begins_a_new_file),
		IN_A_LAB(waiting_can_end),
		IN_A_LAB(says_why_it_cannot_and_tries_again_when_applied),
		IN_A_LAB(the_directory_is_made_for_us_alone),
		IN_A_LAB(a_directory_that_cannot_be_had_is_a_reason),
		IN_A_LAB(ends_whole_with_the_lab),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
