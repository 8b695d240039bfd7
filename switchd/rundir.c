/* SPDX-License-Identifier: MIT */
#include "switchd/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "topo/topo.h"

#define ROOT_COUNT   3
#define LOCK_TRIES   100
#define LOCK_WAIT_NS 10000000 /* between two tries */

/* The places where labs may be, best first; empty: not for this user. */
struct roots {
	char path[ROOT_COUNT][RUNDIR_PATH_SIZE];
};

/* What does not fit becomes "". */
static void put_path(char path[RUNDIR_PATH_SIZE], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void put_path(char path[RUNDIR_PATH_SIZE], const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(path, RUNDIR_PATH_SIZE, fmt, ap);
	va_end(ap);
	if (len < 0 || len >= RUNDIR_PATH_SIZE)
		path[0] = '\0';
}

static void roots_get(struct roots *roots)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");

	memset(roots, 0, sizeof(*roots));
	if (geteuid() == 0)
		put_path(roots->path[0], "/run/labswitch");
	if (xdg && xdg[0] == '/')
		put_path(roots->path[1], "%s/labswitch", xdg);
	put_path(roots->path[2], "/tmp/labswitch-%lu",
		 (unsigned long)geteuid());
}

/* A directory that only we can have filled. */
static bool check_dir(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return err_sys(err, "cannot look at '%s'", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, "'%s' is not a directory: remove it", path);
	if (st.st_uid != geteuid())
		return err_set(err,
			       "'%s' belongs to uid %lu: give another place "
			       "with --run DIR",
			       path, (unsigned long)st.st_uid);
	if (st.st_mode & 022)
		return err_set(err, "'%s' can be written by others: chmod 700",
			       path);
	return true;
}

static bool make_dir(const char *path, bool *made, struct err *err)
{
	*made = mkdir(path, 0700) == 0;
	if (!*made && errno != EEXIST)
		return err_sys(err, "cannot make directory '%s'", path);
	return check_dir(path, err);
}

const char *rundir_file(const char *dir, const char *name,
			char buf[RUNDIR_FILE_SIZE])
{
	(void)snprintf(buf, RUNDIR_FILE_SIZE, "%s/%s", dir, name);
	return buf;
}

/* The first place that there is, or can be made. */
static bool choose_path(struct rundir *dir, const char *lab, struct err *err)
{
	struct roots roots;
	bool made;

	roots_get(&roots);
	for (int i = 0; i < ROOT_COUNT; i++) {
		if (!roots.path[i][0] || !make_dir(roots.path[i], &made, err))
			continue;
		put_path(dir->root, "%s", roots.path[i]);
		put_path(dir->path, "%s/%s", roots.path[i], lab);
		dir->ours = true;
		if (dir->path[0])
			return true;
		return err_set(err, "'%s/%s' is too long: use --run DIR",
			       roots.path[i], lab);
	}
	return false; /* err: why the last one could not be had */
}

/* Made absolute: others are told this path. */
static bool take_given(struct rundir *dir, const char *given, struct err *err)
{
	char here[PATH_MAX] = "";

	if (given[0] != '/' && !getcwd(here, sizeof(here)))
		return err_sys(err, "cannot tell where '%s' is", given);
	put_path(dir->path, "%s%s%s", here, here[0] ? "/" : "", given);
	if (!dir->path[0])
		return err_set(err, "'%s' is too long for --run (%d at most)",
			       given, VDE_DIR_PATH_MAX);
	return true;
}

static bool check_length(const char *path, size_t below, struct err *err)
{
	size_t len = strlen(path);

	if (len + 1 + below <= VDE_DIR_PATH_MAX)
		return true;
	return err_set(
		err,
		"'%s' leaves no room for names of %zu characters: socket "
		"paths end at %d, use a shorter --run DIR",
		path, below, VDE_DIR_PATH_MAX);
}

/* Whether fd still is what a newcomer would find under this path: a leaving
 * daemon removes its file while it holds the lock. */
static bool same_file(int fd, const char *path)
{
	struct stat mine, found;

	return fstat(fd, &mine) == 0 && lstat(path, &found) == 0 &&
	       mine.st_dev == found.st_dev && mine.st_ino == found.st_ino;
}

/* Returns the locked descriptor, -1 if it is to be tried again, or -2 and err.
 */
static int try_lock(struct rundir *dir, struct err *err)
{
	char lock_path[RUNDIR_FILE_SIZE];
	bool made;
	int fd;

	if (!make_dir(dir->path, &made, err))
		return -2;
	dir->ours |= made;
	rundir_file(dir->path, RUNDIR_LOCK, lock_path);
	fd = open(lock_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_sys(err, "cannot open '%s'", lock_path);
		return -2;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && same_file(fd, lock_path))
		return fd;
	close(fd);
	return -1;
}

