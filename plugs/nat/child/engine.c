/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/engine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <slirp/libslirp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "plugs/nat/child/clock.h"
#include "plugs/nat/child/forward.h"
#include "plugs/nat/packet.h"
#include "switchd/core/inet.h"

#define MTU     65521 /* the most that libslirp takes */
#define MRU     32780 /* makes its segments so long that two fit in a frame */
#define BACKLOG 512

#define TCP_HEADER 20

struct engine {
	Slirp *slirp;
	struct pollset *set;
	engine_send_fn *send;
	void *ctx;
	bool resetting; /* what libslirp is given is a guest's RST */
	struct sockaddr_in outbound; /* libslirp keeps pointers to these */
	struct sockaddr_in6 outbound6;
};

/* --- What libslirp calls ----------------------------------------------- */

/*
 * Instead of libc's, for the whole process. If libslirp writes first to a
 * connection that has been reset, it closes it towards the guest, and keeps
 * what the guest still wants to send for ever; if it reads first, it resets it
 * there, too. So it is told to write later: before that it reads, since a reset
 * is an event of both.
 */
ssize_t send(int fd, const void *data, size_t len, int flags)
{
	ssize_t n = sendto(fd, data, len, flags, NULL, 0);

	if (n < 0 && len && (errno == ECONNRESET || errno == EPIPE))
		errno = EAGAIN;
	return n;
}

static ssize_t on_send(const void *data, size_t len, void *opaque)
{
	struct engine *engine = opaque;

	engine->send(engine->ctx, data, (uint32_t)len);
	return (ssize_t)len;
}

static void on_guest_error(const char *text, void *opaque)
{
}

static int64_t on_clock(void *opaque)
{
	return (int64_t)clock_ns();
}

/* Its one timer is that of advertisements, which router.c makes. */
static void *on_timer_new(SlirpTimerId id, void *cb_opaque, void *opaque)
{
	return opaque;
}

static void on_timer_free(void *timer, void *opaque)
{
}

static void on_timer_mod(void *timer, int64_t expire_ms, void *opaque)
{
}

static void on_register(int fd, void *opaque)
{
	struct engine *engine = opaque;

	pollset_open(engine->set, fd);
}

static void on_unregister(int fd, void *opaque)
{
	static const struct linger none = {.l_onoff = 1};
	struct engine *engine = opaque;

	/* It closes the socket next, which alone would say FIN outside. */
	if (engine->resetting)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none,
				 sizeof(none));
	pollset_forget(engine->set, fd);
}

static void on_notify(void *opaque)
{
}

static const SlirpCb callbacks = {
	.send_packet = on_send,
	.guest_error = on_guest_error,
	.clock_get_ns = on_clock,
	.timer_new_opaque = on_timer_new,
	.timer_free = on_timer_free,
	.timer_mod = on_timer_mod,
	.register_poll_fd = on_register,
	.unregister_poll_fd = on_unregister,
	.notify = on_notify,
};

/* --- Life -------------------------------------------------------------- */

static void configure(struct engine *engine, const struct nat_conf *conf,
		      SlirpConfig *cfg)
{
	cfg->version = 4;
	cfg->in_enabled = true;
	memcpy(&cfg->vnetwork, conf->net.addr, 4);
	cfg->vnetmask.s_addr = htonl(~UINT32_C(0) << (32 - conf->net.bits));
	memcpy(&cfg->vhost, conf->gateway.addr, 4);
	memcpy(&cfg->vnameserver, conf->dns.addr, 4);
	cfg->in6_enabled = conf->net6.family != 0;
	memcpy(&cfg->vprefix_addr6, conf->net6.addr, 16);
	cfg->vprefix_len = conf->net6.bits;
	memcpy(&cfg->vhost6, conf->gateway6.addr, 16);
	memcpy(&cfg->vnameserver6, conf->dns6.addr, 16);
	cfg->if_mtu = MTU;
	cfg->if_mru = MRU;
	cfg->disable_dns = true;
	cfg->disable_dhcp = true;
	if (conf->outbound.family) {
		engine->outbound.sin_family = AF_INET;
		memcpy(&engine->outbound.sin_addr, conf->outbound.addr, 4);
		cfg->outbound_addr = &engine->outbound;
	}
	if (conf->outbound6.family) {
		engine->outbound6.sin6_family = AF_INET6;
		memcpy(&engine->outbound6.sin6_addr, conf->outbound6.addr, 16);
		cfg->outbound_addr6 = &engine->outbound6;
	}
}

struct engine *engine_new(const struct nat_conf *conf, struct pollset *set,
			  engine_send_fn *send, void *ctx, struct err *err)
{
	struct engine *engine = calloc(1, sizeof(*engine));
	SlirpConfig cfg;

	if (!engine) {
		(void)err_set(err, "out of memory");
		return NULL;
	}
	memset(&cfg, 0, sizeof(cfg));
	engine->set = set;
	engine->send = send;
	engine->ctx = ctx;
	configure(engine, conf, &cfg);
	engine->slirp = slirp_new(&cfg, &callbacks, engine);
	if (!engine->slirp) {
		(void)err_set(err, "libslirp does not take the configuration");
		free(engine);
		return NULL;
	}
	/* It reads the clock only here, and a frame may come before an event
	 * does. */
	engine_resume(engine);
	return engine;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	slirp_cleanup(engine->slirp);
	free(engine);
}

