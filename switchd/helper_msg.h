/* SPDX-License-Identifier: MIT */
/*
 * helper_msg: what the daemon and its helper say to each other.
 *
 * One message is one datagram of a SOCK_SEQPACKET pair, of a fixed size, with
 * at most one descriptor. KEEP and the two FORGETs are not answered, everything
 * else is, bad requests included.
 */
#ifndef LABSWITCH_SWITCHD_HELPER_MSG_H
#define LABSWITCH_SWITCHD_HELPER_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "plugs/priv.h"

#define HELPER_PATH_SIZE 256

enum helper_op {
	HELPER_TAP_OPEN,    /* tap; the answer carries the descriptor */
	HELPER_CONNECT,     /* path, uid, and the socket */
	HELPER_CHGRP,       /* path, group */
	HELPER_KEEP,        /* path */
	HELPER_FORGET,      /* path */
	HELPER_HOST_OPEN,   /* host; the answer carries the descriptor */
	HELPER_HOST_FORGET, /* path: its name */
	HELPER_HOST_FIND,   /* path: its name; the answer has the place */
	HELPER_OP_COUNT
};

struct helper_request {
	uint32_t op;
	uid_t uid;
	struct tap_request tap;
	char path[HELPER_PATH_SIZE];
	char group[33];
	struct host_request host;
};

struct helper_reply {
	bool ok;
	bool made;
	struct host_place place;
	struct err err;
};

/* Sends a message, with a descriptor unless it is -1. False: errno. */
bool helper_msg_send(int sock, const void *msg, size_t len, int fd);

/*
 * Waits for a message. Returns its length, which is more than size if it was
 * cut; 0 at the end; -1 and errno. *fd is what came along, or -1.
 */
ssize_t helper_msg_recv(int sock, void *msg, size_t size, int *fd);

#endif
