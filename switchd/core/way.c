/* SPDX-License-Identifier: MIT */
#include "switchd/core/way.h"

#include "switchd/core/offload.h"

void way_init(struct way *way, struct counters *counters)
{
	*way = (struct way){.counters = counters};
	hold_queue_init(&way->queue, HOLD_LIMIT_DEFAULT);
}

void way_empty(struct way *way, enum drop why)
{
	counters_drop(way->counters, why, hold_queue_done(&way->queue));
}

void way_set_down(struct way *way, bool down)
{
	way->down = down;
	if (down)
		way_empty(way, DROP_TX_LINK_DOWN);
}

void way_enter(struct way *way, const struct wire *wires, unsigned n,
	       enum drop *fates)
{
	for (unsigned i = 0; i < n; i++) {
		enum drop why =
			way->down ? DROP_TX_LINK_DOWN : DROP_TX_HOLD_FULL;

		if (!way->down && hold_push(&way->queue, &wires[i]))
			continue;
		counters_drop(way->counters, why,
			      offload_wires_frames(&wires[i], 1));
		if (fates)
			fates[i] = why;
	}
}

unsigned way_take(const struct way *way, struct frame frames[FRAME_BURST])
{
	const struct hold *h = hold_peek(&way->queue);
	unsigned n = 0;

	for (; h && n < FRAME_BURST; h = h->next)
		frames[n++] = (struct frame){h->data, h->len, h->off};
	return n;
}

void way_taken(struct way *way, unsigned n)
{
	while (n-- > 0) {
		const struct hold *h = hold_peek(&way->queue);

		counters_tx(way->counters, offload_frames(&h->off, h->len),
			    offload_bytes(&h->off, h->len));
		hold_pop(&way->queue);
	}
}
