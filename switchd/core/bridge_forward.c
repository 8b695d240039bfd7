/* SPDX-License-Identifier: MIT */
/* bridge_forward: what becomes of a frame (bridge.h). */
#include <assert.h>
#include <string.h>

#include "switchd/core/bpdu.h"
#include "switchd/core/bridge_inside.h"
#include "switchd/core/offload.h"

/* --- What to do with a frame ----------------------------------------- */

static bool drop(struct bridge_decision *d, enum drop why)
{
	d->dropped = true;
	d->why = why;
	return false;
}

/* For the neighbour on the cable, not for those beyond this bridge. */
static bool is_reserved(const struct bridge *b, const uint8_t dst[6])
{
	static const uint8_t block[5] = {0x01, 0x80, 0xc2, 0x00, 0x00};

	return memcmp(dst, block, sizeof(block)) == 0 && dst[5] <= 0x0f &&
	       !(b->reserved_pass >> dst[5] & 1);
}

static bool egress_op(const struct bridge *b, const struct bridge_port *p,
		      const struct vlan_class *class, enum tag_op *op)
{
	*op = TAG_KEEP;
	if (p->conf.mirror)
		return false;
	if (b->mode != BRIDGE_SWITCH)
		return true;
	if (p->state != PORT_FORWARDING)
		return false;
	if (!b->vlan_aware)
		return true;
	if (!vlan_member(&p->conf.vlan, class->vid))
		return false;
	*op = vlan_egress(&p->conf.vlan, class);
	return true;
}

static bool are_isolated(const struct bridge *b, const struct bridge_port *in,
			 const struct bridge_port *out)
{
	return in->conf.isolated && out->conf.isolated &&
	       b->mode == BRIDGE_SWITCH;
}

/* Why a flood found no port. */
static enum drop why_nobody(const struct bridge *b,
			    const struct bridge_port *in,
			    const struct vlan_class *class)
{
	enum tag_op op;

	for (unsigned k = 0; in->conf.isolated && k < b->ports_count; k++)
		if (b->list[k] != in && are_isolated(b, in, b->list[k]) &&
		    egress_op(b, b->list[k], class, &op))
			return DROP_RX_ISOLATED;
	return DROP_RX_NO_EGRESS;
}

/* Is the frame let in? Fills d->vlan if it is. */
static bool ingress(const struct bridge *b, const struct bridge_port *in,
		    const struct frame *f, struct bridge_decision *d)
{
	if (in->conf.mirror)
		return drop(d, DROP_RX_MIRROR);
	if (f->len < FRAME_HEADER)
		return drop(d, DROP_RX_RUNT);
	if (frame_payload(f) > in->conf.mtu)
		return drop(d, DROP_RX_GIANT);
	if (b->mode != BRIDGE_SWITCH)
		return true;
	if (mac_is_group(frame_src(f)) || mac_is_zero(frame_src(f)))
		return drop(d, DROP_RX_BAD_SOURCE);
	if (b->on_bpdu && bpdu_is_for(frame_dst(f)))
		return drop(d, DROP_RX_BPDU);
	if (is_reserved(b, frame_dst(f)))
		return drop(d, DROP_RX_RESERVED);
	if (in->state == PORT_DISCARDING)
		return drop(d, DROP_RX_DISCARDING);
	if (f->len < FRAME_HEADER + FRAME_TAG &&
	    (frame_type(f) == FRAME_TYPE_VLAN || frame_type(f) == b->tag_type))
		return drop(d, DROP_RX_VLAN_TRUNC);
	if (b->vlan_aware &&
	    !vlan_ingress(&in->conf.vlan, b->tag_type, f, &d->vlan, &d->why))
		return drop(d, d->why);
	return true;
}

/* The one port that is neither this one nor a mirror, or NULL. */
static const struct bridge_port *far_end(const struct bridge *b,
					 const struct bridge_port *in)
{
	const struct bridge_port *far = NULL;

	for (unsigned k = 0; k < b->ports_count; k++) {
		if (b->list[k] == in || b->list[k]->conf.mirror)
			continue;
		if (far)
			return NULL;
		far = b->list[k];
	}
	return far;
}

/* What a hub or a wire does. */
static void repeat(const struct bridge *b, const struct bridge_port *in,
		   struct bridge_decision *d)
{
	const struct bridge_port *far;

