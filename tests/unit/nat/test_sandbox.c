/* SPDX-License-Identifier: MIT */
/* Each case in a process of its own, since there is no way back. */
#include "tests/cmocka.h"

#include <fcntl.h>
#include <linux/netlink.h>
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
#include <sys/wait.h>
#include <unistd.h>

#include "plugs/nat/child/sandbox.h"

static int in_sandbox(int (*act)(void))
{
	pid_t pid = fork();
	int status = -1;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err;

		(void)sandbox_prepare();
		if (!sandbox_enter(&err))
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
		act_exec,    act_fork,        act_ptrace,
		act_netlink, act_write_file,  act_make_code,
		act_setns,   act_kill_parent, act_signal_parent};

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		int status = in_sandbox(acts[i]);

		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("case %zu: status %#x", i, (unsigned)status);
	}
}

static int act_work(void)
{
	int fd = open("/etc/hosts", O_RDONLY);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_the_nats_ends_it),
		cmocka_unit_test(its_work_goes_on),
		cmocka_unit_test(nothing_is_left_of_privileges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
