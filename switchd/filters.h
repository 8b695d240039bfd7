/* SPDX-License-Identifier: MIT */
/*
 * filters: those of a topology, of its captures and of what drops frames, as
 * programs.
 *
 * libpcap, which makes them, takes as long as it takes, so a child process does
 * it (filter_compile.h). Before there is a loop it is waited for. In the loop
 * nothing is: there one is compiled at a time, and whoever wants to know more
 * asks again when it is told to.
 *
 * What is kept is no more than what the topology that was checked last has.
 */
#ifndef LABSWITCH_SWITCHD_FILTERS_H
#define LABSWITCH_SWITCHD_FILTERS_H

#include <stdbool.h>
#include <uv.h>

#include "capture/filter.h"
#include "capture/filter_compile.h"
#include "topo/topo.h"

struct filters_entry;

/* Starts zeroed, but for what is before list. */
struct filters {
	uv_loop_t *loop; /* NULL: there is none, filters_check() waits */
	void (*wake)(void *ctx); /* ask again */
	void *ctx;
	struct filters_entry *list;
	struct filters_entry *busy; /* the one that is being compiled */
	struct filter_job job;
	uv_poll_t poll; /* of its descriptor */
};

/*
 * Whether all filters of topo are good. If not, errors has why, with their
 * places; or *wait is true (else false) and nothing is known yet.
 */
bool filters_check(struct filters *f, const struct topo *topo,
		   struct topo_errors *errors, bool *wait);

/* The program for a text of the topology that was checked last; else NULL. */
const struct filter *filters_find(const struct filters *f, const char *text);

/* wake() is not called any more; the loop has to run once more. */
void filters_done(struct filters *f);

#endif
