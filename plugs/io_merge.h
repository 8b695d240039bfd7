/* SPDX-License-Identifier: MIT */
/*
 * io_merge: segments of TCP that leave in one burst as few large ones, for a
 * peer that takes those (merge.h says which may be one).
 *
 * A TAP runs the guest's whole receive path in each write, and that costs more
 * than all that we do: so one write for forty segments is worth that they are
 * copied together once.
 */
#ifndef LABSWITCH_PLUGS_IO_MERGE_H
#define LABSWITCH_PLUGS_IO_MERGE_H

#include "switchd/core/drop.h"
#include "switchd/core/frame.h"

/* Room for what comes of a burst; memory only as far as it was ever used. */
struct io_merge;

/* NULL if there is no memory. */
struct io_merge *io_merge_new(void);
void io_merge_free(struct io_merge *m);

/*
 * Sets *out to what is to leave in place of n wires (1 to FRAME_BURST), valid
 * until the next call, and returns how many that are. *out is wires if there is
 * nothing to merge.
 */
unsigned io_merge_burst(struct io_merge *m, const struct wire *wires,
			unsigned n, const struct wire **out);

/* The fates of the n wires, from those of what left in their place. */
void io_merge_fates(const struct io_merge *m, const enum drop *of_out,
		    enum drop *fates, unsigned n);

#endif
