/* SPDX-License-Identifier: MIT */
/* rows: the options of everything in the file but of the kinds (topo.h). */
#include "topo/rows.h"

#include "switchd/core/fdb.h"
#include "switchd/core/frame.h"

/* --- Options of the file, of a switch and of its ports ------------------ */

const struct opt topo_rows[] = {
	{
		.key = "nice",
		.type = &opt_int,
		OPT_AT(struct topo, nice),
		.min = -20,
		.max = 19,
		.def = "-15",
		.help = "priority of the daemon, as nice(1) has it",
	},
	OPT_END,
};

/* The rows of a struct vlan_words at this offset. */
#define VLAN_ROWS(words)                                                       \
	{                                                                      \
		.key = "vlan",                                                 \
		.type = &opt_vlan,                                             \
		.offset = (words) + offsetof(struct vlan_words, access),       \
		.size = sizeof(uint16_t),                                      \
		.flags = OPT_LIVE,                                             \
		.help = "access port of this VLAN",                            \
	},                                                                     \
		{                                                              \
			.key = "trunk",                                        \
			.type = &opt_vlans,                                    \
			.offset =                                              \
				(words) + offsetof(struct vlan_words, trunk),  \
			.size = sizeof(struct vidset),                         \
			.flags = OPT_LIVE,                                     \
			.help = "VLANs whose frames carry a tag",              \
		},                                                             \
		{                                                              \
			.key = "native",                                       \
			.type = &opt_vlan,                                     \
			.offset =                                              \
				(words) + offsetof(struct vlan_words, native), \
			.size = sizeof(uint16_t),                              \
			.flags = OPT_LIVE,                                     \
			.help = "VLAN of untagged frames on a trunk",          \
		},                                                             \
		{                                                              \
			.key = "native-tagged",                                \
			.type = &opt_vlan,                                     \
			.offset = (words) +                                    \
				  offsetof(struct vlan_words, native_tagged),  \
			.size = sizeof(uint16_t),                              \
			.flags = OPT_LIVE,                                     \
			.help = "likewise, but its frames leave with a tag",   \
		},                                                             \
	{                                                                      \
		.key = "tunnel", .type = &opt_vlan,                            \
		.offset = (words) + offsetof(struct vlan_words, tunnel),       \
		.size = sizeof(uint16_t), .flags = OPT_LIVE,                   \
		.help = "provider's VLAN of all frames, whatever tag they "    \
			"have",                                                \
	}

const struct opt topo_port_rows[] = {
	VLAN_ROWS(offsetof(struct port_conf, vlan)),
	{
		.key = "mtu",
		.type = &opt_uint,
		OPT_AT(struct port_conf, mtu),
		.min = 68,
		.max = 65520,
		.flags = OPT_LIVE,
		.help = "payload bytes, without Ethernet header and tags",
	},
	{
		.key = "queue",
		.type = &opt_size,
		OPT_AT(struct port_conf, queue),
		.min = 100000,
		.max = 1000000000,
		.help = "what waits for a slow peer; more is dropped",
	},
	GUARD_ROWS(offsetof(struct port_conf, guard)),
	{
		.key = "mirror",
		.type = &opt_map,
		OPT_AT(struct port_conf, mirror),
		.sub = rows_mirror,
		.flags = OPT_LIVE,
		.help = "it gets copies of what passes other ports, and no "
			"more",
	},
	{
		.key = "number",
		.type = &opt_port_nr,
		OPT_AT(struct port_conf, number),
		.min = 1,
		.max = TOPO_PORTS_MAX,
		.help = "port number on the switch",
	},
	{
		.key = "rx",
		.type = &opt_map,
		OPT_AT(struct port_conf, rx),
		.sub = topo_impair_rows,
		.flags = OPT_LIVE,
		.help = "impairments of what comes in",
	},
	{
		.key = "tx",
		.type = &opt_map,
		OPT_AT(struct port_conf, tx),
		.sub = topo_impair_rows,
		.flags = OPT_LIVE,
		.help = "impairments of what goes out",
	},
	{
		.key = "stp",
		.type = &opt_map,
		OPT_AT(struct port_conf, stp),
		.sub = topo_port_stp_rows,
		.flags = OPT_LIVE,
		.help = "its place in the spanning tree",
	},
	OPT_END,
};

