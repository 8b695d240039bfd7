/* SPDX-License-Identifier: MIT */
/* What is on its way to the switch, from it, and what is waited for. */
#include "tests/unit/nat/nat_conf.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugs/nat/child/inbox.h"
#include "plugs/nat/child/outq.h"
#include "plugs/nat/child/pollset.h"
#include "plugs/nat/child/vnet.h"
#include "tests/unit/nat/guest_frames.h"

static void pair(int fd[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
}

/* A switch that does not read costs frames, the newest, and nothing else. */
static void a_full_queue_drops_the_newest(void **state)
{
	int fd[2];
	struct outq *q;
	static uint8_t frame[60000];
	static uint8_t got[61000];
	unsigned taken = 0;
	unsigned read = 0;
	uint8_t *room;

	pair(fd);
	q = outq_new(fd[0]);
	assert_non_null(q);
	for (unsigned i = 0; i < 1000; i++) {
		room = outq_reserve(q, sizeof(frame));
		if (!room)
			continue;
		put32(room, taken++);
		outq_commit(q, sizeof(frame), &(struct offload){0});
	}
	assert_true(taken < 1000);
	assert_false(outq_flush(q));
	for (bool more = true; more; read++) {
		ssize_t n;

		more = !outq_flush(q);
		n = recv(fd[1], got, sizeof(got), MSG_DONTWAIT);
		assert_int_equal(n, sizeof(frame) + VNET_HEADER);
		assert_int_equal(get32(got + VNET_HEADER), read);
	}
	while (recv(fd[1], got, sizeof(got), MSG_DONTWAIT) > 0)
		assert_int_equal(get32(got + VNET_HEADER), read++);
	assert_int_equal(read, taken);
	/* Small ones are bounded by their number. */
	for (taken = 0; taken < 100000 && outq_reserve(q, 60); taken++)
		outq_put(q, frame, 60);
	assert_true(taken >= OUTQ_FRAMES && taken < 100000);
	outq_free(q);
	(void)close(fd[0]);
	(void)close(fd[1]);
}

static void give(int fd, const uint8_t *frame, uint32_t len,
		 const struct offload *off)
{
	static uint8_t message[70000];

	vnet_write(message, off);
	memcpy(message + VNET_HEADER, frame, len);
	assert_int_equal(send(fd, message, VNET_HEADER + len, 0),
			 VNET_HEADER + len);
}

struct seen {
	unsigned frames;
	uint32_t len[64];
};

static void on_input(void *ctx, const uint8_t *data, uint32_t len)
{
	struct seen *seen = ctx;
	struct packet p;

	assert_true(is_right(data, len, &p));
	seen->len[seen->frames++] = len;
}

/* Gives IPv4 its identification: they count up in what becomes one. */
static void identify(uint8_t *frame, uint16_t id)
{
	uint8_t *ip = frame + FRAME_HEADER;

	put16(ip + 4, id);
	put16(ip + 10, 0);
	put16(ip + 10, (uint16_t)~inet_fold(inet_sum(ip, 20)));
}

static void segments_become_one(void **state)
{
	struct inbox *inbox = inbox_new();
	struct seen seen = {0};
	struct segment s = {.src = "10.0.2.15",
			    .dst = "192.0.2.1",
			    .flags = TCP_ACK,
			    .len = 1000};
	const struct offload claim = {.flags = 1, .csum_start = 5};
	uint8_t frame[2000];
	uint64_t bad = 0;
	int fd[2];
	int n;

	assert_non_null(inbox);
	pair(fd);
	for (uint16_t i = 0; i < 5; i++, s.seq += 1000) {
		uint32_t len = make_tcp(&s, true, frame);

		identify(frame, i);
		give(fd[0], frame, len, &(struct offload){0});
	}
	give(fd[0], frame, 60, &claim);
	give(fd[0], frame, 0, &(struct offload){0});
	n = inbox_receive(inbox, fd[1], &bad);
	assert_int_equal(n, 7);
	assert_int_equal(bad, 2);
	for (int i = 0; i < n; i++) {
		uint32_t len;
		uint8_t *data = inbox_frame(inbox, i, &len);

		assert_int_equal(data != NULL, i < 5);
		if (data)
			inbox_pass(inbox, data, len);
	}
	inbox_feed(inbox, on_input, &seen);
	assert_int_equal(seen.frames, 1);
	assert_int_equal(seen.len[0], 54 + 5000);
	assert_int_equal(inbox_receive(inbox, fd[1], &bad), 0);
	(void)close(fd[0]);
	assert_int_equal(inbox_receive(inbox, fd[1], &bad), -1);
	(void)close(fd[1]);
	inbox_free(inbox);
}

static void only_what_is_wanted_now_is_waited_for(void **state)
{
	struct err err;
	struct pollset *set = pollset_new(&err);
	struct pollset_event events[POLLSET_EVENTS];
	int fd[2];

	assert_non_null(set);
	pair(fd);
	pollset_begin(set);
	pollset_want(set, fd[0], EPOLLOUT);
	pollset_want(set, fd[1], EPOLLIN);
	pollset_end(set);
	assert_int_equal(pollset_wait(set, 0, events), 1);
	assert_int_equal(events[0].fd, fd[0]);
	assert_int_equal(events[0].owner, POLLSET_SLIRP);
	assert_int_equal(pollset_ready(set, fd[0]), EPOLLOUT);
	assert_int_equal(pollset_ready(set, fd[1]), 0);
	pollset_begin(set);
	pollset_want(set, fd[1], EPOLLIN);
	pollset_end(set);
	assert_int_equal(pollset_wait(set, 0, events), 0);
	assert_int_equal(pollset_ready(set, fd[0]), 0);
	assert_int_equal(send(fd[0], "x", 1, 0), 1);
	assert_int_equal(pollset_wait(set, 0, events), 1);
	/* Closed and opened again under the same number. */
	pollset_forget(set, fd[1]);
	assert_int_equal(pollset_ready(set, fd[1]), 0);
	assert_int_equal(dup2(fd[0], fd[1]), fd[1]);
	pollset_begin(set);
	pollset_want(set, fd[1], EPOLLIN);
	pollset_end(set);
	assert_int_not_equal(pollset_wait(set, 0, events), 0); /* HUP */
	(void)close(fd[0]);
	(void)close(fd[1]);
	pollset_free(set);
}

static void sockets_are_counted_once(void **state)
{
	struct err err;
	struct pollset *set = pollset_new(&err);

	assert_non_null(set);
	pollset_open(set, 1000);
	pollset_open(set, 1000);
	pollset_open(set, 3);
	pollset_open(set, -1);
	assert_int_equal(pollset_count(set), 2);
	pollset_forget(set, 1000);
	pollset_forget(set, 1000);
	pollset_forget(set, 77);
	pollset_forget(set, -1);
	assert_int_equal(pollset_count(set), 1);
	pollset_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_queue_drops_the_newest),
		cmocka_unit_test(segments_become_one),
		cmocka_unit_test(only_what_is_wanted_now_is_waited_for),
		cmocka_unit_test(sockets_are_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
