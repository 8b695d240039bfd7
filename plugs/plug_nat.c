/* SPDX-License-Identifier: MIT */
/*
 * plug_nat: user-mode NAT: the way of guests to the world outside, with DHCP
 * and DNS, made by a process of its own (nat_child.h, docs/ARCHITECTURE.md).
 *
 * That process talks to guests and may be broken by one. So it is believed
 * nothing, costs this port only, and has nothing that is not here, too: what
 * it was told, the forwards of run time (nat_table.h), the leases. When it has
 * ended the port goes down with a reason, and the host opens it again; the new
 * process is told all of that before its first frame, and goes on.
 *
 * Deliberately not here: a life after exec (give): connections are in the
 * process and end with it.
 */
#include "plugs/plug_nat.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plugs/nat_port.h"
#include "switchd/core/offload.h"

#define MESSAGES_A_WAKE 64 /* then others have their turn */
#define NOTES_PER_S     10
#define NS_PER_S        1000000000u

/* --- Options ------------------------------------------------------------ */

static bool nat_finish(void *conf, const char *port_name, struct err *err)
{
	struct nat_conf whole;

	return nat_opts_resolve(conf, plug_nat_class.kind.mtu, &whole, err);
}

/* Two NATs in one network would have one address and one MAC. */
static bool nat_beside(const void *conf, const void *other, struct err *err)
{
	const struct net *a = &((const struct nat_opts *)conf)->net;
	const struct net *b = &((const struct nat_opts *)other)->net;
	char mine[NET_TEXT_SIZE], theirs[NET_TEXT_SIZE];

	return !(net_has(a, b) || net_has(b, a)) ||
	       err_set(err, "its network %s overlaps %s of",
		       net_format(a, mine), net_format(b, theirs));
}

/* --- Notes -------------------------------------------------------------- */

/* A line for the log; what it says too often is not worth one. */
static void note(struct nat *self, const char *text)
{
	uint64_t second = uv_hrtime() / NS_PER_S;

	if (second != self->notes_second)
		self->notes = 0;
	self->notes_second = second;
	if (self->notes++ < NOTES_PER_S)
		self->base.host->event(&self->base, text);
}

static void note_forwards(struct nat *self)
{
	const struct nat_slot *slot;

	while ((slot = nat_table_news(&self->table))) {
		bool open = slot->state == NAT_SLOT_OPEN;
		char text[NAT_FORWARD_SIZE], line[512];

		(void)snprintf(line, sizeof(line), "%sforward %s%s%s",
			       open ? "" : "no ",
			       nat_forward_format(&slot->forward, text),
			       open ? "" : ": ", open ? "" : slot->reason);
		note(self, line);
	}
}

/* --- Telling the process ------------------------------------------------ */

static bool tell_leases(struct nat *self)
{
	uint64_t now = uv_hrtime();
	const struct lease *lease;

	while ((lease = leases_at(self->leases, self->leases_told, now))) {
		const struct nat_msg msg = {.type = NAT_MSG_LEASE,
					    .lease = *lease};

		if (!nat_child_send(self->child, &msg))
			return false;
		self->leases_told++;
	}
	return true;
}

static bool tell_conf(struct nat *self)
{
	const struct nat_msg msg = {.type = NAT_MSG_CONF, .conf = self->conf};

	return nat_child_send(self->child, &msg);
}

static bool tell_start(struct nat *self)
{
	const struct nat_msg msg = {.type = NAT_MSG_START};

	return nat_child_send(self->child, &msg);
}

bool nat_port_prepare(struct nat *self)
{
	if (!self->leases) {
		(void)nat_opts_resolve(self->base.conf, self->base.mtu,
				       &self->conf, NULL);
		self->leases = leases_new(&self->conf);
	}
	return self->leases != NULL;
}

