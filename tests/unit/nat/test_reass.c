/* SPDX-License-Identifier: MIT */
#include "tests/unit/nat/nat_conf.h"

#include "plugs/nat/child/frag.h"
#include "plugs/nat/child/reass.h"
#include "tests/unit/nat/guest_frames.h"

#define PARTS_MAX 64

/* A datagram, and its fragments as frames. */
static uint8_t whole[66000];
static uint32_t whole_len;
static struct {
	uint8_t data[1600];
	uint32_t len;
} parts[PARTS_MAX];
static unsigned part_count;

static void cut(const char *src, const char *dst, uint32_t len, uint32_t id)
{
	struct segment s = {.src = src, .dst = dst, .len = len};
	struct packet p;
	uint32_t at = 0;

	whole_len = make_udp(&s, true, whole, sizeof(whole));
	put16(whole + FRAME_HEADER + 6, 0); /* no DF */
	if (net_of(src).family == AF_INET) {
		put16(whole + FRAME_HEADER + 4, (uint16_t)id);
		put16(whole + FRAME_HEADER + 10, 0);
		put16(whole + FRAME_HEADER + 10,
		      inet_ip4_checksum(whole + FRAME_HEADER));
	} else {
		whole[FRAME_HEADER + 6] = IPPROTO_UDP;
		whole[FRAME_HEADER + 7] = 64;
	}
	assert_true(is_right(whole, whole_len, &p));
	part_count = 0;
	do {
		struct frag f;

		assert_true(part_count < PARTS_MAX);
		at = frag_make(whole, &p, 1500, at, id, &f);
		memcpy(parts[part_count].data, f.headers, f.headers_len);
		memcpy(parts[part_count].data + f.headers_len, f.payload,
		       f.payload_len);
		parts[part_count++].len = f.headers_len + f.payload_len;
	} while (at);
}

static uint8_t *give(struct reass *r, const uint8_t *data, uint32_t len,
		     uint64_t now, uint32_t *out)
{
	struct frame f = {.data = data, .len = len};
	struct packet p;

	assert_true(packet_parse(&f, &p));
	return reass_input(r, &f, &p, now, out);
}

/* Gives fragment i; true: that completed the datagram. */
static bool add(struct reass *r, unsigned i, uint64_t now)
{
	uint32_t len;
	uint8_t *data = give(r, parts[i].data, parts[i].len, now, &len);

	if (!data)
		return false;
	assert_int_equal(len, whole_len);
	assert_memory_equal(data, whole, whole_len);
	return true;
}

static const char *const ends[][2] = {{"10.0.2.15", "192.0.2.1"},
				      {"fd00::f", "2001:db8::1"}};

static int start(void **state)
{
	*state = reass_new();
	return *state ? 0 : -1;
}

static int stop(void **state)
{
	reass_free(*state);
	return 0;
}

static void any_order_makes_the_whole(void **state)
{
	for (int i = 0; i < 2; i++) {
		cut(ends[i][0], ends[i][1], 5000, 7);
		assert_int_equal(part_count, 4);
		for (unsigned k = 0; k < 4; k++)
			assert_int_equal(add(*state, k, 1), k == 3);
		for (unsigned k = 4; k-- > 0;)
			assert_int_equal(add(*state, k, 1), k == 0);
		cut(ends[i][0], ends[i][1], i ? 65400 : 65507, 8);
		for (unsigned k = 0; k < part_count; k++)
			assert_int_equal(add(*state, k, 1),
					 k + 1 == part_count);
	}
}

static void one_that_comes_twice_is_no_harm(void **state)
{
	cut(ends[0][0], ends[0][1], 5000, 7);
	assert_false(add(*state, 0, 1));
	assert_false(add(*state, 0, 1));
	assert_false(add(*state, 1, 1));
	assert_false(add(*state, 1, 1));
	assert_false(add(*state, 3, 1));
	assert_false(add(*state, 3, 1));
	assert_true(add(*state, 2, 1));
}

static void overlap_spoils_the_packet(void **state)
{
	uint32_t len;

	for (int i = 0; i < 2; i++) {
		uint8_t shifted[1600];
		uint8_t *field;

		cut(ends[i][0], ends[i][1], 5000, 7);
		assert_false(add(*state, 0, 1));
		assert_false(add(*state, 1, 1));
		memcpy(shifted, parts[1].data, parts[1].len);
		field = shifted + FRAME_HEADER + (i ? 42 : 6);
		put16(field, (uint16_t)(get16(field) + (i ? 8 : 1)));
		assert_null(give(*state, shifted, parts[1].len, 1, &len));
		assert_false(add(*state, 2, 1));
		assert_false(add(*state, 3, 1));
	}
}

/* A last one that ends before another does, or a second last one. */
static void the_end_is_the_end(void **state)
{
	uint8_t early[1600];
	uint32_t len;

	cut(ends[0][0], ends[0][1], 5000, 7);
	assert_false(add(*state, 3, 1));
	memcpy(early, parts[2].data, parts[2].len);
	early[FRAME_HEADER + 6] &= 0x1f; /* no more fragments */
	assert_null(give(*state, early, parts[2].len, 1, &len));
	assert_false(add(*state, 0, 1));
	assert_false(add(*state, 1, 1));
	assert_false(add(*state, 2, 1));
}

static void beyond_the_longest_packet_is_nothing(void **state)
{
	uint32_t len;

	cut(ends[0][0], ends[0][1], 5000, 7);
	put16(parts[3].data + FRAME_HEADER + 6, 0x1fff);
	assert_null(give(*state, parts[3].data, parts[3].len, 1, &len));
}

static void the_first_begun_makes_place(void **state)
{
	cut(ends[0][0], ends[0][1], 2000, 1);
	assert_false(add(*state, 0, 1));
	for (uint32_t id = 2; id < 2 + REASS_PACKETS; id++) {
		cut(ends[0][0], ends[0][1], 2000, id);
		assert_false(add(*state, 0, 1));
	}
	assert_true(add(*state, 1, 1));
	cut(ends[0][0], ends[0][1], 2000, 1);
	assert_false(add(*state, 1, 1));
}

static void too_late_is_another(void **state)
{
	cut(ends[0][0], ends[0][1], 2000, 1);
	assert_false(add(*state, 0, SECOND));
	assert_false(add(*state, 1, 32 * SECOND));
	assert_true(add(*state, 0, 33 * SECOND));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(any_order_makes_the_whole),
		CASE(one_that_comes_twice_is_no_harm),
		CASE(overlap_spoils_the_packet),
		CASE(the_end_is_the_end),
		CASE(beyond_the_longest_packet_is_nothing),
		CASE(the_first_begun_makes_place),
		CASE(too_late_is_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
