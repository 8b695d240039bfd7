/* SPDX-License-Identifier: MIT */
#include "switchd/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "switchd/rpc.h"
#include "switchd/tell.h"
#include "tests/unit/switchd/ctl_peer.h"

/* C5 */
static void only_we_may_open_it(void **state)
{
	struct ctl *ctl = begin(*state);
	char path[108];
	struct stat st;

	assert_int_equal(stat(path_of(*state, path), &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	end(*state, ctl);
}

static void stale_socket_or_other_file(void **state)
{
	struct lab_rig *f = *state;
	char path[108];
	struct err err;
	int fd;

	/* A socket that its owner has left behind. */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	{
		struct sockaddr_un at = {.sun_family = AF_UNIX};

		path_of(f, at.sun_path);
		assert_int_equal(
			bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	}
	close(fd);
	end(f, begin(f));

	fd = open(path_of(f, path), O_CREAT | O_WRONLY | O_EXCL, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_null(ctl_new(&f->lab, path, &err));
	assert_non_null(strstr(err.msg, "not a socket"));
	assert_int_equal(unlink(path), 0);

	assert_null(ctl_new(&f->lab, "/nonexistent/control", &err));
	assert_int_equal(err.errnum, ENOENT);
}

/* C1 */
static void byte_at_a_time(void **state)
{
	struct lab_rig *f = *state;
	struct ctl *ctl = begin(f);
	int fd = dial(f);

	for (size_t i = 0; i < strlen(SHOW); i++) {
		assert_int_equal(lines(fd), 0);
		say(fd, &SHOW[i], 1);
		rounds(f, 2);
	}
	rounds(f, 2);
	assert_int_equal(lines(fd), 1);
	close(fd);
	end(f, ctl);
}

/* All that was asked is answered, and then the connection ends. */
static void half_closed(void **state)
{
	struct lab_rig *f = *state;
	struct ctl *ctl = begin(f);
	int fd = dial(f);

	say(fd, SHOW SHOW SHOW, 3 * strlen(SHOW));
	shutdown(fd, SHUT_WR);
	rounds(f, 10);
	assert_int_equal(lines(fd), 3);
	assert_true(is_closed(fd));
	close(fd);
	end(f, ctl);
}

/* C4: one request a round, and none while an answer waits to be read. */
static void pipelining(void **state)
{
	struct lab_rig *f = *state;
	struct ctl *ctl = begin(f);
	int fd = dial(f);
	unsigned asked = 0, got = 0;

	for (int i = 0; i < 20000; i++) {
		ssize_t n = send(fd, SHOW, strlen(SHOW), MSG_NOSIGNAL);

		if (n != (ssize_t)strlen(SHOW))
			break;
		asked++;
	}
	rounds(f, 5000);
	got = lines(fd);
	assert_true(got < asked);
	while (got < asked) {
		rounds(f, 100);
		got += lines(fd);
	}
	assert_int_equal(got, asked);
	close(fd);
	end(f, ctl);
}

/* C2 */
static void too_long(void **state)
{
	struct lab_rig *f = *state;
	struct ctl *ctl = begin(f);
	int fd = dial(f);
	char *line = malloc(RPC_LINE_MAX);
	char reply[256] = "";

	assert_non_null(line);
	memset(line, 'x', RPC_LINE_MAX);
	for (size_t sent = 0; sent < RPC_LINE_MAX;) {
		ssize_t n = send(fd, line, RPC_LINE_MAX - sent, MSG_NOSIGNAL);

		if (n > 0)
			sent += (size_t)n;
		rounds(f, 2);
	}
	rounds(f, 5);
	assert_true(recv(fd, reply, sizeof(reply) - 1, 0) > 0);
	assert_non_null(strstr(reply, "too_large"));
	assert_true(is_closed(fd));
	free(line);
	close(fd);
	end(f, ctl);
}

/* C4: the one that has been silent longest makes room. */
static void too_many(void **state)
{
	struct lab_rig *f = *state;
	struct ctl *ctl = begin(f);
	int fds[CTL_CLIENTS_MAX + 2];
	char text[200] = "";

	for (int i = 0; i < CTL_CLIENTS_MAX + 2; i++)
		fds[i] = dial(f);
	assert_true(recv(fds[0], text, sizeof(text) - 1, 0) > 0);
	assert_non_null(strstr(text, "\"code\":-32001,"));
	assert_true(is_closed(fds[0]) && is_closed(fds[1]));
	assert_false(is_closed(fds[2]));
	say(fds[CTL_CLIENTS_MAX + 1], SHOW, strlen(SHOW));
	rounds(f, 5);
	assert_int_equal(lines(fds[CTL_CLIENTS_MAX + 1]), 1);
	for (int i = 0; i < CTL_CLIENTS_MAX + 2; i++)
		close(fds[i]);
	rounds(f, 2);
	end(f, ctl);
}

static const struct swport *port_a(struct lab_rig *f)
{
	struct err err;

	return lab_find_port(&f->lab, "lan.a", &err);
}

/* One answer, then only events, and only of what was asked for. */
static void watching(void **state)
{
	struct lab_rig *f = *state;
	struct ctl *ctl = begin(f);
	int fd = dial(f), other = dial(f);
	char text[4096] = "";
	struct err err;

	say(fd, WATCH, strlen(WATCH));
	rounds(f, 5);
	assert_true(recv(fd, text, sizeof(text), 0) > 0);
	assert_non_null(strstr(text, "\"id\":1,\"result\":{"));
	assert_true(events_watched(&f->lab.events));
	tell_client(port_a(f), "hello");
	tell_client(lab_find_port(&f->lab, "vlans.pc", &err), "not wanted");
	rounds(f, 5);
	memset(text, 0, sizeof(text));
	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	assert_non_null(strstr(text, "\"event\":\"client\",\"switch\":\"lan\","
				     "\"port\":\"lan.a\","
				     "\"text\":\"hello\"}}\n"));
	assert_null(strstr(text, "not wanted"));
	assert_null(strstr(text, "\"id\""));

	/* What a watcher says is not read; others are served. */
	say(fd, SHOW, strlen(SHOW));
	say(other, SHOW, strlen(SHOW));
	rounds(f, 5);
	assert_int_equal(lines(fd), 0);
	assert_int_equal(lines(other), 1);
	shutdown(fd, SHUT_WR);
	rounds(f, 5);
	assert_true(is_closed(fd));
	assert_false(events_watched(&f->lab.events));
	close(fd);
	close(other);
	end(f, ctl);
}

/* C3: a watcher that does not read holds up nobody, and is told its losses
 * when it does. */
static void watcher_that_stops_reading(void **state)
{
	struct lab_rig *f = *state;
	struct ctl *ctl = begin(f);
	int fd = dial(f), other = dial(f);
	const unsigned n = 20000;
	unsigned events = 0;
	long long lost = 0;
	char *text = calloc(1, 8u << 20);
	size_t len = 0;
	ssize_t got;

	assert_non_null(text);
	say(fd, WATCH, strlen(WATCH));
	rounds(f, 5);
	for (unsigned i = 0; i < n; i++) {
		if (i % 1000 == 0)
			events_tick(&f->lab.events);
		tell_client(port_a(f), "noise");
		if (i % 1000 == 0) {
			say(other, SHOW, strlen(SHOW));
			rounds(f, 5);
			assert_int_equal(lines(other), 1);
		}
	}
	do {
		rounds(f, 5);
		got = recv(fd, text + len, (8u << 20) - 1 - len, 0);
		len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	for (const char *at = text; (at = strstr(at, "\"event\":\"")); at++) {
		const char *count = strstr(at, "\"count\":");

		if (strncmp(at + 9, "lost", 4) == 0)
			lost += strtoll(count + 8, NULL, 10);
		else
			events += strncmp(at + 9, "client", 6) == 0;
	}
	assert_true(lost > 1000);
	assert_int_equal(events + lost, n);
	free(text);
	close(fd);
	close(other);
	rounds(f, 3);
	end(f, ctl);
}

/* Whoever watches is silent by nature: others make room before. */
static void watchers_stay_in_a_crowd(void **state)
{
	struct lab_rig *f = *state;
	struct ctl *ctl = begin(f);
	int fds[CTL_CLIENTS_MAX + 9];
	int fd = dial(f);

	say(fd, WATCH, strlen(WATCH));
	rounds(f, 5);
	for (int i = 0; i < CTL_CLIENTS_MAX + 9; i++)
		fds[i] = dial(f);
	assert_false(is_closed(fd));
	assert_true(is_closed(fds[0]));
	for (int i = 0; i < CTL_CLIENTS_MAX + 9; i++)
		close(fds[i]);
	close(fd);
	rounds(f, 3);

	/* But there is no place for more of them than that. */
	for (int i = 0; i < CTL_CLIENTS_MAX + 1; i++) {
		fds[i] = dial(f);
		say(fds[i], WATCH, strlen(WATCH));
		rounds(f, 5);
	}
	assert_true(is_closed(fds[0]));
	assert_false(is_closed(fds[1]));

	/* Nor do they keep out who asks. */
	fd = dial(f);
	for (int i = 0; i < CTL_CLIENTS_MAX / 2 - 1; i++) {
		close(fds[i]);
		fds[i] = dial(f);
	}
	say(fd, SHOW, strlen(SHOW));
	rounds(f, 5);
	assert_int_equal(lines(fd), 1);
	for (int i = 0; i < CTL_CLIENTS_MAX + 1; i++)
		close(fds[i]);
	close(fd);
	rounds(f, 3);
	end(f, ctl);
}

/* It is not opened without the descriptor that turning away takes. */
static void no_spare(void **state)
{
	struct lab_rig *f = *state;
	struct rlimit before, low;
	char path[108];
	struct err err;
	int next = dup(STDIN_FILENO);

	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	low = before;
	low.rlim_cur = (rlim_t)next + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	assert_null(ctl_new(&f->lab, path_of(f, path), &err));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(dup(STDIN_FILENO), next);
	close(next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_we_may_open_it),
		cmocka_unit_test(stale_socket_or_other_file),
		cmocka_unit_test(byte_at_a_time),
		cmocka_unit_test(half_closed),
		cmocka_unit_test(pipelining),
		cmocka_unit_test(too_long),
		cmocka_unit_test(too_many),
		cmocka_unit_test(no_spare),
		cmocka_unit_test(watching),
		cmocka_unit_test(watcher_that_stops_reading),
		cmocka_unit_test(watchers_stay_in_a_crowd),
	};

	return cmocka_run_group_tests(tests, ctl_lab_begin, lab_rig_end);
}
