/* SPDX-License-Identifier: MIT */
#include "switchd/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugs/priv_hosts.h"
#include "switchd/helper_msg.h"
#include "switchd/rundir.h"
#include "topo/topo.h"

#define KEPT_MAX 65536

/* Paths to remove at the end, oldest first. */
struct kept {
	char **paths;
	size_t count;
	size_t room;
};

static void kept_add(struct kept *kept, const char *path)
{
	if (kept->count == kept->room) {
		size_t room = kept->room ? 2 * kept->room : 64;
		char **paths = NULL;

		if (room <= KEPT_MAX)
			paths = realloc(kept->paths, room * sizeof(*paths));
		if (!paths)
			return;
		kept->paths = paths;
		kept->room = room;
	}
	kept->paths[kept->count] = strdup(path);
	if (kept->paths[kept->count])
		kept->count++;
}

static void kept_drop(struct kept *kept, const char *path)
{
	for (size_t i = kept->count; i-- > 0;) {
		if (strcmp(kept->paths[i], path) != 0)
			continue;
		free(kept->paths[i]);
		kept->count--;
		memmove(&kept->paths[i], &kept->paths[i + 1],
			(kept->count - i) * sizeof(*kept->paths));
		return;
	}
}

static void kept_remove(struct kept *kept)
{
	while (kept->count > 0) {
		char *path = kept->paths[--kept->count];

		if (unlink(path) < 0)
			(void)rmdir(path);
		free(path);
	}
	free(kept->paths);
}

/* --- The helper's helper ------------------------------------------------ */

struct server {
	int sock;
	const char *dir;
	int lock_fd;
	pid_t daemon;
	pid_t janitor; /* 0: none yet */
	struct kept kept;
	struct hosts *hosts;
};

/* Waits until a process has ended. */
static void await_end(pid_t pid)
{
	struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0),
			     .events = POLLIN};

	while (end.fd >= 0 && poll(&end, 1, -1) < 0 && errno == EINTR)
		;
}

/* A daemon that ends by itself removes its lock: another one may have the
 * directory by now. Else it is ours until this process ends. */
static bool own_dir(const struct server *server)
{
	char path[RUNDIR_FILE_SIZE];
	struct stat ours, found;
	int fd = open(rundir_file(server->dir, RUNDIR_LOCK, path),
		      O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || fstat(fd, &found) < 0 ||
	    fstat(server->lock_fd, &ours) < 0)
		return false;
	if (found.st_dev == ours.st_dev && found.st_ino == ours.st_ino)
		return true;
	return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &found) == 0 &&
	       found.st_nlink > 0;
}

/* The helper tidies up for itself, unless it is killed: then hosts live on
 * until the daemon, which has their interfaces, has ended. */
static void watch(struct server *server, pid_t helper)
{
	(void)setsid();
	(void)prctl(PR_SET_NAME, "switchd-janitor", 0, 0, 0);
	helper_close_others(server->lock_fd, -1);
	await_end(helper);
	await_end(server->daemon);
	if (own_dir(server)) {
		hosts_sweep(server->dir);
		kept_remove(&server->kept);
	}
	_exit(0);
}

/* Before the first host is made. */
static void start_janitor(struct server *server)
{
	pid_t helper = getpid();

	if (server->janitor)
		return;
	server->janitor = fork();
	if (server->janitor == 0)
		watch(server, helper);
}

static void stop_janitor(const struct server *server)
{
	if (server->janitor <= 0)
		return;
	(void)kill(server->janitor, SIGKILL);
	(void)waitpid(server->janitor, NULL, 0);
}

/* --- Requests ----------------------------------------------------------- */

static bool is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool is_bool(const bool *value)
{
	unsigned char byte;

	memcpy(&byte, value, 1);
	return byte <= 1;
}

static bool is_net(const struct net *net)
{
	return (net->family == 0 || net->family == AF_INET ||
		net->family == AF_INET6) &&
	       net->bits <= net_width(net->family);
}

static bool are_nets(const struct host_nets *nets)
{
	bool ok = is_bool(&nets->dhcp) && is_net(&nets->via[0]) &&
		  is_net(&nets->via[1]);

	for (int i = 0; i < HOST_NETS_MAX; i++)
		ok = ok && is_net(&nets->addr[i]);
	return ok;
}

