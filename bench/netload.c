/* SPDX-License-Identifier: MIT */
/*
 * netload: UDP datagrams or TCP streams between guests g0, g1, ...: from g0 to
 * g1 (pair), from all to g0 (incast) or from all to all (mesh). A thread sends
 * and a thread receives in each guest that has to.
 *
 *	netload [-s] pair|incast|mesh udp|tcp GUESTS SECONDS
 *
 * tcp prints what arrived in Gbit/s. udp, in frames of 60 bytes, prints
 * frames/s sent and received with the senders at full speed and the share that
 * was lost; -s then searches the highest rate of which less than 0.1 % is lost.
 */
#include "bench/load.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define UDP_PORT    9000
#define TCP_PORT    9100
#define PAYLOAD     18
#define BATCH       32
#define STREAM_BUF  (1 << 17)
#define BUFFER_LEN  (16 << 20)
#define TRIAL_S     0.4
#define TRIALS      6
#define LOSS_MOST   0.001
#define LOSS_SURELY 0.03

enum pattern { PATTERN_PAIR, PATTERN_INCAST, PATTERN_MESH, PATTERN_COUNT };
enum phase { PHASE_WAIT, PHASE_SEND, PHASE_DRAIN, PHASE_END };

static const char *const pattern_names[] = {"pair", "incast", "mesh"};
static_assert(sizeof(pattern_names) / sizeof(*pattern_names) == PATTERN_COUNT,
	      "a name each");

/* One counts to a cache line. */
struct count {
	_Alignas(64) atomic_uint_fast64_t n;
};

struct load {
	enum pattern pattern;
	bool tcp;
	int guests;
	double fps; /* per sender; 0: full speed */
	atomic_int phase;
	atomic_int ready;
	struct count tx[LOAD_GUESTS_MAX]; /* frames, or bytes of TCP */
	struct count rx[LOAD_GUESTS_MAX];
};

struct worker {
	struct load *load;
	int guest;
	pthread_t thread;
};

struct result {
	double tx; /* a second */
	double rx;
	double loss;
};

static void add(struct count *count, ssize_t n)
{
	atomic_fetch_add_explicit(&count->n, (uint64_t)n, memory_order_relaxed);
}

static uint64_t sum(const struct load *load, const struct count *counts)
{
	uint64_t total = 0;

	for (int i = 0; i < load->guests; i++)
		total += atomic_load(&counts[i].n);
	return total;
}

static bool receives(const struct load *load, int guest)
{
	return load->pattern == PATTERN_MESH ||
	       guest == (load->pattern == PATTERN_PAIR);
}

/* To whom a guest sends; returns how many they are. */
static int receivers_of(const struct load *load, int guest, int *to)
{
	int n = 0;

	for (int i = 1; i < load->guests; i++) {
		int other = (guest + i) % load->guests;

		if (receives(load, other) &&
		    (load->pattern != PATTERN_PAIR || guest == 0))
			to[n++] = other;
	}
	return n;
}

static void await_phase(struct load *load, enum phase phase)
{
	while (atomic_load(&load->phase) < (int)phase)
		load_sleep_ns(100000);
}

/* --- UDP ----------------------------------------------------------------- */

static int udp_socket(void)
{
	struct timeval timeout = {0, 20000};
	int len = BUFFER_LEN;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		load_die("socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &len, sizeof(len));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &len, sizeof(len));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
			 sizeof(timeout));
	return fd;
}

static void *udp_receive(void *arg)
{
	struct worker *worker = arg;
	struct load *load = worker->load;
	struct sockaddr_in any = {AF_INET, htons(UDP_PORT), {0}, {0}};
	char buf[BATCH][64];
	struct iovec iov[BATCH];
	struct mmsghdr msg[BATCH] = {0};
	int fd;

	load_enter(worker->guest);
	fd = udp_socket();
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0)
		load_die("bind");
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){buf[i], sizeof(buf[i])};
		msg[i].msg_hdr.msg_iov = &iov[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	atomic_fetch_add(&load->ready, 1);
	while (atomic_load(&load->phase) < PHASE_END) {
		int n = recvmmsg(fd, msg, BATCH, MSG_WAITFORONE, NULL);

		if (n > 0)
			add(&load->rx[worker->guest], n);
	}
	(void)close(fd);
	return NULL;
}

/* Names the receivers of the next burst, in turn. */
static int address_burst(struct mmsghdr *msg, struct sockaddr_in *address,
			 int receivers, int next)
{
	for (int i = 0; i < BATCH; i++) {
		msg[i].msg_hdr.msg_name = &address[next];
		msg[i].msg_hdr.msg_namelen = sizeof(*address);
		next = (next + 1) % receivers;
	}
	return next;
}

