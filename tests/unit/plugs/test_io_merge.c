/* SPDX-License-Identifier: MIT */
/*
 * Segments that leave in one burst, at the engine: few large ones for who takes
 * those, and counted, held and told of as what they are.
 */
#include "tests/unit/plugs/world.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <sys/socket.h>

#include "tests/frames/tcp.h"

#define VNET   10
#define SIZE   1000 /* payload of a segment */
#define HEADER 66
#define ROOM   (HEADER + SIZE)

struct end {
	struct world world;
	struct counters counters;
	struct io *io;
	int peer;
	unsigned n;
	struct wire wires[FRAME_BURST];
	uint8_t bytes[FRAME_BURST][ROOM];
	uint8_t got[VNET + FRAME_MAX];
};

static void on_rx(void *ctx, const struct frame *frames, unsigned n,
		  uint64_t now)
{
	fail();
}

static void on_gone(void *ctx, int errnum)
{
	fail();
}

static const struct io_callbacks callbacks = {.rx = on_rx, .gone = on_gone};

static struct end *start(enum io_kind kind, int type, size_t hold_limit)
{
	struct end *e = calloc(1, sizeof(*e));
	struct io_user user = {.callbacks = &callbacks,
			       .hold_limit = hold_limit};
	int fds[2];

	assert_non_null(e);
	world_init(&e->world);
	assert_int_equal(socketpair(AF_UNIX,
				    type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
				    fds),
			 0);
	e->peer = fds[1];
	user.ctx = e;
	user.counters = &e->counters;
	e->io = io_add(e->world.env.io, fds[0], kind, &user, NULL);
	assert_non_null(e->io);
	return e;
}

static void stop(struct end *e)
{
	io_remove(e->io);
	(void)close(e->peer);
	assert_sums(&e->counters, 0);
	world_done(&e->world);
	free(e);
}

/* The i-th segment of a flow joins the burst. */
static void add(struct end *e, unsigned flow, unsigned i, uint32_t len)
{
	struct tcp t = {.ttl = 64,
			.id = (uint16_t)i,
			.port = (uint16_t)flow,
			.seq = i * SIZE,
			.flags = TCP_ACK,
			.options = 12,
			.len = len};
	struct frame f = {.data = e->bytes[e->n]};

	f.len = tcp_build(&t, e->bytes[e->n]);
	wire_whole(&e->wires[e->n++], &f);
}

static void send_all(struct end *e, enum drop *fates)
{
	counters_offered(&e->counters, e->n);
	io_send(e->io, e->wires, e->n, fates);
	assert_sums(&e->counters, io_held(e->io));
	e->n = 0;
}

/* What the peer got: its header, and how long it is without that. */
static ssize_t next(struct end *e, struct virtio_net_hdr *h)
{
	ssize_t len = recv(e->peer, e->got, sizeof(e->got), 0);

	if (len < 0) {
		assert_int_equal(errno, EAGAIN);
		return 0;
	}
	memcpy(h, e->got, sizeof(*h));
	return len - VNET;
}

