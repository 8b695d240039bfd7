/* SPDX-License-Identifier: MIT */
/* switchctl pause, slow, step, resume and queue: frames one by one. */
#include "switchd/cmds.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/answer.h"
#include "switchd/explain.h"
#include "switchd/lab.h"
#include "switchd/screen.h"
#include "switchd/sw_pause.h"
#include "topo/opt.h"

#define STEPS_MAX 100
#define NS_PER_MS 1000000

/* --- pause, slow and resume: switchd ------------------------------------ */

typedef json_t *sw_row_fn(struct lab_switch *sw, uint64_t gap_ns);

/* Whether "switches" of args means sw, as it does if it is not there. */
static bool is_meant(const json_t *args, const struct lab_switch *sw)
{
	const json_t *names = json_object_get(args, "switches");
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
	{
		if (strcmp(json_string_value(name), sw->topo->name) == 0)
			return true;
	}
	return json_array_size(names) == 0;
}

/* A row for each switch of args, or of all; NULL and err if there is no such
 * switch. */
static json_t *each(struct lab *lab, const json_t *args, sw_row_fn *act,
		    uint64_t gap_ns, struct err *err)
{
	const json_t *name;
	json_t *rows;
	size_t i;

	json_array_foreach(json_object_get(args, "switches"), i, name)
	{
		const char *text = json_string_value(name);

		if (!lab_find_switch(lab, text)) {
			err_set(err, "there is no switch '%.64s'", text);
			return NULL;
		}
	}
	rows = json_array();
	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next)
		if (is_meant(args, sw))
			(void)json_array_append_new(rows, act(sw, gap_ns));
	return json_pack("{s:o}", "rows", rows);
}

static json_t *pause_row(struct lab_switch *sw, uint64_t gap_ns)
{
	sw_pause_begin(sw, gap_ns);
	return sw_pause_about(sw);
}

static json_t *serve_pause(struct lab *lab, const json_t *args, struct err *err)
{
	return each(lab, args, pause_row, 0, err);
}

static json_t *serve_slow(struct lab *lab, const json_t *args, struct err *err)
{
	static const struct opt row = {.key = "gap",
				       .type = &opt_duration,
				       .min = NS_PER_MS,
				       .max = 60000LL * NS_PER_MS};
	uint64_t gap_ns = 0;
	struct err why;

	if (!row.type->parse(&row, NULL, cmd_text(args, "gap"), &gap_ns,
			     &why)) {
		err_set(err, "the time from frame to frame %s", why.msg);
		return NULL;
	}
	return each(lab, args, pause_row, gap_ns / NS_PER_MS * NS_PER_MS, err);
}

static json_t *resume_row(struct lab_switch *sw, uint64_t gap_ns)
{
	bool paused = sw_pause_of(sw);
	size_t count = sw_pause_end(sw);

	return json_pack("{s:s, s:b, s:I}", "switch", sw->topo->name,
			 "was_paused", paused, "count", (json_int_t)count);
}

static json_t *serve_resume(struct lab *lab, const json_t *args,
			    struct err *err)
{
	return each(lab, args, resume_row, 0, err);
}

/* --- step: switchd ------------------------------------------------------ */

static const struct hold *head_of(const struct lab_switch *sw)
{
	const struct pause *pause = sw_pause_of(sw);

	return pause ? hold_peek(&pause->queue) : NULL;
}

/* The switch whose frame has waited longest: of only, or of all; NULL: none
 * waits. */
static struct lab_switch *longest(const struct lab *lab,
				  struct lab_switch *only)
{
	struct lab_switch *found = NULL;

	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next) {
		if ((only && sw != only) || !head_of(sw))
			continue;
		if (!found || head_of(sw)->at < head_of(found)->at)
			found = sw;
	}
	return found;
}

static size_t held_by(const struct lab *lab, const struct lab_switch *only,
		      unsigned *paused)
{
	size_t held = 0;

	*paused = 0;
	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next) {
		const struct pause *pause = sw_pause_of(sw);

		if ((only && sw != only) || !pause)
			continue;
		held += pause->queue.frames;
		++*paused;
	}
	return held;
}

