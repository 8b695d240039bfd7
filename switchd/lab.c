/* SPDX-License-Identifier: MIT */
#include "switchd/lab.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "switchd/guard.h"
#include "switchd/port_join.h"
#include "switchd/sw_pause.h"
#include "switchd/tell.h"

#define TICK_MS 1000

/* --- Ports of a switch -------------------------------------------------- */

void lab_insert_port(struct lab_switch *sw, struct swport *port)
{
	size_t i = sw->port_count++;

	sw->ports =
		realloc(sw->ports, sw->port_count * sizeof(struct swport *));
	if (!sw->ports)
		abort();
	for (; i > 0 &&
	       sw->ports[i - 1]->topo->conf.number > port->topo->conf.number;
	     i--)
		sw->ports[i] = sw->ports[i - 1];
	sw->ports[i] = port;
	captures_take_port(sw->lab, port);
}

static void take_out_port(struct lab_switch *sw, const struct swport *port)
{
	size_t i = 0;

	while (sw->ports[i] != port)
		i++;
	sw->port_count--;
	memmove(&sw->ports[i], &sw->ports[i + 1],
		(sw->port_count - i) * sizeof(struct swport *));
}

/* --- Switches ----------------------------------------------------------- */

static enum bridge_mode mode_of(const struct topo_switch *topo)
{
	static const enum bridge_mode modes[] = {
		[MODE_SWITCH] = BRIDGE_SWITCH,
		[MODE_HUB] = BRIDGE_HUB,
		[MODE_WIRE] = BRIDGE_WIRE,
	};

	return modes[topo->conf.mode];
}

static struct bridge_conf bridge_conf_of(const struct topo_switch *topo)
{
	struct bridge_conf conf = {.mode = mode_of(topo),
				   .vlan_aware = topo_vlan_aware(topo),
				   .fdb = {.limit = topo->conf.fdb_limit,
					   .ageing = topo->conf.fdb_ageing}};
	ssize_t n = getrandom(conf.fdb.key, sizeof(conf.fdb.key), 0);

	if (n != sizeof(conf.fdb.key))
		abort();
	return conf;
}

static uint16_t reserved_of(const struct topo_switch *topo)
{
	const struct opt_reserved *reserved = &topo->conf.reserved;

	return (uint16_t)((BRIDGE_RESERVED_DEFAULT | reserved->pass) &
			  ~reserved->drop);
}

static uint16_t tag_type_of(const struct topo_switch *topo)
{
	return topo_vlan_aware(topo) && topo_is_provider(topo)
		       ? FRAME_TYPE_QINQ
		       : FRAME_TYPE_VLAN;
}

/* The lowest of those that the fewest switches have. */
static uint8_t free_place(const struct lab *lab)
{
	unsigned users[UINT8_MAX + 1] = {0};
	uint8_t place = 0;

	for (const struct lab_switch *sw = lab->switches; sw; sw = sw->next)
		users[sw->env.place]++;
	for (unsigned i = 1; i <= UINT8_MAX; i++)
		if (users[i] < users[place])
			place = (uint8_t)i;
	return place;
}

static void add_switch(struct lab *lab, const struct topo_switch *topo)
{
	struct bridge_conf conf = bridge_conf_of(topo);
	struct lab_switch *sw = calloc(1, sizeof(*sw));

	if (!sw)
		abort();
	sw->lab = lab;
	sw->topo = topo;
	conf.fdb.changed = tell_fdb;
	conf.fdb.ctx = sw;
	sw->bridge = bridge_new(&conf);
	if (!sw->bridge)
		abort();
	bridge_set_tag_type(sw->bridge, tag_type_of(topo));
	bridge_set_reserved(sw->bridge, reserved_of(topo));
	guard_watch(sw);
	sw->env = (struct plug_env){.loop = lab->loop,
				    .io = lab->io,
				    .priv = lab->priv,
				    .nat_program = lab->nat_program,
				    .place = free_place(lab)};
	(void)snprintf(sw->env.name, sizeof(sw->env.name), "%s", topo->name);
	spanning_set(sw, topo);
	sw->next = lab->switches;
	lab->switches = sw;
}

static void free_switch(struct lab_switch *sw)
{
	(void)sw_pause_end(sw);
	vde_dir_close(sw->env.vde);
	bridge_free(sw->bridge);
	free(sw->ports);
	free(sw);
}

static void unlink_switch(struct lab_switch **list, struct lab_switch *sw)
{
	while (*list != sw)
		list = &(*list)->next;
	*list = sw->next;
}

/* Its dynamic ports are in no topology, so in no step either. */
static void remove_switch(struct lab_switch *sw)
{
	struct lab *lab = sw->lab;

	for (size_t i = 0; i < sw->port_count; i++) {
		if (!sw->ports[i]->removing)
			swport_remove(sw->ports[i]);
	}
	spanning_done(sw);
	unlink_switch(&lab->switches, sw);
	if (sw->port_count == 0) {
		free_switch(sw);
		return;
	}
	sw->own = *sw->topo;
	sw->own.ports = NULL;
	sw->own.port_count = 0;
	sw->topo = &sw->own;
	sw->next = lab->leaving;
	lab->leaving = sw;
}

