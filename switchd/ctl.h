/* SPDX-License-Identifier: MIT */
/*
 * ctl: the control socket: whom it listens to, and how much.
 *
 * JSON-RPC, one request a line (rpc.h). Whoever runs as our user, or root, may
 * ask; others are closed at once (SO_PEERCRED, unix(7)). A client is never
 * waited for and may not make us work or remember without end:
 *
 *	requests	one a client and round of the loop; none is read while
 *			an answer waits to be taken
 *	memory		one request and one answer a client (rpc.h), and the
 *			ring of one that watches (events.h)
 *	descriptors	one a request, closed when it is answered
 *	time		30 s without a byte, in a request or an answer
 *	clients		CTL_CLIENTS_MAX; one more, and who has been silent
 *			longest is told so and makes room; of those that watch
 *			or capture only where they are more than half
 */
#ifndef LABSWITCH_SWITCHD_CTL_H
#define LABSWITCH_SWITCHD_CTL_H

#include "switchd/core/err.h"

#define CTL_CLIENTS_MAX 64
#define CTL_SILENCE_MS  30000

struct ctl;
struct lab;

/*
 * Listens at path, which is made 0600. The caller holds the lab's lock: a
 * socket that is there already is a dead daemon's and is removed. NULL and
 * err on failure.
 */
struct ctl *ctl_new(struct lab *lab, const char *path, struct err *err);

/* Requests that wait (cmd.h) are served again in the loop's next round, as
 * they are once a second. NULL is allowed. */
void ctl_wake(struct ctl *ctl);

/*
 * Closes it and every client and removes the socket; not from inside a
 * request. The memory is freed by the loop later. NULL is allowed.
 */
void ctl_close(struct ctl *ctl);

#endif
