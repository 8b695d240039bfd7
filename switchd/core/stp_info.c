/* SPDX-License-Identifier: MIT */
/* stp_info: what a reader may know of a bridge and its ports, and why it is
 * so: the comparisons of 17.21.25 once more, in words. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "switchd/core/stp_machine.h"

void stp_read(const struct stp *stp, struct stp_info *info)
{
	*info = (struct stp_info){
		.id = stp->bridge_priority.bridge,
		.root = stp->root_priority.root,
		.cost = stp->root_priority.cost,
		.root_port = stp_port_number(stp->root_priority.rx),
		.times = stp->root_times,
		.changes = stp->changes,
		.changed_at = stp->changed_at,
	};
	for (const struct stp_port *p = stp->ports; p; p = p->next)
		info->changing |= p->tc_while != 0;
}

uint16_t stp_port_next(const struct stp *stp, uint16_t after)
{
	const struct stp_port *p = stp->ports;

	while (p && p->number <= after)
		p = p->next;
	return p ? p->number : 0;
}

static const struct stp_port *find(const struct stp *stp, uint16_t port)
{
	assert(stp_port_exists(stp, port));
	return stp->by_number[port];
}

void stp_port_read(const struct stp *stp, uint16_t port,
		   struct stp_port_info *info)
{
	const struct stp_port *p = find(stp, port);

	*info = (struct stp_port_info){
		.role = p->role,
		.state = (enum port_state)p->state[STP_PST],
		.id = p->port_id,
		.cost = p->conf.cost,
		.designated_root = p->port_priority.root,
		.designated_cost = p->port_priority.cost,
		.designated_bridge = p->port_priority.bridge,
		.designated_port = p->port_priority.port,
		.edge = p->oper_edge,
		.p2p = p->oper_p2p,
		.rstp = p->send_rstp,
		.up = p->up,
		.bpdu_guard = p->guarded,
		.root_guard = p->root_guarded,
		.counts = p->counts,
	};
}

/* --- Why -------------------------------------------------------------- */

struct text {
	char *buf;
	size_t len;
	stp_name_fn *port_name;
	void *ctx;
};

static void say(struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct text *t, const char *fmt, ...)
{
	size_t room = STP_WHY_SIZE - t->len;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(t->buf + t->len, room, fmt, args);
	va_end(args);
	if (n > 0)
		t->len += (size_t)n < room ? (size_t)n : room - 1;
}

static void say_port(struct text *t, uint16_t port)
{
	if (t->port_name)
		say(t, "%s", t->port_name(t->ctx, port));
	else
		say(t, "port %u", port);
}

static void say_id(struct text *t, const char *what, uint64_t id)
{
	char id_text[STP_ID_TEXT_SIZE];

	say(t, "%s%s", what, stp_id_format(id, id_text));
}

/* The port that offers the second best way to the root, or NULL. */
static const struct stp_port *second(const struct stp_port *root)
{
	const struct stp_port *best = NULL;
	struct stp_vector best_path = {.root = 0};

	for (const struct stp_port *p = root->stp->ports; p; p = p->next) {
		struct stp_vector path = stp_root_path(p);

		if (p == root || p->info_is != STP_INFO_RECEIVED ||
		    p->conf.root_guard || stp_hears_itself(p))
			continue;
		if (best && stp_vector_compare(&path, &best_path) >= 0)
			continue;
		best = p;
		best_path = path;
	}
	return best;
}

/* Which component decides between two ways of the same root and cost. */
static const char *tie(const struct stp_vector *a, const struct stp_vector *b)
{
	if (a->bridge != b->bridge)
		return "the neighbour's identifier is lower";
	if (a->port != b->port)
		return "the neighbour's port identifier is lower";
	return "the port's own identifier is lower";
}

static void why_root(struct text *t, const struct stp_port *p)
{
	const struct stp_port *other = second(p);
	struct stp_vector path = stp_root_path(p);
	struct stp_vector worse;

	say_id(t, "root ", path.root);
	if (!other) {
		say(t, " is heard of here only, at cost %u", path.cost);
		return;
	}
	worse = stp_root_path(other);
	if (path.root != worse.root) {
		say(t, " is better than the one ");
		say_port(t, other->number);
		say(t, " hears of");
	} else if (path.cost != worse.cost) {
		say(t, " is reached cheapest here, at cost %u", path.cost);
	} else {
		say(t, " costs %u here as by ", path.cost);
		say_port(t, other->number);
		say(t, ", but %s", tie(&path, &worse));
	}
}

static void why_designated(struct text *t, const struct stp_port *p)
{
	const struct stp_vector *root = &p->stp->root_priority;

	if (root->rx == 0) {
		say(t, "this bridge is the root");
		return;
	}
	say(t, "no other bridge there is nearer to ");
	say_id(t, "root ", root->root);
	say(t, " than this one, at cost %u", root->cost);
}

static void why_alternate(struct text *t, const struct stp_port *p)
{
	const struct stp_vector *best = &p->stp->root_priority;
	struct stp_vector path = stp_root_path(p);

	if (p->root_guarded) {
		say_id(t, "root guard: a better way to root ", path.root);
		say(t, " is offered here");
		return;
	}
	say_id(t, "root ", best->root);
	if (path.root != best->root) {
		say(t, " is better and reached by ");
		say_port(t, stp_port_number(best->rx));
	} else if (path.cost != best->cost) {
		say(t, " is reached cheaper by ");
		say_port(t, stp_port_number(best->rx));
		say(t, ", at cost %u and not %u", best->cost, path.cost);
	} else {
		say(t, " costs %u here as by ", path.cost);
		say_port(t, stp_port_number(best->rx));
		say(t, ", where %s", tie(best, &path));
	}
}

static void why_backup(struct text *t, const struct stp_port *p)
{
	uint16_t other = stp_port_number(p->port_priority.port);

	if (other == p->number) {
		say(t, "what is sent here comes back here");
		return;
	}
	say_port(t, other);
	say(t, " of this bridge is on the same LAN");
}

static void why_disabled(struct text *t, const struct stp_port *p)
{
	say(t, p->guarded ? "the BPDU guard heard a bridge here"
			  : "the port is down");
}

static void say_wait(struct text *t, const struct stp_port *p)
{
	if (!stp_is_active(p) || p->forwarding || p->fd_while == 0)
		return;
	if (p->proposing && p->send_rstp && !p->learning)
		say(t, "; awaits the neighbour's agreement, %u s at most",
		    p->fd_while);
	else
		say(t, "; %s for %u s", p->learning ? "learning" : "discarding",
		    p->fd_while);
}

const char *stp_port_why(const struct stp *stp, uint16_t port,
			 char buf[STP_WHY_SIZE], stp_name_fn *port_name,
			 void *ctx)
{
	static void (*const why[])(struct text *, const struct stp_port *) = {
		[STP_ROLE_DISABLED] = why_disabled,
		[STP_ROLE_ROOT] = why_root,
		[STP_ROLE_DESIGNATED] = why_designated,
		[STP_ROLE_ALTERNATE] = why_alternate,
		[STP_ROLE_BACKUP] = why_backup,
	};
	const struct stp_port *p = find(stp, port);
	struct text t = {.buf = buf, .port_name = port_name, .ctx = ctx};

	_Static_assert(sizeof(why) / sizeof(why[0]) == STP_ROLE_COUNT,
		       "every role has its reason");
	say(&t, "%s: ", stp_role_name(p->role));
	why[p->role](&t, p);
	say_wait(&t, p);
	return buf;
}
