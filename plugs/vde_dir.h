/* SPDX-License-Identifier: MIT */
/*
 * vde_dir: the directory of VDE sockets of one switch.
 *
 *	DIR/ctl		stream: joins by number, or anonymous
 *	DIR/PORT	stream: joins port PORT, one for each open vde port;
 *			libvdeplug tries it first for DIR[PORT]
 *	DIR/001.7	datagram: our end of a client of port 1
 *	DIR/.lock	held (flock) as long as the directory is ours
 *
 * A join goes: accept, request within 2 s, owner check, connect our datagram
 * socket to the client's, hand over to the port's plug, reply. Each step that
 * fails closes the connection at once: clients have no time-out.
 *
 * The data socket that a client names must belong to the uid of the process
 * that connected to ctl, else it could make the switch inject frames into
 * anybody's socket (priv.h). Abstract addresses have no owner: they are taken
 * only from root or the daemon's own uid.
 *
 * Limits: 1024 connections of a directory, 64 of a user other than root and
 * ourselves (vde_quota.h); 64 that have not yet joined, of which a new one
 * pushes out the oldest; 2 s for the request.
 */
#ifndef LABSWITCH_PLUGS_VDE_DIR_H
#define LABSWITCH_PLUGS_VDE_DIR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "plugs/plug.h"
#include "plugs/priv.h"
#include "plugs/vde_proto.h"
#include "switchd/core/err.h"

#define VDE_DIR_PATH_MAX    90 /* so that a socket's path has room below it */
#define VDE_DIR_PENDING_MAX 64
#define VDE_DIR_DEADLINE_MS 2000

struct vde_dir_conf {
	char path[VDE_PATH_SIZE]; /* absolute, at most VDE_DIR_PATH_MAX */
	/* Of the sockets, e.g. 0660, 0: 0600; the directory follows. */
	uint32_t mode;
	char group[33]; /* or "" */
};

/*
 * A client asked for a port through ctl: returns the vde plug it belongs to,
 * which must be UP, or NULL to refuse. The callback may make a new port.
 */
typedef struct plug *vde_route_fn(void *ctx, const struct vde_request *req);

/* One rate-limited line for the log: "refused: ...". */
typedef void vde_note_fn(void *ctx, const char *text);

struct vde_dir;

/*
 * Makes the directory (or takes an existing one), locks it, removes what a
 * dead switch left, and listens on ctl. env is copied; its vde member is set
 * by the caller afterwards. NULL and err on failure: in use by another daemon
 * (with its pid), owned by another user, path too long, ...
 */
struct vde_dir *vde_dir_new(const struct vde_dir_conf *conf,
			    const struct plug_env *env, vde_route_fn *route,
			    vde_note_fn *note, void *ctx, struct err *err);

/*
 * Closes and unlinks. All plugs of it must be DOWN. The memory is freed by
 * the loop later. NULL is allowed.
 */
void vde_dir_close(struct vde_dir *dir);

const char *vde_dir_path(const struct vde_dir *dir);

/* --- For plug_vde ------------------------------------------------------ */

struct vde_listener;

/*
 * Listens on DIR/NAME for clients of this plug, until vde_dir_unlisten(),
 * which also ends the joins that are under way there (NULL is allowed).
 */
struct vde_listener *vde_dir_listen(struct vde_dir *dir, struct plug *plug,
				    struct err *err);
void vde_dir_unlisten(struct vde_listener *listener);

/* A client's connection: it lasts as long as the ctl stream. */
struct vde_session {
	int ctl;
	int data; /* ours, connected to the client's; -1: somebody else's now */
	uid_t uid;
	pid_t pid;
	char path[VDE_PATH_SIZE]; /* of data; "": not bound */
	struct vde_request req;
};

/* Binds data to a path of its own, for the port of this number. */
bool vde_dir_bind(struct vde_dir *dir, struct vde_session *s, uint16_t number,
		  struct err *err);

/*
 * Ends a session: closes what is open and unlinks our socket; of a client that
 * has joined also its own, if that is in the directory.
 */
void vde_dir_end(struct vde_dir *dir, struct vde_session *s);

#endif
