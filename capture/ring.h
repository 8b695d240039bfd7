/* SPDX-License-Identifier: MIT */
/*
 * ring: bytes from the thread that forwards to the thread that writes.
 *
 * A bounded buffer for one producer and one consumer, without locks. A record
 * lies in it in one piece: one that does not fit between the last and the end
 * of the memory goes to the beginning, and what it left is skipped. So the
 * consumer has many of them at once, and uses them where they lie.
 *
 * What the producer fills is seen by the consumer at ring_publish(), which
 * makes a burst one step.
 */
#ifndef LABSWITCH_CAPTURE_RING_H
#define LABSWITCH_CAPTURE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
	uint8_t *mem;
	size_t size;
	size_t next;         /* the producer's: where the next record goes */
	_Atomic size_t end;  /* of what is used, while head is before tail */
	_Atomic size_t head; /* published up to here */
	_Atomic size_t tail; /* consumed up to here */
};

/* Records are to be smaller than half of size. False: no memory. */
bool ring_init(struct ring *r, size_t size);
void ring_done(struct ring *r);

/* --- The producer ------------------------------------------------------- */

/* Where a record of len bytes can be written, or NULL if the ring is full. */
uint8_t *ring_reserve(const struct ring *r, size_t len);

/* A record is there, of not more bytes than were reserved for it. */
void ring_fill(struct ring *r, const uint8_t *record, size_t len);

/* Shows the consumer what was filled. */
void ring_publish(struct ring *r);

/* Bytes that the consumer has not consumed, with what is skipped. */
size_t ring_used(const struct ring *r);

/* --- The consumer ------------------------------------------------------- */

/*
 * How many bytes of whole records follow each other at *data; 0: none. There
 * may be more after these are consumed.
 */
size_t ring_peek(struct ring *r, const uint8_t **data);

/* The first len bytes of those may be written over. */
void ring_consume(struct ring *r, size_t len);

#endif
