/* SPDX-License-Identifier: MIT */
/*
 * stp_machine: the state machines of IEEE 802.1D-2004 clause 17, one file each,
 * and the variables that they share. Only stp*.c include it.
 *
 *	prx  port receive	       17.23	pim  port information	  17.27
 *	ppm  port protocol migration   17.24	prs  port role selection  17.28
 *	bdm  bridge detection	       17.25	prt  port role transitions 17.29
 *	ptx  port transmit	       17.26	pst  port state transition 17.30
 *	pti  port timers (in stp.c)    17.22	tcm  topology change	  17.31
 *
 * A figure of the standard has boxes with actions and arrows with conditions.
 * So a machine here is two functions: next() is pure and says to which box an
 * arrow leads whose condition holds, if any; enter() does what is in that box.
 * They are called in turn until no machine of the bridge has anywhere to go
 * (stp.c). What a machine tells another it leaves in a variable of 17.19, here
 * by its name in the standard: rcvdMsg is rcvd_msg.
 */
#ifndef LABSWITCH_CORE_STP_MACHINE_H
#define LABSWITCH_CORE_STP_MACHINE_H

#include "switchd/core/bpdu.h"
#include "switchd/core/stp.h"

#define STP_SECOND       UINT64_C(1000000000)
#define STP_MIGRATE_TIME 3    /* seconds (table 17-1) */
#define STP_STAY         (-1) /* next(): no arrow's condition holds */

/* In the order in which they are asked; port transmit when all others rest. */
enum stp_machine_id {
	STP_PRX,
	STP_PPM,
	STP_BDM,
	STP_PIM,
	STP_PRT,
	STP_PST,
	STP_TCM,
	STP_PTX,
	STP_MACHINE_COUNT
};

/* Whose information the port holds (17.19.10). */
enum stp_info_is {
	STP_INFO_DISABLED,
	STP_INFO_AGED,
	STP_INFO_MINE,
	STP_INFO_RECEIVED
};

/* What rcvInfo() found (17.21.8). */
enum stp_rcvd_info {
	STP_SUPERIOR_DESIGNATED,
	STP_REPEATED_DESIGNATED,
	STP_INFERIOR_DESIGNATED,
	STP_INFERIOR_ROOT_ALTERNATE,
	STP_OTHER
};

struct stp_port {
	struct stp *stp;
	struct stp_port *next; /* by number */
	uint16_t number;
	struct stp_port_conf conf;
	int state[STP_MACHINE_COUNT];

	/* What the caller said, and what came of it. */
	bool up;
	bool p2p;     /* the medium is */
	bool guarded; /* the BPDU guard has shut it */
	bool port_enabled;
	bool oper_p2p;

	/* Timers, in seconds (17.17). */
	uint16_t edge_delay_while;
	uint16_t fd_while;
	uint16_t hello_when;
	uint16_t mdelay_while;
	uint16_t rb_while;
	uint16_t rcvd_info_while;
	uint16_t rr_while;
	uint16_t tc_while;
	uint16_t tx_count;

	/* Variables (17.19). */
	bool agree, agreed;
	bool disputed;
	bool forward, forwarding;
	bool learn, learning;
	bool mcheck;
	bool new_info;
	bool oper_edge;
	bool proposed, proposing;
	bool rcvd_bpdu, rcvd_msg;
	bool rcvd_rstp, rcvd_stp;
	bool rcvd_tc, rcvd_tc_ack, rcvd_tcn;
	bool re_root;
	bool reselect;
	bool selected;
	bool send_rstp;
	bool sync, synced;
	bool tc_ack, tc_prop;
	bool updt_info;
	enum stp_info_is info_is;
	enum stp_rcvd_info rcvd_info;
	enum stp_role role, selected_role;
	uint16_t port_id;
	struct stp_vector designated_priority, port_priority;
	struct stp_times designated_times, port_times;
	struct bpdu msg; /* msgPriority, msgTimes and its flags */

	/* What is ours. */
	unsigned rx_budget;
	unsigned flush_budget;
	bool flush_owed;
	bool detected;     /* a topology change, to be told */
	bool root_guarded; /* hears of a better root that it may not follow */
	enum stp_role told_role;
	enum port_state told_state;
	bool told_rstp;
	bool told_bpdu_guard;
	bool told_root_guard;
	struct stp_counts counts;
};

struct stp {
	struct stp_conf conf;
	struct stp_ops ops;
	void *ctx;
	uint64_t now;
	uint64_t tick_at; /* UINT64_MAX: no port is up */
	bool busy;        /* the machines run */
	struct stp_port *ports;
	struct stp_port *by_number[STP_PORT_MAX + 1];

	/* Variables (17.18). */
	struct stp_vector bridge_priority, root_priority;
	struct stp_times bridge_times, root_times;

	uint64_t changes;
	uint64_t changed_at;
	uint64_t told_root;
	uint16_t told_root_port;
};

struct stp_machine {
	int begin; /* the state of BEGIN (17.18.1) */
	int (*next)(const struct stp_port *p);
	void (*enter)(struct stp_port *p, int state);
};

extern const struct stp_machine stp_prx;
extern const struct stp_machine stp_ppm;
extern const struct stp_machine stp_bdm;
extern const struct stp_machine stp_ptx;
extern const struct stp_machine stp_pim;
extern const struct stp_machine stp_prt;
extern const struct stp_machine stp_pst;
extern const struct stp_machine stp_tcm;

/* Port role selection, the one machine of the bridge. Returns whether it had
 * anything to select. */
bool stp_prs_run(struct stp *stp);

/* --- Conditions and parameters (17.20) -------------------------------- */

static inline bool stp_rstp_version(const struct stp *stp) /* 17.20.11 */
{
	return stp->conf.version >= STP_VERSION_RSTP;
}

static inline uint16_t stp_fwd_delay(const struct stp_port *p) /* 17.20.6 */
{
	return p->designated_times.forward_delay;
}

static inline uint16_t stp_hello_time(const struct stp_port *p) /* 17.20.7 */
{
	return p->designated_times.hello;
}

static inline uint16_t stp_max_age(const struct stp_port *p) /* 17.20.8 */
{
	return p->designated_times.max_age;
}

/* How long the neighbour may take to object (17.20.5). */
static inline uint16_t stp_forward_delay(const struct stp_port *p)
{
	return p->send_rstp ? stp_hello_time(p) : stp_fwd_delay(p);
}

static inline bool stp_is_active(const struct stp_port *p)
{
	return p->role == STP_ROLE_ROOT || p->role == STP_ROLE_DESIGNATED;
}

/* Roles are chosen, and what follows for the port's own information is done:
 * most arrows want that. */
static inline bool stp_settled(const struct stp_port *p)
{
	return p->selected && !p->updt_info;
}

/* The best that p knows of the root is offered by one of this bridge's ports,
 * perhaps p itself. */
static inline bool stp_hears_itself(const struct stp_port *p)
{
	return p->info_is == STP_INFO_RECEIVED &&
	       stp_same_bridge(p->port_priority.bridge,
			       p->stp->bridge_priority.bridge);
}

/* --- Procedures of several machines ----------------------------------- */

/* newTcWhile() (17.21.7). */
void stp_new_tc_while(struct stp_port *p);

/* The way to the root from p: its root path priority vector (17.6). */
struct stp_vector stp_root_path(const struct stp_port *p);

/* Forget what was learned at p, now or, beyond the budget, with the next tick
 * (fdbFlush, 17.19.7). */
void stp_flush(struct stp_port *p);

#endif