/* The name becomes a part of paths. */
static bool is_host(const struct host_request *host)
{
	bool ok = is_text(host->name, sizeof(host->name)) &&
		  topo_name_valid(host->name) &&
		  is_text(host->ifname, sizeof(host->ifname)) &&
		  is_bool(&host->up) && is_bool(&host->conf.forward) &&
		  are_nets(&host->nets);

	for (int i = 0; i < HOST_VLANS_MAX; i++)
		ok = ok &&
		     (host->vlans[i].vid == 0 ||
		      vid_valid(host->vlans[i].vid)) &&
		     are_nets(&host->vlans[i].nets);
	for (int i = 0; i < OPT_ROUTES_MAX; i++)
		ok = ok && is_net(&host->conf.routes[i].to) &&
		     is_net(&host->conf.routes[i].via);
	return ok;
}

static bool is_valid(const struct helper_request *req, ssize_t len, int fd)
{
	const struct tap_request *tap = &req->tap;

	return len == sizeof(*req) && req->op < HELPER_OP_COUNT &&
	       (fd >= 0) == (req->op == HELPER_CONNECT) &&
	       is_text(req->path, sizeof(req->path)) &&
	       is_text(req->group, sizeof(req->group)) &&
	       is_text(tap->ifname, sizeof(tap->ifname)) &&
	       is_text(tap->netns, sizeof(tap->netns)) &&
	       is_text(tap->owner, sizeof(tap->owner)) &&
	       is_text(tap->group, sizeof(tap->group)) && is_bool(&tap->up) &&
	       (req->op != HELPER_HOST_OPEN || is_host(&req->host));
}

/* Does what is asked. Returns the descriptor to answer with, or -1. */
static int perform(struct server *server, const struct helper_request *req,
		   int fd, struct helper_reply *reply)
{
	const struct priv_ops *ops = &priv_local;
	struct hosts *hosts = server->hosts;
	int opened = -1;

	switch ((enum helper_op)req->op) {
	case HELPER_TAP_OPEN:
		opened = ops->tap_open(hosts, &req->tap, &reply->made,
				       &reply->err);
		reply->ok = opened >= 0;
		break;
	case HELPER_CONNECT:
		reply->ok = ops->connect(hosts, fd, req->path, req->uid,
					 &reply->err);
		break;
	case HELPER_CHGRP:
		reply->ok =
			ops->chgrp(hosts, req->path, req->group, &reply->err);
		break;
	case HELPER_HOST_OPEN:
		start_janitor(server);
		opened = ops->host_open(hosts, &req->host, &reply->err);
		reply->ok = opened >= 0;
		break;
	case HELPER_HOST_FIND:
		reply->ok = ops->host_find(hosts, req->path, &reply->place,
					   &reply->err);
		break;
	case HELPER_KEEP:
	case HELPER_FORGET:
	case HELPER_HOST_FORGET:
	case HELPER_OP_COUNT:
		break;
	}
	return opened;
}

static void answer(struct server *server, const struct helper_request *req,
		   bool valid, int fd)
{
	struct helper_reply reply;
	int opened = -1;

	memset(&reply, 0, sizeof(reply)); /* padding is sent, too */
	if (valid)
		opened = perform(server, req, fd, &reply);
	else
		err_set(&reply.err, "the helper refused a malformed request");
	(void)helper_msg_send(server->sock, &reply, sizeof(reply), opened);
	if (opened >= 0)
		close(opened);
}

static void serve(struct server *server, const struct helper_request *req,
		  bool valid, int fd)
{
	if (valid && req->op == HELPER_KEEP)
		kept_add(&server->kept, req->path);
	else if (valid && req->op == HELPER_FORGET)
		kept_drop(&server->kept, req->path);
	else if (valid && req->op == HELPER_HOST_FORGET)
		priv_local.host_forget(server->hosts, req->path);
	else
		answer(server, req, valid, fd);
}

void helper_serve(int sock, const char *dir, int lock_fd)
{
	struct server server = {.sock = sock,
				.dir = dir,
				.lock_fd = lock_fd,
				.daemon = getppid(),
				.hosts = hosts_new(dir)};
	struct helper_request req;
	ssize_t len;
	int fd;

	if (!server.hosts)
		return;
	hosts_sweep(dir);
	while ((len = helper_msg_recv(sock, &req, sizeof(req), &fd)) > 0) {
		serve(&server, &req, is_valid(&req, len, fd), fd);
		if (fd >= 0)
			close(fd);
	}
	hosts_free(server.hosts);
	kept_remove(&server.kept);
	stop_janitor(&server);
}
