/* SPDX-License-Identifier: MIT */
#include "plugs/stream_end.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 64
#define BLANKS  " \t"

/* --- The option --------------------------------------------------------- */

/* Goes past word and the blanks after it, if text begins with it. */
static bool skip_word(const char **text, const char *word, bool blank)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len) != 0 ||
	    (blank && !strchr(BLANKS, (*text)[len])))
		return false;
	*text += len;
	*text += strspn(*text, BLANKS);
	return true;
}

static bool parse_tcp(const char *text, struct stream_end *end, struct err *err)
{
	char buf[2 * INET_END_SIZE];

	if (!end->dial && inet_end_parse_port(text, &end->inet.port)) {
		inet_end_set_loopback(&end->inet, AF_INET);
		return true;
	}
	if (snprintf(buf, sizeof(buf), "%s", text) >= (int)sizeof(buf))
		return err_set(err, "is 'tcp %.20s...', too long", text);
	return inet_end_parse(buf, &end->inet, err);
}

static bool end_parse(const struct opt *row, const struct opt_ctx *ctx,
		      const char *text, void *out, struct err *err)
{
	struct stream_end end = {.dial = false};
	const char *rest = text;

	end.dial = skip_word(&rest, "->", false);
	end.tcp = skip_word(&rest, "tcp", true);
	if (end.tcp) {
		if (!parse_tcp(rest, &end, err))
			return false;
	} else if (*rest != '/') {
		return err_set(err,
			       "is '%.40s', expected /PATH or tcp HOST:PORT to "
			       "listen, or one of them after '->' to connect",
			       text);
	} else if (!unix_path_parse(&end.path, rest, err)) {
		return false;
	}
	*(struct stream_end *)out = end;
	return true;
}

static void end_format(const struct opt *row, const void *value, char *buf,
		       size_t size)
{
	const struct stream_end *end = value;
	char name[STREAM_END_SIZE];

	(void)snprintf(buf, size, "%s%s%s", end->dial ? "-> " : "",
		       end->tcp ? "tcp " : "", stream_end_name(end, name));
}

const struct opt_type stream_end_type = {"end of a stream", end_parse,
					 end_format, false};

const char *stream_end_name(const struct stream_end *end,
			    char buf[STREAM_END_SIZE])
{
	if (end->tcp)
		return inet_end_format(&end->inet, buf);
	(void)snprintf(buf, STREAM_END_SIZE, "%s", end->path.text);
	return buf;
}

/* --- TCP ---------------------------------------------------------------- */

static void set_int(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

static void make_prompt(int fd)
{
	set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, 20); /* seconds */
	set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
	set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

static int tcp_socket(const struct inet_end *end, struct err *err)
{
	int fd = socket(end->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			0);

	if (fd < 0)
		(void)err_sys(err, "cannot make a TCP socket");
	return fd;
}

static bool bind_error(const struct stream_end *end, struct err *err)
{
	char name[STREAM_END_SIZE];

	(void)stream_end_name(end, name);
	switch (errno) {
	case EADDRINUSE:
		return err_sys(err,
			       "TCP port %s is used by another program (`ss "
			       "-tlnp` shows which)",
			       name);
	case EADDRNOTAVAIL:
		return err_sys(err,
			       "no interface has the address of %s (`ip addr` "
			       "shows those there are)",
			       name);
	default:
		return err_sys(err, "cannot listen on TCP port %s", name);
	}
}

static int tcp_listen(const struct stream_end *end, struct err *err)
{
	union inet_address addr;
	socklen_t len = inet_end_address(&end->inet, &addr);
	int fd = tcp_socket(&end->inet, err);

	if (fd < 0)
		return -1;
	/* Else old connections would keep a new daemon out for a minute. */
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, &addr.any, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	(void)bind_error(end, err);
	(void)close(fd);
	return -1;
}

static bool dial_error(const struct stream_end *end, struct err *err)
{
	char name[STREAM_END_SIZE];

	return err_sys(err, "cannot connect to %s", stream_end_name(end, name));
}

static int tcp_dial(const struct stream_end *end, bool *pending,
		    struct err *err)
{
	union inet_address addr;
	socklen_t len = inet_end_address(&end->inet, &addr);
	int fd = tcp_socket(&end->inet, err);

	if (fd < 0)
		return -1;
	make_prompt(fd);
	set_int(fd, IPPROTO_TCP, TCP_SYNCNT, 3); /* 15 s, then a new try */
	*pending = true;
	if (connect(fd, &addr.any, len) == 0 || errno == EINPROGRESS)
		return fd;
	(void)dial_error(end, err);
	(void)close(fd);
	return -1;
}

/*
 * A TCP socket that dials a port of its own host, where nobody listens, may
 * get that very port for its own end, and then is connected to itself.
 */
static bool is_own_peer(int fd)
{
	union inet_address own = {.any = {.sa_family = AF_UNSPEC}};
	union inet_address peer = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t own_len = sizeof(own);
	socklen_t peer_len = sizeof(peer);

	return getsockname(fd, &own.any, &own_len) == 0 &&
	       getpeername(fd, &peer.any, &peer_len) == 0 &&
	       own_len == peer_len && memcmp(&own, &peer, own_len) == 0;
}

/* --- Peers -------------------------------------------------------------- */

static void unix_peer(int fd, struct stream_peer *peer)
{
	struct ucred cred = {.uid = (uid_t)-1};
	socklen_t len = sizeof(cred);

	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	peer->uid = cred.uid;
	peer->pid = cred.pid;
	(void)snprintf(peer->text, sizeof(peer->text), "pid %d", (int)cred.pid);
}

/* Who has hung up already has no address. */
static void tcp_peer(int fd, struct stream_peer *peer)
{
	union inet_address addr;
	socklen_t len = sizeof(addr);
	struct inet_end inet;

	if (getpeername(fd, &addr.any, &len) < 0)
		return;
	inet_end_set(&inet, &addr);
	(void)inet_end_format(&inet, peer->text);
}

/* --- Public ------------------------------------------------------------- */

int stream_end_listen(const struct stream_end *end,
		      const struct unix_access *access, const struct priv *priv,
		      struct err *err)
{
	if (end->tcp)
		return tcp_listen(end, err);
	return unix_path_bind(&end->path, SOCK_STREAM, access, priv, err);
}

void stream_end_unlisten(const struct stream_end *end, const struct priv *priv)
{
	if (!end->tcp)
		unix_path_unbind(&end->path, priv);
}

int stream_end_dial(const struct stream_end *end, const struct priv *priv,
		    bool *pending, struct err *err)
{
	int fd;

	if (end->tcp)
		return tcp_dial(end, pending, err);
	*pending = false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		(void)err_sys(err, "cannot make a socket");
		return -1;
	}
	if (unix_path_connect(&end->path, fd, priv, err))
		return fd;
	(void)close(fd);
	return -1;
}

bool stream_end_dialled(const struct stream_end *end, int fd, struct err *err)
{
	int status = 0;
	socklen_t size = sizeof(status);

	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &status, &size);
	if (status == 0 && is_own_peer(fd))
		status = ECONNREFUSED;
	errno = status;
	return status == 0 || dial_error(end, err);
}

int stream_end_accept(const struct stream_end *end, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0 && end->tcp)
		make_prompt(fd);
	return fd;
}

void stream_end_peer(const struct stream_end *end, int fd,
		     struct stream_peer *peer)
{
	*peer = (struct stream_peer){.pid = 0};
	if (end->tcp)
		tcp_peer(fd, peer);
	else
		unix_peer(fd, peer);
}
