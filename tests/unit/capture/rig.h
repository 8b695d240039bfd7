/* SPDX-License-Identifier: MIT */
/*
 * rig: a capture, the loop that it lives in, a directory for its files, and a
 * plain reading of those by libpcap and, for what that does not tell, by the
 * structure of pcapng.
 */
#ifndef LABSWITCH_TESTS_CAPTURE_RIG_H
#define LABSWITCH_TESTS_CAPTURE_RIG_H

#include "tests/cmocka.h"

#include <fcntl.h>
#include <limits.h>
#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "capture/capture.h"
#include "capture/clock.h"
#include "switchd/core/offload.h"
#include "tests/frames/tcp.h"

#define RIG_SHB 0x0a0d0d0a
#define RIG_IDB 1
#define RIG_ISB 5
#define RIG_EPB 6

#define RIG_BYTES (16u << 20) /* of a file that is read */

struct rig {
	uv_loop_t loop;
	char dir[64];
	int dir_fd;
	struct capture *capture;
	unsigned ended;
	bool failed;
	struct err reason;
	struct capture_stats stats; /* of the capture that ended */
	uint8_t *bytes;             /* of the file last read */
	size_t len;
};

static inline void rig_init(struct rig *r)
{
	*r = (struct rig){.ended = 0};
	assert_int_equal(uv_loop_init(&r->loop), 0);
	(void)snprintf(r->dir, sizeof(r->dir), "/tmp/capture.XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	r->dir_fd = open(r->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(r->dir_fd >= 0);
	r->bytes = malloc(RIG_BYTES);
	assert_non_null(r->bytes);
}

static inline void rig_done(struct rig *r)
{
	char command[128];

	assert_int_equal(uv_loop_close(&r->loop), 0);
	(void)close(r->dir_fd);
	(void)snprintf(command, sizeof(command), "rm -rf %s", r->dir);
	assert_int_equal(system(command), 0);
	free(r->bytes);
}

static inline const char *rig_path(const struct rig *r, const char *name)
{
	static char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	return path;
}

/* --- Frames ------------------------------------------------------------- */

/* len bytes in a static buffer, of a type that nobody takes apart. */
static inline uint8_t *rig_fill(uint8_t value, uint32_t len)
{
	static uint8_t bytes[FRAME_MAX + FRAME_TAG];

	memset(bytes, value, len);
	bytes[12] = 0x88;
	bytes[13] = 0xb5;
	return bytes;
}

/* TCP to be cut, with that much payload. */
static inline void rig_super(struct wire *w, uint32_t payload)
{
	const struct tcp t = {.len = payload, .flags = TCP_ACK | TCP_PSH};
	static uint8_t bytes[FRAME_MAX];
	struct frame f = {.data = bytes};

	f.len = tcp_build(&t, bytes);
	memset(bytes + 50, 0xee, 2); /* the checksum is left to others */
	f.off = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
				 .gso_type = OFFLOAD_GSO_TCPV4,
				 .gso_size = 1448,
				 .csum_start = 34,
				 .csum_offset = 16};
	assert_true(offload_check(&f));
	wire_whole(w, &f);
}

/* --- A capture ---------------------------------------------------------- */

static inline void rig_on_ended(void *ctx, const struct err *reason)
{
	struct rig *r = ctx;

	r->ended++;
	r->stats = capture_stats(r->capture);
	r->capture = NULL;
	r->failed = reason != NULL;
	if (reason)
		r->reason = *reason;
}

static inline void rig_start(struct rig *r, struct capture_options opt)
{
	struct err err = {.errnum = 0};

	opt.dir_fd = r->dir_fd;
	opt.ended = rig_on_ended;
	opt.ctx = r;
	r->ended = 0;
	r->capture = capture_new(&r->loop, &opt, &err);
	if (!r->capture)
		fail_msg("%s", err.msg);
}

static inline unsigned rig_port(struct rig *r, const char *name)
{
	unsigned interface = 0;

	assert_true(capture_add(r->capture, name, &interface, NULL));
	return interface;
}

static inline uint64_t rig_now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* One frame of one piece. */
static inline void rig_frame(struct rig *r, unsigned interface,
			     enum capture_direction direction,
			     const uint8_t *data, uint32_t len, uint64_t now)
{
	struct frame f = {.data = data, .len = len};
	struct wire w;

	wire_whole(&w, &f);
	capture_frames(r->capture, interface, direction, &w, 1, now);
}

