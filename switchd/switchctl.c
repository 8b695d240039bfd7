/* SPDX-License-Identifier: MIT */
/*
 * switchctl: asks and changes a running lab. What it can do is in the table of
 * cmd.h; here are the options, the way to the lab, and the exit status: 0 good,
 * 1 it could not be done, 2 it was not understood.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/client.h"
#include "switchd/cmd.h"
#include "switchd/complete.h"
#include "switchd/rundir.h"
#include "switchd/screen.h"
#include "topo/suggest.h"

static void usage(FILE *out)
{
	fputs("usage: switchctl [-l LAB] [--json] COMMAND...\n"
	      "  -l, --lab LAB  the lab, by name or run-time folder; else "
	      "$LABSWITCH, else the\n"
	      "                 only one that runs\n"
	      "  --json         print the result as JSON\n"
	      "  --help         print this; after COMMAND, what that takes\n"
	      "  --version      print the version\n"
	      "commands:\n",
	      out);
	for (const struct cmd *const *cmd = cmd_table; *cmd; cmd++) {
		if (!(*cmd)->help)
			continue;
		fputs("  ", out);
		cmd_usage(*cmd, out);
		fprintf(out, "\n        %s\n", (*cmd)->help);
	}
	fputs("To begin with: switchctl lab run quickstart, or switchctl init "
	      "my-lab\n",
	      out);
}

static void usage_of(const struct cmd *cmd, FILE *out)
{
	fputs("usage: switchctl ", out);
	cmd_usage(cmd, out);
	fputc('\n', out);
}

/* The end of what prints and asks nothing. */
static int printed(void)
{
	struct err err = {.errnum = 0};

	return cmd_flush(&err) ? EXIT_SUCCESS
			       : cmd_complain(EXIT_FAILURE, &err);
}

/* --- Which lab ---------------------------------------------------------- */

/* The labs that run; if it is one, path is its. */
struct labs {
	char path[RUNDIR_PATH_SIZE];
	char names[200];
	unsigned count;
};

static void on_lab(void *ctx, const char *lab, const char *path)
{
	struct labs *labs = ctx;
	size_t used = strlen(labs->names);

	(void)snprintf(labs->path, sizeof(labs->path), "%s", path);
	(void)snprintf(labs->names + used, sizeof(labs->names) - used, "%s%s",
		       used ? ", " : "", lab);
	labs->count++;
}

static bool find_lab(const char *name, char path[RUNDIR_PATH_SIZE],
		     struct err *err)
{
	struct labs labs = {.count = 0};

	if (!name)
		name = getenv("LABSWITCH");
	if (name && *name)
		return rundir_find(name, path, err);
	rundir_list(on_lab, &labs);
	if (labs.count == 0)
		return err_set(err, "no lab of this user is running; "
				    "`switchctl lab run quickstart` or "
				    "`switchd -d FILE` starts one");
	if (labs.count > 1)
		return err_set(err,
			       "several labs are running: say which with "
			       "-l: %.160s",
			       labs.names);
	memcpy(path, labs.path, sizeof(labs.path));
	return true;
}

static struct client *open_lab(const char *name, struct err *err)
{
	char dir[RUNDIR_PATH_SIZE], path[RUNDIR_FILE_SIZE];

	if (!find_lab(name, dir, err))
		return NULL;
	return client_open(rundir_file(dir, RUNDIR_CONTROL, path), err);
}

/* --- One command -------------------------------------------------------- */

static bool print(const struct cmd_env *env, const struct cmd *cmd,
		  json_t *result, struct err *err)
{
	if (env->json)
		return cmd_print_json(result, err);
	cmd->print(&env->screen, result);
	return cmd_flush(err);
}

static bool ask(struct client *client, const struct cmd_env *env,
		const struct cmd *cmd, const json_t *params, struct err *err)
{
	json_t *result = client_call(client, cmd->name, params, err);
	bool ok = result && (!cmd->ends || client_await_end(client, err)) &&
		  print(env, cmd, result, err);

	json_decref(result);
	return ok;
}

