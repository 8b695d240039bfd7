/* SPDX-License-Identifier: MIT */
#include "switchd/plan_diff.h"

#include <string.h>

static enum plan_diff worse(enum plan_diff a, enum plan_diff b)
{
	return a > b ? a : b;
}

/* Whom to tell, and in which map we are; NULL: in none of its own struct. */
struct teller {
	plan_diff_fn *each;
	void *ctx;
	const char *map;
};

/* NOLINTBEGIN(misc-no-recursion): as deep as tables are nested */

static enum plan_diff diff_table(const struct opt *rows, const void *from,
				 const void *to, const struct teller *teller);

/* One row and, for a map, the rows in it. */
static enum plan_diff diff_row(const struct opt *row, const void *from,
			       const void *to, const struct teller *teller)
{
	struct teller inside = *teller;

	if (row->type == &opt_map) {
		if (row->offset)
			inside.map = row->key;
		return diff_table(row->sub, opt_value(row, from),
				  opt_value(row, to), &inside);
	}
	if (opt_same(row, from, to))
		return DIFF_NONE;
	if (teller->each)
		teller->each(teller->ctx, teller->map, row, from, to);
	return row->flags & OPT_LIVE ? DIFF_LIVE : DIFF_RENEW;
}

static enum plan_diff diff_table(const struct opt *rows, const void *from,
				 const void *to, const struct teller *teller)
{
	enum plan_diff diff = DIFF_NONE;

	for (; rows->key; rows++)
		diff = worse(diff, diff_row(rows, from, to, teller));
	return diff;
}

/* NOLINTEND(misc-no-recursion) */

static enum plan_diff diff_rows(const struct opt *rows, const void *from,
				const void *to, plan_diff_fn *each, void *ctx)
{
	const struct teller teller = {each, ctx, NULL};

	return diff_table(rows, from, to, &teller);
}

/* What a port takes from its host, not from its own options. */
static bool differs_as_host(const struct topo_port *from,
			    const struct topo_port *to)
{
	return from->host && (strcmp(from->ifname, to->ifname) != 0 ||
			      !opt_equal(topo_host_rows, from->host, to->host));
}

enum plan_diff plan_diff_switch(const struct topo_switch *from,
				const struct topo_switch *to,
				plan_diff_fn *each, void *ctx)
{
	enum plan_diff diff =
		diff_rows(topo_switch_rows, &from->conf, &to->conf, each, ctx);

	/* vlan-aware: auto and vlan-protocol: auto follow the ports' words. */
	if (topo_vlan_aware(from) != topo_vlan_aware(to) ||
	    topo_is_provider(from) != topo_is_provider(to))
		diff = worse(diff, DIFF_LIVE);
	return diff;
}

enum plan_diff plan_diff_port(const struct topo_port *from,
			      const struct topo_port *to, plan_diff_fn *each,
			      void *ctx)
{
	const struct teller teller = {each, ctx, NULL};
	enum plan_diff diff;

	if (from->kind != to->kind || differs_as_host(from, to))
		return DIFF_RENEW;
	diff = diff_rows(topo_port_rows, &from->conf, &to->conf, each, ctx);
	if (from->kind->arg)
		diff = worse(diff, diff_row(from->kind->arg, from->kind_conf,
					    to->kind_conf, &teller));
	return worse(diff, diff_rows(from->kind->rows, from->kind_conf,
				     to->kind_conf, each, ctx));
}

/* Its ends are ports with their own numbers. */
static bool has_other_ends(const struct topo_link *from,
			   const struct topo_link *to)
{
	for (int i = 0; i < 2; i++) {
		if (strcmp(from->ends[i].sw->name, to->ends[i].sw->name) != 0 ||
		    from->ends[i].port->conf.number !=
			    to->ends[i].port->conf.number)
			return true;
	}
	return false;
}

enum plan_diff plan_diff_link(const struct topo_link *from,
			      const struct topo_link *to, plan_diff_fn *each,
			      void *ctx)
{
	if (has_other_ends(from, to))
		return DIFF_RENEW;
	return diff_rows(topo_link_rows, &from->conf, &to->conf, each, ctx);
}

enum plan_diff plan_diff_capture(const struct topo_capture *from,
				 const struct topo_capture *to,
				 plan_diff_fn *each, void *ctx)
{
	return diff_rows(topo_capture_rows, &from->conf, &to->conf, each, ctx);
}
