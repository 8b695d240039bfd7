/* SPDX-License-Identifier: MIT */
#include "switchd/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "switchd/helper_msg.h"

#define ANSWER_MS    5000
#define STOP_TRIES   100
#define STOP_WAIT_NS 10000000

/* --- The process -------------------------------------------------------- */

void helper_close_others(int a, int b)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int low = a < b ? a : b, high = a < b ? b : a;

	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		(void)dup2(null, fd);
	if (low > 3)
		(void)close_range(3, (unsigned)low - 1, 0);
	if (high > low + 1 && high > 3)
		(void)close_range(low < 3 ? 3 : (unsigned)low + 1,
				  (unsigned)high - 1, 0);
	(void)close_range((unsigned)high + 1, ~0u, 0);
}

static void run(int sock, const char *dir, int lock_fd)
{
	(void)setsid();
	(void)prctl(PR_SET_NAME, "switchd-helper", 0, 0, 0);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	helper_close_others(sock, lock_fd);
	helper_serve(sock, dir, lock_fd);
	_exit(0);
}

bool helper_start(struct helper *helper, const char *dir, int lock_fd,
		  struct err *err)
{
	const struct timeval patience = {.tv_sec = ANSWER_MS / 1000};
	int pair[2];

	*helper = (struct helper){.sock = -1, .pid = -1};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(err, "cannot make a socket pair");
	helper->pid = fork();
	if (helper->pid == 0)
		run(pair[1], dir, lock_fd);
	close(pair[1]);
	if (helper->pid < 0) {
		err_sys(err, "cannot start the helper process");
		close(pair[0]);
		return false;
	}
	(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience,
			 sizeof(patience));
	helper->sock = pair[0];
	return true;
}

bool helper_reap(struct helper *helper)
{
	if (helper->pid < 0 || waitpid(helper->pid, NULL, WNOHANG) == 0)
		return false;
	helper->pid = -1;
	helper->dead = true;
	return true;
}

bool helper_stop(struct helper *helper)
{
	const struct timespec pause = {.tv_nsec = STOP_WAIT_NS};

	if (helper->sock >= 0)
		close(helper->sock);
	helper->sock = -1;
	for (int i = 0; i < STOP_TRIES && helper->pid >= 0; i++) {
		if (!helper_reap(helper))
			(void)nanosleep(&pause, NULL);
	}
	return helper->pid < 0;
}

/* --- The daemon's side -------------------------------------------------- */

static bool err_dead(struct helper *helper, struct err *err)
{
	helper->dead = true;
	return err_set(err,
		       "the helper process does not answer: restart switchd");
}

static bool put_text(char *to, size_t size, const char *text, struct err *err)
{
	int len = snprintf(to, size, "%s", text);

	if (len >= 0 && (size_t)len < size)
		return true;
	return err_set(err, "too long: '%s'", text);
}

/* Sends a request and waits for its answer. *got is the descriptor that came
 * with it, or -1. */
static bool ask(struct helper *helper, const struct helper_request *req, int fd,
		struct helper_reply *reply, int *got, struct err *err)
{
	struct pollfd answer = {.fd = helper->sock, .events = POLLIN};
	int ready;

	*got = -1;
	if (helper->dead ||
	    !helper_msg_send(helper->sock, req, sizeof(*req), fd))
		return err_dead(helper, err);
	do
		ready = poll(&answer, 1, ANSWER_MS);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0 || helper_msg_recv(helper->sock, reply, sizeof(*reply),
					  got) != sizeof(*reply))
		return err_dead(helper, err);
	if (!reply->ok && err)
		*err = reply->err;
	return reply->ok;
}

/* Asks for a descriptor, for `what`; made may be NULL. */
static int ask_fd(struct helper *helper, const struct helper_request *req,
		  const char *what, bool *made, struct err *err)
{
	struct helper_reply reply;
	int fd;

	if (!ask(helper, req, -1, &reply, &fd, err))
		return -1;
	if (made)
		*made = reply.made;
	if (fd < 0)
		err_set(err,
			"no descriptor is free for '%s': raise the limit "
			"(ulimit -n)",
			what);
	return fd;
}

static int ask_tap_open(void *ctx, const struct tap_request *tap, bool *made,
			struct err *err)
{
	struct helper_request req = {.op = HELPER_TAP_OPEN, .tap = *tap};

	return ask_fd(ctx, &req, tap->ifname, made, err);
}

static bool ask_connect(void *ctx, int sock, const char *path, uid_t uid,
			struct err *err)
{
	struct helper_request req = {.op = HELPER_CONNECT, .uid = uid};
	struct helper_reply reply;
	int fd;

	return put_text(req.path, sizeof(req.path), path, err) &&
	       ask(ctx, &req, sock, &reply, &fd, err);
}

static bool ask_chgrp(void *ctx, const char *path, const char *group,
		      struct err *err)
{
	struct helper_request req = {.op = HELPER_CHGRP};
	struct helper_reply reply;
	int fd;

	return put_text(req.path, sizeof(req.path), path, err) &&
	       put_text(req.group, sizeof(req.group), group, err) &&
	       ask(ctx, &req, -1, &reply, &fd, err);
}

static void tell(struct helper *helper, enum helper_op op, const char *path)
{
	struct helper_request req = {.op = op};

	if (!helper->dead && put_text(req.path, sizeof(req.path), path, NULL) &&
	    !helper_msg_send(helper->sock, &req, sizeof(req), -1))
		helper->dead = true;
}

static void tell_keep(void *ctx, const char *path)
{
	tell(ctx, HELPER_KEEP, path);
}

static void tell_forget(void *ctx, const char *path)
{
	tell(ctx, HELPER_FORGET, path);
}

static int ask_host_open(void *ctx, const struct host_request *host,
			 struct err *err)
{
	struct helper_request req = {.op = HELPER_HOST_OPEN, .host = *host};

	return ask_fd(ctx, &req, host->name, NULL, err);
}

static void tell_host_forget(void *ctx, const char *name)
{
	tell(ctx, HELPER_HOST_FORGET, name);
}

static bool ask_host_find(void *ctx, const char *name, struct host_place *place,
			  struct err *err)
{
	struct helper_request req = {.op = HELPER_HOST_FIND};
	struct helper_reply reply;
	int fd;

	if (!put_text(req.path, sizeof(req.path), name, err) ||
	    !ask(ctx, &req, -1, &reply, &fd, err))
		return false;
	*place = reply.place;
	return true;
}

static const struct priv_ops helper_ops = {
	.tap_open = ask_tap_open,
	.connect = ask_connect,
	.chgrp = ask_chgrp,
	.keep = tell_keep,
	.forget = tell_forget,
	.host_open = ask_host_open,
	.host_forget = tell_host_forget,
	.host_find = ask_host_find,
};

struct priv helper_priv(struct helper *helper)
{
	return (struct priv){.ops = &helper_ops, .ctx = helper};
}