const struct opt topo_link_rows[] = {
	{
		.key = "name",
		.type = &opt_name,
		OPT_AT(struct link_conf, name),
		.help = "of the link and of its port on either switch",
	},
	VLAN_ROWS(offsetof(struct link_conf, vlan)),
	{
		.key = "mtu",
		.type = &opt_uint,
		OPT_AT(struct link_conf, mtu),
		.min = 68,
		.max = 65520,
		.flags = OPT_LIVE,
		.help = "payload bytes, without Ethernet header and tags",
	},
	{
		.key = "forth",
		.type = &opt_map,
		OPT_AT(struct link_conf, forth),
		.sub = topo_impair_rows,
		.flags = OPT_LIVE,
		.help = "impairments from the first end to the second alone",
	},
	{
		.key = "back",
		.type = &opt_map,
		OPT_AT(struct link_conf, back),
		.sub = topo_impair_rows,
		.flags = OPT_LIVE,
		.help = "the other way round",
	},
	{
		.key = "storm",
		.type = &opt_map,
		OPT_AT(struct link_conf, storm),
		.sub = rows_storm,
		.flags = OPT_LIVE,
		.help = "how much of what comes in may be flooded, at each end",
	},
	{
		.key = "stp",
		.type = &opt_map,
		OPT_AT(struct link_conf, stp),
		.sub = topo_port_stp_rows,
		.flags = OPT_LIVE,
		.help = "its place in the spanning tree, at both ends",
	},
	OPT_END,
};

static const struct opt no_rows[] = {OPT_END};

const struct opt_kind topo_link_kind = {
	.name = "link",
	.help = "the end of a link to a switch",
	.rows = no_rows,
	.mtu = FRAME_MTU_MAX,
};

const char *const topo_mode_words[] = {"switch", "hub", "wire", NULL};
static const char *const aware_words[] = {"auto", "yes", "no", NULL};
static const char *const protocol_words[] = {"auto", "802.1q", "802.1ad", NULL};

_Static_assert(MODE_SWITCH == 0 && MODE_HUB == 1 && MODE_WIRE == 2,
	       "as in topo_mode_words");
_Static_assert(AWARE_AUTO == 0 && AWARE_YES == 1 && AWARE_NO == 2,
	       "as in aware_words");

_Static_assert(PROTOCOL_AUTO == 0 && PROTOCOL_8021Q == 1 &&
		       PROTOCOL_8021AD == 2,
	       "as in protocol_words");

static const struct opt fdb_rows[] = {
	{
		.key = "ageing",
		.type = &opt_duration,
		OPT_AT(struct switch_conf, fdb_ageing),
		.max = 1000000000000000, /* 802.1Q-2018 table 8-7 */
		.def = "300s",
		.flags = OPT_LIVE,
		.help = "forget a MAC not heard for so long; off: never",
	},
	{
		.key = "limit",
		.type = &opt_uint,
		OPT_AT(struct switch_conf, fdb_limit),
		.min = 1,
		.max = FDB_LIMIT_MAX,
		.def = "8192",
		.flags = OPT_LIVE,
		.help = "MACs at most",
	},
	OPT_END,
};

static const struct opt anonymous_rows[] = {
	{
		.key = "join",
		.type = &opt_bool,
		OPT_AT(struct switch_conf, vde.anonymous),
		.def = "no",
		.flags = OPT_LIVE,
		.help = "clients without a port of their own may join",
	},
	VLAN_ROWS(offsetof(struct switch_conf, vde.anonymous_vlan)),
	GUARD_ROWS(offsetof(struct switch_conf, vde.anonymous_guard)),
	OPT_END,
};

static const struct opt vde_rows[] = {
	{
		.key = "dir",
		.type = &opt_path,
		OPT_AT(struct switch_conf, vde.dir),
		.help = "directory of the sockets",
	},
	{
		.key = "mode",
		.type = &opt_mode,
		OPT_AT(struct switch_conf, vde.mode),
		.min = 1,
		.max = 0777,
		.help = "permissions of the sockets",
	},
	{
		.key = "group",
		.type = &opt_text,
		OPT_AT(struct switch_conf, vde.group),
		.help = "group of the sockets",
	},
	{
		.key = "anonymous",
		.type = &opt_map,
		.sub = anonymous_rows,
		.flags = OPT_LIVE,
		.help = "clients without a port of their own; "
			"yes if vde is written",
	},
	OPT_END,
};

