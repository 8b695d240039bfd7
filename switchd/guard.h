/* SPDX-License-Identifier: MIT */
/*
 * guard: what follows when a port does more than it may, floods (core/storm.h)
 * or sends from addresses that it may not have (core/fdb.h): it is told, in the
 * log and to those who watch, and the port is shut if its options ask for that
 * (swport_shut()).
 */
#ifndef LABSWITCH_SWITCHD_GUARD_H
#define LABSWITCH_SWITCHD_GUARD_H

struct lab;
struct lab_switch;

/* Has the bridge of a new switch say what it meets. */
void guard_watch(struct lab_switch *sw);

/* Once a second: is a storm over? */
void guard_tick(struct lab *lab);

#endif
