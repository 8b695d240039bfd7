/* SPDX-License-Identifier: MIT */
/*
 * fuzz_dns: what guests send to the name server, by UDP and by TCP.
 *
 * The first byte of the input says into pieces of which size its rest is cut
 * (the low seven bits) and whether answers come late; the rest is what a guest
 * sends on a connection. However it is cut, the answers are those that the
 * messages in it have one by one, and all of them come.
 *
 * The rest, and each of those messages, is also a message by UDP; the servers
 * that it would be forwarded to cannot be reached. It has at most one answer,
 * which fits any guest.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugs/nat/child/dns.h"
#include "plugs/nat/child/dns_names.h"
#include "plugs/nat/child/dns_tcp.h"
#include "tests/fuzz/fuzz.h"

struct bytes {
	uint8_t *data;
	size_t len;
};

/* A question that waits for its answer. */
struct late {
	struct dns_conn *conn;
	uint8_t answer[DNS_REPLY_MAX];
	size_t len;
};

struct world {
	struct nat_conf conf;
	struct leases *leases;
	struct dns *dns; /* too dear to be made for each input */
	unsigned answers;

	struct dns_tcp *tcp;
	bool is_late;
	struct late waiting[DNS_CONN_QUESTIONS];
	unsigned n_waiting;
	bool readable; /* the connection is watched for that */
	bool closed;
};

static void check_answer(const uint8_t *message, size_t len)
{
	struct dns_question q;
	enum dns_rcode rcode;
	uint8_t copy[DNS_UDP_MIN];

	assert(len >= DNS_HEADER && len <= DNS_UDP_MIN);
	assert(message[2] & 0x80);
	memcpy(copy, message, len);
	copy[2] &= 0x07; /* as if it were a question */
	assert(dns_message_parse(copy, len, &q, &rcode));
	assert(rcode == DNS_NOERROR || dns_get16(copy + 4) == 0);
}

/* What a message is answered with; 0: with nothing. */
static size_t compose(const struct world *w, const uint8_t *message, size_t len,
		      uint8_t out[DNS_REPLY_MAX])
{
	struct dns_question q;
	struct dns_record record;
	enum dns_rcode rcode;

	if (!dns_message_parse(message, len, &q, &rcode))
		return 0;
	assert(strlen(q.name) < 254 && q.udp_max >= DNS_UDP_MIN);
	if (rcode != DNS_NOERROR)
		return dns_message_reply(message, &q, (uint16_t)rcode, NULL,
					 out);
	assert(q.end <= len);
	if (!dns_names_find(&w->conf, w->leases, &q, 0, &rcode, &record))
		return dns_message_reply(message, &q, DNS_SERVFAIL, NULL, out);
	return dns_message_reply(message, &q, (uint16_t)rcode, &record, out);
}

/* --- By TCP ----------------------------------------------------------- */

static void on_watch(void *ctx, int fd, bool readable, bool writable)
{
	struct world *w = ctx;

	w->readable = readable;
}

static bool on_question(void *ctx, struct dns_conn *conn,
			const uint8_t *message, size_t len, uint64_t now)
{
	struct world *w = ctx;
	struct late late = {.conn = conn};

	late.len = compose(w, message, len, late.answer);
	if (late.len == 0)
		return false;
	check_answer(late.answer, late.len);
	assert(w->n_waiting < DNS_CONN_QUESTIONS);
	if (w->is_late)
		w->waiting[w->n_waiting++] = late;
	else
		dns_tcp_answer(conn, late.answer, late.len);
	return true;
}

static void on_closed(void *ctx, struct dns_conn *conn)
{
	struct world *w = ctx;

	w->closed = true;
	w->n_waiting = 0;
}

/* One turn of the loop. */
static void turn(struct world *w, int theirs, int ours, struct bytes *got,
		 size_t max)
{
	ssize_t n;

	if (w->readable && !w->closed)
		dns_tcp_ready(w->tcp, ours, true, false, 0);
	for (unsigned i = 0; i < w->n_waiting; i++)
		dns_tcp_answer(w->waiting[i].conn, w->waiting[i].answer,
			       w->waiting[i].len);
	w->n_waiting = 0;
	(void)dns_tcp_tick(w->tcp, 0);
	n = recv(theirs, got->data + got->len, max - got->len, MSG_DONTWAIT);
	if (n > 0)
		got->len += (size_t)n;
}