void nat_port_tell(struct nat *self)
{
	const struct priv *priv = self->base.env->priv;

	if (!self->child)
		return;
	if (self->step == STEP_CONF && tell_conf(self))
		self->step = STEP_LEASES;
	if (self->step == STEP_LEASES && tell_leases(self))
		self->step = STEP_FORWARDS;
	if (self->step >= STEP_FORWARDS &&
	    nat_table_tell(&self->table, self->child, priv) &&
	    self->step == STEP_FORWARDS && tell_start(self))
		self->step = STEP_STARTED;
	note_forwards(self);
}

/* --- Frames ------------------------------------------------------------- */

static void on_rx(void *ctx, const struct frame *frames, unsigned n,
		  uint64_t now)
{
	struct plug *plug = ctx;

	plug->host->rx(plug, frames, n, now);
}

static void drop_io(struct nat *self)
{
	io_remove(self->io);
	self->io = NULL;
}

/* Without frames it is of no use, whatever else it may do. */
static void on_gone(void *ctx, int errnum)
{
	struct nat *self = ctx;

	drop_io(self);
	nat_child_stop(self->child);
}

static const struct io_callbacks callbacks = {.rx = on_rx, .gone = on_gone};

static void go_up(struct nat *self)
{
	struct plug *plug = &self->base;
	const struct io_user user = {.callbacks = &callbacks,
				     .ctx = self,
				     .counters = plug->counters,
				     .hold_limit = plug->hold_limit};
	struct err err;

	nat_child_ready(self->child);
	self->io = io_add(plug->env->io, self->frames, IO_VNET, &user, &err);
	self->frames = -1;
	if (self->io)
		plug->host->state(plug, true, NULL);
	else
		nat_child_kill(self->child, err.msg);
}

/* --- What the process says ---------------------------------------------- */

static void note_lease(struct nat *self, const struct lease *lease)
{
	const uint8_t *a = lease->addr;
	char mac[MAC_TEXT_SIZE], text[200];

	(void)snprintf(text, sizeof(text), "lease of %u.%u.%u.%u %s %s%s%s",
		       a[0], a[1], a[2], a[3], lease->bound ? "to" : "ended:",
		       mac_format(&lease->mac, mac), lease->name[0] ? ", " : "",
		       lease->name);
	note(self, text);
}

/* One that does not fit is not kept; to its guest that is no harm. */
static void take_lease(struct nat *self, const struct lease *lease)
{
	const struct lease *was =
		leases_by_addr(self->leases, lease->addr, uv_hrtime());
	bool renewed = was && was->bound && lease->bound &&
		       memcmp(&was->mac, &lease->mac, sizeof(was->mac)) == 0;

	if (!leases_put(self->leases, lease))
		return;
	self->lease_changes++;
	if (!renewed)
		note_lease(self, lease);
}

static void take(struct nat *self, const struct nat_msg *msg)
{
	switch (msg->type) {
	case NAT_MSG_READY:
		if (self->step == STEP_STARTED && self->frames >= 0) {
			self->ready = msg->ready;
			go_up(self);
			return;
		}
		break;
	case NAT_MSG_LEASE:
		take_lease(self, &msg->lease);
		return;
	case NAT_MSG_FORWARD:
		nat_table_answered(&self->table, &msg->forwarded,
				   self->base.env->priv);
		note_forwards(self);
		return;
	case NAT_MSG_NOTE:
		note(self, msg->note);
		return;
	case NAT_MSG_STATS:
		self->stats = msg->stats;
		return;
	default:
		break;
	}
	nat_child_kill(self->child, "the NAT process sent nonsense");
}

static void on_wake(void *ctx)
{
	struct nat *self = ctx;
	struct nat_msg msg;

	nat_port_tell(self);
	for (int i = 0; i < MESSAGES_A_WAKE && !self->closing; i++) {
		if (!nat_child_receive(self->child, &msg))
			return;
		take(self, &msg);
	}
}

/* --- One life ----------------------------------------------------------- */

