/* SPDX-License-Identifier: MIT */
/*
 * Work left in frames, at the engine: who is given it, who is given complete
 * wire frames in its place, and that all are counted.
 */
#include "tests/unit/plugs/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/virtio_net.h>
#include <sys/socket.h>

#include "plugs/stream_frames.h"
#include "tests/frames/tcp.h"

#define PAYLOAD  20000 /* of a super-frame */
#define SIZE     1448
#define SEGMENTS ((PAYLOAD + SIZE - 1) / SIZE)
#define HEADER   10 /* of virtio-net */

/* An io at one end of a socket pair, the test at the other. */
struct end {
	struct world world;
	struct port port; /* only counters, rx and bursts are used */
	struct io *io;
	int peer;
	int gone;
	uint32_t sent; /* payload bytes, which are the sequence number */
	uint32_t got;
	struct stream_in in; /* of a stream: what the peer has read */
	uint8_t bytes[HEADER + FRAME_MAX];
};

static void on_rx(void *ctx, const struct frame *frames, unsigned n,
		  uint64_t now)
{
	port_keep(&((struct end *)ctx)->port, frames, n);
}

static void on_gone(void *ctx, int errnum)
{
	((struct end *)ctx)->gone = errnum;
}

static const struct io_callbacks callbacks = {.rx = on_rx, .gone = on_gone};

static struct end *start(enum io_kind kind, int type, size_t hold_limit)
{
	struct end *e = calloc(1, sizeof(*e));
	struct io_user user;
	int fds[2];

	assert_non_null(e);
	world_init(&e->world);
	hold_queue_init(&e->port.rx, HOLD_LIMIT_DEFAULT);
	assert_int_equal(socketpair(AF_UNIX,
				    type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
				    fds),
			 0);
	e->peer = fds[1];
	user = (struct io_user){.callbacks = &callbacks,
				.ctx = e,
				.counters = &e->port.counters,
				.hold_limit = hold_limit};
	e->io = io_add(e->world.env.io, fds[0], kind, &user, NULL);
	assert_non_null(e->io);
	return e;
}

static void stop(struct end *e)
{
	io_remove(e->io);
	(void)close(e->peer);
	(void)hold_queue_done(&e->port.rx);
	assert_sums(&e->port.counters, 0);
	world_done(&e->world);
	free(e);
}

/* The next PAYLOAD bytes as a super-frame; at is where it is written. */
static struct frame super(struct end *e, uint8_t *at)
{
	struct tcp t = {.ttl = 64,
			.df = true,
			.id = 1,
			.seq = e->sent,
			.flags = 0x10,
			.options = 12,
			.len = PAYLOAD};
	struct frame f = {.data = at, .len = tcp_build(&t, at)};

	f.off = (struct offload){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
				 .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
				 .hdr_len = 66,
				 .gso_size = SIZE,
				 .csum_start = 34,
				 .csum_offset = 16};
	e->sent += PAYLOAD;
	return f;
}

static void send_super(struct end *e)
{
	struct frame f = super(e, e->bytes);
	struct wire w;

	assert_true(offload_check(&f));
	wire_whole(&w, &f);
	counters_offered(&e->port.counters, SEGMENTS);
	io_send(e->io, &w, 1, NULL);
	assert_sums(&e->port.counters, io_held(e->io));
}

/* --- To those who take it -------------------------------------------- */

