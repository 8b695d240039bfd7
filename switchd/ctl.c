/* SPDX-License-Identifier: MIT */
#include "switchd/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "switchd/cmd.h"
#include "switchd/events.h"
#include "switchd/fdpass.h"
#include "switchd/lab.h"
#include "switchd/log.h"
#include "switchd/rpc.h"

#define BACKLOG 64
#define TICK_MS 1000

struct client {
	struct ctl *ctl;
	struct client *next;
	uv_poll_t poll;
	int fd;
	uint64_t active_ms; /* of the loop: when a byte last came or went */
	uint64_t turn;      /* the same, as one of ctl->turns */
	bool waits;         /* its first request is to be served again */
	bool last;          /* no more to read: closed when all is answered */
	char *out;          /* the answer that is being sent, or NULL */
	size_t out_len;
	size_t out_sent;
	int passed; /* a descriptor that came for the next request, or -1 */
	struct watcher watcher;
	struct rpc_in in;
};

struct ctl {
	struct lab *lab;
	struct sockaddr_un at;
	int fd;
	int spare; /* given up to accept, and close, when there are no more */
	uv_poll_t poll;
	uv_timer_t tick;
	struct log_limit strangers;
	struct client *clients;
	unsigned count;
	uint64_t turns;   /* how often a byte came or went */
	unsigned handles; /* of libuv that are not yet closed */
};

/* --- Closing ------------------------------------------------------------ */

static void on_ctl_closed(uv_handle_t *handle)
{
	struct ctl *ctl = handle->data;

	if (--ctl->handles == 0)
		free(ctl);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct client *c = handle->data;

	free(c->out);
	free(c);
}

static void drop_passed(struct client *c)
{
	if (c->passed >= 0)
		close(c->passed);
	c->passed = -1;
}

static void close_client(struct client *c)
{
	struct client **link = &c->ctl->clients;

	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	c->ctl->count--;
	events_unsubscribe(&c->watcher);
	captures_disown(c->ctl->lab, &c->watcher);
	drop_passed(c);
	uv_close((uv_handle_t *)&c->poll, on_client_closed);
	close(c->fd);
}

/* --- Talking to a client ------------------------------------------------ */

static bool watches(const struct client *c)
{
	return c->watcher.bus != NULL;
}

static void touch(struct client *c)
{
	c->active_ms = uv_now(c->ctl->lab->loop);
	c->turn = ++c->ctl->turns;
}

/* Sends some of it; -1: the client is lost. */
static ssize_t send_some(struct client *c, const char *data, size_t len)
{
	ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENOBUFS
			       ? 0
			       : -1;
	touch(c);
	return n;
}

/* The answer first, then events. Returns false if the client is lost. */
static bool flush(struct client *c)
{
	const char *data;
	size_t len;
	ssize_t n;

	if (c->out) {
		n = send_some(c, c->out + c->out_sent,
			      c->out_len - c->out_sent);
		if (n < 0)
			return false;
		c->out_sent += (size_t)n;
		if (c->out_sent < c->out_len)
			return true;
		free(c->out);
		c->out = NULL;
	}
	if (!watches(c))
		return true;
	data = watcher_peek(&c->watcher, &len);
	n = len ? send_some(c, data, len) : 0;
	if (n > 0)
		watcher_taken(&c->watcher, (size_t)n);
	return n >= 0;
}

/* As recv(). There is room for one descriptor: if one is waiting already, the
 * other is closed. */
static ssize_t receive_some(struct client *c, char *space, size_t room)
{
	int fd;
	ssize_t n = fdpass_receive(c->fd, space, room, &fd, MSG_DONTWAIT);

	if (fd >= 0 && c->passed >= 0)
		close(fd);
	else if (fd >= 0)
		c->passed = fd;
	return n;
}

/* Returns false if the client is lost. */
static bool receive(struct client *c)
{
	size_t room;
	char *space = rpc_in_space(&c->in, &room);
	ssize_t n = receive_some(c, space, room);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	touch(c);
	c->last = n == 0;
	if (watches(c))
		drop_passed(c); /* and what was said is not added */
	else
		rpc_in_added(&c->in, (size_t)n);
	return true;
}

static void forget_input(struct client *c)
{
	c->in.start = c->in.scanned = c->in.end = 0;
}

/* What arrives with a descriptor may be the end of several requests: it is
 * for the first that can use it. NULL: there is no memory, or it waits. */
