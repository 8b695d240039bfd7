/* SPDX-License-Identifier: MIT */
#include "switchd/spanning.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "switchd/lab.h"
#include "switchd/tell.h"

#define MACHINE_ID "/etc/machine-id"        /* machine-id(5) */
#define COST_RATE  UINT64_C(20000000000000) /* bits a second, at cost 1 */

static uint16_t number_of(const struct swport *port)
{
	return port->topo->conf.number;
}

static struct stp *stp_of(const struct swport *port)
{
	return port->sw->spanning.stp;
}

/* In a later round of the loop, when all that happens together has. */
static void look_soon(struct lab_switch *sw)
{
	deadline_set(sw->lab->deadlines, &sw->spanning.tick, uv_hrtime());
}

/* After anything that stp is told. */
static void wait(struct lab_switch *sw)
{
	deadline_set(sw->lab->deadlines, &sw->spanning.tick,
		     stp_next(sw->spanning.stp));
}

/* --- The address of a switch -------------------------------------------- */

/* FNV-1a, of a text and the NUL behind it. */
static uint64_t hash(uint64_t h, const char *text)
{
	do {
		h = (h ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
	} while (*text++);
	return h;
}

struct mac spanning_mac(const char *lab, const char *sw)
{
	FILE *file = fopen(MACHINE_ID, "re");
	char text[64] = "";
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	struct mac mac;

	if (file) {
		if (!fgets(text, sizeof(text), file))
			text[0] = '\0';
		(void)fclose(file);
	}
	h = hash(h, text);
	(void)snprintf(text, sizeof(text), "%u", getuid());
	h = hash(hash(hash(h, text), lab), sw);
	h = (h ^ (h >> 32)) * UINT64_C(0x9e3779b97f4a7c15);
	for (int i = 0; i < 6; i++)
		mac.b[i] = (uint8_t)(h >> (56 - 8 * i));
	mac.b[0] = (uint8_t)((mac.b[0] & 0xfc) | 0x02);
	return mac;
}

/* --- In words ----------------------------------------------------------- */

struct names {
	const struct lab_switch *sw;
	char buf[SWPORT_NAME_SIZE];
};

static const char *port_name(void *ctx, uint16_t number)
{
	struct names *names = ctx;
	const struct swport *port = lab_port_numbered(names->sw, number);

	return port ? swport_full_name(port, names->buf) : "a port";
}

const char *spanning_why(const struct lab_switch *sw, uint16_t port,
			 char buf[STP_WHY_SIZE])
{
	const struct swport *looked_at = lab_port_numbered(sw, port);
	struct names names = {.sw = sw};

	if (looked_at && topo_is_mirror(looked_at->topo)) {
		(void)snprintf(buf, STP_WHY_SIZE, "%s: a mirror only looks on",
			       stp_role_name(STP_ROLE_DISABLED));
		return buf;
	}
	return stp_port_why(sw->spanning.stp, port, buf, port_name, &names);
}

/* --- What stp wants done ------------------------------------------------ */

/* In which a port may go that was there when stp was called. */
static bool is_there(const struct lab_switch *sw, uint16_t port)
{
	return bridge_port_exists(sw->bridge, port);
}

static void on_send(void *ctx, uint16_t port, const struct frame *f)
{
	struct lab_switch *sw = ctx;

	if (is_there(sw, port))
		bridge_transmit(sw->bridge, port, f, uv_hrtime());
}

static void on_set_state(void *ctx, uint16_t port, enum port_state state)
{
	struct lab_switch *sw = ctx;

	if (is_there(sw, port))
		bridge_port_set_state(sw->bridge, port, state);
}

static void on_flush(void *ctx, uint16_t port)
{
	struct lab_switch *sw = ctx;

	(void)fdb_flush_port(bridge_fdb(sw->bridge), port);
}

/* --- What happens, in words --------------------------------------------- */

static const enum log_level levels[] = {
	[STP_EVENT_ROOT] = LOG_LEVEL_INFO,
	[STP_EVENT_ROLE] = LOG_LEVEL_INFO,
	[STP_EVENT_STATE] = LOG_LEVEL_DEBUG,
	[STP_EVENT_TOPOLOGY] = LOG_LEVEL_DEBUG,
	[STP_EVENT_VERSION] = LOG_LEVEL_INFO,
	[STP_EVENT_BPDU_GUARD] = LOG_LEVEL_WARN,
	[STP_EVENT_ROOT_GUARD] = LOG_LEVEL_WARN,
};

static_assert(sizeof(levels) / sizeof(levels[0]) == STP_EVENT_COUNT,
	      "a level for each event");

static void describe_root(const struct lab_switch *sw, char text[STP_WHY_SIZE])
{
	struct names names = {.sw = sw};
	char id[STP_ID_TEXT_SIZE];
	struct stp_info info;

	stp_read(sw->spanning.stp, &info);
	(void)stp_id_format(info.root, id);
	if (info.root_port)
		(void)snprintf(text, STP_WHY_SIZE,
			       "the root is %s, at cost %u by %s", id,
			       info.cost, port_name(&names, info.root_port));
	else
		(void)snprintf(text, STP_WHY_SIZE,
			       "the root is this switch, %s", id);
}

static void describe(const struct swport *port, enum stp_event event,
		     char text[STP_WHY_SIZE])
{
	struct stp_port_info info;
	char name[SWPORT_NAME_SIZE];

	stp_port_read(stp_of(port), number_of(port), &info);
	(void)snprintf(text, STP_WHY_SIZE, "%s", stp_state_name(info.state));
	if (event == STP_EVENT_ROLE)
		(void)spanning_why(port->sw, number_of(port), text);
	else if (event == STP_EVENT_TOPOLOGY)
		(void)snprintf(text, STP_WHY_SIZE,
			       "topology change: it forwards now");
	else if (event == STP_EVENT_VERSION)
		(void)snprintf(text, STP_WHY_SIZE, "speaks %s there",
			       info.rstp ? "RSTP" : "STP");
	else if (event == STP_EVENT_BPDU_GUARD)
		(void)snprintf(text, STP_WHY_SIZE,
			       "shut: the BPDU guard heard a bridge; "
			       "`switchctl stp reenable %s` opens it",
			       swport_full_name(port, name));
	else if (event == STP_EVENT_ROOT_GUARD)
		(void)snprintf(text, STP_WHY_SIZE,
			       info.root_guard ? "kept shut: the root guard "
						 "heard of a better root"
					       : "the root guard hears of no "
						 "better root any more");
}

static void on_event(void *ctx, enum stp_event event, uint16_t number)
{
	struct lab_switch *sw = ctx;
	struct swport *port = number ? lab_port_numbered(sw, number) : NULL;
	char name[SWPORT_NAME_SIZE], text[STP_WHY_SIZE];

	if (number && !port)
		return; /* it is about to go */
	if (port) {
		describe(port, event, text);
		log_limited(&port->spanning.limits[event], levels[event],
			    "%s: %s", swport_full_name(port, name), text);
	} else {
		describe_root(sw, text);
		log_limited(&sw->spanning.limit, levels[event], "%s: %s",
			    sw->topo->name, text);
	}
	tell_stp(sw, port, event, text);
}

static void on_bpdu(void *ctx, uint16_t port, const struct frame *f,
		    uint64_t now)
{
	struct lab_switch *sw = ctx;

	stp_receive(sw->spanning.stp, port, f, now);
	wait(sw);
}

/* --- Ports -------------------------------------------------------------- */

static bool is_p2p(const struct swport *port)
{
	struct plug_client second;
	const struct swport *far;
	bool down;

	if (swport_client(port, 1, &second))
		return false;
	far = link_far(port, &down);
	return !far || far->sw->topo->conf.mode != MODE_HUB;
}

uint32_t spanning_cost(const struct topo_port *topo)
{
	const struct topo_link *link = topo->link;
	uint64_t rx = link ? link->conf.forth.rate : topo->conf.rx.rate;
	uint64_t tx = link ? link->conf.back.rate : topo->conf.tx.rate;
	uint64_t rate = rx && (!tx || rx < tx) ? rx : tx;
	uint64_t cost = rate ? COST_RATE / rate : STP_COST_DEFAULT;

	if (cost > STP_COST_MAX)
		return STP_COST_MAX;
	return cost ? (uint32_t)cost : 1;
}

/* No bridge is behind it, as far as we know; if one is, its BPDUs say so. */
static bool is_station(const struct swport *port)
{
	return topo_host_name(port->topo) || port->plug->class->nat;
}

static struct stp_port_conf conf_of(const struct swport *port)
{
	const struct port_stp *stp = &port->topo->conf.stp;
	struct stp_port_conf conf =
		topo_stp_port_conf(stp, spanning_cost(port->topo));

	if (stp->edge == STP_AUTO && is_station(port))
		conf.admin_edge = true;
	return conf;
}

/* What a mirror sends is not its own, and what it hears is dropped. */
static bool takes_part(const struct swport *port)
{
	return port->in_bridge && !topo_is_mirror(port->topo);
}

static void bring_up(struct swport *port)
{
	port->spanning.up = true;
	port->spanning.p2p = is_p2p(port);
	stp_port_up(stp_of(port), number_of(port), port->spanning.p2p,
		    uv_hrtime());
}

void spanning_add(struct swport *port)
{
	struct stp_port_conf conf = conf_of(port);

	if (stp_of(port) &&
	    !stp_port_add(stp_of(port), number_of(port), &conf, uv_hrtime()))
		abort();
}

void spanning_remove(struct swport *port)
{
	if (!stp_of(port))
		return;
	stp_port_remove(stp_of(port), number_of(port), uv_hrtime());
	wait(port->sw);
}

void spanning_renew(struct swport *port)
{
	struct stp_port_conf conf = conf_of(port);

	if (!stp_of(port))
		return;
	stp_port_set(stp_of(port), number_of(port), &conf, uv_hrtime());
	if (port->spanning.up && !takes_part(port))
		spanning_down(port);
	look_soon(port->sw);
}

void spanning_enter(struct swport *port)
{
	if (!stp_of(port))
		return;
	bridge_port_set_state(port->sw->bridge, number_of(port),
			      PORT_DISCARDING);
	look_soon(port->sw);
}

void spanning_down(struct swport *port)
{
	if (!stp_of(port))
		return;
	port->spanning.up = false;
	stp_port_down(stp_of(port), number_of(port), uv_hrtime());
	wait(port->sw);
}

void spanning_reenable(struct swport *port)
{
	stp_port_reenable(stp_of(port), number_of(port), uv_hrtime());
	wait(port->sw);
}

void spanning_mcheck(struct swport *port)
{
	stp_port_mcheck(stp_of(port), number_of(port), uv_hrtime());
	wait(port->sw);
}

void spanning_clients(struct swport *port)
{
	if (stp_of(port))
		look_soon(port->sw);
}

static void on_tick(struct deadline *tick, uint64_t now)
{
	struct lab_switch *sw = tick->ctx;

	for (size_t i = 0; i < sw->port_count; i++) {
		struct swport *port = sw->ports[i];

		if (takes_part(port) &&
		    (!port->spanning.up || port->spanning.p2p != is_p2p(port)))
			bring_up(port);
	}
	stp_run(sw->spanning.stp, now);
	wait(sw);
}

/* --- The switch --------------------------------------------------------- */

static void begin(struct lab_switch *sw, const struct stp_conf *conf)
{
	static const struct stp_ops ops = {on_send, on_set_state, on_flush,
					   on_event};

	sw->spanning.stp = stp_new(conf, &ops, sw);
	if (!sw->spanning.stp)
		abort();
	sw->spanning.tick.due = on_tick;
	sw->spanning.tick.ctx = sw;
	bridge_set_on_bpdu(sw->bridge, on_bpdu, sw);
	for (size_t i = 0; i < sw->port_count; i++) {
		struct swport *port = sw->ports[i];

		if (port->removing)
			continue;
		spanning_add(port);
		if (port->in_bridge)
			spanning_enter(port);
	}
}

static void end(struct lab_switch *sw)
{
	deadline_clear(sw->lab->deadlines, &sw->spanning.tick);
	bridge_set_on_bpdu(sw->bridge, NULL, NULL);
	stp_free(sw->spanning.stp);
	sw->spanning.stp = NULL;
	for (size_t i = 0; i < sw->port_count; i++) {
		sw->ports[i]->spanning.up = false;
		if (sw->ports[i]->in_bridge)
			bridge_port_set_state(sw->bridge,
					      number_of(sw->ports[i]),
					      PORT_FORWARDING);
	}
}

void spanning_set(struct lab_switch *sw, const struct topo_switch *topo)
{
	const struct switch_conf *conf = &topo->conf;
	struct stp_conf stp = topo_stp_conf(&conf->stp, &conf->mac);

	if (mac_is_zero(conf->mac.b))
		stp.mac = spanning_mac(sw->lab->name, topo->name);
	if (conf->stp.version == TOPO_STP_OFF) {
		if (sw->spanning.stp)
			end(sw);
	} else if (sw->spanning.stp) {
		stp_set(sw->spanning.stp, &stp, uv_hrtime());
		wait(sw);
	} else {
		begin(sw, &stp);
	}
}

void spanning_restart(struct lab_switch *sw)
{
	spanning_done(sw);
	spanning_set(sw, sw->topo);
}

void spanning_done(struct lab_switch *sw)
{
	if (sw->spanning.stp)
		end(sw);
}
