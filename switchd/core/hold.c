/* SPDX-License-Identifier: MIT */
#include "switchd/core/hold.h"

#include <stdlib.h>

#include "switchd/core/offload.h"

void hold_queue_init(struct hold_queue *q, size_t limit)
{
	*q = (struct hold_queue){.limit = limit};
}

size_t hold_queue_done(struct hold_queue *q)
{
	size_t held = q->frames;

	while (q->head)
		hold_pop(q);
	return held;
}

static size_t hold_size(uint32_t len)
{
	return sizeof(struct hold) + len;
}

static void link_in(struct hold_queue *q, struct hold *h, bool first)
{
	struct hold *last = first ? NULL : q->tail;

	h->next = last ? NULL : q->head;
	if (last)
		last->next = h;
	else
		q->head = h;
	if (!h->next)
		q->tail = h;
}

static void add(struct hold_queue *q, struct hold *h, bool first)
{
	link_in(q, h, first);
	q->used += hold_size(h->len);
	q->frames += offload_frames(&h->off, h->len);
}

struct hold *hold_push_at(struct hold_queue *q, const struct wire *w,
			  uint64_t at, bool first)
{
	size_t size = hold_size(w->len);
	struct hold *h = hold_has_room(q, w->len) ? malloc(size) : NULL;

	if (!h)
		return NULL;
	h->at = at;
	h->off = w->off;
	h->len = w->len;
	h->port = 0;
	wire_copy(w, h->data);
	add(q, h, first);
	return h;
}

bool hold_push(struct hold_queue *q, const struct wire *w)
{
	return hold_push_at(q, w, 0, false) != NULL;
}

const struct hold *hold_peek(const struct hold_queue *q)
{
	return q->head;
}

void hold_pop(struct hold_queue *q)
{
	free(hold_take(q));
}

struct hold *hold_take(struct hold_queue *q)
{
	struct hold *h = q->head;

	if (!h)
		return NULL;
	q->head = h->next;
	if (!q->head)
		q->tail = NULL;
	q->used -= hold_size(h->len);
	q->frames -= offload_frames(&h->off, h->len);
	return h;
}

bool hold_has_room(const struct hold_queue *q, uint32_t len)
{
	return q->used + hold_size(len) <= q->limit;
}

void hold_put(struct hold_queue *q, struct hold *h)
{
	add(q, h, false);
}

void hold_wire(const struct hold *h, struct wire *w)
{
	struct frame f = {.data = h->data, .len = h->len, .off = h->off};

	wire_whole(w, &f);
}