	if (b->mode == BRIDGE_HUB) {
		d->flood = FLOOD_HUB;
		return;
	}
	far = far_end(b, in);
	if (far)
		d->egress = far->number;
	else
		(void)drop(d, DROP_RX_NO_EGRESS);
}

/* before: a look at an earlier frame of the burst with its keys, or NULL. */
static void look_at(const struct bridge *b, const struct bridge_port *in,
		    const struct frame *f, const struct look *before,
		    struct look *look)
{
	struct bridge_decision *d = &look->d;

	*d = (struct bridge_decision){.flood = FLOOD_NONE};
	if (!ingress(b, in, f, d))
		return;
	if (b->mode != BRIDGE_SWITCH) {
		repeat(b, in, d);
		return;
	}
	d->learn = true;
	look->src = fdb_key(b->fdb, d->vlan.vid, frame_src(f),
			    before ? &before->src : NULL);
	look->dst = fdb_key(b->fdb, d->vlan.vid, frame_dst(f),
			    before ? &before->dst : NULL);
}

/* In passes, so that memory brings what is known of all of them at once. */
static void look_at_all(struct bridge *b, const struct bridge_port *in,
			const struct frame *frames, unsigned n)
{
	const struct look *before = NULL;

	for (unsigned i = 0; i < n; i++) {
		look_at(b, in, &frames[i], before, &b->looks[i]);
		if (b->looks[i].d.learn)
			before = &b->looks[i];
	}
	for (unsigned i = 0; i < n; i++)
		if (b->looks[i].d.learn)
			fdb_fetch(b->fdb, &b->looks[i].src);
}

/* Where does a frame go that was let in? All but whether a flood finds a port
 * to go to. */
static void forward(const struct bridge *b, const struct bridge_port *in,
		    const struct frame *f, struct look *look)
{
	struct bridge_decision *d = &look->d;
	const uint8_t *dst = frame_dst(f);
	const struct bridge_port *out;
	enum tag_op op;
	int port;

	if (in->state == PORT_LEARNING) {
		(void)drop(d, DROP_RX_LEARNING);
		return;
	}
	if (mac_is_group(dst)) {
		d->flood = mac_is_broadcast(dst) ? FLOOD_BROADCAST
						 : FLOOD_MULTICAST;
		return;
	}
	port = fdb_lookup_key(b->fdb, &look->dst);
	if (port == in->number || memcmp(dst, frame_src(f), 6) == 0) {
		(void)drop(d, DROP_RX_SAME_PORT);
		return;
	}
	if (port < 0) {
		d->flood = FLOOD_UNKNOWN;
		return;
	}
	/* A static entry may name a port that is down or not of the VLAN. */
	out = b->by_number[port];
	if (!out || !egress_op(b, out, &d->vlan, &op))
		(void)drop(d, DROP_RX_NO_EGRESS);
	else if (are_isolated(b, in, out))
		(void)drop(d, DROP_RX_ISOLATED);
	d->egress = (uint16_t)port;
}

/* --- Forwarding ------------------------------------------------------ */

/* The burst under way. */
struct burst {
	const struct frame *frames;
	uint64_t now;
};

static void too_big(const struct bridge_port *out, const struct frame *f,
		    enum tag_op op, const uint8_t *tag, uint64_t now)
{
	struct wire w;

	counters_drop(out->counters, DROP_TX_TOO_BIG,
		      offload_frames(&f->off, f->len));
	if (!out->on_fate)
		return;
	wire_make(&w, f, op, tag);
	out->on_fate(out->ctx, DROP_TX_TOO_BIG, &w, now);
}

/* Offers the i-th frame to a port. */
static void offer(struct bridge *b, struct bridge_port *out,
		  const struct burst *burst, unsigned i, enum tag_op op)
{
	const struct frame *f = &burst->frames[i];
	uint32_t count = offload_frames(&f->off, f->len);

	counters_offered(out->counters, count);
	if (frame_payload_after(f, op) > out->conf.mtu ||
	    (op == TAG_PUSH && !offload_may_push(f))) {
		too_big(out, f, op, b->tags[i], burst->now);
		return;
	}
	if (!out->copies_count)
		b->touched[b->touched_count++] = out;
	out->copied += count;
	out->copies[out->copies_count++] =
		(struct copy){.frame = (uint8_t)i, .op = (uint8_t)op};
}

