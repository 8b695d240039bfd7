/* SPDX-License-Identifier: MIT */
/*
 * plug_qemu: frames on a stream, as QEMU's -netdev stream and -netdev socket
 * send them, over a unix socket or TCP (stream_frames.h); also passt, vrnetlab
 * and dynamips' tcp_cli speak so.
 *
 * Where we listen the port is up at once, and up to 64 peers may be there: they
 * are clients of the port (clients.h). Where we dial there is one, and the port
 * is up as long as the connection lasts; then it is down, and its next try
 * dials again.
 *
 * Who may connect: to a unix socket our own user and root, unless mode or group
 * say otherwise, then whom the file system lets in. To a TCP port whoever
 * reaches it, which is every user of this machine even at the loopback address.
 *
 * Deliberately not here: a life after exec (give), for the reason that plug_vde
 * has: clients do not fit in a struct fdset.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugs/clients.h"
#include "plugs/stream_end.h"

#define CLIENTS_MAX 64
#define EVENT_SIZE  400

struct qemu_conf {
	struct stream_end end;
	struct unix_access access;
};

/* A socket that listens, or is being connected. */
struct door {
	uv_poll_t poll;
	struct plug *plug;
	int fd;
};

struct qemu {
	struct plug base;
	struct door *door; /* NULL while dialling has nothing to wait for */
	int reserve; /* a descriptor to give up when there are no others */
	struct clients clients;
	unsigned client_count;
};

static struct qemu *qemu_of(struct plug *plug)
{
	return (struct qemu *)plug;
}

static const struct qemu_conf *conf_of(const struct plug *plug)
{
	return plug->conf;
}

/* --- Options ------------------------------------------------------------ */

static const struct opt arg = {
	.key = "qemu",
	.type = &stream_end_type,
	OPT_AT(struct qemu_conf, end),
	.flags = OPT_REQUIRED,
	.help = "[->] /PATH or [->] tcp HOST:PORT, the arrow to connect",
};

static const struct opt rows[] = {
	{
		.key = "mode",
		.type = &opt_mode,
		OPT_AT(struct qemu_conf, access.mode),
		.min = 1,
		.max = 0777,
		.help = "permissions of the unix socket",
	},
	{
		.key = "group",
		.type = &opt_text,
		OPT_AT(struct qemu_conf, access.group),
		.help = "group of the unix socket, name or number",
	},
	OPT_END,
};

static bool has_access(const struct qemu_conf *c)
{
	return c->access.mode != 0 || c->access.group[0] != '\0';
}

static bool qemu_finish(void *conf, const char *port_name, struct err *err)
{
	const struct qemu_conf *c = conf;

	if (has_access(c) && (c->end.tcp || c->end.dial))
		return err_set(err, "has 'mode' or 'group', which are for a "
				    "unix socket that we make");
	return true;
}

static void qemu_claim(const void *conf, char *buf, size_t size)
{
	const struct stream_end *end = &((const struct qemu_conf *)conf)->end;
	char name[STREAM_END_SIZE];

	if (size > 0)
		buf[0] = '\0';
	if (!end->dial)
		(void)snprintf(buf, size, "%s %s",
			       end->tcp ? "TCP" : "unix socket",
			       stream_end_name(end, name));
}

/* --- Clients ------------------------------------------------------------ */

static void say(struct plug *plug, const char *what,
		const struct plug_client *who, const char *why)
{
	char text[EVENT_SIZE];
	char uid[32] = "";

	if (who->pid != 0)
		(void)snprintf(uid, sizeof(uid), ", uid %u",
			       (unsigned)who->uid);
	(void)snprintf(text, sizeof(text), "client %s: %s%s%s%s", what,
		       who->text, uid, *why ? ": " : "", why);
	plug->host->event(plug, text);
}

static void client_end(struct client *c)
{
	struct qemu *self = qemu_of(c->plug);

	TAILQ_REMOVE(&self->clients, c, entry);
	self->client_count--;
	io_remove(c->io);
	free(c);
}

static const char *explain(int errnum)
{
	switch (errnum) {
	case EPIPE:
		return "it closed the connection";
	case EPROTO:
		return "it announced a frame longer than any can be";
	default:
		return strerror(errnum);
	}
}

/* Event and state come last: the host may close the plug in them. */
static void on_gone(void *ctx, int errnum)
{
	struct client *c = ctx;
	struct plug_client about = c->about;
	struct plug *plug = c->plug;
	const struct stream_end *end = &conf_of(plug)->end;
	char name[STREAM_END_SIZE];
	struct err reason;

	client_end(c);
	if (!end->dial) {
		say(plug, "left", &about, explain(errnum));
		return;
	}
	(void)err_set(&reason, "lost %s: %s", stream_end_name(end, name),
		      explain(errnum));
	reason.errnum = errnum;
	plug->host->state(plug, false, &reason);
}

