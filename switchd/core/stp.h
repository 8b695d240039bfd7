/* SPDX-License-Identifier: MIT */
/*
 * stp: one bridge's part in a rapid spanning tree (IEEE 802.1D-2004 clause 17).
 *
 * Bridges agree on a root and on the cheapest ways to it; ports that are on no
 * such way discard, so that a network with loops forwards as a tree. Between
 * two bridges on a point-to-point link a new way opens by asking and answering
 * (proposal, agreement), in milliseconds; elsewhere by waiting. To a neighbour
 * that knows only the older STP its BPDUs are spoken, on that port alone.
 *
 *	stp_port_up/down()   stp_receive()	stp_run()
 *		  |		   |		    |	  one second has passed
 *		  +------ the machines of 17.22 to 17.31 run until all rest
 *				   |
 *		send()	 set_state()	flush()	  event()
 *
 * No clock: `now` is an argument (nanoseconds, monotonic), stp_next() says when
 * stp_run() is wanted. The standard's timers count whole seconds, and so does
 * this: a tick a second, and none to make up for those that came too late (who
 * did not hear for a while must not conclude that nobody spoke).
 *
 * What a neighbour can cost is bounded: so many BPDUs of a port in a second,
 * beyond which only what keeps alive that which is known is taken; so many
 * flushes of a port in a second, beyond which one is owed until the next.
 *
 * Deliberately not here: several trees, one for a VLAN or a group of them.
 */
#ifndef LABSWITCH_CORE_STP_H
#define LABSWITCH_CORE_STP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/core/err.h"
#include "switchd/core/frame.h"
#include "switchd/core/mac.h"
#include "switchd/core/port_state.h"
#include "switchd/core/stp_vector.h"

#define STP_PORT_MAX     4095      /* ports are 1 to 4095 (9.2.7) */
#define STP_COST_MAX     200000000 /* table 17-3 */
#define STP_COST_DEFAULT 20000     /* 1 Gbit/s there */
#define STP_RX_BUDGET    64        /* BPDUs of a port in a second */
#define STP_FLUSH_BUDGET 4         /* flushes of a port in a second */
#define STP_WHY_SIZE     240

/* Force Protocol Version (17.13.4). */
enum stp_version { STP_VERSION_STP = 0, STP_VERSION_RSTP = 2 };

/* X(NAME, name) */
#define STP_ROLE_LIST(X)                                                       \
	X(DISABLED, disabled)                                                  \
	X(ROOT, root)             /* our way to the root */                    \
	X(DESIGNATED, designated) /* a LAN's way to the root */                \
	X(ALTERNATE, alternate)   /* another way of ours, shut */              \
	X(BACKUP, backup)         /* another port of ours is designated */

enum stp_role {
#define STP_ROLE_ENUM(upper, lower) STP_ROLE_##upper,
	STP_ROLE_LIST(STP_ROLE_ENUM)
#undef STP_ROLE_ENUM
		STP_ROLE_COUNT
};

/* X(NAME, name) */
#define STP_EVENT_LIST(X)                                                      \
	X(ROOT, root)         /* another root, or way there; port 0 */         \
	X(ROLE, role)         /* of a port */                                  \
	X(STATE, state)       /* of a port */                                  \
	X(TOPOLOGY, topology) /* found here: a port began to forward */        \
	X(VERSION, version)   /* STP is spoken to the neighbour, or RSTP */    \
	X(BPDU_GUARD, bpdu_guard) /* the port is shut */                       \
	X(ROOT_GUARD, root_guard) /* a better root is offered, or no longer */

enum stp_event {
#define STP_EVENT_ENUM(upper, lower) STP_EVENT_##upper,
	STP_EVENT_LIST(STP_EVENT_ENUM)
#undef STP_EVENT_ENUM
		STP_EVENT_COUNT
};

struct stp_conf {
	struct mac mac;     /* an individual address, the bridge's */
	uint16_t priority;  /* 0 to 61440 in steps of 4096 */
	uint8_t version;    /* enum stp_version */
	uint8_t hello;      /* seconds, 1 to 10 */
	uint8_t max_age;    /* seconds, 6 to 40 */
	uint8_t delay;      /* forward delay: seconds, 4 to 30 */
	uint8_t hold_count; /* BPDUs a port sends in a second, 1 to 10 */
};

/* Table 17-1 and 17-2. */
#define STP_CONF_DEFAULTS                                                      \
	.priority = 32768, .version = STP_VERSION_RSTP, .hello = 2,            \
	.max_age = 20, .delay = 15, .hold_count = 6

enum stp_p2p {
	STP_P2P_AUTO, /* as stp_port_up() says */
	STP_P2P_YES,
	STP_P2P_NO
};

struct stp_port_conf {
	uint32_t cost;    /* 1 to STP_COST_MAX */
	uint8_t priority; /* 0 to 240 in steps of 16 */
	uint8_t p2p;      /* enum stp_p2p */
	bool admin_edge;  /* no bridge there: forwards at once */
	bool auto_edge;   /* so too if none is heard for 3 s */
	bool bpdu_guard;  /* a BPDU shuts the port */
	bool root_guard;  /* never the way to the root (restrictedRole) */
};

#define STP_PORT_CONF_DEFAULTS                                                 \
	.cost = STP_COST_DEFAULT, .priority = 128, .auto_edge = true

/*
 * What the machines want done. All are called from within the functions that
 * take `now`, and must not call those; reading is allowed in event().
 */
