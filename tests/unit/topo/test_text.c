/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topo/suggest.h"
#include "topo/text.h"
#include "topo/topo.h"

static void decoding(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		uint32_t code;
	} rows[] = {
		{"a", 1, 'a'},
		{"\xc3\xa9", 2, 0xe9},
		{"\xe4\xb8\xad", 3, 0x4e2d},
		{"\xf0\x9f\x98\x80", 4, 0x1f600},
		{"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
		{"", 0, 0},
		{"\x80", 0, 0},     /* a tail alone */
		{"\xc3", 0, 0},     /* cut off */
		{"\xe4\xb8", 0, 0}, /* cut off */
		{"\xc3"
		 "a",
		 0, 0},                     /* no tail */
		{"\xc0\xaf", 0, 0},         /* overlong */
		{"\xe0\x80\xaf", 0, 0},     /* overlong */
		{"\xed\xa0\x80", 0, 0},     /* a surrogate */
		{"\xf4\x90\x80\x80", 0, 0}, /* beyond U+10FFFF */
		{"\xff", 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t code = 0;

		assert_int_equal(text_decode(rows[i].bytes,
					     strlen(rows[i].bytes), &code),
				 rows[i].n);
		assert_int_equal(code, rows[i].code);
	}
}

static void halves_are_taken_out(void **state)
{
	static const char *const rows[][2] = {
		{"", ""},
		{"caf\xc3\xa9", "caf\xc3\xa9"},
		{"caf\xc3", "caf"},
		{"is '\xe4\xb8', expected \xe4", "is '', expected "},
		{"\xf0\x9f\x98\x80\xf0\x9f\x98", "\xf0\x9f\x98\x80"},
		{"\x98\x80 a", " a"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char s[32];

		(void)snprintf(s, sizeof(s), "%s", rows[i][0]);
		text_mend(s);
		assert_string_equal(s, rows[i][1]);
	}
}

static void visibility(void **state)
{
	static const uint32_t hidden[] = {0,      9,      10,     27,
					  0x7f,   0x85,   0x61c,  0x200e,
					  0x2028, 0x202e, 0x2066, 0xfeff};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		assert_false(text_visible(hidden[i]));
	assert_true(text_visible(' '));
	assert_true(text_visible('~'));
	assert_true(text_visible(0xa0));
	assert_true(text_visible(0x1f600));
	assert_true(text_printable("caf\xc3\xa9"));
	assert_true(text_printable(""));
	assert_false(text_printable("a\tb"));
	assert_false(text_printable("caf\xe9"));
}

static void suggestions(void **state)
{
	static const char *const words[] = {"vlan", "trunk",  "native",
					    "mtu",  "number", "tap"};
	static const char *const rows[][2] = {
		{"vlna", "vlan"},
		{"trunks", "trunk"},
		{"nativ", "native"},
		{"ntaive", "native"},
		{"mtv", "mtu"},
		{"tpa", "tap"},
		{"numbre", "number"},
		{"x", NULL},
		{"", NULL},
		{"capture", NULL},
		{"vlanvlan", NULL},
		{"a-word-that-is-longer-than-any-word-ever-was", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct suggest s = suggest_for(rows[i][0]);
		char expected[64] = "";

		for (size_t j = 0; j < sizeof(words) / sizeof(words[0]); j++)
			suggest_try(&s, words[j]);
		if (rows[i][1])
			(void)snprintf(expected, sizeof(expected),
				       "; did you mean '%s'?", rows[i][1]);
		assert_string_equal(suggest_tail(&s), expected);
	}
}

static void shows(const char *text, struct mark at, const char *msg,
		  const char *expected)
{
	struct err err = {.at = at};
	char *got = NULL;
	size_t len;
	FILE *out = open_memstream(&got, &len);

	assert_non_null(out);
	(void)snprintf(err.msg, sizeof(err.msg), "%s", msg);
	topo_print_error(out, "f", text, text ? strlen(text) : 0, &err);
	(void)fclose(out);
	assert_string_equal(got, expected);
	free(got);
}

static void error_printing(void **state)
{
	shows(NULL, (struct mark){2, 3}, "m", "f:2:3: m\n");
	shows("a\n", (struct mark){0, 0}, "m", "f: m\n");
	shows("a\n", (struct mark){7, 1}, "m", "f:7:1: m\n");
	shows("a\nbcd", (struct mark){2, 3}, "m",
	      "f:2:3: m\n    bcd\n      ^\n");
	shows("ab\n", (struct mark){1, 9}, "m", "f:1:9: m\n    ab\n      ^\n");
	shows("\tb\r\n", (struct mark){1, 2}, "m",
	      "f:1:2: m\n            b\n            ^\n");
	shows("ab\tc", (struct mark){1, 4}, "m",
	      "f:1:4: m\n    ab      c\n            ^\n");
	shows("\xc3\xa9x", (struct mark){1, 3}, "m",
	      "f:1:3: m\n    \xc3\xa9x\n     ^\n");
	shows("\033[1m", (struct mark){1, 2}, "\033[2J",
	      "f:1:2: \\u001b[2J\n    \\u001b[1m\n          ^\n");
	shows("\xffx", (struct mark){1, 2}, "\xc3",
	      "f:1:2: \\xc3\n    \\xffx\n        ^\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoding),
		cmocka_unit_test(halves_are_taken_out),
		cmocka_unit_test(visibility),
		cmocka_unit_test(suggestions),
		cmocka_unit_test(error_printing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
