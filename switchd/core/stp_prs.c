/* SPDX-License-Identifier: MIT */
/*
 * Port role selection (17.28): from what all ports hold, which role has each?
 * The only machine of the bridge as a whole:
 *
 *	INIT_BRIDGE ---> ROLE_SELECTION --+
 *			   ^--------------+  a port wants it (reselect)
 *
 * INIT_BRIDGE would make every port disabled, as BEGIN of port information
 * does for the one that it begins; so what is left is ROLE_SELECTION.
 */
#include "switchd/core/stp_machine.h"

struct stp_vector stp_root_path(const struct stp_port *p)
{
	struct stp_vector v = p->port_priority;

	/* A neighbour's cost must not wrap around to be the least. */
	v.cost = v.cost > UINT32_MAX - p->conf.cost ? UINT32_MAX
						    : v.cost + p->conf.cost;
	v.rx = p->port_id;
	return v;
}

/* updtRolesTree() a to c (17.21.25): the best way to the root. A port with root
 * guard offers none (restrictedRole, IEEE 802.1Q-2005 13.25.14). */
static void select_root(struct stp *stp)
{
	stp->root_priority = stp->bridge_priority;
	stp->root_times = stp->bridge_times;
	for (const struct stp_port *p = stp->ports; p; p = p->next) {
		struct stp_vector v;

		if (p->info_is != STP_INFO_RECEIVED || p->conf.root_guard ||
		    stp_hears_itself(p))
			continue;
		v = stp_root_path(p);
		if (stp_vector_compare(&v, &stp->root_priority) >= 0)
			continue;
		stp->root_priority = v;
		stp->root_times = p->port_times;
		stp->root_times.message_age++;
	}
}

/* d and e: what this bridge has to say through p. */
static void designate(struct stp_port *p)
{
	const struct stp *stp = p->stp;

	p->designated_priority = (struct stp_vector){
		.root = stp->root_priority.root,
		.cost = stp->root_priority.cost,
		.bridge = stp->bridge_priority.bridge,
		.port = p->port_id,
	};
	p->designated_times = stp->root_times;
	p->designated_times.hello = stp->bridge_times.hello;
}

/* i to l: the port holds what another bridge said. */
static void select_received(struct stp_port *p)
{
	int by = stp_vector_compare(&p->designated_priority, &p->port_priority);

	p->updt_info = false;
	if (p->stp->root_priority.rx == p->port_id) {
		p->selected_role = STP_ROLE_ROOT;
	} else if (by < 0) {
		p->selected_role = STP_ROLE_DESIGNATED;
		p->updt_info = true;
	} else if (stp_hears_itself(p)) {
		p->selected_role = STP_ROLE_BACKUP;
	} else {
		p->selected_role = STP_ROLE_ALTERNATE;
		p->root_guarded = p->conf.root_guard;
	}
}

/* f to l. */
static void select_role(struct stp_port *p)
{
	p->root_guarded = false;
	switch (p->info_is) {
	case STP_INFO_DISABLED:
		p->selected_role = STP_ROLE_DISABLED;
		break;
	case STP_INFO_AGED:
		p->selected_role = STP_ROLE_DESIGNATED;
		p->updt_info = true;
		break;
	case STP_INFO_MINE:
		p->selected_role = STP_ROLE_DESIGNATED;
		p->updt_info |=
			stp_vector_compare(&p->port_priority,
					   &p->designated_priority) != 0 ||
			!stp_times_equal(&p->port_times, &p->designated_times);
		break;
	case STP_INFO_RECEIVED:
		select_received(p);
		break;
	}
}

bool stp_prs_run(struct stp *stp)
{
	bool wanted = false;

	for (struct stp_port *p = stp->ports; p; p = p->next) {
		wanted |= p->reselect;
		p->reselect = false; /* clearReselectTree(), 17.21.2 */
	}
	if (!wanted)
		return false;
	select_root(stp);
	for (struct stp_port *p = stp->ports; p; p = p->next) {
		designate(p);
		select_role(p);
		p->selected = true; /* setSelectedTree(), 17.21.16 */
	}
	return true;
}
