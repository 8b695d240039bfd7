/* SPDX-License-Identifier: MIT */
/* What io_send() and clients_send() say of each frame. */
#include "tests/unit/plugs/world.h"

#include <sys/socket.h>

#include "plugs/clients.h"

#define ROOM ((size_t)8 << 10)

static void on_gone(void *ctx, int errnum)
{
}

static void on_rx(void *ctx, const struct frame *frames, unsigned n,
		  uint64_t now)
{
}

static const struct io_callbacks callbacks = {.rx = on_rx, .gone = on_gone};

/* A burst of frames of 1000 bytes, whose fates are still open. */
struct burst {
	uint8_t bytes[1000];
	struct wire wires[FRAME_BURST];
	enum drop fates[FRAME_BURST];
};

static void burst_init(struct burst *b)
{
	const struct frame f = {.data = b->bytes, .len = sizeof(b->bytes)};

	memset(b->bytes, 0, sizeof(b->bytes));
	for (unsigned i = 0; i < FRAME_BURST; i++)
		wire_whole(&b->wires[i], &f);
	io_fates(b->fates, FRAME_BURST, DROP_COUNT);
}

static unsigned count_fates(const struct burst *b, enum drop fate)
{
	unsigned n = 0;

	for (unsigned i = 0; i < FRAME_BURST; i++)
		n += b->fates[i] == fate;
	return n;
}

/* Returns the peer. */
static int connect_io(struct world *w, struct counters *counters,
		      struct io **io)
{
	const struct io_user user = {.callbacks = &callbacks,
				     .counters = counters,
				     .hold_limit = ROOM};
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX,
				    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
				    0, fds),
			 0);
	*io = io_add(w->env.io, fds[0], IO_DGRAM, &user, NULL);
	assert_non_null(*io);
	return fds[1];
}

static void send_burst(struct io *io, struct counters *c, struct burst *b)
{
	burst_init(b);
	counters_offered(c, FRAME_BURST);
	io_send(io, b->wires, FRAME_BURST, b->fates);
}

/* The first go, some are held, and those beyond are refused. */
static void a_full_ring_refuses_the_newest(void **state)
{
	struct counters c = {.parent = NULL};
	struct burst b;
	struct world w;
	struct io *io;
	int peer;

	world_init(&w);
	peer = connect_io(&w, &c, &io);
	do
		send_burst(io, &c, &b);
	while (c.drops[DROP_TX_HOLD_FULL] == 0);
	assert_int_equal(count_fates(&b, DROP_TX_HOLD_FULL),
			 c.drops[DROP_TX_HOLD_FULL]);
	assert_int_equal(count_fates(&b, DROP_COUNT) +
				 count_fates(&b, DROP_TX_HOLD_FULL),
			 FRAME_BURST);
	assert_int_equal(b.fates[FRAME_BURST - 1], DROP_TX_HOLD_FULL);
	send_burst(io, &c, &b);
	assert_int_equal(count_fates(&b, DROP_TX_HOLD_FULL), FRAME_BURST);
	io_remove(io);
	(void)close(peer);
	world_done(&w);
}

static void nobody_there_refuses_all(void **state)
{
	struct counters c = {.parent = NULL};
	struct burst b;
	struct world w;
	struct io *io;

	world_init(&w);
	(void)close(connect_io(&w, &c, &io));
	send_burst(io, &c, &b);
	assert_int_equal(count_fates(&b, DROP_TX_REFUSED) +
				 count_fates(&b, DROP_TX_DOWN),
			 FRAME_BURST);
	assert_int_equal(count_fates(&b, DROP_TX_REFUSED),
			 c.drops[DROP_TX_REFUSED]);
	io_remove(io);
	world_done(&w);
}

/* One client is slow: what the other got has been sent. */
static void one_of_several_is_enough(void **state)
{
	struct counters c = {.parent = NULL};
	struct plug plug = {.counters = &c};
	struct client slow = {.plug = &plug, .counters.parent = &c};
	struct client quick = {.plug = &plug, .counters.parent = &c};
	struct clients clients = TAILQ_HEAD_INITIALIZER(clients);
	struct burst b;
	struct world w;
	int peers[2];

	world_init(&w);
	burst_init(&b);
	clients_send(&clients, &plug, b.wires, FRAME_BURST, b.fates);
	assert_int_equal(count_fates(&b, DROP_TX_NO_CLIENT), FRAME_BURST);
	peers[0] = connect_io(&w, &slow.counters, &slow.io);
	peers[1] = connect_io(&w, &quick.counters, &quick.io);
	do
		send_burst(slow.io, &slow.counters, &b);
	while (slow.counters.drops[DROP_TX_HOLD_FULL] == 0);
	TAILQ_INSERT_TAIL(&clients, &slow, entry);
	TAILQ_INSERT_TAIL(&clients, &quick, entry);
	burst_init(&b);
	clients_send(&clients, &plug, b.wires, 1, b.fates);
	assert_int_equal(b.fates[0], DROP_COUNT);
	assert_int_equal(quick.counters.tx_frames, 1);
	TAILQ_REMOVE(&clients, &quick, entry);
	clients_send(&clients, &plug, b.wires, 1, b.fates);
	assert_int_equal(b.fates[0], DROP_TX_HOLD_FULL);
	for (int i = 0; i < 2; i++)
		(void)close(peers[i]);
	io_remove(slow.io);
	io_remove(quick.io);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_ring_refuses_the_newest),
		cmocka_unit_test(nobody_there_refuses_all),
		cmocka_unit_test(one_of_several_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
