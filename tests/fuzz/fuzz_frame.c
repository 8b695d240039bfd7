/* SPDX-License-Identifier: MIT */
/*
 * fuzz_frame: any frames through a bridge to which anything happens.
 *
 * The input is a program: a byte says what to do, those after it how. Ports
 * come, go and change, the fdb is flushed, aged and filled, modes change, and
 * bursts of frames arrive, made up or straight from the input, or TCP with work
 * left in it. Each copy that
 * is sent is held against what a plain reading of 802.1Q says the port must
 * get; after each burst everything must be accounted for (counters.h).
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/frames/rig.h"
#include "tests/frames/tcp.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/make_frame.h"

#define PORTS       8
#define FRAMES_MAX  8
#define PROGRAM_MAX 4096

struct fuzz {
	struct rig rig; /* first: ports lead back to it */
	struct input input;
	enum bridge_mode mode;
	bool aware;
	uint16_t type; /* of its tags */
	struct bridge_port_conf confs[PORTS];
	/* The burst under way */
	uint16_t in;
	unsigned n;
	struct frame frames[FRAMES_MAX];
	bool sent[FRAMES_MAX];
	uint8_t sent_to[PORTS]; /* copies */
};

static uint16_t take_port(struct fuzz *z)
{
	return take(&z->input) % PORTS;
}

/* --- What a port must get -------------------------------------------- */

static bool has_tag(const struct fuzz *z, const struct frame *f)
{
	return f->len >= FRAME_HEADER + FRAME_TAG &&
	       f->data[12] == z->type >> 8 && f->data[13] == (z->type & 0xff);
}

/* Writes f as it must leave on port; returns its length, or 0 if it must not
 * leave there. */
static uint32_t expect(const struct fuzz *z, const struct frame *f,
		       uint16_t port, uint8_t *out)
{
	const struct vlan_port *from = &z->confs[z->in].vlan;
	const struct vlan_port *to = &z->confs[port].vlan;
	bool tagged = !from->tunnel && has_tag(z, f);
	unsigned tci = tagged ? f->data[14] << 8 | f->data[15] : 0;
	unsigned vid = tci & 4095 ? tci & 4095 : from->pvid;
	uint32_t body = tagged ? 16 : 12;
	uint32_t len = 12;

	if (z->confs[z->in].isolated && z->confs[port].isolated &&
	    z->mode == BRIDGE_SWITCH)
		return 0;
	if (!z->aware || z->mode != BRIDGE_SWITCH) {
		memcpy(out, f->data, f->len);
		return f->len;
	}
	if (vid == 0 || vid == 4095 ||
	    (vid != from->pvid && !vidset_has(&from->tagged, vid)) ||
	    (vid != to->pvid && !vidset_has(&to->tagged, vid)))
		return 0;
	memcpy(out, f->data, 12);
	if (vidset_has(&to->tagged, vid)) {
		frame_write_tag_of(out + 12, z->type,
				   (uint16_t)((tci & 0xf000) | vid));
		len += FRAME_TAG;
	}
	memcpy(out + len, f->data + body, f->len - body);
	return len + f->len - body;
}

/* The work left in a copy is that of the frame, where its bytes are now. */
static void check_offload(const struct frame *f, uint8_t *bytes,
			  const struct wire *w)
{
	struct frame copy = {.data = bytes, .len = w->len, .off = w->off};

	assert(offload_frames(&w->off, w->len) ==
	       offload_frames(&f->off, f->len));
	assert(w->off.flags == f->off.flags);
	/* A third tag is one that we have put on. */
	if (w->len < FRAME_HEADER || tcp_ip(bytes) > OFFLOAD_IP_MAX)
		return;
	assert(offload_check(&copy));
	assert(memcmp(&w->off, &copy.off, sizeof(copy.off)) == 0);
}

/* Whether got is f as it must leave on port. */
static bool leaves_so(const struct fuzz *z, const struct frame *f,
		      uint16_t port, const uint8_t *got, uint32_t len)
{
	uint8_t *want = malloc(f->len + 2 * FRAME_TAG);
	bool same;

	assert(want);
	same = expect(z, f, port, want) == len && memcmp(got, want, len) == 0;
	free(want);
	return same;
}

/* What a mirror gets came in, or leaves somewhere, where it is to look. */
static bool is_mirrored(const struct fuzz *z, const struct frame *f,
			const uint8_t *got, uint32_t len)
{
	if (z->confs[z->in].mirror_rx && f->len == len &&
	    memcmp(got, f->data, len) == 0)
		return true;
	for (uint16_t port = 0; port < PORTS; port++)
		if (z->confs[port].mirror_tx && port != z->in &&
		    leaves_so(z, f, port, got, len))
			return true;
	return false;
}

