/* SPDX-License-Identifier: MIT */
/* Who is not let in, and what becomes of connections that ask for nothing. */
#include "tests/cmocka.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include "plugs/vde_quota.h"
#include "tests/unit/plugs/vde_fixture.h"

#define NOBODY 65534

/* Sends these bytes and asserts that the connection is closed for `words`. */
static void assert_refused(struct fixture *f, const void *data, size_t len,
			   const char *words)
{
	int ctl = fixture_connect(f, "web");

	assert_int_equal(send(ctl, data, len, 0), len);
	fixture_run(f);
	assert_true(fixture_is_closed(ctl));
	if (!strstr(f->note, words))
		fail_msg("'%s' does not say '%s'", f->note, words);
	assert_int_equal(fixture_clients(f->port[0]), 0);
	(void)close(ctl);
}

static void refuse_path(struct fixture *f, const char *path, const char *words)
{
	struct vde_peer p = {.own = {.sun_family = AF_UNIX}};
	uint8_t request[256];

	(void)snprintf(p.own.sun_path, sizeof(p.own.sun_path), "%s", path);
	assert_refused(f, request, vde_peer_request(&p, 3, 0, "", request),
		       words);
}

static void refuses_bad_requests(void **state)
{
	struct fixture *f = *state;
	char path[160];
	int fd;

	assert_refused(f, "GET / HTTP/1.0\r\n", 16, "not a VDE request");
	refuse_path(f, "relative", "relative");
	refuse_path(f, "/run/../x", "'..'");
	refuse_path(f, "/nonexistent", "/nonexistent");

	(void)snprintf(path, sizeof(path), "%s/file", f->base);
	fd = creat(path, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	refuse_path(f, path, "not a socket");
	assert_int_equal(unlink(path), 0);

	/* Our own listener is a socket of our own uid, but not for datagrams,
	 * and it must survive being named. */
	(void)snprintf(path, sizeof(path), "%s/ctl", f->dir);
	refuse_path(f, path, "cannot connect");
	assert_int_equal(access(path, F_OK), 0);
}

static void refuses_links(void **state)
{
	struct fixture *f = *state;
	struct vde_peer p = vde_peer_new(f, ".1-0");
	char link[160];

	(void)snprintf(link, sizeof(link), "%s/link", f->base);
	assert_int_equal(symlink(p.own.sun_path, link), 0);
	refuse_path(f, link, "not a socket");
	assert_int_equal(unlink(link), 0);
	assert_int_equal(unlink(p.own.sun_path), 0);
	(void)close(p.data);
}

static void refuses_sockets_of_others(void **state)
{
	struct fixture *f = *state;
	struct vde_peer p = vde_peer_new(f, ".1-0");

	if (geteuid() == 0) {
		assert_int_equal(chown(p.own.sun_path, NOBODY, NOBODY), 0);
		assert_false(vde_peer_join(f, &p, "web", 0, ""));
		assert_true(fixture_is_closed(p.ctl));
		assert_non_null(strstr(f->note, "belongs to uid 65534"));
		assert_int_equal(access(p.own.sun_path, F_OK), 0);
		(void)close(p.ctl);
	}
	assert_int_equal(unlink(p.own.sun_path), 0);
	(void)close(p.data);
}

/* A child that is nobody sends one request to DIR/web; the exit code says
 * whether there was a reply. */
static int join_as_nobody(struct fixture *f, struct vde_peer *p)
{
	uint8_t request[256];
	size_t len = vde_peer_request(p, 3, 0, "", request);
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		uint8_t reply[VDE_REPLY_SIZE];
		int ctl;

		if (setresuid(NOBODY, NOBODY, NOBODY) < 0)
			_exit(2);
		ctl = fixture_connect(f, "web");
		(void)fcntl(ctl, F_SETFL, 0);
		if (send(ctl, request, len, 0) != (ssize_t)len)
			_exit(3);
		_exit(recv(ctl, reply, sizeof(reply), 0) == sizeof(reply));
	}
	while (waitpid(pid, &status, WNOHANG) == 0)
		(void)uv_run(&f->loop, UV_RUN_NOWAIT);
	fixture_run(f);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status);
}