static bool err_running(const char *lab, const char *dir, struct err *err)
{
	char path[RUNDIR_FILE_SIZE], pid[16] = "";
	int fd = open(rundir_file(dir, RUNDIR_LOCK, path),
		      O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0) {
		ssize_t n = read(fd, pid, sizeof(pid) - 1);

		pid[n > 0 ? n : 0] = '\0';
		pid[strspn(pid, "0123456789")] = '\0';
		close(fd);
	}
	return err_set(err, "lab '%s' is already running, pid %s", lab,
		       pid[0] ? pid : "unknown");
}

bool rundir_open(struct rundir *dir, const char *lab, const char *given,
		 size_t name_len_max, struct err *err)
{
	const struct timespec pause = {.tv_nsec = LOCK_WAIT_NS};

	*dir = (struct rundir){.lock_fd = -1};
	if (given && !take_given(dir, given, err))
		return false;
	for (int i = 0; i < LOCK_TRIES; i++) {
		/* In each try: one who leaves takes the directories along. */
		if (!given && !choose_path(dir, lab, err))
			return false;
		if (!check_length(dir->path, name_len_max, err))
			return false;
		dir->lock_fd = try_lock(dir, err);
		if (dir->lock_fd >= 0)
			return true;
		if (dir->lock_fd == -2 && err->errnum != ENOENT)
			return false;
		(void)nanosleep(&pause, NULL);
	}
	return dir->lock_fd != -2 && err_running(lab, dir->path, err);
}

bool rundir_write_pid(const struct rundir *dir, struct err *err)
{
	char pid[16];
	int len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());

	if (ftruncate(dir->lock_fd, 0) < 0 ||
	    pwrite(dir->lock_fd, pid, (size_t)len, 0) != len)
		return err_sys(err, "cannot write '%s/%s'", dir->path,
			       RUNDIR_LOCK);
	return true;
}

void rundir_keep(const struct rundir *dir, const struct priv *priv)
{
	char path[RUNDIR_FILE_SIZE];

	/* They go in the reverse order. */
	if (dir->root[0])
		priv->ops->keep(priv->ctx, dir->root);
	if (dir->ours)
		priv->ops->keep(priv->ctx, dir->path);
	priv->ops->keep(priv->ctx, rundir_file(dir->path, RUNDIR_LOCK, path));
	priv->ops->keep(priv->ctx,
			rundir_file(dir->path, RUNDIR_CONTROL, path));
}

static void remove_dir(const struct rundir *dir, const char *lock_path)
{
	char control[RUNDIR_FILE_SIZE];

	(void)unlink(rundir_file(dir->path, RUNDIR_CONTROL, control));
	(void)unlink(lock_path);
	if (dir->ours)
		(void)rmdir(dir->path);
	if (dir->root[0])
		(void)rmdir(dir->root);
}

void rundir_close(struct rundir *dir)
{
	char path[RUNDIR_FILE_SIZE];

	if (dir->lock_fd < 0)
		return;
	if (same_file(dir->lock_fd, rundir_file(dir->path, RUNDIR_LOCK, path)))
		remove_dir(dir, path);
	close(dir->lock_fd);
	dir->lock_fd = -1;
}

/* Whether somebody listens on DIR/control. */
static bool is_live(const char *dir)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	char path[RUNDIR_FILE_SIZE];
	bool live;
	int fd;

	rundir_file(dir, RUNDIR_CONTROL, path);
	if (strlen(path) >= sizeof(to.sun_path))
		return false;
	memcpy(to.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	live = connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 ||
	       errno == EAGAIN;
	close(fd);
	return live;
}

bool rundir_find(const char *lab, char path[RUNDIR_PATH_SIZE], struct err *err)
{
	struct roots roots;

	roots_get(&roots);
	for (int i = 0; i < ROOT_COUNT; i++) {
		if (!roots.path[i][0] || !topo_name_valid(lab) ||
		    !check_dir(roots.path[i], NULL))
			continue;
		put_path(path, "%s/%s", roots.path[i], lab);
		if (path[0] && is_live(path))
			return true;
	}
	if (strchr(lab, '/')) {
		put_path(path, "%s", lab);
		if (path[0] && is_live(path))
			return true;
	}
	return err_set(err, "no lab '%s' of this user is running", lab);
}

static void list_root(const char *root, rundir_list_fn *each, void *ctx)
{
	DIR *dir = check_dir(root, NULL) ? opendir(root) : NULL;
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		char path[RUNDIR_PATH_SIZE];

		if (!topo_name_valid(entry->d_name))
			continue;
		put_path(path, "%s/%s", root, entry->d_name);
		if (path[0] && is_live(path))
			each(ctx, entry->d_name, path);
	}
	closedir(dir);
}

void rundir_list(rundir_list_fn *each, void *ctx)
{
	struct roots roots;

	roots_get(&roots);
	for (int i = 0; i < ROOT_COUNT; i++) {
		if (roots.path[i][0])
			list_root(roots.path[i], each, ctx);
	}
}
