/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "switchd/core/mac.h"
#include "switchd/core/vidset.h"
#include "topo/opt.h"

static const char *const colours[] = {"red", "green", "yes", "no", NULL};

struct all {
	bool flag;
	uint32_t count;
	uint16_t nr;
	uint32_t mode;
	uint64_t time;
	uint64_t gap;
	char text[9];
	char path[20];
	char ifname[16];
	uint32_t word;
	struct mac mac;
	uint16_t vlan;
	struct vidset vlans;
	uint32_t inner;
	uint64_t size;
	char file[9];
	int32_t nice;
};

static const struct opt inner_rows[] = {
	{
		.key = "inner",
		.type = &opt_uint,
		OPT_AT(struct all, inner),
		.max = 9,
		.def = "7",
	},
	OPT_END,
};

enum {
	FLAG,
	COUNT,
	NR,
	MODE,
	TIME,
	POSITIVE_TIME,
	TEXT,
	PATH,
	IFNAME,
	WORD,
	MAC,
	VLAN,
	VLANS,
	INNER,
	SIZE,
	FILE_NAME,
	NICE,
};

static const struct opt rows[] = {
	[FLAG] = {.key = "flag",
		  .type = &opt_bool,
		  OPT_AT(struct all, flag),
		  .def = "yes"},
	[COUNT] = {.key = "count",
		   .type = &opt_uint,
		   OPT_AT(struct all, count),
		   .min = 68,
		   .max = 65520},
	[NR] = {.key = "nr",
		.type = &opt_port_nr,
		OPT_AT(struct all, nr),
		.max = 65535,
		.def = "1"},
	[MODE] = {.key = "mode",
		  .type = &opt_mode,
		  OPT_AT(struct all, mode),
		  .max = 0777,
		  .def = "0660"},
	[TIME] = {.key = "time",
		  .type = &opt_duration,
		  OPT_AT(struct all, time),
		  .max = 3600000000000000,
		  .def = "5m"},
	[POSITIVE_TIME] = {.key = "positive-time",
			   .type = &opt_duration,
			   OPT_AT(struct all, gap),
			   .min = 1000000,
			   .max = 60000000000,
			   .def = "1s"},
	[TEXT] = {.key = "text", .type = &opt_text, OPT_AT(struct all, text)},
	[PATH] = {.key = "path", .type = &opt_path, OPT_AT(struct all, path)},
	[IFNAME] = {.key = "ifname",
		    .type = &opt_ifname,
		    OPT_AT(struct all, ifname)},
	[WORD] = {.key = "word",
		  .type = &opt_word,
		  OPT_AT(struct all, word),
		  .words = colours},
	[MAC] = {.key = "mac", .type = &opt_mac, OPT_AT(struct all, mac)},
	[VLAN] = {.key = "vlan", .type = &opt_vlan, OPT_AT(struct all, vlan)},
	[VLANS] = {.key = "vlans",
		   .type = &opt_vlans,
		   OPT_AT(struct all, vlans),
		   .def = "1"},
	[INNER] = {.key = "map", .type = &opt_map, .sub = inner_rows},
	[SIZE] = {.key = "size",
		  .type = &opt_size,
		  OPT_AT(struct all, size),
		  .min = 1000,
		  .max = 2000000000,
		  .def = "4MB"},
	[FILE_NAME] = {.key = "file",
		       .type = &opt_file,
		       OPT_AT(struct all, file)},
	[NICE] = {.key = "nice",
		  .type = &opt_int,
		  OPT_AT(struct all, nice),
		  .min = -20,
		  .max = 19},
	OPT_END,
};

static const struct opt_vlan names[] = {{"staff", 10}, {"guests", 20}};
static const struct opt_ctx ctx = {names, 2};

/* text is read, and written as canonical, which is read as the same. */
static void good(int row, const char *text, const char *canonical)
{
	struct all a = {0};
	struct all b = {0};
	const struct opt *r = &rows[row];
	struct err err = {.msg = ""};
	char buf[128];

	if (!r->type->parse(r, &ctx, text, (char *)&a + r->offset, &err))
		fail_msg("'%s' %s", text, err.msg);
	r->type->format(r, (char *)&a + r->offset, buf, sizeof(buf));
	assert_string_equal(buf, canonical);
	assert_true(r->type->parse(r, &ctx, buf, (char *)&b + r->offset, &err));
	assert_true(opt_same(r, &a, &b));
}

