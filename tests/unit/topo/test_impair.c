/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <string.h>

#include "tests/unit/topo/fake_kinds.h"
#include "topo/topo.h"

#define MS 1000000ull

static bool read_value(const char *key, const char *text,
		       struct topo_impair *im, char *back, size_t size,
		       struct err *err)
{
	const struct opt *row = opt_find(topo_impair_rows, key);

	if (!row->type->parse(row, NULL, text, opt_place(row, im), err))
		return false;
	row->type->format(row, opt_value(row, im), back, size);
	return true;
}

static void good(const char *key, const char *text, const char *want)
{
	struct topo_impair im = {.loss = 3};
	struct err err = {.errnum = 0};
	char back[64];

	if (!read_value(key, text, &im, back, sizeof(back), &err))
		fail_msg("%s: %s", text, err.msg);
	assert_string_equal(back, want);
}

static void bad(const char *key, const char *text, const char *want)
{
	struct topo_impair im = {.loss = 3, .rate = 3};
	struct err err = {.errnum = 0};
	char back[64];

	assert_false(read_value(key, text, &im, back, sizeof(back), &err));
	assert_string_equal(err.msg, want);
	assert_int_equal(im.loss, 3);
	assert_int_equal(im.rate, 3);
}

static void shares(void **state)
{
	good("loss", "1%", "1%");
	good("loss", "0.1 %", "0.1%");
	good("loss", "100%", "100%");
	good("loss", "100.0000%", "100%");
	good("loss", "0%", "0%");
	good("loss", "off", "0%");
	good("loss", "0.0001%", "0.0001%");
	good("loss", "12.3450%", "12.345%");
	bad("loss", "1", "is '1', not a share such as 1% or 0.05%");
	bad("loss", "1%%", "is '1%%', not a share such as 1% or 0.05%");
	bad("loss", "%", "is '%', not a share such as 1% or 0.05%");
	bad("loss", "-1%", "is '-1%', not a share such as 1% or 0.05%");
	bad("loss", "01%", "is '01%', not a share such as 1% or 0.05%");
	bad("loss", "1.%", "is '1.%', not a share such as 1% or 0.05%");
	bad("loss", "0.00001%",
	    "is '0.00001%', not a share such as 1% or 0.05%");
	bad("loss", "100.0001%", "is 100.0001%, outside 0%-100%");
	bad("loss", "99999999999999999999%",
	    "is 99999999999999999999%, outside 0%-100%");
}

static void rates(void **state)
{
	good("rate", "10mbit", "10mbit");
	good("rate", "1000kbit", "1mbit");
	good("rate", "9600bit", "9600bit");
	good("rate", "1000gbit", "1000gbit");
	good("rate", "off", "off");
	bad("rate", "10", "is 10 without a unit: bit, kbit, mbit, gbit");
	bad("rate", "10MB",
	    "is '10MB', but the units are bit, kbit, mbit, gbit");
	bad("rate", "999bit", "is 999bit, outside 1kbit-1000gbit");
	bad("rate", "1.5mbit",
	    "is '1.5mbit', not a whole number with a unit such as 10mbit");
}

static void room_for_what_is_under_way(void **state)
{
	struct topo_impair im = {.loss = 1};

	assert_int_equal(topo_impair_queue(&im), 16 << 20);
	im.delay = 50 * MS;
	assert_int_equal(topo_impair_queue(&im), 64000000);
	im.rate = 100000000; /* 12.5 MB/s for 0.15 s */
	assert_int_equal(topo_impair_queue(&im), 1875000);
	im.rate = 1000;
	assert_int_equal(topo_impair_queue(&im), 256000);
	im.rate = 1000000000000;
	im.delay = 3600 * 1000 * MS;
	assert_int_equal(topo_impair_queue(&im), 64000000);
	im.queue = 5000;
	assert_int_equal(topo_impair_queue(&im), 5000);
}

/* What a link says for both directions, whatever the order, gives way to what
 * it says for one. */
static void one_direction_goes_before_both(void **state)
{
	static const char text[] =
		"switches: {a: {}, b: {}}\n"
		"links:\n"
		"- a -- b: {back: {delay: off, drop: ip}, delay: 20ms,\n"
		"           drop: arp, loss: 1%}\n";
	struct topo_errors errors = {.count = 0};
	struct topo *topo = topo_parse(text, strlen(text), fake_kinds, &errors);
	const struct link_conf *conf;

	assert_non_null(topo);
	conf = &topo->links[0].conf;
	assert_int_equal(conf->forth.delay, 20 * MS);
	assert_int_equal(conf->back.delay, 0);
	assert_int_equal(conf->back.loss, 10000);
	assert_string_equal(conf->forth.drop, "arp");
	assert_int_equal(conf->forth.drop_at.line, 4);
	assert_string_equal(conf->back.drop, "ip");
	assert_int_equal(conf->back.drop_at.line, 3);
	assert_false(topo_impair_is_none(&conf->back));
	topo_free(topo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares),
		cmocka_unit_test(rates),
		cmocka_unit_test(room_for_what_is_under_way),
		cmocka_unit_test(one_direction_goes_before_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
