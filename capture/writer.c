/* SPDX-License-Identifier: MIT */
#include "capture/writer.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include "capture/clock.h"

#define NAP_MS      10
#define NICE        10                  /* of the thread; as nice(1) has it */
#define PATIENCE_NS (2 * CLOCK_S_NS)    /* with a reader, after the stop */
#define BATCH_MAX   ((size_t)256 << 10) /* bytes of one write */

/* --- Sleeping ----------------------------------------------------------- */

static void forget_events(struct writer *w)
{
	eventfd_t count;

	(void)eventfd_read(w->event_fd, &count);
}

/* Until there may be something to do. */
static void nap(struct writer *w, bool busy)
{
	struct pollfd p = {.fd = w->event_fd, .events = POLLIN};
	const uint8_t *data;

	atomic_store(&w->sleep, busy ? WRITER_SHORT : WRITER_LONG);
	if (busy || ring_peek(&w->ring, &data) == 0)
		(void)poll(&p, 1, busy ? NAP_MS : -1);
	atomic_store(&w->sleep, WRITER_AWAKE);
	forget_events(w);
}

/* False: the time is over. A socket with something in its error queue, which
 * is its owner's to read, never lets poll(2) sleep. */
static bool wait_for_reader(struct writer *w)
{
	struct pollfd p[] = {{.fd = w->out.fd, .events = POLLOUT},
			     {.fd = w->event_fd, .events = POLLIN}};
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	bool stop = atomic_load(&w->stop);
	int timeout_ms = -1;

	if (stop) {
		if (!w->stop_time_ns)
			w->stop_time_ns = now;
		if (now - w->stop_time_ns >= PATIENCE_NS)
			return false;
		timeout_ms =
			(int)((w->stop_time_ns + PATIENCE_NS - now) / 1000000) +
			1;
	}
	(void)poll(p, stop ? 1 : 2, timeout_ms);
	if (p[0].revents && !(p[0].revents & POLLOUT))
		(void)poll(NULL, 0, NAP_MS);
	forget_events(w);
	return true;
}

/* --- Writing ------------------------------------------------------------ */

/* The bytes of those blocks that lie within the first len bytes. */
static size_t whole_blocks(const struct writer *w, const uint8_t *data,
			   size_t len)
{
	size_t n = 0;

	while (n < len) {
		size_t size = w->format->block_size(data + n);

		if (size > len - n)
			break;
		n += size;
	}
	return n;
}

/* All or, of frames, whole blocks. */
static bool put(struct writer *w, const uint8_t *data, size_t len, bool frames)
{
	size_t done = 0;
	ssize_t n = 0;

	while (done < len) {
		n = output_write(&w->out, data + done, len - done, &w->reason);
		if (n < 0)
			break;
		done += (size_t)n;
		if (n == 0 && !wait_for_reader(w)) {
			(void)err_set(
				&w->reason,
				"its reader did not take the last frames");
			break;
		}
	}
	w->file_bytes += done;
	if (done == len)
		return true;
	output_take_back(&w->out,
			 done - (frames ? whole_blocks(w, data, done) : 0));
	return false;
}

static bool put_head(struct writer *w)
{
	size_t from = w->head_done;

	w->head_done = atomic_load_explicit(&w->head_len, memory_order_acquire);
	return put(w, w->head + from, w->head_done - from, false);
}

static bool put_stats(struct writer *w)
{
	unsigned ports = atomic_load(&w->ports_used);
	uint8_t block[FORMAT_BLOCK_MAX];
	bool ok = put_head(w);

	for (unsigned i = 0; i < ports && ok; i++) {
		const struct format_stats stats = {
			.interface = i,
			.time_ns = clock_ns(CLOCK_REALTIME),
			.received = atomic_load(&w->ports[i].received),
			.dropped = atomic_load(&w->ports[i].dropped),
		};

		ok = put(w, block, w->format->stats(block, &stats), false);
	}
	return ok;
}

