/* SPDX-License-Identifier: MIT */
#include "plugs/io_merge.h"

#include <stdlib.h>

#include "switchd/core/merge.h"

struct io_merge {
	struct merge merge;
	struct wire wires[FRAME_BURST];
	uint8_t room[FRAME_BURST / 2 * FRAME_MAX]; /* of two or more each */
};

struct io_merge *io_merge_new(void)
{
	return malloc(sizeof(struct io_merge));
}

void io_merge_free(struct io_merge *m)
{
	free(m);
}

unsigned io_merge_burst(struct io_merge *m, const struct wire *wires,
			unsigned n, const struct wire **out)
{
	uint8_t *room = m->room;

	*out = wires;
	if (!merge_pays(wires, n))
		return n;
	merge_burst(&m->merge, wires, n);
	if (m->merge.count == n)
		return n;
	for (unsigned i = 0; i < m->merge.count; i++) {
		const struct merged *joined = &m->merge.out[i];
		struct frame f = {
			.data = room, .len = joined->len, .off = joined->off};

		if (joined->frames == 1) {
			m->wires[i] = wires[m->merge.groups[i].first];
			continue;
		}
		merge_copy(joined, room);
		wire_whole(&m->wires[i], &f);
		room += f.len;
	}
	*out = m->wires;
	return m->merge.count;
}

void io_merge_fates(const struct io_merge *m, const enum drop *of_out,
		    enum drop *fates, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		fates[i] = of_out[m->merge.segments[i].group];
}
