/* SPDX-License-Identifier: MIT */
#include "switchd/link.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/core/offload.h"
#include "switchd/lab.h"

struct link_plug {
	struct plug base;
	struct link_end *end; /* NULL: the link is no more */
};

static struct link_end *end_of(const struct plug *plug)
{
	return ((const struct link_plug *)plug)->end;
}

static void set_end(struct swport *port, struct link_end *end)
{
	((struct link_plug *)port->plug)->end = end;
}

static struct link_end *far_of(const struct link_end *end)
{
	return &end->link->ends[end == &end->link->ends[0]];
}

static bool is_down(const struct link *link)
{
	return link->ends[0].down && link->ends[1].down;
}

static bool err_down(const struct link *link, struct err *err)
{
	return err_set(err,
		       "the link is down: `switchctl link up %s` takes it up",
		       link->topo->conf.name);
}

static void take_out(struct links *links, const struct link *link)
{
	struct link **list = &links->list;

	while (*list != link)
		list = &(*list)->next;
	*list = link->next;
}

/* --- Rounds ------------------------------------------------------------- */

static void carry(struct cable *c, uint64_t now)
{
	struct plug *far = far_of(end_of(c->port->plug))->port->plug;
	struct line_burst burst;
	unsigned n = line_take(&c->line, now, &burst);

	for (unsigned i = 0; i < n; i++) {
		const struct frame *f = &burst.frames[i];

		counters_tx(&c->port->counters, offload_frames(&f->off, f->len),
			    offload_bytes(&f->off, f->len));
	}
	if (n > 0)
		far->host->rx(far, burst.frames, n, now);
	line_burst_done(&burst);
}

static void on_round(uv_idle_t *round);

static void make_ready(struct cable *c)
{
	struct link_end *end = end_of(c->port->plug);
	struct links *links = &end->link->lab->links;

	if (end->ready)
		return;
	end->ready = true;
	end->next = NULL;
	*links->ready_tail = end;
	links->ready_tail = &end->next;
	uv_idle_start(&links->round, on_round);
}

static struct link_end *take_ready(struct links *links)
{
	struct link_end *end = links->ready;

	if (!end)
		return NULL;
	links->ready = end->next;
	if (!links->ready)
		links->ready_tail = &links->ready;
	end->ready = false;
	return end;
}

static void on_round(uv_idle_t *round)
{
	struct links *links = round->data;
	uint64_t now = uv_hrtime(); /* CLOCK_MONOTONIC */
	struct link_end *end = take_ready(links);

	if (end) {
		carry(&end->out, now);
		cable_await(&end->out, now);
	}
	if (!links->ready)
		uv_idle_stop(round);
}

/* The end is about to go. */
static void forget_ready(struct links *links, const struct link_end *end)
{
	struct link_end **link = &links->ready;

	while (*link && *link != end)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = end->next;
	if (!*link)
		links->ready_tail = link;
}

/* --- The plugs at the ends ---------------------------------------------- */

static bool link_open(struct plug *plug, struct fdset *inherited,
		      struct err *err)
{
	struct link_end *end = end_of(plug);

	if (is_down(end->link))
		return err_down(end->link, err);
	end->up = true;
	plug->host->state(plug, true, NULL);
	return true;
}

/* Of frames that have been offered. */
static void lose(struct link_end *end, const struct wire *wires, unsigned n,
		 enum drop why, enum drop *fates)
{
	counters_drop(&end->port->counters, why,
		      offload_wires_frames(wires, n));
	io_fates(fates, n, why);
}

static void link_send(struct plug *plug, const struct wire *wires, unsigned n,
		      uint64_t now, enum drop *fates)
{
	struct link_end *end = end_of(plug);

	if (!far_of(end)->up) {
		lose(end, wires, n, DROP_TX_DOWN, fates);
	} else if (end->down) {
		lose(end, wires, n, DROP_TX_LINK_DOWN, fates);
	} else {
		line_push(&end->out.line, wires, n, now, fates);
		cable_await(&end->out, now);
	}
}

/* What was under way to or from here is lost. */
static void link_close(struct plug *plug)
{
	struct link_end *end = end_of(plug);

	end->up = false;
	cable_empty(&end->out, DROP_TX_CLOSED);
	cable_empty(&far_of(end)->out, DROP_TX_CLOSED);
	plug->host->closed(plug);
}

static void link_attach(const struct plug *plug, char *buf, size_t size)
{
	if (size > 0)
		buf[0] = '\0';
}

static size_t link_held(const struct plug *plug)
{
	const struct link_end *end = end_of(plug);

	return end ? end->out.line.queue.frames : 0;
}

