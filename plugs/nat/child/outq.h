/* SPDX-License-Identifier: MIT */
/*
 * outq: frames on their way to the switch.
 *
 * They are gathered through a turn of the loop and sent in bursts at its end.
 * What the switch does not take at once is kept, in order, until it does; a
 * full queue drops the newest, as any wire does. Nothing waits.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_OUTQ_H
#define LABSWITCH_PLUGS_NAT_CHILD_OUTQ_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/frame.h"

#define OUTQ_BYTES  (8u << 20)
#define OUTQ_FRAMES 4096

struct outq;

/* fd: the switch's socket, which stays the caller's. NULL: no memory. */
struct outq *outq_new(int fd);
void outq_free(struct outq *q);

/*
 * Room for a frame of up to len bytes at the end of the queue, to be filled
 * and given to outq_commit(); NULL: the queue is full.
 */
uint8_t *outq_reserve(struct outq *q, uint32_t len);
void outq_commit(struct outq *q, uint32_t len, const struct offload *off);

/* Both, for a frame with nothing left to do. */
void outq_put(struct outq *q, const uint8_t *data, uint32_t len);

/*
 * The frame that was put last, with its length and offload state, as long as it
 * is here; it may be changed. NULL: there is none.
 */
uint8_t *outq_last(struct outq *q, uint32_t *len, struct offload *off);

/* Adds len bytes to its end. False: the queue is full. */
bool outq_extend(struct outq *q, const uint8_t *data, uint32_t len);

/* Sends as much as is taken now. False: frames remain; call again when the
 * socket can be written to. */
bool outq_flush(struct outq *q);

#endif
