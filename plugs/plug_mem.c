/* SPDX-License-Identifier: MIT */
#include "plugs/plug_mem.h"

#include <string.h>

#include "switchd/core/offload.h"

#define VERSION 1 /* no descriptors; blob: lives, uint32_t */

struct mem {
	struct plug base;
	uv_idle_t closing; /* never started: closing takes it one round */
	struct hold_queue record;
	struct hold_queue held;
	bool refuse;
	plug_mem_sent_fn *sent;
	void *ctx;
	const char *open_failure;
	uint32_t lives;
};

static struct mem *mem_of(struct plug *plug)
{
	return (struct mem *)plug;
}

void plug_mem_inject(struct plug *plug, const struct frame *frames, unsigned n,
		     uint64_t now)
{
	struct frame sound[FRAME_BURST];
	unsigned kept = 0;

	for (unsigned i = 0; i < n; i++) {
		sound[kept] = frames[i];
		if (offload_check(&sound[kept])) {
			kept++;
			continue;
		}
		counters_rx(plug->counters, 1, frames[i].len);
		counters_drop(plug->counters, DROP_RX_BAD_OFFLOAD, 1);
	}
	if (kept > 0)
		plug->host->rx(plug, sound, kept, now);
}

void plug_mem_watch(struct plug *plug, plug_mem_sent_fn *fn, void *ctx)
{
	mem_of(plug)->sent = fn;
	mem_of(plug)->ctx = ctx;
}

struct hold_queue *plug_mem_record(struct plug *plug)
{
	return &mem_of(plug)->record;
}

static void record(struct mem *self, const struct wire *w)
{
	while (!hold_push(&self->record, w) && self->record.frames > 0)
		hold_pop(&self->record);
}

static void deliver(struct mem *self, const struct wire *wires, unsigned n)
{
	if (self->sent)
		self->sent(self->ctx, wires, n);
	counters_tx(self->base.counters, offload_wires_frames(wires, n),
		    offload_wires_bytes(wires, n));
	for (unsigned i = 0; i < n && !self->sent; i++)
		record(self, &wires[i]);
}

void plug_mem_refuse(struct plug *plug, bool refuse)
{
	struct mem *self = mem_of(plug);

	self->refuse = refuse;
	while (!refuse && self->held.frames > 0) {
		struct wire w;

		hold_wire(hold_peek(&self->held), &w);
		deliver(self, &w, 1);
		hold_pop(&self->held);
	}
}

void plug_mem_fail_open(struct plug *plug, const char *reason)
{
	mem_of(plug)->open_failure = reason;
}

void plug_mem_vanish(struct plug *plug, const char *reason)
{
	struct err err;

	(void)err_set(&err, "%s", reason);
	plug->host->state(plug, false, &err);
}

uint32_t plug_mem_lives(const struct plug *plug)
{
	return ((const struct mem *)plug)->lives;
}

/* --- The class --------------------------------------------------------- */

static const struct opt rows[] = {OPT_END};

static bool mem_open(struct plug *plug, struct fdset *inherited,
		     struct err *err)
{
	struct mem *self = mem_of(plug);

	if (self->open_failure)
		return err_set(err, "%s", self->open_failure);
	self->lives = 0;
	if (inherited && inherited->version == VERSION &&
	    inherited->blob_len == sizeof(self->lives))
		memcpy(&self->lives, inherited->blob, sizeof(self->lives));
	self->lives++;
	hold_queue_init(&self->record, PLUG_MEM_RECORD_MAX);
	hold_queue_init(&self->held, HOLD_LIMIT_DEFAULT);
	(void)uv_idle_init(plug->env->loop, &self->closing);
	plug->host->state(plug, true, NULL);
	return true;
}

static void mem_send(struct plug *plug, const struct wire *wires, unsigned n,
		     uint64_t now, enum drop *fates)
{
	struct mem *self = mem_of(plug);

	if (!self->refuse) {
		deliver(self, wires, n);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		if (hold_push(&self->held, &wires[i]))
			continue;
		counters_drop(plug->counters, DROP_TX_HOLD_FULL,
			      offload_wires_frames(&wires[i], 1));
		io_fate(fates, i, DROP_TX_HOLD_FULL);
	}
}

static void on_closed(uv_handle_t *handle)
{
	struct plug *plug = handle->data;

	plug->host->closed(plug);
}

static void mem_close(struct plug *plug)
{
	struct mem *self = mem_of(plug);

	counters_drop(plug->counters, DROP_TX_CLOSED,
		      hold_queue_done(&self->held));
	(void)hold_queue_done(&self->record);
	self->closing.data = plug;
	uv_close((uv_handle_t *)&self->closing, on_closed);
}

static void mem_attach(const struct plug *plug, char *buf, size_t size)
{
	if (size > 0)
		buf[0] = '\0';
}

static size_t mem_held(const struct plug *plug)
{
	return ((const struct mem *)plug)->held.frames;
}

static void mem_give(struct plug *plug, struct fdset *out)
{
	struct mem *self = mem_of(plug);

	*out = (struct fdset){.version = VERSION,
			      .blob_len = sizeof(self->lives)};
	memcpy(out->blob, &self->lives, sizeof(self->lives));
	mem_close(plug);
}

const struct plug_class plug_mem_class = {
	.kind =
		{
			.name = "mem",
			.help = "keeps the last frames in memory, for tests",
			.rows = rows,
			.mtu = FRAME_MTU_MAX,
		},
	.size = sizeof(struct mem),
	.open = mem_open,
	.send = mem_send,
	.close = mem_close,
	.attach = mem_attach,
	.held = mem_held,
	.give = mem_give,
};
