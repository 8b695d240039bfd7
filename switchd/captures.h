/* SPDX-License-Identifier: MIT */
/*
 * captures: what is being captured in a running lab.
 *
 *	of the file	follows the topology: steps of a plan (plan.h) add,
 *			change and remove it
 *	live		begun by a client of the control socket, to a descriptor
 *			that came with the request; ends with the connection
 *
 *	WAITING --> RUNNING --> STOPPING --> STOPPED
 *	     \           \                     ^
 *	      `-----------`--------------------' cannot, or by itself
 *
 * One of the file waits while another ends, because that may still be writing
 * to the file that it wants. One that has stopped stays in the list, where it
 * says why, until it is removed; the next topology that is applied begins it
 * anew. So a file that is refused costs its capture and nothing else.
 *
 * Which ports a capture takes is asked whenever a port comes, so ports that are
 * renewed, and those of clients, go on in it under their names.
 */
#ifndef LABSWITCH_SWITCHD_CAPTURES_H
#define LABSWITCH_SWITCHD_CAPTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/capture.h"
#include "capture/filter.h"
#include "switchd/core/err.h"
#include "switchd/filters.h"
#include "switchd/port_captures.h"
#include "topo/topo.h"

#define CAPTURES_LIVE_MAX 64
#define CAPTURES_DIR      "captures" /* below the working directory */

struct lab;
struct swport;

enum captures_state {
	CAPTURES_WAITING,
	CAPTURES_RUNNING,
	CAPTURES_STOPPING,
	CAPTURES_STOPPED,
	CAPTURES_STATE_COUNT
};

struct lab_capture {
	struct lab *lab;
	struct lab_capture *next; /* younger */
	unsigned id;              /* never that of another one, from 1 */
	struct topo_capture topo; /* its file is empty if it is live */
	struct filter filter;     /* of one of the file */
	const void *owner;        /* of a live one; NULL: of the file */
	bool removed;             /* freed as soon as it has stopped */
	enum captures_state state;
	struct err reason;       /* STOPPED: why; empty text: it was asked to */
	uint64_t stop_ns;        /* when it was asked to; 0: never */
	struct capture *capture; /* while RUNNING and STOPPING */
	struct capture_stats stats; /* of the time before */
	unsigned port_count;
	uint64_t told_dropped; /* of stats, as last told */
};

/* Starts zeroed. */
struct captures {
	const char *dir; /* of files; NULL: CAPTURES_DIR */
	struct filters filters;
	int dir_fd; /* 0: not opened yet */
	struct lab_capture *list;
	unsigned last_id;
};

/* "waiting", "running", "stopping", "stopped" */
const char *captures_state_name(enum captures_state state);

/* Opens the directory of files, which is made (0700) if it is not there. */
bool captures_open_dir(struct captures *captures, struct err *err);

/* All of them have been removed, some may still be stopping. */
void captures_done(struct captures *captures);

/* --- Of the file, for lab.c --------------------------------------------- */

/* Adds one that waits for captures_begin(). The model is copied. */
void captures_add(struct lab *lab, const struct topo_capture *topo);

/* Ends and removes the capture to this file. */
void captures_remove(struct lab *lab, const struct topo_capture *topo);

/* Gives the capture to this file, which goes on, the ports of `topo`: no other
 * option differs. */
void captures_change(struct lab *lab, const struct topo_capture *topo);

/* Begins those that wait, and anew those that have stopped. What cannot be is
 * logged and told. */
void captures_begin(struct lab *lab);

/* How many of the file have stopped. */
size_t captures_not_running(const struct lab *lab);

/* --- Ports -------------------------------------------------------------- */

/* The port is in the lab from now on. */
void captures_take_port(struct lab *lab, struct swport *port);

/* --- Live, and for commands --------------------------------------------- */

/*
 * Begins a live capture to fd, which is taken over, of topo->conf; filter is
 * that of its text, or NULL. owner is whoever's end ends it. NULL and err on
 * failure.
 */
struct lab_capture *captures_start(struct lab *lab,
				   const struct topo_capture *topo,
				   const struct filter *filter, int fd,
				   const void *owner, struct err *err);

/* Asks it to end; nothing if it has. */
void captures_stop(struct lab_capture *c);

/* Whether somebody has live captures; and their end. */
bool captures_owned(const struct lab *lab, const void *owner);
void captures_disown(struct lab *lab, const void *owner);

/* By its file. NULL: there is none. */
struct lab_capture *captures_find(const struct lab *lab, const char *file);

/* What it has done until now. */
struct capture_stats captures_stats(const struct lab_capture *c);

/* Tells of what the captures have lost since the last time. */
void captures_tick(struct lab *lab);

#endif
