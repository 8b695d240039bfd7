/* SPDX-License-Identifier: MIT */
/*
 * stp_lab: bridges in one process, joined by LANs, with a clock that is a
 * number: an hour of theirs takes milliseconds.
 *
 * Each is a struct bridge and a struct stp, joined as a daemon would join them:
 * BPDUs come out of bridge_set_on_bpdu(), states and flushes go into the
 * bridge. A frame that leaves a port reaches all others of its LAN after
 * LAB_LATENCY, so data frames go round in a loop as they would.
 */
#ifndef LABSWITCH_TESTS_STP_LAB_H
#define LABSWITCH_TESTS_STP_LAB_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/core/bpdu.h"
#include "switchd/core/bridge.h"
#include "switchd/core/stp.h"

#define LAB_BRIDGES 8
#define LAB_PORTS   16 /* of a bridge, 1 to LAB_PORTS */
#define LAB_LANS    26
#define LAB_QUEUE   4096
#define LAB_MS      UINT64_C(1000000)
#define LAB_SECOND  (1000 * LAB_MS)
#define LAB_LATENCY LAB_MS
#define LAB_NO_LAN  (-1)

struct lab;

struct lab_port {
	struct lab_bridge *bridge;
	uint16_t number;
	bool added;
	bool up;
	int lan;
	enum port_state state;
	unsigned flushes;
	struct counters counters;
};

struct lab_bridge {
	struct lab *lab;
	struct bridge *bridge;
	struct stp *stp;
	struct stp_conf conf;
	struct lab_port ports[LAB_PORTS + 1];
	unsigned events[STP_EVENT_COUNT];
};

/* On its way; from whom it comes (a host: NULL) does not get it back. */
struct lab_frame {
	uint64_t due;
	int lan;
	const struct lab_port *from;
	uint8_t data[BPDU_FRAME];
};

struct lab {
	uint64_t now;
	unsigned bridges_count;
	struct lab_bridge bridges[LAB_BRIDGES];
	unsigned heard[LAB_LANS]; /* data frames, of hosts and bridges */
	unsigned first, count;    /* of the queue, a ring */
	struct lab_frame queue[LAB_QUEUE];
	void (*moved)(struct lab *lab); /* or NULL: after each thing */
};

/* --- What bridge and stp call ----------------------------------------- */

static inline void lab_put(struct lab *lab, int lan,
			   const struct lab_port *from, const uint8_t *data)
{
	struct lab_frame *f =
		&lab->queue[(lab->first + lab->count) % LAB_QUEUE];

	assert(lab->count < LAB_QUEUE);
	lab->count++;
	f->due = lab->now + LAB_LATENCY;
	f->lan = lan;
	f->from = from;
	memcpy(f->data, data, BPDU_FRAME);
	lab->heard[lan] += !bpdu_is_for(data);
}

static inline void lab_send(void *ctx, const struct wire *wires, unsigned n,
			    uint64_t now)
{
	struct lab_port *p = ctx;
	uint8_t data[BPDU_FRAME];

	for (unsigned i = 0; i < n; i++) {
		assert(wires[i].len == sizeof(data));
		wire_copy(&wires[i], data);
		counters_tx(&p->counters, 1, sizeof(data));
		if (p->lan != LAB_NO_LAN)
			lab_put(p->bridge->lab, p->lan, p, data);
	}
}

static inline void lab_stp_send(void *ctx, uint16_t port, const struct frame *f)
{
	struct lab_bridge *b = ctx;

	bridge_transmit(b->bridge, port, f, b->lab->now);
}

static inline void lab_set_state(void *ctx, uint16_t port,
				 enum port_state state)
{
	struct lab_bridge *b = ctx;

	b->ports[port].state = state;
	bridge_port_set_state(b->bridge, port, state);
}

static inline void lab_flush(void *ctx, uint16_t port)
{
	struct lab_bridge *b = ctx;

	b->ports[port].flushes++;
	(void)fdb_flush_port(bridge_fdb(b->bridge), port);
}

static inline void lab_event(void *ctx, enum stp_event event, uint16_t port)
{
	struct lab_bridge *b = ctx;

	b->events[event]++;
}

static inline void lab_bpdu(void *ctx, uint16_t port, const struct frame *f,
			    uint64_t now)
{
	struct lab_bridge *b = ctx;

	stp_receive(b->stp, port, f, now);
}

/* --- Building --------------------------------------------------------- */

static inline void lab_init(struct lab *lab)
{
	memset(lab, 0, sizeof(*lab));
	lab->now = LAB_SECOND;
}

/* A bridge whose address is 02:00:00:00:id. */
static inline struct lab_bridge *lab_add(struct lab *lab, uint16_t id,
					 enum stp_version version)
{
	static const struct stp_ops ops = {lab_stp_send, lab_set_state,
					   lab_flush, lab_event};
	const struct bridge_conf conf = {
		.fdb = {.limit = 64, .ageing = FDB_AGEING_DEFAULT}};
	struct lab_bridge *b = &lab->bridges[lab->bridges_count++];

