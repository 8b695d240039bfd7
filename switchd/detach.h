/* SPDX-License-Identifier: MIT */
/*
 * detach: into the background, but not before all is ready.
 *
 * The parent waits until the child says that it is ready, or has ended, and
 * exits with 0 or the child's code. The log of the child goes to the standard
 * error of its birth until it is ready; from then on only if that is a file or
 * the journal: a terminal or a pipe belongs to whoever waited for us, and who
 * wants such a log runs the daemon in the foreground.
 */
#ifndef LABSWITCH_SWITCHD_DETACH_H
#define LABSWITCH_SWITCHD_DETACH_H

#include <stdbool.h>

#include "switchd/core/err.h"

/* Returns in the child, which has a session of its own, with the descriptor
 * for detach_ready(); -1 and err if there is no child. */
int detach_fork(struct err *err);

/* False if the parent is no more: then nobody knows that there is a child. */
bool detach_ready(int fd);

#endif