static const struct io_callbacks callbacks = {.rx = client_rx, .gone = on_gone};

/* fd belongs to the client from now on, also when this fails. */
static struct client *client_add(struct qemu *self, int fd,
				 const struct plug_client *about,
				 struct err *err)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c) {
		(void)close(fd);
		(void)err_set(err, "no memory");
		return NULL;
	}
	c->plug = &self->base;
	c->about = *about;
	if (!client_start(c, fd, IO_STREAM, &callbacks, err)) {
		free(c);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&self->clients, c, entry);
	self->client_count++;
	return c;
}

static void ask_about(const struct stream_end *end, int fd,
		      struct plug_client *about)
{
	struct stream_peer peer;

	stream_end_peer(end, fd, &peer);
	*about = (struct plug_client){.uid = peer.uid, .pid = peer.pid};
	memcpy(about->text, peer.text, sizeof(peer.text));
}

/* --- Doors -------------------------------------------------------------- */

static void on_freed(uv_handle_t *handle)
{
	free(handle->data);
}

static bool door_open(struct qemu *self, int fd, int events, uv_poll_cb on,
		      struct err *err)
{
	struct door *door = calloc(1, sizeof(*door));

	if (!door || uv_poll_init(self->base.env->loop, &door->poll, fd) < 0) {
		free(door);
		return err_set(err, "cannot wait for a connection");
	}
	door->poll.data = door;
	door->plug = &self->base;
	door->fd = fd;
	self->door = door;
	(void)uv_poll_start(&door->poll, events, on);
	return true;
}

/* Returns the socket, still open; -1 if there is none. */
static int door_close(struct qemu *self)
{
	struct door *door = self->door;

	if (!door)
		return -1;
	self->door = NULL;
	uv_close((uv_handle_t *)&door->poll, on_freed);
	return door->fd;
}

/* --- Listening ---------------------------------------------------------- */

static bool may_join(const struct qemu *self, const struct plug_client *about,
		     struct err *err)
{
	const struct qemu_conf *c = conf_of(&self->base);

	if (self->client_count >= CLIENTS_MAX)
		return err_set(err, "there are %d already", CLIENTS_MAX);
	if (c->end.tcp || has_access(c) || about->uid == 0 ||
	    about->uid == geteuid())
		return true;
	return err_set(err, "neither ours nor root's ('mode' and 'group' allow "
			    "others)");
}

static void join(struct qemu *self, int fd)
{
	struct plug *plug = &self->base;
	struct plug_client about;
	struct err err;

	ask_about(&conf_of(plug)->end, fd, &about);
	if (!may_join(self, &about, &err)) {
		(void)close(fd);
		say(plug, "refused", &about, err.msg);
	} else if (!client_add(self, fd, &about, &err)) {
		say(plug, "refused", &about, err.msg);
	} else {
		say(plug, "joined", &about, "");
	}
}

static bool reserve_take(struct qemu *self, struct err *err)
{
	self->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return self->reserve >= 0 ||
	       err_sys(err, "cannot keep a descriptor in reserve");
}

static void reserve_free(struct qemu *self)
{
	if (self->reserve >= 0)
		(void)close(self->reserve);
	self->reserve = -1;
}

/*
 * Out of descriptors the listener would stay readable and keep the loop
 * busy: the reserve makes room to accept and close.
 */
