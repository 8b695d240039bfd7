/* SPDX-License-Identifier: MIT */
/*
 * Port role transitions (17.29): from a role to forwarding or discarding,
 * without a loop on the way. One state for each role, in which the port rests
 * but for what is to be done next, and boxes that are passed through:
 *
 *	INIT_PORT ---> DISABLE_PORT ---> DISABLED_PORT
 *	ROOT_PORT <---> _PROPOSED, _AGREED, REROOT, _FORWARD, _LEARN, REROOTED
 *	DESIGNATED_PORT <---> _PROPOSE, _SYNCED, _RETIRED, _FORWARD, _LEARN,
 *			      _DISCARD
 *	BLOCK_PORT ---> ALTERNATE_PORT <---> _PROPOSED, _AGREED, BACKUP_PORT
 *
 * Proposal: "I would forward here, if you are below me." Agreement: "All my
 * other ports are in sync with that." To be so, designated ports that are no
 * edge discard and propose in turn, so a cut moves away from the root until it
 * comes to where the tree ends.
 *
 * A timer that is not at its full value is set again by passing the state once
 * more: that is how it is held there.
 */
#include "switchd/core/stp_machine.h"

enum {
	INIT_PORT,
	DISABLE_PORT,
	DISABLED_PORT,
	ROOT_PORT,
	ROOT_PROPOSED,
	ROOT_AGREED,
	REROOT,
	ROOT_FORWARD,
	ROOT_LEARN,
	REROOTED,
	DESIGNATED_PORT,
	DESIGNATED_PROPOSE,
	DESIGNATED_SYNCED,
	DESIGNATED_RETIRED,
	DESIGNATED_FORWARD,
	DESIGNATED_LEARN,
	DESIGNATED_DISCARD,
	BLOCK_PORT,
	ALTERNATE_PORT,
	ALTERNATE_PROPOSED,
	ALTERNATE_AGREED,
	BACKUP_PORT
};

/* --- Conditions and procedures ---------------------------------------- */

/* allSynced (17.20.3). */
static bool all_synced(const struct stp *stp)
{
	for (const struct stp_port *p = stp->ports; p; p = p->next)
		if (!p->selected || p->role != p->selected_role ||
		    (p->role != STP_ROLE_ROOT && !p->synced))
			return false;
	return true;
}

/* reRooted (17.20.10): no other port was the root port a moment ago. */
static bool re_rooted(const struct stp_port *port)
{
	for (const struct stp_port *p = port->stp->ports; p; p = p->next)
		if (p != port && p->rr_while != 0)
			return false;
	return true;
}

/* EdgeDelay (17.20.4). */
static uint16_t edge_delay(const struct stp_port *p)
{
	return p->oper_p2p ? STP_MIGRATE_TIME : stp_max_age(p);
}

/* setSyncTree() (17.21.14). */
static void set_sync_tree(struct stp *stp)
{
	for (struct stp_port *p = stp->ports; p; p = p->next)
		p->sync = true;
}

/* setReRootTree() (17.21.15). */
static void set_re_root_tree(struct stp *stp)
{
	for (struct stp_port *p = stp->ports; p; p = p->next)
		p->re_root = true;
}

/* --- Where to --------------------------------------------------------- */

/* Figure 17-20. */
static int next_disabled(const struct stp_port *p)
{
	if (p->state[STP_PRT] == DISABLE_PORT)
		return p->learning || p->forwarding ? STP_STAY : DISABLED_PORT;
	if (p->fd_while != stp_max_age(p) || p->sync || p->re_root ||
	    !p->synced)
		return DISABLED_PORT;
	return STP_STAY;
}

/* Figure 17-21. */
static int next_root(const struct stp_port *p)
{
	if (p->proposed && !p->agree)
		return ROOT_PROPOSED;
	if ((!p->agree && all_synced(p->stp)) || (p->proposed && p->agree))
		return ROOT_AGREED;
	if (!p->forward && !p->re_root)
		return REROOT;
	if (!p->forward &&
	    (p->fd_while == 0 ||
	     (stp_rstp_version(p->stp) && p->rb_while == 0 && re_rooted(p))))
		return p->learn ? ROOT_FORWARD : ROOT_LEARN;
	if (p->re_root && p->forward)
		return REROOTED;
	if (p->rr_while != stp_fwd_delay(p))
		return ROOT_PORT;
	return STP_STAY;
}

/* Figure 17-22. */
static int next_designated(const struct stp_port *p)
{
	if (!p->forward && !p->agreed && !p->proposing && !p->oper_edge)
		return DESIGNATED_PROPOSE;
	if ((!p->learning && !p->forwarding && !p->synced) ||
	    (p->agreed && !p->synced) || (p->oper_edge && !p->synced) ||
	    (p->sync && p->synced))
		return DESIGNATED_SYNCED;
	if (p->rr_while == 0 && p->re_root)
		return DESIGNATED_RETIRED;
	if (((p->sync && !p->synced) || (p->re_root && p->rr_while != 0) ||
	     p->disputed) &&
	    !p->oper_edge && (p->learn || p->forward))
		return DESIGNATED_DISCARD;
	if (!p->forward && !p->sync &&
	    (p->fd_while == 0 || p->agreed || p->oper_edge) &&
	    (p->rr_while == 0 || !p->re_root))
		return p->learn ? DESIGNATED_FORWARD : DESIGNATED_LEARN;
	return STP_STAY;
}

