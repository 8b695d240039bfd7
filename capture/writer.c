/* SPDX-License-Identifier: MIT */
#include "capture/writer.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include "capture/clock.h"
#include "capture/record.h"
#include "switchd/core/drop.h"
#include "switchd/core/offload.h"

#define NAP_MS      10
#define NICE        10                 /* of the thread; as nice(1) has it */
#define PATIENCE_NS (2 * CLOCK_S_NS)   /* with a reader, after the stop */
#define PART        ((size_t)64 << 10) /* of the ring, given back at once */

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

/* Those made since the last time. */
static bool put_blocks(struct writer *w)
{
	size_t len = w->used;

	w->used = 0;
	return put_head(w) && put(w, w->blocks, len, true);
}

static bool put_stats(struct writer *w)
{
	unsigned ports = atomic_load(&w->ports_used);
	uint8_t block[FORMAT_BLOCK_MAX];
	bool ok = put_blocks(w);

	for (unsigned i = 0; i < ports && ok; i++) {
		uint64_t dropped = atomic_load(&w->ports[i].dropped);
		const struct format_stats stats = {
			.interface = i,
			.time_ns = clock_ns(CLOCK_REALTIME),
			.received = w->ports[i].recorded + dropped,
			.dropped = dropped,
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

static bool rotate(struct writer *w)
{
	if (!put_stats(w) || !output_next(&w->out, &w->reason))
		return false;
	begin_file(w);
	return true;
}

/* --- Frames ------------------------------------------------------------- */

static bool is_time_over(const struct writer *w)
{
	return w->rotate_ns && w->file_has_frames &&
	       clock_ns(CLOCK_MONOTONIC) - w->file_time_ns >= w->rotate_ns;
}

/* Whether this file is to be no longer than without that block. */
static bool is_full(const struct writer *w, size_t len)
{
	size_t head = atomic_load(&w->head_len) - w->head_done;

	return w->rotate_bytes && w->file_has_frames &&
	       w->file_bytes + head + w->used + len > w->rotate_bytes;
}

static bool add(struct writer *w, const struct format_frame *f)
{
	uint8_t *block = w->blocks + w->used;
	size_t len = w->format->frame(block, f);

	if (is_full(w, len)) {
		if (!rotate(w))
			return false;
		memmove(w->blocks, block, len);
	}
	w->used += len;
	w->file_has_frames = true;
	w->ports[f->interface].recorded++;
	writer_count(&w->frames, 1);
	writer_count(&w->bytes, f->wire->len);
	return w->used < WRITER_BATCH || put_blocks(w);
}

/* All the frames that one stands for. What is not there of one that is shown
 * as it is, snaplen leaves out. */
static bool add_record(struct writer *w, const struct record *r,
		       const uint8_t *data)
{
	const struct frame whole = {data, r->len, r->off};
	uint32_t frames = offload_frames(&r->off, r->len);
	char comment[FORMAT_TEXT_MAX];
	struct wire wire;
	struct wire cut;
	struct format_frame f = {.wire = &cut,
				 .time_ns = r->time_ns,
				 .snaplen = w->snaplen,
				 .interface = r->interface,
				 .direction = r->direction};

	if (r->drop != DROP_COUNT) {
		(void)snprintf(comment, sizeof(comment), "dropped: %s: %s",
			       drop_name(r->drop), drop_text(r->drop));
		f.comment = comment;
	}
	wire_whole(&wire, &whole);
	for (uint32_t i = 0; i < frames; i++) {
		offload_cut(&wire, i, w->headers, &cut);
		if (r->off.flags && !filter_match(w->filter, &cut, w->scratch))
			continue;
		if (!add(w, &f))
			return false;
	}
	return true;
}

/* Some of what the ring has. */
static bool add_records(struct writer *w, const uint8_t *data, size_t len)
{
	struct record r;
	size_t at = 0;

	if (is_time_over(w) && !rotate(w))
		return false;
	while (at < len && at < PART) {
		memcpy(&r, data + at, sizeof(r));
		at += sizeof(r);
		if (!add_record(w, &r, data + at))
			return false;
		at += r.kept;
	}
	ring_consume(&w->ring, at);
	(void)sched_yield();
	return tell_drops(w);
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
		while (ok && (len = ring_peek(&w->ring, &data)) > 0) {
			busy = true;
			ok = add_records(w, data, len);
		}
		ok = ok && put_blocks(w);
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
