/* SPDX-License-Identifier: MIT */
/* fdpass: bytes over a unix socket, with a descriptor (SCM_RIGHTS, unix(7)). */
#ifndef LABSWITCH_SWITCHD_FDPASS_H
#define LABSWITCH_SWITCHD_FDPASS_H

#include <stddef.h>
#include <sys/types.h>

/* As send(2), with fd unless it is -1. */
ssize_t fdpass_send(int sock, const void *data, size_t len, int fd, int flags);

/*
 * As recv(2). *fd becomes the descriptor that came along, close-on-exec, or -1;
 * the kernel discards those beyond the first.
 */
ssize_t fdpass_receive(int sock, void *data, size_t size, int *fd, int flags);

#endif