/* text is refused with a message, and the value stays. */
static void bad(int row, const char *text, const char *message)
{
	struct all a, before;
	const struct opt *r = &rows[row];
	struct err err;

	memset(&a, 0x55, sizeof(a));
	before = a;
	if (r->type->parse(r, &ctx, text, (char *)&a + r->offset, &err))
		fail_msg("'%s' has been taken", text);
	assert_string_equal(err.msg, message);
	assert_memory_equal(&a, &before, sizeof(a));
}

static void booleans(void **state)
{
	good(FLAG, "yes", "yes");
	good(FLAG, "on", "yes");
	good(FLAG, "true", "yes");
	good(FLAG, "no", "no");
	good(FLAG, "off", "no");
	good(FLAG, "false", "no");
	bad(FLAG, "1", "is '1', expected yes or no");
	bad(FLAG, "Yes", "is 'Yes', expected yes or no");
	bad(FLAG, "", "is '', expected yes or no");
}

static void numbers(void **state)
{
	good(COUNT, "68", "68");
	good(COUNT, "65520", "65520");
	good(NR, "0", "0");
	good(NR, "65535", "65535");
	bad(COUNT, "67", "is 67, outside 68-65520");
	bad(COUNT, "65521", "is 65521, outside 68-65520");
	bad(NR, "65536", "is 65536, outside 0-65535");
	bad(COUNT, "4294967364", "is 4294967364, outside 68-65520");
	bad(COUNT, "18446744073709551616",
	    "is 18446744073709551616, outside 68-65520");
	bad(COUNT, "18446744073709551716",
	    "is 18446744073709551716, outside 68-65520");
	bad(COUNT, "0100", "is '0100': no leading zeros, please");
	bad(COUNT, "-100", "is '-100', not a whole number");
	bad(COUNT, "+100", "is '+100', not a whole number");
	bad(COUNT, "1e3", "is '1e3', not a whole number");
	bad(COUNT, "0x64", "is '0x64', not a whole number");
	bad(COUNT, "100.0", "is '100.0', not a whole number");
	bad(COUNT, " 100", "is ' 100', not a whole number");
	bad(COUNT, "100 ", "is '100 ', not a whole number");
	bad(COUNT, "NaN", "is 'NaN', not a whole number");
	bad(COUNT, "", "is '', not a whole number");
}

static void signed_numbers(void **state)
{
	good(NICE, "-20", "-20");
	good(NICE, "0", "0");
	good(NICE, "-0", "0");
	good(NICE, "19", "19");
	bad(NICE, "-21", "is -21, outside -20 to 19");
	bad(NICE, "20", "is 20, outside -20 to 19");
	bad(NICE, "-18446744073709551626",
	    "is -18446744073709551626, outside -20 to 19");
	bad(NICE, "-", "is '-', not a whole number");
	bad(NICE, "--1", "is '--1', not a whole number");
	bad(NICE, "- 1", "is '- 1', not a whole number");
	bad(NICE, "-05", "is '-05', not a whole number");
	bad(NICE, "+5", "is '+5', not a whole number");
	bad(NICE, "", "is '', not a whole number");
}

static void modes(void **state)
{
	good(MODE, "0660", "0660");
	good(MODE, "660", "0660");
	good(MODE, "0000", "0000");
	good(MODE, "0777", "0777");
	bad(MODE, "0680", "is '0680', not a mode such as 0660");
	bad(MODE, "1777", "is '1777', not a mode such as 0660");
	bad(MODE, "66", "is '66', not a mode such as 0660");
	bad(MODE, "rw-rw----", "is 'rw-rw----', not a mode such as 0660");
}

static void durations(void **state)
{
	good(TIME, "300s", "5m");
	good(TIME, "90s", "90s");
	good(TIME, "20ms", "20ms");
	good(TIME, "1us", "1us");
	good(TIME, "1ns", "1ns");
	good(TIME, "5min", "5m");
	good(TIME, "1000h", "1000h");
	good(TIME, "0", "off");
	good(TIME, "off", "off");
	good(TIME, "0s", "off");
	good(POSITIVE_TIME, "60s", "1m");
	bad(TIME, "300", "is 300 without a unit: ns, us, ms, s, m, h");
	bad(TIME, "5d", "is '5d', but the units are ns, us, ms, s, m, h");
	bad(TIME, "5 s", "is '5 s', but the units are ns, us, ms, s, m, h");
	bad(TIME, "1.5s",
	    "is '1.5s', not a whole number with a unit such as 20ms");
	bad(TIME, "-1s",
	    "is '-1s', not a whole number with a unit such as 20ms");
	bad(TIME, "010s",
	    "is '010s', not a whole number with a unit such as 20ms");
	bad(TIME, "1001h", "is 1001h, outside 0-1000h");
	bad(TIME, "5124095577h", "is 5124095577h, outside 0-1000h");
	bad(POSITIVE_TIME, "0s", "is 0s, outside 1ms-1m");
	bad(POSITIVE_TIME, "61s", "is 61s, outside 1ms-1m");
	bad(POSITIVE_TIME, "off",
	    "is 'off', not a whole number with a unit such as 20ms");
}

