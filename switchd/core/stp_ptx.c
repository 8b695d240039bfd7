/* SPDX-License-Identifier: MIT */
/*
 * Port transmit (17.26): BPDUs at regular times and when there is news, but not
 * more than txHoldCount in a second.
 *
 *	TRANSMIT_INIT ---> IDLE <---> TRANSMIT_PERIODIC, _CONFIG, _TCN, _RSTP
 */
#include "switchd/core/stp_machine.h"

enum {
	TRANSMIT_INIT,
	IDLE,
	TRANSMIT_PERIODIC,
	TRANSMIT_CONFIG,
	TRANSMIT_TCN,
	TRANSMIT_RSTP
};

/* --- Procedures ------------------------------------------------------- */

static void send(struct stp_port *p, const struct bpdu *b)
{
	struct stp *stp = p->stp;
	uint8_t bytes[BPDU_FRAME];
	struct frame f = {.data = bytes, .len = sizeof(bytes)};

	bpdu_emit(b, &stp->conf.mac, bytes);
	stp->ops.send(stp->ctx, p->number, &f);
}

/* txConfig() (17.21.19). */
static void tx_config(struct stp_port *p)
{
	struct bpdu b = {
		.type = BPDU_CONFIG,
		.topology_change = p->tc_while != 0,
		.topology_change_ack = p->tc_ack,
		.vector = p->designated_priority,
		.times = p->designated_times,
	};

	p->counts.tx_config++;
	send(p, &b);
}

/* txRstp() (17.21.20). */
static void tx_rstp(struct stp_port *p)
{
	static const enum bpdu_role roles[] = {
		[STP_ROLE_DISABLED] = BPDU_UNKNOWN,
		[STP_ROLE_ROOT] = BPDU_ROOT,
		[STP_ROLE_DESIGNATED] = BPDU_DESIGNATED,
		[STP_ROLE_ALTERNATE] = BPDU_ALTERNATE,
		[STP_ROLE_BACKUP] = BPDU_ALTERNATE,
	};
	struct bpdu b = {
		.type = BPDU_RST,
		.role = roles[p->role],
		.topology_change = p->tc_while != 0,
		.proposal = p->proposing,
		.agreement = p->agree,
		.learning = p->learning,
		.forwarding = p->forwarding,
		.vector = p->designated_priority,
		.times = p->designated_times,
	};

	p->counts.tx_rst++;
	send(p, &b);
}

/* txTcn() (17.21.21). */
static void tx_tcn(struct stp_port *p)
{
	const struct bpdu b = {.type = BPDU_TCN};

	p->counts.tx_tcn++;
	send(p, &b);
}

/* --- The machine ------------------------------------------------------ */

static int next_idle(const struct stp_port *p)
{
	/* There is nobody to send to; the news stays. */
	if (!stp_settled(p) || p->role == STP_ROLE_DISABLED)
		return STP_STAY;
	if (p->hello_when == 0)
		return TRANSMIT_PERIODIC;
	if (!p->new_info || p->tx_count >= p->stp->conf.hold_count)
		return STP_STAY;
	if (p->send_rstp)
		return TRANSMIT_RSTP;
	if (p->role == STP_ROLE_ROOT)
		return TRANSMIT_TCN;
	if (p->role == STP_ROLE_DESIGNATED)
		return TRANSMIT_CONFIG;
	return STP_STAY;
}

static int next(const struct stp_port *p)
{
	return p->state[STP_PTX] == IDLE ? next_idle(p) : IDLE;
}

static void enter(struct stp_port *p, int state)
{
	switch (state) {
	case TRANSMIT_INIT:
		p->new_info = true;
		p->tx_count = 0;
		break;
	case IDLE:
		p->hello_when = stp_hello_time(p);
		break;
	case TRANSMIT_PERIODIC:
		p->new_info |= p->role == STP_ROLE_DESIGNATED ||
			       (p->role == STP_ROLE_ROOT && p->tc_while != 0);
		break;
	case TRANSMIT_CONFIG:
		p->new_info = false;
		tx_config(p);
		p->tx_count++;
		p->tc_ack = false;
		break;
	case TRANSMIT_TCN:
		p->new_info = false;
		/* The news may be an agreement, of no meaning in STP. A TCN
		 * would have the root tell of a change before it happens, and
		 * no longer when it does. */
		if (p->tc_while == 0)
			break;
		tx_tcn(p);
		p->tx_count++;
		break;
	case TRANSMIT_RSTP:
		p->new_info = false;
		tx_rstp(p);
		p->tx_count++;
		p->tc_ack = false;
		break;
	}
}

const struct stp_machine stp_ptx = {TRANSMIT_INIT, next, enter};
