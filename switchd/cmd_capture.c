/* SPDX-License-Identifier: MIT */
/*
 * switchctl capture start|list|stop: the captures of a lab, in switchd; and
 * what is known of them, for eyes.
 *
 * `capture start` is for programs: its output comes as a descriptor, its filter
 * as instructions, and it lives no longer than its connection.
 */
#include "switchd/cmds.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/answer.h"
#include "switchd/filter_json.h"
#include "switchd/lab.h"

#define STOP_WAIT_NS 3000000000ull

/* --- capture start: ports ----------------------------------------------- */

/* "PORT" alone is that of the one switch that has it. */
static bool take_selector(const struct lab *lab, const char *text,
			  struct selector *selector, struct err *err)
{
	const struct swport *port;
	struct err why;

	if (selector_parse(text, selector, &why)) {
		if (selector_check(selector, lab->topo, NULL))
			return true;
	} else if (!strchr(text, '#')) {
		return err_set(err, "'of' %s", why.msg);
	}
	port = lab_find_port(lab, text, err);
	if (!port)
		return false;
	memset(selector, 0, sizeof(*selector));
	(void)snprintf(selector->sw, sizeof(selector->sw), "%s",
		       port->sw->topo->name);
	(void)snprintf(selector->port, sizeof(selector->port), "%s",
		       port->topo->name);
	return true;
}

static bool take_selectors(const struct lab *lab, const json_t *of,
			   struct selector selectors[SELECTORS_MAX],
			   struct err *err)
{
	const json_t *text;
	size_t i;

	if (json_array_size(of) == 0 || json_array_size(of) > SELECTORS_MAX)
		return err_set(err, "'of' is to have 1 to %d selectors",
			       SELECTORS_MAX);
	json_array_foreach(of, i, text)
	{
		if (!take_selector(lab, json_string_value(text), &selectors[i],
				   err))
			return false;
	}
	return true;
}

/* --- capture start: options --------------------------------------------- */

/* As the file would have it. */
static bool value_text(const struct opt *row, const json_t *value, char *text,
		       size_t size)
{
	const char *unit = row->type == &opt_size ? "B" : "";

	if (json_is_string(value))
		(void)snprintf(text, size, "%s", json_string_value(value));
	else if (json_is_integer(value))
		(void)snprintf(text, size, "%lld%s",
			       (long long)json_integer_value(value), unit);
	else if (json_is_boolean(value))
		(void)snprintf(text, size, json_is_true(value) ? "yes" : "no");
	else
		return false;
	return true;
}

static bool take_option(const char *key, const json_t *value,
			struct topo_capture_conf *conf, struct err *err)
{
	const struct opt *row = opt_find(topo_capture_rows, key);
	char *at = (char *)conf + row->offset;
	char text[64];
	struct err why;

	if (!value)
		return true;
	if (!value_text(row, value, text, sizeof(text)))
		return err_set(err, "'%s' is neither text, number nor boolean",
			       key);
	return row->type->parse(row, NULL, text, at, &why) ||
	       err_set(err, "'%s' %s", key, why.msg);
}

/* Others read it in the list. */
static bool take_filter_text(const char *text, struct topo_capture_conf *conf,
			     struct err *err)
{
	const struct opt *row = opt_find(topo_capture_rows, "filter");
	struct err why;

	return !text || !*text ||
	       row->type->parse(row, NULL, text, conf->filter, &why) ||
	       err_set(err, "'filter_text' %s", why.msg);
}

static bool take_options(const json_t *args, struct topo_capture_conf *conf,
			 struct err *err)
{
	static const char *const keys[] = {"direction", "snaplen", "format",
					   "buffer",    "drops",   "raw"};

	opt_defaults(topo_capture_rows, conf);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!take_option(keys[i], json_object_get(args, keys[i]), conf,
				 err))
			return false;
	}
	return take_filter_text(cmd_text(args, "filter_text"), conf, err);
}

/* --- capture start ------------------------------------------------------ */

static json_t *port_names(const struct lab_capture *c)
{
	json_t *names = json_array();
	char name[SWPORT_NAME_SIZE];

	for (struct lab_switch *sw = c->lab->switches; sw; sw = sw->next)
		for (size_t i = 0; i < sw->port_count; i++)
			if (port_captures_has(sw->ports[i], c))
				(void)json_array_append_new(
					names, json_string(swport_full_name(
						       sw->ports[i], name)));
	return names;
}

