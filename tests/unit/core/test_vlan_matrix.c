/* SPDX-License-Identifier: MIT */
/*
 * Every sort of port takes every sort of frame: which VLAN it is in, and how it
 * leaves on every sort of port. The rows are what IEEE 802.1Q-2018 says (6.9:
 * classification, 8.6.2: ingress filter, 8.6.4: egress; clause 15: S-tags) in
 * the words of Open vSwitch's vlan_mode (access, trunk, native-untagged,
 * native-tagged, dot1q-tunnel), but for access ports, which take frames with
 * their own VID's tag as the kernel bridge does; written down by a program that
 * knows nothing of the bridge.
 *
 * A frame is its tags, the outer one first: "u" untagged, "q10p3" a C-tag of
 * VID 10 and priority 3, "s10.q20" an S-tag and then a C-tag; "/16" cuts it
 * after 16 bytes.
 */
#include "tests/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/frames/rig.h"

enum kind { ACCESS, TRUNK, NATIVE, NATIVE_TAGGED, ALL, TUNNEL, KINDS };

#define IN   KINDS /* the port that the frame comes in on */
#define SENT DROP_COUNT
#define LEN  100

struct row {
	enum kind kind;
	enum drop why;
	const char *frame;
	const char *out; /* on each kind of port; "-": not there */
};

/* On a bridge of C-tags: leaves on access, trunk, native, native-tagged and
 * trunk all. */
static const struct row customers[] = {
	{ACCESS, SENT, "u", "u q10 u q10 q10"},
	{ACCESS, SENT, "q0p5", "u q10p5 u q10p5 q10p5"},
	{ACCESS, SENT, "q10p3", "u q10p3 u q10p3 q10p3"},
	{ACCESS, DROP_RX_VLAN_FILTERED, "q20", NULL},
	{ACCESS, DROP_RX_VLAN_FILTERED, "q30", NULL},
	{ACCESS, DROP_RX_VLAN_FILTERED, "q4095", NULL},
	{ACCESS, SENT, "s10", "s10 q10.s10 s10 q10.s10 q10.s10"},
	{ACCESS, SENT, "q10.q20", "q20 q10.q20 q20 q10.q20 q10.q20"},
	{ACCESS, DROP_RX_VLAN_TRUNC, "q10/16", NULL},
	{TRUNK, DROP_RX_NO_PVID, "u", NULL},
	{TRUNK, DROP_RX_NO_PVID, "q0p5", NULL},
	{TRUNK, SENT, "q10p3", "u q10p3 u q10p3 q10p3"},
	{TRUNK, SENT, "q20", "- q20 q20 q20 q20"},
	{TRUNK, DROP_RX_VLAN_FILTERED, "q30", NULL},
	{TRUNK, DROP_RX_VLAN_FILTERED, "q4095", NULL},
	{TRUNK, DROP_RX_NO_PVID, "s10", NULL},
	{TRUNK, SENT, "q10.q20", "q20 q10.q20 q20 q10.q20 q10.q20"},
	{TRUNK, DROP_RX_VLAN_TRUNC, "q10/16", NULL},
	{NATIVE, SENT, "u", "u q10 u q10 q10"},
	{NATIVE, SENT, "q0p5", "u q10p5 u q10p5 q10p5"},
	{NATIVE, SENT, "q10p3", "u q10p3 u q10p3 q10p3"},
	{NATIVE, SENT, "q20", "- q20 q20 q20 q20"},
	{NATIVE, DROP_RX_VLAN_FILTERED, "q30", NULL},
	{NATIVE, DROP_RX_VLAN_FILTERED, "q4095", NULL},
	{NATIVE, SENT, "s10", "s10 q10.s10 s10 q10.s10 q10.s10"},
	{NATIVE, SENT, "q10.q20", "q20 q10.q20 q20 q10.q20 q10.q20"},
	{NATIVE, DROP_RX_VLAN_TRUNC, "q10/16", NULL},
	{NATIVE_TAGGED, SENT, "u", "u q10 u q10 q10"},
	{NATIVE_TAGGED, SENT, "q0p5", "u q10p5 u q10p5 q10p5"},
	{NATIVE_TAGGED, SENT, "q10p3", "u q10p3 u q10p3 q10p3"},
	{NATIVE_TAGGED, SENT, "q20", "- q20 q20 q20 q20"},
	{NATIVE_TAGGED, DROP_RX_VLAN_FILTERED, "q30", NULL},
	{NATIVE_TAGGED, DROP_RX_VLAN_FILTERED, "q4095", NULL},
	{NATIVE_TAGGED, SENT, "s10", "s10 q10.s10 s10 q10.s10 q10.s10"},
	{NATIVE_TAGGED, SENT, "q10.q20", "q20 q10.q20 q20 q10.q20 q10.q20"},
	{NATIVE_TAGGED, DROP_RX_VLAN_TRUNC, "q10/16", NULL},
	{ALL, DROP_RX_NO_PVID, "u", NULL},
	{ALL, DROP_RX_NO_PVID, "q0p5", NULL},
	{ALL, SENT, "q10p3", "u q10p3 u q10p3 q10p3"},
	{ALL, SENT, "q20", "- q20 q20 q20 q20"},
	{ALL, SENT, "q30", "- - - - q30"},
	{ALL, DROP_RX_VLAN_FILTERED, "q4095", NULL},
	{ALL, DROP_RX_NO_PVID, "s10", NULL},
	{ALL, SENT, "q10.q20", "q20 q10.q20 q20 q10.q20 q10.q20"},
	{ALL, DROP_RX_VLAN_TRUNC, "q10/16", NULL},
};

