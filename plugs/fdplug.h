/* SPDX-License-Identifier: MIT */
/*
 * fdplug: what plugs of one descriptor have in common. Such a plug embeds
 * struct fdplug as its first member, opens by fdplug_inherit() or else by
 * its own means and fdplug_start(), and takes the rest of its class from here.
 */
#ifndef LABSWITCH_PLUGS_FDPLUG_H
#define LABSWITCH_PLUGS_FDPLUG_H

#include "plugs/plug.h"

struct fdplug {
	struct plug base;
	struct io *io;        /* NULL unless UP */
	const char *gone_for; /* the reason when the descriptor ends */
	uint32_t mtu;         /* of a TAP, as the user knows them */
	uint32_t txqueuelen;
};

/*
 * Takes the descriptor of a former life. Returns it, or -1 if there is none.
 */
int fdplug_inherit(struct fdset *inherited);

/* Goes UP with fd, which belongs to the plug, also when this fails. */
bool fdplug_start(struct plug *plug, int fd, enum io_kind kind,
		  const char *gone_for, struct err *err);

/* The same with a TAP, which has been told its mtu and its queue. */
bool fdplug_start_tap(struct plug *plug, int fd, uint32_t txqueuelen,
		      bool merge, struct err *err);

/* Whether segments may be merged (io.h); the plug may be down. */
void fdplug_set_merge(struct plug *plug, bool on);

/* An interface that carries traffic, for fdplug_note_link(). */
struct fdplug_link {
	const char *way; /* runs a command where it is; "": here */
	const char *ifname;
	uint32_t txqueuelen; /* that is wanted */
};

/*
 * Tells, if mtu or queue are new ones, that it is not taken away to change
 * them, and how the user can.
 */
void fdplug_note_link(struct plug *plug, const struct fdplug_link *link);

/*
 * Row of a TAP that we make: frames that wait for us in the kernel. TCP has
 * more of them under way than its own 1000, which loses the rest. Room costs 8
 * bytes a frame.
 */
#define FDPLUG_TXQUEUELEN(conf)                                                \
	{                                                                      \
		.key = "txqueuelen", .type = &opt_uint,                        \
		OPT_AT(conf, txqueuelen), .min = 1, .max = 1000000,            \
		.def = "2500", .flags = OPT_LIVE,                              \
		.help = "frames that may wait on it for the switch",           \
	}

/* Row of a TAP, see io.h. */
#define FDPLUG_MERGE(conf)                                                     \
	{                                                                      \
		.key = "merge", .type = &opt_bool, OPT_AT(conf, merge),        \
		.def = "yes", .flags = OPT_LIVE,                               \
		.help = "segments of TCP that come together leave as one",     \
	}

/* For struct plug_class. */
void fdplug_send(struct plug *plug, const struct wire *wires, unsigned n,
		 uint64_t now, enum drop *fates);
void fdplug_close(struct plug *plug);
size_t fdplug_held(const struct plug *plug);
void fdplug_give(struct plug *plug, struct fdset *out);

#endif
