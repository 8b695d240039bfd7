/* SPDX-License-Identifier: MIT */
/*
 * ctl_lab: a small lab for the tests of the control socket and its commands.
 *
 *	lan	not VLAN-aware: a, b, c
 *	vlans	VLAN-aware: pc (staff = 10), up (trunk 10,20, native 5), solo
 */
#ifndef LABSWITCH_TESTS_CTL_LAB_H
#define LABSWITCH_TESTS_CTL_LAB_H

#include "tests/unit/switchd/lab_rig.h"

#define CTL_LAB_TEXT                                                           \
	"name: small\n"                                                        \
	"vlans: {staff: 10}\n"                                                 \
	"switches:\n"                                                          \
	"  lan: {ports: {a: null, b: null, c: null}}\n"                        \
	"  vlans:\n"                                                           \
	"    ports:\n"                                                         \
	"      pc: {\"null\", vlan: staff}\n"                                  \
	"      up: {\"null\", trunk: [staff, 20], native: 5}\n"                \
	"      solo: null\n"

static inline int ctl_lab_begin(void **state)
{
	struct lab_rig *f;

	(void)lab_rig_begin(state);
	f = *state;
	(void)snprintf(f->lab.name, sizeof(f->lab.name), "small");
	return (int)lab_rig_apply(f, CTL_LAB_TEXT);
}

#endif
