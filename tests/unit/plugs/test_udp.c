/* SPDX-License-Identifier: MIT */
#include "tests/unit/plugs/netns.h"
#include "tests/unit/plugs/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/syscall.h>

extern const struct plug_class plug_udp_class;

/* In a namespace of its own, so that port numbers are free. */
static int setup(void **state)
{
	netns_unshare();
	run("ip link set lo up");
	return 0;
}

/* A socket on 127.0.0.1:port that sends to 127.0.0.1:to. */
static int peer_socket(uint16_t port, uint16_t to)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = {htonl(INADDR_LOOPBACK)},
	};

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	addr.sin_port = htons(to);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)),
			 0);
	return fd;
}

static void peer_sends(int fd, size_t len)
{
	static const uint8_t data[65507];

	assert_int_equal(send(fd, data, len, 0), (ssize_t)len);
}

static void frames_pass_both_ways(void **state)
{
	static const uint32_t lengths[] = {13, 60, 1514, 65507};
	static uint8_t buf[65536];
	struct world w;
	struct port p;
	int peer;

	world_init(&w);
	port_init(&p, &w, &plug_udp_class, "10001 -> 127.0.0.1:10002");
	port_open(&p);
	peer = peer_socket(10002, 10001);
	peer_sends(peer, 0);
	for (int i = 0; i < 4; i++) {
		peer_sends(peer, lengths[i]);
		world_wait(&w, &p.bursts, (unsigned)i + 1);
		assert_int_equal(hold_peek(&p.rx)->len, lengths[i]);
		hold_pop(&p.rx);
		port_send(&p, 7, lengths[i], 1);
		assert_int_equal(recv(peer, buf, sizeof(buf), 0), lengths[i]);
	}
	assert_int_equal(p.counters.rx_frames, 4);
	assert_int_equal(p.counters.tx_frames, 4);

	/* More than a datagram can carry. */
	port_send(&p, 7, 65508, 1);
	assert_int_equal(p.counters.drops[DROP_TX_ERROR], 1);
	assert_sums(&p.counters, 0);
	port_close(&p, &w);
	(void)close(peer);
	port_free(&p);
	world_done(&w);
}

static int early_stranger = -1;

/* In place of libc's: a stranger is faster than the plug that calls it. */
int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	if (early_stranger >= 0)
		assert_int_equal(send(early_stranger, "", 1, 0), 1);
	return (int)syscall(SYS_connect, fd, addr, len);
}

static void strangers_are_not_heard_while_it_opens(void **state)
{
	struct world w;
	struct port p;
	int peer = peer_socket(10002, 10001);

	world_init(&w);
	port_init(&p, &w, &plug_udp_class, "10001 -> 127.0.0.1:10002");
	early_stranger = peer_socket(10003, 10001);
	port_open(&p);
	(void)close(early_stranger);
	early_stranger = -1;
	peer_sends(peer, 60);
	world_wait(&w, &p.bursts, 1);
	assert_int_equal(p.rx.frames, 1);
	assert_int_equal(hold_peek(&p.rx)->len, 60);
	port_close(&p, &w);
	(void)close(peer);
	port_free(&p);
	world_done(&w);
}

static void strangers_are_not_heard(void **state)
{
	struct world w;
	struct port p;
	int peer;
	int stranger;

	world_init(&w);
	port_init(&p, &w, &plug_udp_class, "10001 -> 127.0.0.1:10002");
	port_open(&p);
	peer = peer_socket(10002, 10001);
	stranger = peer_socket(10003, 10001);
	peer_sends(stranger, 99);
	peer_sends(peer, 60);
	world_wait(&w, &p.bursts, 1);
	world_settle(&w);
	assert_int_equal(p.rx.frames, 1);
	assert_int_equal(hold_peek(&p.rx)->len, 60);
	port_close(&p, &w);
	(void)close(peer);
	(void)close(stranger);
	port_free(&p);
	world_done(&w);
}

