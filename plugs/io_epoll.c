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
 * between.
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

#define RETRY_MS 2 /* after ENOBUFS: a device queue has moved by then */

struct io_engine {
	uv_loop_t *loop;
	struct io_buffers *buffers;
	size_t ios; /* added and not removed */
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
	uint32_t part;        /* bytes sent of the first frame held */
	bool removed;
	unsigned handles; /* of libuv, not yet closed */
};

struct io_engine *io_engine_new(uv_loop_t *loop, struct err *err)
{
	struct io_engine *engine = calloc(1, sizeof(*engine));

	if (engine)
		engine->buffers = io_buffers_new();
	if (!engine || !engine->buffers) {
		free(engine);
		(void)err_set(err, "no memory for receive buffers");
		return NULL;
	}
	engine->loop = loop;
	return engine;
}

void io_engine_free(struct io_engine *engine)
{
	if (!engine)
		return;
	assert(engine->ios == 0);
	io_buffers_free(engine->buffers);
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
	uint64_t bytes = 0;

	for (unsigned i = 0; i < n; i++)
		bytes += wires[i].len;
	counters_tx(io->user.counters, n, bytes);
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

/*
 * Sends until the kernel takes no more. Returns how many are done with: sent,
 * or dropped and counted. Ends the io if its descriptor is.
 */
static unsigned transmit(struct io *io, const struct wire *wires, unsigned n)
{
	unsigned done = 0;

	while (done < n) {
		int sent = write_burst(io, wires + done, n - done);

		if (sent >= 0) {
			count_sent(io, wires + done, (unsigned)sent);
			done += (unsigned)sent;
			continue;
		}
		if (errno == EAGAIN)
			break;
		if (errno == ENOBUFS) {
			(void)uv_timer_start(&io->later, on_later, RETRY_MS, 0);
			break;
		}
		if (io_errno_is_gone(io->kind, errno)) {
			end(io, errno);
			break;
		}
		counters_drop(io->user.counters, io_errno_drop(errno), 1);
		done++;
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
	for (unsigned done = transmit(io, wires, n); done > 0; done--)
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

void io_send(struct io *io, const struct wire *wires, unsigned n)
{
	unsigned done = 0;

	if (!io->gone && io->held.frames == 0)
		done = transmit(io, wires, n);
	if (io->gone) {
		counters_drop(io->user.counters, DROP_TX_DOWN, n - done);
		return;
	}
	for (; done < n; done++) {
		if (hold_push(&io->held, &wires[done]))
			continue;
		counters_drop(io->user.counters, DROP_TX_HOLD_FULL, 1);
		/* Its first part is out, its rest can never follow. */
		if (io->part > 0 && io->held.frames == 0)
			end(io, ENOMEM);
	}
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
		      hold_queue_done(&io->held));
	uv_close((uv_handle_t *)&io->poll, on_closed);
	uv_close((uv_handle_t *)&io->later, on_closed);
	uv_close((uv_handle_t *)&io->more, on_closed);
	return io->fd;
}

size_t io_held(const struct io *io)
{
	return io->held.frames;
}