static void turn_away(struct door *door)
{
	struct qemu *self = qemu_of(door->plug);
	int fd;

	reserve_free(self);
	fd = accept4(door->fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		(void)close(fd);
	(void)reserve_take(self, NULL);
	door->plug->host->event(door->plug,
				"client refused: no free descriptors");
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct door *door = poll->data;
	int fd = stream_end_accept(&conf_of(door->plug)->end, door->fd);

	if (fd >= 0)
		join(qemu_of(door->plug), fd);
	else if (errno == EMFILE || errno == ENFILE)
		turn_away(door);
}

static bool listen_there(struct qemu *self, struct err *err)
{
	struct plug *plug = &self->base;
	const struct qemu_conf *c = conf_of(plug);
	int fd = -1;

	if (reserve_take(self, err))
		fd = stream_end_listen(&c->end, &c->access, plug->env->priv,
				       err);
	if (fd >= 0 && door_open(self, fd, UV_READABLE, on_connection, err)) {
		plug->host->state(plug, true, NULL);
		return true;
	}
	if (fd >= 0) {
		stream_end_unlisten(&c->end, plug->env->priv);
		(void)close(fd);
	}
	reserve_free(self);
	return false;
}

/* --- Dialling ----------------------------------------------------------- */

/* The connection is there. fd belongs to the plug, also when this fails. */
static bool go_up(struct qemu *self, int fd, struct err *err)
{
	struct plug *plug = &self->base;
	struct plug_client about;

	ask_about(&conf_of(plug)->end, fd, &about);
	if (!client_add(self, fd, &about, err))
		return false;
	plug->host->state(plug, true, NULL);
	return true;
}

static void on_dialled(uv_poll_t *poll, int status, int events)
{
	struct plug *plug = ((struct door *)poll->data)->plug;
	struct qemu *self = qemu_of(plug);
	int fd = door_close(self);
	struct err err;

	if (!stream_end_dialled(&conf_of(plug)->end, fd, &err)) {
		(void)close(fd);
		plug->host->state(plug, false, &err);
	} else if (!go_up(self, fd, &err)) {
		plug->host->state(plug, false, &err);
	}
}

static bool dial(struct qemu *self, struct err *err)
{
	const struct plug *plug = &self->base;
	bool pending;
	int fd = stream_end_dial(&conf_of(plug)->end, plug->env->priv, &pending,
				 err);

	if (fd < 0)
		return false;
	if (!pending)
		return go_up(self, fd, err);
	if (door_open(self, fd, UV_WRITABLE, on_dialled, err))
		return true;
	(void)close(fd);
	return false;
}

/* --- The class ---------------------------------------------------------- */

static bool qemu_open(struct plug *plug, struct fdset *inherited,
		      struct err *err)
{
	struct qemu *self = qemu_of(plug);

	TAILQ_INIT(&self->clients);
	self->reserve = -1;
	return conf_of(plug)->end.dial ? dial(self, err)
				       : listen_there(self, err);
}

static void qemu_send(struct plug *plug, const struct wire *wires, unsigned n,
		      uint64_t now, enum drop *fates)
{
	clients_send(&qemu_of(plug)->clients, plug, wires, n, fates);
}

static void qemu_close(struct plug *plug)
{
	struct qemu *self = qemu_of(plug);
	const struct stream_end *end = &conf_of(plug)->end;
	int fd = door_close(self);
	struct client *next;

	for (struct client *c = TAILQ_FIRST(&self->clients); c; c = next) {
		next = TAILQ_NEXT(c, entry);
		client_end(c);
	}
	if (!end->dial)
		stream_end_unlisten(end, plug->env->priv);
	if (fd >= 0)
		(void)close(fd);
	reserve_free(self);
	plug->host->closed(plug);
}

/* What QEMU is told to do is the opposite of what we do. */
static void qemu_attach(const struct plug *plug, char *buf, size_t size)
{
	const struct stream_end *end = &conf_of(plug)->end;
	const char *server = end->dial ? "on" : "off";
	char text[INET_END_SIZE];
	char nic[PLUG_QEMU_NIC_SIZE];
	char id[PLUG_QEMU_ID_SIZE];
	const char *host;

	(void)plug_qemu_nic(plug, nic);
	(void)plug_qemu_id(plug, id);
	if (!end->tcp) {
		(void)snprintf(buf, size,
			       "-netdev stream,id=%s,server=%s,addr.type=unix,"
			       "addr.path=%s %s\n",
			       id, server, end->path.text, nic);
		return;
	}
	host = inet_end_host(&end->inet, text);
	(void)snprintf(buf, size,
		       "-netdev stream,id=%s,server=%s,addr.type=inet,"
		       "addr.host=%s,addr.port=%u %s\n"
		       "-netdev socket,id=%s,%s=%s%s%s:%u %s\n",
		       id, server, host, end->inet.port, nic, id,
		       end->dial ? "listen" : "connect",
		       strchr(host, ':') ? "[" : "", host,
		       strchr(host, ':') ? "]" : "", end->inet.port, nic);
}

static size_t qemu_held(const struct plug *plug)
{
	return clients_held(&((const struct qemu *)plug)->clients);
}

static bool qemu_client(const struct plug *plug, unsigned i,
			struct plug_client *out)
{
	return clients_get(&((const struct qemu *)plug)->clients, i, out);
}

const struct plug_class plug_qemu_class = {
	.kind =
		{
			.name = "qemu",
			.help = "frames on a stream: QEMU's -netdev stream and "
				"socket",
			.arg = &arg,
			.rows = rows,
			.conf_size = sizeof(struct qemu_conf),
			.mtu = FRAME_MTU_MAX,
			.finish = qemu_finish,
			.claim = qemu_claim,
		},
	.size = sizeof(struct qemu),
	.open = qemu_open,
	.send = qemu_send,
	.close = qemu_close,
	.attach = qemu_attach,
	.held = qemu_held,
	.client = qemu_client,
};
