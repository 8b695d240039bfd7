/* SPDX-License-Identifier: MIT */
#include "tests/unit/capture/rig.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "capture/output.h"

/* Puts a file there, with a text or, if NULL, as one of ours. */
static void put_file(const struct rig *r, const char *name, const char *text)
{
	int fd = open(rig_path(r, name), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	uint8_t block[FORMAT_BLOCK_MAX];
	size_t len =
		text ? strlen(text) : format_pcapng.header(block, "lab", 100);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text ? (const void *)text : block, len),
			 len);
	(void)close(fd);
}

static void refuse(const struct rig *r, const char *path, const char *message)
{
	struct output o;
	struct err err = {.errnum = 0};

	assert_false(output_open(&o, r->dir_fd, path, 2, &err));
	if (!strstr(err.msg, message))
		fail_msg("%s: %s", path, err.msg);
	assert_int_equal(o.fd, -1);
	assert_int_equal(o.dir_fd, -1);
}

static void take(const struct rig *r, const char *path, unsigned keep)
{
	struct output o;
	struct err err;
	struct stat st;

	if (!output_open(&o, r->dir_fd, path, keep, &err))
		fail_msg("%s: %s", path, err.msg);
	assert_int_equal(fstat(o.fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, 0);
	output_done(&o);
}

static void stays_below_its_directory(void **state)
{
	char name[NAME_MAX + 1];
	struct rig r;

	rig_init(&r);
	assert_int_equal(mkdir(rig_path(&r, "sub"), 0755), 0);
	assert_int_equal(symlink("sub", rig_path(&r, "link")), 0);
	assert_int_equal(symlink("/tmp", rig_path(&r, "away")), 0);
	refuse(&r, "../a", "leads out of");
	refuse(&r, "sub/../../a", "leads out of");
	refuse(&r, "/a", "leads out of");
	refuse(&r, "/tmp/a", "leads out of");
	refuse(&r, "link/a", "symbolic link in 'link/a'");
	refuse(&r, "away/a", "symbolic link in 'away/a'");
	refuse(&r, "none/a", "cannot open the directory of 'none/a'");
	refuse(&r, "", "is not the name of a file");
	refuse(&r, ".", "is not the name of a file");
	refuse(&r, "sub/..", "is not the name of a file");
	refuse(&r, "sub/", "is not the name of a file");
	memset(name, 'n', NAME_MAX - 2);
	name[NAME_MAX - 2] = '\0';
	refuse(&r, name, "too long");
	take(&r, name + 1, 99);
	take(&r, "sub/a", 2);
	take(&r, "sub/../b", 2);
	assert_int_equal(rig_size(&r, "sub/a"), 0);
	rig_done(&r);
}

static void touches_nothing_of_others(void **state)
{
	struct rig r;

	rig_init(&r);
	put_file(&r, "foreign", "my homework, all of it, in one file of text");
	put_file(&r, "short", "x");
	put_file(&r, "target", NULL);
	assert_int_equal(symlink("target", rig_path(&r, "link")), 0);
	assert_int_equal(symlink("nowhere", rig_path(&r, "dangling")), 0);
	assert_int_equal(mkdir(rig_path(&r, "dir"), 0755), 0);
	assert_int_equal(mkfifo(rig_path(&r, "fifo"), 0644), 0);
	refuse(&r, "foreign", "is no capture of ours");
	refuse(&r, "short", "is no capture of ours");
	refuse(&r, "link", "is a symbolic link");
	refuse(&r, "dangling", "is a symbolic link");
	refuse(&r, "dir", "is a directory");
	refuse(&r, "fifo", "is not a regular file");
	assert_int_equal(rig_size(&r, "short"), 1);
	assert_int_equal(rig_size(&r, "foreign.1"), -1);

	put_file(&r, "a", NULL);
	put_file(&r, "a.1", "mine");
	refuse(&r, "a", "'a.1' is there already");
	assert_true(rig_size(&r, "a") > 0);
	rig_done(&r);
}

static void refuses_files_of_other_users(void **state)
{
	struct rig r;

	if (geteuid() != 0)
		skip();
	rig_init(&r);
	put_file(&r, "a", NULL);
	assert_int_equal(chown(rig_path(&r, "a"), 4711, 0), 0);
	refuse(&r, "a", "belongs to another user (uid 4711)");
	rig_done(&r);
}

static void refuses_files_that_are_written_to(void **state)
{
	struct rig r;
	struct output o;
	char byte;
	pid_t pid;
	int fds[2];

	rig_init(&r);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		bool ok = output_open(&o, r.dir_fd, "a", 2, NULL);

		_exit(ok && write(fds[1], "", 1) == 1 ? pause() : 1);
	}
	assert_true(pid > 0);
	(void)close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	refuse(&r, "a", "is writing to 'a'");
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	take(&r, "a", 2); /* empty, so nobody's */
	(void)close(fds[0]);
	rig_done(&r);
}

