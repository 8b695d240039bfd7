/* SPDX-License-Identifier: MIT */
/*
 * deaf: between bind() and connect() a datagram socket would hear everybody,
 * and keep what it has heard.
 */
#ifndef LABSWITCH_PLUGS_DEAF_H
#define LABSWITCH_PLUGS_DEAF_H

#include <stdbool.h>

#include "switchd/core/err.h"

/*
 * Whether the socket takes nothing at all; what others send to it then
 * vanishes, and they are told that it was sent.
 */
bool deaf_set(int fd, bool deaf, struct err *err);

#endif