/* The words are [N] [SWITCH]: the first may be either. */
static bool read_step(const struct lab *lab, const json_t *args,
		      uint32_t *count, struct lab_switch **sw, struct err *err)
{
	static const struct opt row = {
		.key = "count", .type = &opt_uint, .min = 1, .max = STEPS_MAX};
	const char *first = cmd_text(args, "count");
	const char *name = cmd_text(args, "switch");
	struct err why;

	if (first && !name && (first[0] < '0' || first[0] > '9'))
		name = first;
	else if (first && !row.type->parse(&row, NULL, first, count, &why))
		return err_set(err, "the number of frames %s", why.msg);
	*sw = name ? lab_find_switch(lab, name) : NULL;
	if (name && !*sw)
		return err_set(err, "there is no switch '%.64s'", name);
	return true;
}

static json_t *serve_step(struct lab *lab, const json_t *args, struct err *err)
{
	struct lab_switch *only = NULL, *sw;
	uint32_t count = 1;
	unsigned paused;
	struct page page;
	size_t held;

	if (!read_step(lab, args, &count, &only, err))
		return NULL;
	(void)held_by(lab, only, &paused);
	if (!paused) {
		if (only)
			err_set(err, "switch '%s' is not paused",
				only->topo->name);
		else
			err_set(err, "no switch is paused: `switchctl pause` "
				     "comes first");
		return NULL;
	}
	/* No more at once than fits in an answer. */
	page_begin(&page, args);
	while (count-- > 0 && !page.full && (sw = longest(lab, only)))
		(void)page_add(&page, sw_pause_step(sw),
			       (struct position){0, 0});
	held = held_by(lab, only, &paused);
	return json_pack("{s:o, s:I}", "rows", page.rows, "held",
			 (json_int_t)held);
}

/* --- queue: switchd ----------------------------------------------------- */

static json_t *held_row(const struct lab_switch *sw, const struct hold *h,
			uint64_t now)
{
	const struct frame f = {.data = h->data, .len = h->len, .off = h->off};
	const struct swport *port = lab_port_numbered(sw, h->port);
	char name[SWPORT_NAME_SIZE];
	json_t *row =
		json_pack("{s:s, s:s, s:I}", "switch", sw->topo->name, "port",
			  swport_full_name(port, name), "waited_ms",
			  (json_int_t)((now - h->at) / NS_PER_MS));

	explain_name(row, &f);
	return row;
}

static json_t *serve_queue(struct lab *lab, const json_t *args, struct err *err)
{
	json_t *switches;
	struct lab_switch *only;
	uint64_t now = uv_hrtime();
	struct page page;

	if (!answer_switch(lab, args, &only, err))
		return NULL;
	switches = json_array();
	page_begin(&page, args);
	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next) {
		if ((only && sw != only) || !sw_pause_of(sw))
			continue;
		(void)json_array_append_new(switches, sw_pause_about(sw));
		for (const struct hold *h = head_of(sw); h && !page.full;
		     h = h->next)
			(void)page_add(&page, held_row(sw, h, now),
				       (struct position){0, 0});
	}
	return json_pack("{s:o, s:o}", "switches", switches, "rows", page.rows);
}

/* --- switchctl ---------------------------------------------------------- */

static void print_warning(const struct screen *screen)
{
	fputs("The machines at the ports do not stand still: while frames "
	      "wait, TCP sends\nagain, and ARP and ping give up after some "
	      "seconds.\n",
	      screen->out);
}

static const char *plural(long long n)
{
	return n == 1 ? "" : "s";
}

static void print_state(const struct screen *screen, const json_t *row)
{
	long long held = cmd_number(row, "held");
	long long gap_ms = cmd_number(row, "gap_ms");

	fprintf(screen->out, "%s: ", cmd_text(row, "switch"));
	if (gap_ms)
		fprintf(screen->out, "one frame every %lld ms", gap_ms);
	else
		fputs("paused", screen->out);
	fprintf(screen->out, ", %lld frame%s wait%s\n", held, plural(held),
		held == 1 ? "s" : "");
}

