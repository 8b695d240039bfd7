/* SPDX-License-Identifier: MIT */
/*
 * io_ring, and the levels of an engine. Where io_uring does not work there is
 * only that to be seen.
 */
#include "tests/unit/plugs/world.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "plugs/io_ring.h"

#define HEADER 10 /* of virtio-net */
#define LEN    60

static unsigned taken = FRAME_BURST; /* at most, by the next submit */
static int redirected = -1;          /* the 6th write of it goes there */

/* In place of liburing's, which the ring would call. */
int io_uring_submit(struct io_uring *uring)
{
	int (*real)(struct io_uring *) =
		(int (*)(struct io_uring *))dlsym(RTLD_NEXT, "io_uring_submit");
	unsigned queued = io_uring_sq_ready(uring);

	if (taken == 0)
		return -EAGAIN;
	if (redirected >= 0)
		uring->sq.sqes[(uring->sq.sqe_head + 5) & uring->sq.ring_mask]
			.fd = redirected;
	if (queued > taken)
		uring->sq.sqe_tail -= queued - taken;
	taken = 0;
	return real(uring);
}

struct rig {
	struct io_ring *ring;
	int fds[2]; /* of the ring, of the peer */
	uint8_t data[FRAME_BURST][LEN];
	struct wire wires[FRAME_BURST];
	int errnums[FRAME_BURST];
};

static void pair(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX,
				    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
				    0, fds),
			 0);
}

static void setup(struct rig *r)
{
	struct err err;

	taken = FRAME_BURST;
	redirected = -1;
	r->ring = io_ring_new(&err);
	if (!r->ring) {
		print_message("%s\n", err.msg);
		skip();
	}
	pair(r->fds);
	for (uint32_t i = 0; i < FRAME_BURST; i++) {
		struct frame f = {.data = r->data[i], .len = LEN};

		memset(r->data[i], (int)i, LEN);
		wire_whole(&r->wires[i], &f);
		r->errnums[i] = -1;
	}
}

static void teardown(struct rig *r)
{
	io_ring_free(r->ring);
	(void)close(r->fds[0]);
	(void)close(r->fds[1]);
}

static unsigned put(struct rig *r, unsigned n)
{
	taken = FRAME_BURST;
	return io_ring_write(r->ring, r->fds[0], r->wires, n, r->errnums);
}

/* The peer reads one: a header of zeros and the frame with this number. */
static void check_next(const struct rig *r, unsigned number)
{
	static const uint8_t zeros[HEADER];
	uint8_t got[HEADER + LEN + 1];

	assert_int_equal(recv(r->fds[1], got, sizeof(got), 0), HEADER + LEN);
	assert_memory_equal(got, zeros, HEADER);
	assert_memory_equal(got + HEADER, r->data[number], LEN);
}

