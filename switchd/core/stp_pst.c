/* SPDX-License-Identifier: MIT */
/*
 * Port state transition (17.30): has the bridge do what the roles want, and
 * says when it does.
 *
 *	DISCARDING ---> LEARNING ---> FORWARDING
 *	    ^--------------+--------------+
 */
#include "switchd/core/stp_machine.h"

static int next(const struct stp_port *p)
{
	switch (p->state[STP_PST]) {
	case PORT_DISCARDING:
		return p->learn ? PORT_LEARNING : STP_STAY;
	case PORT_LEARNING:
		if (!p->learn)
			return PORT_DISCARDING;
		return p->forward ? PORT_FORWARDING : STP_STAY;
	default:
		return p->forward ? STP_STAY : PORT_DISCARDING;
	}
}

/* enableLearning(), disableForwarding() and the like (17.21.3 to 17.21.6). */
static void enter(struct stp_port *p, int state)
{
	struct stp *stp = p->stp;

	stp->ops.set_state(stp->ctx, p->number, (enum port_state)state);
	p->learning = state != PORT_DISCARDING;
	p->forwarding = state == PORT_FORWARDING;
	p->counts.forwarding += p->forwarding;
}

const struct stp_machine stp_pst = {PORT_DISCARDING, next, enter};
