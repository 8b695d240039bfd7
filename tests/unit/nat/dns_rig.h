/* SPDX-License-Identifier: MIT */
/*
 * dns_rig: a name server (dns.h) on a loop of its own in a network namespace
 * of its own, servers behind it on 127.0.0.1, .2, .3 and ::1 that do as they
 * are told, and guests that ask. All in one thread.
 */
#ifndef LABSWITCH_TESTS_DNS_RIG_H
#define LABSWITCH_TESTS_DNS_RIG_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "plugs/nat/child/dns.h"
#include "plugs/nat/child/dns_message.h"
#include "tests/unit/nat/nat_conf.h"

#define SERVERS     4
#define ANSWERS_MAX 1100
#define WAIT_NS     (20 * SECOND)
#define LARGE       3000 /* bytes of an answer by TCP */
#define MIDDLE      1200 /* bytes of an answer by UDP to who has EDNS */

enum manner {
	ANSWER, /* A 192.0.2.N, N being the server */
	SILENT,
	FAIL,    /* SERVFAIL */
	NOWHERE, /* NXDOMAIN */
	LONG,    /* of LARGE bytes; cut off by UDP */
	HALF,    /* of MIDDLE bytes by UDP */
	HOSTILE  /* lies, and at last ANSWER */
};

struct server {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at;
	socklen_t at_len;
	int udp, tcp; /* -1: nobody listens */
	int conn;     /* of its one client by TCP, or -1 */
	enum manner manner;
	unsigned asked;
};

struct answer {
	struct dns_asker to;
	size_t len;
	uint8_t message[DNS_UDP_MAX];
};

struct rig {
	struct nat_conf conf;
	struct leases *leases;
	struct dns *dns;
	int epoll;
	char dir[32];
	char path[64]; /* resolv.conf */
	struct server servers[SERVERS];
	uint64_t later; /* the clock is fast by so much */
	unsigned answers;
	struct answer *answer;
};

static inline uint64_t rig_now(const struct rig *rig)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec + rig->later;
}

/* --- The world -------------------------------------------------------- */

static inline bool rig_write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0 &&
		  write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* False: no namespaces for us here. */
static inline bool rig_enter(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	char map[32];
	bool ok;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	snprintf(map, sizeof(map), "0 %u 1", getuid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 ||
	    !rig_write_file("/proc/self/uid_map", map))
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ok = ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
	close(fd);
	return ok;
}

/* --- Servers ---------------------------------------------------------- */

static inline void rig_wait_for(struct rig *rig, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	assert_int_equal(epoll_ctl(rig->epoll, EPOLL_CTL_ADD, fd, &event), 0);
}