static void udp_send_all(struct worker *worker, struct mmsghdr *msg, int fd)
{
	struct load *load = worker->load;
	struct sockaddr_in address[LOAD_GUESTS_MAX];
	struct load_pace pace = {load_now_ns(), 0, load->fps};
	int to[LOAD_GUESTS_MAX];
	int receivers = receivers_of(load, worker->guest, to);
	int next = 0;

	for (int i = 0; i < receivers; i++)
		address[i] = load_address(to[i], UDP_PORT);
	while (atomic_load(&load->phase) == PHASE_SEND) {
		int due = load_pace_due(&pace, BATCH);
		int n;

		next = address_burst(msg, address, receivers, next);
		n = sendmmsg(fd, msg, (unsigned)due, 0);
		if (n > 0) {
			pace.sent += (uint64_t)n;
			add(&load->tx[worker->guest], n);
		} else if (n < 0) {
			if (errno != ENOBUFS && errno != EAGAIN)
				load_die("sendmmsg");
			(void)sched_yield();
		}
	}
}

static void *udp_send(void *arg)
{
	struct worker *worker = arg;
	char payload[PAYLOAD] = {0};
	struct iovec iov = {payload, sizeof(payload)};
	struct mmsghdr msg[BATCH] = {0};
	int fd;

	load_enter(worker->guest);
	(void)prctl(PR_SET_TIMERSLACK, 1000);
	fd = udp_socket();
	for (int i = 0; i < BATCH; i++) {
		msg[i].msg_hdr.msg_iov = &iov;
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	atomic_fetch_add(&worker->load->ready, 1);
	await_phase(worker->load, PHASE_SEND);
	udp_send_all(worker, msg, fd);
	(void)close(fd);
	return NULL;
}

/* --- TCP ----------------------------------------------------------------- */

static void watch(int epoll, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		load_die("epoll_ctl");
}

static int tcp_listen(void)
{
	struct sockaddr_in any = {AF_INET, htons(TCP_PORT), {0}, {0}};
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 ||
	    listen(fd, LOAD_GUESTS_MAX) < 0)
		load_die("listen");
	return fd;
}

/* What one stream has for us; at its end it is closed. */
static void tcp_take(int fd, char *buf, struct count *count)
{
	ssize_t n = recv(fd, buf, STREAM_BUF, 0);

	if (n > 0)
		add(count, n);
	else if (n == 0)
		(void)close(fd);
}

static void *tcp_receive(void *arg)
{
	struct worker *worker = arg;
	struct load *load = worker->load;
	struct epoll_event events[LOAD_GUESTS_MAX];
	char *buf = malloc(STREAM_BUF);
	int epoll = epoll_create1(0);
	int listener;

	load_enter(worker->guest);
	listener = tcp_listen();
	watch(epoll, listener, EPOLLIN);
	atomic_fetch_add(&load->ready, 1);
	while (buf && atomic_load(&load->phase) < PHASE_END) {
		int n = epoll_wait(epoll, events, LOAD_GUESTS_MAX, 20);

		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd != listener) {
				tcp_take(fd, buf, &load->rx[worker->guest]);
				continue;
			}
			fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
			if (fd >= 0)
				watch(epoll, fd, EPOLLIN);
		}
	}
	free(buf);
	return NULL;
}

