/* SPDX-License-Identifier: MIT */
/* What the commands do in the daemon, called as the socket calls them. */
#include "switchd/cmd.h"

#include "switchd/answer.h"
#include "tests/unit/switchd/ctl_lab.h"

/* The result of words as a user types them; NULL and err. */
static json_t *run(struct lab_rig *f, const char *words, struct err *err)
{
	char copy[256], *argv[16], *rest = copy;
	const struct cmd *cmd;
	json_t *params, *result;
	int argc = 0, used;

	(void)snprintf(copy, sizeof(copy), "%s", words);
	while (argc < 16 && (argv[argc] = strsep(&rest, " ")))
		argc++;
	cmd = cmd_match(argc, argv, &used);
	assert_non_null(cmd);
	params = cmd_words(cmd, argc - used, argv + used, err);
	if (!params)
		fail_msg("%s: %s", words, err->msg);
	result = cmd->serve(&f->lab, params, err);
	json_decref(params);
	return result;
}

static json_t *good(struct lab_rig *f, const char *words)
{
	struct err err;
	json_t *result = run(f, words, &err);

	if (!result)
		fail_msg("%s: %s", words, err.msg);
	return result;
}

static void does(struct lab_rig *f, const char *words)
{
	json_decref(good(f, words));
}

static void refuses(struct lab_rig *f, const char *words, const char *why)
{
	struct err err;
	json_t *result = run(f, words, &err);

	if (result || !strstr(err.msg, why))
		fail_msg("%s: %s", words, result ? "done" : err.msg);
}

static void removes(struct lab_rig *f, const char *words, long long count)
{
	json_t *result = good(f, words);

	assert_int_equal(cmd_number(result, "removed"), count);
	json_decref(result);
}

static struct fdb *fdb_of(struct lab_rig *f, const char *name)
{
	return bridge_fdb(lab_find_switch(&f->lab, name)->bridge);
}

/* 1 knows MACs 02:00:00:NN on port number `port`. */
static void learn(struct lab_rig *f, const char *sw, uint16_t vid,
		  unsigned first, unsigned count, uint16_t port)
{
	for (unsigned i = first; i < first + count; i++) {
		const uint8_t mac[6] = {2,         0, 0, 0, (uint8_t)(i >> 8),
					(uint8_t)i};

		fdb_learn(fdb_of(f, sw), vid, mac, port, uv_hrtime());
	}
}

static void clear(struct lab_rig *f)
{
	does(f, "fdb flush");
	for (struct lab_switch *sw = f->lab.switches; sw; sw = sw->next) {
		struct fdb_entry entry;
		uint32_t slot = 0;

		while (fdb_next(bridge_fdb(sw->bridge), &slot, &entry))
			(void)fdb_delete(bridge_fdb(sw->bridge), entry.vid,
					 entry.mac.b);
	}
}

/* Each entry is in exactly one page, none of which is too long. */
static void fdb_in_pages(void **state)
{
	struct lab_rig *f = *state;
	json_t *params = json_object();
	size_t rows = 0, pages = 0;
	json_t *next;

	learn(f, "lan", 0, 0, 2500, 1);
	learn(f, "vlans", 10, 0, 700, 1);
	do {
		struct err err;
		json_t *page = cmd_find("fdb")->serve(&f->lab, params, &err);

		assert_non_null(page);
		rows += json_array_size(json_object_get(page, "rows"));
		assert_true(rows <= ++pages * ANSWER_ROWS_MAX);
		next = json_object_get(page, "next");
		(void)json_object_set(params, "from", next);
		next = json_is_null(next) ? NULL : next;
		json_decref(page);
	} while (next);
	assert_int_equal(rows, 3200);
	assert_int_equal(pages, 4);
	json_decref(params);
	clear(f);
}

/* A "from" that nobody was told ends the listing or goes on, no more. */
static void fdb_from_anywhere(void **state)
{
	static const json_int_t froms[] = {1, 4096, 1LL << 32, 5LL << 32,
					   INT64_MAX};
	struct lab_rig *f = *state;

	learn(f, "lan", 0, 0, 10, 1);
	for (size_t i = 0; i < sizeof(froms) / sizeof(froms[0]); i++) {
		json_t *params = json_pack("{s:I}", "from", froms[i]);

		for (const struct cmd *const *cmd = cmd_table; *cmd; cmd++) {
			struct err err;

			if ((*cmd)->paged)
				json_decref(
					(*cmd)->serve(&f->lab, params, &err));
		}
		json_decref(params);
	}
	clear(f);
}