struct stp_ops {
	/* A whole frame to be sent, whatever the port's state. It may find that
	 * a port is gone, and call stp_port_down(). */
	void (*send)(void *ctx, uint16_t port, const struct frame *f);
	/* Takes effect before it returns. */
	void (*set_state)(void *ctx, uint16_t port, enum port_state state);
	/* Forget the addresses learned at the port. */
	void (*flush)(void *ctx, uint16_t port);
	/* It is so now; port is 0 if it is of the bridge. */
	void (*event)(void *ctx, enum stp_event event, uint16_t port);
};

struct stp;

/* "root", "designated", ... */
const char *stp_role_name(enum stp_role role);
/* "discarding", "learning", "forwarding" */
const char *stp_state_name(enum port_state state);
const char *stp_event_name(enum stp_event event);

/* --- Configuration ---------------------------------------------------- */

/* Is each value, and are they together, as the standard wants them? */
bool stp_conf_check(const struct stp_conf *conf, struct err *err);
bool stp_port_conf_check(const struct stp_port_conf *conf, struct err *err);

/* conf has been checked. NULL if there is no memory. */
struct stp *stp_new(const struct stp_conf *conf, const struct stp_ops *ops,
		    void *ctx);

/* Calls no ops. NULL is allowed. */
void stp_free(struct stp *stp);

/* Another version starts all machines again. */
void stp_set(struct stp *stp, const struct stp_conf *conf, uint64_t now);

/* --- Ports ------------------------------------------------------------ */

/* Adds a port, 1 to STP_PORT_MAX, that is not there. It is down, and
 * set_state() says discarding. Returns false if there is no memory. */
bool stp_port_add(struct stp *stp, uint16_t port,
		  const struct stp_port_conf *conf, uint64_t now);

/* Takes it down first. */
void stp_port_remove(struct stp *stp, uint16_t port, uint64_t now);

bool stp_port_exists(const struct stp *stp, uint16_t port);

/* A change of admin_edge is as if the port went down and up. */
void stp_port_set(struct stp *stp, uint16_t port,
		  const struct stp_port_conf *conf, uint64_t now);

/*
 * Frames can pass. p2p: at most one other station is there. Of a port that was
 * down set_state() says once more that it discards: the bridge's may be new.
 */
void stp_port_up(struct stp *stp, uint16_t port, bool p2p, uint64_t now);
void stp_port_down(struct stp *stp, uint16_t port, uint64_t now);

/* What the BPDU guard has shut may be used again. */
void stp_port_reenable(struct stp *stp, uint16_t port, uint64_t now);

/* Try RSTP again, where STP is spoken (mcheck, 17.19.13). */
void stp_port_mcheck(struct stp *stp, uint16_t port, uint64_t now);

/* --- Running ---------------------------------------------------------- */

/* A frame for the bridge group address came in on port. */
void stp_receive(struct stp *stp, uint16_t port, const struct frame *f,
		 uint64_t now);

/* When stp_run() is wanted; UINT64_MAX while no port is up. Any of the
 * functions that take `now` may change it. */
uint64_t stp_next(const struct stp *stp);

/* Does what is due; allowed at any time. */
void stp_run(struct stp *stp, uint64_t now);

/* --- Reading ---------------------------------------------------------- */

struct stp_info {
	uint64_t id;
	uint64_t root;          /* its own id: this bridge is the root */
	uint32_t cost;          /* to the root */
	uint16_t root_port;     /* 0: this bridge is the root */
	struct stp_times times; /* in force: the root's */
	bool changing;          /* a topology change is being told */
	uint64_t changes;       /* topology changes found or heard of */
	uint64_t changed_at;    /* when the last was; 0: never */
};

/* BPDUs of a port; each that came in is counted under one of rx_. */
struct stp_counts {
	uint64_t rx_config;
	uint64_t rx_tcn;
	uint64_t rx_rst;
	uint64_t rx_bad;  /* invalid (9.3.4) */
	uint64_t rx_over; /* beyond the budget */
	uint64_t rx_down; /* the port is down or shut */
	uint64_t tx_config;
	uint64_t tx_tcn;
	uint64_t tx_rst;
	uint64_t forwarding; /* times that it began to forward */
};

struct stp_port_info {
	enum stp_role role;
	enum port_state state;
	uint16_t id;
	uint32_t cost;
	uint64_t designated_root; /* what is held for the LAN */
	uint32_t designated_cost;
	uint64_t designated_bridge;
	uint16_t designated_port;
	bool edge;
	bool p2p;
	bool rstp;       /* RSTP is spoken there, else STP */
	bool up;         /* as the caller said */
	bool bpdu_guard; /* has shut it */
	bool root_guard; /* keeps it from the role of root port */
	struct stp_counts counts;
};

void stp_read(const struct stp *stp, struct stp_info *info);
void stp_port_read(const struct stp *stp, uint16_t port,
		   struct stp_port_info *info);

/* The next port after `after` (0: the first), or 0. In order of numbers. */
uint16_t stp_port_next(const struct stp *stp, uint16_t after);

/*
 * One sentence: why the port has its role and, on the way to forwarding, what
 * it waits for. port_name() names a port in it; NULL: "port 2". Returns buf.
 */
typedef const char *stp_name_fn(void *ctx, uint16_t port);
const char *stp_port_why(const struct stp *stp, uint16_t port,
			 char buf[STP_WHY_SIZE], stp_name_fn *port_name,
			 void *ctx);

#endif
