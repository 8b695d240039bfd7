/* SPDX-License-Identifier: MIT */
#include "topo/stp.h"

#define NS_PER_S 1000000000LL

static const char *const version_words[] = {"off", "stp", "rstp", NULL};
static const char *const auto_words[] = {"auto", "yes", "no", NULL};

_Static_assert(TOPO_STP_OFF == 0 && TOPO_STP_STP == 1 && TOPO_STP_RSTP == 2,
	       "as in version_words");
_Static_assert(STP_AUTO == 0 && STP_YES == 1 && STP_NO == 2,
	       "as in auto_words");

const struct opt topo_stp_rows[] = {
	{
		.key = "version",
		.type = &opt_word,
		OPT_AT(struct switch_stp, version),
		.def = "off",
		.words = version_words,
		.flags = OPT_LIVE,
		.help = "which protocol to speak; rstp if stp is written",
	},
	{
		.key = "priority",
		.type = &opt_uint,
		OPT_AT(struct switch_stp, priority),
		.max = 61440,
		.step = 4096,
		.def = "32768",
		.flags = OPT_LIVE,
		.help = "the lowest one becomes the root",
	},
	{
		.key = "hello",
		.type = &opt_duration,
		OPT_AT(struct switch_stp, hello),
		.min = 1 * NS_PER_S,
		.max = 10 * NS_PER_S,
		.step = NS_PER_S,
		.def = "2s",
		.flags = OPT_LIVE,
		.help = "how often BPDUs are sent",
	},
	{
		.key = "max-age",
		.type = &opt_duration,
		OPT_AT(struct switch_stp, max_age),
		.min = 6 * NS_PER_S,
		.max = 40 * NS_PER_S,
		.step = NS_PER_S,
		.def = "20s",
		.flags = OPT_LIVE,
		.help = "how old news of the root may get",
	},
	{
		.key = "forward-delay",
		.type = &opt_duration,
		OPT_AT(struct switch_stp, forward_delay),
		.min = 4 * NS_PER_S,
		.max = 30 * NS_PER_S,
		.step = NS_PER_S,
		.def = "15s",
		.flags = OPT_LIVE,
		.help = "how long a port listens, and then learns",
	},
	{
		.key = "hold-count",
		.type = &opt_uint,
		OPT_AT(struct switch_stp, hold_count),
		.min = 1,
		.max = 10,
		.def = "6",
		.flags = OPT_LIVE,
		.help = "BPDUs that a port sends in a second at most",
	},
	OPT_END,
};

const struct opt topo_port_stp_rows[] = {
	{
		.key = "cost",
		.type = &opt_uint,
		OPT_AT(struct port_stp, cost),
		.min = 1,
		.max = STP_COST_MAX,
		.flags = OPT_LIVE,
		.help = "of the way to the root by this port",
	},
	{
		.key = "priority",
		.type = &opt_uint,
		OPT_AT(struct port_stp, priority),
		.max = 240,
		.step = 16,
		.def = "128",
		.flags = OPT_LIVE,
		.help = "the lower one of two equal ports is used",
	},
	{
		.key = "edge",
		.type = &opt_word,
		OPT_AT(struct port_stp, edge),
		.words = auto_words,
		.def = "auto",
		.flags = OPT_LIVE,
		.help = "no bridge there: it forwards at once",
	},
	{
		.key = "point-to-point",
		.type = &opt_word,
		OPT_AT(struct port_stp, p2p),
		.words = auto_words,
		.def = "auto",
		.flags = OPT_LIVE,
		.help = "at most one bridge is there",
	},
	{
		.key = "bpdu-guard",
		.type = &opt_bool,
		OPT_AT(struct port_stp, bpdu_guard),
		.def = "no",
		.flags = OPT_LIVE,
		.help = "a BPDU shuts the port",
	},
	{
		.key = "root-guard",
		.type = &opt_bool,
		OPT_AT(struct port_stp, root_guard),
		.def = "no",
		.flags = OPT_LIVE,
		.help = "it never leads to the root",
	},
	OPT_END,
};

struct stp_conf topo_stp_conf(const struct switch_stp *stp,
			      const struct mac *mac)
{
	return (struct stp_conf){
		.mac = *mac,
		.priority = (uint16_t)stp->priority,
		.version = stp->version == TOPO_STP_STP ? STP_VERSION_STP
							: STP_VERSION_RSTP,
		.hello = (uint8_t)(stp->hello / NS_PER_S),
		.max_age = (uint8_t)(stp->max_age / NS_PER_S),
		.delay = (uint8_t)(stp->forward_delay / NS_PER_S),
		.hold_count = (uint8_t)stp->hold_count,
	};
}

struct stp_port_conf topo_stp_port_conf(const struct port_stp *stp,
					uint32_t cost)
{
	static const uint8_t p2p[] = {
		[STP_AUTO] = STP_P2P_AUTO,
		[STP_YES] = STP_P2P_YES,
		[STP_NO] = STP_P2P_NO,
	};

	return (struct stp_port_conf){
		.cost = stp->cost ? stp->cost : cost,
		.priority = (uint8_t)stp->priority,
		.p2p = p2p[stp->p2p],
		.admin_edge = stp->edge == STP_YES,
		.auto_edge = stp->edge == STP_AUTO,
		.bpdu_guard = stp->bpdu_guard,
		.root_guard = stp->root_guard,
	};
}
