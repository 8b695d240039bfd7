/* SPDX-License-Identifier: MIT */
/*
 * msg: what the switch and the NAT's process say to each other.
 *
 *	switchd --- SOCK_SEQPACKET "control": struct nat_msg ----- labswitch-nat
 *	        --- SOCK_SEQPACKET "frames": IO_VNET (plugs/io.h) -
 *
 * parent		child
 * CONF		->		once, first
 * LEASE	->		those of a former life, any number
 * FORWARD_ADD	->		any number, at any time
 * START	->
 *		<- READY	frames may come
 *		<- LEASE	a change
 *		<- FORWARD	how an ADD ended
 *		<- NOTE		worth a log line
 *		<- STATS	once a second: a sign of life
 * FORWARD_DEL	->
 *
 * Both programs are of one build, so structs travel as they are. The child
 * has been talking to guests: the parent believes nothing that it says, checks
 * every field, and ends a child that sends nonsense. A child whose control
 * socket is at its end exits.
 */
#ifndef LABSWITCH_PLUGS_NAT_MSG_H
#define LABSWITCH_PLUGS_NAT_MSG_H

#include <stdbool.h>
#include <stdint.h>

#include "plugs/nat/conf.h"
#include "plugs/nat/lease.h"
#include "plugs/nat/stats.h"
#include "switchd/core/err.h"

#define NAT_FD_FRAMES  3 /* the child's descriptors after exec */
#define NAT_FD_CONTROL 4
#define NAT_PROGRAM    "labswitch-nat"

enum nat_msg_type {
	NAT_MSG_CONF,
	NAT_MSG_LEASE,
	NAT_MSG_FORWARD_ADD,
	NAT_MSG_FORWARD_DEL,
	NAT_MSG_START,
	NAT_MSG_READY,
	NAT_MSG_FORWARD,
	NAT_MSG_NOTE,
	NAT_MSG_STATS,
	NAT_MSG_COUNT
};

struct nat_ready {
	char version[32]; /* of libslirp */
	bool ping;        /* the system lets it ping */
	bool ping6;
};

/* How an ADD ended; the forward is named by its value. */
struct nat_forwarded {
	struct nat_forward forward;
	bool ok;
	char reason[160]; /* if not ok */
};

struct nat_msg {
	uint32_t type;
	union {
		struct nat_conf conf;
		struct lease lease;
		struct nat_forward forward; /* ADD, DEL */
		struct nat_ready ready;
		struct nat_forwarded forwarded;
		struct nat_stats stats;
		char note[240];
	};
};

/* Sends all of it or nothing, without waiting. */
bool nat_msg_send(int fd, const struct nat_msg *msg, struct err *err);

/*
 * Receives one: 1; 0 if there is none now; -1 with err at the end of the
 * socket, or, with EPROTO, if it is no message: a wrong type or length, a text
 * without its NUL, a boolean that is neither 0 nor 1. Texts that people are to
 * read are printable ASCII.
 */
int nat_msg_receive(int fd, struct nat_msg *msg, struct err *err);

#endif
