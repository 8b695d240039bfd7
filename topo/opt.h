/* SPDX-License-Identifier: MIT */
/*
 * opt: option tables.
 *
 * One table of rows says all about the options of a thing: key, type, range,
 * default, whether a running lab can take a new value, one line of help. The
 * parser, the defaults, the dump, the comparison of two topologies and the
 * check of the man page all read it; there is no second list.
 *
 * Values live in a plain struct at the row's offset. They hold no pointers
 * (text is a char array), so a whole struct of options is copied by
 * assignment and compared byte by byte (opt_equal); it must start zeroed.
 */
#ifndef LABSWITCH_TOPO_OPT_H
#define LABSWITCH_TOPO_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/core/err.h"
#include "topo/net.h"

struct opt;

/* Names usable wherever a VLAN is. */
struct opt_vlan {
	char name[33];
	uint16_t vid;
};

/* What parsing and formatting of a value may look up. */
struct opt_ctx {
	const struct opt_vlan *vlans;
	size_t vlan_count;
};

/*
 * A type of value. parse reads one scalar; *out holds what was there before
 * (the default; for a list zeroes, or what its earlier elements made of them)
 * and is left alone on failure. The message says what is wrong with the value
 * alone, e.g. "is 99999, outside 68-65520"; the caller puts place, port and key
 * before it. format writes text that parse reads as the same value.
 */
struct opt_type {
	const char *name; /* in the man page: "duration", "VLAN", ... */
	bool (*parse)(const struct opt *row, const struct opt_ctx *ctx,
		      const char *text, void *out, struct err *err);
	void (*format)(const struct opt *row, const void *value, char *buf,
		       size_t size);
	bool list; /* [a, b] is read too: parse is called for each element */
};

#define TOPO_NAME_SIZE 33 /* of whatever has a name: 32 characters, a NUL */

#define OPT_LIVE     1u /* takes effect on a running port */
#define OPT_REQUIRED 2u /* an error if it is missing */
/* {KEY: VALUE, ...} is read: parse is called for each, as for a list, with
 * "KEY: VALUE"; format writes them with ';' between */
#define OPT_KEYED 4u

struct opt {
	const char *key;
	const struct opt_type *type; /* &opt_map: a map of `sub` */
	size_t offset; /* of the value in the struct; of a map that of its own
			* struct, or 0: it shares the one around */
	size_t size;   /* of the value, bytes */
	long long min, max; /* numbers: range in base units */
	long long step;     /* numbers, durations; 0: any value */
	const char *def;    /* as text; NULL: all bytes zero */
	unsigned flags;
	const struct opt *sub;    /* for opt_map, offsets from the map's own;
				   * a scalar, or a list if that is one,
				   * stands for its first row */
	const char *const *words; /* for opt_word: NULL-ended */
	const char *help;         /* one line, no full stop */
};

/* Fills offset and size of a row: OPT_AT(struct tap_conf, ifname) */
#define OPT_AT(type, member)                                                   \
	.offset = offsetof(type, member), .size = sizeof(((type *)0)->member)

/* A table ends with a row whose key is NULL. */
#define OPT_END                                                                \
	{                                                                      \
		.key = NULL                                                    \
	}

/* --- Types (the C type of the value in parentheses) ------------------- */

extern const struct opt_type opt_bool;     /* (bool) yes|no|on|off|true|false */
extern const struct opt_type opt_uint;     /* (uint32_t) decimal, in range */
extern const struct opt_type opt_int;      /* (int32_t) the same, signed */
extern const struct opt_type opt_port_nr;  /* (uint16_t) decimal, in range */
extern const struct opt_type opt_mode;     /* (uint32_t) octal, 0660 */
extern const struct opt_type opt_duration; /* (uint64_t ns) 300s, 20ms, 5m */
extern const struct opt_type opt_size;     /* (uint64_t bytes) 64KB, 50MB */
extern const struct opt_type opt_rate;     /* (uint64_t bits/s) 10mbit, off */
extern const struct opt_type opt_share;    /* (uint32_t millionths) 0.5% */
extern const struct opt_type opt_per_s;    /* (uint32_t) frames, 1000/s */
extern const struct opt_type opt_text;     /* (char[]) printable UTF-8 */
extern const struct opt_type opt_name;     /* (char[33]) as ports have */
extern const struct opt_type opt_names;    /* (char[n][33]) of ports, or all */
extern const struct opt_type opt_path;     /* (char[]) absolute, no ".." */
extern const struct opt_type opt_file;     /* (char[]) relative, no ".." */
extern const struct opt_type opt_ifname;   /* (char[16]) interface name */
extern const struct opt_type opt_word;     /* (uint32_t) index in row->words */
extern const struct opt_type opt_mac;      /* (struct mac), individual */
extern const struct opt_type opt_vlan;     /* (uint16_t) VID or VLAN name */
extern const struct opt_type opt_vlans;    /* (struct vidset) list */
extern const struct opt_type opt_reserved; /* (struct opt_reserved) */
extern const struct opt_type opt_routes;   /* (struct opt_route[]) list */
extern const struct opt_type opt_selectors; /* (struct selector[]) list */
extern const struct opt_type opt_rotate;    /* (struct opt_rotate) 50MB x 5 */
extern const struct opt_type opt_map;       /* row->sub */