static void checks_foreign_users(void **state)
{
	struct fixture *f = *state;
	struct vde_peer own;
	struct vde_peer root;
	struct vde_peer abstract;

	if (geteuid() != 0)
		return;
	own = vde_peer_new(f, ".1-0");
	assert_int_equal(chown(own.own.sun_path, NOBODY, NOBODY), 0);
	assert_int_equal(join_as_nobody(f, &own), 1);
	fixture_assert_event(f, "left: unnamed", NOBODY);
	assert_int_equal(access(own.own.sun_path, F_OK), -1);

	root = vde_peer_new(f, ".2-0");
	assert_int_equal(join_as_nobody(f, &root), 0);
	assert_non_null(strstr(f->note, "belongs to uid 0"));
	assert_int_equal(unlink(root.own.sun_path), 0);

	abstract = vde_peer_new(f, "");
	assert_int_equal(join_as_nobody(f, &abstract), 0);
	assert_non_null(strstr(f->note, "abstract"));
	(void)close(own.data);
	(void)close(root.data);
	(void)close(abstract.data);
}

static void closes_the_silent(void **state)
{
	struct fixture *f = *state;
	int silent[3];

	for (int i = 0; i < 3; i++)
		silent[i] = fixture_connect(f, "ctl");
	assert_int_equal(send(silent[2], "\xce\xfa", 2, 0), 2);
	fixture_run(f);
	for (int i = 0; i < 3; i++)
		assert_false(fixture_is_closed(silent[i]));
	for (int i = 0; i < 3; i++) {
		while (!fixture_is_closed(silent[i]))
			(void)uv_run(&f->loop, UV_RUN_ONCE);
		(void)close(silent[i]);
	}
	assert_non_null(strstr(f->note, "in time"));
}

static void new_ones_push_out_the_silent(void **state)
{
	struct fixture *f = *state;
	struct vde_peer p = vde_peer_new(f, ".1-0");
	int silent[VDE_DIR_PENDING_MAX];

	for (int i = 0; i < VDE_DIR_PENDING_MAX; i++) {
		silent[i] = fixture_connect(f, "ctl");
		fixture_run(f);
	}
	assert_false(fixture_is_closed(silent[0]));
	assert_true(vde_peer_join(f, &p, "web", 0, ""));
	assert_true(fixture_is_closed(silent[0]));
	assert_false(fixture_is_closed(silent[1]));
	for (int i = 0; i < VDE_DIR_PENDING_MAX; i++)
		(void)close(silent[i]);
	vde_peer_free(f, &p);
}

static void turns_away_without_descriptors(void **state)
{
	struct fixture *f = *state;
	int ctl = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct rlimit before;
	struct rlimit none;

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/ctl", f->dir);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)ctl + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(connect(ctl, (struct sockaddr *)&sun, sizeof(sun)), 0);
	fixture_run(f);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(fixture_is_closed(ctl));
	assert_non_null(strstr(f->note, "descriptors"));
	(void)close(ctl);
}

/* In each way a connection can end; none may leave its place taken. */
static void come_and_go(struct fixture *f, unsigned round)
{
	struct vde_peer p = vde_peer_new(f, ".1-0");
	uint8_t request[256];
	size_t len = vde_peer_request(&p, 3, 99, "", request);
	unsigned way = round % 4;

	if (way == 0) {
		assert_true(vde_peer_join(f, &p, "web", 0, ""));
	} else {
		p.ctl = fixture_connect(f, "ctl");
		/* Nothing, a part, or a number that no port has. */
		len = way == 1 ? 0 : way == 2 ? 50 : len;
		assert_int_equal(send(p.ctl, request, len, 0), len);
		fixture_run(f);
	}
	assert_int_equal(fixture_is_closed(p.ctl), way == 3);
	vde_peer_free(f, &p);
	(void)unlink(p.own.sun_path);
}

static void every_end_gives_its_place_back(void **state)
{
	struct fixture *f = *state;
	int before = dup(0);
	int after;

	for (unsigned i = 0; i < 4 * VDE_QUOTA_TOTAL + 4; i++)
		come_and_go(f, i);
	after = dup(0);
	assert_int_equal(after, before + 1);
	(void)close(before);
	(void)close(after);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(refuses_bad_requests),
		TEST(refuses_links),
		TEST(refuses_sockets_of_others),
		TEST(checks_foreign_users),
		TEST(closes_the_silent),
		TEST(new_ones_push_out_the_silent),
		TEST(turns_away_without_descriptors),
		TEST(every_end_gives_its_place_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
