/* SPDX-License-Identifier: MIT */
/*
 * What VLANs promise, a test each, in the numbers of
 * docs/bridging-acceptance.md (V7, of the file, is in
 * tests/unit/topo/test_vids.c).
 */
#include "tests/cmocka.h"

#include <string.h>

#include "tests/frames/rig.h"
#include "tests/frames/tcp.h"

#define SENT DROP_COUNT
#define VLAN FRAME_TYPE_VLAN
#define QINQ FRAME_TYPE_QINQ

static uint8_t bytes[FRAME_MAX];

/* From port's station to everybody; tags are up to two pairs of type and TCI,
 * 0 ends them. */
static struct frame make(uint16_t port, uint32_t payload,
			 const uint16_t tags[4])
{
	static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};
	uint32_t at = 12;

	memcpy(bytes, all, sizeof(all));
	memcpy(bytes + 6, (uint8_t[]){2, 0, 0, 0, 0, (uint8_t)port}, 6);
	for (int i = 0; i < 4 && tags[i]; i += 2, at += FRAME_TAG)
		frame_write_tag_of(bytes + at, tags[i], tags[i + 1]);
	bytes[at++] = 0x88;
	bytes[at++] = 0xb5;
	for (uint32_t i = 0; i < payload; i++)
		bytes[at + i] = (uint8_t)(i * 7);
	return (struct frame){.data = bytes, .len = at + payload};
}

#define TAGS(...)                                                              \
	(const uint16_t[4])                                                    \
	{                                                                      \
		__VA_ARGS__                                                    \
	}
#define NO_TAG TAGS(0)

static void add(struct rig *rig, uint16_t port, uint16_t pvid,
		const char *tagged)
{
	struct bridge_port_conf conf = {.mtu = 1500, .vlan = {.pvid = pvid}};

	if (tagged)
		assert_true(vidset_parse(&conf.vlan.tagged, tagged));
	rig_add(rig, port, &conf);
}

static void add_tunnel(struct rig *rig, uint16_t port, uint16_t vid)
{
	const struct bridge_port_conf conf = {
		.mtu = 1500, .vlan = {.pvid = vid, .tunnel = true}};

	rig_add(rig, port, &conf);
}

/* It comes in on port, and is sent on or dropped for this reason. */
static void put(struct rig *rig, uint16_t port, uint32_t payload,
		const uint16_t tags[4], enum drop why)
{
	struct frame f = make(port, payload, tags);
	struct bridge_decision d;

	bridge_decide(rig->bridge, port, &f, &d);
	assert_int_equal(d.dropped ? d.why : SENT, why);
	rig_input(rig, port, &f, 1);
}

/* What port has been sent: exactly this frame of `from`, its payload what it
 * was. */
static void got(struct rig *rig, uint16_t port, uint16_t from, uint32_t payload,
		const uint16_t tags[4])
{
	struct frame want = make(from, payload, tags);
	const struct hold *h = hold_peek(&rig->ports[port].sent);

	assert_non_null(h);
	assert_int_equal(h->len, want.len);
	assert_memory_equal(h->data, want.data, want.len);
	hold_pop(&rig->ports[port].sent);
}

static void nothing(const struct rig *rig, uint16_t port)
{
	assert_null(hold_peek(&rig->ports[port].sent));
}

static int begin(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig_init(rig, false, true, 64);
	*state = rig;
	return 0;
}

static int end(void **state)
{
	struct rig *rig = *state;

	assert_null(rig_unsound(rig));
	for (uint16_t port = 0; port < RIG_PORTS; port++)
		nothing(rig, port);
	rig_done(rig);
	free(rig);
	return 0;
}

/* --- V1 to V6 -------------------------------------------------------- */

static void v1_untagged_and_priority_frames_are_of_the_pvid(void **state)
{
	struct rig *rig = *state;

	add(rig, 1, 10, NULL);
	add(rig, 2, 10, NULL);
	add(rig, 3, 0, "10,20");
	put(rig, 1, 46, NO_TAG, SENT);
	got(rig, 2, 1, 46, NO_TAG);
	got(rig, 3, 1, 46, TAGS(VLAN, 10));
	for (uint16_t priority = 0; priority < 8; priority++) {
		uint16_t pcp = (uint16_t)(priority << 13);

		put(rig, 1, 46, TAGS(VLAN, pcp), SENT);
		got(rig, 2, 1, 46, NO_TAG);
		got(rig, 3, 1, 46, TAGS(VLAN, pcp | 10));
	}
	put(rig, 3, 46, TAGS(VLAN, 0x7000 | 10), SENT); /* DEI, too */
	got(rig, 1, 3, 46, NO_TAG);
	got(rig, 2, 3, 46, NO_TAG);
}

