/* SPDX-License-Identifier: MIT */
/*
 * stp_solo: one bridge of three ports, and a test that says what its neighbours
 * say. Or none: what port 1 sends may come back to it.
 */
#ifndef LABSWITCH_TESTS_STP_SOLO_H
#define LABSWITCH_TESTS_STP_SOLO_H

#include "tests/cmocka.h"

#include <string.h>

#include "switchd/core/bpdu.h"
#include "switchd/core/stp.h"

#define SECOND UINT64_C(1000000000)
#define PORTS  3

static const struct mac solo_mac = {{0x02, 0, 0, 0, 0, 0x50}};

struct solo {
	struct stp *stp;
	uint64_t now;
	bool echo; /* what port 1 sends comes back there */
	bool echoing;
	bool gone; /* the next BPDU finds that port 1 is gone */
	uint8_t last[BPDU_FRAME];
	enum port_state state[PORTS + 1];
	unsigned flushes[PORTS + 1];
	unsigned opened[PORTS + 1]; /* times that it learned or forwarded */
	unsigned events[STP_EVENT_COUNT];
};

static inline void on_send(void *ctx, uint16_t port, const struct frame *f)
{
	struct solo *s = ctx;

	assert_int_equal(f->len, BPDU_FRAME);
	if (port != 1)
		return;
	memcpy(s->last, f->data, f->len);
	s->echoing = s->echo;
	if (!s->gone)
		return;
	s->gone = false;
	stp_port_down(s->stp, port, s->now);
}

static inline void on_state(void *ctx, uint16_t port, enum port_state state)
{
	struct solo *s = ctx;

	s->state[port] = state;
	s->opened[port] += state != PORT_DISCARDING;
}

static inline void on_flush(void *ctx, uint16_t port)
{
	((struct solo *)ctx)->flushes[port]++;
}

static inline void on_event(void *ctx, enum stp_event event, uint16_t port)
{
	((struct solo *)ctx)->events[event]++;
}

static const struct stp_ops ops = {on_send, on_state, on_flush, on_event};

static const struct stp_conf defaults = {
	.mac = {{0x02, 0, 0, 0, 0, 0x50}},
	STP_CONF_DEFAULTS,
};

static const struct stp_port_conf plain = {STP_PORT_CONF_DEFAULTS};

/* Ports 1 to 3 are up, port 1 with conf. */
static inline void setup(struct solo *s, const struct stp_port_conf *conf)
{
	*s = (struct solo){.now = SECOND};
	s->stp = stp_new(&defaults, &ops, s);
	assert_non_null(s->stp);
	assert_true(stp_next(s->stp) == UINT64_MAX);
	for (uint16_t port = PORTS; port >= 1; port--) {
		assert_true(stp_port_add(s->stp, port,
					 port == 1 ? conf : &plain, s->now));
		assert_int_equal(s->state[port], PORT_DISCARDING);
		stp_port_up(s->stp, port, true, s->now);
	}
}

static inline void echo(struct solo *s)
{
	struct frame f = {.data = s->last, .len = BPDU_FRAME};

	for (int i = 0; s->echoing; i++) {
		uint8_t copy[BPDU_FRAME];

		assert_true(i < 20);
		memcpy(copy, s->last, sizeof(copy));
		f.data = copy;
		s->echoing = false;
		stp_receive(s->stp, 1, &f, s->now);
	}
}

static inline void run(struct solo *s, unsigned seconds)
{
	uint64_t until = s->now + seconds * SECOND;

	while (stp_next(s->stp) <= until) {
		s->now = stp_next(s->stp);
		stp_run(s->stp, s->now);
		echo(s);
	}
	s->now = until;
}

static inline struct stp_port_info info(const struct solo *s, uint16_t port)
{
	struct stp_port_info i;

	stp_port_read(s->stp, port, &i);
	return i;
}

static inline void done(struct solo *s)
{
	stp_free(s->stp);
}

/* What a bridge says that is better than ours (id 0x40) or not (0x60). */
static inline struct bpdu neighbour(uint8_t id)
{
	uint64_t bridge = UINT64_C(0x8000020000000000) | id;

	return (struct bpdu){
		.type = BPDU_RST,
		.role = BPDU_DESIGNATED,
		.vector = {.root = bridge, .bridge = bridge, .port = 0x8001},
		.times = {.max_age = 20, .forward_delay = 15, .hello = 2},
	};
}

static inline void hear(struct solo *s, uint16_t port, const struct bpdu *b)
{
	uint8_t frame[BPDU_FRAME];
	struct frame f = {.data = frame, .len = sizeof(frame)};

	bpdu_emit(b, &solo_mac, frame);
	stp_receive(s->stp, port, &f, s->now);
}

static inline void assert_why(const struct solo *s, uint16_t port,
			      const char *expected)
{
	char why[STP_WHY_SIZE];

	assert_string_equal(stp_port_why(s->stp, port, why, NULL, NULL),
			    expected);
}

#endif
