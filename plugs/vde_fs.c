/* SPDX-License-Identifier: MIT */
/*
 * A dead switch leaves its sockets behind, and binding to one of them fails
 * for ever. To find out who is dead, other programs connect to it; two that
 * start at once both find nobody and then take the sockets from each other.
 * So whoever has locked DIR/.lock (flock, which ends with the process) owns
 * the directory, and only he removes anything. That of a switch which knows
 * no such lock, vde_switch, is respected by asking at ctl.
 *
 * The directory may be writable for a group of clients, because they make
 * their sockets in it. So nothing in it is trusted: only sockets that belong
 * to us and have a name of ours are removed, no symbolic link is followed,
 * and a socket's mode comes from the umask in force when it is bound, since
 * chmod() on its path could be made to hit another file.
 */
#include "plugs/vde_fs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_MODE_DEFAULT 0600u
#define DIR_MODE_DEFAULT    0700u
#define LOCK_TRIES          8
#define LOCK_MADE           " made"
#define LOCK_PATH_SIZE      (VDE_DIR_PATH_MAX + sizeof("/.lock"))

static mode_t dir_mode(mode_t mode)
{
	if (mode == 0)
		return DIR_MODE_DEFAULT;
	mode |= 02000u | (mode & 0444u) >> 2 | (mode & 0222u) >> 1;
	return mode & 0022u ? mode | 01000u : mode;
}

static void keep(const struct vde_fs *fs, const char *path)
{
	fs->priv->ops->keep(fs->priv->ctx, path);
}

static void forget(const struct vde_fs *fs, const char *path)
{
	fs->priv->ops->forget(fs->priv->ctx, path);
}

static bool give_to_group(const struct vde_fs *fs, const char *path,
			  struct err *err)
{
	const char *group = fs->group;

	return group[0] == '\0' ||
	       fs->priv->ops->chgrp(fs->priv->ctx, path, group, err);
}

/* --- The directory --------------------------------------------------- */

static bool check_owner(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return err_sys(err, "cannot look at %s", path);
	if (S_ISLNK(st.st_mode))
		return err_set(err,
			       "%s is a symbolic link: name the directory "
			       "itself",
			       path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, "%s is not a directory", path);
	if (st.st_uid != geteuid())
		return err_set(err,
			       "%s belongs to uid %u, not to us (uid %u): use "
			       "another directory",
			       path, (unsigned)st.st_uid, (unsigned)geteuid());
	return true;
}

static bool make_dir(struct vde_fs *fs, struct err *err)
{
	const char *path = fs->path;

	if (mkdir(path, DIR_MODE_DEFAULT) == 0) {
		fs->ours = true;
		keep(fs, path);
		return true;
	}
	if (errno == EEXIST)
		return check_owner(path, err);
	return err_sys(err, "cannot make the directory %s", path);
}

static bool in_use(const char *path, long pid, struct err *err)
{
	if (pid <= 0)
		return err_set(err, "%s is in use by another switch", path);
	return err_set(err, "%s is in use by another switch, pid %ld", path,
		       pid);
}

static void lock_path(const struct vde_fs *fs, char buf[LOCK_PATH_SIZE])
{
	(void)snprintf(buf, LOCK_PATH_SIZE, "%s/.lock", fs->path);
}

/* The lock file says who holds it and whether the directory was made by a
 * switch: "4711 made". Returns the pid, or 0. */
static long read_lock(int fd, bool *made)
{
	char text[32] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	*made = strstr(text, LOCK_MADE) != NULL;
	return strtol(text, NULL, 10);
}

static bool write_lock(int fd, bool made)
{
	return ftruncate(fd, 0) == 0 && dprintf(fd, "%ld%s\n", (long)getpid(),
						made ? LOCK_MADE : "") > 0;
}

/*
 * Locks the file that is open as fd. *again: its holder has just removed it,
 * somebody may make a new one.
 */
static bool lock_file(struct vde_fs *fs, int fd, bool *again, struct err *err)
{
	bool made = false;
	long pid = read_lock(fd, &made);
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK
			       ? in_use(fs->path, pid, err)
			       : err_sys(err, "cannot lock %s", fs->path);
	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot look at the lock of %s", fs->path);
	*again = st.st_nlink == 0;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1)
		return err_set(err, "%s/.lock is not a lock of ours: remove it",
			       fs->path);
	fs->ours = fs->ours || made;
	if (!write_lock(fd, fs->ours))
		return err_sys(err, "cannot write %s/.lock", fs->path);
	fs->lock = fd;
	return true;
}

static bool lock(struct vde_fs *fs, struct err *err)
{
	char path[LOCK_PATH_SIZE];
	bool again = true;

	lock_path(fs, path);
	for (int i = 0; again && i < LOCK_TRIES; i++) {
		int fd = open(path,
			      O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
				      O_NONBLOCK,
			      0600);

		again = false;
		if (fd < 0)
			return err_sys(err, "cannot open %s", path);
		if (lock_file(fs, fd, &again, err)) {
			keep(fs, path);
			return true;
		}
		(void)close(fd);
	}
	return false;
}

/* A vde_switch may live here: it has no lock, but it answers. */
static bool check_nobody_listens(const struct vde_fs *fs, struct err *err)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct ucred peer = {.pid = 0};
	socklen_t size = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool alive;

	if (fd < 0)
		return err_sys(err, "cannot make a socket");
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/ctl", fs->path);
	alive = connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0 ||
		errno == EAGAIN;
	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	(void)close(fd);
	return !alive || in_use(fs->path, peer.pid, err);
}

