/* SPDX-License-Identifier: MIT */
/* The directory as files: modes, lock, what is taken over, what is refused. */
#include "tests/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugs/vde_fs.h"
#include "plugs/vde_quota.h"

#define NOBODY 65534

static const struct priv priv = {.ops = &priv_local};

struct place {
	char base[64];
	struct vde_dir_conf conf; /* of "sw" in base */
	struct vde_fs fs;
	struct err err;
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	(void)snprintf(p->base, sizeof(p->base), "/tmp/vde-dir-XXXXXX");
	assert_non_null(mkdtemp(p->base));
	(void)snprintf(p->conf.path, sizeof(p->conf.path), "%s/sw", p->base);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	assert_int_equal(rmdir(p->base), 0);
	free(p);
	return 0;
}

static bool take(struct place *p)
{
	return vde_fs_take(&p->fs, &p->conf, &priv, &p->err);
}

static void assert_refused(struct place *p, const char *words)
{
	assert_false(take(p));
	if (!strstr(p->err.msg, words))
		fail_msg("'%s' does not say '%s'", p->err.msg, words);
}

static const char *in(const struct place *p, const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", p->conf.path, name);
	return path;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777u;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void make_file(const char *path)
{
	int fd = creat(path, 0600);

	assert_true(fd >= 0);
	(void)close(fd);
}

/* A socket file of that name, listened on or dead. */
static int make_socket(const char *path, bool alive)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(strlen(path) < sizeof(sun.sun_path));
	memcpy(sun.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	if (alive) {
		assert_int_equal(listen(fd, 1), 0);
		return fd;
	}
	(void)close(fd);
	return -1;
}

static void bind_and_unbind(struct place *p, mode_t want)
{
	char path[VDE_PATH_SIZE];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(vde_fs_bind(&p->fs, fd, "web", path, &p->err));
	assert_string_equal(path, in(p, "web"));
	assert_int_equal(mode_of(path), want);
	vde_fs_unbind(&p->fs, path);
	assert_false(exists(in(p, "web")));
	(void)close(fd);
}

static void assert_not_yet(void *ctx, const char *path)
{
	if (strstr(path, "/web")) {
		assert_false(exists(path));
		(*(unsigned *)ctx)++;
	}
}

/* Who is killed after bind() and before keep() would leave a socket behind. */
static void keeps_before_it_binds(void **state)
{
	struct priv_ops ops = priv_local;
	unsigned kept = 0;
	const struct priv watcher = {.ops = &ops, .ctx = &kept};
	struct place *p = *state;

	ops.keep = assert_not_yet;
	assert_true(vde_fs_take(&p->fs, &p->conf, &watcher, &p->err));
	bind_and_unbind(p, 0600);
	assert_int_equal(kept, 1);
	vde_fs_leave(&p->fs);
}

/* A file of somebody else's is neither replaced nor removed at the end. */
static void does_not_keep_what_was_there(void **state)
{
	struct priv_ops ops = priv_local;
	unsigned kept = 0;
	const struct priv watcher = {.ops = &ops, .ctx = &kept};
	struct place *p = *state;
	char path[VDE_PATH_SIZE];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	ops.keep = assert_not_yet;
	assert_true(vde_fs_take(&p->fs, &p->conf, &watcher, &p->err));
	make_file(in(p, "web"));
	assert_false(vde_fs_bind(&p->fs, fd, "web", path, &p->err));
	assert_non_null(strstr(p->err.msg, "remove it"));
	assert_int_equal(kept, 0);
	assert_int_equal(unlink(in(p, "web")), 0);
	(void)close(fd);
	vde_fs_leave(&p->fs);
}

static void modes(void **state)
{
	static const struct {
		uint32_t mode;
		mode_t dir;
		mode_t sock;
	} rows[] = {
		{0, 0700, 0600},
		{0600, 02700, 0600},
		{0660, 03770, 0660},
		{0666, 03777, 0666},
	};
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		p->conf.mode = rows[i].mode;
		assert_true(take(p));
		assert_int_equal(mode_of(p->conf.path), rows[i].dir);
		bind_and_unbind(p, rows[i].sock);
		vde_fs_leave(&p->fs);
		assert_false(exists(p->conf.path));
	}
}

static void group(void **state)
{
	struct place *p = *state;
	struct stat st;

	(void)snprintf(p->conf.group, sizeof(p->conf.group), "%u",
		       (unsigned)getgid());
	assert_true(take(p));
	assert_int_equal(stat(p->conf.path, &st), 0);
	assert_int_equal(st.st_gid, getgid());
	vde_fs_leave(&p->fs);
	(void)snprintf(p->conf.group, sizeof(p->conf.group), "no-such-group");
	assert_refused(p, "no-such-group");
	assert_false(exists(p->conf.path));
}

