/* SPDX-License-Identifier: MIT */
#include "switchd/port_cables.h"

#include <stdlib.h>

#include "switchd/core/offload.h"
#include "switchd/lab.h"
#include "switchd/port_join.h"

/* --- What comes out ----------------------------------------------------- */

static void carry_rx(struct cable *c, uint64_t now)
{
	struct line_burst burst;
	unsigned n = line_take(&c->line, now, &burst);

	if (n > 0)
		port_join_enter(c->port, burst.frames, n, now);
	line_burst_done(&burst);
}

static void carry_tx(struct cable *c, uint64_t now)
{
	struct wire wires[FRAME_BURST];
	struct line_burst burst;
	unsigned n = line_take(&c->line, now, &burst);

	for (unsigned i = 0; i < n; i++)
		wire_whole(&wires[i], &burst.frames[i]);
	if (n > 0)
		port_join_send(c->port, wires, n, now);
	line_burst_done(&burst);
}

static const struct cable_class rx_class = {
	.name = "rx", .ingress = true, .salt = 0, .carry = carry_rx};
static const struct cable_class tx_class = {
	.name = "tx", .salt = 1, .carry = carry_tx};

/* --- What goes in ------------------------------------------------------- */

/*
 * Puts n wires in, and takes out as many bursts as that were, but leaves a
 * longer queue to the deadline: others have their turn, too.
 */
static void pass(struct cable *c, const struct wire *wires, unsigned n,
		 uint64_t now, enum drop *fates)
{
	uint64_t bursts = 1 + offload_wires_frames(wires, n) / FRAME_BURST;

	line_push(&c->line, wires, n, now, fates);
	while (bursts-- > 0 && line_next(&c->line) <= now)
		c->class->carry(c, now);
	cable_await(c, now);
}

void port_cables_rx(struct swport *port, const struct frame *frames, unsigned n,
		    uint64_t now)
{
	struct wire wires[FRAME_BURST];

	if (cable_is_idle(&port->cables->rx)) {
		port_join_enter(port, frames, n, now);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		wire_whole(&wires[i], &frames[i]);
	pass(&port->cables->rx, wires, n, now, NULL);
}

void port_cables_tx(struct swport *port, const struct wire *wires, unsigned n,
		    uint64_t now)
{
	enum drop fates[FRAME_BURST];

	if (cable_is_idle(&port->cables->tx)) {
		port_join_send(port, wires, n, now);
		return;
	}
	io_fates(fates, n, DROP_COUNT);
	pass(&port->cables->tx, wires, n, now, fates);
	if (port->captures)
		port_captures_lost(port, wires, fates, n, now);
}

/* --- Life --------------------------------------------------------------- */

struct port_cables *port_cables_of(struct swport *port)
{
	if (port->cables)
		return port->cables;
	port->cables = malloc(sizeof(*port->cables));
	if (!port->cables)
		abort();
	cable_init(&port->cables->rx, &rx_class, port);
	cable_init(&port->cables->tx, &tx_class, port);
	return port->cables;
}

void port_cables_follow(struct swport *port)
{
	const struct port_conf *conf = &port->topo->conf;

	if (!port->cables && topo_impair_is_none(&conf->rx) &&
	    topo_impair_is_none(&conf->tx))
		return;
	cable_follow(&port_cables_of(port)->rx, &conf->rx);
	cable_follow(&port->cables->tx, &conf->tx);
}

void port_cables_empty(struct swport *port)
{
	if (!port->cables)
		return;
	cable_empty(&port->cables->rx, DROP_RX_DOWN);
	cable_empty(&port->cables->tx, DROP_TX_CLOSED);
}

void port_cables_free(struct swport *port)
{
	if (!port->cables)
		return;
	cable_done(&port->cables->rx);
	cable_done(&port->cables->tx);
	free(port->cables);
	port->cables = NULL;
}

size_t port_cables_held(const struct swport *port)
{
	return port->cables ? port->cables->tx.line.queue.frames : 0;
}
