/* SPDX-License-Identifier: MIT */
#include "plugs/priv_parts.h"

#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The highest 32-bit number means "no id" to the kernel. */
static bool read_id(const char *text, uint32_t *id)
{
	unsigned long long n;

	if (!*text || text[strspn(text, "0123456789")] || strlen(text) > 10)
		return false;
	n = strtoull(text, NULL, 10);
	if (n >= UINT32_MAX)
		return false;
	*id = (uint32_t)n;
	return true;
}

bool priv_uid(const char *user, uid_t *uid, struct err *err)
{
	const struct passwd *entry;

	if (read_id(user, uid))
		return true;
	entry = getpwnam(user);
	if (!entry)
		return err_set(err, "there is no user '%s' on this system",
			       user);
	*uid = entry->pw_uid;
	return true;
}

bool priv_gid(const char *group, gid_t *gid, struct err *err)
{
	const struct group *entry;

	if (read_id(group, gid))
		return true;
	entry = getgrnam(group);
	if (!entry)
		return err_set(err, "there is no group '%s' on this system",
			       group);
	*gid = entry->gr_gid;
	return true;
}
