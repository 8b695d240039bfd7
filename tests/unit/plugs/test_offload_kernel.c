/* SPDX-License-Identifier: MIT */
/*
 * What Linux makes of a super-frame is what we make of it, byte for byte. One
 * is written to a TAP of a bridge of the kernel's, whose other TAP takes no
 * work: what is read there the kernel has cut. Frames are random; SEED in the
 * environment repeats a run.
 */
#include "tests/unit/plugs/netns.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sys/uio.h>
#include <time.h>

#include "plugs/io_calls.h"
#include "plugs/priv.h"
#include "switchd/core/offload.h"
#include "tests/frames/tcp.h"

#define FRAMES   2000
#define VNET     10   /* header of a TAP */
#define SEGMENTS 2000 /* of one frame */

struct bench {
	int in;
	int out;
	bool datagrams; /* the kernel knows super-frames of UDP */
	uint64_t random;
	uint8_t bytes[FRAME_MAX]; /* the super-frame */
	struct frame frame;
};

/* A TAP of this namespace, up. */
static int open_tap(const char *ifname, struct err *err)
{
	struct tap_request req = {
		.mtu = 9000, .up = true, .txqueuelen = SEGMENTS + 100};
	bool made;

	(void)snprintf(req.ifname, sizeof(req.ifname), "%s", ifname);
	return priv_local.tap_open(NULL, &req, &made, err);
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct err err = {.msg = ""};

	assert_non_null(b);
	*state = b;
	netns_unshare();
	/* Nothing of the kernel's own. */
	netns_write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	b->in = open_tap("in", &err);
	b->out = open_tap("out", &err);
	if (b->in < 0 || b->out < 0)
		fail_msg("%s", err.msg);
	b->datagrams = io_takes(b->in, IO_TAP) == OFFLOAD_TAKES_ALL;
	assert_int_equal(ioctl(b->out, TUNSETOFFLOAD, 0), 0);
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	(void)close(b->in);
	(void)close(b->out);
	free(b);
	return 0;
}

/* --- A frame --------------------------------------------------------- */

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint32_t pick(struct bench *b, uint32_t below)
{
	uint64_t z = b->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ z >> 31) % below);
}

static struct tcp pick_frame(struct bench *b)
{
	struct tcp t = {.tags = pick(b, 3),
			.six = pick(b, 2),
			.udp = b->datagrams && pick(b, 2),
			.df = pick(b, 2),
			.ttl = (uint8_t)(1 + pick(b, 255)),
			.id = pick(b, 3) ? (uint16_t)pick(b, 65536) : 0,
			.port = (uint16_t)pick(b, 65536),
			.seq = pick(b, 2) ? UINT32_MAX - pick(b, 65536)
					  : pick(b, 65536),
			.ack = pick(b, UINT32_MAX),
			.options = 4 * pick(b, 11)};

	/* Any flags but SYN and RST. */
	t.flags = (uint8_t)pick(b, 256) & 0xf9;
	return t;
}

/* What the length of a frame is cut into. */
static uint16_t pick_size(struct bench *b, struct tcp *t)
{
	uint32_t size =
		pick(b, 2) ? 1448 : 8 + pick(b, pick(b, 4) ? 1500 : 8000);
	uint32_t segments = t->udp ? OFFLOAD_UDP_SEGMENTS : SEGMENTS;
	uint32_t longest = 65535 - 40 - 20 - t->options - 8;

	if (t->udp && pick(b, 4) == 0)
		size = 1 + pick(b, 8);
	/* Linux 6.2 takes half as many of UDP. */
	if (t->udp)
		segments /= 2;
	if (longest > segments * size)
		longest = segments * size;
	t->len = pick(b, 10) ? size + 1 + pick(b, longest - size)
			     : 1 + pick(b, size);
	return (uint16_t)size;
}

/* Puts 8 bytes between IPv6 and the rest that mean nothing: a header of options
 * for the destination, with padding in it. */
static uint32_t add_extension(uint8_t *frame, uint32_t len)
{
	uint8_t *ip = frame + tcp_ip(frame);

	memmove(ip + 48, ip + 40, len - (size_t)(ip + 40 - frame));
	tcp_put(ip + 40, 4, (uint32_t)ip[6] << 24 | 0x0104);
	tcp_put(ip + 44, 4, 0);
	tcp_put(ip + 4, 2, (uint32_t)(ip[4] << 8 | ip[5]) + 8);
	ip[6] = 60;
	return len + 8;
}

/* A frame with work left in it, in normal form. */
static void make_frame(struct bench *b, const struct tcp *t, uint16_t size)
{
	uint32_t len = tcp_build(t, b->bytes);
	uint8_t *ip = b->bytes + tcp_ip(b->bytes);
	uint8_t *transport = b->bytes + tcp_at(b->bytes);
	uint32_t rest = len - (uint32_t)(transport - b->bytes);
	uint16_t offset = t->udp ? 6 : 16;
	bool extension = t->six && pick(b, 3) == 0;

	ip[1] = (uint8_t)pick(b, 256); /* type of service, or flow label */
	tcp_finish(b->bytes, len);
	tcp_put(transport + offset, 2, tcp_folded(tcp_pseudo(b->bytes, rest)));
	if (extension)
		len = add_extension(b->bytes, len);
	b->frame = (struct frame){.data = b->bytes, .len = len};
	b->frame.off = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
					.gso_type = t->six ? OFFLOAD_GSO_TCPV6
							   : OFFLOAD_GSO_TCPV4,
					.gso_size = size,
					.csum_start = (uint16_t)(len - rest),
					.csum_offset = offset};
	if (t->udp)
		b->frame.off.gso_type = OFFLOAD_GSO_UDP;
	assert_true(offload_check(&b->frame));
}

