/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugs/priv.h"

/* A directory with a datagram socket `sock` in it. */
struct place {
	char dir[32];
	char sock[64];
	char other[64];
	int server;
	int client;
};

static void setup(struct place *p)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	*p = (struct place){.dir = "/tmp/labswitch-test.XXXXXX"};
	assert_non_null(mkdtemp(p->dir));
	(void)snprintf(p->sock, sizeof(p->sock), "%s/sock", p->dir);
	(void)snprintf(p->other, sizeof(p->other), "%s/other", p->dir);
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", p->sock);
	p->server = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	p->client = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
		bind(p->server, (struct sockaddr *)&addr, sizeof(addr)), 0);
}

static void teardown(struct place *p)
{
	(void)close(p->server);
	(void)close(p->client);
	(void)unlink(p->sock);
	(void)unlink(p->other);
	assert_int_equal(rmdir(p->dir), 0);
}

static void assert_refused(struct place *p, const char *path, uid_t uid,
			   const char *says)
{
	struct err err = {.msg = ""};

	assert_false(priv_local.connect(NULL, p->client, path, uid, &err));
	if (!strstr(err.msg, says))
		fail_msg("\"%s\" does not say \"%s\"", err.msg, says);
	assert_int_equal(send(p->client, "x", 1, 0), -1);
}

static void connects_to_the_owners_socket(void **state)
{
	struct place p;
	char c = 0;

	setup(&p);
	assert_true(
		priv_local.connect(NULL, p.client, p.sock, geteuid(), NULL));
	assert_int_equal(send(p.client, "x", 1, 0), 1);
	assert_int_equal(recv(p.server, &c, 1, 0), 1);
	assert_int_equal(c, 'x');
	teardown(&p);
}

static void refuses_what_is_not(void **state)
{
	struct place p;
	int fd;

	setup(&p);
	assert_refused(&p, p.sock, geteuid() + 1, "belongs to uid");
	assert_refused(&p, p.other, geteuid(), "No such file");
	assert_refused(&p, p.dir, geteuid(), "is not a socket");
	assert_int_equal(symlink(p.sock, p.other), 0);
	assert_refused(&p, p.other, geteuid(), "is not a socket");
	(void)unlink(p.other);
	fd = open(p.other, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	(void)close(fd);
	assert_refused(&p, p.other, geteuid(), "is not a socket");
	teardown(&p);
}

/* A socket file that nobody has open any more. */
static void dead_sockets_refuse(void **state)
{
	struct place p;

	setup(&p);
	(void)close(p.server);
	assert_refused(&p, p.sock, geteuid(), "Connection refused");
	p.server = -1;
	teardown(&p);
}

static void gives_files_to_groups(void **state)
{
	struct place p;
	struct stat st;
	struct err err;
	char group[16];

	setup(&p);
	(void)snprintf(group, sizeof(group), "%u", (unsigned)getegid());
	assert_true(priv_local.chgrp(NULL, p.sock, group, NULL));
	assert_int_equal(stat(p.sock, &st), 0);
	assert_int_equal(st.st_gid, getegid());
	assert_false(
		priv_local.chgrp(NULL, p.sock, "no group of that name", &err));
	assert_non_null(strstr(err.msg, "no group 'no group of that name'"));
	assert_false(priv_local.chgrp(NULL, p.other, group, &err));
	assert_int_equal(err.errnum, ENOENT);
	teardown(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_to_the_owners_socket),
		cmocka_unit_test(refuses_what_is_not),
		cmocka_unit_test(dead_sockets_refuse),
		cmocka_unit_test(gives_files_to_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