/* On a provider's bridge: leaves on access, trunk, native, native-tagged, trunk
 * all and tunnel. */
static const struct row providers[] = {
	{ACCESS, SENT, "u", "u s10 u s10 s10 u"},
	{ACCESS, SENT, "s0p5", "u s10p5 u s10p5 s10p5 u"},
	{ACCESS, SENT, "s10p3", "u s10p3 u s10p3 s10p3 u"},
	{ACCESS, DROP_RX_VLAN_FILTERED, "s20", NULL},
	{ACCESS, DROP_RX_VLAN_FILTERED, "s30", NULL},
	{ACCESS, DROP_RX_VLAN_FILTERED, "s4095", NULL},
	{ACCESS, SENT, "q10", "q10 s10.q10 q10 s10.q10 s10.q10 q10"},
	{ACCESS, SENT, "s10.q20", "q20 s10.q20 q20 s10.q20 s10.q20 q20"},
	{ACCESS, DROP_RX_VLAN_TRUNC, "s10/16", NULL},
	{TRUNK, DROP_RX_NO_PVID, "u", NULL},
	{TRUNK, DROP_RX_NO_PVID, "s0p5", NULL},
	{TRUNK, SENT, "s10p3", "u s10p3 u s10p3 s10p3 u"},
	{TRUNK, SENT, "s20", "- s20 s20 s20 s20 -"},
	{TRUNK, DROP_RX_VLAN_FILTERED, "s30", NULL},
	{TRUNK, DROP_RX_VLAN_FILTERED, "s4095", NULL},
	{TRUNK, DROP_RX_NO_PVID, "q10", NULL},
	{TRUNK, SENT, "s10.q20", "q20 s10.q20 q20 s10.q20 s10.q20 q20"},
	{TRUNK, DROP_RX_VLAN_TRUNC, "s10/16", NULL},
	{NATIVE, SENT, "u", "u s10 u s10 s10 u"},
	{NATIVE, SENT, "s0p5", "u s10p5 u s10p5 s10p5 u"},
	{NATIVE, SENT, "s10p3", "u s10p3 u s10p3 s10p3 u"},
	{NATIVE, SENT, "s20", "- s20 s20 s20 s20 -"},
	{NATIVE, DROP_RX_VLAN_FILTERED, "s30", NULL},
	{NATIVE, DROP_RX_VLAN_FILTERED, "s4095", NULL},
	{NATIVE, SENT, "q10", "q10 s10.q10 q10 s10.q10 s10.q10 q10"},
	{NATIVE, SENT, "s10.q20", "q20 s10.q20 q20 s10.q20 s10.q20 q20"},
	{NATIVE, DROP_RX_VLAN_TRUNC, "s10/16", NULL},
	{NATIVE_TAGGED, SENT, "u", "u s10 u s10 s10 u"},
	{NATIVE_TAGGED, SENT, "s0p5", "u s10p5 u s10p5 s10p5 u"},
	{NATIVE_TAGGED, SENT, "s10p3", "u s10p3 u s10p3 s10p3 u"},
	{NATIVE_TAGGED, SENT, "s20", "- s20 s20 s20 s20 -"},
	{NATIVE_TAGGED, DROP_RX_VLAN_FILTERED, "s30", NULL},
	{NATIVE_TAGGED, DROP_RX_VLAN_FILTERED, "s4095", NULL},
	{NATIVE_TAGGED, SENT, "q10", "q10 s10.q10 q10 s10.q10 s10.q10 q10"},
	{NATIVE_TAGGED, SENT, "s10.q20", "q20 s10.q20 q20 s10.q20 s10.q20 q20"},
	{NATIVE_TAGGED, DROP_RX_VLAN_TRUNC, "s10/16", NULL},
	{ALL, DROP_RX_NO_PVID, "u", NULL},
	{ALL, DROP_RX_NO_PVID, "s0p5", NULL},
	{ALL, SENT, "s10p3", "u s10p3 u s10p3 s10p3 u"},
	{ALL, SENT, "s20", "- s20 s20 s20 s20 -"},
	{ALL, SENT, "s30", "- - - - s30 -"},
	{ALL, DROP_RX_VLAN_FILTERED, "s4095", NULL},
	{ALL, DROP_RX_NO_PVID, "q10", NULL},
	{ALL, SENT, "s10.q20", "q20 s10.q20 q20 s10.q20 s10.q20 q20"},
	{ALL, DROP_RX_VLAN_TRUNC, "s10/16", NULL},
	{TUNNEL, SENT, "u", "u s10 u s10 s10 u"},
	{TUNNEL, SENT, "s0p5", "s0p5 s10.s0p5 s0p5 s10.s0p5 s10.s0p5 s0p5"},
	{TUNNEL, SENT, "s10p3",
	 "s10p3 s10.s10p3 s10p3 s10.s10p3 s10.s10p3 s10p3"},
	{TUNNEL, SENT, "s20", "s20 s10.s20 s20 s10.s20 s10.s20 s20"},
	{TUNNEL, SENT, "s30", "s30 s10.s30 s30 s10.s30 s10.s30 s30"},
	{TUNNEL, SENT, "s4095",
	 "s4095 s10.s4095 s4095 s10.s4095 s10.s4095 s4095"},
	{TUNNEL, SENT, "q10", "q10 s10.q10 q10 s10.q10 s10.q10 q10"},
	{TUNNEL, SENT, "s10.q20",
	 "s10.q20 s10.s10.q20 s10.q20 s10.s10.q20 s10.s10.q20 s10.q20"},
	{TUNNEL, DROP_RX_VLAN_TRUNC, "s10/16", NULL},
};

