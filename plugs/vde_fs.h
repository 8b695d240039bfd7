/* SPDX-License-Identifier: MIT */
/*
 * vde_fs: a VDE directory as files: who owns it, the lock, the sockets in it.
 */
#ifndef LABSWITCH_PLUGS_VDE_FS_H
#define LABSWITCH_PLUGS_VDE_FS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "plugs/priv.h"
#include "plugs/vde_dir.h"
#include "plugs/vde_proto.h"
#include "switchd/core/err.h"

struct vde_fs {
	char path[VDE_DIR_PATH_MAX + 1];
	mode_t mode; /* of the sockets, as written */
	char group[33];
	const struct priv *priv;
	int lock;  /* DIR/.lock, or -1 */
	bool ours; /* a switch of this kind made it: it goes when we go */
};

/*
 * Makes or takes over the directory, and locks it. On failure nothing of it is
 * left, but .lock where files cannot be locked. The directory of a socket mode
 * gets the same bits, x where there is r or w, and setgid, so that clients'
 * sockets belong to its group; and sticky if others may write, so that they
 * cannot put sockets of theirs in the place of ours. One that was there before
 * keeps the mode that its owner gave it.
 */
bool vde_fs_take(struct vde_fs *fs, const struct vde_dir_conf *conf,
		 const struct priv *priv, struct err *err);

/* Unlocks it, and removes it if it is ours and empty. */
void vde_fs_leave(struct vde_fs *fs);

/*
 * Binds a socket to DIR/name, with mode and group of the directory's conf,
 * and writes its path. A socket that a dead switch left there is replaced.
 */
bool vde_fs_bind(const struct vde_fs *fs, int sock, const char *name,
		 char path[VDE_PATH_SIZE], struct err *err);

/* Removes what vde_fs_bind() made; "" is allowed. */
void vde_fs_unbind(const struct vde_fs *fs, const char *path);

/* Removes a socket directly in the directory, if it belongs to uid. */
void vde_fs_remove_of(const struct vde_fs *fs, const char *path, uid_t uid);

#endif