/* --- What a dead switch left ------------------------------------------ */

static bool all_of(const char *text, int (*is)(int c))
{
	while (*text && is((unsigned char)*text))
		text++;
	return *text == '\0';
}

static int is_name_char(int c)
{
	return isalnum(c) || c == '_' || c == '-';
}

/* ctl, a port's name, or a data socket as in 001.7 */
static bool is_name_of_ours(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	if (isalpha((unsigned char)name[0]))
		return all_of(name, is_name_char);
	return digits >= 3 && name[digits] == '.' && name[digits + 1] &&
	       all_of(name + digits + 1, isdigit);
}

static void remove_socket(int dir, const char *name, uid_t uid)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISSOCK(st.st_mode) && st.st_uid == uid)
		(void)unlinkat(dir, name, 0);
}

static bool sweep(const struct vde_fs *fs, struct err *err)
{
	DIR *dir = opendir(fs->path);
	const struct dirent *entry;

	if (!dir)
		return err_sys(err, "cannot read %s", fs->path);
	while ((entry = readdir(dir)))
		if (is_name_of_ours(entry->d_name))
			remove_socket(dirfd(dir), entry->d_name, geteuid());
	(void)closedir(dir);
	return true;
}

static bool set_mode(const struct vde_fs *fs, struct err *err)
{
	const char *path = fs->path;
	int fd;
	int rc;

	if (!fs->ours)
		return true;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open %s", path);
	rc = fchmod(fd, dir_mode(fs->mode));
	(void)close(fd);
	if (rc < 0)
		return err_sys(err, "cannot set the mode of %s", path);
	return give_to_group(fs, path, err);
}

/* --- Public ----------------------------------------------------------- */

bool vde_fs_take(struct vde_fs *fs, const struct vde_dir_conf *conf,
		 const struct priv *priv, struct err *err)
{
	size_t len = strlen(conf->path);

	if (len > VDE_DIR_PATH_MAX)
		return err_set(err,
			       "the path of a VDE directory has at most %d "
			       "characters, this one has more: %s",
			       VDE_DIR_PATH_MAX, conf->path);
	memcpy(fs->path, conf->path, len + 1);
	memcpy(fs->group, conf->group, sizeof(fs->group));
	fs->mode = conf->mode & 0666u;
	fs->priv = priv;
	fs->lock = -1;
	fs->ours = false;
	if (make_dir(fs, err) && lock(fs, err) &&
	    check_nobody_listens(fs, err) && sweep(fs, err) &&
	    set_mode(fs, err))
		return true;
	vde_fs_leave(fs);
	return false;
}

void vde_fs_leave(struct vde_fs *fs)
{
	char path[LOCK_PATH_SIZE];

	lock_path(fs, path);
	if (fs->lock >= 0) {
		(void)unlink(path);
		forget(fs, path);
		(void)close(fs->lock);
		fs->lock = -1;
	}
	if (fs->ours) {
		(void)rmdir(fs->path);
		forget(fs, fs->path);
	}
}

static bool bind_error(const char *path, struct err *err)
{
	if (errno == EADDRINUSE)
		return err_set(err,
			       "%s exists and is no socket of ours: remove it",
			       path);
	return err_sys(err, "cannot make the socket %s", path);
}

/*
 * It is kept before it is there, so that nothing is left of who is killed in
 * between; what was there already is not ours to remove.
 */
static bool bind_kept(const struct vde_fs *fs, int sock, const char *path,
		      struct err *err)
{
	mode_t mode = fs->mode ? fs->mode : SOCKET_MODE_DEFAULT;
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	mode_t umask_before;
	struct stat st;
	int rc;

	memcpy(sun.sun_path, path, VDE_PATH_SIZE);
	if (lstat(path, &st) == 0) {
		errno = EADDRINUSE;
		return bind_error(path, err);
	}
	keep(fs, path);
	umask_before = umask(0777u & ~mode);
	rc = bind(sock, (struct sockaddr *)&sun, sizeof(sun));
	(void)umask(umask_before);
	if (rc == 0)
		return true;
	(void)bind_error(path, err);
	forget(fs, path);
	return false;
}

bool vde_fs_bind(const struct vde_fs *fs, int sock, const char *name,
		 char path[VDE_PATH_SIZE], struct err *err)
{
	if (snprintf(path, VDE_PATH_SIZE, "%s/%s", fs->path, name) >=
	    VDE_PATH_SIZE) {
		path[0] = '\0';
		return err_set(err,
			       "%s/%s is longer than the %d characters that a "
			       "socket can have: choose shorter names",
			       fs->path, name, VDE_PATH_SIZE - 1);
	}
	remove_socket(AT_FDCWD, path, geteuid());
	if (!bind_kept(fs, sock, path, err)) {
		path[0] = '\0';
		return false;
	}
	if (give_to_group(fs, path, err))
		return true;
	vde_fs_unbind(fs, path);
	path[0] = '\0';
	return false;
}

void vde_fs_unbind(const struct vde_fs *fs, const char *path)
{
	if (path[0] == '\0')
		return;
	(void)unlink(path);
	forget(fs, path);
}

void vde_fs_remove_of(const struct vde_fs *fs, const char *path, uid_t uid)
{
	size_t len = strlen(fs->path);

	if (strncmp(path, fs->path, len) == 0 && path[len] == '/' &&
	    !strchr(path + len + 1, '/'))
		remove_socket(AT_FDCWD, path, uid);
}