static void print_paused(const struct screen *screen, json_t *result)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(result, "rows"), i, row)
		print_state(screen, row);
	print_warning(screen);
}

static void print_resumed(const struct screen *screen, json_t *result)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(result, "rows"), i, row)
	{
		long long count = cmd_number(row, "count");

		if (json_is_true(json_object_get(row, "was_paused")))
			fprintf(screen->out, "%s: %lld frame%s went on\n",
				cmd_text(row, "switch"), count, plural(count));
	}
}

static void print_stepped(const struct screen *screen, json_t *result)
{
	const json_t *rows = json_object_get(result, "rows");
	long long held = cmd_number(result, "held");
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		fprintf(screen->out, "%s  %s  (waited %lld ms)\n",
			cmd_text(row, "port"), cmd_text(row, "text"),
			cmd_number(row, "waited_ms"));
		explain_print(screen, row);
		putc('\n', screen->out);
	}
	fprintf(screen->out, "%s%lld frame%s wait%s\n",
		json_array_size(rows) ? "" : "none went on: ", held,
		plural(held), held == 1 ? "s" : "");
}

static void print_held(struct table *table, const json_t *row)
{
	table_text(table, cmd_text(row, "port"));
	table_count(table, cmd_number(row, "waited_ms"));
	table_text(table, cmd_text(row, "src"));
	table_text(table, cmd_text(row, "dst"));
	table_count(table, cmd_number(row, "bytes"));
	table_text(table, cmd_text(row, "text"));
}

static void print_queue(const struct screen *screen, json_t *result)
{
	static const char *const columns[] = {"PORT",   ">MS",   "FROM", "TO",
					      ">BYTES", "FRAME", NULL};
	const json_t *rows = json_object_get(result, "rows");
	struct table *table;
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(result, "switches"), i, row)
		print_state(screen, row);
	if (i == 0)
		fputs("no switch is paused\n", screen->out);
	if (json_array_size(rows) == 0)
		return;
	putc('\n', screen->out);
	table = table_new(screen, columns);
	json_array_foreach(rows, i, row) print_held(table, row);
	table_end(table);
}

static const struct cmd_param switches_params[] = {
	{.name = "switches", .meta = "SWITCH", .type = PARAM_LIST},
	{.name = NULL},
};

const struct cmd cmd_pause = {
	.name = "pause",
	.help = "holds the frames that come in, to be let go one by one",
	.params = switches_params,
	.serve = serve_pause,
	.print = print_paused,
};

static const struct cmd_param slow_params[] = {
	{.name = "gap", .meta = "TIME", .required = true},
	{.name = "switches", .meta = "SWITCH", .type = PARAM_LIST},
	{.name = NULL},
};

const struct cmd cmd_slow = {
	.name = "slow",
	.help = "lets one frame go in so much time",
	.params = slow_params,
	.serve = serve_slow,
	.print = print_paused,
};

static const struct cmd_param step_params[] = {
	{.name = "count", .meta = "N"},
	{.name = "switch", .meta = "SWITCH"},
	{.name = NULL},
};

const struct cmd cmd_step = {
	.name = "step",
	.help = "lets the next frame go, and explains what becomes of it",
	.params = step_params,
	.serve = serve_step,
	.print = print_stepped,
};

const struct cmd cmd_resume = {
	.name = "resume",
	.help = "lets all frames go, and no more wait",
	.params = switches_params,
	.serve = serve_resume,
	.print = print_resumed,
};

static const struct cmd_param queue_params[] = {
	{.name = "switch", .meta = "SWITCH"},
	{.name = NULL},
};

const struct cmd cmd_queue = {
	.name = "queue",
	.help = "which frames wait in paused switches, the next one first",
	.params = queue_params,
	.serve = serve_queue,
	.print = print_queue,
};
