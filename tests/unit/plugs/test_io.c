/* SPDX-License-Identifier: MIT */
#include "tests/unit/plugs/world.h"

#include "plugs/io_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_net.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* An io at one end of a socket pair, the test at the other. */
struct end {
	struct world world;
	struct port port; /* only counters, rx and bursts are used */
	struct io *io;
	int peer;
	unsigned gone;
	int gone_errnum;
	bool remove_in_rx;
	bool echo_in_rx;
};

static unsigned fail_enobufs;

/* In place of libc's, which the engine would call. */
int sendmmsg(int fd, struct mmsghdr *msgs, unsigned n, int flags)
{
	if (fail_enobufs > 0) {
		fail_enobufs--;
		errno = ENOBUFS;
		return -1;
	}
	return (int)syscall(SYS_sendmmsg, fd, msgs, n, flags);
}

/* A frame at a time, so that each meets what the one before has found. */
static void echo(struct end *e, const struct frame *frames, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct wire w;

		wire_whole(&w, &frames[i]);
		counters_offered(&e->port.counters, 1);
		io_send(e->io, &w, 1, NULL);
	}
}

static void on_rx(void *ctx, const struct frame *frames, unsigned n,
		  uint64_t now)
{
	struct end *e = ctx;

	assert_true(n >= 1 && n <= FRAME_BURST);
	assert_true(now > 0);
	port_keep(&e->port, frames, n);
	if (e->echo_in_rx)
		echo(e, frames, n);
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

static void setup(struct end *e, enum io_kind kind)
{
	struct io_user user;
	int fds[2];

	*e = (struct end){.gone = 0};
	world_init(&e->world);
	hold_queue_init(&e->port.rx, HOLD_LIMIT_DEFAULT);
	assert_int_equal(socketpair(AF_UNIX,
				    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
				    0, fds),
			 0);
	e->peer = fds[1];
	user = (struct io_user){.callbacks = &callbacks,
				.ctx = e,
				.counters = &e->port.counters};
	e->io = io_add(e->world.env.io, fds[0], kind, &user, NULL);
	assert_non_null(e->io);
}

static void teardown(struct end *e)
{
	io_remove(e->io);
	(void)close(e->peer);
	(void)hold_queue_done(&e->port.rx);
	assert_sums(&e->port.counters, 0);
	world_done(&e->world);
}

/* Sends one frame of len bytes that begins with seq. */
static void send_seq(struct end *e, uint32_t seq, uint32_t len)
{
	static uint8_t data[FRAME_MAX];
	struct frame f = {.data = data, .len = len};
	struct wire w;

	memcpy(data, &seq, sizeof(seq));
	wire_whole(&w, &f);
	counters_offered(&e->port.counters, 1);
	io_send(e->io, &w, 1, NULL);
}

static void peer_sends(struct end *e, const void *data, size_t len)
{
	assert_int_equal(send(e->peer, data, len, 0), (ssize_t)len);
}

static void frames_come_in_order_and_whole(void **state)
{
	struct end e;
	uint8_t data[100] = {0};

	setup(&e, IO_DGRAM);
	for (uint8_t i = 1; i <= 100; i++) {
		data[0] = i;
		peer_sends(&e, data, i);
	}
	world_settle(&e.world);
	assert_int_equal(e.port.rx.frames, 100);
	assert_int_equal(e.port.bursts, 2);
	for (uint8_t i = 1; i <= 100; i++) {
		assert_int_equal(hold_peek(&e.port.rx)->len, i);
		assert_int_equal(hold_peek(&e.port.rx)->data[0], i);
		hold_pop(&e.port.rx);
	}
	teardown(&e);
}

static void giants_are_dropped_whole(void **state)
{
	static uint8_t data[FRAME_MAX + 1];
	struct end e;

	setup(&e, IO_DGRAM);
	peer_sends(&e, data, sizeof(data));
	peer_sends(&e, data, FRAME_MAX);
	world_settle(&e.world);
	assert_int_equal(e.port.rx.frames, 1);
	assert_int_equal(hold_peek(&e.port.rx)->len, FRAME_MAX);
	assert_int_equal(e.port.counters.drops[DROP_RX_GIANT], 1);
	assert_int_equal(e.port.counters.rx_bytes, 2 * FRAME_MAX + 1);
	teardown(&e);
}

static void empty_datagrams_are_ignored(void **state)
{
	struct end e;

	setup(&e, IO_DGRAM);
	peer_sends(&e, "", 0);
	peer_sends(&e, "x", 1);
	peer_sends(&e, "", 0);
	world_settle(&e.world);
	assert_int_equal(e.port.rx.frames, 1);
	assert_int_equal(e.port.counters.rx_frames, 1);
	assert_int_equal(e.gone, 0);
	teardown(&e);
}

/* Reads all that is there; each must be the next in sequence. */
static void peer_reads(struct end *e, uint32_t *next)
{
	uint32_t seq;

	while (recv(e->peer, &seq, sizeof(seq), 0) > 0)
		assert_int_equal(seq, (*next)++);
	assert_int_equal(errno, EAGAIN);
}

static void congestion_holds_in_order(void **state)
{
	struct end e;
	uint32_t sent = 0;
	uint32_t next = 0;

	setup(&e, IO_DGRAM);
	while (io_held(e.io) < 500)
		send_seq(&e, sent++, 1514);
	assert_sums(&e.port.counters, 500);
	while (io_held(e.io) > 0) {
		peer_reads(&e, &next);
		(void)uv_run(&e.world.loop, UV_RUN_NOWAIT);
		assert_sums(&e.port.counters, io_held(e.io));
	}
	peer_reads(&e, &next);
	assert_int_equal(next, sent);
	assert_int_equal(e.port.counters.tx_frames, sent);
	assert_int_equal(e.port.counters.tx_bytes, (uint64_t)sent * 1514);
	teardown(&e);
}

/* Frames take along as many of those that are held as they are themselves. */
static void the_next_frame_takes_along_one_that_is_held(void **state)
{
	struct end e;
	uint32_t sent = 0, next = 0;

	setup(&e, IO_DGRAM);
	while (io_held(e.io) < 1)
		send_seq(&e, sent++, 60);
	peer_reads(&e, &next);
	send_seq(&e, sent++, 60);
	assert_int_equal(io_held(e.io), 0);
	while (io_held(e.io) < 10)
		send_seq(&e, sent++, 60);
	peer_reads(&e, &next);
	send_seq(&e, sent++, 60);
	assert_int_equal(io_held(e.io), 10);
	(void)uv_run(&e.world.loop, UV_RUN_NOWAIT);
	peer_reads(&e, &next);
	assert_int_equal(next, sent);
	teardown(&e);
}

/* Sends a burst of 64 frames that begin with seq and the numbers after it. */
static void send_burst(struct end *e, uint32_t seq)
{
	static uint8_t data[FRAME_BURST][1514];
	struct wire wires[FRAME_BURST];

	for (uint32_t i = 0; i < FRAME_BURST; i++) {
		struct frame f = {.data = data[i], .len = sizeof(data[i])};
		uint32_t number = seq + i;

		memcpy(data[i], &number, sizeof(number));
		wire_whole(&wires[i], &f);
	}
	counters_offered(&e->port.counters, FRAME_BURST);
	io_send(e->io, wires, FRAME_BURST, NULL);
}

/* The kernel takes some of a burst, the rest comes after it. */
static void a_burst_that_is_cut_stays_in_order(void **state)
{
	unsigned cuts = 0;
	uint32_t sent = 0;
	uint32_t next = 0;
	struct end e;

	setup(&e, IO_DGRAM);
	for (int i = 0; i < 100; i++) {
		size_t before = io_held(e.io);

		send_burst(&e, sent);
		sent += FRAME_BURST;
		cuts += before == 0 && io_held(e.io) % FRAME_BURST != 0;
		if (i % 10 == 0)
			peer_reads(&e, &next);
		(void)uv_run(&e.world.loop, UV_RUN_NOWAIT);
		assert_sums(&e.port.counters, io_held(e.io));
	}
	assert_true(cuts > 0);
	while (io_held(e.io) > 0) {
		peer_reads(&e, &next);
		(void)uv_run(&e.world.loop, UV_RUN_NOWAIT);
	}
	peer_reads(&e, &next);
	assert_int_equal(next, sent);
	teardown(&e);
}

static void full_ring_drops_the_newest(void **state)
{
	struct end e;
	uint32_t sent = 0;
	uint32_t next = 0;
	uint32_t kept;

	setup(&e, IO_DGRAM);
	while (e.port.counters.drops[DROP_TX_HOLD_FULL] < 3)
		send_seq(&e, sent++, FRAME_MAX);
	kept = sent - 3;
	assert_true((size_t)io_held(e.io) * FRAME_MAX <= HOLD_LIMIT_DEFAULT);
	for (int i = 0; i < 1000 && next < kept; i++) {
		peer_reads(&e, &next);
		(void)uv_run(&e.world.loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(next, kept);
	teardown(&e);
}

static void removal_counts_what_was_held(void **state)
{
	struct end e;

	setup(&e, IO_DGRAM);
	while (io_held(e.io) < 7)
		send_seq(&e, 0, 1514);
	io_remove(e.io);
	e.io = NULL;
	assert_int_equal(e.port.counters.drops[DROP_TX_CLOSED], 7);
	teardown(&e);
}

static void enobufs_waits_and_goes_on(void **state)
{
	struct end e;
	uint32_t next = 0;
	unsigned rounds = 0;

	setup(&e, IO_DGRAM);
	fail_enobufs = 3;
	for (uint32_t seq = 0; seq < 5; seq++)
		send_seq(&e, seq, 60);
	assert_int_equal(io_held(e.io), 5);
	/* Each round waits for the timer: the loop does not spin. */
	while (io_held(e.io) > 0) {
		(void)uv_run(&e.world.loop, UV_RUN_ONCE);
		rounds++;
	}
	assert_int_equal(fail_enobufs, 0);
	assert_true(rounds <= 10);
	peer_reads(&e, &next);
	assert_int_equal(next, 5);
	teardown(&e);
}

static void may_be_removed_in_rx(void **state)
{
	struct end e;

	setup(&e, IO_DGRAM);
	e.remove_in_rx = true;
	for (int i = 0; i < 100; i++)
		peer_sends(&e, "x", 1);
	world_settle(&e.world);
	assert_null(e.io);
	assert_int_equal(e.port.bursts, 1);
	teardown(&e);
}

/* A peer that has closed refuses once; after that there is no peer. */
static void gone_is_told_once_and_later(void **state)
{
	struct end e;

	setup(&e, IO_DGRAM);
	(void)close(e.peer);
	send_seq(&e, 0, 60);
	send_seq(&e, 1, 60);
	send_seq(&e, 2, 60);
	assert_int_equal(e.gone, 0);
	assert_int_equal(e.port.counters.tx_frames, 0);
	assert_true(e.port.counters.drops[DROP_TX_DOWN] >= 2);
	assert_sums(&e.port.counters, 0);
	world_settle(&e.world);
	assert_int_equal(e.gone, 1);
	assert_int_equal(e.gone_errnum, ENOTCONN);
	e.peer = -1;
	teardown(&e);
}

/* The end is met by what the io's own rx() sends. */
static void the_end_may_be_met_in_rx(void **state)
{
	struct end e;

	setup(&e, IO_DGRAM);
	e.echo_in_rx = true;
	for (int i = 0; i < 100; i++)
		peer_sends(&e, "x", 1);
	(void)close(e.peer);
	world_settle(&e.world);
	assert_int_equal(e.port.bursts, 1);
	assert_int_equal(e.gone, 1);
	assert_true(e.port.counters.drops[DROP_TX_DOWN] >= FRAME_BURST - 1);
	e.peer = -1;
	teardown(&e);
}

/* As a client of VDE could, who keeps its socket and has not read all. */
static void a_peer_that_disconnects_is_gone(void **state)
{
	struct sockaddr nobody = {.sa_family = AF_UNSPEC};
	struct end e;

	setup(&e, IO_DGRAM);
	send_seq(&e, 0, 60);
	assert_int_equal(connect(e.peer, &nobody, sizeof(nobody)), 0);
	world_settle(&e.world);
	assert_int_equal(e.gone, 1);
	assert_int_equal(e.gone_errnum, ECONNRESET);
	teardown(&e);
}

static void errors_mean_what_the_header_says(void **state)
{
	static const int ends[] = {EBADFD, ENOTCONN, ECONNRESET, EPIPE};
	static const int others[] = {EAGAIN, ENOBUFS,  EINTR, ECONNREFUSED,
				     EIO,    EMSGSIZE, EPERM, 0};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		assert_true(io_errno_is_gone(IO_DGRAM, ends[i]));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(io_errno_is_gone(IO_DGRAM, others[i]));
	assert_int_equal(io_errno_drop(ECONNREFUSED), DROP_TX_REFUSED);
	assert_int_equal(io_errno_drop(EIO), DROP_TX_DOWN);
	assert_int_equal(io_errno_drop(EMSGSIZE), DROP_TX_ERROR);
	assert_int_equal(io_errno_drop(EPERM), DROP_TX_ERROR);
}

static void release_gives_the_descriptor_back(void **state)
{
	struct end e;
	int fd;
	char c;

	setup(&e, IO_DGRAM);
	fd = io_release(e.io);
	e.io = NULL;
	world_settle(&e.world);
	peer_sends(&e, "x", 1);
	assert_int_equal(read(fd, &c, 1), 1);
	assert_int_equal(e.port.bursts, 0);
	(void)close(fd);
	teardown(&e);
}

static void tap_header_is_checked_and_written(void **state)
{
	uint8_t data[10 + 60] = {0};
	struct end e;

	setup(&e, IO_TAP);
	peer_sends(&e, data, sizeof(data));
	data[0] = VIRTIO_NET_HDR_F_DATA_VALID;
	peer_sends(&e, data, sizeof(data));
	data[0] = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	peer_sends(&e, data, sizeof(data));
	data[0] = 0;
	data[1] = VIRTIO_NET_HDR_GSO_TCPV4;
	peer_sends(&e, data, sizeof(data));
	world_settle(&e.world);
	assert_int_equal(e.port.rx.frames, 2);
	assert_int_equal(hold_peek(&e.port.rx)->len, 60);
	assert_int_equal(e.port.counters.drops[DROP_RX_BAD_OFFLOAD], 2);

	send_seq(&e, 0x01020304, 60);
	memset(data, 0xff, sizeof(data));
	assert_int_equal(recv(e.peer, data, sizeof(data), 0), 70);
	for (int i = 0; i < 10; i++)
		assert_int_equal(data[i], 0);
	assert_int_equal(data[13], 1);
	teardown(&e);
}

static void what_cannot_be_polled_is_refused(void **state)
{
	struct world w;
	struct counters c = {0};
	struct io_user user = {.callbacks = &callbacks, .counters = &c};
	struct err err = {.msg = ""};
	int fd = open(TEST_DIR "/test_io.c", O_RDONLY | O_CLOEXEC);

	world_init(&w);
	assert_null(io_add(w.env.io, fd, IO_DGRAM, &user, &err));
	assert_int_equal(err.errnum, EPERM);
	assert_int_equal(fcntl(fd, F_GETFD), -1);

	world_done(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_in_order_and_whole),
		cmocka_unit_test(giants_are_dropped_whole),
		cmocka_unit_test(empty_datagrams_are_ignored),
		cmocka_unit_test(congestion_holds_in_order),
		cmocka_unit_test(the_next_frame_takes_along_one_that_is_held),
		cmocka_unit_test(a_burst_that_is_cut_stays_in_order),
		cmocka_unit_test(full_ring_drops_the_newest),
		cmocka_unit_test(removal_counts_what_was_held),
		cmocka_unit_test(enobufs_waits_and_goes_on),
		cmocka_unit_test(may_be_removed_in_rx),
		cmocka_unit_test(gone_is_told_once_and_later),
		cmocka_unit_test(the_end_may_be_met_in_rx),
		cmocka_unit_test(a_peer_that_disconnects_is_gone),
		cmocka_unit_test(errors_mean_what_the_header_says),
		cmocka_unit_test(release_gives_the_descriptor_back),
		cmocka_unit_test(tap_header_is_checked_and_written),
		cmocka_unit_test(what_cannot_be_polled_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
