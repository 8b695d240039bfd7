/* SPDX-License-Identifier: MIT */
/* Switches of a provider: ports that are tunnels, and how one becomes such. */
#include "plugs/plug_mem.h"
#include "switchd/cmd.h"
#include "tests/unit/switchd/lab_rig.h"

#define LAB                                                                    \
	"switches:\n"                                                          \
	"  home: {ports: {pc: {mem, vlan: 5}}}\n"                              \
	"  p1:\n"                                                              \
	"    ports:\n"                                                         \
	"      one: {mem, tunnel: 100}\n"                                      \
	"      own: {mem, vlan: 7}\n"                                          \
	"      up: {mem, trunk: [7, 100], native-tagged: 9}\n"                 \
	"links:\n"                                                             \
	"  - home -- p1: {trunk: [5, 6], tunnel: 100}\n"                       \
	"  - p1 -- p1: {name: loop, tunnel: 200}\n"

static void words_of_ports(void **state)
{
	struct lab_rig *f = *state;
	struct vlan_port vlan;

	lab_rig_apply(f, LAB);
	vlan = swport_vlan(lab_rig_port(f, "p1.one")->topo);
	assert_true(vlan.tunnel);
	assert_int_equal(vlan.pvid, 100);
	assert_true(vidset_is_empty(&vlan.tagged));
	vlan = swport_vlan(lab_rig_port(f, "p1.up")->topo);
	assert_false(vlan.tunnel);
	assert_int_equal(vlan.pvid, 9);
	assert_true(vidset_has(&vlan.tagged, 9));
	assert_true(vidset_has(&vlan.tagged, 100));
	/* A link is a tunnel where the provider is. */
	vlan = swport_vlan(lab_rig_port(f, "p1.home--p1")->topo);
	assert_true(vlan.tunnel);
	assert_int_equal(vlan.pvid, 100);
	vlan = swport_vlan(lab_rig_port(f, "home.home--p1")->topo);
	assert_false(vlan.tunnel);
	assert_int_equal(vlan.pvid, 0);
	assert_true(vidset_has(&vlan.tagged, 6));
	vlan = swport_vlan(lab_rig_port(f, "loop-back")->topo);
	assert_true(vlan.tunnel);
	assert_int_equal(vlan.pvid, 200);
}

static json_t *trace(struct lab_rig *f, const char *port, const char *hex)
{
	json_t *params = json_pack("{s:s, s:s}", "port", port, "frame", hex);
	struct err err;
	json_t *result = cmd_find("trace")->serve(&f->lab, params, &err);

	if (!result)
		fail_msg("%s", err.msg);
	json_decref(params);
	return result;
}

static void says(struct lab_rig *f, const char *port, const char *tags,
		 const char *text)
{
	char hex[80];
	json_t *result, *step;
	bool found = false;
	size_t i;

	(void)snprintf(hex, sizeof(hex), "ffffffffffff 020000000001 %s 88b5",
		       tags);
	result = trace(f, port, hex);
	json_array_foreach(json_object_get(result, "steps"), i, step) found |=
		strcmp(json_string_value(step), text) == 0;
	if (!found)
		fail_msg("%s %s: not '%s'", port, tags, text);
	json_decref(result);
}

static void explained(void **state)
{
	struct lab_rig *f = *state;
	json_t *result, *row;
	size_t i;

	lab_rig_apply(f, LAB);
	says(f, "one", "",
	     "The switch is VLAN-aware by S-tags, and C-tags are payload; this "
	     "port is \"tunnel 100\".");
	says(f, "one", "81000005",
	     "All that comes in here, whatever tags it has, belongs to the "
	     "provider's VLAN 100.");
	says(f, "own", "81000005",
	     "It has no S-VLAN tag, so it belongs to the port's own VLAN, 7.");
	says(f, "up", "88a8e064", "Its S-VLAN tag has VID 100 and priority 7.");
	says(f, "up", "88a8e064",
	     "Its tag says VLAN 100, which the port "
	     "allows.");
	says(f, "home.pc", "88a80005",
	     "It has no VLAN tag, so it belongs to the port's own VLAN, 5.");
	/* A tunnel's frame with an S-tag of its own leaves a tunnel untagged,
	 * to the provider, and the trunk with his tag. */
	result = trace(f, "one", "ffffffffffff020000000001 88a80005 88b5");
	json_array_foreach(json_object_get(result, "egress"), i, row)
	{
		bool up = strcmp(cmd_text(row, "port"), "p1.up") == 0;

		assert_int_equal(cmd_number(row, "tag"), up ? 100 : 0);
	}
	assert_int_equal(i, 2);
	json_decref(result);
}

/* A frame from port one leaves on port up with a tag of this type. */
static void is_sent_with(struct lab_rig *f, uint16_t type)
{
	uint8_t bytes[60] = {255, 255, 255, 255, 255, 255,  2,
			     0,   0,   0,   0,   1,   0x88, 0xb5};
	struct frame frame = {.data = bytes, .len = sizeof(bytes)};
	struct hold_queue *sent = plug_mem_record(lab_rig_port(f, "up")->plug);
	const struct hold *h;

	plug_mem_inject(lab_rig_port(f, "one")->plug, &frame, 1, 1000000000);
	h = hold_peek(sent);
	assert_non_null(h);
	assert_int_equal(h->data[12] << 8 | h->data[13], type);
	hold_pop(sent);
}

static void becoming_one_flushes(void **state)
{
	struct lab_rig *f = *state;
	struct topo_errors errors;
	static const char with[] = "switches:\n"
				   "  p1:\n"
				   "    ports:\n"
				   "      one: {mem, tunnel: 100}\n"
				   "      up: {mem, trunk: 100}\n";
	static const char without[] = "switches:\n"
				      "  p1:\n"
				      "    ports:\n"
				      "      one: {mem, vlan: 100}\n"
				      "      up: {mem, trunk: 100}\n";
	struct topo *next;
	struct plan plan;
	char *text;
	size_t len;
	FILE *out;

	lab_rig_apply(f, without);
	is_sent_with(f, FRAME_TYPE_VLAN);
	assert_int_equal(fdb_count(bridge_fdb(f->lab.switches->bridge)), 1);
	next = topo_parse(with, strlen(with), plug_kinds, &errors);
	assert_non_null(next);
	lab_plan(&f->lab, next, &plan);
	out = open_memstream(&text, &len);
	plan_print(&plan, out);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text,
			    "~ p1: its tags are S-tags from now, its FDB is "
			    "flushed\n"
			    "~ p1.one: vlan 100 -> unset, tunnel unset -> "
			    "100\n");
	free(text);
	plan_done(&plan);
	lab_apply(&f->lab, next);
	assert_int_equal(fdb_count(bridge_fdb(f->lab.switches->bridge)), 0);
	is_sent_with(f, FRAME_TYPE_QINQ);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(words_of_ports, lab_rig_begin,
						lab_rig_end),
		cmocka_unit_test_setup_teardown(explained, lab_rig_begin,
						lab_rig_end),
		cmocka_unit_test_setup_teardown(becoming_one_flushes,
						lab_rig_begin, lab_rig_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
