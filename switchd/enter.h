/* SPDX-License-Identifier: MIT */
/*
 * enter: the way of switchctl into a host.
 */
#ifndef LABSWITCH_SWITCHD_ENTER_H
#define LABSWITCH_SWITCHD_ENTER_H

#include <stdbool.h>

#include "switchd/core/err.h"

/*
 * Takes the calling process, which must have one thread, into the network
 * namespace net, in the user namespace user if that is not NULL, as root of
 * it. In a mount namespace of its own, resolv is its /etc/resolv.conf.
 */
bool enter_host(const char *user, const char *net, const char *resolv,
		struct err *err);

/*
 * Becomes the command. They return only if it cannot be had: 127 if there is
 * none, 126 if it cannot be run (as env(1)), and err.
 */
int enter_exec(char *const *words, struct err *err);

/* bash, or else sh, with the host's name as its prompt. */
int enter_shell(const char *host, struct err *err);

#endif
