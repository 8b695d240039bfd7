/* SPDX-License-Identifier: MIT */
/*
 * lab: what runs: switches with their bridges and ports, in one loop.
 *
 * A lab begins empty; lab_apply() with the first topology starts it, with a
 * later one changes it, and the empty one ends it: start is the first reload
 * (plan.h).
 */
#ifndef LABSWITCH_SWITCHD_LAB_H
#define LABSWITCH_SWITCHD_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "plugs/plug.h"
#include "plugs/vde_dir.h"
#include "switchd/captures.h"
#include "switchd/core/bridge.h"
#include "switchd/deadlines.h"
#include "switchd/events.h"
#include "switchd/link.h"
#include "switchd/log.h"
#include "switchd/nats.h"
#include "switchd/plan.h"
#include "switchd/spanning.h"
#include "switchd/swport.h"
#include "topo/topo.h"

struct lab;

struct lab_switch {
	struct lab *lab;
	const struct topo_switch *topo; /* name, mode, options */
	struct bridge *bridge;
	struct spanning spanning;
	struct plug_env env;   /* env.vde: NULL if it could not be made */
	struct err vde_reason; /* then why */
	struct log_limit notes;
	struct log_limit events; /* of all dynamic ports: each is new */
	struct swport **ports;   /* by number, ascending */
	size_t port_count;
	struct topo_switch own;  /* what topo points to once it is removed */
	struct sw_pause *pause;  /* NULL: it is not paused (sw_pause.h) */
	struct lab_switch *next; /* in the order of the file */
};

struct lab {
	char name[TOPO_NAME_SIZE];
	char run_dir[VDE_DIR_PATH_MAX + 1]; /* ".../labswitch/NAME" */
	uv_loop_t *loop;
	struct io_engine *io;
	const struct priv *priv;
	const char *nat_program;        /* NULL: the one installed (plug.h) */
	struct topo *topo;              /* what is wanted now */
	char *taken;                    /* the text of that as it was taken */
	char file_name[TOPO_NAME_SIZE]; /* the name in the file of that */
	struct lab_switch *switches;
	struct lab_switch *leaving;  /* removed, but with ports still closing */
	size_t closing;              /* ports that are: nothing new is opened
				      * before they have let go of what they had */
	uint64_t started;            /* CLOCK_MONOTONIC in ns, by lab_init() */
	uv_timer_t age;              /* ticks once a second */
	struct deadlines *deadlines; /* of all that is due sooner than that */
	struct events events;        /* told to those who watch */
	struct nats nats;            /* what outlives NAT ports */
	struct links links;
	struct captures captures;
	void (*stop)(struct lab *lab); /* asks the daemon to end */
	void (*wake)(struct lab *lab); /* what some wait for has happened; NULL:
					* nobody waits */
	void *ctx;                     /* the daemon's own */
};

/* Prepares an empty lab; the fields up to priv are set by the caller. */
void lab_init(struct lab *lab);

/*
 * Whether topo is meant for this lab: it has no name, the lab's, or the one
 * that the last file had (switchd -l may have given the lab another).
 */
bool lab_may_apply(const struct lab *lab, const struct topo *topo,
		   struct err *err);

/* What lab_apply() would do. The plan borrows from topo, which gets its
 * numbers, and from the lab as it is now. */
void lab_plan(struct lab *lab, struct topo *topo, struct plan *plan);

/*
 * Makes the lab what topo says (which it takes over). Ports that cannot be
 * opened stay as DOWN with a reason. If the plan removes ports, those that it
 * adds are opened when these are closed, in a later round of the loop.
 * Returns lab_not_up().
 */
size_t lab_apply(struct lab *lab, struct topo *topo);

/* How many of the topology's ports are neither up nor on their way, switches
 * without their VDE directory included; and how many are on their way. */
size_t lab_not_up(const struct lab *lab);
size_t lab_opening(const struct lab *lab);

/* All ports are gone and nothing of the lab is left in the loop after it has
 * run; the empty topology has been applied. */
void lab_done(struct lab *lab);

struct lab_switch *lab_find_switch(const struct lab *lab, const char *name);

/*
 * Finds "SWITCH.PORT", or just "PORT" if only one switch has one of that
 * name; dynamic ports are "SWITCH.#N". NULL and err if there is none or more
 * than one.
 */
struct swport *lab_find_port(const struct lab *lab, const char *name,
			     struct err *err);

/* The port of sw with this number, or NULL. */
struct swport *lab_port_numbered(const struct lab_switch *sw, uint16_t number);

/* The port of sw with this name, not "SWITCH.PORT", or NULL. */
struct swport *lab_port_named(const struct lab_switch *sw, const char *name);

/* Makes a running switch what topo says; its ports are changed by themselves
 * (swport_change()). */
void lab_change_switch(struct lab_switch *sw, const struct topo_switch *topo);

/* Makes a port of the topology, which lab_apply() opens. */
struct swport *lab_add_port(struct lab_switch *sw,
			    const struct topo_port *topo);

/* Puts a new port into the list of sw, and into captures. */
void lab_insert_port(struct lab_switch *sw, struct swport *port);

/* Whether it is removed, but has ports that are still closing. */
static inline bool lab_is_leaving(const struct lab_switch *sw)
{
	return sw->topo == &sw->own;
}

/* Called by swport when a port is closed and about to be freed. */
void lab_port_gone(struct lab_switch *sw, struct swport *port);

/* --- lab_vde.c ---------------------------------------------------------- */

/* A switch that nobody can join by VDE needs no directory. */
bool lab_wants_vde(const struct topo_switch *sw);

/* Makes the directory, if there is to be one and it is not there. One in use,
 * say, is tried again each second and logged once. */
void lab_open_vde(struct lab_switch *sw);

#endif