static json_t *start(struct lab *lab, const struct topo_capture *topo,
		     const struct filter *filter, struct call *call,
		     struct err *err)
{
	int fd = fcntl(call->fd, F_DUPFD_CLOEXEC, 0);
	struct lab_capture *c;

	if (fd < 0) {
		err_sys(err, "cannot keep the descriptor");
		return NULL;
	}
	c = captures_start(lab, topo, filter, fd, call->watcher, err);
	if (!c)
		return NULL;
	return json_pack("{s:I, s:o}", "id", (json_int_t)c->id, "ports",
			 port_names(c));
}

static json_t *serve_start(struct lab *lab, const json_t *args,
			   struct call *call, struct err *err)
{
	struct topo_capture topo = {.on_port = false};
	struct filter filter;
	json_t *result;

	if (call->fd < 0) {
		err_set(err, "no descriptor to write to came with the request");
		return NULL;
	}
	call->fd_used = true;
	if (!take_options(args, &topo.conf, err) ||
	    !take_selectors(lab, json_object_get(args, "of"), topo.conf.of,
			    err) ||
	    !filter_json_read(json_object_get(args, "filter"), &filter, err))
		return NULL;
	result = start(lab, &topo, &filter, call, err);
	filter_done(&filter);
	return result;
}

static const struct cmd_param start_params[] = {
	{.name = "of", .meta = "PORT", .type = PARAM_LIST, .required = true},
	{.name = "direction", .type = PARAM_DATA},
	{.name = "snaplen", .type = PARAM_DATA},
	{.name = "format", .type = PARAM_DATA},
	{.name = "buffer", .type = PARAM_DATA},
	{.name = "drops", .type = PARAM_DATA},
	{.name = "raw", .type = PARAM_DATA},
	{.name = "filter", .type = PARAM_DATA},
	{.name = "filter_text", .type = PARAM_TEXT},
	{.name = NULL},
};

const struct cmd cmd_capture_start = {
	.name = "capture start",
	.params = start_params,
	.serve_call = serve_start,
};

/* --- capture list ------------------------------------------------------- */

static json_t *of_list(const struct topo_capture_conf *conf)
{
	char text[SELECTOR_TEXT_SIZE];
	json_t *list = json_array();

	for (size_t i = 0; i < SELECTORS_MAX && conf->of[i].sw[0]; i++)
		(void)json_array_append_new(
			list, json_string(selector_format(&conf->of[i], text)));
	return list;
}

/* The value of an option as the file has it. */
static json_t *option_value(const struct topo_capture_conf *conf,
			    const char *key)
{
	const struct opt *row = opt_find(topo_capture_rows, key);
	char text[TOPO_FILTER_SIZE];

	row->type->format(row, (const char *)conf + row->offset, text,
			  sizeof(text));
	return cmd_string(text);
}

static void add_stats(json_t *row, const struct lab_capture *c)
{
	struct capture_stats stats = captures_stats(c);

	(void)json_object_set_new(row, "frames",
				  json_integer((json_int_t)stats.frames));
	(void)json_object_set_new(row, "bytes",
				  json_integer((json_int_t)stats.bytes));
	(void)json_object_set_new(row, "dropped",
				  json_integer((json_int_t)stats.dropped));
	(void)json_object_set_new(row, "state",
				  json_string(captures_state_name(c->state)));
	(void)json_object_set_new(row, "reason",
				  c->reason.msg[0] ? cmd_string(c->reason.msg)
						   : json_null());
}

static json_t *make_row(const struct lab_capture *c)
{
	const struct topo_capture_conf *conf = &c->topo.conf;
	json_t *row = json_pack(
		"{s:I, s:o, s:o, s:o, s:o, s:o, s:i}", "id", (json_int_t)c->id,
		"of", of_list(conf), "output",
		*conf->file ? json_sprintf("file %s", conf->file)
			    : json_string("live"),
		"direction", option_value(conf, "direction"), "filter",
		*conf->filter ? option_value(conf, "filter") : json_null(),
		"format", option_value(conf, "format"), "ports",
		(int)c->port_count);

	add_stats(row, c);
	return row;
}

static json_t *serve_list(struct lab *lab, const json_t *args, struct err *err)
{
	const struct lab_capture *c = lab->captures.list;
	struct page page;

	page_begin(&page, args);
	for (; c && !page.full; c = c->next)
		if (c->id >= page.from.at)
			(void)page_add(&page, make_row(c),
				       (struct position){0, c->id + 1});
	return page_end(&page, json_object());
}

