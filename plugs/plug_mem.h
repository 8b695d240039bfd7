/* SPDX-License-Identifier: MIT */
/*
 * plug_mem: a plug whose peer is the program itself: what tests put behind a
 * port. All calls take a plug of the class "mem" and are legal in any state
 * unless they say otherwise; settings last until the plug is freed.
 */
#ifndef LABSWITCH_PLUGS_PLUG_MEM_H
#define LABSWITCH_PLUGS_PLUG_MEM_H

#include <stdbool.h>
#include <stdint.h>

#include "plugs/plug.h"
#include "switchd/core/hold.h"

#define PLUG_MEM_RECORD_MAX ((size_t)1 << 20) /* bytes */

/* Sees frames leave, in order, in bursts; they are borrowed for the call. */
typedef void plug_mem_sent_fn(void *ctx, const struct wire *wires, unsigned n);

/* The peer sends n frames, 1 to FRAME_BURST, and claims about work left in them
 * what it likes. The plug is UP. */
void plug_mem_inject(struct plug *plug, const struct frame *frames, unsigned n,
		     uint64_t now);

/* From now on fn sees the frames, in place of the record. NULL: the record. */
void plug_mem_watch(struct plug *plug, plug_mem_sent_fn *fn, void *ctx);

/*
 * Frames that have left, for reading and hold_pop(). When they become more
 * than PLUG_MEM_RECORD_MAX, the oldest go. Emptied when the plug closes.
 */
struct hold_queue *plug_mem_record(struct plug *plug);

/* The peer takes nothing (frames are held), or all again. */
void plug_mem_refuse(struct plug *plug, bool refuse);

/* The next open() calls fail for this reason; NULL: they succeed. */
void plug_mem_fail_open(struct plug *plug, const char *reason);

/* The peer goes away: state(down). The plug is UP. */
void plug_mem_vanish(struct plug *plug, const char *reason);

/* How many lives it has had: 1, and 1 more for each open(inherited). */
uint32_t plug_mem_lives(const struct plug *plug);

#endif