static void v2_a_foreign_tag_on_an_access_port_goes_nowhere(void **state)
{
	struct rig *rig = *state;

	add(rig, 1, 10, NULL);
	add(rig, 2, 10, NULL);
	add(rig, 3, 0, "all");
	for (uint16_t vid = 1; vid <= 4095; vid++) {
		if (vid == 10)
			continue;
		put(rig, 1, 46, TAGS(VLAN, vid), DROP_RX_VLAN_FILTERED);
	}
	assert_int_equal(fdb_count(bridge_fdb(rig->bridge)), 0);
}

static void v3_a_trunk_takes_its_vids_only(void **state)
{
	struct rig *rig = *state;

	add(rig, 1, 0, "10,20-22");
	add(rig, 2, 0, "all");
	for (uint16_t vid = 1; vid <= 4095; vid++) {
		bool allowed = vid == 10 || (vid >= 20 && vid <= 22);

		put(rig, 1, 46, TAGS(VLAN, vid),
		    allowed ? SENT : DROP_RX_VLAN_FILTERED);
		if (allowed)
			got(rig, 2, 1, 46, TAGS(VLAN, vid));
	}
	assert_int_equal(rig->ports[1].counters.drops[DROP_RX_VLAN_FILTERED],
			 4091);
}

static void v4_native_tagged_and_untagged(void **state)
{
	struct rig *rig = *state;

	add(rig, 1, 10, "20");    /* native-untagged */
	add(rig, 2, 10, "10,20"); /* native-tagged */
	add(rig, 3, 10, NULL);
	put(rig, 3, 46, NO_TAG, SENT);
	got(rig, 1, 3, 46, NO_TAG);
	got(rig, 2, 3, 46, TAGS(VLAN, 10));
	/* With a tag or without, it comes in. */
	put(rig, 2, 46, NO_TAG, SENT);
	got(rig, 1, 2, 46, NO_TAG);
	got(rig, 3, 2, 46, NO_TAG);
	put(rig, 1, 46, TAGS(VLAN, 10), SENT);
	got(rig, 2, 1, 46, TAGS(VLAN, 10));
	got(rig, 3, 1, 46, NO_TAG);
	put(rig, 1, 46, TAGS(VLAN, 20), SENT);
	got(rig, 2, 1, 46, TAGS(VLAN, 20));
	put(rig, 2, 46, TAGS(VLAN, 30), DROP_RX_VLAN_FILTERED);
}

static void v5_no_pvid(void **state)
{
	struct rig *rig = *state;

	add(rig, 1, 0, "10,20");
	add(rig, 2, 0, "all");
	put(rig, 1, 46, NO_TAG, DROP_RX_NO_PVID);
	for (uint16_t priority = 0; priority < 8; priority++)
		put(rig, 1, 46, TAGS(VLAN, (uint16_t)(priority << 13)),
		    DROP_RX_NO_PVID);
	assert_int_equal(rig->ports[1].counters.drops[DROP_RX_NO_PVID], 9);
}

static void v6_a_vlan_that_is_taken_away_leaves_the_others_alone(void **state)
{
	struct rig *rig = *state;
	struct fdb *fdb = bridge_fdb(rig->bridge);
	struct bridge_port_conf conf = {.mtu = 1500, .vlan = {.pvid = 5}};
	const uint8_t one[6] = {2, 0, 0, 0, 0, 1};

	add(rig, 1, 5, "10,20");
	add(rig, 2, 5, "10,20");
	for (int i = 0; i < 3; i++) {
		static const uint16_t vids[] = {5, 10, 20};

		put(rig, 1, 46, TAGS(VLAN, vids[i]), SENT);
		hold_pop(&rig->ports[2].sent);
	}
	assert_true(fdb_add_static(fdb, 10, (uint8_t[]){2, 0, 0, 0, 0, 9}, 1,
				   rig->now));
	vidset_add(&conf.vlan.tagged, 20);
	bridge_port_set(rig->bridge, 1, &conf);
	assert_int_equal(fdb_lookup(fdb, 5, one), 1);
	assert_int_equal(fdb_lookup(fdb, 20, one), 1);
	assert_int_equal(fdb_lookup(fdb, 10, one), -1);
	assert_int_equal(fdb_count(fdb), 3); /* the static one stays */
	put(rig, 1, 46, NO_TAG, SENT);
	got(rig, 2, 1, 46, NO_TAG);
	put(rig, 1, 46, TAGS(VLAN, 20), SENT);
	got(rig, 2, 1, 46, TAGS(VLAN, 20));
	put(rig, 1, 46, TAGS(VLAN, 10), DROP_RX_VLAN_FILTERED);
	/* What does not change at all flushes nothing. */
	bridge_port_set(rig->bridge, 1, &conf);
	assert_int_equal(fdb_count(fdb), 3);
}

