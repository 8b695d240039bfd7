/* SPDX-License-Identifier: MIT */
/*
 * rundir: the directory of a running lab: its control socket, its lock, and
 * the VDE directories of its switches.
 *
 *	/run/labswitch/NAME		root
 *	$XDG_RUNTIME_DIR/labswitch/NAME	others
 *	/tmp/labswitch-UID/NAME		without XDG_RUNTIME_DIR
 *
 *	NAME/lock	the daemon's pid, locked (flock) while the lab runs
 *	NAME/control	the control socket
 *	NAME/SWITCH/	VDE sockets
 *
 * Made 0700. A directory that is a symbolic link, belongs to somebody else or
 * can be written by others is refused. The lock is shared with the helper
 * process, so it is held until the helper, too, has cleaned up: a daemon that
 * follows a killed one waits for that.
 */
#ifndef LABSWITCH_SWITCHD_RUNDIR_H
#define LABSWITCH_SWITCHD_RUNDIR_H

#include <stdbool.h>
#include <stddef.h>

#include "plugs/priv.h"
#include "plugs/vde_dir.h"
#include "switchd/core/err.h"

#define RUNDIR_PATH_SIZE (VDE_DIR_PATH_MAX + 1)
#define RUNDIR_CONTROL   "control"
#define RUNDIR_LOCK      "lock"

struct rundir {
	char path[RUNDIR_PATH_SIZE]; /* absolute */
	char root[RUNDIR_PATH_SIZE]; /* above it; "" if DIR was given */
	int lock_fd;
	bool ours; /* not a directory that the user made: it goes at the end */
};

/*
 * Makes and locks the directory of `lab`, or `given` (not NULL) in its place.
 * name_len_max is the length of the longest name that must fit below it.
 * A lock that is held is tried for a second; then err names the lab's pid.
 */
bool rundir_open(struct rundir *dir, const char *lab, const char *given,
		 size_t name_len_max, struct err *err);

/* Writes the calling process's pid for others to see. */
bool rundir_write_pid(const struct rundir *dir, struct err *err);

/* Has all that rundir_close() removes removed if the process is killed. */
void rundir_keep(const struct rundir *dir, const struct priv *priv);

/*
 * Removes what is in it by name (control, lock), then it and the directory of
 * all labs, unless they are the user's own or not empty; and unlocks. Removes
 * nothing if the helper has done so already.
 */
void rundir_close(struct rundir *dir);

/* "DIR/name"; buf has room for RUNDIR_PATH_SIZE + 33. Returns buf. */
#define RUNDIR_FILE_SIZE (RUNDIR_PATH_SIZE + 33)
const char *rundir_file(const char *dir, const char *name,
			char buf[RUNDIR_FILE_SIZE]);

/*
 * Finds the directory of a running lab by name; a name with a '/' in it is
 * the directory itself. err if no such lab answers on its control socket.
 */
bool rundir_find(const char *lab, char path[RUNDIR_PATH_SIZE], struct err *err);

/* Calls back for each running lab that the caller could have started. */
typedef void rundir_list_fn(void *ctx, const char *lab, const char *path);
void rundir_list(rundir_list_fn *each, void *ctx);

#endif