static void print_row(struct table *table, const json_t *row)
{
	const char *filter = cmd_text(row, "filter");
	const char *reason = cmd_text(row, "reason");
	const json_t *of = json_object_get(row, "of");
	json_t *id = json_sprintf("%lld", cmd_number(row, "id"));
	const json_t *name;
	size_t i;

	table_text(table, json_string_value(id));
	json_decref(id);
	table_text(table, cmd_text(row, "state"));
	table_text(table, cmd_text(row, "output"));
	table_text(table, cmd_text(row, "direction"));
	table_count(table, cmd_number(row, "ports"));
	table_count(table, cmd_number(row, "frames"));
	table_bytes(table, cmd_number(row, "bytes"));
	table_count(table, cmd_number(row, "dropped"));
	if (reason)
		table_note(table, "%s", reason);
	json_array_foreach(of, i, name)
		table_note(table, "of %s", json_string_value(name));
	if (filter)
		table_note(table, "filter: %s", filter);
}

static void print_list(const struct screen *screen, json_t *result)
{
	static const char *const columns[] = {
		"ID",      "STATE",  "OUTPUT",   "DIRECTION", ">PORTS",
		">FRAMES", ">BYTES", ">DROPPED", NULL};
	struct table *table = table_new(screen, columns);
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(result, "rows"), i, row)
		print_row(table, row);
	table_end(table);
}

static const struct cmd_param list_params[] = {
	{.name = NULL},
};

const struct cmd cmd_capture_list = {
	.name = "capture list",
	.help = "what is being captured, and how much that is",
	.params = list_params,
	.paged = true,
	.serve = serve_list,
	.print = print_list,
};

/* --- capture stop ------------------------------------------------------- */

static struct lab_capture *find_only(const struct lab *lab, struct err *err)
{
	struct lab_capture *c = lab->captures.list;

	if (c && !c->next)
		return c;
	(void)err_set(err, c ? "which of them? See 'capture list'"
			     : "there is no capture");
	return NULL;
}

static struct lab_capture *find_number(const struct lab *lab, json_int_t number,
				       struct err *err)
{
	struct lab_capture *c = lab->captures.list;

	while (c && c->id != number)
		c = c->next;
	if (!c)
		(void)err_set(err, "there is no capture %lld",
			      (long long)number);
	return c;
}

/* By "id", or by "file": a name, else a number. */
static struct lab_capture *find(const struct lab *lab, const json_t *args,
				struct err *err)
{
	const json_t *id = json_object_get(args, "id");
	const char *file = cmd_text(args, "file");
	struct lab_capture *c = file ? captures_find(lab, file) : NULL;
	char *end;

	if (c)
		return c;
	if (json_is_integer(id))
		return find_number(lab, json_integer_value(id), err);
	if (!file)
		return find_only(lab, err);
	c = find_number(lab, strtol(file, &end, 10), err);
	if (!*end)
		return c;
	(void)err_set(err, "there is no capture '%.200s'", file);
	return NULL;
}

/* Until all is written; not for ever, where it is the disk that sleeps. */
static json_t *serve_stop(struct lab *lab, const json_t *args,
			  struct call *call, struct err *err)
{
	struct lab_capture *c = find(lab, args, err);
	json_t *result;

	if (!c)
		return NULL;
	captures_stop(c);
	call->waits = c->state == CAPTURES_STOPPING &&
		      uv_hrtime() - c->stop_ns < STOP_WAIT_NS;
	if (call->waits)
		return NULL;
	result = json_pack("{s:I}", "id", (json_int_t)c->id);
	add_stats(result, c);
	return result;
}

static void print_stop(const struct screen *screen, json_t *result)
{
	char bytes[SCREEN_UNITS_SIZE];

	fprintf(screen->out, "%s: %lld frames, %s; %lld dropped\n",
		cmd_text(result, "state"), cmd_number(result, "frames"),
		screen_bytes(cmd_number(result, "bytes"), bytes),
		cmd_number(result, "dropped"));
}

static const struct cmd_param stop_params[] = {
	{.name = "file", .meta = "CAPTURE"},
	{.name = "id", .type = PARAM_DATA},
	{.name = NULL},
};

const struct cmd cmd_capture_stop = {
	.name = "capture stop",
	.help = "ends a capture, by its number or its file",
	.params = stop_params,
	.serve_call = serve_stop,
	.print = print_stop,
};
