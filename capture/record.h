/* SPDX-License-Identifier: MIT */
/*
 * record: a frame as it lies in the ring, this head and then its bytes.
 *
 * The bytes are those that were handed over, with the work that is left in
 * them: the thread that writes does that work. Of a frame without any it is
 * known already that it is wanted, and only what the file keeps is copied. What
 * a file has of a frame with work left depends on all of it.
 */
#ifndef LABSWITCH_CAPTURE_RECORD_H
#define LABSWITCH_CAPTURE_RECORD_H

#include <stdint.h>

#include "switchd/core/frame.h"

struct record {
	uint64_t time_ns;   /* since 1970 */
	uint32_t len;       /* of the frame, */
	uint32_t kept;      /* and of its bytes that follow */
	struct offload off; /* to be done; all zero: to be shown as it is */
	uint16_t interface; /* as in struct format_frame */
	uint8_t direction;
	uint8_t drop; /* enum drop; DROP_COUNT: it went on */
};

#define RECORD_MAX (sizeof(struct record) + FRAME_MAX + FRAME_TAG)

#endif
