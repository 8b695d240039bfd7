/* SPDX-License-Identifier: MIT */
#include "switchd/core/bridge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/core/bridge_inside.h"

const char *bridge_flood_name(enum bridge_flood flood)
{
	static const char *const names[] = {
		[FLOOD_NONE] = "none",
		[FLOOD_UNKNOWN] = "unknown",
		[FLOOD_BROADCAST] = "broadcast",
		[FLOOD_MULTICAST] = "multicast",
		[FLOOD_HUB] = "hub",
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == FLOOD_COUNT,
		       "every flood has its name");
	return names[flood];
}

struct bridge *bridge_new(const struct bridge_conf *conf)
{
	struct bridge *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->mode = conf->mode;
	b->vlan_aware = conf->vlan_aware;
	b->tag_type = FRAME_TYPE_VLAN;
	b->reserved_pass = BRIDGE_RESERVED_DEFAULT;
	b->fdb = fdb_new(&conf->fdb);
	if (!b->fdb) {
		free(b);
		return NULL;
	}
	return b;
}

void bridge_free(struct bridge *b)
{
	if (!b)
		return;
	assert(b->ports_count == 0);
	fdb_free(b->fdb);
	free(b);
}

void bridge_set_mode(struct bridge *b, enum bridge_mode mode)
{
	if (mode != b->mode)
		(void)fdb_flush(b->fdb);
	b->mode = mode;
}

/* VLANs mean something else from now on. */
static void forget_all(struct bridge *b)
{
	for (uint16_t port = 0; port < FDB_PORT_MAX; port++)
		(void)fdb_flush_port_but(b->fdb, port, NULL);
}

void bridge_set_vlan_aware(struct bridge *b, bool aware)
{
	if (aware != b->vlan_aware)
		forget_all(b);
	b->vlan_aware = aware;
}

void bridge_set_tag_type(struct bridge *b, uint16_t type)
{
	assert(frame_type_is_tag(type));
	if (type != b->tag_type)
		forget_all(b);
	b->tag_type = type;
}

void bridge_set_reserved(struct bridge *b, uint16_t pass)
{
	assert(!(pass & BRIDGE_RESERVED_NEVER));
	b->reserved_pass = pass;
}

void bridge_set_on_flood(struct bridge *b, bridge_flood_fn *fn, void *ctx)
{
	b->on_flood = fn;
	b->on_flood_ctx = ctx;
}

void bridge_set_on_bpdu(struct bridge *b, bridge_bpdu_fn *fn, void *ctx)
{
	b->on_bpdu = fn;
	b->on_bpdu_ctx = ctx;
}

void bridge_set_on_storm(struct bridge *b, bridge_storm_fn *fn, void *ctx)
{
	b->on_storm = fn;
	b->on_storm_ctx = ctx;
}

void bridge_set_on_refuse(struct bridge *b, bridge_refuse_fn *fn, void *ctx)
{
	b->on_refuse = fn;
	b->on_refuse_ctx = ctx;
}

struct fdb *bridge_fdb(struct bridge *b)
{
	return b->fdb;
}

/* --- Ports ----------------------------------------------------------- */

/* Who was behind it in a VLAN that it leaves is reached another way. */
static void leave_vlans(struct bridge *b, uint16_t port,
			const struct vlan_port *to)
{
	struct vidset vids = to->tagged;

	if (to->pvid)
		vidset_add(&vids, to->pvid);
	(void)fdb_flush_port_but(b->fdb, port, &vids);
}

bool bridge_port_add(struct bridge *b, uint16_t port,
		     const struct bridge_port_conf *conf, bridge_send_fn *send,
		     void *ctx, struct counters *counters)
{
	struct bridge_port *p;

	assert(port < FDB_PORT_MAX && !b->by_number[port]);
	p = calloc(1, sizeof(*p));
	if (!p)
		return false;
	p->number = port;
	p->place = (uint16_t)b->ports_count;
	p->conf = *conf;
	p->state = PORT_FORWARDING;
	p->send = send;
	p->ctx = ctx;
	p->counters = counters;
	storm_set(&p->storm, &conf->storm);
	fdb_set_port(b->fdb, port, &conf->learn);
	if (b->vlan_aware) /* since sticky entries were learned there */
		leave_vlans(b, port, &conf->vlan);
	b->list[b->ports_count++] = p;
	b->by_number[port] = p;
	bridge_mirror_join(b, p);
	return true;
}

/* What the burst under way has for a port that leaves from inside a send(). */
static void drop_copies(struct bridge *b, struct bridge_port *p)
{
	counters_drop(p->counters, DROP_TX_DOWN, p->copied);
	for (unsigned k = 0; k < b->touched_count; k++)
		if (b->touched[k] == p)
			b->touched[k] = NULL;
}

void bridge_port_remove(struct bridge *b, uint16_t port)
{
	struct bridge_port *p = bridge_find_port(b, port);

	assert(p);
	drop_copies(b, p);
	bridge_mirror_leave(b, p);
	(void)fdb_forget_port(b->fdb, port);
	b->by_number[port] = NULL;
	b->list[p->place] = b->list[--b->ports_count];
	b->list[p->place]->place = p->place;
	free(p);
}

static bool same_vlans(const struct vlan_port *a, const struct vlan_port *b)
{
	return a->pvid == b->pvid && vidset_equal(&a->tagged, &b->tagged);
}

void bridge_port_set(struct bridge *b, uint16_t port,
		     const struct bridge_port_conf *conf)
{
	struct bridge_port *p = bridge_find_port(b, port);

	assert(p);
	if (conf->mirror && !p->conf.mirror)
		(void)fdb_flush_port_but(b->fdb, port, NULL);
	else if (b->vlan_aware && !same_vlans(&p->conf.vlan, &conf->vlan))
		leave_vlans(b, port, &conf->vlan);
	fdb_set_port(b->fdb, port, &conf->learn);
	if (memcmp(&p->conf.storm, &conf->storm, sizeof(conf->storm)) != 0)
		storm_set(&p->storm, &conf->storm);
	bridge_mirror_leave(b, p);
	p->conf = *conf;
	bridge_mirror_join(b, p);
}

void bridge_port_set_state(struct bridge *b, uint16_t port,
			   enum port_state state)
{
	struct bridge_port *p = bridge_find_port(b, port);

	assert(p);
	p->state = state;
}

void bridge_port_watch(struct bridge *b, uint16_t port, bridge_fate_fn *fn)
{
	struct bridge_port *p = bridge_find_port(b, port);

	assert(p);
	p->on_fate = fn;
}

bool bridge_port_storm_over(struct bridge *b, uint16_t port, uint64_t now)
{
	struct bridge_port *p = bridge_find_port(b, port);

	assert(p);
	return storm_is_over(&p->storm, now);
}

bool bridge_port_exists(const struct bridge *b, uint16_t port)
{
	return bridge_find_port(b, port);
}
