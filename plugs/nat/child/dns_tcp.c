/* SPDX-License-Identifier: MIT */
/*
 * A connection is read only as long as its peer reads: not while an answer is
 * unsent or DNS_CONN_QUESTIONS are on their way, so what it can make us keep
 * is one buffer of questions and that many answers. At a length that no
 * question has reading ends. What was asked before is answered, as it is to a
 * peer that has closed its half.
 *
 * Answers may come while a question is being handed over. So connections are
 * changed and closed in go_on() and by the calls from outside alone, never
 * below a callback.
 */
#include "plugs/nat/child/dns_tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugs/nat/child/dns_message.h"

#define BACKLOG  128
#define PAUSE_NS 1000000000u /* after accept() has failed */
#define PREFIX   2           /* the length before a message */

struct dns_conn {
	int fd;
	bool eof;     /* the peer sends no more, or we do not want it */
	bool broken;  /* to be closed */
	bool touched; /* to be gone on with */
	unsigned questions;
	uint64_t active;
	uint8_t *out; /* unsent are out_at to out_len */
	size_t out_at, out_len;
	size_t in_len;
	uint8_t in[PREFIX + DNS_QUESTION_MAX];
};

struct dns_tcp {
	const struct dns_tcp_calls *calls;
	void *ctx;
	struct {
		int fd;
		uint16_t port;
	} listeners[2];        /* IPv4, IPv6 */
	uint64_t paused_until; /* 0: they are watched */
	struct dns_conn *conns[DNS_CONNS_MAX];
};

/* --- Listeners -------------------------------------------------------- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int listen_on(int family, uint16_t *port)
{
	union address at = {.any = {.sa_family = (sa_family_t)family}};
	socklen_t len = family == AF_INET ? sizeof(at.v4) : sizeof(at.v6);
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (family == AF_INET)
		at.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		at.v6.sin6_addr = in6addr_loopback;
	if (bind(fd, &at.any, len) < 0 || listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, &at.any, &len) < 0) {
		close(fd);
		return -1;
	}
	*port = ntohs(family == AF_INET ? at.v4.sin_port : at.v6.sin6_port);
	return fd;
}

static void watch_listeners(const struct dns_tcp *tcp, bool readable)
{
	for (unsigned i = 0; i < 2; i++) {
		if (tcp->listeners[i].fd >= 0)
			tcp->calls->watch(tcp->ctx, tcp->listeners[i].fd,
					  readable, false);
	}
}

/* --- Connections ------------------------------------------------------ */

static void close_conn(struct dns_tcp *tcp, struct dns_conn **conn)
{
	tcp->calls->watch(tcp->ctx, (*conn)->fd, false, false);
	close((*conn)->fd);
	free((*conn)->out);
	free(*conn);
	*conn = NULL;
}

static void end_conn(struct dns_tcp *tcp, struct dns_conn **conn)
{
	tcp->calls->closed(tcp->ctx, *conn);
	close_conn(tcp, conn);
}

static void read_some(struct dns_conn *c, uint64_t now)
{
	size_t room = sizeof(c->in) - c->in_len;
	ssize_t n;

	if (room == 0 || c->eof)
		return;
	n = recv(c->fd, c->in + c->in_len, room, 0);
	if (n > 0) {
		c->in_len += (size_t)n;
		c->active = now;
	} else if (n == 0) {
		c->eof = true;
	} else if (errno != EAGAIN && errno != EINTR) {
		c->broken = true;
	}
}

static void write_some(struct dns_conn *c, uint64_t now)
{
	ssize_t n;

	if (c->out_len == 0)
		return;
	/* Not by send(), which is libslirp's here (engine.c). */
	n = sendto(c->fd, c->out + c->out_at, c->out_len - c->out_at,
		   MSG_NOSIGNAL, NULL, 0);
	if (n < 0) {
		c->broken = errno != EAGAIN && errno != EINTR;
		return;
	}
	c->active = now;
	c->out_at += (size_t)n;
	if (c->out_at < c->out_len)
		return;
	free(c->out);
	c->out = NULL;
	c->out_at = c->out_len = 0;
}

/* What follows has no meaning. */
static bool refuse_more(struct dns_conn *c)
{
	c->eof = true;
	c->in_len = 0;
	return false;
}

/* Hands over the first question that is there as a whole. */
static bool take_question(struct dns_tcp *tcp, struct dns_conn *c, uint64_t now)
{
	uint8_t message[DNS_QUESTION_MAX];
	size_t len;

	if (c->in_len < PREFIX)
		return false;
	len = dns_get16(c->in);
	if (len < DNS_HEADER || len > DNS_QUESTION_MAX)
		return refuse_more(c);
	if (c->in_len < PREFIX + len)
		return false;
	memcpy(message, c->in + PREFIX, len);
	c->in_len -= PREFIX + len;
	memmove(c->in, c->in + PREFIX + len, c->in_len);
	c->questions++;
	if (tcp->calls->question(tcp->ctx, c, message, len, now))
		return true;
	c->questions--;
	return refuse_more(c);
}

