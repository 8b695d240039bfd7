/* SPDX-License-Identifier: MIT */
#include "capture/output.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "capture/format.h"

#define SUFFIX_MAX 3               /* ".99" */
#define NAME_SIZE  (NAME_MAX + 16) /* with any suffix */

/* --- The generations of a file ------------------------------------------ */

/* FILE, FILE.1, FILE.2 ... */
static const char *generation(const struct output *o, unsigned i,
			      char name[NAME_SIZE])
{
	if (i == 0)
		(void)snprintf(name, NAME_SIZE, "%s", o->name);
	else
		(void)snprintf(name, NAME_SIZE, "%s.%u", o->name, i);
	return name;
}

/* What a file is by its type and owner. */
static bool check_kind(const char *name, const struct stat *st, struct err *err)
{
	if (S_ISLNK(st->st_mode))
		return err_set(err, "'%s' is a symbolic link", name);
	if (S_ISDIR(st->st_mode))
		return err_set(err, "'%s' is a directory", name);
	if (!S_ISREG(st->st_mode))
		return err_set(err, "'%s' is not a regular file", name);
	if (st->st_uid != geteuid())
		return err_set(err, "'%s' belongs to another user (uid %u)",
			       name, (unsigned)st->st_uid);
	return true;
}

/* What it has in it, and who writes to it. */
static bool check_content(const char *name, int fd, struct err *err)
{
	struct flock lock = {.l_type = F_RDLCK};
	uint8_t head[FORMAT_HEAD_MAX];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	if (n < 0)
		return err_sys(err, "cannot read '%s'", name);
	if (n > 0 && !format_pcapng.ours(head, (size_t)n) &&
	    !format_pcap.ours(head, (size_t)n))
		return err_set(err,
			       "'%s' is there already and is no capture "
			       "of ours",
			       name);
	if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
		return err_set(err, "process %d is writing to '%s'",
			       (int)lock.l_pid, name);
	return true;
}

enum presence { ABSENT, OURS, IN_THE_WAY };

static enum presence look(const struct output *o, unsigned i, struct err *err)
{
	char name[NAME_SIZE];
	struct stat st;
	bool ok;
	int fd;

	(void)generation(o, i, name);
	if (fstatat(o->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT)
			return ABSENT;
		(void)err_sys(err, "cannot look at '%s'", name);
		return IN_THE_WAY;
	}
	if (!check_kind(name, &st, err))
		return IN_THE_WAY;
	fd = openat(o->dir_fd, name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		(void)err_sys(err, "cannot open '%s'", name);
		return IN_THE_WAY;
	}
	ok = check_content(name, fd, err);
	(void)close(fd);
	return ok ? OURS : IN_THE_WAY;
}

/* Makes room for a new FILE. All are looked at before one is renamed. */
static bool shift(const struct output *o, struct err *err)
{
	enum presence presence = OURS;
	char from[NAME_SIZE];
	char to[NAME_SIZE];
	unsigned n = 0;

	while (n < o->keep && (presence = look(o, n, err)) == OURS)
		n++;
	if (presence == IN_THE_WAY)
		return false;
	if (n == o->keep)
		n--;
	for (; n > 0; n--) {
		(void)generation(o, n - 1, from);
		(void)generation(o, n, to);
		if (renameat(o->dir_fd, from, o->dir_fd, to) < 0)
			return err_sys(err, "cannot rename '%s' to '%s'", from,
				       to);
	}
	return true;
}

/* --- A file that we name ------------------------------------------------ */

static int open_parent(int dir_fd, const char *parent)
{
	const struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};

	return (int)syscall(SYS_openat2, dir_fd, parent, &how, sizeof(how));
}

