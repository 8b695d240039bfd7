/* SPDX-License-Identifier: MIT */
#include "switchd/plan.h"

#include <stdlib.h>

#include "switchd/plan_diff.h"

/* What takes the place of a switch, a port, a link or a capture; NULL: nothing,
 * or something so different that the old one has to go. */
static const struct topo_switch *heir_of_switch(const struct topo_switch *from,
						const struct topo *to)
{
	const struct topo_switch *heir = topo_find_switch(to, from->name);

	if (heir && plan_diff_switch(from, heir, NULL, NULL) != DIFF_RENEW)
		return heir;
	return NULL;
}

static const struct topo_port *heir_of_port(const struct topo_port *from,
					    const struct topo_switch *to)
{
	const struct topo_port *heir = topo_find_port(to, from->name);

	if (heir && plan_diff_port(from, heir, NULL, NULL) != DIFF_RENEW)
		return heir;
	return NULL;
}

/* A link goes with a switch at one of its ends. */
static const struct topo_link *heir_of_link(const struct topo_link *from,
					    const struct topo *to)
{
	const struct topo_link *heir = topo_find_link(to, from->conf.name);

	if (heir && heir_of_switch(from->ends[0].sw, to) &&
	    heir_of_switch(from->ends[1].sw, to) &&
	    plan_diff_link(from, heir, NULL, NULL) != DIFF_RENEW)
		return heir;
	return NULL;
}

static const struct topo_capture *
heir_of_capture(const struct topo_capture *from, const struct topo *to)
{
	const struct topo_capture *heir =
		topo_find_capture(to, from->conf.file);

	if (heir && plan_diff_capture(from, heir, NULL, NULL) != DIFF_RENEW)
		return heir;
	return NULL;
}

/* --- Making it ---------------------------------------------------------- */

static void add_step(struct plan *plan, struct plan_step step)
{
	/* Room grows at each power of two. */
	if ((plan->count & (plan->count - 1)) == 0) {
		size_t room = plan->count ? 2 * plan->count : 1;

		plan->steps = realloc(plan->steps, room * sizeof(*plan->steps));
		if (!plan->steps)
			abort();
	}
	plan->steps[plan->count++] = step;
}

static void remove_switch(struct plan *plan, const struct topo_switch *sw)
{
	for (size_t i = 0; i < sw->port_count; i++) {
		if (!sw->ports[i].link)
			add_step(plan, (struct plan_step){
					       .op = PLAN_REMOVE_PORT,
					       .sw_from = sw,
					       .port_from = &sw->ports[i]});
	}
	add_step(plan,
		 (struct plan_step){.op = PLAN_REMOVE_SWITCH, .sw_from = sw});
}

static void removals(struct plan *plan, const struct topo *from,
		     const struct topo *to)
{
	for (size_t i = 0; i < from->switch_count; i++) {
		const struct topo_switch *sw = &from->switches[i];
		const struct topo_switch *heir = heir_of_switch(sw, to);

		if (!heir) {
			remove_switch(plan, sw);
			continue;
		}
		for (size_t k = 0; k < sw->port_count; k++) {
			if (sw->ports[k].link ||
			    heir_of_port(&sw->ports[k], heir))
				continue;
			add_step(plan, (struct plan_step){
					       .op = PLAN_REMOVE_PORT,
					       .sw_from = sw,
					       .sw_to = heir,
					       .port_from = &sw->ports[k]});
		}
	}
}

static void change_ports(struct plan *plan, const struct topo_switch *from,
			 const struct topo_switch *to)
{
	for (size_t i = 0; i < from->port_count; i++) {
		const struct topo_port *port = &from->ports[i];
		const struct topo_port *heir = heir_of_port(port, to);

		if (port->link || !heir ||
		    plan_diff_port(port, heir, NULL, NULL) == DIFF_NONE)
			continue;
		add_step(plan, (struct plan_step){.op = PLAN_CHANGE_PORT,
						  .sw_from = from,
						  .sw_to = to,
						  .port_from = port,
						  .port_to = heir});
	}
}

static void changes(struct plan *plan, const struct topo *from,
		    const struct topo *to)
{
	for (size_t i = 0; i < from->switch_count; i++) {
		const struct topo_switch *sw = &from->switches[i];
		const struct topo_switch *heir = heir_of_switch(sw, to);

		if (!heir)
			continue;
		if (plan_diff_switch(sw, heir, NULL, NULL) != DIFF_NONE)
			add_step(plan,
				 (struct plan_step){.op = PLAN_CHANGE_SWITCH,
						    .sw_from = sw,
						    .sw_to = heir});
		change_ports(plan, sw, heir);
	}
}

