/* SPDX-License-Identifier: MIT */
#include "capture/capture.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "capture/clock.h"
#include "capture/pages.h"
#include "capture/record.h"
#include "capture/writer.h"
#include "switchd/core/offload.h"

#define CLOCK_SET_NS  1000000ull /* a larger change is somebody's */
#define CLOCK_READ_NS 100000ull  /* a look that took longer is none */
#define CLOCK_TRIES   8
#define HEAD_MAX      ((size_t)(CAPTURE_PORTS_MAX + 1) * FORMAT_BLOCK_MAX)

static_assert(CAPTURE_RING_MIN / 2 > RECORD_MAX,
	      "a frame is a record that ring.h takes");
static_assert(CAPTURE_PORTS_MAX <= UINT16_MAX && DROP_COUNT <= UINT8_MAX,
	      "a record says which and why");

struct capture {
	struct writer writer;
	uv_async_t async;
	void (*ended)(void *ctx, const struct err *reason);
	void *ctx;
	struct filter filter;
	uint32_t snaplen;
	enum capture_direction direction;
	bool raw;
	bool drops;
	bool stopped;
	uint64_t clock_offset_ns; /* CLOCK_REALTIME less CLOCK_MONOTONIC */
	uint64_t clock_looked_ns; /* when that was looked at */
	uint64_t dropped;
	char names[CAPTURE_PORTS_MAX][FORMAT_TEXT_MAX];
	struct writer_port ports[CAPTURE_PORTS_MAX];
	uint8_t head[HEAD_MAX];
	uint8_t scratch[FILTER_SCRATCH];
	uint8_t headers[INET_HEADERS_MAX];
};

/* --- Time --------------------------------------------------------------- */

/* False: it took so long that it is not exact. */
static bool look_at_clocks(uint64_t *offset)
{
	uint64_t before = clock_ns(CLOCK_MONOTONIC);

	*offset = clock_ns(CLOCK_REALTIME) - before;
	return clock_ns(CLOCK_MONOTONIC) - before < CLOCK_READ_NS;
}

static void begin_clock(struct capture *c)
{
	for (int i = 0; i < CLOCK_TRIES; i++) {
		if (look_at_clocks(&c->clock_offset_ns))
			break;
	}
}

/* Both clocks are slewed alike, so what is left of a difference is noise that
 * would bring frames out of order. */
static uint64_t wall_ns(struct capture *c, uint64_t now)
{
	uint64_t offset;

	if (now - c->clock_looked_ns >= CLOCK_S_NS) {
		c->clock_looked_ns = now;
		if (look_at_clocks(&offset) &&
		    offset - c->clock_offset_ns + CLOCK_SET_NS >
			    2 * CLOCK_SET_NS)
			c->clock_offset_ns = offset;
	}
	return now + c->clock_offset_ns;
}

/* --- Life --------------------------------------------------------------- */

static void free_capture(struct capture *c)
{
	output_done(&c->writer.out);
	ring_done(&c->writer.ring);
	filter_done(&c->filter);
	if (c->writer.event_fd >= 0)
		(void)close(c->writer.event_fd);
	pages_free(c, sizeof(*c));
}

static void on_closed(uv_handle_t *handle)
{
	struct capture *c = handle->data;

	if (c->ended)
		c->ended(c->ctx, c->writer.failed ? &c->writer.reason : NULL);
	free_capture(c);
}

static void close_async(struct capture *c)
{
	uv_close((uv_handle_t *)&c->async, on_closed);
}

static void on_async(uv_async_t *async)
{
	struct capture *c = async->data;

	writer_join(&c->writer);
	close_async(c);
}

/* In the other thread. */
static void on_writer_ended(void *ctx)
{
	struct capture *c = ctx;

	(void)uv_async_send(&c->async);
}

