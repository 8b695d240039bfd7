/* SPDX-License-Identifier: MIT */
#include "switchd/plan.h"

struct numbers {
	bool used[TOPO_PORTS_MAX + 1]; /* by the new topology */
	bool taken[TOPO_PORTS_MAX + 1];
};

static bool is_free(const struct numbers *numbers, unsigned number)
{
	return !numbers->used[number] && !numbers->taken[number];
}

/* From 1: a VDE client that asks for 0 means any. */
static uint16_t lowest(const struct numbers *numbers)
{
	uint16_t number = 1;

	while (number <= TOPO_PORTS_MAX && !is_free(numbers, number))
		number++;
	if (number <= TOPO_PORTS_MAX)
		return number;
	number = 1;
	while (numbers->used[number])
		number++;
	return number;
}

/* The number that a port without a written one has now, or -1. */
static int number_now(const struct topo_port *port,
		      const struct topo_switch *from)
{
	const struct topo_port *was =
		from ? topo_find_port(from, port->name) : NULL;

	return was && !was->conf.numbered ? was->conf.number : -1;
}

static void number_ports(const struct topo_switch *from, struct topo_switch *to,
			 struct numbers *numbers)
{
	bool settled[TOPO_PORTS_MAX] = {false};

	for (size_t i = 0; i < to->port_count; i++) {
		struct topo_port *port = &to->ports[i];

		settled[i] = port->conf.numbered;
		if (settled[i])
			numbers->used[port->conf.number] = true;
	}
	for (size_t i = 0; i < to->port_count; i++) {
		struct topo_port *port = &to->ports[i];
		int now = settled[i] ? -1 : number_now(port, from);

		if (now < 0 || numbers->used[now])
			continue;
		settled[i] = numbers->used[now] = true;
		port->conf.number = (uint16_t)now;
	}
	for (size_t i = 0; i < to->port_count; i++) {
		struct topo_port *port = &to->ports[i];

		if (settled[i])
			continue;
		if (!is_free(numbers, port->conf.number))
			port->conf.number = lowest(numbers);
		numbers->used[port->conf.number] = true;
	}
}

void plan_keep_numbers(const struct topo *from, struct topo *to,
		       plan_taken_fn *taken, void *ctx)
{
	for (size_t i = 0; i < to->switch_count; i++) {
		struct topo_switch *sw = &to->switches[i];
		struct numbers numbers = {{false}, {false}};

		if (taken)
			taken(ctx, sw, numbers.taken);
		number_ports(topo_find_switch(from, sw->name), sw, &numbers);
	}
}
