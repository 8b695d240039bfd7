/* SPDX-License-Identifier: MIT */
/* switchctl port: shuts ports and lifts that, whatever they were shut for. */
#include "switchd/cmds.h"

#include "switchd/answer.h"
#include "switchd/lab.h"
#include "switchd/screen.h"

/* --- switchd ------------------------------------------------------------ */

static json_t *serve_down(struct lab *lab, const json_t *args, struct err *err)
{
	struct swport *port = lab_find_port(lab, cmd_text(args, "port"), err);

	if (!port)
		return NULL;
	swport_shut(port, "by hand");
	return answer_port(port);
}

static json_t *serve_up(struct lab *lab, const json_t *args, struct err *err)
{
	struct swport *port = lab_find_port(lab, cmd_text(args, "port"), err);

	if (!port)
		return NULL;
	swport_lift(port);
	if (port->sw->spanning.stp) /* the BPDU guard may have shut it */
		spanning_reenable(port);
	return answer_port(port);
}

/* --- switchctl ---------------------------------------------------------- */

static void print_port(const struct screen *screen, json_t *result)
{
	static const char *const columns[] = {"PORT", "STATE", NULL};
	const char *reason = cmd_text(result, "reason");
	struct table *table = table_new(screen, columns);

	table_text(table, cmd_text(result, "port"));
	table_state(table, cmd_text(result, "state"));
	if (reason)
		table_note(table, "%s", reason);
	table_end(table);
}

static const struct cmd_param params[] = {
	{.name = "port", .meta = "PORT", .required = true},
	{.name = NULL},
};

const struct cmd cmd_port_down = {
	.name = "port down",
	.help = "shuts a port: no frame passes, and who is there stays "
		"connected",
	.params = params,
	.serve = serve_down,
	.print = print_port,
};

const struct cmd cmd_port_up = {
	.name = "port up",
	.help = "takes up a port that is shut, for whatever reason",
	.params = params,
	.serve = serve_up,
	.print = print_port,
};
