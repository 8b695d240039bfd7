/* SPDX-License-Identifier: MIT */
/*
 * switchctl impair: makes the cables of a running lab bad, or good again, and
 * says what they have done. Words are those of the file; a filter is compiled
 * by the client (filter_json.h).
 */
#include "switchd/cmds.h"

#include <string.h>

#include "switchd/answer.h"
#include "switchd/cables.h"
#include "switchd/filter_json.h"
#include "switchd/lab.h"
#include "switchd/screen.h"

/* --- switchd: what is in force ------------------------------------------ */

static json_t *words_of(const struct topo_impair *im)
{
	json_t *words = json_object();

	for (const struct opt *row = topo_impair_rows; row->key; row++) {
		char value[TOPO_DROP_SIZE];

		if (opt_is_default(row, im))
			continue;
		row->type->format(row, opt_value(row, im), value,
				  sizeof(value));
		(void)json_object_set_new(words, row->key, json_string(value));
	}
	return words;
}

static json_t *row_of(const struct cable *c)
{
	const struct line_counts *n = &c->line.counts;
	const char *link = topo_link_name(c->port->topo);
	char name[SWPORT_NAME_SIZE], text[CABLES_TEXT_SIZE];

	cables_text(cable_words(c), text);
	return json_pack(
		"{s:s, s:s, s:s, s:o, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
		"s:I, s:I}",
		"name", link ? link : swport_full_name(c->port, name),
		"direction", c->class->name, "text", text, "words",
		words_of(cable_words(c)), "live", c->is_live, "under_way",
		(json_int_t)c->line.queue.frames, "memory",
		(json_int_t)c->line.queue.used, "queue",
		(json_int_t)c->line.queue.limit, "lost", (json_int_t)n->lost,
		"filtered", (json_int_t)n->filtered, "queue_full",
		(json_int_t)n->full, "duplicated", (json_int_t)n->duplicated,
		"reordered", (json_int_t)n->reordered, "corrupted",
		(json_int_t)n->corrupted);
}

static bool is_worth_a_row(const struct cable *c)
{
	return c && (!topo_impair_is_none(cable_words(c)) || c->is_live);
}

/* Both directions have a position each, at and at + 1. Returns whether there is
 * room for more. */
static bool add_both(struct page *page, const struct cables *cables,
		     struct position pos)
{
	for (uint32_t i = 0; i < 2; i++, pos.at++) {
		struct position next = {pos.sw, pos.at + 1};

		if (is_worth_a_row(cables->way[i]) && pos.at >= page->from.at &&
		    !page_add(page, row_of(cables->way[i]), next))
			return false;
	}
	return true;
}

static bool add_links(struct page *page, const struct lab *lab)
{
	struct position pos = {0, 0};
	struct cables cables;

	for (struct link *link = lab->links.list; link; link = link->next) {
		cables_of_link(link, &cables);
		if (!add_both(page, &cables, pos))
			return false;
		pos.at += 2;
	}
	return true;
}

static bool add_ports(struct page *page, const struct lab_switch *sw,
		      uint32_t number)
{
	struct cables cables;

	for (size_t i = 0; i < sw->port_count; i++) {
		const struct swport *port = sw->ports[i];
		struct position pos = {number, 2u * port->topo->conf.number};

		cables_of_port(port, &cables);
		if (!add_both(page, &cables, pos))
			return false;
	}
	return true;
}

/* Links are as if they were ports of one more switch, the first. */
static json_t *list(const struct lab *lab, const json_t *args)
{
	struct page page;
	uint32_t number = 1;

	page_begin(&page, args);
	if (page.from.sw == 0 && !add_links(&page, lab))
		return page_end(&page, json_object());
	for (const struct lab_switch *sw = lab->switches; sw;
	     sw = sw->next, number++) {
		if (number < page.from.sw)
			continue;
		if (number > page.from.sw)
			page.from.at = 0;
		if (!add_ports(&page, sw, number))
			break;
	}
	return page_end(&page, json_object());
}

/* --- switchd: a change -------------------------------------------------- */

struct change {
	const json_t *args;
	struct filter filter; /* of its "drop" */
};

