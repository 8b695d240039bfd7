/* SPDX-License-Identifier: MIT */
/*
 * forward: a forward's two ends as socket addresses, and why one cannot be
 * opened, said so that its author can do something about it.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_FORWARD_H
#define LABSWITCH_PLUGS_NAT_CHILD_FORWARD_H

#include <stdbool.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "plugs/nat/conf.h"
#include "switchd/core/err.h"

union forward_addr {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

struct forward_ends {
	union forward_addr outer, inner;
	socklen_t outer_len, inner_len;
	int flags; /* of slirp_add_hostxfwd() */
};

void forward_fill(const struct nat_forward *forward, struct forward_ends *ends);

/*
 * Fills *ends, and tries whether the host's side can be had: libslirp itself
 * would share a UDP port that is in use. For a unix socket the switch has made
 * way (nat_table.h), and removes it; this process may not.
 */
bool forward_prepare(const struct nat_forward *forward,
		     struct forward_ends *ends, struct err *err);

/* Fills err from errno. Returns false. */
bool forward_failed(const struct nat_forward *forward, struct err *err);

#endif
