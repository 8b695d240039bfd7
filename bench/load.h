/* SPDX-License-Identifier: MIT */
/*
 * What the load generators share. Guests are network namespaces g0, g1, ...
 * of `ip netns`, each with an eth0 of 10.77.0.(guest + 1).
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <netinet/in.h>
#include <stdint.h>

#define LOAD_GUESTS_MAX 64
#define LOAD_ETHERTYPE  0x88b5 /* IEEE 802: local experimental */

/* Ends the program, as perror() says it. */
_Noreturn void load_die(const char *what);

/* A number within a range, or the end of the program. */
long load_number(const char *text, long min, long max);

/* A time of up to a minute, such as 1.5. */
double load_seconds(const char *text);

/* CLOCK_MONOTONIC. */
uint64_t load_now_ns(void);
void load_sleep_ns(uint64_t ns);

/* Moves the calling thread into a guest. */
void load_enter(int guest);

struct sockaddr_in load_address(int guest, uint16_t port);

/* An even rate of sending: begin at start_ns with sent = 0, count in sent. */
struct load_pace {
	uint64_t start_ns;
	uint64_t sent;
	double fps; /* 0: as fast as it goes */
};

/*
 * How many of at most `most` frames are due. It sleeps for up to 2 ms until one
 * is, so 0 is an answer, too.
 */
int load_pace_due(const struct load_pace *pace, int most);

#endif
