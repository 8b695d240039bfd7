/* SPDX-License-Identifier: MIT */
#include "switchd/log.h"

#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"

/* Standard error as a pipe for the length of one test. */
struct capture {
	int saved;
	int read_end;
};

static int begin(void **state)
{
	struct capture *c = calloc(1, sizeof(*c));
	int ends[2];

	assert_non_null(c);
	assert_int_equal(pipe(ends), 0);
	c->saved = dup(STDERR_FILENO);
	c->read_end = ends[0];
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	fcntl(c->read_end, F_SETFL, O_NONBLOCK);
	unsetenv("JOURNAL_STREAM");
	log_open(LOG_LEVEL_INFO);
	*state = c;
	return 0;
}

static int end(void **state)
{
	struct capture *c = *state;

	dup2(c->saved, STDERR_FILENO);
	close(c->saved);
	close(c->read_end);
	free(c);
	return 0;
}

static const char *text_of(struct capture *c, char *buf, size_t size)
{
	ssize_t n = read(c->read_end, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

static void test_a_line_has_time_level_and_text(void **state)
{
	char buf[256];
	regex_t shape;

	log_warn("%s: down (%s)", "sw1.pc1", "no\nsuch device");
	text_of(*state, buf, sizeof(buf));
	assert_int_equal(
		regcomp(&shape,
			"^[0-9]{4}-[0-9]{2}-[0-9]{2} "
			"[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3} "
			"warning: sw1[.]pc1: down \\(no such device\\)\n$",
			REG_EXTENDED | REG_NOSUB),
		0);
	assert_int_equal(regexec(&shape, buf, 0, NULL, 0), 0);
	regfree(&shape);
}

static void test_levels_above_the_chosen_are_silent(void **state)
{
	char buf[256];
	enum log_level level = LOG_LEVEL_COUNT;

	log_debug("not seen");
	assert_string_equal(text_of(*state, buf, sizeof(buf)), "");
	assert_true(log_level_parse("debug", &level));
	log_open(level);
	log_debug("seen");
	assert_non_null(strstr(text_of(*state, buf, sizeof(buf)), "seen"));
	assert_false(log_level_parse("loud", &level));
	assert_int_equal(level, LOG_LEVEL_DEBUG);
}

static void test_the_journal_gets_priorities(void **state)
{
	char buf[256], stream[64];
	struct stat st;

	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
		 (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open(LOG_LEVEL_INFO);
	log_err("bad");
	log_info("good");
	assert_string_equal(text_of(*state, buf, sizeof(buf)),
			    "<3>bad\n<6>good\n");
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_open(LOG_LEVEL_INFO);
	log_info("not for the journal");
	assert_true(text_of(*state, buf, sizeof(buf))[0] != '<');
	unsetenv("JOURNAL_STREAM");
}

static void test_one_line_a_cause_and_second(void **state)
{
	struct log_limit refused = {0}, other = {0};
	char buf[1024];

	for (int i = 0; i < 100; i++)
		log_limited(&refused, LOG_LEVEL_WARN, "refused %d", i);
	log_limited(&other, LOG_LEVEL_WARN, "other");
	text_of(*state, buf, sizeof(buf));
	assert_non_null(strstr(buf, "refused 0\n"));
	assert_null(strstr(buf, "refused 1"));
	assert_non_null(strstr(buf, "other\n"));
	assert_int_equal(refused.suppressed, 99);
	refused.next_ms = 0; /* the second is over */
	log_limited(&refused, LOG_LEVEL_WARN, "refused again");
	text_of(*state, buf, sizeof(buf));
	assert_non_null(strstr(buf, "refused again (99 suppressed)\n"));
}

static void test_a_full_pipe_does_not_hold_us_up(void **state)
{
	struct capture *c = *state;
	char buf[65536];

	for (int i = 0; i < 3000; i++)
		log_info("line %d of more than a pipe can hold ............",
			 i);
	while (read(c->read_end, buf, sizeof(buf)) > 0)
		;
	log_info("after");
	text_of(c, buf, sizeof(buf));
	assert_non_null(strstr(buf, " log lines were lost\n"));
	assert_non_null(strstr(buf, "after\n"));
}

static void test_a_long_line_is_cut(void **state)
{
	char text[4000], buf[4000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
	text_of(*state, buf, sizeof(buf));
	assert_in_range(strlen(buf), 900, 1024);
	assert_int_equal(buf[strlen(buf) - 1], '\n');
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_line_has_time_level_and_text),
		TEST(test_levels_above_the_chosen_are_silent),
		TEST(test_the_journal_gets_priorities),
		TEST(test_one_line_a_cause_and_second),
		TEST(test_a_full_pipe_does_not_hold_us_up),
		TEST(test_a_long_line_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