	assert(lab->bridges_count <= LAB_BRIDGES);
	b->lab = lab;
	b->conf = (struct stp_conf){STP_CONF_DEFAULTS};
	b->conf.version = (uint8_t)version;
	b->conf.mac =
		(struct mac){{0x02, 0, 0, 0, (uint8_t)(id >> 8), (uint8_t)id}};
	assert(stp_conf_check(&b->conf, NULL));
	b->bridge = bridge_new(&conf);
	b->stp = stp_new(&b->conf, &ops, b);
	assert(b->bridge && b->stp);
	bridge_set_on_bpdu(b->bridge, lab_bpdu, b);
	return b;
}

static inline struct lab_port *lab_port_add(struct lab_bridge *b,
					    uint16_t number,
					    const struct stp_port_conf *conf)
{
	static const struct bridge_port_conf plain = {.mtu = 1500};
	struct lab_port *p = &b->ports[number];
	bool added;

	assert(stp_port_conf_check(conf, NULL));
	p->bridge = b;
	p->number = number;
	p->added = true;
	p->lan = LAB_NO_LAN;
	added = bridge_port_add(b->bridge, number, &plain, lab_send, p,
				&p->counters);
	assert(added);
	added = stp_port_add(b->stp, number, conf, b->lab->now);
	assert(added && p->state == PORT_DISCARDING);
	return p;
}

/* Plugs the port in: to a LAN, to nothing that is switched on, to nothing. */
static inline void lab_join(struct lab_port *p, int lan, bool up, bool p2p)
{
	struct lab_bridge *b = p->bridge;

	if (p->up)
		stp_port_down(b->stp, p->number, b->lab->now);
	p->lan = lan;
	p->up = up;
	if (up)
		stp_port_up(b->stp, p->number, p2p, b->lab->now);
}

static inline void lab_done(struct lab *lab)
{
	for (unsigned i = 0; i < lab->bridges_count; i++) {
		struct lab_bridge *b = &lab->bridges[i];

		for (uint16_t port = 1; port <= LAB_PORTS; port++) {
			if (!b->ports[port].added)
				continue;
			stp_port_remove(b->stp, port, lab->now);
			bridge_port_remove(b->bridge, port);
		}
		assert(stp_next(b->stp) == UINT64_MAX);
		stp_free(b->stp);
		bridge_free(b->bridge);
	}
}

/* --- Running ---------------------------------------------------------- */

static inline void lab_deliver_to(struct lab_port *p, const struct lab_frame *f)
{
	struct frame frame = {.data = f->data, .len = sizeof(f->data)};

	if (p != f->from && p->up && p->lan == f->lan)
		bridge_input(p->bridge->bridge, p->number, &frame, 1,
			     p->bridge->lab->now);
}

static inline void lab_deliver(struct lab *lab)
{
	struct lab_frame f = lab->queue[lab->first];

	lab->first = (lab->first + 1) % LAB_QUEUE;
	lab->count--;
	for (unsigned i = 0; i < lab->bridges_count; i++)
		for (int port = 1; port <= LAB_PORTS; port++)
			if (lab->bridges[i].ports[port].added)
				lab_deliver_to(&lab->bridges[i].ports[port],
					       &f);
}

/* The next thing that happens, at `until` at the latest. */
static inline bool lab_step(struct lab *lab, uint64_t until)
{
	uint64_t at = lab->count ? lab->queue[lab->first].due : UINT64_MAX;
	struct lab_bridge *who = NULL;

	for (unsigned i = 0; i < lab->bridges_count; i++)
		if (stp_next(lab->bridges[i].stp) < at) {
			who = &lab->bridges[i];
			at = stp_next(who->stp);
		}
	if (at > until) {
		lab->now = until;
		return false;
	}
	lab->now = at;
	if (who)
		stp_run(who->stp, at);
	else
		lab_deliver(lab);
	if (lab->moved)
		lab->moved(lab);
	return true;
}

static inline void lab_run(struct lab *lab, uint64_t duration)
{
	uint64_t until = lab->now + duration;

	while (lab_step(lab, until))
		;
}

/* --- Looking ---------------------------------------------------------- */

static inline struct stp_port_info lab_info(const struct lab_port *p)
{
	struct stp_port_info info;

	stp_port_read(p->bridge->stp, p->number, &info);
	return info;
}

static inline void lab_say(struct lab *lab, int lan, uint8_t host, uint8_t to)
{
	uint8_t data[BPDU_FRAME] = {2, 0, 0, 0, 0xff, to,
				    2, 0, 0, 0, 0xff, host};

	if (!to)
		memset(data, 0xff, 6);
	memset(lab->heard, 0, sizeof(lab->heard));
	lab_put(lab, lan, NULL, data);
}

/* What does not add up in the bridges' counters (counters.h), or NULL. */
static inline const char *lab_unsound(const struct lab *lab)
{
	for (unsigned i = 0; i < lab->bridges_count; i++)
		for (int port = 1; port <= LAB_PORTS; port++) {
			const struct counters *c =
				&lab->bridges[i].ports[port].counters;
			uint64_t rx = c->rx_forwarded;

			for (int why = 0; why < DROP_COUNT; why++)
				if (drop_name((enum drop)why)[0] == 'r')
					rx += c->drops[why];
			if (rx != c->rx_frames)
				return "rx_frames = rx_forwarded + rx drops";
			if (c->tx_offered != c->tx_frames)
				return "tx_offered = tx_frames";
		}
	return NULL;
}

#endif