static void refusal_is_counted_and_survived(void **state)
{
	uint8_t buf[64];
	struct world w;
	struct port p;
	int peer;

	world_init(&w);
	port_init(&p, &w, &plug_udp_class, "10001 -> 127.0.0.1:10002");
	port_open(&p);
	port_send(&p, 7, 60, 64);
	world_settle(&w);
	assert_true(p.counters.drops[DROP_TX_REFUSED] >= 1);
	assert_sums(&p.counters, 0);
	p.counters = (struct counters){0};
	for (int i = 0; i < 100; i++) {
		port_send(&p, 7, 60, 1);
		world_settle(&w);
	}
	assert_int_equal(p.counters.drops[DROP_TX_REFUSED], 100);
	assert_int_equal(p.counters.tx_bytes, 0);
	assert_sums(&p.counters, 0);
	assert_int_equal(p.downs, 0);
	peer = peer_socket(10002, 10001);
	port_send(&p, 7, 60, 1);
	assert_int_equal(recv(peer, buf, sizeof(buf), 0), 60);
	peer_sends(peer, 42);
	world_wait(&w, &p.bursts, 1);
	assert_sums(&p.counters, 0);
	port_close(&p, &w);
	(void)close(peer);
	port_free(&p);
	world_done(&w);
}

static void passes_over_ipv6(void **state)
{
	struct world w;
	struct port p;
	struct port q;

	world_init(&w);
	port_init(&p, &w, &plug_udp_class, "10001 -> [::1]:10002");
	port_init(&q, &w, &plug_udp_class, "[::1]:10002 -> [::1]:10001");
	port_open(&p);
	port_open(&q);
	port_send(&p, 7, 60, 3);
	world_wait(&w, &q.bursts, 1);
	assert_int_equal(q.rx.frames, 3);
	port_close(&p, &w);
	port_close(&q, &w);
	port_free(&p);
	port_free(&q);
	world_done(&w);
}

static void what_cannot_be_bound_is_explained(void **state)
{
	struct world w;
	struct port p;
	int other = peer_socket(10001, 10002);

	world_init(&w);
	port_init(&p, &w, &plug_udp_class, "10001 -> 127.0.0.1:10002");
	port_open_fails(&p, "127.0.0.1:10001 is used by another program");
	(void)close(other);
	port_open(&p);
	port_close(&p, &w);
	port_free(&p);
	port_init(&p, &w, &plug_udp_class, "192.0.2.1:10001 -> 127.0.0.1:2");
	port_open_fails(&p, "no interface has the address of 192.0.2.1:10001");
	port_free(&p);
	port_init(&p, &w, &plug_udp_class, "0.0.0.0:10001 -> 192.0.2.1:2");
	port_open_fails(&p, "cannot reach UDP peer 192.0.2.1:2");
	port_free(&p);
	world_done(&w);
}

/* --- Options ----------------------------------------------------------- */

/* Parses text; it is written as `plain`, which parses to the same. */
static void assert_reads(const char *text, const char *plain, const char *claim)
{
	const struct opt *row = plug_udp_class.kind.arg;
	char a[128] = {0};
	char b[128] = {0};
	char buf[160];
	struct err err = {.msg = ""};

	assert_true(row->offset + row->size <= sizeof(a));
	if (!conf_set(row, text, a, &err))
		fail_msg("%s", err.msg);
	row->type->format(row, a + row->offset, buf, sizeof(buf));
	assert_string_equal(buf, plain);
	assert_true(conf_set(row, buf, b, &err));
	assert_memory_equal(a, b, sizeof(a));
	plug_udp_class.kind.claim(a, buf, sizeof(buf));
	assert_string_equal(buf, claim);
}

static void reads_all_forms(void **state)
{
	assert_reads("10001 -> 127.0.0.1:10002", "10001 -> 127.0.0.1:10002",
		     "UDP 127.0.0.1:10001");
	assert_reads("10001->localhost:10002", "10001 -> 127.0.0.1:10002",
		     "UDP 127.0.0.1:10001");
	assert_reads("127.0.0.1:10001 -> 192.0.2.7:65535",
		     "10001 -> 192.0.2.7:65535", "UDP 127.0.0.1:10001");
	assert_reads("0.0.0.0:1 -> 192.0.2.7:2", "0.0.0.0:1 -> 192.0.2.7:2",
		     "UDP 0.0.0.0:1");
	assert_reads(" 10001\t->  [::1]:10002 ", "10001 -> [::1]:10002",
		     "UDP [::1]:10001");
	assert_reads("[2001:DB8::1]:1 -> [2001:db8:0::2]:2",
		     "[2001:db8::1]:1 -> [2001:db8::2]:2",
		     "UDP [2001:db8::1]:1");
}

