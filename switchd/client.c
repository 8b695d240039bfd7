/* SPDX-License-Identifier: MIT */
#include "switchd/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "switchd/cmd.h"
#include "switchd/fdpass.h"
#include "switchd/rpc.h"

struct client {
	int fd;
	int daemon; /* a pidfd; -1: its end cannot be seen from here */
	size_t len; /* of what has arrived */
	char in[RPC_REPLY_MAX];
};

static int64_t now_ms(void)
{
	return (int64_t)(uv_hrtime() / 1000000); /* CLOCK_MONOTONIC */
}

/* Until the descriptor is ready or the deadline (-1: none) has passed. */
static bool await(int fd, short events, int64_t deadline_ms, struct err *err)
{
	struct pollfd p = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = deadline_ms - now_ms();
		int wait = deadline_ms < 0 ? -1 : left > 0 ? (int)left : 0;
		int n = poll(&p, 1, wait);

		if (n > 0)
			return true;
		if (n == 0)
			return err_set(err, "switchd does not answer");
		if (errno != EINTR)
			return err_sys(err, "cannot wait for switchd");
	}
}

/* --- Opening ------------------------------------------------------------ */

/* Its process, so that its end can be waited for. */
static int open_daemon(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 ||
	    peer.pid <= 0)
		return -1;
	return (int)syscall(SYS_pidfd_open, peer.pid, 0);
}

static bool open_socket(struct client *client, const char *path,
			struct err *err)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t len = strlen(path);

	if (len >= sizeof(to.sun_path))
		return err_set(err, "%s is too long for a socket", path);
	memcpy(to.sun_path, path, len + 1);
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return err_sys(err, "cannot make a socket");
	if (connect(client->fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		return err_sys(err, "cannot reach switchd at %s", path);
	client->daemon = open_daemon(client->fd);
	return true;
}

struct client *client_open(const char *path, struct err *err)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client) {
		err_set(err, "no memory");
		return NULL;
	}
	client->fd = client->daemon = -1;
	if (!open_socket(client, path, err)) {
		client_close(client);
		return NULL;
	}
	return client;
}

void client_close(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	if (client->daemon >= 0)
		close(client->daemon);
	free(client);
}

int client_fd(const struct client *client)
{
	return client->fd;
}

/* --- Bytes -------------------------------------------------------------- */

/* A descriptor that is not -1 goes along with the first byte. */
static bool send_all(struct client *client, const char *data, size_t len,
		     int fd, struct err *err)
{
	int64_t deadline = now_ms() + CLIENT_WAIT_MS;

	while (len > 0) {
		ssize_t n =
			fdpass_send(client->fd, data, len, fd, MSG_DONTWAIT);

		if (n > 0) {
			data += n;
			len -= (size_t)n;
			fd = -1;
		} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
			return err_sys(err, "cannot send to switchd");
		} else if (!await(client->fd, POLLOUT, deadline, err)) {
			return false;
		}
	}
	return true;
}

/* Returns the length of the line that client->in begins with, without its
 * newline; -1 and err if there will be none. */
static ssize_t receive_line(struct client *client, int64_t deadline,
			    struct err *err)
{
	char *end;

	while (!(end = memchr(client->in, '\n', client->len))) {
		size_t room = sizeof(client->in) - client->len;
		ssize_t n;

		if (!await(client->fd, POLLIN, deadline, err))
			return -1;
		n = recv(client->fd, client->in + client->len, room, 0);
		if (n <= 0) {
			err_set(err, room ? "switchd has closed the connection"
					  : "switchd's answer is too long");
			return -1;
		}
		client->len += (size_t)n;
	}
	return end - client->in;
}

/* --- Messages ----------------------------------------------------------- */

