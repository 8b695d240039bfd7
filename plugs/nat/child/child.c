/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/child.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "plugs/nat/child/control.h"
#include "plugs/nat/child/ping.h"
#include "plugs/nat/child/sandbox.h"
#include "plugs/nat/child/turn.h"

#define FILES_SPARE  256 /* for all but flows: c-ares, forwards, files */
#define FLOWS_MAX    8192
#define RESOLV_CONF  "/etc/resolv.conf"
#define SOCKET_BYTES (4 << 20)

static void on_pass(void *ctx, const uint8_t *data, uint32_t len)
{
	struct nat *nat = ctx;

	inbox_pass(nat->inbox, data, len);
}

static void on_inject(void *ctx, const uint8_t *data, uint32_t len)
{
	struct nat *nat = ctx;
	struct injected *own;

	if (nat->injected_count == INJECTED_MAX)
		return;
	own = &nat->injected[nat->injected_count++];
	own->len = len;
	memcpy(own->data, data, len);
}

static void on_query(void *ctx, const struct dns_asker *from,
		     const uint8_t *message, size_t len, uint64_t now)
{
	struct nat *nat = ctx;

	if (nat->dns)
		dns_query(nat->dns, from, message, len, now);
}

static void on_ping_forbidden(void *ctx, uint8_t family)
{
	struct nat *nat = ctx;
	bool *told = family == AF_INET ? &nat->told_ping : &nat->told_ping6;

	if (!*told)
		control_note(nat, ping_advice(family));
	*told = true;
}

static const struct shim_calls shim_calls = {
	.pass = on_pass,
	.inject = on_inject,
	.query = on_query,
	.ping_forbidden = on_ping_forbidden,
};

static void on_watch(void *ctx, int fd, bool readable, bool writable)
{
	struct nat *nat = ctx;
	uint32_t events =
		(readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);

	(void)pollset_set(nat->set, fd, POLLSET_DNS, events);
}

static void on_answer(void *ctx, const struct dns_asker *to,
		      const uint8_t *message, size_t len)
{
	struct nat *nat = ctx;
	const struct packet_ends ends = {.src_mac = nat->shim.mac,
					 .dst_mac = to->mac,
					 .src = to->to,
					 .dst = to->addr,
					 .src_port = 53,
					 .dst_port = to->port};
	uint8_t out[DNS_UDP_MAX + 128];
	size_t size = packet_udp(&ends, message, len, out, sizeof(out));

	if (size)
		shim_send(&nat->shim, out, (uint32_t)size);
}

static const struct dns_calls dns_calls = {
	.watch = on_watch,
	.answer = on_answer,
};

static void on_slirp_send(void *ctx, const uint8_t *data, uint32_t len)
{
	struct nat *nat = ctx;

	shim_out(&nat->shim, data, len, nat->now);
}

/* The switch's socket should hold some super-frames; more than the system's
 * limit only a privileged process gets, which is as well. */
static void widen(int fd)
{
	int bytes = SOCKET_BYTES;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)))
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes,
				 sizeof(bytes));
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static void wire_up(struct nat *nat)
{
	const struct nat_conf *conf = &nat->conf;

	nat->dhcp = (struct dhcp){.conf = conf,
				  .leases = nat->leases,
				  .changed = control_lease,
				  .ctx = nat};
	nat->shim = (struct shim){
		.conf = conf,
		.mac = nat_mac(conf),
		.neigh = nat->neigh,
		.dhcp = conf->pool_first.family ? &nat->dhcp : NULL,
		.leases = nat->leases,
		.flows = nat->flows,
		.reass = nat->reass,
		.out = nat->out,
		.stats = &nat->stats,
		.calls = &shim_calls,
		.ctx = nat,
		.ping = ping_allowed(AF_INET),
		.ping6 = ping_allowed(AF_INET6),
		.fds_max = nat->flows_max,
	};
	if (nat->dns) {
		nat->shim.dns_port = dns_tcp_port(nat->dns, AF_INET);
		nat->shim.dns_port6 = dns_tcp_port(nat->dns, AF_INET6);
	}
}

/* Once the configuration is there. */
static bool build(struct nat *nat, unsigned files, struct err *err)
{
	struct flow_limits limits;

	nat->flows_max =
		files > 2 * FILES_SPARE ? files - FILES_SPARE : files / 2;
	limits.all = least(FLOWS_MAX, nat->flows_max);
	limits.per_guest[FLOW_TCP] = limits.all / 2;
	limits.per_guest[FLOW_UDP] = limits.all / 8;
	limits.per_guest[FLOW_ECHO] = limits.all / 32;
	nat->leases = leases_new(&nat->conf);
	nat->neigh = neigh_new(&nat->conf);
	nat->flows = flows_new(&limits);
	nat->reass = reass_new();
	nat->out = outq_new(nat->frames);
	nat->inbox = inbox_new();
	if (!nat->leases || !nat->neigh || !nat->flows || !nat->reass ||
	    !nat->out || !nat->inbox)
		return err_set(err, "out of memory");
	nat->set = pollset_new(err);
	if (!nat->set)
		return false;
	if (nat->conf.dns_mode != NAT_DNS_OFF) {
		nat->dns = dns_new(&nat->conf, nat->leases, RESOLV_CONF,
				   &dns_calls, nat, err);
		if (!nat->dns)
			return false;
	}
	wire_up(nat);
	nat->engine = engine_new(&nat->conf, nat->set, on_slirp_send, nat, err);
	if (!nat->engine)
		return false;
	widen(nat->frames);
	return pollset_set(nat->set, nat->frames, POLLSET_FRAMES, EPOLLIN) &&
	       pollset_set(nat->set, nat->control, POLLSET_CONTROL, EPOLLIN);
}

/* Waits for a message. False: the switch has nothing to say any more. */
static bool next(struct nat *nat, struct nat_msg *msg, struct err *err)
{
	struct pollfd control = {.fd = nat->control, .events = POLLIN};
	int got;

	while ((got = nat_msg_receive(nat->control, msg, err)) == 0)
		(void)poll(&control, 1, -1);
	return got > 0;
}

/* Everything up to START. */
static bool start(struct nat *nat, unsigned files, struct err *err)
{
	struct nat_msg msg;

	if (!next(nat, &msg, err))
		return false;
	if (msg.type != NAT_MSG_CONF)
		return err_set(err, "the configuration is to come first");
	nat->conf = msg.conf;
	if (!build(nat, files, err))
		return false;
	do {
		if (!next(nat, &msg, err) || !control_obey(nat, &msg, err))
			return false;
	} while (msg.type != NAT_MSG_START);
	return sandbox_enter(
		nat->conf.dns_mode == NAT_DNS_HOST ? RESOLV_CONF : NULL, err);
}

int child_run(int frames, int control, unsigned files)
{
	struct nat *nat = calloc(1, sizeof(*nat));
	struct err err = {0};

	if (!nat)
		return EXIT_FAILURE;
	nat->frames = frames;
	nat->control = control;
	if (!start(nat, files, &err)) {
		control_note(nat, err.msg);
		return EXIT_FAILURE;
	}
	control_ready(nat);
	while (turn(nat))
		;
	return EXIT_SUCCESS;
}
