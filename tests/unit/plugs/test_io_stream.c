/* SPDX-License-Identifier: MIT */
/*
 * IO_STREAM of the engine: an io at one end of a stream, the test at the other.
 */
#include "tests/unit/plugs/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

struct end {
	struct world world;
	struct port port; /* only counters, rx and bursts are used */
	struct io *io;
	int peer;
	unsigned gone;
	int gone_errnum;
	bool remove_in_rx;
};

static void on_rx(void *ctx, const struct frame *frames, unsigned n,
		  uint64_t now)
{
	struct end *e = ctx;

	assert_true(n >= 1 && n <= FRAME_BURST);
	port_keep(&e->port, frames, n);
	if (e->remove_in_rx) {
		io_remove(e->io);
		e->io = NULL;
	}
}

static void on_gone(void *ctx, int errnum)
{
	struct end *e = ctx;

	e->gone++;
	e->gone_errnum = errnum;
}

static const struct io_callbacks callbacks = {.rx = on_rx, .gone = on_gone};

static void setup_holding(struct end *e, size_t hold_limit)
{
	struct io_user user = {.callbacks = &callbacks,
			       .ctx = e,
			       .counters = &e->port.counters,
			       .hold_limit = hold_limit};
	int fds[2];

	*e = (struct end){.gone = 0};
	world_init(&e->world);
	hold_queue_init(&e->port.rx, HOLD_LIMIT_DEFAULT);
	assert_int_equal(socketpair(AF_UNIX,
				    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
				    0, fds),
			 0);
	e->peer = fds[1];
	e->io = io_add(e->world.env.io, fds[0], IO_STREAM, &user, NULL);
	assert_non_null(e->io);
}

static void setup(struct end *e)
{
	setup_holding(e, 0);
}

static void teardown(struct end *e)
{
	io_remove(e->io);
	(void)close(e->peer);
	(void)hold_queue_done(&e->port.rx);
	assert_sums(&e->port.counters, 0);
	world_done(&e->world);
}

/* Makes a frame of len bytes that begins with seq. */
static void make_frame(struct wire *w, uint32_t seq, uint32_t len)
{
	static uint8_t data[FRAME_MAX];
	struct frame f = {.data = data, .len = len};

	memcpy(data, &seq, sizeof(seq));
	wire_whole(w, &f);
}

static void send_seq(struct end *e, uint32_t seq, uint32_t len)
{
	struct wire w;

	make_frame(&w, seq, len);
	counters_offered(&e->port.counters, 1);
	io_send(e->io, &w, 1, NULL);
}

static void peer_writes(struct end *e, const void *data, size_t len)
{
	assert_int_equal(send(e->peer, data, len, 0), (ssize_t)len);
}

static void peer_sends(struct end *e, const void *data, uint32_t len)
{
	uint32_t header = htonl(len);

	peer_writes(e, &header, sizeof(header));
	if (len > 0)
		peer_writes(e, data, len);
}

/* n frames of four bytes, which are their number, in one write. */
static void peer_counts(struct end *e, uint32_t n)
{
	uint32_t words[2000];

	assert_true(2 * n <= 2000);
	for (uint32_t i = 0; i < n; i++) {
		words[2 * i] = htonl(4);
		words[2 * i + 1] = i;
	}
	peer_writes(e, words, n * 8);
}

/* --- In ----------------------------------------------------------------- */

static void frames_come_whole_however_they_are_cut(void **state)
{
	uint8_t stream[5][4 + 60] = {{0}};
	const uint8_t *bytes = stream[0];
	struct end e;

	setup(&e);
	for (uint8_t i = 0; i < 5; i++) {
		stream[i][3] = 60;
		memset(stream[i] + 4, i, 60);
	}
	for (size_t part = 1; part < 100; part += 7) {
		for (size_t at = 0; at < sizeof(stream); at += part) {
			size_t left = sizeof(stream) - at;

			peer_writes(&e, bytes + at, left < part ? left : part);
			world_settle(&e.world);
		}
		assert_int_equal(e.port.rx.frames, 5);
		for (uint8_t i = 0; i < 5; i++) {
			assert_int_equal(hold_peek(&e.port.rx)->len, 60);
			assert_memory_equal(hold_peek(&e.port.rx)->data,
					    stream[i] + 4, 60);
			hold_pop(&e.port.rx);
		}
	}
	assert_int_equal(e.gone, 0);
	teardown(&e);
}

