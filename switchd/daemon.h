/* SPDX-License-Identifier: MIT */
/*
 * daemon: a lab with what is around it in a process: run-time directory,
 * helper, privileges, loop, signals, control socket.
 *
 *	SIGTERM, SIGINT		closes all and ends with 0; the second time at
 *				once (the helper still cleans up)
 *	SIGHUP			reads the file again and applies it
 *	SIGPIPE, SIGUSR1/2	ignored
 */
#ifndef LABSWITCH_SWITCHD_DAEMON_H
#define LABSWITCH_SWITCHD_DAEMON_H

#include <stdbool.h>

#include "plugs/io.h"
#include "switchd/filters.h"
#include "topo/topo.h"

struct daemon_conf {
	const char *file;    /* read again on SIGHUP; "-" never is */
	const char *run_dir; /* NULL: by the lab's name */
	char lab[TOPO_NAME_SIZE];
	const char *captures_dir; /* NULL: CAPTURES_DIR */
	struct filters *filters;  /* of the topology: those are taken over */
	bool strict;              /* a port that fails at start ends it all */
	enum io_level io;
	bool reniced; /* nice is given: the topology's is not */
	int nice;
	int ready_fd; /* of detach_fork(), or -1 */
};

/* Runs the lab (and takes the topology over) until it is told to end. Returns
 * the exit code: 0 or 1. */
int daemon_run(const struct daemon_conf *conf, struct topo *topo);

#endif
