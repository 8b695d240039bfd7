/* SPDX-License-Identifier: MIT */
/*
 * explain: what a switch does with a frame, and why, in words.
 *
 * The verdict is bridge_decide()'s and bridge_egress()'s, the code that frames
 * go through; only the sentences are made here. Nothing is sent, learned or
 * counted.
 */
#ifndef LABSWITCH_SWITCHD_EXPLAIN_H
#define LABSWITCH_SWITCHD_EXPLAIN_H

#include <jansson.h>
#include <stdbool.h>

#include "switchd/core/bridge.h"
#include "switchd/screen.h"

struct swport;

/*
 * What becomes of a frame that comes in on port, which is in its bridge: an
 * object as the result of `trace` (switchctl(1)). happens: it is about to, so
 * the switch "learns" where it "would learn" otherwise.
 */
json_t *explain_frame(const struct swport *port, const struct frame *f,
		      bool happens);

/* Adds which frame it is: "bytes", "src", "dst", "type" and "text" (gist.h). */
void explain_name(json_t *object, const struct frame *f);

/*
 * The ports that a frame is flooded to which came in on port: the first
 * EXPLAIN_NAMES_MAX by name, *count in all.
 */
#define EXPLAIN_NAMES_MAX 8
json_t *explain_flood(const struct swport *port,
		      const struct bridge_decision *d, size_t *count);

/* Prints what explain_frame() says: numbered sentences, and a table of where
 * the frame leaves. */
void explain_print(const struct screen *screen, const json_t *explained);

#endif
