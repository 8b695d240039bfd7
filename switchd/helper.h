/* SPDX-License-Identifier: MIT */
/*
 * helper: the one process that keeps privileges.
 *
 *	switchd ---- SOCK_SEQPACKET ---- switchd-helper
 *	no capabilities                  opens TAPs, enters namespaces
 *	forwards frames                  checks who owns a client's socket
 *	                                 remembers what must be removed
 *
 * It is forked before there is a loop, a thread or an open port, and does what
 * priv_local does, for one caller. It has a session of its own and ignores
 * SIGINT, SIGTERM and SIGHUP, so that neither Ctrl-C nor kill -9 of the daemon
 * takes it along: when its socket reports the end it removes every path that
 * it was told to keep, in reverse order, and exits. TAPs need no such care:
 * they vanish with their descriptors. Names of hosts (priv_hosts.h) do: with
 * the first host it forks a janitor, which does nothing until both helper and
 * daemon have ended, and then removes what is left.
 *
 * If it dies, or does not answer for 5 s, the daemon goes on: ports that are
 * open work, new requests fail with a clear error.
 *
 * What it deliberately is not: a guard against a daemon that has been taken
 * over. It checks the shape of every request, not the wish behind it.
 */
#ifndef LABSWITCH_SWITCHD_HELPER_H
#define LABSWITCH_SWITCHD_HELPER_H

#include <stdbool.h>
#include <sys/types.h>

#include "plugs/priv.h"
#include "switchd/core/err.h"

struct helper {
	int sock;
	pid_t pid;
	bool dead; /* it ended or did not answer: never asked again */
};

/*
 * Forks it; dir, for the files of hosts, is the lab's own. Of all descriptors
 * it inherits only its socket and lock_fd (or -1), which it holds open, and so
 * locked, until it has cleaned up.
 */
bool helper_start(struct helper *helper, const char *dir, int lock_fd,
		  struct err *err);

/* The table that asks the helper; it must outlive what is returned. */
struct priv helper_priv(struct helper *helper);

/* After SIGCHLD: whether the helper has just been found dead. */
bool helper_reap(struct helper *helper);

/*
 * Ends it and waits, a second at most, until it has cleaned up. False: it has
 * not yet, and will remove what it was told to keep some time later.
 */
bool helper_stop(struct helper *helper);

/* Closes all descriptors but two (or -1); the standard ones lead nowhere. */
void helper_close_others(int a, int b);

/* The helper's own side: serves until the socket ends, then cleans up. */
void helper_serve(int sock, const char *dir, int lock_fd);

#endif
