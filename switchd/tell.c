/* SPDX-License-Identifier: MIT */
#include "switchd/tell.h"

#include <stdlib.h>

#include "switchd/cmd.h"
#include "switchd/explain.h"
#include "switchd/lab.h"
#include "switchd/plan.h"

/* A port that the bridge knows by its number, also while it is leaving. */
static const struct swport *port_on(const struct lab_switch *sw,
				    uint16_t number)
{
	for (size_t i = 0; i < sw->port_count; i++)
		if (sw->ports[i]->in_bridge &&
		    sw->ports[i]->topo->conf.number == number)
			return sw->ports[i];
	return lab_port_numbered(sw, number);
}

static json_t *port_name(const struct lab_switch *sw, uint16_t number)
{
	const struct swport *port = port_on(sw, number);
	char name[SWPORT_NAME_SIZE];

	return port ? json_string(swport_full_name(port, name)) : json_null();
}

static json_t *mac_text(const struct mac *mac)
{
	char text[MAC_TEXT_SIZE];

	return json_string(mac_format(mac, text));
}

static json_t *vlan_value(uint16_t vid)
{
	return vid ? json_integer(vid) : json_null();
}

/* --- Addresses and frames ----------------------------------------------- */

void tell_fdb(void *ctx, enum fdb_change change, const struct fdb_entry *entry,
	      uint16_t from)
{
	struct lab_switch *sw = ctx;
	json_t *event;

	if (!events_wanted(&sw->lab->events))
		return;
	event = json_pack(
		"{s:s, s:s, s:o, s:o, s:o}", "event", fdb_change_name(change),
		"switch", sw->topo->name, "port", port_name(sw, entry->port),
		"mac", mac_text(&entry->mac), "vlan", vlan_value(entry->vid));
	if (change == FDB_MOVE)
		(void)json_object_set_new(event, "from", port_name(sw, from));
	events_publish(&sw->lab->events, event);
}

static void tell_flood(void *ctx, uint16_t number, const struct frame *f,
		       const struct bridge_decision *d)
{
	struct lab_switch *sw = ctx;
	const struct swport *port;
	json_t *event, *to;
	size_t ports;

	if (!events_wanted(&sw->lab->events))
		return;
	port = lab_port_numbered(sw, number);
	event = json_pack(
		"{s:s, s:s, s:o, s:o, s:s}", "event", "flood", "switch",
		sw->topo->name, "port", port_name(sw, number), "vlan",
		vlan_value(d->vlan.vid), "reason", bridge_flood_name(d->flood));
	explain_name(event, f);
	if (port) {
		to = explain_flood(port, d, &ports);
		(void)json_object_set_new(event, "to", to);
		(void)json_object_set_new(event, "ports",
					  json_integer((json_int_t)ports));
	}
	events_publish(&sw->lab->events, event);
}

void tell_floods(struct lab *lab)
{
	bool watched = events_watched(&lab->events);

	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next)
		bridge_set_on_flood(sw->bridge, watched ? tell_flood : NULL,
				    sw);
}

/* --- Ports -------------------------------------------------------------- */

/* An event of a port, to which one field more may be added. */
static void tell_port(const struct swport *port, const char *what,
		      const char *key, const char *text)
{
	struct lab_switch *sw = port->sw;
	char name[SWPORT_NAME_SIZE];
	json_t *event;

	if (!events_watched(&sw->lab->events))
		return;
	event = json_pack("{s:s, s:s, s:s}", "event", what, "switch",
			  sw->topo->name, "port", swport_full_name(port, name));
	if (key)
		(void)json_object_set_new(event, key, cmd_string(text));
	events_publish_rare(&sw->lab->events, event);
}

void tell_up(const struct swport *port)
{
	tell_port(port, "up", NULL, NULL);
}

void tell_down(const struct swport *port, const char *reason)
{
	tell_port(port, "down", "reason", reason);
}

void tell_client(const struct swport *port, const char *text)
{
	tell_port(port, "client", "text", text);
}

void tell_storm(const struct swport *port, const char *text)
{
	tell_port(port, "storm", "text", text);
}

void tell_secure(const struct swport *port, const char *mac)
{
	tell_port(port, "secure", "mac", mac);
}

/* --- The spanning tree -------------------------------------------------- */

static void add_tree_port(json_t *event, const struct swport *port)
{
	struct stp_port_info info;
	char name[SWPORT_NAME_SIZE];
	json_t *fields;

	stp_port_read(port->sw->spanning.stp, port->topo->conf.number, &info);
	fields = json_pack(
		"{s:s, s:s, s:s}", "port", swport_full_name(port, name), "role",
		stp_role_name(info.role), "state", stp_state_name(info.state));
	(void)json_object_update(event, fields);
	json_decref(fields);
}

static void add_tree_root(json_t *event, const struct lab_switch *sw)
{
	char id[STP_ID_TEXT_SIZE];
	struct stp_info info;
	json_t *fields;

	stp_read(sw->spanning.stp, &info);
	fields = json_pack("{s:n, s:s, s:I}", "port", "root",
			   stp_id_format(info.root, id), "cost",
			   (json_int_t)info.cost);
	(void)json_object_update(event, fields);
	json_decref(fields);
}

