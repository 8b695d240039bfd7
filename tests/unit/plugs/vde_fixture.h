/* SPDX-License-Identifier: MIT */
/*
 * A VDE directory with two ports in a loop of its own, and clients made of
 * bare sockets. Both ends are in one process, so what a client sends is there
 * when the loop has run.
 */
#ifndef LABSWITCH_TESTS_VDE_FIXTURE_H
#define LABSWITCH_TESTS_VDE_FIXTURE_H

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

#include "plugs/plug_vde.h"
#include "plugs/vde_dir.h"
#include "tests/io_level.h"

#define FIXTURE_PORTS 2

static const struct priv fixture_priv = {.ops = &priv_local};

struct fixture {
	char base[64]; /* a temporary directory */
	char dir[80];  /* the VDE directory in it */
	uv_loop_t loop;
	struct plug_env env;
	struct plug *port[FIXTURE_PORTS]; /* "web", 3 and "db", 4 */
	struct counters counters[FIXTURE_PORTS];
	bool up;
	bool anonymous; /* who names no port gets the first */
	char event[400];
	char note[400];
	unsigned rx_frames;
	uint8_t rx[2048]; /* the last one */
	size_t rx_len;
};

struct vde_peer {
	int ctl;
	int data;
	struct sockaddr_un own;
	char remote[VDE_PATH_SIZE]; /* what the reply said */
};

static inline void fixture_rx(struct plug *plug, const struct frame *frames,
			      unsigned n, uint64_t now)
{
	struct fixture *f = plug->ctx;

	f->rx_frames += n;
	f->rx_len = frames[n - 1].len;
	assert_true(f->rx_len <= sizeof(f->rx));
	memcpy(f->rx, frames[n - 1].data, f->rx_len);
}

static inline void fixture_state(struct plug *plug, bool up,
				 const struct err *reason)
{
	((struct fixture *)plug->ctx)->up = up;
}

static inline void fixture_closed(struct plug *plug)
{
	((struct fixture *)plug->ctx)->up = false;
}

static inline void fixture_event(struct plug *plug, const char *text)
{
	struct fixture *f = plug->ctx;

	(void)snprintf(f->event, sizeof(f->event), "%s", text);
}

static inline struct plug *fixture_route(void *ctx,
					 const struct vde_request *req)
{
	struct fixture *f = ctx;

	if (req->any)
		return f->anonymous ? f->port[0] : NULL;
	for (int i = 0; i < FIXTURE_PORTS; i++)
		if (f->port[i]->number == req->number)
			return f->port[i];
	return NULL;
}

static inline void fixture_note(void *ctx, const char *text)
{
	struct fixture *f = ctx;

	(void)snprintf(f->note, sizeof(f->note), "%s", text);
}

/* All that the loop can do now. */
static inline void fixture_run(struct fixture *f)
{
	for (int i = 0; i < 20; i++)
		(void)uv_run(&f->loop, UV_RUN_NOWAIT);
}

static inline void fixture_add_port(struct fixture *f, int i, const char *name,
				    uint16_t number)
{
	static const struct plug_host host = {
		.rx = fixture_rx,
		.state = fixture_state,
		.closed = fixture_closed,
		.event = fixture_event,
	};
	struct plug *plug = calloc(1, plug_vde_class.size);
	struct err err;

	assert_non_null(plug);
	plug->class = &plug_vde_class;
	plug->host = &host;
	plug->env = &f->env;
	plug->counters = &f->counters[i];
	plug->name = name;
	plug->number = number;
	plug->ctx = f;
	f->port[i] = plug;
	if (!plug->class->open(plug, NULL, &err))
		fail_msg("%s", err.msg);
	assert_true(f->up);
}

static inline void fixture_start(struct fixture *f)
{
	struct vde_dir_conf conf = {.mode = 0666};
	struct err err = {.msg = ""};

	*f = (struct fixture){.anonymous = false};
	(void)snprintf(f->base, sizeof(f->base), "/tmp/vde-test-XXXXXX");
	assert_non_null(mkdtemp(f->base));
	assert_int_equal(chmod(f->base, 0755), 0);
	(void)snprintf(f->dir, sizeof(f->dir), "%s/sw", f->base);
	(void)snprintf(conf.path, sizeof(conf.path), "%s", f->dir);
	assert_int_equal(uv_loop_init(&f->loop), 0);
	f->env.loop = &f->loop;
	(void)snprintf(f->env.name, sizeof(f->env.name), "lan");
	f->env.io = test_io_engine(&f->loop);
	assert_non_null(f->env.io);
	f->env.priv = &fixture_priv;
	f->env.vde = vde_dir_new(&conf, &f->env, fixture_route, fixture_note, f,
				 &err);
	if (!f->env.vde)
		fail_msg("%s", err.msg);
	fixture_add_port(f, 0, "web", 3);
	fixture_add_port(f, 1, "db", 4);
}