static void texts(void **state)
{
	good(TEXT, "12345678", "12345678");
	good(TEXT, "b\xc3\xa4r", "b\xc3\xa4r");
	bad(TEXT, "123456789", "is '123456789...', longer than 8 characters");
	bad(TEXT, "", "is empty");
	bad(TEXT, "a\nb", "contains a control character");
	bad(TEXT, "a\xff", "contains a control character");
	bad(TEXT, "a\xef\xbb\xbf", "contains a control character");
}

static void paths(void **state)
{
	good(PATH, "/", "/");
	good(PATH, "/run/a", "/run/a");
	good(PATH, "//run/./a//", "/run/a");
	good(PATH, "/./.", "/");
	good(PATH, "/...", "/...");
	good(PATH, "/a..b/..c", "/a..b/..c");
	good(PATH, "/234567890123456789", "/234567890123456789");
	good(PATH, "/////////////////////a", "/a");
	bad(PATH, "/2345678901234567890",
	    "is '/2345678901234567890...', longer than 19 characters");
	bad(PATH, "run/a", "is 'run/a', not an absolute path");
	bad(PATH, "", "is '', not an absolute path");
	bad(PATH, "/run/../etc",
	    "is '/run/../etc': '..' is not allowed in a path");
	bad(PATH, "/..", "is '/..': '..' is not allowed in a path");
	bad(PATH, "/a\tb", "contains a control character");
}

static void sizes(void **state)
{
	good(SIZE, "50MB", "50MB");
	good(SIZE, "1000B", "1KB");
	good(SIZE, "1500KB", "1500KB");
	good(SIZE, "2000MB", "2GB");
	bad(SIZE, "50", "is 50 without a unit: B, KB, MB, GB");
	bad(SIZE, "50MiB", "is '50MiB', but the units are B, KB, MB, GB");
	bad(SIZE, "1.5MB",
	    "is '1.5MB', not a whole number with a unit such as 50MB");
	bad(SIZE, "999B", "is 999B, outside 1KB-2GB");
	bad(SIZE, "18446744074GB", "is 18446744074GB, outside 1KB-2GB");
}

static void files(void **state)
{
	good(FILE_NAME, "a.pcapng", "a.pcapng");
	good(FILE_NAME, "./a//b/", "a/b");
	good(FILE_NAME, "..a/b..", "..a/b..");
	bad(FILE_NAME, "a.pcapng2",
	    "is 'a.pcapng2...', longer than 8 characters");
	bad(FILE_NAME, "/a",
	    "is '/a', expected a file below the directory of captures: no '/' "
	    "at its start");
	bad(FILE_NAME, "../a", "is '../a': '..' is not allowed in a path");
	bad(FILE_NAME, "a/..", "is 'a/..': '..' is not allowed in a path");
	bad(FILE_NAME, "", "is '', not the name of a file");
	bad(FILE_NAME, "./.", "is './.', not the name of a file");
	bad(FILE_NAME, "a\nb", "contains a control character");
}

static void interface_names(void **state)
{
	good(IFNAME, "eth0", "eth0");
	good(IFNAME, "br-lan.10", "br-lan.10");
	good(IFNAME, "123456789012345", "123456789012345");
	bad(IFNAME, "1234567890123456",
	    "is '1234567890123456...', longer than 15 characters");
	bad(IFNAME, "", "is empty");
	bad(IFNAME, "a/b",
	    "is 'a/b', but names of interfaces have letters, digits, '_', '-' "
	    "and '.' only");
	bad(IFNAME, "tap%d",
	    "is 'tap%d', but names of interfaces have letters, digits, '_', "
	    "'-' and '.' only");
	bad(IFNAME, "..",
	    "is '..', but names of interfaces have letters, digits, '_', '-' "
	    "and '.' only");
}

static void words(void **state)
{
	good(WORD, "red", "red");
	good(WORD, "green", "green");
	good(WORD, "on", "yes");
	good(WORD, "false", "no");
	bad(WORD, "blue", "is 'blue', expected red, green, yes or no");
	bad(WORD, "gren",
	    "is 'gren', expected red, green, yes or no; did you mean "
	    "'green'?");
}

