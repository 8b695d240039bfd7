/* SPDX-License-Identifier: MIT */
/* Switches that stand still, and the commands for it. */
#include "switchd/sw_pause.h"

#include "plugs/plug_mem.h"
#include "switchd/cmd.h"
#include "switchd/core/offload.h"
#include "tests/frames/tcp.h"
#include "tests/unit/switchd/lab_rig.h"

#define TEXT                                                                   \
	"switches:\n"                                                          \
	"  sw1: {ports: {a: mem, b: mem, c: mem}}\n"                           \
	"  sw2: {ports: {d: mem}}\n"                                           \
	"links:\n"                                                             \
	"- sw1 -- sw2: {name: l}\n"

static int begin(void **state)
{
	(void)lab_rig_begin(state);
	return (int)lab_rig_apply(*state, TEXT);
}

/* The result of a command with these params; NULL and err. */
static json_t *call(struct lab_rig *f, const char *name, const char *params,
		    struct err *err)
{
	json_t *args = json_loads(params, 0, NULL);
	json_t *result;

	assert_non_null(args);
	assert_true(cmd_check(cmd_find(name), args, err));
	result = cmd_find(name)->serve(&f->lab, args, err);
	json_decref(args);
	return result;
}

static json_t *good(struct lab_rig *f, const char *name, const char *params)
{
	struct err err;
	json_t *result = call(f, name, params, &err);

	if (!result)
		fail_msg("%s: %s", name, err.msg);
	return result;
}

static void does(struct lab_rig *f, const char *name, const char *params)
{
	json_decref(good(f, name, params));
}

static void refuses(struct lab_rig *f, const char *name, const char *params,
		    const char *why)
{
	struct err err;
	json_t *result = call(f, name, params, &err);

	if (result || !strstr(err.msg, why))
		fail_msg("%s %s: %s", name, params, result ? "done" : err.msg);
}

/* A frame from host src to dst; 0: to all. */
static void inject(struct lab_rig *f, const char *port, uint8_t src,
		   uint8_t dst)
{
	uint8_t bytes[60] = {2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, src, 8, 6};
	const struct frame frame = {.data = bytes, .len = sizeof(bytes)};

	if (!dst)
		memset(bytes, 0xff, 6);
	plug_mem_inject(lab_rig_port(f, port)->plug, &frame, 1, uv_hrtime());
}

static const struct counters *counters_of(struct lab_rig *f, const char *name)
{
	return &lab_rig_port(f, name)->counters;
}

static size_t held(struct lab_rig *f, const char *sw)
{
	return sw_pause_of(lab_find_switch(&f->lab, sw))->queue.frames;
}

static uint32_t known(struct lab_rig *f, const char *sw)
{
	return (uint32_t)fdb_count(
		bridge_fdb(lab_find_switch(&f->lab, sw)->bridge));
}

/* The text at a place of a result, such as "rows", 0, "port". */
static const char *text_at(const json_t *result, size_t row, const char *key)
{
	return cmd_text(json_array_get(json_object_get(result, "rows"), row),
			key);
}

static size_t rows_of(const json_t *result)
{
	return json_array_size(json_object_get(result, "rows"));
}

static void frames_wait_and_go_one_by_one(void **state)
{
	struct lab_rig *f = *state;
	const json_t *row, *steps;
	json_t *result;

	does(f, "pause", "{\"switches\": [\"sw1\"]}");
	inject(f, "a", 1, 0);
	inject(f, "b", 2, 1);
	inject(f, "a", 1, 2);
	assert_int_equal(held(f, "sw1"), 3);
	assert_int_equal(known(f, "sw1"), 0);
	assert_int_equal(counters_of(f, "a")->rx_frames, 0);
	result = good(f, "queue", "{}");
	assert_int_equal(rows_of(result), 3);
	assert_string_equal(text_at(result, 1, "port"), "sw1.b");
	assert_string_equal(text_at(result, 1, "src"), "02:00:00:00:00:02");
	assert_string_equal(text_at(result, 1, "type"), "0x0806");
	json_decref(result);

	result = good(f, "step", "{}");
	assert_int_equal(rows_of(result), 1);
	assert_int_equal(cmd_number(result, "held"), 2);
	assert_string_equal(text_at(result, 0, "port"), "sw1.a");
	assert_string_equal(text_at(result, 0, "flood"), "broadcast");
	row = json_array_get(json_object_get(result, "rows"), 0);
	steps = json_object_get(row, "steps");
	assert_non_null(
		strstr(json_string_value(json_array_get(steps, 4)), "learns"));
	assert_int_equal(json_array_size(json_object_get(row, "egress")), 3);
	json_decref(result);
	assert_int_equal(counters_of(f, "b")->tx_frames, 1);
	assert_int_equal(counters_of(f, "a")->rx_forwarded, 1);
	assert_int_equal(known(f, "sw1"), 1);

	result = good(f, "step", "{\"count\": \"5\", \"switch\": \"sw1\"}");
	assert_int_equal(rows_of(result), 2);
	assert_string_equal(text_at(result, 0, "flood"), "none");
	assert_string_equal(text_at(result, 1, "port"), "sw1.a");
	json_decref(result);
	assert_int_equal(counters_of(f, "a")->tx_frames, 1);
	result = good(f, "step", "{\"count\": \"sw1\"}");
	assert_int_equal(rows_of(result), 0);
	json_decref(result);
}

