/* SPDX-License-Identifier: MIT */
#include "plugs/priv.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugs/priv_hosts.h"
#include "plugs/priv_parts.h"

/* Through /proc, so that it is the file that has been looked at. */
static bool connect_to_file(int sock, int file, const char *path,
			    struct err *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d",
		       file);
	if (connect(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return err_sys(err, "cannot connect to %s", path);
	return true;
}

static bool is_socket_of(int file, const char *path, uid_t uid, struct err *err)
{
	struct stat st;

	if (fstat(file, &st) < 0)
		return err_sys(err, "cannot look at %s", path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, "%s is not a socket", path);
	if (st.st_uid != uid)
		return err_set(err, "%s belongs to uid %u, not to uid %u", path,
			       (unsigned)st.st_uid, (unsigned)uid);
	return true;
}

/* As far as allowed: past the system's limit only with CAP_NET_ADMIN. */
static void raise_buffer(int sock)
{
	const int bytes = PRIV_SNDBUF;

	if (setsockopt(sock, SOL_SOCKET, SO_SNDBUFFORCE, &bytes,
		       sizeof(bytes)) < 0)
		(void)setsockopt(sock, SOL_SOCKET, SO_SNDBUF, &bytes,
				 sizeof(bytes));
}

static bool local_connect(void *ctx, int sock, const char *path, uid_t uid,
			  struct err *err)
{
	int file = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	bool ok;

	if (file < 0)
		return err_sys(err, "cannot find socket %s", path);
	ok = is_socket_of(file, path, uid, err) &&
	     connect_to_file(sock, file, path, err);
	(void)close(file);
	if (ok)
		raise_buffer(sock);
	return ok;
}

static bool local_chgrp(void *ctx, const char *path, const char *group,
			struct err *err)
{
	gid_t gid;

	if (!priv_gid(group, &gid, err))
		return false;
	if (lchown(path, (uid_t)-1, gid) < 0)
		return err_sys(err, "cannot give %s to group %s", path, group);
	return true;
}

static void local_keep(void *ctx, const char *path)
{
}

static void local_forget(void *ctx, const char *path)
{
}

static int local_host_open(void *ctx, const struct host_request *req,
			   struct err *err)
{
	return hosts_open(ctx, req, err);
}

static void local_host_forget(void *ctx, const char *name)
{
	hosts_forget(ctx, name);
}

static bool local_host_find(void *ctx, const char *name,
			    struct host_place *place, struct err *err)
{
	return hosts_find(ctx, name, place, err);
}

const struct priv_ops priv_local = {
	.tap_open = priv_tap_open,
	.connect = local_connect,
	.chgrp = local_chgrp,
	.keep = local_keep,
	.forget = local_forget,
	.host_open = local_host_open,
	.host_forget = local_host_forget,
	.host_find = local_host_find,
};
