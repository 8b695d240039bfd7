/* SPDX-License-Identifier: MIT */
#include "tests/unit/plugs/netns.h"
#include "tests/unit/plugs/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>

extern const struct plug_class plug_qemu_class;

#define CLIENTS_MAX 64
#define TCP_PORT    9004

/* In a namespace and a directory of its own. */
static int setup(void **state)
{
	static char dir[] = "/tmp/labswitch-qemu.XXXXXX";

	netns_unshare();
	run("ip link set lo up");
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

/* "[-> ]DIR/NAME" */
static const char *at(void **state, const char *arrow, const char *name)
{
	static char text[128];

	(void)snprintf(text, sizeof(text), "%s%s/%s", arrow,
		       (const char *)*state, name);
	return text;
}

/* --- Peers -------------------------------------------------------------- */

static int unix_socket(const char *name, bool listens)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	const struct sockaddr *addr = (const struct sockaddr *)&sun;

	assert_true(fd >= 0);
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", name);
	if (!listens) {
		assert_int_equal(connect(fd, addr, sizeof(sun)), 0);
		return fd;
	}
	assert_int_equal(bind(fd, addr, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static int tcp_socket(bool listens)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(TCP_PORT),
		.sin_addr = {htonl(INADDR_LOOPBACK)},
	};
	const struct sockaddr *addr = (const struct sockaddr *)&in;
	int on = 1;

	assert_true(fd >= 0);
	if (!listens) {
		assert_int_equal(connect(fd, addr, sizeof(in)), 0);
		return fd;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, addr, sizeof(in)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void peer_sends(int fd, uint32_t len)
{
	uint8_t data[4 + 2000] = {0};
	uint32_t n = htonl(len);

	memcpy(data, &n, 4);
	assert_int_equal(send(fd, data, 4 + len, 0), 4 + len);
}

/* Takes one frame and returns its length; -1: there is none. */
static int peer_takes(int fd)
{
	uint8_t data[2000];
	uint32_t n;

	if (recv(fd, &n, 4, MSG_DONTWAIT) != 4)
		return -1;
	n = ntohl(n);
	assert_true(n <= sizeof(data));
	assert_int_equal(recv(fd, data, n, 0), n);
	return (int)n;
}

static unsigned count_clients(const struct port *p)
{
	struct plug_client client;
	unsigned n = 0;

	while (p->plug->class->client(p->plug, n, &client))
		n++;
	return n;
}

/* Waits until the port has that many clients. */
static void await_clients(struct world *w, const struct port *p, unsigned n)
{
	for (int i = 0; i < 10000 && count_clients(p) != n; i++) {
		world_settle(w);
		(void)usleep(100);
	}
	assert_int_equal(count_clients(p), n);
}

static void port_end(struct port *p, struct world *w)
{
	port_close(p, w);
	assert_sums(&p->counters, 0);
	port_free(p);
	world_done(w);
}

/* --- Listening ---------------------------------------------------------- */

static void several_peers_share_a_port(void **state)
{
	struct plug_client client;
	struct world w;
	struct port p;
	int a;
	int b;

	world_init(&w);
	port_init(&p, &w, &plug_qemu_class, at(state, "", "x.sock"));
	port_open(&p);
	port_send(&p, 7, 60, 2);
	assert_int_equal(p.counters.drops[DROP_TX_NO_CLIENT], 2);
	a = unix_socket("x.sock", false);
	b = unix_socket("x.sock", false);
	await_clients(&w, &p, 2);
	assert_non_null(strstr(p.event, "client joined: pid "));
	assert_true(p.plug->class->client(p.plug, 1, &client));
	assert_int_equal(client.pid, getpid());
	assert_int_equal(client.uid, geteuid());

	port_send(&p, 7, 60, 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(peer_takes(a), 60);
		assert_int_equal(peer_takes(b), 60);
	}
	assert_int_equal(p.counters.tx_frames, 6);
	peer_sends(a, 100);
	peer_sends(b, 101);
	world_wait(&w, &p.bursts, 2);
	assert_int_equal(peer_takes(a), -1);
	assert_int_equal(peer_takes(b), -1);
	assert_sums(&p.counters, 0);

	(void)close(a);
	await_clients(&w, &p, 1);
	assert_non_null(strstr(p.event, "left"));
	assert_non_null(strstr(p.event, "it closed the connection"));
	port_send(&p, 7, 60, 1);
	assert_int_equal(peer_takes(b), 60);
	assert_int_equal(p.downs, 0);
	port_end(&p, &w);
	assert_int_equal(recv(b, &client, 1, 0), 0);
	(void)close(b);
	assert_int_equal(access("x.sock", F_OK), -1);
	assert_int_equal(access("x.sock.lock", F_OK), -1);
}

static void a_peer_that_stops_reading_holds_up_nobody(void **state)
{
	struct plug_client client;
	struct world w;
	struct port p;
	int slow;
	int quick;

	world_init(&w);
	port_init(&p, &w, &plug_qemu_class, at(state, "", "x.sock"));
	port_open(&p);
	slow = unix_socket("x.sock", false);
	quick = unix_socket("x.sock", false);
	await_clients(&w, &p, 2);
	while (p.counters.drops[DROP_TX_HOLD_FULL] < 100) {
		port_send(&p, 7, 1514, 60);
		for (int i = 0; i < 60; i++)
			assert_int_equal(peer_takes(quick), 1514);
	}
	assert_true(p.plug->class->client(p.plug, 1, &client));
	assert_int_equal(client.counters->drops[DROP_TX_HOLD_FULL], 0);
	assert_int_equal(client.held, 0);
	peer_sends(slow, 60);
	world_wait(&w, &p.bursts, 1);
	assert_sums(&p.counters, p.plug->class->held(p.plug));
	(void)close(slow);
	(void)close(quick);
	port_end(&p, &w);
}

static void a_hostile_length_costs_the_connection(void **state)
{
	struct world w;
	struct port p;
	int good;
	int bad;
	char c;

	world_init(&w);
	port_init(&p, &w, &plug_qemu_class, at(state, "", "x.sock"));
	port_open(&p);
	good = unix_socket("x.sock", false);
	bad = unix_socket("x.sock", false);
	await_clients(&w, &p, 2);
	assert_int_equal(send(bad, "\xff\xff\xff\xff", 4, 0), 4);
	await_clients(&w, &p, 1);
	assert_non_null(strstr(p.event, "a frame longer than any can be"));
	assert_int_equal(recv(bad, &c, 1, 0), 0);
	peer_sends(good, 60);
	world_wait(&w, &p.bursts, 1);
	(void)close(good);
	(void)close(bad);
	port_end(&p, &w);
}

static void no_more_than_64_are_let_in(void **state)
{
	int fds[CLIENTS_MAX + 1];
	struct world w;
	struct port p;
	char c;

	world_init(&w);
	port_init(&p, &w, &plug_qemu_class, at(state, "", "x.sock"));
	port_open(&p);
	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		fds[i] = unix_socket("x.sock", false);
		await_clients(&w, &p, i + 1);
	}
	fds[CLIENTS_MAX] = unix_socket("x.sock", false);
	world_settle(&w);
	assert_int_equal(recv(fds[CLIENTS_MAX], &c, 1, 0), 0);
	assert_non_null(strstr(p.event, "there are 64 already"));
	(void)close(fds[0]);
	await_clients(&w, &p, CLIENTS_MAX - 1);
	(void)close(fds[CLIENTS_MAX]);
	fds[0] = unix_socket("x.sock", false);
	await_clients(&w, &p, CLIENTS_MAX);
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		(void)close(fds[i]);
	port_end(&p, &w);
}

static void listens_on_tcp(void **state)
{
	struct plug_client client;
	struct world w;
	struct port p;
	int fd;

	world_init(&w);
	port_init(&p, &w, &plug_qemu_class, "tcp 127.0.0.1:9004");
	port_open(&p);
	fd = tcp_socket(false);
	await_clients(&w, &p, 1);
	assert_true(p.plug->class->client(p.plug, 0, &client));
	assert_int_equal(client.pid, 0);
	assert_int_equal(strncmp(client.text, "127.0.0.1:", 10), 0);
	peer_sends(fd, 1514);
	world_wait(&w, &p.bursts, 1);
	port_send(&p, 7, 1514, 1);
	(void)usleep(1000);
	assert_int_equal(peer_takes(fd), 1514);
	(void)close(fd);
	port_end(&p, &w);
}

/* Without descriptors who comes is turned away, and the loop does not spin. */
static void survives_the_lack_of_descriptors(void **state)
{
	struct world w;
	struct port p;
	int fds[1024];
	int peer;
	int n = 0;
	char c;

	world_init(&w);
	port_init(&p, &w, &plug_qemu_class, at(state, "", "x.sock"));
	port_open(&p);
	peer = unix_socket("x.sock", false);
	run("prlimit --nofile=200 --pid %d", (int)getpid());
	while (n < 1024 && (fds[n] = dup(peer)) >= 0)
		n++;
	assert_int_equal(errno, EMFILE);
	world_settle(&w);
	assert_string_equal(p.event, "client refused: no free descriptors");
	assert_int_equal(recv(peer, &c, 1, 0), 0);
	while (n > 0)
		(void)close(fds[--n]);
	(void)close(peer);
	peer = unix_socket("x.sock", false);
	await_clients(&w, &p, 1);
	(void)close(peer);
	port_end(&p, &w);
}

/* --- Dialling ----------------------------------------------------------- */

static void dials_a_unix_socket(void **state)
{
	struct world w;
	struct port p;
	int listener;
	int fd;

	world_init(&w);
	port_init(&p, &w, &plug_qemu_class, at(state, "-> ", "y.sock"));
	port_open_fails(&p, "nobody is at");
	listener = unix_socket("y.sock", true);
	port_open(&p);
	fd = accept(listener, NULL, NULL);
	peer_sends(fd, 60);
	world_wait(&w, &p.bursts, 1);
	port_send(&p, 7, 61, 1);
	assert_int_equal(peer_takes(fd), 61);
	(void)close(fd);
	world_wait(&w, &p.downs, 1);
	assert_non_null(strstr(p.reason, "it closed the connection"));
	port_close(&p, &w);
	(void)close(listener);
	p.ups = 0;
	port_open_fails(&p, "Connection refused");
	assert_int_equal(unlink("y.sock"), 0);
	port_free(&p);
	world_done(&w);
}

static void dials_tcp(void **state)
{
	struct world w;
	struct port p;
	int listener;
	int fd;

	world_init(&w);
	port_init(&p, &w, &plug_qemu_class, "-> tcp 127.0.0.1:9004");
	assert_true(p.plug->class->open(p.plug, NULL, NULL));
	world_wait(&w, &p.downs, 1);
	assert_non_null(strstr(p.reason, "127.0.0.1:9004: Connection refused"));
	port_close(&p, &w);

	listener = tcp_socket(true);
	assert_true(p.plug->class->open(p.plug, NULL, NULL));
	fd = accept(listener, NULL, NULL);
	world_wait(&w, &p.ups, 1);
	peer_sends(fd, 60);
	world_wait(&w, &p.bursts, 1);
	(void)close(fd);
	world_wait(&w, &p.downs, 2);
	port_close(&p, &w);

	/* Closed before the connection is there. */
	assert_true(p.plug->class->open(p.plug, NULL, NULL));
	(void)close(listener);
	port_end(&p, &w);
	assert_int_equal(p.ups, 1);
}

/* From the port that it dials, so that it meets itself. */
static void does_not_talk_to_itself(void **state)
{
	struct world w;
	struct port p;

	run("echo 9004 9005 >/proc/sys/net/ipv4/ip_local_port_range");
	world_init(&w);
	port_init(&p, &w, &plug_qemu_class, "-> tcp 127.0.0.1:9004");
	for (int i = 0; i < 10; i++) {
		assert_true(p.plug->class->open(p.plug, NULL, NULL));
		world_wait(&w, &p.downs, (unsigned)i + 1);
		port_close(&p, &w);
	}
	assert_int_equal(p.ups, 0);
	port_free(&p);
	world_done(&w);
	run("echo 32768 60999 >/proc/sys/net/ipv4/ip_local_port_range");
}

/* --- Files -------------------------------------------------------------- */

static void sockets_have_the_mode_that_is_written(void **state)
{
	struct world w;
	struct port p;
	struct stat st;

	world_init(&w);
	port_init(&p, &w, &plug_qemu_class, at(state, "", "x.sock"));
	port_open(&p);
	assert_int_equal(stat("x.sock", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	port_close(&p, &w);
	port_option(&p, "mode", "0660");
	p.ups = 0;
	port_open(&p);
	assert_int_equal(stat("x.sock", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	port_end(&p, &w);
}

static void dead_sockets_are_replaced_and_nothing_else(void **state)
{
	struct world w;
	struct port p;
	int fd = unix_socket("x.sock", true);

	world_init(&w);
	port_init(&p, &w, &plug_qemu_class, at(state, "", "x.sock"));
	port_open_fails(&p, "in use by another program");
	(void)close(fd);
	port_open(&p);
	port_close(&p, &w);
	p.ups = 0;

	run("touch x.sock");
	port_open_fails(&p, "is no socket of ours: remove it");
	run("rm x.sock; ln -s /nowhere x.sock");
	port_open_fails(&p, "is no socket of ours: remove it");
	run("rm x.sock; echo mine >x.sock.lock");
	port_open_fails(&p, "is not a lock of ours: remove it");
	run("grep -q mine x.sock.lock && rm x.sock.lock");
	port_open(&p);
	port_end(&p, &w);
}

static void what_cannot_be_bound_is_explained(void **state)
{
	int fd = tcp_socket(true);
	struct world w;
	struct port p;

	world_init(&w);
	port_init(&p, &w, &plug_qemu_class, "tcp 9004");
	port_open_fails(&p, "TCP port 127.0.0.1:9004 is used by another");
	port_free(&p);
	(void)close(fd);
	port_init(&p, &w, &plug_qemu_class, "tcp 192.0.2.1:9004");
	port_open_fails(&p, "no interface has the address of 192.0.2.1:9004");
	port_free(&p);
	port_init(&p, &w, &plug_qemu_class, "/nowhere/at/all");
	port_open_fails(&p, "cannot make /nowhere/at/all.lock");
	port_free(&p);
	world_done(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_peers_share_a_port),
		cmocka_unit_test(a_peer_that_stops_reading_holds_up_nobody),
		cmocka_unit_test(a_hostile_length_costs_the_connection),
		cmocka_unit_test(no_more_than_64_are_let_in),
		cmocka_unit_test(listens_on_tcp),
		cmocka_unit_test(survives_the_lack_of_descriptors),
		cmocka_unit_test(dials_a_unix_socket),
		cmocka_unit_test(dials_tcp),
		cmocka_unit_test(does_not_talk_to_itself),
		cmocka_unit_test(sockets_have_the_mode_that_is_written),
		cmocka_unit_test(dead_sockets_are_replaced_and_nothing_else),
		cmocka_unit_test(what_cannot_be_bound_is_explained),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
