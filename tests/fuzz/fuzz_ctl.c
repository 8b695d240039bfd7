/* SPDX-License-Identifier: MIT */
/*
 * fuzz_ctl: up to a thousand clients of a control socket, of a lab without
 * switches. The input is a list of pairs: what is done, and to which client or
 * how often. Whatever they do, CTL_CLIENTS_MAX are served at most, every line
 * that is received is a message, one who comes then is answered, and when all
 * are gone no descriptor is left.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "switchd/cmd.h"
#include "switchd/ctl.h"
#include "switchd/lab.h"
#include "switchd/log.h"
#include "switchd/rpc.h"
#include "tests/fuzz/fuzz.h"

#define CROWD_MAX 1000
#define BATCH     16 /* clients that come without a round between them */
#define REQUEST   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"

struct one {
	int fd;
	bool torn; /* of the last line that was heard the end was not */
};

struct crowd {
	struct lab lab;
	uv_loop_t loop;
	struct sockaddr_un at;
	struct one ones[CROWD_MAX];
	unsigned count;
	unsigned dialled;
};

static void stop(struct lab *lab)
{
}

static void rounds(struct crowd *crowd, unsigned count)
{
	while (count--)
		uv_run(&crowd->loop, UV_RUN_NOWAIT);
}

static unsigned open_fds(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 2 * CROWD_MAX; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* --- What clients do ----------------------------------------------------- */

static void dial(struct crowd *crowd)
{
	const struct sockaddr *to = (const struct sockaddr *)&crowd->at;
	int fd;

	if (crowd->count == CROWD_MAX)
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert(fd >= 0 && connect(fd, to, sizeof(crowd->at)) == 0);
	crowd->ones[crowd->count++] = (struct one){.fd = fd};
	if (++crowd->dialled % BATCH == 0)
		rounds(crowd, BATCH);
}

static void say(int fd, const void *data, size_t len)
{
	(void)send(fd, data, len, MSG_NOSIGNAL);
}

static void say_often(int fd, char byte, size_t count)
{
	char *text = malloc(count);

	assert(text);
	memset(text, byte, count);
	say(fd, text, count);
	free(text);
}

/* Every line begins as a message, and so does what is not yet whole. */
static unsigned hear(struct one *one)
{
	static const char head[] = "{\"jsonrpc\":\"2.0\",";
	static char text[RPC_REPLY_MAX];
	size_t len = 0, at = 0;
	unsigned lines = 0;
	ssize_t n;

	while (len < sizeof(text) &&
	       (n = recv(one->fd, text + len, sizeof(text) - len, 0)) > 0)
		len += (size_t)n;
	while (at < len) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t known = len - at < sizeof(head) - 1 ? len - at
							   : sizeof(head) - 1;

		assert(one->torn || memcmp(text + at, head, known) == 0);
		one->torn = !end;
		lines += end != NULL;
		at = end ? (size_t)(end - text) + 1 : len;
	}
	return lines;
}

static void hang_up(struct crowd *crowd, unsigned i)
{
	close(crowd->ones[i].fd);
	crowd->ones[i] = crowd->ones[--crowd->count];
}

/* Returns how many bytes of what follows were said, too. */
static size_t act(struct crowd *crowd, uint8_t what, uint8_t arg,
		  const uint8_t *rest, size_t len)
{
	static const char show[] = REQUEST "\"show\"}\n";
	static const char watch[] = REQUEST "\"watch\"}\n";
	unsigned i = crowd->count ? arg % crowd->count : 0;
	size_t said = len < 1u + arg ? len : 1u + arg;

	if (what % 8 == 0)
		for (i = 0; i <= arg; i++)
			dial(crowd);
	else if (what % 8 == 1)
		rounds(crowd, arg);
	if (what % 8 < 2 || crowd->count == 0)
		return 0;
	if (what % 8 == 2)
		say(crowd->ones[i].fd, show, sizeof(show) - 1);
	else if (what % 8 == 3)
		say(crowd->ones[i].fd, watch, sizeof(watch) - 1);
	else if (what % 8 == 4)
		say_often(crowd->ones[i].fd, what & 8 ? '[' : '\xff',
			  what & 16 ? RPC_LINE_MAX + 1 : arg);
	else if (what % 8 == 5)
		(void)hear(&crowd->ones[i]);
	else if (what % 8 == 6)
		hang_up(crowd, i);
	else
		say(crowd->ones[crowd->count - 1].fd, rest, said);
	return what % 8 == 7 ? said : 0;
}

/* --- What must be so ----------------------------------------------------- */

/* The fuzzer's alarm may come at any time. */
static bool is_gone(int fd)
{
	struct pollfd p = {.fd = fd};
	int n;

	do
		n = poll(&p, 1, 0);
	while (n < 0 && errno == EINTR);
	assert(n >= 0);
	return p.revents & POLLHUP;
}

/* All that dialled have been let in by now, and most turned out again. */
static void check_served(struct crowd *crowd)
{
	unsigned served = 0;

	rounds(crowd, 2 * BATCH + CTL_CLIENTS_MAX);
	for (unsigned i = 0; i < crowd->count; i++)
		served += !is_gone(crowd->ones[i].fd);
	assert(served <= CTL_CLIENTS_MAX);
}

static void check_newcomer(struct crowd *crowd)
{
	static const char show[] = REQUEST "\"show\"}\n";

	if (crowd->count == CROWD_MAX)
		hang_up(crowd, 0);
	dial(crowd);
	say(crowd->ones[crowd->count - 1].fd, show, sizeof(show) - 1);
	rounds(crowd, BATCH);
	assert(hear(&crowd->ones[crowd->count - 1]) == 1);
}

static void run(struct crowd *crowd, const uint8_t *data, size_t size)
{
	for (size_t at = 0; at + 2 <= size;)
		at += 2 + act(crowd, data[at], data[at + 1], data + at + 2,
			      size - at - 2);
	check_served(crowd);
	check_newcomer(crowd);
	while (crowd->count) {
		(void)hear(&crowd->ones[0]);
		hang_up(crowd, 0);
	}
	rounds(crowd, 2 * BATCH);
}

/* An engine is too dear to be made for each input. */
static struct crowd *empty_crowd(void)
{
	static char topology[] = "lab: fuzz\n";
	static struct crowd crowd = {
		.lab = {.name = "fuzz", .taken = topology, .stop = stop},
		.at = {.sun_family = AF_UNIX},
	};
	struct rlimit limit;
	struct err err;

	if (crowd.lab.io)
		return &crowd;
	assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	log_open(LOG_LEVEL_ERR);
	assert(uv_loop_init(&crowd.loop) == 0);
	crowd.lab.loop = &crowd.loop;
	crowd.lab.io = io_engine_new(&crowd.loop, IO_AUTO, &err);
	crowd.lab.topo = topo_new();
	assert(crowd.lab.io && crowd.lab.topo);
	(void)snprintf(crowd.at.sun_path, sizeof(crowd.at.sun_path),
		       "/tmp/labswitch-fuzz-ctl.%d", getpid());
	return &crowd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct crowd *crowd = empty_crowd();
	unsigned before = open_fds();
	struct err err;
	struct ctl *ctl = ctl_new(&crowd->lab, crowd->at.sun_path, &err);

	assert(ctl);
	run(crowd, data, size);
	ctl_close(ctl);
	rounds(crowd, 3);
	assert(open_fds() == before);
	return 0;
}
