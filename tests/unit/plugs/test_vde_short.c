/* SPDX-License-Identifier: MIT */
/* A VDE directory when descriptors run out while it is made. */
#include "tests/unit/plugs/vde_fixture.h"

#include <sys/resource.h>

#define ENOUGH 6

static int lowest_free(void)
{
	int fd = dup(STDIN_FILENO);

	(void)close(fd);
	return fd;
}

static void leave_free(const struct rlimit *limit, rlim_t count)
{
	struct rlimit low = *limit;

	assert_int_equal(setrlimit(RLIMIT_NOFILE, limit), 0);
	low.rlim_cur = (rlim_t)lowest_free() + count;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
}

/* Whether it is made with so many descriptors; then it turns clients away. */
static bool try_with(struct fixture *f, const struct vde_dir_conf *conf,
		     rlim_t count)
{
	int ctl = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int before = lowest_free();
	struct rlimit limit;
	struct vde_dir *dir;
	struct err err;

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/short/ctl",
		       f->base);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	leave_free(&limit, count);
	dir = vde_dir_new(conf, &f->env, fixture_route, fixture_note, f, &err);
	if (dir) {
		leave_free(&limit, 0);
		assert_int_equal(
			connect(ctl, (struct sockaddr *)&sun, sizeof(sun)), 0);
		fixture_run(f);
		assert_true(fixture_is_closed(ctl));
	}
	vde_dir_close(dir);
	fixture_run(f);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(lowest_free(), before);
	(void)close(ctl);
	return dir;
}

static void is_whole_or_not_made(void **state)
{
	struct fixture *f = *state;
	struct vde_dir_conf conf = {.mode = 0600};

	(void)snprintf(conf.path, sizeof(conf.path), "%s/short", f->base);
	assert_false(try_with(f, &conf, 0));
	for (rlim_t count = 1; count < ENOUGH; count++)
		(void)try_with(f, &conf, count);
	assert_true(try_with(f, &conf, ENOUGH));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			is_whole_or_not_made, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