static void all_go_on_at_the_end(void **state)
{
	struct lab_rig *f = *state;
	json_t *result;

	does(f, "pause", "{}");
	for (int i = 0; i < 70; i++)
		inject(f, i % 2 ? "a" : "b", 1, 0);
	result = good(f, "resume", "{}");
	assert_int_equal(rows_of(result), 2);
	assert_int_equal(
		cmd_number(json_array_get(json_object_get(result, "rows"), 0),
			   "count"),
		70);
	json_decref(result);
	assert_null(sw_pause_of(lab_find_switch(&f->lab, "sw1")));
	assert_int_equal(counters_of(f, "c")->tx_frames, 70);
	inject(f, "a", 1, 0);
	assert_int_equal(counters_of(f, "c")->tx_frames, 71);
	does(f, "resume", "{}");
}

/* What crosses a link waits again on the next switch; without a name the frame
 * that has waited longest goes first. */
static void from_switch_to_switch(void **state)
{
	struct lab_rig *f = *state;
	json_t *result;

	does(f, "pause", "{}");
	inject(f, "a", 1, 0);
	inject(f, "d", 4, 0);
	inject(f, "b", 2, 0);
	result = good(f, "step", "{\"count\": \"3\"}");
	assert_string_equal(text_at(result, 0, "port"), "sw1.a");
	assert_string_equal(text_at(result, 1, "port"), "sw2.d");
	assert_string_equal(text_at(result, 2, "port"), "sw1.b");
	json_decref(result);
	for (int i = 0; i < 9; i++)
		uv_run(&f->loop, UV_RUN_NOWAIT);
	assert_int_equal(held(f, "sw2"), 2);
	assert_int_equal(held(f, "sw1"), 1);
	assert_int_equal(counters_of(f, "d")->tx_frames, 0);
	does(f, "step", "{\"switch\": \"sw2\"}");
	assert_int_equal(counters_of(f, "d")->tx_frames, 1);
}

static void a_slow_switch_goes_by_itself(void **state)
{
	struct lab_rig *f = *state;
	uint64_t began = uv_hrtime();

	does(f, "slow", "{\"gap\": \"20ms\", \"switches\": [\"sw1\"]}");
	for (int i = 0; i < 4; i++)
		inject(f, "a", 1, 0);
	assert_int_equal(held(f, "sw1"), 4);
	while (counters_of(f, "b")->tx_frames < 4)
		uv_run(&f->loop, UV_RUN_ONCE);
	assert_true(uv_hrtime() - began >= 60 * 1000000ull);
	assert_int_equal(held(f, "sw1"), 0);
	does(f, "pause", "{}");
	inject(f, "a", 1, 0);
	does(f, "slow", "{\"gap\": \"1ms\"}");
	while (counters_of(f, "b")->tx_frames < 5)
		uv_run(&f->loop, UV_RUN_ONCE);
}

static void a_super_frame_waits_as_wire_frames(void **state)
{
	struct lab_rig *f = *state;
	const struct tcp tcp = {.flags = TCP_ACK, .len = 2500};
	uint8_t data[3000];
	struct frame frame = {.data = data, .len = tcp_build(&tcp, data)};
	const struct hold *h;

	frame.off = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
				     .gso_type = OFFLOAD_GSO_TCPV4,
				     .gso_size = 1000,
				     .csum_start = 34,
				     .csum_offset = 16,
				     .hdr_len = 54};
	does(f, "pause", "{}");
	plug_mem_inject(lab_rig_port(f, "a")->plug, &frame, 1, uv_hrtime());
	assert_int_equal(held(f, "sw1"), 3);
	h = hold_peek(&sw_pause_of(lab_find_switch(&f->lab, "sw1"))->queue);
	for (; h; h = h->next) {
		assert_int_equal(h->off.flags, 0);
		assert_int_equal(h->len, h->next ? 1054 : 554);
		assert_true(tcp_is_right(h->data, h->len));
	}
	does(f, "resume", "{}");
	assert_int_equal(counters_of(f, "a")->rx_frames, 3);
	assert_int_equal(counters_of(f, "a")->rx_forwarded, 3);
	assert_int_equal(counters_of(f, "b")->tx_frames, 3);
}