static char *serve(struct client *c, const char *line, size_t len)
{
	struct call call = {.fd = c->passed, .watcher = &c->watcher};
	char *reply = rpc_serve(c->ctl->lab, line, len, &call);

	c->waits = call.waits;
	if (c->waits) {
		rpc_in_put_back(&c->in, line);
		return NULL;
	}
	if (watches(c))
		forget_input(c);
	if (call.fd_used || c->in.start == c->in.end)
		drop_passed(c);
	return reply;
}

/* Returns false if the client is lost. */
static bool answer(struct client *c)
{
	size_t len;
	const char *line = rpc_in_take(&c->in, &len);

	if (line) {
		c->out = serve(c, line, len);
	} else {
		c->last = true;
		forget_input(c);
		c->out = rpc_error(NULL, RPC_TOO_LARGE,
				   "too_large: a request has at most 64 KB");
	}
	if (!c->out)
		return c->waits;
	c->out_len = strlen(c->out);
	c->out_sent = 0;
	return flush(c);
}

static bool has_events(const struct client *c)
{
	size_t len = 0;

	if (watches(c))
		(void)watcher_peek(&c->watcher, &len);
	return len > 0;
}

static void on_client(uv_poll_t *poll, int status, int events);

/* Waits for what comes next; of the socket that is nothing while its request
 * waits. A whole request whose turn it is not yet is served when the socket can
 * be written to, which is in the next round. Of one that watches nothing is
 * awaited but its end. */
static void await(struct client *c)
{
	bool work = c->out || rpc_in_ready(&c->in) || has_events(c);
	int events = work ? UV_WRITABLE : UV_READABLE;

	if (watches(c))
		events |= UV_READABLE;
	if (c->waits)
		uv_poll_stop(&c->poll);
	else if (c->last && (!work || watches(c)))
		close_client(c);
	else
		uv_poll_start(&c->poll, events, on_client);
}

static void on_client(uv_poll_t *poll, int status, int events)
{
	struct client *c = poll->data;

	if (status < 0 || ((events & UV_READABLE) && !receive(c)) ||
	    !flush(c) || (!c->out && rpc_in_ready(&c->in) && !answer(c)))
		close_client(c);
	else
		await(c);
}

/* In the middle of whatever happened: nothing is sent yet. */
static void on_wake(struct watcher *watcher)
{
	struct client *c =
		(struct client *)(void *)((char *)watcher -
					  offsetof(struct client, watcher));

	uv_poll_start(&c->poll, UV_READABLE | UV_WRITABLE, on_client);
}

/* --- Letting clients in ------------------------------------------------- */

static bool is_friend(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

/* Who watches, or captures, may be silent for long. */
static bool may_be_silent(const struct client *c)
{
	return watches(c) || captures_owned(c->ctl->lab, &c->watcher);
}

/* So those stay; but in half of the places at most, or they would keep out who
 * asks. */
static struct client *who_goes(const struct ctl *ctl)
{
	struct client *silent[2] = {NULL, NULL}; /* longest, by the above */
	unsigned watching = 0;

	for (struct client *c = ctl->clients; c; c = c->next) {
		bool silent_by_right = may_be_silent(c);
		struct client **s = &silent[silent_by_right];

		watching += silent_by_right;
		if (!*s || c->turn < (*s)->turn)
			*s = c;
	}
	return silent[watching > CTL_CLIENTS_MAX / 2];
}

/* Says why, where it would not be taken for part of something else. */
static void turn_out(struct client *c)
{
	char *why = NULL;

	if (!c->out && !watches(c))
		why = rpc_error(NULL, RPC_TOO_MANY,
				"too_many clients: this one was silent "
				"longest");
	if (why)
		(void)send_some(c, why, strlen(why));
	free(why);
	close_client(c);
}

static void admit(struct ctl *ctl, int fd)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c || uv_poll_init(ctl->lab->loop, &c->poll, fd) < 0) {
		free(c);
		close(fd);
		return;
	}
	if (ctl->count == CTL_CLIENTS_MAX)
		turn_out(who_goes(ctl));
	c->ctl = ctl;
	c->fd = fd;
	c->passed = -1;
	c->watcher.wake = on_wake;
	c->poll.data = c;
	touch(c);
	c->next = ctl->clients;
	ctl->clients = c;
	ctl->count++;
	await(c);
}

/* No descriptor is left: without this the loop would spin on the client that
 * cannot be accepted. */
