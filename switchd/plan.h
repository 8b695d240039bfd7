/* SPDX-License-Identifier: MIT */
/*
 * plan: the steps from one topology to another.
 *
 * plan_make() is pure: it compares row by row, through the option tables, and
 * emits steps in a fixed order: all removals, then changes, then additions, so
 * that a name, a TAP or a number that moves is free before it is taken.
 *
 * A port whose changed rows are all OPT_LIVE is changed in place; any other
 * difference (kind, number, a row that is not live) removes and adds it. So it
 * is with captures, which come after their ports and go before them, and with
 * links, whose ports have no steps of their own.
 */
#ifndef LABSWITCH_SWITCHD_PLAN_H
#define LABSWITCH_SWITCHD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "topo/topo.h"

enum plan_op {
	PLAN_REMOVE_CAPTURE,
	PLAN_REMOVE_LINK,
	PLAN_REMOVE_PORT,
	PLAN_REMOVE_SWITCH, /* its links and ports are removed before */
	PLAN_CHANGE_SWITCH,
	PLAN_CHANGE_PORT,
	PLAN_CHANGE_LINK,
	PLAN_CHANGE_CAPTURE,
	PLAN_ADD_SWITCH,
	PLAN_ADD_PORT,
	PLAN_ADD_LINK,
	PLAN_ADD_CAPTURE,
	PLAN_OP_COUNT
};

/* from is NULL for additions, to is NULL for removals. */
struct plan_step {
	enum plan_op op;
	const struct topo_switch *sw_from, *sw_to; /* of switches and ports */
	const struct topo_port *port_from, *port_to;
	const struct topo_link *link_from, *link_to;
	const struct topo_capture *capture_from, *capture_to;
};

/* Borrows from both topologies. */
struct plan {
	struct plan_step *steps;
	size_t count;
};

/* Marks the numbers of running ports that are in no topology. */
typedef void plan_taken_fn(void *ctx, const struct topo_switch *sw,
			   bool taken[TOPO_PORTS_MAX + 1]);

/*
 * A port without a written number keeps the one it has in `from`, so that a
 * new port above it in the file does not renumber, and so renew, those below.
 * The others keep what they got, or get the lowest number free; one that is
 * taken only if there is no other. Call it before plan_make(). taken may be
 * NULL.
 */
void plan_keep_numbers(const struct topo *from, struct topo *to,
		       plan_taken_fn *taken, void *ctx);

/* Aborts if there is no memory. */
void plan_make(const struct topo *from, const struct topo *to,
	       struct plan *plan);
void plan_done(struct plan *plan);

/* --- What a step is ----------------------------------------------------- */

/* "remove", "change", "add" */
const char *plan_op_name(enum plan_op op);

/* "sw1", "sw1.pc1", "link slow" or "capture all.pcapng"; returns buf. */
#define PLAN_NAME_SIZE (sizeof("capture ") + TOPO_CAPTURE_FILE_SIZE)
const char *plan_step_name(const struct plan_step *s, char buf[PLAN_NAME_SIZE]);

/* Calls each for every option that a change changes ("mtu", "forth.delay"),
 * with both values as the file writes them ("unset": neither written nor with a
 * default). */
#define PLAN_VALUE_SIZE 256
typedef void plan_change_fn(void *ctx, const char *key, const char *from,
			    const char *to);
void plan_step_changes(const struct plan_step *s, plan_change_fn *each,
		       void *ctx);

/* Whether the switch forgets what it has learned. */
bool plan_step_flushes(const struct plan_step *s);

/*
 * One line a step for eyes: "- sw1.pc1", "~ sw1.pc2: vlan 10 -> 20",
 * "+ sw1.pc3: tap eth0", "+ link slow: sw1 -- sw2",
 * "+ capture all.pcapng: sw1,sw2.pc1";
 * plan_print_step() without the newline.
 */
void plan_print_step(const struct plan_step *s, FILE *out);
void plan_print(const struct plan *plan, FILE *out);

#endif
