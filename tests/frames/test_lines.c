/* SPDX-License-Identifier: MIT */
/*
 * Bridges joined by lines (line.h), in rounds as the daemon makes them: what
 * goes in at one comes out at the others, is under way, or is counted.
 */
#include "tests/cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/core/line.h"
#include "switchd/core/offload.h"
#include "tests/frames/rig.h"

#define BRIDGES 3
#define HOST    0 /* the port that has a host behind it */
#define LEFT    1
#define RIGHT   2
#define PORTS   3

struct net;

/* A port of a bridge; a host's only counts. */
struct place {
	struct net *net;
	unsigned bridge;
	uint16_t port;
	struct counters counters;
	struct line out;
	bool down;
	struct place *far;
};

struct net {
	struct bridge *bridges[BRIDGES];
	struct place places[BRIDGES][PORTS];
	unsigned depth; /* of bridge_input() calls */
	uint64_t now;
};

static void send_on(void *ctx, const struct wire *wires, unsigned n,
		    uint64_t now)
{
	struct place *place = ctx;

	assert_int_equal(place->net->depth, 1);
	if (place->down)
		counters_drop(&place->counters, DROP_TX_LINK_DOWN,
			      offload_wires_frames(wires, n));
	else if (place->far)
		line_push(&place->out, wires, n, now, NULL);
	else
		counters_tx(&place->counters, offload_wires_frames(wires, n),
			    offload_wires_bytes(wires, n));
}

static void input(struct place *place, const struct frame *frames, unsigned n)
{
	place->net->depth++;
	bridge_input(place->net->bridges[place->bridge], place->port, frames, n,
		     place->net->now);
	place->net->depth--;
}

static void add_place(struct net *net, unsigned bridge, uint16_t port,
		      uint32_t mtu)
{
	struct place *place = &net->places[bridge][port];
	const struct bridge_port_conf conf = {.mtu = mtu};
	const struct impair_conf perfect = {.seed = 0};

	*place = (struct place){.net = net, .bridge = bridge, .port = port};
	line_init(&place->out, &perfect, HOLD_LIMIT_DEFAULT, &place->counters,
		  false);
	assert_true(bridge_port_add(net->bridges[bridge], port, &conf, send_on,
				    place, &place->counters));
}

static void join(struct place *a, struct place *b)
{
	a->far = b;
	b->far = a;
}

/* A row of bridges; closed, it is a ring. */
static void start(struct net *net, bool closed)
{
	const struct bridge_conf conf = {
		.fdb = {.limit = 64, .ageing = FDB_AGEING_DEFAULT}};

	*net = (struct net){.now = RIG_SECOND};
	for (unsigned i = 0; i < BRIDGES; i++) {
		net->bridges[i] = bridge_new(&conf);
		assert_non_null(net->bridges[i]);
		for (uint16_t port = 0; port < PORTS; port++)
			add_place(net, i, port, FRAME_MTU_MAX);
	}
	for (unsigned i = 0; i + 1 < BRIDGES; i++)
		join(&net->places[i][RIGHT], &net->places[i + 1][LEFT]);
	if (closed)
		join(&net->places[BRIDGES - 1][RIGHT], &net->places[0][LEFT]);
}

static void stop(struct net *net)
{
	for (unsigned i = 0; i < BRIDGES; i++) {
		for (uint16_t port = 0; port < PORTS; port++) {
			line_empty(&net->places[i][port].out, DROP_TX_CLOSED);
			bridge_port_remove(net->bridges[i], port);
		}
		bridge_free(net->bridges[i]);
	}
}

/* One burst of each line; returns how many frames that were. */
static unsigned go_round(struct net *net)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < BRIDGES * PORTS; i++) {
		struct place *from = &net->places[i / PORTS][i % PORTS];
		struct line_burst burst;
		unsigned n = line_take(&from->out, net->now, &burst);

		for (unsigned k = 0; k < n; k++)
			counters_tx(&from->counters, 1, burst.frames[k].len);
		if (n > 0)
			input(from->far, burst.frames, n);
		line_burst_done(&burst);
		sum += n;
	}
	return sum;
}

/* The sums of counters.h, and that what has left on a line has come in. */
static void check_sound(const struct net *net)
{
	for (unsigned i = 0; i < BRIDGES * PORTS; i++) {
		const struct place *p = &net->places[i / PORTS][i % PORTS];
		const struct counters *c = &p->counters;

		assert_int_equal(c->rx_frames,
				 c->rx_forwarded + rig_drops(c, true));
		assert_int_equal(c->tx_offered, c->tx_frames +
							p->out.queue.frames +
							rig_drops(c, false));
		if (!p->far)
			continue;
		assert_int_equal(c->tx_frames, p->far->counters.rx_frames);
		assert_int_equal(c->tx_bytes, p->far->counters.rx_bytes);
	}
}

