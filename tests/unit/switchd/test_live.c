/* SPDX-License-Identifier: MIT */
#include "switchd/live.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/cmd.h"
#include "tests/cmocka.h"

static json_t *request_of(const char *words, struct err *err)
{
	json_t *json = json_loads(words, 0, NULL);
	json_t *request = live_request(json, err);

	assert_non_null(json);
	json_decref(json);
	return request;
}

static void assert_json(json_t *got, const char *want)
{
	json_t *json = json_loads(want, 0, NULL);

	assert_non_null(json);
	if (!json_equal(got, json)) {
		char *text = json_dumps(got, JSON_COMPACT);

		fail_msg("%s", text);
	}
	json_decref(json);
	json_decref(got);
}

static void words_become_a_request(void **state)
{
	assert_json(request_of("{}", NULL),
		    "{\"format\":\"pcapng\",\"direction\":\"both\","
		    "\"snaplen\":262144,\"buffer\":16000000,"
		    "\"raw\":false,\"drops\":false}");
	assert_json(request_of("{\"format\":\"pcap\",\"direction\":\"tx\","
			       "\"snaplen\":\"96\",\"buffer\":\"1MB\","
			       "\"raw\":true,\"drops\":true,"
			       "\"ports\":[\"a\"],\"write\":\"x\"}",
			       NULL),
		    "{\"format\":\"pcap\",\"direction\":\"tx\","
		    "\"snaplen\":96,\"buffer\":1000000,"
		    "\"raw\":true,\"drops\":true}");
}

static void wrong_words_are_refused(void **state)
{
	static const struct {
		const char *words, *message;
	} rows[] = {
		{"{\"format\":\"erf\"}",
		 "--format is 'erf', expected pcapng or pcap"},
		{"{\"direction\":\"\"}", "--direction is"},
		{"{\"snaplen\":\"13\"}", "--snaplen is 13, outside"},
		{"{\"buffer\":\"5\"}", "--buffer is 5 without a unit"},
		{"{\"buffer\":\"1B\"}", "--buffer is 1B, outside"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = {.errnum = 0};

		assert_null(request_of(rows[i].words, &err));
		if (!strstr(err.msg, rows[i].message))
			fail_msg("%s", err.msg);
	}
}

/* Of `arp`: load the type, compare, all or nothing (pcap-filter(7)). */
static void a_filter_becomes_its_program(void **state)
{
	json_t *request = json_object();
	struct err err = {.errnum = 0};

	assert_true(live_filter(request, "", &err));
	assert_int_equal(json_object_size(request), 0);
	assert_true(live_filter(request, "arp", &err));
	assert_json(request,
		    "{\"filter\":[[40,0,0,12],[21,0,1,2054],[6,0,0,262144],"
		    "[6,0,0,0]],\"filter_text\":\"arp\"}");
}

static void a_filter_of_lines_is_shown_as_one(void **state)
{
	json_t *request = json_object();
	struct err err;

	assert_true(live_filter(request, "arp\n\tor icmp", &err));
	assert_string_equal(cmd_text(request, "filter_text"), "arp  or icmp");
	json_decref(request);
}

static void a_wrong_filter_is_refused(void **state)
{
	json_t *request = json_object();
	struct err err = {.errnum = 0};

	assert_false(live_filter(request, "arp or", &err));
	assert_non_null(strstr(err.msg, "syntax error"));
	assert_int_equal(json_object_size(request), 0);
	json_decref(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_a_request),
		cmocka_unit_test(wrong_words_are_refused),
		cmocka_unit_test(a_filter_becomes_its_program),
		cmocka_unit_test(a_filter_of_lines_is_shown_as_one),
		cmocka_unit_test(a_wrong_filter_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
