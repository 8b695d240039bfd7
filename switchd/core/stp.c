/* SPDX-License-Identifier: MIT */
#include "switchd/core/stp.h"

#include <assert.h>
#include <stdlib.h>

#include "switchd/core/stp_machine.h"

/* More than any input takes by far: rounds of a bridge whose machines chase
 * each other would be a mistake of ours. */
#define ROUNDS_MAX 10000

static const struct stp_machine *const machines[] = {
	[STP_PRX] = &stp_prx, [STP_PPM] = &stp_ppm, [STP_BDM] = &stp_bdm,
	[STP_PIM] = &stp_pim, [STP_PRT] = &stp_prt, [STP_PST] = &stp_pst,
	[STP_TCM] = &stp_tcm, [STP_PTX] = &stp_ptx,
};

_Static_assert(sizeof(machines) / sizeof(machines[0]) == STP_MACHINE_COUNT,
	       "every machine is there");

/* --- The machines run ------------------------------------------------- */

static bool step(struct stp_port *p, enum stp_machine_id id)
{
	int state = machines[id]->next(p);

	if (state == STP_STAY)
		return false;
	p->state[id] = state;
	machines[id]->enter(p, state);
	return true;
}

/* Every machine moves once that can; BPDUs are sent of what has come to rest,
 * not of each thought on the way. */
static bool step_all(struct stp *stp)
{
	bool moved = stp_prs_run(stp);

	for (struct stp_port *p = stp->ports; p; p = p->next)
		for (int id = 0; id < STP_PTX; id++)
			moved |= step(p, (enum stp_machine_id)id);
	if (moved)
		return true;
	for (struct stp_port *p = stp->ports; p; p = p->next)
		moved |= step(p, STP_PTX);
	return moved;
}

static void tell(const struct stp *stp, enum stp_event event, uint16_t port)
{
	stp->ops.event(stp->ctx, event, port);
}

/* What is other than it was when this was called last. */
static void tell_port(struct stp_port *p)
{
	const struct stp *stp = p->stp;
	enum port_state state = (enum port_state)p->state[STP_PST];

	if (p->guarded && !p->told_bpdu_guard)
		tell(stp, STP_EVENT_BPDU_GUARD, p->number);
	if (p->root_guarded != p->told_root_guard)
		tell(stp, STP_EVENT_ROOT_GUARD, p->number);
	if (p->role != p->told_role)
		tell(stp, STP_EVENT_ROLE, p->number);
	if (state != p->told_state)
		tell(stp, STP_EVENT_STATE, p->number);
	if (p->send_rstp != p->told_rstp)
		tell(stp, STP_EVENT_VERSION, p->number);
	if (p->detected)
		tell(stp, STP_EVENT_TOPOLOGY, p->number);
	p->told_bpdu_guard = p->guarded;
	p->told_root_guard = p->root_guarded;
	p->told_role = p->role;
	p->told_state = state;
	p->told_rstp = p->send_rstp;
	p->detected = false;
}

static void tell_all(struct stp *stp)
{
	uint64_t root = stp->root_priority.root;
	uint16_t port = stp_port_number(stp->root_priority.rx);

	if (root != stp->told_root || port != stp->told_root_port)
		tell(stp, STP_EVENT_ROOT, 0);
	stp->told_root = root;
	stp->told_root_port = port;
	for (struct stp_port *p = stp->ports; p; p = p->next)
		tell_port(p);
}

static void settle(struct stp *stp)
{
	bool rests = false;

	for (unsigned round = 0; round < ROUNDS_MAX && !rests; round++)
		rests = !step_all(stp);
	assert(rests);
	tell_all(stp);
}

/* The tick runs while a port is up. */
static void set_tick(struct stp *stp)
{
	bool up = false;

	for (const struct stp_port *p = stp->ports; p; p = p->next)
		up |= p->up;
	if (!up)
		stp->tick_at = UINT64_MAX;
	else if (stp->tick_at == UINT64_MAX)
		stp->tick_at = stp->now + STP_SECOND;
}

/* All that changes something is between these two. */
static void begin(struct stp *stp, uint64_t now)
{
	assert(!stp->busy);
	stp->busy = true;
	stp->now = now;
}

static void end(struct stp *stp)
{
	settle(stp);
	set_tick(stp);
	stp->busy = false;
}

/* BEGIN (17.18.1), for one port, which is not enabled. */
static void begin_port(struct stp_port *p)
{
	p->designated_times = p->stp->bridge_times;
	for (int id = 0; id < STP_MACHINE_COUNT; id++) {
		p->state[id] = machines[id]->begin;
		machines[id]->enter(p, p->state[id]);
	}
}

/* --- Procedures of several machines ----------------------------------- */

