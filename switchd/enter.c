/* SPDX-License-Identifier: MIT */
#include "switchd/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#define RESOLV "/etc/resolv.conf"

#define EXIT_CANNOT_RUN 126
#define EXIT_NOT_FOUND  127

static int open_place(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		(void)err_set(err,
			      "the helper process has ended: restart switchd");
	else
		(void)err_sys(err, "cannot reach the host (%s)", path);
	return -1;
}

/* The id of the owner is that of root there, and the only one that is mapped.
 */
static bool enter_user(int user, struct err *err)
{
	/* Those of root are not for another user's lab; others may not. */
	(void)setgroups(0, NULL);
	if (setns(user, CLONE_NEWUSER) < 0)
		return err_sys(err, "cannot enter the user namespace");
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return err_sys(err, "cannot be root in the user namespace");
	return true;
}

/* A system without the file needs none; nobody outside sees the mount. */
static bool bind_resolv(const char *resolv, struct err *err)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0)
		return err_sys(err, "cannot make a mount namespace");
	if (mount(resolv, RESOLV, "none", MS_BIND, NULL) < 0 && errno != ENOENT)
		return err_sys(err, "cannot mount %s on " RESOLV, resolv);
	return true;
}

bool enter_host(const char *user, const char *net, const char *resolv,
		struct err *err)
{
	int user_fd = user ? open_place(user, err) : -1;
	int net_fd = !user || user_fd >= 0 ? open_place(net, err) : -1;
	bool ok = net_fd >= 0 && (!user || enter_user(user_fd, err));

	if (ok && setns(net_fd, CLONE_NEWNET) < 0)
		ok = err_sys(err, "cannot enter the network namespace%s",
			     geteuid() == 0 ? "" : " (run as root)");
	ok = ok && bind_resolv(resolv, err);
	if (user_fd >= 0)
		(void)close(user_fd);
	if (net_fd >= 0)
		(void)close(net_fd);
	return ok;
}

int enter_exec(char *const *words, struct err *err)
{
	(void)execvp(words[0], words);
	(void)err_sys(err, "cannot run %.100s", words[0]);
	return err->errnum == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

/* Without the user's own start files, which set a prompt that hides where he
 * is. */
int enter_shell(const char *host, struct err *err)
{
	char *bash[] = {"bash", "--norc", NULL};
	char *sh[] = {"sh", NULL};
	char prompt[64];

	(void)snprintf(prompt, sizeof(prompt), "%s# ", host);
	(void)setenv("PS1", prompt, 1);
	(void)unsetenv("ENV");
	(void)unsetenv("PROMPT_COMMAND");
	(void)execvp(bash[0], bash);
	return enter_exec(sh, err);
}
