/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/control.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE_MS 1000

static void tell(struct nat *nat, const struct nat_msg *msg)
{
	struct pollfd control = {.fd = nat->control, .events = POLLOUT};
	struct err err;

	if (nat_msg_send(nat->control, msg, &err))
		return;
	if (err.errnum == EAGAIN && poll(&control, 1, PATIENCE_MS) > 0 &&
	    nat_msg_send(nat->control, msg, &err))
		return;
	nat->over = true;
}

void control_ready(struct nat *nat)
{
	struct nat_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.type = NAT_MSG_READY;
	(void)snprintf(msg.ready.version, sizeof(msg.ready.version), "%s",
		       engine_version());
	msg.ready.ping = nat->shim.ping;
	msg.ready.ping6 = nat->shim.ping6;
	tell(nat, &msg);
}

void control_note(struct nat *nat, const char *text)
{
	struct nat_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.type = NAT_MSG_NOTE;
	(void)snprintf(msg.note, sizeof(msg.note), "%s", text);
	tell(nat, &msg);
}

void control_stats(struct nat *nat)
{
	struct nat_msg msg;

	nat->stats.flows = flows_count(nat->flows);
	nat->stats.fds = pollset_count(nat->set);
	memset(&msg, 0, sizeof(msg));
	msg.type = NAT_MSG_STATS;
	msg.stats = nat->stats;
	tell(nat, &msg);
}

void control_lease(void *ctx, const struct lease *lease)
{
	const struct nat *nat = ctx;
	struct nat_msg msg;

	if (!lease->bound)
		flows_disown(nat->flows, &lease->mac);
	memset(&msg, 0, sizeof(msg));
	msg.type = NAT_MSG_LEASE;
	msg.lease = *lease;
	tell(ctx, &msg);
}

/* --- Forwards ---------------------------------------------------------- */

/* The host's side is what there can be only one of. */
static bool same_outer(const struct nat_forward *a, const struct nat_forward *b)
{
	if (a->path[0] || b->path[0])
		return strcmp(a->path, b->path) == 0;
	return a->udp == b->udp && a->outer_port == b->outer_port &&
	       a->outer.family == b->outer.family &&
	       memcmp(a->outer.addr, b->outer.addr, 16) == 0;
}

static bool open_forward(struct nat *nat, const struct nat_forward *forward,
			 struct err *err)
{
	if (nat->forward_count == NAT_FORWARDS_MAX)
		return err_set(err, "there are %d forwards already",
			       NAT_FORWARDS_MAX);
	for (unsigned i = 0; i < nat->forward_count; i++) {
		if (same_outer(&nat->forwards[i], forward))
			return err_set(err, "there is a forward from there "
					    "already");
	}
	if (!engine_forward(nat->engine, forward, err))
		return false;
	nat->forwards[nat->forward_count++] = *forward;
	return true;
}

static void add_forward(struct nat *nat, const struct nat_forward *forward)
{
	struct nat_msg msg;
	struct err err = {0};

	memset(&msg, 0, sizeof(msg));
	msg.type = NAT_MSG_FORWARD;
	msg.forwarded.forward = *forward;
	msg.forwarded.ok = open_forward(nat, forward, &err);
	(void)snprintf(msg.forwarded.reason, sizeof(msg.forwarded.reason),
		       "%.*s", (int)sizeof(msg.forwarded.reason) - 1, err.msg);
	tell(nat, &msg);
}

static void delete_forward(struct nat *nat, const struct nat_forward *forward)
{
	for (unsigned i = 0; i < nat->forward_count; i++) {
		if (!same_outer(&nat->forwards[i], forward))
			continue;
		(void)engine_unforward(nat->engine, &nat->forwards[i]);
		nat->forwards[i] = nat->forwards[--nat->forward_count];
		return;
	}
}

bool control_obey(struct nat *nat, const struct nat_msg *msg, struct err *err)
{
	switch (msg->type) {
	case NAT_MSG_LEASE:
		(void)leases_put(nat->leases, &msg->lease);
		return true;
	case NAT_MSG_FORWARD_ADD:
		add_forward(nat, &msg->forward);
		return true;
	case NAT_MSG_FORWARD_DEL:
		delete_forward(nat, &msg->forward);
		return true;
	case NAT_MSG_START:
		return true;
	default:
		return err_set(err, "the switch sends nonsense");
	}
}
