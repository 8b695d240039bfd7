/* SPDX-License-Identifier: MIT */
/*
 * libslirp and a clock of the test's own: when it lets go of sockets, and what
 * it does when there are none to be had. The guest talks to the loopback
 * address of a network namespace, by way of the gateway's.
 */
#include "tests/unit/plugs/netns.h"

#include <poll.h>
#include <sys/resource.h>
#include <time.h>

#include "plugs/nat/child/engine.h"
#include "tests/unit/nat/guest_frames.h"
#include "tests/unit/nat/nat_conf.h"

#define DNS  53
#define PORT 5300

static uint64_t fake_ns;

/* Instead of libc's. */
int clock_gettime(clockid_t id, struct timespec *t)
{
	t->tv_sec = (time_t)(fake_ns / SECOND);
	t->tv_nsec = (long)(fake_ns % SECOND);
	return 0;
}

struct fixture {
	struct nat_conf conf;
	struct pollset *set;
	struct engine *engine;
	int server;
	struct sockaddr_in guest; /* as the server sees it */
	unsigned answers;         /* that the guest has got */
};

static void on_send(void *ctx, const uint8_t *data, uint32_t len)
{
	struct fixture *f = ctx;
	struct frame frame = {.data = data, .len = len};
	struct packet p;

	f->answers += packet_parse(&frame, &p) && p.protocol == IPPROTO_UDP;
}

static int serve(uint16_t port)
{
	const struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const void *)&addr, sizeof(addr)), 0);
	return fd;
}

/* libslirp shall know the guest's MAC before it is to answer. */
static void announce(struct fixture *f)
{
	uint8_t arp[FRAME_HEADER + 28];

	memset(arp, 0xff, 6);
	memcpy(arp + 6, guest_mac.b, 6);
	memcpy(arp + 12, "\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01", 10);
	memcpy(arp + 22, guest_mac.b, 6);
	memcpy(arp + 28, "\x0a\x00\x02\x0f\x00\x00\x00\x00\x00\x00", 10);
	memcpy(arp + 38, "\x0a\x00\x02\x02", 4);
	engine_input(f->engine, arp, sizeof(arp));
}

static void make(struct fixture *f, uint16_t port)
{
	struct err err;

	memset(f, 0, sizeof(*f));
	f->conf = conf_default();
	f->server = serve(port);
	f->set = pollset_new(&err);
	assert_non_null(f->set);
	f->engine = engine_new(&f->conf, f->set, on_send, f, &err);
	assert_non_null(f->engine);
	announce(f);
}

static void unmake(struct fixture *f)
{
	engine_free(f->engine);
	pollset_free(f->set);
	(void)close(f->server);
}

/* A round of the loop, so many seconds later. */
static void later(struct fixture *f, unsigned seconds)
{
	struct pollset_event events[POLLSET_EVENTS];

	fake_ns += seconds * SECOND;
	(void)pollset_wait(f->set, 0, events);
	engine_poll(f->engine);
	(void)engine_fill(f->engine);
}

static void say(struct fixture *f, uint16_t from, uint16_t port)
{
	const struct segment s = {.src = "10.0.2.15",
				  .dst = "10.0.2.2",
				  .src_port = from,
				  .dst_port = port,
				  .len = 5};
	uint8_t frame[200];

	engine_input(f->engine, frame,
		     make_udp(&s, true, frame, sizeof(frame)));
	(void)engine_fill(f->engine);
}

static bool is_heard(struct fixture *f)
{
	struct pollfd server = {.fd = f->server, .events = POLLIN};
	socklen_t len = sizeof(f->guest);
	char data[10];

	return poll(&server, 1, 2000) == 1 &&
	       recvfrom(f->server, data, sizeof(data), 0, (void *)&f->guest,
			&len) == 5;
}

/* A datagram on loopback has arrived when it is sent. */
static void answer(struct fixture *f)
{
	unsigned before = f->answers;

	assert_int_equal(sendto(f->server, "yes", 3, 0, (void *)&f->guest,
				sizeof(f->guest)),
			 3);
	later(f, 0);
	assert_int_equal(f->answers, before + 1);
}

static void a_flow_is_idle_for_four_minutes(void **state)
{
	struct fixture f;

	make(&f, PORT);
	say(&f, 1000, PORT);
	assert_true(is_heard(&f));
	assert_int_equal(pollset_count(f.set), 1);
	later(&f, 239);
	assert_int_equal(pollset_count(f.set), 1);
	answer(&f); /* from then on */
	later(&f, 239);
	assert_int_equal(pollset_count(f.set), 1);
	later(&f, 2);
	assert_int_equal(pollset_count(f.set), 0);
	/* And works anew. */
	say(&f, 1000, PORT);
	assert_true(is_heard(&f));
	assert_int_equal(pollset_count(f.set), 1);
	answer(&f);
	unmake(&f);
}

static void one_for_names_is_over_soon(void **state)
{
	struct fixture f;

	make(&f, DNS);
	say(&f, 1000, DNS);
	assert_true(is_heard(&f));
	later(&f, 11);
	assert_int_equal(pollset_count(f.set), 1); /* no answer yet */
	answer(&f);
	later(&f, 9);
	assert_int_equal(pollset_count(f.set), 1);
	later(&f, 2);
	assert_int_equal(pollset_count(f.set), 0);
	unmake(&f);
}

static void no_descriptor_is_to_be_had(void **state)
{
	const struct segment syn = {.src = "10.0.2.15",
				    .dst = "10.0.2.2",
				    .src_port = 1001,
				    .dst_port = PORT,
				    .flags = TCP_SYN};
	uint8_t frame[200];
	struct rlimit all, few = {0, 0};
	struct fixture f;

	make(&f, PORT);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
	few.rlim_max = all.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	say(&f, 1000, PORT);
	engine_input(f.engine, frame, make_tcp(&syn, true, frame));
	later(&f, 1);
	assert_int_equal(pollset_count(f.set), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
	say(&f, 1000, PORT);
	assert_true(is_heard(&f));
	answer(&f);
	unmake(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_is_idle_for_four_minutes),
		cmocka_unit_test(one_for_names_is_over_soon),
		cmocka_unit_test(no_descriptor_is_to_be_had),
	};

	fake_ns = 1000 * SECOND;
	netns_unshare();
	run("ip link set lo up");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
