/* SPDX-License-Identifier: MIT */
/*
 * priv_parts: what priv_local is made of.
 */
#ifndef LABSWITCH_PLUGS_PRIV_PARTS_H
#define LABSWITCH_PLUGS_PRIV_PARTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "plugs/priv.h"
#include "switchd/core/err.h"

/* priv_ops.tap_open */
int priv_tap_open(void *ctx, const struct tap_request *req, bool *made,
		  struct err *err);

/* The same in the caller's network namespace, whatever req->netns says. */
int priv_tap_open_here(const struct tap_request *req, bool *made,
		       struct err *err);

/*
 * Takes the calling thread into a network namespace, written as in struct
 * tap_request, "" being none. *own is the way back, for priv_netns_leave().
 */
bool priv_netns_enter(const char *netns, int *own, struct err *err);

/* Aborts if there is no way back: nothing may go on in the wrong one. */
void priv_netns_leave(int own);

/* The number of a user or group, given by name or as a number. */
bool priv_uid(const char *user, uid_t *uid, struct err *err);
bool priv_gid(const char *group, gid_t *gid, struct err *err);

#endif
