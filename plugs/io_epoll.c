/* SPDX-License-Identifier: MIT */
/*
 * io_epoll: the engine that every kernel has: a uv_poll for each descriptor,
 * system calls when it is ready.
 *
 * Receiving is level-triggered and takes one burst a wake-up, so a descriptor
 * that always has something is passed by all others before its next turn.
 *
 * Sending happens in io_send() itself. Only when the kernel takes no more is
 * a frame held, and only then is UV_WRITABLE asked for: an idle or an
 * uncongested descriptor costs one entry in the kernel's epoll set, nothing
 * in a wake-up of another. ENOBUFS is different: the descriptor stays
 * "writable" all the while, so asking would spin; a timer tries again.
 *
 * libuv ends polling at POLLERR (a deleted TAP, a refused datagram) and says
 * UV_EBADF. What it really was only reading tells, so on_poll() reads and, if
 * the descriptor lives, polls again. An error that reading has shown is over.
 *
 * Of a stream one read brings as many frames as fit in it, a burst or ten. What
 * is left after the first burst waits for the loop's next round, told by an
 * idle handle, because polling tells only of what is still in the kernel; and
 * nothing more is read until then. A frame of which the kernel took a part is
 * held as the first of the ring, with the part noted: no other can come in
 * between. Likewise of a super-frame that is cut for a peer some may be out and
 * the rest not: how many is noted, and the cut goes on there.
 *
 * The end of a descriptor may be met inside io_send(), in the middle of
 * somebody else's burst, where gone() would tear down what is in use. It is
 * noted, and told by the timer in the loop's next round.
 */
#include "plugs/io.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugs/io_calls.h"
#include "switchd/core/hold.h"
#include "switchd/core/offload.h"

#define RETRY_MS 2 /* after ENOBUFS: a device queue has moved by then */

struct io_engine {
	uv_loop_t *loop;
	struct io_buffers *buffers;
	struct offload_batch *batch; /* on its way out */
	size_t ios;                  /* added and not removed */
};

struct io {
	struct io_engine *engine;
	struct io_user user;
	struct hold_queue held;
	uv_poll_t poll;
	uv_timer_t later; /* tries again after ENOBUFS, or tells gone() */
	uv_idle_t more;   /* runs while frames of a stream wait */
	int fd;
	enum io_kind kind;
	int watched;          /* events that poll waits for */
	int gone;             /* errno of the descriptor's end, or 0 */
	uint32_t last_len;    /* of the frame sent last; 0: none, or refused */
	struct stream_in *in; /* of a stream, or NULL */
	uint32_t cut;         /* wire frames sent of the first frame held */
	uint32_t part;        /* bytes sent of the wire frame after those */
	bool removed;
	unsigned handles; /* of libuv, not yet closed */
};

struct io_engine *io_engine_new(uv_loop_t *loop, struct err *err)
{
	struct io_engine *engine = calloc(1, sizeof(*engine));

	if (engine) {
		engine->loop = loop;
		engine->buffers = io_buffers_new();
		engine->batch = malloc(sizeof(*engine->batch));
		if (engine->buffers && engine->batch)
			return engine;
	}
	io_engine_free(engine);
	(void)err_set(err, "no memory for buffers");
	return NULL;
}

void io_engine_free(struct io_engine *engine)
{
	if (!engine)
		return;
	assert(engine->ios == 0);
	io_buffers_free(engine->buffers);
	free(engine->batch);
	free(engine);
}

const char *io_engine_name(const struct io_engine *engine)
{
	return "epoll";
}

/* --- Events ------------------------------------------------------------ */

static void on_poll(uv_poll_t *poll, int status, int events);
static void on_later(uv_timer_t *later);
static void on_more(uv_idle_t *more);

/* Waits for what is needed now; a change costs two system calls. */
static void watch(struct io *io)
{
	int events = UV_READABLE;

	if (io->removed || io->gone)
		return;
	if (io->held.frames && !uv_is_active((uv_handle_t *)&io->later))
		events |= UV_WRITABLE;
	if (events == io->watched)
		return;
	io->watched = events;
	(void)uv_poll_start(&io->poll, events, on_poll);
}

static void end(struct io *io, int errnum)
{
	if (io->gone)
		return;
	io->gone = errnum;
	(void)uv_poll_stop(&io->poll);
	(void)uv_idle_stop(&io->more);
	(void)uv_timer_start(&io->later, on_later, 0, 0);
}

