/* SPDX-License-Identifier: MIT */
#include "switchd/core/impair.h"

#include <string.h>

#include "switchd/core/frame.h"

#define NS_PER_S 1000000000ull

/* --- Chance ------------------------------------------------------------- */

/* SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, 2014). */
static uint64_t draw(struct impair *im, enum impair_draw what)
{
	uint64_t z = im->random[what] += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* Generators of one seed that have nothing to do with each other. */
static void begin_draws(struct impair *im)
{
	for (unsigned i = 0; i < IMPAIR_DRAW_COUNT; i++) {
		im->random[i] = im->conf.seed + i;
		im->random[i] = draw(im, (enum impair_draw)i);
	}
	im->bad = false;
}

/* True in `share` of IMPAIR_ALL cases; always draws. */
static bool happens(struct impair *im, enum impair_draw what, uint64_t share)
{
	uint64_t n = draw(im, what);

	return share >= IMPAIR_ALL || n < share * (UINT64_MAX / IMPAIR_ALL);
}

/*
 * Runs end with probability 1 / run, and begin with the one that makes the
 * share of frames in them `loss`: begin * good = end * bad.
 */
static bool is_lost(struct impair *im)
{
	const struct impair_conf *conf = &im->conf;
	uint64_t loss = conf->loss < IMPAIR_ALL ? conf->loss : IMPAIR_ALL;
	uint64_t end, begin, n;

	if (conf->loss_run <= 1 || loss == IMPAIR_ALL)
		return happens(im, IMPAIR_LOSS, loss);
	end = UINT64_MAX / conf->loss_run;
	begin = end / (IMPAIR_ALL - loss);
	begin = begin > UINT64_MAX / (loss + 1) ? UINT64_MAX : begin * loss;
	n = draw(im, IMPAIR_LOSS);
	im->bad = im->bad ? n >= end : n < begin;
	return im->bad;
}

/* --- Time --------------------------------------------------------------- */

/* How long the cable sends len bytes. */
static uint64_t sending_ns(const struct impair_conf *conf, uint64_t len)
{
	uint64_t bits = 8 * len;

	/* Of 2^34 bits and more (2 GB) the fraction of a second is dropped. */
	if (bits > UINT64_MAX / NS_PER_S)
		return bits / conf->rate_bps * NS_PER_S;
	return bits * NS_PER_S / conf->rate_bps;
}

/* When the last byte has left, at the rate that there is. */
static uint64_t sent_ns(struct impair *im, uint32_t len, uint64_t now)
{
	const struct impair_conf *conf = &im->conf;
	uint64_t ahead;

	if (conf->rate_bps == 0)
		return now;
	if (im->busy_ns < now)
		im->busy_ns = now;
	im->busy_ns += sending_ns(conf, len);
	ahead = conf->burst ? sending_ns(conf, conf->burst) : 0;
	return im->busy_ns - now > ahead ? im->busy_ns - ahead : now;
}

static uint64_t delay_ns(struct impair *im)
{
	const struct impair_conf *conf = &im->conf;
	uint64_t n = draw(im, IMPAIR_JITTER);
	uint64_t jitter = conf->jitter_ns < conf->delay_ns ? conf->jitter_ns
							   : conf->delay_ns;

	return conf->delay_ns - jitter + (jitter ? n % (2 * jitter + 1) : 0);
}

/* --- The decision ------------------------------------------------------- */

void impair_init(struct impair *im, const struct impair_conf *conf)
{
	*im = (struct impair){.conf = *conf,
			      .perfect = impair_is_perfect(conf)};
	begin_draws(im);
}

void impair_set(struct impair *im, const struct impair_conf *conf)
{
	bool same_seed = im->conf.seed == conf->seed;

	im->conf = *conf;
	im->perfect = impair_is_perfect(conf);
	im->busy_ns = im->last_ns = 0;
	if (!same_seed)
		begin_draws(im);
}

bool impair_passes_super(const struct impair_conf *conf)
{
	return !(conf->rate_bps || conf->loss || conf->duplicate ||
		 conf->reorder || conf->corrupt);
}

bool impair_is_perfect(const struct impair_conf *conf)
{
	return impair_passes_super(conf) && conf->delay_ns == 0;
}

static void corrupt(struct impair *im, uint32_t len, struct impair_fate *fate)
{
	uint64_t n = draw(im, IMPAIR_CORRUPT);
	uint32_t payload = len > FRAME_HEADER ? len - FRAME_HEADER : 0;

	fate->corrupted = fate->corrupted && payload > 0;
	if (fate->corrupted)
		fate->bit = 8 * FRAME_HEADER + (uint32_t)(n % (8ull * payload));
}

void impair_decide(struct impair *im, uint32_t len, struct impair_fate *fate)
{
	const struct impair_conf *conf = &im->conf;

	memset(fate, 0, sizeof(*fate));
	if (im->perfect)
		return;
	fate->lost = is_lost(im);
	fate->duplicated = happens(im, IMPAIR_DUPLICATE, conf->duplicate);
	fate->first = happens(im, IMPAIR_REORDER, conf->reorder);
	fate->corrupted = happens(im, IMPAIR_CORRUPT, conf->corrupt);
	corrupt(im, len, fate);
	fate->delay_ns = delay_ns(im);
}

uint64_t impair_arrival(struct impair *im, uint32_t len, uint64_t now,
			const struct impair_fate *fate)
{
	uint64_t at = sent_ns(im, len, now) + fate->delay_ns;

	if (fate->first)
		return now;
	if (at < im->last_ns)
		at = im->last_ns;
	im->last_ns = at;
	return at;
}
