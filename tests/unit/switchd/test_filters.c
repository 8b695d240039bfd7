/* SPDX-License-Identifier: MIT */
#include "switchd/filters.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plugs/plug.h"
#include "tests/cmocka.h"

#define HEAD                                                                   \
	"switches: {sw1: {ports: {a: mem}}}\n"                                 \
	"captures:\n"                                                          \
	"- {of: all, file: none}\n"

static struct topo *parse(const char *text)
{
	struct topo_errors errors = {.count = 0};
	struct topo *topo = topo_parse(text, strlen(text), plug_kinds, &errors);

	if (!topo)
		fail_msg("%u: %s", errors.err[0].at.line, errors.err[0].msg);
	return topo;
}

static void on_wake(void *ctx)
{
	++*(unsigned *)ctx;
}

/* Asks until it is known; waits says how often it was not. */
static bool check(struct filters *f, const char *text,
		  struct topo_errors *errors, unsigned *waits)
{
	unsigned wakes = 0;
	struct topo *topo = parse(text);
	bool wait;
	bool good;

	f->ctx = &wakes;
	*waits = 0;
	*errors = (struct topo_errors){.count = 0};
	while (good = filters_check(f, topo, errors, &wait), wait) {
		assert_false(good);
		assert_int_equal(errors->count, 0);
		++*waits;
		while (wakes < *waits)
			(void)uv_run(f->loop, UV_RUN_ONCE);
	}
	topo_free(topo);
	return good;
}

static void checks_all(struct filters *f, unsigned waits_wanted)
{
	struct topo_errors errors;
	unsigned waits;

	assert_true(check(f, HEAD, &errors, &waits));
	assert_int_equal(waits, 0);
	assert_true(check(f,
			  HEAD "- {of: all, file: x, filter: arp}\n"
			       "- {of: all, file: y, filter: udp port 53}\n"
			       "- {of: all, file: z, filter: arp}\n",
			  &errors, &waits));
	assert_int_equal(waits, waits_wanted);
	assert_true(filters_find(f, "arp")->count > 0);
	assert_true(filters_find(f, "udp port 53")->count > 0);
	assert_null(filters_find(f, "tcp"));
	assert_null(filters_find(f, ""));

	/* What is known already takes no time, and a mistake does no harm. */
	assert_false(check(f,
			   HEAD "- {of: all, file: x, filter: arp}\n"
				"- {of: all, file: y, filter: arpp}\n"
				"- {of: all, file: z, filter: tcp or}\n",
			   &errors, &waits));
	assert_int_equal(waits, waits_wanted);
	assert_int_equal(errors.count, 2);
	assert_int_equal(errors.err[0].at.line, 5);
	assert_int_equal(errors.err[0].at.col, 30);
	assert_non_null(strstr(errors.err[0].msg, "capture 'y': 'filter': "));
	assert_int_equal(errors.err[1].at.line, 6);
	assert_null(filters_find(f, "arpp"));
	assert_null(filters_find(f, "udp port 53"));
	assert_non_null(filters_find(f, "arp"));
}

static void without_a_loop_it_waits(void **state)
{
	struct filters f = {.list = NULL};

	checks_all(&f, 0);
	filters_done(&f);
}

static void in_a_loop_one_at_a_time(void **state)
{
	struct filters f = {.wake = on_wake};
	uv_loop_t loop;

	assert_int_equal(uv_loop_init(&loop), 0);
	f.loop = &loop;
	checks_all(&f, 2);
	filters_done(&f);
	assert_int_equal(uv_loop_close(&loop), 0);
}

/* Whoever asked is not there any more. */
static void can_end_in_the_middle(void **state)
{
	struct filters f = {.wake = on_wake};
	struct topo *topo = parse(HEAD "- {of: all, file: x, filter: arp}\n");
	struct topo_errors errors = {.count = 0};
	unsigned wakes = 0;
	uv_loop_t loop;
	bool wait;

	assert_int_equal(uv_loop_init(&loop), 0);
	f.loop = &loop;
	f.ctx = &wakes;
	assert_false(filters_check(&f, topo, &errors, &wait));
	assert_true(wait);
	filters_done(&f);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(wakes, 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	topo_free(topo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_loop_it_waits),
		cmocka_unit_test(in_a_loop_one_at_a_time),
		cmocka_unit_test(can_end_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
