/* SPDX-License-Identifier: MIT */
/*
 * plug_nat: what a port of kind nat can be asked and told beside what every
 * port can. All of it is legal in any state of the plug: leases and forwards
 * are the plug's, and outlive the process that serves them.
 */
#ifndef LABSWITCH_PLUGS_PLUG_NAT_H
#define LABSWITCH_PLUGS_PLUG_NAT_H

#include "plugs/nat/lease.h"
#include "plugs/nat/msg.h"
#include "plugs/nat_forward.h"
#include "plugs/plug.h"

enum nat_forward_state {
	NAT_FORWARD_WAITING, /* until the process has answered */
	NAT_FORWARD_OPEN,
	NAT_FORWARD_FAILED, /* for a reason; tried again by the next process */
	NAT_FORWARD_COUNT
};

/* "waiting", "open", "failed" */
const char *nat_forward_state_name(enum nat_forward_state state);

struct plug_nat_forward {
	char text[NAT_FORWARD_SIZE];
	enum nat_forward_state state;
	char reason[160]; /* printable; of one that failed */
	bool of_file;     /* not added at run time */
};

struct plug_nat_about {
	struct mac mac;
	struct nat_ready ready; /* version is "": no process is ready */
	int pid;                /* of the process; 0: none */
	struct nat_stats stats; /* of this process and of those before it */
};

extern const struct plug_class plug_nat_class;

struct plug_nat_ops {
	void (*about)(const struct plug *plug, struct plug_nat_about *out);

	/* The i-th lease from 0 in the order of addresses; NULL: no more. */
	const struct lease *(*lease)(const struct plug *plug, size_t i,
				     uint64_t now);
	/* Grows with every change of the leases. */
	uint64_t (*lease_changes)(const struct plug *plug);
	/* Takes a lease of a former life, before open(). False: it does not
	 * fit this NAT. */
	bool (*lease_put)(struct plug *plug, const struct lease *lease);

	/* The i-th forward from 0; false: no more. */
	bool (*forward)(const struct plug *plug, unsigned i,
			struct plug_nat_forward *out);
	/*
	 * Adds or deletes a forward, written as in the file; whole becomes
	 * the text by which forward() knows it. How an addition ends shows in
	 * its state; one that cannot be is refused.
	 */
	bool (*forward_add)(struct plug *plug, const char *text,
			    char whole[NAT_FORWARD_SIZE], struct err *err);
	bool (*forward_del)(struct plug *plug, const char *text,
			    struct err *err);
};

#endif