/* A frame of 60 bytes from one host (1, 2 ...) to another; 0: to all. */
static void say(struct net *net, uint8_t from, uint8_t to, unsigned n)
{
	uint8_t data[60] = {2, 0, 0, 0, 0, to, 2, 0, 0, 0, 0, from};
	struct frame frames[FRAME_BURST];

	if (!to)
		memset(data, 0xff, 6);
	for (unsigned i = 0; i < n; i++)
		frames[i] = (struct frame){.data = data, .len = sizeof(data)};
	input(&net->places[from - 1][HOST], frames, n);
}

static uint64_t heard(const struct net *net, unsigned host)
{
	return net->places[host - 1][HOST].counters.tx_frames;
}

static void frames_cross_and_addresses_are_learned(void **state)
{
	struct net net;

	start(&net, false);
	say(&net, 1, 3, 1);
	assert_int_equal(go_round(&net) + go_round(&net), 2);
	assert_int_equal(heard(&net, 2), 1); /* flooded on the way */
	assert_int_equal(heard(&net, 3), 1);
	say(&net, 3, 1, FRAME_BURST);
	while (go_round(&net) > 0)
		;
	assert_int_equal(heard(&net, 1), FRAME_BURST);
	assert_int_equal(heard(&net, 2), 1);
	check_sound(&net);
	stop(&net);
}

static void a_storm_goes_round_and_is_counted(void **state)
{
	struct net net;

	start(&net, true);
	say(&net, 1, 0, 2);
	for (int i = 0; i < 1000; i++) {
		assert_true(go_round(&net) > 0);
		check_sound(&net);
	}
	assert_true(heard(&net, 2) > 1000);
	net.places[0][RIGHT].down = true;
	net.places[0][LEFT].down = true;
	for (int i = 0; i < 4; i++)
		(void)go_round(&net);
	assert_int_equal(go_round(&net), 0);
	check_sound(&net);
	assert_true(rig_drops(&net.places[0][RIGHT].counters, false) > 0);
	stop(&net);
}

/* With little room, what one bridge cannot hand over is counted there. */
static void a_full_line_is_no_hole(void **state)
{
	struct net net;

	start(&net, false);
	net.places[1][RIGHT].out.queue.limit = 10 * 100;
	for (int i = 0; i < 20; i++) {
		say(&net, 1, 3, FRAME_BURST);
		(void)go_round(&net);
		check_sound(&net);
	}
	while (go_round(&net) > 0)
		;
	check_sound(&net);
	assert_int_equal(
		heard(&net, 3) +
			net.places[1][RIGHT].counters.drops[DROP_TX_HOLD_FULL],
		20 * FRAME_BURST);
	assert_true(heard(&net, 3) < 20 * FRAME_BURST);
	stop(&net);
}

/* Whatever happens on the cables, nothing is unaccounted for, at any time. */
static void bad_cables_account_for_all(void **state)
{
	const struct impair_conf bad = {.delay_ns = 3000000,
					.jitter_ns = 2000000,
					.loss = 100000,
					.loss_run = 3,
					.duplicate = 50000,
					.reorder = 100000,
					.corrupt = 100000,
					.rate_bps = 20000000,
					.burst = 2000};
	struct net net;

	start(&net, false);
	for (unsigned i = 0; i < BRIDGES * PORTS; i++) {
		struct impair_conf conf = bad;

		conf.seed = i * IMPAIR_DRAW_COUNT;
		line_set(&net.places[i / PORTS][i % PORTS].out, &conf, 100000,
			 net.now);
	}
	for (unsigned i = 0; i < 2000; i++) {
		say(&net, (uint8_t)(i % 3 + 1), (uint8_t)(i % 4), i % 7 + 1);
		net.now += 100000;
		(void)go_round(&net);
		check_sound(&net);
	}
	for (int i = 0; i < 100; i++) {
		net.now += RIG_SECOND;
		(void)go_round(&net);
		check_sound(&net);
	}
	for (unsigned i = 0; i < BRIDGES; i++)
		assert_int_equal(net.places[i][LEFT].out.queue.frames +
					 net.places[i][RIGHT].out.queue.frames,
				 0);
	assert_true(heard(&net, 3) > 500);
	assert_true(net.places[1][LEFT].out.counts.lost > 50);
	assert_true(net.places[1][LEFT].out.counts.duplicated > 20);
	stop(&net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_cross_and_addresses_are_learned),
		cmocka_unit_test(a_storm_goes_round_and_is_counted),
		cmocka_unit_test(a_full_line_is_no_hole),
		cmocka_unit_test(bad_cables_account_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