/* Returns whether there was anybody to offer it to. */
static bool flood(struct bridge *b, const struct bridge_port *in,
		  const struct burst *burst, unsigned i,
		  const struct vlan_class *class)
{
	bool offered = false;

	for (unsigned k = 0; k < b->ports_count; k++) {
		struct bridge_port *out = b->list[k];
		enum tag_op op;

		if (out == in || are_isolated(b, in, out) ||
		    !egress_op(b, out, class, &op))
			continue;
		offer(b, out, burst, i, op);
		offered = true;
	}
	return offered;
}

/* Whether storm control lets a flood pass. */
static bool is_calm(struct bridge *b, struct bridge_port *in,
		    const struct frame *f, enum bridge_flood flood,
		    uint64_t now)
{
	static const enum storm_class classes[FLOOD_COUNT] = {
		[FLOOD_UNKNOWN] = STORM_UNKNOWN,
		[FLOOD_BROADCAST] = STORM_BROADCAST,
		[FLOOD_MULTICAST] = STORM_MULTICAST,
	};
	bool raged = in->storm.raging;

	if (flood == FLOOD_HUB ||
	    storm_allow(&in->storm, classes[flood],
			offload_frames(&f->off, f->len), now))
		return true;
	if (!raged) {
		b->storm_began = true;
		b->storm_class = classes[flood];
	}
	return false;
}

/* A flood that finds no port becomes a drop. */
static void pass_on(struct bridge *b, struct bridge_port *in,
		    const struct burst *burst, unsigned i,
		    struct bridge_decision *d)
{
	enum tag_op op;

	frame_write_tag_of(b->tags[i], b->tag_type, d->vlan.tci);
	if (d->flood == FLOOD_NONE) {
		struct bridge_port *out = b->by_number[d->egress];

		(void)egress_op(b, out, &d->vlan, &op);
		offer(b, out, burst, i, op);
	} else if (!is_calm(b, in, &burst->frames[i], d->flood, burst->now)) {
		(void)drop(d, DROP_RX_STORM);
	} else if (!flood(b, in, burst, i, &d->vlan)) {
		(void)drop(d, why_nobody(b, in, &d->vlan));
	} else if (b->on_flood) {
		b->on_flood(b->on_flood_ctx, in->number, &burst->frames[i], d);
	}
}

static void tell_fate(const struct bridge_port *in, const struct frame *f,
		      const struct bridge_decision *d, uint64_t now)
{
	struct wire w;

	wire_whole(&w, f);
	in->on_fate(in->ctx, d->dropped ? d->why : DROP_COUNT, &w, now);
}

static void refuse(struct bridge *b, const struct frame *f,
		   struct bridge_decision *d)
{
	d->learn = false;
	(void)drop(d, DROP_RX_SECURE);
	if (!b->refused)
		b->refused = f;
}

static void input_frame(struct bridge *b, struct bridge_port *in,
			const struct burst *burst, unsigned i)
{
	const struct frame *f = &burst->frames[i];
	uint32_t count = offload_frames(&f->off, f->len);
	struct bridge_decision *d = &b->looks[i].d;

	counters_rx(in->counters, count, offload_bytes(&f->off, f->len));
	if (d->learn) {
		forward(b, in, f, &b->looks[i]);
		if (!fdb_learn_key(b->fdb, &b->looks[i].src, in->number,
				   burst->now))
			refuse(b, f, d);
	}
	if (!d->dropped)
		pass_on(b, in, burst, i, d);
	if (d->dropped && d->why == DROP_RX_BPDU)
		b->bpdus[b->bpdus_count++] = (uint8_t)i;
	if (d->dropped)
		counters_drop(in->counters, d->why, count);
	else
		counters_forwarded(in->counters, count);
	if (in->on_fate)
		tell_fate(in, f, d, burst->now);
}

