/* SPDX-License-Identifier: MIT */
#include "plugs/fdplug.h"

#include <stdio.h>

#define VERSION 1 /* one descriptor and no blob */

int fdplug_inherit(struct fdset *inherited)
{
	int fd;

	if (!inherited || inherited->version != VERSION ||
	    inherited->fd_count != 1)
		return -1;
	fd = inherited->fd[0];
	inherited->fd[0] = -1;
	return fd;
}

static void on_rx(void *ctx, const struct frame *frames, unsigned n,
		  uint64_t now)
{
	struct plug *plug = ctx;

	plug->host->rx(plug, frames, n, now);
}

static void on_gone(void *ctx, int errnum)
{
	struct fdplug *self = ctx;
	struct err reason;

	(void)err_set(&reason, "%s", self->gone_for);
	reason.errnum = errnum;
	self->base.host->state(&self->base, false, &reason);
}

static const struct io_callbacks callbacks = {.rx = on_rx, .gone = on_gone};

bool fdplug_start(struct plug *plug, int fd, enum io_kind kind,
		  const char *gone_for, struct err *err)
{
	struct fdplug *self = (struct fdplug *)plug;
	struct io_user user = {.callbacks = &callbacks,
			       .ctx = plug,
			       .counters = plug->counters,
			       .hold_limit = plug->hold_limit};

	self->gone_for = gone_for;
	self->io = io_add(plug->env->io, fd, kind, &user, err);
	if (!self->io)
		return false;
	plug->host->state(plug, true, NULL);
	return true;
}

bool fdplug_start_tap(struct plug *plug, int fd, uint32_t txqueuelen,
		      bool merge, struct err *err)
{
	struct fdplug *self = (struct fdplug *)plug;

	self->mtu = plug->mtu;
	self->txqueuelen = txqueuelen;
	if (!fdplug_start(plug, fd, IO_TAP, "the interface was deleted", err))
		return false;
	fdplug_set_merge(plug, merge);
	return true;
}

void fdplug_set_merge(struct plug *plug, bool on)
{
	struct fdplug *self = (struct fdplug *)plug;

	if (self->io)
		io_set_merge(self->io, on);
}

void fdplug_note_link(struct plug *plug, const struct fdplug_link *link)
{
	struct fdplug *self = (struct fdplug *)plug;
	char text[256];

	if (self->mtu == plug->mtu && self->txqueuelen == link->txqueuelen)
		return;
	self->mtu = plug->mtu;
	self->txqueuelen = link->txqueuelen;
	(void)snprintf(text, sizeof(text),
		       "mtu is %u, txqueuelen %u now; the interface itself "
		       "stays as it is: "
		       "`%sip link set %s mtu %u txqueuelen %u` changes it",
		       (unsigned)plug->mtu, (unsigned)link->txqueuelen,
		       link->way, link->ifname, (unsigned)plug->mtu,
		       (unsigned)link->txqueuelen);
	plug->host->event(plug, text);
}

void fdplug_send(struct plug *plug, const struct wire *wires, unsigned n,
		 uint64_t now, enum drop *fates)
{
	io_send(((struct fdplug *)plug)->io, wires, n, fates);
}

void fdplug_close(struct plug *plug)
{
	struct fdplug *self = (struct fdplug *)plug;

	io_remove(self->io);
	self->io = NULL;
	plug->host->closed(plug);
}

size_t fdplug_held(const struct plug *plug)
{
	const struct fdplug *self = (const struct fdplug *)plug;

	return self->io ? io_held(self->io) : 0;
}

void fdplug_give(struct plug *plug, struct fdset *out)
{
	struct fdplug *self = (struct fdplug *)plug;

	*out = (struct fdset){.version = VERSION, .fd_count = 1};
	out->fd[0] = io_release(self->io);
	self->io = NULL;
	plug->host->closed(plug);
}