static void macs(void **state)
{
	good(MAC, "52:54:00:12:34:56", "52:54:00:12:34:56");
	good(MAC, "52-54-00-AB-CD-EF", "52:54:00:ab:cd:ef");
	bad(MAC, "52:54:00",
	    "is '52:54:00', not a MAC address such as 52:54:00:12:34:56");
	bad(MAC, "01:80:c2:00:00:00",
	    "is 01:80:c2:00:00:00, not an address of one station");
	bad(MAC, "00:00:00:00:00:00",
	    "is 00:00:00:00:00:00, not an address of one station");
}

static void vlans(void **state)
{
	good(VLAN, "1", "1");
	good(VLAN, "4094", "4094");
	good(VLAN, "guests", "20");
	good(VLANS, "10", "10");
	good(VLANS, "all", "all");
	good(VLANS, "staff,20-22", "10,20-22");
	good(VLANS, "20, staff", "10,20");
	bad(VLAN, "0", "is 0, outside 1-4094");
	bad(VLAN, "4095", "is 4095, outside 1-4094");
	bad(VLAN, "65537", "is 65537, outside 1-4094");
	bad(VLAN, "18446744073709551617",
	    "is 18446744073709551617, outside 1-4094");
	bad(VLAN, "010", "is '010': no leading zeros, please");
	bad(VLAN, "-1", "is '-1', neither 1-4094 nor a name in 'vlans'");
	bad(VLAN, "stuff",
	    "is 'stuff', neither 1-4094 nor a name in 'vlans'; did you mean "
	    "'staff'?");
	bad(VLAN, "all", "is 'all', neither 1-4094 nor a name in 'vlans'");
	bad(VLANS, "", "is '', neither 1-4094 nor a name in 'vlans'");
	bad(VLANS, "10,", "is '', neither 1-4094 nor a name in 'vlans'");
	bad(VLANS, "10,nobody",
	    "is 'nobody', neither 1-4094 nor a name in 'vlans'");
	bad(VLANS, "20-10", "has '20-10', not a range within 1-4094");
	bad(VLANS, "0-10", "has '0-10', not a range within 1-4094");
	bad(VLANS, "1-4095", "has '1-4095', not a range within 1-4094");
}

static void list_elements_add_up(void **state)
{
	struct vidset set = {{0}};
	const struct opt *r = &rows[VLANS];

	assert_true(r->type->list);
	assert_true(r->type->parse(r, &ctx, "staff", &set, NULL));
	assert_true(r->type->parse(r, &ctx, "30-31", &set, NULL));
	assert_true(vidset_has(&set, 10));
	assert_true(vidset_has(&set, 31));
	assert_false(vidset_has(&set, 32));
}

static void defaults(void **state)
{
	struct all a = {0};

	opt_defaults(rows, &a);
	assert_true(a.flag);
	assert_int_equal(a.count, 0);
	assert_int_equal(a.nr, 1);
	assert_int_equal(a.mode, 0660);
	assert_int_equal(a.time, 300000000000);
	assert_int_equal(a.inner, 7);
	assert_true(vidset_has(&a.vlans, 1));
	for (const struct opt *row = rows; row->key; row++)
		assert_true(opt_is_default(row, &a));
	a.inner = 8;
	a.flag = false;
	assert_false(opt_is_default(&rows[INNER], &a));
	assert_false(opt_is_default(&rows[FLAG], &a));
	assert_true(opt_is_default(&rows[NR], &a));
}

static void comparison(void **state)
{
	struct all a = {0};
	struct all b;

	opt_defaults(rows, &a);
	b = a;
	assert_true(opt_equal(rows, &a, &b));
	b.inner = 1;
	assert_false(opt_equal(rows, &a, &b));
	assert_false(opt_same(&rows[INNER], &a, &b));
	assert_true(opt_same(&rows[MAC], &a, &b));
}

static void search(void **state)
{
	assert_ptr_equal(opt_find(rows, "mac"), &rows[MAC]);
	assert_null(opt_find(rows, "inner"));
	assert_null(opt_find(rows, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(booleans),
		cmocka_unit_test(numbers),
		cmocka_unit_test(signed_numbers),
		cmocka_unit_test(modes),
		cmocka_unit_test(durations),
		cmocka_unit_test(texts),
		cmocka_unit_test(paths),
		cmocka_unit_test(sizes),
		cmocka_unit_test(files),
		cmocka_unit_test(interface_names),
		cmocka_unit_test(words),
		cmocka_unit_test(macs),
		cmocka_unit_test(vlans),
		cmocka_unit_test(list_elements_add_up),
		cmocka_unit_test(defaults),
		cmocka_unit_test(comparison),
		cmocka_unit_test(search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
