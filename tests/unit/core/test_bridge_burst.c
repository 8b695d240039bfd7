/* SPDX-License-Identifier: MIT */
/* A burst in which addresses and VLANs take turns. */
#include "tests/cmocka.h"

#include <string.h>

#include "tests/frames/rig.h"

#define LEN 60
#define A   UINT64_C(0x020000000001)
#define B   UINT64_C(0x020000000002)
#define ALL UINT64_C(0xffffffffffff)

/* A frame in at, LEN bytes, with a C-tag. */
static struct frame make(uint8_t *at, uint64_t dst, uint64_t src, uint16_t vid)
{
	memset(at, 0, LEN);
	for (int i = 0; i < 6; i++) {
		at[i] = (uint8_t)(dst >> (40 - 8 * i));
		at[6 + i] = (uint8_t)(src >> (40 - 8 * i));
	}
	frame_write_tag(at + 12, vid);
	return (struct frame){.data = at, .len = LEN};
}

/* Each frame goes where its own address leads in its own VLAN, whatever was
 * before it in the burst. */
static void a_burst_mixes_conversations(void **state)
{
	static const struct {
		uint64_t dst;
		uint16_t vid;
		uint16_t port; /* that alone gets it; 0: all others do */
	} burst[] = {
		{B, 10, 2}, {B, 10, 2},   {B, 20, 3}, {B, 20, 3},
		{A, 10, 4}, {ALL, 10, 0}, {B, 10, 2}, {B, 30, 0},
		{0, 10, 0}, {A, 20, 0},   {A, 10, 4}, {B, 20, 3},
	};
	const unsigned n = sizeof(burst) / sizeof(burst[0]);
	struct bridge_port_conf trunk = {.mtu = 1500};
	struct frame frames[FRAME_BURST];
	uint8_t bytes[FRAME_BURST][LEN];
	unsigned want[5] = {0};
	struct rig rig;

	for (uint16_t vid = 10; vid <= 20; vid += 10)
		vidset_add(&trunk.vlan.tagged, vid);
	rig_init(&rig, false, true, 8);
	for (uint16_t port = 1; port <= 4; port++)
		rig_add(&rig, port, &trunk);
	for (uint16_t port = 2; port <= 4; port++)
		(void)fdb_add_static(
			bridge_fdb(rig.bridge), port == 3 ? 20 : 10,
			(uint8_t[]){2, 0, 0, 0, 0, port == 4 ? 1 : 2}, port,
			rig.now);
	for (unsigned i = 0; i < n; i++) {
		frames[i] = make(bytes[i], burst[i].dst, B + 1 + i % 3,
				 burst[i].vid);
		for (uint16_t port = 2; port <= 4 && burst[i].vid < 30; port++)
			want[port] += !burst[i].port || burst[i].port == port;
	}
	rig_input(&rig, 1, frames, n);
	for (uint16_t port = 2; port <= 4; port++)
		assert_int_equal(rig.ports[port].sent.frames, want[port]);
	assert_int_equal(rig.ports[1].counters.drops[DROP_RX_VLAN_FILTERED], 1);
	/* Three stations in VLAN 10, two of them in 20 as well. */
	assert_int_equal(rig.changes[FDB_LEARN], 5);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_mixes_conversations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
