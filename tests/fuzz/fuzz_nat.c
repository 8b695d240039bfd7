/* SPDX-License-Identifier: MIT */
/*
 * fuzz_nat: what guests send, through the shim and libslirp, in a process
 * without a network: each socket is one end of a pair, connected at once,
 * whose other end has sent some kilobytes and reads nothing.
 *
 * The input is a byte of options and a list of frames: two bytes of length,
 * then the frame. Headers of IP and transport are given their right checksums,
 * or nothing would get past those. libslirp must survive, and whatever leaves
 * is a sound frame from the NAT's own MAC, no longer than the network takes.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugs/nat/child/engine.h"
#include "plugs/nat/child/inbox.h"
#include "plugs/nat/child/shim.h"
#include "plugs/nat/child/vnet.h"
#include "plugs/nat/packet.h"
#include "switchd/core/inet.h"
#include "switchd/core/offload.h"
#include "topo/net.h"
#include "tests/fuzz/fuzz.h"

#define FRAMES_MAX 32
#define SECOND     UINT64_C(1000000000)

const char *__asan_default_options(void);

/* slirp_cleanup() (4.7.0) forgets frames that wait for a MAC; the process
 * never calls it. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* The other ends. */
static int peers[FRAMES_MAX * 2];
static int peer_count;

/* These two stand in for libc's in libslirp too. */
int socket(int domain, int type, int protocol)
{
	static const uint8_t greeting[40000];
	int kind = (type & 0xf) == SOCK_STREAM ? SOCK_STREAM : SOCK_DGRAM;
	int pair[2];

	if (peer_count == FRAMES_MAX * 2 ||
	    socketpair(AF_UNIX, kind | SOCK_NONBLOCK, 0, pair) < 0) {
		errno = EMFILE;
		return -1;
	}
	(void)send(pair[1], greeting, sizeof(greeting), MSG_DONTWAIT);
	peers[peer_count++] = pair[1];
	return pair[0];
}

int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	return 0;
}

struct world {
	struct nat_conf conf;
	struct nat_stats stats;
	struct shim shim;
	struct engine *engine;
	struct pollset *set;
	struct leases *leases;
	struct dhcp dhcp;
	int wire[2];
	unsigned own; /* frames of the shim's own that wait */
	struct {
		uint8_t data[SHIM_OWN_MAX];
		uint32_t len;
	} wait[FRAMES_MAX];
};

static struct net net(const char *text)
{
	struct net n = {.family = 0};
	struct err err;

	if (!net_parse_addr(text, &n, &err))
		(void)net_parse(text, &n, &err);
	return n;
}

static void on_pass(void *ctx, const uint8_t *data, uint32_t len)
{
	struct world *w = ctx;

	engine_input(w->engine, data, len);
}

static void on_inject(void *ctx, const uint8_t *data, uint32_t len)
{
	struct world *w = ctx;

	if (w->own == FRAMES_MAX)
		return;
	w->wait[w->own].len = len;
	memcpy(w->wait[w->own++].data, data, len);
}

static void on_query(void *ctx, const struct dns_asker *from,
		     const uint8_t *message, size_t len, uint64_t now)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < len; i++) /* all of it is there */
		sum ^= message[i];
	assert(sum || !sum);
}

static void on_ping_forbidden(void *ctx, uint8_t family)
{
}

static void on_send(void *ctx, const uint8_t *data, uint32_t len)
{
	struct world *w = ctx;

	shim_out(&w->shim, data, len, SECOND);
}

static void on_lease(void *ctx, const struct lease *lease)
{
}

static const struct shim_calls calls = {on_pass, on_inject, on_query,
					on_ping_forbidden};