static void additions(struct plan *plan, const struct topo *from,
		      const struct topo *to)
{
	for (size_t i = 0; i < to->switch_count; i++) {
		const struct topo_switch *sw = &to->switches[i];
		const struct topo_switch *old =
			topo_find_switch(from, sw->name);

		if (old && !heir_of_switch(old, to))
			old = NULL;
		if (!old)
			add_step(plan, (struct plan_step){.op = PLAN_ADD_SWITCH,
							  .sw_to = sw});
		for (size_t k = 0; k < sw->port_count; k++) {
			const struct topo_port *port = &sw->ports[k];
			const struct topo_port *was =
				old ? topo_find_port(old, port->name) : NULL;

			if (port->link || (was && heir_of_port(was, sw)))
				continue;
			add_step(plan, (struct plan_step){.op = PLAN_ADD_PORT,
							  .sw_from = old,
							  .sw_to = sw,
							  .port_to = port});
		}
	}
}

/* --- Links -------------------------------------------------------------- */

static void remove_links(struct plan *plan, const struct topo *from,
			 const struct topo *to)
{
	for (size_t i = 0; i < from->link_count; i++) {
		const struct topo_link *link = &from->links[i];

		if (!heir_of_link(link, to))
			add_step(plan,
				 (struct plan_step){.op = PLAN_REMOVE_LINK,
						    .link_from = link});
	}
}

static void change_links(struct plan *plan, const struct topo *from,
			 const struct topo *to)
{
	for (size_t i = 0; i < from->link_count; i++) {
		const struct topo_link *link = &from->links[i];
		const struct topo_link *heir = heir_of_link(link, to);

		if (heir && plan_diff_link(link, heir, NULL, NULL) != DIFF_NONE)
			add_step(plan,
				 (struct plan_step){.op = PLAN_CHANGE_LINK,
						    .link_from = link,
						    .link_to = heir});
	}
}

static void add_links(struct plan *plan, const struct topo *from,
		      const struct topo *to)
{
	for (size_t i = 0; i < to->link_count; i++) {
		const struct topo_link *link = &to->links[i];
		const struct topo_link *was =
			topo_find_link(from, link->conf.name);

		if (!was || !heir_of_link(was, to))
			add_step(plan, (struct plan_step){.op = PLAN_ADD_LINK,
							  .link_to = link});
	}
}

/* --- Captures ----------------------------------------------------------- */

static void remove_captures(struct plan *plan, const struct topo *from,
			    const struct topo *to)
{
	for (size_t i = 0; i < from->capture_count; i++) {
		const struct topo_capture *capture = &from->captures[i];

		if (!heir_of_capture(capture, to))
			add_step(plan,
				 (struct plan_step){.op = PLAN_REMOVE_CAPTURE,
						    .capture_from = capture});
	}
}

static void change_captures(struct plan *plan, const struct topo *from,
			    const struct topo *to)
{
	for (size_t i = 0; i < from->capture_count; i++) {
		const struct topo_capture *capture = &from->captures[i];
		const struct topo_capture *heir = heir_of_capture(capture, to);

		if (!heir ||
		    plan_diff_capture(capture, heir, NULL, NULL) == DIFF_NONE)
			continue;
		add_step(plan, (struct plan_step){.op = PLAN_CHANGE_CAPTURE,
						  .capture_from = capture,
						  .capture_to = heir});
	}
}

static void add_captures(struct plan *plan, const struct topo *from,
			 const struct topo *to)
{
	for (size_t i = 0; i < to->capture_count; i++) {
		const struct topo_capture *capture = &to->captures[i];
		const struct topo_capture *was =
			topo_find_capture(from, capture->conf.file);

		if (!was || !heir_of_capture(was, to))
			add_step(plan,
				 (struct plan_step){.op = PLAN_ADD_CAPTURE,
						    .capture_to = capture});
	}
}

void plan_make(const struct topo *from, const struct topo *to,
	       struct plan *plan)
{
	*plan = (struct plan){0};
	remove_captures(plan, from, to);
	remove_links(plan, from, to);
	removals(plan, from, to);
	changes(plan, from, to);
	change_links(plan, from, to);
	change_captures(plan, from, to);
	additions(plan, from, to);
	add_links(plan, from, to);
	add_captures(plan, from, to);
}

void plan_done(struct plan *plan)
{
	free(plan->steps);
	*plan = (struct plan){0};
}
