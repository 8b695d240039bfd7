/* SPDX-License-Identifier: MIT */
/*
 * io_epoll: when an io reads and writes: a uv_poll for each descriptor, system
 * calls when it is ready.
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
 * Where there are fewer CPUs than busy tasks, a peer that is behind may be
 * waiting for the very CPU that we, of a higher priority, keep. So after a
 * burst with which it was outrun we give way, and not again before we have run
 * for twice as long as that took. A TAP does not tell that the reader behind it
 * is outrun: after a full burst to one we give way as well, and not again
 * before four times as long. It is a share of our time that is bounded so, not
 * how long we wait: that is a slice of each of those who are before us.
 *
 * libuv ends polling at POLLERR (a deleted TAP, a refused datagram) and says
 * UV_EBADF. What it really was only reading tells, so on_poll() reads and, if
 * the descriptor lives, polls again. An error that reading has shown is over.
 *
 * Of a stream one read brings as many frames as fit in it, a burst or ten. What
 * is left after the first burst waits for the loop's next round, told by an
 * idle handle, because polling tells only of what is still in the kernel; and
 * nothing more is read until then.
 *
 * The end of a descriptor may be met inside io_send(), in the middle of
 * somebody else's burst, where gone() would tear down what is in use. It is
 * noted, and told by the timer in the loop's next round.
 */
#include "plugs/io_engine.h"

#include <errno.h>
#include <sched.h>

#define RETRY_MS 2 /* after ENOBUFS: a device queue has moved by then */

/* How long we run for each ns that we have given away: before we give way to a
 * peer that is outrun, and to one that may be. */
#define KEEP_OUTRUN 2
#define KEEP_UNSEEN 4

static void on_poll(uv_poll_t *poll, int status, int events);
static void on_later(uv_timer_t *later);
static void on_more(uv_idle_t *more);

/* gone() is to be told, once. */
static void end(struct io *io)
{
	if (io->ending)
		return;
	io->ending = true;
	(void)uv_poll_stop(&io->poll);
	(void)uv_idle_stop(&io->more);
	(void)uv_timer_start(&io->later, on_later, 0, 0);
}

/* Waits for what is needed now; a change costs two system calls. */
void io_epoll_watch(struct io *io)
{
	const bool retrying = uv_is_active((uv_handle_t *)&io->later);
	int events = UV_READABLE;

	if (io->removed)
		return;
	if (io->gone) {
		end(io);
		return;
	}
	if (io->out.full && !retrying)
		(void)uv_timer_start(&io->later, on_later, RETRY_MS, 0);
	else if (io->out.held.frames && !retrying)
		events |= UV_WRITABLE;
	if (events == io->watched)
		return;
	io->watched = events;
	(void)uv_poll_start(&io->poll, events, on_poll);
}

/* Whether what has been read of a stream is still to be passed on. */
static bool frames_wait(const struct io *io)
{
	return io->in && stream_in_next(io->in) != STREAM_MORE;
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

/* Returns at once where nobody else waits for this CPU. */
static void give_way(struct io_engine *engine)
{
	const unsigned keep = engine->outrun ? KEEP_OUTRUN : KEEP_UNSEEN;
	uint64_t begin = uv_hrtime();

	engine->outrun = false;
	engine->unseen = false;
	if (begin < engine->gave_until + keep * engine->gave)
		return;
	(void)sched_yield();
	engine->gave_until = uv_hrtime();
	engine->gave = engine->gave_until - begin;
}

static void receive(struct io *io)
{
	struct io_engine *engine = io->engine;
	struct io_cuts *cuts = engine->cuts;
	const struct frame *frames;
	int errnum;
	unsigned n = read_burst(io, &frames, &errnum);

	if (n > 0) {
		io_cuts_begin(cuts, frames, n);
		io->user.callbacks->rx(io->user.ctx, frames, n, uv_hrtime());
		io_cuts_begin(cuts, NULL, 0);
	}
	if (engine->outrun || engine->unseen)
		give_way(engine);
	if (io->removed)
		return;
	if (errnum == ECONNREFUSED)
		io_out_refused(io);
	if (io_errno_is_gone(io->kind, errnum)) {
		if (!io->gone)
			io->gone = errnum;
	} else if (frames_wait(io)) {
		(void)uv_idle_start(&io->more, on_more);
	} else {
		(void)uv_idle_stop(&io->more);
	}
}

static void on_more(uv_idle_t *more)
{
	struct io *io = more->data;

	receive(io);
	io_epoll_watch(io);
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
		io_out_flush(io);
	io_epoll_watch(io);
}

static void on_later(uv_timer_t *later)
{
	struct io *io = later->data;

	if (io->gone) {
		io->user.callbacks->gone(io->user.ctx, io->gone);
		return;
	}
	io_out_flush(io);
	io_epoll_watch(io);
}

bool io_epoll_start(struct io *io, struct err *err)
{
	int status = uv_poll_init(io->engine->loop, &io->poll, io->fd);

	if (status < 0) {
		errno = -status;
		return err_sys(err, "cannot wait for a descriptor");
	}
	(void)uv_timer_init(io->engine->loop, &io->later);
	(void)uv_idle_init(io->engine->loop, &io->more);
	io->poll.data = io;
	io->later.data = io;
	io->more.data = io;
	io->handles = 3;
	io_epoll_watch(io);
	return true;
}

static void on_closed(uv_handle_t *handle)
{
	struct io *io = handle->data;

	if (--io->handles == 0)
		io_free(io);
}

void io_epoll_stop(struct io *io)
{
	uv_close((uv_handle_t *)&io->poll, on_closed);
	uv_close((uv_handle_t *)&io->later, on_closed);
	uv_close((uv_handle_t *)&io->more, on_closed);
}
