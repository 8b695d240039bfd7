/* SPDX-License-Identifier: MIT */
#include "switchd/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How two values of a table compare. */
enum diff {
	DIFF_NONE,
	DIFF_LIVE,  /* only rows that a running thing can take */
	DIFF_RENEW, /* anything else */
};

/* Called for each row that differs. */
typedef void diff_fn(void *ctx, const struct opt *row, const void *from,
		     const void *to);

static enum diff worse(enum diff a, enum diff b)
{
	return a > b ? a : b;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as tables are nested */

/* One row and, for a map, the rows in it (which point into the same struct).
 */
static enum diff diff_row(const struct opt *row, const void *from,
			  const void *to, diff_fn *each, void *ctx)
{
	enum diff diff = DIFF_NONE;

	if (row->type == &opt_map) {
		for (const struct opt *sub = row->sub; sub->key; sub++)
			diff = worse(diff, diff_row(sub, from, to, each, ctx));
		return diff;
	}
	if (opt_same(row, from, to))
		return DIFF_NONE;
	if (each)
		each(ctx, row, from, to);
	return row->flags & OPT_LIVE ? DIFF_LIVE : DIFF_RENEW;
}

/* NOLINTEND(misc-no-recursion) */

static enum diff diff_rows(const struct opt *rows, const void *from,
			   const void *to, diff_fn *each, void *ctx)
{
	enum diff diff = DIFF_NONE;

	for (; rows->key; rows++)
		diff = worse(diff, diff_row(rows, from, to, each, ctx));
	return diff;
}

/* What a port takes from its host, not from its own options. */
static bool differs_as_host(const struct topo_port *from,
			    const struct topo_port *to)
{
	return from->host && (strcmp(from->ifname, to->ifname) != 0 ||
			      !opt_equal(topo_host_rows, from->host, to->host));
}

static enum diff diff_port(const struct topo_port *from,
			   const struct topo_port *to, diff_fn *each, void *ctx)
{
	enum diff diff;

	if (from->kind != to->kind || differs_as_host(from, to))
		return DIFF_RENEW;
	diff = diff_rows(topo_port_rows, &from->conf, &to->conf, each, ctx);
	if (from->kind->arg)
		diff = worse(diff, diff_row(from->kind->arg, from->kind_conf,
					    to->kind_conf, each, ctx));
	return worse(diff, diff_rows(from->kind->rows, from->kind_conf,
				     to->kind_conf, each, ctx));
}

static enum diff diff_switch(const struct topo_switch *from,
			     const struct topo_switch *to, diff_fn *each,
			     void *ctx)
{
	enum diff diff =
		diff_rows(topo_switch_rows, &from->conf, &to->conf, each, ctx);

	/* vlan-aware: auto follows the words of the ports. */
	if (topo_vlan_aware(from) != topo_vlan_aware(to))
		diff = worse(diff, DIFF_LIVE);
	return diff;
}

/* The file is the same. */
static enum diff diff_capture(const struct topo_capture *from,
			      const struct topo_capture *to, diff_fn *each,
			      void *ctx)
{
	return diff_rows(topo_capture_rows, &from->conf, &to->conf, each, ctx);
}

/* What takes the place of a switch, a port or a capture; NULL: nothing, or
 * something so different that the old one has to go. */
static const struct topo_switch *heir_of_switch(const struct topo_switch *from,
						const struct topo *to)
{
	const struct topo_switch *heir = topo_find_switch(to, from->name);

	if (heir && diff_switch(from, heir, NULL, NULL) != DIFF_RENEW)
		return heir;
	return NULL;
}

static const struct topo_port *heir_of_port(const struct topo_port *from,
					    const struct topo_switch *to)
{
	const struct topo_port *heir = topo_find_port(to, from->name);

	if (heir && diff_port(from, heir, NULL, NULL) != DIFF_RENEW)
		return heir;
	return NULL;
}

static const struct topo_capture *
heir_of_capture(const struct topo_capture *from, const struct topo *to)
{
	const struct topo_capture *heir =
		topo_find_capture(to, from->conf.file);

	if (heir && diff_capture(from, heir, NULL, NULL) != DIFF_RENEW)
		return heir;
	return NULL;
}

/* --- Making it ---------------------------------------------------------- */

static void add_step(struct plan *plan, struct plan_step step)
{
	/* Room grows at each power of two. */
	if ((plan->count & (plan->count - 1)) == 0) {
		size_t room = plan->count ? 2 * plan->count : 1;

		plan->steps = realloc(plan->steps, room * sizeof(*plan->steps));
		if (!plan->steps)
			abort();
	}
	plan->steps[plan->count++] = step;
}

static void remove_switch(struct plan *plan, const struct topo_switch *sw)
{
	for (size_t i = 0; i < sw->port_count; i++)
		add_step(plan, (struct plan_step){.op = PLAN_REMOVE_PORT,
						  .sw_from = sw,
						  .port_from = &sw->ports[i]});
	add_step(plan,
		 (struct plan_step){.op = PLAN_REMOVE_SWITCH, .sw_from = sw});
}

static void removals(struct plan *plan, const struct topo *from,
		     const struct topo *to)
{
	for (size_t i = 0; i < from->switch_count; i++) {
		const struct topo_switch *sw = &from->switches[i];
		const struct topo_switch *heir = heir_of_switch(sw, to);

		if (!heir) {
			remove_switch(plan, sw);
			continue;
		}
		for (size_t k = 0; k < sw->port_count; k++) {
			if (heir_of_port(&sw->ports[k], heir))
				continue;
			add_step(plan, (struct plan_step){
					       .op = PLAN_REMOVE_PORT,
					       .sw_from = sw,
					       .sw_to = heir,
					       .port_from = &sw->ports[k]});
		}
	}
}

static void change_ports(struct plan *plan, const struct topo_switch *from,
			 const struct topo_switch *to)
{
	for (size_t i = 0; i < from->port_count; i++) {
		const struct topo_port *port = &from->ports[i];
		const struct topo_port *heir = heir_of_port(port, to);

		if (!heir || diff_port(port, heir, NULL, NULL) == DIFF_NONE)
			continue;
		add_step(plan, (struct plan_step){.op = PLAN_CHANGE_PORT,
						  .sw_from = from,
						  .sw_to = to,
						  .port_from = port,
						  .port_to = heir});
	}
}

static void changes(struct plan *plan, const struct topo *from,
		    const struct topo *to)
{
	for (size_t i = 0; i < from->switch_count; i++) {
		const struct topo_switch *sw = &from->switches[i];
		const struct topo_switch *heir = heir_of_switch(sw, to);

		if (!heir)
			continue;
		if (diff_switch(sw, heir, NULL, NULL) != DIFF_NONE)
			add_step(plan,
				 (struct plan_step){.op = PLAN_CHANGE_SWITCH,
						    .sw_from = sw,
						    .sw_to = heir});
		change_ports(plan, sw, heir);
	}
}

static void additions(struct plan *plan, const struct topo *from,
		      const struct topo *to)
{
	for (size_t i = 0; i < to->switch_count; i++) {
		const struct topo_switch *sw = &to->switches[i];
		const struct topo_switch *old =
			topo_find_switch(from, sw->name);

		if (old && !heir_of_switch(old, to))
			old = NULL;
		if (!old)
			add_step(plan, (struct plan_step){.op = PLAN_ADD_SWITCH,
							  .sw_to = sw});
		for (size_t k = 0; k < sw->port_count; k++) {
			const struct topo_port *port = &sw->ports[k];
			const struct topo_port *was =
				old ? topo_find_port(old, port->name) : NULL;

			if (was && heir_of_port(was, sw))
				continue;
			add_step(plan, (struct plan_step){.op = PLAN_ADD_PORT,
							  .sw_from = old,
							  .sw_to = sw,
							  .port_to = port});
		}
	}
}

static void remove_captures(struct plan *plan, const struct topo *from,
			    const struct topo *to)
{
	for (size_t i = 0; i < from->capture_count; i++) {
		const struct topo_capture *capture = &from->captures[i];

		if (!heir_of_capture(capture, to))
			add_step(plan,
				 (struct plan_step){.op = PLAN_REMOVE_CAPTURE,
						    .capture_from = capture});
	}
}

static void change_captures(struct plan *plan, const struct topo *from,
			    const struct topo *to)
{
	for (size_t i = 0; i < from->capture_count; i++) {
		const struct topo_capture *capture = &from->captures[i];
		const struct topo_capture *heir = heir_of_capture(capture, to);

		if (!heir ||
		    diff_capture(capture, heir, NULL, NULL) == DIFF_NONE)
			continue;
		add_step(plan, (struct plan_step){.op = PLAN_CHANGE_CAPTURE,
						  .capture_from = capture,
						  .capture_to = heir});
	}
}

static void add_captures(struct plan *plan, const struct topo *from,
			 const struct topo *to)
{
	for (size_t i = 0; i < to->capture_count; i++) {
		const struct topo_capture *capture = &to->captures[i];
		const struct topo_capture *was =
			topo_find_capture(from, capture->conf.file);

		if (!was || !heir_of_capture(was, to))
			add_step(plan,
				 (struct plan_step){.op = PLAN_ADD_CAPTURE,
						    .capture_to = capture});
	}
}

void plan_make(const struct topo *from, const struct topo *to,
	       struct plan *plan)
{
	*plan = (struct plan){0};
	remove_captures(plan, from, to);
	removals(plan, from, to);
	changes(plan, from, to);
	change_captures(plan, from, to);
	additions(plan, from, to);
	add_captures(plan, from, to);
}

void plan_done(struct plan *plan)
{
	free(plan->steps);
	*plan = (struct plan){0};
}

/* --- What a step changes ------------------------------------------------ */

static const char *const op_names[] = {"remove", "remove", "remove",
				       "change", "change", "change",
				       "add",    "add",    "add"};

static_assert(sizeof(op_names) / sizeof(op_names[0]) == PLAN_OP_COUNT,
	      "a name for each step");

const char *plan_op_name(enum plan_op op)
{
	return op_names[op];
}

const char *plan_step_name(const struct plan_step *s, char buf[PLAN_NAME_SIZE])
{
	const struct topo_port *port = s->port_to ? s->port_to : s->port_from;
	const struct topo_capture *capture =
		s->capture_to ? s->capture_to : s->capture_from;

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

static void visit_row(void *ctx, const struct opt *row, const void *from,
		      const void *to)
{
	const struct visit *visit = ctx;
	char before[PLAN_VALUE_SIZE], after[PLAN_VALUE_SIZE];

	value_text(row, from, before);
	value_text(row, to, after);
	visit->each(visit->ctx, row->key, before, after);
}

void plan_step_changes(const struct plan_step *s, plan_change_fn *each,
		       void *ctx)
{
	struct visit visit = {each, ctx};

	if (s->op == PLAN_CHANGE_SWITCH)
		(void)diff_switch(s->sw_from, s->sw_to, visit_row, &visit);
	else if (s->op == PLAN_CHANGE_PORT)
		(void)diff_port(s->port_from, s->port_to, visit_row, &visit);
	else if (s->op == PLAN_CHANGE_CAPTURE)
		(void)diff_capture(s->capture_from, s->capture_to, visit_row,
				   &visit);
}

bool plan_step_flushes(const struct plan_step *s)
{
	return s->op == PLAN_CHANGE_SWITCH &&
	       (s->sw_from->conf.mode != s->sw_to->conf.mode ||
		topo_vlan_aware(s->sw_from) != topo_vlan_aware(s->sw_to));
}

/* --- For eyes ----------------------------------------------------------- */

/* What a step is, as a sign for eyes. */
static const char signs[] = {'-', '-', '-', '~', '~', '~', '+', '+', '+'};

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

	if (topo_vlan_aware(s->sw_from) != aware)
		fprintf(printer->out, "%s %s VLANs from now",
			next_item(printer), aware ? "knows" : "ignores");
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