const struct plug_class link_class = {
	.size = sizeof(struct link_plug),
	.open = link_open,
	.send = link_send,
	.close = link_close,
	.attach = link_attach,
	.held = link_held,
};

/* --- Links -------------------------------------------------------------- */

/* From which end. */
static const struct cable_class classes[] = {
	{.name = "forth", .salt = 0, .carry = carry, .ready = make_ready},
	{.name = "back", .salt = 1, .carry = carry, .ready = make_ready},
};

void links_init(struct lab *lab)
{
	struct links *links = &lab->links;

	links->list = NULL;
	links->ready = NULL;
	links->ready_tail = &links->ready;
	uv_idle_init(lab->loop, &links->round);
	links->round.data = links;
}

void links_done(struct lab *lab)
{
	assert(!lab->links.list);
	uv_close((uv_handle_t *)&lab->links.round, NULL);
}

static void add_end(struct link *link, int i)
{
	const struct topo_port *topo = link->topo->ends[i].port;
	struct lab_switch *sw =
		lab_find_switch(link->lab, link->topo->ends[i].sw->name);
	struct link_end *end = &link->ends[i];

	end->link = link;
	end->port = lab_add_port(sw, topo);
	set_end(end->port, end);
	cable_init(&end->out, &classes[i], end->port);
}

void link_add(struct lab *lab, const struct topo_link *topo)
{
	struct link *link = calloc(1, sizeof(*link));

	if (!link)
		abort();
	link->lab = lab;
	link->topo = topo;
	add_end(link, 0);
	add_end(link, 1);
	link->next = lab->links.list;
	lab->links.list = link;
}

void link_remove(struct link *link)
{
	struct links *links = &link->lab->links;

	for (int i = 0; i < 2; i++)
		swport_remove(link->ends[i].port);
	for (int i = 0; i < 2; i++) {
		forget_ready(links, &link->ends[i]);
		set_end(link->ends[i].port, NULL);
		cable_done(&link->ends[i].out);
	}
	take_out(links, link);
	free(link);
}

static void follow(struct link *link, const struct topo_link *topo)
{
	link->topo = topo;
	cable_follow(&link->ends[0].out, &topo->conf.forth);
	cable_follow(&link->ends[1].out, &topo->conf.back);
}

void links_follow(struct lab *lab, const struct topo *topo)
{
	struct link *ordered = NULL, **tail = &ordered;

	for (size_t i = 0; i < topo->link_count; i++) {
		struct link *link = link_find(lab, topo->links[i].conf.name);

		follow(link, &topo->links[i]);
		take_out(&lab->links, link);
		link->next = NULL;
		*tail = link;
		tail = &link->next;
	}
	lab->links.list = ordered;
}

struct link *link_find(const struct lab *lab, const char *name)
{
	struct link *link = lab->links.list;

	while (link && strcmp(link->topo->conf.name, name) != 0)
		link = link->next;
	return link;
}

const struct swport *link_far(const struct swport *port, bool *down)
{
	const struct link_end *end;

	if (port->plug->class != &link_class || port->removing)
		return NULL;
	end = end_of(port->plug);
	*down = end->down;
	return far_of(end)->port;
}

struct cable *link_cable(const struct swport *port)
{
	if (port->plug->class != &link_class || port->removing)
		return NULL;
	return &end_of(port->plug)->out;
}

/* --- Down and up -------------------------------------------------------- */

bool link_carries(const struct link *link, int end)
{
	return link->ends[0].up && link->ends[1].up && !link->ends[end].down;
}

static void take_down(struct link_end *end)
{
	struct plug *plug = end->port->plug;
	struct err reason = {.errnum = 0};

	(void)err_down(end->link, &reason);
	if (end->up)
		plug->host->state(plug, false, &reason);
}

/* What its port's state does not tell. */
static void tell(struct link_end *end)
{
	struct plug *plug = end->port->plug;
	bool down = end->down;

	if (end->up && down != end->told_down)
		plug->host->event(plug, down ? "what leaves here is lost: the "
					       "link is down this way"
					     : "what leaves here arrives "
					       "again");
	end->told_down = down;
}

static void set_down(struct link_end *end, bool down)
{
	end->down = down;
	if (down)
		cable_empty(&end->out, DROP_TX_LINK_DOWN);
}

void link_set(struct link *link, bool forth, bool back, bool down)
{
	bool up;

	if (forth)
		set_down(&link->ends[0], down);
	if (back)
		set_down(&link->ends[1], down);
	up = !is_down(link);
	for (int i = 0; i < 2; i++) {
		struct link_end *end = &link->ends[i];

		if (!up)
			take_down(end);
		tell(end);
		if (up && end->port->state == SWPORT_DOWN)
			swport_retry(end->port);
	}
}
