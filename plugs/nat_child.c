/* SPDX-License-Identifier: MIT */
#include "plugs/nat_child.h"

#include <errno.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES (4 << 20) /* the kernel cuts it to wmem_max */

struct nat_child {
	const struct nat_child_calls *calls;
	void *ctx;
	uv_process_t process;
	uv_poll_t poll; /* of control */
	uv_timer_t timer;
	unsigned handles; /* that are not yet closed */
	int control;      /* -1: closed */
	int silent;       /* times that the timer found no message */
	struct err how;
};

/* --- The end ------------------------------------------------------------ */

static void on_closed(uv_handle_t *handle)
{
	struct nat_child *child = handle->data;

	if (--child->handles > 0)
		return;
	if (child->calls)
		child->calls->ended(child->ctx, &child->how);
	free(child);
}

static void close_handle(void *handle)
{
	uv_close(handle, on_closed);
}

static void close_control(struct nat_child *child)
{
	if (child->control < 0)
		return;
	close_handle(&child->poll);
	(void)close(child->control);
	child->control = -1;
}

static void on_end(uv_process_t *process, int64_t status, int signum)
{
	struct nat_child *child = process->data;

	if (!child->how.msg[0] && signum)
		(void)err_set(&child->how,
			      "the NAT process was killed (signal %d, %s)",
			      signum, strsignal(signum));
	else if (!child->how.msg[0])
		(void)err_set(&child->how,
			      "the NAT process ended (exit status %d)",
			      (int)status);
	close_control(child);
	close_handle(&child->timer);
	close_handle(&child->process);
}

static void on_late(uv_timer_t *timer)
{
	nat_child_kill(timer->data, "the NAT process did not answer in time");
}

void nat_child_kill(struct nat_child *child, const char *why)
{
	if (!child->how.msg[0])
		(void)err_set(&child->how, "%s", why);
	if (uv_is_active((uv_handle_t *)&child->process))
		(void)uv_process_kill(&child->process, SIGKILL);
}

void nat_child_stop(struct nat_child *child)
{
	close_control(child);
	if (uv_is_active((uv_handle_t *)&child->process))
		(void)uv_timer_start(&child->timer, on_late, NAT_CHILD_STOP_MS,
				     0);
}

/* --- Talking ------------------------------------------------------------ */

static void on_poll(uv_poll_t *poll, int status, int events);

static void await(struct nat_child *child, int events)
{
	(void)uv_poll_start(&child->poll, events, on_poll);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct nat_child *child = poll->data;

	if (status < 0) {
		nat_child_stop(child);
		return;
	}
	if (events & UV_WRITABLE)
		await(child, UV_READABLE);
	child->calls->wake(child->ctx);
}

bool nat_child_send(struct nat_child *child, const struct nat_msg *msg)
{
	struct err err;

	if (child->control < 0)
		return false;
	if (nat_msg_send(child->control, msg, &err))
		return true;
	/* Any other error is the end, which is seen when it is read. */
	if (err.errnum == EAGAIN || err.errnum == ENOBUFS)
		await(child, UV_READABLE | UV_WRITABLE);
	return false;
}

bool nat_child_receive(struct nat_child *child, struct nat_msg *msg)
{
	struct err err;
	int n = child->control < 0 ? 0
				   : nat_msg_receive(child->control, msg, &err);

	if (n > 0)
		child->silent = 0;
	if (n >= 0)
		return n > 0;
	/* How it ended is better known when it is reaped. */
	if (err.errnum == EPROTO)
		nat_child_kill(child, "the NAT process sent nonsense");
	nat_child_stop(child);
	return false;
}

/* Several times, so that no pause of our own is taken for one of its. */
static void on_listen(uv_timer_t *timer)
{
	struct nat_child *child = timer->data;

	if (child->silent++ >= NAT_CHILD_SILENT_MAX)
		nat_child_kill(child, "the NAT process has hung");
}

void nat_child_ready(struct nat_child *child)
{
	(void)uv_timer_start(&child->timer, on_listen, NAT_CHILD_LISTEN_MS,
			     NAT_CHILD_LISTEN_MS);
}

