/* SPDX-License-Identifier: MIT */
/*
 * Bridge detection (17.25): is the port at the edge, with no bridge beyond?
 *
 *	EDGE <---> NOT_EDGE
 *
 * It is if the administrator says so, until a BPDU is heard; or if nobody
 * answers a proposal for as long as a bridge could take to.
 */
#include "switchd/core/stp_machine.h"

enum { EDGE, NOT_EDGE };

static int next(const struct stp_port *p)
{
	bool admin_edge = p->conf.admin_edge;

	switch (p->state[STP_BDM]) {
	case EDGE:
		if ((!p->port_enabled && !admin_edge) || !p->oper_edge)
			return NOT_EDGE;
		break;
	case NOT_EDGE:
		if ((!p->port_enabled && admin_edge) ||
		    (p->edge_delay_while == 0 && p->conf.auto_edge &&
		     p->send_rstp && p->proposing))
			return EDGE;
		break;
	}
	return STP_STAY;
}

static void enter(struct stp_port *p, int state)
{
	p->oper_edge = state == EDGE;
}

/* BEGIN finds the port down, where adminEdge leads on to EDGE. */
const struct stp_machine stp_bdm = {NOT_EDGE, next, enter};
