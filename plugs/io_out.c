/* SPDX-License-Identifier: MIT */
#include "plugs/io_out.h"

#include <errno.h>

#include "plugs/io_engine.h"
#include "switchd/core/offload.h"

/* A peer that has taken nothing for so long does not wait for a CPU, and an
 * event tells of its awakening soon enough. */
#define ASLEEP_MS 100

void io_out_init(struct io_out *out, size_t hold_limit)
{
	*out = (struct io_out){.last_len = 0};
	hold_queue_init(&out->held,
			hold_limit ? hold_limit : HOLD_LIMIT_DEFAULT);
}

void io_out_done(struct io *io)
{
	counters_drop(io->user.counters, DROP_TX_CLOSED,
		      hold_queue_done(&io->out.held) - io->out.cut);
}

static void count_sent(struct io *io, const struct wire *w)
{
	counters_tx(io->user.counters, offload_wires_frames(w, 1),
		    offload_wires_bytes(w, 1));
	io->out.last_len = w->len;
	io->out.took_at = uv_now(io->engine->loop);
}

/* Writes the first of n wires, and perhaps more. Returns how many are done
 * with, and what each has ended with: 0, or an errno. */
static unsigned write_burst(struct io *io, const struct wire *wires, unsigned n,
			    int errnums[FRAME_BURST])
{
	struct io_ring *ring = io->engine->ring;
	int sent;

	if (ring && io->kind == IO_TAP) {
		unsigned done = io_ring_write(ring, io->fd, wires, n, errnums);

		if (done > 0)
			return done;
	}
	if (io->kind == IO_STREAM)
		sent = io_write_stream(io->fd, wires, n, &io->out.part);
	else
		sent = io_write_burst(io->fd, io->kind, wires, n);
	errnums[0] = sent < 0 ? errno : 0;
	for (int i = 1; i < sent; i++)
		errnums[i] = 0;
	return sent < 0 ? 1 : (unsigned)sent;
}

/* Sets *ready to n wires, or to what the peer is to get in their place. Returns
 * how many. */
static unsigned prepare(struct io *io, const struct wire *wires, unsigned n,
			const struct wire **ready)
{
	bool work_left = false;

	for (unsigned i = 0; i < n; i++)
		work_left |= !offload_is_taken(&wires[i].off, io->takes);
	if (!work_left) {
		*ready = wires;
		return n;
	}
	return io_cuts_fill(io->engine->cuts, wires, n, io->takes, io->out.cut,
			    ready);
}

/* What writing w has ended with. Returns whether w is done with. */
static bool write_failed(struct io *io, const struct wire *w, int errnum)
{
	if (errnum == EAGAIN)
		return false;
	if (errnum == ENOBUFS) {
		io->out.full = true;
		return false;
	}
	if (io_errno_is_gone(io->kind, errnum)) {
		io->gone = errnum;
		return false;
	}
	counters_drop(io->user.counters, io_errno_drop(errnum),
		      offload_wires_frames(w, 1));
	return true;
}

/*
 * Sends until the kernel takes no more. Returns how many are done with: sent,
 * or dropped and counted. Of a super-frame that is cut a part may be refused
 * and another sent: then it has been sent.
 */
static unsigned transmit(struct io *io, const struct wire *wires, unsigned n,
			 enum drop *fates)
{
	int errnums[FRAME_BURST];
	unsigned done = 0;

	while (done < n) {
		const struct wire *ready;
		unsigned count = prepare(io, wires + done, n - done, &ready);

		count = write_burst(io, ready, count, errnums);
		for (unsigned i = 0; i < count; i++) {
			if (errnums[i] == 0) {
				count_sent(io, &ready[i]);
				io_fate(fates, done, DROP_COUNT);
			} else if (!write_failed(io, &ready[i], errnums[i])) {
				return done;
			} else if (io->out.cut == 0) {
				io_fate(fates, done, io_errno_drop(errnums[i]));
			}
			done += offload_batch_done(wires + done, 1, io->takes,
						   &io->out.cut);
		}
	}
	return done;
}

/* A frame that can neither be sent nor held. Of the first one a part may be
 * out; where that is a part of a wire frame, its rest can never follow. */
static void drop(struct io *io, const struct wire *w, enum drop *fate)
{
	struct io_out *out = &io->out;
	enum drop why = io->gone ? DROP_TX_DOWN : DROP_TX_HOLD_FULL;
	uint64_t frames = offload_wires_frames(w, 1);

	if (out->held.frames > 0 || out->cut + out->part == 0)
		io_fate(fate, 0, why);
	if (out->held.frames == 0) {
		frames -= out->cut;
		out->cut = 0;
		if (out->part > 0 && !io->gone)
			io->gone = ENOMEM;
		out->part = 0;
	}
	counters_drop(io->user.counters, why, frames);
}

/* Sends up to `most` of what is held; without supers, of what is in front of
 * the first super-frame. */
static void flush(struct io *io, unsigned most, bool supers)
{
	struct wire wires[FRAME_BURST];
	const struct hold *h = hold_peek(&io->out.held);
	unsigned n = 0;

	io->out.full = false;
	for (; h && n < most && (supers || !offload_is_super(&h->off));
	     h = h->next)
		hold_wire(h, &wires[n++]);
	for (unsigned done = transmit(io, wires, n, NULL); done > 0; done--)
		hold_pop(&io->out.held);
}

void io_out_flush(struct io *io)
{
	flush(io, FRAME_BURST, true);
}

static bool is_awake(const struct io *io)
{
	return uv_now(io->engine->loop) < io->out.took_at + ASLEEP_MS;
}

static void send_burst(struct io *io, const struct wire *wires, unsigned n,
		       enum drop *fates)
{
	unsigned done = 0;

	if (io->out.held.frames > 0 && !io->gone && !io->out.full &&
	    is_awake(io))
		flush(io, n, false);
	if (io->out.held.frames == 0 && !io->gone)
		done = transmit(io, wires, n, fates);
	if (done < n && is_awake(io))
		io->engine->outrun = true;
	for (; done < n; done++)
		if (io->gone || !hold_push(&io->out.held, &wires[done]))
			drop(io, &wires[done], fates ? &fates[done] : NULL);
		else
			io_fate(fates, done, DROP_COUNT);
}

void io_out_send(struct io *io, const struct wire *wires, unsigned n,
		 enum drop *fates)
{
	struct io_merge *merge = io->engine->merge;
	enum drop of_ready[FRAME_BURST];
	const struct wire *ready = wires;
	unsigned count = n;

	if (io->kind == IO_TAP && n == FRAME_BURST)
		io->engine->unseen = true;
	if (io->merge && n > 1)
		count = io_merge_burst(merge, wires, n, &ready);
	if (ready == wires || !fates) {
		send_burst(io, ready, count, fates);
		return;
	}
	io_fates(of_ready, count, DROP_COUNT);
	send_burst(io, ready, count, of_ready);
	io_merge_fates(merge, of_ready, fates, n);
}

void io_out_refused(struct io *io)
{
	uint32_t len = io->out.last_len;

	if (len == 0)
		return;
	for (struct counters *c = io->user.counters; c; c = c->parent) {
		c->tx_frames--;
		c->tx_bytes -= len;
	}
	counters_drop(io->user.counters, DROP_TX_REFUSED, 1);
	io->out.last_len = 0;
}