static struct vlan_port words(enum kind kind)
{
	static const struct {
		uint16_t pvid;
		const char *tagged;
	} kinds[] = {
		[ACCESS] = {10, NULL}, [TRUNK] = {0, "10,20"},
		[NATIVE] = {10, "20"}, [NATIVE_TAGGED] = {10, "10,20"},
		[ALL] = {0, "all"},    [TUNNEL] = {10, NULL},
	};
	struct vlan_port p = {.pvid = kinds[kind].pvid,
			      .tunnel = kind == TUNNEL};

	if (kinds[kind].tagged)
		assert_true(vidset_parse(&p.tagged, kinds[kind].tagged));
	return p;
}

static const char *next_tag(const char *text)
{
	const char *dot = strchr(text, '.');

	return dot ? dot + 1 : NULL;
}

/* Writes the frame that text says; returns its length. The payload is LEN
 * bytes. */
static uint32_t make(const char *text, uint8_t bytes[2 * LEN])
{
	static const uint8_t addresses[12] = {2, 0, 0, 0, 0, 2,
					      2, 0, 0, 0, 0, 1};
	const char *cut = strchr(text, '/');
	uint32_t at = sizeof(addresses);

	memcpy(bytes, addresses, sizeof(addresses));
	for (; text && *text != 'u'; text = next_tag(text)) {
		char *end;
		unsigned long tci = strtoul(text + 1, &end, 10);

		if (*end == 'p')
			tci |= strtoul(end + 1, NULL, 10) << 13;
		frame_write_tag_of(bytes + at,
				   *text == 's' ? FRAME_TYPE_QINQ
						: FRAME_TYPE_VLAN,
				   (uint16_t)tci);
		at += FRAME_TAG;
	}
	bytes[at++] = 0x08;
	bytes[at++] = 0x06;
	for (uint32_t i = 0; i < LEN; i++)
		bytes[at + i] = (uint8_t)(0x81 * i);
	return cut ? (uint32_t)strtoul(cut + 1, NULL, 10) : at + LEN;
}