/* Figure 17-23. */
static int next_alternate(const struct stp_port *p)
{
	if (p->state[STP_PRT] == BLOCK_PORT)
		return p->learning || p->forwarding ? STP_STAY : ALTERNATE_PORT;
	if (p->proposed && !p->agree)
		return ALTERNATE_PROPOSED;
	if ((!p->agree && all_synced(p->stp)) || (p->proposed && p->agree))
		return ALTERNATE_AGREED;
	if (p->rb_while != 2 * stp_hello_time(p) && p->role == STP_ROLE_BACKUP)
		return BACKUP_PORT;
	if (p->fd_while != stp_forward_delay(p) || p->sync || p->re_root ||
	    !p->synced)
		return ALTERNATE_PORT;
	return STP_STAY;
}

/* The state that begins the selected role. */
static int next_role(const struct stp_port *p)
{
	static const int states[] = {
		[STP_ROLE_DISABLED] = DISABLE_PORT,
		[STP_ROLE_ROOT] = ROOT_PORT,
		[STP_ROLE_DESIGNATED] = DESIGNATED_PORT,
		[STP_ROLE_ALTERNATE] = BLOCK_PORT,
		[STP_ROLE_BACKUP] = BLOCK_PORT,
	};

	return states[p->selected_role];
}

static int next(const struct stp_port *p)
{
	int state = p->state[STP_PRT];
	bool rests;

	if (state == INIT_PORT)
		return DISABLE_PORT;
	rests = state == DISABLE_PORT || state == DISABLED_PORT ||
		state == ROOT_PORT || state == DESIGNATED_PORT ||
		state == BLOCK_PORT || state == ALTERNATE_PORT;
	if (rests && !stp_settled(p))
		return STP_STAY;
	if (rests && p->role != p->selected_role)
		return next_role(p);
	switch (state) {
	case DISABLE_PORT:
	case DISABLED_PORT:
		return next_disabled(p);
	case ROOT_PORT:
		return next_root(p);
	case DESIGNATED_PORT:
		return next_designated(p);
	case BLOCK_PORT:
	case ALTERNATE_PORT:
		return next_alternate(p);
	default:
		if (state < DESIGNATED_PORT)
			return ROOT_PORT;
		return state < BLOCK_PORT ? DESIGNATED_PORT : ALTERNATE_PORT;
	}
}

/* --- What is done there ----------------------------------------------- */

static void rest(struct stp_port *p, uint16_t fd_while)
{
	p->fd_while = fd_while;
	p->synced = true;
	p->rr_while = 0;
	p->sync = p->re_root = false;
}

static void enter_disabled(struct stp_port *p, int state)
{
	switch (state) {
	case INIT_PORT:
		p->role = STP_ROLE_DISABLED;
		p->learn = p->forward = false;
		p->synced = false;
		p->sync = p->re_root = true;
		p->rr_while = stp_fwd_delay(p);
		p->fd_while = stp_max_age(p);
		p->rb_while = 0;
		break;
	case DISABLE_PORT:
		p->role = p->selected_role;
		p->learn = p->forward = false;
		break;
	case DISABLED_PORT:
		rest(p, stp_max_age(p));
		break;
	}
}

static void enter_root(struct stp_port *p, int state)
{
	switch (state) {
	case ROOT_PORT:
		p->role = STP_ROLE_ROOT;
		p->rr_while = stp_fwd_delay(p);
		break;
	case ROOT_PROPOSED:
		set_sync_tree(p->stp);
		p->proposed = false;
		break;
	case ROOT_AGREED:
		p->proposed = p->sync = false;
		p->agree = true;
		p->new_info = true;
		break;
	case REROOT:
		set_re_root_tree(p->stp);
		break;
	case ROOT_FORWARD:
		p->fd_while = 0;
		p->forward = true;
		break;
	case ROOT_LEARN:
		p->fd_while = stp_forward_delay(p);
		p->learn = true;
		break;
	case REROOTED:
		p->re_root = false;
		break;
	}
}

static void enter_designated(struct stp_port *p, int state)
{
	switch (state) {
	case DESIGNATED_PORT:
		p->role = STP_ROLE_DESIGNATED;
		break;
	case DESIGNATED_PROPOSE:
		p->proposing = true;
		p->edge_delay_while = edge_delay(p);
		p->new_info = true;
		break;
	case DESIGNATED_SYNCED:
		p->rr_while = 0;
		p->synced = true;
		p->sync = false;
		break;
	case DESIGNATED_RETIRED:
		p->re_root = false;
		break;
	case DESIGNATED_FORWARD:
		p->forward = true;
		p->fd_while = 0;
		p->agreed = p->send_rstp;
		break;
	case DESIGNATED_LEARN:
		p->learn = true;
		p->fd_while = stp_forward_delay(p);
		break;
	case DESIGNATED_DISCARD:
		p->learn = p->forward = p->disputed = false;
		p->fd_while = stp_forward_delay(p);
		break;
	}
}

static void enter_alternate(struct stp_port *p, int state)
{
	switch (state) {
	case BLOCK_PORT:
		p->role = p->selected_role;
		p->learn = p->forward = false;
		break;
	case ALTERNATE_PORT:
		rest(p, stp_forward_delay(p));
		break;
	case ALTERNATE_PROPOSED:
		set_sync_tree(p->stp);
		p->proposed = false;
		break;
	case ALTERNATE_AGREED:
		p->proposed = false;
		p->agree = true;
		p->new_info = true;
		break;
	case BACKUP_PORT:
		p->rb_while = 2 * stp_hello_time(p);
		break;
	}
}

static void enter(struct stp_port *p, int state)
{
	if (state < ROOT_PORT)
		enter_disabled(p, state);
	else if (state < DESIGNATED_PORT)
		enter_root(p, state);
	else if (state < BLOCK_PORT)
		enter_designated(p, state);
	else
		enter_alternate(p, state);
}

const struct stp_machine stp_prt = {INIT_PORT, next, enter};
