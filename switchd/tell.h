/* SPDX-License-Identifier: MIT */
/*
 * tell: makes events (events.h) of what happens in a lab. All of these do
 * nothing if nobody watches.
 *
 *	event			fields beside event, time_us, switch, port
 *
 *	learn, age, evict,	mac, vlan
 *	flush, add, del
 *	move			mac, vlan, from: the port before
 *	flood			vlan, reason; bytes, src, dst, type, text: the
 *				frame; to, ports: where it goes (explain.h)
 *	drop			reason, count: since it was last told
 *	up
 *	down			reason
 *	client			text
 *	pause			gap_ms: one frame each, or null
 *	hold			bytes, src, dst, type, text: the frame; held:
 *				how many wait
 *	step			the same of one that goes on; what explain.h
 *				says but egress; to, ports: where it goes
 *	resume			count: so many went on at once
 *	storm			text; of a port, begins or is over
 *	secure			mac; may not send there, once a second at most
 *	capture			id, file or null, text; reason, count
 *	reset			the lab is about to become what its file says
 *	apply			op, text, changes, flushes: a step of a plan
 *	stp			what: stp_event_name(); text; of a port role,
 *				state; of the switch root, cost
 *	watch			lab; the first that a watcher is told
 *	lost			count (events.h)
 */
#ifndef LABSWITCH_SWITCHD_TELL_H
#define LABSWITCH_SWITCHD_TELL_H

#include <jansson.h>

#include "switchd/core/bridge.h"
#include "switchd/core/fdb.h"
#include "switchd/core/stp.h"

struct lab;
struct lab_capture;
struct lab_switch;
struct plan;
struct plan_step;
struct swport;

/* For fdb_conf: ctx is the struct lab_switch. */
fdb_change_fn tell_fdb;

/* Asks the bridges to tell of floods, or no longer to, as there are watchers:
 * so a frame costs nothing while there are none. */
void tell_floods(struct lab *lab);

/* "up"; or "down" with its reason. */
void tell_up(const struct swport *port);
void tell_down(const struct swport *port, const char *reason);

/* A client, or whatever is behind the port, did something. */
void tell_client(const struct swport *port, const char *text);

/* A storm begins at the port, or is over. */
void tell_storm(const struct swport *port, const char *text);

/* A frame from this address was refused. */
void tell_secure(const struct swport *port, const char *mac);

/* A capture is in another state; or lost frames since the last time. */
void tell_capture(const struct lab_capture *capture);
void tell_capture_drops(const struct lab_capture *capture, uint64_t count);

/* What happened in the spanning tree; port is NULL if to the switch. */
void tell_stp(struct lab_switch *sw, const struct swport *port,
	      enum stp_event event, const char *text);

/* The drops since the last time, as the counters say. */
void tell_drops(struct lab *lab);

/* The lab is about to be reset. */
void tell_reset(struct lab *lab);

/* The fields of a step: "op", "name", "text", "changes", "flushes". */
json_t *tell_step(const struct plan_step *step);

/* Every step of a plan that is about to be run. */
void tell_plan(struct lab *lab, const struct plan *plan);

/* --- tell_pause.c ------------------------------------------------------- */

/* A switch stands still; gap_ns as sw_pause.h. Or it goes on: count frames
 * waited. */
void tell_pause(struct lab_switch *sw, uint64_t gap_ns);
void tell_resume(struct lab_switch *sw, size_t count);

/* A frame has to wait, the held-th in the queue; or goes on: what
 * sw_pause_step() returns. */
void tell_hold(const struct swport *port, const struct frame *f, size_t held);
void tell_step_frame(struct lab_switch *sw, const json_t *said);

#endif
