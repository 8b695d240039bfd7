/* SPDX-License-Identifier: MIT */
/*
 * dns_tcp: DNS messages on TCP connections to loopback (RFC 7766).
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_DNS_TCP_H
#define LABSWITCH_PLUGS_NAT_CHILD_DNS_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DNS_CONNS_MAX      64 /* the least recently active makes place */
#define DNS_CONN_QUESTIONS 4  /* on their way; more are not read yet */
#define DNS_CONN_IDLE_NS   10000000000u

struct dns_tcp;
struct dns_conn;

struct dns_tcp_calls {
	void (*watch)(void *ctx, int fd, bool readable, bool writable);
	/* Returns false if there is no answer to that; then nothing more is
	 * read. Else it is to be answered by dns_tcp_answer(), now or
	 * later, once, unless the connection is closed before. */
	bool (*question)(void *ctx, struct dns_conn *conn,
			 const uint8_t *message, size_t len, uint64_t now);
	/* conn is no more. */
	void (*closed)(void *ctx, struct dns_conn *conn);
};

/* Listens; an address of which that fails has the port 0. NULL: no memory. */
struct dns_tcp *dns_tcp_new(const struct dns_tcp_calls *calls, void *ctx);
/* closed() is not called any more. */
void dns_tcp_free(struct dns_tcp *tcp);

uint16_t dns_tcp_listens(const struct dns_tcp *tcp, int family);

/* Takes a connection, of which the descriptor does not block, as its own. */
void dns_tcp_adopt(struct dns_tcp *tcp, int fd, uint64_t now);

/* An answer, of at most 65,535 bytes. It is sent by dns_tcp_tick(). */
void dns_tcp_answer(struct dns_conn *conn, const uint8_t *message, size_t len);

/* Returns false if fd is not one of its descriptors. */
bool dns_tcp_ready(struct dns_tcp *tcp, int fd, bool readable, bool writable,
		   uint64_t now);

/* Goes on with connections that got answers, closes those that are idle.
 * Returns as dns_tick(). */
int dns_tcp_tick(struct dns_tcp *tcp, uint64_t now);

#endif