static void each_frame_ends_somewhere(void **state)
{
	struct lab_rig *f = *state;
	const struct counters *a = counters_of(f, "a");

	does(f, "pause", "{}");
	for (unsigned i = 0; i < PAUSE_FRAMES_MAX; i++)
		inject(f, i % 2 ? "a" : "b", 1, 0);
	inject(f, "a", 1, 0);
	assert_int_equal(a->rx_frames, 1);
	assert_int_equal(a->drops[DROP_RX_PAUSE_FULL], 1);
	plug_mem_vanish(lab_rig_port(f, "a")->plug, "test");
	assert_int_equal(a->drops[DROP_RX_PAUSE_LEFT], PAUSE_FRAMES_MAX / 2);
	assert_int_equal(a->rx_frames, PAUSE_FRAMES_MAX / 2 + 1);
	assert_int_equal(held(f, "sw1"), PAUSE_FRAMES_MAX / 2);
	/* A port of the file goes, and the switch with all that wait. */
	assert_int_equal(lab_rig_apply(f, "switches: {sw1: {ports: {c: mem}}}"),
			 0);
	assert_int_equal(held(f, "sw1"), 0);
	inject(f, "c", 1, 0);
	assert_int_equal(held(f, "sw1"), 1);
	assert_int_equal(lab_rig_apply(f, "switches: {}"), 0);
	assert_null(f->lab.switches);
}

/* A change of the file leaves it paused; what it says is asked when a frame
 * goes on. */
static void rules_are_those_of_when_it_goes_on(void **state)
{
	struct lab_rig *f = *state;
	json_t *result;

	does(f, "pause", "{}");
	inject(f, "a", 1, 1); /* to itself: a switch drops it, a hub does not */
	inject(f, "a", 1, 1);
	result = good(f, "step", "{}");
	assert_string_equal(text_at(result, 0, "drop"), "rx_same_port");
	json_decref(result);
	assert_int_equal(
		lab_rig_apply(f, "switches: {sw1: {mode: hub, ports: {a: mem, "
				 "b: mem, c: mem}}}"),
		0);
	result = good(f, "step", "{}");
	assert_string_equal(text_at(result, 0, "flood"), "hub");
	json_decref(result);
	assert_int_equal(counters_of(f, "b")->tx_frames, 1);
}

static void on_bpdu(void *ctx, uint16_t port, const struct frame *f,
		    uint64_t now)
{
	++*(unsigned *)ctx;
}

static void bpdus_of_its_own_tree_do_not_wait(void **state)
{
	struct lab_rig *f = *state;
	struct bridge *bridge = lab_find_switch(&f->lab, "sw1")->bridge;
	uint8_t bytes[60] = {1, 0x80, 0xc2, 0, 0, 0, 2, 0, 0, 0, 0, 1};
	const struct frame frame = {.data = bytes, .len = sizeof(bytes)};
	unsigned taken = 0;

	does(f, "pause", "{}");
	plug_mem_inject(lab_rig_port(f, "a")->plug, &frame, 1, 1);
	assert_int_equal(held(f, "sw1"), 1);
	bridge_set_on_bpdu(bridge, on_bpdu, &taken);
	plug_mem_inject(lab_rig_port(f, "a")->plug, &frame, 1, 2);
	assert_int_equal(held(f, "sw1"), 1);
	assert_int_equal(taken, 1);
	assert_int_equal(counters_of(f, "a")->drops[DROP_RX_BPDU], 1);
	bridge_set_on_bpdu(bridge, NULL, NULL);
}

static void what_is_refused(void **state)
{
	struct lab_rig *f = *state;

	refuses(f, "step", "{}", "no switch is paused");
	refuses(f, "pause", "{\"switches\": [\"sw1\", \"no\"]}", "'no'");
	assert_null(sw_pause_of(lab_find_switch(&f->lab, "sw1")));
	does(f, "pause", "{\"switches\": [\"sw1\"]}");
	refuses(f, "step", "{\"switch\": \"sw2\"}", "'sw2' is not paused");
	refuses(f, "step", "{\"count\": \"no\"}", "no switch 'no'");
	refuses(f, "step", "{\"count\": \"101\"}", "outside 1-100");
	refuses(f, "step", "{\"count\": \"0\"}", "outside 1-100");
	refuses(f, "step", "{\"count\": \"sw1\", \"switch\": \"sw1\"}",
		"not a whole number");
	refuses(f, "resume", "{\"switches\": [\"no\"]}", "'no'");
	refuses(f, "queue", "{\"switch\": \"no\"}", "'no'");
	refuses(f, "slow", "{\"gap\": \"500\"}", "without a unit");
	refuses(f, "slow", "{\"gap\": \"0ms\"}", "outside 1ms-1m");
	refuses(f, "slow", "{\"gap\": \"2m\"}", "outside 1ms-1m");
	assert_int_equal(sw_pause_of(lab_find_switch(&f->lab, "sw1"))->gap_ns,
			 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, lab_rig_end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(frames_wait_and_go_one_by_one),
		TEST(all_go_on_at_the_end),
		TEST(from_switch_to_switch),
		TEST(a_slow_switch_goes_by_itself),
		TEST(a_super_frame_waits_as_wire_frames),
		TEST(each_frame_ends_somewhere),
		TEST(rules_are_those_of_when_it_goes_on),
		TEST(bpdus_of_its_own_tree_do_not_wait),
		TEST(what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
