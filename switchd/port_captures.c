/* SPDX-License-Identifier: MIT */
#include "switchd/port_captures.h"

#include <stdlib.h>

#include "capture/capture.h"
#include "switchd/captures.h"
#include "switchd/swport.h"

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
}

void port_captures_remove_all(struct swport *port)
{
	while (port->captures)
		drop_first(&port->captures);
}

/* --- Frames ------------------------------------------------------------- */

static void show(struct swport *port, enum capture_direction direction,
		 const struct wire *wires, unsigned n, uint64_t now)
{
	for (const struct port_capture *p = port->captures; p; p = p->next)
		capture_frames(p->capture->capture, p->interface, direction,
			       wires, n, now);
}

void port_captures_rx(struct swport *port, const struct frame *frames,
		      unsigned n, uint64_t now)
{
	struct wire wires[FRAME_BURST];

	for (unsigned i = 0; i < n; i++)
		wire_whole(&wires[i], &frames[i]);
	show(port, CAPTURE_RX, wires, n, now);
}

void port_captures_send(struct swport *port, const struct wire *wires,
			unsigned n, uint64_t now)
{
	port->plug->class->send(port->plug, wires, n, now);
	show(port, CAPTURE_TX, wires, n, now);
}
