/* SPDX-License-Identifier: MIT */
/* Events of switches that stand still (tell.h). */
#include "switchd/tell.h"

#include "switchd/explain.h"
#include "switchd/lab.h"

static void publish(struct lab_switch *sw, json_t *event)
{
	events_publish(&sw->lab->events, event);
}

void tell_pause(struct lab_switch *sw, uint64_t gap_ns)
{
	if (!events_wanted(&sw->lab->events))
		return;
	publish(sw,
		json_pack("{s:s, s:s, s:n, s:o}", "event", "pause", "switch",
			  sw->topo->name, "port", "gap_ms",
			  gap_ns ? json_integer((json_int_t)(gap_ns / 1000000))
				 : json_null()));
}

void tell_resume(struct lab_switch *sw, size_t count)
{
	if (events_wanted(&sw->lab->events))
		publish(sw, json_pack("{s:s, s:s, s:n, s:I}", "event", "resume",
				      "switch", sw->topo->name, "port", "count",
				      (json_int_t)count));
}

void tell_hold(const struct swport *port, const struct frame *f, size_t held)
{
	struct lab_switch *sw = port->sw;
	char name[SWPORT_NAME_SIZE];
	json_t *event;

	if (!events_wanted(&sw->lab->events))
		return;
	event = json_pack("{s:s, s:s, s:s, s:I}", "event", "hold", "switch",
			  sw->topo->name, "port", swport_full_name(port, name),
			  "held", (json_int_t)held);
	explain_name(event, f);
	publish(sw, event);
}

/* Where it is sent, as far as there is room in an event. */
static json_t *sent_to(const json_t *said, json_int_t *ports)
{
	json_t *to = json_array();
	const json_t *row;
	size_t i;

	*ports = 0;
	json_array_foreach(json_object_get(said, "egress"), i, row)
	{
		if (!json_is_null(json_object_get(row, "drop")))
			continue;
		if (++*ports <= EXPLAIN_NAMES_MAX)
			(void)json_array_append(to,
						json_object_get(row, "port"));
	}
	return to;
}

void tell_step_frame(struct lab_switch *sw, const json_t *said)
{
	json_t *event, *to;
	json_int_t ports;

	if (!events_wanted(&sw->lab->events))
		return;
	to = sent_to(said, &ports);
	event = json_pack("{s:s, s:s}", "event", "step", "switch",
			  sw->topo->name);
	(void)json_object_update(event, (json_t *)said);
	(void)json_object_del(event, "egress");
	(void)json_object_set_new(event, "ports", json_integer(ports));
	(void)json_object_set_new(event, "to", to);
	publish(sw, event);
}
