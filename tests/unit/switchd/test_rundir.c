/* SPDX-License-Identifier: MIT */
#include "switchd/rundir.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.h"

struct fixture {
	char root[64]; /* stands for XDG_RUNTIME_DIR */
};

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->root, sizeof(f->root), "/tmp/labswitch-rundir-XXXXXX");
	assert_non_null(mkdtemp(f->root));
	setenv("XDG_RUNTIME_DIR", f->root, 1);
	*state = f;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	return remove(path);
}

static int end(void **state)
{
	struct fixture *f = *state;

	nftw(f->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

static const char *path_of(const struct fixture *f, const char *name)
{
	static char path[108]; /* as sun_path */

	snprintf(path, sizeof(path), "%s/%s", f->root, name);
	return path;
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void test_is_made_private_and_removed(void **state)
{
	struct fixture *f = *state;
	struct rundir dir;
	struct err err;
	struct stat st;

	assert_true(rundir_open(&dir, "x", path_of(f, "lab"), 7, &err));
	assert_true(dir.ours);
	assert_int_equal(stat(path_of(f, "lab"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(rundir_write_pid(&dir, &err));
	assert_true(exists(path_of(f, "lab/lock")));
	rundir_close(&dir);
	assert_false(exists(path_of(f, "lab")));
	rundir_close(&dir); /* again: nothing happens */
}

static void test_what_was_there_before_stays(void **state)
{
	struct fixture *f = *state;
	struct rundir dir;
	struct err err;

	mkdir(path_of(f, "mine"), 0755);
	assert_true(rundir_open(&dir, "x", path_of(f, "mine"), 7, &err));
	rundir_close(&dir);
	assert_true(exists(path_of(f, "mine")));
	assert_false(exists(path_of(f, "mine/lock")));
}

static void test_a_second_daemon_is_told_the_pid(void **state)
{
	struct fixture *f = *state;
	struct rundir first, second;
	char want[80];
	struct err err;

	assert_true(rundir_open(&first, "x", path_of(f, "lab"), 7, &err));
	assert_true(rundir_write_pid(&first, &err));
	assert_false(rundir_open(&second, "x", path_of(f, "lab"), 7, &err));
	snprintf(want, sizeof(want), "lab 'x' is already running, pid %ld",
		 (long)getpid());
	assert_string_equal(err.msg, want);
	rundir_close(&second); /* takes nothing away */
	assert_true(exists(path_of(f, "lab/lock")));
	rundir_close(&first);
	assert_true(rundir_open(&second, "x", path_of(f, "lab"), 7, &err));
	rundir_close(&second);
}

static void test_follows_one_that_is_still_leaving(void **state)
{
	struct fixture *f = *state;
	struct rundir first, second;
	struct err err;
	pid_t pid;

	assert_true(rundir_open(&first, "x", path_of(f, "lab"), 7, &err));
	pid = fork(); /* holds the lock on, as the helper does */
	if (pid == 0) {
		usleep(100000);
		rundir_close(&first); /* removes the file it has locked */
		_exit(0);
	}
	close(first.lock_fd);
	assert_true(rundir_open(&second, "x", path_of(f, "lab"), 7, &err));
	assert_true(exists(path_of(f, "lab/lock")));
	waitpid(pid, NULL, 0);
	rundir_close(&second);
}

static void test_a_newcomer_keeps_its_files(void **state)
{
	struct fixture *f = *state;
	struct rundir first, second;
	struct err err;

	assert_true(rundir_open(&first, "x", path_of(f, "lab"), 7, &err));
	unlink(path_of(f, "lab/lock")); /* as the helper does */
	assert_true(rundir_open(&second, "x", path_of(f, "lab"), 7, &err));
	rundir_close(&first);
	assert_true(exists(path_of(f, "lab/lock")));
	rundir_close(&second);
}

static void test_a_given_path_is_made_absolute(void **state)
{
	struct fixture *f = *state;
	struct rundir dir;
	struct err err;

	assert_int_equal(chdir(f->root), 0);
	assert_true(rundir_open(&dir, "x", "lab", 7, &err));
	assert_string_equal(dir.path, path_of(f, "lab"));
	rundir_close(&dir);
	assert_int_equal(chdir("/"), 0);
}

static void test_strange_directories_are_refused(void **state)
{
	struct fixture *f = *state;
	char target[128];
	struct rundir dir;
	struct err err;

	mkdir(path_of(f, "open"), 0700);
	chmod(path_of(f, "open"), 0777);
	assert_false(rundir_open(&dir, "x", path_of(f, "open"), 7, &err));
	assert_non_null(strstr(err.msg, "can be written by others"));

	snprintf(target, sizeof(target), "%s", path_of(f, "target"));
	mkdir(target, 0700);
	assert_int_equal(symlink(target, path_of(f, "link")), 0);
	assert_false(rundir_open(&dir, "x", path_of(f, "link"), 7, &err));
	assert_non_null(strstr(err.msg, "is not a directory"));

	if (geteuid() != 0)
		return; /* only root can make one for somebody else */
	mkdir(path_of(f, "theirs"), 0700);
	assert_int_equal(chown(path_of(f, "theirs"), 65534, 65534), 0);
	assert_false(rundir_open(&dir, "x", path_of(f, "theirs"), 7, &err));
	assert_non_null(strstr(err.msg, "belongs to uid 65534"));
}

static void test_paths_leave_room_for_sockets(void **state)
{
	struct fixture *f = *state;
	char name[100];
	struct rundir dir;
	struct err err;
	size_t used = strlen(f->root) + 1;

	memset(name, 'x', sizeof(name));
	name[VDE_DIR_PATH_MAX - used - 1 - 7] = '\0';
	assert_true(rundir_open(&dir, "x", path_of(f, name), 7, &err));
	rundir_close(&dir);
	assert_false(rundir_open(&dir, "x", path_of(f, name), 8, &err));
	assert_non_null(strstr(err.msg, "shorter --run DIR"));
	assert_false(exists(path_of(f, name)));
}

static int listen_on(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

struct seen {
	int mine;
	int dead;
};

static void see(void *ctx, const char *lab, const char *path)
{
	struct seen *seen = ctx;

	seen->mine += strcmp(lab, "mine") == 0;
	seen->dead += strcmp(lab, "dead") == 0;
}

static void test_live_labs_are_found(void **state)
{
	struct fixture *f = *state;
	char path[RUNDIR_PATH_SIZE], want[128];
	struct seen seen = {0};
	struct err err;
	int fd;

	mkdir(path_of(f, "labswitch"), 0700);
	mkdir(path_of(f, "labswitch/mine"), 0700);
	mkdir(path_of(f, "labswitch/dead"), 0700);
	fd = listen_on(path_of(f, "labswitch/mine/control"));
	close(listen_on(path_of(f, "labswitch/dead/control")));

	rundir_list(see, &seen);
	assert_int_equal(seen.mine, 1);
	assert_int_equal(seen.dead, 0);
	snprintf(want, sizeof(want), "%s", path_of(f, "labswitch/mine"));
	assert_true(rundir_find("mine", path, &err));
	assert_string_equal(path, want);
	assert_true(rundir_find(want, path, &err)); /* by its directory */
	assert_string_equal(path, want);
	assert_false(rundir_find("dead", path, &err));
	assert_string_equal(err.msg, "no lab 'dead' of this user is running");
	assert_false(rundir_find("../mine", path, &err));
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_is_made_private_and_removed),
		TEST(test_what_was_there_before_stays),
		TEST(test_a_second_daemon_is_told_the_pid),
		TEST(test_follows_one_that_is_still_leaving),
		TEST(test_a_newcomer_keeps_its_files),
		TEST(test_a_given_path_is_made_absolute),
		TEST(test_strange_directories_are_refused),
		TEST(test_paths_leave_room_for_sockets),
		TEST(test_live_labs_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