static void turn_away(struct ctl *ctl)
{
	int fd;

	if (ctl->spare >= 0)
		close(ctl->spare);
	fd = accept4(ctl->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		close(fd);
	ctl->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_connect(uv_poll_t *poll, int status, int events)
{
	struct ctl *ctl = poll->data;
	int fd = accept4(ctl->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
		turn_away(ctl);
	} else if (fd >= 0 && !is_friend(fd)) {
		close(fd);
		log_limited(&ctl->strangers, LOG_LEVEL_WARN,
			    "control socket: another user's process is "
			    "refused");
	} else if (fd >= 0) {
		admit(ctl, fd);
	}
}

void ctl_wake(struct ctl *ctl)
{
	for (struct client *c = ctl ? ctl->clients : NULL; c; c = c->next) {
		if (c->waits)
			uv_poll_start(&c->poll, UV_WRITABLE, on_client);
		c->waits = false;
	}
}

/* Those that began something and do not go on with it. */
static void on_tick(uv_timer_t *timer)
{
	struct ctl *ctl = timer->data;
	uint64_t now = uv_now(ctl->lab->loop);
	struct client *next;

	ctl_wake(ctl);
	for (struct client *c = ctl->clients; c; c = next) {
		next = c->next;
		if (now - c->active_ms > CTL_SILENCE_MS &&
		    (c->out || rpc_in_partial(&c->in)))
			close_client(c);
	}
}

/* --- Life --------------------------------------------------------------- */

static bool remove_stale(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT || err_sys(err, "cannot see %s", path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, "%s is there and is not a socket", path);
	return unlink(path) == 0 || err_sys(err, "cannot remove %s", path);
}

/* The mode is set before bind() gives the file it, so it is never wider. */
static bool bind_and_listen(struct ctl *ctl, struct err *err)
{
	const char *path = ctl->at.sun_path;

	ctl->fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ctl->fd < 0)
		return err_sys(err, "cannot make the control socket");
	if (!remove_stale(path, err))
		return false;
	if (fchmod(ctl->fd, 0600) < 0 ||
	    bind(ctl->fd, (const struct sockaddr *)&ctl->at, sizeof(ctl->at)) <
		    0 ||
	    listen(ctl->fd, BACKLOG) < 0)
		return err_sys(err, "cannot listen at %s", path);
	return true;
}

static bool open_socket(struct ctl *ctl, const char *path, struct err *err)
{
	size_t len = strlen(path);

	if (len >= sizeof(ctl->at.sun_path))
		return err_set(err, "%s is too long for a socket", path);
	ctl->at.sun_family = AF_UNIX;
	memcpy(ctl->at.sun_path, path, len + 1);
	if (bind_and_listen(ctl, err) &&
	    (uv_poll_init(ctl->lab->loop, &ctl->poll, ctl->fd) == 0 ||
	     err_set(err, "cannot watch the control socket")))
		return true;
	if (ctl->fd >= 0)
		close(ctl->fd);
	return false;
}

static bool open_spare(struct ctl *ctl, struct err *err)
{
	ctl->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return ctl->spare >= 0 ||
	       err_sys(err, "cannot keep a descriptor in reserve");
}

struct ctl *ctl_new(struct lab *lab, const char *path, struct err *err)
{
	struct ctl *ctl = calloc(1, sizeof(*ctl));

	if (!ctl) {
		err_set(err, "no memory for the control socket");
		return NULL;
	}
	ctl->lab = lab;
	if (!open_spare(ctl, err) || !open_socket(ctl, path, err)) {
		if (ctl->spare >= 0)
			close(ctl->spare);
		free(ctl);
		return NULL;
	}
	ctl->handles = 2;
	ctl->poll.data = ctl;
	uv_poll_start(&ctl->poll, UV_READABLE, on_connect);
	uv_timer_init(lab->loop, &ctl->tick);
	ctl->tick.data = ctl;
	uv_timer_start(&ctl->tick, on_tick, TICK_MS, TICK_MS);
	return ctl;
}

void ctl_close(struct ctl *ctl)
{
	if (!ctl)
		return;
	(void)unlink(ctl->at.sun_path);
	while (ctl->clients)
		close_client(ctl->clients);
	uv_close((uv_handle_t *)&ctl->poll, on_ctl_closed);
	uv_close((uv_handle_t *)&ctl->tick, on_ctl_closed);
	close(ctl->fd);
	if (ctl->spare >= 0)
		close(ctl->spare);
}
