/* SPDX-License-Identifier: MIT */
#include "switchd/core/line.h"

#include <stdlib.h>

#include "switchd/core/offload.h"

void line_init(struct line *l, const struct impair_conf *conf, size_t limit,
	       struct counters *counters, bool ingress)
{
	*l = (struct line){.counters = counters, .ingress = ingress};
	impair_init(&l->impair, conf);
	hold_queue_init(&l->queue, limit);
}

/* What has not come out of an ingress line has been received nonetheless. */
static void count_drop(struct line *l, const struct wire *w, enum drop why)
{
	uint64_t frames = offload_wires_frames(w, 1);

	if (l->ingress)
		counters_rx(l->counters, frames, offload_wires_bytes(w, 1));
	counters_drop(l->counters, why, frames);
}

static enum drop lose(struct line *l, const struct wire *w, enum drop egress,
		      enum drop ingress)
{
	enum drop why = l->ingress ? ingress : egress;

	count_drop(l, w, why);
	return why;
}

void line_empty(struct line *l, enum drop why)
{
	struct wire w;

	for (; hold_peek(&l->queue); hold_pop(&l->queue)) {
		hold_wire(hold_peek(&l->queue), &w);
		count_drop(l, &w, why);
	}
}

void line_set(struct line *l, const struct impair_conf *conf, size_t limit,
	      uint64_t now)
{
	const struct impair_fate fate = {.delay_ns = conf->delay_ns};

	impair_set(&l->impair, conf);
	l->queue.limit = limit;
	for (struct hold *h = l->queue.head; h; h = h->next) {
		uint64_t at = impair_arrival(&l->impair, h->len, now, &fate);

		if (at < h->at)
			h->at = at;
	}
}

static enum drop full(struct line *l, const struct wire *w)
{
	l->counts.full += offload_wires_frames(w, 1);
	return lose(l, w, DROP_TX_HOLD_FULL, DROP_RX_HOLD_FULL);
}

/* One copy. Returns why there is none, or DROP_COUNT. */
static enum drop hold(struct line *l, const struct wire *w, uint64_t at,
		      const struct impair_fate *fate)
{
	struct hold *h = hold_push_at(&l->queue, w, at, fate->first);

	if (!h)
		return full(l, w);
	if (fate->corrupted)
		h->data[fate->bit / 8] ^= (uint8_t)(1u << fate->bit % 8);
	return DROP_COUNT;
}

static void count(struct line *l, const struct impair_fate *fate)
{
	l->counts.duplicated += fate->duplicated;
	l->counts.reordered += fate->first;
	l->counts.corrupted += fate->corrupted;
}

/* One frame that is treated as one. Returns why nothing of it is under way, or
 * DROP_COUNT. */
static enum drop push(struct line *l, const struct wire *w, uint64_t now)
{
	struct impair_fate fate;
	enum drop first, second;
	uint64_t at;

	if (l->match && l->match(l->match_ctx, w)) {
		l->counts.filtered++;
		return lose(l, w, DROP_TX_FILTER, DROP_RX_FILTER);
	}
	impair_decide(&l->impair, w->len, &fate);
	if (fate.lost) {
		l->counts.lost++;
		return lose(l, w, DROP_TX_LOSS, DROP_RX_LOSS);
	}
	if (!hold_has_room(&l->queue, w->len))
		return full(l, w);
	at = impair_arrival(&l->impair, w->len, now, &fate);
	count(l, &fate);
	first = hold(l, w, at, &fate);
	if (!fate.duplicated)
		return first;
	if (!l->ingress)
		counters_offered(l->counters, 1);
	second = hold(l, w, at, &fate);
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

unsigned line_take(struct line *l, uint64_t now, struct line_burst *burst)
{
	struct hold **tail = &burst->holds;
	unsigned n = 0;

	while (n < FRAME_BURST && line_next(l) <= now) {
		struct hold *h = hold_take(&l->queue);

		burst->frames[n++] = (struct frame){
			.data = h->data, .len = h->len, .off = h->off};
		*tail = h;
		tail = &h->next;
	}
	*tail = NULL;
	return n;
}

void line_burst_done(struct line_burst *burst)
{
	while (burst->holds) {
		struct hold *h = burst->holds;

		burst->holds = h->next;
		free(h);
	}
}