/* The words that are for PARAM_HERE, after one for each other parameter. */
static char *const *words_here(const struct cmd *cmd, char *const *words)
{
	for (const struct cmd_param *p = cmd->params; p->name; p++)
		words += p->type != PARAM_HERE;
	return words;
}

static int run_cmd(const struct cmd_env *env, const struct cmd *cmd,
		   json_t *params)
{
	struct err err = {.errnum = 0};
	struct client *client;
	bool ok;

	if (cmd->run)
		return cmd->run(env, params);
	if (cmd->prepare && !cmd->prepare(params, &err))
		return cmd_complain(CMD_EXIT_USAGE, &err);
	client = open_lab(env->lab, &err);
	ok = client && ask(client, env, cmd, params, &err);
	if (client)
		client_close(client);
	return ok ? EXIT_SUCCESS : cmd_complain(EXIT_FAILURE, &err);
}

/* Says what else it could be: "link" alone, or "lnik". */
static void no_command(const char *word, struct err *err)
{
	struct suggest s = suggest_for(word);
	size_t len = strlen(word);
	char next[100] = "";
	const char *tail;

	for (const struct cmd *const *cmd = cmd_table; *cmd; cmd++) {
		const char *name = (*cmd)->name;
		size_t used = strlen(next);

		if (!(*cmd)->help)
			continue;
		suggest_try(&s, name);
		if (strncmp(name, word, len) == 0 && name[len] == ' ')
			(void)snprintf(next + used, sizeof(next) - used, "%s%s",
				       used ? ", " : "", name + len + 1);
	}
	tail = suggest_tail(&s);
	if (*next)
		err_set(err, "after '%.40s' comes one of %s", word, next);
	else
		err_set(err, "there is no command '%.40s'%s", word,
			*tail ? tail : ": see --help");
}

static int run(const struct cmd_env *env, int argc, char *const *argv)
{
	struct err err = {.errnum = 0};
	struct cmd_env here = *env;
	int used, status;
	const struct cmd *cmd = cmd_match(argc, argv, &used);
	json_t *params;

	if (!cmd) {
		no_command(argv[0], &err);
		return cmd_complain(CMD_EXIT_USAGE, &err);
	}
	if (argc > used && strcmp(argv[used], "--help") == 0) {
		usage_of(cmd, stdout);
		printf("    %s\n", cmd->help);
		return printed();
	}
	params = cmd_words(cmd, argc - used, argv + used, &err);
	if (!params) {
		(void)cmd_complain(CMD_EXIT_USAGE, &err);
		usage_of(cmd, stderr);
		return CMD_EXIT_USAGE;
	}
	here.words = words_here(cmd, argv + used);
	status = run_cmd(&here, cmd, params);
	json_decref(params);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{"lab", required_argument, NULL, 'l'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	const char *no_colour = getenv("NO_COLOR"); /* no-color.org */
	bool colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour);
	struct cmd_env env = {.screen = {stdout, colour}, .open = open_lab};
	int c;

	if (argc > 1 && strcmp(argv[1], "--complete") == 0) {
		complete(&env, longs, argc - 2, argv + 2);
		return printed();
	}
	while ((c = getopt_long(argc, argv, "+hl:", longs, NULL)) != -1) {
		if (c == 'l') {
			env.lab = optarg;
		} else if (c == 'j') {
			env.json = true;
		} else if (c == 'h') {
			usage(stdout);
			return printed();
		} else if (c == 'v') {
			puts("switchctl (labswitch) " LABSWITCH_VERSION);
			return printed();
		} else {
			fputs("Try 'switchctl --help'.\n", stderr);
			return CMD_EXIT_USAGE;
		}
	}
	if (optind == argc) {
		usage(stderr);
		return CMD_EXIT_USAGE;
	}
	return run(&env, argc - optind, argv + optind);
}
