/* SPDX-License-Identifier: MIT */
/*
 * Topology change (17.31): whoever was behind a port may be reached another way
 * now, so addresses are forgotten, here and, as BPDUs carry it on, everywhere.
 *
 *	INACTIVE <---> LEARNING ---> DETECTED ---> ACTIVE
 *			  ^--------------------------+ ^
 *		   NOTIFIED_TCN ---> NOTIFIED_TC, PROPAGATING, ACKNOWLEDGED
 *
 * A port that does not forward is in INACTIVE or LEARNING, where what it hears
 * of changes ends: it cannot send two bridges' changes round and round.
 */
#include "switchd/core/stp_machine.h"

enum {
	INACTIVE,
	LEARNING,
	DETECTED,
	ACTIVE,
	NOTIFIED_TCN,
	NOTIFIED_TC,
	PROPAGATING,
	ACKNOWLEDGED
};

/* A change is told again and again: until it is no longer, it is one. */
static void count(struct stp *stp)
{
	uint64_t gap = 3ull * stp->root_times.hello * STP_SECOND;

	if (!stp->changed_at || stp->now - stp->changed_at > gap)
		stp->changes++;
	stp->changed_at = stp->now;
}

/* setTcPropTree() (17.21.18): all but the port where it is known already. */
static void set_tc_prop_tree(struct stp_port *p)
{
	struct stp *stp = p->stp;

	for (struct stp_port *other = stp->ports; other; other = other->next)
		if (other != p)
			other->tc_prop = true;
	count(stp);
}

static bool is_told(const struct stp_port *p)
{
	return p->rcvd_tc || p->rcvd_tcn || p->rcvd_tc_ack || p->tc_prop;
}

static int next_learning(const struct stp_port *p)
{
	if (is_told(p))
		return LEARNING;
	if (stp_is_active(p) && p->forward && !p->oper_edge)
		return DETECTED;
	if (!stp_is_active(p) && !p->learn && !p->learning)
		return INACTIVE;
	return STP_STAY;
}

static int next_active(const struct stp_port *p)
{
	if (!stp_is_active(p) || p->oper_edge)
		return LEARNING;
	if (p->rcvd_tcn)
		return NOTIFIED_TCN;
	if (p->rcvd_tc)
		return NOTIFIED_TC;
	if (p->tc_prop)
		return PROPAGATING;
	return p->rcvd_tc_ack ? ACKNOWLEDGED : STP_STAY;
}

static int next(const struct stp_port *p)
{
	switch (p->state[STP_TCM]) {
	case INACTIVE:
		return p->learn ? LEARNING : STP_STAY; /* flushed already */
	case LEARNING:
		return next_learning(p);
	case ACTIVE:
		return next_active(p);
	case NOTIFIED_TCN:
		return NOTIFIED_TC;
	default:
		return ACTIVE;
	}
}

static void enter_notified_tc(struct stp_port *p)
{
	p->rcvd_tcn = p->rcvd_tc = false;
	if (p->role == STP_ROLE_DESIGNATED)
		p->tc_ack = true;
	set_tc_prop_tree(p);
}

static void enter(struct stp_port *p, int state)
{
	switch (state) {
	case INACTIVE:
		stp_flush(p);
		p->tc_while = 0;
		p->tc_ack = false;
		break;
	case LEARNING:
		p->rcvd_tc = p->rcvd_tcn = p->rcvd_tc_ack = false;
		p->tc_prop = false;
		break;
	case DETECTED:
		stp_new_tc_while(p);
		set_tc_prop_tree(p);
		p->new_info = true;
		p->detected = true;
		break;
	case NOTIFIED_TCN:
		stp_new_tc_while(p);
		break;
	case NOTIFIED_TC:
		enter_notified_tc(p);
		break;
	case PROPAGATING:
		stp_new_tc_while(p);
		stp_flush(p);
		p->tc_prop = false;
		break;
	case ACKNOWLEDGED:
		p->tc_while = 0;
		p->rcvd_tc_ack = false;
		break;
	}
}

const struct stp_machine stp_tcm = {INACTIVE, next, enter};
