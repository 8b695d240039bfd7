/* SPDX-License-Identifier: MIT */
#include "switchd/port_captures.h"

#include <stdlib.h>

#include "capture/capture.h"
#include "switchd/captures.h"
#include "switchd/swport.h"

/* --- Which -------------------------------------------------------------- */

static struct port_capture *find(const struct swport *port,
				 const struct lab_capture *capture)
{
	struct port_capture *p;

	LIST_FOREACH(p, &port->captures, of_port)
	if (p->capture == capture)
		break;
	return p;
}

bool port_captures_add(struct swport *port, struct lab_capture *capture,
		       struct err *err)
{
	char name[SWPORT_NAME_SIZE];
	struct port_capture *p;
	unsigned interface;

	if (find(port, capture))
		return true;
	if (!capture_add(capture->capture, swport_full_name(port, name),
			 &interface, err))
		return false;
	p = malloc(sizeof(*p));
	if (!p)
		abort();
	*p = (struct port_capture){
		.capture = capture, .port = port, .interface = interface};
	LIST_INSERT_HEAD(&port->captures, p, of_port);
	LIST_INSERT_HEAD(&capture->ports, p, of_capture);
	capture->port_count++;
	return true;
}

static void drop(struct port_capture *p)
{
	LIST_REMOVE(p, of_port);
	LIST_REMOVE(p, of_capture);
	p->capture->port_count--;
	free(p);
}

void port_captures_remove(struct swport *port, struct lab_capture *capture)
{
	struct port_capture *p = find(port, capture);

	if (p)
		drop(p);
}

void port_captures_remove_all(struct swport *port)
{
	while (!LIST_EMPTY(&port->captures))
		drop(LIST_FIRST(&port->captures));
}

void port_captures_end(struct lab_capture *capture)
{
	while (!LIST_EMPTY(&capture->ports))
		drop(LIST_FIRST(&capture->ports));
}

/* --- Frames ------------------------------------------------------------- */

static void show(struct swport *port, enum capture_direction direction,
		 const struct wire *wires, unsigned n, uint64_t now)
{
	struct port_capture *p;

	LIST_FOREACH(p, &port->captures, of_port)
	capture_frames(p->capture->capture, p->interface, direction, wires, n,
		       now);
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