static void one_of_somebody_else_is_left_alone(void **state)
{
	struct place *p = *state;

	assert_int_equal(mkdir(p->conf.path, 0750), 0);
	p->conf.mode = 0666;
	assert_true(take(p));
	assert_int_equal(mode_of(p->conf.path), 0750);
	vde_fs_leave(&p->fs);
	assert_false(exists(in(p, ".lock")));
	assert_int_equal(rmdir(p->conf.path), 0);
}

static void refuses_what_is_no_directory_of_ours(void **state)
{
	struct place *p = *state;

	make_file(p->conf.path);
	assert_refused(p, "not a directory");
	assert_int_equal(unlink(p->conf.path), 0);

	assert_int_equal(symlink(p->base, p->conf.path), 0);
	assert_refused(p, "symbolic link");
	assert_int_equal(unlink(p->conf.path), 0);

	if (geteuid() == 0) {
		assert_int_equal(mkdir(p->conf.path, 0777), 0);
		assert_int_equal(chown(p->conf.path, NOBODY, NOBODY), 0);
		assert_refused(p, "belongs to uid 65534");
		assert_int_equal(rmdir(p->conf.path), 0);
	}
	(void)snprintf(p->conf.path, sizeof(p->conf.path), "%s/none/sw",
		       p->base);
	assert_refused(p, "/none/sw");
}

static void refuses_long_paths(void **state)
{
	struct place *p = *state;
	char path[VDE_PATH_SIZE];
	size_t len = strlen(p->conf.path);
	int fd;

	memset(p->conf.path + len, 'x', VDE_DIR_PATH_MAX + 1 - len);
	assert_refused(p, "at most 90 characters");
	p->conf.path[VDE_DIR_PATH_MAX] = '\0';
	assert_true(take(p));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_false(
		vde_fs_bind(&p->fs, fd, "seventeen-letters", path, &p->err));
	assert_non_null(strstr(p->err.msg, "107"));
	assert_true(vde_fs_bind(&p->fs, fd, "sixteen--letters", path, &p->err));
	vde_fs_unbind(&p->fs, path);
	(void)close(fd);
	vde_fs_leave(&p->fs);
}

static void one_at_a_time(void **state)
{
	struct place *p = *state;
	struct place second = *p;
	char pid[32];

	assert_true(take(p));
	(void)snprintf(pid, sizeof(pid), "in use by another switch, pid %d",
		       (int)getpid());
	assert_refused(&second, pid);
	assert_true(exists(in(p, ".lock")));
	vde_fs_leave(&p->fs);
	assert_true(take(&second));
	vde_fs_leave(&second.fs);
}

static void respects_a_switch_without_lock(void **state)
{
	struct place *p = *state;
	int fd;

	assert_int_equal(mkdir(p->conf.path, 0700), 0);
	fd = make_socket(in(p, "ctl"), true);
	assert_refused(p, "in use by another switch, pid");
	assert_true(exists(in(p, "ctl")));
	(void)close(fd);
	assert_true(take(p));
	assert_false(exists(in(p, "ctl")));
	vde_fs_leave(&p->fs);
	assert_int_equal(rmdir(p->conf.path), 0);
}

static void removes_only_dead_sockets_of_ours(void **state)
{
	static const char *const stale[] = {"ctl", "web", "sw-1_b", "001.7",
					    "4095.1023"};
	static const char *const others[] = {".123-00000", "01.7", "001.x",
					     "001.",       "a.b",  "#3"};
	struct place *p = *state;

	assert_int_equal(mkdir(p->conf.path, 0700), 0);
	for (size_t i = 0; i < sizeof(stale) / sizeof(stale[0]); i++)
		(void)make_socket(in(p, stale[i]), false);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		(void)make_socket(in(p, others[i]), false);
	make_file(in(p, "db"));
	assert_true(take(p));
	for (size_t i = 0; i < sizeof(stale) / sizeof(stale[0]); i++)
		assert_false(exists(in(p, stale[i])));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(unlink(in(p, others[i])), 0);

	/* What is no socket is in the way, and said to be. */
	assert_true(exists(in(p, "db")));
	char path[VDE_PATH_SIZE];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_false(vde_fs_bind(&p->fs, fd, "db", path, &p->err));
	assert_non_null(strstr(p->err.msg, "no socket of ours"));
	(void)close(fd);
	assert_int_equal(unlink(in(p, "db")), 0);
	vde_fs_leave(&p->fs);
	assert_int_equal(rmdir(p->conf.path), 0);
}

