/* SPDX-License-Identifier: MIT */
#include "switchd/port_join.h"

#include "switchd/lab.h"
#include "switchd/sw_pause.h"

static struct bridge_port_conf bridge_conf(const struct swport *port)
{
	return (struct bridge_port_conf){.mtu = swport_mtu(port->topo),
					 .vlan = swport_vlan(port->topo)};
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
}

void port_join_renew(struct swport *port)
{
	struct bridge_port_conf conf = bridge_conf(port);

	if (!port->in_bridge)
		return;
	bridge_port_set(port->sw->bridge, port->topo->conf.number, &conf);
	(void)pin_mac(port, NULL);
}

void port_join_rx(struct swport *port, const struct frame *frames, unsigned n,
		  uint64_t now)
{
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
