/* SPDX-License-Identifier: MIT */
/* A control socket in the test's own loop, and the other end of it. */
#ifndef LABSWITCH_TESTS_UNIT_SWITCHD_CTL_PEER_H
#define LABSWITCH_TESTS_UNIT_SWITCHD_CTL_PEER_H

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "switchd/ctl.h"
#include "tests/unit/switchd/ctl_lab.h"

#define WATCH                                                                  \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"watch\",\"params\":"       \
	"{\"names\":[\"lan\"]}}\n"
#define SHOW "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"show\"}\n"

static inline const char *path_of(const struct lab_rig *f, char path[108])
{
	(void)snprintf(path, 108, "%s/control", f->lab.run_dir);
	return path;
}

static inline struct ctl *begin(struct lab_rig *f)
{
	char path[108];
	struct err err;
	struct ctl *ctl = ctl_new(&f->lab, path_of(f, path), &err);

	if (!ctl)
		fail_msg("%s", err.msg);
	return ctl;
}

static inline void rounds(struct lab_rig *f, int count)
{
	while (count--)
		uv_run(&f->loop, UV_RUN_NOWAIT);
}

/* The socket file is gone and nothing is left that would run. */
static inline void end(struct lab_rig *f, struct ctl *ctl)
{
	char path[108];

	ctl_close(ctl);
	rounds(f, 3);
	assert_int_equal(access(path_of(f, path), F_OK), -1);
}

static inline int dial(struct lab_rig *f)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	path_of(f, to.sun_path);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)),
			 0);
	rounds(f, 2);
	return fd;
}

static inline void say(int fd, const char *text, size_t len)
{
	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), len);
}

/* Whether the other side has closed; what it said before is thrown away. */
static inline bool is_closed(int fd)
{
	char buf[4096];
	ssize_t n;

	do
		n = recv(fd, buf, sizeof(buf), 0);
	while (n > 0);
	return n == 0 || errno != EAGAIN;
}

/* How many whole lines have arrived. */
static inline unsigned lines(int fd)
{
	unsigned count = 0;
	char buf[4096];
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		for (ssize_t i = 0; i < n; i++)
			count += buf[i] == '\n';
	return count;
}

static inline unsigned open_fds(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

#endif
