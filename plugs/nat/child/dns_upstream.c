/* SPDX-License-Identifier: MIT */
/*
 * Questions are forwarded as they are, under an id of ours, by c-ares: each
 * server in its order gets TIMEOUT_MS, then each once more the double; one
 * that refuses, fails or cannot be reached is passed over for the next. An
 * answer that UDP cuts off is asked for again by TCP. So questions that came
 * by TCP need no other way.
 *
 * c-ares takes answers of more than 512 bytes by UDP only where EDNS is on. It
 * is, though c-ares then believes that any question ends with an OPT record
 * without options: when a server calls a question malformed, it cuts the last
 * 11 bytes off, asks once more, and turns EDNS off. Then long answers come by
 * TCP until the servers change, which is slower and nothing else.
 *
 * resolv.conf is looked at when a question comes, at most once a second. When
 * it is another, c-ares begins anew with it, and what waits is asked again. As
 * long as it is missing, the old servers stay.
 *
 * Of TCP, where a guest is not known, connections have a limit (dns_tcp.c);
 * of UDP, guests have one by their MAC.
 */
#include "plugs/nat/child/dns_upstream.h"

#include <ares.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define TIMEOUT_MS    2000
#define TRIES         2
#define CHECK_NS      1000000000u
#define PER_GUEST_MAX 128

struct dns_upstream {
	const struct nat_conf *conf;
	const char *path;
	const struct dns_upstream_calls *calls;
	void *ctx;
	ares_channel channel;
	bool ends;
	struct dns_waiting *first;
	unsigned count;
	struct stat seen; /* resolv.conf, as it was when it was read */
	uint64_t check_at;
};

/* --- Servers ---------------------------------------------------------- */

static void on_socket(void *ctx, ares_socket_t fd, int readable, int writable)
{
	const struct dns_upstream *up = ctx;

	up->calls->watch(up->ctx, fd, readable != 0, writable != 0);
}

/* The servers of the configuration as c-ares reads them. */
static int set_servers(const struct nat_conf *conf, ares_channel channel)
{
	char csv[NAT_SERVERS_MAX * NET_TEXT_SIZE] = "";
	char text[NET_TEXT_SIZE];
	size_t len = 0;

	for (unsigned i = 0; i < NAT_SERVERS_MAX; i++) {
		if (conf->servers[i].family)
			len += (size_t)snprintf(
				csv + len, sizeof(csv) - len, "%s%s",
				len ? "," : "",
				net_format_addr(&conf->servers[i], text));
	}
	return ares_set_servers_csv(channel, csv);
}

/* The domains and lookups, which nobody uses, are named so that c-ares does
 * not read other files for them. */
static bool open_channel(struct dns_upstream *up, ares_channel *channel,
			 struct err *err)
{
	char path[] = "/dev/null", lookups[] = "b";
	struct ares_options options = {
		.flags = ARES_FLAG_EDNS,
		.ednspsz = DNS_UDP_MAX,
		.timeout = TIMEOUT_MS,
		.tries = TRIES,
		.lookups = lookups,
		.resolvconf_path = path,
		.sock_state_cb = on_socket,
		.sock_state_cb_data = up,
	};
	bool own = up->conf->dns_mode == NAT_DNS_SERVERS;
	int status;

	if (!own)
		options.resolvconf_path = (char *)up->path;
	status = ares_init_options(
		channel, &options,
		ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS |
			ARES_OPT_TRIES | ARES_OPT_NOROTATE | ARES_OPT_DOMAINS |
			ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF |
			ARES_OPT_SOCK_STATE_CB);
	if (status != ARES_SUCCESS)
		return err_set(err, "name servers: %s", ares_strerror(status));
	status = own ? set_servers(up->conf, *channel) : ARES_SUCCESS;
	if (status != ARES_SUCCESS) {
		ares_destroy(*channel);
		return err_set(err, "name servers: %s", ares_strerror(status));
	}
	return true;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       same_time(&a->st_mtim, &b->st_mtim) &&
	       same_time(&a->st_ctim, &b->st_ctim);
}

static void check_file(struct dns_upstream *up, uint64_t now)
{
	ares_channel old = up->channel, channel;
	struct stat st;

	if (up->conf->dns_mode == NAT_DNS_SERVERS || now < up->check_at)
		return;
	up->check_at = now + CHECK_NS;
	if (stat(up->path, &st) < 0 || same_file(&st, &up->seen) ||
	    !open_channel(up, &channel, NULL))
		return;
	up->seen = st;
	up->channel = channel;
	ares_destroy(old);
}

/* --- Questions -------------------------------------------------------- */

static void on_answer(void *arg, int status, int timeouts, unsigned char *abuf,
		      int alen);

static void send_question(struct dns_waiting *w)
{
	ares_send(w->up->channel, w->message, (int)w->len, on_answer, w);
}

