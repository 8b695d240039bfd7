/* SPDX-License-Identifier: MIT */
/*
 * plug_vde: a port that VDE clients join, any number of them; what they
 * share and what they do not is told in clients.h.
 *
 * A session is the ctl stream: its end is the end of the client, and so is
 * anything more that it says there.
 *
 * Deliberately not here: a life after exec (give). A hundred clients with
 * their paths and descriptions do not fit in a struct fdset.
 */
#include "plugs/plug_vde.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "plugs/clients.h"

#define EVENT_SIZE 400

struct vde_client {
	struct client client;
	uv_poll_t ctl;
	struct vde_session session;
};

struct vde {
	struct plug base;
	struct vde_listener *listener; /* NULL: of a dynamic port */
	struct clients clients;
};

static struct vde *vde_of(struct plug *plug)
{
	return (struct vde *)plug;
}

/* Ports made for anonymous clients are "#3": nobody asks for them by name. */
static bool is_dynamic(const struct plug *plug)
{
	return plug->name[0] == '#';
}

/* --- Clients ------------------------------------------------------------ */

static void say(struct plug *plug, const char *what,
		const struct vde_session *s, const char *why)
{
	const char *who = s->req.text[0] ? s->req.text : "unnamed";
	char text[EVENT_SIZE];

	(void)snprintf(text, sizeof(text), "client %s: %s, uid %u%s%s", what,
		       who, (unsigned)s->uid, *why ? ": " : "", why);
	plug->host->event(plug, text);
}

static void on_freed(uv_handle_t *handle)
{
	free(handle->data);
}

static void end(struct vde_client *c)
{
	struct plug *plug = c->client.plug;

	TAILQ_REMOVE(&vde_of(plug)->clients, &c->client, entry);
	io_remove(c->client.io);
	uv_close((uv_handle_t *)&c->ctl, on_freed);
	vde_dir_end(plug->env->vde, &c->session);
}

/* The event comes last: the host may close the plug in it. */
static void leave(struct vde_client *c, const char *why)
{
	struct vde_session session = c->session;
	struct plug *plug = c->client.plug;

	end(c);
	say(plug, "left", &session, why);
}

static void on_gone(void *ctx, int errnum)
{
	leave(ctx, strerror(errnum));
}

static const struct io_callbacks callbacks = {.rx = client_rx, .gone = on_gone};

static void on_ctl(uv_poll_t *poll, int status, int events)
{
	struct vde_client *c = poll->data;
	char byte;
	ssize_t n = recv(c->session.ctl, &byte, 1, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR) && status == 0)
		return;
	leave(c, n > 0 ? "it sent more than a request" : "");
}

static bool reply(const struct vde_session *s, struct err *err)
{
	uint8_t bytes[VDE_REPLY_SIZE];

	vde_reply_make(bytes, s->path);
	if (send(s->ctl, bytes, sizeof(bytes), MSG_NOSIGNAL | MSG_DONTWAIT) !=
	    sizeof(bytes))
		return err_set(err, "it does not take the reply");
	return true;
}

static bool watch_ctl(struct vde_client *c, struct err *err)
{
	if (uv_poll_init(c->client.plug->env->loop, &c->ctl, c->session.ctl) <
	    0)
		return err_set(err, "cannot watch its connection");
	c->ctl.data = c;
	(void)uv_poll_start(&c->ctl, UV_READABLE | UV_DISCONNECT, on_ctl);
	return true;
}

/* Makes it a client. On failure nothing but the session is left to end. */
static bool start(struct vde_client *c, struct err *err)
{
	struct vde_session *s = &c->session;
	const struct plug *plug = c->client.plug;
	int data = s->data;

	if (!vde_dir_bind(plug->env->vde, s, plug->number, err))
		return false;
	s->data = -1;
	if (!client_start(&c->client, data, IO_DGRAM, &callbacks, err))
		return false;
	if (reply(s, err) && watch_ctl(c, err))
		return true;
	io_remove(c->client.io);
	return false;
}