static void keep_stats(struct nat *self)
{
	for (int i = 0; i < NAT_STAT_COUNT; i++)
		self->former.count[i] += self->stats.count[i];
	self->stats = (struct nat_stats){.flows = 0};
}

static void on_ended(void *ctx, const struct err *how)
{
	struct nat *self = ctx;
	struct plug *plug = &self->base;

	self->child = NULL;
	drop_io(self);
	self->ready = (struct nat_ready){.version = ""};
	keep_stats(self);
	nat_table_rewind(&self->table, plug->env->priv);
	if (self->closing)
		plug->host->closed(plug);
	else
		plug->host->state(plug, false, how);
}

static const struct nat_child_calls calls = {on_wake, on_ended};

static bool nat_open(struct plug *plug, struct fdset *inherited,
		     struct err *err)
{
	struct nat *self = nat_of(plug);

	if (!nat_port_prepare(self))
		return err_set(err, "no memory");
	self->conf.mtu = plug->mtu;
	(void)nat_table_follow(&self->table, plug->conf, &self->conf);
	self->step = STEP_CONF;
	self->leases_told = 0;
	self->notes = 0;
	self->closing = false;
	self->frames = -1;
	self->child = nat_child_start(plug->env->loop, plug->env->nat_program,
				      &calls, self, &self->frames, err);
	if (!self->child)
		return false;
	nat_port_tell(self);
	return true;
}

static void nat_send(struct plug *plug, const struct wire *wires, unsigned n,
		     uint64_t now, enum drop *fates)
{
	const struct nat *self = nat_of(plug);

	if (self->io) {
		io_send(self->io, wires, n, fates);
		return;
	}
	/* it has ended, which is told in a moment */
	counters_drop(plug->counters, DROP_TX_DOWN,
		      offload_wires_frames(wires, n));
	io_fates(fates, n, DROP_TX_DOWN);
}

static void nat_close(struct plug *plug)
{
	struct nat *self = nat_of(plug);

	self->closing = true;
	drop_io(self);
	if (self->frames >= 0)
		(void)close(self->frames);
	self->frames = -1;
	if (self->child)
		nat_child_stop(self->child);
	else
		plug->host->closed(plug);
}

static void nat_attach(const struct plug *plug, char *buf, size_t size)
{
	if (size > 0)
		buf[0] = '\0';
}

static size_t nat_held(const struct plug *plug)
{
	const struct nat *self = nat_of_const(plug);

	return self->io ? io_held(self->io) : 0;
}

static void nat_reconfigure(struct plug *plug)
{
	struct nat *self = nat_of(plug);
	bool told = nat_table_follow(&self->table, plug->conf, &self->conf);

	if (plug->mtu != self->conf.mtu)
		nat_child_kill(self->child, "a new mtu needs a new process");
	else if (!told)
		nat_child_kill(self->child, "the NAT process does not listen");
	else
		nat_port_tell(self);
}

static void nat_done(struct plug *plug)
{
	leases_free(nat_of(plug)->leases);
}

static bool nat_has_mac(const struct plug *plug, struct mac *mac)
{
	*mac = nat_mac(&nat_of_const(plug)->conf);
	return true;
}

const struct plug_class plug_nat_class = {
	.kind =
		{
			.name = "nat",
			.help = "user-mode NAT to the world outside, with DHCP "
				"and DNS",
			.arg = &nat_opts_arg,
			.rows = nat_opts_rows,
			.conf_size = sizeof(struct nat_opts),
			.mtu = 1500,
			.finish = nat_finish,
			.beside = nat_beside,
		},
	.size = sizeof(struct nat),
	.open = nat_open,
	.send = nat_send,
	.close = nat_close,
	.attach = nat_attach,
	.held = nat_held,
	.reconfigure = nat_reconfigure,
	.done = nat_done,
	.mac = nat_has_mac,
	.nat = &nat_ops,
};
