/* SPDX-License-Identifier: MIT */
/* switchctl reset, kind by kind. */
#include "plugs/plug_mem.h"
#include "switchd/cmd.h"
#include "switchd/sw_pause.h"
#include "tests/unit/switchd/lab_rig.h"

#define TEXT                                                                   \
	"switches:\n"                                                          \
	"  sw1: {ports: {a: mem, b: mem}}\n"                                   \
	"  sw2: {ports: {c: mem}}\n"                                           \
	"links:\n"                                                             \
	"- sw1 -- sw2: {name: l}\n"

static int begin(void **state)
{
	(void)lab_rig_begin(state);
	return (int)lab_rig_apply(*state, TEXT);
}

static json_t *call(struct lab_rig *f, const char *name, json_t *params)
{
	const struct cmd *cmd = cmd_find(name);
	struct call call = {.fd = -1};
	json_t *result;
	struct err err;

	assert_true(cmd_check(cmd, params, &err));
	result = cmd->serve ? cmd->serve(&f->lab, params, &err)
			    : cmd->serve_call(&f->lab, params, &call, &err);
	json_decref(params);
	if (!result)
		fail_msg("%s: %s", name, err.msg);
	return result;
}

static void does(struct lab_rig *f, const char *name, json_t *params)
{
	json_decref(call(f, name, params));
}

/* What reset says, a line each. */
static void reset_says(struct lab_rig *f, bool dry_run, const char *want)
{
	json_t *result =
		call(f, "reset", json_pack("{s:b}", "dry_run", dry_run));
	char text[1000] = "";
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(result, "rows"), i, row)
	{
		const char *name = cmd_text(row, "name");

		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
			       "%s %s: %s\n", cmd_text(row, "kind"),
			       name ? name : "-", cmd_text(row, "text"));
	}
	assert_string_equal(text, want);
	json_decref(result);
}

static void resets(struct lab_rig *f, const char *want)
{
	reset_says(f, true, want);
	reset_says(f, true, want); /* the first one changed nothing */
	reset_says(f, false, want);
	reset_says(f, false, "counters -: begin at 0\n");
}

static void inject(struct lab_rig *f, const char *port, uint8_t src)
{
	uint8_t bytes[60] = {255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, src};
	const struct frame frame = {.data = bytes, .len = sizeof(bytes)};

	plug_mem_inject(lab_rig_port(f, port)->plug, &frame, 1, uv_hrtime());
}

static const struct counters *counters_of(struct lab_rig *f, const char *name)
{
	return &lab_rig_port(f, name)->counters;
}

static void rounds(struct lab_rig *f)
{
	for (int i = 0; i < 9; i++)
		uv_run(&f->loop, UV_RUN_NOWAIT);
}

static void nothing_to_do(void **state)
{
	resets(*state, "counters -: begin at 0\n");
}

static void a_switch_that_is_paused_goes_on(void **state)
{
	struct lab_rig *f = *state;

	does(f, "pause", json_object());
	inject(f, "a", 1);
	reset_says(f, true,
		   "pause sw1: goes on, 1 waiting\n"
		   "pause sw2: goes on, 0 waiting\n"
		   "counters -: begin at 0\n");
	assert_int_equal(counters_of(f, "b")->tx_frames, 0);
	reset_says(f, false,
		   "pause sw1: goes on, 1 waiting\n"
		   "pause sw2: goes on, 0 waiting\n"
		   "fdb sw1: forgets 1 learned and 0 static addresses\n"
		   "counters -: begin at 0\n");
	assert_null(sw_pause_of(f->lab.switches));
	assert_int_equal(counters_of(f, "b")->tx_frames, 0);
	inject(f, "a", 1);
	assert_int_equal(counters_of(f, "b")->tx_frames, 1);
}

static void a_link_is_up_again(void **state)
{
	struct lab_rig *f = *state;

	does(f, "link down", json_pack("{s:s}", "link", "l"));
	resets(f, "link l: is up again\ncounters -: begin at 0\n");
	assert_int_equal(lab_rig_port(f, "sw2.l")->state, SWPORT_UP);
	does(f, "link down",
	     json_pack("{s:s, s:s}", "link", "l", "way", "back"));
	resets(f, "link l: is up again\ncounters -: begin at 0\n");
	inject(f, "a", 1);
	rounds(f);
	assert_int_equal(counters_of(f, "c")->tx_frames, 1);
}

