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
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugs/deaf.h"
#include "plugs/fdplug.h"
#include "plugs/inet_end.h"

#define BUFFER_BYTES (4 << 20) /* of the socket, each way */

struct udp_path {
	struct inet_end local, peer;
};

struct udp_conf {
	struct udp_path path;
};

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
	if (!inet_end_parse(peer, &path->peer, err))
		return false;
	if (strchr(local, ':')) {
		if (!inet_end_parse(local, &path->local, err))
			return false;
	} else {
		if (!inet_end_parse_port(local, &path->local.port))
			return err_set(err, "has port '%s', outside 1-65535",
				       local);
		inet_end_set_loopback(&path->local, path->peer.family);
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
	struct inet_end end = {.port = path->local.port};

	inet_end_set_loopback(&end, path->peer.family);
	return memcmp(&end, &path->local, sizeof(end)) == 0;
}

static void path_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	const struct udp_path *path = value;
	char local[INET_END_SIZE];
	char peer[INET_END_SIZE];

	if (is_default_local(path))
		(void)snprintf(local, sizeof(local), "%u",
			       (unsigned)path->local.port);
	else
		(void)inet_end_format(&path->local, local);
	(void)snprintf(buf, size, "%s -> %s", local,
		       inet_end_format(&path->peer, peer));
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
	char local[INET_END_SIZE];

	(void)snprintf(buf, size, "UDP %s",
		       inet_end_format(&c->path.local, local));
}

/* --- The class --------------------------------------------------------- */

/* As far as allowed: past the system's limit only with CAP_NET_ADMIN. */
static void raise_buffer(int fd, int force_option, int option)
{
	int bytes = BUFFER_BYTES;

	if (setsockopt(fd, SOL_SOCKET, force_option, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof(bytes));
}

static bool bind_local(int fd, const struct inet_end *end, struct err *err)
{
	union inet_address addr;
	socklen_t len = inet_end_address(end, &addr);
	char text[INET_END_SIZE];

	if (bind(fd, &addr.any, len) == 0)
		return true;
	(void)inet_end_format(end, text);
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

static bool join(int fd, const struct udp_path *path, struct err *err)
{
	union inet_address addr;
	socklen_t len = inet_end_address(&path->peer, &addr);
	char text[INET_END_SIZE];

	raise_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF);
	raise_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF);
	if (!deaf_set(fd, true, err) || !bind_local(fd, &path->local, err))
		return false;
	if (connect(fd, &addr.any, len) < 0)
		return err_sys(err, "cannot reach UDP peer %s",
			       inet_end_format(&path->peer, text));
	return deaf_set(fd, false, err);
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

/*
 * VPCS and QEMU know IPv4 only: over IPv6 the peer is another labswitch. By
 * itself VPCS would take nine ports, and the same MAC in each process.
 */
static void udp_attach(const struct plug *plug, char *buf, size_t size)
{
	const struct udp_conf *c = plug->conf;
	const struct inet_end *local = &c->path.local;
	const struct inet_end *peer = &c->path.peer;
	char ours[INET_END_SIZE];
	char theirs[INET_END_SIZE];
	char nic[PLUG_QEMU_NIC_SIZE];
	char id[PLUG_QEMU_ID_SIZE];

	if (local->family == AF_INET6) {
		(void)snprintf(buf, size, "udp: \"%s -> %s\"\n",
			       inet_end_format(peer, theirs),
			       inet_end_format(local, ours));
		return;
	}
	(void)inet_end_host(local, ours);
	(void)inet_end_host(peer, theirs);
	(void)snprintf(buf, size,
		       "vpcs -i 1 -m %u -s %u -c %u -t %s\n"
		       "-netdev dgram,id=%s,local.type=inet,local.host=%s,"
		       "local.port=%u,remote.type=inet,remote.host=%s,"
		       "remote.port=%u %s\n"
		       "-netdev socket,id=%s,udp=%s:%u,localaddr=%s:%u %s\n",
		       plug->number & 0xff, peer->port, local->port, ours,
		       plug_qemu_id(plug, id), theirs, peer->port, ours,
		       local->port, plug_qemu_nic(plug, nic), id, ours,
		       local->port, theirs, peer->port, nic);
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
