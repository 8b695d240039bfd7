/* SPDX-License-Identifier: MIT */
/*
 * rig: a bridge whose ports remember what they were sent, for tests that push
 * frames through it. It counts on its own what went in and came out, and so
 * knows when the bridge's counters do not tell the truth.
 */
#ifndef LABSWITCH_TESTS_RIG_H
#define LABSWITCH_TESTS_RIG_H

#include <stdlib.h>
#include <string.h>

#include "switchd/core/bridge.h"
#include "switchd/core/hold.h"
#include "switchd/core/offload.h"

#define RIG_PORTS  16
#define RIG_SECOND UINT64_C(1000000000)

struct rig;

struct rig_port {
	struct rig *rig;
	uint16_t number;
	bool remove_in_send;
	struct counters counters; /* stay when the port is removed */
	struct hold_queue sent;
	unsigned sends;
	uint64_t fed_frames;
	uint64_t fed_bytes;
	uint64_t got_frames;
	uint64_t got_bytes;
};

struct rig {
	struct bridge *bridge;
	uint64_t now;
	struct rig_port ports[RIG_PORTS];
	unsigned changes[FDB_CHANGE_COUNT];
};

static inline void rig_changed(void *ctx, enum fdb_change change,
			       const struct fdb_entry *entry, uint16_t from)
{
	struct rig *rig = ctx;

	rig->changes[change]++;
}

/* The fdb's key is fixed: a run can be repeated. */
static inline void rig_init(struct rig *rig, bool hub, bool vlan_aware,
			    uint32_t limit)
{
	struct bridge_conf conf = {
		.mode = hub ? BRIDGE_HUB : BRIDGE_SWITCH,
		.vlan_aware = vlan_aware,
		.fdb = {.limit = limit,
			.ageing = FDB_AGEING_DEFAULT,
			.key = {1, 2},
			.changed = rig_changed,
			.ctx = rig},
	};

	*rig = (struct rig){.now = RIG_SECOND};
	rig->bridge = bridge_new(&conf);
	if (!rig->bridge)
		abort();
	for (uint16_t i = 0; i < RIG_PORTS; i++) {
		rig->ports[i].rig = rig;
		rig->ports[i].number = i;
		hold_queue_init(&rig->ports[i].sent, HOLD_LIMIT_DEFAULT);
	}
}

static inline void rig_done(struct rig *rig)
{
	for (uint16_t i = 0; i < RIG_PORTS; i++) {
		(void)hold_queue_done(&rig->ports[i].sent);
		if (bridge_port_exists(rig->bridge, i))
			bridge_port_remove(rig->bridge, i);
	}
	bridge_free(rig->bridge);
}

/* Counts what has left by port: the wire frames that w is cut to. */
static inline void rig_got(struct rig_port *port, const struct wire *w)
{
	uint32_t n = offload_frames(&w->off, w->len);
	uint8_t scratch[INET_HEADERS_MAX];
	struct wire cut;

	for (uint32_t i = 0; i < n; i++) {
		offload_cut(w, i, scratch, &cut);
		port->got_frames++;
		port->got_bytes += cut.len;
	}
}

static inline void rig_send(void *ctx, const struct wire *wires, unsigned n,
			    uint64_t now)
{
	struct rig_port *port = ctx;

	port->sends++;
	for (unsigned i = 0; i < n; i++) {
		if (!hold_push(&port->sent, &wires[i]))
			abort();
		rig_got(port, &wires[i]);
	}
	counters_tx(&port->counters, offload_wires_frames(wires, n),
		    offload_wires_bytes(wires, n));
	if (port->remove_in_send)
		bridge_port_remove(port->rig->bridge, port->number);
}

static inline void rig_add(struct rig *rig, uint16_t port,
			   const struct bridge_port_conf *conf)
{
	if (!bridge_port_add(rig->bridge, port, conf, rig_send,
			     &rig->ports[port], &rig->ports[port].counters))
		abort();
}

static inline void rig_input(struct rig *rig, uint16_t port,
			     const struct frame *frames, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct frame *f = &frames[i];

		rig->ports[port].fed_frames += offload_frames(&f->off, f->len);
		rig->ports[port].fed_bytes += offload_bytes(&f->off, f->len);
	}
	bridge_input(rig->bridge, port, frames, n, rig->now);
}

static inline uint64_t rig_drops(const struct counters *c, bool rx)
{
	uint64_t sum = 0;

	for (int i = 0; i < DROP_COUNT; i++)
		if ((strncmp(drop_name((enum drop)i), "rx_", 3) == 0) == rx)
			sum += c->drops[i];
	return sum;
}

/* What does not add up, or NULL if all is well (counters.h). */
static inline const char *rig_unsound(const struct rig *rig)
{
	for (int i = 0; i < RIG_PORTS; i++) {
		const struct rig_port *port = &rig->ports[i];
		const struct counters *c = &port->counters;

		if (c->rx_frames != port->fed_frames ||
		    c->rx_bytes != port->fed_bytes)
			return "rx is not what came in";
		if (c->tx_frames != port->got_frames ||
		    c->tx_bytes != port->got_bytes)
			return "tx is not what went out";
		if (c->rx_frames != c->rx_forwarded + rig_drops(c, true))
			return "rx_frames = rx_forwarded + rx drops";
		if (c->tx_offered != c->tx_frames + rig_drops(c, false))
			return "tx_offered = tx_frames + tx drops";
	}
	return NULL;
}

#endif
