/* SPDX-License-Identifier: MIT */
/*
 * Port information (17.27): what the port holds for its LAN, from whom, and
 * for how long.
 *
 *	DISABLED ---> AGED ---> UPDATE ---> CURRENT ---> RECEIVE
 *			^----------------------+  ^	    |
 *						  +-- SUPERIOR_DESIGNATED,
 *		REPEATED_DESIGNATED, INFERIOR_DESIGNATED, NOT_DESIGNATED, OTHER
 *
 * A BPDU of the port's own that comes back is taken as superior: what it says
 * is as good as what we have to say there, so the port becomes a backup of
 * itself and discards. (9.3.4 would ignore it, and let a port forward whose
 * cable ends where it begins.)
 */
#include "switchd/core/stp_machine.h"

enum {
	DISABLED,
	AGED,
	UPDATE,
	CURRENT,
	RECEIVE,
	SUPERIOR_DESIGNATED,
	REPEATED_DESIGNATED,
	INFERIOR_DESIGNATED,
	NOT_DESIGNATED,
	OTHER
};

/* --- Procedures ------------------------------------------------------- */

/* Superior is what is better, or comes from whom we hold now (17.6). */
static bool is_superior(const struct stp_vector *msg,
			const struct stp_vector *held)
{
	return stp_vector_compare(msg, held) < 0 ||
	       (stp_same_bridge(msg->bridge, held->bridge) &&
		stp_port_number(msg->port) == stp_port_number(held->port));
}

static bool is_own(const struct stp_port *p)
{
	return stp_same_bridge(p->msg.vector.bridge,
			       p->stp->bridge_priority.bridge) &&
	       stp_port_number(p->msg.vector.port) == p->number;
}

/* rcvInfo() for a message of a designated port (17.21.8 a to c). */
static enum stp_rcvd_info rcv_designated(const struct stp_port *p)
{
	const struct stp_vector *msg = &p->msg.vector;
	bool same = stp_vector_compare(msg, &p->port_priority) == 0;

	if (is_own(p) && p->info_is != STP_INFO_RECEIVED)
		return STP_SUPERIOR_DESIGNATED;
	if (same && stp_times_equal(&p->msg.times, &p->port_times))
		return STP_REPEATED_DESIGNATED;
	if (same || is_superior(msg, &p->port_priority))
		return STP_SUPERIOR_DESIGNATED;
	return STP_INFERIOR_DESIGNATED;
}

/* rcvInfo() (17.21.8). */
static enum stp_rcvd_info rcv_info(const struct stp_port *p)
{
	if (p->msg.type == BPDU_TCN)
		return STP_OTHER;
	if (p->msg.role == BPDU_DESIGNATED)
		return rcv_designated(p);
	if (stp_vector_compare(&p->msg.vector, &p->port_priority) >= 0)
		return STP_INFERIOR_ROOT_ALTERNATE;
	return STP_OTHER;
}

/* betterorsameInfo() (17.21.1). */
static bool better_or_same_info(const struct stp_port *p,
				enum stp_info_is new_info_is)
{
	const struct stp_vector *v = new_info_is == STP_INFO_RECEIVED
					     ? &p->msg.vector
					     : &p->designated_priority;

	return p->info_is == new_info_is &&
	       stp_vector_compare(v, &p->port_priority) <= 0;
}

/* recordAgreement() (17.21.9). */
static void record_agreement(struct stp_port *p)
{
	p->agreed = stp_rstp_version(p->stp) && p->oper_p2p &&
		    p->msg.type == BPDU_RST && p->msg.agreement;
	if (p->agreed)
		p->proposing = false;
}

/* recordDispute() (17.21.10): whoever we thought to be behind us forwards, and
 * so has not heard what we said. */
static void record_dispute(struct stp_port *p)
{
	if (p->msg.type != BPDU_RST || !p->msg.learning)
		return;
	p->disputed = true;
	p->agreed = false;
}

/* recordProposal() (17.21.11). */
static void record_proposal(struct stp_port *p)
{
	if (p->msg.role == BPDU_DESIGNATED && p->msg.proposal)
		p->proposed = true;
}

/* setTcFlags() (17.21.17), but for those of a TCN: see OTHER. */
static void set_tc_flags(struct stp_port *p)
{
	p->rcvd_tc |= p->msg.topology_change;
	p->rcvd_tc_ack |= p->msg.topology_change_ack;
}

