/* SPDX-License-Identifier: MIT */
/*
 * labswitch.yaml(5) and the option tables say the same: every key of the
 * tables, with its default, range and words, is an item of the page, and no
 * item is of a key that is in no table.
 *
 * An item is `.It Cm KEY`, or the subsection of a kind; it is known here by its
 * path: section, kind, the items around it, itself: "SWITCHES/fdb/ageing".
 */
#include "tests/cmocka.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugs/nat/stats.h"
#include "plugs/plug.h"
#include "switchd/core/drop.h"
#include "topo/topo.h"

#define PAGE      TEST_DIR "/../../docs/labswitch.yaml.5"
#define ITEMS_MAX 256
#define DEPTH_MAX 8

struct item {
	char path[128];
	char text[2048]; /* the lines up to the next item, itself included */
	bool known;      /* it is in a table */
};

struct page {
	struct item *items;
	size_t count;
	char section[64];
	char name[DEPTH_MAX][32]; /* of the items around, by depth of lists */
	unsigned depth;
	struct item *now; /* takes the lines */
};

/* --- Reading the page --------------------------------------------------- */

static void append(char *buf, size_t size, const char *text)
{
	size_t len = strlen(buf);

	(void)snprintf(buf + len, size - len, "%s", text);
}

static void begin_item(struct page *page)
{
	struct item *item = &page->items[page->count++];

	assert_true(page->count < ITEMS_MAX);
	append(item->path, sizeof(item->path), page->section);
	for (unsigned i = 0; i < page->depth; i++) {
		append(item->path, sizeof(item->path), "/");
		append(item->path, sizeof(item->path), page->name[i]);
	}
	page->now = item;
}

static void begin_key(struct page *page, const char *key)
{
	assert_true(page->depth > 0);
	(void)snprintf(page->name[page->depth - 1], sizeof(page->name[0]), "%s",
		       key);
	begin_item(page);
}

static void begin_section(struct page *page, const char *name)
{
	(void)snprintf(page->section, sizeof(page->section), "%s", name);
	page->now = NULL;
}

static void begin_subsection(struct page *page, const char *name)
{
	page->section[strcspn(page->section, "/")] = '\0';
	if (strcmp(page->section, "KINDS") != 0)
		return;
	append(page->section, sizeof(page->section), "/");
	append(page->section, sizeof(page->section), name);
	begin_item(page);
}

static void read_line(struct page *page, const char *line)
{
	char word[32] = "";

	if (sscanf(line, ".Sh %31[A-Z ]", word) == 1) {
		begin_section(page, word);
	} else if (sscanf(line, ".Ss %31s", word) == 1) {
		begin_subsection(page, word);
	} else if (strncmp(line, ".Bl ", 4) == 0) {
		assert_true(page->depth++ < DEPTH_MAX);
	} else if (strncmp(line, ".El", 3) == 0) {
		page->depth--;
		page->now = NULL;
	} else if (sscanf(line, ".It Cm %31s", word) == 1) {
		begin_key(page, word);
	}
	if (page->now)
		append(page->now->text, sizeof(page->now->text), line);
}

static void read_page(struct page *page)
{
	FILE *file = fopen(PAGE, "r");
	char line[512];

	*page = (struct page){.items = calloc(ITEMS_MAX, sizeof(struct item))};
	assert_non_null(page->items);
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		read_line(page, line);
	(void)fclose(file);
	assert_int_equal(page->depth, 0);
}

/* --- Comparing ---------------------------------------------------------- */

static struct item *want(struct page *page, const char *path)
{
	for (size_t i = 0; i < page->count; i++) {
		if (strcmp(page->items[i].path, path) == 0) {
			page->items[i].known = true;
			return &page->items[i];
		}
	}
	fail_msg("labswitch.yaml.5 does not describe %s", path);
	return NULL;
}

static void want_word(const struct item *item, const char *word)
{
	if (!strstr(item->text, word))
		fail_msg("labswitch.yaml.5: %s does not say '%s'", item->path,
			 word);
}

static void want_range(const struct item *item, const struct opt *row)
{
	char number[32];

	if (row->type != &opt_uint && row->type != &opt_port_nr &&
	    row->type != &opt_int)
		return;
	(void)snprintf(number, sizeof(number), "%lld", row->min);
	want_word(item, number);
	(void)snprintf(number, sizeof(number), "%lld", row->max);
	want_word(item, number);
}

static void want_rows(struct page *page, const char *at, const struct opt *rows)
{
	for (const struct opt *row = rows; row->key; row++) {
		char path[128];
		const struct item *item;

		(void)snprintf(path, sizeof(path), "%s/%s", at, row->key);
		item = want(page, path);
		if (row->type == &opt_map) {
			/* Those have a section of their own. */
			if (row->sub != topo_impair_rows)
				want_rows(page, path, row->sub);
			continue;
		}
		if (row->def && row->type != &opt_bool)
			want_word(item, row->def);
		want_range(item, row);
		for (int i = 0; row->words && row->words[i]; i++)
			want_word(item, row->words[i]);
	}
}

static void want_kind(struct page *page, const struct opt_kind *kind)
{
	char at[64];
	char mtu[16];

	(void)snprintf(at, sizeof(at), "KINDS/%s", kind->name);
	(void)snprintf(mtu, sizeof(mtu), "%u", (unsigned)kind->mtu);
	want_word(want(page, at), mtu);
	want_rows(page, at, kind->rows);
}

static void want_drops(struct page *page)
{
	for (int i = 0; i < DROP_COUNT; i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "DROP REASONS/%s",
			       drop_name((enum drop)i));
		(void)want(page, path);
	}
}

static void want_nat_drops(struct page *page)
{
	for (int i = 0; i < NAT_STAT_COUNT; i++) {
		char path[128];

		(void)snprintf(path, sizeof(path), "DROP REASONS/%s",
			       nat_stat_name((enum nat_stat)i));
		(void)want(page, path);
	}
}

static void test_page(void **state)
{
	struct page page;

	read_page(&page);
	(void)want(&page, "TOPOLOGY/name");
	(void)want(&page, "TOPOLOGY/vlans");
	(void)want(&page, "TOPOLOGY/defaults");
	(void)want(&page, "TOPOLOGY/hosts");
	(void)want(&page, "TOPOLOGY/switches");
	(void)want(&page, "TOPOLOGY/links");
	(void)want(&page, "TOPOLOGY/captures");
	want_rows(&page, "TOPOLOGY", topo_rows);
	(void)want(&page, "SWITCHES/ports");
	(void)want(&page, "SWITCHES/defaults");
	want_rows(&page, "HOSTS", topo_host_rows);
	want_rows(&page, "SWITCHES", topo_switch_rows);
	want_rows(&page, "PORTS", topo_port_rows);
	want_rows(&page, "PORTS", topo_port_capture_rows);
	(void)want(&page, "LINKS/ends");
	want_rows(&page, "LINKS", topo_link_rows);
	want_rows(&page, "IMPAIRMENTS", topo_impair_rows);
	want_rows(&page, "CAPTURES", topo_capture_rows);
	for (size_t i = 0; plug_kinds[i]; i++)
		want_kind(&page, plug_kinds[i]);
	want_drops(&page);
	want_nat_drops(&page);
	for (size_t i = 0; i < page.count; i++) {
		if (!page.items[i].known)
			fail_msg("labswitch.yaml.5 describes %s, which is in "
				 "no table",
				 page.items[i].path);
	}
	free(page.items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
