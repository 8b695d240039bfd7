/* SPDX-License-Identifier: MIT */
/* bridge_mirror: copies of frames for those who look on (bridge.h). */
#include "switchd/core/bridge_inside.h"
#include "switchd/core/offload.h"

void bridge_mirror_join(struct bridge *b, struct bridge_port *p)
{
	if (p->conf.mirror)
		b->mirrors[p->conf.mirror - 1] = p;
}

void bridge_mirror_leave(struct bridge *b, const struct bridge_port *p)
{
	if (p->conf.mirror && b->mirrors[p->conf.mirror - 1] == p)
		b->mirrors[p->conf.mirror - 1] = NULL;
}

static void copy_to(const struct bridge_port *mirror, const struct wire *wires,
		    unsigned n, uint64_t now)
{
	struct wire fit[FRAME_BURST];
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct wire *w = &wires[i];
		uint32_t frames = offload_frames(&w->off, w->len);

		counters_offered(mirror->counters, frames);
		if (wire_payload(w) <= mirror->conf.mtu) {
			fit[count++] = *w;
			continue;
		}
		counters_drop(mirror->counters, DROP_TX_TOO_BIG, frames);
		if (mirror->on_fate)
			mirror->on_fate(mirror->ctx, DROP_TX_TOO_BIG, w, now);
	}
	if (count)
		mirror->send(mirror->ctx, fit, count, now);
}

void bridge_mirror_send(struct bridge *b, unsigned mirrors,
			const struct wire *wires, unsigned n, uint64_t now)
{
	for (unsigned k = 0; k < BRIDGE_MIRRORS_MAX; k++)
		if (mirrors >> k & 1 && b->mirrors[k])
			copy_to(b->mirrors[k], wires, n, now);
}

void bridge_mirror_rx(struct bridge *b, unsigned mirrors,
		      const struct frame *frames, unsigned n, uint64_t now)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++)
		if (frames[i].len >= FRAME_HEADER)
			wire_whole(&b->wires[count++], &frames[i]);
	bridge_mirror_send(b, mirrors, b->wires, count, now);
}