static struct vde_client *vde_client_new(struct plug *plug,
					 const struct vde_session *session)
{
	struct vde_client *c = calloc(1, sizeof(*c));
	struct plug_client *about;

	if (!c)
		return NULL;
	about = &c->client.about;
	c->session = *session;
	c->client.plug = plug;
	about->uid = session->uid;
	about->pid = session->pid;
	memcpy(about->text, session->req.text, sizeof(about->text));
	return c;
}

void plug_vde_join(struct plug *plug, const struct vde_session *session)
{
	struct vde_client *c = vde_client_new(plug, session);
	struct vde_session ended = *session;
	struct err err;

	if (c) {
		if (start(c, &err)) {
			TAILQ_INSERT_TAIL(&vde_of(plug)->clients, &c->client,
					  entry);
			say(plug, "joined", session, "");
			return;
		}
		ended = c->session;
		free(c);
	} else {
		(void)err_set(&err, "no memory");
	}
	vde_dir_end(plug->env->vde, &ended);
	say(plug, "refused", &ended, err.msg);
}

/* --- The class ---------------------------------------------------------- */

static const struct opt rows[] = {OPT_END};

static bool vde_open(struct plug *plug, struct fdset *inherited,
		     struct err *err)
{
	struct vde *self = vde_of(plug);

	if (!plug->env->vde)
		return err_set(err, "the switch has no VDE directory");
	TAILQ_INIT(&self->clients);
	if (!is_dynamic(plug)) {
		self->listener = vde_dir_listen(plug->env->vde, plug, err);
		if (!self->listener)
			return false;
	}
	plug->host->state(plug, true, NULL);
	return true;
}

static void vde_send(struct plug *plug, const struct wire *wires, unsigned n,
		     uint64_t now, enum drop *fates)
{
	clients_send(&vde_of(plug)->clients, plug, wires, n, fates);
}

static void vde_close(struct plug *plug)
{
	struct vde *self = vde_of(plug);

	while (!TAILQ_EMPTY(&self->clients))
		end((struct vde_client *)TAILQ_FIRST(&self->clients));
	vde_dir_unlisten(self->listener);
	self->listener = NULL;
	plug->host->closed(plug);
}

static void vde_attach(const struct plug *plug, char *buf, size_t size)
{
	const char *name = plug->name;
	char nic[PLUG_QEMU_NIC_SIZE];
	char id[PLUG_QEMU_ID_SIZE];
	const char *dir;

	if (size > 0)
		buf[0] = '\0';
	/* Who asked for the number of a dynamic port would share it. */
	if (!plug->env->vde || is_dynamic(plug))
		return;
	dir = vde_dir_path(plug->env->vde);
	(void)snprintf(buf, size,
		       "-netdev 'vde,id=%s,sock=%s[%s]' %s\n"
		       "vde_plug 'vde://%s[%s]'\n"
		       "vde_plug2tap -s '%s[%s]' tap0\n"
		       "linux.uml 'eth0=vde,%s[%s]'\n",
		       plug_qemu_id(plug, id), dir, name,
		       plug_qemu_nic(plug, nic), dir, name, dir, name, dir,
		       name);
}

static size_t vde_held(const struct plug *plug)
{
	return clients_held(&((const struct vde *)plug)->clients);
}

static bool vde_client(const struct plug *plug, unsigned i,
		       struct plug_client *out)
{
	return clients_get(&((const struct vde *)plug)->clients, i, out);
}

const struct plug_class plug_vde_class = {
	.kind =
		{
			.name = "vde",
			.help = "QEMU, UML, vde_plug and other VDE clients",
			.rows = rows,
			.mtu = FRAME_MTU_MAX,
		},
	.size = sizeof(struct vde),
	.open = vde_open,
	.send = vde_send,
	.close = vde_close,
	.attach = vde_attach,
	.held = vde_held,
	.client = vde_client,
};
