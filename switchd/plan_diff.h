/* SPDX-License-Identifier: MIT */
/*
 * plan_diff: how two things of a topology compare, row by row of their tables.
 */
#ifndef LABSWITCH_SWITCHD_PLAN_DIFF_H
#define LABSWITCH_SWITCHD_PLAN_DIFF_H

#include "topo/topo.h"

enum plan_diff {
	DIFF_NONE,
	DIFF_LIVE,  /* only rows that a running thing can take */
	DIFF_RENEW, /* anything else */
};

/* Called for each row that differs; NULL: nobody wants to know. map is the key
 * of the map that it is in, if that has a struct of its own, or NULL. */
typedef void plan_diff_fn(void *ctx, const char *map, const struct opt *row,
			  const void *from, const void *to);

enum plan_diff plan_diff_switch(const struct topo_switch *from,
				const struct topo_switch *to,
				plan_diff_fn *each, void *ctx);
enum plan_diff plan_diff_port(const struct topo_port *from,
			      const struct topo_port *to, plan_diff_fn *each,
			      void *ctx);

/* Of the same name; and captures to the same file. */
enum plan_diff plan_diff_link(const struct topo_link *from,
			      const struct topo_link *to, plan_diff_fn *each,
			      void *ctx);
enum plan_diff plan_diff_capture(const struct topo_capture *from,
				 const struct topo_capture *to,
				 plan_diff_fn *each, void *ctx);

#endif