void stp_new_tc_while(struct stp_port *p)
{
	const struct stp_times *t = &p->stp->root_times;

	if (p->tc_while != 0)
		return;
	if (p->send_rstp) {
		p->tc_while = stp_hello_time(p) + 1;
		p->new_info = true;
	} else {
		p->tc_while = t->max_age + t->forward_delay;
	}
}

void stp_flush(struct stp_port *p)
{
	p->flush_owed = p->flush_budget == 0;
	if (p->flush_owed)
		return;
	p->flush_budget--;
	p->stp->ops.flush(p->stp->ctx, p->number);
}

/* --- The bridge ------------------------------------------------------- */

static void take_conf(struct stp *stp, const struct stp_conf *conf)
{
	uint64_t id = stp_bridge_id(conf->priority, &conf->mac);

	stp->conf = *conf;
	stp->bridge_priority = (struct stp_vector){.root = id, .bridge = id};
	stp->bridge_times = (struct stp_times){
		.max_age = conf->max_age,
		.forward_delay = conf->delay,
		.hello = conf->hello,
	};
}

struct stp *stp_new(const struct stp_conf *conf, const struct stp_ops *ops,
		    void *ctx)
{
	struct stp *stp = calloc(1, sizeof(*stp));

	if (!stp)
		return NULL;
	stp->ops = *ops;
	stp->ctx = ctx;
	stp->tick_at = UINT64_MAX;
	take_conf(stp, conf);
	stp->root_priority = stp->bridge_priority;
	stp->root_times = stp->bridge_times;
	stp->told_root = stp->root_priority.root;
	return stp;
}

void stp_free(struct stp *stp)
{
	if (!stp)
		return;
	while (stp->ports) {
		struct stp_port *p = stp->ports;

		stp->ports = p->next;
		free(p);
	}
	free(stp);
}

static void set_enabled(struct stp_port *p)
{
	p->port_enabled = p->up && !p->guarded;
}

void stp_set(struct stp *stp, const struct stp_conf *conf, uint64_t now)
{
	bool again = conf->version != stp->conf.version;

	begin(stp, now);
	for (struct stp_port *p = stp->ports; p && again; p = p->next)
		p->port_enabled = false;
	settle(stp);
	take_conf(stp, conf);
	stp->root_priority = stp->bridge_priority;
	stp->root_times = stp->bridge_times;
	for (struct stp_port *p = stp->ports; p; p = p->next) {
		if (again)
			begin_port(p);
		set_enabled(p);
		p->reselect = true;
		p->selected = false;
	}
	end(stp);
}

/* --- Ports ------------------------------------------------------------ */

static struct stp_port *find(const struct stp *stp, uint16_t port)
{
	return port <= STP_PORT_MAX ? stp->by_number[port] : NULL;
}

bool stp_port_exists(const struct stp *stp, uint16_t port)
{
	return find(stp, port);
}

static void take_port_conf(struct stp_port *p, const struct stp_port_conf *conf)
{
	p->conf = *conf;
	p->port_id = stp_port_id(conf->priority, p->number);
	p->oper_p2p =
		conf->p2p == STP_P2P_AUTO ? p->p2p : conf->p2p == STP_P2P_YES;
}

/* The place in the list where a port of this number is or would be. */
static struct stp_port **place(struct stp *stp, uint16_t port)
{
	struct stp_port **at = &stp->ports;

	while (*at && (*at)->number < port)
		at = &(*at)->next;
	return at;
}

bool stp_port_add(struct stp *stp, uint16_t port,
		  const struct stp_port_conf *conf, uint64_t now)
{
	struct stp_port **at = place(stp, port);
	struct stp_port *p;

	assert(port >= 1 && port <= STP_PORT_MAX && !stp->by_number[port]);
	p = calloc(1, sizeof(*p));
	if (!p)
		return false;
	begin(stp, now);
	p->stp = stp;
	p->number = port;
	p->next = *at;
	*at = p;
	stp->by_number[port] = p;
	p->rx_budget = STP_RX_BUDGET;
	p->flush_budget = STP_FLUSH_BUDGET;
	p->told_rstp = stp_rstp_version(stp);
	take_port_conf(p, conf);
	begin_port(p);
	end(stp);
	return true;
}

static void set_up(struct stp_port *p, bool up, uint64_t now)
{
	begin(p->stp, now);
	p->up = up;
	set_enabled(p);
	end(p->stp);
}

void stp_port_remove(struct stp *stp, uint16_t port, uint64_t now)
{
	struct stp_port *p = find(stp, port);

	assert(p);
	set_up(p, false, now);
	*place(stp, port) = p->next;
	stp->by_number[port] = NULL;
	free(p);
}

