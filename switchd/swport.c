/* SPDX-License-Identifier: MIT */
#include "switchd/swport.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/hosts.h"
#include "switchd/lab.h"
#include "switchd/port_join.h"
#include "switchd/tell.h"

#define RETRY_MAX_S 30
#define JOIN_MS     1000 /* for the client that a dynamic port is made for */

static const char *const state_names[] = {"down", "opening", "up", "closing"};

static_assert(sizeof(state_names) / sizeof(state_names[0]) ==
		      SWPORT_STATE_COUNT,
	      "a name for each state");

static const struct plug_host host;

const char *swport_state_name(const struct swport *port)
{
	return swport_is_shut(port) ? "shut" : state_names[port->state];
}

const char *swport_reason(const struct swport *port)
{
	if (swport_is_shut(port))
		return port->shut.msg;
	return port->state != SWPORT_UP && port->reason.msg[0]
		       ? port->reason.msg
		       : NULL;
}

const char *swport_full_name(const struct swport *port,
			     char buf[SWPORT_NAME_SIZE])
{
	(void)snprintf(buf, SWPORT_NAME_SIZE, "%s.%s", port->sw->topo->name,
		       port->topo->name);
	return buf;
}

uint32_t swport_mtu(const struct topo_port *topo)
{
	return topo->conf.mtu ? topo->conf.mtu : topo->kind->mtu;
}

struct vlan_port swport_vlan(const struct topo_port *topo)
{
	const struct vlan_words *words = &topo->conf.vlan;
	struct vlan_port vlan = {.pvid = words->access};

	if (words->tunnel)
		return (struct vlan_port){.pvid = words->tunnel,
					  .tunnel = true};
	if (words->access)
		return vlan;
	vlan.pvid = words->native;
	vlan.tagged = words->trunk;
	if (words->native_tagged) {
		vlan.pvid = words->native_tagged;
		vidset_add(&vlan.tagged, vlan.pvid);
		return vlan;
	}
	if (!words->native && vidset_is_empty(&words->trunk)) {
		vlan.pvid = 1; /* no word at all */
		if (topo->kind == &topo_link_kind)
			vidset_add_all(&vlan.tagged);
	}
	if (vlan.pvid)
		vidset_remove(&vlan.tagged, vlan.pvid);
	return vlan;
}

size_t swport_held(const struct swport *port)
{
	const struct plug *plug = port->plug;

	return (plug->class->held ? plug->class->held(plug) : 0) +
	       port_cables_held(port);
}

bool swport_client(const struct swport *port, unsigned i,
		   struct plug_client *client)
{
	const struct plug_class *class = port->plug->class;

	return port->state == SWPORT_UP && class->client &&
	       class->client(port->plug, i, client);
}

/* --- The model ---------------------------------------------------------- */