/* --- Rounds ------------------------------------------------------------ */

static bool is_reset(const uint8_t *data, uint32_t len)
{
	struct frame f = {.data = data, .len = len};
	struct packet p;

	return packet_parse(&f, &p) && p.protocol == IPPROTO_TCP &&
	       !p.fragment && p.end - p.l4 >= TCP_HEADER &&
	       data[p.l4 + 13] & TCP_RST;
}

void engine_input(struct engine *engine, const uint8_t *data, uint32_t len)
{
	engine->resetting = is_reset(data, len);
	slirp_input(engine->slirp, data, (int)len);
	engine->resetting = false;
}

/* SLIRP_POLL_ and EPOLL number the same five; two of them are swapped. */
_Static_assert((int)SLIRP_POLL_IN == (int)EPOLLIN, "the same");
_Static_assert((int)SLIRP_POLL_ERR == (int)EPOLLERR, "the same");
_Static_assert((int)SLIRP_POLL_HUP == (int)EPOLLHUP, "the same");
_Static_assert((int)SLIRP_POLL_OUT == (int)EPOLLPRI, "swapped");
_Static_assert((int)SLIRP_POLL_PRI == (int)EPOLLOUT, "swapped");

static uint32_t swap(uint32_t events)
{
	const uint32_t both = (uint32_t)EPOLLPRI | EPOLLOUT;
	uint32_t odd = events & both;

	return odd && odd != both ? events ^ both : events;
}

/*
 * Of connections that could not be opened libslirp knows those that were
 * refused. When there is no way, it takes the socket for connected and waits;
 * or closes towards a guest that has not been let in. One that has no error
 * left and is not connected either it says with a reset.
 */
static void give_up(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	int error;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
	    (info.tcpi_state != TCP_SYN_SENT && info.tcpi_state != TCP_CLOSE))
		return;
	len = sizeof(error);
	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	(void)shutdown(fd, SHUT_RDWR);
}

/*
 * libslirp reads also what has an error, and asserts that there is room. If it
 * did not want to read, more than there may be room for can have come before.
 */
static bool is_too_much(struct engine *engine, int fd, uint32_t events)
{
	int unread = 0;

	return events & (EPOLLERR | EPOLLHUP) &&
	       !(pollset_wanted(engine->set, fd) & EPOLLIN) &&
	       ioctl(fd, FIONREAD, &unread) == 0 && unread > 0;
}

/* A descriptor is its own index. */
static int ready(int fd, void *opaque)
{
	struct engine *engine = opaque;
	uint32_t events = pollset_ready(engine->set, fd);

	/* It hears of that when the guest has made room. */
	if (is_too_much(engine, fd, events)) {
		pollset_pause(engine->set, fd);
		return 0;
	}
	if (events & EPOLLERR)
		give_up(fd);
	return (int)swap(events);
}

void engine_poll(struct engine *engine)
{
	slirp_pollfds_poll(engine->slirp, 0, ready, engine);
}

void engine_resume(struct engine *engine)
{
	/* With an error no socket is looked at. */
	slirp_pollfds_poll(engine->slirp, 1, ready, engine);
}

static int want(int fd, int events, void *opaque)
{
	struct engine *engine = opaque;

	pollset_want(engine->set, fd, swap((uint32_t)events));
	return fd;
}

int engine_fill(struct engine *engine)
{
	uint32_t timeout_ms = UINT32_MAX;

	pollset_begin(engine->set);
	slirp_pollfds_fill(engine->slirp, &timeout_ms, want, engine);
	pollset_end(engine->set);
	return timeout_ms > 1000 ? 1000 : (int)timeout_ms;
}

/* --- Forwards ---------------------------------------------------------- */

/* libslirp listens for one client at a time; a second call changes that. */
static int widen(int fd, int events, void *opaque)
{
	socklen_t len = sizeof(int);
	int listens = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 &&
	    listens)
		(void)listen(fd, BACKLOG);
	return want(fd, events, opaque);
}

bool engine_forward(struct engine *engine, const struct nat_forward *forward,
		    struct err *err)
{
	struct forward_ends ends;
	uint32_t timeout_ms = UINT32_MAX;

	if (!forward_prepare(forward, &ends, err))
		return false;
	errno = 0;
	if (slirp_add_hostxfwd(engine->slirp, &ends.outer.any, ends.outer_len,
			       &ends.inner.any, ends.inner_len, ends.flags) < 0)
		return forward_failed(forward, err);
	pollset_begin(engine->set);
	slirp_pollfds_fill(engine->slirp, &timeout_ms, widen, engine);
	pollset_end(engine->set);
	return true;
}

bool engine_unforward(struct engine *engine, const struct nat_forward *forward)
{
	struct forward_ends ends;

	forward_fill(forward, &ends);
	return slirp_remove_hostxfwd(engine->slirp, &ends.outer.any,
				     ends.outer_len, ends.flags) == 0;
}

const char *engine_version(void)
{
	return slirp_version_string();
}