/* One burst a round, however many frames one read has brought. */
static void many_frames_come_in_bursts(void **state)
{
	struct end e;
	unsigned rounds = 0;

	setup(&e);
	peer_counts(&e, 1000);
	while (e.port.rx.frames < 1000) {
		size_t before = e.port.rx.frames;

		(void)uv_run(&e.world.loop, UV_RUN_NOWAIT);
		assert_true(e.port.rx.frames - before <= 2 * FRAME_BURST);
		rounds++;
	}
	assert_int_equal(e.port.bursts, 16);
	assert_true(rounds >= 8);
	for (uint32_t i = 0; i < 1000; i++) {
		assert_memory_equal(hold_peek(&e.port.rx)->data, &i, sizeof(i));
		hold_pop(&e.port.rx);
	}
	teardown(&e);
}

static void short_and_longest_frames_are_frames(void **state)
{
	static uint8_t data[FRAME_MAX];
	struct end e;

	setup(&e);
	for (uint32_t len = 0; len < 14; len++)
		peer_sends(&e, data, len);
	peer_sends(&e, data, FRAME_MAX);
	world_settle(&e.world);
	assert_int_equal(e.port.rx.frames, 15);
	for (uint32_t len = 0; len < 14; len++) {
		assert_int_equal(hold_peek(&e.port.rx)->len, len);
		hold_pop(&e.port.rx);
	}
	assert_int_equal(hold_peek(&e.port.rx)->len, FRAME_MAX);
	teardown(&e);
}

static void a_length_beyond_all_is_the_end(void **state)
{
	uint32_t longer = htonl(FRAME_MAX + 1);
	struct end e;

	setup(&e);
	peer_sends(&e, "before", 6);
	peer_writes(&e, &longer, sizeof(longer));
	peer_writes(&e, "behind", 6);
	world_settle(&e.world);
	assert_int_equal(e.port.rx.frames, 1);
	assert_int_equal(e.gone, 1);
	assert_int_equal(e.gone_errnum, EPROTO);
	teardown(&e);
}

static void the_peers_end_comes_after_its_frames(void **state)
{
	struct end e;

	setup(&e);
	peer_counts(&e, 200);
	peer_writes(&e, "\0\0\0\7cut", 7);
	(void)close(e.peer);
	e.peer = -1;
	world_wait(&e.world, &e.gone, 1);
	assert_int_equal(e.port.rx.frames, 200);
	assert_int_equal(e.gone_errnum, EPIPE);
	world_settle(&e.world);
	assert_int_equal(e.gone, 1);
	teardown(&e);
}

static void may_be_removed_in_rx(void **state)
{
	struct end e;

	setup(&e);
	e.remove_in_rx = true;
	peer_counts(&e, 200);
	world_settle(&e.world);
	assert_null(e.io);
	assert_int_equal(e.port.bursts, 1);
	assert_int_equal(e.gone, 0);
	teardown(&e);
}

/* --- Out ---------------------------------------------------------------- */

/* What the peer has read and not yet taken apart. */
struct reader {
	uint8_t data[2 * FRAME_MAX];
	size_t len;
	uint32_t next; /* the number that must come next */
};

/* Takes whole frames, each the next in sequence. */
static void reader_take(struct reader *r, uint32_t len)
{
	while (r->len >= 4 + len) {
		uint32_t n;

		memcpy(&n, r->data, 4);
		assert_int_equal(ntohl(n), len);
		memcpy(&n, r->data + 4, 4);
		assert_int_equal(n, r->next++);
		r->len -= 4 + len;
		memmove(r->data, r->data + 4 + len, r->len);
	}
}

/* Reads what is there in small parts; all frames have len bytes. */
static void peer_reads(struct end *e, struct reader *r, uint32_t len)
{
	ssize_t n;

	while ((n = recv(e->peer, r->data + r->len, 4096, 0)) > 0) {
		r->len += (size_t)n;
		reader_take(r, len);
	}
	assert_int_equal(errno, EAGAIN);
}

static void a_burst_goes_out_in_order(void **state)
{
	static struct reader r;
	static uint8_t data[FRAME_BURST][60];
	struct wire wires[FRAME_BURST];
	struct end e;

	setup(&e);
	r = (struct reader){.len = 0};
	for (uint32_t i = 0; i < FRAME_BURST; i++) {
		struct frame f = {.data = data[i], .len = 60};

		memcpy(data[i], &i, sizeof(i));
		wire_whole(&wires[i], &f);
	}
	counters_offered(&e.port.counters, FRAME_BURST);
	io_send(e.io, wires, FRAME_BURST, NULL);
	peer_reads(&e, &r, 60);
	assert_int_equal(r.next, FRAME_BURST);
	assert_int_equal(e.port.counters.tx_frames, FRAME_BURST);
	assert_int_equal(e.port.counters.tx_bytes, FRAME_BURST * 60);
	teardown(&e);
}