/* Does what can be done, and waits for what comes next. */
static void go_on(struct dns_tcp *tcp, struct dns_conn **conn, uint64_t now)
{
	struct dns_conn *c = *conn;
	bool may_read;

	c->touched = false;
	do {
		write_some(c, now);
		may_read = !c->broken && c->out_len == 0 &&
			   c->questions < DNS_CONN_QUESTIONS;
	} while (may_read && take_question(tcp, c, now));
	if (c->broken || (c->eof && c->questions == 0 && c->out_len == 0))
		end_conn(tcp, conn);
	else
		tcp->calls->watch(tcp->ctx, c->fd, may_read && !c->eof,
				  c->out_len > 0);
}

/* A place for a connection, which the least recently active may make. */
static struct dns_conn **make_place(struct dns_tcp *tcp)
{
	struct dns_conn **oldest = NULL;

	for (unsigned i = 0; i < DNS_CONNS_MAX; i++) {
		struct dns_conn **conn = &tcp->conns[i];

		if (!*conn)
			return conn;
		if (!oldest || (*conn)->active < (*oldest)->active)
			oldest = conn;
	}
	end_conn(tcp, oldest);
	return oldest;
}

void dns_tcp_adopt(struct dns_tcp *tcp, int fd, uint64_t now)
{
	struct dns_conn *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return;
	}
	c->fd = fd;
	c->active = now;
	*make_place(tcp) = c;
	tcp->calls->watch(tcp->ctx, fd, true, false);
}

static void accept_all(struct dns_tcp *tcp, int listener, uint64_t now)
{
	for (unsigned i = 0; i < BACKLOG; i++) {
		int fd = accept4(listener, NULL, NULL,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			dns_tcp_adopt(tcp, fd, now);
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			tcp->paused_until = now + PAUSE_NS;
			watch_listeners(tcp, false);
			return;
		}
	}
}

void dns_tcp_answer(struct dns_conn *conn, const uint8_t *message, size_t len)
{
	uint8_t *out = realloc(conn->out, conn->out_len + PREFIX + len);

	conn->questions--;
	conn->touched = true;
	if (!out) {
		conn->broken = true;
		return;
	}
	conn->out = out;
	dns_put16(out + conn->out_len, (uint16_t)len);
	memcpy(out + conn->out_len + PREFIX, message, len);
	conn->out_len += PREFIX + len;
}

/* --- The whole -------------------------------------------------------- */

struct dns_tcp *dns_tcp_new(const struct dns_tcp_calls *calls, void *ctx)
{
	static const int families[2] = {AF_INET, AF_INET6};
	struct dns_tcp *tcp = calloc(1, sizeof(*tcp));

	if (!tcp)
		return NULL;
	tcp->calls = calls;
	tcp->ctx = ctx;
	for (unsigned i = 0; i < 2; i++)
		tcp->listeners[i].fd =
			listen_on(families[i], &tcp->listeners[i].port);
	watch_listeners(tcp, true);
	return tcp;
}

void dns_tcp_free(struct dns_tcp *tcp)
{
	if (!tcp)
		return;
	for (unsigned i = 0; i < DNS_CONNS_MAX; i++) {
		if (tcp->conns[i])
			close_conn(tcp, &tcp->conns[i]);
	}
	watch_listeners(tcp, false);
	for (unsigned i = 0; i < 2; i++) {
		if (tcp->listeners[i].fd >= 0)
			close(tcp->listeners[i].fd);
	}
	free(tcp);
}

uint16_t dns_tcp_listens(const struct dns_tcp *tcp, int family)
{
	return tcp->listeners[family == AF_INET6].port;
}

bool dns_tcp_ready(struct dns_tcp *tcp, int fd, bool readable, bool writable,
		   uint64_t now)
{
	for (unsigned i = 0; i < 2; i++) {
		if (tcp->listeners[i].fd == fd) {
			accept_all(tcp, fd, now);
			return true;
		}
	}
	for (unsigned i = 0; i < DNS_CONNS_MAX; i++) {
		struct dns_conn *c = tcp->conns[i];

		if (!c || c->fd != fd)
			continue;
		if (readable)
			read_some(c, now);
		go_on(tcp, &tcp->conns[i], now);
		return true;
	}
	return false;
}

/* When the connection is idle for too long. One that waits for its answers is
 * not; one that does not read them is. */
static uint64_t ends_at(const struct dns_conn *c)
{
	if (c->questions > 0 && c->out_len == 0)
		return UINT64_MAX;
	return c->active + DNS_CONN_IDLE_NS;
}

int dns_tcp_tick(struct dns_tcp *tcp, uint64_t now)
{
	uint64_t next = UINT64_MAX;

	for (unsigned i = 0; i < DNS_CONNS_MAX; i++) {
		struct dns_conn **conn = &tcp->conns[i];

		if (*conn && (*conn)->touched)
			go_on(tcp, conn, now);
		if (*conn && ends_at(*conn) <= now)
			end_conn(tcp, conn);
		if (*conn && ends_at(*conn) < next)
			next = ends_at(*conn);
	}
	if (tcp->paused_until && tcp->paused_until <= now) {
		tcp->paused_until = 0;
		watch_listeners(tcp, true);
	}
	if (tcp->paused_until && tcp->paused_until < next)
		next = tcp->paused_until;
	if (next == UINT64_MAX)
		return -1;
	return (int)((next - now) / 1000000 + 1);
}
