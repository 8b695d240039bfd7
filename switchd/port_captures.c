/* SPDX-License-Identifier: MIT */
#include "switchd/port_captures.h"

#include <stdlib.h>

#include "capture/capture.h"
#include "switchd/captures.h"
#include "switchd/lab.h"

/* --- Which -------------------------------------------------------------- */

bool port_captures_has(const struct swport *port,
		       const struct lab_capture *capture)
{
	const struct port_capture *p = port->captures;

	while (p && p->capture != capture)
		p = p->next;
	return p;
}

bool port_captures_add(struct swport *port, struct lab_capture *capture,
		       struct err *err)
{
	char name[SWPORT_NAME_SIZE];
	struct port_capture *p;
	unsigned interface;

	if (port_captures_has(port, capture))
		return true;
	if (!capture_add(capture->capture, swport_full_name(port, name),
			 &interface, err))
		return false;
	p = malloc(sizeof(*p));
	if (!p)
		abort();
	*p = (struct port_capture){port->captures, capture, interface};
	port->captures = p;
	port_captures_watch(port);
	capture->port_count++;
	return true;
}

static void drop_first(struct port_capture **link)
{
	struct port_capture *p = *link;

	*link = p->next;
	p->capture->port_count--;
	free(p);
}

void port_captures_remove(struct swport *port, struct lab_capture *capture)
{
	struct port_capture **link = &port->captures;

	while (*link && (*link)->capture != capture)
		link = &(*link)->next;
	if (*link)
		drop_first(link);
	port_captures_watch(port);
}

void port_captures_remove_all(struct swport *port)
{
	while (port->captures)
		drop_first(&port->captures);
	port_captures_watch(port);
}

/* --- Frames ------------------------------------------------------------- */

/* Those that want drops are told of each frame that comes in by the bridge,
 * with what becomes of it. */
static void on_fate(void *ctx, enum drop why, const struct wire *w,
		    uint64_t now)
{
	const struct swport *port = ctx;

	for (const struct port_capture *p = port->captures; p; p = p->next) {
		if (!p->capture->topo.conf.drops)
			continue;
		if (why == DROP_COUNT)
			capture_frames(p->capture->capture, p->interface,
				       CAPTURE_RX, w, 1, now);
		else
			capture_dropped(p->capture->capture, p->interface, why,
					w, 1, now);
	}
}

void port_captures_watch(const struct swport *port)
{
	const struct port_capture *p = port->captures;

	while (p && !p->capture->topo.conf.drops)
		p = p->next;
	if (port->in_bridge)
		bridge_port_watch(port->sw->bridge, port->topo->conf.number,
				  p ? on_fate : NULL);
}

void port_captures_rx(struct swport *port, const struct frame *frames,
		      unsigned n, uint64_t now)
{
	struct wire wires[FRAME_BURST];

	for (unsigned i = 0; i < n; i++)
		wire_whole(&wires[i], &frames[i]);
	for (const struct port_capture *p = port->captures; p; p = p->next)
		if (!p->capture->topo.conf.drops)
			capture_frames(p->capture->capture, p->interface,
				       CAPTURE_RX, wires, n, now);
}

void port_captures_drop(const struct swport *port, enum drop why,
			const struct wire *w, uint64_t now)
{
	for (const struct port_capture *p = port->captures; p; p = p->next)
		if (p->capture->topo.conf.drops)
			capture_dropped(p->capture->capture, p->interface, why,
					w, 1, now);
}

/* How many wires, from the first on, have had its fate. */
static unsigned alike(const enum drop *fates, unsigned n)
{
	unsigned count = 1;

	while (count < n && fates[count] == fates[0])
		count++;
	return count;
}

static void show_sent(const struct port_capture *p, const struct wire *wires,
		      const enum drop *fates, unsigned n, uint64_t now)
{
	struct capture *capture = p->capture->capture;

	for (unsigned i = 0, count; i < n; i += count) {
		count = alike(fates + i, n - i);
		if (fates[i] == DROP_COUNT)
			capture_frames(capture, p->interface, CAPTURE_TX,
				       wires + i, count, now);
		else
			capture_dropped(capture, p->interface, fates[i],
					wires + i, count, now);
	}
}

void port_captures_send(struct swport *port, const struct wire *wires,
			unsigned n, uint64_t now)
{
	enum drop fates[FRAME_BURST];

	io_fates(fates, n, DROP_COUNT);
	port->plug->class->send(port->plug, wires, n, now, fates);
	for (const struct port_capture *p = port->captures; p; p = p->next)
		show_sent(p, wires, fates, n, now);
}

void port_captures_lost(const struct swport *port, const struct wire *wires,
			const enum drop *fates, unsigned n, uint64_t now)
{
	for (const struct port_capture *p = port->captures; p; p = p->next) {
		for (unsigned i = 0; i < n; i++)
			if (fates[i] != DROP_COUNT)
				capture_dropped(p->capture->capture,
						p->interface, fates[i],
						&wires[i], 1, now);
	}
}
