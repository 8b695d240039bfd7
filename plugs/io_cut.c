/* SPDX-License-Identifier: MIT */
#include "plugs/io_cut.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/core/offload.h"

#define KEPT 8

/* Some wires, and what they were cut into. */
struct cut {
	unsigned takes;
	uint32_t skip;
	unsigned used; /* wires, of which the last may go on in another cut */
	struct wire wires[FRAME_BURST];
	uint8_t tags[FRAME_BURST][FRAME_TAG]; /* of wires of three pieces */
	unsigned count;
	struct offload_batch batch;
};

struct io_cuts {
	const struct frame *frames; /* borrowed now */
	unsigned n;
	unsigned kept;
	struct cut cuts[KEPT + 1]; /* the last is used for what is not kept */
};

struct io_cuts *io_cuts_new(void)
{
	struct io_cuts *cuts = malloc(sizeof(*cuts));

	if (cuts)
		io_cuts_begin(cuts, NULL, 0);
	return cuts;
}

void io_cuts_free(struct io_cuts *cuts)
{
	free(cuts);
}

void io_cuts_begin(struct io_cuts *cuts, const struct frame *frames, unsigned n)
{
	cuts->frames = frames;
	cuts->n = n;
	cuts->kept = 0;
}

/* Whether w is of a borrowed frame: its first and its last piece. */
static bool is_borrowed(const struct io_cuts *cuts, const struct wire *w)
{
	const uint8_t *last = w->iov[w->pieces - 1].iov_base;

	for (unsigned i = 0; i < cuts->n; i++) {
		const struct frame *f = &cuts->frames[i];

		if (w->iov[0].iov_base == f->data)
			return last >= f->data && last < f->data + f->len;
	}
	return false;
}

static bool is_same(const struct cut *cut, unsigned i, const struct wire *w)
{
	const struct wire *kept = &cut->wires[i];
	unsigned last = w->pieces - 1;

	return w->pieces == kept->pieces && w->len == kept->len &&
	       memcmp(&w->off, &kept->off, sizeof(w->off)) == 0 &&
	       w->iov[0].iov_base == kept->iov[0].iov_base &&
	       w->iov[last].iov_base == kept->iov[last].iov_base &&
	       (w->pieces < FRAME_PIECES ||
		memcmp(w->iov[1].iov_base, cut->tags[i], FRAME_TAG) == 0);
}

static bool fits(const struct cut *cut, const struct wire *wires, unsigned n,
		 unsigned takes, uint32_t skip)
{
	if (cut->takes != takes || cut->skip != skip || cut->used > n ||
	    (cut->used < n && cut->count < FRAME_BURST))
		return false;
	for (unsigned i = 0; i < cut->used; i++)
		if (!is_same(cut, i, &wires[i]))
			return false;
	return true;
}

/* Notes what a cut was made of. Returns whether it may be kept. */
static bool note(const struct io_cuts *cuts, struct cut *cut,
		 const struct wire *wires)
{
	uint32_t rest = cut->skip;

	cut->used = offload_batch_done(wires, cut->count, cut->takes, &rest);
	cut->used += rest > 0;
	for (unsigned i = 0; i < cut->used; i++) {
		if (!is_borrowed(cuts, &wires[i]))
			return false;
		cut->wires[i] = wires[i];
		if (wires[i].pieces == FRAME_PIECES)
			memcpy(cut->tags[i], wires[i].iov[1].iov_base,
			       FRAME_TAG);
	}
	return true;
}

unsigned io_cuts_fill(struct io_cuts *cuts, const struct wire *wires,
		      unsigned n, unsigned takes, uint32_t skip,
		      const struct wire **ready)
{
	struct cut *cut = &cuts->cuts[cuts->kept];

	for (unsigned i = 0; i < cuts->kept; i++) {
		if (fits(&cuts->cuts[i], wires, n, takes, skip)) {
			*ready = cuts->cuts[i].batch.wires;
			return cuts->cuts[i].count;
		}
	}
	cut->takes = takes;
	cut->skip = skip;
	cut->count = offload_batch_fill(&cut->batch, wires, n, takes, skip);
	if (cuts->kept < KEPT && note(cuts, cut, wires))
		cuts->kept++;
	*ready = cut->batch.wires;
	return cut->count;
}