static void check_copy(struct fuzz *z, uint16_t port, const struct wire *w)
{
	uint8_t *got = malloc(w->len);
	unsigned i = 0;

	assert(got);
	while (i < z->n && w->iov[0].iov_base != z->frames[i].data)
		i++;
	assert(i < z->n);
	wire_copy(w, got);
	assert(z->frames[i].len >= FRAME_HEADER);
	assert(w->len + FRAME_TAG >= z->frames[i].len);
	assert(w->len <= FRAME_MAX + FRAME_TAG);
	if (z->confs[port].mirror) {
		assert(is_mirrored(z, &z->frames[i], got, w->len));
	} else {
		z->sent[i] = true;
		z->sent_to[port]++;
		assert(leaves_so(z, &z->frames[i], port, got, w->len));
	}
	if (z->frames[i].off.flags)
		check_offload(&z->frames[i], got, w);
	else
		assert(!w->off.flags && !w->off.gso_type);
	free(got);
}

static void on_send(void *ctx, const struct wire *wires, unsigned n,
		    uint64_t now)
{
	struct rig_port *port = ctx;
	struct fuzz *z = (struct fuzz *)(void *)port->rig;

	assert(n >= 1 && n <= z->n);
	assert(port->number != z->in);
	assert(now == z->rig.now);
	for (unsigned i = 0; i < n; i++) {
		check_copy(z, port->number, &wires[i]);
		rig_got(port, &wires[i]);
	}
	counters_tx(&port->counters, offload_wires_frames(wires, n),
		    offload_wires_bytes(wires, n));
	if (port->remove_in_send)
		bridge_port_remove(z->rig.bridge, port->number);
}

/* --- Bursts ---------------------------------------------------------- */

static void check_decision(const struct fuzz *z,
			   const struct bridge_decision *d,
			   const struct counters *before)
{
	const struct counters *c = &z->rig.ports[z->in].counters;
	uint32_t count = offload_frames(&z->frames[0].off, z->frames[0].len);

	/* Which is pure, and knows nothing of storms: a frame of one is not
	 * flooded, whether there is a port to flood to or not. */
	if (c->drops[DROP_RX_STORM] > before->drops[DROP_RX_STORM]) {
		assert(d->flood != FLOOD_NONE && !z->sent[0]);
		assert(!d->dropped || d->why == DROP_RX_NO_EGRESS ||
		       d->why == DROP_RX_ISOLATED);
		return;
	}
	if (d->dropped) {
		assert(c->drops[d->why] == before->drops[d->why] + count);
		assert(!z->sent[0]);
		return;
	}
	assert(c->rx_forwarded == before->rx_forwarded + count);
	for (uint16_t port = 0; port < PORTS && d->flood == FLOOD_NONE; port++)
		assert(!z->sent_to[port] || port == d->egress);
}

static uint64_t tx_drops(const struct fuzz *z)
{
	uint64_t sum = 0;

	for (int i = 0; i < PORTS; i++)
		sum += rig_drops(&z->rig.ports[i].counters, false);
	return sum;
}

static void op_input(struct fuzz *z)
{
	struct bridge_decision d;
	struct counters before;
	uint64_t not_sent = tx_drops(z);
	uint64_t forwarded;
	uint64_t sent = 0;

	z->in = take_port(z);
	if (!bridge_port_exists(z->rig.bridge, z->in))
		return;
	z->n = 1 + take(&z->input) % FRAMES_MAX;
	for (unsigned i = 0; i < z->n; i++)
		make_frame(&z->input, &z->frames[i]);
	memset(z->sent, 0, sizeof(z->sent));
	memset(z->sent_to, 0, sizeof(z->sent_to));
	before = z->rig.ports[z->in].counters;
	bridge_decide(z->rig.bridge, z->in, &z->frames[0], &d);
	rig_input(&z->rig, z->in, z->frames, z->n);
	if (z->n == 1)
		check_decision(z, &d, &before);
	for (unsigned i = 0; i < z->n; i++) {
		const struct frame *f = &z->frames[i];

		sent += z->sent[i] ? offload_frames(&f->off, f->len) : 0;
		free((void *)(uintptr_t)z->frames[i].data);
	}
	forwarded =
		z->rig.ports[z->in].counters.rx_forwarded - before.rx_forwarded;
	assert(sent <= forwarded);
	assert(sent == forwarded || tx_drops(z) > not_sent);
}

/* --- All else that happens to a bridge ------------------------------- */

static void take_guard(struct fuzz *z, struct bridge_port_conf *conf)
{
	uint8_t b = take(&z->input);

	conf->mirror = (b & 15) == 15;
	conf->isolated = b & 1;
	conf->mirror_rx = !conf->mirror && b & 2;
	conf->mirror_tx = !conf->mirror && b & 4;
	conf->learn.limit = b >> 4 & 3;
	conf->learn.strict = b & 64;
	conf->learn.sticky = b & 128;
	if (b & 8)
		conf->storm.fps[b % STORM_CLASS_COUNT] = 1u << (b >> 4);
}

