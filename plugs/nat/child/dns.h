/* SPDX-License-Identifier: MIT */
/*
 * dns: the name server that a NAT's guests see (RFC 1035, RFC 7766 for TCP).
 *
 * It answers for the guests' own names (dns_names.h) and forwards all else with
 * c-ares: to the servers of resolv.conf in order, of either family, whatever
 * family the guest asks over, or to those of the configuration. resolv.conf is
 * read again when it changes. Nothing blocks: it says which descriptors it
 * waits for and when it wants to be called. SIGPIPE must be ignored.
 *
 * Guests reach it by UDP, as dns_query(), and by TCP, on a listener on
 * loopback to which the shim translates connections. Everybody on the host can
 * reach that one too, and is answered as a guest is: what he learns that the
 * host's own name servers would not tell is the names and addresses of guests,
 * and what he can take from the guests is DNS over TCP, by keeping all
 * connections busy.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_DNS_H
#define LABSWITCH_PLUGS_NAT_CHILD_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugs/nat/conf.h"
#include "plugs/nat/lease.h"
#include "switchd/core/err.h"

#define DNS_MESSAGE_MAX 65535
#define DNS_UDP_MAX     4096 /* longest answer by UDP, if the guest says so */
#define DNS_PENDING_MAX 1024 /* questions on their way; more: SERVFAIL */

/* Who asked by UDP, to be given back with the answer. */
struct dns_asker {
	struct mac mac;
	struct net addr;
	struct net to; /* which of the NAT's addresses was asked */
	uint16_t port;
};

struct dns_calls {
	/* From now on wait for fd to be readable, writable; neither: for
	 * nothing, not even errors, and it may be about to be closed. Often
	 * called without a change. */
	void (*watch)(void *ctx, int fd, bool readable, bool writable);
	/* An answer to a UDP question, already cut to what the guest takes.
	 * May come from within dns_query(), dns_ready() and dns_tick(), and
	 * must not call them. */
	void (*answer)(void *ctx, const struct dns_asker *to,
		       const uint8_t *message, size_t len);
};

struct dns;

/*
 * resolv_conf: path of the file with the servers. All pointers must outlive
 * it. Returns NULL and err on failure. dns_mode is not NAT_DNS_OFF.
 */
struct dns *dns_new(const struct nat_conf *conf, const struct leases *leases,
		    const char *resolv_conf, const struct dns_calls *calls,
		    void *ctx, struct err *err);
void dns_free(struct dns *dns);

/* The port on 127.0.0.1 (AF_INET) or ::1 (AF_INET6) where it listens for TCP,
 * in host order; 0: it could not. */
uint16_t dns_tcp_port(const struct dns *dns, int family);

/* A question by UDP. Malformed: ignored, or FORMERR if it can be answered. */
void dns_query(struct dns *dns, const struct dns_asker *asker,
	       const uint8_t *message, size_t len, uint64_t now);

/* A watched descriptor is ready; both, if it has an error or hung up. */
void dns_ready(struct dns *dns, int fd, bool readable, bool writable,
	       uint64_t now);

/* Does what is due; to be called after the others, once in each turn of the
 * loop. Returns in how many milliseconds to call again at the latest; -1:
 * nothing is waited for. */
int dns_tick(struct dns *dns, uint64_t now);

#endif
