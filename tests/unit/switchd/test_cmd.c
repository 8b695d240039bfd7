/* SPDX-License-Identifier: MIT */
#include "switchd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/screen.h"
#include "tests/cmocka.h"

static void table_is_sound(void **state)
{
	for (const struct cmd *const *cmd = cmd_table; *cmd; cmd++) {
		bool optional = false;
		size_t len;

		assert_ptr_equal(cmd_find((*cmd)->name), *cmd);
		if (!(*cmd)->help) {
			assert_non_null((*cmd)->serve_call);
			continue;
		}
		len = strlen((*cmd)->help);
		assert_true(len > 10 && (*cmd)->help[len - 1] != '.');
		assert_true((*cmd)->run ||
			    (((*cmd)->serve || (*cmd)->serve_call) &&
			     (*cmd)->print));
		for (const struct cmd_param *p = (*cmd)->params; p->name; p++) {
			assert_true(p->meta || p->type == PARAM_FLAG ||
				    p->type == PARAM_DATA);
			/* Words are read in order: what must be is first. */
			assert_false(p->required && optional);
			optional = optional || !p->required;
		}
	}
}

static void matching(void **state)
{
	static const struct {
		char *words[3];
		const char *name; /* NULL: none */
		int count;
		int used;
	} rows[] = {
		{{"show"}, "show", 1, 1},
		{{"fdb"}, "fdb", 1, 1},
		{{"fdb", "flush"}, "fdb flush", 2, 2},
		{{"fdb", "lan"}, "fdb", 2, 1},
		{{"fdb", "add", "x"}, "fdb add", 3, 2},
		{{"fdb flush"}, "fdb flush", 1, 1},
		{{"capture", "list"}, "capture list", 2, 2},
		{{"capture start"}, NULL, 1, 0},
		{{"flush"}, NULL, 1, 0},
		{{""}, NULL, 1, 0},
		{{"x-----------------------------------"}, NULL, 1, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int used;
		const struct cmd *cmd =
			cmd_match(rows[i].count, rows[i].words, &used);

		assert_int_equal(used, rows[i].used);
		if (!rows[i].name)
			assert_null(cmd);
		else
			assert_string_equal(cmd->name, rows[i].name);
	}
}

/* params: JSON, or what the error has in it. */
static void assert_params(const char *cmd, char *const *words,
			  const char *params)
{
	json_t *want = json_loads(params, 0, NULL);
	struct err err = {.errnum = 0};
	json_t *got;
	int count = 0;

	while (words[count])
		count++;
	got = cmd_words(cmd_find(cmd), count, words, &err);
	if (want && !json_equal(want, got))
		fail_msg("%s: not %s: %s", cmd, params, err.msg);
	if (!want && (got || !strstr(err.msg, params)))
		fail_msg("%s: not '%s': %s", cmd, params, err.msg);
	json_decref(want);
	json_decref(got);
}

static void words_to_params(void **state)
{
	static const struct {
		const char *cmd;
		char *words[5];
		const char *params;
	} rows[] = {
		{"show", {NULL}, "{}"},
		{"show", {"x"}, "too many words: 'x'"},
		{"show", {"--json"}, "before the command: '--json'"},
		{"ports", {"-l", "x"}, "before the command: '-l'"},
		{"ports", {NULL}, "{}"},
		{"ports", {"a", "b"}, "{\"names\":[\"a\",\"b\"]}"},
		{"apply", {"x"}, "{\"file\":\"x\"}"},
		{"apply", {"-"}, "{\"file\":\"-\"}"},
		{"apply",
		 {"--dry-run", "x"},
		 "{\"dry_run\":true,\"file\":\"x\"}"},
		{"apply",
		 {"x", "--dry-run"},
		 "{\"file\":\"x\",\"dry_run\":true}"},
		{"apply", {"x", "--dry"}, "before the command: '--dry'"},
		{"apply", {NULL}, "FILE is missing"},
		{"validate", {"x", "--dry-run"}, "before the command"},
		{"ports", {"\xff"}, "not UTF-8"},
		{"fdb flush", {NULL}, "{}"},
		{"fdb flush", {"lan"}, "{\"switch\":\"lan\"}"},
		{"fdb flush",
		 {"vlan", "10", "lan"},
		 "{\"vlan\":\"10\",\"switch\":\"lan\"}"},
		{"fdb flush",
		 {"port", "vlan", "vlan", "port"},
		 "{\"port\":\"vlan\",\"vlan\":\"port\"}"},
		{"fdb flush", {"port"}, "NAME is missing after 'port'"},
		{"fdb flush", {"lan", "x"}, "too many words: 'x'"},
		{"fdb add", {NULL}, "MAC is missing"},
		{"fdb add", {"m"}, "PORT is missing"},
		{"fdb add", {"m", "p"}, "{\"mac\":\"m\",\"port\":\"p\"}"},
		{"trace", {"p"}, "HEX is missing"},
		{"trace",
		 {"p", "01:02", "03", "4"},
		 "{\"port\":\"p\",\"frame\":\"01:02 03 4\"}"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_params(rows[i].cmd, rows[i].words, rows[i].params);
}

/* What follows a "--" is text, whatever it looks like. */
static void words_after_dashes(void **state)
{
	static const struct {
		const char *cmd;
		char *words[5];
		const char *params;
	} rows[] = {
		{"capture", {"--raw", "a"}, "{\"raw\":true,\"ports\":[\"a\"]}"},
		{"capture",
		 {"a", "--", "-x", "--raw"},
		 "{\"ports\":[\"a\"],\"filter\":\"-x --raw\"}"},
		{"capture",
		 {"a", "--", "b", "--"},
		 "{\"ports\":[\"a\"],\"filter\":\"b --\"}"},
		{"capture", {"a", "--"}, "{\"ports\":[\"a\"]}"},
		{"capture", {"--", "a"}, "PORT is missing"},
		{"capture", {"a", "-w"}, "FILE is missing after '-w'"},
		{"ports", {"--", "a"}, "before the command: '--'"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_params(rows[i].cmd, rows[i].words, rows[i].params);
}

static void usage_line(void **state)
{
	static const struct {
		const char *name, *usage;
	} rows[] = {
		{"show", "show"},
		{"ports", "ports [NAME...]"},
		{"trace", "trace PORT HEX"},
		{"fdb flush", "fdb flush [SWITCH] [port NAME] [vlan VID]"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		assert_non_null(out);
		cmd_usage(cmd_find(rows[i].name), out);
		(void)fclose(out);
		assert_string_equal(text, rows[i].usage);
		free(text);
	}
}

static void text_of_any_bytes(void **state)
{
	json_t *good = cmd_string("r\xc3\xa9seau");
	json_t *bad = cmd_string("r\xe9seau\n");

	assert_string_equal(json_string_value(good), "r\xc3\xa9seau");
	assert_string_equal(json_string_value(bad), "r?seau\n");
	json_decref(good);
	json_decref(bad);
}

static void units(void **state)
{
	char buf[SCREEN_UNITS_SIZE];

	assert_string_equal(screen_bytes(0, buf), "0 B");
	assert_string_equal(screen_bytes(9999, buf), "9999 B");
	assert_string_equal(screen_bytes(10000, buf), "10.0 kB");
	assert_string_equal(screen_bytes(1500000, buf), "1.5 MB");
	assert_string_equal(screen_bytes(INT64_MAX, buf), "9223372.0 TB");
	assert_string_equal(screen_duration(0, buf), "0 s");
	assert_string_equal(screen_duration(59, buf), "59 s");
	assert_string_equal(screen_duration(303, buf), "5 min 3 s");
	assert_string_equal(screen_duration(7620, buf), "2 h 7 min");
	assert_string_equal(screen_duration(273600, buf), "3 d 4 h");
}

static void table_text_of(char *text, bool colour, const char *want)
{
	static const char *const columns[] = {"NAME", ">COUNT", "STATE", NULL};
	char *got = NULL;
	size_t len;
	const struct screen screen = {open_memstream(&got, &len), colour};
	struct table *table = table_new(&screen, columns);

	table_heading(table, "a heading wider than any column");
	table_text(table, text);
	table_count(table, 1234567);
	table_state(table, "up");
	table_note(table, "note %d", 1);
	table_text(table, NULL);
	table_count(table, 0);
	table_state(table, "down");
	table_end(table);
	(void)fclose(screen.out);
	assert_string_equal(got, want);
	free(got);
}

static void tables(void **state)
{
	char wide[200];

	table_text_of("lan.a", false,
		      "NAME     COUNT  STATE\n"
		      "a heading wider than any column\n"
		      "lan.a  1234567  up\n"
		      "    note 1\n"
		      "-            -  down\n");
	table_text_of("b", true,
		      "\033[1mNAME\033[0m    \033[1mCOUNT\033[0m  "
		      "\033[1mSTATE\033[0m\n"
		      "a heading wider than any column\n"
		      "b     1234567  \033[32mup\033[0m\n"
		      "    note 1\n"
		      "-           -  \033[31mdown\033[0m\n");
	memset(wide, 'w', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	table_text_of(wide, false,
		      "NAME                                                    "
		      "              COUNT  STATE\n"
		      "a heading wider than any column\n"
		      "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
		      "wwwwwww...  1234567  up\n"
		      "    note 1\n"
		      "-                                                       "
		      "                  -  down\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_sound),
		cmocka_unit_test(matching),
		cmocka_unit_test(words_to_params),
		cmocka_unit_test(words_after_dashes),
		cmocka_unit_test(usage_line),
		cmocka_unit_test(text_of_any_bytes),
		cmocka_unit_test(units),
		cmocka_unit_test(tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