static void check_no_more(const struct rig *r)
{
	char c;

	assert_int_equal(recv(r->fds[1], &c, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
}

static void all_are_written_in_order(void **state)
{
	struct rig r;

	setup(&r);
	for (unsigned n = 2; n <= 8; n++) {
		assert_int_equal(put(&r, n), n);
		for (unsigned i = 0; i < n; i++) {
			assert_int_equal(r.errnums[i], 0);
			check_next(&r, i);
		}
		check_no_more(&r);
	}
	teardown(&r);
}

/* Of any length, with a tag between two pieces: the header, then the frame. */
static void pieces_arrive_as_one(void **state)
{
	static const uint8_t tag[FRAME_TAG] = {0x81, 0x00, 0x60, 0x0a};
	static uint8_t data[1514];
	uint8_t want[HEADER + sizeof(data) + FRAME_TAG];
	uint8_t got[sizeof(want) + 1];
	struct rig r;

	setup(&r);
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (uint32_t len = FRAME_HEADER; len <= sizeof(data); len++) {
		const struct frame f = {.data = data,
					.len = len,
					.off = {.flags = 1, .csum_start = 14}};

		wire_make(&r.wires[0], &f, TAG_PUSH, tag);
		memset(want, 0, HEADER);
		memcpy(want, &r.wires[0].off, sizeof(r.wires[0].off));
		wire_copy(&r.wires[0], want + HEADER);
		assert_int_equal(put(&r, 2), 2);
		assert_int_equal(recv(r.fds[1], got, sizeof(got), 0),
				 HEADER + len + FRAME_TAG);
		assert_memory_equal(got, want, HEADER + len + FRAME_TAG);
		check_next(&r, 1);
	}
	teardown(&r);
}

static void large_ones_and_a_single_one_are_not_for_it(void **state)
{
	static uint8_t data[30000];
	struct frame f = {.data = data, .len = sizeof(data)};
	struct rig r;

	setup(&r);
	assert_int_equal(put(&r, 1), 0);
	for (unsigned i = 2; i < 6; i++)
		wire_whole(&r.wires[i], &f);
	assert_int_equal(put(&r, 8), 4);
	memmove(r.wires, r.wires + 4, 4 * sizeof(r.wires[0]));
	assert_int_equal(put(&r, 4), 4);
	f.len = FRAME_MAX;
	wire_whole(&r.wires[0], &f);
	assert_int_equal(put(&r, 4), 0);
	teardown(&r);
}

static void behind_the_first_that_must_wait_none_is_sent(void **state)
{
	unsigned n, rest;
	struct rig r;

	setup(&r);
	/* A queue has room for a dozen by default, and perhaps for hundreds. */
	do
		n = put(&r, FRAME_BURST);
	while (n == FRAME_BURST && r.errnums[n - 1] == 0);
	assert_int_equal(r.errnums[n - 1], EAGAIN);
	for (unsigned i = 0; i + 1 < n; i++)
		assert_int_equal(r.errnums[i], 0);
	assert_int_equal(put(&r, FRAME_BURST), 1);
	assert_int_equal(r.errnums[0], EAGAIN);
	for (rest = 0; recv(r.fds[1], r.data[0], LEN, 0) > 0; rest++)
		;
	assert_int_equal(rest % FRAME_BURST, n - 1);
	teardown(&r);
}

static void what_was_overtaken_is_not_sent_again(void **state)
{
	struct rig r;
	int full[2];

	setup(&r);
	pair(full);
	while (send(full[0], "", 1, 0) == 1)
		;
	redirected = full[0];
	assert_int_equal(put(&r, 8), 8);
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(r.errnums[i], i == 5 ? ENOMEM : 0);
		if (i != 5)
			check_next(&r, i);
	}
	check_no_more(&r);
	(void)close(full[0]);
	(void)close(full[1]);
	teardown(&r);
}

/* It has no memory for a request: that is tried again, and never too late. */
static void what_the_kernel_does_not_take_was_never_queued(void **state)
{
	struct rig r;

	setup(&r);
	taken = 0;
	assert_int_equal(io_ring_write(r.ring, r.fds[0], r.wires, 8, r.errnums),
			 1);
	assert_int_equal(r.errnums[0], ENOBUFS);
	check_no_more(&r);
	taken = 3;
	assert_int_equal(io_ring_write(r.ring, r.fds[0], r.wires, 8, r.errnums),
			 4);
	assert_int_equal(r.errnums[3], ENOBUFS);
	for (unsigned i = 0; i < 3; i++)
		check_next(&r, i);
	assert_int_equal(put(&r, 2), 2);
	check_next(&r, 0);
	check_next(&r, 1);
	check_no_more(&r);
	teardown(&r);
}

static void a_lost_peer_is_told_of_each(void **state)
{
	struct rig r;

	setup(&r);
	(void)close(r.fds[1]);
	assert_int_equal(put(&r, 4), 4);
	assert_int_equal(r.errnums[0], ECONNREFUSED);
	for (unsigned i = 1; i < 4; i++)
		assert_int_equal(r.errnums[i], ENOTCONN);
	r.fds[1] = -1;
	teardown(&r);
}

/* As a TAP is before Linux 6.4. */
static void what_can_only_wait_is_not_for_it(void **state)
{
	struct rig r;

	setup(&r);
	(void)close(r.fds[0]);
	r.fds[0] = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(r.fds[0] >= 0);
	assert_int_equal(put(&r, 8), 0);
	teardown(&r);
}

/* --- Levels ------------------------------------------------------------- */

static void levels_have_names(void **state)
{
	static const char *const names[] = {"auto", "epoll", "uring"};
	enum io_level level;

	for (int i = 0; i < IO_LEVEL_COUNT; i++) {
		assert_true(io_level_parse(names[i], &level));
		assert_int_equal(level, i);
	}
	assert_false(io_level_parse("", &level));
	assert_false(io_level_parse("uring ", &level));
}

static void an_engine_is_what_it_is_told_to_be(void **state)
{
	struct io_engine *engine;
	struct err err;
	uv_loop_t loop;

	assert_int_equal(uv_loop_init(&loop), 0);
	engine = io_engine_new(&loop, IO_EPOLL, &err);
	assert_string_equal(io_engine_name(engine), "epoll");
	assert_string_equal(io_engine_lacks(engine), "");
	io_engine_free(engine);
	taken = FRAME_BURST;
	engine = io_engine_new(&loop, IO_URING, &err);
	if (engine) {
		assert_string_equal(io_engine_name(engine), "uring");
		io_engine_free(engine);
	}
	assert_int_equal(uv_loop_close(&loop), 0);
}

/* From now on the kernel refuses to set up an io_uring, as it does in many
 * containers. */
static bool forbid(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = 4, .filter = filter};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static bool falls_back(uv_loop_t *loop)
{
	struct err err = {.msg = ""};
	struct io_engine *engine;
	bool good;

	if (io_engine_new(loop, IO_URING, &err) ||
	    !strstr(err.msg, "Operation not permitted"))
		return false;
	engine = io_engine_new(loop, IO_AUTO, &err);
	good = engine && strcmp(io_engine_name(engine), "epoll") == 0 &&
	       strstr(io_engine_lacks(engine), "Operation not permitted");
	io_engine_free(engine);
	return good;
}

static void where_it_is_forbidden_auto_is_epoll(void **state)
{
	uv_loop_t loop;
	int status;
	pid_t pid;

	assert_int_equal(uv_loop_init(&loop), 0);
	pid = fork();
	if (pid == 0)
		_exit(forbid() && falls_back(&loop) ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_written_in_order),
		cmocka_unit_test(pieces_arrive_as_one),
		cmocka_unit_test(large_ones_and_a_single_one_are_not_for_it),
		cmocka_unit_test(behind_the_first_that_must_wait_none_is_sent),
		cmocka_unit_test(what_was_overtaken_is_not_sent_again),
		cmocka_unit_test(
			what_the_kernel_does_not_take_was_never_queued),
		cmocka_unit_test(a_lost_peer_is_told_of_each),
		cmocka_unit_test(what_can_only_wait_is_not_for_it),
		cmocka_unit_test(levels_have_names),
		cmocka_unit_test(an_engine_is_what_it_is_told_to_be),
		cmocka_unit_test(where_it_is_forbidden_auto_is_epoll),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
