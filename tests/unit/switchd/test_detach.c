/* SPDX-License-Identifier: MIT */
#include "switchd/detach.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.h"

/* A parent that waits for its child to be ready. */
struct background {
	pid_t parent;
	int go;   /* a byte makes the child ready */
	int said; /* by the child: 'c' for itself, then 'y', or 'n' if nobody
		   * waited */
};

static _Noreturn void be_child(int ready_fd, int go, int said)
{
	char byte;

	if (write(said, "c", 1) != 1 || read(go, &byte, 1) != 1)
		_exit(1);
	_exit(write(said, detach_ready(ready_fd) ? "y" : "n", 1) == 1 ? 0 : 1);
}

static char read_byte(int fd)
{
	char byte = '\0';

	assert_int_equal(read(fd, &byte, 1), 1);
	return byte;
}

static struct background begin(void)
{
	struct background b;
	int go[2], said[2];
	struct err err;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(said), 0);
	b = (struct background){.parent = fork(), .go = go[1], .said = said[0]};
	assert_true(b.parent >= 0);
	if (b.parent == 0) {
		(void)signal(SIGPIPE, SIG_IGN);
		be_child(detach_fork(&err), go[0], said[1]);
	}
	close(go[0]);
	close(said[1]);
	assert_int_equal(read_byte(b.said), 'c');
	return b;
}

static char end(struct background *b)
{
	char said;

	assert_int_equal(write(b->go, "", 1), 1);
	said = read_byte(b->said);
	close(b->go);
	close(b->said);
	return said;
}

static void the_parent_ends_when_the_child_is_ready(void **state)
{
	struct background b = begin();
	int status;

	assert_int_equal(end(&b), 'y');
	assert_int_equal(waitpid(b.parent, &status, 0), b.parent);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void the_child_knows_that_nobody_waits(void **state)
{
	struct background b = begin();

	assert_int_equal(kill(b.parent, SIGKILL), 0);
	assert_int_equal(waitpid(b.parent, NULL, 0), b.parent);
	assert_int_equal(end(&b), 'n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parent_ends_when_the_child_is_ready),
		cmocka_unit_test(the_child_knows_that_nobody_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