/* updtRcvdInfoWhile() (17.21.23). */
static void updt_rcvd_info_while(struct stp_port *p)
{
	const struct stp_times *t = &p->port_times;

	p->rcvd_info_while =
		t->message_age + 1 <= t->max_age ? 3 * t->hello : 0;
}

static void reselect(struct stp_port *p)
{
	p->reselect = true;
	p->selected = false;
}

/* --- The machine ------------------------------------------------------ */

static int next_received(const struct stp_port *p)
{
	static const int states[] = {
		[STP_SUPERIOR_DESIGNATED] = SUPERIOR_DESIGNATED,
		[STP_REPEATED_DESIGNATED] = REPEATED_DESIGNATED,
		[STP_INFERIOR_DESIGNATED] = INFERIOR_DESIGNATED,
		[STP_INFERIOR_ROOT_ALTERNATE] = NOT_DESIGNATED,
		[STP_OTHER] = OTHER,
	};

	return states[p->rcvd_info];
}

static int next(const struct stp_port *p)
{
	bool update = p->selected && p->updt_info;

	if (!p->port_enabled && p->info_is != STP_INFO_DISABLED)
		return DISABLED;
	switch (p->state[STP_PIM]) {
	case DISABLED:
		if (p->port_enabled)
			return AGED;
		return p->rcvd_msg ? DISABLED : STP_STAY;
	case AGED:
		return update ? UPDATE : STP_STAY;
	case CURRENT:
		if (update)
			return UPDATE;
		if (p->updt_info)
			return STP_STAY;
		if (p->rcvd_msg)
			return RECEIVE;
		if (p->info_is == STP_INFO_RECEIVED && p->rcvd_info_while == 0)
			return AGED;
		return STP_STAY;
	case RECEIVE:
		return next_received(p);
	default:
		return CURRENT;
	}
}

static void enter_disabled(struct stp_port *p)
{
	p->rcvd_msg = false;
	p->proposing = p->proposed = p->agree = p->agreed = false;
	p->rcvd_info_while = 0;
	p->info_is = STP_INFO_DISABLED;
	reselect(p);
}

static void enter_update(struct stp_port *p)
{
	p->proposing = p->proposed = false;
	p->agreed = p->agreed && better_or_same_info(p, STP_INFO_MINE);
	p->synced = p->synced && p->agreed;
	p->port_priority = p->designated_priority;
	p->port_times = p->designated_times;
	p->updt_info = false;
	p->info_is = STP_INFO_MINE;
	p->new_info = true;
}

static void enter_superior(struct stp_port *p)
{
	p->agreed = p->proposing = false;
	record_proposal(p);
	set_tc_flags(p);
	p->agree = p->agree && better_or_same_info(p, STP_INFO_RECEIVED);
	p->port_priority = p->msg.vector; /* recordPriority(), 17.21.12 */
	p->port_times = p->msg.times;     /* recordTimes(), 17.21.13 */
	updt_rcvd_info_while(p);
	p->info_is = STP_INFO_RECEIVED;
	reselect(p);
}

static void enter(struct stp_port *p, int state)
{
	switch (state) {
	case DISABLED:
		enter_disabled(p);
		return;
	case AGED:
		p->info_is = STP_INFO_AGED;
		reselect(p);
		return;
	case UPDATE:
		enter_update(p);
		return;
	case CURRENT:
		return;
	case RECEIVE:
		p->rcvd_info = rcv_info(p);
		return;
	case SUPERIOR_DESIGNATED:
		enter_superior(p);
		break;
	case REPEATED_DESIGNATED:
		record_proposal(p);
		set_tc_flags(p);
		updt_rcvd_info_while(p);
		break;
	case INFERIOR_DESIGNATED:
		record_dispute(p);
		break;
	case NOT_DESIGNATED:
		record_agreement(p);
		set_tc_flags(p);
		break;
	case OTHER:
		/* A TCN has nothing to compare, and no other way to be seen. */
		p->rcvd_tcn |= p->msg.type == BPDU_TCN;
		break;
	}
	p->rcvd_msg = false;
}

const struct stp_machine stp_pim = {DISABLED, next, enter};
