/* SPDX-License-Identifier: MIT */
/*
 * Port receive (17.23): hands one BPDU at a time to port information.
 *
 *	DISCARD ---> RECEIVE --+
 *			^------+  the last one has been dealt with
 */
#include "switchd/core/stp_machine.h"

enum { DISCARD, RECEIVE };

/* Which protocol the neighbour speaks (17.21.22). */
static void updt_bpdu_version(struct stp_port *p)
{
	p->rcvd_rstp = p->msg.type == BPDU_RST;
	p->rcvd_stp = !p->rcvd_rstp;
}

static int next(const struct stp_port *p)
{
	if ((p->rcvd_bpdu || p->edge_delay_while != STP_MIGRATE_TIME) &&
	    !p->port_enabled)
		return DISCARD;
	if (!p->rcvd_bpdu || !p->port_enabled)
		return STP_STAY;
	if (p->state[STP_PRX] == DISCARD || !p->rcvd_msg)
		return RECEIVE;
	return STP_STAY;
}

static void enter(struct stp_port *p, int state)
{
	p->rcvd_bpdu = false;
	p->edge_delay_while = STP_MIGRATE_TIME;
	if (state == DISCARD) {
		p->rcvd_rstp = p->rcvd_stp = false;
		p->rcvd_msg = false;
		return;
	}
	updt_bpdu_version(p);
	p->oper_edge = false;
	p->rcvd_msg = true;
}

const struct stp_machine stp_prx = {DISCARD, next, enter};
