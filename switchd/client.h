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

/* For poll(2): readable when the daemon says something unasked, or is gone. */
int client_fd(const struct client *client);

/* --- Messages ----------------------------------------------------------- */

/* Sends a request; fd goes along with it unless it is -1. */
bool client_send(struct client *client, const char *method,
		 const json_t *params, int fd, struct err *err);

/* The result of what was sent; NULL and err on failure. If data is not NULL,
 * *data becomes the "data" of an error, or NULL. */
json_t *client_reply(struct client *client, json_t **data, struct err *err);

/*
 * The next notification's params, however long it takes; NULL and err if none
 * will come, or if out, where they are to be written, is a pipe that nobody
 * reads any more (err->errnum is EPIPE).
 */
json_t *client_event(struct client *client, int out, struct err *err);

/* --- Calls -------------------------------------------------------------- */

/*
 * Calls a method; params is an object. A result in pages is asked for to its
 * end: "rows" has them all and "next" is gone. NULL and err on failure.
 */
json_t *client_call(struct client *client, const char *method,
		    const json_t *params, struct err *err);

/* Waits until the daemon has closed the socket and its process has ended. */
bool client_await_end(struct client *client, struct err *err);

#endif
