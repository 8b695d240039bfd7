/* SPDX-License-Identifier: MIT */
/* switchctl link: the links between switches; list, down, up. */
#include "switchd/cmds.h"

#include <string.h>

#include "switchd/answer.h"
#include "switchd/cables.h"
#include "switchd/lab.h"
#include "switchd/screen.h"

static const char *const ways[] = {"forth", "back", NULL}; /* from which end */

/* --- switchd ------------------------------------------------------------ */

static json_t *way_value(const struct link *link, int end)
{
	const struct cable *out = &link->ends[end].out;
	char text[CABLES_TEXT_SIZE];

	cables_text(cable_words(out), text);
	return json_pack("{s:s, s:I, s:s}", "state",
			 link_carries(link, end) ? "up" : "down", "held",
			 (json_int_t)out->line.queue.frames, "impair", text);
}

static json_t *link_row(const struct link *link)
{
	char a[SWPORT_NAME_SIZE], b[SWPORT_NAME_SIZE];

	return json_pack("{s:s, s:[s, s], s:o, s:o}", "link",
			 link->topo->conf.name, "ends",
			 swport_full_name(link->ends[0].port, a),
			 swport_full_name(link->ends[1].port, b), ways[0],
			 way_value(link, 0), ways[1], way_value(link, 1));
}

static json_t *serve_list(struct lab *lab, const json_t *args, struct err *err)
{
	const struct link *link = lab->links.list;
	struct page page;
	uint32_t i = 0;

	page_begin(&page, args);
	for (; link && !page.full; link = link->next, i++) {
		if (i >= page.from.at)
			(void)page_add(&page, link_row(link),
				       (struct position){0, i + 1});
	}
	return page_end(&page, json_object());
}

static json_t *set(const struct lab *lab, const json_t *args, bool down,
		   struct err *err)
{
	const char *name = cmd_text(args, "link");
	const char *way = cmd_text(args, "way");
	struct link *link = link_find(lab, name);
	bool chosen[2];

	for (int i = 0; i < 2; i++)
		chosen[i] = !way || strcmp(way, ways[i]) == 0;
	if (!link)
		err_set(err, "there is no link '%.64s'", name);
	else if (!chosen[0] && !chosen[1])
		err_set(err, "'%.64s' is neither forth nor back", way);
	else
		link_set(link, chosen[0], chosen[1], down);
	return link && (chosen[0] || chosen[1]) ? link_row(link) : NULL;
}

static json_t *serve_down(struct lab *lab, const json_t *args, struct err *err)
{
	return set(lab, args, true, err);
}

static json_t *serve_up(struct lab *lab, const json_t *args, struct err *err)
{
	return set(lab, args, false, err);
}

/* --- switchctl ---------------------------------------------------------- */

static void print_link(struct table *table, const json_t *row)
{
	const json_t *ends = json_object_get(row, "ends");

	table_text(table, cmd_text(row, "link"));
	for (size_t i = 0; i < 2; i++)
		table_text(table, json_string_value(json_array_get(ends, i)));
	for (size_t i = 0; i < 2; i++)
		table_state(table,
			    cmd_text(json_object_get(row, ways[i]), "state"));
	for (size_t i = 0; i < 2; i++) {
		const char *impair =
			cmd_text(json_object_get(row, ways[i]), "impair");

		if (*impair)
			table_note(table, "%s: %s", ways[i], impair);
	}
}

static struct table *new_table(const struct screen *screen)
{
	static const char *const columns[] = {"LINK",  "FROM", "TO",
					      "FORTH", "BACK", NULL};

	return table_new(screen, columns);
}

static void print_list(const struct screen *screen, json_t *result)
{
	struct table *table = new_table(screen);
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(result, "rows"), i, row)
		print_link(table, row);
	table_end(table);
}

static void print_one(const struct screen *screen, json_t *result)
{
	struct table *table = new_table(screen);

	print_link(table, result);
	table_end(table);
}

static const struct cmd_param list_params[] = {{.name = NULL}};

const struct cmd cmd_link_list = {
	.name = "link list",
	.help = "the links between switches, and which way they carry frames",
	.params = list_params,
	.paged = true,
	.serve = serve_list,
	.print = print_list,
};

static const struct cmd_param set_params[] = {
	{.name = "link", .meta = "LINK", .required = true},
	{.name = "way", .meta = "DIRECTION", .words = ways},
	{.name = NULL},
};

const struct cmd cmd_link_down = {
	.name = "link down",
	.help = "pulls a cable; or lets no frame through in one direction",
	.params = set_params,
	.serve = serve_down,
	.print = print_one,
};

const struct cmd cmd_link_up = {
	.name = "link up",
	.help = "puts it back",
	.params = set_params,
	.serve = serve_up,
	.print = print_one,
};
