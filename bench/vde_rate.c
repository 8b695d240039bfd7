/* SPDX-License-Identifier: MIT */
/*
 * vde_rate: how many frames a second one VDE client gets from another, with
 * any number of idle clients beside them.
 *
 *	vde_rate DIR IDLE SECONDS [FRAME_BYTES]
 *
 * Works on every switch that speaks VDE (ours, vde_switch). The sender blocks
 * when the switch does not keep up; what the switch drops is not counted.
 * Prints frames/s that arrived.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX 1514

struct request {
	uint32_t magic;
	uint32_t version;
	uint32_t type;
	struct sockaddr_un sock;
} __attribute__((packed));

struct sender {
	int fd;
	size_t frame_len;
	atomic_bool stop;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Joins the switch and returns the connected data socket. */
static int join_switch(const char *dir)
{
	static unsigned count;
	struct request req = {0xfeedface, 3, 0, {.sun_family = AF_UNIX}};
	struct sockaddr_un ctl = {.sun_family = AF_UNIX};
	struct sockaddr_un reply;
	int stream = socket(AF_UNIX, SOCK_STREAM, 0);
	int data = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)snprintf(ctl.sun_path, sizeof(ctl.sun_path), "%s/ctl", dir);
	(void)snprintf(req.sock.sun_path, sizeof(req.sock.sun_path),
		       "%s/.%05d-%05u", dir, (int)getpid(), count++);
	if (stream < 0 || data < 0)
		die("socket");
	if (bind(data, (struct sockaddr *)&req.sock, sizeof(req.sock)))
		die(req.sock.sun_path);
	if (connect(stream, (struct sockaddr *)&ctl, sizeof(ctl)))
		die(ctl.sun_path);
	if (send(stream, &req, sizeof(req), 0) != sizeof(req))
		die("request");
	if (recv(stream, &reply, sizeof(reply), 0) != sizeof(reply))
		die("refused");
	if (connect(data, (struct sockaddr *)&reply, sizeof(reply)))
		die(reply.sun_path);
	(void)unlink(req.sock.sun_path);
	return data;
}

static void fill(uint8_t *frame, uint8_t to, uint8_t from)
{
	memset(frame, 0, FRAME_MAX);
	frame[0] = frame[6] = 2;
	frame[5] = to;
	frame[11] = from;
	frame[12] = 0x88; /* IEEE local experimental ethertype 0x88b5 */
	frame[13] = 0xb5;
}

static void *send_frames(void *arg)
{
	struct sender *sender = arg;
	uint8_t frame[FRAME_MAX];

	fill(frame, 2, 1);
	while (!atomic_load(&sender->stop))
		(void)send(sender->fd, frame, sender->frame_len, 0);
	return NULL;
}

static double now_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Frames that arrive on fd within the given time. */
static unsigned long count_frames(int fd, double seconds)
{
	uint8_t buf[FRAME_MAX];
	unsigned long count = 0;
	double end = now_s() + seconds;

	while (now_s() < end)
		for (int i = 0; i < 256; i++)
			count += recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0;
	return count;
}

int main(int argc, char **argv)
{
	struct rlimit files = {4096, 4096};
	struct sender sender = {.frame_len = 64};
	uint8_t hello[FRAME_MAX];
	pthread_t thread;
	double seconds;
	int receiver;

	if (argc < 4) {
		fprintf(stderr, "usage: vde_rate DIR IDLE SECONDS [BYTES]\n");
		return 2;
	}
	seconds = atof(argv[3]);
	if (argc > 4)
		sender.frame_len = (size_t)atoi(argv[4]);
	if (sender.frame_len < 14 || sender.frame_len > FRAME_MAX)
		return 2;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	for (int i = atoi(argv[2]); i > 0; i--)
		(void)join_switch(argv[1]);
	receiver = join_switch(argv[1]);
	sender.fd = join_switch(argv[1]);

	fill(hello, 1, 2); /* so that the switch knows the receiver */
	(void)send(receiver, hello, 64, 0);
	(void)usleep(200000);
	if (pthread_create(&thread, NULL, send_frames, &sender))
		die("thread");
	(void)count_frames(receiver, 0.3); /* warm up */
	printf("%.0f\n", (double)count_frames(receiver, seconds) / seconds);
	atomic_store(&sender.stop, true);
	(void)shutdown(sender.fd, SHUT_RDWR);
	(void)pthread_join(thread, NULL);
	return 0;
}
