/* SPDX-License-Identifier: MIT */
/*
 * switchctl exec, shell: a command in a host. switchd only says where that
 * is; the command is run by switchctl, with the terminal, the user and the
 * signals that it has.
 */
#include "switchd/cmds.h"

#include <stdlib.h>

#include "switchd/client.h"
#include "switchd/enter.h"
#include "switchd/hosts.h"
#include "switchd/lab.h"

/* --- switchd ------------------------------------------------------------ */

static json_t *serve(struct lab *lab, const json_t *args, struct err *err)
{
	const char *name = cmd_text(args, "host");
	struct host_place place;

	if (!hosts_place(lab, name, &place, err))
		return NULL;
	return json_pack("{s:s, s:s, s:o, s:s}", "host", name, "net", place.net,
			 "user",
			 place.user[0] ? json_string(place.user) : json_null(),
			 "resolv", place.resolv);
}

/* --- switchctl ---------------------------------------------------------- */

/* Asks where the host is, and goes there. */
static bool enter(const struct cmd_env *env, const char *host, struct err *err)
{
	json_t *params = json_pack("{s:s}", "host", host);
	struct client *client = env->open(env->lab, err);
	json_t *place = NULL;
	bool ok;

	if (client) {
		place = client_call(client, cmd_exec.name, params, err);
		client_close(client);
	}
	ok = place &&
	     enter_host(cmd_text(place, "user"), cmd_text(place, "net"),
			cmd_text(place, "resolv"), err);
	json_decref(place);
	json_decref(params);
	return ok;
}

static int run_exec(const struct cmd_env *env, json_t *params)
{
	struct err err = {.errnum = 0};
	int status = EXIT_FAILURE;

	if (enter(env, cmd_text(params, "host"), &err))
		status = enter_exec(env->words, &err);
	return cmd_complain(status, &err);
}

static int run_shell(const struct cmd_env *env, json_t *params)
{
	const char *host = cmd_text(params, "host");
	struct err err = {.errnum = 0};
	int status = EXIT_FAILURE;

	if (enter(env, host, &err))
		status = enter_shell(host, &err);
	return cmd_complain(status, &err);
}

static const struct cmd_param exec_params[] = {
	{.name = "host", .meta = "HOST", .required = true},
	{.name = "command",
	 .meta = "CMD",
	 .type = PARAM_HERE,
	 .required = true},
	{.name = NULL},
};

static const struct cmd_param shell_params[] = {
	{.name = "host", .meta = "HOST", .required = true},
	{.name = NULL},
};

const struct cmd cmd_exec = {
	.name = "exec",
	.help = "run a command in a host",
	.params = exec_params,
	.serve = serve,
	.run = run_exec,
};

const struct cmd cmd_shell = {
	.name = "shell",
	.help = "a shell in a host",
	.params = shell_params,
	.serve = serve,
	.run = run_shell,
};
