/* SPDX-License-Identifier: MIT */
#include "topo/selector.h"

#include <string.h>

#include "tests/cmocka.h"
#include "tests/unit/topo/fake_kinds.h"
#include "topo/topo.h"

static struct selector parse(const char *text)
{
	struct selector selector;
	struct err err = {.msg = ""};

	memset(&selector, 0xff, sizeof(selector));
	if (!selector_parse(text, &selector, &err))
		fail_msg("%s %s", text, err.msg);
	return selector;
}

static void good(const char *text, const char *canonical)
{
	const struct selector selector = parse(text);
	const struct selector again = parse(canonical);
	char buf[SELECTOR_TEXT_SIZE];

	assert_string_equal(selector_format(&selector, buf), canonical);
	assert_memory_equal(&selector, &again, sizeof(selector));
}

static void bad(const char *text)
{
	struct selector selector = {.sw = "as before"};
	const struct selector before = selector;
	struct err err;

	if (selector_parse(text, &selector, &err))
		fail_msg("'%s' has been taken", text);
	assert_non_null(strstr(err.msg, "expected all, SWITCH, SWITCH.*, "
					"SWITCH.PORT or LINK"));
	assert_memory_equal(&selector, &before, sizeof(selector));
}

#define NAME_32 "a2345678901234567890123456789012"

static void shapes(void **state)
{
	good("all", "all");
	good("sw1", "sw1");
	good("sw1.*", "sw1");
	good("sw1.pc1", "sw1.pc1");
	good("sw1.#7", "sw1.#7");
	good("sw1.#4095", "sw1.#4095");
	good("sw1--sw2", "sw1--sw2");
	good("sw1--sw2#2", "sw1--sw2#2");
	good("sw1.sw1--sw2#2", "sw1.sw1--sw2#2");
	good(NAME_32 "." NAME_32, NAME_32 "." NAME_32);
	bad("");
	bad(".");
	bad("*");
	bad("*.*");
	bad("*.pc1");
	bad(".pc1");
	bad("sw1.");
	bad("sw1.pc*");
	bad("sw1.pc1.x");
	bad("sw1.pc1 ");
	bad("sw1,sw2");
	bad("all.*");
	bad("all.pc1");
	bad("sw1.all");
	bad("sw1.#");
	bad("sw1.#12345");
	bad("sw1.#1x");
	bad("#1");
	bad("sw1#");
	bad("sw1#x");
	bad("sw1#1#1");
	bad("sw1.all#1");
	bad(NAME_32 "#1");
	bad(NAME_32 "3");
	bad(NAME_32 "3.pc1");
	bad("sw1." NAME_32 "3");
}

static bool takes(const char *text, const char *sw, const char *port)
{
	const struct selector selector = parse(text);

	return selector_takes(&selector, sw, port, NULL);
}

static bool takes_end(const char *text, const char *sw, const char *port,
		      const char *link)
{
	const struct selector selector = parse(text);

	return selector_takes(&selector, sw, port, link);
}

static void ports_that_are_meant(void **state)
{
	const struct selector none = {.sw = ""};

	assert_true(takes("all", "sw1", "pc1"));
	assert_true(takes("all", "sw2", "#3"));
	assert_true(takes("sw1", "sw1", "pc1"));
	assert_true(takes("sw1.*", "sw1", "#3"));
	assert_true(takes("sw1.pc1", "sw1", "pc1"));
	assert_true(takes("sw1.#3", "sw1", "#3"));
	assert_false(takes("sw1", "sw2", "pc1"));
	assert_false(takes("sw1", "sw11", "pc1"));
	assert_false(takes("sw1.pc1", "sw1", "pc11"));
	assert_false(takes("sw1.pc1", "sw2", "pc1"));
	assert_false(takes("sw1.#3", "sw1", "#33"));
	assert_false(selector_takes(&none, "sw1", "pc1", NULL));
}

static void ends_of_links(void **state)
{
	assert_true(takes_end("slow", "sw1", "slow", "slow"));
	assert_true(takes_end("slow", "sw1", "slow-back", "slow"));
	assert_true(takes_end("sw1", "sw1", "slow", "slow"));
	assert_true(takes_end("sw1.slow", "sw1", "slow", "slow"));
	assert_true(takes_end("all", "sw1", "slow", "slow"));
	assert_false(takes_end("slow", "sw1", "slow", "fast"));
	assert_false(takes_end("slow", "sw1", "slow", NULL));
	assert_false(takes_end("sw2.slow", "sw1", "slow", "slow"));
}

static void check(const struct topo *topo, const char *text,
		  const char *message)
{
	const struct selector selector = parse(text);
	struct err err = {.msg = ""};

	assert_int_equal(selector_check(&selector, topo, &err), !*message);
	assert_string_equal(err.msg, message);
}

static void what_there_is(void **state)
{
	static const char text[] =
		"switches: {sw1: {ports: {pc1: null, pc2: null}}, lan: {}}\n"
		"links: [sw1 -- lan, lan -- sw1: {name: slow}]";
	struct topo_errors errors;
	struct topo *topo = topo_parse(text, strlen(text), fake_kinds, &errors);

	assert_non_null(topo);
	check(topo, "all", "");
	check(topo, "lan", "");
	check(topo, "sw1.*", "");
	check(topo, "sw1.pc2", "");
	check(topo, "slow", "");
	check(topo, "sw1--lan", "");
	check(topo, "lan.slow", "");
	check(topo, "lan.sw1--lan", "");
	check(topo, "sw2",
	      "is 'sw2', but there is no switch or link of that name; did you "
	      "mean 'sw1'?");
	check(topo, "sw2.pc1",
	      "has 'sw2', but there is no switch of that name; did you mean "
	      "'sw1'?");
	check(topo, "other",
	      "is 'other', but there is no switch or link of that name");
	check(topo, "sow",
	      "is 'sow', but there is no switch or link of that name; did you "
	      "mean 'slow'?");
	check(topo, "pc2", "is 'pc2', a port: did you mean 'sw1.pc2'?");
	check(topo, "sw1.pc11",
	      "is 'sw1.pc11', but switch 'sw1' has no such port; did you mean "
	      "'pc1'?");
	check(topo, "lan.pc1",
	      "is 'lan.pc1', but switch 'lan' has no such port");
	check(topo, "sw1.#3",
	      "is 'sw1.#3', a port that comes and goes; 'sw1.*' has it");
	topo_free(topo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes),
		cmocka_unit_test(ports_that_are_meant),
		cmocka_unit_test(ends_of_links),
		cmocka_unit_test(what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
