/* SPDX-License-Identifier: MIT */
#include "switchd/port_join.h"

#include <assert.h>

#include "switchd/core/offload.h"
#include "switchd/lab.h"
#include "switchd/sw_pause.h"

static struct storm_conf storm_conf(const struct swport *port)
{
	const struct storm_words *words = &port->topo->conf.guard.storm;
	struct storm_conf conf = words->limit;

	for (unsigned i = 0; i < STORM_CLASS_COUNT; i++)
		if (!conf.fps[i])
			conf.fps[i] = words->each;
	return conf;
}

/* Who is not learned may not send where addresses are counted for security. */
static struct fdb_port_conf learn_conf(const struct swport *port)
{
	const struct guard_words *words = &port->topo->conf.guard;
	uint32_t max = words->secure.max, limit = words->fdb_limit;

	return (struct fdb_port_conf){
		.limit = !limit || (max && max < limit) ? max : limit,
		.strict = max,
		.sticky = words->secure.sticky};
}

static_assert(TOPO_MIRRORS_MAX <= BRIDGE_MIRRORS_MAX,
	      "a bridge has as many mirrors as a file");

/* The mirrors of a switch have numbers in the order of the file. Those that
 * get frames of the port are added to its conf. */
static void add_mirrors(const struct swport *port,
			struct bridge_port_conf *conf)
{
	const struct topo_switch *sw = port->sw->topo;
	unsigned number = 0;

	for (size_t i = 0; i < sw->port_count; i++) {
		const struct topo_port *mirror = &sw->ports[i];

		if (!topo_is_mirror(mirror))
			continue;
		if (topo_mirrors(mirror, port->topo, TOPO_RX))
			conf->mirror_rx |= (uint8_t)(1u << number);
		if (topo_mirrors(mirror, port->topo, TOPO_TX))
			conf->mirror_tx |= (uint8_t)(1u << number);
		number++;
		if (mirror == port->topo)
			conf->mirror = (uint8_t)number;
	}
}

static struct bridge_port_conf bridge_conf(const struct swport *port)
{
	struct bridge_port_conf conf = {
		.mtu = swport_mtu(port->topo),
		.isolated = port->topo->conf.guard.isolated,
		.vlan = swport_vlan(port->topo),
		.storm = storm_conf(port),
		.learn = learn_conf(port),
	};

	add_mirrors(port, &conf);
	return conf;
}

static void send_wires(void *ctx, const struct wire *wires, unsigned n,
		       uint64_t now)
{
	struct swport *port = ctx;

	if (port->cables)
		port_cables_tx(port, wires, n, now);
	else
		port_join_send(port, wires, n, now);
}

/*
 * Puts the plug's own MAC, if it has one, into the FDB where nobody else can
 * take it: in the VLAN of the port's untagged frames. Once more after a change
 * of VLANs; leaving the bridge takes it out.
 */
static bool pin_mac(struct swport *port, struct err *err)
{
	const struct plug_class *class = port->plug->class;
	struct fdb *fdb = bridge_fdb(port->sw->bridge);
	bool aware = topo_vlan_aware(port->sw->topo);
	struct mac mac;

	if (!class->mac || !class->mac(port->plug, &mac))
		return true;
	if (port->pinned)
		(void)fdb_delete(fdb, port->pinned_vid, mac.b);
	port->pinned_vid = aware ? swport_vlan(port->topo).pvid : 0;
	port->pinned = !aware || port->pinned_vid;
	return !port->pinned ||
	       fdb_add_static(fdb, port->pinned_vid, mac.b,
			      port->topo->conf.number, uv_hrtime()) ||
	       err_set(err, "the forwarding database is full of static "
			    "entries");
}

bool port_join(struct swport *port, struct err *err)
{
	struct bridge_port_conf conf = bridge_conf(port);

	port->in_bridge =
		bridge_port_add(port->sw->bridge, port->topo->conf.number,
				&conf, send_wires, port, &port->counters);
	if (!port->in_bridge)
		return err_set(err, "out of memory");
	spanning_enter(port);
	port->storm_drops = port->counters.drops[DROP_RX_STORM];
	port_captures_watch(port);
	return pin_mac(port, err);
}

void port_join_leave(struct swport *port)
{
	sw_pause_forget(port);
	if (port->in_bridge)
		bridge_port_remove(port->sw->bridge, port->topo->conf.number);
	port->in_bridge = port->pinned = false;
	port_cables_empty(port);
	spanning_down(port);
}

void port_join_renew(struct swport *port)
{
	struct bridge_port_conf conf = bridge_conf(port);

	if (!port->in_bridge)
		return;
	bridge_port_set(port->sw->bridge, port->topo->conf.number, &conf);
	(void)pin_mac(port, NULL);
}

/* Nobody else counts what comes in on a port that is shut. */
static void drop_all(struct swport *port, const struct frame *frames,
		     unsigned n, uint64_t now)
{
	if (port->captures)
		port_captures_rx(port, frames, n, now);
	for (unsigned i = 0; i < n; i++) {
		const struct offload *off = &frames[i].off;
		uint32_t count = offload_frames(off, frames[i].len);
		struct wire w;

		counters_rx(&port->counters, count,
			    offload_bytes(off, frames[i].len));
		counters_drop(&port->counters, DROP_RX_SHUT, count);
		wire_whole(&w, &frames[i]);
		port_captures_drop(port, DROP_RX_SHUT, &w, now);
	}
}

void port_join_rx(struct swport *port, const struct frame *frames, unsigned n,
		  uint64_t now)
{
	if (swport_is_shut(port))
		drop_all(port, frames, n, now);
	if (!port->in_bridge)
		return;
	if (port->cables)
		port_cables_rx(port, frames, n, now);
	else
		port_join_enter(port, frames, n, now);
}

void port_join_enter(struct swport *port, const struct frame *frames,
		     unsigned n, uint64_t now)
{
	if (port->captures)
		port_captures_rx(port, frames, n, now);
	if (port->sw->pause)
		sw_pause_rx(port, frames, n, now);
	else
		bridge_input(port->sw->bridge, port->topo->conf.number, frames,
			     n, now);
}

void port_join_send(struct swport *port, const struct wire *wires, unsigned n,
		    uint64_t now)
{
	if (port->captures)
		port_captures_send(port, wires, n, now);
	else
		port->plug->class->send(port->plug, wires, n, now, NULL);
}
