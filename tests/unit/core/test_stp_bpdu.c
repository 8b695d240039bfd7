/* SPDX-License-Identifier: MIT */
/* BPDUs as frames: what is valid, what is not, and what comes back (S3). */
#include "tests/cmocka.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/core/bpdu.h"

#define AT_BPDU 17

static const struct mac mac = {{0x02, 0x00, 0x00, 0x00, 0x00, 0x42}};

static const struct bpdu rst = {
	.type = BPDU_RST,
	.role = BPDU_DESIGNATED,
	.proposal = true,
	.learning = true,
	.vector = {.root = UINT64_C(0x1000020000000001),
		   .cost = 20000,
		   .bridge = UINT64_C(0x8000020000000042),
		   .port = 0x8003},
	.times = {.message_age = 1,
		  .max_age = 20,
		  .forward_delay = 15,
		  .hello = 2},
};

static bool parse(const uint8_t *bytes, uint32_t len, struct bpdu *b)
{
	/* Exactly so long: ASan sees who reads beyond. */
	uint8_t *copy = malloc(len + !len);
	struct frame f = {.data = copy, .len = len};
	bool good;

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	good = bpdu_parse(&f, b);
	free(copy);
	return good;
}

static void an_rst_bpdu_to_the_octet(void **state)
{
	static const uint8_t expected[BPDU_FRAME] = {
		0x01, 0x80, 0xc2, 0x00, 0x00, 0x00, /* to the bridges */
		0x02, 0x00, 0x00, 0x00, 0x00, 0x42, /* from */
		0x00, 0x27, 0x42, 0x42, 0x03,       /* 39: LLC and BPDU */
		0x00, 0x00, 0x02, 0x02, 0x1e,       /* flags: 02 0c 10 */
		0x10, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, /* root */
		0x00, 0x00, 0x4e, 0x20,                         /* cost */
		0x80, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x42, /* bridge */
		0x80, 0x03,                                     /* port */
		0x01, 0x00, 0x14, 0x00, 0x02, 0x00, 0x0f, 0x00, /* times */
		0x00, /* of version 1 nothing */
	};
	uint8_t frame[BPDU_FRAME];

	bpdu_emit(&rst, &mac, frame);
	assert_memory_equal(frame, expected, sizeof(frame));
}

static void check_again(const struct bpdu *b)
{
	uint8_t frame[BPDU_FRAME];
	struct bpdu again;

	bpdu_emit(b, &mac, frame);
	assert_true(parse(frame, sizeof(frame), &again));
	assert_int_equal(again.type, b->type);
	assert_int_equal(again.role, b->role);
	assert_int_equal(again.topology_change, b->topology_change);
	assert_int_equal(again.topology_change_ack, b->topology_change_ack);
	assert_int_equal(again.proposal, b->proposal);
	assert_int_equal(again.agreement, b->agreement);
	assert_int_equal(again.learning, b->learning);
	assert_int_equal(again.forwarding, b->forwarding);
	assert_int_equal(stp_vector_compare(&again.vector, &b->vector), 0);
	assert_true(stp_times_equal(&again.times, &b->times));
}

static void what_is_emitted_is_what_is_parsed(void **state)
{
	const struct bpdu tcn = {.type = BPDU_TCN};

	check_again(&tcn);
	for (unsigned bits = 0; bits < 64; bits++) {
		struct bpdu b = rst;

		b.topology_change = bits & 1;
		b.topology_change_ack = bits & 2;
		b.proposal = bits & 4;
		b.agreement = bits & 8;
		b.learning = bits & 16;
		b.forwarding = bits & 32;
		for (int role = BPDU_ALTERNATE; role <= BPDU_DESIGNATED;
		     role++) {
			b.role = (enum bpdu_role)role;
			check_again(&b);
		}
		if (bits & ~3u)
			continue;
		b.type = BPDU_CONFIG;
		b.learning = false;
		check_again(&b);
	}
}

