/* SPDX-License-Identifier: MIT */
/*
 * cable: one direction of a link, or of what is behind a port: a line
 * (core/line.h) with the words of the file, or of a client in their place, and
 * a deadline for the first frame that is under way.
 *
 * What the file says is in force until a client says something else, and again
 * when a file is applied, or with cable_reset(). A change loses nothing.
 */
#ifndef LABSWITCH_SWITCHD_CABLE_H
#define LABSWITCH_SWITCHD_CABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/filter.h"
#include "switchd/core/line.h"
#include "switchd/deadlines.h"
#include "switchd/filters.h"
#include "topo/topo.h"

struct cable;
struct swport;

struct cable_class {
	const char *name; /* of the direction: "forth" */
	bool ingress;     /* as line.h has it */
	unsigned salt;    /* 0 or 1, so that two of one seed differ */
	/* Takes a burst that has come out, if there is one, and hands it on. */
	void (*carry)(struct cable *c, uint64_t now);
	/* Sees to it that carry() is called soon, and cable_await() after it;
	 * NULL: a deadline does. */
	void (*ready)(struct cable *c);
};

struct cable_words {
	struct topo_impair impair;
	struct filter filter; /* of impair.drop */
};

struct cable {
	const struct cable_class *class;
	struct swport *port; /* whose frames they are, or will be */
	struct line line;
	struct deadlines *deadlines;
	struct deadline due;
	struct cable_words file, live;
	bool is_live;     /* live is in force */
	uint32_t seed;    /* if the words have none */
	uint8_t *scratch; /* of filters; NULL: not used yet */
};

/* A perfect one of this port's. */
void cable_init(struct cable *c, const struct cable_class *class,
		struct swport *port);

/* What is under way is counted as lost for this reason. */
void cable_empty(struct cable *c, enum drop why);

/* It is empty, and goes. */
void cable_done(struct cable *c);

/* Sees to it that what is under way comes out. */
void cable_await(struct cable *c, uint64_t now);

/* Whether it neither changes nor keeps anything. */
static inline bool cable_is_idle(const struct cable *c)
{
	return c->line.impair.perfect && !c->line.match &&
	       !hold_peek(&c->line.queue);
}

/* --- What is in force --------------------------------------------------- */

const struct topo_impair *cable_words(const struct cable *c);

/* The words of the file, from now on in force. */
void cable_follow(struct cable *c, const struct topo_impair *impair);

/* Those of a client in their place; filter, which is copied, is the program of
 * impair->drop, NULL: that which is in force. */
void cable_set(struct cable *c, const struct topo_impair *impair,
	       const struct filter *filter);

/* Those of the file again. */
void cable_reset(struct cable *c);

#endif