static void count_sent(struct io *io, const struct wire *wires, unsigned n)
{
	counters_tx(io->user.counters, offload_wires_frames(wires, n),
		    offload_wires_bytes(wires, n));
	if (n > 0)
		io->last_len = wires[n - 1].len;
}

/*
 * A frame that the kernel took has been refused at the other end. It does not
 * say which: the last one stands for it. Of several such errors the kernel
 * keeps one, so a burst may count as one.
 */
static void count_refused(struct io *io)
{
	if (io->last_len == 0)
		return;
	for (struct counters *c = io->user.counters; c; c = c->parent) {
		c->tx_frames--;
		c->tx_bytes -= io->last_len;
	}
	counters_drop(io->user.counters, DROP_TX_REFUSED, 1);
	io->last_len = 0;
}

static int write_burst(struct io *io, const struct wire *wires, unsigned n)
{
	if (io->kind == IO_STREAM)
		return io_write_stream(io->fd, wires, n, &io->part);
	return io_write_burst(io->fd, io->kind, wires, n);
}

/* Sets *ready to n wires, or to what the peer is to get in their place. Returns
 * how many. */
static unsigned prepare(struct io *io, const struct wire *wires, unsigned n,
			const struct wire **ready)
{
	struct offload_batch *batch = io->engine->batch;
	bool work_left = false;

	for (unsigned i = 0; i < n; i++)
		work_left |= wires[i].off.flags != 0;
	if (!work_left || io_kind_takes_offload(io->kind)) {
		*ready = wires;
		return n;
	}
	*ready = batch->wires;
	return offload_batch_fill(batch, wires, n, io->cut);
}

/* What writing w has ended with. Returns whether w is done with. */
static bool write_failed(struct io *io, const struct wire *w, int errnum)
{
	if (errnum == EAGAIN)
		return false;
	if (errnum == ENOBUFS) {
		(void)uv_timer_start(&io->later, on_later, RETRY_MS, 0);
		return false;
	}
	if (io_errno_is_gone(io->kind, errnum)) {
		end(io, errnum);
		return false;
	}
	counters_drop(io->user.counters, io_errno_drop(errnum),
		      offload_wires_frames(w, 1));
	return true;
}

/*
 * Sends until the kernel takes no more. Returns how many are done with: sent,
 * or dropped and counted. Ends the io if its descriptor is. Of a super-frame
 * that is cut a part may be refused and another sent: then it has been sent.
 */
static unsigned transmit(struct io *io, const struct wire *wires, unsigned n,
			 enum drop *fates)
{
	unsigned done = 0;

	while (done < n) {
		const struct wire *ready;
		unsigned count = prepare(io, wires + done, n - done, &ready);
		int sent = write_burst(io, ready, count);

		if (sent >= 0) {
			count_sent(io, ready, (unsigned)sent);
			io_fate(fates, done, DROP_COUNT);
		} else {
			enum drop why = io_errno_drop(errno);

			if (!write_failed(io, ready, errno))
				break;
			if (io->cut == 0)
				io_fate(fates, done, why);
			sent = 1;
		}
		if (io_kind_takes_offload(io->kind))
			done += (unsigned)sent;
		else
			done += offload_batch_done(wires + done, (unsigned)sent,
						   &io->cut);
	}
	return done;
}

/* One burst of what is held. */
static void flush(struct io *io)
{
	struct wire wires[FRAME_BURST];
	const struct hold *h = hold_peek(&io->held);
	unsigned n = 0;

	for (; h && n < FRAME_BURST; h = h->next)
		hold_wire(h, &wires[n++]);
	for (unsigned done = transmit(io, wires, n, NULL); done > 0; done--)
		hold_pop(&io->held);
}

static unsigned read_burst(struct io *io, const struct frame **frames,
			   int *errnum)
{
	struct io_buffers *buffers = io->engine->buffers;

	if (io->kind == IO_STREAM)
		return io_read_stream(buffers, io->fd, io->in, frames, errnum);
	return io_read_burst(buffers, io->fd, io->kind, io->user.counters,
			     frames, errnum);
}

/* Whether what has been read of a stream is still to be passed on. */
static bool frames_wait(const struct io *io)
{
	return io->in && stream_in_next(io->in) != STREAM_MORE;
}

static void receive(struct io *io)
{
	const struct frame *frames;
	int errnum;
	unsigned n = read_burst(io, &frames, &errnum);

	if (n > 0)
		io->user.callbacks->rx(io->user.ctx, frames, n, uv_hrtime());
	if (io->removed)
		return;
	if (errnum == ECONNREFUSED)
		count_refused(io);
	if (io_errno_is_gone(io->kind, errnum))
		end(io, errnum);
	else if (frames_wait(io))
		(void)uv_idle_start(&io->more, on_more);
	else
		(void)uv_idle_stop(&io->more);
}

