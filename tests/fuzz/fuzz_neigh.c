/* SPDX-License-Identifier: MIT */
/*
 * fuzz_neigh: frames to the code that answers ARP, NDP and echo requests.
 *
 * The input is a row of frames, each behind two bytes of its length; the first
 * of those has 0x80 set if the checksums are to be made right. Whatever comes:
 * an answer is whole, from our MAC and one of our addresses, with right
 * checksums, not longer than the question but for an option; and none of our
 * addresses is ever known to be a guest's.
 *
 * The corpus was written by tests/fuzz/corpus_nat.py.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "plugs/nat/neigh.h"
#include "plugs/nat/packet.h"
#include "switchd/core/inet.h"
#include "tests/fuzz/fuzz.h"

static struct net net4(uint8_t last, uint8_t bits)
{
	return (struct net){
		.family = AF_INET, .bits = bits, .addr = {10, 0, 2, last}};
}

static struct net net6(uint8_t first, uint8_t second, uint8_t last)
{
	return (struct net){.family = AF_INET6,
			    .bits = last ? 128 : 64,
			    .addr = {first, second, [15] = last}};
}

static void check_answer(const struct nat_conf *conf, const uint8_t *out,
			 size_t len)
{
	struct frame f = {.data = out, .len = (uint32_t)len};
	struct mac mac = nat_mac(conf);
	struct packet p;

	assert(len <= NEIGH_FRAME_MAX && packet_parse(&f, &p) && p.end == len);
	assert(memcmp(frame_src(&f), &mac, 6) == 0);
	if (p.type == PACKET_TYPE_ARP) {
		assert(len == 42 && memcmp(out + 22, &mac, 6) == 0);
		assert(out[31] == 2 || out[31] == 3);
		return;
	}
	assert(!p.fragment && packet_l4_checksum(&f, &p) == 0);
	if (p.type == PACKET_TYPE_IPV4)
		assert(inet_fold(inet_sum(out + FRAME_HEADER, 20)) == 0xffff &&
		       (p.src.addr[3] == 2 || p.src.addr[3] == 3));
	else
		assert(p.src.addr[15] == 2 || p.src.addr[15] == 3);
}

static void check_ours(const struct neigh *neigh)
{
	const struct net ours[] = {net4(0, 32),         net4(2, 32),
				   net4(3, 32),         net4(255, 32),
				   net6(0xfd, 0, 2),    net6(0xfd, 0, 3),
				   net6(0xfe, 0x80, 2), net6(0xfe, 0x80, 3)};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		assert(!neigh_find(neigh, &ours[i]));
}

static void mend(uint8_t *data, const struct frame *f)
{
	struct packet p;
	uint32_t at;

	if (!packet_parse(f, &p) || !p.src.family || p.fragment ||
	    (p.protocol != PACKET_ICMP && p.protocol != PACKET_ICMP6))
		return;
	at = p.l4 + 2;
	if (at + 2 > p.end)
		return;
	put16(data + at, 0);
	put16(data + at, packet_l4_checksum(f, &p));
}

static void input(struct neigh *neigh, const struct nat_conf *conf,
		  const uint8_t *data, uint32_t len, bool right)
{
	static uint8_t out[NEIGH_FRAME_MAX];
	/* A copy of just that size lets ASan see a read beyond it. */
	uint8_t *copy = malloc(len);
	struct frame f = {.data = copy, .len = len};
	size_t answer;

	assert(copy);
	memcpy(copy, data, len);
	if (right)
		mend(copy, &f);
	if (neigh_input(neigh, &f, out, &answer) && answer) {
		assert(answer <= len + 8);
		check_answer(conf, out, answer);
	} else {
		assert(answer == 0);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nat_conf conf = {
		.net = net4(0, 24),
		.gateway = net4(2, 32),
		.dns = net4(3, 32),
		.net6 = net6(0xfd, 0, 0),
		.gateway6 = net6(0xfd, 0, 2),
		.dns6 = net6(0xfd, 0, 3),
		.mtu = 1500,
	};
	struct neigh *neigh = neigh_new(&conf);

	assert(neigh);
	while (size > 2) {
		uint32_t len = get16(data) & 0x7fff;
		bool right = data[0] & 0x80;

		data += 2;
		size -= 2;
		if (len > size)
			len = (uint32_t)size;
		if (len >= FRAME_HEADER)
			input(neigh, &conf, data, len, right);
		data += len;
		size -= len;
	}
	check_ours(neigh);
	neigh_free(neigh);
	return 0;
}