/* What has no meaning without this. */
static const char *dependent_of(const char *key)
{
	static const char *const pairs[][2] = {
		{"delay", "jitter"}, {"loss", "loss-burst"}, {"rate", "burst"}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (strcmp(pairs[i][0], key) == 0)
			return pairs[i][1];
	return NULL;
}

static void turn_off(const char *key, struct topo_impair *im)
{
	const struct opt *row = opt_find(topo_impair_rows, key);

	memset(opt_place(row, im), 0, row->size);
}

static bool take_word(const struct opt *row, const char *text,
		      struct topo_impair *im, struct err *err)
{
	struct err why;

	if (strcmp(text, "off") == 0) {
		turn_off(row->key, im);
		if (dependent_of(row->key))
			turn_off(dependent_of(row->key), im);
		return true;
	}
	return row->type->parse(row, NULL, text, opt_place(row, im), &why) ||
	       err_set(err, "'%s' %s", row->key, why.msg);
}

static bool flag(const json_t *args, const char *key)
{
	return json_is_true(json_object_get(args, key));
}

static bool is_changed(const json_t *args)
{
	for (const struct opt *row = topo_impair_rows; row->key; row++)
		if (json_object_get(args, row->key))
			return true;
	return false;
}

/* What a cable would have. */
static bool make_words(const struct change *change, const struct cable *c,
		       struct topo_impair *im, struct err *err)
{
	const struct topo_impair none = {.delay = 0};
	const char *key, *why;

	*im = flag(change->args, "off") ? none : *cable_words(c);
	for (const struct opt *row = topo_impair_rows; row->key; row++) {
		const char *text = cmd_text(change->args, row->key);

		if (text && !take_word(row, text, im, err))
			return false;
	}
	why = topo_impair_wrong(im, &key);
	return !why || err_set(err, "%s: '%s' %s", c->class->name, key, why);
}

static void tell(const struct cable *c)
{
	struct plug *plug = c->port->plug;
	char text[CABLES_TEXT_SIZE + 32];
	size_t len = (size_t)snprintf(text, sizeof(text),
				      "%s is impaired: ", c->class->name);

	cables_text(cable_words(c), text + len);
	if (!text[len])
		(void)snprintf(text, sizeof(text), "%s is perfect again",
			       c->class->name);
	plug->host->event(plug, text);
}

static void set(const struct change *change, struct cable *c,
		const struct topo_impair *im)
{
	if (flag(change->args, "reset"))
		cable_reset(c);
	else
		cable_set(c, im,
			  *im->drop && cmd_text(change->args, "drop")
				  ? &change->filter
				  : NULL);
	tell(c);
}

/* All of them or none. */
static bool set_all(const struct change *change, const struct cables *cables,
		    struct err *err)
{
	struct topo_impair words[2];

	for (int i = 0; i < 2; i++)
		if (cables->way[i] &&
		    !make_words(change, cables->way[i], &words[i], err))
			return false;
	for (int i = 0; i < 2; i++)
		if (cables->way[i])
			set(change, cables->way[i], &words[i]);
	return true;
}

/* Leaves the one that "direction" names, if it does. */
static bool choose(const json_t *args, struct cables *cables, struct err *err)
{
	const char *name = cmd_text(args, "direction");
	const char *names[2] = {cables->way[0]->class->name,
				cables->way[1]->class->name};

	if (!name)
		return true;
	if (strcmp(name, names[0]) != 0 && strcmp(name, names[1]) != 0)
		return err_set(err, "'%.64s' is neither %s nor %s", name,
			       names[0], names[1]);
	cables->way[strcmp(name, names[0]) == 0] = NULL;
	return true;
}

static json_t *serve_named(const struct lab *lab, const json_t *args,
			   const struct change *change, struct err *err)
{
	bool changes =
		is_changed(args) || flag(args, "off") || flag(args, "reset");
	struct cables cables;
	json_t *rows;

	if (!cables_find(lab, cmd_text(args, "name"), &cables, err) ||
	    !choose(args, &cables, err) ||
	    (changes && !set_all(change, &cables, err)))
		return NULL;
	rows = json_array();
	for (int i = 0; i < 2; i++)
		if (cables.way[i])
			(void)json_array_append_new(rows,
						    row_of(cables.way[i]));
	return json_pack("{s:o, s:n}", "rows", rows, "next");
}

static json_t *serve_all(struct lab *lab, const json_t *args, struct err *err)
{
	if (is_changed(args) || flag(args, "off")) {
		(void)err_set(err, "say of which link or port");
		return NULL;
	}
	if (flag(args, "reset"))
		cables_reset(lab);
	return list(lab, args);
}

static json_t *serve(struct lab *lab, const json_t *args, struct err *err)
{
	const char *drop = cmd_text(args, "drop");
	const json_t *program = json_object_get(args, "filter");
	struct change change = {.args = args};
	json_t *result = NULL;

	if (!cmd_text(args, "name"))
		return serve_all(lab, args, err);
	if (!filter_json_read(program, &change.filter, err))
		return NULL;
	if (drop && strcmp(drop, "off") != 0 && change.filter.count == 0)
		(void)err_set(err, "'drop' comes with its 'filter'");
	else
		result = serve_named(lab, args, &change, err);
	filter_done(&change.filter);
	return result;
}

/* --- switchctl ---------------------------------------------------------- */

static bool prepare(json_t *params, struct err *err)
{
	const char *drop = cmd_text(params, "drop");
	struct err why;
	json_t *program;

	if (!drop || strcmp(drop, "off") == 0)
		return true;
	program = filter_json_compile(drop, &why);
	return (program &&
		json_object_set_new(params, "filter", program) == 0) ||
	       err_set(err, "filter '%.60s': %s", drop, why.msg);
}

/* What it has done to frames that arrived all the same. */
static void note_changes(struct table *table, const json_t *row)
{
	static const char *const keys[] = {"duplicated", "reordered",
					   "corrupted", NULL};

	for (const char *const *key = keys; *key; key++) {
		long long frames = cmd_number(row, *key);

		if (frames > 0)
			table_note(table, "%s: %lld", *key, frames);
	}
}

static void print(const struct screen *screen, json_t *result)
{
	static const char *const columns[] = {
		"NAME",      "DIRECTION", ">UNDER WAY",  ">LOST",
		">FILTERED", ">FULL",     "IMPAIRMENTS", NULL};
	struct table *table = table_new(screen, columns);
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(result, "rows"), i, row)
	{
		const char *text = cmd_text(row, "text");

		table_text(table, cmd_text(row, "name"));
		table_text(table, cmd_text(row, "direction"));
		table_count(table, cmd_number(row, "under_way"));
		table_count(table, cmd_number(row, "lost"));
		table_count(table, cmd_number(row, "filtered"));
		table_count(table, cmd_number(row, "queue_full"));
		table_text(table, *text ? text : NULL);
		if (json_is_true(json_object_get(row, "live")))
			table_note(table, "not as in the file");
		note_changes(table, row);
	}
	table_end(table);
}