static void on_more(uv_idle_t *more)
{
	struct io *io = more->data;

	receive(io);
	watch(io);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct io *io = poll->data;

	if (status < 0) {
		io->watched = 0;
		events = UV_READABLE | UV_WRITABLE;
	}
	if (events & UV_READABLE && !frames_wait(io))
		receive(io);
	if (events & UV_WRITABLE && !io->removed && !io->gone)
		flush(io);
	watch(io);
}

static void on_later(uv_timer_t *later)
{
	struct io *io = later->data;

	if (io->gone) {
		io->user.callbacks->gone(io->user.ctx, io->gone);
		return;
	}
	flush(io);
	watch(io);
}

/* --- Life -------------------------------------------------------------- */

static void io_free(struct io *io)
{
	if (io)
		free(io->in);
	free(io);
}

static struct io *io_new(struct io_engine *engine, enum io_kind kind,
			 const struct io_user *user)
{
	struct io *io = malloc(sizeof(*io));

	if (!io)
		return NULL;
	*io = (struct io){.engine = engine, .user = *user, .kind = kind};
	hold_queue_init(&io->held, user->hold_limit ? user->hold_limit
						    : HOLD_LIMIT_DEFAULT);
	if (kind != IO_STREAM)
		return io;
	io->in = malloc(sizeof(*io->in));
	if (!io->in) {
		free(io);
		return NULL;
	}
	io->in->begin = io->in->end = 0;
	return io;
}

static void on_closed(uv_handle_t *handle)
{
	struct io *io = handle->data;

	if (--io->handles == 0)
		io_free(io);
}

static bool start(struct io *io, struct err *err)
{
	int status = uv_poll_init(io->engine->loop, &io->poll, io->fd);

	if (status < 0) {
		errno = -status;
		return err_sys(err, "cannot wait for a descriptor");
	}
	(void)uv_timer_init(io->engine->loop, &io->later);
	io->poll.data = io;
	(void)uv_idle_init(io->engine->loop, &io->more);
	io->later.data = io;
	io->more.data = io;
	io->handles = 3;
	io->engine->ios++;
	watch(io);
	return true;
}

struct io *io_add(struct io_engine *engine, int fd, enum io_kind kind,
		  const struct io_user *user, struct err *err)
{
	struct io *io = io_new(engine, kind, user);

	if (!io)
		(void)err_set(err, "no memory");
	else
		io->fd = fd;
	if (!io || !start(io, err)) {
		io_free(io);
		(void)close(fd);
		return NULL;
	}
	return io;
}

/* A frame that can neither be sent nor held. Of the first one a part may be
 * out; where that is a part of a wire frame, its rest can never follow. */
static void drop(struct io *io, const struct wire *w, enum drop *fate)
{
	enum drop why = io->gone ? DROP_TX_DOWN : DROP_TX_HOLD_FULL;
	uint64_t frames = offload_wires_frames(w, 1);

	if (io->held.frames > 0 || io->cut + io->part == 0)
		io_fate(fate, 0, why);
	if (io->held.frames == 0) {
		frames -= io->cut;
		io->cut = 0;
		if (io->part > 0)
			end(io, ENOMEM);
	}
	counters_drop(io->user.counters, why, frames);
}

void io_send(struct io *io, const struct wire *wires, unsigned n,
	     enum drop *fates)
{
	unsigned done = 0;

	if (!io->gone && io->held.frames == 0)
		done = transmit(io, wires, n, fates);
	for (; done < n; done++)
		if (io->gone || !hold_push(&io->held, &wires[done]))
			drop(io, &wires[done], fates ? &fates[done] : NULL);
		else
			io_fate(fates, done, DROP_COUNT);
	watch(io);
}

void io_remove(struct io *io)
{
	if (io)
		(void)close(io_release(io));
}

int io_release(struct io *io)
{
	io->removed = true;
	io->engine->ios--;
	counters_drop(io->user.counters, DROP_TX_CLOSED,
		      hold_queue_done(&io->held) - io->cut);
	uv_close((uv_handle_t *)&io->poll, on_closed);
	uv_close((uv_handle_t *)&io->later, on_closed);
	uv_close((uv_handle_t *)&io->more, on_closed);
	return io->fd;
}

size_t io_held(const struct io *io)
{
	return io->held.frames - io->cut;
}