void stp_port_set(struct stp *stp, uint16_t port,
		  const struct stp_port_conf *conf, uint64_t now)
{
	struct stp_port *p = find(stp, port);

	assert(p);
	begin(stp, now);
	if (conf->admin_edge != p->conf.admin_edge) {
		p->port_enabled = false;
		settle(stp);
	}
	take_port_conf(p, conf);
	p->reselect = true;
	p->selected = false;
	settle(stp);
	set_enabled(p);
	end(stp);
}

void stp_port_up(struct stp *stp, uint16_t port, bool p2p, uint64_t now)
{
	struct stp_port *p = find(stp, port);
	struct stp_port_conf conf;

	assert(p);
	conf = p->conf;
	p->p2p = p2p;
	take_port_conf(p, &conf);
	if (!p->up)
		stp->ops.set_state(stp->ctx, port, PORT_DISCARDING);
	set_up(p, true, now);
}

void stp_port_down(struct stp *stp, uint16_t port, uint64_t now)
{
	struct stp_port *p = find(stp, port);

	assert(p);
	if (!stp->busy) {
		set_up(p, false, now);
		return;
	}
	p->up = false; /* the machines run, and will see it */
	set_enabled(p);
}

void stp_port_reenable(struct stp *stp, uint16_t port, uint64_t now)
{
	struct stp_port *p = find(stp, port);

	assert(p);
	p->guarded = false;
	set_up(p, p->up, now);
}

void stp_port_mcheck(struct stp *stp, uint16_t port, uint64_t now)
{
	struct stp_port *p = find(stp, port);

	assert(p);
	begin(stp, now);
	p->mcheck = stp_rstp_version(stp);
	end(stp);
}

/* --- Running ---------------------------------------------------------- */

/* What the port knows already, and must hear again to keep. */
static bool keeps_alive(const struct stp_port *p, const struct bpdu *b)
{
	return p->info_is == STP_INFO_RECEIVED && b->role == BPDU_DESIGNATED &&
	       p->rcvd_info_while < 3 * p->port_times.hello &&
	       stp_vector_compare(&b->vector, &p->port_priority) == 0;
}

static bool in_budget(struct stp_port *p, const struct bpdu *b)
{
	if (p->rx_budget == 0)
		return keeps_alive(p, b);
	p->rx_budget--;
	return true;
}

/* Counts it under what becomes of it. Returns whether it is to be taken. */
static bool admit(struct stp_port *p, const struct frame *f, struct bpdu *b)
{
	uint64_t *const taken[] = {
		[BPDU_CONFIG] = &p->counts.rx_config,
		[BPDU_TCN] = &p->counts.rx_tcn,
		[BPDU_RST] = &p->counts.rx_rst,
	};

	if (!p->port_enabled) {
		p->counts.rx_down++;
		return false;
	}
	if (!bpdu_parse(f, b)) {
		p->counts.rx_bad++;
		return false;
	}
	if (!in_budget(p, b)) {
		p->counts.rx_over++;
		return false;
	}
	++*taken[b->type];
	return true;
}

void stp_receive(struct stp *stp, uint16_t port, const struct frame *f,
		 uint64_t now)
{
	struct stp_port *p = find(stp, port);
	struct bpdu b;

	assert(p);
	if (!admit(p, f, &b))
		return;
	begin(stp, now);
	if (p->conf.bpdu_guard) {
		p->guarded = true;
		set_enabled(p);
	} else {
		p->msg = b;
		p->rcvd_bpdu = true;
	}
	end(stp);
}

uint64_t stp_next(const struct stp *stp)
{
	return stp->tick_at;
}

static void count_down(uint16_t *timer)
{
	if (*timer != 0)
		--*timer;
}

/* Port timers (17.22). */
static void tick(struct stp_port *p)
{
	count_down(&p->hello_when);
	count_down(&p->tc_while);
	count_down(&p->fd_while);
	count_down(&p->rcvd_info_while);
	count_down(&p->rr_while);
	count_down(&p->rb_while);
	count_down(&p->mdelay_while);
	count_down(&p->edge_delay_while);
	count_down(&p->tx_count);
	p->rx_budget = STP_RX_BUDGET;
	p->flush_budget = STP_FLUSH_BUDGET;
	if (p->flush_owed)
		stp_flush(p);
}

void stp_run(struct stp *stp, uint64_t now)
{
	if (now < stp->tick_at)
		return;
	begin(stp, now);
	stp->tick_at += STP_SECOND;
	if (stp->tick_at <= now)
		stp->tick_at = now + STP_SECOND;
	for (struct stp_port *p = stp->ports; p; p = p->next)
		tick(p);
	end(stp);
}
