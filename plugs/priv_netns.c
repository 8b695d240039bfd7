/* SPDX-License-Identifier: MIT */
#include "plugs/priv_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#define OWN_NETNS "/proc/thread-self/ns/net"

/* Where `ip netns` (iproute2) keeps its names. */
#define NAMED_NETNS "/run/netns/"

static bool find_path(const char *netns, char *path, size_t size,
		      struct err *err)
{
	const char *pid = netns + strlen("pid ");
	int len;

	if (netns[0] == '/')
		len = snprintf(path, size, "%s", netns);
	else if (strncmp(netns, "pid ", 4) == 0 && *pid &&
		 !pid[strspn(pid, "0123456789")])
		len = snprintf(path, size, "/proc/%s/ns/net", pid);
	else if (!strchr(netns, '/') && netns[0] != '.')
		len = snprintf(path, size, NAMED_NETNS "%s", netns);
	else
		return err_set(err, "'%s' is no network namespace", netns);
	return len < (int)size ||
	       err_set(err, "the path of netns '%s' is too long", netns);
}

/* A name may be any file; what is no namespace must not reach setns(). */
static bool is_netns(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC &&
	       ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET;
}

static void not_opened(const char *netns, const char *path, struct err *err)
{
	bool named = netns[0] != '/' && strncmp(netns, "pid ", 4) != 0;

	if (errno != ENOENT)
		(void)err_sys(err, "cannot open netns '%s' (%s)", netns, path);
	else if (named)
		(void)err_set(err,
			      "there is no network namespace '%s' (`ip netns "
			      "add %s` makes it)",
			      netns, netns);
	else
		(void)err_set(err, "there is no network namespace '%s' (%s)",
			      netns, path);
}

static int open_netns(const char *netns, struct err *err)
{
	char path[160];
	int fd;

	if (!find_path(netns, path, sizeof(path), err))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		not_opened(netns, path, err);
		return -1;
	}
	if (!is_netns(fd)) {
		(void)err_set(err, "%s is not a network namespace", path);
		(void)close(fd);
		return -1;
	}
	return fd;
}

bool priv_netns_enter(const char *netns, int *own, struct err *err)
{
	int there;

	*own = -1;
	if (!*netns)
		return true;
	there = open_netns(netns, err);
	if (there < 0)
		return false;
	*own = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
	if (*own < 0) {
		(void)err_sys(err, "cannot open %s", OWN_NETNS);
	} else if (setns(there, CLONE_NEWNET) < 0) {
		(void)err_sys(err, "cannot enter netns '%s'%s", netns,
			      errno == EPERM ? " (run as root)" : "");
		(void)close(*own);
		*own = -1;
	}
	(void)close(there);
	return *own >= 0;
}

void priv_netns_leave(int own)
{
	if (own < 0)
		return;
	if (setns(own, CLONE_NEWNET) < 0)
		abort();
	(void)close(own);
}
