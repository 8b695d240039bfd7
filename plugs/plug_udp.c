/* SPDX-License-Identifier: MIT */
/*
 * plug_udp: one raw frame in each UDP datagram, as GNS3, dynamips, VPCS,
 * VirtualBox (UDPTunnel), libvirt (type udp) and QEMU (dgram; socket,udp=)
 * send it. There is no handshake: the port is up as soon as the socket is.
 *
 * The socket is connected, so the kernel drops what comes from anybody but
 * the peer, and says when nobody listens there (counted as tx_refused; the
 * peer may well start later). It is bound to the loopback address unless
 * another one is written: nothing in the datagrams is secret or signed.
 *
 * Names are not looked up: that would block the switch.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugs/fdplug.h"

#define BUFFER_BYTES (4 << 20)              /* of the socket, each way */
#define END_SIZE     (INET6_ADDRSTRLEN + 8) /* "[ADDR]:65535" */

/* One end of the tunnel; addr is in_addr or in6_addr, in wire order. */
struct udp_end {
	uint16_t family;
	uint16_t port;
	uint8_t addr[16];
};

struct udp_path {
	struct udp_end local, peer;
};

struct udp_conf {
	struct udp_path path;
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* --- Ends -------------------------------------------------------------- */

static bool parse_port(const char *text, uint16_t *port)
{
	unsigned long n;

	if (text[strspn(text, "0123456789")] || text[0] == '0' ||
	    strlen(text) > 5)
		return false;
	n = strtoul(text, NULL, 10);
	if (n < 1 || n > 65535)
		return false;
	*port = (uint16_t)n;
	return true;
}

static void set_loopback(struct udp_end *end, uint16_t family)
{
	static const uint8_t loopback4[4] = {127, 0, 0, 1};

	end->family = family;
	if (family == AF_INET6)
		end->addr[15] = 1;
	else
		memcpy(end->addr, loopback4, sizeof(loopback4));
}

static bool parse_address(const char *host, struct udp_end *end)
{
	size_t len = strlen(host);
	char inner[INET6_ADDRSTRLEN];

	if (strcmp(host, "localhost") == 0) {
		set_loopback(end, AF_INET);
		return true;
	}
	if (host[0] != '[') {
		end->family = AF_INET;
		return inet_pton(AF_INET, host, end->addr) == 1;
	}
	if (len < 3 || len - 2 >= sizeof(inner) || host[len - 1] != ']')
		return false;
	memcpy(inner, host + 1, len - 2);
	inner[len - 2] = '\0';
	end->family = AF_INET6;
	return inet_pton(AF_INET6, inner, end->addr) == 1;
}

/* Reads "HOST:PORT"; cuts text in two. */
static bool parse_end(char *text, struct udp_end *end, struct err *err)
{
	char *colon = strrchr(text, ':');

	if (!colon)
		return err_set(err, "has no port in '%s', expected HOST:PORT",
			       text);
	*colon = '\0';
	if (!parse_port(colon + 1, &end->port))
		return err_set(err, "has port '%s', outside 1-65535",
			       colon + 1);
	if (!parse_address(text, end))
		return err_set(err,
			       "has host '%s', expected an IPv4 address, an "
			       "IPv6 address in brackets or localhost (names "
			       "are not looked up)",
			       text);
	return true;
}

/* "127.0.0.1:10001", "[::1]:10001" */
static const char *write_end(const struct udp_end *end, char buf[END_SIZE])
{
	char addr[INET6_ADDRSTRLEN];

	(void)inet_ntop(end->family, end->addr, addr, sizeof(addr));
	(void)snprintf(buf, END_SIZE,
		       end->family == AF_INET6 ? "[%s]:%u" : "%s:%u", addr,
		       (unsigned)end->port);
	return buf;
}

static socklen_t end_address(const struct udp_end *end, union address *out)
{
	memset(out, 0, sizeof(*out));
	if (end->family == AF_INET6) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons(end->port);
		memcpy(&out->v6.sin6_addr, end->addr, 16);
		return sizeof(out->v6);
	}
	out->v4.sin_family = AF_INET;
	out->v4.sin_port = htons(end->port);
	memcpy(&out->v4.sin_addr, end->addr, 4);
	return sizeof(out->v4);
}

