/* SPDX-License-Identifier: MIT */
/* The shim between a switch that is a socket and a libslirp that is a list. */
#ifndef LABSWITCH_TESTS_UNIT_NAT_SHIM_FIXTURE_H
#define LABSWITCH_TESTS_UNIT_NAT_SHIM_FIXTURE_H

#include "tests/unit/nat/nat_conf.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugs/nat/child/shim.h"
#include "plugs/nat/child/vnet.h"
#include "tests/unit/nat/guest_frames.h"

#define ROOM 66000

struct fixture {
	struct nat_conf conf;
	struct leases *leases;
	struct nat_stats stats;
	struct shim shim;
	int wire[2];
	unsigned passed, injected, queries, forbidden;
	uint8_t last[ROOM]; /* what libslirp got last */
	uint32_t last_len;
	uint8_t frame[ROOM]; /* what is given to the shim */
};

static inline void on_input(struct fixture *f, const uint8_t *data,
			    uint32_t len)
{
	memcpy(f->last, data, len);
	f->last_len = len;
}

static inline void on_pass(void *ctx, const uint8_t *data, uint32_t len)
{
	struct fixture *f = ctx;

	f->passed++;
	on_input(f, data, len);
}

static inline void on_inject(void *ctx, const uint8_t *data, uint32_t len)
{
	struct fixture *f = ctx;

	assert_true(len <= SHIM_OWN_MAX);
	f->injected++;
	on_input(f, data, len);
}

static inline void on_query(void *ctx, const struct dns_asker *from,
			    const uint8_t *message, size_t len, uint64_t now)
{
	struct fixture *f = ctx;

	f->queries++;
	assert_memory_equal(from->mac.b, guest_mac.b, 6);
	assert_int_equal(from->port, 1000);
	assert_int_equal(len, 30);
}

static inline void on_ping_forbidden(void *ctx, uint8_t family)
{
	struct fixture *f = ctx;

	f->forbidden++;
}

static const struct shim_calls calls = {on_pass, on_inject, on_query,
					on_ping_forbidden};

static inline int start(void **state)
{
	static const struct flow_limits limits = {
		.all = 100,
		.per_guest = {[FLOW_TCP] = 2, [FLOW_UDP] = 2, [FLOW_ECHO] = 1}};
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, f->wire) < 0)
		return -1;
	f->conf = conf_default();
	f->leases = leases_new(&f->conf);
	f->shim = (struct shim){.conf = &f->conf,
				.mac = nat_mac(&f->conf),
				.neigh = neigh_new(&f->conf),
				.leases = f->leases,
				.flows = flows_new(&limits),
				.reass = reass_new(),
				.out = outq_new(f->wire[0]),
				.stats = &f->stats,
				.calls = &calls,
				.ctx = f,
				.dns_port = 40000,
				.dns_port6 = 40006,
				.ping = true,
				.ping6 = true,
				.fds_max = 1000};
	*state = f;
	return f->leases && f->shim.neigh && f->shim.flows && f->shim.out ? 0
									  : -1;
}

static inline int end(void **state)
{
	struct fixture *f = *state;

	neigh_free(f->shim.neigh);
	flows_free(f->shim.flows);
	reass_free(f->shim.reass);
	leases_free(f->leases);
	outq_free(f->shim.out);
	(void)close(f->wire[0]);
	(void)close(f->wire[1]);
	free(f);
	return 0;
}

static inline uint64_t stat(const struct fixture *f, enum nat_stat stat)
{
	return f->stats.count[stat];
}

/* The next frame that leaves; its length, or 0. */
static inline uint32_t leaves(struct fixture *f, uint8_t *out,
			      struct offload *off)
{
	uint8_t message[ROOM];
	ssize_t n;

	(void)outq_flush(f->shim.out);
	n = recv(f->wire[1], message, sizeof(message), MSG_DONTWAIT);
	if (n < (ssize_t)VNET_HEADER)
		return 0;
	*off = vnet_read(message);
	memcpy(out, message + VNET_HEADER, (size_t)n - VNET_HEADER);
	return (uint32_t)n - VNET_HEADER;
}

static inline void in_tcp(struct fixture *f, struct segment s)
{
	shim_in(&f->shim, f->frame, make_tcp(&s, true, f->frame), 1);
}

static inline void in_udp(struct fixture *f, struct segment s)
{
	shim_in(&f->shim, f->frame, make_udp(&s, true, f->frame, ROOM), 1);
}

static inline void out_tcp(struct fixture *f, struct segment s)
{
	uint8_t frame[ROOM];

	shim_out(&f->shim, frame, make_tcp(&s, false, frame), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, end)

#endif
