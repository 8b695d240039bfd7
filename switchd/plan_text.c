/* SPDX-License-Identifier: MIT */
/* What the steps of a plan (plan.h) are, for eyes and for answers. */
#include <assert.h>
#include <string.h>

#include "switchd/plan.h"
#include "switchd/plan_diff.h"

static const char *const op_names[] = {"remove", "remove", "remove", "remove",
				       "change", "change", "change", "change",
				       "add",    "add",    "add",    "add"};

static_assert(sizeof(op_names) / sizeof(op_names[0]) == PLAN_OP_COUNT,
	      "a name for each step");

const char *plan_op_name(enum plan_op op)
{
	return op_names[op];
}

const char *plan_step_name(const struct plan_step *s, char buf[PLAN_NAME_SIZE])
{
	const struct topo_port *port = s->port_to ? s->port_to : s->port_from;
	const struct topo_link *link = s->link_to ? s->link_to : s->link_from;
	const struct topo_capture *capture =
		s->capture_to ? s->capture_to : s->capture_from;

	if (link) {
		(void)snprintf(buf, PLAN_NAME_SIZE, "link %s", link->conf.name);
		return buf;
	}
	if (capture) {
		(void)snprintf(buf, PLAN_NAME_SIZE, "capture %s",
			       capture->conf.file);
		return buf;
	}
	(void)snprintf(buf, PLAN_NAME_SIZE, "%s%s%s",
		       s->sw_to ? s->sw_to->name : s->sw_from->name,
		       port ? "." : "", port ? port->name : "");
	return buf;
}

struct visit {
	plan_change_fn *each;
	void *ctx;
};

static void value_text(const struct opt *row, const void *conf,
		       char text[PLAN_VALUE_SIZE])
{
	text[0] = '\0';
	if (row->def || !opt_is_default(row, conf))
		row->type->format(row, (const char *)conf + row->offset, text,
				  PLAN_VALUE_SIZE);
	if (!text[0])
		memcpy(text, "unset", sizeof("unset"));
}

static void visit_row(void *ctx, const char *map, const struct opt *row,
		      const void *from, const void *to)
{
	const struct visit *visit = ctx;
	char before[PLAN_VALUE_SIZE], after[PLAN_VALUE_SIZE];
	char key[64];

	(void)snprintf(key, sizeof(key), "%s%s%s", map ? map : "",
		       map ? "." : "", row->key);
	value_text(row, from, before);
	value_text(row, to, after);
	visit->each(visit->ctx, key, before, after);
}

void plan_step_changes(const struct plan_step *s, plan_change_fn *each,
		       void *ctx)
{
	struct visit visit = {each, ctx};

	if (s->op == PLAN_CHANGE_SWITCH)
		(void)plan_diff_switch(s->sw_from, s->sw_to, visit_row, &visit);
	else if (s->op == PLAN_CHANGE_PORT)
		(void)plan_diff_port(s->port_from, s->port_to, visit_row,
				     &visit);
	else if (s->op == PLAN_CHANGE_LINK)
		(void)plan_diff_link(s->link_from, s->link_to, visit_row,
				     &visit);
	else if (s->op == PLAN_CHANGE_CAPTURE)
		(void)plan_diff_capture(s->capture_from, s->capture_to,
					visit_row, &visit);
}

bool plan_step_flushes(const struct plan_step *s)
{
	return s->op == PLAN_CHANGE_SWITCH &&
	       (s->sw_from->conf.mode != s->sw_to->conf.mode ||
		topo_vlan_aware(s->sw_from) != topo_vlan_aware(s->sw_to) ||
		topo_is_provider(s->sw_from) != topo_is_provider(s->sw_to));
}

/* --- For eyes ----------------------------------------------------------- */

/* What a step is, as a sign for eyes. */
static const char signs[] = {'-', '-', '-', '-', '~', '~',
			     '~', '~', '+', '+', '+', '+'};

static_assert(sizeof(signs) == PLAN_OP_COUNT, "a sign for each step");

struct printer {
	FILE *out;
	unsigned items; /* of this line, so far */
};

/* What comes before the next item of a line. */
static const char *next_item(struct printer *printer)
{
	return printer->items++ ? "," : ":";
}

static void put_change(void *ctx, const char *key, const char *from,
		       const char *to)
{
	struct printer *printer = ctx;

	fprintf(printer->out, "%s %s %s -> %s", next_item(printer), key, from,
		to);
}

static void put_added(FILE *out, const struct topo_port *port)
{
	char text[PLAN_VALUE_SIZE] = "";
	const struct opt *arg = port->kind->arg;

	if (arg && arg->type != &opt_map)
		arg->type->format(arg,
				  (const char *)port->kind_conf + arg->offset,
				  text, sizeof(text));
	fprintf(out, ": %s%s%s", port->kind->name, text[0] ? " " : "", text);
}

static void put_added_capture(FILE *out, const struct topo_capture *capture)
{
	const struct opt *of = opt_find(topo_capture_rows, "of");
	char text[PLAN_VALUE_SIZE];

	of->type->format(of, capture->conf.of, text, sizeof(text));
	fprintf(out, ": %s", text);
}

/* What follows from the changes of a switch, but is in no row of its own. */
static void put_effects(struct printer *printer, const struct plan_step *s)
{
	bool aware = topo_vlan_aware(s->sw_to);
	bool provider = topo_is_provider(s->sw_to);

	if (topo_vlan_aware(s->sw_from) != aware)
		fprintf(printer->out, "%s %s VLANs from now",
			next_item(printer), aware ? "knows" : "ignores");
	if (topo_is_provider(s->sw_from) != provider)
		fprintf(printer->out, "%s its tags are %s-tags from now",
			next_item(printer), provider ? "S" : "C");
	if (plan_step_flushes(s))
		fprintf(printer->out, "%s its FDB is flushed",
			next_item(printer));
}

void plan_print_step(const struct plan_step *s, FILE *out)
{
	struct printer printer = {.out = out};
	char name[PLAN_NAME_SIZE];

	fprintf(out, "%c %s", signs[s->op], plan_step_name(s, name));
	plan_step_changes(s, put_change, &printer);
	if (s->op == PLAN_CHANGE_SWITCH)
		put_effects(&printer, s);
	else if (s->op == PLAN_ADD_PORT)
		put_added(out, s->port_to);
	else if (s->op == PLAN_ADD_LINK)
		fprintf(out, ": %s -- %s", s->link_to->ends[0].sw->name,
			s->link_to->ends[1].sw->name);
	else if (s->op == PLAN_ADD_CAPTURE)
		put_added_capture(out, s->capture_to);
}

void plan_print(const struct plan *plan, FILE *out)
{
	for (size_t i = 0; i < plan->count; i++) {
		plan_print_step(&plan->steps[i], out);
		fputc('\n', out);
	}
}