static void keeps_generations(void **state)
{
	static const char *const names[] = {"a", "a.1", "a.2", "a.3"};
	struct rig r;
	struct output o;

	rig_init(&r);
	assert_true(output_open(&o, r.dir_fd, "a", 3, NULL));
	for (uint8_t i = 0; i < 5; i++) {
		uint8_t block[FORMAT_BLOCK_MAX];
		size_t len = format_pcapng.header(block, NULL, 0);

		block[len - 5] = i;
		assert_int_equal(output_write(&o, block, len, NULL), len);
		if (i < 4)
			assert_true(output_next(&o, NULL));
	}
	output_done(&o);
	for (uint8_t i = 0; i < 3; i++) {
		rig_read(&r, names[i]);
		assert_int_equal(r.bytes[r.len - 5], 4 - i);
	}
	assert_int_equal(rig_size(&r, names[3]), -1);

	/* What is behind a gap is not in the way. */
	assert_int_equal(unlink(rig_path(&r, "a.1")), 0);
	put_file(&r, "a.2", "mine");
	take(&r, "a", 3);
	assert_true(rig_size(&r, "a.1") > 4);
	assert_int_equal(rig_size(&r, "a.2"), 4);
	rig_done(&r);
}

static void refuse_fd(int fd, const char *message)
{
	struct output o;
	struct err err;

	assert_true(fd >= 0);
	assert_false(output_adopt(&o, fd, &err));
	assert_non_null(strstr(err.msg, message));
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void refuses_useless_descriptors(void **state)
{
	int fds[2];

	refuse_fd(open("/tmp", O_RDONLY | O_DIRECTORY), "not open for writing");
	refuse_fd(open("/dev/ptmx", O_RDWR | O_NOCTTY), "a terminal");
	refuse_fd(open("/dev/null", O_WRONLY), "neither a file");
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	refuse_fd(fds[0], "neither a file");
	(void)close(fds[1]);
}

/* A reader sleeps: what can be taken is taken, nothing waits, the flags of the
 * open file are as they were. */
static void never_waits_for_a_reader(void **state)
{
	static uint8_t block[1000];
	struct output o;
	struct err err;
	int fds[2];

	for (int i = 0; i < 2; i++) {
		size_t sent = 0;
		ssize_t n;

		if (i == 0)
			assert_int_equal(pipe(fds), 0);
		else
			assert_int_equal(
				socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		assert_true(output_adopt(&o, fds[1], NULL));
		while ((n = output_write(&o, block, sizeof(block), &err)) > 0)
			sent += (size_t)n;
		assert_int_equal(n, 0);
		assert_true(sent > 30000);
		assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
		output_take_back(&o, 1); /* cannot be, and does no harm */
		while (sent > 0) {
			n = read(fds[0], block, sizeof(block));
			assert_true(n > 0);
			sent -= (size_t)n;
		}
		assert_int_equal(output_write(&o, block, 10, &err), 10);
		(void)close(fds[0]);
		assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
		assert_int_equal(output_write(&o, block, 10, &err), -1);
		assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
		assert_string_equal(err.msg, "its reader is gone");
		output_done(&o);
	}
}

static void takes_back_of_files(void **state)
{
	struct output o;
	struct rig r;
	int fd;

	rig_init(&r);
	for (int i = 0; i < 2; i++) {
		put_file(&r, "a", "what was there ");
		fd = open(rig_path(&r, "a"), O_WRONLY | (i ? O_APPEND : 0));
		assert_true(output_adopt(&o, fd, NULL));
		assert_int_equal(
			output_write(&o, (const uint8_t *)"one two", 7, NULL),
			7);
		output_take_back(&o, 4);
		assert_int_equal(
			output_write(&o, (const uint8_t *)"!", 1, NULL), 1);
		output_done(&o);
		rig_read(&r, "a");
		assert_int_equal(r.len, i ? 15 + 4 : 4);
		assert_memory_equal(r.bytes + r.len - 4, "one!", 4);
	}
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays_below_its_directory),
		cmocka_unit_test(touches_nothing_of_others),
		cmocka_unit_test(refuses_files_of_other_users),
		cmocka_unit_test(refuses_files_that_are_written_to),
		cmocka_unit_test(keeps_generations),
		cmocka_unit_test(refuses_useless_descriptors),
		cmocka_unit_test(never_waits_for_a_reader),
		cmocka_unit_test(takes_back_of_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
