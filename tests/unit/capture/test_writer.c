/* SPDX-License-Identifier: MIT */
#include "tests/unit/capture/rig.h"

#include "capture/filter_compile.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* --- More than can be written ------------------------------------------- */

static void drops_when_the_ring_is_full(void **state)
{
	const uint32_t super = 45;
	struct capture_stats stats;
	struct wire w;
	struct rig r;
	uint64_t sent = 0;
	int fds[2];

	rig_init(&r);
	assert_int_equal(pipe(fds), 0);
	rig_start(&r, (struct capture_options){.fd = fds[1],
					       .ring = CAPTURE_RING_MIN});
	(void)rig_port(&r, "sw1.pc1");
	rig_super(&w, 44 * 1448 + 1);
	do {
		capture_frames(r.capture, 0, CAPTURE_RX, &w, 1, rig_now());
		sent += super;
		stats = capture_stats(r.capture);
		assert_int_equal(stats.dropped % super, 0);
		assert_true(stats.frames + stats.dropped <= sent);
	} while (stats.dropped < 10000);

	capture_stop(r.capture); /* while nobody reads */
	rig_wait(&r);
	assert_true(r.failed);
	assert_non_null(strstr(r.reason.msg, "reader"));
	assert_true(r.stats.frames >= super && r.stats.frames < 2000);
	assert_int_equal(r.stats.dropped, stats.dropped);
	(void)close(fds[0]);
	rig_done(&r);
}

static void does_not_drop_for_what_is_not_wanted(void **state)
{
	struct filter filter;
	struct wire super;
	struct rig r;

	rig_init(&r);
	assert_true(filter_compile("not tcp", &filter, NULL));
	rig_start(&r, (struct capture_options){.file = "a",
					       .filter = &filter,
					       .ring = CAPTURE_RING_MIN});
	filter_done(&filter);
	(void)rig_port(&r, "sw1.pc1");
	rig_super(&super, 44 * 1448 + 1);
	for (int i = 0; i < 100; i++) {
		for (int k = 0; k < 64; k++)
			capture_frames(r.capture, 0, CAPTURE_RX, &super, 1,
				       rig_now());
		rig_put(&r, 0, CAPTURE_RX, 1, 60);
	}
	rig_stop(&r);
	assert_int_equal(r.stats.frames, 100);
	assert_int_equal(r.stats.dropped, 0);
	rig_done(&r);
}

static void counts_in_the_file_what_was_dropped(void **state)
{
	static uint8_t buffer[65536];
	uint64_t sent = 0;
	struct rig r;
	ssize_t n;
	pid_t pid;
	int fds[2];

	rig_init(&r);
	assert_int_equal(pipe(fds), 0);
	rig_start(&r, (struct capture_options){.fd = fds[1],
					       .ring = CAPTURE_RING_MIN});
	(void)rig_port(&r, "sw1.idle");
	(void)rig_port(&r, "sw1.busy");
	do {
		rig_put(&r, 1, CAPTURE_TX, 1, 1000);
		sent++;
	} while (capture_stats(r.capture).dropped < 77);
	assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);

	pid = fork(); /* the reader wakes up */
	if (pid == 0) {
		int fd = open(rig_path(&r, "a"), O_WRONLY | O_CREAT, 0600);

		(void)close(fds[1]);
		while ((n = read(fds[0], buffer, sizeof(buffer))) > 0) {
			if (write(fd, buffer, (size_t)n) != n)
				_exit(1);
		}
		_exit(0);
	}
	assert_true(pid > 0);
	rig_stop(&r);
	for (int i = 0; i < 2000 && waitpid(pid, NULL, WNOHANG) == 0; i++)
		(void)usleep(10000);
	assert_int_equal(r.stats.frames + r.stats.dropped, sent);
	assert_int_equal(rig_count(&r, "a"), r.stats.frames);
	rig_read(&r, "a");
	assert_int_equal(rig_stat(&r, 0, 5), 0);
	assert_int_equal(rig_stat(&r, 1, 4), sent);
	assert_int_equal(rig_stat(&r, 1, 5), r.stats.dropped);
	(void)close(fds[0]);
	rig_done(&r);
}

static void ends_when_the_reader_is_gone(void **state)
{
	struct rig r;
	int fds[2];

	rig_init(&r);
	assert_int_equal(pipe(fds), 0);
	rig_start(&r, (struct capture_options){.fd = fds[1]});
	(void)rig_port(&r, "sw1.pc1");
	(void)close(fds[0]);
	rig_put(&r, 0, CAPTURE_RX, 1, 60);
	rig_wait(&r); /* SIGPIPE would have ended us */
	assert_true(r.failed);
	assert_string_equal(r.reason.msg, "its reader is gone");
	rig_done(&r);
}

static void ends_a_full_file_with_a_whole_block(void **state)
{
	static const struct format *const formats[] = {&format_pcapng,
						       &format_pcap};
	struct rlimit limit;
	struct rlimit old;
	struct rig r;

	rig_init(&r);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	for (int k = 0; k < 2; k++) {
		limit = old;
		limit.rlim_cur = 100001;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		rig_start(&r, (struct capture_options){.file = "a",
						       .format = formats[k]});
		(void)rig_port(&r, "sw1.pc1");
		for (int i = 0; i < 200; i++)
			rig_put(&r, 0, CAPTURE_RX, 1, 1000);
		rig_wait(&r); /* SIGXFSZ would have ended us */
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		assert_true(r.failed);
		assert_int_equal(r.reason.errnum, EFBIG);
		assert_true(rig_size(&r, "a") > 98000);
		assert_true(rig_count(&r, "a") > 90);
	}
	rig_done(&r);
}

