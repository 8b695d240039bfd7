/* SPDX-License-Identifier: MIT */
/* rows: tables in the tables of topo.h that have files of their own. */
#ifndef LABSWITCH_TOPO_ROWS_H
#define LABSWITCH_TOPO_ROWS_H

#include "switchd/core/fdb.h"
#include "topo/topo.h"

/* storm:, secure: and mirror:, of a struct storm_words and so on. */
extern const struct opt rows_storm[];
extern const struct opt rows_secure[];
extern const struct opt rows_mirror[];

/* One word of a struct guard_words at this offset. */
#define GUARD_ROW(words, word, member)                                         \
	.key = (word),                                                         \
	.offset = (words) + offsetof(struct guard_words, member),              \
	.size = sizeof(((struct guard_words *)0)->member), .flags = OPT_LIVE

/* The rows of a struct guard_words at this offset. */
#define GUARD_ROWS(words)                                                      \
	{                                                                      \
		GUARD_ROW(words, "storm", storm),                              \
		.type = &opt_map,                                              \
		.sub = rows_storm,                                             \
		.help = "how much of what comes in may be flooded",            \
	},                                                                     \
		{                                                              \
			GUARD_ROW(words, "secure", secure),                    \
			.type = &opt_map,                                      \
			.sub = rows_secure,                                    \
			.help = "port security: how many addresses may send "  \
				"here",                                        \
		},                                                             \
		{                                                              \
			GUARD_ROW(words, "isolated", isolated),                \
			.type = &opt_bool,                                     \
			.help = "no frame passes between two such ports",      \
		},                                                             \
	{                                                                      \
		GUARD_ROW(words, "fdb-limit", fdb_limit),                      \
			.type = &opt_uint, .min = 1, .max = FDB_LIMIT_MAX,     \
			.help = "MACs that are learned here at most",          \
	}

#endif
