/* SPDX-License-Identifier: MIT */
/*
 * switchctl reset: the running lab as it was when its topology was last taken.
 *
 * What a lab is told and learns at run time is of several kinds, and each has
 * a function below that undoes it, or says what it would undo. Some of it is
 * in the topology that runs (a switch made a hub), which is applied once more
 * as it was; the rest no file knows of. Frames that wait go on first, and
 * counters begin at 0 last.
 *
 * What others have is left to them: connections, clients, leases, files.
 */
#include "switchd/cmds.h"

#include <string.h>

#include "switchd/answer.h"
#include "switchd/cables.h"
#include "switchd/lab.h"
#include "switchd/load.h"
#include "switchd/nats.h"
#include "switchd/screen.h"
#include "switchd/sw_pause.h"
#include "switchd/tell.h"

/* --- switchd ------------------------------------------------------------ */

struct reset {
	struct lab *lab;
	bool dry_run;
	struct page page; /* what is done; not all of it is listed */
};

/* A line; text is what is done to the thing of that kind and name. */
__attribute__((format(printf, 4, 5))) static void
say(struct reset *r, const char *kind, const char *name, const char *fmt, ...)
{
	json_t *text;
	va_list ap;

	if (r->page.full)
		return;
	va_start(ap, fmt);
	text = json_vsprintf(fmt, ap);
	va_end(ap);
	(void)page_add(&r->page,
		       json_pack("{s:s, s:s?, s:o}", "kind", kind, "name", name,
				 "text", text),
		       r->page.from);
}

/* As apply of the same file: also captures of it that have stopped begin. What
 * the others undo comes before, because some of it this would undo as well and
 * not say so. */
static void reset_topology(struct reset *r, struct topo *topo)
{
	char name[PLAN_NAME_SIZE];
	struct plan plan;

	lab_plan(r->lab, topo, &plan);
	for (size_t i = 0; i < plan.count; i++) {
		json_t *step = tell_step(&plan.steps[i]);

		say(r, "topology", plan_step_name(&plan.steps[i], name), "%s",
		    cmd_text(step, "text"));
		json_decref(step);
	}
	plan_done(&plan);
	if (r->dry_run) {
		topo_free(topo);
		return;
	}
	/* The text has the lab's name in the place of the file's. */
	memcpy(topo->name, r->lab->file_name, sizeof(topo->name));
	(void)lab_apply(r->lab, topo);
}

static void reset_pause(struct reset *r, struct lab_switch *sw)
{
	const struct pause *pause = sw_pause_of(sw);

	if (!pause)
		return;
	say(r, "pause", sw->topo->name, "goes on, %zu waiting",
	    pause->queue.frames);
	if (!r->dry_run)
		(void)sw_pause_end(sw);
}

static void reset_link(struct reset *r, struct link *link)
{
	if (!link->ends[0].down && !link->ends[1].down)
		return;
	say(r, "link", link->topo->conf.name, "is up again");
	if (!r->dry_run)
		link_set(link, true, true, false);
}

static void reset_cable(struct reset *r, struct cable *c)
{
	const char *link = c ? topo_link_name(c->port->topo) : NULL;
	char name[SWPORT_NAME_SIZE];

	if (!c || !c->is_live)
		return;
	say(r, "impair", link ? link : swport_full_name(c->port, name),
	    "%s is as in the file", c->class->name);
	if (!r->dry_run)
		cable_reset(c);
}

static void reset_link_cables(struct reset *r, struct link *link)
{
	struct cables cables;

	cables_of_link(link, &cables);
	reset_cable(r, cables.way[0]);
	reset_cable(r, cables.way[1]);
}

static void reset_port_cables(struct reset *r, struct swport *port)
{
	struct cables cables;

	cables_of_port(port, &cables);
	reset_cable(r, cables.way[0]);
	reset_cable(r, cables.way[1]);
}

static void reset_shut(struct reset *r, struct swport *port)
{
	char name[SWPORT_NAME_SIZE];

	if (!swport_is_shut(port))
		return;
	say(r, "port", swport_full_name(port, name), "is no longer shut");
	if (!r->dry_run)
		swport_lift(port);
}

static void reset_capture(struct reset *r, struct lab_capture *c)
{
	char id[16];

	if (!c->owner ||
	    (c->state != CAPTURES_RUNNING && c->state != CAPTURES_WAITING))
		return;
	(void)snprintf(id, sizeof(id), "%u", c->id);
	say(r, "capture", id, "is stopped: it is not of the file");
	if (!r->dry_run)
		captures_stop(c);
}

/* Those of run time are closed; of the file, all are open. */
static void reset_forwards(struct reset *r, struct swport *port)
{
	const struct plug_nat_ops *ops = nats_ops(port);
	struct plug_nat_forward forward;
	char name[SWPORT_NAME_SIZE];
	unsigned i = 0;

	if (!ops)
		return;
	(void)swport_full_name(port, name);
	while (ops->forward(port->plug, i, &forward)) {
		if (forward.of_file) {
			i++;
			continue;
		}
		say(r, "forward", name, "%s is closed", forward.text);
		if (r->dry_run ||
		    !ops->forward_del(port->plug, forward.text, NULL))
			i++;
	}
	if (!r->dry_run && port->state == SWPORT_UP)
		port->plug->class->reconfigure(port->plug);
}