static void flush(void **state)
{
	struct lab_rig *f = *state;

	learn(f, "lan", 0, 0, 5, 1);
	learn(f, "lan", 0, 5, 3, 2);
	learn(f, "vlans", 10, 0, 4, 1);
	learn(f, "vlans", 20, 0, 2, 2);
	learn(f, "vlans", 10, 4, 1, 2);
	does(f, "fdb add 02:aa:00:00:00:01 lan.a");
	refuses(f, "fdb flush nosuch", "no switch 'nosuch'");
	refuses(f, "fdb flush lan port pc", "not on switch 'lan'");
	refuses(f, "fdb flush lan vlan 10", "not VLAN-aware");
	refuses(f, "fdb flush vlan 4095", "4095");
	refuses(f, "fdb flush vlan nosuch", "nosuch");
	removes(f, "fdb flush lan port b", 3);
	removes(f, "fdb flush port up vlan staff", 1);
	removes(f, "fdb flush vlans vlan 20", 2);
	removes(f, "fdb flush vlans", 4);
	removes(f, "fdb flush", 5);
	assert_int_equal(fdb_count(fdb_of(f, "lan")), 1);
	clear(f);
}

static void add_and_del(void **state)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
	struct lab_rig *f = *state;

	does(f, "fdb add 02:00:00:00:00:01 lan.c");
	assert_int_equal(fdb_lookup(fdb_of(f, "lan"), 0, mac), 3);
	does(f, "fdb add 02-00-00-00-00-01 pc");
	assert_int_equal(fdb_lookup(fdb_of(f, "vlans"), 10, mac), 1);
	does(f, "fdb add 02:00:00:00:00:01 up");
	assert_int_equal(fdb_lookup(fdb_of(f, "vlans"), 5, mac), 2);
	does(f, "fdb add 02:00:00:00:00:01 up vlan 20");
	assert_int_equal(fdb_lookup(fdb_of(f, "vlans"), 20, mac), 2);
	does(f, "fdb add 02:00:00:00:00:01 solo");
	assert_int_equal(fdb_lookup(fdb_of(f, "vlans"), 1, mac), 3);

	refuses(f, "fdb add 02:00:00:00:00 lan.a", "no MAC address");
	refuses(f, "fdb add ff:ff:ff:ff:ff:ff lan.a", "one station");
	refuses(f, "fdb add 00:00:00:00:00:00 lan.a", "one station");
	refuses(f, "fdb add 02:00:00:00:00:01 lan.x", "no port 'x'");
	refuses(f, "fdb add 02:00:00:00:00:01 lan.a vlan 5", "not VLAN-aware");

	refuses(f, "fdb del 02:00:00:00:00:02", "no such entry");
	refuses(f, "fdb del 02:00:00:00:00:01 vlan 9", "no such entry");
	removes(f, "fdb del 02:00:00:00:00:01 lan", 1);
	removes(f, "fdb del 02:00:00:00:00:01 vlan 20", 1);
	removes(f, "fdb del 02:00:00:00:00:01", 3);
	clear(f);
}

static void port_selection(void **state)
{
	static const struct {
		const char *words;
		size_t rows;
	} rows[] = {
		{"ports", 6},    {"ports lan", 3},     {"ports vlans.pc", 1},
		{"ports pc", 1}, {"ports pc solo", 2}, {"ports pc vlans", 3},
		{"show", 6},
	};
	struct lab_rig *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *result = good(f, rows[i].words);

		assert_int_equal(
			json_array_size(json_object_get(result, "rows")),
			rows[i].rows);
		json_decref(result);
	}
	refuses(f, "ports nosuch", "no port 'nosuch'");
}

/* --- trace -------------------------------------------------------------- */

