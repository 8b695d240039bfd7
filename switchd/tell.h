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
 *	flood			src, dst, vlan, bytes, reason; port: where from
 *	drop			reason, count: since it was last told
 *	up
 *	down			reason
 *	client			text
 *	capture			id, file or null, text; reason, count
 *	apply			op, text, changes, flushes: a step of a plan
 *	watch			lab; the first that a watcher is told
 *	lost			count (events.h)
 */
#ifndef LABSWITCH_SWITCHD_TELL_H
#define LABSWITCH_SWITCHD_TELL_H

#include <jansson.h>

#include "switchd/core/bridge.h"
#include "switchd/core/fdb.h"

struct lab;
struct lab_capture;
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

/* A capture is in another state; or lost frames since the last time. */
void tell_capture(const struct lab_capture *capture);
void tell_capture_drops(const struct lab_capture *capture, uint64_t count);

/* The drops since the last time, as the counters say. */
void tell_drops(struct lab *lab);

/* The fields of a step: "op", "name", "text", "changes", "flushes". */
json_t *tell_step(const struct plan_step *step);

/* Every step of a plan that is about to be run. */
void tell_plan(struct lab *lab, const struct plan *plan);

#endif
