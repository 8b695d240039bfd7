/* SPDX-License-Identifier: MIT */
/* switchctl validate: the mistakes of a file; asks no lab. */
#include "switchd/cmds.h"

#include <stdlib.h>

#include "switchd/load.h"

static int run(const struct cmd_env *env, json_t *params)
{
	struct filters filters = {.list = NULL};
	struct topo *topo =
		load_topo(cmd_text(params, "file"), &filters, load_print);

	filters_done(&filters);
	if (!topo)
		return CMD_EXIT_USAGE;
	topo_free(topo);
	return EXIT_SUCCESS;
}

static const struct cmd_param params_list[] = {
	{.name = "file", .meta = "FILE", .required = true},
	{.name = NULL},
};

const struct cmd cmd_validate = {
	.name = "validate",
	.help = "the mistakes of a file, for which no lab need run",
	.params = params_list,
	.run = run,
};
