/* SPDX-License-Identifier: MIT */
/*
 * nat_child: one life of the process behind a NAT port: started, spoken to,
 * ended and reaped.
 *
 * It has a session of its own, so that Ctrl-C reaches it by way of us, an
 * empty environment, and of our descriptors only its ends of two socket pairs.
 * It is expected to exit when ours are closed. One that does not, or that was
 * not ready in time, or is silent later, is killed; so its end always comes.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_H
#define LABSWITCH_PLUGS_NAT_CHILD_H

#include <stdbool.h>
#include <uv.h>

#include "plugs/nat/msg.h"
#include "switchd/core/err.h"

#define NAT_CHILD_READY_MS 5000 /* from its start */
#define NAT_CHILD_STOP_MS  1000 /* to exit by itself */

/* It sends a message each second: one that was silent for three of these, and
 * the fourth, is killed. */
#define NAT_CHILD_LISTEN_MS  1500
#define NAT_CHILD_SILENT_MAX 3

struct nat_child;

struct nat_child_calls {
	/* There may be a message, or room for one. */
	void (*wake)(void *ctx);
	/* It is reaped and nothing of it is left; how says why. Called once,
	 * from the loop. */
	void (*ended)(void *ctx, const struct err *how);
};

/*
 * Starts program, or NULL: NAT_PROGRAM, which lies beside the running program
 * or where it was installed. *frames becomes our end of the pair for frames,
 * non-blocking, the caller's. NULL and err on failure.
 */
struct nat_child *nat_child_start(uv_loop_t *loop, const char *program,
				  const struct nat_child_calls *calls,
				  void *ctx, int *frames, struct err *err);

/* Sends a message. False: there is no room now, and wake() comes when there
 * is, or it has ended, and ended() comes. */
bool nat_child_send(struct nat_child *child, const struct nat_msg *msg);

/* Receives one, if there is one. One that sends nonsense is killed. */
bool nat_child_receive(struct nat_child *child, struct nat_msg *msg);

/* It has said that it is ready: it may live, as long as it is heard of. */
void nat_child_ready(struct nat_child *child);

/* Kills it for a reason; ended() follows and gives that. */
void nat_child_kill(struct nat_child *child, const char *why);

/* Asks it to end, for no fault of its own; ended() follows. */
void nat_child_stop(struct nat_child *child);

int nat_child_pid(const struct nat_child *child);

#endif
