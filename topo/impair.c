/* SPDX-License-Identifier: MIT */
/* impair: what a bad cable does to frames in one direction (topo.h). */
#include "topo/topo.h"

#include "switchd/core/hold.h"
#include "switchd/core/impair.h"

#define NS_PER_S  1000000000ull
#define HOUR_NS   (3600 * NS_PER_S)
#define QUEUE_MIN 256000u /* bytes */
#define QUEUE_MAX 64000000u

_Static_assert(IMPAIR_ALL == 1000000, "a share is in millionths");

const struct opt topo_impair_rows[] = {
	{
		.key = "delay",
		.type = &opt_duration,
		OPT_AT(struct topo_impair, delay),
		.max = HOUR_NS,
		.flags = OPT_LIVE,
		.help = "how long a frame takes",
	},
	{
		.key = "jitter",
		.type = &opt_duration,
		OPT_AT(struct topo_impair, jitter),
		.max = HOUR_NS,
		.flags = OPT_LIVE,
		.help = "more or less than that, at most; order is kept",
	},
	{
		.key = "loss",
		.type = &opt_share,
		OPT_AT(struct topo_impair, loss),
		.max = IMPAIR_ALL,
		.flags = OPT_LIVE,
		.help = "how many frames are lost",
	},
	{
		.key = "loss-burst",
		.type = &opt_uint,
		OPT_AT(struct topo_impair, loss_burst),
		.min = 1,
		.max = 10000,
		.flags = OPT_LIVE,
		.help = "frames lost in a row, on average",
	},
	{
		.key = "duplicate",
		.type = &opt_share,
		OPT_AT(struct topo_impair, duplicate),
		.max = IMPAIR_ALL,
		.flags = OPT_LIVE,
		.help = "how many frames arrive twice",
	},
	{
		.key = "reorder",
		.type = &opt_share,
		OPT_AT(struct topo_impair, reorder),
		.max = IMPAIR_ALL,
		.flags = OPT_LIVE,
		.help = "how many frames overtake those under way",
	},
	{
		.key = "corrupt",
		.type = &opt_share,
		OPT_AT(struct topo_impair, corrupt),
		.max = IMPAIR_ALL,
		.flags = OPT_LIVE,
		.help = "how many frames have one wrong bit",
	},
	{
		.key = "rate",
		.type = &opt_rate,
		OPT_AT(struct topo_impair, rate),
		.min = 1000,
		.max = 1000 * NS_PER_S,
		.flags = OPT_LIVE,
		.help = "bits of frames a second",
	},
	{
		.key = "burst",
		.type = &opt_size,
		OPT_AT(struct topo_impair, burst),
		.min = 1,
		.max = NS_PER_S,
		.flags = OPT_LIVE,
		.help = "what may go faster than rate after a pause",
	},
	{
		.key = "queue",
		.type = &opt_size,
		OPT_AT(struct topo_impair, queue),
		.min = 2000,
		.max = NS_PER_S,
		.flags = OPT_LIVE,
		.help = "memory of frames under way; more is dropped",
	},
	{
		.key = "seed",
		.type = &opt_uint,
		OPT_AT(struct topo_impair, seed),
		.min = 1,
		.max = UINT32_MAX,
		.flags = OPT_LIVE,
		.help = "makes chance repeatable",
	},
	{
		.key = "drop",
		.type = &opt_text,
		OPT_AT(struct topo_impair, drop),
		.flags = OPT_LIVE,
		.help = "frames that are lost, in the words of tcpdump",
	},
	OPT_END,
};

uint64_t topo_impair_queue(const struct topo_impair *im)
{
	uint64_t ns = im->delay + im->jitter + NS_PER_S / 10;
	uint64_t bytes;

	if (im->queue)
		return im->queue;
	if (im->rate == 0)
		return im->delay ? QUEUE_MAX : HOLD_LIMIT_DEFAULT;
	/* Without a fraction of a kbit, the product fits. */
	bytes = im->rate / 1000 * (ns / 1000) / 8000;
	bytes = bytes < QUEUE_MIN ? QUEUE_MIN : bytes;
	return bytes > QUEUE_MAX ? QUEUE_MAX : bytes;
}

bool topo_impair_is_none(const struct topo_impair *im)
{
	const struct topo_impair none = {.delay = 0};

	return opt_equal(topo_impair_rows, im, &none);
}

const char *topo_impair_wrong(const struct topo_impair *im, const char **key)
{
	const struct {
		bool wrong;
		const char *key, *why;
	} rules[] = {
		{im->jitter > im->delay, "jitter", "is more than the delay"},
		{im->reorder && !im->delay && !im->rate, "reorder",
		 "needs a delay or a rate: else nothing can be overtaken"},
		{im->loss_burst && !im->loss, "loss-burst", "needs a loss"},
		{im->burst && !im->rate, "burst", "needs a rate"},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		*key = rules[i].key;
		if (rules[i].wrong)
			return rules[i].why;
	}
	return NULL;
}
