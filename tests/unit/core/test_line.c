/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/core/line.h"
#include "switchd/core/offload.h"
#include "tests/frames/tcp.h"

#define MS    1000000ull
#define LIMIT ((size_t)1 << 20)

/* --- Putting in and taking out ------------------------------------------ */

/* A frame of len bytes whose fifteenth is its number. */
static void put(struct line *l, uint8_t number, uint32_t len, uint64_t now)
{
	static uint8_t data[2000];
	struct frame f = {.data = data, .len = len};
	struct wire w;

	data[14] = number;
	wire_whole(&w, &f);
	counters_offered(l->counters, 1);
	line_push(l, &w, 1, now, NULL);
}

/* All that has come out by now, as text: "123". */
static const char *take(struct line *l, uint64_t now)
{
	static char text[FRAME_BURST + 1];
	struct line_burst burst;
	unsigned n = line_take(l, now, &burst);

	for (unsigned i = 0; i < n; i++) {
		text[i] = (char)('0' + burst.frames[i].data[14]);
		counters_tx(l->counters, 1, burst.frames[i].len);
	}
	text[n] = '\0';
	line_burst_done(&burst);
	return text;
}

/* How many frames are left in it; now they are gone. */
static uint64_t left(struct line *l)
{
	enum drop why = l->ingress ? DROP_RX_DOWN : DROP_TX_CLOSED;
	uint64_t before = l->counters->drops[why];
	size_t frames = l->queue.frames;

	line_empty(l, why);
	assert_int_equal(l->counters->drops[why], before + frames);
	return frames;
}

static uint64_t all_drops(const struct counters *c)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < DROP_COUNT; i++)
		sum += c->drops[i];
	return sum;
}

static void nothing_is_unaccounted(const struct line *l)
{
	const struct counters *c = l->counters;

	assert_int_equal(c->tx_offered,
			 c->tx_frames + l->queue.frames + all_drops(c));
}

/* --- Time and order ----------------------------------------------------- */

static void a_perfect_line_gives_all_back(void **state)
{
	struct impair_conf conf = {.seed = 1};
	struct counters c = {.parent = NULL};
	struct line l;

	line_init(&l, &conf, LIMIT, &c, false);
	assert_int_equal(line_next(&l), UINT64_MAX);
	for (uint8_t i = 1; i <= 3; i++)
		put(&l, i, 60, 100);
	assert_true(line_next(&l) <= 100);
	assert_string_equal(take(&l, 100), "123");
	assert_string_equal(take(&l, 100), "");
	nothing_is_unaccounted(&l);
	assert_int_equal(left(&l), 0);
}

static void frames_come_out_when_due(void **state)
{
	struct impair_conf conf = {.delay_ns = 50 * MS};
	struct counters c = {.parent = NULL};
	struct line l;

	line_init(&l, &conf, LIMIT, &c, false);
	put(&l, 1, 60, 0);
	put(&l, 2, 60, 10 * MS);
	assert_int_equal(line_next(&l), 50 * MS);
	assert_string_equal(take(&l, 50 * MS - 1), "");
	assert_string_equal(take(&l, 50 * MS), "1");
	assert_int_equal(line_next(&l), 60 * MS);
	nothing_is_unaccounted(&l);
	conf.delay_ns = 80 * MS;
	line_set(&l, &conf, LIMIT, 55 * MS);
	assert_int_equal(line_next(&l), 60 * MS); /* it is under way */
	put(&l, 3, 60, 56 * MS);
	assert_string_equal(take(&l, 135 * MS), "2");
	assert_string_equal(take(&l, 136 * MS), "3");
	assert_int_equal(left(&l), 0);
}

/* Nothing has to wait as it would have before, and nothing overtakes. */
static void a_shorter_cable_is_short_for_all(void **state)
{
	struct impair_conf conf = {.delay_ns = 10 * MS, .rate_bps = 8000};
	struct counters c = {.parent = NULL};
	struct line l;

	line_init(&l, &conf, LIMIT, &c, false);
	for (uint8_t i = 1; i <= 5; i++)
		put(&l, i, 1000, 0);
	assert_int_equal(line_next(&l), 1010 * MS);
	conf = (struct impair_conf){.delay_ns = 5 * MS};
	line_set(&l, &conf, LIMIT, 100 * MS);
	put(&l, 6, 1000, 101 * MS);
	assert_string_equal(take(&l, 105 * MS), "12345");
	assert_string_equal(take(&l, 106 * MS), "6");
	put(&l, 1, 1000, 200 * MS);
	put(&l, 2, 1000, 200 * MS);
	line_set(&l, &conf, 100, 200 * MS); /* what is in, is in */
	put(&l, 3, 1000, 200 * MS);
	assert_string_equal(take(&l, 300 * MS), "12");
	assert_int_equal(c.drops[DROP_TX_HOLD_FULL], 1);
	nothing_is_unaccounted(&l);
}

