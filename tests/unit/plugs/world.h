/* SPDX-License-Identifier: MIT */
/*
 * world: what a plug lives in, for tests: a loop with an engine, and a host
 * that keeps all it is told.
 */
#ifndef LABSWITCH_TESTS_PLUGS_WORLD_H
#define LABSWITCH_TESTS_PLUGS_WORLD_H

#include "tests/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugs/plug.h"
#include "plugs/priv_hosts.h"
#include "switchd/core/hold.h"
#include "switchd/core/offload.h"
#include "tests/io_level.h"

struct world {
	char dir[32]; /* for the files of hosts */
	uv_loop_t loop;
	struct priv priv;
	struct plug_env env;
};

/* One port: a plug and its host's notes. The plug's ctx points here. */
struct port {
	struct plug *plug;
	struct plug_host host;
	struct counters counters;
	struct hold_queue rx; /* what came in */
	unsigned bursts, ups, downs, closed;
	char reason[240];
	char event[240];
};

static inline void world_init(struct world *w)
{
	*w = (struct world){.priv = {.ops = &priv_local}};
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/labswitch-test.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->priv.ctx = hosts_new(w->dir);
	assert_int_equal(uv_loop_init(&w->loop), 0);
	w->env = (struct plug_env){
		.loop = &w->loop,
		.io = test_io_engine(&w->loop),
		.priv = &w->priv,
		.name = "lan",
	};
	assert_non_null(w->env.io);
}

/* Takes the loop as far as it comes without waiting. */
static inline void world_settle(struct world *w)
{
	for (int i = 0; i < 10; i++)
		(void)uv_run(&w->loop, UV_RUN_NOWAIT);
}

/* Nothing may be left alive. */
static inline void world_done(struct world *w)
{
	world_settle(w);
	io_engine_free(w->env.io);
	hosts_free(w->priv.ctx);
	assert_int_equal(rmdir(w->dir), 0);
	assert_int_equal(uv_loop_close(&w->loop), 0);
}

static inline void world_on_tick(uv_timer_t *timer)
{
	++*(unsigned *)timer->data;
}

/* Runs the loop until *n is at least `least`; fails after 10 s. */
static inline void world_wait(struct world *w, const unsigned *n,
			      unsigned least)
{
	unsigned ticks = 0;
	uv_timer_t timer;

	(void)uv_timer_init(&w->loop, &timer);
	timer.data = &ticks;
	(void)uv_timer_start(&timer, world_on_tick, 10, 10);
	while (*n < least && ticks < 1000)
		(void)uv_run(&w->loop, UV_RUN_ONCE);
	assert_true(*n >= least);
	uv_close((uv_handle_t *)&timer, NULL);
	(void)uv_run(&w->loop, UV_RUN_NOWAIT);
}

static inline void port_keep(struct port *p, const struct frame *frames,
			     unsigned n)
{
	p->bursts++;
	for (unsigned i = 0; i < n; i++) {
		struct wire w;

		wire_whole(&w, &frames[i]);
		assert_true(hold_push(&p->rx, &w));
	}
	/* As the bridge would do. */
	for (unsigned i = 0; i < n; i++) {
		const struct offload *off = &frames[i].off;
		uint32_t count = offload_frames(off, frames[i].len);

		counters_rx(&p->counters, count,
			    offload_bytes(off, frames[i].len));
		p->counters.rx_forwarded += count;
	}
}

static inline void port_rx(struct plug *plug, const struct frame *frames,
			   unsigned n, uint64_t now)
{
	assert_true(n >= 1 && n <= FRAME_BURST);
	port_keep(plug->ctx, frames, n);
}

static inline void port_state(struct plug *plug, bool up,
			      const struct err *reason)
{
	struct port *p = plug->ctx;

	if (up) {
		assert_null(reason);
		p->ups++;
		return;
	}
	p->downs++;
	(void)snprintf(p->reason, sizeof(p->reason), "%s", reason->msg);
}

static inline void port_closed(struct plug *plug)
{
	((struct port *)plug->ctx)->closed++;
}

