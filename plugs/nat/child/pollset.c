/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/pollset.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "plugs/nat/child/clock.h"

#define AWAKE_NS 50000  /* at most, per wait */
#define BRISK_NS 100000 /* a wait that long is the last of its kind */

/* All that is known of a descriptor; its number is the index. */
struct slot {
	uint32_t events;   /* as the kernel knows them; 0: not in the epoll */
	uint32_t ready;    /* valid if of the last wait */
	uint64_t ready_in; /* that wait */
	uint64_t round;    /* in which it was wanted last */
	unsigned place;    /* in wanted[] */
	enum pollset_owner owner;
	bool open;
};

struct pollset {
	int epoll;
	struct slot *slots;
	unsigned slot_count;
	int *wanted; /* libslirp's descriptors in the epoll; slot_count long */
	unsigned wanted_count;
	unsigned named; /* in this round */
	unsigned open_count;
	uint64_t round;
	uint64_t waits;
	bool is_brisk; /* the last wait was a short one */
};

struct pollset *pollset_new(struct err *err)
{
	struct pollset *set = calloc(1, sizeof(*set));

	if (!set) {
		(void)err_set(err, "out of memory");
		return NULL;
	}
	set->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (set->epoll >= 0)
		return set;
	(void)err_sys(err, "cannot make an epoll");
	free(set);
	return NULL;
}

void pollset_free(struct pollset *set)
{
	if (!set)
		return;
	(void)close(set->epoll);
	free(set->slots);
	free(set->wanted);
	free(set);
}

static struct slot *slot_of(struct pollset *set, int fd)
{
	unsigned count = set->slot_count ? set->slot_count : 64;
	struct slot *slots;
	int *wanted;

	if (fd < 0)
		return NULL;
	if ((unsigned)fd < set->slot_count)
		return &set->slots[fd];
	while (count <= (unsigned)fd)
		count *= 2;
	slots = realloc(set->slots, count * sizeof(*slots));
	if (!slots)
		return NULL;
	set->slots = slots;
	wanted = realloc(set->wanted, count * sizeof(*wanted));
	if (!wanted)
		return NULL;
	set->wanted = wanted;
	while (set->slot_count < count)
		set->slots[set->slot_count++] = (struct slot){0};
	return &set->slots[fd];
}

static void leave_wanted(struct pollset *set, struct slot *slot)
{
	int last = set->wanted[--set->wanted_count];

	set->wanted[slot->place] = last;
	set->slots[last].place = slot->place;
}

/* A number may have been closed and used again behind our back. */
static bool tell(struct pollset *set, int fd, uint32_t before, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};
	int op = before ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (!events)
		return epoll_ctl(set->epoll, EPOLL_CTL_DEL, fd, NULL) == 0 ||
		       errno == ENOENT || errno == EBADF;
	if (epoll_ctl(set->epoll, op, fd, &event) == 0)
		return true;
	if (errno != ENOENT && errno != EEXIST)
		return false;
	op = errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
	return epoll_ctl(set->epoll, op, fd, &event) == 0;
}

bool pollset_set(struct pollset *set, int fd, enum pollset_owner owner,
		 uint32_t events)
{
	struct slot *slot = slot_of(set, fd);

	if (!slot)
		return false;
	if (slot->events == events)
		return true;
	if (!tell(set, fd, slot->events, events))
		return false;
	if (slot->events && slot->owner == POLLSET_SLIRP &&
	    (!events || owner != POLLSET_SLIRP))
		leave_wanted(set, slot);
	if (events && owner == POLLSET_SLIRP &&
	    (!slot->events || slot->owner != POLLSET_SLIRP)) {
		slot->place = set->wanted_count;
		set->wanted[set->wanted_count++] = fd;
	}
	slot->events = events;
	slot->owner = owner;
	return true;
}

void pollset_forget(struct pollset *set, int fd)
{
	struct slot *slot = slot_of(set, fd);

	if (!slot)
		return;
	(void)pollset_set(set, fd, slot->owner, 0);
	set->open_count -= slot->open;
	*slot = (struct slot){0};
}

void pollset_begin(struct pollset *set)
{
	set->round++;
	set->named = 0;
}

void pollset_want(struct pollset *set, int fd, uint32_t events)
{
	set->named++;
	/* Of thousands hardly one changes. */
	if (((unsigned)fd < set->slot_count &&
	     set->slots[fd].events == events) ||
	    pollset_set(set, fd, POLLSET_SLIRP, events))
		set->slots[fd].round = set->round;
}

void pollset_end(struct pollset *set)
{
	if (set->named == set->wanted_count)
		return;
	for (unsigned i = set->wanted_count; i-- > 0;) {
		int fd = set->wanted[i];

		if (set->slots[fd].round != set->round)
			(void)pollset_set(set, fd, POLLSET_SLIRP, 0);
	}
}

uint32_t pollset_wanted(const struct pollset *set, int fd)
{
	return (unsigned)fd < set->slot_count ? set->slots[fd].events : 0;
}

void pollset_pause(struct pollset *set, int fd)
{
	/* Whatever it is told next, tell() finds that it is not there. */
	(void)epoll_ctl(set->epoll, EPOLL_CTL_DEL, fd, NULL);
}

void pollset_open(struct pollset *set, int fd)
{
	struct slot *slot = slot_of(set, fd);

	if (!slot || slot->open)
		return;
	slot->open = true;
	set->open_count++;
}

unsigned pollset_count(const struct pollset *set)
{
	return set->open_count;
}

/*
 * A processor that sleeps is slow to wake, and TCP's window goes to and fro
 * thousands of times a second: while events come that fast they are awaited
 * awake, and whoever else wants the processor is let run.
 */
static int await(struct pollset *set, struct epoll_event *got, int timeout_ms)
{
	uint64_t begin = clock_ns();
	int n = 0;

	while (n == 0 && set->is_brisk && clock_ns() - begin < AWAKE_NS) {
		(void)sched_yield();
		n = epoll_wait(set->epoll, got, POLLSET_EVENTS, 0);
	}
	if (n == 0)
		n = epoll_wait(set->epoll, got, POLLSET_EVENTS, timeout_ms);
	set->is_brisk = clock_ns() - begin < BRISK_NS;
	return n;
}

unsigned pollset_wait(struct pollset *set, int timeout_ms,
		      struct pollset_event *events)
{
	struct epoll_event got[POLLSET_EVENTS];
	int n = epoll_wait(set->epoll, got, POLLSET_EVENTS, 0);

	if (n == 0 && timeout_ms > 0)
		n = await(set, got, timeout_ms);
	set->waits++;
	for (int i = 0; i < n; i++) {
		struct slot *slot = &set->slots[got[i].data.fd];

		slot->ready = got[i].events;
		slot->ready_in = set->waits;
		events[i] = (struct pollset_event){
			.owner = slot->owner,
			.fd = got[i].data.fd,
			.events = got[i].events,
		};
	}
	return n < 0 ? 0 : (unsigned)n;
}

uint32_t pollset_ready(const struct pollset *set, int fd)
{
	if (fd < 0 || (unsigned)fd >= set->slot_count ||
	    set->slots[fd].ready_in != set->waits)
		return 0;
	return set->slots[fd].ready;
}
