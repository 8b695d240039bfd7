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

bool hold_push(struct hold_queue *q, const struct wire *w)
{
	size_t size = hold_size(w->len);
	struct hold *h;

	if (size > q->limit - q->used)
		return false;
	h = malloc(size);
	if (!h)
		return false;
	h->next = NULL;
	h->off = w->off;
	h->len = w->len;
	wire_copy(w, h->data);
	if (q->tail)
		q->tail->next = h;
	else
		q->head = h;
	q->tail = h;
	q->used += size;
	q->frames += offload_frames(&h->off, h->len);
	return true;
}

const struct hold *hold_peek(const struct hold_queue *q)
{
	return q->head;
}

void hold_pop(struct hold_queue *q)
{
	struct hold *h = q->head;

	q->head = h->next;
	if (!q->head)
		q->tail = NULL;
	q->used -= hold_size(h->len);
	q->frames -= offload_frames(&h->off, h->len);
	free(h);
}

void hold_wire(const struct hold *h, struct wire *w)
{
	struct frame f = {.data = h->data, .len = h->len, .off = h->off};

	wire_whole(w, &f);
}
