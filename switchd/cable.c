/* SPDX-License-Identifier: MIT */
#include "switchd/cable.h"

#include <stdlib.h>
#include <sys/random.h>

#include "switchd/lab.h"

/* --- Frames ------------------------------------------------------------- */

static void on_due(struct deadline *due, uint64_t now)
{
	struct cable *c = due->ctx;

	/* More may be due at the same moment than one burst. */
	deadline_clear(c->deadlines, due);
	c->class->carry(c, now);
	cable_await(c, now);
}

void cable_await(struct cable *c, uint64_t now)
{
	uint64_t next = line_next(&c->line);

	if (next <= now && c->class->ready)
		c->class->ready(c);
	else if (next != c->due.at)
		deadline_set(c->deadlines, &c->due, next);
}

void cable_init(struct cable *c, const struct cable_class *class,
		struct swport *port)
{
	const struct impair_conf perfect = {.seed = 0};

	*c = (struct cable){.class = class, .port = port};
	c->deadlines = port->sw->lab->deadlines;
	c->due = (struct deadline){
		.due = on_due, .ctx = c, .at = DEADLINE_NEVER};
	if (getrandom(&c->seed, sizeof(c->seed), 0) != sizeof(c->seed))
		abort();
	line_init(&c->line, &perfect, HOLD_LIMIT_DEFAULT, &port->counters,
		  class->ingress);
	c->line.match_ctx = c;
}

void cable_empty(struct cable *c, enum drop why)
{
	line_empty(&c->line, why);
	deadline_clear(c->deadlines, &c->due);
}

void cable_done(struct cable *c)
{
	filter_done(&c->file.filter);
	filter_done(&c->live.filter);
	free(c->scratch);
}

/* --- Words -------------------------------------------------------------- */

static const struct cable_words *in_force(const struct cable *c)
{
	return c->is_live ? &c->live : &c->file;
}

const struct topo_impair *cable_words(const struct cable *c)
{
	return &in_force(c)->impair;
}

static bool is_dropped(void *ctx, const struct wire *w)
{
	const struct cable *c = ctx;

	return filter_match(&in_force(c)->filter, w, c->scratch);
}

/* So that no two directions of one seed draw the same. */
static uint64_t seed_of(const struct cable *c, uint32_t seed)
{
	return (2ull * seed + c->class->salt) * IMPAIR_DRAW_COUNT;
}

static void use(struct cable *c)
{
	const struct topo_impair *im = cable_words(c);
	const struct impair_conf conf = {
		.delay_ns = im->delay,
		.jitter_ns = im->jitter,
		.rate_bps = im->rate,
		.burst = im->burst,
		.seed = seed_of(c, im->seed ? im->seed : c->seed),
		.loss = im->loss,
		.duplicate = im->duplicate,
		.reorder = im->reorder,
		.corrupt = im->corrupt,
		.loss_run = im->loss_burst,
	};
	uint64_t now = uv_hrtime(); /* CLOCK_MONOTONIC */

	line_set(&c->line, &conf, topo_impair_queue(im), now);
	c->line.match = in_force(c)->filter.count > 0 ? is_dropped : NULL;
	if (c->line.match && !c->scratch)
		c->scratch = malloc(FILTER_SCRATCH);
	if (c->line.match && !c->scratch)
		abort();
	cable_await(c, now);
}

/* from may be NULL: everything is wanted. */
static void copy_filter(struct filter *to, const struct filter *from)
{
	filter_done(to);
	if (from && from->count > 0 &&
	    !filter_init(to, from->insns, from->count * FILTER_INSN_SIZE, NULL))
		abort();
}

void cable_follow(struct cable *c, const struct topo_impair *impair)
{
	const struct filters *filters = &c->port->sw->lab->captures.filters;
	bool same = opt_equal(topo_impair_rows, cable_words(c), impair);

	c->is_live = false;
	c->file.impair = *impair;
	copy_filter(&c->file.filter, filters_find(filters, impair->drop));
	if (!same)
		use(c);
}

void cable_set(struct cable *c, const struct topo_impair *impair,
	       const struct filter *filter)
{
	if (!*impair->drop)
		filter_done(&c->live.filter);
	else if (filter)
		copy_filter(&c->live.filter, filter);
	else if (!c->is_live)
		copy_filter(&c->live.filter, &c->file.filter);
	c->live.impair = *impair;
	c->is_live = !opt_equal(topo_impair_rows, &c->file.impair, impair);
	use(c);
}

void cable_reset(struct cable *c)
{
	if (!c->is_live)
		return;
	c->is_live = false;
	use(c);
}
