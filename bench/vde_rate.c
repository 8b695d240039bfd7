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
#include <stddef.h>
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

/* As on the wire: the 110 bytes of sock follow the three words. */
struct request {
	uint32_t magic;
	uint32_t version;
	uint32_t type;
	uint8_t sock[sizeof(struct sockaddr_un)];
};

#define REQUEST_SIZE                                                           \
	(offsetof(struct request, sock) + sizeof(struct sockaddr_un))

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
	struct request req = {0xfeedface, 3, 0, {0}};
	struct sockaddr_un own = {.sun_family = AF_UNIX};
	struct sockaddr_un ctl = {.sun_family = AF_UNIX};
	struct sockaddr_un reply;
	int stream = socket(AF_UNIX, SOCK_STREAM, 0);
	int data = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)snprintf(ctl.sun_path, sizeof(ctl.sun_path), "%s/ctl", dir);
	(void)snprintf(own.sun_path, sizeof(own.sun_path), "%s/.%05d-%05u", dir,
		       (int)getpid(), count++);
	if (stream < 0 || data < 0)
		die("socket");
	if (bind(data, (struct sockaddr *)&own, sizeof(own)))
		die(own.sun_path);
	memcpy(req.sock, &own, sizeof(own));
	if (connect(stream, (struct sockaddr *)&ctl, sizeof(ctl)))
		die(ctl.sun_path);
	if (send(stream, &req, REQUEST_SIZE, 0) != (ssize_t)REQUEST_SIZE)
		die("request");
	if (recv(stream, &reply, sizeof(reply), 0) != sizeof(reply))
		die("refused");
	if (connect(data, (struct sockaddr *)&reply, sizeof(reply)))
		die(reply.sun_path);
	(void)unlink(own.sun_path);
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

/* A whole number in a range, or the end with the usage. */
static long number(const char *text, long min, long max)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text && !*end && value >= min && value <= max)
		return value;
	fprintf(stderr, "vde_rate: '%s' is not within %ld-%ld\n", text, min,
		max);
	exit(2);
}

int main(int argc, char **argv)
{
	struct rlimit files = {4096, 4096};
	struct sender sender = {.frame_len = 64};
	uint8_t hello[FRAME_MAX];
	pthread_t thread;
	long idle;
	double seconds;
	int receiver;

	if (argc < 4) {
		fprintf(stderr, "usage: vde_rate DIR IDLE SECONDS [BYTES]\n");
		return 2;
	}
	idle = number(argv[2], 0, 1000);
	seconds = (double)number(argv[3], 1, 60);
	if (argc > 4)
		sender.frame_len = (size_t)number(argv[4], 14, FRAME_MAX);
	(void)setrlimit(RLIMIT_NOFILE, &files);
	for (; idle > 0; idle--)
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
