/* SPDX-License-Identifier: MIT */
#include "tests/unit/plugs/netns.h"
#include "tests/unit/plugs/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sys/stat.h>

#define ETHERTYPE 0x88b5 /* IEEE 802.1: for local experiments */

extern const struct plug_class plug_tap_class;

static int setup(void **state)
{
	netns_unshare();
	run("ip link set lo up");
	return 0;
}

/* The other side of a TAP: a socket on its interface, for ETHERTYPE only. */
static int wire_to(const char *ifname)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETHERTYPE));
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE),
		.sll_ifindex = (int)if_nametoindex(ifname),
	};

	assert_true(fd >= 0);
	assert_true(addr.sll_ifindex > 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

static void fill_frame(uint8_t *data, uint32_t len, uint8_t seq)
{
	memset(data, seq, len);
	memset(data, 0xff, 6);
	memcpy(data + 6, "\x02\x00\x00\x00\x00\x01\x88\xb5", 8);
}

/* Sends one frame into the plug and checks that `wire` hears it. */
static void send_one(struct port *p, int wire, uint32_t len, uint8_t seq)
{
	uint8_t data[2000];
	uint8_t got[2000];
	struct frame f = {.data = data, .len = len};
	struct wire w;

	fill_frame(data, len, seq);
	wire_whole(&w, &f);
	counters_offered(&p->counters, 1);
	p->plug->class->send(p->plug, &w, 1, 0, NULL);
	if (wire < 0)
		return;
	assert_int_equal(recv(wire, got, sizeof(got), 0), len);
	assert_memory_equal(got, data, len);
}

static bool is_ours(const struct hold *h, uint32_t len, uint8_t seq)
{
	uint8_t want[2000];

	fill_frame(want, len, seq);
	return h->len == len && memcmp(h->data, want, len) == 0;
}

/* Sends one frame from `wire` and waits until the plug has it; what the
 * kernel says by itself (neighbour discovery) is passed over. */
static void hear_one(struct port *p, struct world *w, int wire, uint32_t len,
		     uint8_t seq)
{
	uint8_t data[2000];
	bool heard = false;

	fill_frame(data, len, seq);
	assert_int_equal(send(wire, data, len, 0), len);
	while (!heard) {
		world_wait(w, &p->bursts, p->bursts + 1);
		for (; p->rx.frames > 0; hold_pop(&p->rx))
			heard |= is_ours(hold_peek(&p->rx), len, seq);
	}
}

static void frames_pass_both_ways(void **state)
{
	struct world w;
	struct port p;
	int wire;

	world_init(&w);
	port_init(&p, &w, &plug_tap_class, "t0");
	port_open(&p);
	wire = wire_to("t0");
	send_one(&p, wire, 14, 1);
	send_one(&p, wire, 1514, 2);
	hear_one(&p, &w, wire, 42, 3);
	hear_one(&p, &w, wire, 1514, 4);
	assert_int_equal(p.counters.tx_frames, 2);
	assert_int_equal(p.counters.tx_bytes, 1528);
	assert_sums(&p.counters, 0);
	port_close(&p, &w);
	assert_int_equal(if_nametoindex("t0"), 0);
	(void)close(wire);
	port_free(&p);
	world_done(&w);
}

static void new_interface_is_configured(void **state)
{
	struct world w;
	struct port p;

	world_init(&w);
	port_init(&p, &w, &plug_tap_class, NULL);
	port_option(&p, "mac", "52:54:00:00:00:17");
	port_option(&p, "owner", "0");
	port_option(&p, "group", "root");
	p.plug->mtu = 9000;
	port_open(&p);
	assert_int_equal(netns_mtu("port"), 9000);
	run("ip -o link show port up | grep -q 52:54:00:00:00:17");
	run("ip link show port | grep -q 'BROADCAST,MULTICAST,UP.*qlen 2500'");
	run("ip -d link show port | grep -q 'vnet_hdr on.*user root group'");
	port_close(&p, &w);
	port_free(&p);

	port_init(&p, &w, &plug_tap_class, "t0");
	port_option(&p, "up", "no");
	port_open(&p);
	run("test -z \"$(ip -o link show t0 up)\"");
	port_close(&p, &w);
	port_free(&p);
	world_done(&w);
}

static void interface_that_is_down_counts(void **state)
{
	struct world w;
	struct port p;
	int wire;

	world_init(&w);
	port_init(&p, &w, &plug_tap_class, "t0");
	port_open(&p);
	wire = wire_to("t0");
	run("ip link set t0 down");
	send_one(&p, -1, 60, 1);
	world_settle(&w);
	assert_int_equal(p.counters.drops[DROP_TX_DOWN], 1);
	assert_int_equal(p.downs, 0);
	run("ip link set t0 up");
	(void)close(wire);
	wire = wire_to("t0");
	send_one(&p, wire, 60, 2);
	hear_one(&p, &w, wire, 60, 3);
	assert_sums(&p.counters, 0);
	port_close(&p, &w);
	(void)close(wire);
	port_free(&p);
	world_done(&w);
}

static void deleted_interface_is_gone(void **state)
{
	struct world w;
	struct port p;

	world_init(&w);
	port_init(&p, &w, &plug_tap_class, "t0");
	port_open(&p);
	run("ip link del t0");
	world_wait(&w, &p.downs, 1);
	assert_non_null(strstr(p.reason, "deleted"));
	world_settle(&w);
	assert_int_equal(p.downs, 1);
	port_close(&p, &w);

	/* And it comes back; this time the end is met while sending. */
	p.ups = 0;
	port_open(&p);
	run("ip link del t0");
	send_one(&p, -1, 60, 1);
	assert_int_equal(p.downs, 1);
	world_wait(&w, &p.downs, 2);
	assert_int_equal(p.counters.drops[DROP_TX_DOWN], 1);
	assert_sums(&p.counters, 0);
	port_close(&p, &w);
	port_free(&p);
	world_done(&w);
}

static void interface_may_be_renamed_and_moved(void **state)
{
	pid_t child = netns_child();
	struct world w;
	struct port p;
	int wire;

	world_init(&w);
	port_init(&p, &w, &plug_tap_class, "t0");
	port_open(&p);
	run("ip link set t0 down && ip link set t0 name eth7 && "
	    "ip link set eth7 up");
	wire = wire_to("eth7");
	send_one(&p, wire, 60, 1);
	(void)close(wire);

	run("ip link set eth7 netns %d", (int)child);
	assert_int_equal(if_nametoindex("eth7"), 0);
	send_one(&p, -1, 60, 2);
	assert_int_equal(p.counters.drops[DROP_TX_DOWN], 1);
	run("nsenter -t %d -n ip link set eth7 up", (int)child);
	send_one(&p, -1, 60, 3);
	assert_int_equal(p.counters.tx_frames, 2);
	assert_int_equal(p.downs, 0);
	port_close(&p, &w);
	netns_child_end(child);
	port_free(&p);
	world_done(&w);
}

static void name_in_use_is_refused(void **state)
{
	struct world w;
	struct port p;
	struct port q;

	world_init(&w);
	port_init(&p, &w, &plug_tap_class, "t0");
	port_init(&q, &w, &plug_tap_class, "t0");
	port_open(&p);
	port_open_fails(&q, "TAP t0 is used by another program");
	port_close(&p, &w);
	port_open(&q);
	port_close(&q, &w);
	port_free(&p);
	port_free(&q);

	port_init(&p, &w, &plug_tap_class, "lo");
	port_open_fails(&p, "is no TAP");
	port_free(&p);
	world_done(&w);
}

static void existing_tap_is_adopted(void **state)
{
	struct world w;
	struct port p;
	int wire;

	run("ip tuntap add t0 mode tap && ip link set t0 mtu 1400 up");
	world_init(&w);
	port_init(&p, &w, &plug_tap_class, "t0");
	port_open(&p);
	assert_int_equal(netns_mtu("t0"), 1400);
	wire = wire_to("t0");
	send_one(&p, wire, 60, 1);
	hear_one(&p, &w, wire, 60, 2);
	(void)close(wire);
	port_close(&p, &w);
	assert_int_equal(netns_mtu("t0"), 1400);
	run("ip link del t0");
	port_free(&p);
	world_done(&w);
}

static void opens_in_another_namespace(void **state)
{
	pid_t child = netns_child();
	char netns[2][64];
	struct world w;
	struct port p;

	(void)snprintf(netns[0], sizeof(netns[0]), "pid %d", (int)child);
	(void)snprintf(netns[1], sizeof(netns[1]), "/proc/%d/ns/net",
		       (int)child);
	world_init(&w);
	for (int i = 0; i < 2; i++) {
		port_init(&p, &w, &plug_tap_class, "t0");
		port_option(&p, "netns", netns[i]);
		port_open(&p);
		assert_int_equal(if_nametoindex("t0"), 0);
		run("nsenter -t %d -n ip link show t0 up >/dev/null",
		    (int)child);
		port_close(&p, &w);
		port_free(&p);
	}
	netns_child_end(child);
	world_done(&w);
}

static void wrong_namespaces_are_refused(void **state)
{
	char dir[] = "/tmp/labswitch-test.XXXXXX";
	char fifo[64];
	const char *const cases[][2] = {
		{"no-such-netns", "`ip netns add no-such-netns` makes it"},
		{"pid 2147483647", "no network namespace 'pid 2147483647'"},
		{"/proc/self/ns/mnt", "is not a network namespace"},
		{"/etc/passwd", "is not a network namespace"},
		{"/dev/null", "is not a network namespace"},
		{fifo, "is not a network namespace"},
	};
	struct world w;
	struct port p;

	assert_non_null(mkdtemp(dir));
	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	world_init(&w);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		port_init(&p, &w, &plug_tap_class, "t0");
		port_option(&p, "netns", cases[i][0]);
		port_open_fails(&p, cases[i][1]);
		port_free(&p);
	}
	world_done(&w);
	(void)unlink(fifo);
	(void)rmdir(dir);
}

