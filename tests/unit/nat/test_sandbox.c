/* SPDX-License-Identifier: MIT */
/* Each case in a process of its own, since there is no way back. */
#include "tests/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugs/nat/child/sandbox.h"

/* Where a test may write; "allowed/" in it has what the process may read. */
static char dir[] = "/tmp/labswitch-sandbox-XXXXXX";

static int in_sandbox(int (*act)(void))
{
	pid_t pid = fork();
	int status = -1;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err;

		(void)sandbox_prepare();
		if (chdir(dir) < 0 || !sandbox_enter("allowed/link", &err))
			_exit(99);
		_exit(act());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int act_exec(void)
{
	char *const argv[] = {(char *)"/bin/true", NULL};

	return (int)syscall(SYS_execve, "/bin/true", argv, NULL);
}

static int act_fork(void)
{
	return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static int act_ptrace(void)
{
	return (int)syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
}

static int act_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) < 0;
}

static int act_write_file(void)
{
	return open("/tmp/labswitch-sandbox", O_WRONLY | O_CREAT, 0600) < 0;
}

static int act_unlink(void)
{
	return unlink("allowed/file");
}

static int act_make_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int act_setns(void)
{
	return (int)syscall(SYS_setns, 0, 0);
}

static int act_kill_parent(void)
{
	pid_t parent = getppid();

	return (int)syscall(SYS_tgkill, parent, parent, 0);
}

static int act_signal_parent(void)
{
	return fcntl(0, F_SETOWN, getppid());
}

static void what_is_not_the_nats_ends_it(void **state)
{
	static int (*const acts[])(void) = {
		act_exec,        act_fork,         act_ptrace,    act_netlink,
		act_write_file,  act_unlink,       act_make_code, act_setns,
		act_kill_parent, act_signal_parent};

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		int status = in_sandbox(acts[i]);

		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("case %zu: status %#x", i, (unsigned)status);
	}
}

static int act_work(void)
{
	int fd = open("allowed/link", O_RDONLY);
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	int udp = socket(AF_INET6, SOCK_DGRAM, 0);
	char *memory = malloc(1 << 20);

	if (fd < 0 || tcp < 0 || !memory)
		return 1;
	memory[5] = 1;
	free(memory);
	(void)listen(tcp, 5);
	(void)close(udp);
	return 0;
}

static int act_abort(void)
{
	abort();
}

static void its_work_goes_on(void **state)
{
	int status = in_sandbox(act_abort);

	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_int_equal(in_sandbox(act_work), 0);
}

static bool is_refused(const char *path)
{
	return open(path, O_RDONLY) < 0 && errno == EACCES;
}

/* Of another process: "labswitch-sandbox", without a path. */
static socklen_t fill_abstract(struct sockaddr_un *un)
{
	static const char name[] = "labswitch-sandbox";

	*un = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(un->sun_path + 1, name, sizeof(name));
	return (socklen_t)(sizeof(un->sun_family) + 1 + sizeof(name));
}

static int act_use_files(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "made"};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (open("real/file", O_RDONLY) < 0)
		return 1; /* what the link leads to */
	if (open("real/other", O_RDONLY) < 0)
		return 2; /* and what may replace it */
	if (!is_refused("allowed/file") || !is_refused("/etc/hosts") ||
	    !is_refused("/proc/self/status"))
		return 3;
	if (open("real", O_RDONLY | O_DIRECTORY) >= 0)
		return 4;
	return bind(fd, (void *)&un, sizeof(un)) < 0 ? 5 : 0;
}

static int act_connect_abstract(void)
{
	struct sockaddr_un un;
	socklen_t len = fill_abstract(&un);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return connect(fd, (void *)&un, len) == 0 || errno != EPERM;
}

static long landlock_version(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
		       LANDLOCK_CREATE_RULESET_VERSION);
}

static void of_files_it_keeps_one_folder(void **state)
{
	struct sockaddr_un un;
	socklen_t len = fill_abstract(&un);
	int fd;

	if (landlock_version() < 1)
		skip();
	assert_int_equal(in_sandbox(act_use_files), 0);
	if (landlock_version() < 6)
		return;
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (void *)&un, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(in_sandbox(act_connect_abstract), 0);
	(void)close(fd);
}

/* Asked before the list, which does not let it ask. */
static int look(void)
{
	struct rlimit core;
	FILE *file;
	char line[200];
	unsigned long long caps = 1;

	(void)sandbox_prepare();
	if (getrlimit(RLIMIT_CORE, &core) < 0 || core.rlim_cur != 0)
		return 1;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ||
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    getpriority(PRIO_PROCESS, 0) > 0)
		return 2;
	file = fopen("/proc/self/status", "r");
	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "CapEff:", 7) == 0)
			caps = strtoull(line + 7, NULL, 16);
	}
	return caps ? 3 : 0;
}

static void nothing_is_left_of_privileges(void **state)
{
	pid_t pid = fork();
	int status = -1;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(look());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int make_files(void **state)
{
	return !mkdtemp(dir) || chdir(dir) < 0 ||
	       system("mkdir allowed real && touch allowed/file real/file "
		      "real/other && ln -s ../real/file allowed/link") != 0;
}

static int remove_files(void **state)
{
	char command[sizeof(dir) + 10];

	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	return chdir("/") < 0 || system(command) != 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_the_nats_ends_it),
		cmocka_unit_test(its_work_goes_on),
		cmocka_unit_test(of_files_it_keeps_one_folder),
		cmocka_unit_test(nothing_is_left_of_privileges),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