static void take_out(struct dns_waiting *w)
{
	if (w->prev)
		w->prev->next = w->next;
	else
		w->up->first = w->next;
	if (w->next)
		w->next->prev = w->prev;
	w->up->count--;
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *abuf,
		      int alen)
{
	struct dns_waiting *w = arg;
	const struct dns_upstream *up = w->up;
	size_t len = 0;

	/* Its channel ends, for the next one. */
	if (status == ARES_EDESTRUCTION && !up->ends) {
		send_question(w);
		return;
	}
	take_out(w);
	if (status == ARES_SUCCESS && alen >= DNS_HEADER) {
		len = (size_t)alen;
		dns_put16(abuf, w->q.id);
	}
	if (!up->ends)
		up->calls->done(up->ctx, w, abuf, len);
	free(w);
}

static bool same_guest(const struct dns_waiting *w, const struct dns_from *from)
{
	return !w->from.tcp && !from->tcp &&
	       memcmp(&w->from.asker.mac, &from->asker.mac,
		      sizeof(from->asker.mac)) == 0;
}

static bool same_addr(const struct net *a, const struct net *b)
{
	return a->family == b->family &&
	       memcmp(a->addr, b->addr, a->family == AF_INET ? 4 : 16) == 0;
}

static bool is_repeated(const struct dns_waiting *w,
			const struct dns_asker *asker, uint16_t id,
			const uint8_t *message, size_t len)
{
	return w->from.asker.port == asker->port && w->q.id == id &&
	       w->len == len &&
	       memcmp(w->message + 2, message + 2, len - 2) == 0 &&
	       same_addr(&w->from.asker.addr, &asker->addr);
}

/* An id that nobody can guess and no other question has. */
static bool choose_id(const struct dns_upstream *up, uint16_t *id)
{
	const struct dns_waiting *w;

	do {
		if (getrandom(id, sizeof(*id), 0) != sizeof(*id))
			return false;
		w = up->first;
		while (w && dns_get16(w->message) != *id)
			w = w->next;
	} while (w);
	return true;
}

static void put_in(struct dns_upstream *up, struct dns_waiting *w)
{
	w->up = up;
	w->prev = NULL;
	w->next = up->first;
	if (up->first)
		up->first->prev = w;
	up->first = w;
	up->count++;
}

bool dns_upstream_ask(struct dns_upstream *up, const struct dns_from *from,
		      const struct dns_question *q, const uint8_t *message,
		      size_t len, uint64_t now)
{
	struct dns_waiting *w;
	unsigned guests = 0;
	uint16_t id;

	check_file(up, now);
	for (w = up->first; w; w = w->next) {
		if (!same_guest(w, from))
			continue;
		if (is_repeated(w, &from->asker, q->id, message, len))
			return true;
		guests++;
	}
	if (up->count >= DNS_PENDING_MAX || guests >= PER_GUEST_MAX ||
	    !choose_id(up, &id))
		return false;
	w = malloc(sizeof(*w) + len);
	if (!w)
		return false;
	w->from = *from;
	w->q = *q;
	w->len = len;
	memcpy(w->message, message, len);
	dns_put16(w->message, id);
	put_in(up, w);
	send_question(w);
	return true;
}

void dns_upstream_forget(struct dns_upstream *up, const struct dns_conn *conn)
{
	for (struct dns_waiting *w = up->first; w; w = w->next) {
		if (w->from.tcp && w->from.conn == conn)
			w->from.conn = NULL;
	}
}

/* --- The whole -------------------------------------------------------- */

struct dns_upstream *dns_upstream_new(const struct nat_conf *conf,
				      const char *resolv_conf,
				      const struct dns_upstream_calls *calls,
				      void *ctx, struct err *err)
{
	struct dns_upstream *up = calloc(1, sizeof(*up));
	int status;

	if (!up) {
		err_sys(err, "name server");
		return NULL;
	}
	up->conf = conf;
	up->path = resolv_conf;
	up->calls = calls;
	up->ctx = ctx;
	status = ares_library_init(ARES_LIB_INIT_ALL);
	if (status != ARES_SUCCESS) {
		err_set(err, "name servers: %s", ares_strerror(status));
		free(up);
		return NULL;
	}
	(void)stat(resolv_conf, &up->seen);
	if (!open_channel(up, &up->channel, err)) {
		ares_library_cleanup();
		free(up);
		return NULL;
	}
	return up;
}

void dns_upstream_free(struct dns_upstream *up)
{
	if (!up)
		return;
	up->ends = true;
	ares_destroy(up->channel);
	ares_library_cleanup();
	free(up);
}

void dns_upstream_ready(struct dns_upstream *up, int fd, bool readable,
			bool writable)
{
	ares_process_fd(up->channel, readable ? fd : ARES_SOCKET_BAD,
			writable ? fd : ARES_SOCKET_BAD);
}

int dns_upstream_tick(struct dns_upstream *up)
{
	struct timeval tv;

	if (up->count == 0)
		return -1;
	ares_process_fd(up->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	if (!ares_timeout(up->channel, NULL, &tv))
		return -1;
	return (int)(tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1);
}