void tell_stp(struct lab_switch *sw, const struct swport *port,
	      enum stp_event event, const char *text)
{
	json_t *object;

	if (!events_wanted(&sw->lab->events))
		return;
	object = json_pack("{s:s, s:s, s:s, s:s}", "event", "stp", "switch",
			   sw->topo->name, "what", stp_event_name(event),
			   "text", text);
	if (port)
		add_tree_port(object, port);
	else
		add_tree_root(object, sw);
	events_publish(&sw->lab->events, object);
}

/* --- Drops -------------------------------------------------------------- */

static void tell_drop(const struct swport *port, enum drop reason,
		      uint64_t count)
{
	char name[SWPORT_NAME_SIZE];

	if (!events_wanted(&port->sw->lab->events))
		return;
	events_publish(&port->sw->lab->events,
		       json_pack("{s:s, s:s, s:s, s:s, s:I}", "event", "drop",
				 "switch", port->sw->topo->name, "port",
				 swport_full_name(port, name), "reason",
				 drop_name(reason), "count",
				 (json_int_t)count));
}

/* What was counted while nobody watched is of no interest; neither are BPDUs,
 * which have arrived. */
static void tell_port_drops(struct swport *port, bool watched)
{
	for (int i = 0; i < DROP_COUNT; i++) {
		uint64_t count = port->counters.drops[i] - port->told_drops[i];

		port->told_drops[i] = port->counters.drops[i];
		if (count && watched && i != DROP_RX_BPDU)
			tell_drop(port, (enum drop)i, count);
	}
}

void tell_drops(struct lab *lab)
{
	bool watched = events_watched(&lab->events);

	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next)
		for (size_t i = 0; i < sw->port_count; i++)
			tell_port_drops(sw->ports[i], watched);
}

/* --- Captures ----------------------------------------------------------- */

static json_t *capture_event(const struct lab_capture *c, const char *text)
{
	const char *file = c->topo.conf.file;

	return json_pack("{s:s, s:n, s:n, s:I, s:o, s:s}", "event", "capture",
			 "switch", "port", "id", (json_int_t)c->id, "file",
			 *file ? json_string(file) : json_null(), "text", text);
}

void tell_capture(const struct lab_capture *c)
{
	json_t *event;

	if (!events_wanted(&c->lab->events))
		return;
	event = capture_event(c, captures_state_name(c->state));
	if (c->reason.msg[0])
		(void)json_object_set_new(event, "reason",
					  cmd_string(c->reason.msg));
	events_publish(&c->lab->events, event);
}

void tell_capture_drops(const struct lab_capture *c, uint64_t count)
{
	json_t *event;

	if (!events_wanted(&c->lab->events))
		return;
	event = capture_event(c, "frames are missing: its buffer was full");
	(void)json_object_set_new(event, "count",
				  json_integer((json_int_t)count));
	events_publish(&c->lab->events, event);
}

/* --- Plans -------------------------------------------------------------- */

static void add_change(void *ctx, const char *key, const char *from,
		       const char *to)
{
	(void)json_array_append_new(
		ctx, json_pack("{s:s, s:o, s:o}", "option", key, "from",
			       cmd_string(from), "to", cmd_string(to)));
}

static json_t *step_text(const struct plan_step *step)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	json_t *string;

	if (!out)
		return json_null();
	plan_print_step(step, out);
	string = fclose(out) == 0 ? cmd_string(text) : json_null();
	free(text);
	return string;
}

json_t *tell_step(const struct plan_step *step)
{
	char name[PLAN_NAME_SIZE];
	json_t *changes = json_array();

	plan_step_changes(step, add_change, changes);
	return json_pack(
		"{s:s, s:s, s:o, s:o, s:b}", "op", plan_op_name(step->op),
		"name", plan_step_name(step, name), "text", step_text(step),
		"changes", changes, "flushes", plan_step_flushes(step));
}

void tell_reset(struct lab *lab)
{
	if (events_wanted(&lab->events))
		events_publish(&lab->events,
			       json_pack("{s:s, s:n, s:n}", "event", "reset",
					 "switch", "port"));
}

static void tell_one_step(struct lab *lab, const struct plan_step *step)
{
	const struct topo_switch *sw =
		step->sw_to ? step->sw_to : step->sw_from;
	bool of_port = step->port_from || step->port_to;
	char name[PLAN_NAME_SIZE];
	json_t *event, *fields;

	if (!events_wanted(&lab->events))
		return;
	event = json_pack("{s:s, s:s?, s:s?}", "event", "apply", "switch",
			  sw ? sw->name : NULL, "port",
			  of_port ? plan_step_name(step, name) : NULL);
	fields = tell_step(step);
	(void)json_object_update(event, fields);
	json_decref(fields);
	(void)json_object_del(event, "name");
	events_publish(&lab->events, event);
}

void tell_plan(struct lab *lab, const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		tell_one_step(lab, &plan->steps[i]);
}
