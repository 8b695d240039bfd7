/* SPDX-License-Identifier: MIT */
#include "switchd/deadlines.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define NS_PER_S 1000000000ull

struct deadlines {
	uv_poll_t poll;
	int fd;
	uint64_t armed;         /* what the timer is set to */
	uint64_t round;         /* the time of the round under way, or 0 */
	struct deadline **heap; /* from 1; none is due before its parent */
	size_t count;
	size_t room;
};

/* --- The heap ----------------------------------------------------------- */

static void put(struct deadlines *all, size_t place, struct deadline *d)
{
	all->heap[place] = d;
	d->place = place;
}

static void sift_up(struct deadlines *all, struct deadline *d)
{
	size_t place = d->place;

	for (; place > 1 && all->heap[place / 2]->at > d->at; place /= 2)
		put(all, place, all->heap[place / 2]);
	put(all, place, d);
}

static void sift_down(struct deadlines *all, struct deadline *d)
{
	size_t place = d->place;

	for (;;) {
		size_t child = 2 * place;

		if (child < all->count &&
		    all->heap[child + 1]->at < all->heap[child]->at)
			child++;
		if (child > all->count || all->heap[child]->at >= d->at)
			break;
		put(all, place, all->heap[child]);
		place = child;
	}
	put(all, place, d);
}

static void take_out(struct deadlines *all, struct deadline *d)
{
	struct deadline *last = all->heap[all->count--];
	size_t place = d->place;

	d->place = 0;
	if (last == d)
		return;
	put(all, place, last);
	sift_up(all, last);
	sift_down(all, last);
}

static void put_in(struct deadlines *all, struct deadline *d)
{
	if (all->count + 1 >= all->room) {
		all->room = all->room ? 2 * all->room : 16;
		all->heap = realloc(all->heap,
				    all->room * sizeof(struct deadline *));
		if (!all->heap)
			abort();
	}
	put(all, ++all->count, d);
	sift_up(all, d);
}

/* --- The timer ---------------------------------------------------------- */

/* A moment that has passed fires at once; 0 would mean never. */
static void arm(struct deadlines *all)
{
	uint64_t at = all->count ? all->heap[1]->at : DEADLINE_NEVER;
	struct itimerspec spec = {.it_value = {0}};

	if (at == all->armed)
		return;
	all->armed = at;
	if (at != DEADLINE_NEVER) {
		spec.it_value.tv_sec = (time_t)(at / NS_PER_S);
		spec.it_value.tv_nsec = (long)(at % NS_PER_S);
		if (at == 0)
			spec.it_value.tv_nsec = 1;
	}
	(void)timerfd_settime(all->fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static void on_timer(uv_poll_t *poll, int status, int events)
{
	struct deadlines *all = poll->data;
	uint64_t fired;

	(void)!read(all->fd, &fired, sizeof(fired));
	all->armed = DEADLINE_NEVER;
	all->round = uv_hrtime();
	while (all->count && all->heap[1]->at <= all->round) {
		struct deadline *d = all->heap[1];

		take_out(all, d);
		d->due(d, all->round);
	}
	all->round = 0;
	arm(all);
}

/* --- Life --------------------------------------------------------------- */

struct deadlines *deadlines_new(uv_loop_t *loop, struct err *err)
{
	struct deadlines *all = calloc(1, sizeof(*all));

	if (!all)
		abort();
	all->armed = DEADLINE_NEVER;
	all->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (all->fd < 0) {
		(void)err_sys(err, "cannot make a timer");
		free(all);
		return NULL;
	}
	all->poll.data = all;
	if (uv_poll_init(loop, &all->poll, all->fd) < 0) {
		(void)err_set(err, "cannot watch a timer");
		(void)close(all->fd);
		free(all);
		return NULL;
	}
	(void)uv_poll_start(&all->poll, UV_READABLE, on_timer);
	return all;
}

static void on_closed(uv_handle_t *handle)
{
	struct deadlines *all = handle->data;

	(void)close(all->fd);
	free(all->heap);
	free(all);
}

void deadlines_free(struct deadlines *all)
{
	if (!all)
		return;
	assert(all->count == 0);
	uv_close((uv_handle_t *)&all->poll, on_closed);
}

void deadline_set(struct deadlines *all, struct deadline *d, uint64_t at)
{
	if (d->place)
		take_out(all, d);
	d->at = at > all->round ? at : all->round + 1;
	if (at != DEADLINE_NEVER)
		put_in(all, d);
	if (!all->round)
		arm(all);
}