/* The same, of rig_fill() and now. */
static inline void rig_put(struct rig *r, unsigned interface,
			   enum capture_direction direction, uint8_t value,
			   uint32_t len)
{
	rig_frame(r, interface, direction, rig_fill(value, len), len,
		  rig_now());
}

/* Until it has ended. */
static inline void rig_wait(struct rig *r)
{
	(void)uv_run(&r->loop, UV_RUN_DEFAULT);
	assert_int_equal(r->ended, 1);
}

static inline void rig_stop(struct rig *r)
{
	capture_stop(r->capture);
	rig_wait(r);
	if (r->failed)
		fail_msg("%s", r->reason.msg);
}

/* --- What it wrote ------------------------------------------------------ */

/* Bytes of a file; -1: there is none. */
static inline off_t rig_size(const struct rig *r, const char *name)
{
	struct stat st;

	return stat(rig_path(r, name), &st) == 0 ? st.st_size : -1;
}

/* At least so many bytes are to be in a file within 20 seconds. */
static inline void rig_await_size(const struct rig *r, const char *name,
				  off_t size)
{
	for (int i = 0; i < 2000 && rig_size(r, name) < size; i++)
		(void)usleep(10000);
	assert_true(rig_size(r, name) >= size);
}

static inline pcap_t *rig_open(const struct rig *r, const char *name)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(
		rig_path(r, name), PCAP_TSTAMP_PRECISION_NANO, error);

	if (!pcap)
		fail_msg("%s: %s", name, error);
	assert_int_equal(pcap_datalink(pcap), DLT_EN10MB);
	return pcap;
}

/* How many frames libpcap finds in a file, which is to be whole. */
static inline unsigned rig_count(const struct rig *r, const char *name)
{
	pcap_t *pcap = rig_open(r, name);
	struct pcap_pkthdr *head;
	const u_char *data;
	unsigned n = 0;
	int result;

	while ((result = pcap_next_ex(pcap, &head, &data)) == 1)
		n++;
	if (result != PCAP_ERROR_BREAK)
		fail_msg("%s: %s", name, pcap_geterr(pcap));
	pcap_close(pcap);
	return n;
}

static inline uint32_t rig_u32(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

/* False: there is no such file. */
static inline bool rig_try_read(struct rig *r, const char *name)
{
	FILE *file = fopen(rig_path(r, name), "rb");

	if (!file)
		return false;
	r->len = fread(r->bytes, 1, RIG_BYTES, file);
	(void)fclose(file);
	return true;
}

static inline void rig_read(struct rig *r, const char *name)
{
	assert_true(rig_try_read(r, name));
}

/* The next block from *at of that type; NULL: none. Lengths are checked. */
static inline const uint8_t *rig_block(const struct rig *r, uint32_t type,
				       size_t *at)
{
	while (*at < r->len) {
		const uint8_t *block = r->bytes + *at;
		uint32_t len = rig_u32(block + 4);

		assert_true(len % 4 == 0 && len >= 12 && len <= r->len - *at);
		assert_int_equal(rig_u32(block + len - 4), len);
		*at += len;
		if (rig_u32(block) == type)
			return block;
	}
	return NULL;
}

static inline unsigned rig_blocks(const struct rig *r, uint32_t type)
{
	size_t at = 0;
	unsigned n = 0;

	while (rig_block(r, type, &at))
		n++;
	return n;
}

/* An option of a block whose options begin at from; NULL: not there. */
static inline const uint8_t *rig_option(const uint8_t *block, size_t from,
					unsigned code, unsigned *len)
{
	const uint8_t *p = block + from;

	for (;;) {
		unsigned this = rig_u32(p) & 0xffff;

		*len = rig_u32(p) >> 16;
		if (this == code)
			return p + 4;
		if (this == 0)
			return NULL;
		p += 4 + (*len + 3) / 4 * 4;
	}
}

/* Of the last statistics of an interface in the file read last. */
static inline uint64_t rig_stat(const struct rig *r, unsigned interface,
				unsigned code)
{
	const uint8_t *block;
	uint64_t value = UINT64_MAX;
	size_t at = 0;
	unsigned len;

	while ((block = rig_block(r, RIG_ISB, &at))) {
		if (rig_u32(block + 8) != interface)
			continue;
		memcpy(&value, rig_option(block, 20, code, &len),
		       sizeof(value));
		assert_int_equal(len, sizeof(value));
	}
	return value;
}

#endif
