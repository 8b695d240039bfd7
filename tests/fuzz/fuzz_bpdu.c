/* SPDX-License-Identifier: MIT */
/*
 * fuzz_bpdu: whatever neighbours say, whenever, to a bridge whose ports come,
 * go and change.
 *
 * The input is a program: a byte says what to do, those after it how. BPDUs are
 * made up of few identifiers, so that some matter, or are bytes straight from
 * the input, or what the bridge itself sent last. After each step: the machines
 * rest; roles, states and root agree with each other; every BPDU is counted
 * once; and no port has sent or flushed more than it may in a second.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/core/bpdu.h"
#include "switchd/core/stp.h"
#include "tests/fuzz/fuzz.h"

#define PORTS       4
#define PROGRAM_MAX 2048
#define SECOND      UINT64_C(1000000000)

struct port {
	bool there, up;
	struct stp_port_conf conf;
	enum port_state state;
	uint64_t fed;
	unsigned sent, flushes; /* since the last tick */
};

struct fuzz {
	struct input input;
	struct stp *stp;
	struct stp_conf conf;
	uint64_t now;
	struct port ports[PORTS + 1];
	uint8_t last[BPDU_FRAME];
	uint8_t down_in_send; /* that port, or 0 */
};

/* --- What the bridge does --------------------------------------------- */

static void on_send(void *ctx, uint16_t number, const struct frame *f)
{
	struct fuzz *z = ctx;
	struct port *p = &z->ports[number];
	struct bpdu b;

	assert(p->there && p->up && f->len == BPDU_FRAME);
	assert(++p->sent <= z->conf.hold_count);
	memcpy(z->last, f->data, f->len);
	if (z->down_in_send == number) {
		z->down_in_send = 0;
		p->up = false;
		stp_port_down(z->stp, number, z->now);
	}
	/* What is as old as may be is said, and ignored by who hears it. */
	if (!bpdu_parse(f, &b)) {
		assert(f->data[44] >= f->data[46]);
		return;
	}
	assert(b.type == BPDU_RST ? z->conf.version == STP_VERSION_RSTP : true);
	if (b.type == BPDU_TCN)
		return;
	assert(b.vector.bridge ==
	       stp_bridge_id(z->conf.priority, &z->conf.mac));
	assert(b.vector.root <= b.vector.bridge);
	assert(stp_port_number(b.vector.port) == number);
}

static void on_state(void *ctx, uint16_t number, enum port_state state)
{
	struct port *p = &((struct fuzz *)ctx)->ports[number];

	assert(p->there && state < PORT_STATE_COUNT);
	p->state = state;
}

static void on_flush(void *ctx, uint16_t number)
{
	struct port *p = &((struct fuzz *)ctx)->ports[number];

	assert(p->there && ++p->flushes <= STP_FLUSH_BUDGET + 1);
}

static void on_event(void *ctx, enum stp_event event, uint16_t number)
{
	struct fuzz *z = ctx;
	struct stp_info info;

	assert(event < STP_EVENT_COUNT && number <= PORTS);
	assert((event == STP_EVENT_ROOT) == (number == 0));
	stp_read(z->stp, &info);
}

/* --- What must be so --------------------------------------------------- */

static void check_port(const struct fuzz *z, uint16_t number,
		       const struct stp_info *bridge)
{
	const struct port *p = &z->ports[number];
	const struct stp_counts *c;
	struct stp_port_info i;
	char why[STP_WHY_SIZE];

	stp_port_read(z->stp, number, &i);
	c = &i.counts;
	assert(i.state == p->state && i.up == p->up);
	assert((i.role == STP_ROLE_DISABLED) == (!p->up || i.bpdu_guard));
	assert((i.role == STP_ROLE_ROOT) == (bridge->root_port == number));
	if (i.role != STP_ROLE_ROOT && i.role != STP_ROLE_DESIGNATED)
		assert(i.state == PORT_DISCARDING);
	assert(i.role != STP_ROLE_ROOT || !p->conf.root_guard);
	assert(!i.rstp || z->conf.version == STP_VERSION_RSTP);
	assert(c->rx_config + c->rx_tcn + c->rx_rst + c->rx_bad + c->rx_over +
		       c->rx_down ==
	       p->fed);
	(void)stp_port_why(z->stp, number, why, NULL, NULL);
	assert(strlen(why) > strlen("root: "));
}

