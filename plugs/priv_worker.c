/* SPDX-License-Identifier: MIT */
#include "plugs/priv_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* The descriptors that a worker sends. */
enum { GOT_RESULT, GOT_NET, GOT_USER, GOT_COUNT };

/* The end of a worker: a datagram, with the descriptors that it got. */
struct answer {
	bool ok;
	bool got[GOT_COUNT];
	struct err err;
};

union fd_room {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(GOT_COUNT * sizeof(int))];
};

/* --- In the child: namespaces ------------------------------------------- */

static bool write_map(const char *path, const char *text, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 &&
		  write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (!ok)
		(void)err_sys(err, "cannot write %s", path);
	if (fd >= 0)
		(void)close(fd);
	return ok;
}

static bool refuse_user(struct err *err)
{
	return err_sys(err, "hosts need root, or user namespaces, which are "
			    "not allowed here (sysctl "
			    "user.max_user_namespaces, "
			    "kernel.unprivileged_userns_clone, kernel."
			    "apparmor_restrict_unprivileged_userns)");
}

/* A user namespace in which we are root, and nobody else is anybody. */
static bool make_user(struct err *err)
{
	char uids[48], gids[48];

	(void)snprintf(uids, sizeof(uids), "0 %u 1\n", (unsigned)geteuid());
	(void)snprintf(gids, sizeof(gids), "0 %u 1\n", (unsigned)getegid());
	if (unshare(CLONE_NEWUSER) < 0)
		return refuse_user(err);
	return write_map("/proc/self/setgroups", "deny", err) &&
	       write_map("/proc/self/uid_map", uids, err) &&
	       write_map("/proc/self/gid_map", gids, err);
}

static int open_own(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		(void)err_sys(err, "cannot open %s", path);
	return fd;
}

static bool make_net(struct worker_place *place, struct err *err)
{
	if (unshare(CLONE_NEWNET) == 0) {
		place->net = open_own("/proc/self/ns/net", err);
		return place->net >= 0;
	}
	if (errno != EPERM || place->user >= 0)
		return err_sys(err, "cannot make a network namespace");
	if (!make_user(err))
		return false;
	place->user = open_own("/proc/self/ns/user", err);
	if (place->user < 0)
		return false;
	if (unshare(CLONE_NEWNET) < 0)
		return refuse_user(err);
	place->net = open_own("/proc/self/ns/net", err);
	return place->net >= 0;
}

static bool enter(struct worker_place *place, struct err *err)
{
	if (place->user >= 0 && setns(place->user, CLONE_NEWUSER) < 0)
		return err_sys(err, "cannot enter the user namespace");
	if (place->net < 0)
		return make_net(place, err);
	return setns(place->net, CLONE_NEWNET) == 0 ||
	       err_sys(err, "cannot enter the network namespace");
}

/* --- In the child: the answer ------------------------------------------- */

static void put_fds(struct msghdr *hdr, const int *fds, size_t count)
{
	struct cmsghdr *cmsg;

	if (count == 0) {
		hdr->msg_control = NULL;
		hdr->msg_controllen = 0;
		return;
	}
	hdr->msg_controllen = CMSG_SPACE(count * sizeof(int));
	cmsg = CMSG_FIRSTHDR(hdr);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, count * sizeof(int));
}

static void send_answer(int sock, struct answer *answer,
			const int fd[GOT_COUNT])
{
	struct iovec iov = {.iov_base = answer, .iov_len = sizeof(*answer)};
	union fd_room room = {{0}};
	struct msghdr hdr = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = room.bytes};
	int fds[GOT_COUNT];
	size_t count = 0;

	for (int i = 0; i < GOT_COUNT; i++) {
		answer->got[i] = fd[i] >= 0;
		if (fd[i] >= 0)
			fds[count++] = fd[i];
	}
	put_fds(&hdr, fds, count);
	(void)sendmsg(sock, &hdr, MSG_NOSIGNAL);
}

static void work(int sock, struct worker_place place, worker_fn *fn,
		 const void *arg)
{
	const struct worker_place was = place;
	struct answer answer;
	int fd[GOT_COUNT] = {-1, -1, -1};

	memset(&answer, 0, sizeof(answer)); /* padding is sent, too */
	if (enter(&place, &answer.err))
		fd[GOT_RESULT] = fn(arg, &answer.err);
	answer.ok = fd[GOT_RESULT] >= 0;
	if (place.net != was.net)
		fd[GOT_NET] = place.net;
	if (place.user != was.user)
		fd[GOT_USER] = place.user;
	send_answer(sock, &answer, fd);
}

/* --- In the caller ------------------------------------------------------ */

static bool receive(int sock, struct answer *answer, int fd[GOT_COUNT])
{
	struct iovec iov = {.iov_base = answer, .iov_len = sizeof(*answer)};
	union fd_room room;
	struct msghdr hdr = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = room.bytes,
			     .msg_controllen = sizeof(room.bytes)};
	const struct cmsghdr *cmsg;
	size_t at = 0;
	ssize_t n;

	do
		n = recvmsg(sock, &hdr, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(*answer))
		return false;
	cmsg = CMSG_FIRSTHDR(&hdr);
	for (int i = 0; i < GOT_COUNT && cmsg; i++) {
		if (!answer->got[i] ||
		    cmsg->cmsg_len < CMSG_LEN((at + 1) * sizeof(int)))
			continue;
		memcpy(&fd[i], CMSG_DATA(cmsg) + at++ * sizeof(int),
		       sizeof(int));
	}
	return true;
}

static int take(int sock, struct worker_place *place, struct err *err)
{
	int fd[GOT_COUNT] = {-1, -1, -1};
	struct answer answer;

	if (!receive(sock, &answer, fd)) {
		(void)err_set(err, "the process for the host has ended");
		return -1;
	}
	if (fd[GOT_NET] >= 0)
		place->net = fd[GOT_NET];
	if (fd[GOT_USER] >= 0)
		place->user = fd[GOT_USER];
	if (!answer.ok && err)
		*err = answer.err;
	else if (fd[GOT_RESULT] < 0)
		(void)err_set(err, "no descriptor is free: raise the limit "
				   "(ulimit -n)");
	return fd[GOT_RESULT];
}

int worker_run(struct worker_place *place, worker_fn *fn, const void *arg,
	       struct err *err)
{
	int pair[2];
	int fd = -1;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		(void)err_sys(err, "cannot make a socket pair");
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		(void)close(pair[0]);
		work(pair[1], *place, fn, arg);
		_exit(0);
	}
	(void)close(pair[1]);
	if (pid < 0)
		(void)err_sys(err, "cannot start a process for the host");
	else
		fd = take(pair[0], place, err);
	(void)close(pair[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return fd;
}