/* --- Files -------------------------------------------------------------- */

static void rotates_by_size(void **state)
{
	static const char *const names[] = {"a", "a.1", "a.2"};
	struct rig r;

	rig_init(&r);
	rig_start(&r, (struct capture_options){
			      .file = "a", .rotate_bytes = 20000, .keep = 3});
	(void)rig_port(&r, "sw1.pc1");
	(void)rig_port(&r, "sw1.pc2");
	for (int i = 0; i < 100; i++)
		rig_put(&r, 1, CAPTURE_RX, 1, 1000);
	rig_stop(&r);
	for (int i = 0; i < 3; i++) {
		unsigned frames = rig_count(&r, names[i]);

		assert_true(frames > 0 && (i == 0 || frames == 19));
		assert_true(rig_size(&r, names[i]) < 20000 + 1000);
		rig_read(&r, names[i]);
		assert_int_equal(rig_blocks(&r, RIG_IDB), 2);
		assert_int_equal(rig_blocks(&r, RIG_ISB), 2);
	}
	assert_int_equal(rig_size(&r, "a.3"), -1);
	rig_done(&r);
}

static void rotates_by_time(void **state)
{
	struct rig r;

	rig_init(&r);
	rig_start(&r, (struct capture_options){.file = "a", .rotate_ns = 1});
	(void)rig_port(&r, "sw1.pc1");
	for (uint8_t i = 1; i <= 3; i++) {
		rig_put(&r, 0, CAPTURE_RX, i, 1000);
		rig_await_size(&r, "a", 1000);
		if (i == 1)
			assert_int_equal(rig_size(&r, "a.1"), -1);
		else
			rig_await_size(&r, "a.1", 1000);
		for (int k = 0; k < 2000; k++) {
			if (rig_try_read(&r, "a") && r.len > 1000 &&
			    memchr(r.bytes + r.len - 100, i, 40))
				break;
			(void)usleep(10000);
		}
	}
	rig_stop(&r);
	assert_int_equal(rig_count(&r, "a"), 1);
	assert_int_equal(rig_count(&r, "a.1"), 1);
	assert_int_equal(rig_size(&r, "a.2"), -1);
	rig_done(&r);
}

static void starts_twice(void **state)
{
	struct rig r;

	rig_init(&r);
	for (int i = 0; i < 3; i++) {
		rig_start(&r, (struct capture_options){.file = "a"});
		(void)rig_port(&r, "sw1.pc1");
		for (int k = 0; k <= i; k++)
			rig_put(&r, 0, CAPTURE_RX, 1, 60);
		rig_stop(&r);
	}
	assert_int_equal(rig_count(&r, "a"), 3);
	assert_int_equal(rig_count(&r, "a.1"), 2);
	assert_int_equal(rig_size(&r, "a.2"), -1);
	rig_done(&r);
}

static void can_be_read_while_it_runs(void **state)
{
	uint8_t block[FORMAT_BLOCK_MAX];
	size_t size = format_pcapng.header(block, NULL, 0) +
		      format_pcapng.interface(block, "sw1.pc1", 0);
	struct rig r;

	rig_init(&r);
	rig_start(&r, (struct capture_options){.file = "a"});
	(void)rig_port(&r, "sw1.pc1");
	rig_await_size(&r, "a", (off_t)size); /* before the first frame */
	for (unsigned i = 1; i <= 50; i++) {
		rig_put(&r, 0, CAPTURE_RX, 1, 1000);
		size += 44 + 1000;
		rig_await_size(&r, "a", (off_t)size);
		(void)usleep(i % 4 * 5000); /* it sleeps lightly, or deeply */
		assert_int_equal(rig_count(&r, "a"), i);
	}
	rig_stop(&r);
	rig_done(&r);
}

static void goes_round_the_ring(void **state)
{
	const uint32_t frames = 20000;
	struct rig r;

	rig_init(&r);
	rig_start(&r, (struct capture_options){.file = "a",
					       .ring = CAPTURE_RING_MIN});
	(void)rig_port(&r, "sw1.pc1");
	for (uint32_t i = 0; i < frames; i++)
		rig_put(&r, 0, CAPTURE_TX, 1, 14 + i % 1500);
	rig_stop(&r);
	assert_int_equal(r.stats.frames + r.stats.dropped, frames);
	assert_int_equal(rig_count(&r, "a"), r.stats.frames);
	rig_read(&r, "a");
	assert_int_equal(rig_stat(&r, 0, 4), frames);
	assert_int_equal(rig_stat(&r, 0, 5), r.stats.dropped);
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drops_when_the_ring_is_full),
		cmocka_unit_test(does_not_drop_for_what_is_not_wanted),
		cmocka_unit_test(counts_in_the_file_what_was_dropped),
		cmocka_unit_test(ends_when_the_reader_is_gone),
		cmocka_unit_test(ends_a_full_file_with_a_whole_block),
		cmocka_unit_test(rotates_by_size),
		cmocka_unit_test(rotates_by_time),
		cmocka_unit_test(starts_twice),
		cmocka_unit_test(can_be_read_while_it_runs),
		cmocka_unit_test(goes_round_the_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