static void check(const struct fuzz *z)
{
	struct stp_info info;
	bool up = false;

	stp_read(z->stp, &info);
	assert(info.id == stp_bridge_id(z->conf.priority, &z->conf.mac));
	assert(info.root <= info.id);
	assert((info.root_port == 0) == (info.root == info.id));
	assert(info.root_port != 0 || info.cost == 0);
	for (uint16_t number = 1; number <= PORTS; number++) {
		up |= z->ports[number].up;
		assert(stp_port_exists(z->stp, number) ==
		       z->ports[number].there);
		if (z->ports[number].there)
			check_port(z, number, &info);
	}
	assert(up ? stp_next(z->stp) > z->now &&
			       stp_next(z->stp) <= z->now + SECOND
		  : stp_next(z->stp) == UINT64_MAX);
}

/* --- What is done ------------------------------------------------------ */

static void begin_second(struct fuzz *z)
{
	for (int i = 1; i <= PORTS; i++)
		z->ports[i].sent = z->ports[i].flushes = 0;
}

static void op_run(struct fuzz *z)
{
	uint8_t b = take(&z->input);
	uint64_t at = stp_next(z->stp);

	if (b & 0x80) {
		z->now += (b & 0x7f) * (SECOND / 100);
		if (z->now >= at)
			begin_second(z);
		stp_run(z->stp, z->now);
		return;
	}
	for (int i = 0; i < (b & 0x1f) && stp_next(z->stp) != UINT64_MAX; i++) {
		z->now = stp_next(z->stp);
		begin_second(z);
		stp_run(z->stp, z->now);
	}
}

static struct port *take_port(struct fuzz *z, uint16_t *number)
{
	*number = 1 + take(&z->input) % PORTS;
	return &z->ports[*number];
}

static void take_port_conf(struct fuzz *z, struct stp_port_conf *conf)
{
	static const uint32_t costs[] = {20000, 1, 200, STP_COST_MAX};
	uint8_t b = take(&z->input);

	*conf = (struct stp_port_conf){
		.cost = costs[b & 3],
		.priority = b & 4 ? 128 : 16,
		.p2p = b % 3,
		.admin_edge = (b & 0x18) == 0x18,
		.auto_edge = b & 0x20,
		.bpdu_guard = (b & 0xc0) == 0x40,
		.root_guard = (b & 0xc0) == 0x80,
	};
	assert(stp_port_conf_check(conf, NULL));
}

static void op_port(struct fuzz *z)
{
	uint16_t number;
	struct port *p = take_port(z, &number);

	if (p->there) {
		stp_port_remove(z->stp, number, z->now);
		*p = (struct port){.there = false};
		return;
	}
	take_port_conf(z, &p->conf);
	p->there = true;
	assert(stp_port_add(z->stp, number, &p->conf, z->now));
}

static void op_up_down(struct fuzz *z)
{
	uint16_t number;
	struct port *p = take_port(z, &number);
	uint8_t b = take(&z->input);

	if (!p->there)
		return;
	if (b % 5 == 0) {
		p->up = false;
		stp_port_down(z->stp, number, z->now);
	} else if (b % 5 == 1) {
		stp_port_reenable(z->stp, number, z->now);
	} else if (b == 7) {
		z->down_in_send = (uint8_t)number;
	} else if (b % 5 == 2) {
		stp_port_mcheck(z->stp, number, z->now);
	} else {
		p->up = true;
		stp_port_up(z->stp, number, b & 0x80, z->now);
	}
}

static void op_port_set(struct fuzz *z)
{
	uint16_t number;
	struct port *p = take_port(z, &number);

	if (!p->there)
		return;
	take_port_conf(z, &p->conf);
	stp_port_set(z->stp, number, &p->conf, z->now);
}

static void op_set(struct fuzz *z)
{
	uint8_t b = take(&z->input);

	z->conf.priority = (uint16_t)((b & 3) << 14);
	z->conf.version = b & 4 ? STP_VERSION_STP : STP_VERSION_RSTP;
	z->conf.hello = b & 8 ? 1 : 2;
	z->conf.hold_count = b & 16 ? 1 : 6;
	assert(stp_conf_check(&z->conf, NULL));
	begin_second(z); /* all may begin again */
	stp_set(z->stp, &z->conf, z->now);
}

