/* SPDX-License-Identifier: MIT */
/*
 * fake_nat: a test that is its own NAT process. A test program whose main()
 * begins with FAKE_NAT(argv) is started again, as NAT_PROGRAM, by a port of
 * kind nat whose world has `nat_program = FAKE_NAT_PROGRAM`. It sends frames
 * back as they come; `domain:` says in which way it misbehaves.
 */
#ifndef LABSWITCH_TESTS_PLUGS_FAKE_NAT_H
#define LABSWITCH_TESTS_PLUGS_FAKE_NAT_H

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plugs/nat/msg.h"

#define FAKE_NAT_PROGRAM "/proc/self/exe"
#define FAKE_NAT(argv)                                                         \
	do {                                                                   \
		if (strcmp((argv)[0], NAT_PROGRAM) == 0)                       \
			_exit(fake_nat_run());                                 \
	} while (0)

#define FAKE_NAT_TAKEN 1111 /* an outer port that cannot be had */

extern char **environ;

static inline void fake_nat_say(const struct nat_msg *msg)
{
	(void)nat_msg_send(NAT_FD_CONTROL, msg, NULL);
}

static inline void fake_nat_note(const char *text)
{
	struct nat_msg msg = {.type = NAT_MSG_NOTE};

	(void)snprintf(msg.note, sizeof(msg.note), "%s", text);
	fake_nat_say(&msg);
}

static inline void fake_nat_lease(uint8_t last, const char *name, bool bound)
{
	struct nat_msg msg = {.type = NAT_MSG_LEASE};
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	msg.lease = (struct lease){.mac = {{2, 0, 0, 0, 0, last}},
				   .addr = {10, 0, 2, last},
				   .expires = ((uint64_t)now.tv_sec + 3600) *
					      1000000000u,
				   .bound = bound};
	(void)snprintf(msg.lease.name, sizeof(msg.lease.name), "%s", name);
	fake_nat_say(&msg);
}

/* What it has of its parent's. */
static inline void fake_nat_inventory(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned fds = 0;
	char text[80];

	while (dir && readdir(dir))
		fds++;
	if (dir)
		(void)closedir(dir);
	(void)snprintf(text, sizeof(text), "%u descriptors, %s, %s", fds - 3,
		       environ && environ[0] ? "environment" : "no environment",
		       getsid(0) == getpid() ? "own session" : "our session");
	fake_nat_note(text);
}

static inline void fake_nat_ready(void)
{
	struct nat_msg msg = {.type = NAT_MSG_READY};

	(void)snprintf(msg.ready.version, sizeof(msg.ready.version), "4.7\x1b");
	msg.ready.ping = true;
	fake_nat_say(&msg);
}

static inline void fake_nat_misbehave(const char *how)
{
	struct nat_msg msg = {.type = NAT_MSG_FORWARD};

	if (strcmp(how, "dies") == 0)
		_exit(3);
	if (strcmp(how, "killed") == 0)
		(void)raise(SIGKILL);
	if (strcmp(how, "short") == 0)
		(void)send(NAT_FD_CONTROL, "short", 5, 0);
	if (strcmp(how, "bool") == 0) {
		memset(&msg.forwarded.ok, 7, 1);
		fake_nat_say(&msg);
	}
	if (strcmp(how, "twice") == 0)
		fake_nat_ready();
	if (strcmp(how, "parent") == 0) {
		msg.type = NAT_MSG_START;
		fake_nat_say(&msg);
	}
	if (strcmp(how, "chatty") == 0) {
		for (int i = 0; i < 100; i++)
			fake_nat_note("red \x1b[31m\n");
		fake_nat_lease(15, "alice", true);
		fake_nat_lease(16, "bob", true);
		fake_nat_lease(2, "gateway", true);
		fake_nat_lease(17, "ev\x1bil", true);
		fake_nat_lease(16, "bob", false);
	}
	if (strcmp(how, "stats") == 0) {
		msg.type = NAT_MSG_STATS;
		msg.stats = (struct nat_stats){.flows = 3};
		msg.stats.count[NAT_STAT_NOT_OURS] = 5;
		fake_nat_say(&msg);
	}
	if (strcmp(how, "inventory") == 0)
		fake_nat_inventory();
	if (strcmp(how, "frameless") == 0)
		(void)close(NAT_FD_FRAMES);
	while (strcmp(how, "deaf") == 0)
		(void)pause();
}

/* Every ADD ends well but that of one port; and is told to be known. */
static inline void fake_nat_forward(const struct nat_forward *forward)
{
	struct nat_msg msg = {.type = NAT_MSG_FORWARD};

	msg.forwarded.forward = *forward;
	msg.forwarded.ok = forward->outer_port != FAKE_NAT_TAKEN;
	if (!msg.forwarded.ok)
		(void)snprintf(msg.forwarded.reason,
			       sizeof(msg.forwarded.reason), "taken\n");
	fake_nat_say(&msg);
}

/* Reads messages; false: the parent is gone. */
static inline bool fake_nat_obey(char *how, size_t size)
{
	struct nat_msg msg;
	struct err err;
	int n = nat_msg_receive(NAT_FD_CONTROL, &msg, &err);

	if (n <= 0)
		return n == 0;
	if (msg.type == NAT_MSG_CONF) {
		(void)snprintf(how, size, "%s", msg.conf.domain);
		if (strcmp(how, "early") == 0)
			fake_nat_ready();
	} else if (msg.type == NAT_MSG_FORWARD_ADD) {
		fake_nat_forward(&msg.forward);
	} else if (msg.type == NAT_MSG_FORWARD_DEL) {
		fake_nat_note("del");
	} else if (msg.type == NAT_MSG_LEASE) {
		fake_nat_note(msg.lease.name);
		(void)snprintf(how, size, "well-behaved");
	} else if (msg.type == NAT_MSG_START && strcmp(how, "mute") != 0) {
		fake_nat_ready();
		fake_nat_misbehave(how);
	}
	return true;
}

static inline int fake_nat_run(void)
{
	struct pollfd fds[] = {{NAT_FD_FRAMES, POLLIN, 0},
			       {NAT_FD_CONTROL, POLLIN, 0}};
	static char frame[70000];
	char how[NAT_DOMAIN_SIZE] = "";

	for (;;) {
		(void)poll(fds, 2, -1);
		if (fds[1].revents && !fake_nat_obey(how, sizeof(how)))
			return 0;
		if (fds[0].revents) {
			ssize_t n = recv(NAT_FD_FRAMES, frame, sizeof(frame),
					 MSG_DONTWAIT);

			if (n > 0)
				(void)send(NAT_FD_FRAMES, frame, (size_t)n, 0);
			else if (n == 0)
				fds[0].fd = -1;
		}
	}
}

#endif
