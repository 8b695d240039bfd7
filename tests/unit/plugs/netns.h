/* SPDX-License-Identifier: MIT */
/*
 * netns: a network namespace of the test's own, so that it may make and break
 * interfaces.
 */
#ifndef LABSWITCH_TESTS_PLUGS_NETNS_H
#define LABSWITCH_TESTS_PLUGS_NETNS_H

#include "tests/cmocka.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void netns_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

/* Without root: in a user namespace in which we are. */
static inline void netns_unshare(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	assert_int_equal(unshare(CLONE_NEWNET | (uid == 0 ? 0 : CLONE_NEWUSER)),
			 0);
	if (uid == 0)
		return;
	netns_write("/proc/self/setgroups", "deny");
	(void)snprintf(map, sizeof(map), "0 %u 1", (unsigned)uid);
	netns_write("/proc/self/uid_map", map);
	(void)snprintf(map, sizeof(map), "0 %u 1", (unsigned)gid);
	netns_write("/proc/self/gid_map", map);
}

/* Runs a shell command, which must succeed. */
__attribute__((format(printf, 1, 2))) static inline void run(const char *fmt,
							     ...)
{
	char command[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

/* A child that does nothing in a network namespace of its own. */
static inline pid_t netns_child(void)
{
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* It must not outlive a test that has failed. */
		bool ok = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
			  unshare(CLONE_NEWNET) == 0;

		(void)!write(ready[1], ok ? "y" : "n", 1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(c, 'y');
	(void)close(ready[0]);
	(void)close(ready[1]);
	return pid;
}

static inline void netns_child_end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

/* An interface's mtu, or -1 if there is none of that name. */
static inline int netns_mtu(const char *ifname)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = {.ifr_mtu = -1};

	(void)snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	if (ioctl(sock, SIOCGIFMTU, &ifr) < 0)
		ifr.ifr_mtu = -1;
	(void)close(sock);
	return ifr.ifr_mtu;
}

#endif
