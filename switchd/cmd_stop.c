/* SPDX-License-Identifier: MIT */
/* switchctl stop: ends the lab. */
#include "switchd/cmds.h"

#include "switchd/lab.h"
#include "switchd/screen.h"

static json_t *serve(struct lab *lab, const json_t *args, struct err *err)
{
	lab->stop(lab);
	return json_pack("{s:s}", "stopped", lab->name);
}

static void print(const struct screen *screen, json_t *result)
{
	fprintf(screen->out, "lab %s has ended\n", cmd_text(result, "stopped"));
}

static const struct cmd_param params[] = {{.name = NULL}};

const struct cmd cmd_stop = {
	.name = "stop",
	.help = "ends the lab and waits until it is gone",
	.params = params,
	.ends = true,
	.serve = serve,
	.print = print,
};
