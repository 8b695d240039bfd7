/* SPDX-License-Identifier: MIT */
#include "plugs/unix_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugs/deaf.h"

#define MODE_DEFAULT 0600u
#define BACKLOG      64
#define LOCK_TRIES   8
#define LOCK_SIZE    (UNIX_PATH_SIZE + sizeof(".lock"))

/* --- The lock ----------------------------------------------------------- */

static void lock_name(const struct unix_path *path, char buf[LOCK_SIZE])
{
	(void)snprintf(buf, LOCK_SIZE, "%s.lock", path->text);
}

/* *again: its holder has just removed it, somebody may make a new one. */
static bool lock_file(const char *name, int fd, bool *again, struct err *err)
{
	struct stat st;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(err,
			       "another program is taking %.*s at this moment",
			       (int)(strlen(name) - strlen(".lock")), name);
	if (fstat(fd, &st) < 0)
		return err_sys(err, "cannot lock %s", name);
	*again = st.st_nlink == 0;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_size != 0 ||
	    st.st_nlink != 1)
		return err_set(err, "%s is not a lock of ours: remove it",
			       name);
	return true;
}

/* Never waits. Returns the descriptor that holds the lock, or -1. */
static int lock(const struct unix_path *path, struct err *err)
{
	char name[LOCK_SIZE];
	bool again = true;

	lock_name(path, name);
	for (int i = 0; again && i < LOCK_TRIES; i++) {
		int fd = open(name,
			      O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
				      O_NONBLOCK,
			      0600);

		again = false;
		if (fd < 0) {
			(void)err_sys(err, "cannot make %s", name);
			return -1;
		}
		if (lock_file(name, fd, &again, err))
			return fd;
		(void)close(fd);
	}
	return -1;
}

static void unlock(const struct unix_path *path, int fd)
{
	char name[LOCK_SIZE];

	lock_name(path, name);
	(void)unlink(name);
	(void)close(fd);
}

/* --- Binding ------------------------------------------------------------ */

static void make_address(const struct unix_path *path, struct sockaddr_un *sun)
{
	*sun = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(sun->sun_path, path->text, UNIX_PATH_SIZE);
}

static int new_socket(int type, struct err *err)
{
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		(void)err_sys(err, "cannot make a socket");
	return fd;
}

/* Whether somebody answers; when in doubt, yes. */
static bool is_alive(const struct sockaddr_un *sun, int type)
{
	int fd = new_socket(type, NULL);
	bool alive =
		fd < 0 ||
		connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 ||
		(errno != ECONNREFUSED && errno != ENOENT);

	if (fd >= 0)
		(void)close(fd);
	return alive;
}

static bool remove_stale(const struct unix_path *path, int type,
			 struct err *err)
{
	struct sockaddr_un sun;
	struct stat st;

	if (lstat(path->text, &st) < 0)
		return errno == ENOENT ||
		       err_sys(err, "cannot look at %s", path->text);
	if (!S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
		return err_set(err,
			       "%s exists and is no socket of ours: remove it",
			       path->text);
	make_address(path, &sun);
	if (is_alive(&sun, type))
		return err_set(err,
			       "%s is in use by another program (`ss -xlp` "
			       "shows which)",
			       path->text);
	if (unlink(path->text) < 0)
		return err_sys(err, "cannot remove the dead socket %s",
			       path->text);
	return true;
}

static bool bind_file(int fd, const struct unix_path *path, mode_t mode,
		      struct err *err)
{
	mode_t umask_before = umask(0777u & ~mode);
	struct sockaddr_un sun;
	int rc;

	make_address(path, &sun);
	rc = bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	(void)umask(umask_before);
	return rc == 0 || err_sys(err, "cannot make the socket %s", path->text);
}

static bool set_up(int fd, const struct unix_path *path, int type,
		   const struct unix_access *access, const struct priv *priv,
		   struct err *err)
{
	mode_t mode = access->mode ? access->mode : MODE_DEFAULT;

	if (!remove_stale(path, type, err) ||
	    (type == SOCK_DGRAM && !deaf_set(fd, true, err)))
		return false;
	/* Before it is there: he who is killed in between leaves nothing. */
	priv->ops->keep(priv->ctx, path->text);
	if (!bind_file(fd, path, mode, err)) {
		priv->ops->forget(priv->ctx, path->text);
		return false;
	}
	if (access->group[0] == '\0' ||
	    priv->ops->chgrp(priv->ctx, path->text, access->group, err)) {
		if (type != SOCK_STREAM || listen(fd, BACKLOG) == 0)
			return true;
		(void)err_sys(err, "cannot listen on %s", path->text);
	}
	unix_path_unbind(path, priv);
	return false;
}

/* --- Public ------------------------------------------------------------- */

bool unix_path_parse(struct unix_path *path, const char *text, struct err *err)
{
	static const struct opt row = {.size = UNIX_PATH_SIZE};

	return opt_path.parse(&row, NULL, text, path->text, err);
}

int unix_path_bind(const struct unix_path *path, int type,
		   const struct unix_access *access, const struct priv *priv,
		   struct err *err)
{
	int fd = new_socket(type, err);
	int held = fd >= 0 ? lock(path, err) : -1;
	bool ok = held >= 0 && set_up(fd, path, type, access, priv, err);

	if (held >= 0)
		unlock(path, held);
	if (ok)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

void unix_path_unbind(const struct unix_path *path, const struct priv *priv)
{
	(void)unlink(path->text);
	priv->ops->forget(priv->ctx, path->text);
}

bool unix_path_connect(const struct unix_path *path, int sock,
		       const struct priv *priv, struct err *err)
{
	struct stat st;

	if (lstat(path->text, &st) < 0)
		return err_sys(err, "nobody is at %s", path->text);
	return priv->ops->connect(priv->ctx, sock, path->text, st.st_uid, err);
}
