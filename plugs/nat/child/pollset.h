/* SPDX-License-Identifier: MIT */
/*
 * pollset: the descriptors that the process waits for, in one epoll.
 *
 * libslirp names all that it waits for anew in each round (its "fill"); the
 * kernel is told of differences only, since of thousands of connections few
 * change between two rounds. The owner of a descriptor says who is to be
 * called.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_POLLSET_H
#define LABSWITCH_PLUGS_NAT_CHILD_POLLSET_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/err.h"

enum pollset_owner {
	POLLSET_FRAMES,
	POLLSET_CONTROL,
	POLLSET_DNS,
	POLLSET_SLIRP,
	POLLSET_OWNER_COUNT
};

struct pollset_event {
	enum pollset_owner owner;
	int fd;
	uint32_t events; /* EPOLLIN and the like */
};

#define POLLSET_EVENTS 256 /* of one call of pollset_wait() */

struct pollset;

struct pollset *pollset_new(struct err *err);
void pollset_free(struct pollset *set);

/* Waits for events of fd from now on; 0: no more. False: no memory. */
bool pollset_set(struct pollset *set, int fd, enum pollset_owner owner,
		 uint32_t events);

/* fd is about to be closed: what is known of it is forgotten. */
void pollset_forget(struct pollset *set, int fd);

/*
 * libslirp's descriptors: begin a round, name each that is waited for, end
 * it; those not named are not waited for any more.
 */
void pollset_begin(struct pollset *set);
void pollset_want(struct pollset *set, int fd, uint32_t events);
void pollset_end(struct pollset *set);

/* Of one of them: what it was named with. */
uint32_t pollset_wanted(const struct pollset *set, int fd);

/* It is not waited for until it is named with other events than before. */
void pollset_pause(struct pollset *set, int fd);

/*
 * libslirp's sockets, open now, are counted; each once, however often it is
 * opened before it is forgotten.
 */
void pollset_open(struct pollset *set, int fd);
unsigned pollset_count(const struct pollset *set);

/*
 * Waits up to timeout_ms. Returns how many events there are, at most
 * POLLSET_EVENTS; a signal counts as none.
 */
unsigned pollset_wait(struct pollset *set, int timeout_ms,
		      struct pollset_event *events);

/* What the last pollset_wait() saw of one of libslirp's descriptors; 0 once
 * it has been forgotten. */
uint32_t pollset_ready(const struct pollset *set, int fd);

#endif