void lab_change_switch(struct lab_switch *sw, const struct topo_switch *topo)
{
	struct fdb *fdb = bridge_fdb(sw->bridge);

	bridge_set_mode(sw->bridge, mode_of(topo));
	bridge_set_vlan_aware(sw->bridge, topo_vlan_aware(topo));
	bridge_set_tag_type(sw->bridge, tag_type_of(topo));
	bridge_set_reserved(sw->bridge, reserved_of(topo));
	fdb_set_ageing(fdb, topo->conf.fdb_ageing);
	if (!fdb_set_limit(fdb, topo->conf.fdb_limit))
		log_err("%s: no memory for %u FDB entries, the limit stays %u",
			topo->name, topo->conf.fdb_limit, fdb_limit(fdb));
	for (size_t i = 0; i < sw->port_count; i++) {
		struct swport *port = sw->ports[i];

		if (!port->dynamic || port->removing)
			continue;
		if (topo->conf.mode == MODE_WIRE)
			swport_remove(port);
		else
			swport_set_dynamic(port, &topo->conf.vde);
	}
	spanning_set(sw, topo);
}

/* --- Steps -------------------------------------------------------------- */

/* A written number outranks the one that a dynamic port was given. */
struct swport *lab_add_port(struct lab_switch *sw, const struct topo_port *topo)
{
	struct swport *other = lab_port_numbered(sw, topo->conf.number);

	if (other)
		swport_remove(other);
	other = swport_new(sw, topo);
	lab_insert_port(sw, other);
	return other;
}

static void remove_port(struct swport *port)
{
	nats_take(port->sw->lab, port);
	swport_remove(port);
}

static struct lab_switch *switch_of(const struct lab *lab,
				    const struct plan_step *step)
{
	const struct topo_switch *topo =
		step->sw_to ? step->sw_to : step->sw_from;

	return topo ? lab_find_switch(lab, topo->name) : NULL;
}

static void run_step(struct lab *lab, const struct plan_step *step)
{
	struct lab_switch *sw = switch_of(lab, step);

	switch (step->op) {
	case PLAN_REMOVE_CAPTURE:
		captures_remove(lab, step->capture_from);
		break;
	case PLAN_REMOVE_LINK:
		link_remove(link_find(lab, step->link_from->conf.name));
		break;
	case PLAN_REMOVE_PORT:
		remove_port(lab_port_named(sw, step->port_from->name));
		break;
	case PLAN_REMOVE_SWITCH:
		remove_switch(sw);
		break;
	case PLAN_CHANGE_SWITCH:
		lab_change_switch(sw, step->sw_to);
		break;
	case PLAN_CHANGE_CAPTURE:
		captures_change(lab, step->capture_to);
		break;
	case PLAN_ADD_SWITCH:
		add_switch(lab, step->sw_to);
		break;
	case PLAN_ADD_PORT:
		nats_give(lab, lab_add_port(sw, step->port_to));
		break;
	case PLAN_ADD_LINK:
		link_add(lab, step->link_to);
		break;
	case PLAN_ADD_CAPTURE:
		captures_add(lab, step->capture_to);
		break;
	case PLAN_CHANGE_PORT: /* follow_topo() does these */
	case PLAN_CHANGE_LINK:
	case PLAN_OP_COUNT:
		break;
	}
}

static void follow_port(struct lab_switch *sw, const struct topo_port *topo)
{
	struct swport *port = lab_port_named(sw, topo->name);

	swport_change(port, topo);
	port_cables_follow(port);
}

/* What is mirrored may have changed. */
static void renew_dynamic(const struct lab_switch *sw)
{
	for (size_t i = 0; i < sw->port_count; i++)
		if (sw->ports[i]->dynamic)
			port_join_renew(sw->ports[i]);
}

/* Everything that stayed points to the new model from now on, in the order of
 * the new file. */
static void follow_topo(struct lab *lab, const struct topo *topo)
{
	struct lab_switch *ordered = NULL, **tail = &ordered;

	for (size_t i = 0; i < topo->switch_count; i++) {
		const struct topo_switch *model = &topo->switches[i];
		struct lab_switch *sw = lab_find_switch(lab, model->name);

		sw->topo = model;
		for (size_t k = 0; k < model->port_count; k++)
			follow_port(sw, &model->ports[k]);
		renew_dynamic(sw);
		unlink_switch(&lab->switches, sw);
		sw->next = NULL;
		*tail = sw;
		tail = &sw->next;
	}
	lab->switches = ordered;
	links_follow(lab, topo);
}

/* Opens what is new, unless somebody who is leaving may still hold what it
 * needs. */
static void open_new(struct lab *lab)
{
	if (lab->closing > 0)
		return;
	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next) {
		lab_open_vde(sw);
		for (size_t i = 0; i < sw->port_count; i++) {
			struct swport *port = sw->ports[i];

			if (port->state == SWPORT_DOWN && !port->removing &&
			    !uv_is_active((uv_handle_t *)&port->retry))
				(void)swport_open(port);
		}
	}
}