static const struct {
	const char *words;
	const char *drop;   /* or NULL */
	const char *says;   /* in one of the steps */
	const char *egress; /* "PORT VID" of each, 0: untagged */
} traces[] = {
	{"trace lan.a :", "rx_runt", "0 bytes", ""},
	{"trace lan.a ffffffffff", "rx_runt", "5 bytes", ""},
	{"trace lan.a ff:ff:ff:ff:ff:ff 02.00.00.00.00.01 08-06", NULL,
	 "(broadcast)", "lan.b 0 lan.c 0 "},
	{"trace lan.a 01005e000001 020000000001 0800", NULL, "(multicast)",
	 "lan.b 0 lan.c 0 "},
	{"trace lan.a 020000000099 020000000001 0800", NULL,
	 "02:00:00:00:00:01 is new", "lan.b 0 lan.c 0 "},
	{"trace lan.a 020000000002 020000000001 0800", NULL,
	 "known on port lan.b", "lan.b 0 "},
	{"trace lan.b 020000000002 020000000001 0800", "rx_same_port",
	 "dropped", ""},
	{"trace lan.c 020000000099 020000000002 0800", NULL,
	 "was on port lan.b", "lan.a 0 lan.b 0 "},
	{"trace lan.c 020000000099 020000000003 0800", NULL,
	 "static entry for port lan.a", "lan.a 0 lan.b 0 "},
	{"trace lan.a 020000000099 030000000001 0800", "rx_bad_source",
	 "not VLAN-aware", ""},
	{"trace lan.a 0180c2000002 020000000001 8809", "rx_reserved",
	 "multicast group", ""},
	{"trace lan.a 020000000002 020000000001 8100e063 0800", NULL,
	 "VID 99 and priority 7", "lan.b 99 "},
	{"trace vlans.pc ffffffffffff 020000000001 0800", NULL,
	 "the port's own VLAN, 10", "vlans.up 10 "},
	{"trace vlans.up ffffffffffff 020000000001 8100000a 0800", NULL,
	 "says VLAN 10", "vlans.pc 0 "},
	{"trace vlans.up ffffffffffff 020000000001 81000063 0800",
	 "rx_vlan_filtered", "trunk 10,20 native 5", ""},
	{"trace vlans.pc ffffffffffff 020000000001 8100a000 0800", NULL,
	 "only a priority", "vlans.up 10 "},
	{"trace vlans.solo ffffffffffff 020000000001 0800", "rx_no_egress",
	 "VLAN, 1", ""},
	{"trace vlans.solo ffffffffffff 020000000001 8100 00", "rx_vlan_trunc",
	 "vlan 1", ""},
};

static bool a_step_says(const json_t *result, const char *text)
{
	const json_t *steps = json_object_get(result, "steps");
	const json_t *step;
	size_t i;

	json_array_foreach(steps, i, step) if (strstr(json_string_value(step),
						      text)) return true;
	return false;
}

static void check_trace(struct lab_rig *f, size_t i)
{
	json_t *result = good(f, traces[i].words);
	const json_t *egress = json_object_get(result, "egress");
	const char *drop = cmd_text(result, "drop");
	char got[200] = "";
	const json_t *row;
	size_t k;

	json_array_foreach(egress, k, row)(void) snprintf(
		got + strlen(got), sizeof(got) - strlen(got), "%s %lld ",
		cmd_text(row, "port"), cmd_number(row, "tag"));
	if (strcmp(got, traces[i].egress) != 0)
		fail_msg("%s: leaves on %s", traces[i].words, got);
	if (strcmp(drop ? drop : "", traces[i].drop ? traces[i].drop : "") != 0)
		fail_msg("%s: drop %s", traces[i].words, drop);
	if (!a_step_says(result, traces[i].says))
		fail_msg("%s: does not say %s", traces[i].words,
			 traces[i].says);
	json_decref(result);
}

static void trace_table(void **state)
{
	struct lab_rig *f = *state;

	learn(f, "lan", 0, 2, 1, 2);
	does(f, "fdb add 02:00:00:00:00:03 lan.a");
	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++)
		check_trace(f, i);
	/* It only explains: nothing was learned. */
	assert_int_equal(fdb_count(fdb_of(f, "lan")), 2);
	assert_int_equal(fdb_count(fdb_of(f, "vlans")), 0);
	refuses(f, "trace lan.a 0x00", "'0x' is no byte");
	refuses(f, "trace lan.a 000", "'0' is no byte");
	refuses(f, "trace nosuch 00", "no port");
	clear(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fdb_in_pages),
		cmocka_unit_test(fdb_from_anywhere),
		cmocka_unit_test(flush),
		cmocka_unit_test(add_and_del),
		cmocka_unit_test(port_selection),
		cmocka_unit_test(trace_table),
	};

	return cmocka_run_group_tests(tests, ctl_lab_begin, lab_rig_end);
}