/* Whether it is there because the port is. */
static bool is_pinned(const struct lab_switch *sw,
		      const struct fdb_entry *entry)
{
	const struct swport *port = lab_port_numbered(sw, entry->port);
	struct mac mac;

	return port && port->pinned && port->pinned_vid == entry->vid &&
	       port->plug->class->mac(port->plug, &mac) &&
	       memcmp(&mac, &entry->mac, sizeof(mac)) == 0;
}

static void reset_fdb(struct reset *r, const struct lab_switch *sw)
{
	struct fdb *fdb = bridge_fdb(sw->bridge);
	size_t learned = 0, added = 0;
	struct fdb_entry entry;
	uint32_t slot = 0;

	while (fdb_next(fdb, &slot, &entry)) {
		if (entry.is_static && is_pinned(sw, &entry))
			continue;
		learned += !entry.is_static;
		added += entry.is_static;
		if (entry.is_static && !r->dry_run)
			(void)fdb_delete(fdb, entry.vid, entry.mac.b);
	}
	if (learned + added == 0)
		return;
	say(r, "fdb", sw->topo->name,
	    "forgets %zu learned and %zu static addresses", learned, added);
	if (!r->dry_run)
		(void)fdb_flush(fdb);
}

static void reset_tree(struct reset *r, struct lab_switch *sw)
{
	if (!sw->spanning.stp)
		return;
	say(r, "stp", sw->topo->name, "begins its spanning tree anew");
	if (!r->dry_run)
		spanning_restart(sw);
}

static void forget_counts(struct cable *c)
{
	if (c)
		c->line.counts = (struct line_counts){.lost = 0};
}

/* What is held was offered. */
static void reset_counters(struct reset *r, struct swport *port)
{
	struct plug_client client;
	struct cables cables;

	if (r->dry_run)
		return;
	counters_reset(&port->counters, swport_held(port));
	memset(port->told_drops, 0, sizeof(port->told_drops));
	port->storm_drops = 0;
	for (unsigned i = 0; swport_client(port, i, &client); i++)
		counters_reset(client.counters, client.held);
	cables_of_port(port, &cables);
	forget_counts(cables.way[0]);
	forget_counts(cables.way[1]);
	forget_counts(link_cable(port));
}

static void each_port(struct reset *r,
		      void (*act)(struct reset *r, struct swport *port))
{
	for (struct lab_switch *sw = r->lab->switches; sw; sw = sw->next)
		for (size_t i = 0; i < sw->port_count; i++)
			if (!sw->ports[i]->removing)
				act(r, sw->ports[i]);
}

static void reset_all(struct reset *r, struct topo *topo)
{
	struct lab *lab = r->lab;

	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next)
		reset_pause(r, sw);
	for (struct link *link = lab->links.list; link; link = link->next) {
		reset_link(r, link);
		reset_link_cables(r, link);
	}
	each_port(r, reset_port_cables);
	each_port(r, reset_shut);
	for (struct lab_capture *c = lab->captures.list; c; c = c->next)
		reset_capture(r, c);
	each_port(r, reset_forwards);
	reset_topology(r, topo);
	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next)
		reset_fdb(r, sw);
	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next)
		reset_tree(r, sw);
	tell_drops(lab);
	each_port(r, reset_counters);
	say(r, "counters", NULL, "begin at 0");
}

static json_t *serve(struct lab *lab, const json_t *args, struct call *call,
		     struct err *err)
{
	struct reset r = {
		.lab = lab,
		.dry_run = json_is_true(json_object_get(args, "dry_run"))};
	struct topo_errors errors = {.count = 0};
	struct topo *topo =
		load_parse(lab->taken, strlen(lab->taken),
			   &lab->captures.filters, &errors, &call->waits);

	if (!topo) {
		if (!call->waits)
			err_set(err, "the topology cannot be read again: %s",
				errors.err[0].msg);
		return NULL;
	}
	page_begin(&r.page, args);
	if (!r.dry_run) {
		tell_reset(lab);
		log_info("reset");
	}
	reset_all(&r, topo);
	return json_pack("{s:b, s:o}", "dry_run", r.dry_run, "rows",
			 r.page.rows);
}

/* --- switchctl ---------------------------------------------------------- */

static void print(const struct screen *screen, json_t *result)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(result, "rows"), i, row)
	{
		const char *name = cmd_text(row, "name");

		fprintf(screen->out, "%s%s%s: %s\n", cmd_text(row, "kind"),
			name ? " " : "", name ? name : "",
			cmd_text(row, "text"));
	}
	if (json_is_true(json_object_get(result, "dry_run")))
		fputs("nothing is changed: --dry-run\n", screen->out);
}

static const struct cmd_param params[] = {
	{.name = "dry_run", .word = "--dry-run", .type = PARAM_FLAG},
	{.name = NULL},
};

const struct cmd cmd_reset = {
	.name = "reset",
	.help = "the lab as its file says, nothing learned, nothing counted",
	.params = params,
	.serve_call = serve,
	.print = print,
};