static const char *const direction_words[] = {"forth", "back", "rx", "tx",
					      NULL};

static const struct cmd_param params[] = {
	{.name = "name", .meta = "NAME"},
	{.name = "direction", .meta = "DIRECTION", .words = direction_words},
	{.name = "delay", .meta = "TIME", .word = "delay"},
	{.name = "jitter", .meta = "TIME", .word = "jitter"},
	{.name = "loss", .meta = "SHARE", .word = "loss"},
	{.name = "loss-burst", .meta = "FRAMES", .word = "loss-burst"},
	{.name = "duplicate", .meta = "SHARE", .word = "duplicate"},
	{.name = "reorder", .meta = "SHARE", .word = "reorder"},
	{.name = "corrupt", .meta = "SHARE", .word = "corrupt"},
	{.name = "rate", .meta = "RATE", .word = "rate"},
	{.name = "burst", .meta = "SIZE", .word = "burst"},
	{.name = "queue", .meta = "SIZE", .word = "queue"},
	{.name = "seed", .meta = "NUMBER", .word = "seed"},
	{.name = "drop", .meta = "FILTER", .word = "drop"},
	{.name = "off", .word = "off", .type = PARAM_FLAG},
	{.name = "reset", .word = "reset", .type = PARAM_FLAG},
	{.name = "filter", .type = PARAM_DATA},
	{.name = NULL},
};

const struct cmd cmd_impair = {
	.name = "impair",
	.help = "makes cables slow, long and bad, and says what they have done",
	.params = params,
	.paged = true,
	.serve = serve,
	.prepare = prepare,
	.print = print,
};