static inline void port_event(struct plug *plug, const char *text)
{
	struct port *p = plug->ctx;

	(void)snprintf(p->event, sizeof(p->event), "%s", text);
}

/* Reads one option into conf; false and err if it does not parse. */
static inline bool conf_set(const struct opt *row, const char *text, void *conf,
			    struct err *err)
{
	static const struct opt_ctx ctx;

	assert_non_null(row);
	return row->type->parse(row, &ctx, text, (char *)conf + row->offset,
				err);
}

/* A plug, DOWN, with defaults and arg (NULL: none) as its options. */
static inline void port_init(struct port *p, struct world *w,
			     const struct plug_class *class, const char *arg)
{
	static const struct opt_host no_host;
	struct err err = {.msg = ""};
	void *conf = calloc(1, class->kind.conf_size + 1);

	*p = (struct port){
		.plug = calloc(1, class->size),
		.host = {port_rx, port_state, port_closed, port_event},
	};
	hold_queue_init(&p->rx, HOLD_LIMIT_DEFAULT);
	opt_kind_defaults(&class->kind, conf);
	if (arg)
		assert_true(conf_set(class->kind.arg, arg, conf, &err));
	if (class->kind.finish)
		assert_true(class->kind.finish(conf, "port", &err));
	*p->plug = (struct plug){
		.class = class,
		.host = &p->host,
		.env = &w->env,
		.counters = &p->counters,
		.conf = conf,
		.name = "port",
		.mtu = class->kind.mtu,
		.host_conf = &no_host,
		.ifname = "eth0",
		.ctx = p,
	};
}

/* Sets a further option, before it is opened. */
static inline void port_option(struct port *p, const char *key,
			       const char *text)
{
	const struct opt *row = opt_find(p->plug->class->kind.rows, key);

	assert_true(
		conf_set(row, text, (void *)(uintptr_t)p->plug->conf, NULL));
}

static inline void port_open(struct port *p)
{
	struct err err = {.msg = ""};

	if (!p->plug->class->open(p->plug, NULL, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(p->ups, 1);
}

/* Opening fails, and says this. */
static inline void port_open_fails(struct port *p, const char *says)
{
	struct err err = {.msg = ""};

	assert_false(p->plug->class->open(p->plug, NULL, &err));
	if (!strstr(err.msg, says))
		fail_msg("\"%s\" does not say \"%s\"", err.msg, says);
	assert_int_equal(p->ups, 0);
}

static inline void port_close(struct port *p, struct world *w)
{
	unsigned before = p->closed;

	p->plug->class->close(p->plug);
	world_settle(w);
	assert_int_equal(p->closed, before + 1);
}

/* The plug is DOWN. */
static inline void port_free(struct port *p)
{
	(void)hold_queue_done(&p->rx);
	if (p->plug->class->done)
		p->plug->class->done(p->plug);
	free((void *)(uintptr_t)p->plug->conf);
	free(p->plug);
}

/* Sends n frames of len bytes, all of them b. */
static inline void port_send(struct port *p, uint8_t b, uint32_t len,
			     unsigned n)
{
	struct wire wires[FRAME_BURST];
	uint8_t *data = malloc(len);
	struct frame f = {.data = data, .len = len};

	memset(data, b, len);
	for (unsigned i = 0; i < n; i++)
		wire_whole(&wires[i], &f);
	counters_offered(&p->counters, n);
	p->plug->class->send(p->plug, wires, n, 0, NULL);
	free(data);
}

/* The sums of counters.h. */
static inline void assert_sums(const struct counters *c, size_t held)
{
	uint64_t rx = c->rx_forwarded;
	uint64_t tx = c->tx_frames + held;

	for (int i = 0; i < DROP_COUNT; i++) {
		if (strncmp(drop_name((enum drop)i), "rx_", 3) == 0)
			rx += c->drops[i];
		else
			tx += c->drops[i];
	}
	assert_int_equal(c->rx_frames, rx);
	assert_int_equal(c->tx_offered, tx);
}

#endif
