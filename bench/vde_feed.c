/* SPDX-License-Identifier: MIT */
/*
 * vde_feed: a TAP and one VDE client, joined without a switch.
 *
 *	vde_feed TAP DIR
 *
 * Listens at DIR/ctl for the first client that joins, then hands everything on
 * both ways, 32 frames at a time, and looks at none of it. What a program gets
 * that is fed like this is what it can do; behind a switch it gets less.
 */
#include "bench/load.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FRAME_MAX   1514
#define BATCH       32
#define SEND_BUFFER (4 << 20) /* bytes; what switchd's clients have, too */
#define SOCK_AT     12        /* of the client's address in its request */

static int tap_open(const char *name)
{
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	(void)snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) < 0)
		load_die(name);
	return fd;
}

static int socket_at(int type, struct sockaddr_un *at, const char *dir,
		     const char *name)
{
	int fd = socket(AF_UNIX, type, 0);

	*at = (struct sockaddr_un){.sun_family = AF_UNIX};
	(void)snprintf(at->sun_path, sizeof(at->sun_path), "%s/%s", dir, name);
	if (fd < 0 || bind(fd, (struct sockaddr *)at, sizeof(*at)) < 0)
		load_die(at->sun_path);
	return fd;
}

/* The data socket of the first client; its request came in one piece. */
static int client_accept(const char *dir)
{
	struct sockaddr_un at;
	int buffer = SEND_BUFFER;
	int listener = socket_at(SOCK_STREAM, &at, dir, "ctl");
	int data = socket_at(SOCK_DGRAM, &at, dir, "data");
	uint8_t request[SOCK_AT + sizeof(at)];
	int stream;

	if (listen(listener, 1) < 0)
		load_die("listen");
	stream = accept(listener, NULL, NULL);
	if (recv(stream, request, sizeof(request), MSG_WAITALL) !=
	    (ssize_t)sizeof(request))
		load_die("request");
	if (send(stream, &at, sizeof(at), 0) != (ssize_t)sizeof(at))
		load_die("reply");
	memcpy(&at, request + SOCK_AT, sizeof(at));
	(void)setsockopt(data, SOL_SOCKET, SO_SNDBUFFORCE, &buffer,
			 sizeof(buffer));
	if (connect(data, (struct sockaddr *)&at, sizeof(at)) < 0)
		load_die(at.sun_path);
	return data;
}

struct batch {
	uint8_t frames[BATCH][FRAME_MAX];
	struct iovec iov[BATCH];
	struct mmsghdr msg[BATCH];
};

static void batch_init(struct batch *b)
{
	memset(b->msg, 0, sizeof(b->msg));
	for (unsigned i = 0; i < BATCH; i++) {
		b->iov[i] = (struct iovec){b->frames[i], FRAME_MAX};
		b->msg[i].msg_hdr.msg_iov = &b->iov[i];
		b->msg[i].msg_hdr.msg_iovlen = 1;
	}
}

/* Blocks where the client does not keep up. */
static void to_client(struct batch *b, int tap, int data)
{
	unsigned n = 0;
	ssize_t len;

	while (n < BATCH && (len = read(tap, b->frames[n], FRAME_MAX)) > 0)
		b->iov[n++].iov_len = (size_t)len;
	for (unsigned sent = 0; sent < n;) {
		int some = sendmmsg(data, b->msg + sent, n - sent, 0);

		if (some < 0)
			load_die("client");
		sent += (unsigned)some;
	}
	for (unsigned i = 0; i < n; i++)
		b->iov[i].iov_len = FRAME_MAX;
}

static void to_tap(struct batch *b, int tap, int data)
{
	int n = recvmmsg(data, b->msg, BATCH, MSG_DONTWAIT, NULL);

	for (int i = 0; i < n; i++)
		if (write(tap, b->frames[i], b->msg[i].msg_len) < 0)
			return; /* its guest has gone */
}

int main(int argc, char **argv)
{
	static struct batch batch;
	struct pollfd fds[2] = {{.events = POLLIN}, {.events = POLLIN}};

	if (argc != 3) {
		(void)fputs("usage: vde_feed TAP DIR\n", stderr);
		return 2;
	}
	fds[0].fd = tap_open(argv[1]);
	fds[1].fd = client_accept(argv[2]);
	batch_init(&batch);
	while (poll(fds, 2, -1) > 0) {
		if (fds[0].revents)
			to_client(&batch, fds[0].fd, fds[1].fd);
		if (fds[1].revents)
			to_tap(&batch, fds[0].fd, fds[1].fd);
	}
	return 0;
}
