/* SPDX-License-Identifier: MIT */
#include "tests/unit/plugs/netns.h"
#include "tests/unit/plugs/world.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/un.h>

extern const struct plug_class plug_dgram_class;

#define NIC " -device virtio-net-pci,netdev=lan.port,mac=52:54:00:00:00:00"

/* In a directory of its own; the port is at own, the peer at peer. */
static int setup(void **state)
{
	static char dir[] = "/tmp/labswitch-dgram.XXXXXX";

	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	*state = dir;
	return 0;
}

static int teardown(void **state)
{
	run("rm -rf %s", (const char *)*state);
	return 0;
}

static void open_port(struct port *p, struct world *w, void **state)
{
	const char *dir = *state;
	char text[128];

	(void)snprintf(text, sizeof(text), "%s/own -> %s/peer", dir, dir);
	world_init(w);
	port_init(p, w, &plug_dgram_class, text);
	port_open(p);
	world_settle(w);
}

static void end_port(struct port *p, struct world *w)
{
	port_close(p, w);
	assert_sums(&p->counters, 0);
	assert_int_equal(access("own", F_OK), -1);
	port_free(p);
	world_done(w);
}

/* A socket at name, as QEMU makes it: not connected. */
static int peer_socket(const char *name)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	assert_true(fd >= 0);
	(void)unlink(name);
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", name);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

/* Returns whether it was taken. */
static bool peer_sends(int fd, size_t len)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX, .sun_path = "own"};
	static const uint8_t data[FRAME_MAX];

	return sendto(fd, data, len, 0, (struct sockaddr *)&sun, sizeof(sun)) ==
	       (ssize_t)len;
}

/* Waits until the plug says of its peer that it has joined, or left. */
static void await_event(struct world *w, struct port *p, const char *word)
{
	for (int i = 0; i < 10000 && !strstr(p->event, word); i++) {
		world_settle(w);
		(void)usleep(1000);
	}
	assert_non_null(strstr(p->event, word));
	p->event[0] = '\0';
}

static void frames_pass_both_ways(void **state)
{
	static uint8_t buf[FRAME_MAX];
	struct world w;
	struct port p;
	int peer = peer_socket("peer");

	open_port(&p, &w, state);
	assert_non_null(strstr(p.event, "joined"));
	assert_true(peer_sends(peer, 60));
	assert_true(peer_sends(peer, 9014));
	world_wait(&w, &p.bursts, 1);
	assert_int_equal(p.rx.frames, 2);
	port_send(&p, 7, FRAME_MAX, 1);
	assert_int_equal(recv(peer, buf, sizeof(buf), 0), FRAME_MAX);
	(void)close(peer);
	end_port(&p, &w);
}

static void the_peer_may_come_later_and_again(void **state)
{
	uint8_t buf[100];
	struct world w;
	struct port p;
	int peer;

	assert_int_equal(unlink("peer"), 0);
	open_port(&p, &w, state);
	port_send(&p, 7, 60, 3);
	assert_int_equal(p.counters.drops[DROP_TX_REFUSED], 3);
	for (unsigned life = 1; life <= 2; life++) {
		peer = peer_socket("peer");
		await_event(&w, &p, "joined");
		port_send(&p, 7, 60, 1);
		assert_int_equal(recv(peer, buf, sizeof(buf), 0), 60);
		assert_true(peer_sends(peer, 60));
		world_wait(&w, &p.bursts, life);
		(void)close(peer);
	}
	/* Killed, it leaves its file. */
	port_send(&p, 7, 60, 1);
	assert_int_equal(p.counters.drops[DROP_TX_REFUSED], 4);
	port_send(&p, 7, 60, 1);
	await_event(&w, &p, "left");
	port_send(&p, 7, 60, 1);
	assert_int_equal(p.counters.drops[DROP_TX_REFUSED], 5);
	assert_int_equal(p.downs, 0);
	end_port(&p, &w);
}

/* Before it has sent anything, so that no send tells of the change. */
static void a_new_peer_is_heard_at_once(void **state)
{
	struct world w;
	struct port p;
	int old = peer_socket("peer");
	int peer;

	open_port(&p, &w, state);
	await_event(&w, &p, "joined");
	peer = peer_socket("peer");
	await_event(&w, &p, "joined");
	assert_true(peer_sends(peer, 60));
	world_wait(&w, &p.bursts, 1);
	assert_false(peer_sends(old, 60));
	(void)close(old);
	(void)close(peer);
	end_port(&p, &w);
}

