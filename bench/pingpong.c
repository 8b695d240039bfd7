/* SPDX-License-Identifier: MIT */
/*
 * pingpong: round trips of small UDP datagrams between guests g0 and g1.
 *
 *	pingpong COUNT INTERVAL_US
 *
 * Prints the median and the 99th percentile in us, and how many were lost.
 */
#include "bench/load.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#define PORT       9200
#define PAYLOAD    18 /* 60 bytes of frame */
#define WARM_UP    50
#define MOST_NS    20000000000ULL
#define TIMEOUT_US 200000

static int udp_socket(void)
{
	struct timeval timeout = {0, TIMEOUT_US};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
				 sizeof(timeout)) < 0)
		load_die("socket");
	return fd;
}

static void *echo(void *arg)
{
	atomic_bool *stop = arg;
	struct sockaddr_in from = load_address(1, PORT);
	char buf[2048];
	int fd;

	load_enter(1);
	fd = udp_socket();
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0)
		load_die("bind");
	while (!atomic_load(stop)) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, buf, sizeof(buf), 0,
				     (struct sockaddr *)&from, &len);

		if (n > 0)
			(void)sendto(fd, buf, (size_t)n, 0,
				     (struct sockaddr *)&from, len);
	}
	return NULL;
}

/* One round trip in ns; 0: it was lost. */
static uint64_t round_trip(int fd, uint64_t seq)
{
	uint64_t start = load_now_ns();
	char buf[PAYLOAD] = {0};
	uint64_t got = 0;

	memcpy(buf, &seq, sizeof(seq));
	(void)send(fd, buf, sizeof(buf), 0);
	while (got != seq) {
		if (recv(fd, buf, sizeof(buf), 0) < (ssize_t)sizeof(got))
			return 0;
		memcpy(&got, buf, sizeof(got));
	}
	return load_now_ns() - start;
}

/* Fills trips and returns how many came back. */
static long measure(uint64_t *trips, long count, uint64_t interval_ns)
{
	struct sockaddr_in to = load_address(1, PORT);
	uint64_t begin = load_now_ns();
	uint64_t next = begin;
	uint64_t seq = 0;
	long n = 0;
	int fd = udp_socket();

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		load_die("connect");
	for (long i = -WARM_UP; i < count; i++) {
		uint64_t trip = round_trip(fd, ++seq);
		uint64_t now = load_now_ns();

		if (trip && i >= 0)
			trips[n++] = trip;
		if (now - begin > MOST_NS)
			break;
		next += interval_ns;
		if (next > now)
			load_sleep_ns(next - now);
		else
			next = now;
	}
	return n;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double us_at(const uint64_t *trips, long index)
{
	return (double)trips[index] / 1000;
}

int main(int argc, char **argv)
{
	atomic_bool stop = false;
	pthread_t thread;
	uint64_t *trips;
	long count;
	long interval_us;
	long n;

	if (argc != 3) {
		fprintf(stderr, "usage: pingpong COUNT INTERVAL_US\n");
		return 2;
	}
	count = load_number(argv[1], 1, 1000000);
	interval_us = load_number(argv[2], 0, 1000000);
	trips = calloc((size_t)count, sizeof(*trips));
	if (!trips || pthread_create(&thread, NULL, echo, &stop))
		load_die("thread");
	load_sleep_ns(50000000);
	load_enter(0);
	(void)prctl(PR_SET_TIMERSLACK, 1000);
	n = measure(trips, count, (uint64_t)interval_us * 1000);
	atomic_store(&stop, true);
	(void)pthread_join(thread, NULL);
	if (n == 0) {
		fprintf(stderr, "pingpong: nothing came back\n");
		free(trips);
		return 1;
	}
	qsort(trips, (size_t)n, sizeof(*trips), compare);
	printf("p50_us=%.1f p99_us=%.1f lost=%ld\n", us_at(trips, n / 2),
	       us_at(trips, n * 99 / 100), count - n);
	free(trips);
	return 0;
}