/* --- Options ----------------------------------------------------------- */

/* Copies text without blanks, which mean nothing here. */
static bool squeeze(const char *text, char *buf, size_t size)
{
	size_t len = 0;

	for (; *text; text++) {
		if (*text == ' ' || *text == '\t')
			continue;
		if (len + 1 >= size)
			return false;
		buf[len++] = *text;
	}
	buf[len] = '\0';
	return true;
}

static bool parse_ends(char *local, char *peer, struct udp_path *path,
		       struct err *err)
{
	if (!parse_end(peer, &path->peer, err))
		return false;
	if (strchr(local, ':')) {
		if (!parse_end(local, &path->local, err))
			return false;
	} else {
		if (!parse_port(local, &path->local.port))
			return err_set(err, "has port '%s', outside 1-65535",
				       local);
		set_loopback(&path->local, path->peer.family);
	}
	if (path->local.family != path->peer.family)
		return err_set(err, "joins an IPv4 and an IPv6 address");
	return true;
}

static bool path_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	struct udp_path path = {0};
	char buf[160];
	char *arrow;

	if (!squeeze(text, buf, sizeof(buf)))
		return err_set(err, "is '%.20s...', too long", text);
	arrow = strstr(buf, "->");
	if (!arrow)
		return err_set(err,
			       "is '%.40s', expected LPORT -> HOST:PORT, as in "
			       "10001 -> 127.0.0.1:10002",
			       text);
	*arrow = '\0';
	if (!parse_ends(buf, arrow + 2, &path, err))
		return false;
	*(struct udp_path *)out = path;
	return true;
}

static bool is_default_local(const struct udp_path *path)
{
	struct udp_end end = {.port = path->local.port};

	set_loopback(&end, path->peer.family);
	return memcmp(&end, &path->local, sizeof(end)) == 0;
}

static void path_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	const struct udp_path *path = value;
	char local[END_SIZE];
	char peer[END_SIZE];

	if (is_default_local(path))
		(void)snprintf(local, sizeof(local), "%u",
			       (unsigned)path->local.port);
	else
		(void)write_end(&path->local, local);
	(void)snprintf(buf, size, "%s -> %s", local,
		       write_end(&path->peer, peer));
}

static const struct opt_type path_type = {"UDP tunnel", path_parse, path_format,
					  false};

static const struct opt arg = {
	.key = "udp",
	.type = &path_type,
	OPT_AT(struct udp_conf, path),
	.flags = OPT_REQUIRED,
	.help = "[ADDR:]LPORT -> HOST:PORT, our end and the peer's",
};

static const struct opt rows[] = {OPT_END};

static void udp_claim(const void *conf, char *buf, size_t size)
{
	const struct udp_conf *c = conf;
	char local[END_SIZE];

	(void)snprintf(buf, size, "UDP %s", write_end(&c->path.local, local));
}

/* --- The class --------------------------------------------------------- */

/* As far as allowed: past the system's limit only with CAP_NET_ADMIN. */
static void raise_buffer(int fd, int force_option, int option)
{
	int bytes = BUFFER_BYTES;

	if (setsockopt(fd, SOL_SOCKET, force_option, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof(bytes));
}

static bool bind_local(int fd, const struct udp_end *end, struct err *err)
{
	union address addr;
	socklen_t len = end_address(end, &addr);
	char text[END_SIZE];

	if (bind(fd, &addr.any, len) == 0)
		return true;
	(void)write_end(end, text);
	switch (errno) {
	case EADDRINUSE:
		return err_sys(err,
			       "UDP port %s is used by another program (`ss "
			       "-ulnp` shows which)",
			       text);
	case EADDRNOTAVAIL:
		return err_sys(err,
			       "no interface has the address of %s (`ip addr` "
			       "shows those there are)",
			       text);
	default:
		return err_sys(err, "cannot use UDP port %s", text);
	}
}

/*
 * Whether the socket takes anything. Between bind() and connect() it would
 * hear everybody, and keep what it has heard.
 */
static bool set_deaf(int fd, bool deaf, struct err *err)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = {.len = 1, .filter = &nothing};

	if (setsockopt(fd, SOL_SOCKET,
		       deaf ? SO_ATTACH_FILTER : SO_DETACH_FILTER, &filter,
		       sizeof(filter)) < 0)
		return err_sys(err, "cannot set the filter of a UDP socket");
	return true;
}