static void a_run_leaves_as_one(enum io_kind kind, int type)
{
	struct end *e = start(kind, type, 0);
	struct virtio_net_hdr h;

	for (unsigned i = 0; i < 40; i++)
		add(e, 1, i, i < 39 ? SIZE : 7);
	send_all(e, NULL);
	assert_int_equal(next(e, &h), HEADER + 39 * SIZE + 7);
	assert_int_equal(h.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_int_equal(h.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
	assert_int_equal(h.gso_size, SIZE);
	assert_int_equal(next(e, &h), 0);
	assert_int_equal(e->counters.tx_frames, 40);
	assert_int_equal(e->counters.tx_bytes, 40 * HEADER + 39 * SIZE + 7);
	/* Off, and on again. */
	io_set_merge(e->io, false);
	add(e, 1, 0, SIZE);
	add(e, 1, 1, SIZE);
	send_all(e, NULL);
	assert_int_equal(next(e, &h), ROOM);
	assert_int_equal(h.gso_type, 0);
	assert_int_equal(next(e, &h), ROOM);
	io_set_merge(e->io, true);
	add(e, 1, 0, SIZE);
	add(e, 1, 1, SIZE);
	send_all(e, NULL);
	assert_int_equal(next(e, &h), ROOM + SIZE);
	stop(e);
}

static void runs_leave_as_one(void **state)
{
	a_run_leaves_as_one(IO_TAP, SOCK_DGRAM);
	a_run_leaves_as_one(IO_VNET, SOCK_SEQPACKET);
}

/* To a peer that takes none they leave as they are, whatever is set. */
static void others_get_what_came(void **state)
{
	struct end *e = start(IO_DGRAM, SOCK_DGRAM, 0);

	io_set_merge(e->io, true);
	add(e, 1, 0, SIZE);
	add(e, 1, 1, SIZE);
	send_all(e, NULL);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(recv(e->peer, e->got, sizeof(e->got), 0),
				 ROOM);
		assert_memory_equal(e->got, e->bytes[i], ROOM);
	}
	stop(e);
}

/* A frame that stays alone passes between two flows that are merged. */
static void flows_do_not_mix(void **state)
{
	struct end *e = start(IO_TAP, SOCK_DGRAM, 0);
	struct virtio_net_hdr h;

	add(e, 1, 0, SIZE);
	add(e, 2, 0, SIZE);
	add(e, 3, 0, 0);
	add(e, 2, 1, SIZE);
	add(e, 1, 1, SIZE);
	add(e, 2, 2, SIZE);
	send_all(e, NULL);
	assert_int_equal(next(e, &h), HEADER + 2 * SIZE);
	assert_int_equal(next(e, &h), HEADER + 3 * SIZE);
	assert_int_equal(next(e, &h), HEADER);
	assert_int_equal(h.flags, 0);
	assert_int_equal(e->counters.tx_frames, 6);
	stop(e);
}

/* What the peer does not take is held merged, is counted as what it was, and
 * follows in order. */
static void congestion_holds_them(void **state)
{
	struct end *e = start(IO_VNET, SOCK_SEQPACKET, 0);
	struct virtio_net_hdr h;
	uint64_t got = 0;

	for (unsigned burst = 0; burst < 100; burst++) {
		for (unsigned i = 0; i < 20; i++)
			add(e, 1, burst * 20 + i, SIZE);
		send_all(e, NULL);
	}
	assert_true(io_held(e->io) > 0);
	assert_int_equal(io_held(e->io) % 20, 0);
	while (got < 2000 * SIZE) {
		ssize_t len = next(e, &h);
		const uint8_t *tcp = e->got + VNET + 34;

		if (len > 0) {
			assert_int_equal(get32(tcp + 4), got);
			got += (uint64_t)len - HEADER;
		}
		(void)uv_run(&e->world.loop, UV_RUN_NOWAIT);
		assert_sums(&e->counters, io_held(e->io));
	}
	assert_int_equal(e->counters.tx_frames, 2000);
	assert_int_equal(e->counters.tx_bytes, 2000 * ROOM);
	stop(e);
}

/* Each frame of a burst is told what became of the one that it left in. */
static void fates_are_told_apart(void **state)
{
	/* Room in the ring for two flows of one burst, not for three. */
	struct end *e = start(IO_VNET, SOCK_SEQPACKET, 3 * (ROOM + SIZE));
	enum drop fates[FRAME_BURST];
	unsigned sent = 0;

	while (io_held(e->io) == 0 && sent++ < 10000) {
		add(e, 1, 0, SIZE);
		send_all(e, NULL);
	}
	for (unsigned i = 0; i < 9; i++)
		add(e, 1 + i % 3, i / 3, SIZE);
	io_fates(fates, 9, DROP_COUNT);
	send_all(e, fates);
	assert_int_equal(io_held(e->io), 4);
	for (unsigned i = 0; i < 9; i++)
		assert_int_equal(fates[i],
				 i % 3 ? DROP_TX_HOLD_FULL : DROP_COUNT);
	assert_int_equal(e->counters.drops[DROP_TX_HOLD_FULL], 6);
	stop(e);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_leave_as_one),
		cmocka_unit_test(others_get_what_came),
		cmocka_unit_test(flows_do_not_mix),
		cmocka_unit_test(congestion_holds_them),
		cmocka_unit_test(fates_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