static void a_super_frame_passes(enum io_kind kind, int type)
{
	struct end *e = start(kind, type, 0);
	struct virtio_net_hdr h;

	/* Out. */
	send_super(e);
	assert_int_equal(recv(e->peer, e->bytes, sizeof(e->bytes), 0),
			 HEADER + 66 + PAYLOAD);
	memcpy(&h, e->bytes, sizeof(h));
	assert_int_equal(h.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_int_equal(h.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
	assert_int_equal(h.gso_size, SIZE);
	assert_int_equal(h.hdr_len, 66);
	assert_int_equal(h.csum_start, 34);
	assert_int_equal(h.csum_offset, 16);
	assert_int_equal(e->port.counters.tx_frames, SEGMENTS);
	assert_int_equal(e->port.counters.tx_bytes, SEGMENTS * 66 + PAYLOAD);
	/* And in again. */
	assert_int_equal(send(e->peer, e->bytes, HEADER + 66 + PAYLOAD, 0),
			 HEADER + 66 + PAYLOAD);
	world_settle(&e->world);
	assert_int_equal(e->port.counters.rx_frames, SEGMENTS);
	assert_int_equal(e->port.rx.frames, SEGMENTS);
	assert_int_equal(hold_peek(&e->port.rx)->len, 66 + PAYLOAD);
	assert_int_equal(hold_peek(&e->port.rx)->off.gso_size, SIZE);
	assert_int_equal(e->port.bursts, 1);
	stop(e);
}

static void a_super_frame_passes_whole(void **state)
{
	a_super_frame_passes(IO_TAP, SOCK_DGRAM);
	a_super_frame_passes(IO_VNET, SOCK_SEQPACKET);
}

static void what_is_claimed_wrongly(enum io_kind kind, int type)
{
	struct end *e = start(kind, type, 0);
	uint32_t random = 1;

	for (unsigned i = 0; i < 200; i++) {
		struct frame f = super(e, e->bytes + HEADER);

		memset(e->bytes, 0, HEADER);
		memcpy(e->bytes, &f.off, sizeof(f.off));
		/* Every field wrong in turn, every other time all. */
		for (unsigned k = 0; k < sizeof(f.off); k++) {
			random = random * 1103515245 + 12345;
			if (i % 2 || k == i / 2 % sizeof(f.off))
				e->bytes[k] ^= (uint8_t)(random >> 16 | 1);
		}
		assert_int_equal(send(e->peer, e->bytes, HEADER + f.len, 0),
				 HEADER + f.len);
		world_settle(&e->world);
		assert_sums(&e->port.counters, 0);
	}
	/* hdr_len, a multiple of the size and DATA_VALID may be anything. */
	assert_true(e->port.counters.drops[DROP_RX_BAD_OFFLOAD] >= 100);
	assert_int_equal(e->port.bursts +
				 e->port.counters.drops[DROP_RX_BAD_OFFLOAD],
			 200);
	stop(e);
}

static void wrong_claims_are_dropped_and_counted(void **state)
{
	what_is_claimed_wrongly(IO_TAP, SOCK_DGRAM);
	what_is_claimed_wrongly(IO_VNET, SOCK_SEQPACKET);
}

static void messages_without_a_frame_are_runts(void **state)
{
	struct end *e = start(IO_VNET, SOCK_SEQPACKET, 0);

	for (size_t len = 1; len <= HEADER; len++)
		assert_int_equal(send(e->peer, e->bytes, len, 0), len);
	assert_int_equal(send(e->peer, e->bytes, HEADER + 60, 0), HEADER + 60);
	world_settle(&e->world);
	assert_int_equal(e->port.counters.drops[DROP_RX_RUNT], HEADER);
	assert_int_equal(e->port.rx.frames, 1);
	stop(e);
}

static void giants_are_dropped_whole(void **state)
{
	struct end *e = start(IO_VNET, SOCK_SEQPACKET, 0);

	e->bytes[0] = 0;
	assert_int_equal(send(e->peer, e->bytes, HEADER + FRAME_MAX, 0),
			 HEADER + FRAME_MAX);
	assert_int_equal(
		sendmsg(e->peer,
			&(struct msghdr){
				.msg_iov =
					(struct iovec[]){
						{e->bytes, HEADER + FRAME_MAX},
						{e->bytes, 1}},
				.msg_iovlen = 2},
			0),
		HEADER + FRAME_MAX + 1);
	world_settle(&e->world);
	assert_int_equal(e->port.rx.frames, 1);
	assert_int_equal(e->port.counters.drops[DROP_RX_GIANT], 1);
	stop(e);
}

static void the_end_of_the_other_side_is_told(void **state)
{
	struct end *e = start(IO_VNET, SOCK_SEQPACKET, 0);

	assert_int_equal(send(e->peer, e->bytes, HEADER + 60, 0), HEADER + 60);
	(void)shutdown(e->peer, SHUT_RDWR);
	world_settle(&e->world);
	world_settle(&e->world);
	assert_int_equal(e->port.rx.frames, 1);
	assert_int_equal(e->gone, EPIPE);
	stop(e);
}

/* --- To those who do not --------------------------------------------- */

/* The next segment that the peer gets: right, and next in order. */
static void check_segment(struct end *e, const uint8_t *frame, size_t len)
{
	const uint8_t *tcp = frame + tcp_at(frame);

	assert_true(tcp_is_right(frame, len));
	assert_true(len <= 66 + SIZE);
	assert_int_equal(get32(tcp + 4), e->got);
	e->got += (uint32_t)(len - 66);
}

static void read_dgrams(struct end *e)
{
	ssize_t len;

	while ((len = recv(e->peer, e->bytes, sizeof(e->bytes), 0)) > 0)
		check_segment(e, e->bytes, (size_t)len);
	assert_int_equal(errno, EAGAIN);
}

static void read_stream(struct end *e)
{
	struct frame frames[FRAME_BURST];
	uint8_t *room;
	size_t size;
	ssize_t len;

	for (;;) {
		unsigned n = stream_in_take(&e->in, frames, FRAME_BURST);

		for (unsigned i = 0; i < n; i++)
			check_segment(e, frames[i].data, frames[i].len);
		if (n > 0)
			continue;
		room = stream_in_room(&e->in, &size);
		len = recv(e->peer, room, size, 0);
		if (len <= 0)
			break;
		stream_in_add(&e->in, (size_t)len);
	}
	assert_int_equal(errno, EAGAIN);
}

/* Of a peer that takes super-frames, but none of UDP. */
static void datagrams_are_cut_where_they_are_unknown(void **state)
{
	struct end *e = start(IO_VNET, SOCK_SEQPACKET, 0);
	struct tcp t = {.udp = true, .ttl = 64, .len = PAYLOAD};
	struct frame f = {.data = e->bytes, .len = tcp_build(&t, e->bytes)};
	struct wire wires[2];
	uint32_t got = 0;
	ssize_t len;

	f.off = (struct offload){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
				 .gso_type = OFFLOAD_GSO_UDP,
				 .gso_size = SIZE,
				 .csum_start = 34,
				 .csum_offset = 6};
	assert_true(offload_check(&f));
	wire_whole(&wires[0], &f);
	wire_whole(&wires[1], &f);
	counters_offered(&e->port.counters, 2 * SEGMENTS);
	io_send(e->io, wires, 2, NULL);
	assert_sums(&e->port.counters, io_held(e->io));
	assert_int_equal(e->port.counters.tx_frames, 2 * SEGMENTS);
	while ((len = recv(e->peer, e->bytes, sizeof(e->bytes), 0)) > 0) {
		for (unsigned i = 0; i < HEADER; i++)
			assert_int_equal(e->bytes[i], 0);
		assert_true(tcp_is_right(e->bytes + HEADER, len - HEADER));
		got += (uint32_t)len - HEADER - 42;
	}
	assert_int_equal(got, 2 * PAYLOAD);
	stop(e);
}

/* More than the peer takes is held, as so many wire frames, and follows. */
static void congested(enum io_kind kind, int type,
		      void (*peer_reads)(struct end *e))
{
	struct end *e = start(kind, type, 0);
	unsigned parts = 0;

	for (unsigned i = 0; i < 50; i++) {
		send_super(e);
		parts += io_held(e->io) % SEGMENTS != 0;
	}
	assert_true(io_held(e->io) > SEGMENTS);
	while (e->got < e->sent) {
		peer_reads(e);
		(void)uv_run(&e->world.loop, UV_RUN_NOWAIT);
		assert_sums(&e->port.counters, io_held(e->io));
		parts += io_held(e->io) % SEGMENTS != 0;
	}
	assert_int_equal(io_held(e->io), 0);
	assert_int_equal(e->port.counters.tx_frames, 50 * SEGMENTS);
	assert_int_equal(e->port.counters.tx_bytes,
			 50ul * (SEGMENTS * 66 + PAYLOAD));
	assert_true(parts > 0);
	stop(e);
}

static void super_frames_are_cut_for_datagrams(void **state)
{
	congested(IO_DGRAM, SOCK_DGRAM, read_dgrams);
}

static void super_frames_are_cut_for_streams(void **state)
{
	congested(IO_STREAM, SOCK_STREAM, read_stream);
}

/* A part of one is out and the rest is not: it is counted as what it is. */
static void the_rest_of_a_cut_frame_is_counted(void **state)
{
	struct end *e = start(IO_DGRAM, SOCK_DGRAM, PAYLOAD + 1000);
	const uint64_t *drops = e->port.counters.drops;

	for (unsigned i = 0; i < 50; i++)
		send_super(e);
	assert_true(drops[DROP_TX_HOLD_FULL] >= SEGMENTS);
	stop(e);
	e = start(IO_DGRAM, SOCK_DGRAM, 1);
	for (unsigned i = 0; i < 50; i++)
		send_super(e);
	assert_true(e->port.counters.drops[DROP_TX_HOLD_FULL] > 0);
	assert_int_equal(io_held(e->io), 0);
	stop(e);
}

static void what_was_held_is_counted_at_the_end(void **state)
{
	struct end *e = start(IO_DGRAM, SOCK_DGRAM, 0);

	for (unsigned i = 0; i < 50; i++)
		send_super(e);
	stop(e); /* asserts the sums */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_super_frame_passes_whole),
		cmocka_unit_test(wrong_claims_are_dropped_and_counted),
		cmocka_unit_test(messages_without_a_frame_are_runts),
		cmocka_unit_test(giants_are_dropped_whole),
		cmocka_unit_test(the_end_of_the_other_side_is_told),
		cmocka_unit_test(datagrams_are_cut_where_they_are_unknown),
		cmocka_unit_test(super_frames_are_cut_for_datagrams),
		cmocka_unit_test(super_frames_are_cut_for_streams),
		cmocka_unit_test(the_rest_of_a_cut_frame_is_counted),
		cmocka_unit_test(what_was_held_is_counted_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