static void unknown_owner_leaves_no_interface(void **state)
{
	struct world w;
	struct port p;

	world_init(&w);
	port_init(&p, &w, &plug_tap_class, "t0");
	port_option(&p, "owner", "nobody-of-that-name");
	port_open_fails(&p, "no user 'nobody-of-that-name'");
	assert_int_equal(if_nametoindex("t0"), 0);
	port_free(&p);
	port_init(&p, &w, &plug_tap_class, "t0");
	port_option(&p, "group", "4294967295");
	port_open_fails(&p, "no group '4294967295'");
	port_free(&p);
	world_done(&w);
}

/* In a child, which is a user that owns nothing here. */
static void without_privileges_says_what_to_do(void **state)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct tap_request req = {.ifname = "t0"};
		struct err err = {.msg = ""};
		bool made;

		if (unshare(CLONE_NEWUSER) < 0)
			_exit(2);
		if (priv_local.tap_open(NULL, &req, &made, &err) >= 0)
			_exit(3);
		_exit(strstr(err.msg, "ip tuntap add t0") ? 0 : 4);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void options_are_checked(void **state)
{
	static const char *const bad[] = {
		"a/b", "pid x", "pid 1 2", ".",
		"..",  "",      "a b",     "pid 99999999999",
	};
	const struct opt *row = opt_find(plug_tap_class.kind.rows, "netns");
	char conf[512] = {0};
	char text[256];
	struct err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(conf_set(row, bad[i], conf, &err));
	assert_true(conf_set(row, "pid 4711", conf, &err));
	row->type->format(row, conf + row->offset, text, sizeof(text));
	assert_string_equal(text, "pid 4711");
	assert_false(plug_tap_class.kind.finish(memset(conf, 0, sizeof(conf)),
						"longer-than-15-chars", &err));
}