static bool check_options(const struct capture_options *opt, struct err *err)
{
	if (opt->ring && opt->ring < CAPTURE_RING_MIN)
		return err_set(err, "the ring is to have %zu bytes at least",
			       CAPTURE_RING_MIN);
	if (opt->drops && opt->format && !opt->format->comments)
		return err_set(err,
			       "'drops' cannot be told in a file of "
			       "format '%s'",
			       opt->format->name);
	if (opt->keep &&
	    (opt->keep < OUTPUT_KEEP_MIN || opt->keep > OUTPUT_KEEP_MAX))
		return err_set(err, "%d to %d files can be kept",
			       OUTPUT_KEEP_MIN, OUTPUT_KEEP_MAX);
	return true;
}

static void take_options(struct capture *c, const struct capture_options *opt)
{
	c->ended = opt->ended;
	c->ctx = opt->ctx;
	c->snaplen = opt->snaplen && opt->snaplen < FORMAT_SNAPLEN
			     ? opt->snaplen
			     : FORMAT_SNAPLEN;
	c->direction = opt->direction ? opt->direction : CAPTURE_BOTH;
	c->raw = opt->raw;
	c->drops = opt->drops;
	c->writer.event_fd = -1;
	c->writer.out =
		(struct output){.fd = opt->file ? -1 : opt->fd, .dir_fd = -1};
	c->writer.format = opt->format ? opt->format : &format_pcapng;
	c->writer.rotate_bytes = opt->file ? opt->rotate_bytes : 0;
	c->writer.rotate_ns = opt->file ? opt->rotate_ns : 0;
	c->writer.head = c->head;
	c->writer.ports = c->ports;
	c->writer.ended = on_writer_ended;
	c->writer.ctx = c;
	c->writer.filter = &c->filter;
	c->writer.snaplen = c->snaplen;
	c->writer.head_len =
		c->writer.format->header(c->head, opt->lab, c->snaplen);
}

static bool get_memory(struct capture *c, const struct capture_options *opt,
		       struct err *err)
{
	const struct filter *filter = opt->filter;

	c->writer.event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (c->writer.event_fd < 0)
		return err_sys(err, "cannot make an eventfd");
	if (!ring_init(&c->writer.ring,
		       opt->ring ? opt->ring : CAPTURE_RING_DEFAULT))
		return err_set(err, "out of memory");
	return !filter || !filter->count ||
	       filter_init(&c->filter, filter->insns,
			   filter->count * FILTER_INSN_SIZE, err);
}

static bool open_output(struct capture *c, const struct capture_options *opt,
			struct err *err)
{
	struct output *out = &c->writer.out;

	if (!opt->file)
		return output_adopt(out, opt->fd, err);
	return output_open(out, opt->dir_fd, opt->file,
			   opt->keep ? opt->keep : OUTPUT_KEEP_MIN, err);
}

/* The last thing that can fail: what it opens is kept. */
static bool start(struct capture *c, uv_loop_t *loop, struct err *err)
{
	int error = uv_async_init(loop, &c->async, on_async);

	if (error == 0) {
		c->async.data = c;
		if (writer_start(&c->writer, err))
			return true;
		c->ended = NULL;
		close_async(c);
	} else {
		(void)err_set(err, "cannot start: %s", uv_strerror(error));
		free_capture(c);
	}
	return false;
}

struct capture *capture_new(uv_loop_t *loop, const struct capture_options *opt,
			    struct err *err)
{
	struct capture *c = pages_new(sizeof(*c));

	if (!c) {
		if (!opt->file)
			(void)close(opt->fd);
		(void)err_set(err, "out of memory");
		return NULL;
	}
	take_options(c, opt);
	begin_clock(c);
	if (!check_options(opt, err) || !get_memory(c, opt, err) ||
	    !open_output(c, opt, err)) {
		free_capture(c);
		return NULL;
	}
	return start(c, loop, err) ? c : NULL;
}

void capture_stop(struct capture *c)
{
	c->stopped = true;
	atomic_store(&c->writer.stop, true);
	writer_wake(&c->writer);
}

bool capture_add(struct capture *c, const char *name, unsigned *interface,
		 struct err *err)
{
	struct writer *w = &c->writer;
	unsigned used = atomic_load(&w->ports_used);
	size_t len = atomic_load(&w->head_len);