static void *xcalloc(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

static void set_topo(struct swport *port, const struct topo_port *topo)
{
	port->topo = topo;
	port->plug->conf = topo->kind_conf;
	port->plug->name = topo->name;
	port->plug->number = topo->conf.number;
	port->plug->mtu = swport_mtu(topo);
	port->plug->hold_limit = topo->conf.queue;
	port->plug->host_conf = topo->host;
	port->plug->ifname = topo->ifname;
}

/* Makes the port independent of the topology that it came from. */
static void own_topo(struct swport *port)
{
	size_t size = port->topo->kind->conf_size;

	if (port->topo == &port->own)
		return;
	port->own = *port->topo;
	port->own.host = NULL;
	port->own.link = NULL;
	port->own.kind_conf = xcalloc(size + 1);
	if (size > 0)
		memcpy(port->own.kind_conf, port->topo->kind_conf, size);
	set_topo(port, &port->own);
}

/* A dynamic port comes and goes with its client, whose event says enough. */
static void log_life(const struct swport *port, const char *what)
{
	char name[SWPORT_NAME_SIZE];

	if (port->dynamic)
		log_debug("%s: %s", swport_full_name(port, name), what);
	else
		log_info("%s: %s", swport_full_name(port, name), what);
}

/* --- The end of a port -------------------------------------------------- */

static void on_timer_closed(uv_handle_t *handle)
{
	struct swport *port = handle->data;
	struct lab *lab = port->sw->lab;

	port_captures_remove_all(port);
	port_cables_free(port);
	lab_port_gone(port->sw, port);
	hosts_drop_unused(lab, topo_host_name(port->topo));
	if (port->plug->class->done)
		port->plug->class->done(port->plug);
	free(port->plug);
	free(port->own.kind_conf);
	free(port);
}

/* A round later, because a plug may have called closed() from the middle of a
 * function of its own. */
static void end(struct swport *port)
{
	uv_close((uv_handle_t *)&port->retry, on_timer_closed);
}

/* --- Trying, and trying again ------------------------------------------- */

static void on_retry(uv_timer_t *timer)
{
	(void)swport_open(timer->data);
}

/* Logs a reason once, however often it is met before the port is up. */
static void note_down(struct swport *port, const struct err *reason)
{
	char name[SWPORT_NAME_SIZE];
	bool known = strcmp(port->reason.msg, reason->msg) == 0;

	port->reason = *reason;
	port->retry_s = port->retry_s ? 2 * port->retry_s : 1;
	if (port->retry_s > RETRY_MAX_S)
		port->retry_s = RETRY_MAX_S;
	if (known)
		return;
	log_warn("%s: down (%s); next try in %u s",
		 swport_full_name(port, name), reason->msg, port->retry_s);
	tell_down(port, reason->msg);
}

static void wait_retry(struct swport *port)
{
	port->state = SWPORT_DOWN;
	uv_timer_start(&port->retry, on_retry, port->retry_s * 1000ull, 0);
}

static void close_plug(struct swport *port)
{
	port_join_leave(port);
	uv_timer_stop(&port->retry);
	port->state = SWPORT_CLOSING;
	port->plug->class->close(port->plug);
}

static void go_down(struct swport *port, const struct err *reason)
{
	note_down(port, reason);
	close_plug(port);
}

bool swport_open(struct swport *port)
{
	struct err err = {.errnum = 0};

	assert(port->state == SWPORT_DOWN && !port->removing);
	port->state = SWPORT_OPENING;
	if (!port->plug->class->open(port->plug, NULL, &err)) {
		note_down(port, &err);
		wait_retry(port);
	}
	return port->state == SWPORT_UP;
}

void swport_retry(struct swport *port)
{
	uv_timer_stop(&port->retry);
	(void)swport_open(port);
}

/* --- A dynamic port lives as long as it has a client -------------------- */

static void on_check_clients(uv_timer_t *timer)
{
	struct swport *port = timer->data;
	struct plug_client client;

	if (!swport_client(port, 0, &client))
		swport_remove(port);
}

static void check_clients_in(struct swport *port, uint64_t ms)
{
	uv_timer_start(&port->retry, on_check_clients, ms, 0);
}

/* --- What the plug says ------------------------------------------------- */

static void on_rx(struct plug *plug, const struct frame *frames, unsigned n,
		  uint64_t now)
{
	port_join_rx(plug->ctx, frames, n, now);
}

static bool join(struct swport *port)
{
	struct err err;

	if (!port_join(port, &err)) {
		go_down(port, &err);
		return false;
	}
	log_life(port, "up");
	tell_up(port);
	return true;
}

static void go_up(struct swport *port)
{
	if (!swport_is_shut(port) && !join(port))
		return;
	port->state = SWPORT_UP;
	port->retry_s = 0;
	port->reason.msg[0] = '\0';
	if (port->dynamic)
		check_clients_in(port, JOIN_MS);
}

static void on_state(struct plug *plug, bool up, const struct err *reason)
{
	struct swport *port = plug->ctx;

	if (up)
		go_up(port);
	else
		go_down(port, reason);
}

static void on_closed(struct plug *plug)
{
	struct swport *port = plug->ctx;

	assert(port->state == SWPORT_CLOSING);
	port->state = SWPORT_DOWN;
	if (port->removing)
		end(port);
	else
		wait_retry(port);
}

static void on_event(struct plug *plug, const char *text)
{
	struct swport *port = plug->ctx;
	char name[SWPORT_NAME_SIZE];

	(void)swport_full_name(port, name);
	if (plug->class->nat) /* sparing itself, and says much but once */
		log_info("%s: %s", name, text);
	else
		log_limited(port->dynamic ? &port->sw->events : &port->events,
			    LOG_LEVEL_INFO, "%s: %s", name, text);
	tell_client(port, text);
	spanning_clients(port);
	if (port->dynamic && port->state == SWPORT_UP)
		check_clients_in(port, 0);
}

static const struct plug_host host = {
	.rx = on_rx, .state = on_state, .closed = on_closed, .event = on_event};

/* --- Shut by hand or by what came in ------------------------------------ */

void swport_shut(struct swport *port, const char *reason)
{
	char name[SWPORT_NAME_SIZE];

	(void)swport_full_name(port, name);
	(void)err_set(&port->shut, "%s; `switchctl port up %s` takes it up",
		      reason, name);
	port_join_leave(port);
	log_warn("%s: shut: %s", name, port->shut.msg);
	tell_down(port, port->shut.msg);
}

void swport_lift(struct swport *port)
{
	port->shut.msg[0] = '\0';
	if (port->state == SWPORT_UP && !port->in_bridge)
		(void)join(port);
}

/* --- Life --------------------------------------------------------------- */

struct swport *swport_new(struct lab_switch *sw, const struct topo_port *topo)
{
	const struct plug_class *class = topo->kind == &topo_link_kind
						 ? &link_class
						 : plug_class_of(topo->kind);
	struct swport *port = xcalloc(sizeof(*port));

	port->sw = sw;
	port->plug = xcalloc(class->size);
	port->plug->class = class;
	port->plug->host = &host;
	port->plug->env = &sw->env;
	port->plug->counters = &port->counters;
	port->plug->ctx = port;
	set_topo(port, topo);
	uv_timer_init(sw->env.loop, &port->retry);
	port->retry.data = port;
	spanning_add(port);
	return port;
}

static void set_words(struct port_conf *conf, const struct vde_conf *vde)
{
	conf->vlan = vde->anonymous_vlan;
	conf->guard = vde->anonymous_guard;
}

struct swport *swport_new_dynamic(struct lab_switch *sw,
				  const struct opt_kind *kind, uint16_t number,
				  const struct vde_conf *vde)
{
	struct topo_port topo = {.kind = kind};
	struct swport *port;

	opt_defaults(topo_port_rows, &topo.conf);
	set_words(&topo.conf, vde);
	topo.conf.number = number;
	(void)snprintf(topo.name, sizeof(topo.name), "#%u", number);
	topo.kind_conf = xcalloc(kind->conf_size + 1);
	opt_kind_defaults(kind, topo.kind_conf);
	if (kind->finish && !kind->finish(topo.kind_conf, topo.name, NULL)) {
		free(topo.kind_conf);
		return NULL;
	}
	port = swport_new(sw, &topo);
	own_topo(port);
	free(topo.kind_conf);
	port->dynamic = true;
	return port;
}

void swport_change(struct swport *port, const struct topo_port *topo)
{
	const struct plug_class *class = port->plug->class;
	bool plug_sees = swport_mtu(port->topo) != swport_mtu(topo) ||
			 (class->kind.conf_size > 0 &&
			  memcmp(port->topo->kind_conf, topo->kind_conf,
				 class->kind.conf_size) != 0);
	bool tree_sees = !opt_equal(topo_port_stp_rows, &port->topo->conf.stp,
				    &topo->conf.stp) ||
			 spanning_cost(port->topo) != spanning_cost(topo) ||
			 topo_is_mirror(port->topo) != topo_is_mirror(topo);

	set_topo(port, topo);
	port_join_renew(port);
	if (tree_sees)
		spanning_renew(port);
	if (plug_sees && class->reconfigure &&
	    (port->state == SWPORT_OPENING || port->state == SWPORT_UP))
		class->reconfigure(port->plug);
}

void swport_set_dynamic(struct swport *port, const struct vde_conf *vde)
{
	assert(port->dynamic);
	set_words(&port->own.conf, vde);
	port_join_renew(port);
}

void swport_remove(struct swport *port)
{
	assert(!port->removing);
	log_life(port, "removed");
	tell_down(port, "removed");
	port->removing = true;
	port->sw->lab->closing++;
	own_topo(port);
	uv_timer_stop(&port->retry);
	if (port->state == SWPORT_DOWN)
		end(port);
	else if (port->state != SWPORT_CLOSING)
		close_plug(port);
	(void)fdb_unstick_port(bridge_fdb(port->sw->bridge),
			       port->topo->conf.number);
	spanning_remove(port);
}