const struct opt topo_switch_rows[] = {
	{
		.key = "mode",
		.type = &opt_word,
		OPT_AT(struct switch_conf, mode),
		.def = "switch",
		.words = topo_mode_words,
		.flags = OPT_LIVE,
		.help = "a hub sends every frame everywhere, a wire from one "
			"port to the other",
	},
	{
		.key = "vlan-aware",
		.type = &opt_word,
		OPT_AT(struct switch_conf, vlan_aware),
		.def = "auto",
		.words = aware_words,
		.flags = OPT_LIVE,
		.help = "look at VLAN tags; auto: if a port uses a VLAN word",
	},
	{
		.key = "vlan-protocol",
		.type = &opt_word,
		OPT_AT(struct switch_conf, vlan_protocol),
		.def = "auto",
		.words = protocol_words,
		.flags = OPT_LIVE,
		.help = "C-tags, or S-tags; auto: S-tags if a port is a tunnel",
	},
	{
		.key = "reserved",
		.type = &opt_reserved,
		OPT_AT(struct switch_conf, reserved),
		.flags = OPT_LIVE | OPT_KEYED,
		.help = "which protocols between neighbours pass, as lldp",
	},
	{
		.key = "fdb",
		.type = &opt_map,
		.sub = fdb_rows,
		.flags = OPT_LIVE,
		.help = "forwarding database",
	},
	{
		.key = "vde",
		.type = &opt_map,
		.sub = vde_rows,
		.help = "directory for VDE clients",
	},
	{
		.key = "mac",
		.type = &opt_mac,
		OPT_AT(struct switch_conf, mac),
		.flags = OPT_LIVE,
		.help = "address of the switch, by which others know it",
	},
	{
		.key = "stp",
		.type = &opt_map,
		OPT_AT(struct switch_conf, stp),
		.sub = topo_stp_rows,
		.flags = OPT_LIVE,
		.help = "spanning tree",
	},
	OPT_END,
};

const struct opt topo_host_rows[] = {
	{
		.key = "forward",
		.type = &opt_bool,
		OPT_AT(struct opt_host, forward),
		.def = "no",
		.help = "forward IP between its interfaces: a router",
	},
	{
		.key = "routes",
		.type = &opt_routes,
		OPT_AT(struct opt_host, routes),
		.help = "NETWORK via GATEWAY, at most 16",
	},
	OPT_END,
};

_Static_assert(OPT_ROUTES_MAX == 16, "as in the help");

const char *const topo_direction_words[] = {"both", "rx", "tx", NULL};
const char *const topo_format_words[] = {"pcapng", "pcap", NULL};

_Static_assert(TOPO_BOTH == 0 && TOPO_RX == 1 && TOPO_TX == 2,
	       "as in topo_direction_words");
_Static_assert(TOPO_PCAPNG == 0 && TOPO_PCAP == 1, "as in topo_format_words");

const struct opt topo_capture_rows[] = {
	{
		.key = "of",
		.type = &opt_selectors,
		OPT_AT(struct topo_capture_conf, of),
		.flags = OPT_REQUIRED | OPT_LIVE,
		.help = "all, SWITCH, SWITCH.*, SWITCH.PORT or LINK, at most "
			"64",
	},
	{
		.key = "file",
		.type = &opt_file,
		OPT_AT(struct topo_capture_conf, file),
		.flags = OPT_REQUIRED,
		.help = "file below the directory of captures",
	},
	{
		.key = "filter",
		.type = &opt_text,
		OPT_AT(struct topo_capture_conf, filter),
		.help = "only frames that match, in the words of tcpdump",
	},
	{
		.key = "direction",
		.type = &opt_word,
		OPT_AT(struct topo_capture_conf, direction),
		.def = "both",
		.words = topo_direction_words,
		.help = "rx: only what comes from the plug; tx: what goes to "
			"it",
	},
	{
		.key = "snaplen",
		.type = &opt_uint,
		OPT_AT(struct topo_capture_conf, snaplen),
		.min = 14,
		.max = 262144,
		.def = "262144",
		.help = "bytes of a frame that are kept",
	},
	{
		.key = "rotate",
		.type = &opt_rotate,
		OPT_AT(struct topo_capture_conf, rotate),
		.help = "a new file after SIZE x FILES or TIME x FILES",
	},
	{
		.key = "format",
		.type = &opt_word,
		OPT_AT(struct topo_capture_conf, format),
		.def = "pcapng",
		.words = topo_format_words,
		.help = "pcapng, or pcap with nanoseconds",
	},
	{
		.key = "buffer",
		.type = &opt_size,
		OPT_AT(struct topo_capture_conf, buffer),
		.min = 512000,
		.max = 1000000000,
		.def = "16MB",
		.help = "what waits to be written; more is dropped from the "
			"capture",
	},
	{
		.key = "drops",
		.type = &opt_bool,
		OPT_AT(struct topo_capture_conf, drops),
		.def = "no",
		.help = "frames that were dropped, too, with the reason",
	},
	{
		.key = "raw",
		.type = &opt_bool,
		OPT_AT(struct topo_capture_conf, raw),
		.def = "no",
		.help = "super-frames as they are handed over",
	},
	OPT_END,
};

_Static_assert(SELECTORS_MAX == 64, "as in the help");

const struct opt topo_port_capture_rows[] = {
	{
		.key = "capture",
		.type = &opt_file,
		OPT_AT(struct topo_capture_conf, file),
		.help = "file to capture it to, as one of captures",
	},
	OPT_END,
};

const char *topo_mode_name(const struct topo_switch *sw)
{
	return topo_mode_words[sw->conf.mode];
}