static void assert_attach(const char *netns, const char *up, const char *want,
			  const char *claim)
{
	struct world w;
	struct port p;
	char text[512];

	world_init(&w);
	port_init(&p, &w, &plug_tap_class, "pc7");
	if (netns)
		port_option(&p, "netns", netns);
	port_option(&p, "up", up);
	p.plug->number = 259;
	p.plug->class->attach(p.plug, text, sizeof(text));
	assert_string_equal(text, want);
	p.plug->class->kind.claim(p.plug->conf, text, sizeof(text));
	assert_string_equal(text, claim);
	port_free(&p);
	world_done(&w);
}

static void says_how_to_use_it(void **state)
{
	assert_attach(NULL, "yes", "ip addr add 10.0.0.5/24 dev pc7\n",
		      "TAP pc7");
	assert_attach("alice", "yes",
		      "ip netns exec alice ip addr add 10.0.0.5/24 dev pc7\n",
		      "TAP pc7 in netns alice");
	assert_attach("pid 4711", "no",
		      "nsenter -t 4711 -n ip link set pc7 up\n"
		      "nsenter -t 4711 -n ip addr add 10.0.0.5/24 dev pc7\n",
		      "TAP pc7 in netns pid 4711");
	assert_attach("/run/x", "yes",
		      "nsenter --net=/run/x ip addr add 10.0.0.5/24 dev pc7\n",
		      "TAP pc7 in netns /run/x");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_pass_both_ways),
		cmocka_unit_test(new_interface_is_configured),
		cmocka_unit_test(interface_that_is_down_counts),
		cmocka_unit_test(deleted_interface_is_gone),
		cmocka_unit_test(interface_may_be_renamed_and_moved),
		cmocka_unit_test(name_in_use_is_refused),
		cmocka_unit_test(existing_tap_is_adopted),
		cmocka_unit_test(opens_in_another_namespace),
		cmocka_unit_test(wrong_namespaces_are_refused),
		cmocka_unit_test(unknown_owner_leaves_no_interface),
		cmocka_unit_test(without_privileges_says_what_to_do),
		cmocka_unit_test(options_are_checked),
		cmocka_unit_test(says_how_to_use_it),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
