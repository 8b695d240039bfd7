/* SPDX-License-Identifier: MIT */
#include "switchd/core/pause.h"

#include <stdlib.h>

void pause_init(struct pause *p)
{
	*p = (struct pause){.gap_ns = 0};
	hold_queue_init(&p->queue, HOLD_LIMIT_DEFAULT);
}

void pause_done(struct pause *p)
{
	(void)hold_queue_done(&p->queue);
}

void pause_set_gap(struct pause *p, uint64_t gap_ns)
{
	p->gap_ns = gap_ns;
	p->next_ns = 0;
}

static void lose(struct counters *c, uint32_t len, enum drop why)
{
	counters_rx(c, 1, len);
	counters_drop(c, why, 1);
}

bool pause_push(struct pause *p, uint16_t port, const struct wire *w,
		uint64_t now, struct counters *c)
{
	struct hold *h = p->queue.frames < PAUSE_FRAMES_MAX
				 ? hold_push_at(&p->queue, w, now, false)
				 : NULL;

	if (!h) {
		lose(c, w->len, DROP_RX_PAUSE_FULL);
		return false;
	}
	h->port = port;
	return true;
}

uint64_t pause_next(const struct pause *p)
{
	return p->gap_ns && p->queue.head ? p->next_ns : UINT64_MAX;
}

struct hold *pause_take(struct pause *p, uint64_t now)
{
	struct hold *h = hold_take(&p->queue);

	if (h)
		p->next_ns = now + p->gap_ns;
	return h;
}

void pause_forget(struct pause *p, uint16_t port, struct counters *c)
{
	for (size_t i = p->queue.frames; i > 0; i--) {
		struct hold *h = hold_take(&p->queue);

		if (h->port != port) {
			hold_put(&p->queue, h);
			continue;
		}
		lose(c, h->len, DROP_RX_PAUSE_LEFT);
		free(h);
	}
}
