/* SPDX-License-Identifier: MIT */
/*
 * stp: what a topology says of spanning trees: `stp:` on a switch, on a port
 * and on a link, and what the core is told of it.
 */
#ifndef LABSWITCH_TOPO_STP_H
#define LABSWITCH_TOPO_STP_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/mac.h"
#include "switchd/core/stp.h"
#include "topo/opt.h"

/* Which protocol a switch speaks. */
enum topo_stp { TOPO_STP_OFF, TOPO_STP_STP, TOPO_STP_RSTP };

struct switch_stp {
	uint32_t version; /* enum topo_stp */
	uint32_t priority;
	uint64_t hello; /* ns, whole seconds, as the next two */
	uint64_t max_age;
	uint64_t forward_delay;
	uint32_t hold_count;
};

enum stp_auto { STP_AUTO, STP_YES, STP_NO };

struct port_stp {
	uint32_t cost; /* 0: by what the port is */
	uint32_t priority;
	uint32_t edge; /* enum stp_auto, as the next */
	uint32_t p2p;
	bool bpdu_guard;
	bool root_guard;
};

/* The options of `stp:` on a switch, in a struct switch_stp; and on a port or a
 * link, in a struct port_stp. */
extern const struct opt topo_stp_rows[];
extern const struct opt topo_port_stp_rows[];

/* What a bridge of this address is told; version is not TOPO_STP_OFF. */
struct stp_conf topo_stp_conf(const struct switch_stp *stp,
			      const struct mac *mac);

/* What is said of a port there; cost is its cost if none was written. */
struct stp_port_conf topo_stp_port_conf(const struct port_stp *stp,
					uint32_t cost);

#endif