static void world_init(struct world *w, uint8_t options)
{
	static const struct flow_limits limits = {.all = 20,
						  .per_guest = {10, 10, 10}};
	struct err err;

	memset(w, 0, sizeof(*w));
	w->conf = (struct nat_conf){.net = net("10.0.2.0/24"),
				    .gateway = net("10.0.2.2"),
				    .dns = net("10.0.2.3"),
				    .pool_first = net("10.0.2.15"),
				    .pool_last = net("10.0.2.99"),
				    .net6 = net("fd00::/64"),
				    .gateway6 = net("fd00::2"),
				    .dns6 = net("fd00::3"),
				    .lease_ns = SECOND,
				    .domain = "lab",
				    .host_loopback = options & 1,
				    .restricted = (options & 6) == 6,
				    .mtu = 1500};
	w->leases = leases_new(&w->conf);
	w->dhcp = (struct dhcp){&w->conf, w->leases, on_lease, w};
	w->set = pollset_new(&err);
	w->engine = engine_new(&w->conf, w->set, on_send, w, &err);
	assert(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, w->wire) == 0);
	w->shim = (struct shim){.conf = &w->conf,
				.mac = nat_mac(&w->conf),
				.neigh = neigh_new(&w->conf),
				.dhcp = &w->dhcp,
				.leases = w->leases,
				.flows = flows_new(&limits),
				.reass = reass_new(),
				.out = outq_new(w->wire[0]),
				.stats = &w->stats,
				.calls = &calls,
				.ctx = w,
				.dns_port = 40000,
				.dns_port6 = 40001,
				.ping = true,
				.ping6 = false, /* libslirp 4.7 complains */
				.fds_max = 100};
	assert(w->leases && w->engine && w->shim.neigh && w->shim.flows &&
	       w->shim.out);
}

static void world_done(struct world *w)
{
	engine_free(w->engine);
	neigh_free(w->shim.neigh);
	flows_free(w->shim.flows);
	reass_free(w->shim.reass);
	outq_free(w->shim.out);
	pollset_free(w->set);
	leases_free(w->leases);
	(void)close(w->wire[0]);
	(void)close(w->wire[1]);
	while (peer_count > 0)
		(void)close(peers[--peer_count]);
}

/* Makes the checksums right, as far as there are headers. */
static void complete(uint8_t *data, uint32_t len)
{
	struct frame f = {.data = data, .len = len};
	struct packet p;
	uint32_t at;

	if (!packet_parse(&f, &p) || !p.src.family)
		return;
	if (p.type == PACKET_TYPE_IPV4) {
		put16(data + FRAME_HEADER + 10, 0);
		put16(data + FRAME_HEADER + 10,
		      inet_ip4_checksum(data + FRAME_HEADER));
	}
	at = p.protocol == PACKET_TCP ? 16 : p.protocol == PACKET_UDP ? 6 : 2;
	if (p.fragment || p.end - p.l4 < at + 2)
		return;
	put16(data + p.l4 + at, 0);
	put16(data + p.l4 + at, packet_l4_checksum(&f, &p));
}

static void check_wire(const struct world *w)
{
	static uint8_t message[VNET_HEADER + FRAME_MAX];
	ssize_t n;

	while ((n = recv(w->wire[1], message, sizeof(message), MSG_DONTWAIT)) >
	       0) {
		struct frame f = {.data = message + VNET_HEADER,
				  .len = (uint32_t)n - VNET_HEADER,
				  .off = vnet_read(message)};
		struct packet p;

		assert(offload_check(&f));
		assert(memcmp(frame_src(&f), w->shim.mac.b, 6) == 0);
		assert(packet_parse(&f, &p));
		assert(offload_longest(&f.off, f.len) <=
		       FRAME_HEADER + w->conf.mtu);
	}
}

static void turn(struct world *w)
{
	struct pollset_event events[POLLSET_EVENTS];
	unsigned own = w->own;

	(void)pollset_wait(w->set, 0, events);
	engine_poll(w->engine);
	(void)shim_resolve(&w->shim, SECOND);
	for (unsigned i = 0; i < own; i++)
		engine_input(w->engine, w->wait[i].data, w->wait[i].len);
	w->own = 0;
	engine_resume(w->engine);
	(void)engine_fill(w->engine);
	(void)outq_flush(w->shim.out);
	check_wire(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w;

	if (size < 1)
		return 0;
	world_init(&w, data[0]);
	data++;
	size--;
	for (int i = 0; i < FRAMES_MAX && size >= 2; i++) {
		size_t len = get16(data);
		uint8_t *frame;

		data += 2;
		size -= 2;
		if (len > size)
			len = size;
		/* A copy of just that size lets ASan see a read beyond it. */
		frame = malloc(len ? len : 1);
		assert(frame);
		memcpy(frame, data, len);
		data += len;
		size -= len;
		complete(frame, (uint32_t)len);
		shim_in(&w.shim, frame, (uint32_t)len, SECOND);
		free(frame);
		turn(&w);
	}
	world_done(&w);
	return 0;
}