static inline void server_listen(struct rig *rig, struct server *s)
{
	int family = s->at.any.sa_family, one = 1;

	s->udp = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	s->tcp = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(s->tcp, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(bind(s->udp, &s->at.any, s->at_len), 0);
	assert_int_equal(bind(s->tcp, &s->at.any, s->at_len), 0);
	assert_int_equal(listen(s->tcp, 8), 0);
	rig_wait_for(rig, s->udp);
	rig_wait_for(rig, s->tcp);
}

static inline void server_close(struct server *s)
{
	close(s->udp);
	close(s->tcp);
	if (s->conn >= 0)
		close(s->conn);
	s->udp = s->tcp = s->conn = -1;
}

/* An answer with n bytes of padding behind its record: one of type 65280. */
static inline size_t server_compose(const struct server *s, const uint8_t *ask,
				    size_t len, size_t pad, uint8_t *out)
{
	struct dns_question q;
	struct dns_record record = {.type = DNS_TYPE_A,
				    .rdlen = 4,
				    .rdata = {192, 0, 2, s->manner == HOSTILE}};
	enum dns_rcode rcode;

	assert_true(dns_message_parse(ask, len, &q, &rcode));
	assert_int_equal(rcode, DNS_NOERROR);
	if (s->at.any.sa_family == AF_INET)
		record.rdata[3] = ((const uint8_t *)&s->at.v4.sin_addr)[3];
	q.edns = false;
	len = dns_message_reply(ask, &q,
				s->manner == FAIL      ? DNS_SERVFAIL
				: s->manner == NOWHERE ? DNS_NXDOMAIN
						       : DNS_NOERROR,
				s->manner == NOWHERE ? NULL : &record, out);
	if (pad <= len + 12)
		return len;
	dns_put16(out + 6, 2);
	memset(out + len, 0, pad - len);
	dns_put16(out + len, 0xc00c);
	dns_put16(out + len + 2, 65280);
	dns_put16(out + len + 4, DNS_CLASS_IN);
	dns_put16(out + len + 10, (uint16_t)(pad - len - 12));
	return pad;
}

/* What one who wants to do harm sends before the answer. */
static inline void server_lie(const struct server *s, const struct sockaddr *to,
			      socklen_t to_len, const uint8_t *answer,
			      size_t len)
{
	uint8_t lie[DNS_UDP_MAX];

	for (size_t cut = 0; cut < len; cut++)
		sendto(s->udp, answer, cut, 0, to, to_len);
	for (size_t at = 0; at < 29 && at < len; at++) {
		memcpy(lie, answer, len);
		lie[at] ^= 0xff;
		/* Not what asks for TCP, or says that it has failed. */
		if (at != 2 && at != 3)
			sendto(s->udp, lie, len, 0, to, to_len);
	}
}

static inline void server_udp(struct server *s)
{
	uint8_t ask[DNS_UDP_MAX], out[DNS_UDP_MAX];
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	struct sockaddr *to = (struct sockaddr *)&from;
	ssize_t n = recvfrom(s->udp, ask, sizeof(ask), 0, to, &from_len);
	size_t len;

	if (n < 0)
		return;
	s->asked++;
	len = server_compose(s, ask, (size_t)n, s->manner == HALF ? MIDDLE : 0,
			     out);
	if (s->manner == LONG)
		out[2] |= DNS_FLAG_TC >> 8;
	if (s->manner == HOSTILE)
		server_lie(s, to, from_len, out, len);
	if (s->manner != SILENT)
		sendto(s->udp, out, len, 0, to, from_len);
}

/* A client sends a question in one piece. */
static inline void server_tcp(struct server *s)
{
	uint8_t ask[DNS_UDP_MAX], out[2 + DNS_UDP_MAX];
	ssize_t n = recv(s->conn, ask, sizeof(ask), 0);
	size_t at = 0, len;

	if (n <= 0) {
		close(s->conn);
		s->conn = -1;
		return;
	}
	while (at < (size_t)n) {
		len = dns_get16(ask + at);
		assert_true(at + 2 + len <= (size_t)n);
		dns_put16(out, LARGE);
		server_compose(s, ask + at + 2, len, LARGE, out + 2);
		assert_int_equal(send(s->conn, out, LARGE + 2, 0), LARGE + 2);
		at += 2 + len;
	}
}

/* --- The loop --------------------------------------------------------- */

static inline void rig_watch(void *ctx, int fd, bool readable, bool writable)
{
	struct rig *rig = ctx;
	struct epoll_event event = {.events = (readable ? EPOLLIN : 0) |
					      (writable ? EPOLLOUT : 0),
				    .data.fd = fd};

	if (!event.events)
		epoll_ctl(rig->epoll, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(rig->epoll, EPOLL_CTL_MOD, fd, &event) < 0)
		assert_int_equal(
			epoll_ctl(rig->epoll, EPOLL_CTL_ADD, fd, &event), 0);
}

static inline void rig_answer(void *ctx, const struct dns_asker *to,
			      const uint8_t *message, size_t len)
{
	struct rig *rig = ctx;
	struct answer *answer = &rig->answer[rig->answers++];

	assert_true(rig->answers < ANSWERS_MAX && len <= DNS_UDP_MAX);
	answer->to = *to;
	answer->len = len;
	memcpy(answer->message, message, len);
}

static inline void rig_event(struct rig *rig, const struct epoll_event *event)
{
	bool bad = event->events & (EPOLLERR | EPOLLHUP);

	for (unsigned i = 0; i < SERVERS; i++) {
		struct server *s = &rig->servers[i];

		if (event->data.fd == s->udp) {
			server_udp(s);
		} else if (event->data.fd == s->conn) {
			server_tcp(s);
		} else if (event->data.fd == s->tcp) {
			s->conn = accept4(s->tcp, NULL, NULL, SOCK_CLOEXEC);
			assert_true(s->conn >= 0);
			rig_wait_for(rig, s->conn);
		} else {
			continue;
		}
		return;
	}
	dns_ready(rig->dns, event->data.fd, bad || event->events & EPOLLIN,
		  bad || event->events & EPOLLOUT, rig_now(rig));
}

/* One turn of the loop, of at most `wait_ms`. */
static inline void rig_turn(struct rig *rig, int wait_ms)
{
	struct epoll_event events[16];
	int timeout = dns_tick(rig->dns, rig_now(rig));
	int n;

	if (timeout < 0 || timeout > wait_ms)
		timeout = wait_ms;
	n = epoll_wait(rig->epoll, events, 16, timeout);
	for (int i = 0; i < n; i++)
		rig_event(rig, &events[i]);
	dns_tick(rig->dns, rig_now(rig));
}

/* Turns until there are so many answers; false: there never were. */
static inline bool rig_wait(struct rig *rig, unsigned answers)
{
	uint64_t end = rig_now(rig) + WAIT_NS;

	while (rig->answers < answers && rig_now(rig) < end)
		rig_turn(rig, 100);
	return rig->answers >= answers;
}

/* --- Guests ----------------------------------------------------------- */

/* Writes a question; edns: what its OPT record says, 0: it has none. */
static inline size_t rig_question(uint8_t *out, uint16_t id, const char *name,
				  uint16_t type, uint16_t edns)
{
	size_t len = DNS_HEADER;

	memset(out, 0, DNS_HEADER);
	dns_put16(out, id);
	out[2] = 1; /* RD */
	dns_put16(out + 4, 1);
	dns_put16(out + 10, edns != 0);
	len += dns_message_name(name, out + len, DNS_NAME_SIZE);
	dns_put16(out + len, type);
	dns_put16(out + len + 2, DNS_CLASS_IN);
	len += 4;
	if (!edns)
		return len;
	memset(out + len, 0, 11);
	dns_put16(out + len + 1, DNS_TYPE_OPT);
	dns_put16(out + len + 3, edns);
	return len + 11;
}

/* Guest number `guest` asks by UDP. */
static inline void rig_ask(struct rig *rig, uint8_t guest, uint16_t id,
			   const char *name, uint16_t edns)
{
	struct dns_asker asker = {
		.mac = {{0x52, 0x54, 0, 0, 0, guest}},
		.addr = {AF_INET, 32, {10, 0, 2, guest}},
		.to = rig->conf.dns,
		.port = 4000,
	};
	uint8_t message[512];
	size_t len = rig_question(message, id, name, DNS_TYPE_A, edns);

	dns_query(rig->dns, &asker, message, len, rig_now(rig));
}

static inline uint16_t rig_id(const struct answer *a)
{
	return dns_get16(a->message);
}

static inline unsigned rig_rcode(const struct answer *a)
{
	return a->message[3] & 15;
}

/* The last byte of the address in an answer of ANSWER; the record is behind
 * the question, and its end is four bytes in front. */
static inline unsigned rig_server(const struct answer *a)
{
	assert_int_equal(rig_rcode(a), DNS_NOERROR);
	return a->message[a->len - 1];
}

/* --- The whole -------------------------------------------------------- */

static inline void rig_servers_init(struct rig *rig)
{
	for (unsigned i = 0; i < SERVERS; i++) {
		struct server *s = &rig->servers[i];

		s->udp = s->tcp = s->conn = -1;
		if (i == SERVERS - 1) {
			s->at_len = sizeof(s->at.v6);
			s->at.v6.sin6_family = AF_INET6;
			s->at.v6.sin6_port = htons(53);
			s->at.v6.sin6_addr = in6addr_loopback;
		} else {
			s->at_len = sizeof(s->at.v4);
			s->at.v4.sin_family = AF_INET;
			s->at.v4.sin_port = htons(53);
			s->at.v4.sin_addr.s_addr = htonl(0x7f000001 + i);
		}
	}
}

/* A rig with this resolv.conf, before dns_new(). */
static inline struct rig *rig_new(const char *resolv_conf)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	rig->conf = conf_default();
	rig->answer = calloc(ANSWERS_MAX, sizeof(*rig->answer));
	rig->leases = leases_new(&rig->conf);
	rig->epoll = epoll_create1(EPOLL_CLOEXEC);
	assert_true(rig->answer && rig->leases && rig->epoll >= 0);
	strcpy(rig->dir, "/tmp/test_dns.XXXXXX");
	assert_non_null(mkdtemp(rig->dir));
	snprintf(rig->path, sizeof(rig->path), "%s/resolv.conf", rig->dir);
	assert_true(rig_write_file(rig->path, resolv_conf));
	rig_servers_init(rig);
	return rig;
}

static inline void rig_start(struct rig *rig)
{
	static const struct dns_calls calls = {rig_watch, rig_answer};
	struct err err;

	rig->dns =
		dns_new(&rig->conf, rig->leases, rig->path, &calls, rig, &err);
	assert_non_null(rig->dns);
}

static inline void rig_free(struct rig *rig)
{
	dns_free(rig->dns);
	for (unsigned i = 0; i < SERVERS; i++) {
		if (rig->servers[i].udp >= 0)
			server_close(&rig->servers[i]);
	}
	close(rig->epoll);
	unlink(rig->path);
	assert_int_equal(rmdir(rig->dir), 0);
	leases_free(rig->leases);
	free(rig->answer);
	free(rig);
}

#endif