/* Closes all, and asserts that nothing is left: no file, no handle. */
static inline void fixture_stop(struct fixture *f)
{
	for (int i = 0; i < FIXTURE_PORTS; i++) {
		plug_vde_class.close(f->port[i]);
		free(f->port[i]);
	}
	vde_dir_close(f->env.vde);
	assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
	io_engine_free(f->env.io);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	assert_int_equal(access(f->dir, F_OK), -1);
	assert_int_equal(rmdir(f->base), 0);
}

static inline int fixture_setup(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	assert_non_null(f);
	fixture_start(f);
	*state = f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	fixture_stop(*state);
	free(*state);
	return 0;
}

/* The last event was "client WORDS, uid UID". */
static inline void fixture_assert_event(const struct fixture *f,
					const char *words, uid_t uid)
{
	char want[128];

	(void)snprintf(want, sizeof(want), "client %s, uid %u", words,
		       (unsigned)uid);
	assert_string_equal(f->event, want);
}

static inline unsigned fixture_clients(const struct plug *plug)
{
	struct plug_client client;
	unsigned n = 0;

	while (plug_vde_class.client(plug, n, &client))
		n++;
	return n;
}

/* Connects to a stream socket of the directory. */
static inline int fixture_connect(const struct fixture *f, const char *name)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/%s", f->dir,
		       name);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

/* Bytes that wait on ctl; -1: none yet, 0: it was closed. */
static inline ssize_t fixture_recv(int fd, void *buf, size_t size)
{
	ssize_t n = recv(fd, buf, size, MSG_DONTWAIT);

	if (n < 0 && errno == ECONNRESET)
		return 0;
	return n;
}

static inline bool fixture_is_closed(int ctl)
{
	uint8_t buf[256];

	return fixture_recv(ctl, buf, sizeof(buf)) == 0;
}

/* A bound data socket; name "" is an abstract one. */
static inline struct vde_peer vde_peer_new(const struct fixture *f,
					   const char *name)
{
	struct vde_peer p = {.ctl = -1, .own = {.sun_family = AF_UNIX}};
	int n;

	p.data = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_true(p.data >= 0);
	if (*name)
		n = snprintf(p.own.sun_path, sizeof(p.own.sun_path), "%s/%s",
			     f->dir, name);
	else
		n = snprintf(p.own.sun_path + 1, sizeof(p.own.sun_path) - 1,
			     "vde-test-%d-%d", (int)getpid(), p.data);
	assert_true(n < (int)sizeof(p.own.sun_path) - 1);
	assert_int_equal(bind(p.data, (struct sockaddr *)&p.own, sizeof(p.own)),
			 0);
	return p;
}

static inline size_t vde_peer_request(const struct vde_peer *p,
				      unsigned version, uint32_t number,
				      const char *text, uint8_t out[256])
{
	uint32_t head[] = {0xfeedface, 3, number << 8};
	size_t len = sizeof(head);

	memset(out, 0, 256);
	if (version == 1) {
		head[1] = 0;
		len = 14;
	}
	memcpy(out, head, version == 1 ? 8 : sizeof(head));
	memcpy(out + len, &p->own, sizeof(p->own));
	len += sizeof(p->own);
	memcpy(out + len, text, strlen(text));
	return len + strlen(text);
}

/* Takes the reply; returns false if there is none. */
static inline bool vde_peer_reply(struct vde_peer *p)
{
	struct sockaddr_un reply;
	ssize_t n = fixture_recv(p->ctl, &reply, sizeof(reply));

	if (n <= 0)
		return false;
	assert_int_equal(n, VDE_REPLY_SIZE);
	assert_int_equal(reply.sun_family, AF_UNIX);
	(void)snprintf(p->remote, sizeof(p->remote), "%s", reply.sun_path);
	assert_int_equal(
		connect(p->data, (struct sockaddr *)&reply, sizeof(reply)), 0);
	return true;
}

/* Asks on DIR/socket; returns whether the switch replied. */
static inline bool vde_peer_join(struct fixture *f, struct vde_peer *p,
				 const char *socket, uint32_t number,
				 const char *text)
{
	uint8_t request[256];
	size_t len = vde_peer_request(p, 3, number, text, request);

	p->ctl = fixture_connect(f, socket);
	assert_int_equal(send(p->ctl, request, len, 0), len);
	fixture_run(f);
	return vde_peer_reply(p);
}

/* Leaves; its socket file is left to the switch. */
static inline void vde_peer_free(struct fixture *f, struct vde_peer *p)
{
	(void)close(p->ctl);
	(void)close(p->data);
	fixture_run(f);
}

#endif
