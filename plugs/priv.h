/* SPDX-License-Identifier: MIT */
/*
 * priv: the few things that need privileges.
 *
 * The forwarding process has none. What it cannot do itself it asks for
 * through this table; in the daemon each call is a message to the helper
 * process, in tests it may be made directly (priv_local). Calls block for as
 * long as the kernel needs for them, at most a few milliseconds.
 *
 * The helper is no deputy of clients: which TAPs, namespaces, groups and
 * directories it touches comes from the topology alone. The one thing that a
 * VDE client names, the path of its data socket, is checked against the uid
 * of the client's own process (priv_connect).
 */
#ifndef LABSWITCH_PLUGS_PRIV_H
#define LABSWITCH_PLUGS_PRIV_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "switchd/core/err.h"
#include "switchd/core/mac.h"

struct tap_request {
	char ifname[16];
	/* "" the caller's; "NAME" as in `ip netns`; "/path"; "pid N" */
	char netns[108];
	char owner[33]; /* user name or uid, "" = not set */
	char group[33]; /* group name or gid, "" = not set */
	uint32_t mtu;   /* 0: leave it */
	struct mac mac; /* zero: leave it */
	bool up;        /* set the interface up if we made it */
};

struct priv_ops {
	/*
	 * Creates or adopts a TAP with IFF_NO_PI and IFF_VNET_HDR (12-byte
	 * header), offloads off, non-blocking. Returns the descriptor, or -1
	 * and err with what to do about it. *made tells whether the interface
	 * is new (it then vanishes with the descriptor).
	 */
	int (*tap_open)(void *ctx, const struct tap_request *req, bool *made,
			struct err *err);
	/*
	 * Connects the datagram socket `sock` to the socket file at path, if
	 * that is a socket that belongs to uid: opened O_PATH|O_NOFOLLOW,
	 * checked by fstat, reached through /proc/self/fd, so that no rename
	 * or symbolic link in between can redirect it.
	 */
	bool (*connect)(void *ctx, int sock, const char *path, uid_t uid,
			struct err *err);
	/* Gives the file or directory to a group (name or number). */
	bool (*chgrp)(void *ctx, const char *path, const char *group,
		      struct err *err);
	/*
	 * Remembers a file, socket or empty directory that is to go when this
	 * process ends, however it ends; or forgets it. Removal is in the
	 * reverse order. Best effort: no error.
	 */
	void (*keep)(void *ctx, const char *path);
	void (*forget)(void *ctx, const char *path);
};

struct priv {
	const struct priv_ops *ops;
	void *ctx;
};

/* Does it all in the calling process; keep and forget do nothing. */
extern const struct priv_ops priv_local;

#endif
