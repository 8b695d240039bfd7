/* SPDX-License-Identifier: MIT */
/* Descriptors that come with requests. */
#include <sys/mman.h>

#include "tests/unit/switchd/ctl_peer.h"

static void say_with(int fd, const char *text, int passed, int count)
{
	union {
		char buf[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr align;
	} control = {.buf = ""};
	struct iovec iov = {(char *)(uintptr_t)text, strlen(text)};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.buf,
			     .msg_controllen = CMSG_SPACE(count * sizeof(int))};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(count * sizeof(int));
	for (int i = 0; i < count; i++)
		memcpy(CMSG_DATA(cmsg) + i * sizeof(passed), &passed,
		       sizeof(passed));
	assert_int_equal(sendmsg(fd, &msg, MSG_NOSIGNAL), strlen(text));
}

static void say_with_fds(int fd, const char *text, int count)
{
	say_with(fd, text, fd, count);
}

/* Descriptors that come with a request are not kept: not with one that has no
 * use for them, nor with half of one, nor with too many, nor when watching. */
static void descriptors(void **state)
{
	struct lab_rig *f = *state;
	struct ctl *ctl = begin(f);
	int fd = dial(f);
	unsigned before = open_fds();

	for (int count = 1; count <= 4; count++) {
		say_with_fds(fd, SHOW, count);
		rounds(f, 5);
		assert_int_equal(lines(fd), 1);
		assert_int_equal(open_fds(), before);
	}
	for (int i = 0; i < 3; i++) {
		say_with_fds(fd, "{\"jsonrpc\":", 2);
		rounds(f, 5);
		assert_int_equal(open_fds(), before + 1);
	}
	say(fd, "\n", 1); /* no JSON */
	rounds(f, 5);
	assert_int_equal(lines(fd), 1);
	assert_int_equal(open_fds(), before);
	say_with_fds(fd, WATCH, 1);
	rounds(f, 5);
	say_with_fds(fd, SHOW, 1);
	rounds(f, 5);
	assert_int_equal(lines(fd), 1);
	assert_int_equal(open_fds(), before);
	say_with_fds(fd, "half", 1);
	close(fd);
	rounds(f, 5);
	assert_int_equal(open_fds(), before - 2); /* both ends */
	end(f, ctl);
}

/* The descriptor of the last of several requests that arrive together. */
static void descriptor_of_a_later_request(void **state)
{
	static const char apply[] = "{\"jsonrpc\":\"2.0\",\"id\":1,"
				    "\"method\":\"apply\","
				    "\"params\":{\"file\":\"f\"}}\n";
	struct lab_rig *f = *state;
	struct ctl *ctl = begin(f);
	int fd = dial(f);
	unsigned before = open_fds();
	char text[4096] = "";

	say(fd, SHOW, strlen(SHOW));
	say_with_fds(fd, apply, 1); /* of a socket, which is refused */
	rounds(f, 10);
	assert_true(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT) > 0);
	assert_non_null(strstr(text, "not of a regular file"));
	assert_int_equal(open_fds(), before);
	close(fd);
	rounds(f, 5);
	end(f, ctl);
}

static void wake(void *ctx)
{
	ctl_wake(*(struct ctl **)ctx);
}

/* Rounds of the loop until there is a line, which it returns. */
static const char *await_line(struct lab_rig *f, int fd)
{
	static char text[16384];
	size_t len = 0;

	for (int i = 0; i < 4000 && !(len && text[len - 1] == '\n'); i++) {
		ssize_t n = recv(fd, text + len, 1, 0);

		len += n > 0;
		if (n > 0)
			continue;
		(void)uv_run(&f->loop, UV_RUN_NOWAIT);
		(void)usleep(5000);
	}
	assert_true(len > 0 && text[len - 1] == '\n');
	text[len] = '\0';
	return text;
}

/* One that waits keeps its descriptor and its place before the next. */
static void a_request_can_wait(void **state)
{
	static const char text[] =
		CTL_LAB_TEXT "captures: [{of: lan, file: x, filter: arp or}]";
	static const char apply[] = "{\"jsonrpc\":\"2.0\",\"id\":7,"
				    "\"method\":\"apply\","
				    "\"params\":{\"file\":\"f\"}}\n" SHOW;
	struct lab_rig *f = *state;
	struct ctl *ctl = begin(f);
	int fd = dial(f);
	int memory = memfd_create("test", MFD_CLOEXEC);
	unsigned before = open_fds();

	f->lab.captures.filters.loop = &f->loop;
	f->lab.captures.filters.wake = wake;
	f->lab.captures.filters.ctx = &ctl;
	assert_int_equal(write(memory, text, strlen(text)), strlen(text));
	say_with(fd, apply, memory, 1);
	assert_non_null(strstr(await_line(f, fd), "capture 'x': 'filter'"));
	assert_non_null(strstr(await_line(f, fd), "\"lab\":\"small\""));
	assert_int_equal(open_fds(), before);

	say_with(fd, apply, memory, 1); /* and goes in the middle */
	rounds(f, 2);
	close(fd);
	rounds(f, 2);
	end(f, ctl);
	ctl = NULL;
	while (f->lab.captures.filters.busy)
		(void)uv_run(&f->loop, UV_RUN_ONCE);
	close(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors),
		cmocka_unit_test(descriptor_of_a_later_request),
		cmocka_unit_test(a_request_can_wait),
	};

	return cmocka_run_group_tests(tests, ctl_lab_begin, lab_rig_end);
}
