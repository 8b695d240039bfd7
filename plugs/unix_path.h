/* SPDX-License-Identifier: MIT */
/*
 * unix_path: sockets that are files, at a path that the topology names.
 *
 * Who was killed leaves the file behind, and it is in the way for ever. So one
 * that belongs to us and refuses a connection is replaced. Looking and
 * replacing is done under a lock, PATH.lock, that exists only meanwhile: of
 * two daemons that start at once the second finds the first alive. Nothing
 * else is ever removed: no file that is not a socket, no socket of another
 * user, none that answers.
 *
 * The mode comes from the umask in force when the socket is bound, since
 * chmod() on a path could be made to hit another file.
 */
#ifndef LABSWITCH_PLUGS_UNIX_PATH_H
#define LABSWITCH_PLUGS_UNIX_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

#include "plugs/priv.h"
#include "switchd/core/err.h"
#include "topo/opt.h"

#define UNIX_PATH_SIZE sizeof(((struct sockaddr_un *)0)->sun_path)

/* As a value of an option: absolute, all bytes count. */
struct unix_path {
	char text[UNIX_PATH_SIZE];
};

/* Who may open a socket of ours; all zero: only we and root. */
struct unix_access {
	uint32_t mode; /* 0: 0600 */
	char group[33];
};

/* Reads a path; the message goes on after the key. */
bool unix_path_parse(struct unix_path *path, const char *text, struct err *err);

/*
 * Makes a socket of that type, non-blocking, bound to the path; one of type
 * SOCK_STREAM listens, one of SOCK_DGRAM is deaf yet (deaf.h). Returns it, or
 * -1 and err with what to do about it.
 */
int unix_path_bind(const struct unix_path *path, int type,
		   const struct unix_access *access, const struct priv *priv,
		   struct err *err);

/* Removes the file of unix_path_bind(), before its socket is closed. */
void unix_path_unbind(const struct unix_path *path, const struct priv *priv);

/*
 * Connects a socket to the one at the path, whoever it belongs to. Symbolic
 * links in the last place are not followed. err->errnum is ENOENT or
 * ECONNREFUSED if there is nobody, yet.
 */
bool unix_path_connect(const struct unix_path *path, int sock,
		       const struct priv *priv, struct err *err);

#endif
