/* SPDX-License-Identifier: MIT */
/* switchctl lab: the labs to learn from; list, run, check. They need no
 * running lab, so nothing of this is asked of a switchd. */
#include "switchd/cmds.h"

#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "switchd/lessons.h"
#include "switchd/screen.h"

extern char **environ;

/* --- list ----------------------------------------------------------------- */

/* The first line of the topology says what the lab is about: "# ...". */
static void read_about(const char *dir, char *about, size_t size)
{
	char path[PATH_MAX];
	FILE *file;

	*about = '\0';
	if (snprintf(path, sizeof(path), "%s/topology.yaml", dir) >=
	    (int)sizeof(path))
		return;
	file = fopen(path, "re");
	if (!file)
		return;
	if (!fgets(about, (int)size, file) || *about != '#')
		*about = '\0';
	about[strcspn(about, "\n")] = '\0';
	(void)fclose(file);
	memmove(about, about + strspn(about, "# "),
		strlen(about + strspn(about, "# ")) + 1);
}

static void add_row(void *ctx, const char *name, const char *dir)
{
	char about[160];

	read_about(dir, about, sizeof(about));
	(void)json_array_append_new(
		ctx, json_pack("{s:s, s:o, s:o}", "lab", name, "about",
			       cmd_string(about), "dir", cmd_string(dir)));
}

static void print_list(const struct screen *screen, const json_t *rows)
{
	static const char *const columns[] = {"LAB", "ABOUT", NULL};
	struct table *table = table_new(screen, columns);
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		table_text(table, cmd_text(row, "lab"));
		table_text(table, cmd_text(row, "about"));
	}
	table_end(table);
}

static int run_list(const struct cmd_env *env, json_t *params)
{
	struct err err = {.errnum = 0};
	json_t *rows = json_array();
	json_t *result = json_pack("{s:o}", "rows", rows);
	bool ok;

	lessons_list(add_row, rows);
	if (env->json) {
		ok = cmd_print_json(result, &err);
	} else {
		print_list(&env->screen, rows);
		ok = cmd_flush(&err);
	}
	json_decref(result);
	return ok ? EXIT_SUCCESS : cmd_complain(EXIT_FAILURE, &err);
}

/* --- run ------------------------------------------------------------------ */

/* Runs a program to its end. Returns its exit status, or -1 and err. */
static int run_program(char *const *argv, struct err *err)
{
	pid_t pid;
	int status;
	int errnum = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);

	if (errnum == 0 && waitpid(pid, &status, 0) == pid)
		return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
	err_set(err, "cannot run %s: %s", argv[0], strerror(errnum));
	return -1;
}

/* Whether there is one of this name in the lab; path becomes its. */
static bool has_file(const char *dir, const char *name, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX &&
	       access(path, R_OK) == 0;
}

static void print_hint(const char *name, const char *dir)
{
	char page[PATH_MAX];

	printf("lab %s runs", name);
	if (has_file(dir, "README.md", page))
		printf("; what to do in it: %s", page);
	puts("\n  switchctl show    what there is, and how to connect to it\n"
	     "  switchctl stop    ends it");
}

static int run_run(const struct cmd_env *env, json_t *params)
{
	const char *name = cmd_text(params, "lab");
	struct err err = {.errnum = 0};
	char dir[PATH_MAX], file[PATH_MAX + 16];
	char *argv[] = {"switchd", "-d", file, NULL};
	int status;

	if (!lessons_find(name, dir, &err))
		return cmd_complain(CMD_EXIT_USAGE, &err);
	(void)snprintf(file, sizeof(file), "%s/topology.yaml", dir);
	lessons_set_path();
	status = run_program(argv, &err);
	if (status < 0)
		return cmd_complain(EXIT_FAILURE, &err);
	if (status == 0)
		print_hint(name, dir);
	return cmd_flush(&err) ? status : cmd_complain(EXIT_FAILURE, &err);
}

/* --- check ---------------------------------------------------------------- */

static int run_check(const struct cmd_env *env, json_t *params)
{
	struct err err = {.errnum = 0};
	char dir[PATH_MAX], file[PATH_MAX];

	if (!lessons_find(cmd_text(params, "lab"), dir, &err))
		return cmd_complain(CMD_EXIT_USAGE, &err);
	if (!has_file(dir, "check.sh", file)) {
		err_set(&err, "%.200s has no check.sh", dir);
		return cmd_complain(EXIT_FAILURE, &err);
	}
	lessons_set_path();
	execlp("bash", "bash", file, (char *)NULL);
	err_sys(&err, "cannot run %s", file);
	return cmd_complain(EXIT_FAILURE, &err);
}

/* --- The commands --------------------------------------------------------- */

static const struct cmd_param list_params[] = {{.name = NULL}};

const struct cmd cmd_lab_list = {
	.name = "lab list",
	.help = "the labs to learn from, and those made here",
	.params = list_params,
	.run = run_list,
};

static const struct cmd_param lab_params[] = {
	{.name = "lab", .meta = "LAB", .required = true},
	{.name = NULL},
};

const struct cmd cmd_lab_run = {
	.name = "lab run",
	.help = "starts one of them",
	.params = lab_params,
	.run = run_run,
};

const struct cmd cmd_lab_check = {
	.name = "lab check",
	.help = "goes through one on real traffic and says what came true",
	.params = lab_params,
	.run = run_check,
};