static void take_conf(struct fuzz *z, struct bridge_port_conf *conf)
{
	static const uint32_t mtus[] = {FRAME_MTU_MAX, 1500, 9000,
					FRAME_MTU_MIN};
	uint8_t b = take(&z->input);

	*conf = (struct bridge_port_conf){.mtu = mtus[b & 3]};
	conf->vlan.pvid = take_vid(&z->input);
	if (conf->vlan.pvid == 4095)
		conf->vlan.pvid = 0;
	conf->vlan.tunnel = b & 8;
	if (b & 128)
		take_guard(z, conf);
	if (b & 4)
		vidset_add_all(&conf->vlan.tagged);
	for (unsigned vid = 1; vid < 4; vid++)
		if (b & 8 << vid)
			vidset_add(&conf->vlan.tagged, vid);
}

static void op_port(struct fuzz *z)
{
	uint16_t port = take_port(z);
	struct rig_port *p = &z->rig.ports[port];

	if (bridge_port_exists(z->rig.bridge, port)) {
		bridge_port_remove(z->rig.bridge, port);
		return;
	}
	take_conf(z, &z->confs[port]);
	p->remove_in_send = take(&z->input) % 8 == 7;
	assert(bridge_port_add(z->rig.bridge, port, &z->confs[port], on_send, p,
			       &p->counters));
}

static void op_port_set(struct fuzz *z)
{
	uint16_t port = take_port(z);

	if (!bridge_port_exists(z->rig.bridge, port))
		return;
	take_conf(z, &z->confs[port]);
	bridge_port_set(z->rig.bridge, port, &z->confs[port]);
}

static void op_mode(struct fuzz *z)
{
	uint8_t b = take(&z->input);

	z->mode = (b & 7) == 7   ? BRIDGE_HUB
		  : (b & 7) == 6 ? BRIDGE_WIRE
				 : BRIDGE_SWITCH;
	z->aware = b & 8;
	bridge_set_mode(z->rig.bridge, z->mode);
	z->type = b & 16 ? FRAME_TYPE_QINQ : FRAME_TYPE_VLAN;
	bridge_set_vlan_aware(z->rig.bridge, z->aware);
	bridge_set_tag_type(z->rig.bridge, z->type);
	bridge_set_reserved(z->rig.bridge,
			    b & 32 ? (uint16_t)~BRIDGE_RESERVED_NEVER : 0);
}

static void op_flush(struct fuzz *z)
{
	struct fdb *fdb = bridge_fdb(z->rig.bridge);
	uint8_t b = take(&z->input);

	if (b % 3 == 0)
		(void)fdb_flush(fdb);
	else if (b % 3 == 1)
		(void)fdb_flush_port(fdb, take_port(z));
	else
		(void)fdb_flush_vid(fdb, take_vid(&z->input));
}

static void op_age(struct fuzz *z)
{
	z->rig.now += 2 * RIG_SECOND * take(&z->input);
	(void)fdb_age(bridge_fdb(z->rig.bridge), z->rig.now);
}

static void op_static(struct fuzz *z)
{
	struct fdb *fdb = bridge_fdb(z->rig.bridge);
	uint16_t vid = take_vid(&z->input);
	const uint8_t *mac = take_mac(&z->input);
	uint8_t b = take(&z->input);

	if (b & 0x80)
		(void)fdb_delete(fdb, vid, mac);
	else
		(void)fdb_add_static(fdb, vid, mac, b % PORTS, z->rig.now);
}

static void op_limit(struct fuzz *z)
{
	assert(fdb_set_limit(bridge_fdb(z->rig.bridge),
			     1 + take(&z->input) % 16));
}

/* As many are learned on each port as may be. */
static void check_limits(const struct fuzz *z)
{
	uint32_t learned[PORTS] = {0};
	struct fdb_entry entry;
	uint32_t slot = 0;

	while (fdb_next(bridge_fdb(z->rig.bridge), &slot, &entry)) {
		assert(entry.is_static || !entry.is_sticky);
		if (!entry.is_static || entry.is_sticky)
			learned[entry.port]++;
	}
	for (uint16_t port = 0; port < PORTS; port++)
		assert(!z->confs[port].learn.limit ||
		       learned[port] <= z->confs[port].learn.limit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const ops[])(struct fuzz * z) = {
		op_port, op_input,  op_input, op_input, op_input, op_port_set,
		op_mode, op_static, op_flush, op_age,   op_limit,
	};
	struct fuzz *z = calloc(1, sizeof(*z));

	assert(z);
	z->input.data = data;
	z->input.size = size < PROGRAM_MAX ? size : PROGRAM_MAX;
	z->type = FRAME_TYPE_VLAN;
	rig_init(&z->rig, false, false, 16);
	while (z->input.size) {
		ops[take(&z->input) % (sizeof(ops) / sizeof(ops[0]))](z);
		assert(!rig_unsound(&z->rig));
		check_limits(z);
		assert(fdb_count(bridge_fdb(z->rig.bridge)) <=
		       fdb_limit(bridge_fdb(z->rig.bridge)));
	}
	rig_done(&z->rig);
	free(z);
	return 0;
}
