/* SPDX-License-Identifier: MIT */
/*
 * The model that comes of a file, and the limits. What is said about bad files
 * is in tests/topo/bad.
 */
#include "tests/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/topo/same.h"
#include "tests/unit/topo/fake_kinds.h"
#include "topo/topo.h"

static struct topo *parse(const char *text)
{
	struct topo_errors errors;
	struct topo *topo = topo_parse(text, strlen(text), fake_kinds, &errors);

	if (!topo)
		fail_msg("%u:%u: %s", errors.err[0].at.line,
			 errors.err[0].at.col, errors.err[0].msg);
	assert_int_equal(errors.count, 0);
	return topo;
}

/* The first error, and how many there are. */
static size_t refuse(const char *text, size_t len, struct err *first)
{
	struct topo_errors errors;

	assert_null(topo_parse(text, len, fake_kinds, &errors));
	assert_true(errors.count > 0);
	*first = errors.err[0];
	return errors.count + errors.more;
}

static void refuse_with(const char *text, size_t len, const char *message)
{
	struct err err;

	(void)refuse(text, len, &err);
	assert_string_equal(err.msg, message);
}

/* count times unit, between head and tail. */
static char *repeat(const char *head, const char *unit, size_t count,
		    const char *tail)
{
	size_t size = strlen(head) + count * strlen(unit) + strlen(tail) + 1;
	char *text = malloc(size);
	char *to = text;

	assert_non_null(text);
	to = stpcpy(to, head);
	for (size_t i = 0; i < count; i++)
		to = stpcpy(to, unit);
	(void)stpcpy(to, tail);
	return text;
}

static void refuse_repeated(const char *head, const char *unit, size_t count,
			    const char *message)
{
	char *text = repeat(head, unit, count, "");

	refuse_with(text, strlen(text), message);
	free(text);
}

static void model(void **state)
{
	struct topo *topo = parse("name: lab\n"
				  "vlans: {staff: 10}\n"
				  "switches:\n"
				  "  sw1:\n"
				  "    mode: hub\n"
				  "    fdb: {ageing: 10s, limit: 5}\n"
				  "  sw2:\n"
				  "    ports:\n"
				  "      a: tap\n"
				  "      b: {udp: 1 -> h:2, ttl: 3, mtu: 99}\n"
				  "      c: {null, trunk: [staff, 20]}\n");
	const struct topo_switch *sw = topo_find_switch(topo, "sw2");
	const struct topo_port *port;

	assert_string_equal(topo->name, "lab");
	assert_int_equal(topo->vlan_count, 1);
	assert_int_equal(topo->vlans[0].vid, 10);
	assert_int_equal(topo->switch_count, 2);
	assert_int_equal(topo->switches[0].conf.mode, MODE_HUB);
	assert_int_equal(topo->switches[0].conf.fdb_ageing, 10000000000);
	assert_int_equal(topo->switches[0].conf.fdb_limit, 5);
	assert_int_equal(sw->conf.fdb_limit, 8192);
	assert_int_equal(sw->mark.line, 7);
	assert_int_equal(sw->mark.col, 3);
	assert_int_equal(sw->port_count, 3);

	port = topo_find_port(sw, "a");
	assert_ptr_equal(port->kind, &fake_tap);
	assert_string_equal(((struct fake_tap *)port->kind_conf)->ifname, "a");
	assert_int_equal(port->conf.mtu, 0);
	assert_int_equal(port->mark.line, 9);
	port = topo_find_port(sw, "b");
	assert_string_equal(((struct fake_udp *)port->kind_conf)->peer,
			    "1 -> h:2");
	assert_int_equal(((struct fake_udp *)port->kind_conf)->ttl, 3);
	assert_int_equal(port->conf.mtu, 99);
	port = topo_find_port(sw, "c");
	assert_true(vidset_has(&port->conf.vlan.trunk, 10));
	assert_true(vidset_has(&port->conf.vlan.trunk, 20));
	assert_null(topo_find_port(sw, "d"));
	assert_null(topo_find_switch(topo, "sw3"));
	topo_free(topo);
}