/* Killed, a switch leaves all; the next one knows that it was one of us. */
static void takes_over_from_the_dead(void **state)
{
	struct place *p = *state;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		char path[VDE_PATH_SIZE];
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		if (take(p) && vde_fs_bind(&p->fs, fd, "ctl", path, &p->err) &&
		    listen(fd, 1) == 0)
			(void)raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_true(exists(in(p, "ctl")));
	p->conf.mode = 0660;
	assert_true(take(p));
	assert_false(exists(in(p, "ctl")));
	assert_int_equal(mode_of(p->conf.path), 03770);
	vde_fs_leave(&p->fs);
	assert_false(exists(p->conf.path));
}

static void refuses_a_lock_that_is_not_ours(void **state)
{
	struct place *p = *state;
	char other[128];

	assert_int_equal(mkdir(p->conf.path, 0700), 0);
	(void)snprintf(other, sizeof(other), "%s/other", p->base);
	make_file(other);
	assert_int_equal(link(other, in(p, ".lock")), 0);
	assert_refused(p, "not a lock of ours");
	assert_int_equal(unlink(in(p, ".lock")), 0);
	assert_int_equal(symlink(other, in(p, ".lock")), 0);
	assert_refused(p, "cannot open");
	assert_int_equal(unlink(in(p, ".lock")), 0);
	assert_int_equal(mkfifo(in(p, ".lock"), 0600), 0);
	assert_refused(p, "not a lock of ours");
	assert_int_equal(unlink(in(p, ".lock")), 0);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(rmdir(p->conf.path), 0);
}

static int flock_errno;

/* In place of libc's, which vde_fs would call. */
int flock(int fd, int operation)
{
	if (flock_errno) {
		errno = flock_errno;
		return -1;
	}
	return (int)syscall(SYS_flock, fd, operation);
}

static void goes_nowhere_without_a_lock(void **state)
{
	struct place *p = *state;

	flock_errno = ENOLCK;
	assert_refused(p, "cannot lock");
	flock_errno = 0;
	assert_int_equal(unlink(in(p, ".lock")), 0);
	assert_int_equal(rmdir(p->conf.path), 0);
}

static void removes_sockets_of_clients(void **state)
{
	struct place *p = *state;

	assert_true(take(p));
	(void)make_socket(in(p, ".1-0"), false);
	vde_fs_remove_of(&p->fs, in(p, ".1-0"), geteuid() + 1);
	assert_true(exists(in(p, ".1-0")));
	vde_fs_remove_of(&p->fs, in(p, "../sw/.1-0"), geteuid());
	assert_true(exists(in(p, ".1-0")));
	vde_fs_remove_of(&p->fs, in(p, ".1-0"), geteuid());
	assert_false(exists(in(p, ".1-0")));
	make_file(in(p, ".2-0"));
	vde_fs_remove_of(&p->fs, in(p, ".2-0"), geteuid());
	assert_int_equal(unlink(in(p, ".2-0")), 0);
	vde_fs_leave(&p->fs);
}

static void quota(void **state)
{
	static struct vde_quota q;
	uid_t other = geteuid() + 1000;

	for (int i = 0; i < VDE_QUOTA_PER_UID; i++)
		assert_true(vde_quota_enter(&q, other));
	assert_false(vde_quota_enter(&q, other));
	assert_true(vde_quota_enter(&q, other + 1));
	vde_quota_leave(&q, other);
	assert_true(vde_quota_enter(&q, other));
	assert_false(vde_quota_enter(&q, other));
	while (q.count < VDE_QUOTA_TOTAL)
		assert_true(vde_quota_enter(&q, q.count % 2 ? 0 : geteuid()));
	assert_false(vde_quota_enter(&q, 0));
	vde_quota_leave(&q, other + 1);
	assert_true(vde_quota_enter(&q, 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(keeps_before_it_binds),
		TEST(does_not_keep_what_was_there),
		TEST(modes),
		TEST(group),
		TEST(one_of_somebody_else_is_left_alone),
		TEST(refuses_what_is_no_directory_of_ours),
		TEST(refuses_long_paths),
		TEST(one_at_a_time),
		TEST(respects_a_switch_without_lock),
		TEST(removes_only_dead_sockets_of_ours),
		TEST(takes_over_from_the_dead),
		TEST(refuses_a_lock_that_is_not_ours),
		TEST(goes_nowhere_without_a_lock),
		TEST(removes_sockets_of_clients),
		cmocka_unit_test(quota),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
