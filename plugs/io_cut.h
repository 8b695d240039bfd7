/* SPDX-License-Identifier: MIT */
/*
 * io_cut: super-frames cut for peers that take none, once for all of them.
 *
 * A burst that is flooded is offered to one io after the other. What has been
 * cut for one is kept while the burst is borrowed, and serves all others that
 * are offered the same: the same bytes at the same places of frames that are
 * borrowed, which nobody writes to, and the same tag. Of a burst the first
 * frames are kept, some 500 wire frames; only headers are copied. Frames from
 * elsewhere, such as those that were held, are cut each time.
 */
#ifndef LABSWITCH_PLUGS_IO_CUT_H
#define LABSWITCH_PLUGS_IO_CUT_H

#include <stdint.h>

#include "switchd/core/frame.h"

struct io_cuts;

/* NULL if there is no memory. */
struct io_cuts *io_cuts_new(void);
void io_cuts_free(struct io_cuts *cuts);

/* These frames are borrowed from now on; n may be 0. */
void io_cuts_begin(struct io_cuts *cuts, const struct frame *frames,
		   unsigned n);

/*
 * As offload_batch_fill(). Sets *ready to what it returns the number of, valid
 * until the next call.
 */
unsigned io_cuts_fill(struct io_cuts *cuts, const struct wire *wires,
		      unsigned n, unsigned takes, uint32_t skip,
		      const struct wire **ready);

#endif
