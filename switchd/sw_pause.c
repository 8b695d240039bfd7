/* SPDX-License-Identifier: MIT */
#include "switchd/sw_pause.h"

#include <stdlib.h>
#include <uv.h>

#include "switchd/core/offload.h"
#include "switchd/explain.h"
#include "switchd/lab.h"
#include "switchd/tell.h"

struct sw_pause {
	struct lab_switch *sw;
	struct pause pause;
	uv_timer_t timer; /* for the next frame that goes on by itself */
};

/* --- Going on ----------------------------------------------------------- */

static json_t *explain(const struct sw_pause *p, const struct hold *h,
		       const struct frame *f, uint64_t now)
{
	const struct swport *port = lab_port_numbered(p->sw, h->port);
	json_t *said = explain_frame(port, f, true);

	explain_name(said, f);
	(void)json_object_set_new(
		said, "waited_ms",
		json_integer((json_int_t)((now - h->at) / 1000000)));
	(void)json_object_set_new(
		said, "held", json_integer((json_int_t)p->pause.queue.frames));
	return said;
}

static void input(struct sw_pause *p, struct hold *h, uint64_t now)
{
	const struct frame f = {.data = h->data, .len = h->len, .off = h->off};

	bridge_input(p->sw->bridge, h->port, &f, 1, now);
	free(h);
}

/* Returns what was said of it, if anybody wants to know. */
static json_t *let_go(struct sw_pause *p, struct hold *h, uint64_t now,
		      bool wanted)
{
	const struct frame f = {.data = h->data, .len = h->len, .off = h->off};
	json_t *said = NULL;

	if (wanted || events_watched(&p->sw->lab->events)) {
		said = explain(p, h, &f, now);
		tell_step_frame(p->sw, said);
	}
	input(p, h, now);
	return said;
}

/* uv_timer has its own idea of now, which may be a little behind. */
static void arm(struct sw_pause *p, uint64_t now);

static void on_timer(uv_timer_t *timer)
{
	struct sw_pause *p = timer->data;
	uint64_t now = uv_hrtime(); /* CLOCK_MONOTONIC */

	if (pause_next(&p->pause) <= now)
		json_decref(let_go(p, pause_take(&p->pause, now), now, false));
	arm(p, now);
}

static void arm(struct sw_pause *p, uint64_t now)
{
	uint64_t next = pause_next(&p->pause);

	if (next == UINT64_MAX)
		uv_timer_stop(&p->timer);
	else if (!uv_is_active((uv_handle_t *)&p->timer))
		uv_timer_start(&p->timer, on_timer,
			       next > now ? (next - now + 999999) / 1000000 : 0,
			       0);
}

/* --- Pausing and resuming ----------------------------------------------- */

const struct pause *sw_pause_of(const struct lab_switch *sw)
{
	return sw->pause ? &sw->pause->pause : NULL;
}

json_t *sw_pause_about(const struct lab_switch *sw)
{
	const struct pause *pause = sw_pause_of(sw);
	uint64_t gap_ms = pause->gap_ns / 1000000;

	return json_pack("{s:s, s:o, s:I}", "switch", sw->topo->name, "gap_ms",
			 gap_ms ? json_integer((json_int_t)gap_ms)
				: json_null(),
			 "held", (json_int_t)pause->queue.frames);
}

void sw_pause_begin(struct lab_switch *sw, uint64_t gap_ns)
{
	struct sw_pause *p = sw->pause;

	if (!p) {
		p = calloc(1, sizeof(*p));
		if (!p)
			abort();
		p->sw = sw;
		pause_init(&p->pause);
		uv_timer_init(sw->lab->loop, &p->timer);
		p->timer.data = p;
		sw->pause = p;
	}
	pause_set_gap(&p->pause, gap_ns);
	uv_timer_stop(&p->timer);
	arm(p, uv_hrtime());
	tell_pause(sw, gap_ns);
}

json_t *sw_pause_step(struct lab_switch *sw)
{
	uint64_t now = uv_hrtime();
	struct hold *h = pause_take(&sw->pause->pause, now);

	return h ? let_go(sw->pause, h, now, true) : NULL;
}

static void on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

size_t sw_pause_end(struct lab_switch *sw)
{
	struct sw_pause *p = sw->pause;
	size_t count = 0;
	uint64_t now = uv_hrtime();
	struct hold *h;

	if (!p)
		return 0;
	/* While one goes on its receivers may turn out to be gone, and with
	 * them what came from there and waits. */
	for (; (h = pause_take(&p->pause, now)); count++)
		input(p, h, now);
	sw->pause = NULL;
	uv_close((uv_handle_t *)&p->timer, on_closed);
	tell_resume(sw, count);
	return count;
}

/* --- Coming in ---------------------------------------------------------- */

static void hold(struct sw_pause *p, struct swport *port, const struct wire *w,
		 uint64_t now)
{
	struct frame f = {.len = w->len};

	if (!pause_push(&p->pause, port->topo->conf.number, w, now,
			&port->counters)) {
		port_captures_drop(port, DROP_RX_PAUSE_FULL, w, now);
		return;
	}
	f.data = p->pause.queue.tail->data;
	tell_hold(port, &f, p->pause.queue.frames);
}

/* As the wire frames that it stands for. */
static void hold_frame(struct sw_pause *p, struct swport *port,
		       const struct frame *f, uint64_t now)
{
	uint8_t scratch[INET_HEADERS_MAX];
	struct wire whole, w;

	wire_whole(&whole, f);
	for (uint32_t i = 0; i < offload_frames(&f->off, f->len); i++) {
		offload_cut(&whole, i, scratch, &w);
		hold(p, port, &w, now);
	}
}

static bool is_for_tree(const struct swport *port, const struct frame *f)
{
	struct bridge_decision d;

	bridge_decide(port->sw->bridge, port->topo->conf.number, f, &d);
	return d.dropped && d.why == DROP_RX_BPDU;
}

void sw_pause_rx(struct swport *port, const struct frame *frames, unsigned n,
		 uint64_t now)
{
	struct lab_switch *sw = port->sw;
	struct frame bpdus[FRAME_BURST];
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++) {
		if (is_for_tree(port, &frames[i]))
			bpdus[count++] = frames[i];
		else
			hold_frame(sw->pause, port, &frames[i], now);
	}
	arm(sw->pause, now);
	if (count > 0)
		bridge_input(sw->bridge, port->topo->conf.number, bpdus, count,
			     now);
}

void sw_pause_forget(struct swport *port)
{
	struct sw_pause *p = port->sw->pause;

	if (p)
		pause_forget(&p->pause, port->topo->conf.number,
			     &port->counters);
}