/* Takes a path apart; parent has room for PATH_MAX. */
static bool split(struct output *o, const char *path, char *parent,
		  struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (strcmp(name, "") == 0 || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return err_set(err, "'%s' is not the name of a file", path);
	if (strlen(name) + SUFFIX_MAX > NAME_MAX || len >= PATH_MAX - 1)
		return err_set(err, "the name of the file is too long");
	(void)snprintf(o->name, sizeof(o->name), "%s", name);
	if (!slash)
		(void)snprintf(parent, PATH_MAX, ".");
	else /* "/" for what is directly below it */
		(void)snprintf(parent, PATH_MAX, "%.*s", (int)(len ? len : 1),
			       path);
	return true;
}

static bool no_parent(const char *path, struct err *err)
{
	if (errno == EXDEV)
		return err_set(err,
			       "'%s' leads out of the directory for "
			       "captures",
			       path);
	if (errno == ELOOP)
		return err_set(err, "there is a symbolic link in '%s'", path);
	return err_sys(err, "cannot open the directory of '%s'", path);
}

bool output_open(struct output *o, int dir_fd, const char *path, unsigned keep,
		 struct err *err)
{
	char parent[PATH_MAX];

	*o = (struct output){.fd = -1, .dir_fd = -1, .keep = keep};
	if (!split(o, path, parent, err))
		return false;
	o->dir_fd = open_parent(dir_fd, parent);
	if (o->dir_fd < 0)
		return no_parent(path, err);
	if (output_next(o, err))
		return true;
	output_done(o);
	return false;
}

/* --- A descriptor that somebody gave us --------------------------------- */

static bool find_kind(struct output *o, struct err *err)
{
	int flags = fcntl(o->fd, F_GETFL);
	int type = 0;
	struct stat st;

	if (flags < 0 || fstat(o->fd, &st) < 0)
		return err_sys(err, "cannot use the descriptor");
	if ((flags & O_ACCMODE) == O_RDONLY)
		return err_set(err, "the descriptor is not open for writing");
	if (isatty(o->fd))
		return err_set(err, "a terminal can do nothing with a "
				    "capture: name a file, or a pipe");
	if (S_ISREG(st.st_mode)) {
		o->kind = OUTPUT_FILE;
		return true;
	}
	if (S_ISFIFO(st.st_mode)) {
		o->kind = OUTPUT_PIPE;
		return true;
	}
	o->kind = OUTPUT_SOCKET;
	return (getsockopt(o->fd, SOL_SOCKET, SO_TYPE, &type,
			   &(socklen_t){sizeof(type)}) == 0 &&
		type == SOCK_STREAM) ||
	       err_set(err, "the descriptor is neither a file, a pipe nor a "
			    "stream socket");
}

bool output_adopt(struct output *o, int fd, struct err *err)
{
	*o = (struct output){.fd = fd, .dir_fd = -1};
	if (find_kind(o, err))
		return true;
	output_done(o);
	return false;
}

void output_done(struct output *o)
{
	if (o->fd >= 0)
		(void)close(o->fd);
	if (o->dir_fd >= 0)
		(void)close(o->dir_fd);
	o->fd = o->dir_fd = -1;
}

bool output_next(struct output *o, struct err *err)
{
	struct flock lock = {.l_type = F_WRLCK};

	if (!shift(o, err))
		return false;
	if (o->fd >= 0)
		(void)close(o->fd);
	o->fd = openat(o->dir_fd, o->name,
		       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		       0600);
	if (o->fd < 0)
		return err_sys(err, "cannot create '%s'", o->name);
	/* For check_content() of others; where there are no locks, without. */
	(void)fcntl(o->fd, F_SETLK, &lock);
	return true;
}

/* --- Bytes -------------------------------------------------------------- */

static ssize_t write_pipe(int fd, const uint8_t *data, size_t len)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	struct iovec iov = {(void *)(uintptr_t)data,
			    len < PIPE_BUF ? len : PIPE_BUF};
	ssize_t n;

	if (poll(&p, 1, 0) == 0)
		return 0;
	n = pwritev2(fd, &iov, 1, -1, RWF_NOWAIT);
	if (n < 0 && errno == EOPNOTSUPP)
		n = write(fd, iov.iov_base, iov.iov_len);
	return n;
}

ssize_t output_write(struct output *o, const uint8_t *data, size_t len,
		     struct err *err)
{
	ssize_t n;

	if (o->kind == OUTPUT_PIPE)
		n = write_pipe(o->fd, data, len);
	else if (o->kind == OUTPUT_SOCKET)
		n = send(o->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	else
		n = write(o->fd, data, len);
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	if (errno == EPIPE || errno == ECONNRESET)
		(void)err_set(err, "its reader is gone");
	else
		(void)err_sys(err, "cannot write to it");
	return -1;
}

void output_take_back(struct output *o, size_t len)
{
	off_t at = o->kind == OUTPUT_FILE ? lseek(o->fd, 0, SEEK_CUR) : -1;

	if (len > 0 && at >= (off_t)len &&
	    ftruncate(o->fd, at - (off_t)len) == 0)
		(void)lseek(o->fd, at - (off_t)len, SEEK_SET);
}
