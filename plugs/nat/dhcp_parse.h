/* SPDX-License-Identifier: MIT */
/*
 * dhcp_parse: a DHCPv4 request, its lengths checked (RFC 2131 section 2, RFC
 * 2132). An option that comes twice counts once, as it came first; those in
 * the fields sname and file are read if option 52 says so.
 */
#ifndef LABSWITCH_PLUGS_NAT_DHCP_PARSE_H
#define LABSWITCH_PLUGS_NAT_DHCP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugs/nat/conf.h"

#define DHCP_SERVER_PORT 67
#define DHCP_CLIENT_PORT 68

/* Offsets in a message; the options begin behind the cookie. */
#define DHCP_AT_XID    4
#define DHCP_AT_FLAGS  10
#define DHCP_AT_CIADDR 12
#define DHCP_AT_YIADDR 16
#define DHCP_AT_GIADDR 24
#define DHCP_AT_CHADDR 28
#define DHCP_AT_SNAME  44
#define DHCP_AT_FILE   108
#define DHCP_AT_COOKIE 236
#define DHCP_HEADER    240

#define DHCP_PACKET_LEAST 576 /* RFC 2132 9.10: what any client takes */

#define DHCP_COOKIE         0x63825363
#define DHCP_FLAG_BROADCAST 0x8000

enum dhcp_option {
	DHCP_PAD = 0,
	DHCP_MASK = 1,
	DHCP_ROUTER = 3,
	DHCP_DNS = 6,
	DHCP_HOST_NAME = 12,
	DHCP_DOMAIN = 15,
	DHCP_MTU = 26,
	DHCP_REQUESTED = 50,
	DHCP_LEASE_TIME = 51,
	DHCP_OVERLOAD = 52,
	DHCP_TYPE = 53,
	DHCP_SERVER_ID = 54,
	DHCP_WISHES = 55,
	DHCP_MAX_SIZE = 57,
	DHCP_T1 = 58,
	DHCP_T2 = 59,
	DHCP_CLIENT_ID = 61,
	DHCP_SEARCH = 119,
	DHCP_END = 255,
};

enum dhcp_type {
	DHCP_DISCOVER = 1,
	DHCP_OFFER,
	DHCP_REQUEST,
	DHCP_DECLINE,
	DHCP_ACK,
	DHCP_NAK,
	DHCP_RELEASE,
	DHCP_INFORM,
};

/* The pointers are into the message; NULL: it has no such option. */
struct dhcp_request {
	const uint8_t *message;
	enum dhcp_type type;
	struct mac mac;
	const uint8_t *ciaddr;    /* NULL: 0.0.0.0 */
	const uint8_t *requested; /* 4 bytes */
	const uint8_t *server;    /* 4 bytes */
	const uint8_t *wishes;    /* the options that the client asks for */
	uint8_t wishes_len;
	const uint8_t *client_id;
	uint8_t client_id_len;
	uint16_t max_size;        /* of the answer with its IP header */
	char name[NAT_NAME_SIZE]; /* of nat_name_take() */
};

/* False: it is malformed, no request of an Ethernet client, or not to us. */
bool dhcp_parse(const uint8_t *message, size_t len, struct dhcp_request *r);

#endif