/* Octet `at` of a sound frame is set to `value`; len octets of it are left. */
static const struct {
	const char *what;
	enum bpdu_type type;
	int at;
	int value;
	uint32_t len;
	bool good;
} rows[] = {
#define WHOLE -1, 0, BPDU_FRAME
	{"config", BPDU_CONFIG, WHOLE, true},
	{"tcn", BPDU_TCN, WHOLE, true},
	{"rst", BPDU_RST, WHOLE, true},
	{"config without padding", BPDU_CONFIG, -1, 0, 52, true},
	{"tcn without padding", BPDU_TCN, -1, 0, 21, true},
	{"rst without padding", BPDU_RST, -1, 0, 53, true},
	{"config cut", BPDU_CONFIG, -1, 0, 51, false},
	{"tcn cut", BPDU_TCN, -1, 0, 20, false},
	{"rst cut", BPDU_RST, -1, 0, 52, false},
	{"nothing", BPDU_RST, -1, 0, 0, false},
	{"addresses only", BPDU_RST, -1, 0, 12, false},
	{"header only", BPDU_RST, -1, 0, 14, false},
	{"llc cut", BPDU_RST, -1, 0, 16, false},
	{"llc only", BPDU_RST, -1, 0, 17, false},
	{"config of 34", BPDU_CONFIG, 13, 3 + 34, BPDU_FRAME, false},
	{"config of 36", BPDU_CONFIG, 13, 3 + 36, BPDU_FRAME, true},
	{"rst of 35", BPDU_RST, 13, 3 + 35, BPDU_FRAME, false},
	{"rst of 37", BPDU_RST, 13, 3 + 37, BPDU_FRAME, true},
	{"tcn of 3", BPDU_TCN, 13, 3 + 3, BPDU_FRAME, false},
	{"length within llc", BPDU_RST, 13, 2, BPDU_FRAME, false},
	{"length 0", BPDU_RST, 13, 0, BPDU_FRAME, false},
	{"length to the end", BPDU_RST, 13, 46, BPDU_FRAME, true},
	{"length beyond the end", BPDU_RST, 13, 47, BPDU_FRAME, false},
	{"length 0x0127", BPDU_RST, 12, 1, BPDU_FRAME, false},
	{"a type, no length", BPDU_RST, 12, 0x81, BPDU_FRAME, false},
	{"another group", BPDU_RST, 5, 0x0e, BPDU_FRAME, false},
	{"wrong dsap", BPDU_RST, 14, 0xaa, BPDU_FRAME, false},
	{"wrong ssap", BPDU_RST, 15, 0xaa, BPDU_FRAME, false},
	{"wrong control", BPDU_RST, 16, 0x13, BPDU_FRAME, false},
	{"protocol 256", BPDU_RST, AT_BPDU, 1, BPDU_FRAME, false},
	{"protocol 1", BPDU_RST, AT_BPDU + 1, 1, BPDU_FRAME, false},
	{"version 3", BPDU_RST, AT_BPDU + 2, 3, BPDU_FRAME, true},
	{"version 255", BPDU_CONFIG, AT_BPDU + 2, 255, BPDU_FRAME, true},
	{"type 1", BPDU_RST, AT_BPDU + 3, 1, BPDU_FRAME, false},
	{"type ff", BPDU_CONFIG, AT_BPDU + 3, 0xff, BPDU_FRAME, false},
	{"age 19", BPDU_CONFIG, AT_BPDU + 27, 19, BPDU_FRAME, true},
	{"age as max age", BPDU_CONFIG, AT_BPDU + 27, 20, BPDU_FRAME, false},
	{"age as max age, rst", BPDU_RST, AT_BPDU + 27, 20, BPDU_FRAME, false},
	{"age 255", BPDU_RST, AT_BPDU + 27, 255, BPDU_FRAME, false},
	{"max age 0", BPDU_RST, AT_BPDU + 29, 0, BPDU_FRAME, false},
#undef WHOLE
};