static void mark_dynamic(void *ctx, const struct topo_switch *topo,
			 bool taken[TOPO_PORTS_MAX + 1])
{
	const struct lab_switch *sw = lab_find_switch(ctx, topo->name);

	for (size_t i = 0; sw && i < sw->port_count; i++) {
		const struct swport *port = sw->ports[i];

		if (port->dynamic && !port->removing)
			taken[port->topo->conf.number] = true;
	}
}

/* What a command changes in the topology later is not in the text. */
static void take_text(struct lab *lab)
{
	size_t len;
	FILE *out;

	free(lab->taken);
	out = open_memstream(&lab->taken, &len);
	if (!out)
		abort();
	topo_dump(lab->topo, out);
	if (fclose(out) != 0)
		abort();
}

bool lab_may_apply(const struct lab *lab, const struct topo *topo,
		   struct err *err)
{
	if (!topo->name[0] || strcmp(topo->name, lab->name) == 0 ||
	    strcmp(topo->name, lab->file_name) == 0)
		return true;
	return err_set(err, "the file is for lab '%s', and this is lab '%s'",
		       topo->name, lab->name);
}

void lab_plan(struct lab *lab, struct topo *topo, struct plan *plan)
{
	plan_keep_numbers(lab->topo, topo, mark_dynamic, lab);
	plan_make(lab->topo, topo, plan);
}

size_t lab_apply(struct lab *lab, struct topo *topo)
{
	struct topo *old = lab->topo;
	struct plan plan;

	memcpy(lab->file_name, topo->name, sizeof(topo->name));
	/* A dump is a file of its own: it must not depend on its name. */
	memcpy(topo->name, lab->name, sizeof(topo->name));
	lab_plan(lab, topo, &plan);
	tell_plan(lab, &plan);
	for (size_t i = 0; i < plan.count; i++)
		run_step(lab, &plan.steps[i]);
	plan_done(&plan);
	follow_topo(lab, topo);
	lab->topo = topo;
	topo_free(old);
	take_text(lab);
	tell_floods(lab);
	captures_begin(lab);
	open_new(lab);
	return lab_not_up(lab);
}

size_t lab_not_up(const struct lab *lab)
{
	size_t count = captures_not_running(lab);

	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next) {
		count += !sw->env.vde && lab_wants_vde(sw->topo);
		for (size_t i = 0; i < sw->port_count; i++) {
			const struct swport *port = sw->ports[i];

			count += !port->removing && !port->dynamic &&
				 port->state != SWPORT_UP &&
				 port->state != SWPORT_OPENING;
		}
	}
	return count;
}

size_t lab_opening(const struct lab *lab)
{
	size_t count = 0;

	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next) {
		for (size_t i = 0; i < sw->port_count; i++)
			count += sw->ports[i]->state == SWPORT_OPENING;
	}
	return count;
}

void lab_port_gone(struct lab_switch *sw, struct swport *port)
{
	struct lab *lab = sw->lab;

	take_out_port(sw, port);
	lab->closing--;
	if (lab_is_leaving(sw) && sw->port_count == 0) {
		unlink_switch(&lab->leaving, sw);
		free_switch(sw);
	}
	open_new(lab);
}

/* --- Life --------------------------------------------------------------- */

static void on_tick(uv_timer_t *timer)
{
	struct lab *lab = timer->data;
	uint64_t now = uv_hrtime(); /* CLOCK_MONOTONIC */

	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next) {
		(void)fdb_age(bridge_fdb(sw->bridge), now);
		lab_open_vde(sw);
	}
	guard_tick(lab);
	nats_tick(lab);
	tell_drops(lab);
	tell_floods(lab);
	captures_tick(lab);
	events_tick(&lab->events);
}

void lab_init(struct lab *lab)
{
	lab->topo = topo_new();
	lab->deadlines = deadlines_new(lab->loop, NULL);
	if (!lab->topo || !lab->deadlines)
		abort();
	lab->taken = NULL;
	take_text(lab);
	lab->switches = NULL;
	lab->leaving = NULL;
	lab->closing = 0;
	lab->events = (struct events){.watchers = NULL};
	lab->nats = (struct nats){.ports = NULL};
	links_init(lab);
	lab->captures.list = NULL;
	lab->captures.last_id = 0;
	lab->started = uv_hrtime();
	uv_timer_init(lab->loop, &lab->age);
	lab->age.data = lab;
	uv_timer_start(&lab->age, on_tick, TICK_MS, TICK_MS);
}

void lab_done(struct lab *lab)
{
	assert(!lab->switches);
	nats_done(lab);
	links_done(lab);
	captures_done(&lab->captures);
	deadlines_free(lab->deadlines);
	topo_free(lab->topo);
	lab->topo = NULL;
	free(lab->taken);
	uv_close((uv_handle_t *)&lab->age, NULL);
}