bool client_send(struct client *client, const char *method,
		 const json_t *params, int fd, struct err *err)
{
	json_t *request =
		json_pack("{s:s, s:i, s:s, s:O}", "jsonrpc", "2.0", "id", 1,
			  "method", method, "params", params);
	size_t len = json_dumpb(request, NULL, 0, JSON_COMPACT);
	char *line = len ? malloc(len + 1) : NULL;
	bool sent = false;

	if (line) {
		(void)json_dumpb(request, line, len, JSON_COMPACT);
		line[len] = '\n';
		sent = send_all(client, line, len + 1, fd, err);
	} else {
		err_set(err, "no memory");
	}
	free(line);
	json_decref(request);
	return sent;
}

static json_t *receive(struct client *client, int64_t deadline, struct err *err)
{
	ssize_t len = receive_line(client, deadline, err);
	json_error_t error;
	json_t *message;

	if (len < 0)
		return NULL;
	message = json_loadb(client->in, (size_t)len, 0, &error);
	client->len -= (size_t)len + 1;
	memmove(client->in, client->in + len + 1, client->len);
	if (!message)
		err_set(err, "switchd's answer is no answer");
	return message;
}

json_t *client_reply(struct client *client, json_t **data, struct err *err)
{
	json_t *reply = receive(client, now_ms() + CLIENT_WAIT_MS, err);
	json_t *error = json_object_get(reply, "error");
	json_t *result = json_incref(json_object_get(reply, "result"));
	const char *message = cmd_text(error, "message");

	if (data)
		*data = json_incref(json_object_get(error, "data"));
	if (reply && !json_is_object(result)) {
		err_set(err, "%s",
			message ? message : "switchd's answer is no answer");
		json_decref(result);
		result = NULL;
	}
	json_decref(reply);
	return result;
}

/* Until there is something from switchd, or nobody who would like it. */
static bool await_event(const struct client *client, int out, struct err *err)
{
	struct pollfd p[2] = {{.fd = client->fd, .events = POLLIN},
			      {.fd = out}};

	while (poll(p, 2, -1) < 0)
		if (errno != EINTR)
			return err_sys(err, "cannot wait for switchd");
	if (!p[1].revents)
		return true;
	errno = EPIPE;
	return err_sys(err, "cannot write the result");
}

json_t *client_event(struct client *client, int out, struct err *err)
{
	json_t *message = NULL, *event;

	if (client->len > 0 || await_event(client, out, err))
		message = receive(client, -1, err);
	event = json_incref(json_object_get(message, "params"));
	if (message && !event)
		err_set(err, "switchd's event is no event");
	json_decref(message);
	return event;
}

/* --- Calls -------------------------------------------------------------- */

static json_t *call_page(struct client *client, const char *method,
			 json_t *params, struct err *err)
{
	if (!client_send(client, method, params, -1, err))
		return NULL;
	return client_reply(client, NULL, err);
}

/* Adds the pages that follow to the first. */
static bool call_rest(struct client *client, const char *method, json_t *params,
		      json_t *result, struct err *err)
{
	json_t *rows = json_object_get(result, "rows");
	json_t *next = json_incref(json_object_get(result, "next"));

	while (json_is_integer(next)) {
		json_t *page;

		(void)json_object_set_new(params, "from", next);
		page = call_page(client, method, params, err);
		if (!page)
			return false;
		(void)json_array_extend(rows, json_object_get(page, "rows"));
		next = json_incref(json_object_get(page, "next"));
		json_decref(page);
	}
	json_decref(next);
	(void)json_object_del(result, "next");
	return true;
}

json_t *client_call(struct client *client, const char *method,
		    const json_t *params, struct err *err)
{
	json_t *copy = json_deep_copy(params);
	json_t *result = call_page(client, method, copy, err);

	if (result && !call_rest(client, method, copy, result, err)) {
		json_decref(result);
		result = NULL;
	}
	json_decref(copy);
	return result;
}

bool client_await_end(struct client *client, struct err *err)
{
	int64_t deadline = now_ms() + CLIENT_WAIT_MS;
	ssize_t n;

	do {
		if (!await(client->fd, POLLIN, deadline, err))
			return false;
		n = recv(client->fd, client->in, sizeof(client->in), 0);
	} while (n > 0);
	return client->daemon < 0 ||
	       await(client->daemon, POLLIN, deadline, err);
}