/* What has no room takes no time from what has. */
static void a_full_line_goes_on_at_its_rate(void **state)
{
	struct impair_conf conf = {.rate_bps = 8000000};
	struct counters c = {.parent = NULL};
	size_t out = 0;
	struct line l;

	line_init(&l, &conf, 5 * (sizeof(struct hold) + 1000), &c, false);
	for (uint64_t now = 0; now < 1000 * MS; now += MS / 10) {
		put(&l, 1, 1000, now);
		out += strlen(take(&l, now));
	}
	assert_in_range(out, 995, 1000); /* of 10,000 */
	assert_int_equal(l.counts.full, c.drops[DROP_TX_HOLD_FULL]);
	nothing_is_unaccounted(&l);
	(void)left(&l);
}

/* What is taken out outlives the line. */
static void what_is_taken_stays(void **state)
{
	struct impair_conf conf = {.seed = 1};
	struct counters c = {.parent = NULL};
	struct line_burst burst;
	struct line l;

	line_init(&l, &conf, LIMIT, &c, false);
	for (uint8_t i = 1; i <= 3; i++)
		put(&l, i, 60, 0);
	assert_int_equal(line_take(&l, 0, &burst), 3);
	put(&l, 4, 60, 0);
	assert_int_equal(left(&l), 1);
	assert_int_equal(burst.frames[2].data[14], 3);
	line_burst_done(&burst);
}

static void no_more_than_a_burst_at_a_look(void **state)
{
	struct impair_conf conf = {.seed = 1};
	struct counters c = {.parent = NULL};
	struct line l;

	line_init(&l, &conf, LIMIT, &c, false);
	for (unsigned i = 0; i < FRAME_BURST + 2; i++)
		put(&l, 1, 60, 0);
	assert_int_equal(strlen(take(&l, 0)), FRAME_BURST);
	assert_string_equal(take(&l, 0), "11");
}

static void reordered_frames_overtake(void **state)
{
	struct impair_conf conf = {.delay_ns = 10 * MS};
	struct counters c = {.parent = NULL};
	struct line l;

	line_init(&l, &conf, LIMIT, &c, false);
	put(&l, 1, 60, 0);
	put(&l, 2, 60, 0);
	conf.reorder = IMPAIR_ALL;
	line_set(&l, &conf, LIMIT, 0);
	put(&l, 3, 60, MS);
	assert_string_equal(take(&l, MS), "3");
	assert_string_equal(take(&l, 10 * MS), "12");
	nothing_is_unaccounted(&l);
}

/* --- Loss and its accounts ---------------------------------------------- */

static void what_is_lost_is_counted(void **state)
{
	struct impair_conf conf = {.loss = 300000, .duplicate = 200000};
	struct counters c = {.parent = NULL};
	size_t out = 0;
	struct line l;

	line_init(&l, &conf, LIMIT, &c, false);
	for (unsigned i = 0; i < 1000; i++) {
		put(&l, 1, 60, i);
		out += strlen(take(&l, i));
	}
	assert_int_equal(out, c.tx_frames);
	assert_in_range(c.drops[DROP_TX_LOSS], 230, 370);
	assert_in_range(c.tx_offered, 1080, 1220);
	assert_int_equal(all_drops(&c), c.drops[DROP_TX_LOSS]);
	nothing_is_unaccounted(&l);
}

/* In front of a bridge nobody has counted them yet. */
static void lost_on_the_way_in_was_received(void **state)
{
	struct impair_conf conf = {.loss = IMPAIR_ALL};
	struct counters c = {.parent = NULL};
	struct line l;

	line_init(&l, &conf, LIMIT, &c, true);
	put(&l, 1, 60, 0);
	assert_int_equal(c.rx_frames, 1);
	assert_int_equal(c.rx_bytes, 60);
	assert_int_equal(c.drops[DROP_RX_LOSS], 1);
	assert_int_equal(all_drops(&c), 1);
	conf = (struct impair_conf){.delay_ns = MS};
	line_set(&l, &conf, LIMIT, 0);
	put(&l, 1, 60, 0);
	assert_int_equal(c.rx_frames, 1);
	assert_int_equal(left(&l), 1);
	assert_int_equal(c.rx_frames, 2);
	assert_int_equal(c.rx_bytes, 120);
}

static void a_full_line_drops_the_newest(void **state)
{
	struct impair_conf conf = {.delay_ns = MS};
	struct counters c = {.parent = NULL};
	struct line l;

	line_init(&l, &conf, 3 * (sizeof(struct hold) + 100), &c, false);
	for (uint8_t i = 1; i <= 5; i++)
		put(&l, i, 100, 0);
	assert_int_equal(c.drops[DROP_TX_HOLD_FULL], 2);
	nothing_is_unaccounted(&l);
	assert_string_equal(take(&l, MS), "123");
	nothing_is_unaccounted(&l);
}

static bool is_odd(void *ctx, const struct wire *w)
{
	return ((const uint8_t *)w->iov[0].iov_base)[14] % 2;
}

