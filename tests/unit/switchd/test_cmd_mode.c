/* SPDX-License-Identifier: MIT */
/* switchctl mode, called as the socket calls it. */
#include "switchd/cmd.h"

#include "plugs/plug_mem.h"
#include "tests/unit/switchd/lab_rig.h"

static json_t *set(struct lab_rig *f, const char *sw, const char *mode,
		   struct err *err)
{
	json_t *params = json_pack("{s:s, s:s}", "switch", sw, "mode", mode);
	json_t *result = cmd_find("mode")->serve(&f->lab, params, err);

	json_decref(params);
	return result;
}

static void does(struct lab_rig *f, const char *sw, const char *mode,
		 const char *text)
{
	struct err err;
	json_t *result = set(f, sw, mode, &err);
	const json_t *plan = json_object_get(result, "plan");
	const char *got = cmd_text(json_array_get(plan, 0), "text");

	if (!result)
		fail_msg("%s", err.msg);
	assert_string_equal(cmd_text(result, "mode"), mode);
	assert_string_equal(got ? got : "", text);
	json_decref(result);
}

static void refuses(struct lab_rig *f, const char *sw, const char *mode,
		    const char *why)
{
	struct err err = {.msg = ""};

	assert_null(set(f, sw, mode, &err));
	assert_string_equal(err.msg, why);
}

/* A frame comes in on port a; returns how many ports have been given it. */
static size_t spread(struct lab_rig *f, const char *a, uint8_t src, uint8_t dst)
{
	struct swport *in = lab_rig_port(f, a);
	const struct lab_switch *sw = in->sw;
	uint8_t bytes[60] = {2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, src, 8};
	struct frame frame = {.data = bytes, .len = sizeof(bytes)};
	size_t count = 0;

	for (size_t i = 0; i < sw->port_count; i++)
		count -= plug_mem_record(sw->ports[i]->plug)->frames;
	plug_mem_inject(in->plug, &frame, 1, 1000000000);
	for (size_t i = 0; i < sw->port_count; i++)
		count += plug_mem_record(sw->ports[i]->plug)->frames;
	return count;
}

static char *dump(const struct lab_rig *f)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	topo_dump(f->lab.topo, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static const char file[] = "switches:\n"
			   "  lan:\n"
			   "    ports:\n"
			   "      a: mem\n"
			   "      b: mem\n"
			   "      c: mem\n";

static void there_and_back(void **state)
{
	struct lab_rig *f = *state;
	char *text;

	assert_int_equal(lab_rig_apply(f, file), 0);
	(void)spread(f, "c", 1, 9); /* 1 is behind c */
	assert_int_equal(spread(f, "a", 2, 1), 1);
	does(f, "lan", "hub", "~ lan: mode switch -> hub, its FDB is flushed");
	assert_int_equal(fdb_count(bridge_fdb(f->lab.switches->bridge)), 0);
	assert_int_equal(spread(f, "a", 2, 1), 2);
	does(f, "lan", "hub", "");
	text = dump(f);
	assert_non_null(strstr(text, "mode: hub"));
	free(text);
	/* What a file says is what is, afterwards. */
	assert_int_equal(lab_rig_apply(f, file), 0);
	(void)spread(f, "c", 1, 9);
	assert_int_equal(spread(f, "a", 2, 1), 1);
	text = dump(f);
	assert_string_equal(text + strlen("name: test\n"), file);
	free(text);
}

static void what_no_file_may_say(void **state)
{
	struct lab_rig *f = *state;
	char *before, *after;

	lab_rig_apply(f, "switches:\n"
			 "  lan: {ports: {a: mem, b: mem, c: mem}}\n"
			 "  v: {ports: {a: {mem, vlan: 5}, b: mem}}\n");
	before = dump(f);
	refuses(f, "lan", "wire",
		"switch 'lan': a wire has two ports, and 'c' is one more");
	refuses(f, "v", "hub", "port 'a': 'vlan' on a switch with 'mode: hub'");
	refuses(f, "v", "hob",
		"mode is 'hob', expected switch, hub or wire; did you mean "
		"'hub'?");
	refuses(f, "nosuch", "hub", "there is no switch 'nosuch'");
	after = dump(f);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void a_wire(void **state)
{
	struct lab_rig *f = *state;

	lab_rig_apply(f, "switches:\n"
			 "  lan: {ports: {a: mem, b: mem}}\n");
	does(f, "lan", "wire",
	     "~ lan: mode switch -> wire, its FDB is flushed");
	assert_int_equal(spread(f, "a", 2, 1), 1);
	assert_int_equal(spread(f, "b", 1, 2), 1);
	assert_int_equal(fdb_count(bridge_fdb(f->lab.switches->bridge)), 0);
	does(f, "lan", "switch",
	     "~ lan: mode wire -> switch, its FDB is flushed");
	assert_int_equal(spread(f, "a", 2, 9), 1);
	assert_int_equal(fdb_count(bridge_fdb(f->lab.switches->bridge)), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(there_and_back, lab_rig_begin,
						lab_rig_end),
		cmocka_unit_test_setup_teardown(what_no_file_may_say,
						lab_rig_begin, lab_rig_end),
		cmocka_unit_test_setup_teardown(a_wire, lab_rig_begin,
						lab_rig_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