/* A bridge of few; the third of them is this one. */
static uint64_t take_id(struct fuzz *z)
{
	uint8_t b = take(&z->input);
	struct mac mac = {{2, 0, 0, 0, 0, (b & 7) + 1}};

	return stp_bridge_id((uint16_t)((b & 0x30) << 10), &mac);
}

static void make_bpdu(struct fuzz *z, uint8_t frame[BPDU_FRAME])
{
	static const struct mac src = {{2, 0, 0, 0, 0, 9}};
	uint8_t flags = take(&z->input);
	uint8_t b = take(&z->input);
	struct bpdu bpdu = {
		.type = (b & 3) == 3 ? BPDU_RST : (enum bpdu_type)(b & 3),
		.role = (enum bpdu_role)(b >> 2 & 3),
		.topology_change = flags & 1,
		.topology_change_ack = flags & 2,
		.proposal = flags & 4,
		.agreement = flags & 8,
		.learning = flags & 16,
		.forwarding = flags & 32,
		.times = {b >> 4, 20, 15, 2},
	};

	if (flags & 64)
		bpdu.times =
			(struct stp_times){take(&z->input), take(&z->input),
					   take(&z->input), take(&z->input)};
	bpdu.vector.root = take_id(z);
	bpdu.vector.bridge = take_id(z);
	bpdu.vector.cost = 10000u * take(&z->input);
	if (flags & 128)
		bpdu.vector.cost = UINT32_MAX - bpdu.vector.cost;
	bpdu.vector.port = (uint16_t)(0x8001 + take(&z->input) % PORTS);
	bpdu_emit(&bpdu, &src, frame);
}

static void receive(struct fuzz *z, const uint8_t *data, uint32_t len)
{
	uint16_t number;
	struct port *p = take_port(z, &number);
	/* Exactly so long: ASan sees who reads beyond. */
	uint8_t *copy = malloc(len + !len);
	struct frame f = {.data = copy, .len = len};
	unsigned times = take(&z->input);

	assert(copy);
	memcpy(copy, data, len);
	times = times < 0xf8 ? 1 : 1 << (times & 7);
	for (; p->there && times > 0; times--, p->fed++)
		stp_receive(z->stp, number, &f, z->now);
	free(copy);
}

static void op_bpdu(struct fuzz *z)
{
	uint8_t frame[BPDU_FRAME];

	make_bpdu(z, frame);
	receive(z, frame, sizeof(frame));
}

/* What we said comes back, to the same port or another. */
static void op_echo(struct fuzz *z)
{
	receive(z, z->last, sizeof(z->last));
}

/* A sound one, some bytes of it overwritten, cut. */
static void op_bytes(struct fuzz *z)
{
	uint8_t frame[BPDU_FRAME];
	uint8_t n = take(&z->input);

	make_bpdu(z, frame);
	for (int i = n & 3; i > 0; i--) {
		uint8_t at = take(&z->input) % BPDU_FRAME;

		frame[at] = take(&z->input);
	}
	receive(z, frame, n & 0x80 ? (n >> 2 & 0x1f) + 28 : BPDU_FRAME);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct stp_ops ops = {on_send, on_state, on_flush,
					   on_event};
	static void (*const steps[])(struct fuzz * z) = {
		op_port, op_up_down, op_bpdu, op_bpdu,  op_bpdu,     op_run,
		op_run,  op_echo,    op_set,  op_bytes, op_port_set,
	};
	struct fuzz *z = calloc(1, sizeof(*z));

	assert(z);
	z->input.data = data;
	z->input.size = size < PROGRAM_MAX ? size : PROGRAM_MAX;
	z->now = SECOND;
	z->conf = (struct stp_conf){.mac = {{2, 0, 0, 0, 0, 3}},
				    STP_CONF_DEFAULTS};
	z->stp = stp_new(&z->conf, &ops, z);
	assert(z->stp);
	while (z->input.size) {
		steps[take(&z->input) % (sizeof(steps) / sizeof(steps[0]))](z);
		check(z);
	}
	stp_free(z->stp);
	free(z);
	return 0;
}
