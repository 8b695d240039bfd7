/* SPDX-License-Identifier: MIT */
/*
 * dns_upstream: questions on their way to the servers of the host.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_DNS_UPSTREAM_H
#define LABSWITCH_PLUGS_NAT_CHILD_DNS_UPSTREAM_H

#include "plugs/nat/child/dns.h"
#include "plugs/nat/child/dns_message.h"

struct dns_conn;
struct dns_upstream;

/* Who waits for an answer. */
struct dns_from {
	bool tcp;
	struct dns_conn *conn;  /* by TCP; NULL: it is closed */
	struct dns_asker asker; /* by UDP */
};

/* A question that is being forwarded. */
struct dns_waiting {
	struct dns_from from;
	struct dns_question q;
	struct dns_upstream *up;
	struct dns_waiting *prev, *next;
	size_t len;
	uint8_t message[]; /* with an id of ours */
};

struct dns_upstream_calls {
	void (*watch)(void *ctx, int fd, bool readable, bool writable);
	/* The answer, of any length, with the id of the question; len 0: no
	 * server has answered. Must not ask. w ends with this call. */
	void (*done)(void *ctx, const struct dns_waiting *w,
		     const uint8_t *message, size_t len);
};

/* As dns_new(). */
struct dns_upstream *dns_upstream_new(const struct nat_conf *conf,
				      const char *resolv_conf,
				      const struct dns_upstream_calls *calls,
				      void *ctx, struct err *err);
/* Nothing is called for the questions that are left but watch(). */
void dns_upstream_free(struct dns_upstream *up);

/*
 * Forwards a question that dns_message_parse() found right. A repetition of
 * one that waits is dropped. Returns false if it cannot be taken: too many
 * wait, of this guest or in all, or there is no memory. done() may be called
 * before it returns.
 */
bool dns_upstream_ask(struct dns_upstream *up, const struct dns_from *from,
		      const struct dns_question *q, const uint8_t *message,
		      size_t len, uint64_t now);

/* A connection is closed; its questions are answered to nobody. */
void dns_upstream_forget(struct dns_upstream *up, const struct dns_conn *conn);

void dns_upstream_ready(struct dns_upstream *up, int fd, bool readable,
			bool writable);

/* As dns_tick(). */
int dns_upstream_tick(struct dns_upstream *up);

#endif