/* --- V8: QinQ -------------------------------------------------------- */

static void v8_a_tunnel_puts_the_outer_tag_on_and_off(void **state)
{
	static const uint16_t inside[][4] = {
		{0},          {VLAN, 0x6005}, {VLAN, 0},
		{VLAN, 4095}, {QINQ, 7},      {VLAN, 5, VLAN, 6},
	};
	struct rig *rig = *state;

	bridge_set_tag_type(rig->bridge, QINQ);
	add_tunnel(rig, 1, 100);
	add_tunnel(rig, 2, 100);
	add_tunnel(rig, 3, 200);
	add(rig, 4, 0, "100,200");
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		struct frame f = make(1, 46, inside[i]);
		const struct hold *h;
		uint8_t outer[4];

		rig_input(rig, 1, &f, 1);
		got(rig, 2, 1, 46, inside[i]);
		h = hold_peek(&rig->ports[4].sent);
		assert_non_null(h);
		frame_write_tag_of(outer, QINQ, 100);
		assert_int_equal(h->len, f.len + FRAME_TAG);
		assert_memory_equal(h->data, f.data, 12);
		assert_memory_equal(h->data + 12, outer, sizeof(outer));
		assert_memory_equal(h->data + 16, f.data + 12, f.len - 12);
		/* And back: whatever was inside comes out as it was. */
		f = (struct frame){.data = h->data, .len = h->len};
		rig_input(rig, 4, &f, 1);
		hold_pop(&rig->ports[4].sent);
		got(rig, 1, 1, 46, inside[i]);
		got(rig, 2, 1, 46, inside[i]);
	}
	nothing(rig, 3);
	put(rig, 4, 46, TAGS(VLAN, 100), DROP_RX_NO_PVID);
}

static void v8_work_left_in_a_frame_goes_with_it(void **state)
{
	struct tcp t = {.len = 4000, .ttl = 64, .tags = 2};
	struct rig *rig = *state;
	uint8_t *data = malloc(t.len + TCP_HEAD_MAX);
	struct frame f = {.data = data};
	const struct hold *h;

	assert_non_null(data);
	bridge_set_tag_type(rig->bridge, QINQ);
	add_tunnel(rig, 1, 100);
	add(rig, 2, 0, "100");
	f.len = tcp_build(&t, data);
	f.off = (struct offload){
		.flags = OFFLOAD_NEEDS_CSUM,
		.gso_type = OFFLOAD_GSO_TCPV4,
		.gso_size = 1000,
		.csum_start = (uint16_t)tcp_at(data),
		.csum_offset = 16,
	};
	assert_true(offload_check(&f));
	rig_input(rig, 1, &f, 1);
	h = hold_peek(&rig->ports[2].sent);
	assert_non_null(h);
	assert_int_equal(h->len, f.len + FRAME_TAG);
	assert_int_equal(h->off.csum_start, f.off.csum_start + FRAME_TAG);
	assert_int_equal(h->off.hdr_len, f.off.hdr_len + FRAME_TAG);
	assert_int_equal(rig->ports[2].got_frames, 4);
	/* A fourth tag would be one that nobody goes through to cut it. */
	f = (struct frame){.data = h->data, .len = h->len, .off = h->off};
	rig_input(rig, 1, &f, 1);
	assert_int_equal(rig->ports[2].counters.drops[DROP_TX_TOO_BIG], 4);
	f.off = (struct offload){0};
	f.len = 200;
	rig_input(rig, 1, &f, 1);
	hold_pop(&rig->ports[2].sent);
	assert_int_equal(hold_peek(&rig->ports[2].sent)->len, 204);
	hold_pop(&rig->ports[2].sent);
	free(data);
}

/* --- V9 to V11 ------------------------------------------------------- */

