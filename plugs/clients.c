/* SPDX-License-Identifier: MIT */
#include "plugs/clients.h"

#include "switchd/core/offload.h"

/* Bytes, some 1,000 frames: 64 clients that never read hold 128 MB. */
#define CLIENT_HOLD ((size_t)2 << 20)

bool client_start(struct client *c, int fd, enum io_kind kind,
		  const struct io_callbacks *callbacks, struct err *err)
{
	size_t limit = c->plug->hold_limit;
	const struct io_user user = {.callbacks = callbacks,
				     .ctx = c,
				     .counters = &c->counters,
				     .hold_limit = limit ? limit : CLIENT_HOLD};

	c->counters.parent = c->plug->counters;
	c->io = io_add(c->plug->env->io, fd, kind, &user, err);
	return c->io != NULL;
}

void client_rx(void *ctx, const struct frame *frames, unsigned n, uint64_t now)
{
	struct client *c = ctx;

	/* For itself alone: for the port the bridge counts them. */
	c->counters.rx_frames += n;
	for (unsigned i = 0; i < n; i++)
		c->counters.rx_bytes += frames[i].len;
	c->plug->host->rx(c->plug, frames, n, now);
}

static void send_to_another(const struct client *c, const struct wire *wires,
			    unsigned n, enum drop *fates)
{
	enum drop also[FRAME_BURST];

	io_fates(also, n, DROP_COUNT);
	io_send(c->io, wires, n, also);
	for (unsigned i = 0; fates && i < n; i++)
		if (also[i] == DROP_COUNT)
			fates[i] = DROP_COUNT;
}

void clients_send(struct clients *clients, struct plug *plug,
		  const struct wire *wires, unsigned n, enum drop *fates)
{
	struct client *c = TAILQ_FIRST(clients);
	uint64_t frames = offload_wires_frames(wires, n);

	if (!c) {
		counters_drop(plug->counters, DROP_TX_NO_CLIENT, frames);
		io_fates(fates, n, DROP_TX_NO_CLIENT);
		return;
	}
	/* What the host has counted was for the first. */
	c->counters.tx_offered += frames;
	io_send(c->io, wires, n, fates);
	while ((c = TAILQ_NEXT(c, entry))) {
		counters_offered(&c->counters, frames);
		send_to_another(c, wires, n, fates);
	}
}

size_t clients_held(const struct clients *clients)
{
	const struct client *c;
	size_t frames = 0;

	TAILQ_FOREACH(c, clients, entry)
	frames += io_held(c->io);
	return frames;
}

bool clients_get(const struct clients *clients, unsigned i,
		 struct plug_client *out)
{
	struct client *c;

	TAILQ_FOREACH(c, clients, entry)
	if (i-- == 0)
		break;
	if (!c)
		return false;
	*out = c->about;
	out->counters = &c->counters;
	out->held = io_held(c->io);
	return true;
}
