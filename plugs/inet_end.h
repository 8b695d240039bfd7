/* SPDX-License-Identifier: MIT */
/*
 * inet_end: one end of a UDP or TCP connection as users write it: HOST:PORT,
 * HOST being an IPv4 address, an IPv6 address in brackets, or localhost.
 *
 * Names are not looked up: that would block the switch.
 */
#ifndef LABSWITCH_PLUGS_INET_END_H
#define LABSWITCH_PLUGS_INET_END_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "switchd/core/err.h"

#define INET_END_SIZE (INET6_ADDRSTRLEN + 8) /* "[ADDR]:65535" */

/* As a value of an option: all bytes count, so it starts zeroed. */
struct inet_end {
	uint16_t family; /* AF_INET or AF_INET6 */
	uint16_t port;
	uint8_t addr[16]; /* in_addr or in6_addr, in wire order */
};

union inet_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/*
 * Reads HOST:PORT, and cuts text in two for it. The message goes on after the
 * key, as that of an option's type.
 */
bool inet_end_parse(char *text, struct inet_end *end, struct err *err);

/* Reads PORT alone, 1-65535; false if it is none. */
bool inet_end_parse_port(const char *text, uint16_t *port);

/* Sets family and address to 127.0.0.1 or ::1; the port stays. */
void inet_end_set_loopback(struct inet_end *end, uint16_t family);

/* "127.0.0.1:10001", "[::1]:10001"; inet_end_parse() reads it. Returns buf. */
const char *inet_end_format(const struct inet_end *end,
			    char buf[INET_END_SIZE]);

/*
 * The address alone, "127.0.0.1", as a peer would write it: a wildcard is for
 * the user to fill in. Returns buf.
 */
const char *inet_end_host(const struct inet_end *end, char buf[INET_END_SIZE]);

/* For bind() and connect(). Returns the length. */
socklen_t inet_end_address(const struct inet_end *end, union inet_address *out);

/* The way back, of an IPv4 or IPv6 address. */
void inet_end_set(struct inet_end *end, const union inet_address *addr);

#endif
