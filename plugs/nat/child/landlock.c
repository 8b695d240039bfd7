/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/landlock.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SCOPES 3 /* abstract unix sockets, signals */

/* struct landlock_ruleset_attr, as it is from version 6 on; older kernels want
 * what they do not know to be zero. */
struct ruleset {
	uint64_t files, net, scopes;
};

/* All rights to files that a version knows. */
static uint64_t rights(long version)
{
	unsigned count = version >= 5   ? 16
			 : version >= 3 ? 15
			 : version == 2 ? 14
					: 13;

	return (UINT64_C(1) << count) - 1;
}

static bool allow(int rules, const char *folder, uint64_t what, struct err *err)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = what};
	long status = -1;

	rule.parent_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule.parent_fd >= 0) {
		status = syscall(SYS_landlock_add_rule, rules,
				 LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
		(void)close(rule.parent_fd);
	}
	return status == 0 || err_sys(err, "cannot keep %s", folder);
}

/* Of what it leads to, if there is that. */
static void find_folder(const char *file, char folder[PATH_MAX])
{
	char *slash;

	if (!realpath(file, folder))
		(void)snprintf(folder, PATH_MAX, "%s", file);
	slash = strrchr(folder, '/');
	slash[slash == folder] = '\0'; /* "/" stays */
}

static bool fill(int rules, const char *file, struct err *err)
{
	char folder[PATH_MAX];

	if (file)
		find_folder(file, folder);
	return allow(rules, "/", LANDLOCK_ACCESS_FS_MAKE_SOCK, err) &&
	       (!file ||
		allow(rules, folder, LANDLOCK_ACCESS_FS_READ_FILE, err));
}

bool landlock_enter(const char *file, struct err *err)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset all = {.files = rights(version),
			      .scopes = version >= 6 ? SCOPES : 0};
	int rules;
	bool ok;

	if (version < 1)
		return true;
	rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	if (rules < 0)
		return err_sys(err, "cannot make rules for files");
	ok = fill(rules, file, err) &&
	     (syscall(SYS_landlock_restrict_self, rules, 0) == 0 ||
	      err_sys(err, "cannot keep to the rules for files"));
	(void)close(rules);
	return ok;
}
