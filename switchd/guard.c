/* SPDX-License-Identifier: MIT */
#include "switchd/guard.h"

#include <stdio.h>
#include <string.h>

#include "switchd/lab.h"
#include "switchd/tell.h"

#define NS_PER_S 1000000000ull

static void on_storm(void *ctx, uint16_t number, enum storm_class class)
{
	const struct lab_switch *sw = ctx;
	struct swport *port = lab_port_numbered(sw, number);
	const struct storm_words *words = &port->topo->conf.guard.storm;
	char name[SWPORT_NAME_SIZE];
	char text[128];

	(void)snprintf(text, sizeof(text), "a storm: more than %u/s of %s",
		       words->limit.fps[class] ? words->limit.fps[class]
					       : words->each,
		       storm_class_name(class));
	log_warn("%s: %s", swport_full_name(port, name), text);
	tell_storm(port, text);
	if (words->action == GUARD_SHUTDOWN)
		swport_shut(port, text);
}

/* Not each: once in a second of a port. */
static bool is_news(struct swport *port, uint64_t now)
{
	if (port->refused_ns && now - port->refused_ns < NS_PER_S)
		return false;
	port->refused_ns = now;
	return true;
}

static void on_refuse(void *ctx, uint16_t number, const struct frame *f,
		      uint64_t now)
{
	const struct lab_switch *sw = ctx;
	struct swport *port = lab_port_numbered(sw, number);
	char name[SWPORT_NAME_SIZE];
	char mac[MAC_TEXT_SIZE];
	char text[128];
	struct mac src;

	memcpy(src.b, frame_src(f), sizeof(src.b));
	(void)snprintf(text, sizeof(text), "%s may not send here",
		       mac_format(&src, mac));
	if (is_news(port, now)) {
		log_warn("%s: %s", swport_full_name(port, name), text);
		tell_secure(port, mac);
	}
	if (port->topo->conf.guard.secure.action == GUARD_SHUTDOWN)
		swport_shut(port, text);
}

void guard_watch(struct lab_switch *sw)
{
	bridge_set_on_storm(sw->bridge, on_storm, sw);
	bridge_set_on_refuse(sw->bridge, on_refuse, sw);
}

static void look(struct swport *port, uint64_t now)
{
	uint64_t drops = port->counters.drops[DROP_RX_STORM];
	char name[SWPORT_NAME_SIZE];
	char text[128];

	if (!port->in_bridge ||
	    !bridge_port_storm_over(port->sw->bridge, port->topo->conf.number,
				    now))
		return;
	(void)snprintf(text, sizeof(text),
		       "the storm is over: %llu frames were dropped",
		       (unsigned long long)(drops - port->storm_drops));
	log_info("%s: %s", swport_full_name(port, name), text);
	tell_storm(port, text);
	port->storm_drops = drops;
}

void guard_tick(struct lab *lab)
{
	uint64_t now = uv_hrtime(); /* CLOCK_MONOTONIC */

	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next)
		for (size_t i = 0; i < sw->port_count; i++)
			look(sw->ports[i], now);
}
