/* SPDX-License-Identifier: MIT */
#include "bench/load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S      1000000000ULL
#define SECONDS_MAX   60
#define SLEEP_MIN_NS  20000
#define SLEEP_MOST_NS 2000000

_Noreturn void load_die(const char *what)
{
	perror(what);
	exit(1);
}

long load_number(const char *text, long min, long max)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text && !*end && value >= min && value <= max)
		return value;
	fprintf(stderr, "'%s' is not within %ld-%ld\n", text, min, max);
	exit(2);
}

double load_seconds(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (*text && !*end && value > 0 && value <= SECONDS_MAX)
		return value;
	fprintf(stderr, "'%s' is not a time of up to %d s\n", text,
		SECONDS_MAX);
	exit(2);
}

uint64_t load_now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

void load_sleep_ns(uint64_t ns)
{
	struct timespec ts = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};

	(void)nanosleep(&ts, NULL);
}

void load_enter(int guest)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/run/netns/g%d", guest);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		load_die(path);
	(void)close(fd);
}

struct sockaddr_in load_address(int guest, uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(0x0a4d0001U + (uint32_t)guest),
	};

	return address;
}

int load_pace_due(const struct load_pace *pace, int most)
{
	if (pace->fps <= 0)
		return most;
	for (;;) {
		uint64_t ns = load_now_ns() - pace->start_ns;
		double due = pace->fps * (double)ns / (double)NS_PER_S -
			     (double)pace->sent;
		double wait_ns;

		if (due >= 1)
			return due > most ? most : (int)due;
		wait_ns = (1 - due) / pace->fps * (double)NS_PER_S;
		if (wait_ns > SLEEP_MOST_NS) {
			load_sleep_ns(SLEEP_MOST_NS);
			return 0;
		}
		load_sleep_ns(wait_ns < SLEEP_MIN_NS ? SLEEP_MIN_NS
						     : (uint64_t)wait_ns);
	}
}