/* Sends the stream in pieces, and reads all that comes. */
static void serve(struct world *w, const uint8_t *data, size_t size,
		  size_t piece, struct bytes *got, size_t max)
{
	int ends[2];

	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			  0, ends) == 0);
	w->closed = false;
	dns_tcp_adopt(w->tcp, ends[1], 0);
	for (size_t at = 0; at < size; at += piece) {
		size_t len = size - at < piece ? size - at : piece;

		(void)!send(ends[0], data + at, len, MSG_NOSIGNAL);
		turn(w, ends[0], ends[1], got, max);
	}
	shutdown(ends[0], SHUT_WR);
	for (size_t i = 0; !w->closed; i++) {
		assert(i < size + 8);
		turn(w, ends[0], ends[1], got, max);
	}
	turn(w, ends[0], ends[1], got, max);
	close(ends[0]);
}

/* The answers to what is in the stream, until it ends or is none. */
static void expect(const struct world *w, const uint8_t *data, size_t size,
		   struct bytes *want)
{
	while (size >= 2) {
		size_t len = dns_get16(data);
		size_t answer;

		if (len < DNS_HEADER || len > DNS_QUESTION_MAX ||
		    len > size - 2)
			return;
		answer = compose(w, data + 2, len, want->data + want->len + 2);
		if (answer == 0)
			return;
		dns_put16(want->data + want->len, (uint16_t)answer);
		want->len += 2 + answer;
		data += 2 + len;
		size -= 2 + len;
	}
}

/* --- By UDP ----------------------------------------------------------- */

static void on_udp_watch(void *ctx, int fd, bool readable, bool writable)
{
}

static void on_udp_answer(void *ctx, const struct dns_asker *to,
			  const uint8_t *message, size_t len)
{
	struct world *w = ctx;

	check_answer(message, len);
	w->answers++;
}

static void ask_udp(struct world *w, const uint8_t *message, size_t len)
{
	const struct dns_asker asker = {.port = 1};
	bool answered = len >= DNS_HEADER && !(message[2] & 0x80);

	w->answers = 0;
	dns_query(w->dns, &asker, message, len, 0);
	assert(w->answers == answered);
}

static void ask_each_udp(struct world *w, const uint8_t *data, size_t size)
{
	ask_udp(w, data, size);
	while (size >= 2) {
		size_t len = dns_get16(data);

		if (len > size - 2)
			len = size - 2;
		ask_udp(w, data + 2, len);
		data += 2 + len;
		size -= 2 + len;
	}
}

/* --- The whole -------------------------------------------------------- */

static struct world *the_world(void)
{
	static const struct dns_calls calls = {on_udp_watch, on_udp_answer};
	static const struct dns_tcp_calls tcp_calls = {on_watch, on_question,
						       on_closed};
	static const struct lease alice = {.mac = {{2, 0, 0, 0, 0, 1}},
					   .addr = {10, 0, 2, 33},
					   .name = "alice",
					   .expires = UINT64_MAX,
					   .bound = true};
	static struct world w = {
		.conf = {.net = {AF_INET, 24, {10, 0, 2, 0}},
			 .gateway = {AF_INET, 32, {10, 0, 2, 2}},
			 .dns = {AF_INET, 32, {10, 0, 2, 3}},
			 .pool_first = {AF_INET, 32, {10, 0, 2, 15}},
			 .pool_last = {AF_INET, 32, {10, 0, 2, 254}},
			 .gateway6 = {AF_INET6, 128, {0xfd, [15] = 2}},
			 .domain = "lab",
			 .dns_mode = NAT_DNS_SERVERS,
			 .servers = {{AF_INET, 32, {255, 255, 255, 255}}}},
	};

	if (w.dns)
		return &w;
	w.leases = leases_new(&w.conf);
	assert(w.leases && leases_put(w.leases, &alice));
	w.dns = dns_new(&w.conf, w.leases, "/dev/null", &calls, &w, NULL);
	w.tcp = dns_tcp_new(&tcp_calls, &w);
	assert(w.dns && w.tcp);
	return &w;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w = the_world();
	size_t max = DNS_REPLY_MAX + size * DNS_REPLY_MAX / DNS_HEADER;
	struct bytes got = {malloc(max), 0}, want = {malloc(max), 0};

	assert(got.data && want.data);
	if (size > 1) {
		w->is_late = data[0] & 0x80;
		expect(w, data + 1, size - 1, &want);
		serve(w, data + 1, size - 1, (size_t)(data[0] & 0x7f) + 1, &got,
		      max);
		assert(got.len == want.len);
		assert(memcmp(got.data, want.data, got.len) == 0);
		ask_each_udp(w, data + 1, size - 1);
	}
	free(got.data);
	free(want.data);
	return 0;
}