static int tcp_connect(int guest)
{
	struct sockaddr_in to = load_address(guest, TCP_PORT);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		load_die("connect");
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void *tcp_send(void *arg)
{
	struct worker *worker = arg;
	struct load *load = worker->load;
	struct epoll_event events[LOAD_GUESTS_MAX];
	int to[LOAD_GUESTS_MAX];
	int receivers = receivers_of(load, worker->guest, to);
	char *buf = calloc(1, STREAM_BUF);
	int epoll = epoll_create1(0);

	load_enter(worker->guest);
	for (int i = 0; i < receivers; i++)
		watch(epoll, tcp_connect(to[i]), EPOLLOUT);
	atomic_fetch_add(&load->ready, 1);
	await_phase(load, PHASE_SEND);
	while (buf && atomic_load(&load->phase) == PHASE_SEND) {
		int n = epoll_wait(epoll, events, LOAD_GUESTS_MAX, 20);

		for (int i = 0; i < n; i++) {
			ssize_t sent = send(events[i].data.fd, buf, STREAM_BUF,
					    MSG_NOSIGNAL);

			if (sent > 0)
				add(&load->tx[worker->guest], sent);
		}
	}
	free(buf);
	return NULL;
}

/* --- Measuring ----------------------------------------------------------- */

/* Starts workers of one sort and waits until they are ready. */
static int start(struct load *load, struct worker *workers, bool senders)
{
	void *(*const run[2][2])(void *) = {{udp_receive, udp_send},
					    {tcp_receive, tcp_send}};
	int to[LOAD_GUESTS_MAX];
	int n = 0;

	atomic_store(&load->ready, 0);
	for (int i = 0; i < load->guests; i++) {
		if (senders ? !receivers_of(load, i, to) : !receives(load, i))
			continue;
		workers[n].load = load;
		workers[n].guest = i;
		if (pthread_create(&workers[n].thread, NULL,
				   run[load->tcp][senders], &workers[n]))
			load_die("thread");
		n++;
	}
	while (atomic_load(&load->ready) < n)
		load_sleep_ns(1000000);
	return n;
}

static void sleep_s(double seconds)
{
	load_sleep_ns((uint64_t)(seconds * 1e9));
}

/* What passes within `seconds`, and of all that was ever sent the lost share.
 */
static struct result watch_load(struct load *load, double seconds)
{
	struct result result;
	uint64_t start_ns = load_now_ns();
	uint64_t tx = sum(load, load->tx);
	uint64_t rx = sum(load, load->rx);
	double took;

	sleep_s(seconds);
	took = (double)(load_now_ns() - start_ns) / 1e9;
	result.tx = (double)(sum(load, load->tx) - tx) / took;
	result.rx = (double)(sum(load, load->rx) - rx) / took;
	atomic_store(&load->phase, PHASE_DRAIN);
	sleep_s(0.15);
	tx = sum(load, load->tx);
	rx = sum(load, load->rx);
	result.loss = tx ? 1 - (double)rx / (double)tx : 1;
	return result;
}

static struct result measure(struct load *load, double seconds, double fps)
{
	struct worker workers[2 * LOAD_GUESTS_MAX];
	struct result result;
	int n;

	memset(load->tx, 0, sizeof(load->tx));
	memset(load->rx, 0, sizeof(load->rx));
	load->fps = fps;
	atomic_store(&load->phase, PHASE_WAIT);
	n = start(load, workers, false);
	n += start(load, workers + n, true);
	atomic_store(&load->phase, PHASE_SEND);
	sleep_s(load->tcp ? 0.7 : seconds < 1 ? 0.05 : 0.25); /* warm up */
	result = watch_load(load, seconds);
	atomic_store(&load->phase, PHASE_END);
	while (n > 0)
		(void)pthread_join(workers[--n].thread, NULL);
	return result;
}

/* Whether a rate passes; one accident is not held against it. */
static bool passes(struct load *load, double fps, int senders)
{
	struct result result;

	result = measure(load, TRIAL_S, fps / senders);
	if (result.loss >= LOSS_MOST && result.loss < LOSS_SURELY)
		result = measure(load, TRIAL_S, fps / senders);
	return result.loss < LOSS_MOST && result.tx > 0.95 * fps;
}

static double search(struct load *load, const struct result *full)
{
	double low = 0;
	double high = full->rx * 1.3 < full->tx ? full->rx * 1.3 : full->tx;
	int to[LOAD_GUESTS_MAX];
	int senders = 0;

	for (int i = 0; i < load->guests; i++)
		senders += receivers_of(load, i, to) > 0;
	for (int i = 0; i < TRIALS; i++) {
		double fps = (low + high) / 2;

		if (passes(load, fps, senders))
			low = fps;
		else
			high = fps;
	}
	return low;
}

static enum pattern pattern_of(const char *name)
{
	int pattern = 0;

	while (pattern < PATTERN_COUNT &&
	       strcmp(name, pattern_names[pattern]) != 0)
		pattern++;
	if (pattern == PATTERN_COUNT) {
		fprintf(stderr, "netload: no pattern '%s'\n", name);
		exit(2);
	}
	return (enum pattern)pattern;
}

int main(int argc, char **argv)
{
	bool searches = argc > 1 && strcmp(argv[1], "-s") == 0;
	static struct load load;
	struct result full;
	double seconds;

	argc -= searches;
	argv += searches;
	if (argc != 5) {
		fprintf(stderr, "usage: netload [-s] pair|incast|mesh udp|tcp "
				"GUESTS SECONDS\n");
		return 2;
	}
	load.pattern = pattern_of(argv[1]);
	load.tcp = strcmp(argv[2], "tcp") == 0;
	load.guests = (int)load_number(argv[3], 2, LOAD_GUESTS_MAX);
	seconds = load_seconds(argv[4]);
	full = measure(&load, seconds, 0);
	if (load.tcp) {
		printf("gbps=%.3f\n", full.rx * 8 / 1e9);
		return 0;
	}
	printf("sent=%.0f full=%.0f loss=%.5f", full.tx, full.rx, full.loss);
	if (searches)
		printf(" lossless=%.0f", search(&load, &full));
	printf("\n");
	return 0;
}
