/* SPDX-License-Identifier: MIT */
/* What captures become in the model. What is said about bad ones is in
 * tests/topo/bad. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cmocka.h"
#include "tests/unit/topo/fake_kinds.h"
#include "topo/topo.h"

static struct topo *parse(const char *text, struct topo_errors *errors)
{
	return topo_parse(text, strlen(text), fake_kinds, errors);
}

static void model(void **state)
{
	static const char text[] =
		"captures:\n"
		"  - {of: [sw1, sw2.b], file: all.pcapng, filter: arp}\n"
		"switches:\n"
		"  sw1: {ports: {a: {null, capture: a.pcapng}}}\n"
		"  sw2: {ports: {a: null, b: null}}\n";
	struct topo_errors errors;
	struct topo *topo = parse(text, &errors);
	const struct topo_capture *all, *a;

	assert_non_null(topo);
	assert_int_equal(topo->capture_count, 2);
	a = &topo->captures[0];
	all = &topo->captures[1];
	assert_ptr_equal(topo_find_capture(topo, "a.pcapng"), a);
	assert_ptr_equal(topo_find_capture(topo, "all.pcapng"), all);
	assert_null(topo_find_capture(topo, "other"));
	assert_true(a->on_port);
	assert_int_equal(a->mark.line, 4);
	assert_int_equal(a->file_at.col, 36);
	assert_false(all->on_port);
	assert_int_equal(all->file_at.line, 2);
	assert_int_equal(all->file_at.col, 30);
	assert_int_equal(all->filter_at.col, 50);
	assert_string_equal(all->conf.filter, "arp");
	assert_int_equal(all->conf.direction, TOPO_BOTH);
	assert_int_equal(all->conf.format, TOPO_PCAPNG);
	assert_int_equal(all->conf.snaplen, 262144);
	assert_int_equal(all->conf.buffer, 16000000);
	assert_int_equal(all->conf.rotate.files, 0);
	topo_free(topo);
}

static void ports_in_it(void **state)
{
	static const char text[] =
		"switches: {sw1: {ports: {a: {null, capture: a}, b: null}},"
		"           sw2: {ports: {a: null, b: null}}}\n"
		"captures:\n"
		"  - {of: [sw1, sw2.b], file: some}\n";
	struct topo_errors errors;
	struct topo *topo = parse(text, &errors);
	const struct topo_capture *a, *some;

	assert_non_null(topo);
	a = topo_find_capture(topo, "a");
	some = topo_find_capture(topo, "some");
	assert_true(topo_capture_takes(a, "sw1", "a", NULL));
	assert_false(topo_capture_takes(a, "sw1", "b", NULL));
	assert_false(topo_capture_takes(a, "sw2", "a", NULL));
	assert_true(topo_capture_takes(some, "sw1", "#7", NULL));
	assert_true(topo_capture_takes(some, "sw2", "b", NULL));
	assert_false(topo_capture_takes(some, "sw2", "a", NULL));
	topo_free(topo);
}

/* head, n numbered lines, tail. */
static char *repeat(const char *head, const char *line, unsigned n,
		    const char *tail)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	fputs(head, out);
	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%s%u%s", line, i, tail);
	(void)fclose(out);
	return text;
}

/* n lines are taken, and one more is not. */
static void limited(const char *head, const char *line, unsigned n,
		    const char *tail, const char *message)
{
	struct topo_errors errors;
	char *text = repeat(head, line, n, tail);
	struct topo *topo = parse(text, &errors);

	if (!topo)
		fail_msg("%s", errors.err[0].msg);
	topo_free(topo);
	free(text);
	text = repeat(head, line, n + 1, tail);
	assert_null(parse(text, &errors));
	assert_int_equal(errors.count, 1);
	assert_string_equal(errors.err[0].msg, message);
	free(text);
}

static void limits(void **state)
{
	limited("switches:\n"
		"  sw1: {ports: {p: {null, capture: p}}}\n"
		"captures:\n",
		"  - {of: all, file: f", TOPO_CAPTURES_MAX - 1, "}\n",
		"captures: more than 64 captures in all");
	limited("switches: {sw1: {ports: {p0: null}}}\n"
		"captures:\n"
		"  - file: f\n"
		"    of:\n",
		"      - sw1.p0 #", SELECTORS_MAX, "\n",
		"capture 'f': 'of' has more than 64 selectors");
}

/* --- rotate: -------------------------------------------------------------- */

static bool read_rotation(const char *text, struct opt_rotate *rotate,
			  struct err *err)
{
	const struct opt *row = opt_find(topo_capture_rows, "rotate");

	return row->type->parse(row, NULL, text, rotate, err);
}

static void good(const char *text, const char *canonical)
{
	const struct opt *row = opt_find(topo_capture_rows, "rotate");
	struct opt_rotate rotate = {.files = 0}, again = {.files = 0};
	char buf[64];

	assert_true(read_rotation(text, &rotate, NULL));
	row->type->format(row, &rotate, buf, sizeof(buf));
	assert_string_equal(buf, canonical);
	assert_true(read_rotation(buf, &again, NULL));
	assert_memory_equal(&rotate, &again, sizeof(rotate));
}

static void bad(const char *text, const char *message)
{
	struct opt_rotate rotate = {.files = 7};
	struct err err = {.msg = ""};

	assert_false(read_rotation(text, &rotate, &err));
	assert_string_equal(err.msg, message);
	assert_int_equal(rotate.files, 7);
	assert_int_equal(rotate.bytes, 0);
}

static void bad_shape(const char *text)
{
	char message[200];

	(void)snprintf(message, sizeof(message),
		       "is '%s', expected SIZE x FILES or TIME x FILES, such "
		       "as 50MB x 5 or 10m x 3",
		       text);
	bad(text, message);
}

static void rotations(void **state)
{
	good("50MB x 5", "50MB x 5");
	good("10min x 3", "10m x 3");
	good("1s x 2", "1s x 2");
	good("64KB x 99", "64KB x 99");
	bad_shape("");
	bad_shape("50MB");
	bad_shape("50 x 5");
	bad_shape("50MB x5");
	bad_shape(" x 5");
	bad("1.5MB x 5",
	    "is '1.5MB', not a whole number with a unit such as 50MB");
	bad("50TB x 5", "is '50TB', but the units are B, KB, MB, GB");
	bad("5days x 5", "is '5days', but the units are ns, us, ms, s, m, h");
	bad("63KB x 5", "is 63KB, outside 64KB-1000GB");
	bad("0s x 5", "is 0s, outside 1s-8760h");
	bad("50MB x 1", "is 1, outside 2-99");
	bad("50MB x 100", "is 100, outside 2-99");
	bad("50MB x many", "is 'many', not a whole number");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(model),
		cmocka_unit_test(ports_in_it),
		cmocka_unit_test(limits),
		cmocka_unit_test(rotations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
