/* SPDX-License-Identifier: MIT */
#include "switchd/capture_words.h"

#include <stdlib.h>
#include <string.h>

#include "tests/cmocka.h"

static const char lab[] =
	"{\"switches\": [{\"switch\": \"lan\"}, {\"switch\": \"empty\"},"
	" {\"switch\": \"tcp\"}, {\"switch\": \"bob\"}],"
	" \"rows\": [{\"port\": \"lan.alice\"}, {\"port\": \"lan.bob\"},"
	" {\"port\": \"lan.#7\"}, {\"port\": \"lan.pc\"},"
	" {\"port\": \"tcp.pc\"},"
	" {\"port\": \"lan.slow\", \"kind\": \"link\"},"
	" {\"port\": \"tcp.slow\", \"kind\": \"link\"},"
	" {\"port\": \"lan.a--b#2\", \"kind\": \"link\"}]}";

/* of and filter joined by a blank and a '|', or what the error has in it. */
static void sorting(void **state)
{
	static const struct {
		const char *params, *want;
	} rows[] = {
		{"{\"ports\": [\"all\"]}", "all |"},
		{"{\"ports\": [\"alice\"]}", "lan.alice |"},
		{"{\"ports\": [\"lan.alice\", \"arp\"]}", "lan.alice |arp"},
		{"{\"ports\": [\"alice\", \"not\", \"alice\"]}",
		 "lan.alice |not alice"},
		{"{\"ports\": [\"lan\", \"empty.*\"]}", "lan empty.* |"},
		{"{\"ports\": [\"lan.#7\", \"#7\"]}", "lan.#7 lan.#7 |"},
		/* A switch before a port, and before a filter. */
		{"{\"ports\": [\"bob\", \"tcp\", \"port\", \"80\"]}",
		 "bob tcp |port 80"},
		{"{\"ports\": [\"bob\"], \"filter\": \"tcp port 80\"}",
		 "bob |tcp port 80"},
		{"{\"ports\": [\"alice\", \"host\", \"www.example.com\"]}",
		 "lan.alice |host www.example.com"},
		{"{\"ports\": [\"alice\", \"10.0.0.1\"]}",
		 "lan.alice |10.0.0.1"},
		{"{\"ports\": [\"slow\", \"tcp.slow\", \"a--b#2\"]}",
		 "slow tcp.slow a--b#2 |"},
		{"{\"ports\": [\"arp\"]}", "there is no port 'arp'"},
		{"{\"ports\": [\"\"]}", "there is no port ''"},
		{"{\"ports\": [\"pc\"]}",
		 "port 'pc' is on more than one switch: say SWITCH.pc"},
		{"{\"ports\": [\"alice\", \"lan.carol\"]}",
		 "there is no port 'lan.carol'"},
		{"{\"ports\": [\"lan.*\", \"none.*\"]}",
		 "there is no port 'none.*'"},
		{"{\"ports\": [\"lan\", \"arp\"], \"filter\": \"icmp\"}",
		 "there is no port 'arp'"},
	};
	json_t *show = json_loads(lab, 0, NULL);

	assert_non_null(show);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *params = json_loads(rows[i].params, 0, NULL);
		char filter[FILTER_TEXT_MAX + 1];
		struct err err = {.errnum = 0};
		json_t *of = capture_words(show, params, filter, &err);
		char got[200] = "";
		const json_t *text;
		size_t j;

		json_array_foreach(of, j, text)
		{
			strcat(got, json_string_value(text));
			strcat(got, " ");
		}
		if (of)
			strcat(strcat(got, "|"), filter);
		assert_string_equal(of ? got : err.msg, rows[i].want);
		json_decref(params);
		json_decref(of);
	}
	json_decref(show);
}

static void a_filter_has_an_end(void **state)
{
	json_t *show = json_loads(lab, 0, NULL);
	char filter[FILTER_TEXT_MAX + 1];
	char text[FILTER_TEXT_MAX + 2];
	struct err err = {.errnum = 0};
	json_t *params, *of;

	memset(text, 'x', sizeof(text));
	text[FILTER_TEXT_MAX] = '\0';
	params = json_pack("{s:[s, s]}", "ports", "lan", text);
	of = capture_words(show, params, filter, &err);
	assert_string_equal(filter, text);
	json_decref(of);
	json_decref(params);

	text[FILTER_TEXT_MAX] = 'x';
	text[FILTER_TEXT_MAX + 1] = '\0';
	params = json_pack("{s:[s], s:s}", "ports", "lan", "filter", text);
	assert_null(capture_words(show, params, filter, &err));
	assert_string_equal(err.msg, "the filter is longer than 1024 bytes");
	json_decref(params);
	json_decref(show);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorting),
		cmocka_unit_test(a_filter_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
