/* SPDX-License-Identifier: MIT */
/*
 * fuzz_dhcp: what clients send to the DHCP server, time passing.
 *
 * The input is a row of requests: one byte of length in units of 4, one of the
 * time since the one before, in minutes, and that many bytes of the message
 * that begins behind the cookie with a client's number, its ciaddr's and its
 * flags' byte, then options. The head is made whole here, so that inputs get
 * past it; one of length 0 is followed by a frame as it is, to the end.
 *
 * Whatever comes: an answer is a whole UDP datagram with right checksums, of
 * bounded size, offers and acknowledges only addresses that a guest may have,
 * no address is bound to two, and a table that is told all changes has the same
 * bound leases as the server.
 *
 * The corpus was written by tests/fuzz/corpus_nat.py.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "plugs/nat/dhcp.h"
#include "plugs/nat/dhcp_parse.h"
#include "plugs/nat/packet.h"
#include "switchd/core/inet.h"
#include "tests/fuzz/fuzz.h"

#define MINUTE UINT64_C(60000000000)

struct run {
	struct nat_conf conf;
	struct dhcp dhcp;
	struct leases *told;
	uint64_t now;
};

static struct net net4(uint8_t last, uint8_t bits)
{
	return (struct net){
		.family = AF_INET, .bits = bits, .addr = {10, 0, 2, last}};
}

static void changed(void *ctx, const struct lease *lease)
{
	struct run *run = ctx;

	assert(leases_put(run->told, lease));
}

static void check_answer(const uint8_t *out, size_t len)
{
	struct frame f = {.data = out, .len = (uint32_t)len};
	struct packet p;
	const uint8_t *yiaddr = out + 42 + DHCP_AT_YIADDR;

	assert(len >= 42 + 300 && len <= DHCP_FRAME_MAX);
	assert(packet_parse(&f, &p) && p.protocol == PACKET_UDP);
	assert(p.end == len && p.dst_port == DHCP_CLIENT_PORT);
	assert(packet_l4_checksum(&f, &p) == 0);
	assert(get32(yiaddr) == 0 ||
	       (memcmp(yiaddr, (uint8_t[]){10, 0, 2}, 3) == 0 &&
		yiaddr[3] >= 15 && yiaddr[3] <= 40));
}

static void check_tables(const struct run *run)
{
	const struct lease *before = NULL;
	const struct lease *a;

	for (size_t i = 0; (a = leases_at(run->dhcp.leases, i, run->now));
	     i++) {
		const struct lease *b = leases_at(run->told, i, run->now);

		assert(b && memcmp(a->addr, b->addr, 4) == 0);
		assert(memcmp(&a->mac, &b->mac, 6) == 0);
		assert(strcmp(a->name, b->name) == 0);
		assert(a->expires == b->expires);
		assert(!before || memcmp(before->addr, a->addr, 4) < 0);
		assert(leases_by_mac(run->dhcp.leases, &a->mac, run->now) == a);
		assert(!a->name[0] || leases_by_name(run->dhcp.leases, a->name,
						     run->now) == a);
		before = a;
	}
}

static void input(struct run *run, const uint8_t *data, size_t len)
{
	/* A copy of just that size lets ASan see a read beyond it. */
	uint8_t *copy = malloc(len ? len : 1);
	uint8_t out[DHCP_FRAME_MAX];
	struct frame f = {.data = copy, .len = (uint32_t)len};
	size_t answer = 0;

	assert(copy);
	if (len)
		memcpy(copy, data, len);
	if (dhcp_is_request(&f))
		answer = dhcp_input(&run->dhcp, &f, run->now, out);
	free(copy);
	if (answer)
		check_answer(out, answer);
	check_tables(run);
}

/* The message around what the input says of it. */
static void request(struct run *run, const uint8_t *data, size_t len)
{
	uint8_t message[DHCP_HEADER + 1020] = {1, 1, 6};
	uint8_t frame[sizeof(message) + 64];
	struct packet_ends ends = {
		.src = net4(data[0], 32),
		.dst = {.family = AF_INET,
			.bits = 32,
			.addr = {255, 255, 255, 255}},
		.src_port = DHCP_CLIENT_PORT,
		.dst_port = DHCP_SERVER_PORT,
	};

	message[DHCP_AT_FLAGS] = data[2];
	if (data[1])
		memcpy(message + DHCP_AT_CIADDR, (uint8_t[]){10, 0, 2, data[1]},
		       4);
	message[DHCP_AT_CHADDR] = 2;
	message[DHCP_AT_CHADDR + 5] = data[0];
	put32(message + DHCP_AT_COOKIE, DHCP_COOKIE);
	memcpy(message + DHCP_HEADER, data + 3, len - 3);
	input(run, frame,
	      packet_udp(&ends, message, DHCP_HEADER + len - 3, frame,
			 sizeof(frame)));
}

static void run_all(struct run *run, const uint8_t *data, size_t size)
{
	while (size >= 2) {
		size_t len = (size_t)data[0] * 4;

		run->now += data[1] * MINUTE;
		data += 2;
		size -= 2;
		if (len == 0) {
			input(run, data, size);
			return;
		}
		if (len > size)
			len = size;
		if (len < 3)
			return;
		request(run, data, len);
		data += len;
		size -= len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run run = {
		.conf = {.net = net4(0, 24),
			 .gateway = net4(2, 32),
			 .dns = net4(16, 32), /* inside of the pool */
			 .pool_first = net4(15, 32),
			 .pool_last = net4(20, 32),
			 .lease_ns = 60 * MINUTE,
			 .domain = "lab.example",
			 .mtu = 1500,
			 .hosts = {{.name = "web",
				    .mac = {{2, 0, 0, 0, 0, 9}},
				    .addr = net4(40, 32)}}},
		.dhcp = {.changed = changed},
	};

	run.dhcp.conf = &run.conf;
	run.dhcp.ctx = &run;
	run.dhcp.leases = leases_new(&run.conf);
	run.told = leases_new(&run.conf);
	assert(run.dhcp.leases && run.told);
	run_all(&run, data, size);
	leases_free(run.dhcp.leases);
	leases_free(run.told);
	return 0;
}
