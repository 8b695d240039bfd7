/* SPDX-License-Identifier: MIT */
#include "switchd/lessons.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topo/suggest.h"
#include "topo/topo.h"

#define HERE   "labs"
#define AROUND "." /* looked at last */

/* Of the program that runs, or "". */
static void self_dir(char dir[PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", dir, PATH_MAX - 1);

	dir[len > 0 ? len : 0] = '\0';
	dir[strrchr(dir, '/') ? strrchr(dir, '/') - dir : 0] = '\0';
}

/* What lies here, as in /tmp, may be of somebody else, whose check.sh is not to
 * be run by mistake. */
static bool is_strange(const char *path)
{
	struct stat lab, here;

	return stat(path, &lab) != 0 || stat(".", &here) != 0 ||
	       (lab.st_mode & S_IWOTH) ||
	       (lab.st_uid != geteuid() && lab.st_uid != 0 &&
		lab.st_uid != here.st_uid);
}

/* The i-th directory of labs; "": there is none; NULL: that was all. */
static const char *place(unsigned i, char dir[PATH_MAX])
{
	const char *given = getenv("LABSWITCH_LABS");
	char path[PATH_MAX + sizeof(LABSWITCH_DATA "/labs")];

	switch (i) {
	case 0:
		return given ? given : "";
	case 1:
		return is_strange(HERE) ? "" : HERE;
	case 2:
		self_dir(dir);
		(void)snprintf(path, sizeof(path), "%s/" LABSWITCH_DATA "/labs",
			       dir);
		return realpath(path, dir) ? dir : "";
	case 3:
		return AROUND;
	default:
		return NULL;
	}
}

/* Nothing to wait for, as a pipe is. */
static bool is_lesson(const char *dir)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/topology.yaml", dir);
	struct stat st;

	return len < (int)sizeof(path) && stat(path, &st) == 0 &&
	       S_ISREG(st.st_mode) && access(path, R_OK) == 0;
}

/* Whether the name is that of a lab in this directory; path becomes its. */
static bool look(const char *dir, const char *name, char path[PATH_MAX])
{
	return *dir && topo_name_valid(name) &&
	       snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX &&
	       is_lesson(path) &&
	       (strcmp(dir, AROUND) != 0 || !is_strange(path));
}

static bool find(const char *name, char path[PATH_MAX])
{
	char buf[PATH_MAX];
	const char *dir;

	if (strchr(name, '/'))
		return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX &&
		       is_lesson(path);
	for (unsigned i = 0; (dir = place(i, buf)); i++) {
		if (look(dir, name, path))
			return true;
	}
	return false;
}

void lessons_list(lessons_fn *each, void *ctx)
{
	char buf[PATH_MAX], path[PATH_MAX], first[PATH_MAX];
	const char *dir;

	for (unsigned i = 0; (dir = place(i, buf)); i++) {
		struct dirent **entries = NULL;
		int n = *dir ? scandir(dir, &entries, NULL, alphasort) : 0;

		for (int k = 0; k < n; k++) {
			const char *name = entries[k]->d_name;

			if (look(dir, name, path) && find(name, first) &&
			    strcmp(path, first) == 0)
				each(ctx, name, path);
			free(entries[k]);
		}
		free(entries);
	}
}

static void try_name(void *ctx, const char *name, const char *dir)
{
	suggest_try(ctx, name);
}

bool lessons_find(const char *name, char dir[PATH_MAX], struct err *err)
{
	struct suggest s = suggest_for(name);

	if (find(name, dir))
		return true;
	lessons_list(try_name, &s);
	if (access(HERE, F_OK) == 0 && is_strange(HERE))
		return err_set(err,
			       "there is no lab '%.40s'; ./labs is somebody "
			       "else's, or anybody's, so only "
			       "LABSWITCH_LABS=labs has it looked at",
			       name);
	return err_set(err, "there is no lab '%.40s'%s; `switchctl lab list`",
		       name, suggest_tail(&s));
}

void lessons_set_path(void)
{
	const char *old = getenv("PATH");
	char dir[PATH_MAX];
	char *path;

	self_dir(dir);
	if (asprintf(&path, "%s:%s/%s%s%s", dir, dir, LABSWITCH_SBIN,
		     old ? ":" : "", old ? old : "") < 0)
		return;
	(void)setenv("PATH", path, 1);
	free(path);
}