static void refuses_the_rest(void **state)
{
	static const char *const bad[][2] = {
		{"", "expected LPORT -> HOST:PORT"},
		{"10001", "expected LPORT -> HOST:PORT"},
		{"10001 -> 10002", "expected HOST:PORT"},
		{"-> 127.0.0.1:1", "outside 1-65535"},
		{"0 -> 127.0.0.1:1", "outside 1-65535"},
		{"65536 -> 127.0.0.1:1", "outside 1-65535"},
		{"010 -> 127.0.0.1:1", "outside 1-65535"},
		{"1 -> 127.0.0.1:", "outside 1-65535"},
		{"1 -> 127.0.0.1:99999999999", "outside 1-65535"},
		{"1 -> 127.0.0.1:-5", "outside 1-65535"},
		{"1 -> :2", "names are not looked up"},
		{"1 -> example.org:2", "names are not looked up"},
		{"1 -> ::1:2", "names are not looked up"},
		{"1 -> [::1:2", "names are not looked up"},
		{"1 -> []:2", "names are not looked up"},
		{"1 -> [1.2.3.4]:2", "names are not looked up"},
		{"eth0:1 -> 127.0.0.1:2", "names are not looked up"},
		{"127.0.0.1:1 -> [::1]:2", "an IPv4 and an IPv6 address"},
		{"1 -> 127.0.0.1:2 -> 127.0.0.1:3", "names are not looked up"},
	};
	char conf[128] = {0};
	char long_text[500];
	struct err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(conf_set(plug_udp_class.kind.arg, bad[i][0], conf,
				      &err));
		if (!strstr(err.msg, bad[i][1]))
			fail_msg("'%s': %s", bad[i][0], err.msg);
	}
	memset(long_text, '1', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	assert_false(conf_set(plug_udp_class.kind.arg, long_text, conf, &err));
	for (size_t i = 0; i < sizeof(conf); i++)
		assert_int_equal(conf[i], 0);
}

static void assert_attach(const char *arg, const char *want)
{
	struct world w;
	struct port p;
	char text[512];

	world_init(&w);
	port_init(&p, &w, &plug_udp_class, arg);
	p.plug->number = 259;
	p.plug->class->attach(p.plug, text, sizeof(text));
	assert_string_equal(text, want);
	port_free(&p);
	world_done(&w);
}

#define NIC " -device virtio-net-pci,netdev=lan.port,mac=52:54:00:00:01:03\n"

static void says_how_to_connect(void **state)
{
	assert_attach("10001 -> 127.0.0.1:10002",
		      "vpcs -i 1 -m 3 -s 10002 -c 10001 -t 127.0.0.1\n"
		      "-netdev dgram,id=lan.port,local.type=inet,"
		      "local.host=127.0.0.1,local.port=10002,"
		      "remote.type=inet,remote.host=127.0.0.1,"
		      "remote.port=10001" NIC
		      "-netdev socket,id=lan.port,udp=127.0.0.1:10001,"
		      "localaddr=127.0.0.1:10002" NIC);
	assert_attach("0.0.0.0:1 -> 192.0.2.7:2",
		      "vpcs -i 1 -m 3 -s 2 -c 1 -t ADDRESS_OF_THIS_HOST\n"
		      "-netdev dgram,id=lan.port,local.type=inet,"
		      "local.host=192.0.2.7,local.port=2,"
		      "remote.type=inet,remote.host=ADDRESS_OF_THIS_HOST,"
		      "remote.port=1" NIC
		      "-netdev socket,id=lan.port,udp=ADDRESS_OF_THIS_HOST:1,"
		      "localaddr=192.0.2.7:2" NIC);
	assert_attach("1 -> [2001:db8::1]:2",
		      "udp: \"[2001:db8::1]:2 -> [::1]:1\"\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_pass_both_ways),
		cmocka_unit_test(strangers_are_not_heard),
		cmocka_unit_test(strangers_are_not_heard_while_it_opens),
		cmocka_unit_test(refusal_is_counted_and_survived),
		cmocka_unit_test(passes_over_ipv6),
		cmocka_unit_test(what_cannot_be_bound_is_explained),
		cmocka_unit_test(reads_all_forms),
		cmocka_unit_test(refuses_the_rest),
		cmocka_unit_test(says_how_to_connect),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