static void cables_are_those_of_the_file(void **state)
{
	struct lab_rig *f = *state;

	does(f, "impair",
	     json_pack("{s:s, s:s}", "name", "l", "delay", "20ms"));
	does(f, "impair",
	     json_pack("{s:s, s:s, s:s}", "name", "a", "direction", "rx",
		       "loss", "100%"));
	inject(f, "a", 1);
	assert_int_equal(counters_of(f, "a")->drops[DROP_RX_LOSS], 1);
	resets(f, "impair l: forth is as in the file\n"
		  "impair l: back is as in the file\n"
		  "impair sw1.a: rx is as in the file\n"
		  "counters -: begin at 0\n");
	inject(f, "a", 1);
	rounds(f);
	assert_int_equal(counters_of(f, "c")->tx_frames, 1);
}

static void ports_that_are_shut_are_not(void **state)
{
	struct lab_rig *f = *state;

	does(f, "port down", json_pack("{s:s}", "port", "b"));
	resets(f, "port sw1.b: is no longer shut\ncounters -: begin at 0\n");
	inject(f, "a", 1);
	assert_int_equal(counters_of(f, "b")->tx_frames, 1);
}

static void a_mode_is_that_of_the_file(void **state)
{
	struct lab_rig *f = *state;

	does(f, "mode",
	     json_pack("{s:s, s:s}", "switch", "sw1", "mode", "hub"));
	resets(f, "topology sw1: ~ sw1: mode hub -> switch, its FDB is "
		  "flushed\ncounters -: begin at 0\n");
	assert_int_equal(f->lab.switches->topo->conf.mode, MODE_SWITCH);
	/* What was applied since is the file. */
	assert_int_equal(
		lab_rig_apply(f,
			      "switches: {sw1: {mode: hub, ports: {a: mem}}}"),
		0);
	resets(f, "counters -: begin at 0\n");
}

static void addresses_are_forgotten(void **state)
{
	struct lab_rig *f = *state;

	inject(f, "a", 1);
	rounds(f);
	does(f, "fdb add",
	     json_pack("{s:s, s:s}", "mac", "02:00:00:00:00:07", "port", "b"));
	resets(f, "fdb sw1: forgets 1 learned and 1 static addresses\n"
		  "fdb sw2: forgets 1 learned and 0 static addresses\n"
		  "counters -: begin at 0\n");
	assert_int_equal(fdb_count(bridge_fdb(f->lab.switches->bridge)), 0);
}

/* What is held was offered, and is sent later. */
static void counters_begin_at_0(void **state)
{
	struct lab_rig *f = *state;
	struct swport *b = lab_rig_port(f, "b");
	const struct counters *c = &b->counters;

	plug_mem_refuse(b->plug, true);
	inject(f, "a", 1);
	inject(f, "a", 1);
	inject(f, "a", 3);
	assert_int_equal(b->plug->class->held(b->plug), 3);
	inject(f, "b", 3);
	does(f, "fdb flush", json_object());
	reset_says(f, false, "counters -: begin at 0\n");
	assert_int_equal(counters_of(f, "a")->rx_frames, 0);
	assert_int_equal(counters_of(f, "a")->tx_bytes, 0);
	assert_int_equal(c->rx_forwarded, 0);
	assert_int_equal(c->tx_offered, 3);
	plug_mem_refuse(b->plug, false);
	assert_int_equal(c->tx_offered, c->tx_frames);
	assert_int_equal(c->tx_frames, 3);
}

/* A lab may be called otherwise than its file says (`switchd -l`). */
static void its_file_may_be_applied_again(void **state)
{
	struct lab_rig *f = *state;

	(void)lab_rig_apply(f, "name: other\n" TEXT);
	resets(f, "counters -: begin at 0\n");
	assert_string_equal(f->lab.file_name, "other");
	assert_string_equal(f->lab.topo->name, f->lab.name);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, lab_rig_end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(nothing_to_do),
		TEST(a_switch_that_is_paused_goes_on),
		TEST(a_link_is_up_again),
		TEST(cables_are_those_of_the_file),
		TEST(ports_that_are_shut_are_not),
		TEST(a_mode_is_that_of_the_file),
		TEST(addresses_are_forgotten),
		TEST(counters_begin_at_0),
		TEST(its_file_may_be_applied_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
