/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/turn.h"

#include <poll.h>
#include <stdio.h>
#include <time.h>

#include "plugs/nat/child/clock.h"
#include "plugs/nat/child/control.h"
#include "plugs/nat/child/router.h"

#define MS_NS     UINT64_C(1000000)
#define SECOND_NS UINT64_C(1000000000)
#define ROUNDS    16 /* in which guests' MACs are told to libslirp */
#define REST      6  /* times what the walk took, before the next */
#define REST_MAX  (5 * MS_NS)
#define FEW       64 /* sockets, which are walked in no time */

static void to_engine(void *ctx, const uint8_t *data, uint32_t len)
{
	struct nat *nat = ctx;

	engine_input(nat->engine, data, len);
}

static void inject(struct nat *nat)
{
	unsigned count = nat->injected_count;

	/* What libslirp sends in answer may add more. */
	for (unsigned i = 0; i < count; i++)
		to_engine(nat, nat->injected[i].data, nat->injected[i].len);
	nat->injected_count -= count;
	for (unsigned i = 0; i < nat->injected_count; i++)
		nat->injected[i] = nat->injected[count + i];
}

static void receive(struct nat *nat)
{
	uint64_t *bad = &nat->stats.count[NAT_STAT_BAD_FRAME];
	int n = inbox_receive(nat->inbox, nat->frames, bad);

	nat->over |= n < 0;
	for (int i = 0; i < n; i++) {
		uint32_t len;
		uint8_t *data = inbox_frame(nat->inbox, i, &len);

		if (data)
			shim_in(&nat->shim, data, len, nat->now);
	}
	if (n > 0)
		inbox_feed(nat->inbox, to_engine, nat);
}

static void listen_to_switch(struct nat *nat)
{
	struct nat_msg msg;
	struct err err;
	int got;

	while ((got = nat_msg_receive(nat->control, &msg, &err)) > 0) {
		if (!control_obey(nat, &msg, &err)) {
			control_note(nat, err.msg);
			nat->over = true;
			return;
		}
	}
	nat->over |= got < 0;
}

static void serve(struct nat *nat, const struct pollset_event *e)
{
	const uint32_t gone = EPOLLERR | EPOLLHUP;

	switch (e->owner) {
	case POLLSET_FRAMES:
		if (e->events & (EPOLLIN | gone))
			receive(nat);
		break;
	case POLLSET_CONTROL:
		listen_to_switch(nat);
		break;
	case POLLSET_DNS:
		dns_ready(nat->dns, e->fd, e->events & (EPOLLIN | gone),
			  e->events & (EPOLLOUT | gone), nat->now);
		break;
	default: /* libslirp finds them by itself */
		break;
	}
}

/*
 * A walk of few sockets that took long, or one that took very long, was
 * interrupted by another process: by the switch, which has just been woken.
 */
static uint64_t rest_after(unsigned sockets, uint64_t walk_ns)
{
	if (sockets <= FEW)
		return 0;
	return walk_ns < REST_MAX / REST ? walk_ns * REST : REST_MAX;
}

/*
 * libslirp's round, and until nothing waits for a guest's MAC that is known.
 * Its sockets and timers are served only if one of them is ready.
 */
static void poll_engine(struct nat *nat, bool is_ready)
{
	uint64_t begin, end, due;

	inject(nat);
	if (is_ready)
		engine_poll(nat->engine);
	for (int i = 0; i < ROUNDS; i++) {
		bool told = shim_resolve(&nat->shim, nat->now);

		if (!told && !nat->injected_count)
			break;
		inject(nat);
		engine_resume(nat->engine);
	}
	nat->stats.fds = pollset_count(nat->set);
	begin = clock_ns();
	due = nat->now + (uint64_t)engine_fill(nat->engine) * MS_NS;
	end = clock_ns();
	if (is_ready || due < nat->poll_due)
		nat->poll_due = due;
	nat->poll_rest = end + rest_after(nat->stats.fds, end - begin);
}

static void defend(struct nat *nat)
{
	char mac[MAC_TEXT_SIZE], addr[NET_TEXT_SIZE], text[100];
	struct neigh_claim claim;
	uint8_t frame[128];
	size_t len;

	while ((len = neigh_defend(nat->neigh, nat->now, &claim, frame))) {
		shim_send(&nat->shim, frame, (uint32_t)len);
		(void)snprintf(text, sizeof(text), "%s claims the NAT's %s",
			       mac_format(&claim.by, mac),
			       net_format_addr(&claim.addr, addr));
		control_note(nat, text);
	}
}

static void tick(struct nat *nat)
{
	uint8_t advert[ROUTER_FRAME_MAX];
	size_t len;

	if (nat->now < nat->second_due)
		return;
	nat->second_due = nat->now + SECOND_NS;
	flows_expire(nat->flows, nat->now);
	defend(nat);
	control_stats(nat);
	if (nat->now < nat->advert_due)
		return;
	nat->advert_due = nat->now + ROUTER_PERIOD_NS;
	len = router_advert(&nat->conf, advert);
	if (len)
		shim_send(&nat->shim, advert, (uint32_t)len);
}

static int timeout_ms(const struct nat *nat, int dns_ms)
{
	uint64_t due = nat->poll_due < nat->second_due ? nat->poll_due
						       : nat->second_due;
	int ms = due > nat->now ? (int)((due - nat->now + MS_NS - 1) / MS_NS)
				: 0;

	if (nat->resting)
		return 0;
	return dns_ms >= 0 && dns_ms < ms ? dns_ms : ms;
}

/* Waits for a frame, or the end of the rest: libslirp's sockets can wait. */
static void rest(const struct nat *nat)
{
	struct pollfd frames = {.fd = nat->frames, .events = POLLIN};
	uint64_t now = clock_ns();
	struct timespec t = {.tv_nsec = 0};

	if (now >= nat->poll_rest)
		return;
	t.tv_nsec = (long)(nat->poll_rest - now);
	(void)ppoll(&frames, 1, &t, NULL);
}

bool turn(struct nat *nat)
{
	struct pollset_event events[POLLSET_EVENTS];
	int dns_ms = nat->dns ? dns_tick(nat->dns, nat->now) : -1;
	bool is_sent = outq_flush(nat->out);
	bool is_ready;
	unsigned n;

	(void)pollset_set(nat->set, nat->frames, POLLSET_FRAMES,
			  is_sent ? EPOLLIN : EPOLLIN | EPOLLOUT);
	if (nat->resting)
		rest(nat);
	n = pollset_wait(nat->set, timeout_ms(nat, dns_ms), events);
	nat->now = clock_ns();
	is_ready = nat->now >= nat->poll_due;
	for (unsigned i = 0; i < n; i++) {
		is_ready |= events[i].owner == POLLSET_SLIRP;
		serve(nat, &events[i]);
	}
	nat->resting = (nat->resting || n > 0) && nat->now < nat->poll_rest &&
		       nat->injected_count < INJECTED_MAX / 2;
	if (!nat->resting)
		poll_engine(nat, is_ready);
	tick(nat);
	return !nat->over;
}
