/* SPDX-License-Identifier: MIT */
/*
 * dns: the name server that a NAT's guests see (RFC 1035, RFC 7766 for TCP).
 *
 * It answers for the guests' own names (NAME.DOMAIN, and their reverse) and
 * forwards all else with c-ares: to the servers of resolv.conf in order, of
 * either family, whatever family the guest asks over, or to those of the
 * configuration. resolv.conf is read again when it changes. Nothing blocks: it
 * says which descriptors it waits for and when it wants to be called.
 *
 * Guests reach it by UDP, as dns_query(), and by TCP, on a listener on
 * loopback to which the shim translates connections.
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
	/* From now on wait for fd to be readable, writable; neither: no more,
	 * it is about to be closed. */
	void (*watch)(void *ctx, int fd, bool readable, bool writable);
	/* An answer to a UDP question, already cut to what the guest takes. */
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
void dns_query(struct dns *dns, const struct dns_asker *from,
	       const uint8_t *message, size_t len, uint64_t now);

/* A watched descriptor is ready. */
void dns_ready(struct dns *dns, int fd, bool readable, bool writable,
	       uint64_t now);

/* Does what is due. Returns in how many milliseconds to call again at the
 * latest; -1: nothing is waited for. */
int dns_tick(struct dns *dns, uint64_t now);

#endif