/* --- Hosts ------------------------------------------------------------ */

#define OPT_ROUTES_MAX 16

struct opt_route {
	struct net to;  /* bits is 0: everything */
	struct net via; /* family is 0: no route */
};

/* What `hosts:` says of a host, for the kinds whose ports belong to one. */
struct opt_host {
	bool forward; /* it is a router */
	struct opt_route routes[OPT_ROUTES_MAX];
};

/* --- Switches --------------------------------------------------------- */

/* Bit n is of frames to 01:80:c2:00:00:0n; in neither: nothing was said. */
struct opt_reserved {
	uint16_t pass;
	uint16_t drop;
};

/* --- Captures --------------------------------------------------------- */

/* When a capture begins a new file. One of bytes and ns is 0. */
struct opt_rotate {
	uint64_t bytes;
	uint64_t ns;
	uint32_t files; /* that there are at most, the newest included */
};

/* --- Kinds of plug, as the topology sees them ------------------------- */

/*
 * What the top layer tells topo of a plug class: `KIND ARGS` in the file.
 */
struct opt_kind {
	const char *name; /* "tap" */
	const char *help; /* one line */
	/* The value of the kind key itself (KIND: ARGS); NULL: no ARGS. */
	const struct opt *arg;
	const struct opt *rows; /* further options; ends with OPT_END */
	size_t conf_size;       /* of the struct that all rows point into */
	uint32_t mtu;           /* default, payload bytes */
	/*
	 * Completes conf once the port's options are read (a name that
	 * defaults to the port's) and checks them together. The message goes
	 * on after the kind's name, as a type's after the key. May be NULL.
	 */
	bool (*finish)(void *conf, const char *port_name, struct err *err);
	/*
	 * Writes what this port takes for itself alone, e.g. "TAP eth0 in
	 * netns alice" or "UDP 127.0.0.1:10001": two equal claims in one
	 * topology are an error. Empty or NULL: nothing.
	 */
	void (*claim)(const void *conf, char *buf, size_t size);
	/*
	 * Whether two ports of this kind can be on one switch; the message
	 * goes on after "port 'A': " and is followed by the other's place.
	 * May be NULL.
	 */
	bool (*beside)(const void *conf, const void *other, struct err *err);

	/* --- Kinds whose ports are interfaces of hosts; else NULL. --- */

	const struct opt *host;   /* row with the name of the host, a char[] */
	const struct opt *ifname; /* row with the interface's name, a char[];
				   * if empty, topo chooses eth0, eth1 ... */
	/* Whether this port's interface is on a network of the gateway. */
	bool (*reaches)(const void *conf, const struct net *gateway);
};

/* --- Working with tables ---------------------------------------------- */

/* Sets every value of a zeroed struct to its default (one row: opt_default). */
void opt_defaults(const struct opt *rows, void *conf);
void opt_default(const struct opt *row, void *conf);

/* Likewise those of a kind: its rows and its arg. */
void opt_kind_defaults(const struct opt_kind *kind, void *conf);

/* The row for key, or NULL. */
const struct opt *opt_find(const struct opt *rows, const char *key);

/* Whether all values of the rows are the same in both (one row: opt_same). */
bool opt_equal(const struct opt *rows, const void *a, const void *b);
bool opt_same(const struct opt *row, const void *a, const void *b);

/* Where the value of a row is, or the struct of a map. */
static inline void *opt_place(const struct opt *row, void *conf)
{
	return (char *)conf + row->offset;
}

static inline const void *opt_value(const struct opt *row, const void *conf)
{
	return (const char *)conf + row->offset;
}

/* Whether the row's value is its default. */
bool opt_is_default(const struct opt *row, const void *conf);

/* Appends to the text in buf what there is room for: for formats of lists. */
__attribute__((format(printf, 3, 4))) void opt_append(char *buf, size_t size,
						      const char *fmt, ...);

#endif