static void numbers_are_filled_in(void **state)
{
	struct topo *topo = parse("switches: {s: {ports: {\n"
				  "  a: null, b: {null, number: 2}, c: null,\n"
				  "  d: {null, number: 1}, e: null}}}\n");
	const struct topo_switch *sw = &topo->switches[0];
	static const uint16_t expected[] = {3, 2, 4, 1, 5};

	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(sw->ports[i].conf.number, expected[i]);
		assert_int_equal(sw->ports[i].conf.numbered, i % 2 == 1);
	}
	topo_free(topo);
}

static void vlan_awareness(void **state)
{
	static const struct {
		const char *options;
		bool aware;
	} rows[] = {
		{"ports: {a: null}", false},
		{"ports: {a: {null, vlan: 1}}", true},
		{"ports: {a: {null, trunk: 1}}", true},
		{"ports: {a: {null, native: 1}}", true},
		{"vde: {anonymous: {vlan: 1}}", true},
		{"vlan-aware: yes", true},
		{"vlan-aware: no", false},
		{"mode: hub", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[128];
		struct topo *topo;

		(void)snprintf(text, sizeof(text), "switches: {s: {%s}}",
			       rows[i].options);
		topo = parse(text);
		assert_int_equal(topo_vlan_aware(&topo->switches[0]),
				 rows[i].aware);
		topo_free(topo);
	}
}

static void anonymous_clients(void **state)
{
	struct topo *topo = parse("switches:\n"
				  "  a: {}\n"
				  "  b: {vde: /run/b}\n"
				  "  c: {vde: {dir: /run/c, anonymous: no}}\n"
				  "  d: {vde: {anonymous: {vlan: 7}}}\n"
				  "  e: {vde: }\n");

	assert_false(topo->switches[0].conf.vde.anonymous);
	assert_true(topo->switches[1].conf.vde.anonymous);
	assert_string_equal(topo->switches[1].conf.vde.dir, "/run/b");
	assert_false(topo->switches[2].conf.vde.anonymous);
	assert_true(topo->switches[3].conf.vde.anonymous);
	assert_int_equal(topo->switches[3].conf.vde.anonymous_vlan.access, 7);
	assert_true(topo->switches[4].conf.vde.anonymous);
	topo_free(topo);
}

/* Sugar and map are one: every pair makes the same topology. */
static void sugar(void **state)
{
	static const char *const pairs[][2] = {
		{"p: tap", "p: {tap: }"},
		{"p: tap", "p: {tap: p}"},
		{"p: tap eth0", "p: {tap: \"eth0\"}"},
		{"p: tap   eth0", "p: {tap: eth0}"},
		{"p: udp 1 -> h:2", "p: {udp: 1 -> h:2}"},
		{"p: \"udp [::1]:1\"", "p: {udp: \"[::1]:1\"}"},
		{"p: {net, cost: 1, dhcp: 20m}",
		 "p: {net: , cost: 1, dhcp: {lease: 20m}}"},
		{"p: {net, cost: 1, allowed: \"3,4\"}",
		 "p: {net, cost: 1, allowed: [3, 4]}"},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct topo *topo[2];

		for (size_t j = 0; j < 2; j++) {
			char text[256];

			(void)snprintf(text, sizeof(text),
				       "switches:\n  s:\n    ports:\n"
				       "      %s\n",
				       pairs[i][j]);
			topo[j] = parse(text);
		}
		assert_true(same_topo(topo[0], topo[1]));
		topo_free(topo[0]);
		topo_free(topo[1]);
	}
}

/* A dump has what it needs, no more, and parses to the same. */
static void dump(void **state)
{
	static const char *const rows[][2] = {
		{"{tap: p}", "tap"},
		{"{tap: q}", "tap q"},
		{"{tap, netns: n}", "{tap: eth0, netns: n}"},
		{"{tap: p, netns: n}", "{tap: p, netns: n}"},
		{"{tap: eth0, netns: n}", "{tap: eth0, netns: n}"},
		{"{tap, up: off, mac: 52:54:00:0:0:0}", NULL},
		{"{udp: \" odd \"}", "{udp: \" odd \"}"},
		{"{udp: 'a\"b\\c'}", "\"udp a\\\"b\\\\c\""},
		{"{udp: 'x: y'}", "\"udp x: y\""},
		{"{udp: 'x #y'}", "\"udp x #y\""},
		{"{ring: [5, 7]}", "{ring: [5, 7]}"},
		{"{ring: 5}", "{ring: 5}"},
		{"ring", "ring"},
		{"{udp: x, ttl: 64}", "udp x"},
		{"{udp: x, ttl: 0}", "{udp: x, ttl: 0}"},
		{"{net, cost: 0}", "{net, cost: 0}"},
		{"{net, cost: 0, allowed: [5, 7]}",
		 "{net, cost: 0, allowed: [5, 7]}"},
		{"{net, cost: 0, dhcp: 2h}", "{net, cost: 0, dhcp: 2h}"},
		{"{net, cost: 0, dhcp: {count: 3}}",
		 "{net, cost: 0, dhcp: {count: 3}}"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256];
		char expected[256];
		struct topo_errors errors;
		struct topo *topo;
		size_t len;
		char *got;

		(void)snprintf(text, sizeof(text),
			       "switches:\n  s:\n    ports:\n      p: %s\n",
			       rows[i][0]);
		topo = topo_parse(text, strlen(text), fake_kinds, &errors);
		assert_int_equal(!topo, !rows[i][1]);
		if (!topo)
			continue;
		(void)snprintf(expected, sizeof(expected),
			       "switches:\n  s:\n    ports:\n      p: %s\n",
			       rows[i][1]);
		got = dump_text(topo, &len);
		assert_string_equal(got, expected);
		topo_free(topo);
		topo = parse(got);
		topo_free(topo);
		free(got);
	}
}

static void empty_topology(void **state)
{
	struct topo *topo = topo_new();
	struct topo *again;
	size_t len;
	char *text;

	assert_non_null(topo);
	text = dump_text(topo, &len);
	again = parse(text);
	assert_true(same_topo(topo, again));
	topo_free(again);
	topo_free(topo);
	topo_free(NULL);
	free(text);
}

static void required_options(void **state)
{
	const char *text = "switches: {s: {ports: {p: {net, mtu: 100}}}}";

	refuse_with(text, strlen(text),
		    "port 'p': 'cost' is missing: cost of the way");
	text = "switches: {s: {ports: {p: net}}}";
	refuse_with(text, strlen(text),
		    "port 'p': 'cost' is missing: cost of the way");
}

/* Errors come in the order of the file, whatever is looked at first. */
static void errors_are_sorted(void **state)
{
	static const char text[] = "switches:\n"
				   "  s: {mode: x, ports: {p: q, 1: null}}\n"
				   "vlans: {a: 0}\n"
				   "foo: bar\n"
				   "name: ...x\n";
	struct topo_errors errors;

	assert_null(topo_parse(text, strlen(text), fake_kinds, &errors));
	assert_int_equal(errors.count, 6);
	for (size_t i = 1; i < errors.count; i++) {
		struct mark a = errors.err[i - 1].at;
		struct mark b = errors.err[i].at;

		assert_true(a.line < b.line ||
			    (a.line == b.line && a.col < b.col));
	}
}

static void too_many_errors(void **state)
{
	static const char text[] =
		"switches: {s: {ports: {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, "
		"g: 7, h: 8, i: 9, j: 10, k: 11, l: 12, m: 13, n: 14, o: 15, "
		"p: 16, q: 17, r: 18}}}";
	struct topo_errors errors;

	assert_null(topo_parse(text, strlen(text), fake_kinds, &errors));
	assert_int_equal(errors.count, TOPO_ERRORS_MAX);
	assert_int_equal(errors.more, 2);
}

/* libyaml takes a time that grows with the square for some of these. */
static void hostile_text(void **state)
{
	const char *deep = "nested deeper than 32 levels";

	refuse_repeated("", "[", 100000, deep);
	refuse_repeated("", "[\n", 50000, deep);
	refuse_repeated("a: ", "[", 100000, deep);
	refuse_repeated("", "{", 100000, "a key must be a word");
	refuse_repeated("", "{a: ", 25000, deep);
	refuse_repeated("", "- ", 50000, deep);
	refuse_repeated("", "%TAG !a! b\n", 50000,
			"directives ('%' at the start of a line) are not "
			"taken");
	refuse_repeated("a:\n", "- &a b\n", 5000,
			"anchors are not taken: remove it, or use quotes");
	refuse_repeated("&a ", "[*a, ", 2000,
			"anchors are not taken: remove it, or use quotes");
}

static void limits(void **state)
{
	refuse_repeated("", " ", TOPO_FILE_MAX + 1,
			"the file is larger than 1 MiB");
	refuse_repeated("", " ", TOPO_FILE_MAX, "the file is empty");
	refuse_repeated("a:\n", "- b\n", TOPO_NODES_MAX,
			"more than 10000 values");
	refuse_repeated("a:\n", "- b\n", TOPO_NODES_MAX - 3,
			"unknown key 'a'; expected name, "
			"vlans, defaults, hosts, switches, links, captures, "
			"nice");
	refuse_repeated("", "[", TOPO_DEPTH_MAX, "expected a value here");
	refuse_repeated("", "[", TOPO_DEPTH_MAX + 1,
			"nested deeper than 32 levels");
}

/* A switch with count ports. */
static char *many_ports(unsigned count)
{
	char *text = calloc(count + 3, 16);
	char *to;

	assert_non_null(text);
	to = stpcpy(text, "switches: {s: {ports: {\n");
	for (unsigned i = 0; i < count; i++)
		to += sprintf(to, "p%u: null,\n", i);
	(void)stpcpy(to, "}}}");
	return text;
}

static void most_ports(void **state)
{
	char *text = many_ports(TOPO_PORTS_MAX);
	struct topo *topo = parse(text);
	const struct topo_switch *sw = &topo->switches[0];

	assert_int_equal(sw->port_count, TOPO_PORTS_MAX);
	assert_int_equal(sw->ports[TOPO_PORTS_MAX - 1].conf.number,
			 TOPO_PORTS_MAX);
	topo_free(topo);
	free(text);
	text = many_ports(TOPO_PORTS_MAX + 1);
	refuse_with(text, strlen(text), "switch 's': more than 4095 ports");
	free(text);
}

/* Each name costs a look at the links before, not one for every name that is
 * taken: that would take minutes here. */
static void many_links_between_two(void **state)
{
	char *text = repeat("switches: {a: {}, b: {}}\nlinks:\n", "- a -- b\n",
			    TOPO_PORTS_MAX, "");
	struct topo *topo = parse(text);

	assert_int_equal(topo->link_count, TOPO_PORTS_MAX);
	assert_string_equal(topo->links[0].conf.name, "a--b");
	assert_string_equal(topo->links[TOPO_PORTS_MAX - 1].conf.name,
			    "a--b#4095");
	topo_free(topo);
	free(text);
}

static void names(void **state)
{
	static const char *const right[] = {
		"a",        "A",   "sw1",
		"r1-staff", "x_y", "a1234567890123456789012345678901",
		"controls", "null"};
	static const char *const wrong[] = {
		"",         "1a",
		"_a",       "-a",
		"a.b",      "a b",
		"a/b",      "..",
		"\xc3\xa9", "a12345678901234567890123456789012",
		"control",  "ctl",
		"all",      "any",
		"lock",     "show"};

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		assert_true(topo_name_valid(right[i]));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(topo_name_valid(wrong[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(model),
		cmocka_unit_test(numbers_are_filled_in),
		cmocka_unit_test(vlan_awareness),
		cmocka_unit_test(anonymous_clients),
		cmocka_unit_test(sugar),
		cmocka_unit_test(dump),
		cmocka_unit_test(empty_topology),
		cmocka_unit_test(required_options),
		cmocka_unit_test(errors_are_sorted),
		cmocka_unit_test(too_many_errors),
		cmocka_unit_test(hostile_text),
		cmocka_unit_test(limits),
		cmocka_unit_test(most_ports),
		cmocka_unit_test(many_links_between_two),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