static void v9_no_vlan_hears_another(void **state)
{
	struct rig *rig = *state;
	struct bridge_port_conf conf = {.mtu = 1500};

	add(rig, 1, 1, NULL);
	add(rig, 2, 2, NULL);
	add(rig, 3, 0, "all");
	for (uint16_t vid = VID_MIN; vid <= VID_MAX; vid++) {
		conf.vlan.pvid = vid;
		bridge_port_set(rig->bridge, 1, &conf);
		conf.vlan.pvid = vid == VID_MAX ? VID_MIN : vid + 1;
		bridge_port_set(rig->bridge, 2, &conf);
		put(rig, 1, 46, NO_TAG, SENT);
		got(rig, 3, 1, 46, TAGS(VLAN, vid));
		nothing(rig, 2);
		put(rig, 3, 46, TAGS(VLAN, vid), SENT);
		got(rig, 1, 3, 46, NO_TAG);
		nothing(rig, 2);
	}
}

static void v10_a_change_of_tags_leaves_the_payload_alone(void **state)
{
	static const uint32_t payloads[] = {0, 1, 42, 46, 1499, 1500};
	struct rig *rig = *state;

	add(rig, 1, 10, NULL);
	add(rig, 2, 10, NULL);
	add(rig, 3, 0, "10");
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		uint32_t payload = payloads[i];

		put(rig, 1, payload, NO_TAG, SENT); /* pushed */
		got(rig, 2, 1, payload, NO_TAG);
		got(rig, 3, 1, payload, TAGS(VLAN, 10));
		put(rig, 1, payload, TAGS(VLAN, 0xa000), SENT); /* replaced */
		got(rig, 2, 1, payload, NO_TAG);
		got(rig, 3, 1, payload, TAGS(VLAN, 0xa00a));
		put(rig, 3, payload, TAGS(VLAN, 10), SENT); /* popped */
		got(rig, 1, 3, payload, NO_TAG);
		got(rig, 2, 3, payload, NO_TAG);
		put(rig, 3, payload, TAGS(VLAN, 10, VLAN, 20), SENT);
		got(rig, 1, 3, payload, TAGS(VLAN, 20));
		got(rig, 2, 3, payload, TAGS(VLAN, 20));
	}
	put(rig, 1, 1501, NO_TAG, DROP_RX_GIANT);
	put(rig, 3, 1501, TAGS(VLAN, 10), DROP_RX_GIANT);
}

static void v11_four_bytes_more_on_the_trunk(void **state)
{
	struct rig *rig = *state;

	add(rig, 1, 10, NULL);
	add(rig, 2, 0, "10");
	put(rig, 1, 1500, NO_TAG, SENT);
	assert_int_equal(hold_peek(&rig->ports[2].sent)->len, 1518);
	got(rig, 2, 1, 1500, TAGS(VLAN, 10));
	put(rig, 2, 1500, TAGS(VLAN, 10), SENT);
	assert_int_equal(hold_peek(&rig->ports[1].sent)->len, 1514);
	got(rig, 1, 2, 1500, NO_TAG);
}

static void v11_eight_bytes_more_with_an_s_tag(void **state)
{
	struct rig *rig = *state;

	bridge_set_tag_type(rig->bridge, QINQ);
	add_tunnel(rig, 1, 100);
	add(rig, 2, 0, "100");
	put(rig, 1, 1500, TAGS(VLAN, 5), SENT);
	assert_int_equal(hold_peek(&rig->ports[2].sent)->len, 1522);
	got(rig, 2, 1, 1500, TAGS(QINQ, 100, VLAN, 5));
	/* A third tag is payload. */
	put(rig, 1, 1497, TAGS(VLAN, 5, VLAN, 6), SENT);
	assert_int_equal(rig->ports[2].counters.drops[DROP_TX_TOO_BIG], 1);
	put(rig, 1, 1496, TAGS(VLAN, 5, VLAN, 6), SENT);
	assert_int_equal(hold_peek(&rig->ports[2].sent)->len, 1522);
	hold_pop(&rig->ports[2].sent);
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	static const struct CMUnitTest tests[] = {
		RULE(v1_untagged_and_priority_frames_are_of_the_pvid),
		RULE(v2_a_foreign_tag_on_an_access_port_goes_nowhere),
		RULE(v3_a_trunk_takes_its_vids_only),
		RULE(v4_native_tagged_and_untagged),
		RULE(v5_no_pvid),
		RULE(v6_a_vlan_that_is_taken_away_leaves_the_others_alone),
		RULE(v8_a_tunnel_puts_the_outer_tag_on_and_off),
		RULE(v8_work_left_in_a_frame_goes_with_it),
		RULE(v9_no_vlan_hears_another),
		RULE(v10_a_change_of_tags_leaves_the_payload_alone),
		RULE(v11_four_bytes_more_on_the_trunk),
		RULE(v11_eight_bytes_more_with_an_s_tag),
	};
#undef RULE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
