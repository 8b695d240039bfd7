/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <string.h>

#include "switchd/core/vlan.h"

#define UNTAGGED (-1)
#define NO_DROP  DROP_COUNT

static struct vlan_port port(uint16_t pvid, const char *tagged)
{
	struct vlan_port p = {.pvid = pvid};

	if (*tagged)
		assert_true(vidset_parse(&p.tagged, tagged));
	return p;
}

/* A frame with a C-tag of this TCI, or UNTAGGED. */
static struct frame make(uint8_t bytes[60], int tci)
{
	memset(bytes, 0, 60);
	bytes[12] = 0x08;
	if (tci != UNTAGGED)
		frame_write_tag(bytes + 12, (uint16_t)tci);
	return (struct frame){.data = bytes, .len = 60};
}

static void ingress_table(void **state)
{
	static const struct {
		unsigned pvid;
		const char *tagged;
		int tci;
		enum drop why;
		unsigned vid;
		unsigned out_tci;
	} rows[] = {
		/* access 10 */
		{10, "", UNTAGGED, NO_DROP, 10, 10},
		{10, "", 0x6000, NO_DROP, 10, 0x600a},
		{10, "", 10, NO_DROP, 10, 10},
		{10, "", 11, DROP_RX_VLAN_FILTERED, 0, 0},
		{10, "", 4095, DROP_RX_VLAN_FILTERED, 0, 0},
		/* trunk without a native VLAN */
		{0, "10,20", UNTAGGED, DROP_RX_NO_PVID, 0, 0},
		{0, "10,20", 0xe000, DROP_RX_NO_PVID, 0, 0},
		{0, "10,20", 0xf014, NO_DROP, 20, 0xf014},
		{0, "10,20", 30, DROP_RX_VLAN_FILTERED, 0, 0},
		/* trunk with a native VLAN, sent untagged */
		{5, "10,20", UNTAGGED, NO_DROP, 5, 5},
		{5, "10,20", 5, NO_DROP, 5, 5},
		{5, "10,20", 10, NO_DROP, 10, 10},
		{5, "10,20", 6, DROP_RX_VLAN_FILTERED, 0, 0},
		/* native sent tagged */
		{5, "5,10", UNTAGGED, NO_DROP, 5, 5},
		{5, "5,10", 0xa000, NO_DROP, 5, 0xa005},
		/* nothing but a cable in the air */
		{0, "", UNTAGGED, DROP_RX_NO_PVID, 0, 0},
		{0, "all", 4094, NO_DROP, 4094, 4094},
		{0, "all", 4095, DROP_RX_VLAN_FILTERED, 0, 0},
	};
	uint8_t bytes[60];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vlan_port p =
			port((uint16_t)rows[i].pvid, rows[i].tagged);
		struct frame f = make(bytes, rows[i].tci);
		struct vlan_class class;
		enum drop why = NO_DROP;

		assert_int_equal(
			vlan_ingress(&p, FRAME_TYPE_VLAN, &f, &class, &why),
			rows[i].why == NO_DROP);
		assert_int_equal(why, rows[i].why);
		if (why != NO_DROP)
			continue;
		assert_int_equal(class.vid, rows[i].vid);
		assert_int_equal(class.tci, rows[i].out_tci);
		assert_int_equal(class.tagged, rows[i].tci != UNTAGGED);
		assert_int_equal(class.priority, rows[i].tci != UNTAGGED &&
							 !(rows[i].tci & 4095));
	}
}

static void an_s_tag_is_payload(void **state)
{
	struct vlan_port p = port(10, "20");
	uint8_t bytes[60];
	struct frame f = make(bytes, UNTAGGED);
	struct vlan_class class;
	enum drop why;

	bytes[12] = 0x88;
	bytes[13] = 0xa8;
	bytes[15] = 20;
	assert_true(vlan_ingress(&p, FRAME_TYPE_VLAN, &f, &class, &why));
	assert_int_equal(class.vid, 10);
	assert_false(class.tagged);
}

static void egress_table(void **state)
{
	struct vlan_port access = port(10, "");
	struct vlan_port trunk = port(0, "10");
	struct vlan_port native_tagged = port(10, "10");
	struct vlan_class plain = {.vid = 10, .tci = 10};
	struct vlan_class tagged = {.vid = 10, .tci = 10, .tagged = true};
	struct vlan_class priority = {
		.vid = 10, .tci = 0x600a, .tagged = true, .priority = true};

	assert_int_equal(vlan_egress(&access, &plain), TAG_KEEP);
	assert_int_equal(vlan_egress(&access, &tagged), TAG_POP);
	assert_int_equal(vlan_egress(&access, &priority), TAG_POP);
	assert_int_equal(vlan_egress(&trunk, &plain), TAG_PUSH);
	assert_int_equal(vlan_egress(&trunk, &tagged), TAG_KEEP);
	assert_int_equal(vlan_egress(&trunk, &priority), TAG_REPLACE);
	assert_int_equal(vlan_egress(&native_tagged, &plain), TAG_PUSH);
}

static void membership(void **state)
{
	struct vlan_port p = port(5, "10,20");

	assert_true(vlan_member(&p, 5));
	assert_true(vlan_member(&p, 10));
	assert_false(vlan_member(&p, 11));
	assert_false(vlan_member(&p, 4095));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ingress_table),
		cmocka_unit_test(an_s_tag_is_payload),
		cmocka_unit_test(egress_table),
		cmocka_unit_test(membership),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
