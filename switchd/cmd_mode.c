/* SPDX-License-Identifier: MIT */
/*
 * switchctl mode: makes a running switch a hub, a wire or a switch again.
 *
 * It is what `apply` of the running topology with another `mode:` would do, and
 * what no file may say is refused here, too: so that topology is written and
 * read as a file would be.
 */
#include "switchd/cmds.h"

#include <stdlib.h>

#include "switchd/answer.h"
#include "switchd/lab.h"
#include "switchd/screen.h"
#include "switchd/tell.h"

/* --- switchd ------------------------------------------------------------ */

static bool may_be(const struct topo *topo, struct err *err)
{
	struct topo_errors errors;
	struct topo *copy;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return err_sys(err, "cannot write the topology");
	topo_dump(topo, out);
	if (fclose(out) != 0) {
		free(text);
		return err_sys(err, "cannot write the topology");
	}
	copy = topo_parse(text, len, plug_kinds, &errors);
	free(text);
	topo_free(copy);
	return copy || err_set(err, "%s", errors.err[0].msg);
}

static bool read_mode(const char *text, uint32_t *mode, struct err *err)
{
	const struct opt *row = opt_find(topo_switch_rows, "mode");
	struct err why;

	return row->type->parse(row, NULL, text, mode, &why) ||
	       err_set(err, "mode %s", why.msg);
}

/* The ports' place in it is made anew, too: whether a plug's own address has a
 * VLAN depends on the mode. */
static void change(struct lab_switch *sw, struct plan_step *step)
{
	const struct plan plan = {step, 1};

	tell_plan(sw->lab, &plan);
	lab_change_switch(sw, step->sw_to);
	for (size_t i = 0; i < sw->port_count; i++)
		if (!sw->ports[i]->removing)
			swport_change(sw->ports[i], sw->ports[i]->topo);
}

static json_t *serve(struct lab *lab, const json_t *args, struct err *err)
{
	struct lab_switch *sw;
	struct topo_switch before;
	struct topo_switch *topo;
	json_t *plan = json_array();

	if (!answer_switch(lab, args, &sw, err))
		goto failed;
	topo = &lab->topo->switches[sw->topo - lab->topo->switches];
	before = *topo;
	if (!read_mode(cmd_text(args, "mode"), &topo->conf.mode, err))
		goto failed;
	if (!may_be(lab->topo, err)) {
		topo->conf.mode = before.conf.mode;
		goto failed;
	}
	if (topo->conf.mode != before.conf.mode) {
		struct plan_step step = {.op = PLAN_CHANGE_SWITCH,
					 .sw_from = &before,
					 .sw_to = topo};

		change(sw, &step);
		(void)json_array_append_new(plan, tell_step(&step));
	}
	return json_pack("{s:s, s:s, s:o}", "switch", topo->name, "mode",
			 topo_mode_name(topo), "plan", plan);
failed:
	json_decref(plan);
	return NULL;
}

/* --- switchctl ---------------------------------------------------------- */

static void print(const struct screen *screen, json_t *result)
{
	const json_t *plan = json_object_get(result, "plan");
	const json_t *row;
	size_t i;

	json_array_foreach(plan, i, row)
		fprintf(screen->out, "%s\n", cmd_text(row, "text"));
	if (json_array_size(plan) == 0)
		fprintf(screen->out, "%s is a %s already\n",
			cmd_text(result, "switch"), cmd_text(result, "mode"));
}

static const struct cmd_param params[] = {
	{.name = "switch", .meta = "SWITCH", .required = true},
	{.name = "mode",
	 .meta = "MODE",
	 .required = true,
	 .words = topo_mode_words},
	{.name = NULL},
};

const struct cmd cmd_mode = {
	.name = "mode",
	.help = "makes a switch a hub, a wire, or a switch again",
	.params = params,
	.serve = serve,
	.print = print,
};