static uint64_t count_drops(struct writer *w)
{
	unsigned ports = atomic_load(&w->ports_used);
	uint64_t drops = 0;

	for (unsigned i = 0; i < ports; i++)
		drops += atomic_load(&w->ports[i].dropped);
	return drops;
}

/* A file that ends in the middle says it, too. */
static bool tell_drops(struct writer *w)
{
	uint64_t drops = count_drops(w);
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	if (drops == w->told_drops || now - w->told_time_ns < CLOCK_S_NS)
		return true;
	w->told_drops = drops;
	w->told_time_ns = now;
	return put_stats(w);
}

static void begin_file(struct writer *w)
{
	w->head_done = 0;
	w->file_bytes = 0;
	w->file_has_frames = false;
	w->file_time_ns = clock_ns(CLOCK_MONOTONIC);
}

/* How many bytes of blocks may go into this file now; 0: none. */
static size_t fitting(const struct writer *w, const uint8_t *data, size_t len)
{
	size_t room = BATCH_MAX;
	size_t fit;

	if (w->rotate_ns && w->file_has_frames &&
	    clock_ns(CLOCK_MONOTONIC) - w->file_time_ns >= w->rotate_ns)
		return 0;
	if (w->rotate_bytes && w->file_bytes + room > w->rotate_bytes)
		room = w->file_bytes < w->rotate_bytes
			       ? (size_t)(w->rotate_bytes - w->file_bytes)
			       : 0;
	if (len <= room)
		return len;
	fit = whole_blocks(w, data, room);
	return fit || w->file_has_frames ? fit : w->format->block_size(data);
}

static bool rotate(struct writer *w)
{
	if (!put_stats(w) || !output_next(&w->out, &w->reason))
		return false;
	begin_file(w);
	return true;
}

/* Some of what the ring has. */
static bool put_frames(struct writer *w, const uint8_t *data, size_t len)
{
	size_t fit;

	if (!put_head(w))
		return false;
	fit = fitting(w, data, len);
	if (fit == 0)
		return rotate(w);
	if (!put(w, data, fit, true))
		return false;
	w->file_has_frames = true;
	ring_consume(&w->ring, fit);
	return true;
}

/* --- The thread --------------------------------------------------------- */

static void *run(void *arg)
{
	struct writer *w = arg;
	const uint8_t *data;
	bool ok = true;
	bool stop;
	bool busy;
	size_t len;

	if (getpriority(PRIO_PROCESS, 0) < NICE)
		(void)setpriority(PRIO_PROCESS, 0, NICE);
	begin_file(w);
	do {
		stop = atomic_load(&w->stop);
		busy = false;
		ok = put_head(w);
		while (ok && (len = ring_peek(&w->ring, &data)) > 0) {
			busy = true;
			ok = put_frames(w, data, len) && tell_drops(w);
		}
		if (ok && !stop)
			nap(w, busy);
	} while (ok && !stop);
	w->failed = !ok || !put_stats(w);
	output_done(&w->out);
	w->ended(w->ctx);
	return NULL;
}

/* Of the signals that a write may raise the thread wants to hear as errno, of
 * all others nothing. */
bool writer_start(struct writer *w, struct err *err)
{
	sigset_t all;
	sigset_t old;
	int error;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&w->thread, NULL, run, w);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error == 0 ||
	       err_set(err, "cannot start a thread: %s", strerror(error));
}

void writer_poke(struct writer *w)
{
	int sleep = atomic_load(&w->sleep);

	if (sleep == WRITER_AWAKE ||
	    (sleep == WRITER_SHORT && ring_used(&w->ring) < w->ring.size / 4))
		return;
	if (atomic_exchange(&w->sleep, WRITER_AWAKE) != WRITER_AWAKE)
		writer_wake(w);
}

void writer_wake(struct writer *w)
{
	(void)eventfd_write(w->event_fd, 1);
}

void writer_join(struct writer *w)
{
	(void)pthread_join(w->thread, NULL);
}