	for (*interface = 0; *interface < used; ++*interface) {
		if (strncmp(c->names[*interface], name, FORMAT_TEXT_MAX - 1) ==
		    0)
			return true;
	}
	if (used == CAPTURE_PORTS_MAX)
		return err_set(err, "a capture is of at most %d ports",
			       CAPTURE_PORTS_MAX);
	(void)snprintf(c->names[used], FORMAT_TEXT_MAX, "%s", name);
	len += w->format->interface(c->head + len, c->names[used], c->snaplen);
	atomic_store(&w->head_len, len);
	atomic_store(&w->ports_used, used + 1);
	writer_wake(w);
	return true;
}

struct capture_stats capture_stats(const struct capture *c)
{
	return (struct capture_stats){
		.frames = atomic_load(&c->writer.frames),
		.bytes = atomic_load(&c->writer.bytes),
		.dropped = c->dropped,
	};
}

/* --- Frames ------------------------------------------------------------- */

/*
 * Whether any of the frames that it is shown as is. Nothing less would do for
 * one that is still to be cut: they differ in length, flags, numbers and bytes,
 * and what a filter asks of the whole need not be true of any. The first that
 * is wanted ends the search, so it is long only where it saves the copy, and
 * keeps what nobody wants from filling the ring.
 */
static bool is_wanted(struct capture *c, const struct record *r,
		      const struct wire *w)
{
	uint32_t frames = offload_frames(&r->off, r->len);
	struct wire cut;

	if (c->filter.count == 0 || !r->off.flags)
		return filter_match(&c->filter, w, c->scratch);
	for (uint32_t i = 0; i < frames; i++) {
		offload_cut(w, i, c->headers, &cut);
		if (filter_match(&c->filter, &cut, c->scratch))
			return true;
	}
	return false;
}

static void lose(struct capture *c, unsigned interface, uint32_t frames)
{
	writer_count(&c->ports[interface].dropped, frames);
	c->dropped += frames;
}

/* What there is no room for is not cut, not even to see whether it is wanted:
 * that costs little, and by then it is often so. */
static void take(struct capture *c, struct record *r, const struct wire *w)
{
	struct ring *ring = &c->writer.ring;
	size_t size;
	uint8_t *room;

	r->len = w->len;
	r->off = c->raw ? (struct offload){.flags = 0} : w->off;
	r->kept = r->off.flags || w->len < c->snaplen ? w->len : c->snaplen;
	size = sizeof(*r) + r->kept;
	room = ring_reserve(ring, size);
	if (!room) {
		if (filter_match(&c->filter, w, c->scratch))
			lose(c, r->interface, offload_frames(&r->off, r->len));
	} else if (is_wanted(c, r, w)) {
		memcpy(room, r, sizeof(*r));
		(void)format_bytes(room + sizeof(*r), w, r->kept);
		ring_fill(ring, room, size);
	}
}

static void take_all(struct capture *c, struct record r,
		     const struct wire *wires, unsigned n, uint64_t now)
{
	if (c->stopped || !(r.direction & c->direction))
		return;
	assert(r.interface < atomic_load(&c->writer.ports_used));
	r.time_ns = wall_ns(c, now);
	for (unsigned i = 0; i < n; i++)
		take(c, &r, &wires[i]);
	ring_publish(&c->writer.ring);
	writer_poke(&c->writer);
}

void capture_frames(struct capture *c, unsigned interface,
		    enum capture_direction direction, const struct wire *wires,
		    unsigned n, uint64_t now)
{
	const struct record r = {.interface = (uint16_t)interface,
				 .direction = (uint8_t)direction,
				 .drop = DROP_COUNT};

	take_all(c, r, wires, n, now);
}

void capture_dropped(struct capture *c, unsigned interface, enum drop reason,
		     const struct wire *wires, unsigned n, uint64_t now)
{
	/* The name says where it is counted (drop.h). */
	bool is_rx = drop_name(reason)[0] == 'r';
	const struct record r = {.interface = (uint16_t)interface,
				 .direction = is_rx ? CAPTURE_RX : CAPTURE_TX,
				 .drop = (uint8_t)reason};

	if (c->drops)
		take_all(c, r, wires, n, now);
}
