/* SPDX-License-Identifier: MIT */
/*
 * bridge_cost: what the bridge itself costs a frame, without any system call,
 * by how many addresses it knows.
 *
 *	bridge_cost [SECONDS]
 *
 * Stations are behind port 1, a peer is behind port 2; bursts of 64 frames go
 * from random stations to the peer (learn: sources are heard anew), and from
 * the peer to random stations (look up). Prints nanoseconds a frame and the
 * ratio to one station; a frame that does not arrive at the one right port
 * ends it.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "switchd/core/bridge.h"

#define FRAME_LEN 60
#define STATIONS  1 /* their port */
#define PEER      2
#define PORTS     3 /* the third is where floods would show */

struct rig {
	struct bridge *bridge;
	struct counters counters[PORTS + 1];
	uint8_t bytes[FRAME_BURST][FRAME_LEN];
	struct frame frames[FRAME_BURST];
	uint32_t stations;
	uint64_t random;
	uint64_t now; /* as the bridge is told */
};

static double now_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void take(void *ctx, const struct wire *wires, unsigned n, uint64_t now)
{
	struct counters *counters = ctx;

	counters_tx(counters, n, (uint64_t)n * FRAME_LEN);
}

static struct rig *rig_new(uint32_t stations)
{
	const struct bridge_conf conf = {
		.fdb = {.limit = 131072, .key = {0x0123456789abcdef, 42}}};
	const struct bridge_port_conf port = {.mtu = 1500};
	struct rig *rig = calloc(1, sizeof(*rig));

	if (!rig || !(rig->bridge = bridge_new(&conf)))
		abort();
	for (uint16_t i = 1; i <= PORTS; i++)
		if (!bridge_port_add(rig->bridge, i, &port, take,
				     &rig->counters[i], &rig->counters[i]))
			abort();
	for (int i = 0; i < FRAME_BURST; i++) {
		rig->bytes[i][12] = 0x88; /* IEEE local experimental 0x88b5 */
		rig->bytes[i][13] = 0xb5;
		rig->frames[i] =
			(struct frame){.data = rig->bytes[i], .len = FRAME_LEN};
	}
	rig->stations = stations;
	rig->random = 88172645463325252;
	return rig;
}

static void rig_free(struct rig *rig)
{
	for (uint16_t i = 1; i <= PORTS; i++)
		bridge_port_remove(rig->bridge, i);
	bridge_free(rig->bridge);
	free(rig);
}

/* 02:00 and a number: the peer's is 0. */
static void put_mac(uint8_t mac[6], uint32_t number)
{
	mac[0] = 2;
	mac[1] = 0;
	memcpy(mac + 2, &number, sizeof(number));
}

/* Marsaglia's xorshift64. */
static uint32_t any_station(struct rig *rig)
{
	rig->random ^= rig->random << 13;
	rig->random ^= rig->random >> 7;
	rig->random ^= rig->random << 17;
	return 1 + (uint32_t)((rig->random >> 32) % rig->stations);
}

static void burst_from_stations(struct rig *rig)
{
	for (int i = 0; i < FRAME_BURST; i++) {
		put_mac(rig->bytes[i], 0);
		put_mac(rig->bytes[i] + 6, any_station(rig));
	}
	rig->now += 20000;
	bridge_input(rig->bridge, STATIONS, rig->frames, FRAME_BURST, rig->now);
}

static void burst_to_stations(struct rig *rig)
{
	for (int i = 0; i < FRAME_BURST; i++) {
		put_mac(rig->bytes[i], any_station(rig));
		put_mac(rig->bytes[i] + 6, 0);
	}
	rig->now += 20000;
	bridge_input(rig->bridge, PEER, rig->frames, FRAME_BURST, rig->now);
}

/* Every address once, the peer's first. */
static void learn_all(struct rig *rig)
{
	put_mac(rig->bytes[0], 1);
	put_mac(rig->bytes[0] + 6, 0);
	bridge_input(rig->bridge, PEER, rig->frames, 1, rig->now);
	for (uint32_t i = 1; i <= rig->stations; i++) {
		put_mac(rig->bytes[0], 0);
		put_mac(rig->bytes[0] + 6, i);
		bridge_input(rig->bridge, STATIONS, rig->frames, 1, rig->now);
	}
	memset(rig->counters, 0, sizeof(rig->counters));
}

/* Nanoseconds a frame. */
static double measure(struct rig *rig, void (*burst)(struct rig *), uint16_t to,
		      double seconds)
{
	double begin = now_s(), end = begin;
	uint64_t frames = 0;

	memset(rig->counters, 0, sizeof(rig->counters));
	while (end - begin < seconds) {
		for (int i = 0; i < 64; i++, frames += FRAME_BURST)
			burst(rig);
		end = now_s();
	}
	if (rig->counters[to].tx_frames != frames ||
	    rig->counters[PORTS].tx_frames > 0) {
		fprintf(stderr, "bridge_cost: frames went astray\n");
		exit(1);
	}
	return (end - begin) / (double)frames * 1e9;
}

int main(int argc, char **argv)
{
	static const uint32_t stations[] = {1, 1024, 65536};
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 1;
	double learn_one = 0, look_one = 0;

	printf("stations  learn ns  ratio  look up ns  ratio\n");
	for (int i = 0; i < 3; i++) {
		struct rig *rig = rig_new(stations[i]);
		double learn, look;

		learn_all(rig);
		learn = measure(rig, burst_from_stations, PEER, seconds);
		look = measure(rig, burst_to_stations, STATIONS, seconds);
		learn_one = i == 0 ? learn : learn_one;
		look_one = i == 0 ? look : look_one;
		printf("%8u  %8.1f  %5.2f  %10.1f  %5.2f\n", stations[i], learn,
		       learn / learn_one, look, look / look_one);
		rig_free(rig);
	}
	return 0;
}
