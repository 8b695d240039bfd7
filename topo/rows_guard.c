/* SPDX-License-Identifier: MIT */
/* rows_guard: what a port may do, and what it may not (topo.h). */
#include "switchd/core/fdb.h"
#include "topo/rows.h"

#define RATE_MAX 100000000 /* frames a second */

static const char *const action_words[] = {"drop", "shutdown", NULL};

_Static_assert(GUARD_DROP == 0 && GUARD_SHUTDOWN == 1, "as in action_words");

/* A limit of a struct storm_words. */
#define STORM_ROW(word, member, what)                                          \
	{                                                                      \
		.key = (word), .type = &opt_per_s,                             \
		OPT_AT(struct storm_words, member), .min = 1, .max = RATE_MAX, \
		.flags = OPT_LIVE, .help = (what)                              \
	}

const struct opt rows_storm[] = {
	STORM_ROW("each", each, "of each of the following that is not written"),
	STORM_ROW("broadcast", limit.fps[STORM_BROADCAST],
		  "broadcast frames a second that are flooded"),
	STORM_ROW("multicast", limit.fps[STORM_MULTICAST],
		  "multicast frames a second, likewise"),
	STORM_ROW("unknown", limit.fps[STORM_UNKNOWN],
		  "frames a second to addresses that are not known"),
	{
		.key = "action",
		.type = &opt_word,
		OPT_AT(struct storm_words, action),
		.words = action_words,
		.flags = OPT_LIVE,
		.help = "what is done about more: drop it, or shut the port",
	},
	OPT_END,
};

const struct opt rows_secure[] = {
	{
		.key = "max",
		.type = &opt_uint,
		OPT_AT(struct secure_words, max),
		.min = 1,
		.max = FDB_LIMIT_MAX,
		.flags = OPT_LIVE,
		.help = "MACs that may send here, the first that do",
	},
	{
		.key = "action",
		.type = &opt_word,
		OPT_AT(struct secure_words, action),
		.words = action_words,
		.flags = OPT_LIVE,
		.help = "what is done about others: drop, or shut the port",
	},
	{
		.key = "sticky",
		.type = &opt_bool,
		OPT_AT(struct secure_words, sticky),
		.flags = OPT_LIVE,
		.help = "the first stay, whatever happens, and send nowhere "
			"else",
	},
	OPT_END,
};

_Static_assert(TOPO_MIRRORED_MAX == 16, "as in the help");

const struct opt rows_mirror[] = {
	{
		.key = "of",
		.type = &opt_names,
		OPT_AT(struct mirror_words, of),
		.flags = OPT_LIVE,
		.help = "ports and links of the switch, at most 16, or all",
	},
	{
		.key = "direction",
		.type = &opt_word,
		OPT_AT(struct mirror_words, direction),
		.words = topo_direction_words,
		.flags = OPT_LIVE,
		.help = "rx: only what comes from them; tx: what goes to them",
	},
	OPT_END,
};
