/* SPDX-License-Identifier: MIT */
/*
 * hold: frames that must outlive their burst.
 *
 * A frame that a peer cannot take now, or that a link delays, is copied once
 * into a struct hold, with its offload state. The memory is bounded per queue
 * and allocated on use: an idle port holds nothing and costs nothing. A full
 * queue refuses the newest frame, which the caller counts
 * (DROP_TX_HOLD_FULL).
 */
#ifndef LABSWITCH_CORE_HOLD_H
#define LABSWITCH_CORE_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/core/frame.h"

#define HOLD_LIMIT_DEFAULT ((size_t)16 << 20) /* bytes */

struct hold {
	struct hold *next;
	uint64_t at; /* when it may go on, for who wants to know (line.h) */
	struct offload off;
	uint16_t port; /* likewise: where it came in (pause.h) */
	uint32_t len;
	uint8_t data[];
};

/* First in, first out. Fields are for reading only. */
struct hold_queue {
	struct hold *head;
	struct hold *tail;
	size_t limit;  /* bytes of memory, headers included */
	size_t used;   /* bytes of memory */
	size_t frames; /* held now; a super-frame is many (offload.h) */
};

void hold_queue_init(struct hold_queue *q, size_t limit);

/* Frees what is held. Returns how many frames that were. */
size_t hold_queue_done(struct hold_queue *q);

/* Copies w to the end. Returns false if the limit or the memory is reached. */
bool hold_push(struct hold_queue *q, const struct wire *w);

/*
 * The same with a time at which it may go on, and before all that is held if
 * `first`. Returns the copy, or NULL.
 */
struct hold *hold_push_at(struct hold_queue *q, const struct wire *w,
			  uint64_t at, bool first);

/* The oldest, or NULL. It stays in the queue. */
const struct hold *hold_peek(const struct hold_queue *q);

/* Frees the oldest; there is one. */
void hold_pop(struct hold_queue *q);

/* Takes the oldest out, for the caller to free(); NULL: there is none. */
struct hold *hold_take(struct hold_queue *q);

/* Whether there is room for a frame of len bytes. */
bool hold_has_room(const struct hold_queue *q, uint32_t len);

/* Puts h back behind the newest, whatever the limit. */
void hold_put(struct hold_queue *q, struct hold *h);

/* Describes h as a frame of one piece, borrowed from h. */
void hold_wire(const struct hold *h, struct wire *w);

#endif
