/* SPDX-License-Identifier: MIT */
#include "tests/unit/nat/nat_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "plugs/nat/child/engine.h"
#include "plugs/nat/child/forward.h"

static void on_send(void *ctx, const uint8_t *data, uint32_t len)
{
}

struct fixture {
	struct nat_conf conf;
	struct pollset *set;
	struct engine *engine;
};

static int start(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	if (!f)
		return -1;
	f->conf = conf_default();
	f->set = pollset_new(&err);
	f->engine = engine_new(&f->conf, f->set, on_send, NULL, &err);
	*state = f;
	return f->engine ? 0 : -1;
}

static int end(void **state)
{
	struct fixture *f = *state;

	engine_free(f->engine);
	pollset_free(f->set);
	free(f);
	return 0;
}

/* A port of 127.0.0.1 that the system has just given to a socket. */
static int busy_port(int type, uint16_t *port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, type, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	*port = ntohs(in.sin_port);
	return fd;
}

static struct nat_forward to_guest(bool udp, const char *outer, uint16_t port)
{
	return (struct nat_forward){.udp = udp,
				    .outer = net_of(outer),
				    .outer_port = port,
				    .inner = net_of("10.0.2.15"),
				    .inner_port = 22};
}

static void opened_closed_and_opened_again(void **state)
{
	struct fixture *f = *state;

	for (int udp = 0; udp < 2; udp++) {
		struct nat_forward forward;
		struct err err;
		uint16_t port;

		(void)close(busy_port(udp ? SOCK_DGRAM : SOCK_STREAM, &port));
		forward = to_guest(udp, "127.0.0.1", port);
		assert_true(engine_forward(f->engine, &forward, &err));
		assert_false(engine_forward(f->engine, &forward, &err));
		assert_non_null(strstr(err.msg, "is in use"));
		assert_true(engine_unforward(f->engine, &forward));
		assert_false(engine_unforward(f->engine, &forward));
		assert_true(engine_forward(f->engine, &forward, &err));
		assert_true(engine_unforward(f->engine, &forward));
	}
}

/* libslirp would share a UDP port. */
static void a_port_in_use_is_named(void **state)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM};
	struct fixture *f = *state;

	for (int i = 0; i < 2; i++) {
		struct nat_forward forward;
		struct err err;
		char text[64];
		uint16_t port;
		int fd = busy_port(types[i], &port);

		forward = to_guest(i, "127.0.0.1", port);
		assert_false(engine_forward(f->engine, &forward, &err));
		(void)snprintf(text, sizeof(text),
			       "port %u of 127.0.0.1 is in use", port);
		assert_string_equal(err.msg, text);
		(void)close(fd);
	}
}

static void what_cannot_be_is_said(void **state)
{
	struct fixture *f = *state;
	struct nat_forward forward = to_guest(false, "192.0.2.99", 9999);
	struct err err;

	assert_false(engine_forward(f->engine, &forward, &err));
	assert_string_equal(err.msg, "192.0.2.99 is no address of this host");
	forward = to_guest(false, "::1", 9999);
	assert_false(engine_forward(f->engine, &forward, &err));
	assert_non_null(strstr(err.msg, "both be IPv4 or both IPv6"));
	forward = to_guest(true, "127.0.0.1", 1);
	(void)snprintf(forward.path, sizeof(forward.path), "/tmp/x");
	assert_false(engine_forward(f->engine, &forward, &err));
	assert_non_null(strstr(err.msg, "tcp only"));
	forward = (struct nat_forward){0};
	assert_false(engine_forward(f->engine, &forward, &err));
}

static void a_unix_socket_is_made_where_nothing_is(void **state)
{
	struct fixture *f = *state;
	struct nat_forward forward = to_guest(false, "127.0.0.1", 1);
	struct forward_ends ends;
	char dir[] = "/tmp/labswitch-nat-XXXXXX";
	struct err err;
	int fd;

	assert_non_null(mkdtemp(dir));
	(void)snprintf(forward.path, sizeof(forward.path), "%s/ssh", dir);
	forward_fill(&forward, &ends);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, &ends.outer.any, ends.outer_len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_false(engine_forward(f->engine, &forward, &err));
	assert_non_null(strstr(err.msg, "ssh is in use"));
	(void)close(fd);
	assert_int_equal(unlink(forward.path), 0);
	assert_true(engine_forward(f->engine, &forward, &err));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, &ends.outer.any, ends.outer_len), 0);
	(void)close(fd);
	assert_true(engine_unforward(f->engine, &forward));
	assert_int_equal(unlink(forward.path), 0);
	assert_int_equal(rmdir(dir), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(opened_closed_and_opened_again),
		CASE(a_port_in_use_is_named),
		CASE(what_cannot_be_is_said),
		CASE(a_unix_socket_is_made_where_nothing_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
