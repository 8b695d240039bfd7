/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include "plugs/nat/child/frag.h"
#include "tests/unit/nat/guest_frames.h"

#define SIZE 66000

/* Cuts a datagram, and puts it together again as its receiver would. */
static void check(const char *src, const char *dst, uint32_t len, uint32_t mtu)
{
	static uint8_t whole[SIZE];
	static uint8_t again[SIZE];
	struct segment s = {.src = src, .dst = dst, .len = len};
	uint32_t size = make_udp(&s, false, whole, sizeof(whole));
	bool is_v4 = net_of(src).family == AF_INET;
	uint32_t expected = 0;
	uint32_t at = 0;
	struct packet p;

	assert_true(is_right(whole, size, &p));
	do {
		uint8_t frame[SIZE];
		struct frag frag;
		struct packet part;
		uint32_t next = frag_make(whole, &p, mtu, at, 77, &frag);
		uint32_t total = frag.headers_len + frag.payload_len;
		uint16_t field;

		memcpy(frame, frag.headers, frag.headers_len);
		memcpy(frame + frag.headers_len, frag.payload,
		       frag.payload_len);
		assert_true(total - FRAME_HEADER <= mtu);
		assert_true(packet_parse(
			&(struct frame){.data = frame, .len = total}, &part));
		assert_true(part.fragment);
		assert_memory_equal(&part.dst, &p.dst, sizeof(p.dst));
		if (is_v4) {
			field = get16(frame + 20);
			assert_int_equal((field & 0x1fff) * 8, expected);
			assert_int_equal(!!(field & 0x2000), next != 0);
			assert_int_equal(inet_fold(inet_sum(frame + 14, 20)),
					 0xffff);
			assert_memory_equal(frame + 18, whole + 18, 2);
		} else {
			field = get16(frame + 56);
			assert_int_equal(field & 0xfff8, expected);
			assert_int_equal(field & 1, next != 0);
			assert_int_equal(get32(frame + 58), 77);
			assert_int_equal(frame[54], IPPROTO_UDP);
		}
		memcpy(again + expected, frag.payload, frag.payload_len);
		expected += frag.payload_len;
		assert_true(next == 0 || next == expected);
		at = next;
	} while (at);
	assert_int_equal(expected, p.end - p.l4);
	assert_memory_equal(again, whole + p.l4, expected);
}

static void parts_make_the_whole(void **state)
{
	for (uint32_t len = 1473; len < 1500; len++)
		check("192.0.2.1", "10.0.2.15", len, 1500);
	check("192.0.2.1", "10.0.2.15", 65507, 1500);
	check("192.0.2.1", "10.0.2.15", 1400, 68);
	for (uint32_t len = 1453; len < 1480; len++)
		check("2001:db8::1", "fd00::f", len, 1500);
	check("2001:db8::1", "fd00::f", 65400, 1280);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_make_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