/* Frames longer than the socket takes at once: none may mix with another. */
static void a_peer_that_stops_is_waited_for(void **state)
{
	static struct reader r;
	struct end e;
	uint32_t sent = 0;

	setup(&e);
	r = (struct reader){.len = 0};
	while (io_held(e.io) < 20)
		send_seq(&e, sent++, FRAME_MAX);
	assert_sums(&e.port.counters, 20);
	while (r.next < sent) {
		peer_reads(&e, &r, FRAME_MAX);
		(void)uv_run(&e.world.loop, UV_RUN_NOWAIT);
		assert_sums(&e.port.counters, io_held(e.io));
	}
	assert_int_equal(io_held(e.io), 0);
	assert_int_equal(r.len, 0);
	assert_int_equal(e.port.counters.tx_frames, sent);
	teardown(&e);
}

/* Who has taken nothing for long is not tried again with each frame, which
 * costs whoever sends it; once there is room, the loop says so. */
static void a_peer_that_sleeps_is_left_alone(void **state)
{
	static struct reader r;
	struct end e;
	uint32_t sent = 0;

	setup(&e);
	r = (struct reader){.len = 0};
	while (io_held(e.io) < 2)
		send_seq(&e, sent++, 1514);
	(void)usleep(150000);
	uv_update_time(&e.world.loop);
	peer_reads(&e, &r, 1514);
	send_seq(&e, sent++, 1514);
	assert_int_equal(io_held(e.io), 3);
	(void)uv_run(&e.world.loop, UV_RUN_NOWAIT);
	assert_int_equal(io_held(e.io), 0);
	peer_reads(&e, &r, 1514);
	assert_int_equal(r.next, sent);
	teardown(&e);
}

static void full_ring_drops_the_newest(void **state)
{
	static struct reader r;
	struct end e;
	uint32_t sent = 0;

	setup(&e);
	r = (struct reader){.len = 0};
	while (e.port.counters.drops[DROP_TX_HOLD_FULL] < 3)
		send_seq(&e, sent++, 9000);
	while (r.next < sent - 3) {
		peer_reads(&e, &r, 9000);
		(void)uv_run(&e.world.loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(io_held(e.io), 0);
	assert_int_equal(r.len, 0);
	teardown(&e);
}

static void removal_counts_the_half_sent_one(void **state)
{
	struct end e;

	setup(&e);
	while (io_held(e.io) < 3)
		send_seq(&e, 0, FRAME_MAX);
	io_remove(e.io);
	e.io = NULL;
	assert_int_equal(e.port.counters.drops[DROP_TX_CLOSED], 3);
	teardown(&e);
}

/* Only the frame of which a part is out is not told that it was dropped. */
static void what_follows_a_torn_frame_is_dropped(void **state)
{
	enum drop fates[8];
	struct wire wires[8];
	unsigned sent;
	struct end e;

	setup_holding(&e, 1);
	for (unsigned i = 0; i < 8; i++)
		make_frame(&wires[i], i, FRAME_MAX);
	io_fates(fates, 8, DROP_COUNT);
	counters_offered(&e.port.counters, 8);
	io_send(e.io, wires, 8, fates);
	sent = (unsigned)e.port.counters.tx_frames;
	assert_true(sent < 7);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(fates[i],
				 i <= sent ? DROP_COUNT : DROP_TX_DOWN);
	assert_int_equal(e.port.counters.drops[DROP_TX_HOLD_FULL], 1);
	assert_int_equal(e.port.counters.drops[DROP_TX_DOWN], 7 - sent);
	world_settle(&e.world);
	assert_int_equal(e.gone, 1);
	assert_int_equal(e.gone_errnum, ENOMEM);
	teardown(&e);
}

static void a_closed_peer_raises_no_signal(void **state)
{
	struct end e;

	setup(&e);
	(void)close(e.peer);
	e.peer = -1;
	send_seq(&e, 0, 60);
	send_seq(&e, 1, 60);
	assert_int_equal(e.gone, 0);
	assert_int_equal(e.port.counters.drops[DROP_TX_DOWN], 2);
	world_settle(&e.world);
	assert_int_equal(e.gone, 1);
	assert_int_equal(e.gone_errnum, EPIPE);
	teardown(&e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_whole_however_they_are_cut),
		cmocka_unit_test(many_frames_come_in_bursts),
		cmocka_unit_test(short_and_longest_frames_are_frames),
		cmocka_unit_test(a_length_beyond_all_is_the_end),
		cmocka_unit_test(the_peers_end_comes_after_its_frames),
		cmocka_unit_test(may_be_removed_in_rx),
		cmocka_unit_test(a_burst_goes_out_in_order),
		cmocka_unit_test(a_peer_that_stops_is_waited_for),
		cmocka_unit_test(a_peer_that_sleeps_is_left_alone),
		cmocka_unit_test(full_ring_drops_the_newest),
		cmocka_unit_test(removal_counts_the_half_sent_one),
		cmocka_unit_test(what_follows_a_torn_frame_is_dropped),
		cmocka_unit_test(a_closed_peer_raises_no_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
