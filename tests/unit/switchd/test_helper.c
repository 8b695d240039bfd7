/* SPDX-License-Identifier: MIT */
#include "switchd/helper.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "switchd/helper_msg.h"
#include "tests/cmocka.h"

struct fixture {
	char dir[64];
	struct helper helper;
	struct priv priv;
};

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/labswitch-helper-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_true(helper_start(&f->helper, f->dir, -1, &err));
	f->priv = helper_priv(&f->helper);
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	helper_stop(&f->helper);
	rmdir(f->dir);
	free(f);
	return 0;
}

static const char *in_dir(const struct fixture *f, const char *name)
{
	static char path[108]; /* as sun_path */

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	return path;
}

/* A datagram socket with a name. */
static int listener(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* Waits, 10 s at most. */
static bool vanishes(const char *path)
{
	const struct timespec pause = {.tv_nsec = 10000000};

	for (int i = 0; i < 1000 && exists(path); i++)
		nanosleep(&pause, NULL);
	return !exists(path);
}

static void touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static void test_connects_the_descriptor_we_pass(void **state)
{
	struct fixture *f = *state;
	int theirs = listener(in_dir(f, "data"));
	int ours = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct err err = {.errnum = 0};
	char got[8];

	assert_true(f->priv.ops->connect(f->priv.ctx, ours, in_dir(f, "data"),
					 getuid(), &err));
	assert_int_equal(send(ours, "hello", 5, 0), 5);
	assert_int_equal(recv(theirs, got, sizeof(got), 0), 5);
	close(ours);
	close(theirs);
	unlink(in_dir(f, "data"));
}

static void test_errors_come_back_as_the_helper_met_them(void **state)
{
	struct fixture *f = *state;
	int theirs = listener(in_dir(f, "data"));
	int ours = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct err err = {.errnum = 0}, local = {.errnum = 0};

	assert_false(f->priv.ops->connect(f->priv.ctx, ours, in_dir(f, "data"),
					  getuid() + 1, &err));
	assert_false(priv_local.connect(NULL, ours, in_dir(f, "data"),
					getuid() + 1, &local));
	assert_string_equal(err.msg, local.msg);
	assert_false(f->helper.dead);
	close(ours);
	close(theirs);
	unlink(in_dir(f, "data"));
}

static void test_a_path_that_does_not_fit_is_refused_here(void **state)
{
	struct fixture *f = *state;
	char path[2 * HELPER_PATH_SIZE];
	struct err err;

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_false(f->priv.ops->chgrp(f->priv.ctx, path, "root", &err));
	assert_non_null(strstr(err.msg, "too long: 'xxx"));
	assert_false(f->helper.dead);
}

static void test_kept_paths_go_in_reverse_order(void **state)
{
	struct fixture *f = *state;

	mkdir(in_dir(f, "sub"), 0700);
	f->priv.ops->keep(f->priv.ctx, in_dir(f, "sub"));
	touch(in_dir(f, "sub/inner"));
	f->priv.ops->keep(f->priv.ctx, in_dir(f, "sub/inner"));
	touch(in_dir(f, "stays"));
	f->priv.ops->keep(f->priv.ctx, in_dir(f, "stays"));
	f->priv.ops->forget(f->priv.ctx, in_dir(f, "stays"));
	f->priv.ops->forget(f->priv.ctx, in_dir(f, "unknown"));
	helper_stop(&f->helper);
	assert_false(exists(in_dir(f, "sub")));
	assert_true(exists(in_dir(f, "stays")));
	unlink(in_dir(f, "stays"));
}

/* Stands for the daemon: keeps two files and a lock, then is killed. */
static _Noreturn void stand_in(const struct fixture *f)
{
	struct helper helper;
	struct priv priv;
	int lock = open(in_dir(f, "lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (flock(lock, LOCK_EX) < 0 ||
	    !helper_start(&helper, "/nonexistent", lock, NULL))
		_exit(1);
	priv = helper_priv(&helper);
	priv.ops->keep(priv.ctx, in_dir(f, "lock"));
	for (int i = 0; i < 500; i++) {
		char name[16];

		snprintf(name, sizeof(name), "file%d", i);
		touch(in_dir(f, name));
		priv.ops->keep(priv.ctx, in_dir(f, name));
	}
	kill(0, SIGINT); /* Ctrl-C for the process group */
	raise(SIGKILL);
	_exit(1);
}

static void test_cleans_up_after_kill_9(void **state)
{
	struct fixture *f = *state;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		setpgid(0, 0);
		signal(SIGINT, SIG_IGN);
		stand_in(f);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	/* The lock was kept first, so it goes last. */
	assert_true(vanishes(in_dir(f, "lock")));
	assert_false(exists(in_dir(f, "file0")));
	assert_false(exists(in_dir(f, "file499")));
}

static void test_holds_the_lock_until_it_has_cleaned_up(void **state)
{
	struct fixture *f = *state;
	struct helper helper;
	int lock = open(in_dir(f, "lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int other = open(in_dir(f, "lock"), O_RDWR | O_CLOEXEC);

	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_true(helper_start(&helper, "/nonexistent", lock, NULL));
	close(lock);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
	helper_stop(&helper);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
	close(other);
	unlink(in_dir(f, "lock"));
}

/* Sends bytes as they are and returns whether they are refused. */
static bool refused(struct fixture *f, const void *bytes, size_t len, int fd)
{
	struct helper_reply reply = {.ok = true};
	int got;

	assert_true(helper_msg_send(f->helper.sock, bytes, len, fd));
	assert_int_equal(
		helper_msg_recv(f->helper.sock, &reply, sizeof(reply), &got),
		sizeof(reply));
	assert_int_equal(got, -1);
	return !reply.ok && strstr(reply.err.msg, "malformed");
}

static void test_bad_messages_are_refused(void **state)
{
	struct fixture *f = *state;
	struct helper_request good = {.op = HELPER_KEEP}, req;
	char big[sizeof(req) + 1];

	snprintf(good.path, sizeof(good.path), "%s", in_dir(f, "x"));
	assert_true(refused(f, "x", 1, -1));
	assert_true(refused(f, &good, sizeof(good) - 1, -1));
	memset(big, 0, sizeof(big));
	assert_true(refused(f, big, sizeof(big), -1));
	req = good;
	req.op = HELPER_OP_COUNT;
	assert_true(refused(f, &req, sizeof(req), -1));
	req = good;
	memset(req.path, 'x', sizeof(req.path));
	assert_true(refused(f, &req, sizeof(req), -1));
	req = good;
	memset(&req.tap.up, 7, 1);
	assert_true(refused(f, &req, sizeof(req), -1));
	req = good; /* a descriptor that nobody asked for */
	assert_true(refused(f, &req, sizeof(req), STDIN_FILENO));
	req.op = HELPER_CONNECT; /* one that is missing */
	assert_true(refused(f, &req, sizeof(req), -1));
}

static void test_bad_hosts_are_refused(void **state)
{
	struct fixture *f = *state;
	struct helper_request req, good = {.op = HELPER_HOST_OPEN};

	snprintf(good.host.name, sizeof(good.host.name), "alice");
	req = good;
	memcpy(req.host.name, "../x", 5);
	assert_true(refused(f, &req, sizeof(req), -1));
	req = good;
	req.host.nets.via[0].family = 99;
	assert_true(refused(f, &req, sizeof(req), -1));
	req = good;
	memset(&req.host.nets.dhcp, 7, 1);
	assert_true(refused(f, &req, sizeof(req), -1));
	req = good;
	req.host.vlans[0].vid = 4095;
	assert_true(refused(f, &req, sizeof(req), -1));
	req = good;
	req.host.vlans[HOST_VLANS_MAX - 1].nets.addr[0].family = 99;
	assert_true(refused(f, &req, sizeof(req), -1));
}

static void test_a_dead_helper_is_a_clear_error(void **state)
{
	struct fixture *f = *state;
	struct err err;

	assert_false(helper_reap(&f->helper));
	kill(f->helper.pid, SIGKILL);
	while (!helper_reap(&f->helper))
		;
	assert_false(f->priv.ops->chgrp(f->priv.ctx, "/x", "root", &err));
	assert_string_equal(
		err.msg, "the helper process does not answer: restart switchd");
	f->priv.ops->keep(f->priv.ctx, "/x");
	assert_false(helper_reap(&f->helper));
}

static void test_has_a_name_and_a_session_of_its_own(void **state)
{
	struct fixture *f = *state;
	char path[64], comm[32] = "";
	struct err err;
	FILE *file;

	/* One answered question: it is past its start. */
	f->priv.ops->chgrp(f->priv.ctx, "/nonexistent", "root", &err);
	assert_int_equal(getsid(f->helper.pid), f->helper.pid);
	snprintf(path, sizeof(path), "/proc/%d/comm", f->helper.pid);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(comm, sizeof(comm), file));
	fclose(file);
	assert_string_equal(comm, "switchd-helper\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_connects_the_descriptor_we_pass),
		TEST(test_errors_come_back_as_the_helper_met_them),
		TEST(test_a_path_that_does_not_fit_is_refused_here),
		TEST(test_kept_paths_go_in_reverse_order),
		TEST(test_cleans_up_after_kill_9),
		TEST(test_holds_the_lock_until_it_has_cleaned_up),
		TEST(test_bad_messages_are_refused),
		TEST(test_bad_hosts_are_refused),
		TEST(test_a_dead_helper_is_a_clear_error),
		TEST(test_has_a_name_and_a_session_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