static void the_filter_comes_first(void **state)
{
	struct impair_conf conf = {.seed = 1};
	struct counters c = {.parent = NULL};
	struct line l;

	line_init(&l, &conf, LIMIT, &c, false);
	l.match = is_odd;
	for (uint8_t i = 1; i <= 4; i++)
		put(&l, i, 60, 0);
	assert_string_equal(take(&l, 0), "24");
	assert_int_equal(c.drops[DROP_TX_FILTER], 2);
	nothing_is_unaccounted(&l);
}

static void one_bit_is_flipped(void **state)
{
	struct impair_conf conf = {.corrupt = IMPAIR_ALL};
	struct counters c = {.parent = NULL};
	uint8_t data[64] = {0};
	struct frame f = {.data = data, .len = sizeof(data)};
	struct line_burst burst;
	unsigned ones = 0;
	struct line l;
	struct wire w;

	line_init(&l, &conf, LIMIT, &c, false);
	wire_whole(&w, &f);
	line_push(&l, &w, 1, 0, NULL);
	assert_int_equal(line_take(&l, 0, &burst), 1);
	for (unsigned i = 0; i < 8 * sizeof(data); i++)
		ones += burst.frames[0].data[i / 8] >> i % 8 & 1;
	assert_int_equal(ones, 1);
	line_burst_done(&burst);
}

/* --- Super-frames ------------------------------------------------------- */

static uint8_t bytes[FRAME_MAX];

static struct wire super(unsigned segments)
{
	struct tcp t = {.ttl = 64, .flags = 0x10, .len = 1000 * segments};
	struct frame f = {.data = bytes, .len = tcp_build(&t, bytes)};
	struct wire w;

	f.off = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
				 .csum_start = (uint16_t)tcp_at(bytes),
				 .csum_offset = 16,
				 .gso_type = OFFLOAD_GSO_TCPV4,
				 .gso_size = 1000};
	assert_true(offload_check(&f));
	wire_whole(&w, &f);
	return w;
}

static void delay_leaves_super_frames_whole(void **state)
{
	struct impair_conf conf = {.delay_ns = MS, .jitter_ns = MS / 2};
	struct counters c = {.parent = NULL};
	struct line_burst burst;
	struct wire w = super(20);
	struct line l;

	line_init(&l, &conf, LIMIT, &c, false);
	line_push(&l, &w, 1, 0, NULL);
	assert_int_equal(l.queue.frames, 20);
	assert_int_equal(line_take(&l, 2 * MS, &burst), 1);
	assert_int_equal(burst.frames[0].len, w.len);
	assert_memory_equal(&burst.frames[0].off, &w.off, sizeof(w.off));
	line_burst_done(&burst);
	line_push(&l, &w, 1, 0, NULL);
	assert_int_equal(left(&l), 20);
}

static void loss_cuts_super_frames(void **state)
{
	struct impair_conf conf = {.loss = 500000};
	enum drop fates[2] = {DROP_COUNT, DROP_COUNT};
	struct counters c = {.parent = NULL};
	struct line_burst burst;
	struct wire w = super(20);
	struct line l;
	unsigned n;

	line_init(&l, &conf, LIMIT, &c, false);
	line_push(&l, &w, 1, 0, fates);
	assert_int_equal(fates[0], DROP_COUNT);
	n = line_take(&l, 0, &burst);
	assert_in_range(n, 1, 19);
	assert_int_equal(n + c.drops[DROP_TX_LOSS], 20);
	for (unsigned i = 0; i < n; i++) {
		const struct frame *f = &burst.frames[i];

		assert_int_equal(f->off.flags, 0);
		assert_in_range(f->len, 1000, 1060);
		assert_true(tcp_is_right(f->data, f->len));
	}
	line_burst_done(&burst);
	conf.loss = IMPAIR_ALL;
	line_set(&l, &conf, LIMIT, 0);
	line_push(&l, &w, 1, 0, fates);
	assert_int_equal(fates[0], DROP_TX_LOSS);
	assert_int_equal(left(&l), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_perfect_line_gives_all_back),
		cmocka_unit_test(frames_come_out_when_due),
		cmocka_unit_test(a_shorter_cable_is_short_for_all),
		cmocka_unit_test(a_full_line_goes_on_at_its_rate),
		cmocka_unit_test(what_is_taken_stays),
		cmocka_unit_test(no_more_than_a_burst_at_a_look),
		cmocka_unit_test(reordered_frames_overtake),
		cmocka_unit_test(what_is_lost_is_counted),
		cmocka_unit_test(lost_on_the_way_in_was_received),
		cmocka_unit_test(a_full_line_drops_the_newest),
		cmocka_unit_test(the_filter_comes_first),
		cmocka_unit_test(one_bit_is_flipped),
		cmocka_unit_test(delay_leaves_super_frames_whole),
		cmocka_unit_test(loss_cuts_super_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
