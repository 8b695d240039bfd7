/* SPDX-License-Identifier: MIT */
/*
 * impair: what a bad cable does to a frame, in one direction.
 *
 * A pure decision: impair_decide() is told how long a frame is, and says
 *whether it is lost, how often it arrives, and damaged or not; impair_arrival()
 *when. Who keeps it until then, or has no room for it, is line.h.
 *
 *	loss		independent, or in runs of a mean length: the Gilbert
 *			model (E. N. Gilbert, 1960), in which a bad state loses
 *			everything; the share of frames lost is the same
 *	rate, burst	a token bucket; a frame has arrived when its last byte
 *			has. Bytes are those of the frame: no preamble, FCS
 *			or gap
 *	delay, jitter	after that, delay + or - up to jitter, uniformly, but
 *			never before the frame ahead: order is kept
 *	reorder		arrives at once, and so before all that is under way
 *	duplicate	arrives twice
 *	corrupt		one bit behind the Ethernet header arrives flipped
 *
 * Each of them draws from a generator of its own, once a frame, so the same
 * seed loses the same frames whatever else is switched on and however the
 * traffic is timed.
 *
 * A super-frame (offload.h) would be lost or delayed as one: it is to be cut
 * before, unless impair_passes_super().
 */
#ifndef LABSWITCH_CORE_IMPAIR_H
#define LABSWITCH_CORE_IMPAIR_H

#include <stdbool.h>
#include <stdint.h>

#define IMPAIR_ALL 1000000u /* shares are in millionths: 10,000 is 1 % */

/* All zero: a perfect cable. */
struct impair_conf {
	uint64_t delay_ns;
	uint64_t jitter_ns; /* at most delay_ns */
	uint64_t rate_bps;  /* bits a second; 0: no limit */
	uint64_t burst;     /* bytes that may go faster than rate */
	uint64_t seed;
	uint32_t loss; /* shares of IMPAIR_ALL */
	uint32_t duplicate;
	uint32_t reorder;
	uint32_t corrupt;
	uint32_t loss_run; /* frames lost in a row, on average; 0, 1: chance */
};

enum impair_draw {
	IMPAIR_LOSS,
	IMPAIR_JITTER,
	IMPAIR_DUPLICATE,
	IMPAIR_REORDER,
	IMPAIR_CORRUPT,
	IMPAIR_DRAW_COUNT
};

struct impair {
	struct impair_conf conf;
	bool perfect; /* conf is; nothing is drawn then */
	uint64_t random[IMPAIR_DRAW_COUNT];
	bool bad;         /* of the Gilbert model */
	uint64_t busy_ns; /* until when the cable is sending at its rate */
	uint64_t last_ns; /* when the last frame in order arrives */
};

struct impair_fate {
	bool lost;       /* then the rest has no meaning */
	bool first;      /* before all that is under way */
	bool duplicated; /* arrives twice, at the same time */
	bool corrupted;
	uint32_t bit;      /* the one that is flipped, counted from the first */
	uint64_t delay_ns; /* once it has been sent */
};

void impair_init(struct impair *im, const struct impair_conf *conf);

/* Other numbers from the next frame on, which the frames ahead do not hold up.
 * What is drawn starts anew only if the seed is another. */
void impair_set(struct impair *im, const struct impair_conf *conf);

/* Whether frames come and go as if nothing were there. */
bool impair_is_perfect(const struct impair_conf *conf);

/* Whether a super-frame may be treated as one frame: only delay and jitter. */
bool impair_passes_super(const struct impair_conf *conf);

/* What becomes of the next frame, of len bytes. */
void impair_decide(struct impair *im, uint32_t len, struct impair_fate *fate);

/* When it arrives, if it is not lost: never before now, monotonic, in ns. A
 * frame for which there is no room takes no time of the others'. */
uint64_t impair_arrival(struct impair *im, uint32_t len, uint64_t now,
			const struct impair_fate *fate);

#endif
