/* SPDX-License-Identifier: MIT */
#include "capture/ring.h"

#include "capture/pages.h"

/*
 * What is used lies either in [tail, next), or, once the producer has begun at
 * the front again, in [tail, end) and [0, next). It never begins there while
 * next would reach tail: equal means empty.
 */

bool ring_init(struct ring *r, size_t size)
{
	*r = (struct ring){.mem = pages_new(size), .size = size};
	return r->mem != NULL;
}

void ring_done(struct ring *r)
{
	pages_free(r->mem, r->size);
}

uint8_t *ring_reserve(const struct ring *r, size_t len)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);

	if (r->next < tail)
		return len < tail - r->next ? r->mem + r->next : NULL;
	if (len <= r->size - r->next)
		return r->mem + r->next;
	return len < tail ? r->mem : NULL;
}

void ring_fill(struct ring *r, const uint8_t *record, size_t len)
{
	if (record != r->mem + r->next) {
		atomic_store_explicit(&r->end, r->next, memory_order_relaxed);
		r->next = 0;
	}
	r->next += len;
}

/* In order with whatever says that the consumer sleeps (writer.c): no weaker
 * order will do. */
void ring_publish(struct ring *r)
{
	atomic_store(&r->head, r->next);
}

size_t ring_used(const struct ring *r)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	return r->next >= tail ? r->next - tail : r->size - tail + r->next;
}

size_t ring_peek(struct ring *r, const uint8_t **data)
{
	size_t head = atomic_load(&r->head);
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	size_t end;

	if (head < tail) {
		end = atomic_load_explicit(&r->end, memory_order_relaxed);
		if (tail < end) {
			*data = r->mem + tail;
			return end - tail;
		}
		tail = 0;
		atomic_store_explicit(&r->tail, tail, memory_order_release);
	}
	*data = r->mem + tail;
	return head - tail;
}

void ring_consume(struct ring *r, size_t len)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	atomic_store_explicit(&r->tail, tail + len, memory_order_release);
}
