/* SPDX-License-Identifier: MIT */
/* impair_lab: a lab of ports `mem` whose frames are delayed and lost. */
#ifndef LABSWITCH_TESTS_IMPAIR_LAB_H
#define LABSWITCH_TESTS_IMPAIR_LAB_H

#include "plugs/plug_mem.h"
#include "tests/unit/switchd/lab_rig.h"

#define MS 1000000ull

/* As the daemon applies a file: with its filters compiled. */
static inline size_t impair_apply(struct lab_rig *f, const char *text)
{
	struct topo_errors errors = {.count = 0};
	struct topo *topo = topo_parse(text, strlen(text), plug_kinds, &errors);
	bool wait;

	if (!topo ||
	    !filters_check(&f->lab.captures.filters, topo, &errors, &wait))
		fail_msg("%u: %s", errors.err[0].at.line, errors.err[0].msg);
	return lab_apply(&f->lab, topo);
}

/* n broadcasts of host src, numbered from `first` in their last byte. */
static inline void inject(struct lab_rig *f, const char *port, uint8_t src,
			  uint8_t first, unsigned n)
{
	uint8_t bytes[FRAME_BURST][60] = {{0}};
	struct frame frames[FRAME_BURST];

	for (unsigned i = 0; i < n; i++) {
		memset(bytes[i], 0xff, 6);
		bytes[i][6] = 2;
		bytes[i][11] = src;
		bytes[i][59] = (uint8_t)(first + i);
		frames[i] = (struct frame){.data = bytes[i], .len = 60};
	}
	plug_mem_inject(lab_rig_port(f, port)->plug, frames, n, uv_hrtime());
}

static inline const struct counters *counters_of(struct lab_rig *f,
						 const char *name)
{
	return &lab_rig_port(f, name)->counters;
}

/* Runs the loop until the port has sent n frames, in all. */
static inline void await_sent(struct lab_rig *f, const char *port, uint64_t n)
{
	uint64_t end = uv_hrtime() + 20000 * MS;

	while (counters_of(f, port)->tx_frames < n && uv_hrtime() < end)
		uv_run(&f->loop, UV_RUN_ONCE);
	assert_int_equal(counters_of(f, port)->tx_frames, n);
}

static inline void rounds(struct lab_rig *f, int n)
{
	while (n-- > 0)
		uv_run(&f->loop, UV_RUN_NOWAIT);
}

static inline uint64_t drops_of(const struct counters *c, bool ingress)
{
	uint64_t sum = 0;

	for (int i = 0; i < DROP_COUNT; i++)
		if ((strncmp(drop_name((enum drop)i), "rx_", 3) == 0) ==
		    ingress)
			sum += c->drops[i];
	return sum;
}

/* The sums of counters.h; held is what the port keeps. */
static inline void check_sound(const struct counters *c, uint64_t held)
{
	assert_int_equal(c->rx_frames, c->rx_forwarded + drops_of(c, true));
	assert_int_equal(c->tx_offered,
			 c->tx_frames + held + drops_of(c, false));
}

#endif
