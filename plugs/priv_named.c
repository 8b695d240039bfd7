/* SPDX-License-Identifier: MIT */
#include "plugs/priv_named.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "plugs/priv_parts.h"

#define RECORD ".netns"
#define MADE   "netns.made"

/* The kernel gives an inode's number to the next namespace at once, a cookie
 * never again; kernels before 5.14 have none: 0. */
struct identity {
	unsigned long inode;
	unsigned long long cookie;
};

static void name_path(const char *name, char path[PATH_MAX])
{
	(void)snprintf(path, PATH_MAX, NAMED_DIR "/%s", name);
}

static void record_path(const char *dir, const char *name, char path[PATH_MAX])
{
	(void)snprintf(path, PATH_MAX, "%s/%s" RECORD, dir, name);
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path,
		      O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		      0600);
	size_t len = strlen(text);
	bool ok = fd >= 0 && write(fd, text, len) == (ssize_t)len;

	if (fd >= 0)
		(void)close(fd);
	return ok;
}

/* --- Whose a name is ---------------------------------------------------- */

/* What a record has; false: it is none. */
static bool recorded(const char *path, struct identity *id)
{
	char text[64] = "";
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char *end;

	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	(void)close(fd);
	id->inode = strtoul(text, &end, 10);
	if (id->inode == 0 || *end != ' ')
		return false;
	id->cookie = strtoull(end, &end, 10);
	return strcmp(end, "\n") == 0;
}

static unsigned long long cookie_of(const char *path)
{
	unsigned long long cookie = 0;
	socklen_t len = sizeof(cookie);
	int own, sock;

	if (!priv_netns_enter(path, &own, NULL))
		return 0;
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (getsockopt(sock, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) < 0)
		cookie = 0;
	if (sock >= 0)
		(void)close(sock);
	priv_netns_leave(own);
	return cookie;
}

/* A file on which nothing is mounted any more, or not yet, is nobody's. */
static bool is_ours(const char *path, const struct identity *id)
{
	struct statfs fs;
	struct stat st;

	if (statfs(path, &fs) < 0 || stat(path, &st) < 0)
		return false;
	if (fs.f_type != NSFS_MAGIC)
		return st.st_size == 0;
	return st.st_ino == id->inode && cookie_of(path) == id->cookie;
}

bool named_is_free(const char *name, struct err *err)
{
	char path[PATH_MAX];
	struct stat st;

	name_path(name, path);
	if (lstat(path, &st) < 0)
		return true;
	return err_set(
		err,
		"there is a network namespace '%s' (%s) that is not this "
		"lab's: `ip netns del %s`, or join it by `tap`, `netns: "
		"%s`",
		name, path, name, name);
}

/* --- Making ------------------------------------------------------------- */

/* The directory is a shared mount, as iproute2 makes it, so that names are
 * seen, and go, in all mount namespaces. */
static bool make_dir(const char *dir, struct err *err)
{
	const unsigned long shared = MS_SHARED | MS_REC;
	char made[PATH_MAX];

	if (mkdir(NAMED_DIR, 0755) < 0 && errno != EEXIST)
		return err_sys(err, "cannot make " NAMED_DIR);
	if (mount("", NAMED_DIR, "none", shared, NULL) == 0)
		return true;
	(void)snprintf(made, sizeof(made), "%s/" MADE, dir);
	if (!write_file(made, "") ||
	    mount(NAMED_DIR, NAMED_DIR, "none", MS_BIND | MS_REC, NULL) < 0 ||
	    mount("", NAMED_DIR, "none", shared, NULL) < 0)
		return err_sys(err, "cannot mount " NAMED_DIR);
	return true;
}

static bool make_record(const char *dir, const char *name, int net,
			struct err *err)
{
	char path[PATH_MAX], from[64], text[64];
	struct stat st;

	if (fstat(net, &st) < 0)
		return err_sys(err, "cannot look at the namespace");
	record_path(dir, name, path);
	(void)snprintf(from, sizeof(from), "/proc/self/fd/%d", net);
	(void)snprintf(text, sizeof(text), "%lu %llu\n",
		       (unsigned long)st.st_ino, cookie_of(from));
	return write_file(path, text) || err_sys(err, "cannot write %s", path);
}

static bool make_name(const char *name, int net, struct err *err)
{
	char path[PATH_MAX], from[64];
	int fd;

	name_path(name, path);
	(void)snprintf(from, sizeof(from), "/proc/self/fd/%d", net);
	fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, "cannot make %s", path);
	(void)close(fd);
	if (mount(from, path, "none", MS_BIND, NULL) == 0)
		return true;
	(void)err_sys(err, "cannot mount the namespace on %s", path);
	(void)unlink(path);
	return false;
}

bool named_add(const char *dir, const char *name, int net, struct err *err)
{
	char record[PATH_MAX];

	if (make_dir(dir, err) && named_is_free(name, err) &&
	    make_record(dir, name, net, err) && make_name(name, net, err))
		return true;
	/* The name itself may be another lab's, that was faster. */
	record_path(dir, name, record);
	(void)unlink(record);
	return false;
}

/* --- Removing ----------------------------------------------------------- */

void named_remove(const char *dir, const char *name)
{
	char record[PATH_MAX], path[PATH_MAX];
	struct identity id;

	record_path(dir, name, record);
	name_path(name, path);
	if (!recorded(record, &id))
		return;
	if (is_ours(path, &id)) {
		(void)umount2(path, MNT_DETACH);
		(void)unlink(path);
	}
	(void)unlink(record);
}

/* Only while nobody has a name there; what is mounted in it keeps it. */
static void remove_dir(const char *dir)
{
	char made[PATH_MAX];
	struct stat st;

	(void)snprintf(made, sizeof(made), "%s/" MADE, dir);
	if (stat(made, &st) < 0)
		return;
	if (umount2(NAMED_DIR, 0) == 0)
		(void)rmdir(NAMED_DIR);
	(void)unlink(made);
}

void named_sweep(const char *dir)
{
	DIR *files = opendir(dir);
	const struct dirent *file;

	while (files && (file = readdir(files))) {
		size_t len = strlen(file->d_name);
		char name[NAME_MAX + 1];

		if (len <= strlen(RECORD) ||
		    strcmp(file->d_name + len - strlen(RECORD), RECORD) != 0)
			continue;
		(void)snprintf(name, sizeof(name), "%.*s",
			       (int)(len - strlen(RECORD)), file->d_name);
		named_remove(dir, name);
	}
	if (files)
		(void)closedir(files);
	remove_dir(dir);
}
