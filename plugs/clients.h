/* SPDX-License-Identifier: MIT */
/*
 * clients: what ports that several can join (vde, qemu) have in common.
 *
 * All clients of a port are one place on the bridge: each gets every frame
 * for it, and none gets another's. Everything of a client is its own:
 * descriptor, ring, counters. The counters have the port's as parent, so that
 * the port's sums stay when a client goes. A client that does not read fills
 * its ring and loses frames, nobody else's; and what it sends is always read,
 * because its sends may block, which freezes a whole QEMU.
 */
#ifndef LABSWITCH_PLUGS_CLIENTS_H
#define LABSWITCH_PLUGS_CLIENTS_H

#include <sys/queue.h>

#include "plugs/plug.h"

/* A plug embeds it as the first member of its own. */
struct client {
	TAILQ_ENTRY(client) entry;
	struct plug *plug;
	struct io *io;
	struct counters counters;
	struct plug_client about; /* text, uid and pid; the rest is made */
};

TAILQ_HEAD(clients, client);

/*
 * Sends and receives through fd from now on; plug and about are set already.
 * fd belongs to the client, also when this fails. callbacks are constant, rx
 * is client_rx and the ctx of gone is the client. It is not yet in a list.
 */
bool client_start(struct client *c, int fd, enum io_kind kind,
		  const struct io_callbacks *callbacks, struct err *err);

/* struct io_callbacks.rx of a client. */
void client_rx(void *ctx, const struct frame *frames, unsigned n, uint64_t now);

/* --- For struct plug_class, with the plug's list ---------------------- */

void clients_send(struct clients *clients, struct plug *plug,
		  const struct wire *wires, unsigned n, enum drop *fates);
size_t clients_held(const struct clients *clients);
bool clients_get(const struct clients *clients, unsigned i,
		 struct plug_client *out);

#endif
