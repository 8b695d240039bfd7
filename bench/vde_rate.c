/* SPDX-License-Identifier: MIT */
/*
 * vde_rate: how many frames a second one VDE client gets from another, with
 * any number of idle clients beside them.
 *
 *	vde_rate [-l] [-b BATCH] DIR IDLE SECONDS [FRAME_BYTES]
 *
 * Works on every switch that speaks VDE (ours, vde_switch). The sender blocks
 * when the switch does not keep up. Frames go one by one, as VDE's programs
 * send them, or BATCH to a system call. Prints frames/s that arrived; with -l
 * also the share of the frames that were lost.
 */
#include "bench/load.h"

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
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define FRAME_MAX 1514
#define BATCH_MAX 64

/* As on the wire: the 110 bytes of sock follow the three words. */
struct request {
	uint32_t magic;
	uint32_t version;
	uint32_t type;
	uint8_t sock[sizeof(struct sockaddr_un)];
};

#define REQUEST_SIZE                                                           \
	(offsetof(struct request, sock) + sizeof(struct sockaddr_un))

enum phase { PHASE_SEND, PHASE_DRAIN, PHASE_END };

struct rate {
	_Alignas(64) atomic_ulong tx;
	size_t frame_len;
	int tx_fd;
	int rx_fd;
	unsigned batch;
	atomic_int phase;
	_Alignas(64) atomic_ulong rx;
};

struct batch {
	struct iovec iov[BATCH_MAX];
	struct mmsghdr msg[BATCH_MAX];
};

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
		load_die("socket");
	if (bind(data, (struct sockaddr *)&own, sizeof(own)))
		load_die(own.sun_path);
	memcpy(req.sock, &own, sizeof(own));
	if (connect(stream, (struct sockaddr *)&ctl, sizeof(ctl)))
		load_die(ctl.sun_path);
	if (send(stream, &req, REQUEST_SIZE, 0) != (ssize_t)REQUEST_SIZE)
		load_die("request");
	if (recv(stream, &reply, sizeof(reply), 0) != sizeof(reply))
		load_die("refused");
	if (connect(data, (struct sockaddr *)&reply, sizeof(reply)))
		load_die(reply.sun_path);
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

/* All messages have the same buffer: what is in it is nobody's concern. */
static void batch_init(struct batch *batch, uint8_t *buf, size_t len)
{
	memset(batch, 0, sizeof(*batch));
	for (int i = 0; i < BATCH_MAX; i++) {
		batch->iov[i] = (struct iovec){buf, len};
		batch->msg[i].msg_hdr.msg_iov = &batch->iov[i];
		batch->msg[i].msg_hdr.msg_iovlen = 1;
	}
}

static void *send_frames(void *arg)
{
	struct rate *rate = arg;
	uint8_t frame[FRAME_MAX];
	struct batch batch;

	fill(frame, 2, 1);
	batch_init(&batch, frame, rate->frame_len);
	while (atomic_load(&rate->phase) == PHASE_SEND) {
		int n = sendmmsg(rate->tx_fd, batch.msg, rate->batch, 0);

		if (n > 0)
			atomic_fetch_add(&rate->tx, (unsigned long)n);
	}
	return NULL;
}

static void *receive_frames(void *arg)
{
	struct rate *rate = arg;
	struct timeval timeout = {0, 20000};
	uint8_t frame[FRAME_MAX];
	struct batch batch;

	batch_init(&batch, frame, sizeof(frame));
	(void)setsockopt(rate->rx_fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
			 sizeof(timeout));
	while (atomic_load(&rate->phase) < PHASE_END) {
		int n = recvmmsg(rate->rx_fd, batch.msg, rate->batch,
				 MSG_WAITFORONE, NULL);

		if (n > 0)
			atomic_fetch_add(&rate->rx, (unsigned long)n);
	}
	return NULL;
}

/* Returns frames/s that arrived; lost is the share of all that were sent. */
static double measure(struct rate *rate, double seconds, double *lost)
{
	pthread_t threads[2];
	unsigned long rx;
	uint64_t start_ns;
	double fps;

	if (pthread_create(&threads[0], NULL, receive_frames, rate) ||
	    pthread_create(&threads[1], NULL, send_frames, rate))
		load_die("thread");
	load_sleep_ns(300000000); /* warm up */
	start_ns = load_now_ns();
	rx = atomic_load(&rate->rx);
	load_sleep_ns((uint64_t)(seconds * 1e9));
	fps = (double)(atomic_load(&rate->rx) - rx) * 1e9 /
	      (double)(load_now_ns() - start_ns);
	atomic_store(&rate->phase, PHASE_DRAIN);
	load_sleep_ns(200000000);
	(void)shutdown(rate->tx_fd, SHUT_RDWR);
	atomic_store(&rate->phase, PHASE_END);
	(void)pthread_join(threads[1], NULL);
	(void)pthread_join(threads[0], NULL);
	*lost = 1 - (double)rate->rx / (double)rate->tx;
	return fps;
}

static int usage(void)
{
	fprintf(stderr, "usage: vde_rate [-l] [-b BATCH] DIR IDLE SECONDS "
			"[BYTES]\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct rlimit files = {4096, 4096};
	struct rate rate = {.frame_len = 64, .batch = 1};
	uint8_t hello[FRAME_MAX];
	bool with_loss = false;
	double seconds;
	double lost;
	double fps;
	int option;

	while ((option = getopt(argc, argv, "lb:")) != -1)
		if (option == 'l')
			with_loss = true;
		else if (option == 'b')
			rate.batch =
				(unsigned)load_number(optarg, 1, BATCH_MAX);
		else
			return usage();
	argv += optind;
	if (argc - optind != 3 && argc - optind != 4)
		return usage();
	seconds = load_seconds(argv[2]);
	if (argv[3])
		rate.frame_len = (size_t)load_number(argv[3], 14, FRAME_MAX);
	(void)setrlimit(RLIMIT_NOFILE, &files);
	for (long idle = load_number(argv[1], 0, 1000); idle > 0; idle--)
		(void)join_switch(argv[0]);
	rate.rx_fd = join_switch(argv[0]);
	rate.tx_fd = join_switch(argv[0]);

	fill(hello, 1, 2); /* so that the switch knows the receiver */
	(void)send(rate.rx_fd, hello, 64, 0);
	load_sleep_ns(200000000);
	fps = measure(&rate, seconds, &lost);
	if (with_loss)
		printf("fps=%.0f loss=%.5f\n", fps, lost);
	else
		printf("%.0f\n", fps);
	return 0;
}