static void strangers_are_not_heard(void **state)
{
	struct world w;
	struct port p;
	int stranger = peer_socket("stranger");
	int peer;

	assert_int_equal(unlink("peer"), 0);
	open_port(&p, &w, state);
	assert_true(peer_sends(stranger, 99)); /* nobody to hear, yet */
	peer = peer_socket("peer");
	await_event(&w, &p, "joined");
	assert_false(peer_sends(stranger, 99));
	assert_int_equal(errno, EPERM);
	assert_true(peer_sends(peer, 60));
	world_wait(&w, &p.bursts, 1);
	world_settle(&w);
	assert_int_equal(p.rx.frames, 1);
	assert_int_equal(hold_peek(&p.rx)->len, 60);
	(void)close(stranger);
	(void)close(peer);
	end_port(&p, &w);
}

static void a_peer_that_stops_reading_is_waited_for(void **state)
{
	struct world w;
	struct port p;
	int peer = peer_socket("peer");
	uint8_t buf[100];
	unsigned got = 0;

	open_port(&p, &w, state);
	for (int i = 0; i < 100; i++)
		port_send(&p, 7, 60, 60);
	assert_true(p.plug->class->held(p.plug) > 0);
	assert_sums(&p.counters, p.plug->class->held(p.plug));
	while (got < 6000) {
		while (recv(peer, buf, sizeof(buf), 0) == 60)
			got++;
		(void)uv_run(&w.loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(p.plug->class->held(p.plug), 0);
	(void)close(peer);
	end_port(&p, &w);
}

static void what_is_in_the_way_is_explained(void **state)
{
	struct world w;
	struct port p;
	struct port q;
	struct stat st;
	char text[128];

	open_port(&p, &w, state);
	assert_int_equal(stat("own", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	(void)snprintf(text, sizeof(text), "%s/own -> /nowhere",
		       (const char *)*state);
	port_init(&q, &w, &plug_dgram_class, text);
	port_open_fails(&q, "in use by another program");
	port_free(&q);
	port_close(&p, &w);

	/* A dead one is no obstacle. */
	(void)close(peer_socket("own"));
	p.ups = 0;
	port_open(&p);
	end_port(&p, &w);
}

/* --- Options ------------------------------------------------------------ */

static void reads_two_paths(void **state)
{
	static const char *const bad[][2] = {
		{"", "expected OWN -> PEER"},
		{"/run/a", "expected OWN -> PEER"},
		{"-> /run/b", "expected OWN -> PEER"},
		{"/run/a ->", "not an absolute path"},
		{"/run/a -> b", "not an absolute path"},
		{"/run/a -> /run//a", "for both ends"},
		{"/run/../a -> /b", "'..' is not allowed"},
	};
	const struct opt *row = plug_dgram_class.kind.arg;
	char conf[512] = {0};
	char long_path[300];
	char buf[300];
	struct err err;

	assert_true(plug_dgram_class.kind.conf_size <= sizeof(conf));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(conf_set(row, bad[i][0], conf, &err));
		if (!strstr(err.msg, bad[i][1]))
			fail_msg("'%s': %s", bad[i][0], err.msg);
	}
	memset(long_path, 'x', sizeof(long_path));
	(void)snprintf(long_path + 290, 10, " -> /b");
	long_path[0] = '/';
	assert_false(conf_set(row, long_path, conf, &err));
	memcpy(long_path + 150, " -> /b", 7);
	assert_false(conf_set(row, long_path, conf, &err));
	for (size_t i = 0; i < sizeof(conf); i++)
		assert_int_equal(conf[i], 0);
	assert_true(conf_set(row, "/run/a->/run//b", conf, &err));
	row->type->format(row, conf + row->offset, buf, sizeof(buf));
	assert_string_equal(buf, "/run/a -> /run/b");
	plug_dgram_class.kind.claim(conf, buf, sizeof(buf));
	assert_string_equal(buf, "unix socket /run/a");
}

static void says_how_to_connect(void **state)
{
	struct world w;
	struct port p;
	char text[512];

	world_init(&w);
	port_init(&p, &w, &plug_dgram_class, "/run/a -> /run/b");
	p.plug->class->attach(p.plug, text, sizeof(text));
	assert_string_equal(text, "-netdev dgram,id=lan.port,local.type=unix,"
				  "local.path=/run/b,remote.type=unix,"
				  "remote.path=/run/a" NIC "\n");
	port_free(&p);
	world_done(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_pass_both_ways),
		cmocka_unit_test(the_peer_may_come_later_and_again),
		cmocka_unit_test(a_new_peer_is_heard_at_once),
		cmocka_unit_test(strangers_are_not_heard),
		cmocka_unit_test(a_peer_that_stops_reading_is_waited_for),
		cmocka_unit_test(what_is_in_the_way_is_explained),
		cmocka_unit_test(reads_two_paths),
		cmocka_unit_test(says_how_to_connect),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