static bool join(int fd, const struct udp_path *path, struct err *err)
{
	union address addr;
	socklen_t len = end_address(&path->peer, &addr);
	char text[END_SIZE];

	raise_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF);
	raise_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF);
	if (!set_deaf(fd, true, err) || !bind_local(fd, &path->local, err))
		return false;
	if (connect(fd, &addr.any, len) < 0)
		return err_sys(err, "cannot reach UDP peer %s",
			       write_end(&path->peer, text));
	return set_deaf(fd, false, err);
}

static int open_socket(const struct udp_path *path, struct err *err)
{
	int fd = socket(path->local.family,
			SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		(void)err_sys(err, "cannot open a UDP socket");
		return -1;
	}
	if (join(fd, path, err))
		return fd;
	(void)close(fd);
	return -1;
}

static bool udp_open(struct plug *plug, struct fdset *inherited,
		     struct err *err)
{
	const struct udp_conf *c = plug->conf;
	int fd = fdplug_inherit(inherited);

	if (fd < 0)
		fd = open_socket(&c->path, err);
	return fd >= 0 &&
	       fdplug_start(plug, fd, IO_DGRAM, "the socket broke", err);
}

/* The address that the peer sends to; a wildcard is for the user to fill in. */
static void write_our_host(const struct udp_end *end, char *buf, size_t size)
{
	static const uint8_t wildcard[4];

	if (memcmp(end->addr, wildcard, sizeof(wildcard)) == 0)
		(void)snprintf(buf, size, "ADDRESS_OF_THIS_HOST");
	else
		(void)inet_ntop(AF_INET, end->addr, buf, (socklen_t)size);
}

/*
 * VPCS and QEMU know IPv4 only: over IPv6 the peer is another labswitch. By
 * itself VPCS would take nine ports, and the same MAC in each process.
 */
static void udp_attach(const struct plug *plug, char *buf, size_t size)
{
	const struct udp_conf *c = plug->conf;
	const struct udp_end *local = &c->path.local;
	const struct udp_end *peer = &c->path.peer;
	char ours[END_SIZE];
	char theirs[END_SIZE];
	char nic[PLUG_QEMU_NIC_SIZE];

	if (local->family == AF_INET6) {
		(void)snprintf(buf, size, "udp: \"%s -> %s\"\n",
			       write_end(peer, theirs), write_end(local, ours));
		return;
	}
	write_our_host(local, ours, sizeof(ours));
	(void)inet_ntop(AF_INET, peer->addr, theirs, sizeof(theirs));
	(void)snprintf(buf, size,
		       "vpcs -i 1 -m %u -s %u -c %u -t %s\n"
		       "-netdev dgram,id=n0,local.type=inet,local.host=%s,"
		       "local.port=%u,remote.type=inet,remote.host=%s,"
		       "remote.port=%u %s\n"
		       "-netdev socket,id=n0,udp=%s:%u,localaddr=%s:%u %s\n",
		       plug->number & 0xff, peer->port, local->port, ours,
		       theirs, peer->port, ours, local->port,
		       plug_qemu_nic(plug, nic), ours, local->port, theirs,
		       peer->port, nic);
}

const struct plug_class plug_udp_class = {
	.kind =
		{
			.name = "udp",
			.help = "tunnel of frames in UDP datagrams: GNS3, "
				"VPCS, dynamips, QEMU, VirtualBox",
			.arg = &arg,
			.rows = rows,
			.conf_size = sizeof(struct udp_conf),
			.mtu = FRAME_MTU_MAX,
			.claim = udp_claim,
		},
	.size = sizeof(struct fdplug),
	.open = udp_open,
	.send = fdplug_send,
	.close = fdplug_close,
	.attach = udp_attach,
	.held = fdplug_held,
	.give = fdplug_give,
};