static void check_out(const struct rig *rig, uint16_t port, const char *text,
		      const struct row *row)
{
	const struct hold *h = hold_peek(&rig->ports[port].sent);
	uint8_t want[2 * LEN];
	uint32_t len;

	if (strcmp(text, "-") == 0) {
		if (h)
			fail_msg("%d, %s: leaves on %d", row->kind, row->frame,
				 port);
		return;
	}
	len = make(text, want);
	if (!h || h->len != len || memcmp(h->data, want, len) != 0)
		fail_msg("%d, %s: %s on %d", row->kind, row->frame,
			 h ? "another frame" : "nothing", port);
}

static void check_row(const struct row *row, uint16_t type, int kinds)
{
	struct bridge_port_conf conf = {.mtu = 1500};
	uint8_t bytes[2 * LEN];
	struct frame f = {.data = bytes, .len = make(row->frame, bytes)};
	struct bridge_decision d;
	char copy[64], *rest = copy;
	struct rig rig;

	rig_init(&rig, false, true, 8);
	bridge_set_tag_type(rig.bridge, type);
	for (int port = 0; port < kinds; port++) {
		conf.vlan = words((enum kind)port);
		rig_add(&rig, (uint16_t)port, &conf);
	}
	conf.vlan = words(row->kind);
	rig_add(&rig, IN, &conf);
	bridge_decide(rig.bridge, IN, &f, &d);
	if ((d.dropped ? d.why : SENT) != row->why)
		fail_msg("%d, %s: %s", row->kind, row->frame,
			 d.dropped ? drop_name(d.why) : "sent");
	rig_input(&rig, IN, &f, 1);
	(void)snprintf(copy, sizeof(copy), "%s", row->out ? row->out : "");
	for (int port = 0; port < kinds; port++)
		check_out(&rig, (uint16_t)port,
			  row->out ? strsep(&rest, " ") : "-", row);
	assert_null(rig_unsound(&rig));
	rig_done(&rig);
}

static void c_tags(void **state)
{
	for (size_t i = 0; i < sizeof(customers) / sizeof(customers[0]); i++)
		check_row(&customers[i], FRAME_TYPE_VLAN, TUNNEL);
}

static void s_tags(void **state)
{
	for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++)
		check_row(&providers[i], FRAME_TYPE_QINQ, KINDS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(c_tags),
		cmocka_unit_test(s_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
