/* SPDX-License-Identifier: MIT */
/*
 * A question, however it came, is refused, answered from the names of the
 * network (dns_names.h), or forwarded (dns_upstream.h); its answer goes back
 * the way it came. There is no cache: the servers of the host have one.
 */
#include "plugs/nat/child/dns.h"

#include <stdlib.h>

#include "plugs/nat/child/dns_message.h"
#include "plugs/nat/child/dns_names.h"
#include "plugs/nat/child/dns_tcp.h"
#include "plugs/nat/child/dns_upstream.h"

struct dns {
	const struct nat_conf *conf;
	const struct leases *leases;
	const struct dns_calls *calls;
	void *ctx;
	struct dns_upstream *up;
	struct dns_tcp *tcp;
};

static void deliver(const struct dns *dns, const struct dns_from *from,
		    const uint8_t *message, size_t len)
{
	if (!from->tcp)
		dns->calls->answer(dns->ctx, &from->asker, message, len);
	else if (from->conn)
		dns_tcp_answer(from->conn, message, len);
}

static void reply(const struct dns *dns, const struct dns_from *from,
		  const uint8_t *message, const struct dns_question *q,
		  uint16_t flags)
{
	uint8_t out[DNS_REPLY_MAX];

	deliver(dns, from, out,
		dns_message_reply(message, q, flags, NULL, out));
}

/* Returns false if the question is not about the names of the network. */
static bool reply_own(const struct dns *dns, const struct dns_from *from,
		      const uint8_t *message, const struct dns_question *q,
		      uint64_t now)
{
	uint8_t out[DNS_REPLY_MAX];
	struct dns_record record;
	enum dns_rcode rcode;

	if (!dns_names_find(dns->conf, dns->leases, q, now, &rcode, &record))
		return false;
	deliver(dns, from, out,
		dns_message_reply(message, q, (uint16_t)(DNS_FLAG_AA | rcode),
				  &record, out));
	return true;
}

/* Returns false if there is no answer to it. */
static bool take_question(const struct dns *dns, const struct dns_from *from,
			  const uint8_t *message, size_t len, uint64_t now)
{
	struct dns_question q;
	enum dns_rcode rcode;

	if (!dns_message_parse(message, len, &q, &rcode))
		return false;
	if (rcode != DNS_NOERROR)
		reply(dns, from, message, &q, (uint16_t)rcode);
	else if (!reply_own(dns, from, message, &q, now) &&
		 !dns_upstream_ask(dns->up, from, &q, message, len, now))
		reply(dns, from, message, &q, DNS_SERVFAIL);
	return true;
}

/* --- What the parts call ---------------------------------------------- */

static void on_watch(void *ctx, int fd, bool readable, bool writable)
{
	const struct dns *dns = ctx;

	dns->calls->watch(dns->ctx, fd, readable, writable);
}

static uint16_t udp_max(const struct dns_question *q)
{
	return q->udp_max < DNS_UDP_MAX ? q->udp_max : DNS_UDP_MAX;
}

static void on_done(void *ctx, const struct dns_waiting *w,
		    const uint8_t *message, size_t len)
{
	const struct dns *dns = ctx;

	if (len == 0)
		reply(dns, &w->from, w->message, &w->q, DNS_SERVFAIL);
	else if (!w->from.tcp && len > udp_max(&w->q))
		reply(dns, &w->from, w->message, &w->q, DNS_FLAG_TC);
	else
		deliver(dns, &w->from, message, len);
}

static bool on_tcp_question(void *ctx, struct dns_conn *conn,
			    const uint8_t *message, size_t len, uint64_t now)
{
	const struct dns_from from = {.tcp = true, .conn = conn};

	return take_question(ctx, &from, message, len, now);
}

static void on_tcp_closed(void *ctx, struct dns_conn *conn)
{
	const struct dns *dns = ctx;

	dns_upstream_forget(dns->up, conn);
}

/* --- The whole -------------------------------------------------------- */

struct dns *dns_new(const struct nat_conf *conf, const struct leases *leases,
		    const char *resolv_conf, const struct dns_calls *calls,
		    void *ctx, struct err *err)
{
	static const struct dns_upstream_calls up_calls = {on_watch, on_done};
	static const struct dns_tcp_calls tcp_calls = {
		on_watch, on_tcp_question, on_tcp_closed};
	struct dns *dns = calloc(1, sizeof(*dns));

	if (!dns) {
		err_sys(err, "name server");
		return NULL;
	}
	dns->conf = conf;
	dns->leases = leases;
	dns->calls = calls;
	dns->ctx = ctx;
	dns->up = dns_upstream_new(conf, resolv_conf, &up_calls, dns, err);
	if (!dns->up) {
		free(dns);
		return NULL;
	}
	dns->tcp = dns_tcp_new(&tcp_calls, dns);
	if (!dns->tcp) {
		err_sys(err, "name server");
		dns_free(dns);
		return NULL;
	}
	return dns;
}

void dns_free(struct dns *dns)
{
	if (!dns)
		return;
	dns_upstream_free(dns->up);
	dns_tcp_free(dns->tcp);
	free(dns);
}

uint16_t dns_tcp_port(const struct dns *dns, int family)
{
	return dns_tcp_listens(dns->tcp, family);
}

void dns_query(struct dns *dns, const struct dns_asker *asker,
	       const uint8_t *message, size_t len, uint64_t now)
{
	const struct dns_from from = {.asker = *asker};

	(void)take_question(dns, &from, message, len, now);
}

void dns_ready(struct dns *dns, int fd, bool readable, bool writable,
	       uint64_t now)
{
	if (!dns_tcp_ready(dns->tcp, fd, readable, writable, now))
		dns_upstream_ready(dns->up, fd, readable, writable);
}

int dns_tick(struct dns *dns, uint64_t now)
{
	int upstream = dns_upstream_tick(dns->up);
	int tcp = dns_tcp_tick(dns->tcp, now);

	if (upstream < 0 || (tcp >= 0 && tcp < upstream))
		return tcp;
	return upstream;
}
