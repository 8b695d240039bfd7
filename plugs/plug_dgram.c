/* SPDX-License-Identifier: MIT */
/*
 * plug_dgram: one raw frame in each unix datagram, as QEMU's -netdev dgram,
 * ubridge and dynamips (nio unix) send it. Each side has a socket file of its
 * own and sends to the other's. There is no handshake: the port is up as soon
 * as our socket is.
 *
 * The socket is connected to the peer's, so the kernel keeps out what anybody
 * else sends, and says when the peer takes more. But it stays connected to a
 * peer that has died, and then keeps out the next one that takes its place,
 * too. So once a second we look whether the file at the peer's path is still
 * the one that we are connected to; where there is none frames are dropped
 * (tx_refused) and the socket is deaf, since it would hear everybody.
 *
 * Deliberately not here: a life after exec (give); a new daemon binds the path
 * anew and finds the peer at once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugs/deaf.h"
#include "plugs/plug.h"
#include "plugs/unix_path.h"
#include "switchd/core/offload.h"

#define LOOK_MS      1000
#define BUFFER_BYTES (4 << 20) /* the kernel cuts it to wmem_max */
#define EVENT_SIZE   400

struct dgram_paths {
	struct unix_path own, peer;
};

struct dgram_conf {
	struct dgram_paths paths;
	struct unix_access access;
};

/* Which file is at a path; all zero: none. */
struct file_id {
	dev_t device;
	ino_t inode;
	struct timespec changed; /* numbers of inodes are used again */
};

struct look {
	uv_timer_t timer;
	struct plug *plug;
};

struct dgram {
	struct plug base;
	struct io *io;       /* NULL: the peer is not there */
	int fd;              /* then ours, else the io's */
	struct file_id peer; /* that we are connected to */
	int trouble; /* errno that the last attempt met, if it was told */
	struct look *look;
};

static struct dgram *dgram_of(struct plug *plug)
{
	return (struct dgram *)plug;
}

static const struct dgram_conf *conf_of(const struct dgram *self)
{
	return self->base.conf;
}

/* --- Options ------------------------------------------------------------ */

static bool paths_parse(const struct opt *row, const struct opt_ctx *ctx,
			const char *text, void *out, struct err *err)
{
	struct dgram_paths paths = {.own.text = ""};
	const char *arrow = strstr(text, "->");
	char own[2 * UNIX_PATH_SIZE];
	size_t len = arrow ? (size_t)(arrow - text) : 0;
	const char *peer;

	while (len > 0 && strchr(" \t", text[len - 1]))
		len--;
	if (len == 0)
		return err_set(err,
			       "is '%.40s', expected OWN -> PEER, as in "
			       "/run/a -> /run/b",
			       text);
	if (len >= sizeof(own))
		return err_set(err, "is '%.20s...', too long", text);
	memcpy(own, text, len);
	own[len] = '\0';
	peer = arrow + 2 + strspn(arrow + 2, " \t");
	if (!unix_path_parse(&paths.own, own, err) ||
	    !unix_path_parse(&paths.peer, peer, err))
		return false;
	if (strcmp(paths.own.text, paths.peer.text) == 0)
		return err_set(err, "has %s for both ends", paths.own.text);
	*(struct dgram_paths *)out = paths;
	return true;
}

static void paths_format(const struct opt *row, const void *value, char *buf,
			 size_t size)
{
	const struct dgram_paths *paths = value;

	(void)snprintf(buf, size, "%s -> %s", paths->own.text,
		       paths->peer.text);
}

static const struct opt_type paths_type = {"two paths", paths_parse,
					   paths_format, false};

static const struct opt arg = {
	.key = "dgram",
	.type = &paths_type,
	OPT_AT(struct dgram_conf, paths),
	.flags = OPT_REQUIRED,
	.help = "/OWN -> /PEER, our socket and the peer's",
};

static const struct opt rows[] = {
	{
		.key = "mode",
		.type = &opt_mode,
		OPT_AT(struct dgram_conf, access.mode),
		.min = 1,
		.max = 0777,
		.help = "permissions of our socket",
	},
	{
		.key = "group",
		.type = &opt_text,
		OPT_AT(struct dgram_conf, access.group),
		.help = "group of our socket, name or number",
	},
	OPT_END,
};

static void dgram_claim(const void *conf, char *buf, size_t size)
{
	const struct dgram_conf *c = conf;

	(void)snprintf(buf, size, "unix socket %s", c->paths.own.text);
}

/* --- The peer ----------------------------------------------------------- */

static struct file_id identify(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return (struct file_id){.inode = 0};
	return (struct file_id){st.st_dev, st.st_ino, st.st_ctim};
}

