/* SPDX-License-Identifier: MIT */
#include "switchd/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "switchd/log.h"

/* The parent's part: never returns. */
static _Noreturn void wait_for(pid_t child, int fd)
{
	char byte;
	ssize_t n;
	int status = 0;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(0);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void point_nowhere(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	(void)dup2(null, fd);
	close(null);
}

int detach_fork(struct err *err)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		err_sys(err, "cannot make a pipe");
		return -1;
	}
	child = fork();
	if (child < 0) {
		err_sys(err, "cannot start a process");
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	if (child > 0) {
		close(ends[1]);
		wait_for(child, ends[0]);
	}
	close(ends[0]);
	(void)setsid();
	point_nowhere(STDIN_FILENO);
	point_nowhere(STDOUT_FILENO);
	return ends[1];
}

bool detach_ready(int fd)
{
	struct stat st;
	bool waited;

	if (!log_is_journal() &&
	    (fstat(STDERR_FILENO, &st) < 0 || !S_ISREG(st.st_mode)))
		point_nowhere(STDERR_FILENO);
	waited = write(fd, "", 1) == 1;
	close(fd);
	return waited;
}
