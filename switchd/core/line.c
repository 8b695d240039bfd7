/* SPDX-License-Identifier: MIT */
#include "switchd/core/line.h"

#include "switchd/core/offload.h"

void line_init(struct line *l, const struct impair_conf *conf, size_t limit,
	       struct counters *counters, bool ingress)
{
	*l = (struct line){.counters = counters, .ingress = ingress};
	impair_init(&l->impair, conf);
	hold_queue_init(&l->queue, limit);
}

size_t line_done(struct line *l)
{
	return hold_queue_done(&l->queue);
}

static enum drop lose(struct line *l, const struct wire *w, enum drop egress,
		      enum drop ingress)
{
	enum drop why = l->ingress ? ingress : egress;

	if (l->ingress)
		counters_rx(l->counters, offload_wires_frames(w, 1),
			    offload_wires_bytes(w, 1));
	counters_drop(l->counters, why, offload_wires_frames(w, 1));
	return why;
}

/* One copy. Returns why there is none, or DROP_COUNT. */
static enum drop hold(struct line *l, const struct wire *w,
		      const struct impair_fate *fate)
{
	struct hold *h = hold_push_at(&l->queue, w, fate->at_ns, fate->first);

	if (!h)
		return lose(l, w, DROP_TX_HOLD_FULL, DROP_RX_HOLD_FULL);
	if (fate->corrupted)
		h->data[fate->bit / 8] ^= (uint8_t)(1u << fate->bit % 8);
	return DROP_COUNT;
}

/* One frame that is treated as one. Returns why nothing of it is under way, or
 * DROP_COUNT. */
static enum drop push(struct line *l, const struct wire *w, uint64_t now)
{
	struct impair_fate fate;
	enum drop first, second;

	if (l->match && l->match(l->match_ctx, w))
		return lose(l, w, DROP_TX_FILTER, DROP_RX_FILTER);
	impair_decide(&l->impair, w->len, now, &fate);
	if (fate.lost)
		return lose(l, w, DROP_TX_LOSS, DROP_RX_LOSS);
	first = hold(l, w, &fate);
	if (!fate.duplicated)
		return first;
	if (!l->ingress)
		counters_offered(l->counters, 1);
	second = hold(l, w, &fate);
	return first == DROP_COUNT ? first : second;
}

/* All wire frames of a super-frame. */
static enum drop push_cut(struct line *l, const struct wire *w, uint64_t now)
{
	uint32_t frames = offload_frames(&w->off, w->len);
	uint8_t scratch[INET_HEADERS_MAX];
	enum drop why = DROP_COUNT;
	bool lost_all = true;
	struct wire cut;

	for (uint32_t i = 0; i < frames; i++) {
		offload_cut(w, i, scratch, &cut);
		why = push(l, &cut, now);
		lost_all &= why != DROP_COUNT;
	}
	return lost_all ? why : DROP_COUNT;
}

void line_push(struct line *l, const struct wire *wires, unsigned n,
	       uint64_t now, enum drop *fates)
{
	bool whole = !l->match && impair_passes_super(&l->impair.conf);

	for (unsigned i = 0; i < n; i++) {
		enum drop why = whole || wires[i].off.flags == 0
					? push(l, &wires[i], now)
					: push_cut(l, &wires[i], now);

		if (fates)
			fates[i] = why;
	}
}

uint64_t line_next(const struct line *l)
{
	const struct hold *h = hold_peek(&l->queue);

	return h ? h->at : UINT64_MAX;
}

unsigned line_peek(const struct line *l, uint64_t now,
		   struct frame out[FRAME_BURST])
{
	const struct hold *h = hold_peek(&l->queue);
	unsigned n = 0;

	for (; h && n < FRAME_BURST && h->at <= now; h = h->next)
		out[n++] = (struct frame){
			.data = h->data, .len = h->len, .off = h->off};
	return n;
}

void line_pop(struct line *l, unsigned n)
{
	while (n-- > 0)
		hold_pop(&l->queue);
}