/* After send() the port may be gone. */
static void deliver(struct bridge *b, struct bridge_port *out,
		    const struct frame *frames, uint64_t now)
{
	unsigned mirrors = out->conf.mirror_tx;
	unsigned n = out->copies_count;

	for (unsigned k = 0; k < n; k++) {
		const struct copy *copy = &out->copies[k];

		wire_make(&b->wires[k], &frames[copy->frame], copy->op,
			  b->tags[copy->frame]);
	}
	out->copies_count = 0;
	out->copied = 0;
	out->send(out->ctx, b->wires, n, now);
	if (mirrors)
		bridge_mirror_send(b, mirrors, b->wires, n, now);
}

/* Last of all: an answer may show that the port is gone. */
static void take_bpdus(struct bridge *b, uint16_t port,
		       const struct burst *burst)
{
	unsigned n = b->bpdus_count;

	b->bpdus_count = 0;
	for (unsigned k = 0; k < n && bridge_find_port(b, port); k++)
		b->on_bpdu(b->on_bpdu_ctx, port, &burst->frames[b->bpdus[k]],
			   burst->now);
}

static void raise_alarms(struct bridge *b, uint16_t port, uint64_t now)
{
	const struct frame *refused = b->refused;
	bool storm = b->storm_began;

	b->refused = NULL;
	b->storm_began = false;
	if (storm && b->on_storm && bridge_find_port(b, port))
		b->on_storm(b->on_storm_ctx, port, b->storm_class);
	if (refused && b->on_refuse && bridge_find_port(b, port))
		b->on_refuse(b->on_refuse_ctx, port, refused, now);
}

void bridge_input(struct bridge *b, uint16_t port, const struct frame *frames,
		  unsigned n, uint64_t now)
{
	const struct burst burst = {frames, now};
	struct bridge_port *in = bridge_find_port(b, port);

	assert(in && n >= 1 && n <= FRAME_BURST && !b->busy);
	b->busy = true;
	look_at_all(b, in, frames, n);
	for (unsigned i = 0; i < n; i++)
		input_frame(b, in, &burst, i);
	if (in->conf.mirror_rx)
		bridge_mirror_rx(b, in->conf.mirror_rx, frames, n, now);
	for (unsigned k = 0; k < b->touched_count; k++)
		if (b->touched[k])
			deliver(b, b->touched[k], frames, now);
	b->touched_count = 0;
	b->busy = false;
	take_bpdus(b, port, &burst);
	if (b->storm_began || b->refused)
		raise_alarms(b, port, now);
}

void bridge_transmit(struct bridge *b, uint16_t port, const struct frame *f,
		     uint64_t now)
{
	struct bridge_port *p = bridge_find_port(b, port);
	unsigned mirrors;
	struct wire w;

	assert(p);
	if (p->conf.mirror)
		return;
	mirrors = p->conf.mirror_tx;
	wire_whole(&w, f);
	counters_offered(p->counters, 1);
	p->send(p->ctx, &w, 1, now);
	bridge_mirror_send(b, mirrors, &w, 1, now);
}

void bridge_decide(const struct bridge *b, uint16_t port, const struct frame *f,
		   struct bridge_decision *d)
{
	const struct bridge_port *in = bridge_find_port(b, port);
	struct look look;
	enum tag_op op;

	assert(in);
	look_at(b, in, f, NULL, &look);
	if (look.d.learn) {
		forward(b, in, f, &look);
		if (!fdb_may_send(b->fdb, &look.src, port)) {
			look.d.learn = false;
			(void)drop(&look.d, DROP_RX_SECURE);
		}
	}
	*d = look.d;
	if (d->dropped || d->flood == FLOOD_NONE)
		return;
	for (unsigned k = 0; k < b->ports_count; k++)
		if (b->list[k] != in && !are_isolated(b, in, b->list[k]) &&
		    egress_op(b, b->list[k], &d->vlan, &op))
			return;
	(void)drop(d, why_nobody(b, in, &d->vlan));
}

bool bridge_isolates(const struct bridge *b, uint16_t in, uint16_t out)
{
	const struct bridge_port *from = bridge_find_port(b, in);
	const struct bridge_port *to = bridge_find_port(b, out);

	return from && to && are_isolated(b, from, to);
}

bool bridge_egress(const struct bridge *b, uint16_t port,
		   const struct vlan_class *class, enum tag_op *op)
{
	const struct bridge_port *p = bridge_find_port(b, port);

	return p && egress_op(b, p, class, op);
}