static bool is_same(const struct file_id *a, const struct file_id *b)
{
	return a->device == b->device && a->inode == b->inode &&
	       a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

static void say(struct dgram *self, const char *what, const char *why)
{
	const struct dgram_conf *c = conf_of(self);
	char text[EVENT_SIZE];

	(void)snprintf(text, sizeof(text), "peer %s %s%s%s", c->paths.peer.text,
		       what, *why ? ": " : "", why);
	self->base.host->event(&self->base, text);
}

static void on_rx(void *ctx, const struct frame *frames, unsigned n,
		  uint64_t now)
{
	struct plug *plug = ctx;

	plug->host->rx(plug, frames, n, now);
}

static void part(struct dgram *self)
{
	self->fd = io_release(self->io);
	self->io = NULL;
	(void)deaf_set(self->fd, true, NULL);
	say(self, "left", "");
}

static void on_gone(void *ctx, int errnum)
{
	part(ctx);
}

static const struct io_callbacks callbacks = {.rx = on_rx, .gone = on_gone};

/* Tells what keeps us from the peer, once, unless it is just not there. */
static void note_trouble(struct dgram *self, const struct err *err)
{
	bool absent = err->errnum == ENOENT || err->errnum == ECONNREFUSED;

	if (!absent && err->errnum != self->trouble)
		say(self, "cannot be reached", err->msg);
	self->trouble = err->errnum;
}

/*
 * Connects, if somebody is there. Returns false only if the socket cannot be
 * used any more.
 */
static bool meet(struct dgram *self, struct err *err)
{
	const struct plug_env *env = self->base.env;
	const struct unix_path *path = &conf_of(self)->paths.peer;
	const struct io_user user = {.callbacks = &callbacks,
				     .ctx = self,
				     .counters = self->base.counters,
				     .hold_limit = self->base.hold_limit};
	struct err why;

	self->peer = identify(path->text);
	if (!unix_path_connect(path, self->fd, env->priv, &why)) {
		note_trouble(self, &why);
		return true;
	}
	if (!deaf_set(self->fd, false, err))
		return false;
	self->trouble = 0;
	self->io = io_add(env->io, self->fd, IO_DGRAM, &user, err);
	self->fd = -1;
	if (!self->io)
		return false;
	say(self, "joined", "");
	return true;
}

static void on_look(uv_timer_t *timer)
{
	struct plug *plug = ((struct look *)timer->data)->plug;
	struct dgram *self = dgram_of(plug);
	struct file_id now = identify(conf_of(self)->paths.peer.text);
	struct err err;

	if (self->io && !is_same(&now, &self->peer))
		part(self);
	if (!self->io && !meet(self, &err))
		plug->host->state(plug, false, &err);
}

/* --- The class ---------------------------------------------------------- */

static void on_freed(uv_handle_t *handle)
{
	free(handle->data);
}

static bool start_looking(struct dgram *self, struct err *err)
{
	struct look *look = calloc(1, sizeof(*look));

	if (!look)
		return err_set(err, "no memory");
	look->plug = &self->base;
	look->timer.data = look;
	(void)uv_timer_init(self->base.env->loop, &look->timer);
	(void)uv_timer_start(&look->timer, on_look, 0, LOOK_MS);
	self->look = look;
	return true;
}

/* Back to where open() began. */
static void stop(struct dgram *self)
{
	if (self->look)
		uv_close((uv_handle_t *)&self->look->timer, on_freed);
	self->look = NULL;
	unix_path_unbind(&conf_of(self)->paths.own, self->base.env->priv);
	io_remove(self->io);
	self->io = NULL;
	if (self->fd >= 0)
		(void)close(self->fd);
	self->fd = -1;
}

static bool dgram_open(struct plug *plug, struct fdset *inherited,
		       struct err *err)
{
	struct dgram *self = dgram_of(plug);
	const struct dgram_conf *c = plug->conf;
	int size = BUFFER_BYTES;

	self->trouble = 0;
	self->fd = unix_path_bind(&c->paths.own, SOCK_DGRAM, &c->access,
				  plug->env->priv, err);
	if (self->fd < 0)
		return false;
	(void)setsockopt(self->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (!start_looking(self, err)) {
		stop(self);
		return false;
	}
	plug->host->state(plug, true, NULL);
	return true;
}

static void dgram_send(struct plug *plug, const struct wire *wires, unsigned n,
		       uint64_t now, enum drop *fates)
{
	struct dgram *self = dgram_of(plug);

	if (self->io) {
		io_send(self->io, wires, n, fates);
		return;
	}
	counters_drop(plug->counters, DROP_TX_REFUSED,
		      offload_wires_frames(wires, n));
	io_fates(fates, n, DROP_TX_REFUSED);
}

static void dgram_close(struct plug *plug)
{
	stop(dgram_of(plug));
	plug->host->closed(plug);
}

static void dgram_attach(const struct plug *plug, char *buf, size_t size)
{
	const struct dgram_conf *c = plug->conf;
	char nic[PLUG_QEMU_NIC_SIZE];
	char id[PLUG_QEMU_ID_SIZE];

	(void)snprintf(buf, size,
		       "-netdev dgram,id=%s,local.type=unix,local.path=%s,"
		       "remote.type=unix,remote.path=%s %s\n",
		       plug_qemu_id(plug, id), c->paths.peer.text,
		       c->paths.own.text, plug_qemu_nic(plug, nic));
}

static size_t dgram_held(const struct plug *plug)
{
	const struct dgram *self = (const struct dgram *)plug;

	return self->io ? io_held(self->io) : 0;
}

const struct plug_class plug_dgram_class = {
	.kind =
		{
			.name = "dgram",
			.help = "one frame in each unix datagram: QEMU's "
				"-netdev dgram, ubridge",
			.arg = &arg,
			.rows = rows,
			.conf_size = sizeof(struct dgram_conf),
			.mtu = FRAME_MTU_MAX,
			.claim = dgram_claim,
		},
	.size = sizeof(struct dgram),
	.open = dgram_open,
	.send = dgram_send,
	.close = dgram_close,
	.attach = dgram_attach,
	.held = dgram_held,
};
