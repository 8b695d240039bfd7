/* SPDX-License-Identifier: MIT */
/*
 * priv_worker: a child that goes into a host, or makes one, does one thing
 * there, and sends the descriptors back. The caller stays where it is.
 */
#ifndef LABSWITCH_PLUGS_PRIV_WORKER_H
#define LABSWITCH_PLUGS_PRIV_WORKER_H

#include <stdbool.h>

#include "switchd/core/err.h"

/* Namespaces, as descriptors. */
struct worker_place {
	int user; /* -1: the caller's own, or one that is still to be made */
	int net;  /* -1: still to be made */
};

/* What is done there: returns a descriptor to send back, or -1 and err. */
typedef int worker_fn(const void *arg, struct err *err);

/*
 * Runs fn(arg) in a child, in *place; what is made of that is put into *place.
 * Without the right to make a network namespace, a user namespace is made for
 * it, in which the caller's user is root. Returns what fn did.
 */
int worker_run(struct worker_place *place, worker_fn *fn, const void *arg,
	       struct err *err);

#endif
