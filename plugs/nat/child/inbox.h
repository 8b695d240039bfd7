/* SPDX-License-Identifier: MIT */
/*
 * inbox: bursts of frames from the switch, on their way to libslirp.
 *
 * It owns the memory that they are received to. A frame comes out complete;
 * those that may go on are given back, and in-order segments of a TCP flow
 * become one again (merge.h): libslirp's cost is one a frame.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_INBOX_H
#define LABSWITCH_PLUGS_NAT_CHILD_INBOX_H

#include <stdbool.h>
#include <stdint.h>

struct inbox;

/* NULL: no memory. */
struct inbox *inbox_new(void);
void inbox_free(struct inbox *inbox);

/*
 * Receives up to FRAME_BURST frames, without waiting; what was received
 * before is gone. Returns how many, 0 if there are none now, -1 if the switch
 * has closed its end. Malformed ones count as bad.
 */
int inbox_receive(struct inbox *inbox, int fd, uint64_t *bad);

/* The i-th of them, which may be changed. NULL: it was bad. */
uint8_t *inbox_frame(struct inbox *inbox, int i, uint32_t *len);

/* A frame of these, perhaps changed, goes on. Borrowed till inbox_feed(). */
void inbox_pass(struct inbox *inbox, const uint8_t *data, uint32_t len);

/* Hands over all that were passed, merged, in order. */
void inbox_feed(struct inbox *inbox,
		void (*input)(void *ctx, const uint8_t *data, uint32_t len),
		void *ctx);

#endif
