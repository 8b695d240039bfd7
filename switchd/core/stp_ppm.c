/* SPDX-License-Identifier: MIT */
/*
 * Port protocol migration (17.24): RSTP or STP towards this neighbour?
 *
 *	CHECKING_RSTP ---> SENSING ---> SELECTING_STP
 *	      ^--------------+ ^--------------+
 *
 * For MigrateTime after a change of mind nobody's version is looked at, so that
 * BPDUs on their way do not change it back.
 */
#include "switchd/core/stp_machine.h"

enum { CHECKING_RSTP, SELECTING_STP, SENSING };

static int next(const struct stp_port *p)
{
	switch (p->state[STP_PPM]) {
	case CHECKING_RSTP:
		if (p->mdelay_while != STP_MIGRATE_TIME && !p->port_enabled)
			return CHECKING_RSTP;
		if (p->mdelay_while == 0)
			return SENSING;
		break;
	case SELECTING_STP:
		if (p->mdelay_while == 0 || !p->port_enabled || p->mcheck)
			return SENSING;
		break;
	case SENSING:
		if (!p->port_enabled || p->mcheck ||
		    (stp_rstp_version(p->stp) && !p->send_rstp && p->rcvd_rstp))
			return CHECKING_RSTP;
		if (p->send_rstp && p->rcvd_stp)
			return SELECTING_STP;
		break;
	}
	return STP_STAY;
}

static void enter(struct stp_port *p, int state)
{
	switch (state) {
	case CHECKING_RSTP:
		p->mcheck = false;
		p->send_rstp = stp_rstp_version(p->stp);
		p->mdelay_while = STP_MIGRATE_TIME;
		break;
	case SELECTING_STP:
		p->send_rstp = false;
		p->mdelay_while = STP_MIGRATE_TIME;
		break;
	case SENSING:
		p->rcvd_rstp = p->rcvd_stp = false;
		break;
	}
}

const struct stp_machine stp_ppm = {CHECKING_RSTP, next, enter};