/* --- The way through the kernel -------------------------------------- */

static void write_frame(int fd, size_t header, const struct frame *f)
{
	uint8_t vnet[VNET] = {0};
	struct iovec iov[2] = {{vnet, header},
			       {(void *)(uintptr_t)f->data, f->len}};

	memcpy(vnet, &f->off, sizeof(f->off));
	assert_int_equal(writev(fd, iov, 2), header + f->len);
}

/* The next frame that is a test's; returns its length with the header. */
static ssize_t read_frame(int fd, uint8_t *at, size_t size)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	for (;;) {
		ssize_t len = read(fd, at, size);

		if (len >= VNET + 14 &&
		    memcmp(at + VNET, "\2\0\0\0\0\2", 6) == 0)
			return len;
		if (len < 0) {
			assert_int_equal(errno, EAGAIN);
			assert_int_equal(poll(&p, 1, 10000), 1);
		}
	}
}

/* How the two differ, for who has to find out. */
static void differ(const struct bench *b, unsigned k, uint32_t i,
		   const uint8_t *kernel, const uint8_t *ours, uint32_t len)
{
	uint32_t at = 0;

	while (at < len && kernel[at] == ours[at])
		at++;
	fail_msg("frame %u (type %u, size %u, headers %u), segment %u of %u "
		 "bytes: byte %u is %02x by the kernel, %02x by us",
		 k, b->frame.off.gso_type, b->frame.off.gso_size,
		 b->frame.off.hdr_len, (unsigned)i, (unsigned)len, (unsigned)at,
		 kernel[at], ours[at]);
}

/* Reads all that the kernel makes of frame k. Returns how many. */
static uint32_t compare(struct bench *b, unsigned k)
{
	static uint8_t kernel[VNET + FRAME_MAX], ours[FRAME_MAX];
	uint32_t count = offload_frames(&b->frame.off, b->frame.len);
	uint8_t scratch[INET_HEADERS_MAX];
	struct wire whole, w;

	wire_whole(&whole, &b->frame);
	for (uint32_t i = 0; i < count; i++) {
		ssize_t len = read_frame(b->out, kernel, sizeof(kernel));

		offload_cut(&whole, i, scratch, &w);
		wire_copy(&w, ours);
		assert_int_equal(kernel[1], 0);
		assert_int_equal(len - VNET, w.len);
		if (memcmp(kernel + VNET, ours, w.len) != 0)
			differ(b, k, i, kernel + VNET, ours, w.len);
	}
	return count;
}

static void we_cut_as_the_kernel_does(void **state)
{
	const char *given = getenv("SEED");
	struct bench *b = *state;
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	uint32_t segments = 0;

	if (system("ip link add bridge type bridge && "
		   "ip link set in master bridge && "
		   "ip link set out master bridge && "
		   "ip link set bridge up") != 0)
		skip();
	b->random = seed;
	printf("SEED=%" PRIu64 "\n", seed);
	for (unsigned k = 0; k < FRAMES; k++) {
		struct tcp t = pick_frame(b);

		make_frame(b, &t, pick_size(b, &t));
		write_frame(b->in, VNET, &b->frame);
		segments += compare(b, k);
	}
	printf("%u frames, %u segments\n", FRAMES, (unsigned)segments);
	run("ip link del bridge");
}

/* What a host puts on the wire, with a tag of its own or without, reaches us
 * whole. (Linux itself cuts what has two.) */
static void tagged_frames_come_whole(void **state)
{
	static uint8_t got[VNET + FRAME_MAX];
	struct bench *b = *state;
	struct sockaddr_ll addr = {.sll_family = AF_PACKET,
				   .sll_ifindex = (int)if_nametoindex("in")};
	int host = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	int on = 1;

	assert_int_equal(
		setsockopt(host, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)),
		0);
	assert_int_equal(bind(host, (struct sockaddr *)&addr, sizeof(addr)), 0);
	for (unsigned k = 0; k < 8; k++) {
		struct tcp t = {.tags = k & 1,
				.six = k & 2,
				.udp = k & 4,
				.ttl = 64,
				.flags = TCP_ACK,
				.len = 20000};
		struct frame f = {.data = got + VNET};
		ssize_t len;

		if (t.udp && !b->datagrams)
			continue;
		make_frame(b, &t, 1400);
		write_frame(host, sizeof(b->frame.off), &b->frame);
		len = read_frame(b->in, got, sizeof(got));
		f.len = (uint32_t)len - VNET;
		memcpy(&f.off, got, sizeof(f.off));
		assert_true(offload_check(&f));
		assert_int_equal(f.len, b->frame.len);
		assert_memory_equal(f.data, b->bytes, f.len);
		assert_memory_equal(&f.off, &b->frame.off, sizeof(f.off));
	}
	(void)close(host);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(we_cut_as_the_kernel_does),
		cmocka_unit_test(tagged_frames_come_whole),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
