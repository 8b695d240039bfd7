/* SPDX-License-Identifier: MIT */
/*
 * plug_null: takes every frame and sends none. It is the smallest plug there
 * is: to write another, copy this file and read plug.h beside it.
 */
#include "plugs/plug.h"
#include "switchd/core/offload.h"

static const struct opt rows[] = {OPT_END};

static bool null_open(struct plug *plug, struct fdset *inherited,
		      struct err *err)
{
	plug->host->state(plug, true, NULL);
	return true;
}

static void null_send(struct plug *plug, const struct wire *wires, unsigned n,
		      uint64_t now, enum drop *fates)
{
	counters_tx(plug->counters, offload_wires_frames(wires, n),
		    offload_wires_bytes(wires, n));
}

static void null_close(struct plug *plug)
{
	plug->host->closed(plug);
}

static void null_attach(const struct plug *plug, char *buf, size_t size)
{
	if (size > 0)
		buf[0] = '\0';
}

const struct plug_class plug_null_class = {
	.kind =
		{
			.name = "null",
			.help = "takes every frame and sends none",
			.rows = rows,
			.mtu = FRAME_MTU_MAX,
		},
	.size = sizeof(struct plug),
	.open = null_open,
	.send = null_send,
	.close = null_close,
	.attach = null_attach,
};