static void valid_and_invalid(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t frame[BPDU_FRAME];
		struct bpdu b = rst;

		b.type = rows[i].type;
		bpdu_emit(&b, &mac, frame);
		if (rows[i].at >= 0)
			frame[rows[i].at] = (uint8_t)rows[i].value;
		if (parse(frame, rows[i].len, &b) != rows[i].good)
			fail_msg("%s", rows[i].what);
		if (rows[i].good && b.type != rows[i].type)
			fail_msg("%s: its type", rows[i].what);
	}
}

/* S7: a neighbour's times are brought within bounds. */
static void times_are_clamped(void **state)
{
	static const struct {
		uint16_t wire; /* 1/256 s */
		uint16_t max_age, hello, delay;
	} times[] = {
		{0x0000, 0, 1, 4},    {0x0001, 6, 1, 4},
		{0x0100, 6, 1, 4},    {0x0180, 6, 2, 4},
		{0x0217, 6, 2, 4},    {0x0a00, 10, 10, 10},
		{0x1e7f, 30, 10, 30}, {0x2880, 40, 10, 30},
		{0xffff, 40, 10, 30},
	};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		uint8_t frame[BPDU_FRAME];
		struct bpdu b = rst;

		b.times.message_age = 0;
		bpdu_emit(&b, &mac, frame);
		for (int at = 29; at < 35; at++) {
			uint16_t wire = times[i].wire;

			frame[AT_BPDU + at] =
				at % 2 ? (uint8_t)(wire >> 8) : (uint8_t)wire;
		}
		assert_int_equal(parse(frame, sizeof(frame), &b),
				 times[i].max_age != 0);
		if (!times[i].max_age)
			continue;
		assert_int_equal(b.times.max_age, times[i].max_age);
		assert_int_equal(b.times.hello, times[i].hello);
		assert_int_equal(b.times.forward_delay, times[i].delay);
	}
}

/* 9.2.9 */
static void an_unknown_role_is_a_config_bpdu(void **state)
{
	struct bpdu b = rst;
	uint8_t frame[BPDU_FRAME];

	b.role = BPDU_UNKNOWN;
	b.topology_change = true;
	b.agreement = true;
	bpdu_emit(&b, &mac, frame);
	assert_true(parse(frame, sizeof(frame), &b));
	assert_int_equal(b.type, BPDU_CONFIG);
	assert_int_equal(b.role, BPDU_DESIGNATED);
	assert_true(b.topology_change);
	assert_false(b.proposal || b.agreement || b.learning);
}

static void identifiers(void **state)
{
	char text[STP_ID_TEXT_SIZE];
	uint64_t id = stp_bridge_id(0x7000, &mac);

	assert_string_equal(stp_id_format(id, text), "7000.020000000042");
	assert_true(stp_same_bridge(id, stp_bridge_id(0x1000, &mac)));
	assert_false(stp_same_bridge(id, id ^ 1));
	assert_int_equal(stp_port_id(0x90, 4095), 0x9fff);
	assert_int_equal(stp_port_number(0x9fff), 4095);
}

/* 17.6: root, cost, bridge, port, own port; the first that differs decides. */
static void vectors_are_compared_in_order(void **state)
{
	static const struct stp_vector order[] = {
		{1, 9, 9, 9, 9}, {2, 1, 9, 9, 9}, {2, 2, 1, 9, 9},
		{2, 2, 2, 1, 9}, {2, 2, 2, 2, 1}, {2, 2, 2, 2, 2},
	};
	const int n = sizeof(order) / sizeof(order[0]);

	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++) {
			int by = stp_vector_compare(&order[i], &order[k]);

			assert_int_equal((by > 0) - (by < 0),
					 (i > k) - (i < k));
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_rst_bpdu_to_the_octet),
		cmocka_unit_test(what_is_emitted_is_what_is_parsed),
		cmocka_unit_test(valid_and_invalid),
		cmocka_unit_test(times_are_clamped),
		cmocka_unit_test(an_unknown_role_is_a_config_bpdu),
		cmocka_unit_test(identifiers),
		cmocka_unit_test(vectors_are_compared_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
