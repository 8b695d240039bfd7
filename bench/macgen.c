/* SPDX-License-Identifier: MIT */
/*
 * macgen: what a switch of three guests, g0 to g2, forwards when it has learned
 * many addresses. Frames of 60 bytes leave by AF_PACKET and are counted by the
 * interfaces of the guests that they reach.
 *
 *	macgen ADDRESSES SECONDS
 *
 * learn: g0 sends, paced, twice from each address to g1. churn: the same as
 * fast as it goes. fwd: g1 sends as fast as it goes to random ones of those
 * addresses. flood: the frames of fwd that have reached g2 as well. All are
 * frames/s.
 */
#include "bench/load.h"

#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define GUESTS    3
#define BATCH     32
#define FRAME_LEN 60
#define ETH_ALEN  6
#define LEARN_FPS 40000

struct macgen {
	uint32_t addresses;
	double seconds;
	int fd[GUESTS];
	uint8_t mac[GUESTS][ETH_ALEN];
};

struct burst {
	uint8_t frame[BATCH][FRAME_LEN];
	struct iovec iov[BATCH];
	struct mmsghdr msg[BATCH];
};

static void open_guest(struct macgen *gen, int guest)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET};
	struct ifreq ifr = {.ifr_name = "eth0"};
	int one = 1;
	int fd;

	load_enter(guest);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0 || ioctl(fd, SIOCGIFINDEX, &ifr) < 0)
		load_die("eth0");
	address.sll_ifindex = ifr.ifr_ifindex;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		load_die("bind");
	(void)setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one,
			 sizeof(one));
	if (ioctl(fd, SIOCGIFHWADDR, &ifr) < 0)
		load_die("address of eth0");
	memcpy(gen->mac[guest], ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	gen->fd[guest] = fd;
}

/* Frames that eth0 of a guest has received. */
static uint64_t received(int guest)
{
	char line[512];
	uint64_t count = 0;
	FILE *file;

	load_enter(guest);
	file = fopen("/proc/thread-self/net/dev", "r");
	if (!file)
		load_die("/proc/thread-self/net/dev");
	while (fgets(line, sizeof(line), file)) {
		char *rest = strstr(line, "eth0:");

		if (!rest)
			continue;
		rest += strlen("eth0:");
		(void)strtoull(rest, &rest, 10); /* bytes */
		count = strtoull(rest, NULL, 10);
	}
	(void)fclose(file);
	return count;
}

/* So that the address of every guest is known. */
static void introduce(const struct macgen *gen)
{
	uint8_t frame[FRAME_LEN] = {0};

	memset(frame, 0xff, ETH_ALEN);
	frame[12] = LOAD_ETHERTYPE >> 8;
	frame[13] = LOAD_ETHERTYPE & 0xff;
	for (int i = 0; i < GUESTS * GUESTS; i++) {
		int guest = i % GUESTS;

		memcpy(frame + ETH_ALEN, gen->mac[guest], ETH_ALEN);
		if (send(gen->fd[guest], frame, sizeof(frame), 0) < 0)
			load_die("send");
		load_sleep_ns(2000000);
	}
}

static void burst_init(struct burst *burst, const struct macgen *gen, int from)
{
	memset(burst, 0, sizeof(*burst));
	for (int i = 0; i < BATCH; i++) {
		uint8_t *frame = burst->frame[i];

		memcpy(frame, gen->mac[1], ETH_ALEN);
		memcpy(frame + ETH_ALEN, gen->mac[from], ETH_ALEN);
		frame[12] = LOAD_ETHERTYPE >> 8;
		frame[13] = LOAD_ETHERTYPE & 0xff;
		burst->iov[i] = (struct iovec){frame, FRAME_LEN};
		burst->msg[i].msg_hdr.msg_iov = &burst->iov[i];
		burst->msg[i].msg_hdr.msg_iovlen = 1;
	}
}

/* The address number n; 02:aa begins no guest's. */
static void put_address(uint8_t *mac, uint32_t n)
{
	mac[0] = 0x02;
	mac[1] = 0xaa;
	mac[2] = (uint8_t)(n >> 24);
	mac[3] = (uint8_t)(n >> 16);
	mac[4] = (uint8_t)(n >> 8);
	mac[5] = (uint8_t)n;
}

static uint32_t random_next(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*state >> 32);
}

/*
 * From g0 with each source address in turn, or from g1 to random ones, until
 * `most` frames have been sent or the time is over. Returns how many.
 */
static uint64_t blast(const struct macgen *gen, int from, uint64_t most,
		      double fps)
{
	struct burst burst;
	struct load_pace pace = {load_now_ns(), 0, fps};
	double end_ns = (double)pace.start_ns + gen->seconds * 1e9;
	uint64_t random = 42;

	burst_init(&burst, gen, from);
	while (pace.sent < most &&
	       (fps > 0 || (double)load_now_ns() < end_ns)) {
		int due = load_pace_due(&pace, BATCH);
		int sent;

		for (int i = 0; i < due; i++)
			if (from == 0)
				put_address(
					burst.frame[i] + ETH_ALEN,
					(uint32_t)(pace.sent + (unsigned)i) %
						gen->addresses);
			else
				put_address(burst.frame[i],
					    random_next(&random) %
						    gen->addresses);
		sent = sendmmsg(gen->fd[from], burst.msg, (unsigned)due, 0);
		if (sent > 0)
			pace.sent += (uint64_t)sent;
		else
			(void)sched_yield();
	}
	return pace.sent;
}

/* Frames/s that reach `to` and g2 while `from` sends as fast as it goes. */
static void measure(const struct macgen *gen, int from, const char *name)
{
	int to = 1 - from;
	uint64_t arrived = received(to);
	uint64_t flooded = received(2);
	uint64_t start = load_now_ns();
	double seconds;

	(void)blast(gen, from, UINT64_MAX, 0);
	seconds = (double)(load_now_ns() - start) / 1e9;
	printf("%s=%.0f ", name, (double)(received(to) - arrived) / seconds);
	if (from == 1)
		printf("flood=%.0f\n",
		       (double)(received(2) - flooded) / seconds);
}

int main(int argc, char **argv)
{
	struct macgen gen;
	uint64_t lessons;

	if (argc != 3) {
		fprintf(stderr, "usage: macgen ADDRESSES SECONDS\n");
		return 2;
	}
	gen.addresses = (uint32_t)load_number(argv[1], 1, 1 << 20);
	gen.seconds = load_seconds(argv[2]);
	for (int guest = 0; guest < GUESTS; guest++)
		open_guest(&gen, guest);
	introduce(&gen);
	lessons = (uint64_t)gen.addresses * 2;
	(void)blast(&gen, 0, lessons < 64 ? 64 : lessons, LEARN_FPS);
	load_sleep_ns(300000000);
	measure(&gen, 0, "churn");
	load_sleep_ns(500000000);
	measure(&gen, 1, "fwd");
	return 0;
}
