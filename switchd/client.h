/* SPDX-License-Identifier: MIT */
/*
 * client: switchctl's side of the control socket. Calls block, for
 * CLIENT_WAIT_MS at most.
 */
#ifndef LABSWITCH_SWITCHD_CLIENT_H
#define LABSWITCH_SWITCHD_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

#include "switchd/core/err.h"

#define CLIENT_WAIT_MS 10000

struct client;

/* path is the control socket. NULL and err on failure. */
struct client *client_open(const char *path, struct err *err);
void client_close(struct client *client);

/*
 * Calls a method; params is an object. A result in pages is asked for to its
 * end: "rows" has them all and "next" is gone. NULL and err on failure.
 */
json_t *client_call(struct client *client, const char *method,
		    const json_t *params, struct err *err);

/* Waits until the daemon has closed the socket and its process has ended. */
bool client_await_end(struct client *client, struct err *err);

#endif