int nat_child_pid(const struct nat_child *child)
{
	return child->process.pid;
}

/* --- The start ---------------------------------------------------------- */

/* In the build tree it is beside the running program. */
static const char *find_program(char path[PATH_MAX])
{
	static const char *const places[] = {"", LABSWITCH_LIBEXEC "/"};
	char self[PATH_MAX] = "";
	size_t size = sizeof(self);
	const char *slash;

	(void)uv_exepath(self, &size);
	slash = strrchr(self, '/');
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		(void)snprintf(path, PATH_MAX, "%.*s/%s" NAT_PROGRAM,
			       slash ? (int)(slash - self) : 0, self,
			       places[i]);
		if (access(path, X_OK) == 0)
			break;
	}
	return path;
}

static bool make_pair(int pair[2], struct err *err)
{
	const int bytes = BUFFER_BYTES;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0, pair) < 0)
		return err_sys(err, "cannot make a socket pair");
	for (int i = 0; i < 2; i++)
		(void)setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &bytes,
				 sizeof(bytes));
	return true;
}

static bool spawn(struct nat_child *child, uv_loop_t *loop, const char *program,
		  int frames, int control, struct err *err)
{
	char path[PATH_MAX], name[] = NAT_PROGRAM;
	char *args[] = {name, NULL}, *env[] = {NULL};
	uv_stdio_container_t stdio[] = {
		{.flags = UV_IGNORE},
		{.flags = UV_IGNORE},
		{.flags = UV_IGNORE},
		[NAT_FD_FRAMES] = {.flags = UV_INHERIT_FD, .data.fd = frames},
		[NAT_FD_CONTROL] = {.flags = UV_INHERIT_FD, .data.fd = control},
	};
	const uv_process_options_t options = {
		.exit_cb = on_end,
		.file = program ? program : find_program(path),
		.args = args,
		.env = env,
		.flags = UV_PROCESS_DETACHED, /* a session of its own */
		.stdio_count = sizeof(stdio) / sizeof(stdio[0]),
		.stdio = stdio,
	};
	int error;

	/* Of what we have inherited ourselves nothing is passed on. */
	(void)close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	error = uv_spawn(loop, &child->process, &options);
	return error == 0 || err_set(err, "cannot start %s: %s", options.file,
				     uv_strerror(error));
}

static bool make_pairs(int frames[2], int control[2], struct err *err)
{
	if (!make_pair(frames, err))
		return false;
	if (make_pair(control, err))
		return true;
	(void)close(frames[0]);
	(void)close(frames[1]);
	return false;
}

static void init_handles(struct nat_child *child, uv_loop_t *loop)
{
	(void)uv_timer_init(loop, &child->timer);
	(void)uv_poll_init(loop, &child->poll, child->control);
	child->process.data = child->timer.data = child->poll.data = child;
	child->handles = 3;
}

struct nat_child *nat_child_start(uv_loop_t *loop, const char *program,
				  const struct nat_child_calls *calls,
				  void *ctx, int *frames, struct err *err)
{
	struct nat_child *child = calloc(1, sizeof(*child));
	int ends[2], control[2];
	bool ok;

	if (!child) {
		(void)err_set(err, "no memory");
		return NULL;
	}
	if (!make_pairs(ends, control, err)) {
		free(child);
		return NULL;
	}
	child->control = control[0];
	init_handles(child, loop);
	ok = spawn(child, loop, program, ends[1], control[1], err);
	(void)close(ends[1]);
	(void)close(control[1]);
	if (!ok) { /* nobody is told of its end */
		(void)close(ends[0]);
		close_control(child);
		close_handle(&child->timer);
		close_handle(&child->process);
		return NULL;
	}
	child->calls = calls;
	child->ctx = ctx;
	*frames = ends[0];
	(void)uv_timer_start(&child->timer, on_late, NAT_CHILD_READY_MS, 0);
	await(child, UV_READABLE);
	return child;
}
